"""Campaigns of the council: their dates and goals, and the municipalities they address."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions import record_event
from accounts.permissions import Permission
from municipalities.actions import RefusedError
from municipalities.actions.many import open_many
from municipalities.models import Adhesion, Campaign, CampaignGoal, CampaignTarget
from municipalities.permissions import check_can
from municipalities.rules.adhesion_states import FINAL, PUBLIC

if TYPE_CHECKING:
    from accounts.models import User

AGAIN: Final = timedelta(minutes=1)
"""The same campaign sent again by the same person within this time is a second click."""


def save_campaign(
    *,
    by: User,
    campaign: Campaign | None,
    name: str,
    description: str,
    starts: date,
    ends: date,
    goals: Mapping[str, int],
    now: datetime,
) -> Campaign:
    """Make a campaign, or change one. `goals` holds adhesions in force by code of region. Two clicks make one campaign.

    Raises `PermissionDenied`, and `RefusedError` for a name that another campaign has.
    """
    check_can(by, Permission.MANAGE_CAMPAIGNS)
    name, description = name.strip(), description.strip()
    with transaction.atomic():
        saved = Campaign(created_by=by, created_at=now)
        if campaign:
            saved = Campaign.objects.select_for_update().get(pk=campaign.pk)
        saved.name, saved.description, saved.starts, saved.ends = name, description, starts, ends
        namesake = _save(saved)
        if namesake and campaign is None and _is_second_click(namesake, saved):
            return namesake
        if namesake:
            raise RefusedError(_("Another campaign has this name."))
        saved.goals.exclude(region__in=goals).delete()
        CampaignGoal.objects.bulk_create(
            [CampaignGoal(campaign=saved, region_id=code, goal=goal) for code, goal in goals.items()],
            update_conflicts=True,
            unique_fields=["campaign", "region"],
            update_fields=["goal"],
        )
        kind = "campaign.changed" if campaign else "campaign.made"
        record_event(kind, by=by, at=now, subject=saved, campaign=saved.name)
    return saved


def _save(campaign: Campaign) -> Campaign | None:
    """Save it, or give the other one that has its name, even if that one came at the same instant."""
    namesakes = Campaign.objects.filter(name__iexact=campaign.name).exclude(pk=campaign.pk)
    namesake = namesakes.first()
    if namesake is None:
        try:
            with transaction.atomic():
                campaign.save()
        except IntegrityError:
            return namesakes.get()
    return namesake


def _is_second_click(first: Campaign, second: Campaign) -> bool:
    names = ("name", "description", "starts", "ends", "created_by_id")
    is_alike = all(getattr(first, name) == getattr(second, name) for name in names)
    return is_alike and second.created_at - first.created_at <= AGAIN


def add_targets(*, by: User, campaign: Campaign, municipalities: Collection[str], now: datetime) -> int:
    """Add municipalities to a campaign; give how many were not there yet.

    Each gets an open adhesion where it has none, a withdrawn one too. Those not in force that no running campaign holds become
    this one's.
    """
    check_can(by, Permission.MANAGE_CAMPAIGNS)
    with transaction.atomic():
        locked = Campaign.objects.select_for_update().get(pk=campaign.pk)
        present = set(locked.targets.values_list("municipality", flat=True))
        wanted = [cut for cut in dict.fromkeys(municipalities) if cut not in present]
        if not wanted:
            return 0
        opened = open_many(by=by, municipalities=wanted, now=now, campaign=locked)
        CampaignTarget.objects.bulk_create(
            CampaignTarget(campaign=locked, municipality_id=cut, added_by=by, added_at=now) for cut in opened
        )
        _hold(locked, opened.values(), timezone.localdate(now))
        record_event("campaign.targets_added", by=by, at=now, subject=locked, campaign=locked.name, count=len(opened))
    return len(opened)


def _hold(campaign: Campaign, adhesions: Collection[Adhesion], today: date) -> None:
    """Make the adhesions this campaign's, but for those that are in force or belong to one that still runs."""
    free = Adhesion.objects.filter(pk__in=[adhesion.pk for adhesion in adhesions]).exclude(state__in=PUBLIC | FINAL)
    free.exclude(campaign__ends__gte=today).update(campaign=campaign)


def remove_targets(*, by: User, campaign: Campaign, municipalities: Collection[str], now: datetime) -> int:
    """Take municipalities out of a campaign; give how many. What was begun with them goes on, without the campaign."""
    check_can(by, Permission.MANAGE_CAMPAIGNS)
    with transaction.atomic():
        locked = Campaign.objects.select_for_update().get(pk=campaign.pk)
        removed, _by_model = locked.targets.filter(municipality__in=municipalities).delete()
        open_ones = Adhesion.objects.filter(campaign=locked, municipality__in=municipalities)
        open_ones.exclude(state__in=PUBLIC | FINAL).update(campaign=None)
        if removed:
            record_event("campaign.targets_removed", by=by, at=now, subject=locked, campaign=locked.name, count=removed)
    return removed
