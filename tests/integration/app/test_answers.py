"""Answers at the edges: what is unknown is said to be, and bad input gets a clear error or an empty answer."""

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, get_args

import msgspec
import pytest
from integration.use_cases import BOUNDS, CLUSTER, T0, UseCases, process, route, row, snapshot

from slo.api.pages import Cursor
from slo.api.parameters import (
    DomainsParameters,
    HistoryParameters,
    ObjectiveBody,
    ObjectiveParameters,
    Parameters,
    RouteParameters,
    StatusHistoryParameters,
    WindowParameters,
    read_parameters,
)
from slo.app.clusters import Clusters
from slo.app.freshness import ARRIVAL_SECONDS, PUSH_SECONDS, RETRY_SECONDS
from slo.errors import BadRequestError, CallerError
from slo.objectives.status import Status
from slo.times import utc

SHOP = route("shop.example.com")
BLOG = route("blog.example.com")


@pytest.fixture
def filled(moto_backend: UseCases) -> UseCases:
    """Ten quick requests to the shop and ten slow ones to the blog."""
    slow = row(BLOG.router_keys[0], 10, buckets=(0, 0, 0, 0, 10))
    quick = row(SHOP.router_keys[0], 10)
    moto_backend.push(snapshot(T0, [], (SHOP, BLOG)))
    moto_backend.push(snapshot(T0 + 60, [process([quick, slow], T0 + 60, T0 + 30)], (SHOP, BLOG)))
    moto_backend.roll_up(T0 + 361)
    return moto_backend


def detail(backend: UseCases, domain: str = "shop.example.com", **asked: Any) -> Any:
    return backend.query.domain(CLUSTER, domain, WindowParameters(**asked)).domain


def test_a_flawless_domain_has_its_budget(filled: UseCases) -> None:
    found = detail(filled)
    assert (found.status, found.error_budget_remaining) == ("healthy", 1)


def test_an_answer_says_when_newer_figures_can_be_there(filled: UseCases) -> None:
    state = filled.clusters.get(CLUSTER)
    assert state is not None
    due = int(state.received_at) + PUSH_SECONDS + ARRIVAL_SECONDS
    domain = ("shop.example.com",)
    ask = (
        lambda: filled.query.domains(CLUSTER, DomainsParameters()),
        lambda: filled.query.domain(CLUSTER, *domain, WindowParameters()),
        lambda: filled.query.latency(CLUSTER, *domain, RouteParameters()),
        lambda: filled.query.burn_rates(CLUSTER, *domain),
        lambda: filled.trends.history(CLUSTER, *domain, HistoryParameters()),
        lambda: Clusters(filled.stores).seen_by(lambda _: True).clusters[0],
    )
    for now in (state.received_at, due - 1):
        filled.now = now
        assert {answer().fresh_until for answer in ask} == {utc(due)}


def test_late_figures_are_due_in_half_a_minute_at_most_and_their_etag_stays_till_then(filled: UseCases) -> None:
    start = T0 + 3_600
    found = {}
    for filled.now in (start, start + 0.5, start + 29, start + 30, start + 3_600):
        found[filled.now] = filled.query.domains(CLUSTER, DomainsParameters()).fresh_until.timestamp()
    assert list(found.values()) == [start + RETRY_SECONDS] * 3 + [start + 60, start + 3_630]


def test_a_change_against_a_time_that_was_not_watched_is_null(filled: UseCases) -> None:
    found = detail(filled, time_range="7d")
    assert found.previous.coverage == 0
    assert set(msgspec.structs.astuple(found.change)) == {None}


def test_a_p95_says_which_bucket_it_fell_into(filled: UseCases) -> None:
    assert detail(filled).summary.p95_latency_range == (0, 1000 * BOUNDS[0])
    assert detail(filled, "blog.example.com").summary.p95_latency_range == (1000 * BOUNDS[-1], None)
    answer = filled.query.latency(CLUSTER, "shop.example.com", RouteParameters())
    assert answer.p95_latency_range == (0, 1000 * BOUNDS[0])


