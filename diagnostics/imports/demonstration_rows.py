"""The rows of the invented diagnostics, a table a function."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple

import typst
from django.utils import timezone

from accounts.actions import new_event
from accounts.models import Event, User
from diagnostics.choices import (
    AnswerOrigin,
    Audience,
    Confidence,
    CorrectionReason,
    DiagnosticState,
    EvidenceKind,
    LinkState,
    Opinion,
)
from diagnostics.imports.demonstration_story import Story, at
from diagnostics.models import (
    Answer,
    AnswerRevision,
    Comment,
    Diagnostic,
    Evidence,
    EvidenceUse,
    EvidenceVersion,
    Extension,
    ReviewEntry,
    Reviewer,
    ReviewReturn,
    SectionAssignment,
)
from diagnostics.rules.instrument import Instrument, Question
from diagnostics.rules.review import folio
from municipalities.actions.documents import keep
from municipalities.choices import DocumentKind
from municipalities.imports import demonstration_people as people
from municipalities.models import Document
from municipalities.rules.demonstration import dice_of
from municipalities.rules.register import normalise

S = DiagnosticState
SPACE: Final = uuid.UUID("7d0c0b8e-4d5c-5a51-9d43-2f6f0c4b9f11")


class Piece(NamedTuple):
    """What shows the answers of a dimension: a file, or the link that some municipalities give instead."""

    dimension: str
    title: str
    text: str
    is_public: bool = True


PIECES: Final = (
    Piece(
        "transparencia",
        "Informe de transparencia activa",
        "Qué se publicó en cada mes del año, y quién responde por ello.",
    ),
    Piece("rendicion", "Cuenta pública", "Resumen de la cuenta pública entregada al concejo y a los vecinos."),
    Piece("participacion", "Actas del COSOC", "Asistencia y acuerdos de las sesiones del año."),
    Piece(
        "colaboracion",
        "Convenios con organizaciones",
        "Lista de convenios, con nombres de dirigentes.",
        is_public=False,
    ),
)
# Every so many municipalities one gives a link for its first piece.
LINKS: Final = 6
COMMENTS: Final = (
    ("ta-publicacion", Audience.MUNICIPALITY, "¿Alguien tiene el registro de las últimas publicaciones?"),
    ("cp-contenido", Audience.MUNICIPALITY, "Falta el anexo con las observaciones de la Contraloría."),
    ("cd-frecuencia", Audience.SHARED, "¿Cuenta una consulta hecha junto con la provincia?"),
)


def folios(years: Sequence[int]) -> list[str]:
    """The next folios, in the order given."""
    used: dict[int, int] = {}
    for known in Diagnostic.objects.filter(folio__isnull=False).values_list("folio", flat=True):
        _name, year_of, number = str(known).split("-")
        used[int(year_of)] = max(used.get(int(year_of), 0), int(number))
    found = []
    for year in years:
        used[year] = used.get(year, 0) + 1
        found.append(folio(year, used[year]))
    return found


NOTES: Final = {
    Opinion.CORRECTION: "El informe no dice de qué meses habla. Adjunte uno que los nombre, o elija el nivel anterior.",
    Opinion.COMMENTED: "Queda claro. Para la próxima vez sería bueno contar cuántas personas lo usaron.",
}
RETURNED: Final = "Hay evidencia que no dice de qué período es."


def write_answers(stories: Sequence[Story], instrument: Instrument) -> None:
    """Each answer with the save that brought it. In an open one a few were carried over and wait for a person."""
    made: list[Answer] = []
    for story in stories:
        dice = dice_of(f"{story.place.pk} {story.begins}")
        checked = _checked(story)
        for place, (question, given) in enumerate(story.answers.items()):
            carried = bool(story.previous) and story.state == S.OPEN and place % 11 == 10
            made.append(
                Answer(
                    diagnostic=story.diagnostic,
                    question=question,
                    value=given.value,
                    is_na=given.is_na,
                    text=given.text,
                    confidence=dice.choices(("", *Confidence.values), (3, 1, 3, 6))[0],
                    version=1,
                    origin=AnswerOrigin.CARRIED if carried else AnswerOrigin.PERSON,
                    to_confirm=carried,
                    is_locked=question in checked,
                    updated_at=story.since if carried else _saved_at(story, place),
                    updated_by=None if carried else story.coordinator,
                )
            )
    stored = Answer.objects.bulk_create(made, batch_size=2000)
    AnswerRevision.objects.bulk_create((_revision(answer) for answer in stored), batch_size=2000)


def _saved_at(story: Story, place: int) -> datetime:
    return story.diagnostic.created_at + timedelta(minutes=7 * place)


def _revision(answer: Answer) -> AnswerRevision:
    return AnswerRevision(
        answer=answer,
        client_id=uuid.uuid5(SPACE, f"{answer.diagnostic_id} {answer.question}"),
        base_version=0,
        version=1,
        value=answer.value,
        is_na=answer.is_na,
        text=answer.text,
        confidence=answer.confidence,
        origin=answer.origin,
        at=answer.updated_at,
        by=answer.updated_by,
    )


def _checked(story: Story) -> dict[str, Opinion]:
    """What the reviewer said of each answer read so far."""
    if not story.was_taken_up:
        return {}
    questions = list(story.answers)
    if story.state == S.UNDER_REVIEW:
        questions = questions[: len(questions) // 3]
    found = dict.fromkeys(questions, Opinion.ACCEPTED)
    if story.state == S.RETURNED:
        for question in questions[3::17]:
            found[question] = Opinion.CORRECTION
    else:
        found |= dict.fromkeys(questions[5::20], Opinion.COMMENTED)
    return found


def write_review(stories: Sequence[Story], administrator: User) -> None:
    """Reviewers, what they said, what was returned, and more time for one."""
    reviewers = [reviewer for story in stories if story.was_submitted for reviewer in _reviewers(story, administrator)]
    entries = [entry for story in stories for entry in _entries(story)]
    Reviewer.objects.bulk_create(reviewers)
    ReviewEntry.objects.bulk_create(entries, batch_size=2000)
    ReviewReturn.objects.bulk_create(
        ReviewReturn(
            diagnostic=story.diagnostic,
            turn=1,
            reason=RETURNED,
            until=timezone.localdate(story.since) + timedelta(days=14),
            by=story.adviser,
            at=story.since,
        )
        for story in stories
        if story.state == S.RETURNED
    )
    Extension.objects.bulk_create(
        Extension(
            diagnostic=story.diagnostic,
            until=story.diagnostic.round.closes + timedelta(days=14),
            reason="El temporal dejó a la comuna sin internet por dos semanas (demostración).",
            granted_by=administrator,
            granted_at=story.since + timedelta(days=9),
        )
        for number, story in enumerate(stories)
        if story.state == S.OPEN and number % 9 == 4
    )


def _reviewers(story: Story, administrator: User) -> Iterator[Reviewer]:
    done = story.since if story.state == S.VALIDATED else None
    given = {"assigned_at": story.diagnostic.submitted_at, "due": story.submits + timedelta(days=12), "done_at": done}
    yield Reviewer(diagnostic=story.diagnostic, user=story.adviser, seat=1, **given)
    if story.is_paired:
        yield Reviewer(diagnostic=story.diagnostic, user=administrator, seat=2, **given)


def _entries(story: Story) -> Iterator[ReviewEntry]:
    for question, opinion in _checked(story).items():
        asks = opinion == Opinion.CORRECTION
        yield ReviewEntry(
            diagnostic=story.diagnostic,
            question=question,
            by=story.adviser,
            at=story.since,
            opinion=opinion,
            reason=CorrectionReason.WEAK_EVIDENCE if asks else "",
            note=NOTES.get(opinion, ""),
            answer_version=1,
            is_told=story.state in {S.RETURNED, S.VALIDATED},
        )


def write_evidence(stories: Sequence[Story], instrument: Instrument) -> None:
    """A file for each dimension that was answered, used by all its questions that ask for evidence; some give a link."""
    pages = {piece.title: _page(piece) for piece in PIECES}
    uses: list[EvidenceUse] = []
    needing = {
        dimension.id: [question for question in dimension.questions() if question.needs_evidence]
        for dimension in instrument.dimensions
    }
    for number, story in enumerate(stories):
        for piece in PIECES:
            wanted = [question for question in needing.get(piece.dimension, ()) if question.id in story.answers]
            if wanted:
                gives_link = number % LINKS == 0 and piece is PIECES[0]
                evidence = _evidence(story, piece, pages[piece.title], gives_link=gives_link)
                uses += _uses(story, evidence, wanted)
    EvidenceUse.objects.bulk_create(uses, batch_size=2000)


def _uses(story: Story, evidence: Evidence, questions: Sequence[Question]) -> Iterator[EvidenceUse]:
    for question in questions:
        yield EvidenceUse(
            evidence=evidence,
            diagnostic=story.diagnostic,
            question=question.id,
            linked_by=story.coordinator,
            linked_at=evidence.created_at,
        )


def _evidence(story: Story, piece: Piece, content: bytes, *, gives_link: bool) -> Evidence:
    """The municipality's piece, the one of its earlier diagnostic if there is one."""
    added = story.diagnostic.created_at + timedelta(minutes=4)
    title = f"{piece.title} (demostración)"
    evidence, is_new = Evidence.objects.get_or_create(
        municipality=story.place,
        title=title,
        defaults={
            "key": uuid.uuid5(SPACE, f"{story.place.pk} {piece.dimension}"),
            "description": piece.text,
            "search": normalise(f"{title} {piece.text}"),
            "dated": story.begins - timedelta(days=40),
            "is_public": piece.is_public,
            "owner": story.coordinator,
            "created_at": added,
        },
    )
    if is_new:
        EvidenceVersion.objects.create(
            evidence=evidence,
            number=1,
            added_by=story.coordinator,
            added_at=added,
            **(
                _link(story, piece)
                if gives_link
                else {"kind": EvidenceKind.FILE, "document": _file(story, title, content)}
            ),
        )
    return evidence


