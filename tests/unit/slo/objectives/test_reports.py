"""The domain report, from two ledgers with known counts."""

from typing import Any

import pytest

from slo.counting.catalogue import Catalogue, Entry, Route
from slo.counting.columns import Columns
from slo.counting.counts import Counts
from slo.counting.ledger import Difference
from slo.objectives.objective import Objective, Objectives
from slo.objectives.reports import Reporter
from slo.objectives.targets import Subject
from slo.traefik.snapshots import IngressRouteInfo

BOUNDS = (0.1, 0.3, 1.2)
HOUR = 3_600


def info(domain: str, path: str, **changes: Any) -> IngressRouteInfo:
    router = f"{domain}{path}@kubernetescrd"
    values: dict[str, Any] = {"service_key": router, "router_keys": (router,), "service_keys": (router,), **changes}
    return IngressRouteInfo(name="x", namespace="ns", domain=domain, path_prefix=path, **values)


def route(domain: str, path: str, *, retired_at: float | None = None, **changes: Any) -> Route:
    return Route(info(domain, path, **changes), 0, retired_at)


def entry(entry_id: int, *routes: tuple[str, str]) -> Entry:
    router = f"{routes[0][0]}{routes[0][1]}@kubernetescrd" if routes else ""
    return Entry(entry_id, router, f"service-{entry_id}@kubernetes", routes, BOUNDS)


def counts(ok: int, errors: int = 0, slow: int = 0) -> Counts:
    requests = ok + errors
    codes = {code: count for code, count in {"200": ok, "503": errors}.items() if count}
    return Counts(codes, {"GET": requests}, [requests - slow, requests - slow, requests, requests], 0)


def window(served: dict[int, Counts], **changes: Any) -> Difference:
    values: dict[str, Any] = {"coverage": 1.0, "observable_seconds": HOUR, "has_data": True, **changes}
    return Difference(start=0, end=HOUR, counts=Columns.of(served), **values)


def reporter(
    routes: list[Route],
    entries: list[Entry],
    served: dict[int, Counts],
    objectives: Objectives | None = None,
    excluded_seconds: dict[int, float] | None = None,
    **changes: Any,
) -> Reporter:
    catalogue = Catalogue(version=1, next_id=99, routes=tuple(routes), entries=tuple(entries))
    current = window(served, excluded_seconds=excluded_seconds or {})
    return Reporter(catalogue, current, window({}), time_range="1d", objectives=objectives or Objectives(), **changes)


SHOP = [route("shop", "/api"), route("shop", "/")]
ENTRIES = [entry(1, ("shop", "/")), entry(2, ("shop", "/api"))]


def test_a_domain_is_the_sum_of_its_routes_with_the_root_first() -> None:
    domain = reporter(SHOP, ENTRIES, {1: counts(90), 2: counts(5, 5)}).domain("shop")
    assert [item.path_prefix for item in domain.routes] == ["/", "/api"]
    assert [item.status for item in domain.routes] == ["healthy", "critical"]
    assert (domain.summary.total_requests, domain.summary.total_errors) == (100, 5)
    assert (domain.summary.availability, domain.status) == (0.95, "healthy")
    assert domain.error_budget_remaining == pytest.approx(0)
    assert domain.summary.requests_per_sec == pytest.approx(100 / HOUR)


def test_a_rate_is_of_the_time_that_is_not_excluded() -> None:
    served = {1: counts(90), 2: counts(36), 3: counts(10)}
    entries = [*ENTRIES, entry(3, ("shop", "/")), entry(4, ("shop", "/api"))]
    domain = reporter(SHOP, entries, served, excluded_seconds={1: 1800, 4: HOUR}).domain("shop")
    root, api = (item.current.requests_per_sec for item in domain.routes)
    assert root == pytest.approx(90 / 1800 + 10 / HOUR)
    assert api == 36 / HOUR
    assert domain.summary.requests_per_sec == pytest.approx(root + api)
    assert domain.summary.coverage == 1


def test_what_is_excluded_whole_is_no_traffic_at_a_rate_of_0() -> None:
    domain = reporter(SHOP, ENTRIES, {2: counts(36)}, excluded_seconds={1: HOUR}).domain("shop")
    root, api = domain.routes
    assert (root.status, root.current.requests_per_sec, root.current.availability) == ("no_traffic", 0, None)
    assert domain.summary.requests_per_sec == api.current.requests_per_sec == 36 / HOUR


def test_a_percentile_is_of_the_summed_buckets() -> None:
    domain = reporter(SHOP, ENTRIES, {1: counts(50), 2: counts(50, slow=50)}).domain("shop")
    assert domain.summary.p50_latency == 100
    assert domain.summary.p95_latency == pytest.approx(300 + 900 * 0.9)


def test_nothing_seen_is_no_traffic_and_not_100_percent() -> None:
    domain = reporter(SHOP, ENTRIES, {1: counts(10)}).domain("shop")
    silent = domain.routes[1]
    assert (silent.status, silent.current.availability, silent.error_budget_remaining) == ("no_traffic", None, None)
    assert silent.current.total_requests == 0


