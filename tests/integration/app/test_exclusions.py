"""Excluded times: every figure leaves them out exactly, whatever its window, and undoing it changes nothing."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from integration.use_cases import CLUSTER, DELAY, SLOT, UseCases, process, route, row, snapshot

from slo.api.objective_answers import ExclusionAnswer
from slo.api.parameters import (
    BudgetParameters,
    ExclusionBody,
    HistoryParameters,
    ObjectiveChangesParameters,
    ObjectiveParameters,
    WindowParameters,
)
from slo.app.exclusions import MOST_EXCLUSIONS
from slo.errors import BadRequestError, NotFoundError
from slo.objectives.forecast import Forecast
from slo.times import DAY_SECONDS, HOUR_SECONDS, utc

SHOP = "shop.example.com"
ROUTES = (route(SHOP), route(SHOP, "/api"), route("blog.example.com"))
NAMES = [info.router_keys[0] for info in ROUTES]
MIDNIGHT = int(datetime(2026, 11, 23, tzinfo=UTC).timestamp())
FIRST = MIDNIGHT - 11 * DAY_SECONDS
"""For the first two hours and the last two there is a snapshot each five minutes; between them one each hour."""
NOW = MIDNIGHT + 2 * HOUR_SECONDS


def moments() -> Iterator[int]:
    yield from range(FIRST, FIRST + 2 * HOUR_SECONDS, SLOT)
    yield from range(FIRST + 2 * HOUR_SECONDS, MIDNIGHT, HOUR_SECONDS)
    yield from range(MIDNIGHT, NOW + 1, SLOT)


def served(time: int) -> tuple[int, int]:
    """Requests and errors of the first route in the slot that ends at a time."""
    number = (time - FIRST) // SLOT
    return 10 + number % 7, number % 3


@pytest.fixture(scope="module")
def watched(dynamodb_local: object) -> UseCases:
    from lab.cloud.dynamodb_local import REGION, DynamoDBLocal

    assert isinstance(dynamodb_local, DynamoDBLocal)
    backend = UseCases(dynamodb_local.client(), REGION, dynamodb_local.endpoint_url)
    total = errors = 0
    for at in moments():
        requests, failed = served(at) if at > FIRST else (0, 0)
        total, errors = total + requests, errors + failed
        rows = [row(NAMES[0], total, errors), row(NAMES[1], 2 * total), row(NAMES[2], 3 * total)]
        backend.push(snapshot(float(at), [process(rows, float(at), FIRST - 4000.0)], ROUTES), at=at + 1)
        backend.roll_up(at + DELAY)
    backend.roll_up(NOW + SLOT + DELAY)
    _expire(backend)
    return backend


def _expire(backend: UseCases) -> None:
    """Delete the ledgers that DynamoDB's TTL has deleted by now: DynamoDB Local keeps them."""
    table = backend.names["LEDGER_TABLE"]
    items = backend.client.query(
        TableName=table,
        KeyConditionExpression="cluster_id = :cluster",
        ExpressionAttributeValues={":cluster": {"S": CLUSTER}},
    )["Items"]
    gone = [item for item in items if int(item["expires_at"]["N"]) < NOW]
    assert gone, "slots of the first two hours"
    for item in gone:
        backend.client.delete_item(TableName=table, Key={key: item[key] for key in ("cluster_id", "ledger_key")})


def truth(start: int, end: int, *excluded: tuple[int, int]) -> tuple[int, int]:
    """Requests and errors of the first route from a start to an end, without what is excluded: request by request."""
    kept = [
        served(at)
        for at in moments()
        if start < at <= end and at > FIRST and not any(first < at <= last for first, last in excluded)
    ]
    return sum(requests + errors for requests, errors in kept), sum(errors for _, errors in kept)


def exclude(
    backend: UseCases, start: int, end: int, domain: str | None = SHOP, path: str | None = None, **own: str
) -> ExclusionAnswer:
    body = ExclusionBody(start=utc(start), end=utc(end), reason="moved the database", **own)
    asked = ObjectiveParameters(domain=domain, path_prefix=path)
    return backend.exclusion_editor.add(CLUSTER, asked, body, set_by="ops")


