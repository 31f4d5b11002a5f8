"""What stands for the arguments of each address when everyone asks for it (`test_permissions_sweep`)."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone

from action_plans.actions import advice, assessments, following, sign_ups
from action_plans.actions import plans as plan_actions
from action_plans.actions import yearly as yearly_actions
from action_plans.choices import AssessmentKind, PlanStage, Sector
from action_plans.models import Assessment, Forum, Plan
from action_plans.reports import yearly
from action_plans.rules.assessments import INSTRUMENTS
from budget.choices import DatasetState, ImportState
from budget.models import Dataset, Figure, Import, Line
from budget.reports.summaries import compute_years
from diagnostics.actions import evidence as evidence_actions
from diagnostics.actions import instruments as instrument_actions
from diagnostics.choices import InstrumentPurpose
from diagnostics.imports.instruments import SELF_ASSESSMENTS, load_instruments
from diagnostics.models import AnswerMigration, Comment, InstrumentVersion, Round, Workbook
from diagnostics.reports.answers import instrument_of
from diagnostics.rules.mapping import propose, write
from municipalities.actions import acts as act_actions
from municipalities.actions import people as actions
from municipalities.actions.adhesions import open_adhesion
from municipalities.actions.documents import keep
from municipalities.choices import BulkKind, DocumentKind, MailKind
from municipalities.imports.act_templates import load_act_template
from municipalities.models import (
    ActTemplate,
    AdhesionRequest,
    Authority,
    AuthorityImport,
    BulkChange,
    Campaign,
    Contact,
    ContactNote,
    Membership,
    SavedFilter,
    Signature,
)
from municipalities.notifications.outbox import queue
from municipalities.notifications.recipients import Recipient
from municipalities.notifications.words import leave_address
from tests.action_plans import citizens, stories
from tests.budget import factories
from tests.cast import Cast
from tests.diagnostics import factories as diagnostics
from tests.diagnostics import published
from tests.municipalities import adhesions
from tests.municipalities.judged_acts import trust
from tests.signing import authority as authority_of


def arguments(cast: Cast) -> dict[str, dict[str, Any]]:
    """What stands for each argument of an address: by its name, or by the address's name where the name is not enough."""
    now = timezone.now()
    edition = factories.dataset(cast.here, lines=dict(factories.full_lines()), indicators={"IADM11": 5})
    counts = dict.fromkeys(
        ("new", "changed", "unchanged", "municipalities", "absent", "variables", "values", "missing"), 1
    )
    waiting = Import.objects.create(
        file=edition.file,
        source=edition.source,
        state=ImportState.READY,
        created_at=now,
        summary={**counts, "years": [2024], "renamed": []},
    )
    factories.dataset(cast.elsewhere, year=2023, state=DatasetState.DRAFT)
    compute_years([(cast.here.cut, 2024)])
    invitation = actions.invite(
        by=cast.coordinator, municipality=cast.here, email="nueva@ejemplo.cl", role="reader", basis="x", now=now
    )
    load_act_template()
    act_actions.new_draft(by=cast.administrator, source=ActTemplate.objects.get(), now=now)
    adhesion = open_adhesion(by=None, municipality=cast.here, now=now)
    campaign = Campaign.objects.create(
        name="x", starts=timezone.localdate(now), ends=timezone.localdate(now), created_at=now
    )
    bulk = BulkChange.objects.create(token=uuid4(), kind=BulkKind.INVITE, by=cast.administrator, at=now)
    kept = SavedFilter.objects.create(user=cast.administrator, table="adhesions", name="x", is_shared=True)
    signed = adhesions.adhesion(cast.elsewhere)
    one_signature = {"pk": signed.pk, "signature_id": Signature.objects.get(act__adhesion=signed).pk}
    asked = AdhesionRequest.objects.create(municipality=cast.here, message="Por favor", created_at=now)
    member = {"cut": cast.here.cut, "slug": cast.here.slug, "pk": Membership.objects.get(user=cast.officer).pk}
    here = {"cut": cast.here.cut, "slug": cast.here.slug}
    authority, contact, note, brought = of_contacts(cast)
    kept_file = keep(municipality=cast.here, kind=DocumentKind.ACT, content=b"%PDF-1.7", name="acta", now=now)
    filling = {**here, **of_diagnostics(cast)}
    rounds = ("round", "round_edit", "round_delete", "round_reminders", "round_targets", "round_planned", "round_open")
    names: tuple[str, ...] = (
        "diagnostic",
        "submit",
        "take_back",
        "section",
        "assign",
        "presence",
        "save",
        "history",
        "comments",
        "comment_resolve",
    )
    names += ("reply", "result", "gaps", "result_radar", "result_bars")
    names += ("question_evidence", "evidence_archive")
    return {
        **of_evidence(cast),
        **of_workbooks(filling, cast),
        **{f"diagnostics:{name}": filling for name in names},
        **{f"diagnostics:{name}": {"pk": diagnostics.a_round().pk} for name in rounds},
        "diagnostics:diagnostic_cancel": {"pk": filling["pk"]},
        **{f"municipalities:authority_{step}": {**here, "pk": authority} for step in ("replace", "edit", "end")},
        **{f"municipalities:contact_{step}": {**here, "pk": contact} for step in ("edit", "main", "remove")},
        **{f"municipalities:contact_note_{step}": {"pk": note} for step in ("edit", "done")},
        **{f"municipalities:authority_import{step}": {"pk": brought} for step in ("", "_apply", "_discard", "_rows")},
        **of_instruments(cast),
        "municipalities:indicators_figure": {"name": "embudo"},
        **of_reviews(filling),
        **of_published(cast),
        **of_listening(cast),
        **of_plans(cast),
        "municipalities:end_membership": member,
        "municipalities:change_role": member,
        "municipalities:withdraw_invitation": {**member, "pk": invitation.pk},
        "municipalities:issue_act": {"pk": adhesion.pk},
        "municipalities:document": {"key": kept_file.key},
        "municipalities:adhesion_file": {"pk": signed.pk},
        "municipalities:adhesion_step": {"pk": signed.pk, "state": "suspended"},
        "municipalities:adhesion_undo": {"pk": signed.pk},
        "municipalities:signature": one_signature,
        "municipalities:signature_decision": {**one_signature, "decision": "devolver"},
        "municipalities:judge_again": {"pk": signed.pk, "signature_pk": one_signature["signature_id"]},
        "municipalities:trust_end": {"pk": trust(authority_of("Raíz de prueba")).pk},
        "municipalities:campaign": {"pk": campaign.pk},
        "municipalities:campaign_edit": {"pk": campaign.pk},
        "municipalities:campaign_targets": {"pk": campaign.pk},
        "municipalities:bulk_change": {"token": bulk.token},
        "municipalities:bulk_undo": {"token": bulk.token},
        "municipalities:filter_delete": {"pk": kept.pk},
        "municipalities:region": {"code": cast.here.region_id, "slug": cast.here.region.slug},
        "municipalities:answer_adhesion_request": {"pk": asked.pk},
        "municipalities-api:adhesion-detail": {"pk": signed.pk},
        "municipalities-api:region-detail": {"pk": cast.here.region_id},
        "municipalities-api:municipality-detail": {"pk": cast.here.cut},
        "municipalities:mail": {"pk": mail_about(cast, now=now)},
        "municipalities:mail_step": {"pk": mail_about(cast, now=now), "code": "cancelar"},
        "municipalities:mail_template": {"kind": "act_issued"},
        "municipalities:mail_template_restore": {"kind": "act_issued"},
        "budget-api:dataset-detail": {"pk": Dataset.objects.published().get().pk},
        "budget-api:line-detail": {"pk": Line.objects.earliest("pk").pk},
        "budget-api:indicator-detail": {"code": "IADM11"},
        "budget-api:indicator-value-detail": {"pk": edition.indicator_values.get().pk},
        "*": {
            "cut": cast.here.cut,
            "slug": cast.here.slug,
            "year": 2024,
            "edition": 1,
            "suffix": "csv",
            "sha256": Figure.objects.earliest("pk").pk if Figure.objects.exists() else "0" * 64,
            "pk": waiting.pk,
            "step": "descartar",
            "secret": "x" * 43,
            "provider_id": "ninguno",
            "number": 2,
            "folio": signed.acts.get().folio,
        },
    }


