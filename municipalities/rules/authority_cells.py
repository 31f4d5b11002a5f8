"""A row of a file with authorities and contacts, from what is typed in its cells to what it means. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from accounts.rules import InvalidRunError
from municipalities.choices import Office
from municipalities.rules.authorities import read_run
from municipalities.rules.register import compact
from municipalities.rules.terms import EARLIEST, LATEST

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise as StrOrPromise


class Column(NamedTuple):
    """A column of the file: its name in the code, its heading and other headings taken for it, what it holds, an example."""

    key: str
    heading: str
    others: tuple[str, ...]
    meaning: StrOrPromise
    example: str
    longest: int


# The headings and examples are Spanish: they are written in people's files.
COLUMNS: Final = (
    Column(
        "municipality",
        "municipio",
        ("municipalidad", "comuna", "cut", "codigo", "codigo municipio", "codigo comuna"),
        _("Its name, or its territorial code of five digits (CUT). Always needed."),
        "Cabo de Hornos",
        100,
    ),
    Column(
        "kind",
        "tipo",
        ("tipo de registro", "tipo de persona"),
        _("alcalde, subrogante, secretario or contacto. Always needed."),
        "alcalde",
        60,
    ),
    Column("name", "nombre", ("nombre completo",), _("Name and surnames. Always needed."), "Ana Pérez Soto", 150),
    Column(
        "run",
        "run",
        ("rut",),
        _("With its check digit. Needed for authorities, unused for contacts."),
        "12.345.678-5",
        20,
    ),
    Column(
        "starts",
        "desde",
        ("inicio", "fecha de inicio", "primer dia"),
        _("First day in office: 06-12-2024 or 2024-12-06. Needed for authorities."),
        "06-12-2024",
        30,
    ),
    Column(
        "last_day",
        "hasta",
        ("termino", "fecha de termino", "ultimo dia"),
        _("Last day in office. Empty while it goes on; an empty cell changes nothing that is recorded."),
        "",
        30,
    ),
    Column(
        "decree",
        "decreto",
        ("acto", "resolucion", "fundamento"),
        _("The decree or act that says so. Needed for a new authority."),
        "Decreto 1.234 del 06-12-2024",
        200,
    ),
    Column("position", "cargo", (), _("Of a contact."), "Encargada de transparencia", 150),
    Column(
        "email",
        "correo",
        ("correo electronico", "email", "mail"),
        _("Of a contact. A contact needs an e-mail or a telephone."),
        "transparencia@ejemplo.cl",
        254,
    ),
    Column("phone", "telefono", ("fono", "celular"), _("Of a contact."), "+56 61 2 345 678", 30),
    Column("main", "principal", ("contacto principal",), _("“sí” for the contact to whom invitations go."), "sí", 10),
)
NEEDED: Final = ("municipality", "kind", "name")

_BY_HEADING: Final = {compact(name): column.key for column in COLUMNS for name in (column.heading, *column.others)}
_LONGEST: Final = {column.key: column.longest for column in COLUMNS}
HEADINGS: Final = {column.key: column.heading for column in COLUMNS}

CONTACT: Final = "contact"
_KINDS: Final = {
    **dict.fromkeys(("alcalde", "alcaldesa", "alcaldeoalcaldesa", "alcaldesaoalcalde"), Office.MAYOR.value),
    **dict.fromkeys(
        ("subrogante", "alcaldesubrogante", "alcaldesasubrogante", "alcaldes", "alcaldesas"), Office.ACTING_MAYOR.value
    ),
    **dict.fromkeys(("secretario", "secretaria", "secretariomunicipal", "secretariamunicipal"), Office.SECRETARY.value),
    "contacto": CONTACT,
}
_YES: Final = frozenset({"si", "s", "x", "1", "true", "verdadero", "yes"})
_NO: Final = frozenset({"", "no", "n", "0", "false", "falso"})

PROBLEMS: Final[Mapping[str, StrOrPromise]] = {
    "needed": _("The column “%(column)s” is empty."),
    "too_long": _("The column “%(column)s” has more than %(most)s letters."),
    "kind": _("“%(found)s” is not a type: write alcalde, subrogante, secretario or contacto."),
    "run": _("The RUN is not valid: check the number and its check digit."),
    "date": _("“%(found)s” is not a date (column “%(column)s”): write 06-12-2024."),
    "order": _("The last day comes before the first one."),
    "email": _("“%(found)s” is not an e-mail."),
    "yes": _("“%(found)s” in “principal”: write sí, or leave it empty."),
    "unreachable": _("A new contact needs an e-mail or a telephone."),
    "decree": _("A new authority needs the decree."),
    "municipality": _("No municipality is called “%(found)s”."),
    "suggestion": _("No municipality is called “%(found)s”. Did you mean %(meant)s?"),
    "ambiguous": _("“%(found)s” may mean several municipalities: write the code."),
    "scope": _("%(found)s is not among the municipalities that you accompany."),
    "overlap": _("%(name)s holds this office from %(start)s to %(end)s: the days overlap."),
    "overlap_open": _("%(name)s holds this office since %(start)s: the days overlap."),
    "contradiction": _("It says something else than row %(line)s of the same file."),
    "two_mains": _("Row %(line)s already says who is the main contact."),
    "namesakes": _("Several contacts there have this name: write the e-mail."),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a row cannot be taken, by its code in `PROBLEMS` and what the sentence names."""

    code: str
    named: tuple[tuple[str, str], ...] = ()

    @property
    def sentence(self) -> str:
        """For people, in their language."""
        return str(PROBLEMS[self.code]) % dict(self.named)


