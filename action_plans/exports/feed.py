"""What happened with a plan, for feed readers: editions and progress, from the tables that its pages read."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _

from action_plans.models import Plan
from action_plans.reports.published import PublicPlan
from action_plans.reports.standing import CommitmentNow
from action_plans.reports.updates import updates_of
from municipalities.rules.xml_text import xml_text

MOST: Final = 40


class Item(NamedTuple):
    at: datetime
    title: str
    text: str
    address: str
    unique: str


def as_atom(shown: PublicPlan, commitment: CommitmentNow | None = None) -> str:
    """The latest news, the newest first; of one commitment what was told of it. Five queries at most."""
    plan, site = shown.plan, settings.SITE_URL
    place, host = plan.municipality, urlsplit(settings.SITE_URL).hostname
    where = [place.cut, place.slug, plan.pk]
    tag = f"tag:{host},2026:planes/{plan.pk}"
    if commitment:
        about, names, guid = (
            [*where, commitment.key],
            ("commitment_public", "commitment_feed"),
            f"{tag}/{commitment.key}",
        )
    else:
        about, names, guid = where, ("plan_one", "plan_feed"), tag
    feed = Atom1Feed(
        title=xml_text(f"{place.name}: {commitment.title if commitment else shown.title}"),
        link=site + reverse(f"action_plans:{names[0]}", args=about),
        description=shown.stage_words,
        language="es-CL",
        author_name=_("Municipality of %(name)s") % {"name": place.name},
        feed_url=site + reverse(f"action_plans:{names[1]}", args=about),
        feed_guid=guid,
    )
    items = _told(plan, where, tag, key=commitment.key if commitment else "")
    if commitment is None:
        items += _editions(shown, where, tag)
    for at, title, text, address, unique in sorted(items, key=lambda item: item.at, reverse=True)[:MOST]:
        feed.add_item(
            title=xml_text(title),
            link=site + address,
            description=xml_text(text),
            unique_id=unique,
            pubdate=at,
            updateddate=at,
        )
    return feed.writeString("utf-8")


def _editions(shown: PublicPlan, where: list[Any], tag: str) -> list[Item]:
    return [
        Item(
            edition.published_at,
            _("Edition %(number)d: %(kind)s") % {"number": edition.number, "kind": edition.get_kind_display()},
            edition.reason or shown.stage_words,
            reverse("action_plans:plan_edition", args=[*where, edition.number]),
            f"{tag}/ediciones/{edition.number}",
        )
        for edition in shown.plan.editions.defer("content")[:MOST]
    ]


def _told(plan: Plan, where: list[Any], tag: str, *, key: str) -> list[Item]:
    how = _("How it goes")
    return [
        Item(
            update.at,
            f"{update.commitment}: {update.milestone or how}",
            update.text,
            reverse("action_plans:commitment_public", args=[*where, update.commitment_key]),
            f"{tag}/avances/{update.pk}",
        )
        for update in updates_of(plan, key=key, most=MOST)
    ]