def _link(story: Story, piece: Piece) -> dict[str, object]:
    address = f"https://www.{story.place.slug}.invalid/{piece.dimension}"
    return {"kind": EvidenceKind.LINK, "url": address, "link_state": LinkState.UNKNOWN}


def _file(story: Story, title: str, content: bytes) -> Document:
    when = story.diagnostic.created_at
    return keep(municipality=story.place, kind=DocumentKind.EVIDENCE, content=content, name=f"{title}.pdf", now=when)


def _page(piece: Piece) -> bytes:
    source = f'#set text(lang: "es")\n= {piece.title}\n\n{piece.text}\n\nDocumento inventado para la demostración del portal.'
    made: bytes = typst.compile(source.encode(), ignore_system_fonts=True)
    return made


def write_events(stories: Sequence[Story], administrator: User) -> None:
    """What people read of each: opened, submitted, taken up, and how it ended."""
    found: list[Event] = []
    for story in stories:
        told: dict[str, Any] = {"subject": story.diagnostic, "municipality_cut": story.place.pk}
        found.append(_beginning(story, administrator, told))
        for start, end, by, when, reason in _steps(story, administrator):
            found.append(
                new_event("diagnostic.moved", by=by, at=when, reason=reason, start=start.value, end=end.value, **told)
            )
    Event.objects.bulk_create(found, batch_size=2000)


