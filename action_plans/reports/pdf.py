"""A plan as PDF/UA, from an edition. The same edition gives the same bytes, on any machine and at any time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.utils import timezone, translation

from accounts.choices import Language
from action_plans.reports import ogp_form
from action_plans.reports.plan_words import written
from action_plans.reports.published import PublicPlan
from action_plans.reports.standing import CommitmentNow
from config.numbers import day
from diagnostics.rules.print import printable
from municipalities.reports.acts import qr, typeset

ROOT: Final = Path(__file__).resolve().parents[2]
# A layout in use never changes: a new one is a new file.
LAYOUT: Final = ROOT / "action_plans" / "data" / "plan.typ"


def plan_pdf(shown: PublicPlan) -> bytes:
    """The document of the edition that the public reads."""
    with translation.override(Language.SPANISH):
        fields = fields_of(shown)
    printed = mapped(fields)
    words = {**printed, "replaced": printed != fields, "qr": qr(printed["verify_url"])}
    return typeset(LAYOUT, root=ROOT, at=fields["issued_at"], plan=words)


def fields_of(shown: PublicPlan) -> dict[str, Any]:
    """Everything that the document says."""
    plan, edition, now = shown.plan, shown.edition, shown.now
    if edition is None or now is None:
        raise ValueError("nothing of the plan is published")
    place, content = plan.municipality, edition.content
    published = day(timezone.localdate(edition.published_at))
    facts = [
        ("Municipalidad", place.name),
        ("Período", f"{written('starts', content['starts'])} al {written('ends', content['ends'])}"),
        ("Edición", f"{edition.number}: {edition.get_kind_display()}"),
        ("Publicada", published),
    ]
    if content["approved_on"]:
        facts.append(("Aprobado", f"{content['approved_by']}, {written('approved_on', content['approved_on'])}"))
    if edition.reason:
        facts.append(("Motivo del cambio", edition.reason))
    return {
        "title": shown.title,
        "folio": f"Plan {plan.pk}-{edition.number}",
        "municipality": place.name,
        "facts": facts,
        "sections": _sections(content, ogp_form.PLAN),
        "commitments": [_commitment(each) for each in now.commitments],
        "edition": f"{edition.number}, publicada el {published}",
        "sha256": edition.sha256,
        "verify_url": f"{settings.SITE_URL.rstrip('/')}/municipios/{place.cut}-{place.slug}/plan/{plan.pk}/",
        "issued_at": int(edition.published_at.timestamp()),
    }


def _commitment(commitment: CommitmentNow) -> dict[str, Any]:
    data = commitment.data
    dates = " al ".join(filter(None, (day(commitment.starts), day(commitment.ends))))
    facts = [("Plazo", dates), *ogp_form.sections(data, ogp_form.CONTACT)]
    return {
        "title": f"{commitment.number}. {commitment.title}",
        "facts": [(name, value) for name, value in facts if value],
        "sections": _sections(data, ogp_form.COMMITMENT),
        "indicators": [
            [each["name"], each["unit"] or "—", each["baseline"] or "—", each["target"] or "—"]
            for each in commitment.indicators
        ],
        "milestones": [
            [each.title, each.data["deliverable"] or "—", day(each.ends) or "—", str(each.data["weight"])]
            for each in commitment.milestones
        ],
    }


def _sections(data: Mapping[str, Any], names: Sequence[str]) -> list[dict[str, str]]:
    return [section._asdict() for section in ogp_form.sections(data, names)]


def mapped(value: Any) -> Any:
    """The same data with every text as it can be printed."""
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, dict):
        return {key: mapped(each) for key, each in value.items()}
    return type(value)(map(mapped, value)) if isinstance(value, list | tuple) else value
