import pytest

from slo.objectives.burn_rates import PAIRS, BurnRates, burn_rate, evaluate, pairs_of, windows_of
from slo.objectives.targets import Target
from slo.times import DAY_SECONDS, HOUR_SECONDS, MINUTE_SECONDS

WINDOWS = windows_of(30)

TARGET = Target(availability=0.999, minimum_requests=100)


def rates(error_rate_by_window: dict[int, float], requests: int = 100_000, silent: tuple[int, ...] = ()) -> BurnRates:
    windows = [
        burn_rate(
            seconds,
            requests,
            round(requests * error_rate_by_window.get(seconds, 0)),
            TARGET,
            has_data=seconds not in silent,
        )
        for seconds in WINDOWS
    ]
    return evaluate(windows, TARGET)


def test_the_windows_and_factors_are_those_of_the_sre_workbook() -> None:
    assert [(pair.factor, pair.long_seconds, pair.short_seconds, pair.severity) for pair in PAIRS] == [
        (14.4, HOUR_SECONDS, 5 * MINUTE_SECONDS, "page"),
        (6.0, 6 * HOUR_SECONDS, 30 * MINUTE_SECONDS, "page"),
        (3.0, DAY_SECONDS, 2 * HOUR_SECONDS, "ticket"),
        (1.0, 3 * DAY_SECONDS, 6 * HOUR_SECONDS, "ticket"),
    ]
    assert WINDOWS == (300, 1_800, 3_600, 7_200, 21_600, 86_400, 259_200)


def test_a_burn_rate_is_the_error_rate_over_the_allowed_one() -> None:
    assert burn_rate(HOUR_SECONDS, 1000, 5, TARGET, has_data=True).burn_rate == pytest.approx(5)
    assert burn_rate(HOUR_SECONDS, 0, 0, TARGET, has_data=True).burn_rate is None
    assert burn_rate(HOUR_SECONDS, 1000, 5, TARGET, has_data=False).burn_rate is None


@pytest.mark.parametrize(
    ("burning", "state"),
    [
        ({}, "none"),
        ({HOUR_SECONDS: 0.0145, 5 * MINUTE_SECONDS: 0.0145}, "page"),
        ({HOUR_SECONDS: 0.0145}, "none"),
        ({5 * MINUTE_SECONDS: 0.0145}, "none"),
        ({6 * HOUR_SECONDS: 0.0061, 30 * MINUTE_SECONDS: 0.0061}, "page"),
        ({DAY_SECONDS: 0.0031, 2 * HOUR_SECONDS: 0.0031}, "ticket"),
        ({3 * DAY_SECONDS: 0.0011, 6 * HOUR_SECONDS: 0.0011}, "ticket"),
        ({3 * DAY_SECONDS: 0.0011, 6 * HOUR_SECONDS: 0.0061, 30 * MINUTE_SECONDS: 0.0061}, "page"),
    ],
)
def test_both_windows_of_a_pair_must_burn(burning: dict[int, float], state: str) -> None:
    assert rates(burning).state == state


def test_few_requests_wake_nobody() -> None:
    found = rates(dict.fromkeys(WINDOWS, 0.5), requests=99)
    assert found.state == "none"
    assert {alert.state for alert in found.alerts} == {"too_few_requests"}


@pytest.mark.parametrize(("errors", "state"), [(4, "none"), (5, "page")])
def test_few_errors_are_chance(errors: int, state: str) -> None:
    windows = [burn_rate(seconds, 150, errors, TARGET, has_data=True) for seconds in WINDOWS]
    assert evaluate(windows, TARGET).state == state


def test_without_data_a_pair_says_so_and_the_others_still_count() -> None:
    found = rates(dict.fromkeys(WINDOWS, 0.5), silent=(5 * MINUTE_SECONDS,))
    assert found.alerts[0].state == "no_data"
    assert found.state == "page"
    assert rates({}, silent=WINDOWS).state == "no_data"


def test_the_pairs_of_other_periods_spend_the_same_share_of_the_budget() -> None:
    assert pairs_of(30) == PAIRS
    for days in (1, 7, 28, 90):
        for pair, usual in zip(pairs_of(days), PAIRS, strict=True):
            assert (pair.factor, pair.severity) == (usual.factor, usual.severity)
            assert pair.long_seconds % 300 == pair.short_seconds % 300 == 0
            exact = usual.long_seconds * days / 30
            assert max(300, exact) <= pair.long_seconds < max(300, exact) + 300
    assert windows_of(7) == (300, 600, 900, 1_800, 5_100, 20_400, 60_600)


@pytest.mark.parametrize(
    ("hours", "state"), [(0, "too_new"), (1, "too_new"), (12, "too_new"), (12.1, "firing"), (24, "firing")]
)
def test_a_failure_fires_as_late_in_a_new_cluster_as_in_any_other(hours: float, state: str) -> None:
    """0.6 % of the requests fail since it is watched: six times what 99.9 % allows, in half of the day three times."""
    pair = PAIRS[2]
    observed = hours * HOUR_SECONDS / pair.long_seconds
    windows = [
        burn_rate(
            seconds, 100_000, 600, TARGET, has_data=True, observed=min(1.0, observed * pair.long_seconds / seconds)
        )
        for seconds in (pair.long_seconds, pair.short_seconds)
    ]
    (alert,) = evaluate(windows, TARGET, [pair]).alerts
    assert alert.state == state
