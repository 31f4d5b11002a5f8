"""The mails of a diagnostic's steps: who gets which, with which words."""

from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from diagnostics.actions.rounds import move
from diagnostics.actions.submission import NotReadyError, submit
from diagnostics.choices import DiagnosticState as S
from diagnostics.choices import Opinion
from diagnostics.models import Diagnostic, Extension, ReviewEntry, Reviewer, ReviewReturn
from diagnostics.reports.diagnostic_diagram import diagnostic_diagram
from diagnostics.rules.diagnostic_states import TABLE, Reader
from municipalities.actions.adhesions import open_adhesion
from municipalities.choices import MailKind as K
from municipalities.models import Adhesion, AdviserScope, Contact, Mail
from municipalities.notifications.recipients import TO_COUNCIL
from tests.cast import Cast
from tests.diagnostics.factories import NOW, diagnostic

pytestmark = pytest.mark.django_db

DOCS = Path(__file__).resolve().parents[2] / "docs" / "diagnostic.md"


def walk(held: Diagnostic, *states: S, reason: str = "Porque sí.") -> Diagnostic:
    """Through the states, by the portal itself."""
    for state in states:
        held = move(by=None, diagnostic=held, to=state, now=NOW, reason=reason)
    return held


def readers(kind: K) -> set[str]:
    return {
        address.removesuffix("@ejemplo.cl") for address in Mail.objects.filter(kind=kind).values_list("to", flat=True)
    }


def body(kind: K) -> str:
    return Mail.objects.filter(kind=kind).latest("pk").body


def test_the_page_of_the_states_is_fresh() -> None:
    assert DOCS.read_text(encoding="utf-8") == diagnostic_diagram(), "Run: manage.py diagnostic_diagram --write"


def test_a_mail_to_the_council_has_readers_of_the_council_and_no_other() -> None:
    for told in (told for taken in TABLE for told in taken.tells):
        assert (told.mail in TO_COUNCIL) is (told.reader in {Reader.REVIEWERS, Reader.WHO_RETURNED})


def test_a_submission_is_told_to_the_adviser_of_the_place_and_to_its_mayor(cast: Cast) -> None:
    move(by=cast.coordinator, diagnostic=diagnostic(cast.here), to=S.SUBMITTED, now=NOW)
    assert readers(K.DIAGNOSTIC_SUBMITTED) == {"asesora"}
    assert readers(K.DIAGNOSTIC_MAYOR) == {"alcaldesa"}
    assert "Coordinadora envió el diagnóstico de la Municipalidad de Cabo de Hornos" in body(K.DIAGNOSTIC_SUBMITTED)
    assert f"/consejo/revisiones/{Diagnostic.objects.get().pk}/" in body(K.DIAGNOSTIC_SUBMITTED)
    assert "Asesora (asesora@ejemplo.cl)" in body(K.DIAGNOSTIC_MAYOR)
    assert not Mail.objects.exclude(missing="").exists()


def test_reviewers_come_before_advisers_and_administrators_come_last(cast: Cast) -> None:
    held = diagnostic(cast.here)
    AdviserScope.objects.all().delete()
    walk(held, S.SUBMITTED)
    assert readers(K.DIAGNOSTIC_SUBMITTED) == {"administradora", "administrador.nuevo"}
    adhesion = open_adhesion(by=None, municipality=cast.here, now=NOW)
    Adhesion.objects.filter(pk=adhesion.pk).update(adviser=cast.adviser_elsewhere)
    Mail.objects.all().delete()
    walk(held, S.OPEN, S.SUBMITTED)
    assert readers(K.DIAGNOSTIC_SUBMITTED) == {"asesor.ajeno"}
    Reviewer.objects.create(diagnostic=held, user=cast.adviser, assigned_at=NOW)
    Mail.objects.all().delete()
    walk(held, S.OPEN, S.SUBMITTED)
    assert readers(K.DIAGNOSTIC_SUBMITTED) == {"asesora"}


def test_what_is_taken_back_is_told_with_its_reason(cast: Cast) -> None:
    held = walk(diagnostic(cast.here), S.SUBMITTED)
    move(by=cast.coordinator, diagnostic=held, to=S.OPEN, now=NOW, reason="Falta un decreto.")
    assert readers(K.DIAGNOSTIC_TAKEN_BACK) == {"asesora"}
    assert "Motivo: Falta un decreto." in body(K.DIAGNOSTIC_TAKEN_BACK)


def returned(cast: Cast) -> Diagnostic:
    held = walk(diagnostic(cast.here), S.SUBMITTED, S.UNDER_REVIEW)
    entries = (("p1", 1, Opinion.ACCEPTED, ""), ("t4", 1, Opinion.CORRECTION, "unclear"))
    for question, turn, opinion, reason in (*entries, ("t1", 1, Opinion.CORRECTION, "no_evidence")):
        ReviewEntry.objects.create(
            diagnostic=held, question=question, turn=turn, by=cast.adviser, at=NOW, opinion=opinion, reason=reason,
            note="Suba el decreto." if question == "t1" else "", is_told=True,
        )  # fmt: skip
    ReviewReturn.objects.create(
        diagnostic=held, turn=1, reason="Casi está.", until=held.round.closes, by=cast.adviser, at=NOW
    )
    Diagnostic.objects.filter(pk=held.pk).update(submitted_at=NOW)
    return move(by=cast.adviser, diagnostic=held, to=S.RETURNED, now=NOW, reason="Casi está.")


