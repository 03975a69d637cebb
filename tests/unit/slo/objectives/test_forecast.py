from collections import deque
from collections.abc import Iterator
from datetime import datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from slo.objectives.forecast import (
    Calendar,
    Forecast,
    Pace,
    Rolling,
    Step,
    forecasts,
    times_of_allowance,
)
from slo.times import utc

HOUR, DAY = 3600, 86_400
NOW = 1_793_000_000
MONTH = Rolling(30 * DAY)
ALLOWED = (1, 1000)
Tick = tuple[int, int]
TICKS = st.tuples(st.integers(0, 6), st.integers(0, 6)).map(lambda each: (max(each), min(each)))


def days(count: int, requests: int, errors: int) -> list[Step]:
    return [Step(DAY, requests, errors)] * count


def at_day(steps: list[Step], requests: int, errors: int, *, period: Rolling | Calendar = MONTH) -> Forecast:
    """The forecast at the day's pace."""
    day = Pace("day", DAY, DAY, requests, errors)
    _, found = forecasts(steps, period, ALLOWED, hour=Pace("hour", HOUR, HOUR, 0, 0), day=day, now=NOW)
    return found


def at_hour(steps: list[Step], hour: Pace, day: Pace) -> Forecast:
    found, _ = forecasts(steps, MONTH, ALLOWED, hour=hour, day=day, now=NOW)
    return found


def test_errors_that_leave_make_room_for_as_many() -> None:
    """The old rule divided what is left by the last day's errors, and said that it is spent in 10 days."""
    found = at_day(days(30, 100_000, 60), 100_000, 60)
    assert (found.outcome, found.exhausted_at) == ("lasts", None)
    assert found.until == utc(NOW + 30 * DAY)


def test_a_pace_above_the_target_runs_out_later_than_by_division_as_errors_leave() -> None:
    """Of 3,000 errors 1,200 are left; each day brings 200 and takes 60: 1,200 / 140 days."""
    found = at_day(days(30, 100_000, 60), 100_000, 200)
    assert found.outcome == "runs_out"
    assert found.exhausted_at is not None
    assert (found.exhausted_at.timestamp() - NOW) / DAY == pytest.approx(1200 / 140)


def test_a_calendar_month_has_its_day_or_lasts_until_its_end() -> None:
    """Ten days have 1,000 - 600 left. At 150 of 100 a day that is spent after 8 days; the month has 20 more, or 5."""
    steps = days(10, 100_000, 60)
    spent = at_day(steps, 100_000, 150, period=Calendar(NOW + 20 * DAY))
    assert (spent.outcome, spent.exhausted_at) == ("runs_out", utc(NOW + 8 * DAY))
    lasting = at_day(steps, 100_000, 150, period=Calendar(NOW + 5 * DAY))
    assert (lasting.outcome, lasting.until) == ("lasts", utc(NOW + 5 * DAY))


@pytest.mark.parametrize("requests", [1, 10, 999])
def test_requests_without_an_error_are_never_spent_and_never_run_out(requests: int) -> None:
    for period in (MONTH, Calendar(NOW + 9 * DAY)):
        found = at_day([Step(DAY, requests, 0)], requests, 0, period=period)
        assert (found.outcome, found.because, found.exhausted_at) == ("unknown", "chance", None)
        assert at_day(days(30, 100_000, 0), 100_000, 0, period=MONTH).outcome == "lasts"


def test_one_error_of_few_requests_is_spent_until_it_leaves() -> None:
    found = at_day([Step(DAY, 9, 0), Step(DAY, 10, 1)], 10, 0)
    assert (found.outcome, found.exhausted_at) == ("exhausted", utc(NOW))
    assert found.recovers_at is not None
    assert utc(NOW + 29 * DAY) < found.recovers_at <= utc(NOW + 30 * DAY), "it leaves some time in the last day"


