"""Accounts that a file names and the classifier may not know."""

from budget.choices import Level, Side, Verification
from budget.models import Account, ClassifierVersion
from budget.rules.codes import normal_code, parents, side_of


def version_for(year: int) -> ClassifierVersion | None:
    """The classifier in force in `year`; before the first one, the first one. None while none is loaded."""
    versions = ClassifierVersion.objects.order_by("-valid_from")
    return versions.filter(valid_from__lte=year).first() or versions.last()


def account_for(code: str, name: str, version: ClassifierVersion, side: Side | None = None) -> Account:
    """The account of `code` in `version`; an unknown one is opened as local, under its nearest known parent.

    Accepts the spellings of `budget.rules.codes.normal_code`. Raises ValueError for what is no account code, and for one
    under a classifier without roots.
    """
    normal = normal_code(code, side)
    known = {account.code: account for account in version.accounts.filter(code__in=[normal, *parents(normal)])}
    if normal in known:
        return known[normal]
    parent = next((known[above] for above in parents(normal) if above in known), None)
    if parent is None:
        raise ValueError(f"no account of the classifier is above {normal}")
    words = " ".join(name.split()) or normal
    account, _created = Account.objects.get_or_create(
        version=version,
        code=normal,
        defaults={
            "parent": parent,
            "level": Level.LOCAL,
            "side": side_of(normal),
            "official_name": words[:200],
            "plain_name": words[:80],
            "sentence": parent.sentence,
            "verification": Verification.LOCAL,
        },
    )
    return account