@pytest.fixture(autouse=True)
def undone(watched: UseCases) -> Iterator[None]:
    yield
    undo_all(watched)


def undo_all(backend: UseCases) -> None:
    for each in backend.exclusion_editor.all(CLUSTER).exclusions:
        backend.exclusion_editor.delete(CLUSTER, each.exclusion_id, set_by="ops")


def seen(backend: UseCases, path: str = "/", domain: str = SHOP, **asked: object) -> tuple[int, int]:
    """Requests and errors of a route, as the detail says."""
    found = backend.query.domain(CLUSTER, domain, WindowParameters(**asked)).domain  # type: ignore[arg-type]
    (current,) = [each.current for each in found.routes if each.path_prefix == path]
    return current.total_requests, current.total_errors


def charted(backend: UseCases, time_range: str) -> tuple[int, int, int]:
    answer = backend.trends.history(CLUSTER, SHOP, HistoryParameters(time_range=time_range, path_prefix="/"))  # type: ignore[arg-type]
    return (
        sum(each.total_requests or each.requests_after_gap for each in answer.points),
        sum(each.total_errors or each.errors_after_gap for each in answer.points),
        sum(each.excluded_seconds for each in answer.points),
    )


LATELY = (MIDNIGHT + 1800, MIDNIGHT + 5400)
LONG_AGO = (FIRST + 900, FIRST + 5700)
"""Eleven days ago. Ledgers of slots are kept for eight, so both ends need an hour's book."""


@pytest.mark.parametrize("time_range", ["1d", "7d", "30d"])
def test_figures_leave_out_what_is_excluded(watched: UseCases, time_range: str) -> None:
    days = int(time_range.removesuffix("d"))
    start = NOW - days * DAY_SECONDS
    assert seen(watched, time_range=time_range) == truth(max(FIRST, start), NOW)
    exclude(watched, *LATELY)
    assert seen(watched, time_range=time_range) == truth(max(FIRST, start), NOW, LATELY)
    exclude(watched, *LONG_AGO)
    assert seen(watched, time_range=time_range) == truth(max(FIRST, start), NOW, LATELY, LONG_AGO)
    assert seen(watched, domain="blog.example.com", time_range="30d")[0] == 3 * (
        truth(FIRST, NOW)[0] - truth(FIRST, NOW)[1]
    )


def rates(backend: UseCases, **asked: object) -> dict[str, float]:
    """Requests per second by path, and of the whole domain."""
    found = backend.query.domain(CLUSTER, SHOP, WindowParameters(**asked)).domain  # type: ignore[arg-type]
    budget = found.error_budget
    assert budget is not None
    assert budget.remaining_seconds == pytest.approx(budget.remaining_requests / found.summary.requests_per_sec)
    return {
        **{each.path_prefix: each.current.requests_per_sec for each in found.routes},
        "": found.summary.requests_per_sec,
    }


@pytest.mark.parametrize("time_range", ["1d", "7d", "30d"])
def test_a_rate_divides_by_the_time_that_counts(watched: UseCases, time_range: str) -> None:
    before, (requests, _) = rates(watched, time_range=time_range), seen(watched, time_range=time_range)
    observed = requests / before["/"]
    assert observed == pytest.approx(min(int(time_range.removesuffix("d")) * DAY_SECONDS, NOW - FIRST), abs=SLOT)
    exclude(watched, *LATELY, path="/")
    lately = exclude(watched, MIDNIGHT, MIDNIGHT + 600, path="/")
    exclude(watched, *LONG_AGO)
    left_out = 3600 + 600 + (LONG_AGO[1] - LONG_AGO[0] if time_range == "30d" else 0)
    found = rates(watched, time_range=time_range)
    assert found["/"] == pytest.approx(seen(watched, time_range=time_range)[0] / (observed - left_out))
    assert found[""] == pytest.approx(found["/"] + found["/api"])
    watched.exclusion_editor.delete(CLUSTER, lately.exclusion_id, set_by="ops")
    again = rates(watched, time_range=time_range)
    assert again["/"] == pytest.approx(seen(watched, time_range=time_range)[0] / (observed - left_out + 600))
    assert again["/api"] == found["/api"]
    undo_all(watched)
    assert rates(watched, time_range=time_range) == before


