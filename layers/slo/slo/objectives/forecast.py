"""The error budget's future: whether and when it runs out if the pace of the last hour, or of the last day, goes on.

A rolling period is simulated: what leaves at its old end is known, and the pace adds requests, which bring allowance,
and errors. After a whole period all of it is pace, so nothing changes any more and the answer is final. In a calendar
period nothing leaves, and the answer holds until its end.

A pace is known from few requests, so room is left for chance. "Lasts" is said if the budget lasts at this pace even
with two standard deviations more errors. "Runs out" is said if it runs out at just this pace, and at least
LEAST_ERRORS were seen. In between the answer is unknown.

Two claims are tested on synthetic months (test_forecast_back_tested.py). Of the budgets that are said to last, at most
2 % run out (1) if the named pace goes on and chance decides about each request, (2) if the service goes on as it truly
is at that time, with its nights and week-ends. New outages and a ratio of errors that grows are no part of a pace.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from math import sqrt
from typing import Literal, NamedTuple

import msgspec

from slo.objectives.burn_rates import LEAST_ERRORS
from slo.times import DAY_SECONDS, utc

PaceName = Literal["hour", "day"]
Outcome = Literal["exhausted", "runs_out", "lasts", "unknown"]
Because = Literal["", "no_requests", "not_observed", "chance"]

LEAST_OBSERVED = 0.5
"""Ratio. A pace of which less was observed says nothing."""
_DEVIATIONS = 2.0
"""Room for chance, in standard deviations of the number of errors."""
_PARTS = 120
"""How many times in a period chance is looked at, at least."""


class Step(msgspec.Struct, frozen=True):
    """A part of the period that is behind us: an hour, a day, or what lies between two ledgers."""

    seconds: int
    requests: int
    errors: int
    """Requests and errors are taken as spread evenly over the step."""


class Rolling(msgspec.Struct, frozen=True):
    """The last so many seconds, whenever it is asked."""

    seconds: int


class Calendar(msgspec.Struct, frozen=True):
    """A week, month or quarter that ends at a fixed time. Its steps begin where it begins."""

    ends_at: int
    """Unix seconds."""


class Pace(msgspec.Struct, frozen=True):
    """What was counted in the last hour or the last day."""

    name: PaceName
    seconds: int
    """Length: 3600 or 86400."""
    observed_seconds: int
    """How much of it was observed. The counts are of these seconds."""
    requests: int
    errors: int

    @property
    def observed(self) -> float:
        """Ratio of the time that was observed."""
        return min(1.0, self.observed_seconds / self.seconds)

    @property
    def is_observed(self) -> bool:
        """Whether enough of it was observed to say something."""
        return self.observed >= LEAST_OBSERVED


class Forecast(msgspec.Struct, frozen=True, kw_only=True):
    """The budget's future at one pace."""

    pace: PaceName
    observed: float
    """Ratio of the hour or the day that was observed."""
    requests_per_day: float
    """The last hour's pace is its ratio of errors on the last day's requests: a night has fewer than a day."""
    errors_per_day: float
    outcome: Outcome
    """`exhausted`: spent already. `runs_out`, `lasts`: at this pace. `unknown`: see `because`."""
    because: Because
    """Why nothing is said of the future: the pace has no requests, too little of it was observed, or chance decides."""
    exhausted_at: datetime | None
    """When the budget runs out; now if it is exhausted; null otherwise."""
    earliest_at: datetime | None
    """If chance decides: when it could run out at the earliest. Null otherwise."""
    recovers_at: datetime | None
    """If it is exhausted: when there is some again at this pace, as errors leave and requests come. Null otherwise."""
    until: datetime
    """How far it was looked: a whole period ahead, or to the end of the calendar period."""


def times_of_allowance(error_budget_remaining: float | None) -> float | None:
    """How many times the allowed errors happened: 45 for a remaining budget of -44. None if no more than allowed."""
    if error_budget_remaining is None or error_budget_remaining >= 0:
        return None
    return 1 - error_budget_remaining


