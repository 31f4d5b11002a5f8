"""What becomes public by the calendar alone: a diagnostic is validated on one day and public from another."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

from django.core.cache import cache
from django.utils import timezone

from config.page_cache import forget_public_pages
from diagnostics.models import Diagnostic

LAST: Final = "diagnostics-public-until"


def show_what_became_public(*, now: datetime) -> bool:
    """Forget the kept pages once a day on which something became public; whether it did.

    Asked often, so that a clock that stood still at midnight makes up for it. Where nobody remembers when it was last asked, a
    day's pages at most are kept, so only yesterday counts.
    """
    today = timezone.localdate(now)
    last: date = cache.get(LAST) or today - timedelta(days=1)
    if last >= today:
        return False
    cache.set(LAST, today, timeout=None)
    due = Diagnostic.objects.published(today).filter(public_from__gt=last).exists()
    if due:
        forget_public_pages()
    return due
