"""Builds one history from raw and hourly rows, in which every request counts once.

The two tables overlap: an hourly row is the sum of its raw rows, and raw rows are kept for 48 hours. If the raw rows of
an hour add up to its hourly rows, the raw rows are used, in steps of five minutes. Otherwise the hourly rows are used.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from ingress_slo.atlhyper import account as reasons
from ingress_slo.atlhyper.account import Account, Unattributed
from ingress_slo.atlhyper.attribution import Attribution
from ingress_slo.atlhyper.database import BUCKET_COLUMNS, HOURLY, RAW, Database, Measured
from ingress_slo.atlhyper.latencies import Layout, layout
from slo.counting.catalogue import RouteId
from slo.counting.counts import Counts, Span
from slo.counting.imported import SPAN_SECONDS, ImportedHistory, ImportedSeries
from slo.times import HOUR_SECONDS, floor_to
from slo.traefik.snapshots import IngressRouteInfo

_CODES = ("2xx", "3xx", "4xx", "5xx")
_ANY_METHOD = "unknown"
_MICROSECONDS_PER_MS = 1_000
Owned = tuple[str, tuple[RouteId, ...]]
"""A service and the routes that claim it."""


@dataclass(slots=True)
class _Sum:
    """The sum of the rows of one owner in one span."""

    rows: int = 0
    requests: int = 0
    errors: int = 0
    duration_ms: float = 0.0
    buckets: list[int] = field(default_factory=lambda: [0] * len(BUCKET_COLUMNS))
    codes: list[int] = field(default_factory=lambda: [0] * len(_CODES))

    def add(self, row: Measured, duration_ms: float) -> None:
        """Add a row."""
        self.rows += 1
        self.requests += row.requests
        self.errors += row.errors
        self.duration_ms += duration_ms
        if row.buckets:
            self.buckets = [a + b for a, b in zip(self.buckets, row.buckets, strict=True)]
        if row.codes:
            self.codes = [a + b for a, b in zip(self.codes, row.codes, strict=True)]

    def counts(self, bounds: Layout) -> Counts:
        """The sum in the ledger's form: codes by class if the version has them, else `5xx` and `other`."""
        if sum(self.codes) == self.requests and self.codes[-1] == self.errors:
            codes = dict(zip(_CODES, self.codes, strict=True))
        else:
            codes = {"5xx": self.errors, "other": self.requests - self.errors}
        return Counts(
            codes={code: count for code, count in codes.items() if count},
            methods={_ANY_METHOD: self.requests} if self.requests else {},
            buckets=bounds.cumulative(self.buckets),
            duration_microseconds=round(self.duration_ms * _MICROSECONDS_PER_MS),
        )


Spans = defaultdict[int, dict[Owned, _Sum]]
"""Sums by owner, by the start of the span in Unix seconds."""


