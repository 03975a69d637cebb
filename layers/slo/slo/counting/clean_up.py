"""Clean-up of a catalogue: deletes what has expired, and what should never have been in it. Pure.

Ingest retires a route with the first complete snapshot that lacks it, and restores it with the next one that has it.
Clean-up deletes routes and entries that retired so long ago that their last book has expired.
"""

from collections.abc import Iterator, Mapping

import msgspec

from slo.counting.catalogue import Catalogue, Entry, Route
from slo.counting.ledger import LedgerRow
from slo.counting.retention import FORGET_SECONDS, RAW_KEPT_SECONDS
from slo.traefik.naming import is_entry_point


class Cleaned(msgspec.Struct, frozen=True, kw_only=True):
    """What clean-up changed in a catalogue."""

    entry_points: int
    """Deleted series of entry points, which old agents may have sent. The next rollup deletes their ledger rows."""
    retired_entries: int
    """Retired series: silent for longer than raw items are kept, and no rule declares their routes."""
    entries: int
    """Deleted series: retired, their ledger rows pruned and their books expired."""
    routes: int
    """Deleted routes: retired so long ago that their books have expired."""

    @property
    def total(self) -> int:
        """The sum of these numbers."""
        return self.entry_points + self.retired_entries + self.entries + self.routes


def cleaned(catalogue: Catalogue, rows: Mapping[int, LedgerRow], now: float) -> tuple[Catalogue, Cleaned]:
    """The catalogue after clean-up; the same one if nothing changes. `rows` are the rows of the latest ledger."""
    wanted = [entry for entry in catalogue.entries if entry.imported or not is_entry_point(*entry.name)]
    seen = list(_with_retired(catalogue, wanted, rows, now))
    kept = tuple(entry for entry in seen if not _is_over(entry, now) or entry.id in rows)
    routes = tuple(route for route in catalogue.routes if not _is_over(route, now))
    found = Cleaned(
        entry_points=len(catalogue.entries) - len(wanted),
        retired_entries=sum(before != after for before, after in zip(wanted, seen, strict=True)),
        entries=len(seen) - len(kept),
        routes=len(catalogue.routes) - len(routes),
    )
    if not found.total:
        return catalogue, found
    return msgspec.structs.replace(catalogue, version=catalogue.version + 1, entries=kept, routes=routes), found


def _with_retired(
    catalogue: Catalogue, entries: list[Entry], rows: Mapping[int, LedgerRow], now: float
) -> Iterator[Entry]:
    """Retire what ingest missed: the first snapshot that does not declare a removed router still has its series."""
    declared = {route.id for route in catalogue.current_routes}
    for entry in entries:
        row = rows.get(entry.id)
        is_silent = row is None or row.changed_at < now - RAW_KEPT_SECONDS
        if entry.retired_at is None and is_silent and declared.isdisjoint(entry.routes):
            yield msgspec.structs.replace(entry, retired_at=now)
        else:
            yield entry


def _is_over(item: Entry | Route, now: float) -> bool:
    return item.retired_at is not None and item.retired_at <= now - FORGET_SECONDS
