"""Who holds which office: the actions, and the page with its forms."""

import re
from datetime import UTC, date, datetime
from threading import Barrier, Thread

import pytest
import typst
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Event
from accounts.rules import InvalidRunError
from municipalities.actions import OvertakenError, RefusedError
from municipalities.actions import authorities as actions
from municipalities.actions.authorities import Tenure
from municipalities.choices import AdhesionState, DocumentKind, Office
from municipalities.models import Adhesion, Authority, Municipality
from municipalities.rules.authorities import mask_run, overlap, read_run, term_to_renew
from tests.cast import Cast, assemble, sign_in
from tests.municipalities import adhesions

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
PAGE = "/municipios/12201-cabo-de-hornos/autoridades/"
RUNS = ("12345678-5", "11111111-1", "22222222-2")


def tenure(name: str = "Ana Pérez", run: str = RUNS[0], **said: object) -> Tenure:
    fields = {"office": Office.MAYOR, "starts": date(2024, 12, 6), "last_day": None, "decree": "Decreto 1", **said}
    return Tenure(name=name, run=run, **fields)  # type: ignore[arg-type]


def record(cast: Cast, said: Tenure | None = None, **options: object) -> Authority:
    return actions.record_authority(
        by=cast.coordinator,
        municipality=cast.here,
        tenure=said or tenure(),
        now=NOW,
        **options,  # type: ignore[arg-type]
    )


def text(client: Client, address: str = PAGE) -> str:
    page = client.get(address).content.decode()
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page[page.index("<main") : page.index("</main>")]))


# Rules


@pytest.mark.parametrize("wrong", ["12345678-6", "0-0", "00000000-0", "hola", "", "1-9 1-9"])
def test_a_run_that_is_none_is_refused(wrong: str) -> None:
    with pytest.raises(InvalidRunError):
        read_run(wrong)


@given(st.text(max_size=15))
def test_whatever_is_typed_is_a_stored_run_or_refused(typed: str) -> None:
    try:
        run = read_run(typed)
    except InvalidRunError:
        return
    assert re.fullmatch(r"[1-9][0-9]{0,7}-[0-9K]", run)
    assert run.split("-")[0][:-3] not in {*mask_run(run).split(".")} - {""}


def test_a_masked_run_shows_only_its_end() -> None:
    assert mask_run("12345678-5") == "••.•••.678-5"
    assert mask_run("7-6") == "••.•••.••7-6"


@given(*[st.dates(date(2020, 1, 1), date(2020, 1, 20))] * 2, *[st.none() | st.integers(1, 10)] * 2)
def test_two_periods_overlap_when_they_share_a_day(
    one: date, other: date, one_days: int | None, other_days: int | None
) -> None:
    def end(start: date, days: int | None) -> date | None:
        return date.fromordinal(start.toordinal() + days) if days else None

    def days(start: date, until: date | None) -> set[int]:
        return set(range(start.toordinal(), (until or date(2021, 1, 1)).toordinal()))

    first, second = (one, end(one, one_days)), (other, end(other, other_days))
    assert overlap(*first, *second) == bool(days(*first) & days(*second))


def test_an_adhesion_of_an_older_term_is_to_be_renewed() -> None:
    renewed = term_to_renew(2021, date(2024, 12, 6))
    assert renewed is not None
    assert renewed.year == 2024
    assert term_to_renew(2021, date(2024, 12, 5)) is None
    assert term_to_renew(2024, date(2026, 1, 1)) is None
    assert term_to_renew(None, date(2026, 1, 1)) is None


# Actions


def test_the_coordinator_records_the_mayor_and_the_event_has_no_run(cast: Cast) -> None:
    authority = record(cast)
    assert authority.recorded_by == cast.coordinator
    event = Event.objects.get(kind="authority.recorded")
    assert "Ana Pérez" in event.sentence
    assert "Alcald" in event.sentence
    assert RUNS[0] not in str(Event.objects.values())


@pytest.mark.parametrize("who", ["officer", "mayor", "reader", "analyst", "coordinator_elsewhere", "adviser_elsewhere"])
def test_nobody_else_records_authorities(cast: Cast, who: str) -> None:
    with pytest.raises(PermissionDenied):
        actions.record_authority(by=getattr(cast, who), municipality=cast.here, tenure=tenure(), now=NOW)


def test_two_mayors_on_the_same_day_are_refused_by_name(cast: Cast) -> None:
    record(cast)
    with pytest.raises(RefusedError, match="Ana Pérez"):
        record(cast, tenure("Luis Soto", RUNS[1], starts=date(2025, 1, 1)))
    record(cast, tenure("Luis Soto", RUNS[1], office=Office.ACTING_MAYOR))
    record(cast, tenure("Eva Rojas", RUNS[2], office=Office.ACTING_MAYOR))


