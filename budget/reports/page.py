"""The public page of a municipality's year, put together from its stored payload: no question to the database, no HTML.

Amounts come out in whole pesos, already scaled to the way of showing them that the reader chose; the template only writes them.
"""

from __future__ import annotations

from datetime import date, datetime
from fractions import Fraction
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from budget.choices import Missing, Severity, Source, SourceUnit
from budget.figures import EACH, NOMINAL, REAL, factors
from budget.reports.gaps import gaps
from budget.reports.parts import Crumb, Row, Tree, View
from budget.reports.texts import terms
from budget.rules.constant_pesos import scaled
from budget.rules.summary import Node, children, share, stages, whole_of
from config.numbers import number, pesos, pesos_short
from municipalities.choices import PopulationSource

# `?montos=` values; without it, nominal pesos.
AMOUNTS = {"": NOMINAL, "reales": REAL, "por-habitante": EACH}
TREES = ("area", "nature", "origin")
# Below this, a difference between two totals is the rounding of thousands, not news.
ROUNDING = 10_000
SEVERITIES = {Severity.SERIOUS: 0, Severity.WARNING: 1, Severity.NOTICE: 2}


class YearPage:
    """What `budget/year.html` reads. `payload` and `series` are described in `budget.reports`."""

    def __init__(
        self, name: str, year: int, payload: dict[str, Any], series: dict[str, Any], view: View, years_base: str
    ) -> None:
        self.name, self.year, self.payload, self.view, self.years_base = name, year, payload, view, years_base
        self.headline = payload["headline"]
        self.dataset = payload["dataset"]
        self.series = series
        self.factors = factors(payload)
        self.amounts = AMOUNTS[view.montos] if AMOUNTS[view.montos] in self.factors else NOMINAL
        self.factor = self.factors[self.amounts]
        self.figures = payload["figures"].get(self.amounts, {})
        self.trees = {key: [Node(*node) for node in payload["trees"][key]] for key in TREES}
        self.opened = self.find(view.ver)
        self.terms = terms()

    # What is on the page

    @property
    def has_amounts(self) -> bool:
        return any(value is not None for value in self.headline.values())

    @property
    def year_name(self) -> str:
        """The year as templates write it: a number would get its thousands mark."""
        return str(self.year)

    @property
    def not_found(self) -> bool:
        """The reader followed a detail that this year does not have."""
        return bool(self.view.ver) and self.opened is None

    @cached_property
    def unit(self) -> str:
        """In which pesos the amounts of the page are."""
        if self.amounts == REAL:
            return _("pesos of %(year)s") % {"year": self.payload["price"]["base"]}
        if self.amounts == EACH:
            return _("pesos of %(year)s for each inhabitant") % {"year": self.year}
        return _("pesos of %(year)s") % {"year": self.year}

    @cached_property
    def source(self) -> str:
        return str(Source(self.dataset["source"]).label)

    @cached_property
    def source_line(self) -> str:
        """Unit, source and date, for under every table."""
        return _("In %(unit)s. Source: %(source)s, at %(date)s.") % {
            "unit": self.unit,
            "source": self.source,
            "date": f"{self.cut_off:%d-%m-%Y}",
        }

    @property
    def source_unit(self) -> str:
        return str(SourceUnit(self.dataset["unit"]).label)

    @cached_property
    def cut_off(self) -> date:
        return date.fromisoformat(self.dataset["cut_off"])

    @property
    def published(self) -> datetime | None:
        return moment(self.dataset["published"])

    @property
    def editions(self) -> list[tuple[int, datetime | None, datetime | None]]:
        return [(edition, moment(began), moment(ended)) for edition, began, ended in self.payload["editions"]]

    @cached_property
    def findings(self) -> list[list[str]]:
        return sorted(self.payload["findings"], key=lambda finding: SEVERITIES.get(Severity(finding[1]), 3))

    def money(self, key: str) -> int | None:
        return scaled(self.headline[key], self.factor)

    # The answer

    @property
    def answer(self) -> str:
        """The year in one sentence."""
        spent = self.headline["accrued"]
        said = {"year": self.year, "name": self.name}
        if spent is None:
            return _("There is no data on what the municipality of %(name)s spent in %(year)s.") % said
        each = scaled(spent, self.factors.get(EACH))
        said |= {"amount": pesos_short(self.money("accrued")), "each": pesos(each), "total": pesos_short(spent)}
        said["unit"] = self.unit
        if self.amounts == EACH:
            return (
                _("In %(year)s the municipality of %(name)s spent %(each)s for each inhabitant: %(total)s in all.")
                % said
            )
        if self.amounts == REAL:
            return _("In %(year)s the municipality of %(name)s spent %(amount)s, in %(unit)s.") % said
        if each is None:
            return _("In %(year)s the municipality of %(name)s spent %(amount)s.") % said
        return _("In %(year)s the municipality of %(name)s spent %(amount)s: %(each)s for each inhabitant.") % said

    @property
    def split(self) -> str:
        """Where most of each 100 pesos went, by area or else by nature. Empty where the parts do not fit their whole."""
        for key in ("area", "nature"):
            nodes = self.trees[key]
            parts = [node for node in children(nodes, nodes[0].id) if not node.rest][:2] if nodes else []
            if parts and whole_of(nodes[0], children(nodes, nodes[0].id))[1]:
                shares = [round(share(part.amount, nodes[0].amount) or 0) for part in parts]
                if len(parts) == 2 and shares[1] > 0:
                    return _("Of every 100 pesos, %(first)s went to %(one)s and %(second)s to %(other)s.") % {
                        "first": shares[0],
                        "one": uncapitalised(parts[0].name),
                        "second": shares[1],
                        "other": uncapitalised(parts[1].name),
                    }
        return ""

    @property
    def why_nothing(self) -> str:
        """Why the year has no amounts."""
        if self.payload["missing"].get(Missing.NOT_RECEIVED):
            return _(
                "The municipality did not send the figures of %(year)s: %(source)s marks them «No Recepcionado» (not received). "
                "That does not mean that it spent nothing."
            ) % {"year": self.year, "source": self.source}
        return _("%(source)s published no amounts for %(year)s. That does not mean that it spent nothing.") % {
            "year": self.year,
            "source": self.source,
        }

    # The four numbers

    @property
    def numbers(self) -> list[dict[str, Any]]:
        initial, current = self.money("initial"), self.money("current")
        each = scaled(self.headline["accrued"], self.factors.get(EACH))
        return [
            self.card(_("Planned at first"), _("initial budget"), initial, "presupuesto_inicial"),
            self.card(
                _("Planned after the year's changes"), _("current budget"), current, "presupuesto_vigente", self.changed
            ),
            self.card(_("Spent"), _("accrued"), self.money("accrued"), "devengado", self.executed),
            self.card(_("For each inhabitant"), "", each, "gasto_por_habitante", self.people, exact=True),
        ]

    def card(
        self, label: str, office: str, amount: int | None, slug: str, meaning: str = "", *, exact: bool = False
    ) -> dict[str, Any]:
        return {
            "label": label,
            "office": office,
            "value": None if amount is None else (pesos if exact else pesos_short)(amount),
            "exact": pesos(amount) if amount is not None and not exact and self.amounts != EACH else "",
            "meaning": meaning,
            "term": self.terms.get(slug),
        }

    @property
    def changed(self) -> str:
        initial, current = self.money("initial"), self.money("current")
        if initial is None or current is None:
            return ""
        if initial == current:
            return _("The same as at first.")
        amount = pesos_short(abs(current - initial))
        if current > initial:
            return _("%(amount)s more than at first.") % {"amount": amount}
        return _("%(amount)s less than at first.") % {"amount": amount}

    @property
    def executed(self) -> str:
        part = share(self.headline["accrued"], self.headline["current"])
        if part is None:
            return ""
        return _("%(part)s of every 100 pesos that could be spent.") % {"part": number(round(part))}

    @property
    def people(self) -> str:
        """The population behind "for each inhabitant", and what another count would give."""
        found = self.payload["population"]
        if found is None:
            return _("The number of inhabitants of %(year)s is not known.") % {"year": self.year}
        return _("With %(people)s inhabitants: %(source)s.") % {
            "people": number(found[0]),
            "source": PopulationSource(found[1]).label,
        }

    # Trees

    def find(self, ver: str) -> tuple[str, Node] | None:
        """The tree and node of a `?ver=` value that has parts."""
        for key in TREES:
            wholes = {node.parent for node in self.trees[key]}
            for node in self.trees[key]:
                if node.id == ver and node.id in wholes:
                    return key, node
        return None

    def tree(self, key: str, node: Node | None = None) -> Tree | None:
        """A whole and its parts; without `node`, the root. None where the source gives no parts."""
        nodes = self.trees[key]
        if len(nodes) < 2:
            return None
        top = node or nodes[0]
        parts = children(nodes, top.id)
        whole, fits = whole_of(top, parts)
        opens = {found.parent for found in nodes if found.amount}
        rows = [
            Row(
                name=part.name or self.rest_name(key, top),
                sentence=part.sentence or self.rest_sentence(),
                amount=scaled(part.amount, self.factor),
                share=share(part.amount, whole),
                link=self.view.link(ver=part.id if part.id in opens else part.also)
                if part.id in opens or part.also
                else "",
                rest=part.rest,
            )
            for part in parts
        ]
        beyond = share(whole - top.amount, top.amount)
        return Tree(
            key=key,
            title=str(TITLES[key]),
            level=top.id,
            name=top.name,
            amount=scaled(top.amount, self.factor),
            rows=rows,
            excess=None if fits else scaled(whole - top.amount, self.factor),
            excess_percent=None if fits or beyond is None else float(beyond),
            figure=self.figures.get(key, ""),
            link=self.view.link(ver=""),
        )

    def rest_name(self, key: str, whole: Node) -> str:
        if key == "origin":
            return (
                _("Other own income") if whole.id == "propios" else _("Other income that the source does not itemise")
            )
        if key == "area" and whole.id == "areas":
            return _("Not assigned to any area")
        return _("Other spending that the source does not itemise")

    def rest_sentence(self) -> str:
        return _("What is left of the total: the source gives the sum, but does not say what it is made of.")

    @cached_property
    def areas(self) -> Tree | None:
        return self.tree("area")

    @cached_property
    def natures(self) -> Tree | None:
        return self.tree("nature")

    @cached_property
    def origins(self) -> Tree | None:
        return self.tree("origin")

    @cached_property
    def open_tree(self) -> Tree | None:
        return self.tree(*self.opened) if self.opened else None

    @property
    def open_path(self) -> list[Crumb]:
        """From the year's page down to the amount opened, without it."""
        if self.opened is None:
            return []
        key, node = self.opened
        by_id = {found.id: found for found in self.trees[key]}
        above: list[Crumb] = []
        parent = by_id.get(node.parent)
        while parent is not None and parent.parent:
            above.insert(0, Crumb(parent.name, self.view.link(ver=parent.id)))
            parent = by_id.get(parent.parent)
        return [Crumb(str(TITLES[key]), f"{self.view.link(ver='')}#{ANCHORS[key]}"), *above]

    @property
    def open_answer(self) -> str:
        """The amount opened, in one sentence."""
        if self.opened is None:
            return ""
        key, node = self.opened
        part = share(node.amount, self.trees[key][0].amount)
        said = {
            "year": self.year,
            "name": self.name,
            "amount": pesos_short(scaled(node.amount, self.factor)),
            "part": "" if part is None else number(float(part), 0 if part >= 1 else 1),
        }
        if key == "origin":
            return (
                _(
                    "In %(year)s the municipality of %(name)s received %(amount)s: %(part)s of every 100 pesos it received."
                )
                % said
            )
        return (
            _("In %(year)s the municipality of %(name)s spent %(amount)s: %(part)s of every 100 pesos it spent.") % said
        )

    @property
    def open_sentence(self) -> str:
        return self.opened[1].sentence if self.opened else ""

    @property
    def year_link(self) -> str:
        """The whole year, in the same pesos."""
        return self.view.link(ver="")

    @property
    def income_answer(self) -> str:
        """What was received, and the largest known part of it."""
        nodes = self.trees["origin"]
        parts = [node for node in children(nodes, nodes[0].id) if not node.rest]
        said = {"year": self.year, "amount": pesos_short(self.money("received")), "part": "", "name": ""}
        part = share(parts[0].amount, nodes[0].amount) if parts else None
        if part is None:
            return _("In %(year)s the municipality received %(amount)s.") % said
        said |= {"part": number(round(part)), "name": uncapitalised(parts[0].name)}
        return _("In %(year)s the municipality received %(amount)s. Of every 100 pesos, %(part)s were %(name)s.") % said

    @property
    def census_note(self) -> str:
        """In the year of a census, what the projection would give: the two counts differ, and other years only have one."""
        census, projection, spent = self.payload["census"], self.payload["projection"], self.headline["accrued"]
        if not census or not projection or spent is None:
            return ""
        each = scaled(spent, Fraction(1, projection))
        return _("With INE's projection (%(people)s inhabitants) it would be %(each)s for each inhabitant.") % {
            "people": number(projection),
            "each": pesos(each),
        }

    # Execution, years, what is missing

    @property
    def execution(self) -> list[dict[str, Any]]:
        """Planned, changed and done, for expense and for income without the cash of the year before."""
        expense, income = stages(self.headline)
        return [self.stage(_("Expense"), *expense), self.stage(_("Income"), *income)]

    @property
    def opening_cash(self) -> int | None:
        return self.money("opening_current")

    def stage(self, name: str, initial: int | None, current: int | None, done: int | None) -> dict[str, Any]:
        part = share(done, current)
        return {
            "name": name,
            "initial": scaled(initial, self.factor),
            "current": scaled(current, self.factor),
            "done": scaled(done, self.factor),
            "part": None if part is None else float(part),
        }

    @cached_property
    def years(self) -> list[dict[str, Any]]:
        """Each year's spending in its own pesos and in constant ones, for each inhabitant, and its real change; newest first."""
        rows: list[dict[str, Any]] = []
        before: int | None = None
        for found in self.series.get("years", []):
            real = scaled(found["accrued"], Fraction(*found["factor"])) if found["factor"] else None
            change = share(real - before, before) if real is not None and before else None
            each = scaled(found["accrued"], Fraction(1, found["projection"])) if found["projection"] else None
            rows.append(
                {
                    "year": found["year"],
                    "spent": found["accrued"],
                    "real": real,
                    "change": None if change is None else float(change),
                    "each": each,
                    "link": self.view.link(base=f"{self.years_base}{found['year']}/"),
                    "here": found["year"] == self.year,
                    "demonstration": found["demonstration"],
                }
            )
            before = real
        return rows[::-1]

    @property
    def years_figure(self) -> str:
        kind = "each" if self.amounts == EACH else "pesos"
        return str(self.series.get("figures", {}).get(kind, ""))

    @property
    def modes(self) -> list[dict[str, Any]]:
        """The ways of showing the amounts, as links."""
        base = self.payload["price"] and self.payload["price"]["base"]
        labels = {
            "": _("Pesos of %(year)s") % {"year": self.year},
            "reales": _("Pesos of %(year)s, without inflation") % {"year": base},
            "por-habitante": _("For each inhabitant"),
        }
        return [
            {"name": labels[montos], "link": self.view.link(montos=montos), "here": self.amounts == amounts}
            for montos, amounts in AMOUNTS.items()
            if amounts in self.factors
        ]

    @property
    def downloads(self) -> list[tuple[str, str]]:
        """Name and address of each file with the amounts of this edition."""
        base = f"{self.years_base}{self.year}/datos"
        query = "" if self.view.base == f"{self.years_base}{self.year}/" else f"edicion={self.dataset['edition']}"
        files = [("CSV", "csv", ""), ("Excel (XLSX)", "xlsx", ""), ("JSON", "json", "")]
        files.append((_("Variables of the source (CSV)"), "csv", "tabla=indicadores"))
        return [
            (name, f"{base}.{suffix}" + ("?" + "&".join(filter(None, [more, query])) if more or query else ""))
            for name, suffix, more in files
        ]

    @property
    def gaps(self) -> list[str]:
        return gaps(self.payload, self.year, self.source)


TITLES = {
    "area": gettext_lazy("Spending by area"),
    "nature": gettext_lazy("Spending by kind"),
    "origin": gettext_lazy("Where the money came from"),
}
ANCHORS = {"area": "areas", "nature": "tipos", "origin": "ingresos"}


def moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def uncapitalised(name: str) -> str:
    """A name inside a sentence."""
    return name[:1].lower() + name[1:]
