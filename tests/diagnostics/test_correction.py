"""A validated diagnostic that has an error: it stays as it is, and its correction takes its place."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, InternalError, transaction
from django.test import Client
from django.urls import reverse

from config.page_cache import forget_public_pages
from diagnostics.actions.answers import Content, save_answer
from diagnostics.actions.correction import begin_correction, correction_of
from diagnostics.actions.opening import present_in
from diagnostics.actions.reviewers import begin, candidates
from diagnostics.actions.submission import submit
from diagnostics.actions.validation import validate
from diagnostics.choices import DiagnosticState, Opinion
from diagnostics.models import Answer, Diagnostic, EvidenceUse, Extension, ReviewEntry, Snapshot
from diagnostics.reports.review import review_of
from diagnostics.reports.rounds import round_page
from municipalities.actions import OvertakenError, RefusedError
from municipalities.choices import MailKind
from municipalities.models import Mail
from tests.cast import Cast, sign_in
from tests.diagnostics.factories import NOW
from tests.diagnostics.reviews import accept_rest, say, taken_up

pytestmark = pytest.mark.django_db

TODAY = date(2026, 6, 1)
REASON = "La ordenanza es de 2019 y no de 2025."


@pytest.fixture
def former(cast: Cast) -> Diagnostic:
    """Validated, and public."""
    held = taken_up(cast)
    accept_rest(cast.adviser, held)
    return validate(by=cast.adviser, diagnostic=held, public_from=TODAY, now=NOW, seen=DiagnosticState.UNDER_REVIEW)


def opened(cast: Cast, former: Diagnostic, **changes: Any) -> Diagnostic:
    given: dict[str, Any] = {
        "by": cast.adviser,
        "reason": REASON,
        "until": TODAY + timedelta(days=20),
        "now": NOW,
        "seen": DiagnosticState.VALIDATED,
    } | changes
    return begin_correction(diagnostic=former, **given)


def corrected(cast: Cast, made: Diagnostic, question: str = "t4", value: Any = "75") -> Diagnostic:
    """The municipality changes an answer and submits; the adviser reads what changed."""
    answer = Answer.objects.get(diagnostic=made, question=question)
    save_answer(
        by=cast.officer,
        diagnostic=made,
        question=question,
        content=Content(value=value, text=answer.text, confidence=answer.confidence),
        base_version=answer.version,
        client_id=uuid4(),
        now=NOW,
    )
    submit(by=cast.coordinator, diagnostic=made, now=NOW, seen=DiagnosticState.RETURNED)
    begin(by=cast.adviser, diagnostic=made, now=NOW)
    made.refresh_from_db()
    return made


def finished(cast: Cast, made: Diagnostic, **changes: Any) -> Diagnostic:
    given: dict[str, Any] = {
        "by": cast.adviser,
        "public_from": TODAY,
        "now": NOW,
        "seen": DiagnosticState.UNDER_REVIEW,
    } | changes
    return validate(diagnostic=made, **given)


def test_it_begins_with_what_was_validated_and_the_validated_one_stays(cast: Cast, former: Diagnostic) -> None:
    made = opened(cast, former)
    fields = ("question", "value", "is_na", "text", "confidence")
    assert list(made.answers.order_by("question").values(*fields)) == list(
        former.answers.order_by("question").values(*fields)
    )
    pieces = ("question", "evidence", "linked_at")
    assert set(EvidenceUse.objects.filter(diagnostic=made).values_list(*pieces)) == set(
        EvidenceUse.objects.filter(diagnostic=former).values_list(*pieces)
    )
    former.refresh_from_db()
    assert (former.state, made.state, made.corrects) == ("validated", "returned", former)
    assert not made.answers.filter(is_locked=True).exists()
    assert Diagnostic.objects.published(TODAY).get() == former
    assert Mail.objects.filter(kind=MailKind.DIAGNOSTIC_RETURNED, body__contains=REASON).exists()


def test_only_what_changes_is_read_again(cast: Cast, former: Diagnostic) -> None:
    made = corrected(cast, opened(cast, former))
    assert [question.id for question in review_of(made, cast.adviser).unread] == ["t4"]


def test_validated_it_takes_the_place(cast: Cast, former: Diagnostic) -> None:
    made = corrected(cast, opened(cast, former))
    accept_rest(cast.adviser, made)
    done = finished(cast, made)
    former.refresh_from_db()
    assert (former.state, former.folio) == ("superseded", "DGAM-2026-0001")
    assert (done.state, done.folio) == ("validated", "DGAM-2026-0002")
    assert Diagnostic.objects.published(TODAY).get() == done
    assert set(Diagnostic.objects.readable(TODAY)) == {done, former}
    assert Snapshot.objects.filter(diagnostic=former, kind="validated").exists()


def test_the_municipality_reads_on_each_of_the_two_where_the_other_is(
    cast: Cast, former: Diagnostic, client: Client
) -> None:
    def page(of: Diagnostic) -> str:
        return client.get(
            reverse("diagnostics:diagnostic", args=[cast.here.cut, cast.here.slug, of.pk])
        ).content.decode()

    sign_in(client, cast.officer)
    assert "Ver la corrección" not in page(former)
    made = opened(cast, former)
    link = f'/diagnosticos/{made.pk}/">Ver la corrección</a>'
    assert "Se está corrigiendo." in page(former)
    assert link in page(former)
    assert "Cambie lo que está mal" in page(made)
    accept_rest(cast.adviser, corrected(cast, made))
    finished(cast, made)
    assert "Una corrección reemplazó este diagnóstico." in page(former)
    assert link in page(former)
    assert REASON in page(made)
    assert "Cambie lo que está mal" not in page(made)


def test_nothing_of_the_former_changes_after_it(cast: Cast, former: Diagnostic) -> None:
    made = corrected(cast, opened(cast, former))
    accept_rest(cast.adviser, made)
    finished(cast, made)
    for rows in (Answer.objects, EvidenceUse.objects, ReviewEntry.objects):
        row = rows.filter(diagnostic=former)
        if row.exists():
            with pytest.raises(InternalError), transaction.atomic():
                row.delete()


def test_an_address_that_was_published_goes_on_leading_to_it_and_says_what_counts(
    cast: Cast, former: Diagnostic, client: Client
) -> None:
    made = corrected(cast, opened(cast, former))
    accept_rest(cast.adviser, made)
    finished(cast, made)
    Diagnostic.objects.update(public_from=date(2026, 1, 1))
    forget_public_pages()
    of = [cast.here.cut, cast.here.slug]
    old = client.get(reverse("diagnostics:public_diagnostic", args=[*of, "DGAM-2026-0001"])).content.decode()
    new = client.get(reverse("diagnostics:public_diagnostic", args=[*of, "DGAM-2026-0002"])).content.decode()
    assert REASON in old
    assert "DGAM-2026-0002" in old
    assert REASON in new
    assert "DGAM-2026-0001" in new
    listed = client.get(reverse("diagnostics:public_of_municipality", args=of)).content.decode()
    assert "DGAM-2026-0002" in listed
    assert "DGAM-2026-0001" not in listed


def test_a_correction_can_be_corrected(cast: Cast, former: Diagnostic, client: Client) -> None:
    second = corrected(cast, opened(cast, former))
    accept_rest(cast.adviser, second)
    third = corrected(cast, opened(cast, finished(cast, second)), value="80")
    accept_rest(cast.adviser, third)
    done = finished(cast, third)
    assert Diagnostic.objects.published(TODAY).get() == done
    Diagnostic.objects.update(public_from=date(2026, 1, 1))
    forget_public_pages()
    first = reverse("diagnostics:public_diagnostic", args=[cast.here.cut, cast.here.slug, former.folio])
    assert "DGAM-2026-0003" in client.get(first).content.decode()


def test_it_is_corrected_once_at_a_time(cast: Cast, former: Diagnostic) -> None:
    made = opened(cast, former)
    with pytest.raises(OvertakenError):
        opened(cast, former)
    with pytest.raises(IntegrityError), transaction.atomic():
        Diagnostic.objects.create(
            round=made.round, municipality=made.municipality, version=made.version, corrects=former,
            correction_reason="Otra.", state_since=NOW, created_at=NOW,
        )  # fmt: skip
    Diagnostic.objects.filter(pk=made.pk).update(state=DiagnosticState.CANCELLED)
    assert opened(cast, former) == correction_of(former)


def test_numbers_of_a_round_count_a_municipality_once(cast: Cast, former: Diagnostic) -> None:
    made = opened(cast, former)
    assert round_page(former.round, user=cast.administrator, today=TODAY).total == 1
    assert candidates(former.round) == [former]
    made = corrected(cast, made)
    accept_rest(cast.adviser, made)
    finished(cast, made)
    assert round_page(former.round, user=cast.administrator, today=TODAY).total == 1
    assert candidates(former.round) == [made]
    assert present_in(former.round) == {cast.here.pk}


def test_a_reader_is_never_left_without_either(cast: Cast, former: Diagnostic) -> None:
    made = corrected(cast, opened(cast, former))
    accept_rest(cast.adviser, made)
    with pytest.raises(RefusedError):
        finished(cast, made, public_from=TODAY + timedelta(days=3))
    former.refresh_from_db()
    assert former.state == "validated"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"reason": " "}, RefusedError),
        ({"until": TODAY}, RefusedError),
        ({"seen": DiagnosticState.UNDER_REVIEW}, OvertakenError),
    ],
)
def test_what_is_wrong_opens_nothing(
    cast: Cast, former: Diagnostic, changes: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        opened(cast, former, **changes)
    assert Diagnostic.objects.count() == 1


@pytest.mark.parametrize("who", ["coordinator", "officer", "analyst", "adviser_elsewhere"])
def test_only_who_validates_may_open_one(cast: Cast, former: Diagnostic, who: str) -> None:
    with pytest.raises(PermissionDenied):
        opened(cast, former, by=getattr(cast, who))


def test_the_municipality_gets_until_the_day_that_was_said(cast: Cast, former: Diagnostic) -> None:
    until = former.round.closes + timedelta(days=9)
    made = opened(cast, former, until=until)
    assert Extension.objects.get(diagnostic=made).until == until
    assert made.last_day() == until


def test_the_pages_lead_from_one_to_the_other(cast: Cast, former: Diagnostic, client: Client) -> None:
    sign_in(client, cast.adviser)
    page = reverse("diagnostics:review", args=[former.pk])
    form = reverse("diagnostics:review_correct", args=[former.pk])
    assert form in client.get(page).content.decode()
    assert client.get(form).status_code == 200
    sent = {"reason": REASON, "until": "2099-12-31", "seen": "validated"}
    assert client.post(form, sent).status_code == 302
    made = correction_of(former)
    assert made is not None
    assert reverse("diagnostics:review", args=[made.pk]) in client.get(page).content.decode()
    assert client.post(form, sent).status_code == 409
    assert former.folio
    assert former.folio in client.get(reverse("diagnostics:review", args=[made.pk])).content.decode()
    sign_in(client, cast.coordinator)
    overview = reverse("diagnostics:diagnostic", args=[cast.here.cut, cast.here.slug, made.pk])
    assert REASON in client.get(overview).content.decode()


def test_a_level_that_was_agreed_is_read_again(cast: Cast) -> None:
    """Its opinion was a proposal: only what was accepted is carried."""
    held = taken_up(cast)
    say(cast.adviser, held, "t2", Opinion.COMMENTED, note="Muy bien.")
    accept_rest(cast.adviser, held)
    done = validate(by=cast.adviser, diagnostic=held, public_from=TODAY, now=NOW, seen=DiagnosticState.UNDER_REVIEW)
    made = opened(cast, done)
    assert ReviewEntry.objects.get(diagnostic=made, question="t2").note == "Muy bien."
    assert not review_of(made, cast.adviser).unread
