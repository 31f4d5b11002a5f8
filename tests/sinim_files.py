"""Small files as SINIM writes them: the same marks, the same empty line at the start, any values."""

from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

NOTE = "Valores en miles de pesos nominales (M$) de cada año."
TITLES = {
    "BPIGM": "BPIGM (M$) Presupuesto Inicial Gastos Municipales",
    "BPIIM": "BPIIM (M$) Presupuesto Inicial Sector Municipal",
    "BPVGM": "BPVGM (M$) Presupuesto Vigente Gastos Municpiales",
    "BPVIM": "BPVIM (M$) Presupuesto Vigente Sector Municipal",
    "IADM01": "IADM01 (M$) Ingresos Municipales (Ingreso Total Percibido)",
    "IADM11": "IADM11 (M$) Gastos Municipales (Gastos Total Devengado)",
    "BGMAGINT": "BGMAGINT (M$) Gastos Municipales Área de Gestión: Interna",
    "BGMASCOM": "BGMASCOM (M$) Gastos Municipales Área de Gestión: Servicios Comunitarios",
    "BGMAAMUN": "BGMAAMUN (M$) Gastos Municipales Área de Gestión: Actividades Municipales",
    "BGMAPSOC": "BGMAPSOC (M$) Gastos Municipales Área de Gestión: Programas Sociales",
    "BGMAPREC": "BGMAPREC (M$) Gastos Municipales Área de Gestión: Programas Recreacionales",
    "BGMAPCUL": "BGMAPCUL (M$) Gastos Municipales Área de Gestión: Programas Culturales",
    "IADM61": "IADM61 (M$) Gastos en Personal Municipal (Subtítulo 21)",
    "IADM03": "IADM03 (%) Participación del Fondo Común Municipal en el Ingreso Total",
    "IADM 125": "IADM 125 (%) Porcentaje de Ejecución Presupuestaria Devengada Municipal",
    "IADM43.1": "IADM43.1 (M$) Ingresos por Transferencias menos Casino Ley N° 19.995, Patentes Acuícolas y Patentes Mineras",
    "LCNB": "LCNB (Nº) N° Licencias de Conducir Clase B nuevas y renovadas en el año.",
    "MLICEN": "MLICEN (S-N) Su Municipalidad actualmente entrega Licencias de Conducir?",
}
NAMES = {"10207": "QUEILÉN", "12201": "CABO DE HORNOS", "13120": "ÑUÑOA"}
AREAS = ("BGMAGINT", "BGMASCOM", "BGMAAMUN", "BGMAPSOC", "BGMAPREC", "BGMAPCUL")
NOT_RECEIVED = "No Recepcionado"

Value = int | float | str | None
Key = str | tuple[str, int]
HEAD = """
<?xml version="1.0"?>
<?mso-application progid="Excel.Sheet"?>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">
<Worksheet ss:Name="Hoja1"><Table>
"""
FOOT = "</Table></Worksheet></Workbook>\n"


def cell(value: Value, *, kind: str | None = None, attributes: str = "") -> str:
    """One cell; numbers are typed Number, texts String, as SINIM does."""
    if value is None:
        return f"<Cell {attributes}/>"
    kind = kind or ("String" if isinstance(value, str) else "Number")
    return f'<Cell {attributes}><Data ss:Type="{kind}">{escape(str(value))}</Data></Cell>'


def row(values: Sequence[Value | None], *, code: bool = True) -> str:
    """One row; the first cell is a CUT typed Number, with its leading zero, unless `code` is False."""
    first = cell(values[0], kind="Number" if code else None)
    return "<Row>" + first + "".join(map(cell, values[1:])) + "</Row>\n"


def header(columns: Sequence[tuple[str, int]], *, note: str = NOTE, titles: Mapping[str, str] = TITLES) -> str:
    return (
        f"<Row>{cell(note)}</Row>\n"
        + row(["", "", *(titles[code] for code, _year in columns)], code=False)
        + row(["CODIGO", "MUNICIPIO", *(str(year) for _code, year in columns)], code=False)
    )


def table(
    values: Mapping[str, Mapping[str, Value]],
    *,
    year: int = 2024,
    names: Mapping[str, str] = NAMES,
    note: str = NOTE,
    titles: Mapping[str, str] = TITLES,
) -> bytes:
    """`{"13120": {"IADM11": 81_200}}` as a file of one year, in thousands of pesos; missing values are "No Recepcionado"."""
    codes = list(dict.fromkeys(code for row_ in values.values() for code in row_))
    body = "".join(
        row([cut, names[cut], *(given.get(code, NOT_RECEIVED) for code in codes)]) for cut, given in values.items()
    )
    return (HEAD + header([(code, year) for code in codes], note=note, titles=titles) + body + FOOT).encode()


def several_years(values: Mapping[str, Mapping[tuple[str, int], Value]]) -> bytes:
    """`{"13120": {("IADM11", 2023): 1}}` as a file with the years in columns."""
    columns = list(dict.fromkeys(key for row_ in values.values() for key in row_))
    body = "".join(
        row([cut, NAMES[cut], *(given.get(column, NOT_RECEIVED) for column in columns)])
        for cut, given in values.items()
    )
    return (HEAD + header(columns) + body + FOOT).encode()


def year_of(total: int, **other: Value) -> dict[str, Value]:
    """A plausible year of one municipality: totals that agree and areas that add up to `total` (in thousands)."""
    parts = [total // 2, total // 4, total // 16, total // 16, total // 16]
    areas = dict(zip(AREAS, [*parts, total - sum(parts)], strict=True))
    budgets = {"BPIGM": total, "BPIIM": total, "BPVGM": total, "BPVIM": total}
    return {**budgets, "IADM01": total, "IADM11": total, **areas, **other}
