"""What the books of closed days hold of a month, hour by hour, without excluded times.

Nothing here is read from ledgers: they thin out, and books stay as they were closed.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from math import fsum

from slo.app.stores import Stores
from slo.counting.books import CLUSTER, Book, Step, steps_of
from slo.counting.catalogue import Entry, RouteId
from slo.counting.corrections import Excluded
from slo.counting.counts import Counts
from slo.counting.histograms import Histogram, merge
from slo.counting.retention import HOURLY_KEPT_SECONDS
from slo.objectives.reports import measured_by
from slo.objectives.statement import Counted
from slo.store.books import BookStore, DailyBooks, HourlyBooks
from slo.times import DAY_SECONDS, HOUR_SECONDS, ceil_to, floor_to


class MonthBooks:
    """The books of one cluster for one statement. Those of a domain are read once for each time zone's month."""

    def __init__(self, stores: Stores, cluster_id: str, watermark: int) -> None:
        self._hourly, self._daily = stores.of(HourlyBooks), stores.of(DailyBooks)
        self.step_seconds = steps_of(HOUR_SECONDS, stores.slot_seconds)
        """The grid that exclusions are on."""
        self._cluster_id, self._watermark = cluster_id, watermark
        self._tallied: dict[tuple[str, int, int], dict[int, _Tally]] = {}
        self._covered: dict[tuple[int, int], float] = {}

    def counted(
        self, routes: Set[RouteId], entries: Sequence[Entry], start: int, end: int, excluded: Sequence[Excluded]
    ) -> Counted:
        """What the entries of these routes served. `excluded` is disjoint, and the same for all that has these ends."""
        kept = [each for each in map(self._as_kept, excluded) if each.start < each.end]
        tallies: dict[int, _Tally] = {}
        for domain in sorted({domain for domain, _ in routes}):
            tallies |= self._of_domain(domain, start, end, kept)
        served = [(entry, tallies[entry.id]) for entry in entries if entry.id in tallies]
        ids = {entry.id for entry in entries}
        return Counted(
            requests=sum(tally.requests for _, tally in served),
            errors=sum(tally.errors for _, tally in served),
            latencies=merge([each for entry, tally in served for each in tally.histograms(entry)]),
            coverage=self._coverage(start, end),
            measured_by=measured_by([entry for entry, _ in served]),
            shared=any(set(entry.routes) - routes for entry, _ in served),
            in_hours=any(each.entry_ids & ids and self._as_kept(each) != each for each in excluded),
        )

    def _as_kept(self, excluded: Excluded) -> Excluded:
        """As corrected ledgers have it: an end whose hour has no book of five minutes any more is that of the hour."""
        start, end = (
            time if self._watermark - time <= HOURLY_KEPT_SECONDS else floor_to(time, HOUR_SECONDS)
            for time in (excluded.start, excluded.end)
        )
        return excluded._replace(start=start, end=end)

    def _of_domain(self, domain: str, start: int, end: int, excluded: Sequence[Excluded]) -> Mapping[int, "_Tally"]:
        """What each entry of a domain served, without what is excluded."""
        known = self._tallied.get((domain, start, end))
        if known is None:
            known = self._tallied[domain, start, end] = {}
            for hour, steps in self._booked(domain, start, end):
                for entry_id, counts in self._left(domain, hour, steps, excluded):
                    known.setdefault(entry_id, _Tally()).add(counts)
        return known

    def _left(
        self, domain: str, hour: int, steps: Iterable[Step], excluded: Sequence[Excluded]
    ) -> Iterator[tuple[int, Counts]]:
        """What is left of an hour. One that is excluded in part is read in steps of five minutes."""
        end = hour + HOUR_SECONDS
        touching = [each for each in excluded if each.start < end and each.end > hour]
        gone = frozenset[int]().union(*(each.entry_ids for each in touching))
        yield from (each for step in steps for each in step.counts.items() if each[0] not in gone)
        if not any(each.start > hour or each.end < end for each in touching):
            return
        for book in self._hourly.between(self._cluster_id, domain, hour, hour + 1):
            for number, step in enumerate(book.steps):
                first = hour + number * book.step_seconds
                last = first + book.step_seconds
                out = frozenset[int]().union(
                    *(each.entry_ids for each in touching if each.start <= first and last <= each.end)
                )
                yield from (each for each in step.counts.items() if each[0] in gone - out)

    def _coverage(self, start: int, end: int) -> float:
        """The observed share of a time. What was not observed has no book."""
        if (start, end) not in self._covered:
            shares = [
                fsum(step.coverage for step in steps) / len(steps) for _, steps in self._booked(CLUSTER, start, end)
            ]
            self._covered[start, end] = round(fsum(shares) / ((end - start) // HOUR_SECONDS), 4)
        return self._covered[start, end]

    def _booked(self, domain: str, start: int, end: int) -> Iterator[tuple[int, Sequence[Step]]]:
        """The hours of closed days, and of the last day of a cluster that fell silent before it was closed."""
        closed = floor_to(self._watermark, DAY_SECONDS)
        last_day = min(closed, ceil_to(end, DAY_SECONDS))
        for book in self._between(self._daily, domain, floor_to(start, DAY_SECONDS), last_day):
            for number, step in enumerate(book.steps):
                at = book.starts_at + number * book.step_seconds
                if start <= at < end:
                    yield at, (step,)
        for book in self._between(self._hourly, domain, max(start, closed), min(end, self._watermark)):
            yield book.starts_at, book.steps

    def _between(self, store: BookStore, domain: str, start: int, end: int) -> Iterator[Book]:
        if start < end:
            yield from store.between(self._cluster_id, domain, start, end)


class _Tally:
    """What one entry served."""

    def __init__(self) -> None:
        self.requests = self.errors = 0
        self._buckets: dict[int, list[int]] = {}
        """By their number: a process has no bounds until it has observed its first latency."""

    def add(self, counts: Counts) -> None:
        """Add what it served in a step."""
        self.requests += counts.requests
        self.errors += counts.errors
        if counts.observations:
            known = self._buckets.get(len(counts.buckets))
            self._buckets[len(counts.buckets)] = (
                list(counts.buckets) if known is None else [a + b for a, b in zip(known, counts.buckets, strict=True)]
            )

    def histograms(self, entry: Entry) -> Iterator[Histogram]:
        """Its latencies."""
        return (Histogram(entry.bounds[: size - 1], tuple(each)) for size, each in self._buckets.items())