def _beginning(story: Story, administrator: User, told: dict[str, Any]) -> Event:
    when = story.diagnostic.created_at
    if not story.corrects:
        return new_event("diagnostic.opened", by=administrator, at=when, **told)
    why: dict[str, Any] = {"reason": story.diagnostic.correction_reason, "folio": story.corrects.diagnostic.folio}
    return new_event("diagnostic.correction_begun", by=story.adviser, at=when, **why, **told)


def _steps(story: Story, administrator: User) -> Iterator[tuple[S, S, User, datetime, str]]:
    if story.was_submitted:
        yield S.RETURNED if story.corrects else S.OPEN, S.SUBMITTED, story.coordinator, at(story.submits), ""
    if story.was_taken_up:
        yield S.SUBMITTED, S.UNDER_REVIEW, story.adviser, at(story.reviewed), ""
    if story.state == S.VALIDATED:
        yield S.UNDER_REVIEW, S.VALIDATED, story.adviser, story.since, ""
    if story.state == S.RETURNED:
        yield S.UNDER_REVIEW, S.RETURNED, story.adviser, story.since, RETURNED
    if story.state == S.CANCELLED:
        yield (
            S.OPEN,
            S.CANCELLED,
            administrator,
            story.since,
            "El municipio pidió pasar a la próxima ronda (demostración).",
        )


def people_of_here(story: Story | None, *, today: date) -> None:
    """In the municipality of the sign-ins: sections given to its officer, and what its people say to each other."""
    if story is None:
        return
    officer, coordinator = people.sign_in("funcionario@demo.cl"), story.coordinator
    held = {"diagnostic": story.diagnostic, "assigned_by": coordinator, "assigned_at": story.since}
    given = (("transparencia", officer, 6), ("rendicion", officer, 13), ("participacion", coordinator, 20))
    SectionAssignment.objects.bulk_create(
        SectionAssignment(dimension=dimension, user=user, due=today + timedelta(days=days), **held)
        for dimension, user, days in given
    )
    for number, (question, audience, text) in enumerate(COMMENTS):
        Comment.objects.create(
            diagnostic=story.diagnostic,
            question=question,
            audience=audience,
            text=text,
            by=officer if number % 2 else coordinator,
            at=story.since + timedelta(days=number + 1),
        )
    Answer.objects.filter(diagnostic=story.diagnostic, question__startswith="ta-").update(updated_by=officer)