def test_a_window_that_is_excluded_whole_has_a_rate_of_0(watched: UseCases) -> None:
    exclude(watched, MIDNIGHT, NOW, path="/")
    asked = WindowParameters(start=utc(MIDNIGHT + 600), end=utc(MIDNIGHT + 1200))
    found = watched.query.domain(CLUSTER, SHOP, asked).domain
    root, api = found.routes
    assert (root.current.requests_per_sec, root.current.total_requests, root.current.availability) == (0, 0, None)
    assert found.summary.requests_per_sec == api.current.requests_per_sec == api.current.total_requests / 600


def test_points_have_the_rate_of_what_counts(watched: UseCases) -> None:
    exclude(watched, *LATELY, path="/")
    answer = watched.trends.history(CLUSTER, SHOP, HistoryParameters(time_range="7d", path_prefix="/"))
    for point in answer.points:
        if point.total_requests:
            left = point.seconds - point.excluded_seconds
            assert point.requests_per_sec == pytest.approx(point.total_requests / left)
    assert {point.excluded_seconds for point in answer.points} == {0, 1800}


def test_what_overlaps_is_left_out_once(watched: UseCases) -> None:
    exclude(watched, MIDNIGHT, MIDNIGHT + 3600)
    exclude(watched, MIDNIGHT + 1800, MIDNIGHT + 5400, path="/")
    exclude(watched, MIDNIGHT + 300, MIDNIGHT + 600, domain=None)
    assert seen(watched) == truth(NOW - DAY_SECONDS, NOW, (MIDNIGHT, MIDNIGHT + 5400))


def test_a_route_that_is_excluded_leaves_the_others_in(watched: UseCases) -> None:
    before = seen(watched, "/api")
    exclude(watched, *LATELY, path="/")
    assert seen(watched, "/api") == before
    whole = watched.query.domain(CLUSTER, SHOP, WindowParameters()).domain.summary
    assert whole.total_errors == truth(NOW - DAY_SECONDS, NOW, LATELY)[1]


@pytest.mark.parametrize("time_range", ["1d", "7d", "30d"])
def test_a_chart_and_the_budget_agree_with_the_figures(watched: UseCases, time_range: str) -> None:
    whole = charted(watched, time_range)
    exclude(watched, *LATELY)
    exclude(watched, *LONG_AGO)
    *figures, hatched = charted(watched, time_range)
    left_out = (LATELY, LONG_AGO) if time_range == "30d" else (LATELY,)
    assert tuple(figures) == seen(watched, time_range=time_range)
    assert hatched == sum(end - start for start, end in left_out)
    assert whole[:2] != tuple(figures)
    budget = watched.budgets.budget(CLUSTER, SHOP, BudgetParameters(path_prefix="/"))
    assert (budget.total_requests, budget.total_errors) == truth(FIRST, NOW, LATELY, LONG_AGO)


@pytest.mark.parametrize(("minutes", "because"), [(15, ""), (40, "not_observed")])
def test_a_pace_is_of_the_time_that_counts(watched: UseCases, minutes: int, because: str) -> None:
    def last_hour(path: str | None) -> Forecast:
        return watched.budgets.budget(CLUSTER, SHOP, BudgetParameters(path_prefix=path)).forecasts[0]

    whole = last_hour("/")
    start = NOW + SLOT - HOUR_SECONDS
    exclude(watched, start, start + 60 * minutes, path="/")
    found, together = last_hour("/"), last_hour(None)
    assert found.observed == pytest.approx(whole.observed * (60 - minutes) / 60, abs=1e-3)
    assert (whole.because, found.because) == ("", because)
    assert found.observed < together.observed < whole.observed, "the other route counts all the time"