def test_a_calendar_period_recovers_as_requests_come() -> None:
    """150 errors of 100 allowed; each day allows 100 and brings 50."""
    found = at_day(days(1, 100_000, 150), 100_000, 50, period=Calendar(NOW + 9 * DAY))
    assert (found.outcome, found.recovers_at) == ("exhausted", utc(NOW + DAY))
    assert at_day(days(1, 100_000, 150), 100_000, 100, period=Calendar(NOW + 9 * DAY)).recovers_at is None


def test_exactly_nothing_left_is_spent() -> None:
    assert at_day(days(30, 1_000_003_000, 1_000_003), 1_000_003_000, 1_000_003).outcome == "exhausted"
    assert at_day(days(30, 1_000_003_000, 1_000_002), 1_000_003_000, 1_000_003).exhausted_at == utc(NOW + 30 * DAY)


@pytest.mark.parametrize(
    ("requests", "observed_seconds", "because"),
    [(0, DAY, "no_requests"), (100_000, DAY // 2 - 1, "not_observed"), (0, 0, "not_observed")],
)
def test_a_pace_without_requests_or_hardly_observed_says_nothing(
    requests: int, observed_seconds: int, because: str
) -> None:
    hour, day = Pace("hour", HOUR, HOUR, 0, 0), Pace("day", DAY, observed_seconds, requests, 0)
    for steps, outcome in ((days(30, 100_000, 60), "unknown"), (days(30, 100_000, 101), "exhausted")):
        _, found = forecasts(steps, MONTH, ALLOWED, hour=hour, day=day, now=NOW)
        assert (found.outcome, found.because, found.observed) == (outcome, because, observed_seconds / DAY)


def test_half_a_day_that_was_observed_is_the_pace_of_a_whole_one() -> None:
    day = Pace("day", DAY, DAY // 2, 50_000, 30)
    _, found = forecasts(days(30, 100_000, 60), MONTH, ALLOWED, hour=day, day=day, now=NOW)
    assert (found.requests_per_day, found.errors_per_day, found.outcome) == (100_000, 60, "lasts")


def test_few_errors_of_the_last_hour_are_chance() -> None:
    """Four errors of 2,000 are twice what is allowed, and five of 2,000 are said to run out."""
    day = Pace("day", DAY, DAY, 48_000, 30)
    for errors, outcome in ((4, "unknown"), (5, "runs_out")):
        found = at_hour(days(30, 48_000, 30), Pace("hour", HOUR, HOUR, 2000, errors), day)
        assert (found.outcome, found.because) == (outcome, "chance" if outcome == "unknown" else "")
    assert at_hour(days(30, 48_000, 30), Pace("hour", HOUR, HOUR, 2000, 4), day).earliest_at is not None


def test_the_last_hours_ratio_is_that_of_a_days_traffic() -> None:
    """An hour of the night has few requests: its ratio of errors tells how it goes on, not its number."""
    found = at_hour(days(30, 100_000, 20), Pace("hour", HOUR, HOUR, 400, 40), Pace("day", DAY, DAY, 100_000, 60))
    assert (found.requests_per_day, found.errors_per_day) == (100_000, 10_000)
    alone = at_hour(days(30, 100_000, 20), Pace("hour", HOUR, HOUR, 400, 40), Pace("day", DAY, HOUR, 400, 40))
    assert (alone.requests_per_day, alone.errors_per_day) == (9600, 960)


def test_allowance_that_leaves_can_run_out_without_a_new_error() -> None:
    """The budget of the busy days before an outage leaves first."""
    found = at_day([*days(20, 100_000, 0), Step(DAY, 100_000, 1500), *days(9, 100, 0)], 100, 0)
    assert found.outcome == "runs_out"
    assert found.exhausted_at is not None
    assert 5 * DAY < found.exhausted_at.timestamp() - NOW < 7 * DAY


def test_a_day_that_is_clearly_calmer_than_the_period_is_taken_at_its_word() -> None:
    """Failures that are over spent 2,805 of 3,000: the rest lasts at 5 a day, not at the 94 of the period."""
    after_outage = [*days(20, 100_000, 5), *days(9, 100_000, 300), Step(DAY, 100_000, 5)]
    assert at_day(after_outage, 100_000, 5).outcome == "lasts"
    assert at_day(days(30, 100_000, 97), 100_000, 97).because == "chance"


def test_steps_that_cannot_be_of_the_period_are_refused() -> None:
    with pytest.raises(ValueError, match="86400 seconds longer than the period: leave out the oldest"):
        at_day(days(31, 10, 0), 10, 0)
    with pytest.raises(ValueError, match="The calendar period is over"):
        at_day(days(1, 10, 0), 10, 0, period=Calendar(NOW))


def counted(past: list[Tick], pace: Tick, ticks: int, allowed: int, *, rolls: bool) -> Iterator[bool]:
    """Whether the budget is spent, now and after each tick: every request is kept, and counted anew."""
    kept = deque([[number < errors for number in range(requests)] for requests, errors in past])
    requests, errors = pace
    for _ in range(ticks + 1):
        failed = [is_error for tick in kept for is_error in tick]
        yield sum(failed) > 0 and sum(failed) * 10 >= len(failed) * allowed
        kept.append([number < errors for number in range(requests)])
        if rolls:
            kept.popleft()


@given(
    st.lists(st.tuples(st.integers(1, 4), TICKS), min_size=1, max_size=8),
    TICKS,
    st.integers(0, 5),
    st.integers(1, 9),
    st.booleans(),
)
@example([(1, (6, 3))], (6, 3), 2, 5, True)
def test_the_simulation_equals_a_count_of_each_request(
    parts: list[tuple[int, Tick]], pace: Tick, empty: int, allowed: int, rolls: bool
) -> None:
    """Steps of unequal lengths, and an empty time before them; a tick is a second."""
    steps = [Step(seconds, seconds * requests, seconds * errors) for seconds, (requests, errors) in parts]
    past = [tick for seconds, tick in parts for _ in range(seconds)]
    ticks = len(past) + empty
    spent = list(counted([(0, 0)] * empty + past, pace, ticks, allowed, rolls=rolls))
    day = Pace("day", 5, 5, 5 * pace[0], 5 * pace[1])
    period = Rolling(ticks) if rolls else Calendar(ticks)
    _, found = forecasts(steps, period, (allowed, 10), hour=day, day=day, now=0)
    assert (found.outcome == "exhausted") == spent[0]
    if not pace[0]:
        assert spent[0] or found.because == "no_requests"
    elif spent[0]:
        check(found.recovers_at, spent.index(False) if False in spent else None)
    else:
        check(found.exhausted_at, spent.index(True) if True in spent else None)


def check(time: datetime | None, tick: int | None) -> None:
    """Between two ticks it is spent, or there is some again: the second one is the first to see it."""
    if tick is None:
        assert time is None
    else:
        assert time is not None
        assert tick - 1 - 1e-5 <= time.timestamp() <= tick + 1e-5


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**4)), min_size=1, max_size=10), st.integers(0, 300))
def test_hours_and_days_of_even_traffic_tell_the_same_future(found: list[Tick], errors: int) -> None:
    wide = [Step(DAY, 24 * requests, 24 * min(requests, failed)) for requests, failed in found]
    fine = [Step(HOUR, step.requests // 24, step.errors // 24) for step in wide for _ in range(24)]
    one, other = at_day(wide, 100_000, errors), at_day(fine, 100_000, errors)
    assert (one.outcome, one.exhausted_at, one.recovers_at) == (other.outcome, other.exhausted_at, other.recovers_at)


@pytest.mark.parametrize(("remaining", "times"), [(-44.0, 45.0), (-0.5, 1.5), (0.0, None), (0.3, None), (None, None)])
def test_an_overspent_budget_is_told_in_allowances(remaining: float | None, times: float | None) -> None:
    assert times_of_allowance(remaining) == times
