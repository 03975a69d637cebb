"""The budget of the objective that is followed: its period, what is left of it, and its future."""

from datetime import UTC, datetime

import pytest
from integration.use_cases import CLUSTER, DELAY, SLOT, UseCases, process, route, row, snapshot

from slo.api.answers import BudgetAnswer
from slo.api.parameters import BudgetParameters, ObjectiveBody, ObjectiveParameters
from slo.errors import NotFoundError
from slo.times import DAY_SECONDS, HOUR_SECONDS

ROUTES = (route("shop.example.com"), route("shop.example.com", "/api"))
NAMES = [info.router_keys[0] for info in ROUTES]
MONDAY = int(datetime(2026, 11, 23, tzinfo=UTC).timestamp())
FIRST = MONDAY - 3 * DAY_SECONDS
"""Friday. 100 requests an hour, of which the first route fails 2."""


@pytest.fixture
def watched(real: UseCases) -> UseCases:
    """Four days and two hours, from Friday to Tuesday, 02:00."""
    for hour in range(4 * 24 + 3):
        at = FIRST + hour * HOUR_SECONDS
        rows = [row(NAMES[0], 98 * hour, 2 * hour), row(NAMES[1], 50 * hour)]
        real.push(snapshot(float(at), [process(rows, float(at), FIRST - 4000.0)], ROUTES), at=at + 1)
        real.roll_up(at + SLOT + DELAY)
    return real


def budget(backend: UseCases, path: str | None = None) -> BudgetAnswer:
    return backend.budgets.budget(CLUSTER, "shop.example.com", BudgetParameters(path_prefix=path))


def promise(backend: UseCases, **body: object) -> None:
    asked = ObjectiveParameters(domain="shop.example.com")
    given = ObjectiveBody(**{"availability": 0.99, **body})  # type: ignore[arg-type]
    backend.objective_editor.set(CLUSTER, "promised", asked, given, if_match="", set_by="ops")


def test_without_an_objective_it_is_the_presets_over_30_days(watched: UseCases) -> None:
    answer = budget(watched)
    assert (answer.objective, answer.target.source) == (None, "preset")
    assert (answer.total_requests, answer.total_errors) == (98 * 150, 98 * 2)
    assert answer.error_budget_remaining == pytest.approx(1 - 2 / 150 / 0.05)
    assert {each.because for each in answer.forecasts} == {"not_observed"}, "with a push an hour all is gaps"


def test_an_hour_that_was_watched_has_a_future(watched: UseCases) -> None:
    since = MONDAY + 26 * HOUR_SECONDS
    for minute in range(1, 72):
        at = since + 60 * minute
        rows = [row(NAMES[0], 98 * 98 + 9 * minute, 2 * 98), row(NAMES[1], 50 * 98)]
        watched.push(snapshot(float(at), [process(rows, float(at), FIRST - 4000.0)], ROUTES), at=at + 1)
        if minute % 5 == 0:
            watched.roll_up(at + DELAY)
    hour, day = budget(watched, "/").forecasts
    assert (hour.pace, hour.outcome, hour.observed) == ("hour", "lasts", 1)
    assert (day.pace, day.outcome, day.because) == ("day", "unknown", "not_observed")
    promise(watched, availability=0.9999, period="month")
    hour, _ = budget(watched, "/").forecasts
    assert hour.outcome == "exhausted"


def test_a_rolling_period_counts_its_days(watched: UseCases) -> None:
    promise(watched, period="7d")
    answer = budget(watched, "/")
    assert (answer.total_requests, answer.total_errors) == (9800, 196)
    assert (answer.period.end - answer.period.start).days == 7
    assert answer.times_of_allowance == pytest.approx(2)
    assert {each.outcome for each in answer.forecasts} == {"exhausted"}
    assert budget(watched, "/api").error_budget_remaining == 1


def test_a_calendar_week_began_on_monday_and_expects_its_rate_to_go_on(watched: UseCases) -> None:
    promise(watched, period="week", availability=0.98)
    answer = budget(watched, "/")
    assert answer.objective is not None
    assert (answer.objective.period, answer.objective.time_zone) == ("week", "UTC")
    assert answer.period.start == datetime(2026, 11, 23, tzinfo=UTC)
    assert answer.period.end == datetime(2026, 11, 30, tzinfo=UTC)
    assert (answer.total_requests, answer.total_errors) == (26 * 100, 26 * 2)
    assert answer.error_budget is not None
    elapsed = (answer.as_of - answer.period.start).total_seconds() / (7 * DAY_SECONDS) if answer.as_of else 0
    assert answer.error_budget.allowed_errors == pytest.approx(2600 * 0.02 / elapsed, abs=1)
    assert answer.error_budget_remaining == pytest.approx(1 - elapsed, abs=1e-3)


def test_a_week_of_another_zone_began_at_its_own_midnight(watched: UseCases) -> None:
    promise(watched, period="week", time_zone="Asia/Tokyo")
    answer = budget(watched, "/")
    assert answer.period.start == datetime(2026, 11, 22, 15, tzinfo=UTC)
    assert answer.total_requests == (26 + 9) * 100


def test_a_path_that_never_was_is_not_found(watched: UseCases) -> None:
    with pytest.raises(NotFoundError, match="/never"):
        budget(watched, "/never")