def forecasts(
    steps: Sequence[Step],
    period: Rolling | Calendar,
    allowed_errors: tuple[int, int],
    *,
    hour: Pace,
    day: Pace,
    now: int,
) -> tuple[Forecast, Forecast]:
    """The future at the pace of the last hour, and at the pace of the last day.

    `steps` is what is behind us of the period, oldest first, up to `now`; they may differ in length. A rolling period
    that began before the first step had no requests until then. `allowed_errors` is `Target.allowed_errors`. `now` is
    Unix seconds: the time up to which the steps count. Raises ValueError if the steps are longer than a rolling period,
    or a calendar period is over.
    """
    path = list(_path(steps, period, now))
    whole = _Counts(path[0].requests, path[0].errors)
    future = _Future(path, whole, allowed_errors, now)
    return future.at(hour, _rates(hour, day)), future.at(day, _rates(day, day))


class _Counts(NamedTuple):
    requests: int
    errors: int


class _Rates(NamedTuple):
    """Requests and errors in so many seconds. Integers, so that a budget of exactly 0 is found."""

    requests: int
    errors: int
    seconds: int


class _Point(NamedTuple):
    """What is left of the past's requests and errors after so many seconds."""

    elapsed: int
    requests: int
    errors: int


def _rates(pace: Pace, day: Pace) -> _Rates:
    """The pace's ratio of errors on the day's requests. A day that was not observed lends none."""
    traffic = day if day.is_observed and day.requests else pace
    if not pace.requests or not traffic.observed_seconds:
        return _Rates(0, 0, 1)
    return _Rates(
        traffic.requests * pace.requests, traffic.requests * pace.errors, traffic.observed_seconds * pace.requests
    )


def _path(steps: Sequence[Step], period: Rolling | Calendar, now: int) -> Iterator[_Point]:
    """The points between which the past leaves evenly."""
    requests, errors = sum(step.requests for step in steps), sum(step.errors for step in steps)
    yield _Point(0, requests, errors)
    if isinstance(period, Calendar):
        if period.ends_at <= now:
            raise ValueError("The calendar period is over: give the period that contains `now`.")
        yield _Point(period.ends_at - now, requests, errors)
        return
    elapsed = period.seconds - sum(step.seconds for step in steps)
    if elapsed < 0:
        raise ValueError(f"The steps are {-elapsed} seconds longer than the period: leave out the oldest.")
    if elapsed:
        yield _Point(elapsed, requests, errors)
    for step in steps:
        elapsed, requests, errors = elapsed + step.seconds, requests - step.requests, errors - step.errors
        yield _Point(elapsed, requests, errors)


