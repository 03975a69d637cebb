"""Output of the commands: tables, JSON and progress bars. Results go to stdout, notes and progress to stderr.

Names come from whoever declares a route or serves a metric. Here they become text that a terminal only shows.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from slo.traefik.printable import printable


class PlainConsole(Console):
    """Prints strings as they are: without markup, emoji codes, links, or characters that control the terminal."""

    def __init__(self, *, stderr: bool = False) -> None:
        super().__init__(stderr=stderr, highlight=False, soft_wrap=True)

    def render_str(self, text: str, **options: Any) -> Text:
        """What rich shows for a string, also for one in a table."""
        return super().render_str(printable(text), **{**options, "markup": False, "emoji": False})


def console() -> PlainConsole:
    """The terminal, as wide as it is now."""
    return PlainConsole()


def note(sentence: str, style: str | None = None) -> None:
    """Print a sentence on stderr."""
    PlainConsole(stderr=True).print(sentence, style=style)


def at_most[T](limit: int, found: Iterable[T]) -> list[T]:
    """The first ones of what is found. Says on stderr if there are more."""
    taken = list(islice(found, limit + 1))
    if len(taken) > limit:
        note(f"Only the first {limit} are shown: --limit shows more.")
    return taken[:limit]


def printable_json(value: Any) -> str:
    """A JSON document, in which the escapes of JSON stand for characters that are not printable."""
    document = json.dumps(value, indent=2, ensure_ascii=False)
    return "".join(each if each == "\n" or each.isprintable() else json.dumps(each)[1:-1] for each in document)


def show_line(text: str) -> None:
    """Print one line."""
    console().print(text)


def show_document(text: str) -> None:
    """Print a document that has printable characters only, as it is."""
    typer.echo(text, nl=False)


def show_json(value: Any) -> None:
    """Print one JSON document."""
    typer.echo(printable_json(value))


def show_table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, empty: str) -> None:
    """Print a table, or the note `empty` if there are no rows."""
    table = Table(*columns, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        table.add_row(*row)
    if table.row_count:
        console().print(table)
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
