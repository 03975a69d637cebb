"""Imported history: the counts of another system, as ledgers and books that ours continue.

Imported series have catalogue entries of their own, so our counts are never added to them, and end before our first
sample. Our ledgers keep their final rows. So any window, even from before we watched, is the difference of two ledgers.
"""

from bisect import bisect_right
from collections.abc import Collection, Iterator, Sequence
from itertools import groupby

import msgspec

from slo.counting.books import Book, close
from slo.counting.catalogue import Catalogue, Entry, Route, RouteId
from slo.counting.counts import Counts, Span
from slo.counting.histograms import Bounds
from slo.counting.ledger import Ledger, LedgerRow
from slo.times import DAY_SECONDS, HOUR_SECONDS, ceil_to, floor_to
from slo.traefik.snapshots import IngressRouteInfo

SPAN_SECONDS = 300
"""The finest resolution of imported history. Every allowed slot length divides it."""


class ImportedSeries(msgspec.Struct, frozen=True):
    """One series of the other system, measured by service."""

    service: str
    routes: tuple[RouteId, ...]
    """Empty for a series that no route claims."""
    bounds: Bounds


class ImportedHistory(msgspec.Struct, frozen=True):
    """Everything imported for one cluster."""

    series: tuple[ImportedSeries, ...]
    spans: tuple[Span, ...]
    """Oldest first, each 5 minutes or an hour long, none after `until`; counts by position in `series`."""
    routes: tuple[IngressRouteInfo, ...]
    """The routes that the other system knew."""

    @property
    def until(self) -> int:
        """End of the last span, Unix seconds; 0 if there is none."""
        return self.spans[-1].end if self.spans else 0


class ImportedDay(msgspec.Struct, frozen=True):
    """One UTC day of imported history."""

    starts_at: int
    """Unix seconds."""
    ledgers: tuple[Ledger, ...]
    hourly: tuple[Book, ...]
    daily: tuple[Book, ...]


def register(catalogue: Catalogue, history: ImportedHistory) -> tuple[Catalogue, tuple[int, ...]]:
    """Add the history's series and routes to a catalogue. Also returns the entry id of each series.

    Returns the same catalogue if nothing changes. Drops entries of an earlier import that this one does not have.
    """
    known = {_key(entry): entry for entry in catalogue.entries if entry.imported}
    until = float(history.until)
    next_id, entries = catalogue.next_id, []
    for series in history.series:
        entry = known.get((series.service, series.routes, series.bounds))
        if entry is None:
            entry = Entry(next_id, "", series.service, series.routes, series.bounds, retired_at=until, imported=True)
            next_id += 1
        entries.append(entry)
    own = [entry for entry in catalogue.entries if not entry.imported]
    changed = msgspec.structs.replace(
        catalogue,
        next_id=next_id,
        entries=tuple(sorted((*own, *entries), key=lambda entry: entry.id)),
        routes=(*catalogue.routes, *_unknown_routes(catalogue, history)),
    )
    ids = tuple(entry.id for entry in entries)
    if changed == catalogue:
        return catalogue, ids
    return msgspec.structs.replace(changed, version=catalogue.version + 1), ids


def _key(entry: Entry) -> tuple[str, tuple[RouteId, ...], Bounds]:
    return (entry.service, entry.routes, entry.bounds)


def _unknown_routes(catalogue: Catalogue, history: ImportedHistory) -> Iterator[Route]:
    """The routes that the catalogue lacks: declared if no agent has pushed yet, otherwise retired."""
    known = {route.id for route in catalogue.routes}
    has_agent = catalogue.changed_at > 0
    since = float(history.spans[0].start) if history.spans else 0.0
    for info in sorted(history.routes, key=lambda info: (info.domain, info.path_prefix, info.service_key)):
        if (info.domain, info.path_prefix) not in known:
            known.add((info.domain, info.path_prefix))
            yield Route(info, since, float(history.until) if has_agent else None)