def test_undoing_it_gives_the_same_answers_as_before(watched: UseCases) -> None:
    def answers() -> list[object]:
        found: list[object] = [
            watched.query.domain(CLUSTER, SHOP, WindowParameters(time_range=each)).domain
            for each in ("1d", "7d", "30d")
        ]
        return [*found, watched.query.burn_rates(CLUSTER, SHOP).burn_rates, charted(watched, "30d")]

    before = answers()
    first, second = exclude(watched, *LATELY), exclude(watched, *LONG_AGO)
    assert answers() != before
    for each in (second, first):
        watched.exclusion_editor.delete(CLUSTER, each.exclusion_id, set_by="ops")
    assert answers() == before
    changes = watched.objective_editor.changes(CLUSTER, ObjectiveChangesParameters(domain=SHOP)).changes
    assert {each.included.exclusion_id for each in changes if each.included} >= {
        first.exclusion_id,
        second.exclusion_id,
    }
    assert {each.by for each in changes} == {"ops"}


def test_burn_rates_leave_it_out(watched: UseCases) -> None:
    exclude(watched, MIDNIGHT, NOW)
    rates = watched.query.burn_rates(CLUSTER, SHOP).burn_rates.windows
    assert [each.requests for each in rates if each.window_seconds <= HOUR_SECONDS] == [0, 0, 0]


def test_maintenance_comes_again_at_the_same_time_of_day(watched: UseCases) -> None:
    start = MIDNIGHT - 3 * DAY_SECONDS + 900
    exclude(watched, start, start + 1800, rule="FREQ=DAILY")
    assert seen(watched) == truth(NOW - DAY_SECONDS, NOW, (MIDNIGHT + 900, MIDNIGHT + 2700))


def test_maintenance_that_goes_on_is_left_out_so_far(watched: UseCases) -> None:
    exclude(watched, MIDNIGHT + 3600, NOW + 7 * DAY_SECONDS)
    assert seen(watched) == truth(NOW - DAY_SECONDS, NOW, (MIDNIGHT + 3600, NOW))


@pytest.mark.parametrize(
    ("own", "field"),
    [
        ({"rule": "every sunday"}, "rule"),
        ({"rule": "FREQ=HOURLY"}, "rule"),
        ({"rule": "DTSTART:20260101T000000\nRRULE:FREQ=DAILY"}, "rule"),
        ({"rule": "FREQ=DAILY", "time_zone": "Europe/Atlantis"}, "time_zone"),
    ],
)
def test_a_rule_that_cannot_be_is_explained(watched: UseCases, own: dict[str, str], field: str) -> None:
    with pytest.raises(BadRequestError) as refused:
        exclude(watched, LATELY[0], LATELY[1], SHOP, None, **own)
    assert [error.field for error in refused.value.errors] == [field]


@pytest.mark.parametrize(("start", "end"), [(NOW, NOW), (NOW, NOW - 60), (NOW, NOW + 32 * DAY_SECONDS)])
def test_a_time_that_cannot_be_is_explained(watched: UseCases, start: int, end: int) -> None:
    with pytest.raises(BadRequestError) as refused:
        exclude(watched, start, end)
    assert [error.field for error in refused.value.errors] == ["to"]


def test_what_is_not_there_cannot_be_undone(watched: UseCases) -> None:
    with pytest.raises(NotFoundError, match="exclusions lists"):
        watched.exclusion_editor.delete(CLUSTER, "never", set_by="ops")


def test_a_cluster_has_only_so_many(moto_backend: UseCases) -> None:
    for number in range(MOST_EXCLUSIONS):
        exclude(moto_backend, FIRST + number, FIRST + number + 60)
    with pytest.raises(BadRequestError, match="not valid"):
        exclude(moto_backend, *LATELY)
