"""Kills a thread's work at one of its writes, as if its Lambda function were killed."""

import threading
from typing import Any

_WRITES = frozenset({"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"})


class KilledError(Exception):
    """Raised at the write at which the worker is killed."""


class Writes:
    """Raises KilledError at a thread's n-th write from now, before it is sent or after it takes effect."""

    def __init__(self) -> None:
        self._own = threading.local()
        self._lock = threading.Lock()
        self.kills = 0

    def kill_at(self, number: int, *, after: bool) -> None:
        self._own.left, self._own.after = number, after

    def spare(self) -> None:
        self._own.left = 0

    def register(self, events: Any) -> None:
        events.register("before-call.dynamodb", lambda model, **_: self._count(model, is_after=False))
        events.register("after-call.dynamodb", lambda model, **_: self._count(model, is_after=True))

    def _count(self, model: Any, *, is_after: bool) -> None:
        left = getattr(self._own, "left", 0)
        if not left or model.name not in _WRITES or is_after != self._own.after:
            return
        self._own.left = left - 1
        if left == 1:
            with self._lock:
                self.kills += 1
            raise KilledError