def imported_days(history: ImportedHistory, ids: Sequence[int], catalogue: Catalogue) -> Iterator[ImportedDay]:
    """The history day by day, oldest first. `catalogue` must contain the entries that `ids` names."""
    ledger = Ledger(imported_since=float(history.spans[0].start)) if history.spans else Ledger()
    for day, spans in groupby(history.spans, key=lambda span: floor_to(span.start, DAY_SECONDS)):
        fine: set[int] = set()
        ledgers: list[Ledger] = []
        for span in spans:
            hour = floor_to(span.start, HOUR_SECONDS)
            if ledgers:
                ledgers += _period_ends(ledgers[-1], span.start)
            if span.end - span.start == SPAN_SECONDS:
                fine.add(hour)
            ledgers.append(_after(ledgers[-1] if ledgers else ledger, span, ids))
        ledgers += _period_ends(ledgers[-1], history.until)
        timeline = _Timeline([ledger, *ledgers])
        ledger = ledgers[-1]
        yield ImportedDay(
            day,
            tuple(ledgers),
            tuple(_hourly(timeline, day, fine, catalogue, history.until)),
            tuple(_closed(timeline, day, DAY_SECONDS, HOUR_SECONDS, catalogue, history.until)),
        )


def _after(ledger: Ledger, span: Span, ids: Sequence[int]) -> Ledger:
    rows = dict(ledger.rows)
    for position, counts in span.counts.items():
        row = rows.get(ids[position]) or LedgerRow(span.end, span.end, Counts())
        rows[ids[position]] = LedgerRow(row.since, span.end, row.counts.plus(counts))
    return msgspec.structs.replace(
        ledger,
        at=span.end,
        changed_at=span.end,
        rows=rows,
        imported_seconds=ledger.imported_seconds + (span.end - span.start),
    )


def _period_ends(ledger: Ledger, until: int) -> Iterator[Ledger]:
    """Repeat the ledger at the end of its hour and of its day, because those items are kept longer."""
    ends = {ceil_to(ledger.at, period) for period in (HOUR_SECONDS, DAY_SECONDS)}
    for end in sorted(ends):
        if ledger.at < end <= until:
            yield msgspec.structs.replace(ledger, at=end)


class _Timeline:
    """Finds the ledger that holds at a time."""

    def __init__(self, ledgers: Sequence[Ledger]) -> None:
        self._ledgers = ledgers
        self._times = [ledger.at for ledger in ledgers]

    def at(self, time: int) -> Ledger:
        return self._ledgers[max(0, bisect_right(self._times, time) - 1)]


def _hourly(timeline: _Timeline, day: int, fine: Collection[int], catalogue: Catalogue, until: int) -> Iterator[Book]:
    for hour in range(day, day + DAY_SECONDS, HOUR_SECONDS):
        step = SPAN_SECONDS if hour in fine else HOUR_SECONDS
        yield from _closed(timeline, hour, HOUR_SECONDS, step, catalogue, until)


def _closed(
    timeline: _Timeline, start: int, period: int, step: int, catalogue: Catalogue, until: int
) -> Iterator[Book]:
    if start + period <= until:
        yield from close(catalogue, [(time, timeline.at(time)) for time in range(start, start + period + 1, step)])


def open_periods(until: int, watermark: int) -> Iterator[tuple[int, int]]:
    """(start, length) of the hour and the day in which the history ends, if our rollup has already closed them."""
    for period in (HOUR_SECONDS, DAY_SECONDS):
        start = floor_to(until, period)
        if start < until and start + period <= watermark:
            yield start, period


def combined(stored: Ledger | None, imported: Ledger, imported_ids: Collection[int]) -> Ledger:
    """The stored ledger with its imported rows replaced by this history; the imported ledger if nothing is stored.

    `imported_ids` are all entries that were ever imported.
    """
    if stored is None or not stored.watched_since:
        return imported if stored is None else msgspec.structs.replace(imported, at=stored.at)
    own = {entry_id: row for entry_id, row in stored.rows.items() if entry_id not in imported_ids}
    return msgspec.structs.replace(
        stored,
        rows={**own, **imported.rows},
        imported_since=imported.imported_since,
        imported_seconds=imported.imported_seconds,
    )
