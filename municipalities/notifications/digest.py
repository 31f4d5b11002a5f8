"""The digest: what waits for a person, in one mail a day at most, and none when nothing does or nothing is new."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from django.db.models import QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.choices import CouncilRole, Language, MunicipalRole
from accounts.models import User
from municipalities.choices import AdhesionState, MailKind, MailState, SignatureState
from municipalities.models import Adhesion, AdhesionQuerySet, ContactNote, Mail, Membership
from municipalities.notifications.outbox import Letter, queue_many
from municipalities.notifications.recipients import recipient
from municipalities.notifications.words import link
from municipalities.rules.reminders import answer_by
from municipalities.rules.working_days import is_working_day

AGAIN_AFTER: Final = timedelta(days=7)
"""What was said and has not changed is said again only after this."""
LONGEST: Final = 15
"""Lines of a part of the digest; the rest is counted."""

Parts = list[tuple[str, list[str]]]
"""Headings, each with its lines; a part without lines is left out."""


class Provider(NamedTuple):
    """What another app adds: the parts of a person, and the people to look at beside council staff and coordinators."""

    parts: Callable[[User, date], Parts]
    people: Callable[[date], QuerySet[User]]


_PROVIDERS: Final[list[Provider]] = []


def add_provider(provider: Provider) -> None:
    """Let an app that this one does not know add to the digests; called once, when the app is ready."""
    _PROVIDERS.append(provider)


_READERS: Final = (CouncilRole.ADVISER, CouncilRole.ADMINISTRATOR)
_TO_REVIEW: Final = (AdhesionState.SIGNED, AdhesionState.UNDER_REVIEW, AdhesionState.VERIFIED)
_TO_SIGN: Final = (AdhesionState.ACT_ISSUED, AdhesionState.RETURNED)


def write_digests(*, now: datetime) -> int:
    """Write the digest of each person for whom something waits; returns how many were written.

    Advisers and administrators of the council, coordinators of municipalities, and whom the providers name. Nothing on days
    that are not working days.
    """
    today = timezone.localdate(now)
    if not is_working_day(today):
        return 0
    letters = []
    with translation.override(Language.SPANISH):
        for person in _people(today):
            tasks = tasks_of(person, today=today)
            if tasks and not _is_known(person, tasks, now=now):
                once = f"{MailKind.DIGEST}:{person.pk}:{today.isoformat()}"
                letters.append(Letter(recipient(person), words={"tareas": tasks}, once=once))
    return len(queue_many(MailKind.DIGEST, letters, now=now))


def tasks_of(person: User, *, today: date) -> str:
    """What waits for the person, as text: a heading and a list for each part. Empty when nothing does."""
    parts = _of_council(person, today) if person.is_council else _of_coordinator(person, today)
    parts += [part for provider in _PROVIDERS for part in provider.parts(person, today)]
    return "\n\n".join(
        "\n".join([heading, *(f"- {line}" for line in lines[:LONGEST]), *_rest(lines)])
        for heading, lines in parts
        if lines
    )


def _people(today: date) -> list[User]:
    """Whoever may have something waiting and did not leave the digest."""
    readers = User.objects.filter(is_active=True, wants_digest=True).order_by("pk")
    coordinators = Membership.objects.current(today).filter(role=MunicipalRole.COORDINATOR)
    council = readers.filter(council_role__in=_READERS)
    members = readers.filter(pk__in=coordinators.values("user"), council_role="")
    others = [person for provider in _PROVIDERS for person in provider.people(today).order_by("pk")]
    return list(dict.fromkeys([*council, *members, *(person for person in others if person.wants_digest)]))


def _rest(lines: list[str]) -> list[str]:
    more = len(lines) - LONGEST
    return [_("- and %(count)d more") % {"count": more}] if more > 0 else []


def _is_known(person: User, tasks: str, *, now: datetime) -> bool:
    """Whether the last digest of these days said the same."""
    last = Mail.objects.filter(kind=MailKind.DIGEST, user=person, created_at__gt=now - AGAIN_AFTER).first()
    return last is not None and tasks in last.body


def _of_council(person: User, today: date) -> Parts:
    review = _to_review(person).order_by("state_since")
    corrected = Adhesion.objects.filter(acts__signatures__state=SignatureState.RETURNED).values("pk")
    notes = ContactNote.objects.visible_to(person).due(today).filter(responsible=person)
    parts = [
        (_("Corrections of acts that were returned:"), _lines(review.filter(pk__in=corrected))),
        (_("Signed acts:"), _lines(review.exclude(pk__in=corrected))),
        (
            _("Next steps that are due:"),
            [
                f"{note.next_on:%d-%m-%Y}: {note.municipality.name}. {note.next_step}"
                for note in notes.select_related("municipality").order_by("next_on", "pk")
            ],
        ),
    ]
    if person.council_role == CouncilRole.ADMINISTRATOR:
        stuck = Mail.objects.filter(state__in=[MailState.FAILED, MailState.UNCERTAIN]).count()
        line = _("%(count)d in the log: %(address)s") % {"count": stuck, "address": link("municipalities:mails")}
        parts.append((_("Mails that did not leave, or of which nobody knows:"), [line] if stuck else []))
    return parts


def _to_review(person: User) -> AdhesionQuerySet:
    """What the council is to review and is assigned to the person, or to nobody, within their scope."""
    visible = Adhesion.objects.visible_to(person).filter(state__in=_TO_REVIEW)
    return visible.filter(adviser=person) | visible.filter(adviser__isnull=True)


def _lines(adhesions: AdhesionQuerySet) -> list[str]:
    return [
        _("%(municipality)s: %(state)s since %(day)s. %(address)s")
        % {
            "municipality": adhesion.municipality.name,
            "state": adhesion.get_state_display().lower(),
            "day": f"{timezone.localdate(adhesion.state_since):%d-%m-%Y}",
            "address": link("municipalities:adhesion_file", adhesion.pk),
        }
        for adhesion in adhesions.select_related("municipality")
    ]


def _of_coordinator(person: User, today: date) -> Parts:
    coordinated = Membership.objects.current(today).filter(user=person, role=MunicipalRole.COORDINATOR)
    asked = Adhesion.objects.filter(municipality__in=coordinated.values("municipality"), state__in=_TO_SIGN)
    return [(_("The act of adhesion:"), list(_asked(asked.select_related("municipality").order_by("pk"), today)))]


def _asked(adhesions: Iterable[Adhesion], today: date) -> Iterable[str]:
    sentences = {
        AdhesionState.ACT_ISSUED: _("the act of %(municipality)s waits for the signature, until %(day)s. %(address)s"),
        AdhesionState.RETURNED: _("the act of %(municipality)s waits for its correction, until %(day)s. %(address)s"),
    }
    for adhesion in adhesions:
        # Counted from the day on which it was asked, so that the same thing is said in the same words.
        since = timezone.localdate(adhesion.state_since)
        deadline = answer_by(adhesion.state, since, since) or today
        place = adhesion.municipality
        yield sentences[AdhesionState(adhesion.state)] % {
            "municipality": place.name,
            "day": f"{deadline:%d-%m-%Y}",
            "address": link("municipalities:adhesion_desk", place.cut, place.slug),
        }
