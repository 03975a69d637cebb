"""Tells on a terminal what a program does, and that it still does it."""

import time
from typing import Self

from rich.console import Console

from lab.progress import Heartbeat


class Teller:
    """Tells on stderr what the demo does, with the seconds since its start, and that it still does it."""

    def __init__(self) -> None:
        self._console = Console(stderr=True, highlight=False, soft_wrap=True)
        self._started = time.monotonic()
        self._text = ""
        self._heartbeat = Heartbeat(self._still)

    def __enter__(self) -> Self:
        self._heartbeat.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._heartbeat.__exit__(*error)

    def say(self, text: str) -> None:
        """Say what begins now."""
        self._text = text.partition(":")[0].partition(";")[0]
        self._heartbeat.restart()
        self._print(text)

    def pause(self) -> None:
        """Be quiet until the next `say`: the tree on the screen shows that the demo lives."""
        self._text = ""

    def end(self, text: str) -> None:
        """Say how it ended."""
        self.pause()
        self._print(text)

    def _still(self, seconds: float) -> None:
        if self._text:
            self._print(f"  ... {self._text} ({seconds:.0f} s)")

    def _print(self, text: str) -> None:
        self._console.print(f"[dim]{time.monotonic() - self._started:5.1f} s[/dim]  ", end="")
        self._console.print(text, markup=False)
