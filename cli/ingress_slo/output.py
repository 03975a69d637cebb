"""Output of the commands: tables, JSON and progress bars. Results go to stdout, notes and progress to stderr."""

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
    """Print a sentence on stderr."""
    Console(stderr=True, highlight=False, soft_wrap=True).print(sentence, markup=False)


def show_json(value: Any) -> None:
    """Print one JSON document."""
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False))


def show_table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, empty: str) -> None:
    """Print a table, or the note `empty` if there are no rows."""
    table = Table(*columns, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        table.add_row(*row)
    if table.row_count:
        console.print(table)
    else:
        note(empty)


@contextmanager
def progress(description: str, total: int | None = None) -> Iterator["ProgressStep"]:
    """Show a progress bar on stderr during the work; nothing if stderr is not a terminal."""
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
    """One progress bar."""

    def __init__(self, bar: Progress, description: str, total: int | None) -> None:
        self._bar = bar
        self._task = bar.add_task(description, total=total)

    def expect(self, total: int) -> None:
        """Set the total number of steps."""
        self._bar.update(self._task, total=total)

    def done(self, count: int = 1) -> None:
        """Advance by `count` steps."""
        self._bar.advance(self._task, count)
