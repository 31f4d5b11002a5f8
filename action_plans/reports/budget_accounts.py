"""The accounts of the budget that a commitment may name, as the budget pages of the portal call them."""

from __future__ import annotations

from collections.abc import Iterable

from budget.models import Account, ClassifierVersion


def accounts() -> dict[str, str]:
    """Code and plain name of every account of the classifier in force. Two queries."""
    newest = ClassifierVersion.objects.order_by("-valid_from").values_list("pk", flat=True).first()
    rows = Account.objects.filter(version=newest).order_by("code")
    return dict(rows.values_list("code", "plain_name"))


def named(codes: Iterable[str]) -> list[tuple[str, str]]:
    """Those accounts with their plain names; nothing is asked for none."""
    wanted = list(codes)
    known = dict(Account.objects.filter(code__in=wanted).values_list("code", "plain_name")) if wanted else {}
    return [(code, known.get(code, "")) for code in wanted]
