"""The error budget of the objective that a domain or a route follows: what is left of its period, and its future."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from slo.api.answers import BudgetAnswer, WindowAnswer
from slo.api.parameters import BudgetParameters, WindowParameters
from slo.app.stores import Stores
from slo.app.views import View, Views, known_domain, known_entries
from slo.counting.catalogue import Entry
from slo.counting.counts import Counts
from slo.counting.ledger import Difference
from slo.counting.windows import Window
from slo.objectives.error_budget import error_budget, error_budget_remaining, expected_requests
from slo.objectives.forecast import Calendar, Forecast, Pace, PaceName, Rolling, Step, forecasts, times_of_allowance
from slo.objectives.metrics import figures, per_second
from slo.objectives.objective import Followed
from slo.store.books import BookStore, DailyBooks, HourlyBooks
from slo.times import DAY_SECONDS, HOUR_SECONDS, ceil_to, floor_to, utc


class Budgets:
    """Answers queries for the budget of a domain or a route."""

    def __init__(self, stores: Stores, views: Views) -> None:
        self._views = views
        self._hourly = stores.of(HourlyBooks)
        self._daily = stores.of(DailyBooks)

    def budget(self, cluster_id: str, domain: str, asked: BudgetParameters) -> BudgetAnswer:
        """The budget as of the last snapshot. Raises NotFoundError."""
        view = self._views.of(cluster_id, WindowParameters())
        reporter = view.reporter()
        name = known_domain(reporter, domain)
        entries = known_entries(reporter, name, asked.path_prefix)
        followed = view.objectives.followed(name, asked.path_prefix or "")
        now = view.state.watermark
        start, end = followed.period.bounds(now)
        view = self._views.since(view, start)
        (seen,) = self._views.differences(view, [Window(start, now)])
        counted = _of(entries, seen)
        expected = round(expected_requests(counted.requests, followed.period, now))
        remaining = error_budget_remaining(expected, counted.errors, followed.target)
        return BudgetAnswer(
            **view.cluster_header(),
            domain=name,
            path_prefix=asked.path_prefix,
            objective=followed.objective,
            target=followed.target,
            period=WindowAnswer(utc(max(0, start)), utc(end)),
            coverage=seen.coverage,
            total_requests=counted.requests,
            total_errors=counted.errors,
            availability=1 - counted.errors / counted.requests if counted.requests else None,
            error_budget=error_budget(
                expected, counted.errors, followed.target, per_second=per_second(figures(entries, seen), seen)
            )
            if expected
            else None,
            error_budget_remaining=remaining,
            times_of_allowance=times_of_allowance(remaining),
            forecasts=self._forecasts(view, name, entries, followed, now),
        )

    def _forecasts(
        self, view: View, domain: str, entries: Sequence[Entry], followed: Followed, now: int
    ) -> tuple[Forecast, ...]:
        start, end = followed.period.bounds(now)
        if now <= start:
            return ()
        last_hour, last_day = self._views.last(view, [HOUR_SECONDS, DAY_SECONDS])
        parts = self._parts(view, domain, entries, ceil_to(start, HOUR_SECONDS), now)
        steps = list(_without_holes(self._without_excluded(view, entries, parts), start, now))
        return forecasts(
            steps,
            Calendar(end) if followed.period.is_calendar else Rolling(now - start),
            followed.target.allowed_errors,
            hour=_pace("hour", last_hour, entries),
            day=_pace("day", last_day, entries),
            now=now,
        )

    def _parts(self, view: View, domain: str, entries: Sequence[Entry], start: int, now: int) -> Iterator["_Part"]:
        """What is counted by day where days are closed, else by hour, oldest first. The rest is one part."""
        cluster_id = view.state.cluster_id
        closed = floor_to(view.booked_until, HOUR_SECONDS)
        first_day, last_day = ceil_to(start, DAY_SECONDS), floor_to(view.booked_until, DAY_SECONDS)
        ids = {entry.id for entry in entries}

        def booked(store: BookStore, since: int, until: int) -> Iterator[_Part]:
            if since < until:
                for book in store.between(cluster_id, domain, since, until):
                    end = book.starts_at + book.step_seconds * len(book.steps)
                    counts = [each for step in book.steps for key, each in step.counts.items() if key in ids]
                    yield _Part.of(book.starts_at, end, counts)

        yield from booked(self._hourly, start, min(first_day, closed))
        yield from booked(self._daily, first_day, last_day)
        yield from booked(self._hourly, max(first_day, last_day), closed)
        if max(start, closed) < now:
            (rest,) = self._views.differences(view, [Window(max(start, closed), now)])
            counted = _of(entries, rest)
            yield _Part(max(start, closed), now, counted.requests, counted.errors)

    def _without_excluded(self, view: View, entries: Sequence[Entry], parts: Iterable["_Part"]) -> Iterator["_Part"]:
        """A part that is excluded, if only in part, is counted again by the ledgers of its ends."""
        ids = {entry.id for entry in entries}
        excluded = [each for each in view.excluded if each.entry_ids & ids]
        for part in parts:
            if any(each.start < part.end and each.end > part.start for each in excluded):
                (left,) = self._views.differences(view, [Window(part.start, part.end)])
                counted = _of(entries, left)
                yield _Part(part.start, part.end, counted.requests, counted.errors)
            else:
                yield part


class _Part(NamedTuple):
    start: int
    end: int
    requests: int
    errors: int

    @classmethod
    def of(cls, start: int, end: int, counts: Iterable[Counts]) -> "_Part":
        counted = list(counts)
        return cls(start, end, sum(each.requests for each in counted), sum(each.errors for each in counted))


class _Counted(NamedTuple):
    requests: int
    errors: int


def _of(entries: Sequence[Entry], window: Difference) -> _Counted:
    seen = [each for _, each in figures(entries, window)]
    return _Counted(sum(each.requests for each in seen), sum(each.errors for each in seen))


def _pace(name: PaceName, window: Difference, entries: Sequence[Entry]) -> Pace:
    seconds = window.end - window.start
    counted = _of(entries, window)
    observed = round(window.coverage * _counting_seconds(entries, window, seconds))
    return Pace(name, seconds, observed, counted.requests, counted.errors)


def _counting_seconds(entries: Sequence[Entry], window: Difference, seconds: float) -> float:
    """How much of a window counts for these entries together: all of it, unless some of it is excluded."""
    excluded = window.excluded_seconds
    seen = figures(entries, window)
    rate = per_second(seen, window) if excluded else 0.0
    if rate:
        return min(seconds, sum(each.requests for _, each in seen) / rate)
    return seconds - min((excluded.get(entry.id, 0.0) for entry in entries), default=0.0)


def _without_holes(parts: Iterable[_Part], start: int, end: int) -> Iterator[Step]:
    """A domain has no book for a time without requests: such a time is a step without any."""
    at = start
    for part in parts:
        if part.start > at:
            yield Step(part.start - at, 0, 0)
        yield Step(part.end - part.start, part.requests, part.errors)
        at = part.end
    if at < end:
        yield Step(end - at, 0, 0)
