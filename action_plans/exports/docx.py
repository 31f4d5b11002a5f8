"""A plan as a Word document, in the order of OGP's form: the plan's sections, then each commitment field by field."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.choices import Language
from action_plans.reports import ogp_form
from action_plans.reports.ogp_form import Section
from action_plans.reports.plan_words import written
from action_plans.reports.published import PublicPlan
from action_plans.reports.standing import CommitmentNow
from config.numbers import day
from municipalities.rules.xml_text import xml_text

if TYPE_CHECKING:
    from docx.document import Document


def plan_docx(shown: PublicPlan) -> bytes:
    """The edition that the public reads. Headings, tables with a header row and the language are set for screen readers."""
    import docx  # takes a tenth of a second, and only this document needs it

    if shown.edition is None or shown.now is None:
        raise ValueError("nothing of the plan is published")
    with translation.override(Language.SPANISH):
        document = docx.Document()
        _properties(document, shown)
        document.add_heading(xml_text(shown.title), 0)
        _facts(document, _front(shown))
        for section in ogp_form.sections(shown.edition.content, ogp_form.PLAN):
            _section(document, section, level=1)
        document.add_heading(_("Commitments"), 1)
        for commitment in shown.now.commitments:
            _commitment(document, commitment)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _properties(document: Document, shown: PublicPlan) -> None:
    held, edition = document.core_properties, shown.edition
    held.title, held.author, held.language = xml_text(shown.title), str(shown.plan.municipality), "es-CL"
    if edition:
        held.created = held.modified = edition.published_at.replace(tzinfo=None)
    # The language of the text itself is one of its style.
    fonts = document.styles["Normal"].element.get_or_add_rPr()
    fonts.append(fonts.makeelement(_w("lang"), {_w("val"): "es-CL"}))


def _w(name: str) -> str:
    from docx.oxml.ns import qn

    return str(qn(f"w:{name}"))


def _front(shown: PublicPlan) -> list[tuple[str, str]]:
    plan, edition = shown.plan, shown.edition
    if edition is None:
        return []
    content = edition.content
    approved = f"{content['approved_by']}, {written('approved_on', content['approved_on'])}"
    return [
        (_("Municipality"), plan.municipality.name),
        (_("Period"), f"{written('starts', content['starts'])} – {written('ends', content['ends'])}"),
        (_("Edition"), f"{edition.number}, {edition.get_kind_display()}"),
        (pgettext("edition", "Published"), day(timezone.localdate(edition.published_at))),
        (_("Approved by"), approved if content["approved_on"] else ""),
        ("SHA-256", edition.sha256),
    ]


def _commitment(document: Document, commitment: CommitmentNow) -> None:
    data = commitment.data
    document.add_heading(xml_text(f"{commitment.number}. {commitment.title}"), 2)
    _facts(document, [(_("Dates"), " – ".join(filter(None, (day(commitment.starts), day(commitment.ends)))))])
    for section in ogp_form.sections(data, ogp_form.COMMITMENT):
        _section(document, section, level=3)
    if commitment.indicators:
        document.add_heading(_("Indicators"), 3)
        head = [_("Indicator"), _("Unit"), _("Baseline"), _("Target"), _("Source")]
        names = ("name", "unit", "baseline", "target", "source")
        _table(document, head, [[each[name] or "" for name in names] for each in commitment.indicators])
    if commitment.milestones:
        document.add_heading(_("Milestones"), 3)
        head = [_("Milestone"), _("From"), _("Until"), _("Office responsible"), _("What can be checked"), _("Weight")]
        rows = [
            [
                each.title,
                day(each.starts),
                day(each.ends),
                each.data["office"],
                each.data["deliverable"],
                str(each.data["weight"]),
            ]
            for each in commitment.milestones
        ]
        _table(document, head, rows)
    _facts(document, ogp_form.sections(data, ogp_form.CONTACT))


def _section(document: Document, section: Section, *, level: int) -> None:
    document.add_heading(section.title, level)
    for line in xml_text(section.text).splitlines():
        if line.strip():
            document.add_paragraph(line.strip())


def _facts(document: Document, facts: Iterable[tuple[str, str]]) -> None:
    for name, value in facts:
        if value:
            paragraph = document.add_paragraph()
            paragraph.add_run(f"{name}: ").bold = True
            paragraph.add_run(xml_text(value))


def _table(document: Document, head: list[str], rows: list[list[str]]) -> None:
    table = document.add_table(rows=1, cols=len(head), style="Table Grid")
    for cell, words in zip(table.rows[0].cells, head, strict=True):
        cell.paragraphs[0].add_run(words).bold = True
    # The first row is repeated on each page, and read as the head.
    properties = table.rows[0]._tr.get_or_add_trPr()
    properties.append(properties.makeelement(_w("tblHeader"), {}))
    for row in rows:
        for cell, words in zip(table.add_row().cells, row, strict=True):
            cell.text = xml_text(words)
