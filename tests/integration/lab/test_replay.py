"""Replays of small recordings of a real Traefik (`lab.record`) count exactly what its access log says."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lab.paths import ROOT
from lab.replay import Recording, replay
from lab.traefik.scenarios import SCENARIOS

RECORDINGS = ROOT / "tests" / "recordings"
MEASURED_BY_SERVICE = {"shared-service"}
ROUTES_DIFFER = {"shared-service", "rules-changed"}
"""Recordings in which a path's requests are another route's at times: its service is shared, or its rule is gone."""


@pytest.fixture(scope="module", params=sorted(SCENARIOS))
def scenario(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def truth(scenario: str) -> dict[str, dict[str, Any]]:
    read: dict[str, dict[str, Any]] = json.loads((RECORDINGS / scenario / "truth.json").read_text())
    return read


@pytest.fixture(scope="module")
def replayed(scenario: str) -> dict[str, Any]:
    return replay(Recording(RECORDINGS / scenario))


def test_every_rule_has_the_codes_of_the_access_log(
    scenario: str, truth: dict[str, dict[str, Any]], replayed: dict[str, Any]
) -> None:
    wanted = truth["services" if scenario in MEASURED_BY_SERVICE else "rules"]
    assert {name: rule["codes"] for name, rule in replayed["rules"].items()} == {
        name: counts["codes"] for name, counts in wanted.items()
    }


def test_increases_hours_and_ledger_hold_the_same_sum(
    truth: dict[str, dict[str, Any]], replayed: dict[str, Any]
) -> None:
    requests = sum(counts["requests"] for counts in truth["rules"].values())
    assert replayed["conservation"] == {"increases": requests, "hourly": requests, "ledger": requests}


def routes_of(replayed: dict[str, Any]) -> dict[str, Any]:
    return {
        f"{domain['domain']} {route['path_prefix']}": route
        for domain in replayed["domains"]
        for route in domain["routes"]
    }


def test_no_request_is_counted_on_another_path(
    scenario: str, truth: dict[str, dict[str, Any]], replayed: dict[str, Any]
) -> None:
    """Even if rules swap their names, processes die, and Traefik's options change."""
    if scenario in ROUTES_DIFFER:
        assert set(truth["routes"]) == set(routes_of(replayed))
        return
    counted = {name: route["current"]["total_requests"] for name, route in routes_of(replayed).items()}
    assert counted == {name: counts["requests"] for name, counts in truth["routes"].items()}


def test_what_paths_share_counts_once_in_their_domain() -> None:
    result = replay(Recording(RECORDINGS / "shared-service"))
    (domain,) = result["domains"]
    assert {route["path_prefix"]: route["shared_with"] for route in domain["routes"]} == {
        "/": (("blog.example.com", "/feed"),),
        "/feed": (("blog.example.com", "/"),),
    }
    assert domain["summary"]["total_requests"] == result["conservation"]["ledger"]


def test_a_route_that_is_gone_keeps_what_it_served() -> None:
    result = replay(Recording(RECORDINGS / "rules-changed"))
    gone = routes_of(result)["shop.example.com /new"]
    assert gone["retired_at"] is not None
    assert gone["current"]["total_requests"] == result["rules"][gone["rules"][0]]["requests"] > 0


def test_latencies_leave_streams_out_while_their_requests_count() -> None:
    result = replay(Recording(RECORDINGS / "retries"))
    for path in ("/ws", "/events"):
        route = routes_of(result)[f"shop.example.com {path}"]
        assert route["current"]["total_requests"] > 0
        assert route["current"]["p95_latency"] is None


def test_nothing_but_one_json_object_is_on_stdout() -> None:
    command = [sys.executable, "-m", "lab.replay", str(RECORDINGS / "safe-naming-swap")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert set(json.loads(done.stdout)) == {"domains", "rules", "conservation"}
    assert "pushed" in done.stderr


def test_a_folder_that_is_no_recording_is_explained(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "lab.replay", str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "meta.json" in done.stderr