def problem(code: str, **named: str) -> Problem:
    return Problem(code, tuple(named.items()))


@dataclass(frozen=True, slots=True)
class AuthorityRow:
    """A row that speaks of an office. `last_day` None: not said. `decree` may be empty for someone already recorded."""

    line: int
    cut: str
    office: str
    name: str
    run: str
    starts: date
    last_day: date | None
    decree: str


@dataclass(frozen=True, slots=True)
class ContactRow:
    """A row that speaks of a contact; empty texts and `is_main` False say nothing."""

    line: int
    cut: str
    name: str
    position: str
    email: str
    phone: str
    is_main: bool


Row = AuthorityRow | ContactRow


def columns_of(headings: Iterable[str]) -> dict[int, str]:
    """Which column each heading means, by its place; unknown headings are left out. Raises `ValueError` for one said twice."""
    found: dict[int, str] = {}
    for place, heading in enumerate(headings):
        key = _BY_HEADING.get(compact(heading))
        if key is None:
            continue
        if key in found.values():
            raise ValueError(HEADINGS[key])
        found[place] = key
    return found


_ISO: Final = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]00:00(?::00)?)?", re.ASCII)
_CHILEAN: Final = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})", re.ASCII)
_SERIAL: Final = re.compile(r"(\d{5})(?:\.0+)?", re.ASCII)
_SERIAL_ZERO: Final = date(1899, 12, 30)


def read_date(text: str) -> date:
    """`06-12-2024`, `6/12/2024`, `6.12.2024`, `2024-12-06`, or the number by which spreadsheets keep a day (`45632`).

    Raises `ValueError` for anything else and for a day that cannot be meant (`terms.EARLIEST`, `LATEST`).
    """
    text = text.strip()
    if iso := _ISO.fullmatch(text):
        day = date(int(iso[1]), int(iso[2]), int(iso[3]))
    elif chilean := _CHILEAN.fullmatch(text):
        day = date(int(chilean[4]), int(chilean[3]), int(chilean[1]))
    elif serial := _SERIAL.fullmatch(text):
        day = _SERIAL_ZERO + timedelta(days=int(serial[1]))
    else:
        raise ValueError(text)
    if not EARLIEST <= day <= LATEST:
        raise ValueError(text)
    return day


class _RefusedError(Exception):
    def __init__(self, problem: Problem) -> None:
        self.problem = problem


def read_row(line: int, cells: Mapping[str, str], find: Callable[[str], str | Problem]) -> Row | Problem:
    """What a row means, or the first thing wrong with it. `cells` by column key; `find` gives a municipality's code."""
    try:
        return _read_row(line, {key: cells.get(key, "").strip() for key in HEADINGS}, find)
    except _RefusedError as refused:
        return refused.problem


def _read_row(line: int, cells: Mapping[str, str], find: Callable[[str], str | Problem]) -> Row:
    for key in NEEDED:
        if not cells[key]:
            raise _RefusedError(problem("needed", column=HEADINGS[key]))
    for key, text in cells.items():
        if len(text) > _LONGEST[key]:
            raise _RefusedError(problem("too_long", column=HEADINGS[key], most=str(_LONGEST[key])))
    kind = _KINDS.get(compact(cells["kind"]))
    if kind is None:
        raise _RefusedError(problem("kind", found=cells["kind"]))
    cut = find(cells["municipality"])
    if isinstance(cut, Problem):
        raise _RefusedError(cut)
    return _contact(line, cut, cells) if kind == CONTACT else _authority(line, cut, kind, cells)


def _authority(line: int, cut: str, office: str, cells: Mapping[str, str]) -> AuthorityRow:
    for key in ("run", "starts"):
        if not cells[key]:
            raise _RefusedError(problem("needed", column=HEADINGS[key]))
    try:
        run = read_run(cells["run"])
    except InvalidRunError:
        raise _RefusedError(problem("run")) from None
    starts = _date(cells, "starts")
    last_day = _date(cells, "last_day") if cells["last_day"] else None
    if last_day and last_day < starts:
        raise _RefusedError(problem("order"))
    name = " ".join(cells["name"].split())
    return AuthorityRow(line, cut, office, name, run, starts, last_day, " ".join(cells["decree"].split()))


def _date(cells: Mapping[str, str], key: str) -> date:
    try:
        return read_date(cells[key])
    except ValueError:
        raise _RefusedError(problem("date", found=cells[key], column=HEADINGS[key])) from None


def _contact(line: int, cut: str, cells: Mapping[str, str]) -> ContactRow:
    email = cells["email"].lower()
    if email:
        try:
            validate_email(email)
        except ValidationError:
            raise _RefusedError(problem("email", found=cells["email"])) from None
    said = compact(cells["main"])
    if said not in _YES | _NO:
        raise _RefusedError(problem("yes", found=cells["main"]))
    name, position = (" ".join(cells[key].split()) for key in ("name", "position"))
    return ContactRow(line, cut, name, position, email, cells["phone"], said in _YES)
