"""The invented country: by the portal's own rules, named so, the same every time, and nothing of it leaves."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from accounts.rules import normalise_run
from municipalities.choices import AdhesionState, CertificateKind, Fact, MailState, SignatureState
from municipalities.imports.act_templates import load_act_template
from municipalities.imports.adhesion_demonstration import load
from municipalities.imports.judging import offices_of, trusted
from municipalities.imports.pades import judge
from municipalities.models import Act, Adhesion, Authority, Campaign, Contact, Mail, Municipality, Signature
from municipalities.rules import demonstration as rules
from municipalities.rules.terms import term_on
from tests.cast import municipality
from tests.signing_stage import content, seal

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)


@pytest.fixture
def folder(settings: Any, tmp_path: Path, db: None) -> Path:
    """A checkout of its own with a handful of municipalities and the demonstration's sign-ins."""
    settings.DEMONSTRATION = True
    settings.BASE_DIR = tmp_path
    settings.MEDIA_ROOT = tmp_path / "media"
    municipality("12201", "Cabo de Hornos", "cabo-de-hornos", order=16)
    municipality("10207", "Queilén", "queilen", order=14)
    for number in range(1, 6):
        municipality(f"1210{number - 1}", f"Lugar {number}", f"lugar-{number}", order=16)
    load_act_template()
    call_command("load_demo_people", password="una-clave-de-prueba", stdout=StringIO())
    return tmp_path / ".local"


def test_it_comes_about_by_the_rules_and_a_second_run_changes_nothing(folder: Path) -> None:
    with seal():
        assert load(now=NOW, folder=folder) == Adhesion.objects.count() > 6
        before = list(Adhesion.objects.order_by("pk").values_list("pk", "state", "state_since"))
        assert load(now=NOW + timedelta(days=1), folder=folder) == 0
    assert list(Adhesion.objects.order_by("pk").values_list("pk", "state", "state_since")) == before
    states = dict(Adhesion.objects.open().values_list("municipality", "state"))
    assert (states["12201"], states["10207"]) == (AdhesionState.ACT_ISSUED, AdhesionState.RETURNED)
    in_force = Signature.objects.filter(act__adhesion__state=AdhesionState.IN_FORCE, state=SignatureState.ACCEPTED)
    assert in_force.exists()
    assert not in_force.filter(public_document=None).exists()
    assert Adhesion.objects.filter(previous__state=AdhesionState.CONCLUDED).exists()
    assert Adhesion.objects.latest("state_since").state_since < NOW


def test_nothing_leaves_and_everything_is_named_as_invented(folder: Path) -> None:
    load(now=NOW, folder=folder)
    assert not Mail.objects.filter(state__in=[MailState.QUEUED, MailState.SENDING]).exists()
    addresses = {*Mail.objects.values_list("to", flat=True), *Contact.objects.values_list("email", flat=True)}
    assert {address.rpartition("@")[2] for address in addresses} <= {"demostracion.invalid", "demo.cl"}
    names = [*Authority.objects.values_list("name", flat=True), *Campaign.objects.values_list("name", flat=True)]
    assert all("demostración" in name for name in names)
    assert all(normalise_run(run) == run for run in Authority.objects.values_list("run", flat=True))
    assert not any(user.has_usable_password() for user in User.objects.filter(email__endswith=".invalid"))


def test_without_a_seal_nobody_signs_in_the_portal(folder: Path, settings: Any) -> None:
    settings.SEAL_FILE = ""
    load(now=NOW, folder=folder)
    assert set(Signature.objects.values_list("method", flat=True)) <= {"advanced", "scan"}


def test_a_newcomer_signs_an_act_and_the_portal_believes_it(folder: Path, tmp_path: Path) -> None:
    load(now=NOW, folder=folder)
    act = Act.objects.get(adhesion__municipality="12201")
    issued, signed = tmp_path / "acta.pdf", tmp_path / "firmada.pdf"
    issued.write_bytes(content(act.document))
    out = StringIO()
    call_command("sign_demonstration", str(issued), str(signed), stdout=out)
    assert "Alcaldesa de demostración de Cabo de Hornos" in out.getvalue()
    found = judge(
        signed.read_bytes(),
        issued.read_bytes(),
        roots=trusted(CertificateKind.ROOT),
        intermediates=[],
        crls=[],
        offices=offices_of("12201"),
        on=datetime.now(UTC),
        issued_at=act.issued_at,
    )
    assert set(found.facts.values()) == {Fact.YES}
    with pytest.raises(CommandError):
        call_command("sign_demonstration", str(tmp_path / "nothing.pdf"), str(signed))


@pytest.mark.parametrize("command", [["load_demo_adhesions"], ["sign_demonstration", "a.pdf", "b.pdf"]])
def test_a_server_refuses_both_commands(settings: Any, command: list[str]) -> None:
    settings.DEMONSTRATION = False
    with pytest.raises(CommandError, match="DEMONSTRATION"):
        call_command(*command)


def test_what_somebody_began_is_left_alone(folder: Path) -> None:
    municipality_with_a_contact = Municipality.objects.get(pk="12201")
    Contact.objects.create(municipality=municipality_with_a_contact, name="x", email="x@ejemplo.cl", recorded_at=NOW)
    load(now=NOW, folder=folder)
    assert not Adhesion.objects.filter(municipality="12201").exists()


@given(
    st.dates(date(2025, 3, 1), date(2060, 1, 1)),
    st.sampled_from([*rules.FATES, *rules.AGAIN, rules.AWAITING_SIGNATURE, rules.TO_BE_CORRECTED]),
    st.text("0123456789", min_size=5, max_size=5),
    st.floats(0, 1),
)
def test_whatever_the_day_everything_happens_in_order_on_workdays_of_one_term(
    today: date, fate: rules.Fate, cut: str, share: float
) -> None:
    span = rules.span(today)
    days = rules.days_of(fate, rules.dice_of(cut), span, share=share)
    assert len(days) == len(fate.deeds)
    assert days == sorted(days)
    assert all(day.weekday() < 5 and span.since < day < span.until for day in days)
    assert term_on(span.since) == term_on(span.until) == span.term
    assert span.until <= today


def test_the_numbers_of_the_country_are_those_that_are_meant() -> None:
    in_force = [fate for fate in rules.FATES if fate.deeds[-1] == rules.Deed.PUT_IN_FORCE]
    assert sum(fate.places for fate in in_force) == 60
