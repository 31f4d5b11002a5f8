"""Editions of the text of the act, and acts issued with them."""

from __future__ import annotations

from datetime import date, timedelta
from io import StringIO
from threading import Barrier, Thread

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.db import InternalError, connection, transaction

from accounts.models import Event
from municipalities.actions import OvertakenError, RefusedError
from municipalities.actions import acts as actions
from municipalities.choices import (
    AdhesionState,
    DocumentKind,
    DocumentState,
    EditionState,
    Fact,
    MailKind,
    Office,
    SignatureMethod,
)
from municipalities.imports.act_templates import load_act_template
from municipalities.models import Act, ActTemplate, Adhesion, Document, Mail, Municipality, Signature
from municipalities.reports import acts as reports
from municipalities.rules.acts import Parts
from tests.cast import Cast, assemble, municipality
from tests.municipalities.acting import MAYOR, NOW, RUN, adhesion_in, authority

LATER = NOW + timedelta(minutes=5)


@pytest.fixture
def text(cast: Cast) -> ActTemplate:
    load_act_template()
    return ActTemplate.objects.get()


def parts_of(edition: ActTemplate, **changes: str) -> Parts:
    return Parts(**{name: getattr(edition, name) for name in Parts._fields})._replace(**changes)


def draft_of(cast: Cast, text: ActTemplate, **changes: str) -> ActTemplate:
    draft = actions.new_draft(by=cast.administrator, source=text, now=NOW)
    return actions.save_draft(
        by=cast.administrator, draft=draft, parts=parts_of(draft, **changes), seen=draft.updated_at, now=NOW
    )


def issue(cast: Cast, adhesion: Adhesion, **told: object) -> Act:
    asked: dict[str, object] = {"by": cast.administrator, "now": NOW, "seen": adhesion.state, **told}
    return actions.issue_act(adhesion=adhesion, **asked)  # type: ignore[arg-type]


# The text.


def test_the_shipped_text_is_published_once_and_never_over_the_councils(db: None) -> None:
    out = StringIO()
    call_command("load_register", stdout=out)
    assert "first text of the act: 1 added" in out.getvalue()
    shipped = ActTemplate.objects.get()
    assert (shipped.number, shipped.state) == (1, EditionState.PUBLISHED)
    assert "Propuesta" in shipped.note
    ActTemplate.objects.update(note="Del Consejo")
    assert load_act_template() == 0
    assert ActTemplate.objects.get().note == "Del Consejo"


def test_a_draft_begins_with_the_words_of_another_edition_and_there_is_one_at_a_time(
    cast: Cast, text: ActTemplate
) -> None:
    draft = actions.new_draft(by=cast.administrator, source=text, now=NOW)
    assert (draft.number, draft.state, draft.body) == (2, EditionState.DRAFT, text.body)
    with pytest.raises(RefusedError, match="ya está escribiendo la edición 2"):
        actions.new_draft(by=cast.administrator, source=text, now=NOW)


def test_a_draft_is_kept_with_its_faults_but_not_published_with_them(cast: Cast, text: ActTemplate) -> None:
    draft = draft_of(cast, text, body="Solo {municipo}")
    with pytest.raises(RefusedError, match="municipo"):
        actions.publish_template(by=cast.administrator, draft=draft, seen=draft.updated_at, now=LATER)
    draft.refresh_from_db()
    assert (draft.state, draft.body) == (EditionState.DRAFT, "Solo {municipo}")


def test_a_text_that_cannot_be_printed_is_not_published(cast: Cast, text: ActTemplate) -> None:
    draft = draft_of(cast, text, closing="漢")
    with pytest.raises(RefusedError, match="漢"):
        actions.publish_template(by=cast.administrator, draft=draft, seen=draft.updated_at, now=LATER)


def test_publishing_retires_the_edition_before_and_its_words_stay(cast: Cast, text: ActTemplate) -> None:
    draft = draft_of(cast, text, closing="Otro cierre")
    published = actions.publish_template(by=cast.administrator, draft=draft, seen=draft.updated_at, now=LATER)
    text.refresh_from_db()
    assert (text.state, published.state, published.published_at) == (
        EditionState.RETIRED,
        EditionState.PUBLISHED,
        LATER,
    )
    for edition in (text, published):
        with pytest.raises(InternalError), transaction.atomic():
            ActTemplate.objects.filter(pk=edition.pk).update(closing="Otra cosa")
    with pytest.raises(OvertakenError, match="publicó esta edición"):
        actions.save_draft(by=cast.administrator, draft=draft, parts=parts_of(draft), seen=draft.updated_at, now=LATER)