def of_workbooks(filling: dict[str, Any], cast: Cast) -> dict[str, dict[str, Any]]:
    """A workbook of the same diagnostic that came back."""
    sent = keep(municipality=cast.here, kind=DocumentKind.WORKBOOK, content=b"PK", name="planilla", now=timezone.now())
    brought = Workbook.objects.create(
        diagnostic_id=filling["pk"],
        document=sent,
        state="ready",
        uploaded_by=cast.officer,
        uploaded_at=timezone.now(),
    )
    given = {**filling, "workbook_pk": brought.pk}
    return {f"diagnostics:workbook{step}": given for step in ("", "s", "_download", "_apply", "_discard")}


def of_reviews(filling: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The review of the same diagnostic."""
    steps = ("", "_begin", "_finish", "_assign", "_differences", "_section", "_return", "_validate", "_correct")
    return {f"diagnostics:review{step}": filling for step in steps}


def of_instruments(cast: Cast) -> dict[str, dict[str, Any]]:
    """A published version, a draft after it, the mapping between them, a round and a migration."""
    now = timezone.now()
    round_ = diagnostics.a_round()
    source = round_.version
    draft = instrument_actions.begin_draft(by=cast.administrator, source=source, now=now)
    text = write(propose(diagnostics.instrument(), instrument_of(draft)))
    pair = {"source": source, "target": draft}
    mapping = instrument_actions.keep_mapping(by=cast.administrator, text=text, seen="", now=now, **pair)
    later = Round.objects.create(
        name="x",
        kind="final",
        version=draft,
        opens=timezone.localdate(now),
        closes=timezone.localdate(now),
        created_at=now,
    )
    migration = AnswerMigration.objects.create(
        mapping=mapping,
        content=mapping.content,
        source=round_,
        target=later,
        started_at=now,
        started_by=cast.administrator,
    )
    given = {"pk": draft.pk, "name": "t1", "owner": "activa", "source": source.pk, "round_pk": round_.pk}
    steps = ("edit", "front", "part", "add", "add_to", "move", "remove", "preview", "compare", "publish", "discard")
    files = ("instrument_download", "instrument_mapping", "mapping_download", "mapping_dry_run", "mapping_dry_run_file")
    return {
        **{f"diagnostics:instrument_{step}": given for step in steps},
        **{f"diagnostics:{name}": given for name in files},
        "diagnostics:answer_migration": {"pk": migration.pk},
        **{f"diagnostics:instrument_{step}": {"key": "prueba", "version": "2026.1"} for step in ("public", "file")},
    }


def mail_about(cast: Cast, *, now: datetime) -> int:
    """The number of a mail about the municipality where the municipal people belong."""
    adhesion = open_adhesion(by=None, municipality=cast.here, now=now)
    mail = queue(MailKind.ACT_ISSUED, to=Recipient("nueva@ejemplo.cl", ""), now=now, adhesion=adhesion)
    assert mail is not None
    return mail.pk


def of_contacts(cast: Cast) -> tuple[int, int, int, int]:
    """An authority, a contact, a note about it, and a file that waits for a decision."""
    now, today = timezone.now(), timezone.localdate()
    there = {"municipality": cast.here, "recorded_at": now}
    authority = Authority.objects.create(office="mayor", name="x", run="1-9", starts=today, decree="x", **there)
    contact = Contact.objects.create(name="x", email="x@ejemplo.cl", is_main=True, **there)
    note = ContactNote.objects.create(
        kind="call", on=today, next_step="x", next_on=today, responsible=cast.adviser, **there
    )
    row = {"line": 2, "cells": {}, "cut": cast.here.cut, "outcome": "same", "problem": None, "changes": []}
    brought = AuthorityImport.objects.create(name="x.csv", by=cast.adviser, created_at=now, rows=[row])
    return authority.pk, contact.pk, note.pk, brought.pk


def of_diagnostics(cast: Cast) -> dict[str, Any]:
    """A diagnostic where the municipal people belong, with a section, a question and a comment that both sides read."""
    held = diagnostics.diagnostic(cast.here)
    said = Comment.objects.create(
        diagnostic=held, question="t1", audience="shared", text="x", by=cast.officer, at=timezone.now()
    )
    return {"pk": held.pk, "dimension": "transparencia", "question": "t1", "comment": said.pk}


def of_published(cast: Cast) -> dict[str, dict[str, Any]]:
    """A published diagnostic with its document and a public file."""
    held = published.answered(cast.elsewhere)
    evidence = published.file_evidence(held, "t1", owner=cast.officer)
    made = keep(
        municipality=cast.elsewhere, kind=DocumentKind.DIAGNOSTIC, content=b"%PDF-1.7", name="x", now=timezone.now()
    )
    held.document = made
    published.validate(held)
    place = {"cut": cast.elsewhere.cut, "slug": cast.elsewhere.slug}
    one = {**place, "folio": held.folio, "key": str(evidence.key)}
    names = ("diagnostic", "radar", "answers", "json", "document", "evidence")
    return {
        **{f"diagnostics:public_{name}": one for name in names},
        "diagnostics:public_of_municipality": place,
        "diagnostics:diagnostics_answers": {"pk": held.round_id},
        "diagnostics-api:diagnostic-detail": {"folio": held.folio},
    }


def of_plans(cast: Cast) -> dict[str, dict[str, Any]]:
    """A plan that is carried out, with a commitment, public evidence and an exception that was asked for."""
    plan = stories.carried_out(cast)
    place = {"cut": cast.here.cut, "slug": cast.here.slug}
    one = {**place, "pk": plan.pk, "key": str(stories.only(plan).key)}
    until = timezone.localdate() + timedelta(days=9)
    waiver = plan_actions.ask_waiver(
        by=cast.coordinator, plan=plan, rule="unanswered", reason="x", until=until, now=timezone.now()
    )
    evidence = {**one, "key": str(stories.evidence_file(cast, plan).key)}
    desk = ("edit", "move", "withdraw", "restore", "progress", "public", "calendar", "feed")
    public = ("one", "minimums", "schedule", "act", "editions", "compare", "edition", "calendar", "feed", "file")
    return {
        **{f"action_plans:commitment_{step}": one for step in desk},
        **{f"action_plans:plan_{name}": one for name in public},
        "action_plans:plan_evidence": evidence,
        "action_plans:plan_step": {**place, "stage": "midterm"},
        "action_plans:plan_waiver_grant": {**place, "waiver": waiver.pk},
        **of_watch(plan, place, one, cast),
        **of_country(plan, cast),
        "action-plans-api:plan-detail": {"pk": plan.pk},
    }


def of_watch(plan: Plan, place: dict[str, Any], one: dict[str, Any], cast: Cast) -> dict[str, dict[str, Any]]:
    """The plan's midterm assessment, and that of its monitor, published; a recommendation; the citizen monitors it."""
    load_instruments(SELF_ASSESSMENTS, InstrumentPurpose.SELF_ASSESSMENT)
    now = timezone.now()
    row = advice.recommend(by=cast.adviser, plan=plan, text="x", now=now)
    days: dict[str, Any] = {"starts": timezone.localdate(), "ends": None, "now": now}
    assessments.appoint(by=cast.adviser, plan=plan, user=cast.citizen, organisation="x", basis="x", **days)
    inception = assessments.begin(by=cast.citizen, plan=plan, kind=AssessmentKind.INCEPTION, now=now)
    public = piece_of(inception, cast)
    Assessment.objects.filter(pk=inception.pk).update(state="published", published_at=now)
    own = Assessment.objects.create(
        plan=plan, kind=AssessmentKind.MIDTERM, version=own_instrument(), created_at=now, created_by=cast.officer
    )
    follower = following.follow(plan=plan, email="x@ejemplo.cl", now=now)
    news_of = leave_address(MailKind.PLAN_NEWS, Recipient(follower.email, ""))
    return {
        "action_plans:plan_assessments": one,
        **{
            f"action_plans:{name}": {**one, "number": inception.pk}
            for name in ("plan_assessment", "observe", "observations")
        },
        "action_plans:assessment_piece": {"pk": own.pk, "key": piece_of(own, cast)},
        "action_plans:plan_assessment_piece": {**one, "number": inception.pk, "key": public},
        "action_plans:assessment_piece_hide": {"key": public},
        "action_plans:assessment_begin": {**place, "kind": "midterm"},
        **{f"action_plans:assessment{step}": {"pk": own.pk, "key": "plan"} for step in ("", "_part", "_publish")},
        **{f"action_plans:advice_{step}": {**place, "number": row.pk} for step in ("reply", "follow_up")},
        **{f"action_plans:monitor{step}": one for step in ("", "_begin", "_begin_commitment")},
        "action_plans:follow": {"pk": plan.pk},
        **{f"action_plans:follow_{step}": {"token": follower.token} for step in ("confirm", "leave")},
        "action_plans:follow_leave_all": {"token": news_of.split("/")[-2]},
    }


def of_country(plan: Plan, cast: Cast) -> dict[str, dict[str, Any]]:
    """The plan began last year, of which the report is published."""
    now = timezone.now()
    Plan.objects.filter(pk=plan.pk).update(created_at=now - timedelta(days=366))
    year = timezone.localdate(now).year - 1
    report = yearly_actions.ask(by=cast.administrator, year=year, seen=0, now=now)
    yearly.finish(report.pk, now=now)
    one = {"year": year, "number": report.number, "suffix": "pdf"}
    return {
        "action_plans:national_figure": {"name": "etapas"},
        "action_plans:yearly_report": one,
        "action_plans:yearly_report_edition": one,
        "action_plans:report_publish": one,
    }


def piece_of(assessment: Assessment, cast: Cast) -> UUID:
    """The key of a file of its evidence that everyone may open."""
    file = keep(municipality=cast.here, kind=DocumentKind.EVIDENCE, content=b"%PDF-1.7", name="x", now=timezone.now())
    row = {"document": file, "own_title": "x", "own_public": True}
    return assessment.pieces.create(added_at=timezone.now(), added_by=cast.officer, **row).key


def own_instrument() -> InstrumentVersion:
    """That of self-assessments."""
    return InstrumentVersion.objects.get(family__key=INSTRUMENTS[AssessmentKind.MIDTERM])


def of_listening(cast: Cast) -> dict[str, dict[str, Any]]:
    """Contributions to a plan that listens and to one here that was given up, a forum with a member, and a meeting to which
    somebody signed up."""
    place, public = {"cut": cast.here.cut, "slug": cast.here.slug}, citizens.listening(cast.elsewhere)
    plan = citizens.listening(cast.here)
    made, held = citizens.published(plan), citizens.meeting(cast.here, days=3000)
    Plan.objects.filter(pk=plan.pk).update(stage=PlanStage.CANCELLED)  # a municipality has one plan at a time
    said = citizens.published(public)
    of_meeting, author = {**place, "key": str(held.key)}, said.authors.get()
    row = sign_ups.sign_up(meeting=held, name="x", email="x@ejemplo.cl", sector=Sector.OTHER, now=timezone.now())
    forum = Forum.objects.create(municipality=cast.here, name="x", rules="x", created_at=timezone.now())
    member = forum.members.create(sector="other", organisation="x", starts=timezone.localdate())
    of_plan = {"pk": public.pk, "key": said.key, "author": author.key}
    of_desk = {**place, "key": str(made.key)}
    meetings = ("", "_minutes", "_desk", "_edit", "_announce", "_call_off", "_attendance", "_minutes_edit")
    desk = ("contribution_desk", "contribution_split", "contribution_separate", "appeal_decide")
    return {
        **{f"action_plans:meeting{step}": of_meeting for step in meetings},
        **{f"action_plans:{name}": of_desk for name in desk},
        **{f"action_plans:contribution{step}": of_plan for step in ("", "s", "_new", "_support")},
        "action_plans:appeal": of_plan,
        "action_plans:confirm": {"key": author.key},
        "action_plans:my_data": {"key": author.key},
        "action_plans:sign_up": {"token": row.token},
        "action_plans:member_edit": {**place, "pk": member.pk},
    }


def of_evidence(cast: Cast) -> dict[str, dict[str, Any]]:
    """A piece of evidence of the place where the municipal people belong."""
    added = evidence_actions.add(
        by=cast.officer,
        municipality=cast.here,
        key=uuid4(),
        details=evidence_actions.Details("x"),
        sent=evidence_actions.Sent(url="https://www.comuna.cl/"),
        now=timezone.now(),
    )
    piece = {"cut": cast.here.cut, "slug": cast.here.slug, "key": str(added.evidence.key)}
    names = ("evidence", *(f"evidence_{step}" for step in ("edit", "renew", "link", "remove")))
    return {f"diagnostics:{name}": piece for name in names}
