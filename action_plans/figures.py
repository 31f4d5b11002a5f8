"""The schedule of a plan as bars on a line of time, drawn on the server: no script, no inline style; and the charts of the
country as Plotly figures. The table beside each says the same."""

from __future__ import annotations

import textwrap
from calendar import monthrange
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Final, NamedTuple

import plotly.graph_objects as go

from action_plans.reports.national_tables import Table
from action_plans.reports.plan_words import TIMES
from action_plans.reports.standing import CommitmentNow, MilestoneNow, PlanNow
from config.charts import PALETTE, as_json
from config.numbers import day, grouped, month
from municipalities.figures import bars_layout, stage_bars

WIDTH: Final = 720
LONGEST_LABEL: Final = 84
LABEL: Final = 20
"""Height of the line with the name of a bar, above it: long names have the whole width."""
BAR: Final = 12
ROW: Final = 46
TOP: Final = 28
TICK: Final = 66
"""Width of the name of a month."""
_MOST_TICKS: Final = 9
DRAWN: Final = "active"
"""How a milestone of a draft looks."""


class Mark(NamedTuple):
    """A milestone on its bar."""

    x: int
    y: int
    look: str
    title: str


class Bar(NamedTuple):
    """A commitment on the line of time; `done` is the part of the width that it has come."""

    x: int
    y: int
    width: int
    done: int
    label: str
    label_y: int


class Tick(NamedTuple):
    x: int
    label: str


@dataclass(frozen=True, slots=True)
class Schedule:
    """The drawing on a sheet `WIDTH` wide. `today` is None when the day lies outside."""

    height: int
    ticks: tuple[Tick, ...]
    bars: tuple[Bar, ...]
    marks: tuple[Mark, ...]
    today: int | None

    @property
    def view_box(self) -> str:
        return f"0 0 {WIDTH} {self.height}"


def schedule(commitments: Sequence[CommitmentNow], *, today: date, told: bool = True) -> Schedule | None:
    """The bars of some commitments; None where no day is known. Of a draft nothing is `told`: it is not late nor at risk."""
    spans = {each.key: _span(each) for each in commitments}
    known = [span for span in spans.values() if span]
    if not known:
        return None
    first = min(span[0] for span in known).replace(day=1)
    last = _month_end(max(span[1] for span in known))
    days = (last - first).days or 1

    def at(when: date) -> int:
        return round((when - first).days * WIDTH / days)

    bars: list[Bar] = []
    marks: list[Mark] = []
    words = _time_words() if told else {}
    for place, each in enumerate(each for each in commitments if spans[each.key]):
        start, end = spans[each.key] or (first, last)
        y = TOP + place * ROW + LABEL
        width = max(at(end) - at(start), 4)
        done = round(width * float(each.progress or 0))
        bars.append(Bar(at(start), y, width, done, _label(each), y - 6))
        marks += [_mark(one, at(one.ends), y, words) for one in each.milestones if one.ends]
    here = at(today) if first <= today <= last else None
    return Schedule(TOP + len(bars) * ROW, _ticks(first, last, at), tuple(bars), tuple(marks), here)


class CalendarRow(NamedTuple):
    """A milestone in the calendar."""

    title: str
    key: str
    commitment: str
    until: str
    look: str
    time_words: str
    beside_words: str


def months(now: PlanNow) -> list[tuple[str, list[CalendarRow]]]:
    """The calendar: the milestones by the month in which they end, in order; those without a day last, under no name."""
    words = _time_words()
    pairs = sorted(now.milestones, key=lambda pair: (pair[1].ends or date.max, pair[0].number))
    by_month = groupby(pairs, key=lambda pair: pair[1].ends.replace(day=1) if pair[1].ends else None)
    return [(month(first) if first else "", [_row(*pair, words) for pair in rows]) for first, rows in by_month]


def _row(commitment: CommitmentNow, milestone: MilestoneNow, words: Mapping[str, str]) -> CalendarRow:
    return CalendarRow(
        milestone.title,
        commitment.key,
        f"{commitment.number}. {commitment.title}",
        day(milestone.ends) or "—",
        milestone.look,
        words[milestone.timeliness],
        milestone.beside_words,
    )


def _time_words() -> dict[str, str]:
    """How each stands in time, translated once for hundreds of milestones."""
    return {timeliness: str(words) for timeliness, words in TIMES.items()}