def test_who_saves_over_another_is_told_and_nothing_is_overwritten(cast: Cast, text: ActTemplate) -> None:
    draft = draft_of(cast, text)
    seen = draft.updated_at
    actions.save_draft(
        by=cast.administrator, draft=draft, parts=parts_of(draft, closing="Primero"), seen=seen, now=LATER
    )
    with pytest.raises(OvertakenError, match=cast.administrator.name):
        actions.save_draft(
            by=cast.administrator, draft=draft, parts=parts_of(draft, closing="Segundo"), seen=seen, now=LATER
        )
    with pytest.raises(OvertakenError):
        actions.publish_template(by=cast.administrator, draft=draft, seen=seen, now=LATER)
    draft.refresh_from_db()
    assert draft.closing == "Primero"


def test_a_discarded_draft_gives_its_number_back(cast: Cast, text: ActTemplate) -> None:
    draft = draft_of(cast, text)
    actions.discard_draft(by=cast.administrator, draft=draft, seen=draft.updated_at, now=LATER)
    with pytest.raises(OvertakenError, match="descartó"):
        actions.save_draft(by=cast.administrator, draft=draft, parts=parts_of(draft), seen=NOW, now=LATER)
    assert actions.new_draft(by=cast.administrator, source=text, now=LATER).number == 2


@pytest.mark.parametrize("who", ["adviser", "analyst", "coordinator", "mayor", "citizen"])
def test_only_administrators_write_the_text(who: str, cast: Cast, text: ActTemplate) -> None:
    person = getattr(cast, who)
    draft = draft_of(cast, text)
    with pytest.raises(PermissionDenied):
        actions.new_draft(by=person, source=text, now=NOW)
    with pytest.raises(PermissionDenied):
        actions.save_draft(by=person, draft=draft, parts=parts_of(draft), seen=draft.updated_at, now=NOW)
    with pytest.raises(PermissionDenied):
        actions.publish_template(by=person, draft=draft, seen=draft.updated_at, now=NOW)
    with pytest.raises(PermissionDenied):
        actions.discard_draft(by=person, draft=draft, seen=draft.updated_at, now=NOW)


# The act.


def test_an_act_is_issued_with_its_folio_its_file_and_its_mail(cast: Cast, text: ActTemplate) -> None:
    mayor = authority(cast.here)
    adhesion = adhesion_in(cast.here)
    act = issue(cast, adhesion, by=cast.adviser)
    adhesion.refresh_from_db()
    assert adhesion.state == AdhesionState.ACT_ISSUED
    assert (act.folio, act.authority, act.template, act.issued_by) == ("MGAM-2026-0001", mayor, text, cast.adviser)
    assert (act.document.kind, act.document.state) == (DocumentKind.ACT, DocumentState.CLEAN)
    assert act.sha256 == act.document.sha256
    assert set(Mail.objects.values_list("kind", "to")) == {
        (MailKind.ACT_ISSUED, cast.mayor.email),
        (MailKind.ACT_ISSUED, cast.coordinator.email),
    }
    told = Event.objects.get(kind="adhesion.act_issued")
    assert (told.subject_id, told.data["folio"]) == (str(adhesion.pk), act.folio)


def test_the_bytes_of_an_issued_act_can_be_made_again_from_its_row(cast: Cast, text: ActTemplate) -> None:
    authority(cast.here)
    act = Act.objects.get(pk=issue(cast, adhesion_in(cast.here)).pk)
    with act.document.file.open() as file:
        assert reports.act_pdf(act.fields) == file.read()


def test_no_run_is_in_what_an_act_says_or_in_its_events_and_mails(cast: Cast, text: ActTemplate) -> None:
    authority(cast.here)
    act = issue(cast, adhesion_in(cast.here))
    number = RUN.split("-")[0]
    assert number not in str(act.fields)
    assert not any(number in str(event.data) + event.reason for event in Event.objects.all())
    assert not any(number in mail.subject + mail.body for mail in Mail.objects.all())


