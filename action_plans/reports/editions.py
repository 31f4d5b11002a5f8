"""A plan as plain data: what an edition holds, and what everything that shows, compares or exports a plan reads."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from action_plans.models import Commitment, Indicator, Milestone, Plan

if TYPE_CHECKING:
    from django.db.models import Model

TEXTS: Final = ("title", "foreword", "challenges", "vision", "coordination")
_PLAN: Final = ("title", "starts", "ends", *TEXTS[1:], "approved_by", "approved_on")
_COMMITMENT: Final = (
    *("number", "title", "starts", "ends", "problem", "baseline", "status_quo", "action", "outcome", "contribution"),
    *("values", "unit", "office", "counterpart", "others", "resources", "goals", "pladeco", "accounts", "gaps"),
)
_MILESTONE: Final = ("number", "title", "starts", "ends", "office", "deliverable", "weight")
_INDICATOR: Final = ("name", "unit", "baseline", "target", "source")


def content_of(plan: Plan) -> dict[str, Any]:
    """The text of a plan, its commitments that stand, with milestones and indicators. It names no person. Three queries.

    Progress is no part of it: it changes each day, and an edition does not.
    """
    commitments = (
        plan.commitments.filter(withdrawn_at__isnull=True)
        .order_by("number")
        .prefetch_related("milestones", "indicators")
    )
    data = _plain(plan, _PLAN)
    data["municipality"] = plan.municipality_id
    data["commitments"] = [commitment_data(each) for each in commitments]
    return data


def commitment_data(commitment: Commitment) -> dict[str, Any]:
    """A commitment as an edition holds it. Milestones and indicators must be at hand."""
    data = _plain(commitment, _COMMITMENT)
    data["key"] = str(commitment.key)
    data["milestones"] = [
        {"key": str(each.key), **_plain(each, _MILESTONE)} for each in _in_order(commitment.milestones.all())
    ]
    data["indicators"] = [_plain(each, _INDICATOR) for each in sorted(commitment.indicators.all(), key=_pk)]
    return data


def sha256(content: dict[str, Any]) -> str:
    """The checksum of an edition: the same content gives the same one."""
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def fingerprint(plan: Plan) -> str:
    """What a person saw of a plan's own texts, to notice that someone changed them meanwhile."""
    return sha256(_plain(plan, ("starts", "ends", *TEXTS)))


def _plain(row: Model, fields: Iterable[str]) -> dict[str, Any]:
    return {field: plain_value(getattr(row, field)) for field in fields}


def plain_value(value: Any) -> Any:
    """A value as an edition holds it: days in ISO, numbers as text without the zeros that the database adds."""
    if isinstance(value, date):
        return value.isoformat()
    return format(value.normalize(), "f") if isinstance(value, Decimal) else value


def _in_order(milestones: Iterable[Milestone]) -> list[Milestone]:
    return sorted(milestones, key=lambda each: each.number)


def _pk(indicator: Indicator) -> int:
    return indicator.pk