def test_a_silent_cluster_is_stale_whatever_it_served() -> None:
    domain = reporter(SHOP, ENTRIES, {1: counts(10)}, is_stale=True).domain("shop")
    assert {domain.status, *(item.status for item in domain.routes)} == {"stale"}


def test_a_shared_measure_is_named_on_both_paths_and_counts_once() -> None:
    domain = reporter(SHOP, [entry(1, ("shop", "/"), ("shop", "/api"))], {1: counts(10)}).domain("shop")
    assert [item.shared_with for item in domain.routes] == [(("shop", "/api"),), (("shop", "/"),)]
    assert [item.current.total_requests for item in domain.routes] == [10, 10]
    assert domain.summary.total_requests == 10


def test_a_route_sums_its_rows_of_before_and_after_a_change() -> None:
    domain = reporter(SHOP, [*ENTRIES, entry(3, ("shop", "/"))], {1: counts(10), 3: counts(5)}).domain("shop")
    assert domain.routes[0].current.total_requests == 15


def test_a_series_that_no_route_claims_stands_apart_under_its_own_name() -> None:
    report = reporter(SHOP, [*ENTRIES, entry(3)], {1: counts(1), 3: counts(7)}).report()
    (service,) = report.unattributed
    assert (service.service_name, service.current.total_requests) == ("service-3", 7)
    assert [domain.domain for domain in report.domains] == ["shop"]
    assert report.domains[0].summary.total_requests == 1


def test_any_domain_comes_last() -> None:
    routes = [route("*", "/"), route("b", "/"), route("a", "/")]
    assert [domain.domain for domain in reporter(routes, [], {}).report().domains] == ["a", "b", "*"]


@pytest.mark.parametrize(
    ("retired_at", "served", "is_shown"), [(HOUR - 60, 5, True), (HOUR - 60, 0, False), (HOUR - 90_000, 5, False)]
)
def test_a_route_that_is_gone_is_shown_for_a_day_if_it_served(retired_at: float, served: int, is_shown: bool) -> None:
    routes = [route("shop", "/"), route("shop", "/api", retired_at=retired_at)]
    domain = reporter(routes, ENTRIES, {2: counts(served)} if served else {}).domain("shop")
    assert ("/api" in [item.path_prefix for item in domain.routes]) is is_shown


def test_a_domain_has_tls_where_any_of_its_routes_has() -> None:
    routes = [route("shop", "/"), route("shop", "/api", tls=True)]
    assert reporter(routes, ENTRIES, {}).domain("shop").tls is True


def test_the_target_of_a_route_decides_its_status_alone() -> None:
    strict = Objective(
        subject=Subject("shop", "/api"),
        name="monthly",
        availability=0.999,
        p95_latency=300,
        version=1,
        set_by="x",
        set_at=0,
    )
    served = {1: counts(99, 1), 2: counts(99, 1)}
    domain = reporter(SHOP, ENTRIES, served, Objectives([strict])).domain("shop")
    assert [item.status for item in domain.routes] == ["healthy", "critical"]
    assert domain.routes[1].targets["1d"].source == "route"
    assert domain.status == "healthy"


def test_an_unknown_domain_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        reporter(SHOP, ENTRIES, {}).domain("nowhere")


QUIET = "observability.metrics is false"


def test_a_route_that_traefik_does_not_count_is_not_quiet_but_not_counted() -> None:
    routes = [route("shop", "/", not_counted=QUIET), route("shop", "/api"), route("board", "/", not_counted=QUIET)]
    report = reporter(routes, [], {})
    assert [(item.status, item.not_counted) for item in report.domain("shop").routes] == [
        ("not_counted", QUIET),
        ("no_traffic", ""),
    ]
    assert report.domain("shop").status == "no_traffic"
    assert report.domain("board").status == "not_counted"


def test_a_route_is_counted_where_one_of_its_rules_is() -> None:
    quiet = Route(info("shop", "/", not_counted=QUIET, router_keys=("quiet@kubernetescrd",)), 0)
    (item,) = reporter([quiet, route("shop", "/")], ENTRIES[:1], {1: counts(1)}).domain("shop").routes
    assert (item.status, item.not_counted) == ("healthy", "")


def test_the_rules_of_one_route_are_apart_in_its_detail() -> None:
    redirect = Route(info("shop", "/", router_keys=("redirect@kubernetescrd",), service_keys=()), 0)
    copies = [
        Entry(1, "redirect@kubernetescrd", "s", (("shop", "/"),), BOUNDS),
        Entry(2, "shop/@kubernetescrd", "s", (("shop", "/"),), BOUNDS),
        Entry(3, "websecure-shop/@kubernetescrd", "s", (("shop", "/"),), BOUNDS),
    ]
    rules = reporter([redirect, route("shop", "/")], copies, {1: counts(50), 2: counts(1), 3: counts(0, 49)}).rules(
        "shop", "/"
    )
    assert [(rule.rule, rule.total_requests, rule.total_errors) for rule in rules] == [
        ("redirect@kubernetescrd", 50, 0),
        ("shop/@kubernetescrd", 50, 49),
    ]