def test_without_a_mayor_the_act_is_refused_with_what_to_do(cast: Cast, text: ActTemplate) -> None:
    authority(cast.here, office=Office.SECRETARY)
    authority(cast.here, ends=date(2026, 11, 1))
    authority(cast.elsewhere)
    with pytest.raises(RefusedError, match="Registre a quien ejerce el cargo"):
        issue(cast, adhesion_in(cast.here))
    assert not Document.objects.exists()


def test_an_acting_mayor_signs_when_there_is_no_mayor_and_says_so(cast: Cast, text: ActTemplate) -> None:
    acting = authority(cast.here, office=Office.ACTING_MAYOR, starts=date(2026, 11, 1))
    act = issue(cast, adhesion_in(cast.here))
    assert (act.authority, act.fields["office"]) == (acting, "subrogante de la alcaldía")


def test_the_mayor_signs_unless_the_acting_mayor_is_chosen(cast: Cast, text: ActTemplate) -> None:
    acting = authority(cast.here, office=Office.ACTING_MAYOR, name="Quien subroga", starts=date(2026, 11, 1))
    mayor = authority(cast.here)
    adhesion = adhesion_in(cast.here)
    assert actions.signatories(cast.here, NOW) == [mayor, acting]
    elsewhere = authority(cast.elsewhere)
    with pytest.raises(RefusedError, match="no ejerce el cargo"):
        issue(cast, adhesion, authority=elsewhere)
    assert issue(cast, adhesion, authority=acting).fields["authority"] == "Quien subroga"


def test_without_a_published_text_the_act_is_refused(cast: Cast) -> None:
    authority(cast.here)
    with pytest.raises(RefusedError, match="Publique primero una edición"):
        issue(cast, adhesion_in(cast.here))


def test_an_adhesion_of_another_term_gets_no_act(cast: Cast, text: ActTemplate) -> None:
    authority(cast.here)
    adhesion = adhesion_in(cast.here)
    Adhesion.objects.filter(pk=adhesion.pk).update(term_year=2021)
    with pytest.raises(RefusedError, match="2021-2024"):
        issue(cast, adhesion)


def test_a_mayor_whose_name_cannot_be_printed_leaves_no_trace(cast: Cast, text: ActTemplate) -> None:
    authority(cast.here, name="漢")
    with pytest.raises(RefusedError, match="漢"):
        issue(cast, adhesion_in(cast.here))
    assert not Act.objects.exists()
    assert not Document.objects.exists()
    assert not Mail.objects.exists()


@pytest.mark.parametrize(
    "who", ["analyst", "adviser_elsewhere", "coordinator", "mayor", "officer", "reader", "citizen"]
)
def test_only_those_who_accompany_the_municipality_issue_its_act(who: str, cast: Cast, text: ActTemplate) -> None:
    authority(cast.here)
    with pytest.raises(PermissionDenied):
        issue(cast, adhesion_in(cast.here), by=getattr(cast, who))


@pytest.mark.parametrize("state", [AdhesionState.SIGNED, AdhesionState.UNDER_REVIEW, AdhesionState.VERIFIED])
def test_a_state_without_that_step_gets_no_act(state: AdhesionState, cast: Cast, text: ActTemplate) -> None:
    authority(cast.here)
    with pytest.raises(OvertakenError):
        issue(cast, adhesion_in(cast.here, state))
    assert not Act.objects.exists()


def test_a_new_act_needs_a_reason_and_takes_the_place_of_the_old(cast: Cast, text: ActTemplate) -> None:
    authority(cast.here)
    adhesion = adhesion_in(cast.here)
    first = issue(cast, adhesion)
    adhesion.refresh_from_db()
    with pytest.raises(RefusedError):
        issue(cast, adhesion, reason=" ", now=LATER)
    first.refresh_from_db()
    assert first.replaced_at is None
    second = issue(cast, adhesion, reason="El nombre estaba mal", now=LATER)
    first.refresh_from_db()
    assert first.replaced_at == LATER
    assert list(Act.objects.current()) == [second]
    assert second.folio == "MGAM-2026-0002"


