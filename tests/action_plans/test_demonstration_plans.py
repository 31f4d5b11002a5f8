"""The invented plans: in every stage that can be reached, by the portal's own actions, named so."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings
from django.utils import timezone

from action_plans.choices import PlanStage
from action_plans.imports.demonstration import FATES, load, shipped
from action_plans.models import Commitment, Milestone, Plan
from action_plans.reports.contributions import summary_of
from action_plans.reports.country import entries, numbers
from action_plans.rules.plan_states import LISTENING
from municipalities.choices import MailState
from municipalities.models import Document, Mail
from tests.cast import municipality
from tests.diagnostics import published


def test_plans_are_made_once_in_each_stage(db: None, tmp_path: Path) -> None:
    with override_settings(DEMONSTRATION=True, BASE_DIR=tmp_path, MEDIA_ROOT=tmp_path / "media"):
        with pytest.raises(CommandError):
            call_command("load_demo_plans")
        for number in range(len(FATES) - 1):
            published.validate(
                published.answered(municipality(f"131{number:02}", f"L{number}", f"l-{number}", order=13))
            )
        published.validate(published.answered(municipality("12201", "Cabo de Hornos", "cabo-de-hornos", order=16)))
        call_command("load_demo_people", password="una-clave-de-prueba", stdout=StringIO())
        now = timezone.now()
        assert load(now=now) == len(FATES)
        assert load(now=now) == 0
        assert sorted(Plan.objects.values_list("stage", flat=True)) == sorted(stage.value for stage, _ago in FATES)
        assert Plan.objects.get(municipality="12201").stage == PlanStage.CONSULTATION
        assert not Plan.objects.exclude(title__contains="(demostración)").exists()
        assert Commitment.objects.exclude(gaps=[]).exists()
        today = timezone.localdate(now)
        assert not Milestone.objects.filter(met_on__gt=today).exists()
        assert not Document.objects.filter(uploaded_at__gt=now).exists()
        assert set(Mail.objects.values_list("state", flat=True)) == {MailState.SENT}
        for plan in Plan.objects.exclude(stage__in=[PlanStage.PREPARATION, *LISTENING]):
            heard = summary_of(plan)
            assert heard.published
            assert heard.unanswered == (1 if plan.stage == PlanStage.ANSWERING else 0)
            assert heard.median_days is not None
        told = numbers(entries(today))
        assert told.carried_out >= 4
        assert all(entry.percent is None or entry.percent <= 100 for entry in entries(today))


def test_a_real_portal_gets_no_invented_plans(db: None) -> None:
    with override_settings(DEMONSTRATION=False), pytest.raises(CommandError):
        call_command("load_demo_plans")


def test_what_is_shipped_is_whole() -> None:
    for row in shipped():
        assert len(row["titulo"]) <= 200
        assert [days for _title, days, _proof, _weight in row["hitos"]] == sorted(each[1] for each in row["hitos"])