class _Future:
    """What becomes of a budget."""

    def __init__(self, path: Sequence[_Point], whole: _Counts, allowed_errors: tuple[int, int], now: int) -> None:
        self._path = path
        self._whole = whole
        self._allowed, self._of = allowed_errors
        self._now = now

    def at(self, pace: Pace, rates: _Rates) -> Forecast:
        """The forecast at one pace."""
        outcome, because, elapsed = self._outcome(pace, rates)
        recovers = self._turns(rates, to_spent=False) if outcome == "exhausted" and pace.is_observed else None
        return Forecast(
            pace=pace.name,
            observed=pace.observed,
            requests_per_day=rates.requests * DAY_SECONDS / rates.seconds,
            errors_per_day=rates.errors * DAY_SECONDS / rates.seconds,
            outcome=outcome,
            because=because,
            exhausted_at=None if outcome == "unknown" else self._time(elapsed),
            earliest_at=self._time(elapsed) if outcome == "unknown" else None,
            recovers_at=self._time(recovers),
            until=utc(self._now + self._path[-1].elapsed),
        )

    def _time(self, elapsed: float | None) -> datetime | None:
        return None if elapsed is None else utc(self._now + elapsed)

    def _outcome(self, pace: Pace, rates: _Rates) -> tuple[Outcome, Because, float | None]:
        """With the seconds until the budget is, or could be, spent."""
        because = _unsaid(pace)
        if self._is_spent(*self._after(self._path[0], rates)):
            return "exhausted", because, 0.0
        if because:
            return "unknown", because, None
        spent, early = self._turns(rates, to_spent=True), self._chance(pace, rates)
        if spent is None:
            return ("lasts", "", None) if early is None else ("unknown", "chance", early)
        if pace.errors >= LEAST_ERRORS or self._turns(rates._replace(errors=0), to_spent=True) is not None:
            return "runs_out", "", spent
        return "unknown", "chance", spent if early is None else min(spent, early)

    def _after(self, point: _Point, rates: _Rates) -> tuple[int, int]:
        """The budget that is left, and the errors, both times a constant. Exactly 0 is 0."""
        errors = point.errors * rates.seconds + rates.errors * point.elapsed
        requests = point.requests * rates.seconds + rates.requests * point.elapsed
        return requests * self._allowed - errors * self._of, errors

    @staticmethod
    def _is_spent(left: int, errors: int) -> bool:
        """Without an error nothing is spent, however small the budget."""
        return left <= 0 and errors > 0

    def _turns(self, rates: _Rates, *, to_spent: bool) -> float | None:
        """Seconds until the budget is spent, or there is some again. None if that does not happen."""
        for before, after in pairwise(self._path):
            left, errors = self._after(after, rates)
            if self._is_spent(left, errors) != to_spent:
                continue
            left_before, _ = self._after(before, rates)
            if left == left_before:
                return before.elapsed if to_spent else after.elapsed
            return before.elapsed + (after.elapsed - before.elapsed) * left_before / (left_before - left)
        return None

    def _chance(self, pace: Pace, rates: _Rates) -> float | None:
        """Seconds until the budget could be spent by chance; None if not to be expected."""
        known = _known(_Counts(pace.requests, pace.errors), self._whole)
        ratio = max(pace.errors / pace.requests, known.errors / known.requests)
        for elapsed, requests, errors in _parts(self._path):
            coming = rates.requests / rates.seconds * elapsed
            unlucky = errors + _unlucky(ratio * coming, coming / known.requests)
            if (requests + coming) * self._allowed <= unlucky * self._of:
                return elapsed
        return None


def _unsaid(pace: Pace) -> Because:
    if not pace.is_observed:
        return "not_observed"
    return "" if pace.requests else "no_requests"


def _known(seen: _Counts, whole: _Counts) -> _Counts:
    """What the ratio of errors is known from: the whole period if the pace is like it, else the pace alone."""
    if whole.requests <= seen.requests:
        return seen
    share = seen.requests / whole.requests
    expected = whole.errors * share
    is_like = abs(seen.errors - expected) <= _DEVIATIONS * sqrt((expected + share) * (1 + share)) + 1
    return whole if is_like else seen


def _unlucky(expected: float, share: float) -> float:
    """As many errors as bad luck brings.

    Errors are counted events: the standard deviation of their number is its root (Poisson). `share` is the coming
    requests for each known one: the ratio is known no better than from those, so the root grows with it. One error more
    is taken as known: without any, five are possible in as many requests again.
    """
    return expected + _DEVIATIONS * (sqrt((expected + share) * (1 + share)) + share)


def _parts(path: Sequence[_Point]) -> Iterable[tuple[float, float, float]]:
    """The points of the path, and some between them if they are far apart."""
    longest = path[-1].elapsed / _PARTS
    for before, after in pairwise(path):
        count = max(1, round((after.elapsed - before.elapsed) / longest))
        for number in range(1, count + 1):
            share = number / count
            yield (
                before.elapsed + share * (after.elapsed - before.elapsed),
                before.requests + share * (after.requests - before.requests),
                before.errors + share * (after.errors - before.errors),
            )
