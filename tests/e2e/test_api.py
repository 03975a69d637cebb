"""Each endpoint over HTTP against the deployed stack, with figures computed from the access log of a recording."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from e2e.recorded import DOMAIN, PATHS, ReaderApi, Truth, as_of, histogram_quantile, push, rolled_up, truth
from e2e.tokens import make_token

from lab.cloud.local import Cloud, Deployment
from slo.store.tokens import TokenStore

CLUSTER_ID = "recorded"
MONTHLY = "/objectives/monthly"


@pytest.fixture(scope="module")
def watermark(cloud: Cloud, deployment: Deployment, token_store: TokenStore) -> int:
    """Push the recording, and roll up until all of it is booked."""
    ends_at = push(deployment, make_token(token_store, "ingest", CLUSTER_ID), CLUSTER_ID)
    return rolled_up(cloud, deployment, CLUSTER_ID, ends_at)


@pytest.fixture(scope="module")
def reader(deployment: Deployment, token_store: TokenStore, watermark: int) -> ReaderApi:
    assert watermark
    return ReaderApi(deployment, make_token(token_store, "read", CLUSTER_ID), CLUSTER_ID)


@pytest.fixture(scope="module")
def manager(deployment: Deployment, token_store: TokenStore, watermark: int) -> ReaderApi:
    assert watermark
    return ReaderApi(deployment, make_token(token_store, "manage", CLUSTER_ID), CLUSTER_ID)


def check(metrics: dict[str, Any], expected: Truth) -> None:
    assert (metrics["total_requests"], metrics["total_errors"]) == (expected["requests"], expected["errors"])
    assert metrics["error_rate"] == pytest.approx(expected["errors"] / expected["requests"])
    assert metrics["availability"] == pytest.approx(1 - expected["errors"] / expected["requests"])
    for name, q in (("p50_latency", 0.5), ("p95_latency", 0.95), ("p99_latency", 0.99)):
        assert metrics[name] == pytest.approx(histogram_quantile(q, expected["buckets_le"]), abs=0.001)


@pytest.mark.parametrize("time_range", ["1d", "7d", "30d"])
def test_the_list_has_each_domain_with_its_routes(reader: ReaderApi, time_range: str) -> None:
    answer = reader.get("/domains", time_range=time_range)
    (domain,) = answer["domains"]
    check(domain["summary"], truth())
    assert [route["path_prefix"] for route in domain["routes"]] == PATHS
    for route in domain["routes"]:
        check(route["current"], truth(route["path_prefix"]))
        assert (route["measured_by"], route["shared"]) == ("router", False)
    assert [route["status"] for route in domain["routes"]] == ["healthy", "critical", "warning"]
    assert (answer["overview"]["total_domains"], answer["overview"]["total_routes"]) == (1, 3)
    assert answer["overview"]["p95_latency"] == domain["summary"]["p95_latency"]


def test_the_detail_says_change_and_budget(reader: ReaderApi) -> None:
    domain = reader.get(f"/domains/{DOMAIN}")["domain"]
    check(domain["summary"], truth())
    expected = truth()
    allowed = int(expected["requests"] * 0.05 + 1e-9)
    budget = domain["error_budget"]
    assert budget["allowed_errors"] == allowed
    assert budget["remaining_requests"] == allowed - expected["errors"]
    assert domain["error_budget_remaining"] == pytest.approx(1 - expected["errors"] / (expected["requests"] * 0.05))
    assert set(domain["change"].values()) == {None}, "nothing was seen in the period before"
    api = next(route for route in domain["routes"] if route["path_prefix"] == "/api")
    assert api["error_budget"]["remaining_requests"] < 0


def test_the_budget_says_what_is_left_and_what_comes(reader: ReaderApi) -> None:
    whole, api = reader.get(f"/domains/{DOMAIN}/budget"), reader.get(f"/domains/{DOMAIN}/budget", path_prefix="/api")
    expected = truth()
    assert (whole["total_requests"], whole["total_errors"]) == (expected["requests"], expected["errors"])
    assert (whole["objective"], whole["target"]["source"]) == (None, "preset")
    assert [each["pace"] for each in api["forecasts"]] == ["hour", "day"]
    assert {each["outcome"] for each in api["forecasts"]} == {"exhausted"}
    assert api["times_of_allowance"] == pytest.approx(1 - api["error_budget_remaining"])


@pytest.mark.parametrize("name", ["SHOP.example.com", "shop%2Eexample%2Ecom", "shop.example.com."])
def test_a_domain_may_be_written_in_other_ways(reader: ReaderApi, name: str) -> None:
    assert reader.get(f"/domains/{name}")["domain"]["domain"] == DOMAIN


@pytest.mark.parametrize("path", [None, *PATHS])
def test_the_latency_has_buckets_codes_and_methods(reader: ReaderApi, path: str | None) -> None:
    expected = truth(path) if path else truth()
    answer = reader.get(f"/domains/{DOMAIN}/latency", path_prefix=path)
    assert {bucket["le"]: bucket["count"] for bucket in answer["buckets"]} == expected["buckets_le"]
    assert {code["code"]: code["count"] for code in answer["codes"]} == expected["codes"]
    assert {method["method"]: method["count"] for method in answer["methods"]} == expected["methods"]
    assert (answer["total_requests"], answer["observations"]) == (expected["requests"], expected["requests"])
    assert answer["p95_latency"] == pytest.approx(histogram_quantile(0.95, expected["buckets_le"]), abs=0.001)
    average = expected["seconds"] / expected["requests"] * 1000
    assert answer["average_latency"] == pytest.approx(average, rel=0.02), "Traefik's sum and its log differ a little"


@pytest.mark.parametrize("path", [None, "/api"])
@pytest.mark.parametrize(("time_range", "seconds"), [("1d", 300), ("7d", 3_600), ("30d", 21_600)])
def test_the_history_adds_up_to_the_window(reader: ReaderApi, path: str | None, time_range: str, seconds: int) -> None:
    answer = reader.get(f"/domains/{DOMAIN}/history", path_prefix=path, time_range=time_range)
    expected = truth(path) if path else truth()
    assert answer["point_seconds"] == seconds
    times = [datetime.fromisoformat(point["timestamp"]).timestamp() for point in answer["points"]]
    assert times == list(range(int(times[0]), int(times[-1]) + 1, seconds))
    seen = [point for point in answer["points"] if point["has_data"]]
    assert sum(point["total_requests"] for point in seen) == expected["requests"]
    assert sum(point["total_errors"] for point in seen) == expected["errors"]
    gaps = [point for point in answer["points"] if not point["has_data"]]
    assert gaps
    assert {point["availability"] for point in gaps} == {point["total_requests"] for point in gaps} == {None}
    last = [point for point in seen if point["total_requests"]][-1]
    allowed = expected["requests"] * 0.05
    assert last["error_budget_remaining"] == pytest.approx(1 - expected["errors"] / allowed)


def test_burn_rates_are_of_the_ledger(reader: ReaderApi) -> None:
    answer = reader.get(f"/domains/{DOMAIN}/burn-rates")
    expected = truth()
    windows = {window["window_seconds"]: window for window in answer["burn_rates"]["windows"]}
    assert set(windows) == {300, 1_800, 3_600, 7_200, 21_600, 86_400, 259_200}
    for window in windows.values():
        assert (window["requests"], window["errors"]) == (expected["requests"], expected["errors"])
        assert window["burn_rate"] == pytest.approx(expected["errors"] / expected["requests"] / 0.05)
    assert [route["path_prefix"] for route in answer["routes"]] == PATHS
    api = truth("/api")
    rates = answer["routes"][1]["burn_rates"]["windows"]
    assert rates[0]["burn_rate"] == pytest.approx(api["errors"] / api["requests"] / 0.05)
    for alert in answer["routes"][1]["burn_rates"]["alerts"]:
        is_burning = rates[0]["burn_rate"] > alert["factor"]
        assert alert["state"] == ("too_new" if is_burning else "ok"), "it was first seen some minutes ago"
    assert answer["routes"][1]["burn_rates"]["alerts"][-1]["state"] == "too_new"


def test_a_window_and_the_one_before_it_share_what_was_served(reader: ReaderApi, watermark: int) -> None:
    middle = datetime.fromtimestamp(watermark - 80, UTC)
    answer = reader.get(
        f"/domains/{DOMAIN}", **{"from": middle.isoformat(), "to": datetime.fromtimestamp(watermark, UTC).isoformat()}
    )
    start, end = (datetime.fromisoformat(answer["window"][bound]) for bound in ("from", "to"))
    assert (start.timestamp() % 10, end.timestamp()) == (0, watermark)
    assert start <= middle
    assert answer["previous_window"]["to"] == answer["window"]["from"]
    assert answer["time_range"] is None
    domain = answer["domain"]
    assert domain["summary"]["total_requests"] > 0
    assert domain["previous"]["total_requests"] > 0
    assert domain["change"]["availability"] == pytest.approx(
        domain["summary"]["availability"] - domain["previous"]["availability"]
    )


def test_a_time_range_may_end_at_any_time(reader: ReaderApi, watermark: int) -> None:
    end = datetime.fromtimestamp(watermark - 80, UTC)
    answer = reader.get("/domains", to=end.isoformat(), time_range="7d")
    start, snapped = (datetime.fromisoformat(answer["window"][bound]) for bound in ("from", "to"))
    assert timedelta() <= end - snapped < timedelta(seconds=10)
    assert timedelta() <= (snapped - start) - timedelta(days=7) < timedelta(seconds=10)
    assert 0 < answer["overview"]["total_requests"] < truth()["requests"]


def test_a_cluster_says_how_well_it_is_watched(reader: ReaderApi) -> None:
    (cluster,) = reader.get("/clusters")["clusters"]
    assert (cluster["cluster_id"], cluster["router_labels"], cluster["routes_complete"]) == (CLUSTER_ID, True, True)
    assert (cluster["processes"], cluster["unreachable"], cluster["warnings"]) == (1, 0, [])
    assert cluster["lag_seconds"] < 600


@pytest.fixture
def subject(manager: ReaderApi) -> Iterator[dict[str, str]]:
    """The subject of an objective that is deleted after the test."""
    named = {"domain": DOMAIN, "path_prefix": "/slow"}
    yield named
    manager.call("DELETE", MONTHLY, params=named, headers={"If-Match": "*"})


def test_objectives_are_set_listed_followed_and_deleted(
    reader: ReaderApi, manager: ReaderApi, subject: dict[str, str]
) -> None:
    body = {"availability": 0.995, "p95_latency": 1200, "latency_objective": {"share": 0.9, "threshold": 1000}}
    body |= {"period": "month", "time_zone": "Europe/Berlin", "owner": "shop team"}
    made = manager.call("PUT", MONTHLY, params=subject, json=body)
    assert made.status_code == 201, made.text
    saved = made.json()
    assert saved["set_by"] == "manage of the tests"
    assert {key: saved[key] for key in (*subject, *body)} == {**subject, **body}
    assert reader.get("/objectives")["objectives"] == [saved]
    slow = reader.get("/domains")["domains"][0]["routes"][2]
    assert slow["targets"]["1d"]["source"] == "route"
    assert (slow["objective"]["name"], slow["objective"]["period"]) == ("monthly", "month")
    assert reader.get("/domains", time_range="7d")["domains"][0]["routes"][2]["targets"]["7d"]["availability"] == 0.995
    expected = truth("/slow")
    assert slow["latency"] == {
        "measured_threshold": 300.0,
        "share": expected["buckets_le"]["0.3"] / expected["requests"],
        "is_met": False,
    }
    assert slow["status"] == "critical"
    unseen = manager.call("PUT", MONTHLY, params=subject, json=body)
    assert unseen.status_code == 428
    stale = manager.call("PUT", MONTHLY, params=subject, json=body, headers={"If-Match": '"1"'})
    assert stale.status_code == 412
    seen = {"If-Match": made.headers["ETag"]}
    changed = manager.call("PUT", MONTHLY, params=subject, json={**body, "availability": 0.5}, headers=seen)
    assert (changed.status_code, changed.json()["availability"]) == (200, 0.5)
    assert manager.call("DELETE", MONTHLY, params=subject, headers=seen).status_code == 412
    seen = {"If-Match": changed.headers["ETag"]}
    assert manager.call("DELETE", MONTHLY, params=subject, headers=seen).status_code == 204
    assert reader.get("/objectives")["objectives"] == []
    assert manager.call("DELETE", MONTHLY, params=subject).status_code == 404
    changes = reader.get("/objective-changes", domain=DOMAIN, limit="3")["changes"]
    promised = [[each and each["availability"] for each in (change["before"], change["after"])] for change in changes]
    assert promised == [[0.5, None], [0.995, 0.5], [None, 0.995]]


def test_a_time_that_does_not_count_is_left_out_and_undone(
    reader: ReaderApi, manager: ReaderApi, watermark: int
) -> None:
    start, end = (datetime.fromtimestamp(watermark - seconds, UTC).isoformat() for seconds in (7_200, 0))
    window = {"from": start, "to": end}
    before = reader.get(f"/domains/{DOMAIN}", **window)["domain"]
    check(before["summary"], truth())
    body = {**window, "reason": "DDoS"}
    subject = {"domain": DOMAIN, "path_prefix": "/api"}
    assert reader.call("POST", "/exclusions", params=subject, json=body).status_code == 403
    made = manager.call("POST", "/exclusions", params=subject, json=body)
    assert made.status_code == 201, made.text
    assert [each["reason"] for each in reader.get("/exclusions")["exclusions"]] == ["DDoS"]
    check(reader.get(f"/domains/{DOMAIN}", **window)["domain"]["summary"], truth("/", "/slow"))
    points = reader.get(f"/domains/{DOMAIN}/history", **window)["points"]
    assert sum(point["excluded_seconds"] for point in points) == 7_200
    gone = manager.call("DELETE", f"/exclusions/{made.json()['exclusion_id']}")
    assert gone.status_code == 204
    assert reader.get(f"/domains/{DOMAIN}", **window)["domain"] == before
    excluded, included = reversed(reader.get("/objective-changes", **subject)["changes"][:2])
    assert (excluded["excluded"], included["included"]) == (made.json(), made.json())


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"availability": 99.5}, "availability"),
        ({"availability": 1.0}, "availability"),
        ({"p95_latency": 0}, "p95_latency"),
        ({"p95_latency": 5e-324}, "p95_latency"),
        ({"p95_latency": "fast"}, "p95_latency"),
        ({"latency_objective": {"share": 2, "threshold": 300}}, "latency_objective.share"),
        ({"availabilty": 0.9}, "availabilty"),
        ({"period": "1d"}, "period"),
        ({"period": "month", "time_zone": "Europe/Atlantis"}, "time_zone"),
        ({"period": "30d", "time_zone": "Europe/Berlin"}, "time_zone"),
    ],
)
def test_an_objective_that_cannot_be_is_refused_by_its_field(
    manager: ReaderApi, change: dict[str, Any], field: str
) -> None:
    answer = manager.call("PUT", MONTHLY, json={"availability": 0.99, "p95_latency": 300, **change})
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert manager.get("/objectives")["objectives"] == []


@pytest.mark.parametrize(
    ("path", "query", "field"),
    [
        ("/domains", {"time_range": "2d"}, "time_range"),
        ("/domains", {"limit": "0"}, "limit"),
        ("/domains", {"sort": "colour"}, "sort"),
        ("/domains", {"status": "fine"}, "status"),
        ("/domains", {"cursor": "x"}, "cursor"),
        ("/domains", {"serach": "shop"}, "serach"),
        ("/domains", {"cluster_id": "Not_One"}, "cluster_id"),
        ("/domains", {"from": "yesterday"}, "from"),
        ("/domains", {"cluster_id": ""}, "cluster_id"),
        ("/domains", {"to": ""}, "to"),
        ("/domains", {"to": "1700000000"}, "to"),
        ("/domains", {"to": "null"}, "to"),
        ("/domains", {"limit": "ten"}, "limit"),
        ("/domains", {"search": ["a", "b"]}, "search"),
        ("/domains", {"from": "2020-01-01T00:00:00Z"}, "from"),
        (f"/domains/{DOMAIN}/history", {"step": "1h"}, "step"),
        (f"/domains/{DOMAIN}/latency", {"path_prefix": "api"}, "path_prefix"),
        ("/status-history", {"path_prefix": "/api"}, "path_prefix"),
    ],
)
def test_a_wrong_parameter_is_named(reader: ReaderApi, path: str, query: dict[str, Any], field: str) -> None:
    answer = reader.call("GET", path, params=query)
    assert answer.status_code == 400, answer.text
    assert [error["field"] for error in answer.json()["errors"]] == [field]


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/domains/nowhere.example.com", {}),
        ("/domains/%2A", {}),
        (f"/domains/{DOMAIN}/history", {"path_prefix": "/nowhere"}),
        (f"/domains/{DOMAIN}/latency", {"path_prefix": "/nowhere"}),
        ("/domains/t%C3%A4st.example/burn-rates", {}),
    ],
)
def test_what_is_not_there_is_not_found(reader: ReaderApi, path: str, query: dict[str, str]) -> None:
    answer = reader.call("GET", path, params=query)
    assert (answer.status_code, answer.json()["status"]) == (404, 404)


def test_an_answer_that_the_caller_has_is_not_sent_again(reader: ReaderApi) -> None:
    first = reader.call("GET", f"/domains/{DOMAIN}")
    again = reader.call("GET", f"/domains/{DOMAIN}", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"search": "SHOP"}, 1),
        ({"search": "/slo"}, 1),
        ({"search": "blog"}, 0),
        ({"status": "warning"}, 1),
        ({"status": "critical"}, 0),
        ({"status": "stale,no_traffic"}, 0),
    ],
)
def test_the_list_is_searched_and_filtered(reader: ReaderApi, query: dict[str, str], found: int) -> None:
    answer = reader.get("/domains", **query)
    assert answer["total"] == len(answer["domains"]) == found
    assert answer["overview"]["total_domains"] == 1


def test_a_change_of_status_is_written_once_by_rollup(
    cloud: Cloud, deployment: Deployment, reader: ReaderApi, manager: ReaderApi
) -> None:
    """A stricter objective makes the route critical at the next rollup; readers write nothing."""
    named = {"domain": DOMAIN, "path_prefix": "/slow"}
    before = reader.get("/status-history")["changes"]
    made = manager.call("PUT", MONTHLY, params=named, json={"availability": 0.999, "p95_latency": 1200})
    assert made.status_code == 201
    for _ in range(2):
        rolled_up(cloud, deployment, CLUSTER_ID, as_of(reader) + 1)
    expected = truth("/slow")
    changes = reader.get("/status-history")["changes"]
    *_, change = made_now = changes[: len(changes) - len(before)]
    assert {each["time_range"] for each in made_now} == {"1d", "7d", "30d"}
    assert (change["domain"], change["path_prefix"]) == (DOMAIN, "/slow")
    assert (change["old_status"], change["new_status"]) == ("warning", "critical")
    assert change["availability"] == pytest.approx(1 - expected["errors"] / expected["requests"])
    assert change["p95_latency"] == pytest.approx(histogram_quantile(0.95, expected["buckets_le"]), abs=0.001)
    assert reader.get("/status-history", domain=DOMAIN, path_prefix="/api")["changes"] == []
    manager.call("DELETE", MONTHLY, params=named, headers={"If-Match": "*"})


def test_the_description_needs_no_token(deployment: Deployment) -> None:
    document = requests.get(f"{deployment.api_url}/api/v2/openapi.json", timeout=30)
    assert document.json()["openapi"] == "3.1.0"
    page = requests.get(f"{deployment.api_url}/api/v2/docs", timeout=30)
    assert page.headers["Content-Type"].startswith("text/html")
    assert "getBurnRates" in page.text
