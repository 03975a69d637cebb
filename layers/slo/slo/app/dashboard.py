"""The dashboard's files, built by `make web`: an index page, and assets with a hash of their content in their names.

All files are read once, when the function starts. Lookup is by exact name, so a request cannot reach any other file.
"""

from pathlib import Path

import msgspec

from slo.api import not_found

CONTENT_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}
"""Text types only: API Gateway serves binary types only if the template lists them."""


class File(msgspec.Struct, frozen=True):
    """A file's content and content type."""

    content_type: str
    text: str


class Dashboard:
    """The files of a folder: `index.html` and everything in `assets`."""

    def __init__(self, folder: Path) -> None:
        index = folder / "index.html"
        self._index = _file(index) if index.is_file() else None
        self._assets = {path.name: _file(path) for path in folder.glob("assets/*") if path.is_file()}

    def index(self) -> File:
        """The page. Raises NotFoundError if the stack was deployed without it."""
        if self._index is None:
            raise not_found.dashboard()
        return self._index

    def asset(self, name: str) -> File:
        """A file that the page loads. Raises NotFoundError, for example after an update, for the old page's files."""
        if name not in self._assets:
            raise not_found.file()
        return self._assets[name]


def _file(path: Path) -> File:
    return File(CONTENT_TYPES[path.suffix], path.read_text(encoding="utf-8"))
