"""Counts where the rows of each table went: read = moved + dropped + unattributed."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

ENTRY_POINT = "counted at an entry point, for all services together"
NOTHING_MEASURED = "says that nothing was measured"
UNREADABLE = "its time cannot be read"
IMPOSSIBLE = "counts below zero, or more errors than requests"
WATCHED = "our agent watches since then, or its five minutes are not over"
TOO_OLD = "older than anything is kept"
IN_RAW = "its hour is told in five-minute steps by raw rows"
IN_HOUR = "its hour's row counts it"
LAST_VALUE = "a counter's last value; our agent begins with its own"


@dataclass
class Account:
    """The counts of one table."""

    table: str
    read: int = 0
    moved: int = 0
    """Rows imported under a domain and a path."""
    unattributed: int = 0
    """Rows without a route: imported under the service's name, or (targets) not set."""
    dropped: Counter[str] = field(default_factory=Counter)
    """Rows that are not imported, by reason."""

    def drop(self, reason: str, rows: int = 1) -> None:
        """Count rows that are not imported."""
        self.dropped[reason] += rows

    def keep(self, rows: int, *, is_attributed: bool) -> None:
        """Count rows that are imported."""
        if is_attributed:
            self.moved += rows
        else:
            self.unattributed += rows

    @property
    def adds_up(self) -> bool:
        """Whether every row that was read is accounted for."""
        return self.read == self.moved + self.dropped.total() + self.unattributed

    def document(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "table": self.table,
            "read": self.read,
            "moved": self.moved,
            "dropped": self.dropped.total(),
            "left": self.unattributed,
            "reasons": dict(sorted(self.dropped.items())),
        }


@dataclass
class Unattributed:
    """A service without a route, or the `host` of a target that matches no route or domain."""

    name: str
    rows: int = 0
    requests: int = 0


def totals(accounts: Iterable[Account]) -> Account:
    """The sum of all tables."""
    result = Account("total")
    for account in accounts:
        result.read += account.read
        result.moved += account.moved
        result.unattributed += account.unattributed
        result.dropped += account.dropped
    return result
