"""Synthetic months, hour by hour, for back-tests: the rhythm of day and week, chance, and how the errors go."""

from collections.abc import Callable, Iterator, Sequence
from math import cos, exp, tau
from random import Random
from typing import NamedTuple

DAY_HOURS = 24
HOURS = 60 * DAY_HOURS
"""Two months: one to look back at, one to see what comes."""

Ratio = Callable[[int], float]
"""The true ratio of errors in each hour, in multiples of what the target allows."""


def _steady(share: float) -> Ratio:
    return lambda _: share


SAME: dict[str, Ratio] = {
    **{f"always {share:g} of what is allowed": _steady(share) for share in (0, 0.1, 0.5, 0.8, 0.95, 1.05, 1.5)},
    "0.3, and 5 in an hour of each day": lambda hour: 5 if hour % DAY_HOURS == 14 else 0.3,
}
"""Months that stay as they are."""
CHANGING: dict[str, Ratio] = {
    "0.2, and three hours of outage": lambda hour: 500 if hour in (200, 201, 700) else 0.2,
    "0.3, and 20 in two hours every four days": lambda hour: 20 if hour % 97 < 2 else 0.3,
    "from 0.2 to 1.8, a little worse each hour": lambda hour: 0.2 + 1.6 * hour / HOURS,
    "3, and 0.1 since it was mended": lambda hour: 3 if hour < 500 else 0.1,
}
"""Months in which something new happens."""


class Hour(NamedTuple):
    """What one hour served."""

    requests: int
    errors: int


class Service(NamedTuple):
    """How busy a service is, the ratio of errors that its target allows, and how its errors go."""

    per_hour: float
    allowed: float
    kind: str

    @property
    def is_same(self) -> bool:
        """Whether its months stay as they are."""
        return self.kind in SAME

    def served(self, hour: int, chance: Random, *, as_at: int | None = None) -> Hour:
        """One hour. `as_at`: with the true ratio of errors of that other hour, unless the ratio is regular."""
        at = hour if as_at is None or self.is_same else as_at
        ratio = {**SAME, **CHANGING}[self.kind](at) * self.allowed
        return served(self._expected(hour), min(0.5, ratio), chance)

    def _expected(self, hour: int) -> float:
        """Nights have a tenth of the noon's requests, week-ends 40 % of a working day's."""
        day = 0.55 - 0.45 * cos(tau * (hour % DAY_HOURS) / DAY_HOURS)
        return self.per_hour * day * (0.4 if hour // DAY_HOURS % 7 >= 5 else 1.0)


def served(expected: float, ratio: float, chance: Random) -> Hour:
    """As many requests as chance makes of the expected ones (Poisson), and as many errors among them."""
    requests = _poisson(expected, chance)
    return Hour(requests, chance.binomialvariate(requests, ratio))


def _poisson(expected: float, chance: Random) -> int:
    if expected > 50:
        return max(0, round(chance.gauss(expected, expected**0.5)))
    count, product, least = 0, chance.random(), exp(-expected)
    while product > least:
        count, product = count + 1, product * chance.random()
    return count


def spent(past: Sequence[Hour], future: Sequence[Hour], allowed: tuple[int, int], *, rolls: bool) -> Iterator[bool]:
    """Whether the budget is spent after each hour of the future.

    `past` is the whole period behind if it rolls: each new hour takes the place of the oldest.
    """
    errors_of, of = allowed
    requests, errors = sum(hour.requests for hour in past), sum(hour.errors for hour in past)
    for new, old in zip(future, past if rolls else [Hour(0, 0)] * len(future), strict=True):
        requests, errors = requests + new.requests - old.requests, errors + new.errors - old.errors
        yield errors > 0 and errors * of >= requests * errors_of
