"""The forum: its rules are published, its members come and go with dates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.actions import record_event
from accounts.permissions import Permission
from action_plans.choices import Sector
from action_plans.models import Forum, ForumMember
from config.page_cache import forget_public_pages
from municipalities.actions import RefusedError
from municipalities.models import Municipality
from municipalities.permissions import check_can

if TYPE_CHECKING:
    from accounts.models import User


@dataclass(frozen=True, slots=True)
class Seat:
    """Who sits in the forum, for whom, from a day until another (the last one, None while it goes on)."""

    sector: Sector
    organisation: str
    person: str
    shows_person: bool
    starts: date
    ends: date | None = None


def publish_rules(*, by: User, municipality: Municipality, name: str, rules: str, now: datetime) -> Forum:
    """Write the forum's name and rules and make them public; every former wording stays in the history."""
    check_can(by, Permission.COORDINATE_PLAN, municipality)
    if not rules.strip():
        raise RefusedError(_("Write the rules: how the forum is made up, how it decides, how one joins."))
    with transaction.atomic():
        words = {"name": " ".join(name.split()), "rules": rules.strip(), "rules_published_at": now}
        forum, _made = Forum.objects.select_for_update().update_or_create(
            municipality=municipality, defaults=words, create_defaults={**words, "created_at": now}
        )
        _record("forum.rules_published", by, municipality, now, title=forum.name)
        transaction.on_commit(forget_public_pages, robust=True)
    return forum


def add_member(*, by: User, forum: Forum, seat: Seat, now: datetime) -> ForumMember:
    """Give a seat. Raises `RefusedError` when the same person of the same organisation sits there on one of those days."""
    check_can(by, Permission.COORDINATE_PLAN, forum.municipality)
    with transaction.atomic():
        held = _locked(forum)
        _check(held, seat)
        member = ForumMember.objects.create(forum=held, **_fields(seat))
        _record("forum.member_added", by, forum.municipality, now, title=seat.organisation)
        transaction.on_commit(forget_public_pages, robust=True)
    return member


def change_member(*, by: User, member: ForumMember, seat: Seat, now: datetime) -> ForumMember:
    """Mend a seat, or end it: the last day is part of it. The past stays in the history."""
    check_can(by, Permission.COORDINATE_PLAN, member.forum.municipality)
    with transaction.atomic():
        held = _locked(member.forum)
        _check(held, seat, but=member)
        for name, value in _fields(seat).items():
            setattr(member, name, value)
        member.save()
        _record("forum.member_changed", by, held.municipality, now, title=seat.organisation)
        transaction.on_commit(forget_public_pages, robust=True)
    return member


def _locked(forum: Forum) -> Forum:
    """The forum, held until the end of the transaction: no two people give the same seat at once."""
    return Forum.objects.select_for_update(of=("self",)).select_related("municipality").get(pk=forum.pk)


def _check(forum: Forum, seat: Seat, but: ForumMember | None = None) -> None:
    if seat.ends and seat.ends < seat.starts:
        raise RefusedError(_("The last day comes before the first one."))
    same = forum.members.filter(organisation__iexact=seat.organisation.strip(), person__iexact=seat.person.strip())
    others = same.exclude(pk=but.pk) if but else same
    before_it_ends = Q(starts__lte=seat.ends) if seat.ends else Q()
    if others.filter(before_it_ends, Q(ends__isnull=True) | Q(ends__gte=seat.starts)).exists():
        raise RefusedError(_("The same person is a member for the same organisation on some of those days."))


def _fields(seat: Seat) -> dict[str, object]:
    return {
        "sector": seat.sector,
        "organisation": seat.organisation.strip(),
        "person": seat.person.strip(),
        "shows_person": seat.shows_person and bool(seat.person.strip()),
        "starts": seat.starts,
        "ends": seat.ends,
    }


def _record(kind: str, by: User, municipality: Municipality, now: datetime, *, title: str) -> None:
    record_event(kind, by=by, at=now, municipality_cut=municipality.cut, title=title)
