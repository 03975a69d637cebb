"""What the books of closed days hold of a month, hour by hour, without excluded times.

Nothing here is read from ledgers: they thin out, and books stay as they were closed.
"""

from collections import defaultdict
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

Hours = dict[int, dict[int, tuple[Counts, ...]]]
"""The counts of steps by the start of an hour and by entry."""


class MonthBooks:
    """The books of one cluster, read once for each domain."""

    def __init__(self, stores: Stores, cluster_id: str, watermark: int) -> None:
        self._hourly, self._daily = stores.of(HourlyBooks), stores.of(DailyBooks)
        self._step_seconds = steps_of(HOUR_SECONDS, stores.slot_seconds)
        self._cluster_id, self._watermark = cluster_id, watermark
        self._known: dict[tuple[str, int, int], Hours] = {}
        self._coverage: dict[tuple[int, int], float] = {}

    @property
    def step_seconds(self) -> int:
        """The grid that exclusions are on."""
        return self._step_seconds

    def counted(
        self, routes: Set[RouteId], entries: Sequence[Entry], start: int, end: int, excluded: Sequence[Excluded]
    ) -> Counted:
        """What the entries of these routes served. `excluded` is disjoint."""
        domains = sorted({domain for domain, _ in routes})
        by_id = {entry.id: entry for entry in entries}
        own = [each for each in excluded if each.entry_ids & by_id.keys()]
        left = [each for each in map(self._kept_exactly, own) if each.start < each.end]
        requests = errors = 0
        latencies: dict[tuple[int, int], list[int]] = {}
        seen: set[int] = set()
        counts: Iterable[tuple[int, Counts]] = (
            found
            for hour, held in self._hours_of(domains, start, end).items()
            for found in self._left(domains, hour, {key: held[key] for key in held if key in by_id}, left)
        )
        for entry_id, each in counts:
            seen.add(entry_id)
            requests += each.requests
            errors += each.errors
            if each.observations:
                _add(latencies, (entry_id, len(each.buckets)), each.buckets)
        served = [entry for entry in entries if entry.id in seen]
        return Counted(
            requests=requests,
            errors=errors,
            latencies=merge(
                [Histogram(by_id[key].bounds[: size - 1], tuple(total)) for (key, size), total in latencies.items()]
            ),
            coverage=self._covered(start, end),
            measured_by=measured_by(served),
            shared=any(set(entry.routes) - routes for entry in served),
            in_hours=left != own,
        )

    def _kept_exactly(self, excluded: Excluded) -> Excluded:
        """As corrected ledgers have it: an end whose hour has no book of five minutes any more is that of the hour."""
        start, end = (
            time if self._watermark - time <= HOURLY_KEPT_SECONDS else floor_to(time, HOUR_SECONDS)
            for time in (excluded.start, excluded.end)
        )
        return excluded._replace(start=start, end=end)

    def _left(
        self,
        domains: Iterable[str],
        hour: int,
        held: Mapping[int, Sequence[Counts]],
        excluded: Sequence[Excluded],
    ) -> Iterator[tuple[int, Counts]]:
        """What is left of an hour. One that is excluded in part is read in steps of five minutes."""
        end = hour + HOUR_SECONDS
        touching = [each for each in excluded if each.start < end and each.end > hour]
        gone = frozenset[int]().union(*(each.entry_ids for each in touching))
        yield from ((key, counts) for key, steps in held.items() if key not in gone for counts in steps)
        in_part = any(each.start > hour or each.end < end for each in touching)
        if not in_part or not gone & held.keys():
            return
        for at, step in self._steps(domains, hour):
            left_out = (each.entry_ids for each in touching if each.start <= at and at + self._step_seconds <= each.end)
            wanted = (gone & held.keys()) - frozenset[int]().union(*left_out)
            yield from ((key, step[key]) for key in wanted if key in step)

    def _steps(self, domains: Iterable[str], hour: int) -> Iterator[tuple[int, dict[int, Counts]]]:
        """The steps of an hour. An entry of several domains counts once."""
        found: dict[int, dict[int, Counts]] = defaultdict(dict)
        for domain in domains:
            for book in self._hourly.between(self._cluster_id, domain, hour, hour + 1):
                for number, step in enumerate(book.steps):
                    found[hour + number * book.step_seconds] |= step.counts
        yield from found.items()

    def _hours_of(self, domains: Iterable[str], start: int, end: int) -> Hours:
        found: Hours = defaultdict(dict)
        for domain in domains:
            known = self._known.get((domain, start, end))
            if known is None:
                known = dict(self._hours(domain, start, end))
                self._known[domain, start, end] = known
            for hour, held in known.items():
                found[hour] |= held
        return found

    def _hours(self, domain: str, start: int, end: int) -> Iterator[tuple[int, dict[int, tuple[Counts, ...]]]]:
        for at, steps in self._booked(domain, start, end):
            served = {entry_id for step in steps for entry_id in step.counts}
            yield at, {key: tuple(step.counts[key] for step in steps if key in step.counts) for key in sorted(served)}

    def _covered(self, start: int, end: int) -> float:
        """The observed share of a time. What was not observed has no book."""
        if (start, end) not in self._coverage:
            shares = [
                fsum(step.coverage for step in steps) / len(steps) for _, steps in self._booked(CLUSTER, start, end)
            ]
            self._coverage[start, end] = round(fsum(shares) / ((end - start) // HOUR_SECONDS), 4)
        return self._coverage[start, end]

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


def _add(totals: dict[tuple[int, int], list[int]], key: tuple[int, int], buckets: Sequence[int]) -> None:
    known = totals.get(key)
    totals[key] = list(buckets) if known is None else [a + b for a, b in zip(known, buckets, strict=True)]