def test_a_p95_in_the_open_bucket_does_not_meet_a_target_above_it(filled: UseCases) -> None:
    assert detail(filled, "blog.example.com").status == "warning"
    body = ObjectiveBody(availability=0.95, p95_latency=10_000)
    asked = ObjectiveParameters(domain="blog.example.com")
    filled.objective_editor.set(CLUSTER, "monthly", asked, body, if_match="", set_by="x")
    assert detail(filled, "blog.example.com").status == "unknown"
    assert filled.query.domains(CLUSTER, DomainsParameters(status="unknown")).total == 1


def test_the_overview_has_the_p95_of_all_requests_together(filled: UseCases) -> None:
    overview = filled.query.domains(CLUSTER, DomainsParameters()).overview
    assert (overview.p95_latency, overview.p95_latency_range) == (5000, (5000, None))
    assert (overview.healthy, overview.warning, overview.unknown) == (1, 1, 0)


def test_the_filter_by_status_finds_as_many_domains_as_the_overview_counts(filled: UseCases) -> None:
    asked = ObjectiveParameters(domain="shop.example.com", path_prefix=SHOP.path_prefix)
    body = ObjectiveBody(availability=0.95, p95_latency=1)
    filled.objective_editor.set(CLUSTER, "monthly", asked, body, if_match="", set_by="x")
    answer = filled.query.domains(CLUSTER, DomainsParameters())
    (shop,) = [each for each in answer.domains if each.domain == "shop.example.com"]
    assert (shop.status, shop.routes[0].status) == ("healthy", "warning"), "a path is worse than its domain"
    for status in get_args(Status):
        found = filled.query.domains(CLUSTER, DomainsParameters(status=status))
        assert found.total == getattr(answer.overview, status) == len(found.domains)
        assert {each.status for each in found.domains} <= {status}


@pytest.mark.parametrize("domain", [".", " ", "..", ". "])
def test_what_is_no_domain_is_refused_and_not_taken_for_the_cluster(filled: UseCases, domain: str) -> None:
    body, ours = ObjectiveBody(availability=0.99, p95_latency=1000), ObjectiveParameters()
    saved, _ = filled.objective_editor.set(CLUSTER, "monthly", ours, body, if_match="", set_by="x")
    asked = ObjectiveParameters(domain=domain)
    with pytest.raises(BadRequestError, match="not valid"):
        filled.objective_editor.delete(CLUSTER, "monthly", asked, if_match=f'"{saved.version}"', set_by="x")
    with pytest.raises(BadRequestError, match="not valid"):
        filled.objective_editor.set(CLUSTER, "monthly", asked, body, if_match=f'"{saved.version}"', set_by="x")
    with pytest.raises(BadRequestError, match="not valid"):
        read_parameters(ObjectiveParameters, {"domain": domain})
    assert [each.domain for each in filled.objective_editor.all(CLUSTER).objectives] == [None]


@pytest.mark.parametrize(("domain", "path"), [("a|b.example", None), (r"{(a|b)\.example}", "{^/(x|y)}")])
def test_an_objective_keeps_the_domain_and_path_that_it_was_set_for(
    filled: UseCases, domain: str, path: str | None
) -> None:
    body, query = ObjectiveBody(availability=0.9, p95_latency=1000), {"domain": domain, "path_prefix": path}
    asked = read_parameters(ObjectiveParameters, {key: value for key, value in query.items() if value})
    filled.objective_editor.set(CLUSTER, "monthly", asked, body, if_match="", set_by="x")
    (saved,) = filled.objective_editor.all(CLUSTER).objectives
    assert (saved.domain, saved.path_prefix) == (domain, path)
    filled.objective_editor.delete(CLUSTER, "monthly", asked, if_match=f'"{saved.version}"', set_by="x")
    assert not filled.objective_editor.all(CLUSTER).objectives


