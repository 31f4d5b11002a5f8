"""Judging a signature anew, when what the council trusts has changed since."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions import record_event
from accounts.permissions import Permission
from municipalities import tasks
from municipalities.actions import RefusedError
from municipalities.choices import SignatureState
from municipalities.models import Signature
from municipalities.permissions import check_can

if TYPE_CHECKING:
    from accounts.models import User


def judge_again(*, by: User, signature: Signature, now: datetime) -> None:
    """Have a judged signature judged once more, with the certificates trusted now.

    Raises `RefusedError` once people have decided on it: a decision stands on the verdict they saw.
    """
    with transaction.atomic():
        locked = (
            Signature.objects.select_for_update(of=("self",))
            .select_related("act__adhesion__municipality")
            .get(pk=signature.pk)
        )
        adhesion = locked.act.adhesion
        check_can(by, Permission.REVIEW_ADHESION, adhesion.municipality)
        if locked.state == SignatureState.WAITING:
            return
        if locked.state != SignatureState.JUDGED:
            raise RefusedError(_("Someone already decided on this signature: its verdict stays as they saw it."))
        locked.state = SignatureState.WAITING
        locked.save(update_fields=["state"])
        record_event(
            "adhesion.judged_again",
            by=by,
            at=now,
            subject=adhesion,
            municipality_cut=adhesion.municipality_id,
            folio=locked.act.folio,
        )
        tasks.judge_signature.delay_on_commit(locked.pk)
