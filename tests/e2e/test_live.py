"""The API counts what the access log says, with a real Traefik under load, the real agent and the deployed stack."""

import json
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from e2e.tokens import make_token

from ingress_slo.api import Api
from lab.cloud.local import Cloud, Deployment
from lab.demo import Agent, roll_up
from lab.replay import Recording, replay
from lab.traefik.process import TraefikPod
from lab.traefik.stage import Play, Stage, demo
from slo.store.tokens import TokenStore

CLUSTER_ID = "live"
Codes = dict[str, Counter[str]]
"""Requests by router and status code."""


def logged(pod: TraefikPod) -> Codes:
    """The codes in this pod's access log so far."""
    codes: Codes = defaultdict(Counter)
    for line in pod.access_log.read_text().splitlines():
        entry = json.loads(line)
        if "RouterName" in entry:
            codes[entry["RouterName"]][str(entry["DownstreamStatus"])] += 1
    return codes


def total(parts: Iterable[Codes]) -> Codes:
    result: Codes = defaultdict(Counter)
    for part in parts:
        for router, codes in part.items():
            result[router] += codes
    return result


def minus(after: Codes, before: Codes) -> Codes:
    return {router: codes - before.get(router, Counter()) for router, codes in after.items()}


def in_a_pause(stage: Stage, work: Callable[[], None]) -> None:
    """Run `work` while no request is in flight and the log has all requests."""
    stage.traffic.pause()
    before: Codes = {}
    while (now := total(map(logged, stage.pods))) != before:
        before = now
        time.sleep(0.3)
    work()


def wait_until_the_api_counts(api: Api, truth: Codes, book: Callable[[], None]) -> list[dict[str, Any]]:
    """Wait until each route has as many requests as the access log, and return the routes."""
    deadline = time.monotonic() + 180
    while True:
        book()
        answer = api.domains(CLUSTER_ID, "1d")
        routes = [route for domain in answer["domains"] for route in domain["routes"]]
        counted = {route["rules"][0]: route["current"]["total_requests"] for route in routes}
        wanted = {router: truth.get(router, Counter()).total() for router in counted}
        if counted == wanted and set(truth) <= set(counted):
            return routes
        assert time.monotonic() < deadline, f"the API counts {counted}, the access log {truth}"
        time.sleep(0.5)


@pytest.fixture
def play() -> Play:
    """The demo's routes and load on two pods, without the WebSocket, which a pause cannot end."""
    whole = demo()
    flows = [flow for flow in whole.flows if flow.protocol == "http"]
    return Play(whole.objects, whole.backends, flows, pods=("traefik-a", "traefik-b"))


def test_the_api_counts_what_the_access_log_says_though_a_pod_is_killed(
    cloud: Cloud, deployment: Deployment, token_store: TokenStore, play: Play, tmp_path: Path
) -> None:
    """Requests after the last scrape of the killed process do not count. A replay of the capture counts the same."""
    reader = Api(deployment.api_url, make_token(token_store, "read", CLUSTER_ID))
    token = make_token(token_store, "ingest", CLUSTER_ID)
    with Stage(play) as stage:
        agent = Agent(stage.kubeconfig, deployment, token, CLUSTER_ID)

        def push() -> None:
            agent.run("--capture", str(tmp_path))

        def push_for(seconds: float) -> None:
            stage.traffic.resume()
            until = time.monotonic() + seconds
            while time.monotonic() < until:
                time.sleep(1.5)
                push()

        time.sleep(2)
        in_a_pause(stage, push)
        baseline = total(map(logged, stage.pods))
        push_for(6)
        in_a_pause(stage, push)
        killed = stage.pods[0]
        seen = logged(killed)
        stage.traffic.resume()
        time.sleep(2)
        killed.kill()
        lost = minus(logged(killed), seen)
        stage.restart_pod(killed)
        push_for(6)
        in_a_pause(stage, push)
        truth = minus(minus(total(map(logged, stage.pods)), baseline), lost)
        routes = wait_until_the_api_counts(reader, truth, lambda: roll_up(cloud, deployment))
    for route in routes:
        codes = truth[route["rules"][0]] if route["rules"][0] in truth else Counter[str]()
        assert route["current"]["total_errors"] == sum(n for code, n in codes.items() if code.startswith("5"))
        assert codes.total() == 0 or route["measured_by"] == "router"
    replayed = replay(Recording(tmp_path))
    assert {router: rule["codes"] for router, rule in replayed["rules"].items()} == {
        router: dict(codes) for router, codes in truth.items() if codes
    }
    assert len(set(replayed["conservation"].values())) == 1
