"""The one place that knows how a deployment is put together: its stores, its settings and its clock.

A store binds its own tables, and a use case takes the stores that it needs from here:

    stores = Stores(os.environ.get)
    ingest = Ingest(stores)

Functions, the command, the lab, the benchmarks and the tests all begin with these two lines. A new table is named in
its store, and a new use case needs no line here. Nothing is imported or bound before it is asked for, so a function
loads only what it uses.
"""

import time
from collections.abc import Callable
from typing import Any

from slo.store.tables import Tables


class Stores:
    """The stores of one deployment; each is made once.

    `lookup` gives a setting by its name (see `slo.store.tables`); `clock` gives Unix seconds, by default the
    machine's. A setting that is missing
    raises SettingsError when the use case that needs it is made.
    """

    def __init__(self, lookup: Callable[[str], str | None], clock: Callable[[], float] | None = None) -> None:
        self.tables = Tables(lookup)
        self.clock = clock or time.time
        self._made: dict[Any, Any] = {}

    def of[S](self, kind: Callable[[Tables], S]) -> S:
        """The store of this class."""
        if kind not in self._made:
            self._made[kind] = kind(self.tables)
        store: S = self._made[kind]
        return store

    def at(self, clock: Callable[[], float]) -> "Stores":
        """The same stores with another clock."""
        other = Stores(self.tables.text, clock)
        other.tables, other._made = self.tables, self._made
        return other

    @property
    def slot_seconds(self) -> int:
        """The step of the ledger."""
        return self.tables.number("SLOT_SECONDS")

    @property
    def cutoff_delay_seconds(self) -> int:
        """How long after the end of a slot rollup books it, so that small disorder is sorted first."""
        return self.tables.number("CUTOFF_DELAY_SECONDS")
