"""SINIM's endpoint of municipal data: ask for variables and a year, receive a table.

There is no documented interface; this is what its own form sends, as several public clients have found:
`GET {SINIM_URL}/datos_municipales/obtener_datos_municipales.php` with `area[]`, `subarea[]`, `regiones[]` and `municipios[]` set
to `T` (all), `variables[]` and `periodos[]` as comma lists, `corrmon=0` for nominal pesos. Years are numbered from 2000 = 1.
Without the headers of a browser it answers an error page with status 200.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import IO, Final

import requests
from django.utils.translation import gettext as _
from urllib3.exceptions import HTTPError, ProtocolError, ReadTimeoutError

from budget.imports import sniff
from budget.rules.problems import short

PATH: Final = "/datos_municipales/obtener_datos_municipales.php"
FORM: Final = "/datos_municipales.php"
YEAR_BEFORE_FIRST: Final = 1999
ALL: Final = "T"
HEADERS: Final = {
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36",
    "X-Requested-With": "XMLHttpRequest",
    "X-Request-Source": "r",
    "Accept": "application/vnd.ms-excel, text/xml, */*",
}
MAX_BYTES: Final = 60 * 1024 * 1024
IN_MEMORY: Final = 4 * 1024 * 1024
PIECE: Final = 64 * 1024
BUSY: Final = frozenset({429, 500, 502, 503, 504})


class SinimError(Exception):
    """SINIM did not give a table; the message says why, and what to do, in words for a person."""


class _RetryableError(SinimError):
    """A failure that may pass by itself."""


@dataclass(frozen=True, slots=True)
class Sinim:
    """How SINIM is reached. `timeout` is the longest silence and, times five, the longest download, in seconds."""

    url: str
    timeout: float
    attempts: int = 4
    pause: float = 2.0
    sleep: Callable[[float], None] = time.sleep

    def fetch(self, variables: Sequence[str], year: int, say: Callable[[str], None] = lambda _: None) -> IO[bytes]:
        """The table of `variables` (SINIM's numbers) in `year`, as an open file at its start.

        Tries again after failures that may pass, waiting 2, 4 and 8 seconds and telling `say`. Raises SinimError; what had
        come by then is thrown away.
        """
        for attempt in range(1, self.attempts + 1):
            try:
                return self._ask(variables, year)
            except _RetryableError as error:
                if attempt == self.attempts:
                    words = {"error": error, "attempts": self.attempts}
                    raise SinimError(_("%(error)s It was tried %(attempts)s times.") % words) from error
                wait = self.pause * 2 ** (attempt - 1)
                say(_("%(error)s Trying again in %(wait)s s.") % {"error": error, "wait": f"{wait:g}"})
                self.sleep(wait)
        raise AssertionError("unreachable")

    def _ask(self, variables: Sequence[str], year: int) -> IO[bytes]:
        parameters = {
            "area[]": ALL,
            "subarea[]": ALL,
            "variables[]": ",".join(variables),
            "periodos[]": str(year - YEAR_BEFORE_FIRST),
            "regiones[]": ALL,
            "municipios[]": ALL,
            "corrmon": "0",
        }
        try:
            with requests.get(
                self.url + PATH,
                params=parameters,
                headers=HEADERS | {"Referer": self.url + FORM},
                timeout=self.timeout,
                stream=True,
            ) as answer:
                self._check_status(answer)
                return self._receive(answer)
        except (requests.Timeout, ReadTimeoutError) as error:
            raise self._too_slow() from error
        except ProtocolError as error:
            raise _RetryableError(_("SINIM closed the connection before the table was complete.")) from error
        except requests.ConnectionError as error:
            raise _RetryableError(_("SINIM (%(url)s) cannot be reached.") % {"url": self.url}) from error
        except (requests.RequestException, HTTPError) as error:
            words = {"url": self.url, "error": error}
            raise SinimError(_("SINIM (%(url)s) cannot be asked: %(error)s") % words) from error

    def _check_status(self, answer: requests.Response) -> None:
        if answer.ok:
            return
        error = _("SINIM answered with the error %(status)s.") % {"status": answer.status_code}
        raise _RetryableError(error) if answer.status_code in BUSY else SinimError(error)

    def _receive(self, answer: requests.Response) -> IO[bytes]:
        """The body, within limits of size and time, as an open file at its start."""
        with ExitStack() as thrown_away:
            body: IO[bytes] = thrown_away.enter_context(SpooledTemporaryFile(max_size=IN_MEMORY))
            for piece in self._pieces(answer):
                body.write(piece)
            body.seek(0)
            self._check_body(body.read(sniff.HEAD))
            body.seek(0)
            thrown_away.pop_all()
            return body

    def _pieces(self, answer: requests.Response) -> Iterator[bytes]:
        """What has come, without waiting for a whole piece: a trickle, which never times out, must not hide from the limit."""
        deadline = time.monotonic() + 5 * self.timeout
        size = 0
        while piece := answer.raw.read1(PIECE, decode_content=True):
            size += len(piece)
            if size > MAX_BYTES:
                raise SinimError(_("SINIM's answer is larger than any table: %(size)s MB.") % {"size": size // 2**20})
            if time.monotonic() > deadline:
                raise self._too_slow()
            yield piece

    def _check_body(self, head: bytes) -> None:
        if not head.strip():
            raise _RetryableError(_("SINIM answered with nothing."))
        if kind := sniff.kind_of(head):
            words = {"kind": kind, "text": short(_visible(head))}
            raise _RetryableError(_("SINIM answered with something else than a table. %(kind)s: “%(text)s”.") % words)

    def _too_slow(self) -> SinimError:
        return _RetryableError(
            _("SINIM took too long to answer (limit: %(timeout)s s).") % {"timeout": f"{self.timeout:g}"}
        )


def _visible(head: bytes) -> str:
    """What a web page says, without its marks."""
    text, inside = [], False
    for letter in head.decode("utf-8", "replace"):
        if letter in "<>":
            inside = letter == "<"
            text.append(" ")
        elif not inside:
            text.append(letter)
    return "".join(text)
