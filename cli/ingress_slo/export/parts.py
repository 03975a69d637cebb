"""Keeps the parts of a long export in FILE.partial until all of them are read, so that it can be resumed."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ingress_slo.export.rows import ExportRow


class Parts:
    """The partial file of one export: a JSON line with the question, then a JSON line for each part."""

    def __init__(self, file: Path, question: dict[str, Any]) -> None:
        self._file = file.with_name(f"{file.name}.partial")
        self._question = question
        self._rows: dict[str, list[ExportRow]] = {}
        if self._file.is_file():
            self._read()

    def _read(self) -> None:
        """Load the parts of an earlier run with the same question. A last line that was cut off is ignored."""
        lines = self._file.read_text(encoding="utf-8").split("\n")[:-1]
        if not lines or json.loads(lines[0]) != self._question:
            self._file.unlink()
            return
        self._rows = {part["name"]: part["rows"] for part in map(json.loads, lines[1:])}
        self._file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")

    def __contains__(self, name: str) -> bool:
        return name in self._rows

    def add(self, name: str, rows: list[ExportRow]) -> None:
        """Append a part to the file."""
        if not self._rows and not self._file.exists():
            self._file.write_text(f"{json.dumps(self._question)}\n", encoding="utf-8")
        with self._file.open("a", encoding="utf-8") as file:
            file.write(f"{json.dumps({'name': name, 'rows': rows})}\n")
        self._rows[name] = rows

    def rows(self) -> Iterator[ExportRow]:
        """All rows, sorted by the name of their part."""
        return (row for _, rows in sorted(self._rows.items()) for row in rows)

    def done(self) -> None:
        """Delete the partial file."""
        self._file.unlink(missing_ok=True)
