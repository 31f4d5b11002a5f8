"""Bringing a file of authorities and contacts: read, shown row by row, then applied whole or discarded."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import IO, TYPE_CHECKING, Any, Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.actions import record_event
from accounts.permissions import Permission
from municipalities.actions import OvertakenError, RefusedError
from municipalities.choices import AuthorityImportState
from municipalities.imports.authorities import MOST_BYTES, UnreadableError, read_file
from municipalities.models import Adhesion, Alias, Authority, AuthorityImport, Contact, Municipality
from municipalities.permissions import check_can
from municipalities.rules.authority_cells import Problem, Row, problem, read_row
from municipalities.rules.authority_plan import Card, Held, Outcome, Step, plan
from municipalities.rules.register import compact, normalise, suggest

if TYPE_CHECKING:
    from django.db.models import Model

    from accounts.models import User

FORGOTTEN_AFTER: Final = timedelta(days=7)
_HELD: Final = ("name", "starts", "ends", "decree")
_CARD: Final = ("name", "position", "email", "phone", "is_main")
_PREFIXES: Final = ("ilustre municipalidad de ", "i municipalidad de ", "municipalidad de ", "comuna de ")


def begin_import(*, by: User, file: IO[bytes], name: str, now: datetime) -> AuthorityImport:
    """Read a file and keep what it would change; nothing else is written. Raises `RefusedError` for an unreadable one."""
    check_can(by, Permission.RECORD_AUTHORITY)
    content = file.read(MOST_BYTES + 1)
    try:
        table = read_file(content)
    except UnreadableError as error:
        raise RefusedError(str(error)) from error
    with transaction.atomic():
        forget_old(now)
        pending = AuthorityImport(
            name=name[-200:],
            sha256=hashlib.sha256(content).hexdigest(),
            unused=table.unused,
            by=by,
            created_at=now,
        )
        stored = [{"line": line, "cells": cells} for line, cells in table.rows]
        pending.rows = _described(stored, _steps(stored, by))
        pending.save()
        record_event("authority_import.begun", by=by, at=now, subject=pending, file=pending.name)
    return pending


def apply_import(*, by: User, pending: AuthorityImport, leave_errors_out: bool, now: datetime) -> AuthorityImport:
    """Write what the person saw, in one transaction, and nothing that they did not see.

    Raises `RefusedError` when rows have errors and the person did not choose to leave them out; `OvertakenError` when it was
    done already, or when what is recorded changed since: then the rows are compared anew, and the person looks again.
    """
    with transaction.atomic():
        locked = _taken(by, pending)
        rows = locked.rows
        cuts = sorted({row["cut"] for row in rows if row["cut"]})
        list(Municipality.objects.select_for_update(no_key=True).filter(pk__in=cuts).order_by("pk"))
        steps = _steps(rows, by)
        locked.rows = _described(rows, steps)
        meanwhile = sum(row["meanwhile"] for row in locked.rows)
        if not meanwhile:
            if locked.counts["error"] and not leave_errors_out:
                raise RefusedError(_("Some rows have errors. Mend the file, or choose to leave those rows out."))
            try:
                with transaction.atomic():
                    _write(steps, locked, by=by, now=now)
            except IntegrityError as error:
                raise RefusedError(_("Some rows contradict each other. Nothing was written.")) from error
            new, changed = locked.counts["new"], locked.counts["changed"]
            _finish(locked, AuthorityImportState.APPLIED, now)
            record_event(
                "authority_import.applied", by=by, at=now, subject=locked, file=locked.name, new=new, changed=changed
            )
        else:
            locked.save(update_fields=["rows"])
    if meanwhile:
        raise OvertakenError(
            _(
                "What is recorded changed since you saw it. Nothing was written: look at the rows marked and decide again."
            )
        )
    return locked


def discard_import(*, by: User, pending: AuthorityImport, now: datetime) -> AuthorityImport:
    """Forget a file of which nothing was written."""
    with transaction.atomic():
        locked = _taken(by, pending)
        _finish(locked, AuthorityImportState.DISCARDED, now)
        record_event("authority_import.discarded", by=by, at=now, subject=locked, file=locked.name)
    return locked


def forget_old(now: datetime) -> None:
    """Discard what nobody decided on for a week: the rows hold personal data."""
    left = AuthorityImport.objects.filter(state=AuthorityImportState.READY, created_at__lt=now - FORGOTTEN_AFTER)
    for pending in left.select_for_update(skip_locked=True):
        _finish(pending, AuthorityImportState.DISCARDED, now)


def _taken(by: User, pending: AuthorityImport) -> AuthorityImport:
    check_can(by, Permission.RECORD_AUTHORITY)
    locked = AuthorityImport.objects.select_for_update().get(pk=pending.pk)
    if locked.state != AuthorityImportState.READY:
        raise OvertakenError(
            _("This file is already “%(state)s”. Nothing was done twice.") % {"state": locked.get_state_display()}
        )
    return locked


def _finish(pending: AuthorityImport, state: AuthorityImportState, now: datetime) -> None:
    pending.state, pending.finished_at = state, now
    pending.rows = [
        {"line": row["line"], "cut": row["cut"], "outcome": row["outcome"], "problem": None, "changes": []}
        for row in pending.rows
    ]
    pending.save(update_fields=["state", "finished_at", "rows"])


# --- Comparing --------------------------------------------------------------------------------------------------------


def _steps(stored: Sequence[dict[str, Any]], by: User) -> list[Step]:
    """What each row would do now. Six queries, however many rows."""
    find = _finder(by)
    read = [(row["line"], read_row(row["line"], row["cells"], find)) for row in stored]
    rows: list[Row] = [row for _line, row in read if not isinstance(row, Problem)]
    wrong = [Step(line, Outcome.ERROR, "", row) for line, row in read if isinstance(row, Problem)]
    cuts = {row.cut for row in rows}
    held = [
        Held(each.municipality_id, each.office, each.name, each.run, each.starts, each.ends, each.decree, each.pk)
        for each in Authority.objects.filter(municipality__in=cuts).order_by("starts", "pk")
    ]
    cards = [
        Card(each.municipality_id, each.name, each.position, each.email, each.phone, each.is_main, each.pk)
        for each in Contact.objects.filter(municipality__in=cuts).order_by("pk")
    ]
    return [*plan(rows, held, cards), *wrong]


def _finder(by: User) -> Callable[[str], str | Problem]:
    """The municipality that a cell means: by code, or by any of its names. Answers are kept: files repeat them."""
    scope = set(Municipality.objects.visible_to(by).values_list("pk", flat=True))
    names: dict[str, set[str]] = {}
    spelled: dict[str, list[str]] = {}
    register = list(Municipality.objects.values_list("cut", "name"))
    shown = dict(register)
    for cut, name in [*register, *Alias.objects.values_list("municipality_id", "name")]:
        names.setdefault(compact(name), set()).add(cut)
        spelled.setdefault(cut, []).append(name)
    # The own name comes before another's alias: Canela is Canela.
    own = {compact(name): {cut} for cut, name in register}
    answers: dict[str, str | Problem] = {}

    def look(text: str) -> str | Problem:
        code = text.zfill(5) if text.isascii() and text.isdigit() and len(text) in {4, 5} else ""
        if code in shown:
            found = {code}
        else:
            plain = compact(_without_title(text))
            found = own.get(plain) or names.get(plain) or set()
        if len(found) > 1:
            return problem("ambiguous", found=text)
        if not found:
            meant = suggest(text, spelled, limit=1) if len(answers) < len(shown) * 2 else []
            return (
                problem("suggestion", found=text, meant=shown[meant[0]])
                if meant
                else problem("municipality", found=text)
            )
        (cut,) = found
        return cut if cut in scope else problem("scope", found=shown[cut])

    def find(text: str) -> str | Problem:
        if text not in answers:
            answers[text] = look(text)
        return answers[text]

    return find


def _without_title(text: str) -> str:
    words = normalise(text)
    return next((words.removeprefix(prefix) for prefix in _PREFIXES if words.startswith(prefix)), text)


def _described(stored: Iterable[dict[str, Any]], steps: Iterable[Step]) -> list[dict[str, Any]]:
    """The rows as they are kept, in the order of the file; `meanwhile` where one was shown as something else before."""
    by_line = {step.line: step for step in steps}
    rows = []
    for row in stored:
        step = by_line[row["line"]]
        said: dict[str, Any] = {
            "cut": step.cut,
            "outcome": step.outcome.value,
            "problem": [step.problem.code, [list(pair) for pair in step.problem.named]] if step.problem else None,
            "changes": [list(change) for change in step.changes],
        }
        differs = "outcome" in row and any(row[key] != said[key] for key in ("outcome", "problem", "changes"))
        # What someone else recorded just so needs no second look.
        rows.append({**row, **said, "meanwhile": differs and step.outcome is not Outcome.SAME})
    return rows


# --- Writing ----------------------------------------------------------------------------------------------------------


def _write(steps: Iterable[Step], pending: AuthorityImport, *, by: User, now: datetime) -> None:
    """Write in the order of the plan: each step leaves what the constraints of the tables allow.

    New rows that follow each other go in one query; a change waits for those before it.
    """
    source = _("File %(name)s") % {"name": pending.name}
    done = [step for step in steps if step.outcome in {Outcome.NEW, Outcome.CHANGED}]
    made: dict[int | None, Authority | Contact] = {}
    waiting: list[Authority | Contact] = []
    for step in done:
        for entry in step.writes:
            row = _row(entry, source=source[:200], by=by, now=now)
            # What this file makes is known by the row that made it.
            if entry.pk is None and entry.line not in made:
                made[entry.line] = row
                waiting.append(row)
                continue
            _create(waiting)
            row.pk = entry.pk or made[entry.line].pk
            row.save(update_fields=_HELD if isinstance(row, Authority) else _CARD)
    _create(waiting)
    _tell_all(done, made, by=by, now=now)


def _create(waiting: list[Authority | Contact]) -> None:
    Authority.objects.bulk_create([row for row in waiting if isinstance(row, Authority)])
    Contact.objects.bulk_create([row for row in waiting if isinstance(row, Contact)])
    waiting.clear()


def _row(entry: Held | Card, *, source: str, by: User, now: datetime) -> Authority | Contact:
    if isinstance(entry, Held):
        told = {name: getattr(entry, name) for name in (*_HELD, "office", "run")}
        return Authority(municipality_id=entry.cut, recorded_by=by, recorded_at=now, **told)
    told = {name: getattr(entry, name) for name in _CARD}
    return Contact(municipality_id=entry.cut, source=source, recorded_at=now, **told)


def _tell_all(done: Sequence[Step], made: dict[int | None, Authority | Contact], *, by: User, now: datetime) -> None:
    """An event for each authority: people read them in the file of the adhesion. Contacts are in the count of the file."""
    adhesions = Adhesion.objects.filter(municipality__in={step.cut for step in done})
    files = {each.municipality_id: each for each in adhesions.order_by("municipality", "term_year", "pk")}
    for step in done:
        entry = step.writes[-1]
        if isinstance(entry, Held):
            authority = made.get(entry.line) if entry.pk is None else Authority(pk=entry.pk)
            _tell(entry, step, files.get(entry.cut) or authority, by=by, now=now)


def _tell(held: Held, step: Step, subject: Model | None, *, by: User, now: datetime) -> None:
    former = next((change.old for change in step.changes if change.field == "former"), "")
    kind = "authority.corrected" if step.outcome is Outcome.CHANGED else "authority.recorded"
    record_event(
        "authority.replaced" if former else kind,
        by=by,
        at=now,
        subject=subject,
        municipality_cut=held.cut,
        person=held.name,
        office=held.office,
        former=former,
        starts=f"{held.starts:%d-%m-%Y}",
    )
