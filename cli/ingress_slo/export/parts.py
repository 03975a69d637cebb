"""Keeps the parts of a long export in FILE.partial until all of them are read, so that it can be resumed.

What was asked may be relative (the last 90 days). A run that resumes goes on with the window of the first one.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ingress_slo.export.rows import ExportRow

_RESUMED_SECONDS = 86_400
"""An older partial file is of another day's question."""


class Parts:
    """The partial file of one export: a JSON line with the question, then a JSON line for each part.

    `question` is what the caller typed, `window` what that means at `now`, Unix seconds.
    """

    def __init__(self, file: Path, question: dict[str, Any], window: dict[str, str], now: float) -> None:
        self.file = file.with_name(f"{file.name}.partial")
        self._question = question
        self._began = now
        self._rows: dict[str, list[ExportRow]] = {}
        self.window = window
        """That of the run that began the export."""
        if self.file.is_file():
            self._read()

    def _read(self) -> None:
        """Load the parts of an earlier run with the same question. A last line that was cut off is ignored."""
        lines = self.file.read_text(encoding="utf-8").split("\n")[:-1]
        first = json.loads(lines[0]) if lines else {}
        if first.get("question") != self._question or self._began - first["began"] > _RESUMED_SECONDS:
            self.file.unlink()
            return
        self.window, self._began = first["window"], first["began"]
        self._rows = {part["name"]: part["rows"] for part in map(json.loads, lines[1:])}
        self.file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")

    def __contains__(self, name: str) -> bool:
        return name in self._rows

    def add(self, name: str, rows: list[ExportRow]) -> None:
        """Append a part to the file."""
        if not self._rows and not self.file.exists():
            first = {"question": self._question, "window": self.window, "began": self._began}
            self.file.write_text(f"{json.dumps(first)}\n", encoding="utf-8")
        with self.file.open("a", encoding="utf-8") as file:
            file.write(f"{json.dumps({'name': name, 'rows': rows})}\n")
        self._rows[name] = rows

    def rows(self) -> Iterator[ExportRow]:
        """All rows, sorted by the name of their part."""
        return (row for _, rows in sorted(self._rows.items()) for row in rows)

    def done(self) -> None:
        """Delete the partial file."""
        self.file.unlink(missing_ok=True)
