"""What diagnostics add to the digest of the day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.choices import CouncilRole, MunicipalRole
from accounts.models import Event, User
from accounts.permissions import COUNCIL, Permission
from diagnostics.choices import DiagnosticState
from diagnostics.models import Diagnostic, SectionAssignment
from diagnostics.reports.filled import filled
from diagnostics.reports.progress import progress
from diagnostics.rules.diagnostic_states import IN_COUNCILS_HANDS, WRITABLE
from municipalities.models import Membership
from municipalities.notifications.digest import Parts, Provider
from municipalities.notifications.words import link


def parts_of(person: User, today: date) -> Parts:
    """What waits for the person. The words stay the same while nothing changes, so that it is not said each day."""
    if person.is_council:
        return [*_of_council(person), *_opened(person, today)]
    return [(_("Diagnostics:"), [*_of_coordinator(person, today), *_of_officer(person, today)])]


def people(today: date) -> QuerySet[User]:
    """Those who were given a section of a diagnostic that is being filled in."""
    given = SectionAssignment.objects.filter(diagnostic__state__in=WRITABLE)
    members = Membership.objects.current(today).values("user")
    return User.objects.filter(pk__in=given.values("user"), is_active=True, council_role="").filter(pk__in=members)


PROVIDER: Final = Provider(parts_of, people)


def _of_council(person: User) -> Parts:
    if Permission.REVIEW_DIAGNOSTIC not in COUNCIL[CouncilRole(person.council_role)]:
        return []
    waiting = Diagnostic.objects.visible_to(person).filter(state__in=IN_COUNCILS_HANDS)
    # Given to the person, or to nobody.
    mine = waiting.filter(Q(reviewers__user=person, reviewers__done_at__isnull=True) | Q(reviewers__isnull=True))
    lines = [
        _("%(municipality)s: submitted on %(day)s. %(address)s")
        % {
            "municipality": one.municipality.name,
            "day": f"{timezone.localdate(one.submitted_at or one.state_since):%d-%m-%Y}",
            "address": link("diagnostics:review", one.pk),
        }
        for one in mine.select_related("municipality").distinct().order_by("state_since", "pk")
    ]
    return [(_("Diagnostics to review:"), lines)]


def _opened(person: User, today: date) -> Parts:
    """The rounds that the portal opened today, as was planned, for those who manage them."""
    if Permission.MANAGE_ROUNDS not in COUNCIL[CouncilRole(person.council_role)]:
        return []
    events = Event.objects.filter(kind="round.opened_as_planned", at__date=today).order_by("at", "pk")
    lines = [
        ngettext(
            "“%(round)s”: %(count)s diagnostic. %(address)s",
            "“%(round)s”: %(count)s diagnostics. %(address)s",
            event.data["count"],
        )
        % {**event.data, "address": link("diagnostics:round", event.subject_id)}
        for event in events
    ]
    return [(_("Rounds that opened by themselves:"), lines)]


def _of_coordinator(person: User, today: date) -> Iterable[str]:
    places = (
        Membership.objects.current(today).filter(user=person, role=MunicipalRole.COORDINATOR).values("municipality")
    )
    sentences = {
        DiagnosticState.OPEN: _("the diagnostic of %(municipality)s waits to be submitted, until %(day)s. %(address)s"),
        DiagnosticState.RETURNED: _(
            "the diagnostic of %(municipality)s waits for its corrections, until %(day)s. %(address)s"
        ),
    }
    rows = Diagnostic.objects.filter(municipality__in=places, state__in=WRITABLE).with_standing()
    for one in rows.select_related("municipality").order_by("pk"):
        day: date = one.closes_on  # type: ignore[attr-defined]
        if day >= today:
            yield sentences[DiagnosticState(one.state)] % _words(one, day)


def _of_officer(person: User, today: date) -> Iterable[str]:
    places = Membership.objects.current(today).filter(user=person).values("municipality")
    given = SectionAssignment.objects.filter(user=person, diagnostic__state__in=WRITABLE)
    rows = given.filter(diagnostic__municipality__in=places).select_related(
        "diagnostic__municipality", "diagnostic__round", "diagnostic__version"
    )
    for one in rows.order_by(F("due").asc(nulls_last=True), "pk"):
        now, last_day = filled(one.diagnostic, today=today), one.diagnostic.last_day()
        parts = {part.id: part for part in now.instrument.dimensions}
        part = parts.get(one.dimension)
        if part and last_day >= today and progress(now, part.questions()).missing:
            yield _("your section “%(section)s” of %(municipality)s, until %(day)s. %(address)s") % {
                "section": part.name,
                **_words(one.diagnostic, one.due or last_day),
            }


def _words(diagnostic: Diagnostic, day: date) -> dict[str, str]:
    name = diagnostic.municipality.name
    return {"municipality": name, "day": f"{day:%d-%m-%Y}", "address": _address(diagnostic)}


def _address(diagnostic: Diagnostic) -> str:
    place = diagnostic.municipality
    return link("diagnostics:diagnostic", place.cut, place.slug, diagnostic.pk)
