"""The council's editor of instruments, and the pages on which everyone reads them."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from diagnostics.actions import instruments as actions
from diagnostics.choices import EditionState
from diagnostics.models import InstrumentVersion
from diagnostics.reports.answers import instrument_of
from diagnostics.rules import instrument_file
from diagnostics.rules.instrument import Question, QuestionKind
from municipalities.actions import OvertakenError, RefusedError
from tests.cast import Cast, sign_in
from tests.diagnostics.factories import DATA, NOW, instrument, version

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client: Client, cast: Cast) -> Client:
    return sign_in(client, cast.administrator)


def begin(cast: Cast) -> InstrumentVersion:
    return actions.begin_draft(by=cast.administrator, source=version(), now=NOW)


def page(name: str, *arguments: Any) -> str:
    return reverse(f"diagnostics:{name}", args=arguments)


def fields(client: Client, address: str) -> dict[str, Any]:
    """What the editor's page would send back untouched."""
    editor = client.get(address).context["editor"]
    forms = [editor.form, *(form for rows in editor.rows.values() for form in (rows.management_form, *rows))]
    found = {field.html_name: field.value() for form in forms for field in form}
    return {
        name: "on" if value is True else value
        for name, value in found.items()
        if value is not None and value is not False
    }


def test_a_draft_begins_with_the_words_of_another_and_there_is_one_at_a_time(staff: Client, cast: Cast) -> None:
    source = version()
    staff.post(page("instruments"), {"source": source.pk})
    draft = InstrumentVersion.objects.get(state=EditionState.DRAFT)
    year = timezone.localdate().year
    assert (draft.version, draft.title) == ("2026.2" if year == 2026 else f"{year}.1", source.title)
    with pytest.raises(RefusedError):
        actions.begin_draft(by=cast.administrator, source=source, now=NOW)


def test_a_file_goes_up_and_comes_down_the_same(staff: Client) -> None:
    text = instrument_file.write(instrument())
    staff.post(page("instrument_upload"), {"file": SimpleUploadedFile("x.yaml", text.encode())})
    draft = InstrumentVersion.objects.get()
    assert draft.state == EditionState.DRAFT
    assert staff.get(page("instrument_download", draft.pk)).content.decode() == text
    assert draft.checksum == instrument_file.checksum(instrument())


def test_a_faulty_file_is_refused_with_every_fault(staff: Client) -> None:
    text = (
        instrument_file.write(instrument()).replace("kind: level", "kind: escala").replace("title: Ins", "titulo: Ins")
    )
    answer = staff.post(page("instrument_upload"), {"file": SimpleUploadedFile("x.yaml", text.encode())})
    assert len(answer.context["form"].non_field_errors()) == 3
    assert not InstrumentVersion.objects.exists()


def test_every_page_of_a_draft_opens_and_saving_untouched_changes_nothing(staff: Client, cast: Cast) -> None:
    draft = begin(cast)
    for name in (
        "instrument_edit",
        "instrument_preview",
        "instrument_compare",
        "instrument_publish",
        "instrument_discard",
    ):
        assert staff.get(page(name, draft.pk)).status_code == 200
    for address in (
        page("instrument_front", draft.pk),
        *(
            page("instrument_part", draft.pk, part)
            for part in ("transparencia", "activa", "t1", "t3", "t4", "p1", "p3")
        ),
    ):
        assert staff.post(address, fields(staff, address)).status_code == 302
    draft.refresh_from_db()
    assert draft.content == instrument_file.to_data(instrument()) | {"version": "2026.2"}


def test_parts_are_added_changed_moved_and_taken_out(staff: Client, cast: Cast) -> None:
    draft = begin(cast)
    staff.post(page("instrument_add", draft.pk), {"id": "nueva", "name": "Nueva"})
    staff.post(page("instrument_add_to", draft.pk, "nueva"), {"id": "tema", "name": "Tema"})
    staff.post(page("instrument_add_to", draft.pk, "tema"), {"id": "n1", "kind": "yes_no", "text": "¿Sí?"})
    address = page("instrument_part", draft.pk, "n1")
    staff.post(address, fields(staff, address) | {"id": "n2", "weight": "1,5"})
    staff.post(page("instrument_move", draft.pk, "nueva"), {"to": "up"})
    content = instrument_of(InstrumentVersion.objects.get(pk=draft.pk))
    assert [dimension.id for dimension in content.dimensions] == ["transparencia", "nueva", "participacion"]
    assert str(content.by_id["n2"].weight) == "1.5"
    address = page("instrument_remove", draft.pk, "nueva")
    seen = staff.get(address).context["form"]["seen"].value()
    staff.post(address, {"seen": seen})
    assert "n2" not in instrument_of(InstrumentVersion.objects.get(pk=draft.pk)).by_id


def test_an_identifier_that_is_taken_or_published_is_refused(staff: Client, cast: Cast) -> None:
    draft = begin(cast)
    answer = staff.post(page("instrument_add", draft.pk), {"id": "t1", "name": "Otra"})
    assert "t1" in str(answer.context["form"].non_field_errors())
    address = page("instrument_part", draft.pk, "t1")
    staff.post(address, fields(staff, address) | {"id": "otro"})
    assert "t1" in instrument_of(InstrumentVersion.objects.get(pk=draft.pk)).by_id


