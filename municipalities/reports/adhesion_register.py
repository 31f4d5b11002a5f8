"""The public register of adhesions: what anyone may know of each municipality, and how many there are.

Nothing here holds a RUN or an e-mail, so that nothing made from it can show one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import cache
from typing import Final, NamedTuple

from django.db.models import Q, QuerySet
from django.db.models.functions import TruncDate
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Event
from config.numbers import day
from municipalities.choices import AdhesionState, SignatureFact, SignatureMethod, SignatureState, Standing
from municipalities.models import Adhesion, Municipality, Signature
from municipalities.rules.adhesion_states import TABLE
from municipalities.rules.four_facts import Told, told
from municipalities.rules.terms import DISTANCE_BANDS, DistanceBand, Term, distance_band, term
from municipalities.rules.verification import standing

REMOTE_FROM_KM: Final = next(band.low for band in DISTANCE_BANDS if band.remote)

_SENTENCES: Final[dict[tuple[str, str], Promise]] = {
    ("", AdhesionState.ACT_ISSUED): _("The act was issued."),
    ("", AdhesionState.SIGNED): _("The act was signed."),
    ("", AdhesionState.VERIFIED): _("The council verified the signed act."),
    (AdhesionState.VERIFIED, AdhesionState.IN_FORCE): _("The adhesion came into force."),
    (AdhesionState.SUSPENDED, AdhesionState.IN_FORCE): _("The adhesion is in force again."),
    (AdhesionState.IN_FORCE, AdhesionState.SUSPENDED): _("The adhesion was suspended."),
    (AdhesionState.IN_FORCE, AdhesionState.WITHDRAWN): _("The adhesion ended before its term."),
    (AdhesionState.SUSPENDED, AdhesionState.WITHDRAWN): _("The suspended adhesion ended before its term."),
    (AdhesionState.IN_FORCE, AdhesionState.CONCLUDED): _(
        "The adhesion concluded: its term ended, or a newer one came."
    ),
    (AdhesionState.SUSPENDED, AdhesionState.CONCLUDED): _(
        "The suspended adhesion concluded: its term ended, or a newer one came."
    ),
}


_STATES: Final[dict[Standing, Promise]] = {
    Standing.IN_FORCE: _("In force"),
    Standing.SUSPENDED: _("Suspended"),
    Standing.ENDED: _("Ended"),
    Standing.NONE: _("Has not adhered"),
}


class SignedAct(NamedTuple):
    """The accepted act of an adhesion, its facts in the order of `SignatureFact`; `office` is whose act it is."""

    folio: str
    signed_on: date | None
    method: str
    is_intact: str
    is_trusted: str
    is_mayor: str
    covers_act: str
    office: str
    copy: int | None
    """The document that anyone may read, by its number."""

    @property
    def facts(self) -> tuple[str, str, str, str]:
        return self.is_intact, self.is_trusted, self.is_mayor, self.covers_act

    @property
    def has_copy(self) -> bool:
        return self.copy is not None

    @property
    def told(self) -> list[Told]:
        """The facts in words for people."""
        return told(dict(zip(SignatureFact, self.facts, strict=True)), method=self.method)

    @property
    def method_label(self) -> str:
        return str(SignatureMethod(self.method).label)


class Published(NamedTuple):
    """An adhesion that the register shows. `signed_on` is None where no accepted act is on record, or its day is not known."""

    pk: int
    cut: str
    standing: Standing
    term_year: int
    starts: date
    ends: date | None
    signed_on: date | None

    @property
    def term(self) -> Term:
        return term(self.term_year)


class Entry(NamedTuple):
    """A municipality in the register, with the adhesion that stands or, where none stands, the last one.

    `year` is that in which the adhesion came into force, empty where there is none.
    """

    pk: str
    name: str
    slug: str
    region: str
    rural_class: str
    distance_km: int
    search: str
    shown: Published | None
    standing: Standing
    band: DistanceBand
    year: str

    @property
    def tag(self) -> str:
        """The classes of its tag."""
        return {Standing.IN_FORCE: "tag tag--success", Standing.SUSPENDED: "tag tag--warning"}.get(self.standing, "tag")

    @property
    def state(self) -> str:
        """Where it stands, in the words of a column that is called adhesion."""
        return str(_STATES[self.standing])

    @property
    def since(self) -> date | None:
        return self.shown.starts if self.shown else None

    @property
    def signed(self) -> str:
        """The day of the signature; said to be missing where there is an adhesion without one."""
        if self.shown is None:
            return ""
        known = self.shown.signed_on
        return day(known) if known else format_html('<span class="missing">{}</span>', gettext("no data"))

    @property
    def href(self) -> str:
        # Not reversed: a map asks for 345 of them.
        return f"/municipios/{self.pk}-{self.slug}/adhesion/"


def published(municipality: Municipality | None = None) -> list[Published]:
    """What the register shows of all municipalities or of one: those that stand first, then the newest. Two queries."""
    adhesions = Adhesion.objects.published()
    if municipality is not None:
        adhesions = adhesions.filter(municipality=municipality)
    signed = dict(_accepted(municipality).values_list("act__adhesion_id", TruncDate("signed_at")))
    rows = adhesions.order_by("-in_force_from", "-pk").values_list(
        "pk", "municipality_id", "state", "term_year", "in_force_from", "in_force_until"
    )
    found = [
        Published(pk, cut, standing(state), year, starts, ends, signed.get(pk))
        for pk, cut, state, year, starts, ends in rows
        if starts is not None
    ]
    return sorted(found, key=lambda one: one.standing == Standing.ENDED)


def signed_acts(municipality: Municipality | None = None) -> dict[int, SignedAct]:
    """The accepted act of each adhesion that `published` gives, by the adhesion. One query."""
    rows = _accepted(municipality).values_list(
        *("act__adhesion_id", "act__folio", TruncDate("signed_at"), "method"),
        *("is_intact", "is_trusted", "is_mayor", "covers_act", "act__authority__office"),
        "public_document_id",
    )
    return {adhesion: SignedAct(*row) for adhesion, *row in rows}


def _accepted(municipality: Municipality | None) -> QuerySet[Signature]:
    """The last of an adhesion comes last. One of an adhesion that is not published is left aside: cheaper than a join."""
    found = Signature.objects.filter(state=SignatureState.ACCEPTED).order_by("decided_at", "pk")
    return found if municipality is None else found.filter(act__adhesion__municipality=municipality)


def entries(shown: Iterable[Published] | None = None) -> list[Entry]:
    """Every municipality in the order of its name. Three queries, or one where `shown` was read before."""
    by_cut: dict[str, Published] = {}
    for one in published() if shown is None else shown:
        by_cut.setdefault(one.cut, one)
    rows = Municipality.objects.order_by("search").values_list(
        "pk", "name", "slug", "region_id", "rural_class", "distance_km", "search"
    )
    return [_entry(row, by_cut.get(row[0])) for row in rows]


# There are some 300 distances, asked for at every page.
_band = cache(distance_band)


def _entry(row: tuple[str, str, str, str, str, int, str], shown: Published | None) -> Entry:
    band = _band(row[5])
    if shown is None:
        return Entry(*row, None, Standing.NONE, band, "")
    return Entry(*row, shown, shown.standing, band, str(shown.starts.year))


class Answer(NamedTuple):
    """The register in numbers: municipalities with an adhesion in force, of all and of those far from Santiago."""

    adhered: int
    municipalities: int
    remote_adhered: int
    remote: int
    suspended: int


def answer(register: Sequence[Entry]) -> Answer:
    counts = Counter((entry.band.remote, entry.standing) for entry in register)
    return Answer(
        adhered=counts[False, Standing.IN_FORCE] + counts[True, Standing.IN_FORCE],
        municipalities=len(register),
        remote_adhered=counts[True, Standing.IN_FORCE],
        remote=sum(count for (remote, _standing), count in counts.items() if remote),
        suspended=counts[False, Standing.SUSPENDED] + counts[True, Standing.SUSPENDED],
    )


def signatures_by_month(shown: Iterable[Published]) -> dict[date, int]:
    """How many acts were signed in each month, by its first day; without those whose day is not known."""
    days = [one.signed_on for one in shown if one.signed_on]
    counts = Counter((day.year, day.month) for day in days)
    return {date(year, month, 1): count for (year, month), count in sorted(counts.items())}


# --- What happened ----------------------------------------------------------------------------------------------------


class Happening(NamedTuple):
    """A line of a public timeline. `pk` is the event's, 0 for what the act itself tells."""

    at: datetime
    sentence: str
    cut: str
    pk: int = 0


