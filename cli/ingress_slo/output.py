"""What commands print: tables for people, JSON for programs; notes go to stderr."""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

console = Console(highlight=False, soft_wrap=True)


def note(sentence: str) -> None:
    """A sentence beside the result."""
    Console(stderr=True, highlight=False, soft_wrap=True).print(sentence, markup=False)


def show_json(value: Any) -> None:
    """One JSON document."""
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False))


def show_table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, empty: str) -> None:
    """A table; a sentence where there are no rows."""
    table = Table(*columns, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        table.add_row(*row)
    if table.row_count:
        console.print(table)
    else:
        note(empty)


@contextmanager
def progress(description: str, total: int | None = None) -> Iterator["ProgressStep"]:
    """A bar on stderr while the work goes on; nothing where stderr is no terminal."""
    errors = Console(stderr=True)
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=errors,
        transient=True,
        disable=not errors.is_terminal,
    )
    with bar:
        yield ProgressStep(bar, description, total)


class ProgressStep:
    """One bar."""

    def __init__(self, bar: Progress, description: str, total: int | None) -> None:
        self._bar = bar
        self._task = bar.add_task(description, total=total)

    def expect(self, total: int) -> None:
        """How much there is to do."""
        self._bar.update(self._task, total=total)

    def done(self, count: int = 1) -> None:
        """So much more is done."""
        self._bar.advance(self._task, count)
