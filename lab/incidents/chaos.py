"""Faults of one call of a function: killed at a write, throttled, or overtaken by another instance."""

import threading
from collections import Counter
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

_WRITES = frozenset({"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"})
_THROTTLED = "ProvisionedThroughputExceededException"


class KilledError(BaseException):
    """The function is killed here. Nothing in it may catch this."""


class Chaos:
    """Disturbs the calls to DynamoDB, and to the queue, of the thread that armed it, until it is spared.

    `register` takes the events of a botocore client (`lab.cloud.dynamodb_local.every_client`).
    """

    def __init__(self) -> None:
        self._own = threading.local()
        self.happened: Counter[str] = Counter()

    def arm(self, what: str, number: int, action: Callable[[], object] | None = None) -> None:
        """Let this happen at a write: `killed before`, `killed after`, `throttled` or `overtaken` (does `action`)."""
        self._own.what, self._own.left, self._own.action = what, number, action

    def spare(self) -> None:
        """Disturb nothing from now on."""
        self._own.left = 0

    def register(self, events: Any) -> None:
        """Disturb the client with these events."""
        events.register("before-call.dynamodb", lambda model, **_: self.before(model.name in _WRITES))
        events.register("after-call.dynamodb", lambda model, **_: self.after(model.name in _WRITES))

    def before(self, is_write: bool) -> tuple[Any, dict[str, Any]] | None:
        """Before a call. Returns the answer of a service that throttles, if it does."""
        what = getattr(self._own, "what", "")
        if what == "killed after" or not self._is_next(is_write or what == "throttled"):
            return None
        self.happened[what] += 1
        if what == "killed before":
            raise KilledError
        if what == "overtaken":
            self._own.action()
            return None
        answer = {"Error": {"Code": _THROTTLED, "Message": "slow down"}, "ResponseMetadata": {"HTTPStatusCode": 400}}
        return SimpleNamespace(status_code=400, headers={}, content=b"", text=""), answer

    def after(self, is_write: bool) -> None:
        """After a call. Raises KilledError if it is the one."""
        if getattr(self._own, "what", "") == "killed after" and self._is_next(is_write):
            self.happened["killed after"] += 1
            raise KilledError

    def _is_next(self, counts: bool) -> bool:
        left = getattr(self._own, "left", 0)
        if not left or not counts:
            return False
        self._own.left = left - 1
        return bool(left == 1)