def test_who_decided_on_an_older_state_or_text_is_told(cast: Cast, text: ActTemplate) -> None:
    authority(cast.here)
    adhesion = adhesion_in(cast.here)
    with pytest.raises(OvertakenError):
        issue(cast, adhesion, seen=AdhesionState.INVITED)
    draft = draft_of(cast, text)
    actions.publish_template(by=cast.administrator, draft=draft, seen=draft.updated_at, now=NOW)
    with pytest.raises(OvertakenError, match="edición 2"):
        issue(cast, adhesion, edition=1)
    assert not Act.objects.exists()


def test_folios_begin_anew_each_year_by_the_day_in_santiago(cast: Cast, text: ActTemplate) -> None:
    authority(cast.here)
    authority(cast.elsewhere)
    still_2026 = NOW.replace(year=2027, month=1, day=1, hour=2)
    assert issue(cast, adhesion_in(cast.here), now=still_2026).folio == "MGAM-2026-0001"
    assert issue(cast, adhesion_in(cast.elsewhere), now=still_2026.replace(hour=4)).folio == "MGAM-2027-0001"


def test_an_act_keeps_its_words_when_the_text_changes(cast: Cast, text: ActTemplate) -> None:
    authority(cast.here)
    act = issue(cast, adhesion_in(cast.here))
    draft = draft_of(cast, text, title="Otra acta")
    actions.publish_template(by=cast.administrator, draft=draft, seen=draft.updated_at, now=LATER)
    act.refresh_from_db()
    assert act.template == text
    assert act.fields["title"] == text.title


def test_the_public_copy_is_made_once_and_kept_with_the_signature(cast: Cast, text: ActTemplate) -> None:
    authority(cast.here)
    act = issue(cast, adhesion_in(cast.here))
    signature = Signature.objects.create(
        act=act,
        method=SignatureMethod.ADVANCED,
        document=act.document,
        submitted_by=cast.coordinator,
        received_at=LATER,
        signer_name=MAYOR,
        signer_run=RUN,
        is_intact=Fact.YES,
    )
    copy = actions.make_public_copy(signature=signature, now=LATER)
    assert actions.make_public_copy(signature=signature, now=LATER + timedelta(days=1)) == copy
    signature.refresh_from_db()
    assert signature.public_document == copy
    assert (copy.kind, copy.state, copy.name) == (DocumentKind.PUBLIC_ACT, DocumentState.CLEAN, "MGAM-2026-0001.pdf")
    assert copy.sha256 != act.sha256


# Two at once.


def at_once(*works: object) -> list[str]:
    """Start each work in its own thread and connection; give what they ended with."""
    start, ends = Barrier(len(works)), list[str]()

    def run(work: object) -> None:
        start.wait()
        try:
            work()  # type: ignore[operator]
            ends.append("done")
        except RefusedError as error:
            ends.append(type(error).__name__)
        finally:
            connection.close()

    threads = [Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(ends)


@pytest.fixture
def stage(transactional_db: None) -> Cast:
    cast = assemble()
    load_act_template()
    return cast


def test_two_clicks_issue_one_act(stage: Cast) -> None:
    authority(stage.here)
    adhesion = adhesion_in(stage.here)
    assert at_once(*[lambda: issue(stage, adhesion)] * 2) == ["OvertakenError", "done"]
    assert [act.folio for act in Act.objects.all()] == ["MGAM-2026-0001"]


def test_acts_of_several_municipalities_at_once_get_folios_without_gaps_or_doubles(stage: Cast) -> None:
    places: list[Municipality] = [
        municipality(f"1030{number}", f"Lugar {number}", f"lugar-{number}", order=14) for number in range(1, 7)
    ]
    for place in places:
        # One of them is refused in the middle: its number goes to the next.
        authority(place, name="漢" if place == places[2] else MAYOR)
    found = [adhesion_in(place) for place in places]
    ends = at_once(*[lambda adhesion=adhesion: issue(stage, adhesion) for adhesion in found])
    assert ends == ["RefusedError", *["done"] * 5]
    assert sorted(Act.objects.values_list("number", flat=True)) == [1, 2, 3, 4, 5]


def test_two_administrators_who_begin_a_draft_at_once_have_one(stage: Cast) -> None:
    source = ActTemplate.objects.get()
    assert at_once(*[lambda: actions.new_draft(by=stage.administrator, source=source, now=NOW)] * 2) == [
        "RefusedError",
        "done",
    ]
    assert ActTemplate.objects.count() == 2