def test_a_new_mayor_enters_the_day_after_the_former_leaves(cast: Cast) -> None:
    former = record(cast)
    new = record(
        cast,
        tenure("Luis Soto", RUNS[1], starts=date(2026, 3, 1)),
        replaces=former,
        seen=former.fingerprint,
    )
    former.refresh_from_db()
    assert (former.last_day, new.starts) == (date(2026, 2, 28), date(2026, 3, 1))
    assert "Ana Pérez" in Event.objects.get(kind="authority.replaced").sentence


def test_a_replacement_that_is_refused_ends_nobody(cast: Cast) -> None:
    former = record(cast, tenure(last_day=date(2025, 12, 31)))
    record(cast, tenure("Eva Rojas", RUNS[2], starts=date(2026, 1, 1)))
    with pytest.raises(RefusedError, match="Eva Rojas"):
        record(cast, tenure("Luis Soto", RUNS[1], starts=date(2025, 6, 1)), replaces=former)
    former.refresh_from_db()
    assert former.last_day == date(2025, 12, 31)


def test_who_replaces_someone_already_replaced_is_told(cast: Cast) -> None:
    former = record(cast)
    seen = former.fingerprint
    record(cast, tenure("Luis Soto", RUNS[1], starts=date(2026, 1, 1)), replaces=former, seen=seen)
    with pytest.raises(OvertakenError, match="31-12-2025"):
        record(cast, tenure("Eva Rojas", RUNS[2], starts=date(2026, 2, 1)), replaces=former, seen=seen)


def test_a_successor_begins_after_the_one_before(cast: Cast) -> None:
    former = record(cast)
    with pytest.raises(RefusedError, match="06-12-2024"):
        record(cast, tenure("Luis Soto", RUNS[1]), replaces=former)


def test_ending_twice_alike_is_one_ending(cast: Cast) -> None:
    authority = record(cast)
    for _ in range(2):
        actions.end_authority(by=cast.coordinator, authority=authority, last_day=date(2026, 3, 1), now=NOW)
    assert Event.objects.filter(kind="authority.ended").count() == 1
    with pytest.raises(RefusedError):
        actions.end_authority(by=cast.coordinator, authority=authority, last_day=date(2024, 1, 1), now=NOW)


def test_a_correction_of_what_changed_meanwhile_does_nothing(cast: Cast) -> None:
    authority = record(cast)
    seen = authority.fingerprint
    said = tenure("Ana Pérez Soto")
    actions.correct_authority(by=cast.coordinator, authority=authority, tenure=said, seen=seen, now=NOW)
    with pytest.raises(OvertakenError):
        actions.correct_authority(by=cast.adviser, authority=authority, tenure=tenure("Otra"), seen=seen, now=NOW)
    authority.refresh_from_db()
    assert authority.name == "Ana Pérez Soto"
    assert Event.objects.filter(kind="authority.corrected").count() == 1


def test_what_only_the_table_refuses_ends_in_words(cast: Cast) -> None:
    first = record(cast)
    said = tenure("Luis Soto", RUNS[1], starts=date(2025, 1, 1))
    with pytest.raises(RefusedError, match="Ana Pérez"), actions.constraints(cast.here, said, but=None):
        Authority.objects.create(
            municipality=cast.here,
            office=said.office,
            name=said.name,
            run=said.run,
            starts=said.starts,
            recorded_at=NOW,
        )
    assert Authority.objects.get() == first


