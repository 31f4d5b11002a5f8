"""What happened with a plan, for feed readers: editions and progress, from the tables that its pages read."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _

from action_plans.reports.published import PublicPlan
from action_plans.reports.updates import updates_of
from municipalities.rules.xml_text import xml_text

MOST: Final = 40


def as_atom(shown: PublicPlan) -> str:
    """The latest news, the newest first. Five queries."""
    plan, site = shown.plan, settings.SITE_URL
    place, host = plan.municipality, urlsplit(settings.SITE_URL).hostname
    where = [place.cut, place.slug, plan.pk]
    tag = f"tag:{host},2026:planes/{plan.pk}"
    feed = Atom1Feed(
        title=xml_text(f"{place.name}: {shown.title}"),
        link=site + reverse("action_plans:plan_one", args=where),
        description=shown.stage_words,
        language="es-CL",
        author_name=_("Municipality of %(name)s") % {"name": place.name},
        feed_url=site + reverse("action_plans:plan_feed", args=where),
        feed_guid=tag,
    )
    how = _("How it goes")
    items = [
        (
            edition.published_at,
            _("Edition %(number)d: %(kind)s") % {"number": edition.number, "kind": edition.get_kind_display()},
            edition.reason or shown.stage_words,
            reverse("action_plans:plan_edition", args=[*where, edition.number]),
            f"{tag}/ediciones/{edition.number}",
        )
        for edition in plan.editions.defer("content")[:MOST]
    ]
    items += [
        (
            update.at,
            f"{update.commitment}: {update.milestone or how}",
            update.text,
            reverse("action_plans:commitment_public", args=[*where, update.commitment_key]),
            f"{tag}/avances/{update.pk}",
        )
        for update in updates_of(plan, most=MOST)
    ]
    for at, title, text, address, unique in sorted(items, key=lambda item: item[0], reverse=True)[:MOST]:
        feed.add_item(
            title=xml_text(title),
            link=site + address,
            description=xml_text(text),
            unique_id=unique,
            pubdate=at,
            updateddate=at,
        )
    return feed.writeString("utf-8")