def test_two_editors_of_one_question_see_both_texts_and_of_two_questions_none_waits(staff: Client, cast: Cast) -> None:
    draft = begin(cast)
    address, other = page("instrument_part", draft.pk, "t1"), page("instrument_part", draft.pk, "t2")
    mine, elsewhere = fields(staff, address), fields(staff, other)
    assert staff.post(address, mine | {"text": "La de ella"}).status_code == 302
    assert staff.post(other, elsewhere | {"text": "Otra pregunta"}).status_code == 302
    conflict = staff.post(address, mine | {"text": "La de él"})
    assert conflict.status_code == 409
    html = conflict.content.decode()
    assert "La de él" in html
    assert "La de ella" in "".join(piece.text for line in conflict.context["theirs"] for piece in line.pieces)
    # Sent again from that page it is a decision.
    again = mine | {"text": "La de él", "seen": conflict.context["editor"].form["seen"].value()}
    assert staff.post(address, again).status_code == 302
    content = instrument_of(InstrumentVersion.objects.get(pk=draft.pk))
    assert (content.by_id["t1"].text, content.by_id["t2"].text) == ("La de él", "Otra pregunta")


def test_a_draft_with_problems_lists_them_as_links_and_is_not_published(staff: Client, cast: Cast) -> None:
    draft = begin(cast)
    actions.move_part(by=cast.administrator, draft=draft, name="t3", up=True, now=NOW)
    html = staff.get(page("instrument_edit", draft.pk)).content.decode()
    assert page("instrument_part", draft.pk, "t3") in html.split("problems", 1)[1].split("</section>", 1)[0]
    draft.refresh_from_db()
    with pytest.raises(RefusedError):
        actions.publish(by=cast.administrator, draft=draft, seen=draft.updated_at, note="", now=NOW)


def test_publishing_replaces_the_version_before_and_tells_what_changed(staff: Client, cast: Cast) -> None:
    before = version()
    draft = begin(cast)
    address = page("instrument_part", draft.pk, "t1")
    staff.post(address, fields(staff, address) | {"text": "Otra pregunta"})
    address = page("instrument_publish", draft.pk)
    shown = staff.get(address)
    assert [(change.kind, change.name) for change in shown.context["changes"]] == [("changed", ""), ("changed", "t1")]
    staff.post(address, {"seen": shown.context["form"]["seen"].value(), "note": "Mejora"})
    draft.refresh_from_db()
    before.refresh_from_db()
    assert (draft.state, draft.note, before.state) == (EditionState.PUBLISHED, "Mejora", EditionState.RETIRED)


def test_a_draft_that_changed_since_it_was_read_is_not_published(cast: Cast) -> None:
    draft = begin(cast)
    seen = draft.updated_at
    actions.move_part(by=cast.administrator, draft=draft, name="p3", up=True, now=NOW.replace(hour=20))
    with pytest.raises(OvertakenError):
        actions.publish(by=cast.administrator, draft=draft, seen=seen, note="", now=NOW)
    with pytest.raises(OvertakenError):
        actions.discard_draft(by=cast.administrator, draft=draft, seen=seen, now=NOW)


def test_a_question_that_means_something_else_needs_a_new_identifier(cast: Cast) -> None:
    draft = begin(cast)
    content = instrument_of(draft)
    actions.remove_part(
        by=cast.administrator, draft=draft, name="p2", seen=actions.seen_of(content, "p2", whole=True), now=NOW
    )
    new = Question("p2", QuestionKind.YES_NO, "¿Hubo sesión?")
    actions.add_part(by=cast.administrator, draft=draft, owner="cosoc", new=new, now=NOW)
    draft.refresh_from_db()
    assert [problem.where for problem in actions.problems(draft)] == ["p2"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE diagnostics_instrumentversion SET content = '{}'",
        "UPDATE diagnostics_instrumentversion SET checksum = 'x'",
        "UPDATE diagnostics_instrumentversion SET version = '2030.1'",
        "DELETE FROM diagnostics_instrumentversion",
    ],
)
def test_the_database_itself_refuses_to_change_a_published_version(statement: str) -> None:
    version()
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert InstrumentVersion.objects.get().content == DATA | {"note": "Solo para pruebas."}


def test_no_page_writes_a_published_version(staff: Client) -> None:
    published = version()
    name = "t1"
    form = {"id": name, "kind": "level", "text": "Otra", "weight": "1", "effort": "2", "any_of": "all"}
    seen = actions.seen_of(instrument_of(published), name)
    staff.post(page("instrument_part", published.pk, name), form | {"seen": seen})
    staff.post(page("instrument_move", published.pk, name), {"to": "down"})
    staff.post(page("instrument_add", published.pk), {"id": "nueva", "name": "Nueva"})
    published.refresh_from_db()
    assert instrument_of(published) == instrument()


def test_only_those_who_manage_instruments_reach_the_editor(client: Client, cast: Cast) -> None:
    published = version()
    for who in (cast.adviser, cast.analyst, cast.coordinator):
        sign_in(client, who)
        assert client.get(page("instruments")).status_code == 403
        assert client.get(page("instrument_edit", published.pk)).status_code == 403


def test_everyone_reads_and_downloads_published_versions_and_no_draft(client: Client, cast: Cast) -> None:
    draft = begin(cast)
    assert "2026.1" in client.get(page("instrument_list")).content.decode()
    html = client.get(page("instrument_public", "prueba", "2026.1")).content.decode()
    assert "Se pregunta solo si “¿Tiene portal propio?” es Sí." in html
    assert "Solo para pruebas." in html
    assert "nivel 3: en desarrollo" in html
    assert client.get(page("instrument_file", "prueba", "2026.1")).content.decode() == instrument_file.write(
        instrument()
    )
    assert client.get(page("instrument_schema")).json()["type"] == "object"
    assert client.get(page("instrument_public", "prueba", draft.version)).status_code == 404
    assert client.get(page("instrument_file", "prueba", draft.version)).status_code == 404
