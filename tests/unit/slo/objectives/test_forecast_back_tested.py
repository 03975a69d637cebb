"""Claims of the budget's future, compared with what becomes of it in synthetic months.

Three worlds follow each claim. *The pace goes on*: requests come evenly, as many as the forecast names, and each fails
by chance with the named ratio. *The service goes on*: nights, week-ends and chance, with the true ratio of errors of
that time, which no forecast knows; nothing new happens. *The month goes on*: with all outages and changes that it has.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import batched, product
from random import Random
from typing import Literal, NamedTuple

import pytest
from unit.slo.months import CHANGING, DAY_HOURS, HOURS, SAME, Hour, Service, served, spent

from slo.objectives.forecast import Calendar, Forecast, Pace, PaceName, Rolling, Step, forecasts

HOUR, DAY = 3600, 86_400
ALLOWED = ((1, 20), (1, 100), (1, 1000))
PER_HOUR = (3, 40, 1000, 30_000)
PERIODS = tuple(product((30, 7), (True, False)))
"""Days, and whether it rolls."""
APART = 211
"""Hours between two claims of a month: all times of day and days of the week come up."""
PACES: tuple[PaceName, ...] = ("hour", "day")
AT_MOST = 0.02
QUIET = Hour(0, 0)


class Moment(NamedTuple):
    """A time of a month, and the period around it."""

    service: Service
    allowed: tuple[int, int]
    month: list[Hour]
    at: int
    days: int
    rolls: bool

    @property
    def past(self) -> list[Hour]:
        hours = self.days * DAY_HOURS
        if not self.rolls:
            return self.month[self.at // hours * hours : self.at]
        return [QUIET] * (hours - self.at) + self.month[max(0, self.at - hours) : self.at]

    @property
    def ahead(self) -> int:
        """Hours that the claim is about."""
        hours = self.days * DAY_HOURS
        return hours if self.rolls else hours - self.at % hours

    def forecasts(self) -> tuple[Forecast, Forecast]:
        """Of hours, or of whole days as ledgers give them."""
        length = 1 if self.at % 2 else DAY_HOURS
        steps = [
            Step(len(hours) * HOUR, sum(hour.requests for hour in hours), sum(hour.errors for hour in hours))
            for hours in batched(self.past, length, strict=False)
        ]
        last_day = self.month[self.at - DAY_HOURS : self.at]
        day = Pace("day", DAY, DAY, sum(hour.requests for hour in last_day), sum(hour.errors for hour in last_day))
        hour = Pace("hour", HOUR, HOUR, *self.month[self.at - 1])
        period = Rolling(self.days * DAY) if self.rolls else Calendar((self.at + self.ahead) * HOUR)
        return forecasts(steps, period, self.allowed, hour=hour, day=day, now=self.at * HOUR)

    def turns(self, future: Iterable[Hour], *, to_spent: bool = True) -> int | None:
        """After how many hours the budget is spent, or there is some again. None if it is not."""
        hours = enumerate(spent(self.past, list(future), self.allowed, rolls=self.rolls), 1)
        return next((number for number, is_spent in hours if is_spent == to_spent), None)

    def at_pace(self, found: Forecast, chance: Random, *, to_spent: bool = True) -> int | None:
        """After how many hours that is so if the pace goes on."""
        per_hour = found.requests_per_day / DAY_HOURS
        ratio = found.errors_per_day / found.requests_per_day if per_hour else 0.0
        return self.turns((served(per_hour, ratio, chance) for _ in range(self.ahead)), to_spent=to_spent)

    def as_it_is(self, chance: Random) -> int | None:
        """After how many hours it is spent if the service goes on."""
        hours = range(self.at, self.at + self.ahead)
        return self.turns(self.service.served(hour, chance, as_at=self.at - 1) for hour in hours)

    def as_it_was(self) -> int | None:
        """After how many hours it is spent in this month."""
        return self.turns(self.month[self.at : self.at + self.ahead])


def moments() -> Iterator[Moment]:
    services = product(ALLOWED, PER_HOUR, (*SAME, *CHANGING))
    for number, (allowed, per_hour, kind) in enumerate(services):
        service, chance = Service(per_hour, allowed[0] / allowed[1], kind), Random(f"month {number}")
        month = [service.served(hour, chance) for hour in range(HOURS)]
        for days, rolls in PERIODS:
            last = HOURS - days * DAY_HOURS
            for at in range(DAY_HOURS + number * 7 % APART, last, APART):
                yield Moment(service, allowed, month, at, days, rolls)


class Tally(NamedTuple):
    """Numbers of claims, and how many of those that it lasts were followed by a budget that was spent."""

    outcomes: Counter[tuple[PaceName, str, str]]
    """Pace, kind of month, outcome."""
    broken: Counter[tuple[PaceName, str, str]]
    """Pace, kind of month, world."""
    times: Counter[tuple[PaceName, str, str]]
    """Pace, `runs_out` or `exhausted`, and whether it ran out or recovered: `then` is about the time that was named."""

    def share(self, pace: PaceName, world: str, *kinds: str) -> float:
        """The share of the claims that it lasts which were broken in a world."""
        return sum(self.broken[pace, kind, world] for kind in kinds) / self.claims(pace, "lasts", *kinds)

    def claims(self, pace: PaceName, outcome: str, *kinds: str) -> int:
        """How often this was claimed."""
        return sum(self.outcomes[pace, kind, outcome] for kind in kinds)


@pytest.fixture(scope="module")
def tally() -> Tally:
    found, chance = Tally(Counter(), Counter(), Counter()), Random("worlds")
    for moment in moments():
        for claim in moment.forecasts():
            key = (claim.pace, moment.service.kind)
            found.outcomes[*key, claim.outcome] += 1
            if claim.outcome == "lasts":
                as_it_was = moment.as_it_was()
                found.broken[*key, "pace"] += moment.at_pace(claim, chance) is not None
                found.broken[*key, "service"] += moment.as_it_is(chance) is not None
                found.broken[*key, "month"] += as_it_was is not None
                found.broken[*key, "next day"] += as_it_was is not None and as_it_was <= DAY_HOURS
            if claim.outcome in ("runs_out", "exhausted"):
                found.times[claim.pace, claim.outcome, when(claim, moment, chance)] += 1
    return found


def when(claim: Forecast, moment: Moment, chance: Random) -> Literal["unsaid", "no", "then", "other"]:
    runs_out = claim.outcome == "runs_out"
    time = claim.exhausted_at if runs_out else claim.recovers_at
    if time is None:
        return "unsaid"
    expected, hours = time.timestamp() / HOUR - moment.at, moment.at_pace(claim, chance, to_spent=runs_out)
    if hours is None:
        return "no"
    return "then" if abs(hours - expected) <= max(DAY_HOURS, expected / 4) else "other"


@pytest.mark.parametrize("pace", PACES)
@pytest.mark.parametrize("world", ["pace", "service", "next day"])
def test_of_budgets_that_are_said_to_last_at_most_two_in_a_hundred_run_out(
    tally: Tally, pace: PaceName, world: str
) -> None:
    assert tally.claims(pace, "lasts", *SAME, *CHANGING) > 900
    assert tally.share(pace, world, *SAME, *CHANGING) <= AT_MOST


@pytest.mark.parametrize("pace", PACES)
def test_in_months_that_stay_as_they_are_they_last_to_the_end(tally: Tally, pace: PaceName) -> None:
    assert tally.share(pace, "month", *SAME) <= AT_MOST


@pytest.mark.parametrize("pace", PACES)
def test_new_outages_and_slow_worsening_are_no_part_of_a_pace(tally: Tally, pace: PaceName) -> None:
    """The claim is about a pace, and the page must say so: in months that change more than 2 % do run out."""
    assert AT_MOST < tally.share(pace, "month", *CHANGING) < 0.35


@pytest.mark.parametrize("pace", PACES)
@pytest.mark.parametrize("outcome", ["runs_out", "exhausted"])
def test_budgets_run_out_and_recover_at_this_pace_about_when_it_was_said(
    tally: Tally, pace: PaceName, outcome: str
) -> None:
    no, then, other = (tally.times[pace, outcome, each] for each in ("no", "then", "other"))
    assert no + then + other > 50
    assert no <= 0.1 * (no + then + other)
    assert then >= 0.65 * (no + then + other)


@pytest.mark.parametrize("pace", PACES)
def test_the_usual_answer_is_that_it_lasts(tally: Tally, pace: PaceName) -> None:
    """A forecast that always says "unknown" is never wrong, and of no use."""
    calm = ("always 0 of what is allowed", "always 0.1 of what is allowed")
    said, unknown = tally.claims(pace, "lasts", *calm), tally.claims(pace, "unknown", *calm)
    assert said > 2 * unknown