def test_two_people_record_two_mayors_at_once_and_one_is_told(transactional_db: None) -> None:
    stage = assemble()
    start, outcomes = Barrier(2), list[str]()

    def run(name: str, run: str) -> None:
        start.wait()
        try:
            actions.record_authority(
                by=stage.coordinator,
                municipality=Municipality.objects.get(pk=stage.here.pk),
                tenure=tenure(name, run),
                now=NOW,
            )
            outcomes.append("recorded")
        except RefusedError as refusal:
            outcomes.append(str(refusal))
        finally:
            connection.close()

    threads = [Thread(target=run, args=pair) for pair in (("Ana Pérez", RUNS[0]), ("Luis Soto", RUNS[1]))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    mayor = Authority.objects.get()
    assert "recorded" in outcomes
    assert any(mayor.name in outcome for outcome in outcomes)


# Pages


def sent(**fields: str) -> dict[str, str]:
    return {
        "office": "mayor",
        "name": "Ana Pérez",
        "run": "12.345.678-5",
        "starts": "2024-12-06",
        "decree": "Decreto 1",
        **fields,
    }


def test_the_run_is_whole_only_for_those_who_record(client: Client, cast: Cast) -> None:
    record(cast)
    assert "12.345.678-5" in text(sign_in(client, cast.coordinator))
    shown = text(sign_in(client, cast.reader))
    assert "••.•••.678-5" in shown
    assert "12.345" not in shown
    assert "12.345" not in text(sign_in(client, cast.analyst))


def test_a_stranger_sees_nothing(client: Client, cast: Cast) -> None:
    assert sign_in(client, cast.coordinator_elsewhere).get(PAGE).status_code == 404
    assert sign_in(client, cast.officer).get(PAGE + "agregar/").status_code == 403


def test_the_coordinator_records_with_the_decree(client: Client, cast: Cast) -> None:
    sign_in(client, cast.coordinator)
    pdf = SimpleUploadedFile("decreto.pdf", typst.compile(b"Decreto 1"), "application/pdf")
    assert client.post(PAGE + "agregar/", {**sent(), "decree_file": pdf}).status_code == 302
    authority = Authority.objects.get()
    document = authority.decree_document
    assert document is not None
    assert (document.kind, document.uploaded_by) == (DocumentKind.DECREE, cast.coordinator)
    assert f"/documentos/{document.key}/" in client.get(PAGE).content.decode()


def test_a_large_decree_reaches_the_form(client: Client, cast: Cast) -> None:
    authority = record(cast)
    sign_in(client, cast.coordinator)
    for page in ("agregar/", f"{authority.pk}/reemplazar/", f"{authority.pk}/corregir/"):
        file = SimpleUploadedFile("decreto.pdf", b"MZ" * (3 * 2**20), "application/pdf")
        assert client.post(PAGE + page, {**sent(), "decree_file": file}).status_code != 413


def test_a_decree_that_is_no_pdf_records_nobody(client: Client, cast: Cast) -> None:
    sign_in(client, cast.coordinator)
    file = SimpleUploadedFile("decreto.pdf", b"MZ" * 100, "application/pdf")
    page = client.post(PAGE + "agregar/", {**sent(), "decree_file": file}).content.decode()
    assert 'href="#id_decree_file"' in page
    assert not Authority.objects.exists()


def test_a_wrong_run_stays_in_the_form_with_its_reason(client: Client, cast: Cast) -> None:
    sign_in(client, cast.coordinator)
    page = client.post(PAGE + "agregar/", sent(run="12.345.678-6")).content.decode()
    assert "dígito verificador" in page
    assert 'value="12.345.678-6"' in page
    assert not Authority.objects.exists()


def test_the_page_of_the_successor_keeps_the_office(client: Client, cast: Cast) -> None:
    former = record(cast)
    sign_in(client, cast.adviser)
    address = f"{PAGE}{former.pk}/reemplazar/"
    assert client.get(address).status_code == 200
    fields = sent(name="Luis Soto", run=RUNS[1], starts="01-03-2026", office="secretary", seen=former.fingerprint)
    assert client.post(address, fields).status_code == 302
    assert Authority.objects.get(name="Luis Soto").office == Office.MAYOR


def test_who_comes_second_keeps_the_text_and_decides_again(client: Client, cast: Cast) -> None:
    authority = record(cast)
    sign_in(client, cast.coordinator)
    address = f"{PAGE}{authority.pk}/corregir/"
    fields = sent(name="Ana P.", seen="old")
    answer = client.post(address, fields)
    assert answer.status_code == 409
    page = answer.content.decode()
    assert 'value="Ana P."' in page
    assert f'value="{authority.fingerprint}"' in page
    assert client.post(address, {**fields, "seen": authority.fingerprint}).status_code == 302


def test_ending_leaves_the_office_without_data(client: Client, cast: Cast) -> None:
    authority = record(cast)
    sign_in(client, cast.coordinator)
    fields = {"last_day": "2025-12-31", "seen": authority.fingerprint}
    assert client.post(f"{PAGE}{authority.pk}/terminar/", fields).status_code == 302
    shown = text(client)
    assert "sin dato" in shown
    assert "31-12-2025" in shown


def test_an_authority_of_elsewhere_is_not_reached_through_here(client: Client, cast: Cast) -> None:
    other = actions.record_authority(
        by=cast.coordinator_elsewhere, municipality=cast.elsewhere, tenure=tenure(), now=NOW
    )
    sign_in(client, cast.coordinator)
    for page in ("reemplazar", "corregir", "terminar"):
        assert client.get(f"{PAGE}{other.pk}/{page}/").status_code == 404


def test_an_adhesion_of_an_older_term_asks_for_a_new_act(client: Client, cast: Cast) -> None:
    sign_in(client, cast.coordinator)
    assert "firmarse de nuevo" not in text(client)
    Adhesion.objects.create(
        municipality=cast.here,
        term_year=2021,
        state=AdhesionState.IN_FORCE,
        state_since=NOW,
        created_at=NOW,
        in_force_from=date(2022, 1, 1),
    )
    record(cast)
    shown = text(client)
    assert "firmarse de nuevo" in shown
    assert "2021-2024" in shown


def test_a_municipality_does_not_rewrite_who_signed_its_act_and_the_council_may(cast: Cast) -> None:
    adhesion = adhesions.adhesion(cast.here, AdhesionState.UNDER_REVIEW, by=cast.coordinator)
    named = adhesion.acts.get().authority
    said = tenure("Otro Nombre", RUNS[1])
    with pytest.raises(RefusedError, match="acta firmada"):
        actions.correct_authority(by=cast.coordinator, authority=named, tenure=said, seen=named.fingerprint, now=NOW)
    corrected = actions.correct_authority(
        by=cast.administrator, authority=named, tenure=said, seen=named.fingerprint, now=NOW
    )
    assert corrected.name == "Otro Nombre"
