"""The country's plans in tables. The page, its charts, its files and the yearly report are all made of these, of nothing else.

Each table says in a sentence what it shows and how it is counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from action_plans.choices import Completion, OgpValue, Opening, PlanStage, Standing
from action_plans.reports.minimums import shipped
from action_plans.reports.national import VALUES, Heard, Judged, Met, National, Promise
from action_plans.reports.plan_words import percent_of
from action_plans.rules import national as rules
from action_plans.rules import open_words
from action_plans.rules.goals import GOALS
from config.numbers import number
from diagnostics.rules.comparison import FEWEST

Cell = str | int | None
Link = Callable[[str, str], str]
NO_GOAL: Final = "sin-ods"
_NARROW: Final = 4


class Column(NamedTuple):
    """`unit` stands in the header; a column of words has none and is no amount."""

    name: str
    is_amount: bool = True
    unit: str = ""


class Row(NamedTuple):
    """`cells` by column; None is what is not known, or not told of so few. `href` narrows the page to the row."""

    cells: tuple[Cell, ...]
    href: str = ""


@dataclass(frozen=True)
class Table:
    """`says`: the answer in a sentence. `counted`: how its numbers come about, and where from."""

    key: str
    title: str
    says: str
    counted: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    total: tuple[Cell, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not self.rows

    @property
    def is_wide(self) -> bool:
        """On a phone it scrolls, in place of a card a row: it has numbers to be compared across its rows."""
        return len(self.columns) > _NARROW

    def told(self) -> list[tuple[str, str, list[tuple[Column, str]]]]:
        """Each row for a page: its first cell, its link, the others written for people."""
        return [(str(row.cells[0]), row.href, self._others(row.cells)) for row in self.rows]

    def told_total(self) -> list[tuple[Column, str]]:
        return self._others(self.total)

    def _others(self, cells: Sequence[Cell]) -> list[tuple[Column, str]]:
        return [(column, written(cell)) for column, cell in zip(self.columns[1:], cells[1:], strict=True)]


def _nowhere(_name: str, _code: str) -> str:
    return ""


def _words(name: str) -> Column:
    return Column(name, is_amount=False)


def written(cell: Cell) -> str:
    """A cell for people; empty where nothing is told."""
    if cell is None:
        return ""
    return cell if isinstance(cell, str) else number(cell)


def answer(found: National, promises: Sequence[Promise]) -> str:
    """What the page answers first: how many municipalities have a plan, and how much of what they promised is done."""
    shown, complete = found.now.municipalities, sum(each.progress == 1 for each in promises)
    plans = ngettext(
        "%(shown)s of %(all)s municipalities had an action plan.",
        "%(shown)s of %(all)s municipalities had an action plan.",
        shown,
    ) % {"shown": number(shown), "all": number(sum(found.places.values()))}
    if not promises:
        return plans
    done = ngettext(
        "Of %(shown)s commitment that was carried out, %(complete)s is complete by its milestones.",
        "Of %(shown)s commitments that were carried out, %(complete)s are complete by their milestones.",
        len(promises),
    ) % {"shown": number(len(promises)), "complete": number(complete)}
    return f"{plans} {done}"


def tables(found: National, promises: Sequence[Promise], *, link: Link | None = None) -> list[Table]:
    """Every table, in the order of the page. `promises` are the commitments that somebody asked for, of those in `found`."""
    to = link or _nowhere
    return [
        _years(found),
        _stages(found),
        _regions(found, promises, to),
        _themes(promises, to),
        _values(promises, to),
        _completion(promises),
        _differences(promises),
        _openings(promises),
        _participation(found, to),
        _minimums(found),
    ]


# --- Groups of commitments --------------------------------------------------------------------------------------------


def _group_columns() -> tuple[Column, ...]:
    return (
        Column(_("Commitments")),
        Column(_("Complete ones")),
        Column(_("Share complete"), unit="%"),
        Column(_("Median progress"), unit="%"),
    )


def _group(promises: Sequence[Promise]) -> tuple[Cell, ...]:
    complete = sum(each.progress == 1 for each in promises)
    known = [each.progress for each in promises if each.progress is not None]
    return (len(promises), complete, share(complete, len(promises)), percent_of(rules.middle(known)))


def share(part: int, whole: int) -> int | None:
    """Hundredths; None of fewer than five."""
    return percent_of(Fraction(part, whole)) if whole >= FEWEST else None


def _few() -> str:
    return _("Of fewer than %(fewest)d commitments no share and no median is told: it would speak of each one.") % {
        "fewest": FEWEST
    }


def _regions(found: National, promises: Sequence[Promise], to: Link) -> Table:
    by_region: dict[str, list[Promise]] = {region.pk: [] for region in found.regions}
    for each in promises:
        by_region[each.region].append(each)
    with_plan = {region.pk: found.with_plan(region.pk) for region in found.regions}
    rows = tuple(
        Row(
            (region.short_name, found.places.get(region.pk, 0), with_plan[region.pk], *_group(by_region[region.pk])),
            to("region", region.pk),
        )
        for region in found.regions
    )
    none = [region.short_name for region in found.regions if not with_plan[region.pk]]
    says = ngettext(
        "%(count)d region has no municipality with a plan: %(names)s.",
        "%(count)d regions have no municipality with a plan: %(names)s.",
        len(none),
    ) % {"count": len(none), "names": ", ".join(none)}
    return Table(
        "regiones",
        _("By region"),
        says if none else _("In every region some municipality has a plan."),
        _(
            "A municipality counts if it had a plan in the year, in any stage; a commitment, if its plan was carried out."
        )
        + " "
        + _few(),
        (_words(_("Region")), Column(_("Municipalities")), Column(_("With a plan")), *_group_columns()),
        rows,
        (_("All"), sum(found.places.values()), found.with_plan(), *_group(promises)),
    )


def _themes(promises: Sequence[Promise], to: Link) -> Table:
    by_goal: dict[int, list[Promise]] = {}
    for each in promises:
        for goal in each.goals:
            by_goal.setdefault(goal, []).append(each)
    without = [each for each in promises if not each.goals]
    groups = [(goal, by_goal[goal]) for goal in sorted(by_goal, key=lambda goal: (-len(by_goal[goal]), goal))]
    rows = [Row((f"{goal}. {GOALS[goal]}", *_group(of)), to("tema", str(goal))) for goal, of in groups if goal in GOALS]
    if without:
        rows.append(Row((_("Names no goal"), *_group(without)), to("tema", NO_GOAL)))
    first = rows[0].cells if by_goal and rows else None
    says = (
        _("The theme most named is “%(name)s”.") % {"name": first[0]}
        if first
        else _("No commitment names a theme yet.")
    )
    return Table(
        "temas",
        _("By theme"),
        says,
        _("The theme is the goal of the 2030 Agenda that the commitment names. One that names several counts in each.")
        + " "
        + _few(),
        (_words(_("Theme")), *_group_columns()),
        tuple(rows),
    )


def _values(promises: Sequence[Promise], to: Link) -> Table:
    rows = [
        Row(
            (str(value.label), *_group([each for each in promises if value.value in each.values])),
            to("valor", open_words.VALUES[value]),
        )
        for value in OgpValue
    ]
    without = [each for each in promises if not each.values]
    if without:
        rows.append(Row((_("Names no value"), *_group(without)), to("valor", "ninguno")))
    most = max(rows[: len(OgpValue)], key=lambda row: row.cells[1] or 0)
    says = _("The value most named is “%(name)s”.") % {"name": most.cells[0]} if most.cells[1] else ""
    return Table(
        "valores",
        _("By value of open government"),
        says or _("No commitment names a value yet."),
        _(
            "The values are those of OGP that the commitment says to serve, and why. One that serves several counts in each."
        )
        + " "
        + _few(),
        (_words(_("Value")), *_group_columns()),
        tuple(rows),
    )


# --- Three voices -----------------------------------------------------------------------------------------------------


def _levels(levels: Iterable[Completion | None]) -> tuple[int, ...]:
    counts = Counter(levels)
    return tuple(counts[level] for level in Completion)


def _voices(promises: Sequence[Promise]) -> list[tuple[str, list[Completion | None]]]:
    return [
        (_("Milestones that were told"), [each.level for each in promises]),
        (_("The municipality, in its assessment"), [_said(each.own) for each in promises]),
        (_("The independent monitor"), [_said(each.monitor) for each in promises]),
    ]


def _said(judged: Judged | None) -> Completion | None:
    return judged.completion if judged else None


def _completion(promises: Sequence[Promise]) -> Table:
    rows = []
    for name, levels in _voices(promises):
        known = _levels(levels)
        rows.append(Row((name, *known, sum(known), len(levels) - sum(known))))
    own, monitor = rows[1].cells[5], rows[2].cells[5]
    says = _("Of %(all)s commitments, municipalities assessed %(own)s and independent monitors %(monitor)s.") % {
        "all": number(len(promises)),
        "own": written(own),
        "monitor": written(monitor),
    }
    return Table(
        "cumplimiento",
        _("Completion: what each one says"),
        says,
        _(
            "OGP's four levels. From the milestones: none done is not started, under half is limited, half or more is"
            " substantial, all is complete (half is a proposal of the portal). The municipality's is its last published"
            " self-assessment, final before midterm; the monitor's is the end-of-commitment assessment. They are never mixed."
        ),
        (
            _words(_("Who says it")),
            *(Column(str(level.label)) for level in Completion),
            Column(_("With data")),
            Column(_("Without data")),
        ),
        tuple(rows) if promises else (),
    )


def _differences(promises: Sequence[Promise]) -> Table:
    found = rules.agreement((_said(each.own), _said(each.monitor)) for each in promises)
    labels = [str(level.label) for level in Completion]
    rows = tuple(Row((label, *line)) for label, line in zip(labels, found.table, strict=True)) if found.both else ()
    says = _("No commitment has both assessments yet: there is nothing to compare.")
    if found.both:
        says = ngettext(
            "Of %(both)d commitment that both assessed, they say the same of %(same)d; the monitor says less of %(less)d"
            " and more of %(more)d.",
            "Of %(both)d commitments that both assessed, they say the same of %(same)d; the monitor says less of %(less)d"
            " and more of %(more)d.",
            found.both,
        ) % {"both": found.both, "same": found.same, "less": found.less, "more": found.more}
    return Table(
        "diferencias",
        _("The municipality beside the monitor"),
        says,
        _("Each row is what the municipality says; each column, what the monitor says of the same commitment."),
        (
            _words(_("The municipality says")),
            *(Column(_("Monitor: %(level)s") % {"level": label.lower()}) for label in labels),
        ),
        rows,
    )


def _openings(promises: Sequence[Promise]) -> Table:
    rows = []
    opened = 0
    for name, voice in ((_("municipality"), "own"), (_("monitor"), "monitor")):
        for place, value in enumerate(VALUES):
            counts: Counter[Opening | None] = Counter()
            for each in promises:
                judged: Judged | None = getattr(each, voice)
                if judged:
                    counts[judged.openings[place]] += 1
            opened += sum(counts[level] for level in (Opening.MAJOR, Opening.OUTSTANDING))
            if counts:
                told = tuple(counts[level] for level in Opening)
                rows.append(Row((f"{value.label}: {name}", *told, counts[None])))
    says = ngettext(
        "%(count)d answer says that a commitment opened government much, or outstandingly.",
        "%(count)d answers say that a commitment opened government much, or outstandingly.",
        opened,
    )
    return Table(
        "apertura",
        _("Did it open government?"),
        says % {"count": opened} if rows else _("No assessment is published yet."),
        _(
            "OGP's scale, asked for each value of each commitment that was assessed. Municipality and monitor stand apart."
        ),
        (
            _words(_("Value and who says it")),
            *(Column(str(level.label)) for level in Opening),
            Column(_("Does not apply")),
        ),
        tuple(rows),
    )


# --- How plans are made -----------------------------------------------------------------------------------------------


def _years(found: National) -> Table:
    now, then = found.now, found.then
    pairs: list[tuple[str, int | None, int | None]] = [
        (_("Municipalities with a plan"), now.municipalities, then.municipalities),
        (_("Plans"), now.plans, then.plans),
        (_("Plans carried out"), now.carried_out, then.carried_out),
        (_("Commitments"), now.commitments, then.commitments),
        (_("Complete commitments"), now.complete, then.complete),
        (_("Contributions received"), now.heard.received, then.heard.received),
        (_("Contributions answered"), now.heard.answered, then.heard.answered),
        (_("Median days to answer"), now.heard.median_days, then.heard.median_days),
        (_("Meetings held"), now.met.meetings, then.met.meetings),
        (_("Meetings of forums"), now.met.forums, then.met.forums),
    ]
    year = found.period.year
    more = now.commitments - then.commitments
    words = (
        _("%(count)s more commitments than in %(year)d.")
        if more >= 0
        else _("%(count)s fewer commitments than in %(year)d.")
    )
    return Table(
        "anos",
        _("%(year)d beside %(before)d") % {"year": year, "before": year - 1},
        words % {"count": number(abs(more)), "year": year - 1},
        _("Plans and commitments as they stood on the last day told of; contributions and meetings of the whole year."),
        (_words(_("What")), Column(str(year)), Column(str(year - 1)), Column(_("Difference"))),
        tuple(Row((name, one, other, _difference(one, other))) for name, one, other in pairs),
    )


def _difference(one: int | None, other: int | None) -> str | None:
    if one is None or other is None:
        return None
    return f"{'+' if one > other else '−' if one < other else ''}{number(abs(one - other))}"


def _stages(found: National) -> Table:
    known = [stage for stage in PlanStage if stage != PlanStage.CANCELLED]
    count = sum(found.stages.values())
    says = ngettext("%(count)d plan in the year.", "%(count)d plans in the year.", count) % {"count": count}
    return Table(
        "etapas",
        _("Where the plans stand"),
        says,
        _(
            "The stage of each plan on the last day told of; closed: those that closed in the year. Plans given up do not count."
        ),
        (_words(_("Stage")), Column(_("Plans"))),
        tuple(Row((str(stage.label), found.stages[stage])) for stage in known) if count else (),
    )


def _participation(found: National, to: Link) -> Table:
    heard, met = found.now.heard, found.now.met
    says = _(
        "Municipalities answered %(answered)s of %(received)s contributions. %(forums)s meetings of forums were held."
    ) % {
        "answered": number(heard.answered),
        "received": number(heard.received),
        "forums": number(met.forums),
    }
    rows = [
        Row(
            (region.short_name, *_taken_part(found.heard.get(region.pk), found.met.get(region.pk))),
            to("region", region.pk),
        )
        for region in found.regions
        if region.pk in found.heard or region.pk in found.met
    ]
    return Table(
        "participacion",
        _("Taking part"),
        says,
        _(
            "Contributions published in the year, and those of them answered in it with reasons; half of the answers took the"
            " median days or less, told from five answers on. Meetings that were held, by their day."
        ),
        (
            _words(_("Region")),
            Column(_("Contributions received")),
            Column(_("Answered")),
            Column(_("Median days"), unit=_("days")),
            Column(_("Meetings held")),
            Column(_("Meetings of forums")),
            Column(_("Municipalities whose forum met")),
        ),
        tuple(rows),
        (_("All"), *_taken_part(heard, met)),
    )


def _taken_part(heard: Heard | None, met: Met | None) -> tuple[Cell, ...]:
    heard, met = heard or Heard(), met or Met()
    return (*heard, *met)


def _minimums(found: National) -> Table:
    rows = [
        Row((row["name"], *(found.minimums[row["id"]][standing] for standing in Standing)))
        for row in shipped()["minimums"]
        if row["id"] in found.minimums
    ]
    met = sum(count[Standing.MET] for count in found.minimums.values())
    due = sum(sum(count.values()) - count[Standing.NOT_YET] for count in found.minimums.values())
    says = _("Of what was due, %(met)s of %(due)s requirements are met.") % {"met": number(met), "due": number(due)}
    return Table(
        "minimos",
        _("OGP's minimum requirements"),
        says if due else _("Nothing is due yet."),
        _(
            "Each requirement of the newest plan of each municipality, computed from what the portal holds, on the last day told"
            " of. Version of the rules: %(version)s."
        )
        % {"version": shipped()["version"]},
        (_words(_("Requirement")), *(Column(str(standing.label)) for standing in Standing)),
        tuple(rows),
    )