def test_a_returned_diagnostic_names_what_to_correct_in_the_order_of_the_form(cast: Cast) -> None:
    Contact.objects.create(
        municipality=cast.here, name="Secretaría", email="muni@ejemplo.cl", is_main=True, recorded_at=NOW
    )
    returned(cast)
    assert readers(K.DIAGNOSTIC_RETURNED) == {"coordinadora", "alcaldesa", "muni"}
    told = Mail.objects.get(kind=K.DIAGNOSTIC_RETURNED, to="coordinadora@ejemplo.cl").body
    said = [
        "Casi está.",
        "Respuestas por corregir:",
        "- ¿Cómo publica la información obligatoria? Falta la evidencia. Suba el decreto.",
        "- ¿En cuántos días responde?",
        "Plazo: hasta el 31-12-2027.",
        f"/municipios/12201-cabo-de-hornos/diagnosticos/{Diagnostic.objects.get().pk}/",
    ]
    assert all(told.index(one) < told.index(after) for one, after in pairwise(said))
    assert "COSOC" not in told
    # Who has no account is led to the page that everyone may see.
    assert "/municipios/12201-cabo-de-hornos/\n" in Mail.objects.get(to="muni@ejemplo.cl").body


def test_a_day_that_is_over_is_not_asked_for(cast: Cast) -> None:
    held = diagnostic(cast.here)
    type(held.round).objects.update(closes=date(2026, 5, 31))
    walk(held, S.SUBMITTED, S.UNDER_REVIEW, S.RETURNED)
    assert "Plazo:" not in body(K.DIAGNOSTIC_RETURNED)
    Extension.objects.create(
        diagnostic=held, until=date(2026, 6, 20), reason="x", granted_by=cast.adviser, granted_at=NOW
    )
    walk(held, S.SUBMITTED, S.UNDER_REVIEW, S.RETURNED)
    assert "Plazo: hasta el 20-06-2026." in body(K.DIAGNOSTIC_RETURNED)


def test_a_correction_reaches_who_returned_it_and_the_mayor_again(cast: Cast) -> None:
    held = returned(cast)
    Reviewer.objects.create(diagnostic=held, user=cast.administrator, assigned_at=NOW)
    move(by=cast.coordinator, diagnostic=held, to=S.SUBMITTED, now=NOW)
    assert readers(K.DIAGNOSTIC_CORRECTED) == {"asesora"}
    assert Mail.objects.filter(kind=K.DIAGNOSTIC_MAYOR).count() == 2


def test_a_correction_reaches_the_reviewers_when_who_returned_it_has_left(cast: Cast) -> None:
    held = returned(cast)
    Reviewer.objects.create(diagnostic=held, user=cast.administrator, assigned_at=NOW)
    cast.adviser.is_active = False
    cast.adviser.save()
    move(by=cast.coordinator, diagnostic=held, to=S.SUBMITTED, now=NOW)
    assert readers(K.DIAGNOSTIC_CORRECTED) == {"administradora"}


def test_a_validation_tells_folio_and_the_day_on_which_it_is_public(cast: Cast) -> None:
    held = walk(diagnostic(cast.here), S.SUBMITTED, S.UNDER_REVIEW)
    Diagnostic.objects.update(folio="DIAG-2026-0001", validated_at=NOW, public_from=date(2026, 7, 1))
    move(by=cast.adviser, diagnostic=held, to=S.VALIDATED, now=NOW)
    assert readers(K.DIAGNOSTIC_VALIDATED) == {"coordinadora", "alcaldesa"}
    assert "Su folio es DIAG-2026-0001." in body(K.DIAGNOSTIC_VALIDATED)
    assert "Cualquier persona podrá leerlo desde el 01-07-2026." in body(K.DIAGNOSTIC_VALIDATED)


def test_a_cancellation_is_told_with_its_reason(cast: Cast) -> None:
    move(by=cast.administrator, diagnostic=diagnostic(cast.here), to=S.CANCELLED, now=NOW, reason="Se abrió por error.")
    assert readers(K.DIAGNOSTIC_CANCELLED) == {"coordinadora", "alcaldesa"}
    assert "Motivo: Se abrió por error." in body(K.DIAGNOSTIC_CANCELLED)


def test_a_submission_that_is_not_ready_leaves_no_mail(cast: Cast) -> None:
    with pytest.raises(NotReadyError):
        submit(by=cast.coordinator, diagnostic=diagnostic(cast.here), now=NOW, seen=S.OPEN)
    assert not Mail.objects.exists()


def test_an_extension_never_shortens_the_time_of_the_round(cast: Cast) -> None:
    held = diagnostic(cast.here)
    closes = held.round.closes
    for days, last in ((30, 30), (10, 10), (-5, 0)):
        until = closes + timedelta(days=days)
        at = NOW + timedelta(minutes=40 - days)
        Extension.objects.create(diagnostic=held, until=until, reason="x", granted_by=cast.adviser, granted_at=at)
        assert held.last_day() == closes + timedelta(days=last)
