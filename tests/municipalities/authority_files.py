"""Files of authorities and contacts, as people bring them."""

import io
from collections.abc import Iterable

import xlsxwriter

HEAD = "municipio;tipo;nombre;run;desde;hasta;decreto;cargo;correo;telefono;principal"
MAYOR = "Cabo de Hornos;alcalde;Ana Pérez;12.345.678-5;06-12-2024;;Decreto 1;;;;"
CONTACT = "12201;contacto;Luis Soto;;;;;Encargado;luis@ejemplo.cl;+56 9 1234;sí"


def file(*lines: str, head: str = HEAD, encoding: str = "utf-8") -> bytes:
    return "\n".join([head, *lines]).encode(encoding)


def workbook(*rows: Iterable[object], sheet: str = "Datos") -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"default_date_format": "dd-mm-yyyy"}) as book:
        book.add_worksheet("Portada").write(0, 0, "Léame")
        page = book.add_worksheet(sheet)
        for number, row in enumerate(rows):
            page.write_row(number, 0, row)
    return out.getvalue()
