"""Burn rates: how fast the error budget is spent, and whether to page someone or open a ticket.

A burn rate of 1 spends exactly the whole budget in the SLO period. The windows and factors are those of the SRE
workbook's multiwindow, multi-burn-rate alerts for a 30-day period
(https://sre.google/workbook/alerting-on-slos/#6-multiwindow-multi-burn-rate-alerts), kept as data.

What lists, details and incidents say of a pair is decided in one place, `alert_state`.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Literal, Protocol

import msgspec

from slo.objectives.targets import Target
from slo.structs import like
from slo.times import DAY_SECONDS, HOUR_SECONDS, MINUTE_SECONDS, ceil_to

Severity = Literal["page", "ticket"]
AlertState = Literal["page", "ticket", "none", "no_data"]
PairState = Literal["firing", "ok", "too_few_requests", "too_new", "no_data"]
"""`too_few_requests`: both windows burn, and the long one has fewer requests than the target's minimum. `too_new`: both
windows burn, as far as the cluster was watched; with the rest of the long window still to come, it is not enough."""


class BurnRatePair(msgspec.Struct, frozen=True):
    """Fires if both windows exceed `factor`: the long one shows a significant loss, the short one that it continues.

    The long one needs LEAST_ERRORS, too.
    """

    factor: float
    long_seconds: int
    short_seconds: int
    severity: Severity


PAIRS = (
    BurnRatePair(14.4, HOUR_SECONDS, 5 * MINUTE_SECONDS, "page"),
    BurnRatePair(6.0, 6 * HOUR_SECONDS, 30 * MINUTE_SECONDS, "page"),
    BurnRatePair(3.0, DAY_SECONDS, 2 * HOUR_SECONDS, "ticket"),
    BurnRatePair(1.0, 3 * DAY_SECONDS, 6 * HOUR_SECONDS, "ticket"),
)
LEAST_ERRORS = 5
"""Failed requests in the long window. Fewer are chance: at 99.9 % and a request every two minutes, the only error of a
day would page."""
_PERIOD_DAYS = 30
_SHORTEST_SECONDS = 5 * MINUTE_SECONDS
LONGEST_BURN_SECONDS = 10 * DAY_SECONDS
"""Longer than any window of burn rates: of a quarter, the longest one has nine days and a bit."""


@lru_cache
def pairs_of(period_days: int) -> tuple[BurnRatePair, ...]:
    """The pairs for an SLO period of so many days: an alert means the same share of its budget as in 30 days.

    Windows are whole multiples of five minutes, as ledgers are that far apart. So short periods are judged more slowly.
    """
    return tuple(
        msgspec.structs.replace(
            pair,
            long_seconds=_scaled(pair.long_seconds, period_days),
            short_seconds=_scaled(pair.short_seconds, period_days),
        )
        for pair in PAIRS
    )


def windows_of(period_days: int) -> tuple[int, ...]:
    """The lengths of the windows of these pairs in seconds, ascending."""
    pairs = pairs_of(period_days)
    return tuple(sorted({seconds for pair in pairs for seconds in (pair.long_seconds, pair.short_seconds)}))


def _scaled(seconds: int, period_days: int) -> int:
    return max(_SHORTEST_SECONDS, ceil_to(seconds * period_days / _PERIOD_DAYS, _SHORTEST_SECONDS))


class BurnRate(msgspec.Struct, frozen=True):
    """The burn rate in one window."""

    window_seconds: int
    burn_rate: float | None
    """Null without data or requests."""
    requests: int
    errors: int
    has_data: bool
    observed: float = 1.0
    """The share of the window since the cluster was first seen, 0 to 1."""


class Alert(msgspec.Struct, frozen=True):
    """The alert of one pair of windows."""

    factor: float
    long_seconds: int
    short_seconds: int
    severity: Severity
    state: PairState


class BurnRates(msgspec.Struct, frozen=True):
    """All windows and alerts, and the most severe state."""

    state: AlertState
    windows: tuple[BurnRate, ...]
    alerts: tuple[Alert, ...]


class Tally(Protocol):
    """Requests of a window, and those of them that failed, or were too slow."""

    @property
    def requests(self) -> int:
        """All of them."""

    @property
    def errors(self) -> int:
        """Those that spend the budget."""


def burn_rate(
    window_seconds: int, requests: int, errors: int, target: Target, *, has_data: bool, observed: float = 1.0
) -> BurnRate:
    """The burn rate of one window: its error rate divided by the error rate that the target allows."""
    allowed, of = target.allowed_errors
    rate = errors * of / (requests * allowed) if requests and has_data else None
    return BurnRate(window_seconds, rate, requests, errors, has_data, observed)


def alert_state(
    pair: BurnRatePair, long: Tally, short: Tally, allowed: tuple[int, int], minimum_requests: int, observed: float
) -> PairState:
    """Whether a pair of windows fires. `allowed` is the share that may fail, as numerator and denominator.

    `observed` is the share of the long window since the cluster was first seen. In a cluster that is younger, the rest
    of its requests is still to come: they count as good. So it takes a failure as long as in any other cluster, and a
    few errors of the first hours are no burn of three days.
    """
    if not (burns(short, pair.factor, allowed) and burns(long, pair.factor, allowed)) or long.errors < LEAST_ERRORS:
        return "ok"
    if long.requests < minimum_requests:
        return "too_few_requests"
    return "firing" if observed and burns(long, pair.factor / observed, allowed) else "too_new"


def burns(seen: Tally, factor: float, allowed: tuple[int, int]) -> bool:
    """Whether a window burns faster than a factor."""
    share, of = allowed
    return seen.errors * of > factor * seen.requests * share


def evaluate(windows: Iterable[BurnRate], target: Target, pairs: Iterable[BurnRatePair] = PAIRS) -> BurnRates:
    """The alerts of all pairs of these windows, and the most severe state."""
    by_seconds = {window.window_seconds: window for window in windows}
    alerts = tuple(_alert(pair, by_seconds, target) for pair in pairs)
    firing = {alert.severity for alert in alerts if alert.state == "firing"}
    return BurnRates(_state(firing, alerts), tuple(by_seconds[seconds] for seconds in sorted(by_seconds)), alerts)


def _state(firing: set[Severity], alerts: Iterable[Alert]) -> AlertState:
    if firing:
        return "page" if "page" in firing else "ticket"
    return "no_data" if all(alert.state == "no_data" for alert in alerts) else "none"


def _alert(pair: BurnRatePair, windows: Mapping[int, BurnRate], target: Target) -> Alert:
    long, short = windows[pair.long_seconds], windows[pair.short_seconds]
    if not (long.has_data and short.has_data):
        return like(Alert, pair, state="no_data")
    state = alert_state(pair, long, short, target.allowed_errors, target.minimum_requests, long.observed)
    return like(Alert, pair, state=state)
