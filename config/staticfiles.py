"""Static files with hashed names, and the stylesheet as one file."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from whitenoise.storage import CompressedManifestStaticFilesStorage

STYLESHEET: Final = "css/site.css"
_IMPORT: Final = re.compile(r'@import url\("([^"]+)"\);\n?')
_COMMENT: Final = re.compile(r"/\*.*?\*/\n*", re.DOTALL)


def joined(stylesheet: Path) -> str:
    """The text of a stylesheet with each `@import url("...")` replaced by the file it names, comments left out.

    Addresses inside the files are taken as relative to `stylesheet`: ours hold none. Raises FileNotFoundError.
    """
    text = _IMPORT.sub(lambda match: joined(stylesheet.parent / match[1]), stylesheet.read_text(encoding="utf-8"))
    return _COMMENT.sub("", text)


class SiteStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Joins the stylesheets when static files are collected: one file a component to write, one request to read."""

    def post_process(self, paths: dict[str, Any], dry_run: bool = False, **options: Any) -> Iterator[Any]:  # noqa: FBT001, FBT002
        if STYLESHEET in paths and not dry_run:
            source, name = paths[STYLESHEET]
            Path(self.path(STYLESHEET)).write_text(joined(Path(source.path(name))), encoding="utf-8")
            paths[STYLESHEET] = (self, STYLESHEET)
        yield from super().post_process(paths, dry_run, **options)
