"""The words of mails: rules of fields, the texts that the portal brings, and the pages on which staff edit them."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Event
from municipalities.actions import OvertakenError, RefusedError
from municipalities.actions import mails as actions
from municipalities.actions.adhesions import open_adhesion
from municipalities.choices import MailKind, MailState
from municipalities.imports.mail_templates import load_mail_templates
from municipalities.models import Mail, MailTemplate
from municipalities.notifications.outbox import queue
from municipalities.notifications.recipients import Recipient
from municipalities.notifications.words import preview, shipped
from municipalities.rules import mail_states
from municipalities.rules.mail_templates import MEANINGS, fields_of, render, unknown, used
from tests.cast import Cast, sign_in

NOW = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
KIND = MailKind.ACT_ISSUED
ADDRESS = f"/consejo/correos/textos/{KIND}/"


# --- Rules ----------------------------------------------------------------------------------------------------------


def test_a_paragraph_whose_fields_are_all_empty_is_left_out() -> None:
    text = "Uno {folio}\n\nMotivo: {motivo}\n\nFin"
    assert render(KIND, "s", text, {"folio": "7"}).body == "Uno 7\n\nFin"


def test_a_paragraph_with_one_word_to_say_stays() -> None:
    assert render(KIND, "s", "El acta {folio} de {municipio}", {"municipio": "Lota"}).body == "El acta de Lota"


def test_fields_without_a_word_are_named() -> None:
    assert render(KIND, "{municipio}", "{folio} {nada}", {"municipio": "Lota"}).missing == ("folio", "nada")


def test_a_field_of_another_kind_is_unknown_and_so_is_a_lonely_brace() -> None:
    assert unknown(MailKind.DIGEST, "{tareas} {folio} {") == ["{folio}", "{"]
    assert unknown(KIND, "{Folio}") == ["{"]


@given(st.text(), st.text(), st.dictionaries(st.sampled_from(list(MEANINGS)), st.text()))
def test_no_text_and_no_word_makes_rendering_fail(subject: str, body: str, words: dict[str, str]) -> None:
    rendered = render(KIND, subject, body, words)
    assert "\n" not in rendered.subject
    assert len(rendered.subject) <= 200


@given(st.dictionaries(st.sampled_from(["motivo", "quien"]), st.from_regex(r"\{[a-z_]+\}", fullmatch=True)))
def test_a_word_that_is_itself_a_field_is_not_filled(words: dict[str, str]) -> None:
    rendered = render(KIND, "x", "a {motivo} b {quien}", words)
    assert all(word in rendered.body for word in words.values())


# --- What the portal brings -----------------------------------------------------------------------------------------


def test_every_kind_has_a_text_with_known_fields_only() -> None:
    texts = shipped()
    assert set(texts) == set(MailKind)
    for kind, text in texts.items():
        assert unknown(kind, f"{text.subject}\n{text.body}") == []
        assert len(text.subject) <= 150


def test_every_text_says_whom_it_greets_and_where_to_go_on() -> None:
    for kind, text in shipped().items():
        assert used(text.body)[0] == "saludo", kind
        assert "enlace" in used(text.body), kind


def test_the_texts_are_plain() -> None:
    for kind, text in shipped().items():
        assert not re.search(r"[!¡]|exitosamente|\bte\b|\btu\b", text.body), kind


@pytest.mark.django_db
def test_loading_brings_the_texts_and_leaves_what_staff_edited(cast: Cast) -> None:
    first = load_mail_templates()
    assert (first.added, first.changed, first.unchanged) == (len(MailKind), (), 0)
    actions.save_template(
        by=cast.administrator, kind=KIND, subject="Otro", body="Otro {enlace}", seen=seen_of(KIND), now=NOW
    )
    MailTemplate.objects.filter(kind=MailKind.DIGEST).update(body="De una versión anterior")
    second = load_mail_templates()
    assert (second.added, second.kept, len(second.changed)) == (0, 1, 1)
    assert MailTemplate.objects.get(kind=KIND).subject == "Otro"
    assert MailTemplate.objects.get(kind=MailKind.DIGEST).body == shipped()[MailKind.DIGEST].body
    assert not load_mail_templates().touched


@pytest.mark.django_db
@pytest.mark.parametrize("kind", MailKind)
def test_every_text_can_be_previewed_for_a_municipality_before_anything_happened_there(
    cast: Cast, kind: MailKind
) -> None:
    shown = preview(shipped()[kind], kind, municipality=cast.here, by=cast.administrator, now=NOW)
    assert set(shown.missing) <= {"campana", "contacto"}
    assert "{" not in shown.subject + shown.body
    assert not Mail.objects.exists()


# --- Editing --------------------------------------------------------------------------------------------------------


def seen_of(kind: MailKind) -> str:
    return actions.version(actions.template_of(kind, now=NOW))


@pytest.mark.django_db
def test_an_unknown_field_is_refused(cast: Cast) -> None:
    with pytest.raises(RefusedError, match="tareas"):
        actions.save_template(by=cast.administrator, kind=KIND, subject="x", body="{tareas}", seen="", now=NOW)


@pytest.mark.django_db
def test_only_administrators_change_texts(cast: Cast) -> None:
    with pytest.raises(PermissionDenied):
        actions.save_template(by=cast.adviser, kind=KIND, subject="x", body="y", seen="", now=NOW)
    with pytest.raises(PermissionDenied):
        actions.restore_template(by=cast.adviser, kind=KIND, seen="", now=NOW)


@pytest.mark.django_db
def test_of_two_editors_the_second_is_told(cast: Cast) -> None:
    seen = seen_of(KIND)
    actions.save_template(by=cast.administrator, kind=KIND, subject="Uno", body="uno", seen=seen, now=NOW)
    with pytest.raises(OvertakenError, match="Administradora"):
        actions.save_template(by=cast.administrator, kind=KIND, subject="Dos", body="dos", seen=seen, now=NOW)
    assert MailTemplate.objects.get(kind=KIND).subject == "Uno"


@pytest.mark.django_db
def test_the_shipped_text_comes_back(cast: Cast) -> None:
    actions.save_template(by=cast.administrator, kind=KIND, subject="Uno", body="uno", seen="", now=NOW)
    restored = actions.restore_template(by=cast.administrator, kind=KIND, seen=seen_of(KIND), now=NOW)
    assert (restored.subject, restored.body) == shipped()[KIND]
    assert restored.updated_by is None
    kinds = Event.objects.filter(kind__startswith="mail.").order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["mail.template_changed", "mail.template_restored"]


# --- Pages ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def staff(client: Client, cast: Cast) -> Client:
    return sign_in(client, cast.administrator)


def typed(cast: Cast, **changes: str) -> dict[str, str]:
    return {
        "subject": "Acta de {municipio}",
        "body": "Hola\r\n\r\n{enlace}",
        "municipality": cast.here.pk,
        "seen": seen_of(KIND),
        "do": "save",
    } | changes


@pytest.mark.django_db
def test_a_text_is_edited_in_the_browser_and_read_back(staff: Client, cast: Cast) -> None:
    answer = staff.post(ADDRESS, typed(cast), follow=True)
    assert "El texto se guardó" in answer.content.decode()
    template = MailTemplate.objects.get(kind=KIND)
    assert (template.subject, template.body) == ("Acta de {municipio}", "Hola\n\n{enlace}")
    assert template.updated_by == cast.administrator


@pytest.mark.django_db
def test_a_preview_shows_a_real_municipality_and_saves_nothing(staff: Client, cast: Cast) -> None:
    page = staff.post(ADDRESS, typed(cast, do="preview", municipality=cast.elsewhere.pk)).content.decode()
    assert "Acta de Queilen" in page
    assert not MailTemplate.objects.exists()


@pytest.mark.django_db
def test_an_unknown_field_keeps_what_was_typed(staff: Client, cast: Cast) -> None:
    answer = staff.post(ADDRESS, typed(cast, body="Hola {tareas}"))
    assert answer.status_code == 400
    assert "no tiene el campo {tareas}" in answer.content.decode()
    assert "Hola {tareas}</textarea>" in answer.content.decode()


@pytest.mark.django_db
def test_the_overtaken_editor_sees_both_texts_and_may_then_decide(staff: Client, cast: Cast) -> None:
    mine = typed(cast, body="El mío {enlace}")
    actions.save_template(by=cast.administrator, kind=KIND, subject="s", body="El de ella", seen=mine["seen"], now=NOW)
    answer = staff.post(ADDRESS, mine)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "El de ella" in page
    assert "El mío {enlace}</textarea>" in page
    again = staff.post(ADDRESS, {**mine, "seen": answer.context["form"]["seen"].value()})
    assert again.status_code == 302
    assert MailTemplate.objects.get(kind=KIND).body == "El mío {enlace}"


@pytest.mark.django_db
def test_an_adviser_reads_the_texts_and_has_no_form(client: Client, cast: Cast) -> None:
    page = sign_in(client, cast.adviser).get(ADDRESS).content.decode()
    assert "<textarea" not in page
    assert "Cabo de Hornos" in page


# --- The log --------------------------------------------------------------------------------------------------------


@pytest.fixture
def mail(cast: Cast) -> Mail:
    adhesion = open_adhesion(by=None, municipality=cast.here, now=NOW)
    made = queue(MailKind.ADHESION_VERIFIED, to=Recipient("ana@muni.cl", "Ana Soto"), now=NOW, adhesion=adhesion)
    assert made is not None
    return made


@pytest.mark.django_db
def test_the_log_shows_advisers_the_mails_of_their_scope(client: Client, cast: Cast, mail: Mail) -> None:
    page = sign_in(client, cast.adviser).get("/consejo/correos/").content.decode()
    assert "ana@muni.cl" in page
    page = sign_in(client, cast.adviser_elsewhere).get("/consejo/correos/").content.decode()
    assert "ana@muni.cl" not in page
    assert client.get(mail.get_absolute_url()).status_code == 404


@pytest.mark.django_db
def test_the_log_is_narrowed_by_kind_state_and_municipality(staff: Client, cast: Cast, mail: Mail) -> None:
    def shown(query: str) -> bool:
        return "ana@muni.cl" in staff.get(f"/consejo/correos/?{query}").content.decode()

    assert shown("estado=queued&tipo=adhesion_verified&municipio=12201")
    assert not shown("estado=sent")
    assert not shown("tipo=digest")
    assert not shown("municipio=10207")
    assert shown("estado=disparate&campana=99")


@pytest.mark.django_db
def test_the_page_of_a_mail_shows_exactly_its_text(staff: Client, mail: Mail) -> None:
    page = staff.get(mail.get_absolute_url())
    assert "Estimada o estimado Ana Soto:" in page.content.decode()
    assert [step.code for step in page.context["steps"]] == ["cancelar"]


def decide(client: Client, mail: Mail, code: str, **data: str) -> int:
    return client.post(f"{mail.get_absolute_url()}{code}/", {"seen": mail.state, **data}).status_code


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("start", "code", "end"),
    [(start, step.code, step.end) for step in mail_states.TABLE for start in sorted(step.starts)],
)
def test_staff_decide_as_the_table_says(staff: Client, mail: Mail, start: str, code: str, end: str) -> None:
    Mail.objects.filter(pk=mail.pk).update(state=start, sent_at=NOW, claimed_at=NOW, attempts=3)
    mail.refresh_from_db()
    assert decide(staff, mail, code, reason="No existe") == 302
    mail.refresh_from_db()
    assert mail.state == end
    assert Event.objects.filter(subject_id=str(mail.pk), kind__startswith="mail.").count() == 1


@pytest.mark.django_db
def test_a_mail_that_came_back_needs_a_reason_which_is_kept(staff: Client, mail: Mail) -> None:
    Mail.objects.filter(pk=mail.pk).update(state=MailState.SENT, sent_at=NOW)
    mail.refresh_from_db()
    assert decide(staff, mail, "devuelto") == 400
    assert decide(staff, mail, "devuelto", reason="Casilla llena") == 302
    mail.refresh_from_db()
    assert mail.last_error == "Casilla llena"
    assert mail.bounced_at is not None


@pytest.mark.django_db
def test_who_decides_on_an_older_state_is_told_and_nothing_happens(staff: Client, mail: Mail) -> None:
    Mail.objects.filter(pk=mail.pk).update(state=MailState.SENDING)
    answer = staff.post(f"{mail.get_absolute_url()}cancelar/", {"seen": "queued"})
    assert answer.status_code == 409
    assert "Mientras tanto" in answer.content.decode()
    mail.refresh_from_db()
    assert mail.state == MailState.SENDING


@pytest.mark.django_db
def test_an_adviser_reads_and_does_not_decide(client: Client, cast: Cast, mail: Mail) -> None:
    adviser = sign_in(client, cast.adviser)
    assert not adviser.get(mail.get_absolute_url()).context["steps"]
    assert decide(adviser, mail, "cancelar") == 403


def test_fields_are_explained_in_one_order() -> None:
    assert fields_of(MailKind.DIGEST) == ("saludo", "enlace", "tareas")
