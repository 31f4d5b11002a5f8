"""Whether a PDF holds what is never kept: scripts, programs to start, files inside, forms of another kind, encryption.

Every object of every revision is looked at, those inside object streams too, whether the pages reach them or not, and those that
no table lists: readers that find a table broken look for objects themselves. The work is bounded four ways - steps of reading,
objects, unpacked bytes, and seconds of work - so that no file keeps a web process busy.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from itertools import chain
from time import thread_time
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.decode_limits import (
    DEFAULT_PURPOSE_LIMITS,
    DecodeLimits,
    DecodePurpose,
    DocumentDecodeBudget,
    StreamDecodeLimits,
)
from pyhanko.pdf_utils.misc import PdfDecodeLimitError, PdfError
from pyhanko.pdf_utils.reader import PdfFileReader

from municipalities.rules.uploads import TRUNCATED, UNREADABLE, NotKeptError

MOST_STEPS: Final = 2_000_000
"""Reads from the file while it is parsed. A tagged page with a table takes ten thousand, a scanned one a hundred."""
MOST_SECONDS: Final = 2.0
"""Of the process's own work, waiting not counted; looked at now and then."""
_NOW_AND_THEN: Final = 2_000
MOST_OBJECTS: Final = 30_000
_MIB: Final = 1024 * 1024
_TAIL: Final = 1024

LIMITS: Final = DecodeLimits(
    per_stream=StreamDecodeLimits(max_output_size=32 * _MIB),
    per_purpose={
        **DEFAULT_PURPOSE_LIMITS,
        DecodePurpose.OBJECT_STREAM: StreamDecodeLimits(max_ratio=100, ratio_floor=4 * _MIB, max_output_size=16 * _MIB),
        DecodePurpose.XREF_STREAM: StreamDecodeLimits(max_ratio=100, ratio_floor=_MIB, max_output_size=4 * _MIB),
    },
    document_budget=DocumentDecodeBudget(base_allowance=128 * _MIB, max_ratio=0),
)
"""How much any reading of somebody else's PDF may unpack."""

_SCRIPT: Final = _("The PDF holds a script. Print it to a new PDF without scripts, sign that and send it.")
_LAUNCH: Final = _("The PDF asks to open a program or to send data. Make it again without such actions.")
_FILES: Final = _("The PDF has files attached inside. Send each document by itself.")
_MEDIA: Final = _("The PDF holds sound, video or animation. Make it again with text and pictures only.")
_XFA: Final = _("The PDF is a form of another kind (XFA). Print it to a plain PDF and send that.")
_ENCRYPTED: Final = _("The PDF is protected with a password or encrypted. Send it without protection.")
_TOO_COMPLEX: Final = _("The PDF is too large inside to be examined. Print it to a new PDF and send that.")
_HIDDEN: Final = _("Something else is hidden after the end of the PDF. Save it again and send the new copy.")

_KEYS: Final[dict[str, Promise]] = {
    "/JS": _SCRIPT,
    "/JavaScript": _SCRIPT,
    "/EmbeddedFiles": _FILES,
    "/EF": _FILES,
    "/XFA": _XFA,
    "/RichMediaContent": _MEDIA,
    "/RichMediaSettings": _MEDIA,
}
_VALUES: Final[dict[tuple[str, str], Promise]] = {
    ("/S", "/JavaScript"): _SCRIPT,
    ("/S", "/Launch"): _LAUNCH,
    ("/S", "/SubmitForm"): _LAUNCH,
    ("/S", "/ImportData"): _LAUNCH,
    ("/S", "/GoToE"): _FILES,
    ("/S", "/Rendition"): _MEDIA,
    ("/S", "/Movie"): _MEDIA,
    ("/S", "/Sound"): _MEDIA,
    ("/S", "/RichMediaExecute"): _MEDIA,
    ("/Type", "/EmbeddedFile"): _FILES,
    ("/Subtype", "/FileAttachment"): _FILES,
    ("/Subtype", "/RichMedia"): _MEDIA,
    ("/Subtype", "/Movie"): _MEDIA,
    ("/Subtype", "/Sound"): _MEDIA,
    ("/Subtype", "/Screen"): _MEDIA,
    ("/Subtype", "/3D"): _MEDIA,
    ("/Subtype", "/PS"): _SCRIPT,
}


_BEGINS: Final = re.compile(
    rb"(?<![0-9])([0-9]{1,10})[\0\t\n\f\r ]+([0-9]{1,5})[\0\t\n\f\r ]+obj(?![A-Za-z])"
    rb"(?:[\0\t\n\f\r ]|%[^\r\n]{0,200}+[\r\n])*+"
)
"""Where an object begins, blanks and short remarks before it included; no begin costs more than its own remarks."""


class _TooMuchWorkError(Exception):
    pass


class _Budget:
    """What the examination of one file has cost so far."""

    def __init__(self) -> None:
        self._steps, self._ends = 0, thread_time() + MOST_SECONDS

    def spend(self) -> None:
        self._steps += 1
        late = self._steps % _NOW_AND_THEN == 0 and thread_time() > self._ends
        if late or self._steps > MOST_STEPS:
            raise _TooMuchWorkError


