"""Invented diagnostics, plainly named so: a first round that is over and public, and a second one in the middle of its work.

The rows are written in bulk, in the states that the portal's own actions would have left them in; what an action computes
(snapshots, scores) is computed by the same functions. It needs the demonstration of adhesion and sends nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from django.db import transaction
from django.utils import timezone, translation

from accounts.actions import record_event
from accounts.choices import Language
from accounts.models import User
from config.page_cache import forget_public_pages
from diagnostics.choices import DiagnosticState, EditionState, RoundKind, SnapshotKind
from diagnostics.imports import demonstration_rows as rows
from diagnostics.imports.demonstration_story import ZONE, Story, at
from diagnostics.models import Diagnostic, InstrumentVersion, ReminderRule, Round, Snapshot
from diagnostics.reports import snapshots
from diagnostics.reports.answers import instrument_of
from diagnostics.reports.filled import filled
from diagnostics.reports.pdf import diagnostic_pdf
from diagnostics.reports.review import review_of
from diagnostics.reports.scores import store_scores
from diagnostics.rules import demonstration as rules
from diagnostics.rules.answers import Given
from diagnostics.rules.review import after
from diagnostics.rules.submission import remarks
from municipalities.actions.documents import keep
from municipalities.choices import AdhesionState, DocumentKind
from municipalities.imports import demonstration_people as people
from municipalities.imports.demonstration_people import HERE
from municipalities.models import Adhesion, Municipality
from municipalities.rules.demonstration import dice_of, working_day_before

INSTRUMENT: Final = "gobierno-abierto-municipal"
BASELINE: Final = "Línea de base (demostración)"
MIDTERM: Final = "Medio término (demostración)"
CORRECTED: Final = "El nivel de una respuesta era más alto que lo que muestra su evidencia."
# Days before today: the first round opened and closed, and the second one opened; it closes as many days from now.
OPENED, CLOSED, OPENED_AGAIN, CLOSES_AGAIN = 400, 35, 30, 33

S = DiagnosticState


class Fate(NamedTuple):
    """So many municipalities of the second round that have come this far; `share` of the answers are given."""

    places: int
    state: S
    share: float = 1.0


HERE_NOW: Final = Fate(1, S.OPEN, 0.72)
FATES: Final = (
    Fate(5, S.SUBMITTED),
    Fate(4, S.UNDER_REVIEW),
    Fate(4, S.RETURNED),
    Fate(12, S.VALIDATED),
    Fate(4, S.OPEN, 1.0),
    Fate(4, S.OPEN, 0.8),
    Fate(3, S.OPEN, 0.45),
    Fate(3, S.OPEN, 0.15),
    Fate(3, S.OPEN, 0.0),
    Fate(1, S.CANCELLED, 0.1),
)


def load(*, now: datetime) -> int:
    """Bring both rounds about, unless they are there; returns how many diagnostics there are of them.

    Raises `LookupError` when the instrument, the demonstration of adhesion or its people are missing.
    """
    if Round.objects.filter(name=BASELINE).exists():
        return 0
    with translation.override(Language.SPANISH), transaction.atomic():
        made = Country(now=now).bring_about()
        transaction.on_commit(forget_public_pages)
    return made


class Country:
    """Both rounds with everything in them."""

    def __init__(self, *, now: datetime) -> None:
        self.now, self.today = now, timezone.localdate(now)
        found = InstrumentVersion.objects.filter(family__key=INSTRUMENT, state=EditionState.PUBLISHED).first()
        if found is None:
            raise LookupError("No instrument is published: run load_instruments first.")
        self.version, self.instrument = found, instrument_of(found)
        self.administrator = people.sign_in("administradora@demo.cl")
        self.advisers = people.advisers(now=now)
        adhered = Adhesion.objects.filter(
            state=AdhesionState.IN_FORCE, in_force_from__lte=self.today - timedelta(days=CLOSED + 35)
        ).order_by("in_force_from", "municipality")
        rows_of = adhered.values_list("municipality_id", "in_force_from")
        self.adhered = {cut: day for cut, day in rows_of if day is not None}
        if not self.adhered:
            raise LookupError("No municipality has adhered: run load_demo_adhesions first.")
        self.places = Municipality.objects.select_related("region").in_bulk([*self.adhered, HERE])

    def bring_about(self) -> int:
        first = list(self._baseline())
        second = list(self._midterm(first))
        baseline = self._round(BASELINE, RoundKind.BASELINE, opens=OPENED, closes=CLOSED, public=OPENED - 90)
        midterm = self._round(
            MIDTERM, RoundKind.MIDTERM, opens=OPENED_AGAIN, closes=-CLOSES_AGAIN, public=8, previous=baseline
        )
        self._write(baseline, first)
        self._write(midterm, second)
        third = [
            self._correction(min((one for one in second if one.state == S.VALIDATED), key=lambda one: one.validates))
        ]
        self._write(midterm, third)
        rows.people_of_here(next((story for story in second if story.place.pk == HERE), None), today=self.today)
        return len(first) + len(second) + len(third)

    def _round(
        self, name: str, kind: RoundKind, *, opens: int, closes: int, public: int, previous: Round | None = None
    ) -> Round:
        """A round whose dates are so many days ago."""
        made = Round.objects.create(
            name=name,
            kind=kind,
            version=self.version,
            previous=previous,
            opens=self._ago(opens),
            closes=self._ago(closes),
            public_from=self._ago(public),
            created_at=at(self._ago(opens + 12)),
            created_by=self.administrator,
        )
        rules_of = [(30, 50), (14, 80), (5, 100), (1, 100)]
        ReminderRule.objects.bulk_create(
            ReminderRule(round=made, days_before=days, below_percent=percent) for days, percent in rules_of
        )
        return made

    def _ago(self, days: int) -> date:
        return self.today - timedelta(days=days)

    def _baseline(self) -> Iterator[Story]:
        """All that adhered in time, each soon after it did; the municipality of the sign-ins as one of the pilot."""
        for cut in dict.fromkeys([*self.adhered, HERE]):
            place, dice = self.places[cut], dice_of(f"{cut} base")
            begins = max(self._ago(OPENED - 5), self.adhered.get(cut, self._ago(OPENED)) + timedelta(days=3))
            begins += timedelta(days=dice.randint(0, 25))
            submits = min(begins + timedelta(days=dice.randint(20, 75)), self._ago(CLOSED))
            validates = min(submits + timedelta(days=dice.randint(6, 25)), self._ago(CLOSED - 4))
            aim = rules.aim_of(place.inhabitants, dice)
            answers = rules.first_answers(self.instrument, aim=aim, on=begins, slug=place.slug, dice=dice)
            yield self._story(place, Fate(1, S.VALIDATED), (begins, submits, validates), answers)

    def _midterm(self, first: Iterable[Story]) -> Iterator[Story]:
        """The municipality of the sign-ins, then its neighbours, then those that were measured first."""
        order = sorted(first, key=lambda story: (story.place.pk != HERE, story.place.region_id != ZONE))
        fates = [HERE_NOW, *_spread()]
        for before, fate in zip(order, fates, strict=False):
            place, dice = before.place, dice_of(f"{before.place.pk} medio")
            begins = self._ago(OPENED_AGAIN - dice.randint(1, 4))
            submits = self._ago(dice.randint(10, 14) if fate.state in {S.VALIDATED, S.RETURNED} else dice.randint(1, 8))
            validates = self._ago(dice.randint(1, 6))
            answers = rules.later_answers(
                self.instrument, before.answers, on=self._ago(OPENED_AGAIN), slug=place.slug, dice=dice
            )
            yield self._story(
                place, fate, (begins, submits, validates), rules.begun(answers, share=fate.share), previous=before
            )

    def _correction(self, former: Story) -> Story:
        """One that was validated with an error: a level too high. Its correction took its place."""
        levels = (name for name, given in former.answers.items() if type(given.value) is int and given.value > 1)
        wrong = next(levels)
        answers = former.answers | {wrong: replace(former.answers[wrong], value=former.answers[wrong].value - 1)}
        days = (former.validates, after(former.validates, 1), after(former.validates, 2))
        made = self._story(former.place, Fate(1, S.VALIDATED), days, answers, previous=former.previous)
        made.corrects = former
        return made

    def _story(
        self,
        place: Municipality,
        fate: Fate,
        days: tuple[date, date, date],
        answers: dict[str, Given],
        previous: Story | None = None,
    ) -> Story:
        begins, submits, validates = map(working_day_before, days)
        return Story(
            place=place,
            state=fate.state,
            coordinator=people.coordinator(place, since=begins, now=self.now),
            adviser=self.advisers.get(place.region_id, self.administrator),
            begins=begins,
            submits=submits,
            validates=validates,
            answers=answers,
            share=fate.share,
            previous=previous,
        )

    def _write(self, round_: Round, stories: list[Story]) -> None:
        """Everything of a round, a table at a time; then what is computed, a diagnostic at a time."""
        made = Diagnostic.objects.bulk_create(self._diagnostic(round_, story) for story in stories)
        for story, diagnostic in zip(stories, made, strict=True):
            story.diagnostic = diagnostic
        rows.write_answers(stories, self.instrument)
        rows.write_evidence(stories, self.instrument)
        rows.write_review(stories, self.administrator)
        rows.write_events(stories, self.administrator)
        for story in stories:
            if story.was_submitted:
                self._freeze(story, SnapshotKind.SUBMITTED, story.coordinator, at(story.submits))
            store_scores(story.diagnostic.pk, now=story.since)
        validated = sorted((story for story in stories if story.state == S.VALIDATED), key=lambda one: one.validates)
        folios = rows.folios([story.validates.year for story in validated])
        for story, folio in zip(validated, folios, strict=True):
            self._validate(story, folio)

    def _diagnostic(self, round_: Round, story: Story) -> Diagnostic:
        """Its row. What is validated takes no more rows, so that step comes last."""
        is_validated = story.state == S.VALIDATED
        return Diagnostic(
            round=round_,
            municipality=story.place,
            version=self.version,
            previous=story.previous.diagnostic if story.previous else None,
            corrects=story.corrects.diagnostic if story.corrects else None,
            correction_reason=CORRECTED if story.corrects else "",
            state=S.UNDER_REVIEW if is_validated else story.state,
            state_since=story.since,
            submitted_by=story.coordinator if story.was_submitted else None,
            submitted_at=at(story.submits) if story.was_submitted else None,
            validated_by=story.adviser if is_validated else None,
            validated_at=at(story.validates) if is_validated else None,
            public_from=max(story.validates, round_.public_from or story.validates) if is_validated else None,
            needs_second_review=story.is_paired,
            answers_changed_at=at(story.begins) if story.answers else None,
            # A correction begins after what it corrects was validated.
            created_at=at(story.begins, hour=12 if story.corrects else 9),
        )

    def _validate(self, story: Story, folio: str) -> None:
        """As `actions.validation.validate` leaves it: folio, copy and document."""
        done, now = story.diagnostic, at(story.validates)
        review, found = review_of(done, story.adviser), remarks(filled(done, today=story.validates))
        if story.corrects:
            self._give_way(story.corrects, now)
        done.state, done.folio = S.VALIDATED, folio
        done.save(update_fields=["state", "folio"])
        snapshot = self._freeze(story, SnapshotKind.VALIDATED, story.adviser, now)
        content = diagnostic_pdf(done, snapshot, review=review, remarks=found)
        done.document = keep(
            municipality=story.place, kind=DocumentKind.DIAGNOSTIC, content=content, name=f"{folio}.pdf", now=now
        )
        done.save(update_fields=["document"])
        told = {"folio": folio, "day": f"{done.public_from:%d-%m-%Y}"}
        record_event(
            "diagnostic.validated", by=story.adviser, at=now, subject=done, municipality_cut=story.place.pk, **told
        )

    @staticmethod
    def _give_way(former: Story, now: datetime) -> None:
        one = former.diagnostic
        one.state, one.state_since = S.SUPERSEDED, now
        one.save(update_fields=["state", "state_since"])
        ends = {"start": S.VALIDATED.value, "end": S.SUPERSEDED.value, "reason": CORRECTED}
        record_event("diagnostic.moved", by=None, at=now, subject=one, municipality_cut=former.place.pk, **ends)

    @staticmethod
    def _freeze(story: Story, kind: SnapshotKind, by: User, now: datetime) -> Snapshot:
        return snapshots.take(story.diagnostic, kind=kind, name=str(kind.label), by=by, now=now)


def _spread() -> list[Fate]:
    """One fate a place, the kinds taking turns, so that each is met near and far."""
    left = {number: fate.places for number, fate in enumerate(FATES)}
    found: list[Fate] = []
    while any(left.values()):
        for number, fate in enumerate(FATES):
            if left[number]:
                left[number] -= 1
                found.append(fate._replace(places=1))
    return found