def _label(commitment: CommitmentNow) -> str:
    words = f"{commitment.number}. {commitment.title}"
    return words if len(words) <= LONGEST_LABEL else f"{words[: LONGEST_LABEL - 1].rstrip()}…"


def _span(commitment: CommitmentNow) -> tuple[date, date] | None:
    """From the first to the last day that is known of a commitment or its milestones."""
    days = [commitment.starts, commitment.ends]
    days += [day for each in commitment.milestones for day in (each.starts, each.ends)]
    known = [day for day in days if day]
    return (min(known), max(known)) if known else None


def _mark(milestone: MilestoneNow, x: int, y: int, words: Mapping[str, str]) -> Mark:
    """`words` of each timeliness; none of a draft, of which nothing is told."""
    how = f"{words[milestone.timeliness]}, " if words else ""
    look = milestone.look if words else DRAWN
    return Mark(min(max(x, 6), WIDTH - 6), y + BAR // 2, look, f"{milestone.title}: {how}{day(milestone.ends)}")


def _month_end(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


def _ticks(first: date, last: date, at: Callable[[date], int]) -> tuple[Tick, ...]:
    """The beginnings of months, as many as have room."""
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    step = next(each for each in (1, 2, 3, 6, 12, 24, 60, 120) if count / each <= _MOST_TICKS)
    found = []
    for place in range(0, count, step):
        year, number = divmod(first.month - 1 + place, 12)
        day = date(first.year + year, number + 1, 1)
        found.append(Tick(at(day), f"{day:%m-%Y}"))
    return tuple(tick for tick in found if tick.x <= WIDTH - TICK)


# --- The country ------------------------------------------------------------------------------------------------------

_MOST_BARS: Final = 10
_LABEL_WIDTH, _WIDE_LABEL = 24, 29
# The columns of a table that a chart stacks, each with its colour.
_STACKED: Final = {
    "cumplimiento": ("chart-7", "chart-3", "chart-2", "chart-4"),
    "apertura": ("chart-5", "chart-7", "chart-3", "chart-2", "chart-4"),
}
# Those that a chart draws as bars, by the column that they are as long as.
_PLAIN: Final = {"etapas": 1, "temas": 1}
# The charts there are, with what the page's script and its styles call their kind.
CHARTS: Final = {
    "etapas": ("bars", "chart--tall"),
    "temas": ("bars", ""),
    "cumplimiento": ("bars", ""),
    "apertura": ("scores", "chart--scores chart--tall"),
}


def chart(table: Table) -> bytes:
    """The chart of a table of the country. Empty where it has none, or nothing to draw."""
    if table.key in _PLAIN:
        column = _PLAIN[table.key]
        bars = [(_wrapped(str(row.cells[0])), int(row.cells[column] or 0)) for row in table.rows[:_MOST_BARS]]
        return stage_bars(bars)
    return _stacked(table) if table.key in _STACKED else b""


def _stacked(table: Table) -> bytes:
    colours = _STACKED[table.key]
    if not any(cell for row in table.rows for cell in row.cells[1 : len(colours) + 1]):
        return b""
    labels = [_wrapped(str(row.cells[0]), _WIDE_LABEL) for row in table.rows]
    traces = []
    for place, colour in enumerate(colours, start=1):
        counts = [int(row.cells[place] or 0) for row in table.rows]
        name = table.columns[place].name
        traces.append(
            go.Bar(
                name=name,
                orientation="h",
                x=counts,
                y=labels,
                text=[grouped(count) if count else "" for count in counts],
                textposition="inside",
                insidetextanchor="middle",
                textangle=0,
                insidetextfont={"color": PALETTE[colour][1]},
                marker={"color": PALETTE[colour][0]},
                hovertext=[
                    f"{row.cells[0]}. {name}: {grouped(count)}" for row, count in zip(table.rows, counts, strict=True)
                ],
                hoverinfo="text",
            )
        )
    layout = bars_layout(labels, showlegend=True, xaxis={"showgrid": False, "showticklabels": False})
    layout.update(barmode="stack", legend={"traceorder": "normal"}, margin={"t": 72, "r": 16})
    return as_json(*traces, layout=layout)


def _wrapped(label: str, width: int = _LABEL_WIDTH) -> str:
    return "<br>".join(textwrap.wrap(label, width))
