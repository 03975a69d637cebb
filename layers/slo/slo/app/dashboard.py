"""The dashboard's files, as `make web` built them: an index page, and assets whose names hold a hash of their content.

They are read once, when the function starts, and found by their exact name: a path that leads elsewhere finds nothing.
"""

from pathlib import Path

import msgspec

from slo.errors import NotFoundError

CONTENT_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}
"""Text only, since API Gateway would need to be told of anything else."""


class File(msgspec.Struct, frozen=True):
    """One file as it is sent."""

    content_type: str
    text: str


class Dashboard:
    """The files in a folder: `index.html`, and whatever is in `assets`."""

    def __init__(self, folder: Path) -> None:
        index = folder / "index.html"
        self._index = _file(index) if index.is_file() else None
        self._assets = {path.name: _file(path) for path in folder.glob("assets/*") if path.is_file()}

    def index(self) -> File:
        """The page. Raises NotFoundError where the stack was deployed without it."""
        if self._index is None:
            raise NotFoundError(
                "This stack was deployed without its dashboard: run `make build`, then deploy it again."
            )
        return self._index

    def asset(self, name: str) -> File:
        """What the page loads. Raises NotFoundError, as after an update for files of the page before."""
        if name not in self._assets:
            raise NotFoundError("There is no such file; load the page again, it may have been updated.")
        return self._assets[name]


def _file(path: Path) -> File:
    return File(CONTENT_TYPES[path.suffix], path.read_text(encoding="utf-8"))
