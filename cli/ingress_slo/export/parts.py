"""Parts of a long export, kept beside its file until all of them are there, so that it goes on where it stopped."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ingress_slo.export.rows import ExportRow


class Parts:
    """One JSON line says what is asked for, and one more for each part."""

    def __init__(self, file: Path, question: dict[str, Any]) -> None:
        self._file = file.with_name(f"{file.name}.partial")
        self._question = question
        self._rows: dict[str, list[ExportRow]] = {}
        if self._file.is_file():
            self._read()

    def _read(self) -> None:
        """Take over what an earlier run got, if it was asked the same; a line that was cut off is not counted."""
        lines = self._file.read_text(encoding="utf-8").split("\n")[:-1]
        if not lines or json.loads(lines[0]) != self._question:
            self._file.unlink()
            return
        self._rows = {part["name"]: part["rows"] for part in map(json.loads, lines[1:])}
        self._file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")

    def __contains__(self, name: str) -> bool:
        return name in self._rows

    def add(self, name: str, rows: list[ExportRow]) -> None:
        """Keep a part."""
        if not self._rows and not self._file.exists():
            self._file.write_text(f"{json.dumps(self._question)}\n", encoding="utf-8")
        with self._file.open("a", encoding="utf-8") as file:
            file.write(f"{json.dumps({'name': name, 'rows': rows})}\n")
        self._rows[name] = rows

    def rows(self) -> Iterator[ExportRow]:
        """All rows, by part."""
        return (row for _, rows in sorted(self._rows.items()) for row in rows)

    def done(self) -> None:
        """Nothing is left to go on with."""
        self._file.unlink(missing_ok=True)
