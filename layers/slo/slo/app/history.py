"""History: the figures of a domain or a route over time, from books for closed periods and from ledgers after that."""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from itertools import pairwise

from slo.api.answers import HistoryAnswer
from slo.api.parameters import HistoryParameters
from slo.app.stores import Stores
from slo.app.views import View, Views, known_domain, known_entries
from slo.counting.books import CLUSTER, Book, Step
from slo.counting.catalogue import Entry
from slo.counting.counts import Counts, Span
from slo.counting.windows import Window
from slo.objectives.metrics import figures
from slo.objectives.time_series import Totals, point_seconds, points
from slo.store.books import BookStore, DailyBooks, HourlyBooks
from slo.structs import like
from slo.times import DAY_SECONDS, HOUR_SECONDS, floor_to

_SHORT_SECONDS = 300
_NOTHING = Step(has_data=False, coverage=0.0, counts={})


class DomainHistory:
    """Answers queries for the history of a domain or a route."""

    def __init__(self, stores: Stores, views: Views) -> None:
        self._views = views
        self._hourly = stores.of(HourlyBooks)
        self._daily = stores.of(DailyBooks)

    def history(self, cluster_id: str, domain: str, asked: HistoryParameters) -> HistoryAnswer:
        """The points of a window. Raises NotFoundError or BadRequestError."""
        view = self._views.of(cluster_id, asked)
        reporter = view.reporter()
        name = known_domain(reporter, domain)
        entries = known_entries(reporter, name, asked.path_prefix)
        seconds = point_seconds(view.current.end - view.current.start, asked.step)
        start = floor_to(max(0, view.current.start), seconds)
        spans = list(self._without_excluded(view, entries, self._spans(view, name, start, seconds)))
        target = view.objectives.followed(name, asked.path_prefix or "").target
        seen = figures(entries, view.current)
        totals = Totals(sum(each.requests for _, each in seen), sum(each.errors for _, each in seen))
        ids = {entry.id for entry in entries}
        excluded = [each for each in view.excluded if each.entry_ids & ids]
        found = points(spans, entries, start, view.current.end, seconds, target, totals, excluded)
        return HistoryAnswer(
            **view.header(),
            domain=name,
            path_prefix=asked.path_prefix,
            point_seconds=seconds,
            target=target,
            points=tuple(found),
        )

    def _spans(self, view: View, domain: str, start: int, seconds: int) -> Iterator[Span]:
        """The counts by hour or by five minutes, oldest first. What is booked ends earlier than the live figures."""
        cluster_id, end = view.state.cluster_id, view.current.end
        closed = min(end, view.booked_until)
        hours_from = start
        if seconds > _SHORT_SECONDS:
            hours_from = floor_to(closed, DAY_SECONDS)
            yield from self._booked(self._daily, cluster_id, domain, floor_to(start, DAY_SECONDS), hours_from)
        open_from = floor_to(closed, HOUR_SECONDS)
        hours_from = floor_to(max(start, hours_from), HOUR_SECONDS)
        yield from self._booked(self._hourly, cluster_id, domain, hours_from, open_from)
        yield from self._open(view, max(start, open_from), end)

    def _booked(self, store: BookStore, cluster_id: str, domain: str, start: int, end: int) -> Iterator[Span]:
        """The steps of closed periods. A domain has no book for a period without requests."""
        if start >= end:
            return
        own = {book.starts_at: book for book in store.between(cluster_id, domain, start, end)}
        for observed in store.between(cluster_id, CLUSTER, start, end):
            yield from _steps(observed, own.get(observed.starts_at))

    def _without_excluded(self, view: View, entries: Sequence[Entry], spans: Iterable[Span]) -> Iterator[Span]:
        """The counts of these entries without excluded times. An hour that is excluded in part is counted again."""
        ids = {entry.id for entry in entries}
        excluded = [each for each in view.excluded if each.entry_ids & ids]
        for span in spans:
            touching = [each for each in excluded if each.start < span.end and each.end > span.start]
            gone = frozenset[int]().union(*(each.entry_ids for each in touching))
            if not touching:
                yield span
            elif len(touching) == 1 and touching[0].start <= span.start and span.end <= touching[0].end:
                yield like(Span, span, counts=_other(span.counts, gone), delayed=_other(span.delayed, gone))
            else:
                (left,) = self._views.differences(view, [Window(span.start, span.end)])
                counts = {**_other(span.counts, gone), **_only(left.counts, gone)}
                yield like(
                    Span, span, counts=counts, delayed={**_other(span.delayed, gone), **_only(left.delayed, gone)}
                )

    def _open(self, view: View, start: int, end: int) -> Iterator[Span]:
        """The open hour, in steps of five minutes."""
        times = [*range(start, end, max(_SHORT_SECONDS, self._views.slot_seconds)), end]
        for found in self._views.differences(view, [Window(*bounds) for bounds in pairwise(times)]):
            yield like(Span, found)


def _other(counts: Mapping[int, Counts], gone: Set[int]) -> dict[int, Counts]:
    return {entry_id: counts[entry_id] for entry_id in counts if entry_id not in gone}


def _only(counts: Mapping[int, Counts], gone: Set[int]) -> dict[int, Counts]:
    return {entry_id: counts[entry_id] for entry_id in gone if entry_id in counts}


def _steps(observed: Book, own: Book | None) -> Iterator[Span]:
    for number, step in enumerate(observed.steps):
        start = observed.starts_at + number * observed.step_seconds
        end, counted = start + observed.step_seconds, own.steps[number] if own else _NOTHING
        yield like(Span, counted, start=start, end=end, has_data=step.has_data)