def happenings(*, adhesion: int | None = None, limit: int | None = None) -> list[Happening]:
    """The public steps of an adhesion, or of all, newest first. One query.

    Who took them and why stays between the council and the municipality.
    """
    public = Q()
    for taken in TABLE:
        if taken.public:
            public |= Q(data__start=taken.start.value, data__end=taken.end.value)
    events = Event.objects.filter(public, kind="adhesion.moved", subject_type=Adhesion._meta.label_lower)
    if adhesion is not None:
        events = events.filter(subject_id=str(adhesion))
    return [
        Happening(event.at, str(_SENTENCES[event.data["start"], event.data["end"]]), event.municipality_cut, event.pk)
        for event in events.order_by("-at", "-pk")[:limit]
    ]


def timeline(of: Published) -> list[Happening]:
    """What is public of an adhesion, newest first: its steps, and the dates of its act. Two queries."""
    found = happenings(adhesion=of.pk)
    signature = Signature.objects.published().filter(act__adhesion=of.pk).select_related("act").last()
    if signature:
        dates = (
            (AdhesionState.ACT_ISSUED, signature.act.issued_at),
            (AdhesionState.SIGNED, signature.signed_at),
            (AdhesionState.VERIFIED, signature.decided_at),
        )
        found += [Happening(at, str(_SENTENCES["", state]), of.cut) for state, at in dates if at]
    return sorted(found, key=lambda one: one.at, reverse=True)
