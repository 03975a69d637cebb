"""Wires a deployment: its stores, its settings and its clock.

A store binds its own tables. A use case takes the stores that it needs from `Stores`:

    stores = Stores(os.environ.get)
    ingest = Ingest(stores)

Functions, the command, the lab, the benchmarks and the tests all start like this. A new store or use case needs no
change here. Stores are bound on first use, so a function loads only what it needs.
"""

import time
from collections.abc import Callable
from typing import Any

from slo.store.tables import Tables


class Stores:
    """The stores of one deployment, each created once.

    `lookup` returns a setting by its name (see `slo.store.tables`); `clock` returns Unix seconds, by default the
    system's. If a setting is missing, creating the use case that needs it raises SettingsError.
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
        """Length of a ledger slot."""
        return self.tables.number("SLOT_SECONDS")

    @property
    def cors_origin(self) -> str:
        """The origin whose pages may call the API; empty if only the stack's own dashboard may."""
        return self.tables.text("CORS_ORIGIN", default="")

    @property
    def push_url(self) -> str:
        """The address for agents; empty if it is not set."""
        return self.tables.text("PUSH_URL", default="")

    @property
    def cutoff_delay_seconds(self) -> int:
        """How long rollup waits after the end of a slot, so that slightly late samples are included."""
        return self.tables.number("CUTOFF_DELAY_SECONDS")

    @property
    def stack_name(self) -> str:
        """The stack's name; the parameters of channels in SSM begin with it."""
        return self.tables.text("STACK_NAME")

    @property
    def delivery_queue_url(self) -> str:
        """The queue of messages to channels."""
        return self.tables.text("DELIVERY_QUEUE_URL")

    @property
    def allows_private_targets(self) -> bool:
        """Whether channels may be told at private addresses, and by HTTP."""
        return self.tables.text("ALLOW_PRIVATE_TARGETS", default="false") == "true"
