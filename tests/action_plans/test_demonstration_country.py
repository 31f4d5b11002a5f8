"""The invented plans of earlier years, with what was said of them, and last year's report: by the portal's own rules, once."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings
from django.utils import timezone

from action_plans.choices import MeetingState, ReportState
from action_plans.imports import demonstration_cocreation as cocreation
from action_plans.imports import demonstration_watch as watch
from action_plans.imports.demonstration_country import load
from action_plans.models import Contribution, Meeting, Plan, YearlyReport
from action_plans.reports.national import national
from diagnostics.choices import InstrumentPurpose
from diagnostics.imports.instruments import SELF_ASSESSMENTS, load_instruments
from municipalities.choices import MailState
from municipalities.models import Mail
from tests.action_plans import stories
from tests.cast import Cast, municipality
from tests.municipalities.adhesions import adhesion


def test_last_year_has_life_in_it_and_its_report_is_published_once(cast: Cast, tmp_path: Path) -> None:
    load_instruments(SELF_ASSESSMENTS, InstrumentPurpose.SELF_ASSESSMENT)
    cast.administrator.email = "administradora@demo.cl"
    cast.administrator.save()
    cast.adviser.email = "asesor@demo.cl"
    cast.adviser.save()
    cast.coordinator.email = "coordinadora@demo.cl"
    cast.coordinator.save()
    cast.citizen.email = "vecina@demo.cl"  # the monitor of the demonstration
    cast.citizen.save()
    now = timezone.now()
    with override_settings(DEMONSTRATION=True, BASE_DIR=tmp_path, MEDIA_ROOT=tmp_path / "media"):
        with pytest.raises(CommandError, match="no action plan"):
            call_command("load_demo_country")
        stories.carried_out(cast)
        for number in range(11):
            adhesion(municipality(f"131{number:02}", f"Lugar {number}", f"lugar-{number}", order=13))
        call_command("load_demo_country", stdout=(told := StringIO()))
        assert "11 older plans" in told.getvalue()
        assert load(now=now) == 0
        # A second start of the portal makes nothing else of them.
        assert watch.load(now=now) == 1
        assert watch.load(now=now) == cocreation.load(now=now) - 1 == 0
    last = national(timezone.localdate(now).year - 1, now=now)
    assert last.now.plans == 11
    assert last.now.commitments
    assert last.now.heard.answered == last.now.heard.received > 0
    assert any(each.own for each in last.promises)
    assert last.now.met.forums
    report = YearlyReport.objects.get()
    assert report.state == ReportState.PUBLISHED
    assert len(report.content["compromisos"]) == last.now.commitments
    now = timezone.now()
    assert not Plan.objects.filter(created_at__gt=now).exists()
    assert not Meeting.objects.filter(starts_at__gt=now, state=MeetingState.HELD).exists()
    assert not Contribution.objects.unanswered().filter(plan__stage="approved").exists()
    assert not Mail.objects.exclude(state=MailState.SENT).values_list("kind", "state", "once", "created_at")


def test_a_real_portal_gets_no_invented_years(db: None) -> None:
    with override_settings(DEMONSTRATION=False), pytest.raises(CommandError, match="only where"):
        call_command("load_demo_country")