def test_a_window_that_ends_before_it_begins_is_explained(filled: UseCases) -> None:
    asked = read_parameters(WindowParameters, {"from": "2027-01-15T08:00:00Z", "to": "2027-01-15T07:00:00Z"})
    with pytest.raises(BadRequestError) as raised:
        filled.query.domain(CLUSTER, "shop.example.com", asked)
    (error,) = raised.value.errors
    assert (error.field, "earlier than `to`" in error.message) == ("from", True)


def test_a_status_history_that_ends_before_it_begins_is_empty(filled: UseCases) -> None:
    failed = [row(SHOP.router_keys[0], 10, 90)]
    filled.push(snapshot(T0 + 420, [process(failed, T0 + 420, T0 + 30)], (SHOP, BLOG)))
    filled.roll_up(T0 + 661)
    (at, *_) = {change.at for change in filled.status_history.changes(CLUSTER, StatusHistoryParameters()).changes}
    times = [datetime.fromtimestamp(at.timestamp() - seconds, UTC).isoformat() for seconds in (1, 600)]
    asked = read_parameters(StatusHistoryParameters, {"from": times[0], "to": times[1]})
    assert filled.status_history.changes(CLUSTER, asked).changes == ()


@pytest.mark.parametrize(
    "query",
    [
        {"from": "0001-01-01T00:00:00Z"},
        {"to": "0001-01-01T00:00:00+14:00"},
        {"to": "1969-01-01T00:00:00Z"},
        {"to": "9999-12-31T23:59:59-14:00"},
        {"from": "9999-12-31T23:59:59Z"},
        {"from": "1970-01-01T00:00:00Z", "to": "1970-01-02T00:00:00Z"},
        {"from": "2026-11-01T00:00:00Z", "to": "2026-11-01T00:00:01Z"},
    ],
    ids=str,
)
def test_odd_times_are_answered_or_the_callers_error(filled: UseCases, query: dict[str, str]) -> None:
    for kind in (DomainsParameters, WindowParameters, HistoryParameters, RouteParameters, StatusHistoryParameters):
        with suppress(CallerError):
            ask(filled, read_parameters(kind, query))


def ask(backend: UseCases, asked: Parameters) -> None:
    match asked:
        case DomainsParameters():
            backend.query.domains(CLUSTER, asked)
        case HistoryParameters():
            backend.trends.history(CLUSTER, "shop.example.com", asked)
        case RouteParameters():
            backend.query.latency(CLUSTER, "shop.example.com", asked)
        case WindowParameters():
            backend.query.domain(CLUSTER, "shop.example.com", asked)
        case StatusHistoryParameters():
            backend.status_history.changes(CLUSTER, asked)


@pytest.mark.parametrize("as_of", [0, 1, 299, T0, T0 + 1, 10**11 - 1])
def test_cursors_of_any_time_are_answered_or_the_callers_error(filled: UseCases, as_of: int) -> None:
    cursor = Cursor(as_of, "shop.example.com").text()
    for kind in (DomainsParameters, StatusHistoryParameters):
        with suppress(CallerError):
            ask(filled, kind(cursor=cursor))


def test_the_last_point_of_a_history_says_how_long_it_is(moto_backend: UseCases) -> None:
    start = T0 - T0 % 3600
    moto_backend.push(snapshot(start, [], (SHOP,)))
    for minute in range(5, 126, 5):
        at = start + 60.0 * minute - 1
        served = [row(SHOP.router_keys[0], 600 * minute)]
        moto_backend.push(snapshot(at, [process(served, at, start + 1)], (SHOP,)))
    moto_backend.roll_up(start + 125 * 60 + 61)
    asked = HistoryParameters(time_range="7d")
    *_, whole, last = moto_backend.trends.history(CLUSTER, "shop.example.com", asked).points
    assert (whole.seconds, last.seconds) == (3600, 300)
    assert last.requests_per_sec == whole.requests_per_sec == 10