class _Counted(BytesIO):
    """Bytes whose every read is counted: parsing costs in proportion to its reads."""

    def __init__(self, content: bytes, spent: _Budget) -> None:
        super().__init__(content)
        self._spent = spent

    def read(self, size: int | None = -1, /) -> bytes:
        self._spent.spend()
        return super().read(size)


def check_pdf(content: bytes) -> None:
    """Raise `NotKeptError` with the reason when a PDF is of a kind that is never kept, or cannot be read to its end."""
    end = content.rfind(b"%%EOF")
    if end < len(content) - _TAIL and end >= 0 and content[end + 5 :].strip(b"\0\t\n\f\r "):
        raise NotKeptError(_HIDDEN if b"endobj" not in content[end:] else TRUNCATED)
    if end < 0 or content[end + 5 :].strip(b"\0\t\n\f\r "):
        raise NotKeptError(TRUNCATED)
    spent = _Budget()
    try:
        reader = PdfFileReader(_Counted(content, spent), strict=False, decode_limits=LIMITS)
        if "/Encrypt" in reader.trailer or reader.encrypted:
            raise NotKeptError(_ENCRYPTED)
        reader.root["/Pages"]
        for number, held in enumerate(chain(_objects(reader, spent), _unlisted(reader, content, spent))):
            if number > MOST_OBJECTS:
                raise _TooMuchWorkError
            _look_at(held)
    except NotKeptError:
        raise
    except (_TooMuchWorkError, PdfDecodeLimitError, RecursionError):
        raise NotKeptError(_TOO_COMPLEX) from None
    # A parser of hostile bytes fails in more ways than it declares.
    except (PdfError, ValueError, TypeError, KeyError, IndexError, AttributeError, AssertionError, OSError):
        raise NotKeptError(UNREADABLE) from None


def _objects(reader: PdfFileReader, spent: _Budget) -> Iterator[Any]:
    """The trailer, and each object that a table of any revision lists; an object stream is unpacked once, with all it holds."""
    yield reader.trailer.flatten()
    sections = [reader.xrefs.get_xref_data(revision) for revision in range(reader.xrefs.total_revisions)]
    # Where a revision has both kinds of table, the other one is looked at too.
    tables = [
        (revision, table)
        for revision, section in enumerate(sections)
        for table in (section, section.hybrid.xref_data if section.hybrid else None)
        if table is not None
    ]
    used_as_streams = {number for _revision, table in tables for number in table.obj_streams_used}
    for revision, table in tables:
        for number, (generation, _offset) in table.standard_xrefs.items():
            place = generic.Reference(number, generation, reader)
            held = reader.get_object(place, revision, never_decrypt=True)  # type: ignore[no-untyped-call]
            yield held
            if number in used_as_streams or _is_object_stream(held):
                yield from _unpacked(held, reader, spent)


def _unlisted(reader: PdfFileReader, content: bytes, spent: _Budget) -> Iterator[Any]:
    """Each object that stands in the file and in no table. What only looks like the beginning of one is passed over."""
    sections = [reader.xrefs.get_xref_data(revision) for revision in range(reader.xrefs.total_revisions)]
    tables = [*sections, *(section.hybrid.xref_data for section in sections if section.hybrid)]
    listed = {offset for table in tables for _generation, offset in table.standard_xrefs.values()}
    data = _Counted(content, spent)
    for found in _BEGINS.finditer(content):
        spent.spend()
        if found.start() in listed:
            continue
        data.seek(found.end())
        try:
            held = generic.read_object(data, generic.Reference(int(found[1]), int(found[2]), reader))
            inside = list(_unpacked(held, reader, spent)) if _is_object_stream(held) else []
        except (PdfDecodeLimitError, RecursionError):
            raise
        except (PdfError, ValueError, TypeError, KeyError, IndexError, AttributeError, AssertionError, OSError):
            continue
        yield held
        yield from inside


def _is_object_stream(held: Any) -> bool:
    return isinstance(held, generic.StreamObject) and "/Type" in held and held["/Type"] == "/ObjStm"


def _unpacked(stream: Any, reader: PdfFileReader, spent: _Budget) -> Iterator[Any]:
    """Each object of an object stream, also those that no table lists."""
    data = _Counted(stream.read_data(DecodePurpose.OBJECT_STREAM), spent)
    count, first = int(stream["/N"]), int(stream["/First"])
    if count > MOST_OBJECTS:
        raise _TooMuchWorkError
    head = data.read(first).split()
    for number, place in zip(head[: 2 * count : 2], head[1 : 2 * count : 2], strict=True):
        data.seek(first + int(place))
        yield generic.read_object(data, generic.Reference(int(number), 0, reader))


def _look_at(held: Any) -> None:
    """Raise at the first forbidden entry of an object and of what stands inside it. What it refers to comes by itself."""
    waiting = [held]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            for key, value in part.items():
                _judge_entry(str(key), value)
                if isinstance(value, dict | list):
                    waiting.append(value)
        elif isinstance(part, list):
            waiting.extend(value for value in part if isinstance(value, dict | list))


def _judge_entry(key: str, value: Any) -> None:
    reason = _KEYS.get(key)
    if reason is None and key in {"/S", "/Type", "/Subtype"}:
        held = value.get_object() if isinstance(value, generic.IndirectObject) else value  # type: ignore[no-untyped-call]
        reason = _VALUES.get((key, str(held)))
    if reason is not None:
        raise NotKeptError(reason)
