"""One step for many municipalities: preview, change, undo."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Event, User
from municipalities.actions import RefusedError, bulk
from municipalities.actions.adhesions import move, open_adhesion
from municipalities.actions.bulk_undo import undo
from municipalities.choices import AdhesionState as S
from municipalities.choices import BulkKind, MailKind, MailState
from municipalities.models import Adhesion, AdviserScope, BulkChange, Contact, Mail, Municipality
from municipalities.rules.bulk import STEPS, LeftOut, Situation, left_out
from tests.cast import Cast, sign_in
from tests.municipalities.test_desk import adhesion

NOW = timezone.now()
BULK = "/consejo/adhesiones/accion/"
INVITE = bulk.Order(BulkKind.INVITE)


def change(by: User, order: bulk.Order, seen: dict[str, str], token: UUID | None = None) -> BulkChange:
    return bulk.change(by=by, order=order, seen=seen, token=token or uuid4(), now=NOW)


def outcome(made: BulkChange) -> dict[str, str]:
    """By CUT: "done", or why not."""
    return {row["cut"]: row.get("why", "done") for row in made.rows}


def text(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page[page.index("<main") : page.index("</main>")]))


def confirm(client: Client, page: str, **more: str) -> str:
    """Press the button of a preview; give the page that follows."""
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.partition("<main")[2]))
    return client.post(BULK, {**fields, "confirmar": "1", **more}, follow=True).content.decode()


# --- The rule ---------------------------------------------------------------------------------------------------------


@given(
    st.sampled_from(BulkKind),
    st.one_of(st.none(), st.sampled_from(S)),
    st.booleans(),
    st.booleans(),
    st.one_of(st.none(), st.sampled_from(S)),
)
def test_every_situation_has_an_answer(kind: BulkKind, state: S | None, email: bool, again: bool, to: S | None) -> None:
    why = left_out(kind, Situation(state, has_email=email, reminded=again), to=to)
    assert why is None or why in LeftOut
    if kind == BulkKind.STEP and why is None:
        assert (state or S.PROSPECT, to) in STEPS
    if kind in {BulkKind.INVITE, BulkKind.REMIND} and not email:
        assert why is not None


@pytest.mark.parametrize("to", [S.INVITED, S.ACT_ISSUED, S.SIGNED, S.RETURNED, S.VERIFIED, S.CONCLUDED])
def test_what_needs_a_look_at_each_file_is_not_done_in_bulk(to: S) -> None:
    for state in S:
        assert left_out(BulkKind.STEP, Situation(state), to=to) in {LeftOut.NO_STEP, LeftOut.ONE_BY_ONE}


# --- Inviting ---------------------------------------------------------------------------------------------------------


def test_inviting_opens_moves_and_writes_the_mails(cast: Cast) -> None:
    adhesion(cast.elsewhere, S.PROSPECT, days=3)
    made = change(cast.administrator, INVITE, {cast.here.pk: "", cast.elsewhere.pk: "prospect"})
    assert outcome(made) == {cast.here.pk: "done", cast.elsewhere.pk: "done"}
    assert set(Adhesion.objects.values_list("state", "state_since")) == {(S.INVITED, NOW)}
    mails = Mail.objects.filter(kind=MailKind.ADHESION_INVITATION)
    assert {mail.to for mail in mails} == {
        cast.coordinator.email,
        cast.mayor.email,
        cast.coordinator_elsewhere.email,
    }
    told = Event.objects.filter(kind="adhesion.moved", municipality_cut=cast.here.pk).get()
    assert (told.data, told.actor_id) == ({"start": "prospect", "end": "invited"}, cast.administrator.pk)


def test_where_nobody_can_be_written_to_nobody_is_invited(cast: Cast) -> None:
    cast.coordinator_elsewhere.memberships.all().delete()
    made = change(cast.administrator, INVITE, {cast.here.pk: "", cast.elsewhere.pk: ""})
    assert outcome(made) == {cast.here.pk: "done", cast.elsewhere.pk: "no_email"}
    assert not Adhesion.objects.filter(municipality=cast.elsewhere).exists()
    Contact.objects.create(municipality=cast.elsewhere, name="x", email="X@ejemplo.cl", is_main=True, recorded_at=NOW)
    assert outcome(change(cast.administrator, INVITE, {cast.elsewhere.pk: ""})) == {cast.elsewhere.pk: "done"}
    assert Mail.objects.filter(to="x@ejemplo.cl").count() == 1


def test_a_concluded_adhesion_is_followed_by_a_new_one_and_a_withdrawn_one_is_not(cast: Cast) -> None:
    old = adhesion(cast.here, S.CONCLUDED, days=500, term_year=2021)
    adhesion(cast.elsewhere, S.WITHDRAWN, days=5)
    made = change(cast.administrator, INVITE, {cast.here.pk: "concluded", cast.elsewhere.pk: "withdrawn"})
    assert outcome(made) == {cast.here.pk: "done", cast.elsewhere.pk: "withdrew"}
    assert Adhesion.objects.get(municipality=cast.here, state=S.INVITED).previous == old


def test_the_same_token_is_one_change(cast: Cast) -> None:
    token = uuid4()
    first = change(cast.administrator, INVITE, {cast.here.pk: ""}, token)
    again = change(cast.administrator, INVITE, {cast.here.pk: "", cast.elsewhere.pk: ""}, token)
    assert first == again
    assert BulkChange.objects.count() == 1
    assert Mail.objects.count() == 2
    assert not Adhesion.objects.filter(municipality=cast.elsewhere).exists()


def test_what_was_overtaken_is_reported_and_the_others_go_on(cast: Cast) -> None:
    one = adhesion(cast.here, S.PROSPECT)
    move(by=cast.administrator, adhesion=one, to=S.WITHDRAWN, now=NOW, reason="No quieren")
    made = change(cast.administrator, INVITE, {cast.here.pk: "prospect", cast.elsewhere.pk: ""})
    assert outcome(made) == {cast.here.pk: "withdrew", cast.elsewhere.pk: "done"}
    step = bulk.Order(BulkKind.STEP, to=S.CONVERSING)
    assert outcome(change(cast.administrator, step, {cast.elsewhere.pk: "prospect"})) == {
        cast.elsewhere.pk: "overtaken"
    }


def test_nothing_outside_the_scope_is_reached(cast: Cast) -> None:
    made = change(cast.adviser, INVITE, {cast.here.pk: "", cast.elsewhere.pk: "", "99999": ""})
    assert outcome(made) == {cast.here.pk: "done", cast.elsewhere.pk: "not_found", "99999": "not_found"}


@pytest.mark.parametrize("who", ["analyst", "coordinator", "mayor", "citizen"])
def test_who_may_not_promote_does_not_invite(cast: Cast, who: str) -> None:
    with pytest.raises(PermissionDenied):
        change(getattr(cast, who), INVITE, {cast.here.pk: ""})
    assert not BulkChange.objects.exists()


# --- Assigning, reminding, changing the state ---------------------------------------------------------------------------


def assign(cast: Cast, adviser: User) -> bulk.Order:
    return bulk.Order(BulkKind.ASSIGN, adviser=adviser)


def test_an_adviser_who_is_assigned_sees_the_municipality(cast: Cast) -> None:
    made = change(cast.administrator, assign(cast, cast.adviser), {cast.here.pk: "", cast.elsewhere.pk: ""})
    assert outcome(made) == {cast.here.pk: "done", cast.elsewhere.pk: "done"}
    assert set(Adhesion.objects.values_list("adviser", flat=True)) == {cast.adviser.pk}
    # Their region covered the first already.
    assert AdviserScope.objects.get(user=cast.adviser, municipality__isnull=False).municipality == cast.elsewhere
    assert Municipality.objects.visible_to(cast.adviser).count() == 2


def test_an_assignment_made_meanwhile_is_not_written_over(cast: Cast) -> None:
    adhesion(cast.here, adviser=cast.adviser_elsewhere)
    made = change(cast.administrator, assign(cast, cast.adviser), {cast.here.pk: ""})
    assert outcome(made) == {cast.here.pk: "overtaken"}
    seen = {cast.here.pk: str(cast.adviser_elsewhere.pk)}
    assert outcome(change(cast.administrator, assign(cast, cast.adviser), seen)) == {cast.here.pk: "done"}
    assert outcome(change(cast.administrator, assign(cast, cast.adviser), {cast.here.pk: "x"})) == {
        cast.here.pk: "same_adviser"
    }


def test_an_adviser_assigns_nobody(cast: Cast) -> None:
    with pytest.raises(PermissionDenied):
        change(cast.adviser, assign(cast, cast.adviser), {cast.here.pk: ""})


def test_nobody_gets_the_same_reminder_twice(cast: Cast) -> None:
    adhesion(cast.here, S.INVITED, days=20)
    adhesion(cast.elsewhere, S.IN_FORCE)
    order = bulk.Order(BulkKind.REMIND)
    seen = {cast.here.pk: "invited", cast.elsewhere.pk: "in_force"}
    assert outcome(change(cast.adviser, order, seen)) == {cast.here.pk: "done", cast.elsewhere.pk: "not_found"}
    assert Mail.objects.count() == 2
    again = change(cast.administrator, order, seen)
    assert outcome(again) == {cast.here.pk: "reminded", cast.elsewhere.pk: "not_its_turn"}
    assert Mail.objects.count() == 2


def test_one_reason_serves_for_all(cast: Cast) -> None:
    adhesion(cast.here, S.IN_FORCE)
    adhesion(cast.elsewhere, S.CONVERSING)
    order = bulk.Order(BulkKind.STEP, to=S.WITHDRAWN, reason=" Renuncia ")
    seen = {cast.here.pk: "in_force", cast.elsewhere.pk: "conversing"}
    assert outcome(change(cast.administrator, order, seen)) == dict.fromkeys(seen, "done")
    assert set(Adhesion.objects.values_list("state", flat=True)) == {S.WITHDRAWN}
    assert set(Event.objects.filter(kind="adhesion.moved").values_list("reason", flat=True)) == {"Renuncia"}
    assert Adhesion.objects.get(municipality=cast.here).in_force_until == timezone.localdate(NOW)
    adhesion(cast.here, S.INVITED)
    with pytest.raises(RefusedError):
        change(cast.administrator, bulk.Order(BulkKind.STEP, to=S.WITHDRAWN), {cast.here.pk: "invited"})


def test_an_adviser_does_not_take_the_steps_of_the_register(cast: Cast) -> None:
    adhesion(cast.here, S.IN_FORCE)
    order = bulk.Order(BulkKind.STEP, to=S.WITHDRAWN, reason="x")
    assert outcome(change(cast.adviser, order, {cast.here.pk: "in_force"})) == {cast.here.pk: "not_yours"}
    with pytest.raises(PermissionDenied):
        change(cast.adviser, bulk.Order(BulkKind.STEP, to=S.SUSPENDED, reason="x"), {cast.here.pk: "in_force"})


# --- Undo -------------------------------------------------------------------------------------------------------------


def test_an_invitation_whose_mails_wait_is_taken_back_with_them(cast: Cast) -> None:
    before = adhesion(cast.here, S.PROSPECT, days=30)
    made = change(cast.administrator, INVITE, {cast.here.pk: "prospect", cast.elsewhere.pk: ""})
    Mail.objects.filter(municipality=cast.elsewhere).update(state=MailState.SENT, sent_at=NOW)
    undo(by=cast.administrator, bulk=made, now=NOW + timedelta(hours=2))
    after = Adhesion.objects.get(pk=before.pk)
    assert (after.state, after.state_since) == (before.state, before.state_since)
    assert set(Mail.objects.filter(municipality=cast.here).values_list("state", flat=True)) == {MailState.CANCELLED}
    assert Adhesion.objects.get(municipality=cast.elsewhere).state == S.INVITED
    assert {row["cut"]: row.get("kept") for row in BulkChange.objects.get().rows} == {
        cast.here.pk: None,
        cast.elsewhere.pk: "sent",
    }
    assert Event.objects.filter(kind="adhesion.step_undone").get().municipality_cut == cast.here.pk


def test_what_moved_on_since_stays(cast: Cast) -> None:
    step = bulk.Order(BulkKind.STEP, to=S.CONVERSING)
    made = change(cast.administrator, step, {cast.here.pk: "", cast.elsewhere.pk: ""})
    moved = Adhesion.objects.get(municipality=cast.here)
    move(by=cast.administrator, adhesion=moved, to=S.WITHDRAWN, now=NOW, reason="x")
    undo(by=cast.administrator, bulk=made, now=NOW)
    assert Adhesion.objects.get(municipality=cast.here).state == S.WITHDRAWN
    assert Adhesion.objects.get(municipality=cast.elsewhere).state == S.PROSPECT


def test_a_step_of_which_people_were_told_is_not_taken_back(cast: Cast) -> None:
    adhesion(cast.here, S.IN_FORCE)
    order = bulk.Order(BulkKind.STEP, to=S.SUSPENDED, reason="x")
    made = change(cast.administrator, order, {cast.here.pk: "in_force"})
    undo(by=cast.administrator, bulk=made, now=NOW)
    assert Adhesion.objects.get().state == S.SUSPENDED
    assert BulkChange.objects.get().rows[0]["kept"] == "told"


def test_an_assignment_is_taken_back_with_the_scope_it_gave(cast: Cast) -> None:
    adhesion(cast.here, adviser=cast.adviser_elsewhere)
    seen = {cast.here.pk: str(cast.adviser_elsewhere.pk), cast.elsewhere.pk: ""}
    made = change(cast.administrator, assign(cast, cast.adviser), seen)
    undo(by=cast.administrator, bulk=made, now=NOW)
    assert Adhesion.objects.get(municipality=cast.here).adviser == cast.adviser_elsewhere
    assert Adhesion.objects.get(municipality=cast.elsewhere).adviser is None
    assert not AdviserScope.objects.filter(user=cast.adviser, municipality__isnull=False).exists()


def test_a_reminder_stopped_before_it_left_may_be_sent_again(cast: Cast) -> None:
    adhesion(cast.here, S.INVITED, days=20)
    order, seen = bulk.Order(BulkKind.REMIND), {cast.here.pk: "invited"}
    undo(by=cast.administrator, bulk=change(cast.administrator, order, seen), now=NOW)
    assert set(Mail.objects.values_list("state", flat=True)) == {MailState.CANCELLED}
    assert outcome(change(cast.administrator, order, seen)) == {cast.here.pk: "done"}


def test_what_left_the_advisers_scope_since_is_not_theirs_to_take_back(cast: Cast) -> None:
    adhesion(cast.here, S.PROSPECT, days=3)
    made = change(cast.adviser, bulk.Order(BulkKind.STEP, to=S.CONVERSING), {cast.here.pk: "prospect"})
    assert outcome(made) == {cast.here.pk: "done"}
    AdviserScope.objects.filter(user=cast.adviser).delete()
    assert undo(by=cast.adviser, bulk=made, now=NOW).rows[0]["kept"] == "not_yours"
    assert Adhesion.objects.get().state == S.CONVERSING


def test_an_adhesion_that_another_followed_stays_ended(cast: Cast) -> None:
    adhesion(cast.here, S.PROSPECT, days=3)
    order = bulk.Order(BulkKind.STEP, to=S.WITHDRAWN, reason="No quiere")
    made = change(cast.administrator, order, {cast.here.pk: "prospect"})
    open_adhesion(by=cast.administrator, municipality=cast.here, now=NOW)
    assert undo(by=cast.administrator, bulk=made, now=NOW).rows[0]["kept"] == "changed"


def test_a_reason_that_no_database_keeps_is_no_fault_of_the_portal(client: Client, cast: Cast) -> None:
    sign_in(client, cast.administrator)
    sent = {"kind": "invite", "m": cast.here.pk, "visto": f"{cast.here.pk}:", "token": str(uuid4()), "confirmar": "1"}
    assert client.post(BULK, {**sent, "reason": "a\0b"}).status_code == 302


def test_a_change_is_taken_back_once_and_within_a_day(cast: Cast) -> None:
    made = change(cast.administrator, INVITE, {cast.here.pk: ""})
    with pytest.raises(RefusedError):
        undo(by=cast.administrator, bulk=made, now=NOW + timedelta(hours=24))
    undo(by=cast.administrator, bulk=made, now=NOW + timedelta(hours=23))
    with pytest.raises(RefusedError):
        undo(by=cast.administrator, bulk=made, now=NOW + timedelta(hours=23))


# --- Pages ------------------------------------------------------------------------------------------------------------


def test_the_preview_says_who_is_reached_and_who_not_and_changes_nothing(client: Client, cast: Cast) -> None:
    adhesion(cast.elsewhere, S.CONVERSING)
    sign_in(client, cast.administrator)
    page = text(client.post(BULK, {"kind": "invite", "m": [cast.here.pk, cast.elsewhere.pk]}).content.decode())
    assert "Alcanza a 1 de las 2 municipalidades elegidas" in page
    assert "1 queda fuera" in page
    assert "Queilen Ya fue invitada o va más adelante." in page
    assert not BulkChange.objects.exists()
    assert not Mail.objects.exists()


def test_confirming_twice_does_it_once(client: Client, cast: Cast) -> None:
    sign_in(client, cast.administrator)
    preview = client.post(BULK, {"kind": "invite", "todas": "1", "filtro": "region=12"}).content.decode()
    for _click in range(2):
        page = text(confirm(client, preview))
        assert "Hecho en 1 municipalidad" in page
        assert "Cabo de Hornos" in page
    assert BulkChange.objects.count() == 1
    assert Mail.objects.count() == 2


def test_all_that_the_filter_finds_are_meant_not_the_page_alone(client: Client, cast: Cast) -> None:
    sign_in(client, cast.administrator)
    page = client.post(BULK, {"kind": "invite", "todas": "1", "filtro": "", "m": cast.here.pk}).content.decode()
    assert "Alcanza a 2 municipalidades" in text(page)


def test_a_change_of_state_asks_to_which_and_why(client: Client, cast: Cast) -> None:
    adhesion(cast.here, S.CONVERSING)
    sign_in(client, cast.administrator)
    first = client.post(BULK, {"kind": "step", "m": cast.here.pk}).content.decode()
    assert "1 municipalidad elegida" in text(first)
    assert "Motivo" not in text(first)
    second = client.post(BULK, {"kind": "step", "m": cast.here.pk, "to": "withdrawn"}).content.decode()
    assert "Alcanza a 1 municipalidad" in text(second)
    refused = confirm(client, second, to="withdrawn", reason=" ")
    assert 'class="error-summary"' in refused
    assert Adhesion.objects.get().state == S.CONVERSING
    done = confirm(client, refused, to="withdrawn", reason="No quieren")
    assert "Hecho en 1 municipalidad" in text(done)
    assert Adhesion.objects.get().state == S.WITHDRAWN


def test_assigning_asks_whom(client: Client, cast: Cast) -> None:
    sign_in(client, cast.administrator)
    page = client.post(BULK, {"kind": "assign", "m": cast.here.pk}).content.decode()
    assert 'class="error-summary"' in confirm(client, page, adviser="")
    done = confirm(client, page, adviser=str(cast.adviser.pk))
    assert "Hecho en 1 municipalidad" in text(done)
    assert Adhesion.objects.get().adviser == cast.adviser


def test_the_result_page_takes_it_back(client: Client, cast: Cast) -> None:
    sign_in(client, cast.administrator)
    made = bulk.change(by=cast.administrator, order=INVITE, seen={cast.here.pk: ""}, token=uuid4(), now=timezone.now())
    address = f"/consejo/adhesiones/acciones/{made.token}/"
    assert "Se puede deshacer una vez" in text(client.get(address).content.decode())
    page = text(client.post(address + "deshacer/", follow=True).content.decode())
    assert "1 municipalidad quedó como estaba" in page
    assert "Se puede deshacer" not in page
    assert "Deshecho" in text(client.get("/consejo/adhesiones/acciones/").content.decode())


def test_the_bulk_changes_of_others_are_an_administrators_to_see(client: Client, cast: Cast) -> None:
    made = change(cast.adviser, INVITE, {cast.here.pk: ""})
    address = f"/consejo/adhesiones/acciones/{made.token}/"
    assert sign_in(client, cast.adviser_elsewhere).get(address).status_code == 404
    assert client.post(address + "deshacer/").status_code == 404
    assert sign_in(client, cast.administrator).get(address).status_code == 200


def test_only_the_chosen_leave_as_a_workbook(client: Client, cast: Cast) -> None:
    sign_in(client, cast.analyst)
    answer = client.post(BULK, {"kind": "export", "m": cast.here.pk})
    assert answer["Content-Type"].endswith("spreadsheetml.sheet")
    assert not BulkChange.objects.exists()


@pytest.mark.parametrize(
    "sent", [{}, {"kind": "invite"}, {"kind": "nada", "m": "12201"}, {"kind": "invite", "m": ["<b>", "1"]}]
)
def test_choosing_nothing_leads_back_to_the_table(client: Client, cast: Cast, sent: dict[str, str]) -> None:
    answer = sign_in(client, cast.administrator).post(BULK, sent, follow=True)
    assert "Elija al menos una municipalidad" in text(answer.content.decode())


@pytest.mark.parametrize("visto", ["", "x", "12201", ":::", "12201:invited,,,", "99999:prospect"])
def test_marks_that_were_tampered_with_change_nothing(client: Client, cast: Cast, visto: str) -> None:
    sign_in(client, cast.administrator)
    fields = {"kind": "invite", "elegidos": cast.here.pk, "visto": visto, "token": str(uuid4()), "confirmar": "1"}
    client.post(BULK, fields)
    if visto != "12201":  # that one is the mark of a municipality without adhesion
        assert not Mail.objects.exists()