class HistoryBuilder:
    """Builds one cluster's history."""

    def __init__(self, attribution: Attribution, *, oldest: int, until: int) -> None:
        """`oldest` and `until` are Unix seconds. Rows that start before `oldest` or end after `until` are dropped."""
        self._attribution = attribution
        self._oldest, self._until = oldest, until
        self._spans: dict[str, Spans] = {RAW: defaultdict(dict), HOURLY: defaultdict(dict)}
        self.accounts = {table: Account(table) for table in (RAW, HOURLY)}
        self.unattributed: dict[str, Unattributed] = {}

    def read(self, database: Database, cluster_id: str, progress: Callable[[int], None]) -> None:
        """Read all rows of a cluster."""
        for table, seconds in ((RAW, SPAN_SECONDS), (HOURLY, HOUR_SECONDS)):
            for row in database.measured(table, cluster_id):
                self._take(self.accounts[table], row, self._spans[table], seconds)
                progress(1)

    def _take(self, account: Account, row: Measured, spans: Spans, seconds: int) -> None:
        account.read += 1
        reason = self._unusable(row, seconds)
        if reason:
            account.drop(reason)
            return
        start = _start(row, seconds)
        owner = self._attribution.of(row)
        if owner.is_entry_point:
            spans.setdefault(start, {})  # the span was observed, even if only the entry point has a row
            account.drop(reasons.ENTRY_POINT)
            return
        duration_ms = row.latency_ms * (row.requests if seconds == HOUR_SECONDS else 1)
        spans[start].setdefault((row.host, owner.routes), _Sum()).add(row, duration_ms)

    def _unusable(self, row: Measured, seconds: int) -> str:
        if row.at is None:
            return reasons.UNREADABLE
        if row.is_missing:
            return reasons.NOTHING_MEASURED
        if row.requests < 0 or row.errors < 0 or row.errors > row.requests:
            return reasons.IMPOSSIBLE
        start = _start(row, seconds)
        if start < self._oldest:
            return reasons.TOO_OLD
        return reasons.WATCHED if start + seconds > self._until else ""

    def history(self, scraped: dict[str, set[float]], routes: tuple[IngressRouteInfo, ...]) -> ImportedHistory:
        """The whole history; completes the accounts. `scraped` holds the latency bounds of each host in seconds."""
        merged = sorted(self._merged(), key=lambda span: span[0])
        owners = sorted({owned for _, _, sums in merged for owned in sums})
        positions = {owned: position for position, owned in enumerate(owners)}
        used = {
            column
            for _, _, sums in merged
            for total in sums.values()
            for column, count in enumerate(total.buckets)
            if count
        }
        layouts = [layout(scraped.get(host, ()), used) for host, _ in owners]
        return ImportedHistory(
            series=tuple(
                ImportedSeries(host, routes, bounds.bounds)
                for (host, routes), bounds in zip(owners, layouts, strict=True)
            ),
            spans=tuple(
                Span(
                    start,
                    start + seconds,
                    has_data=True,
                    counts={
                        positions[owned]: counts
                        for owned, total in sums.items()
                        if not (counts := total.counts(layouts[positions[owned]])).is_empty
                    },
                )
                for start, seconds, sums in merged
            ),
            routes=routes,
        )

    def _merged(self) -> Iterator[tuple[int, int, dict[Owned, _Sum]]]:
        """Yield (start, seconds, sums) for each span."""
        slots: dict[int, list[int]] = defaultdict(list)
        for slot in self._spans[RAW]:
            slots[floor_to(slot, HOUR_SECONDS)].append(slot)
        for hour in {*slots, *self._spans[HOURLY]}:
            hourly = self._spans[HOURLY].get(hour)
            raw = {slot: self._spans[RAW][slot] for slot in slots[hour]}
            if hourly is None:
                yield from self._in_steps(raw, sorted(raw))
            elif raw and _by_host(hourly.items()) == _by_host(item for sums in raw.values() for item in sums.items()):
                self.accounts[HOURLY].drop(reasons.IN_RAW, sum(total.rows for total in hourly.values()))
                yield from self._in_steps(raw, range(hour, hour + HOUR_SECONDS, SPAN_SECONDS))
            else:
                yield hour, HOUR_SECONDS, self._whole(hourly, raw.values())

    def _in_steps(
        self, raw: dict[int, dict[Owned, _Sum]], starts: Iterable[int]
    ) -> Iterator[tuple[int, int, dict[Owned, _Sum]]]:
        for start in starts:
            sums = raw.get(start, {})
            self._keep(RAW, sums)
            yield start, SPAN_SECONDS, sums

    def _whole(self, hourly: dict[Owned, _Sum], raw: Iterable[dict[Owned, _Sum]]) -> dict[Owned, _Sum]:
        """The sums of an hour from its hourly rows, and from raw rows for services without an hourly row."""
        merged = dict(hourly)
        self._keep(HOURLY, hourly)
        hosts = {host for host, _ in hourly}
        for sums in raw:
            for owned, total in sums.items():
                if owned[0] in hosts:
                    self.accounts[RAW].drop(reasons.IN_HOUR, total.rows)
                    continue
                self._keep(RAW, {owned: total})
                merged[owned] = _plus(merged.get(owned), total)
        return merged

    def _keep(self, table: str, sums: dict[Owned, _Sum]) -> None:
        for (host, routes), total in sums.items():
            self.accounts[table].keep(total.rows, is_attributed=bool(routes))
            if not routes:
                service = self.unattributed.setdefault(host, Unattributed(host))
                service.rows += total.rows
                service.requests += total.requests


def _start(row: Measured, seconds: int) -> int:
    return floor_to(row.at or 0, seconds)


def _by_host(sums: Iterable[tuple[Owned, _Sum]]) -> dict[str, tuple[int, int]]:
    """(requests, errors) of each host that has any."""
    found: dict[str, tuple[int, int]] = {}
    for (host, _), total in sums:
        requests, errors = found.get(host, (0, 0))
        found[host] = (requests + total.requests, errors + total.errors)
    return {host: total for host, total in found.items() if any(total)}


def _plus(one: _Sum | None, other: _Sum) -> _Sum:
    if one is None:
        return other
    return _Sum(
        one.rows + other.rows,
        one.requests + other.requests,
        one.errors + other.errors,
        one.duration_ms + other.duration_ms,
        [a + b for a, b in zip(one.buckets, other.buckets, strict=True)],
        [a + b for a, b in zip(one.codes, other.codes, strict=True)],
    )
