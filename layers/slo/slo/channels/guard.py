"""Keeps code that is not ours from private addresses: it may connect to the internet and to nothing else.

Python tells its audit hooks each address before it connects, as a number
(https://docs.python.org/3/library/audit_events.html). So what was resolved, redirected or rebound is checked alike.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

from slo.channels.addresses import is_public

_CONNECTS = ("socket.connect", "socket.sendto", "socket.sendmsg")


class RefusedAddressError(ConnectionError):
    """Raised within what wanted to connect."""


class Guard:
    """Refuses private addresses while it is on, in all threads. An audit hook stays, so make one for a process."""

    def __init__(self) -> None:
        self._is_on = False
        self._lock = Lock()
        self.refused = 0
        """How often, since it was turned on."""
        sys.addaudithook(self._hook)

    @contextmanager
    def on(self) -> Iterator[None]:
        """Refuse within this block."""
        self.refused, self._is_on = 0, True
        try:
            yield
        finally:
            self._is_on = False

    def _hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self._is_on and event in _CONNECTS and not _is_allowed(arguments[1]):
            with self._lock:
                self.refused += 1
            raise RefusedAddressError("private addresses are refused")


def _is_allowed(address: Any) -> bool:
    """A name, a local socket or no address at all is none of the internet."""
    if not isinstance(address, tuple) or not address:
        return False
    try:
        return is_public(str(address[0]))
    except ValueError:
        return False
