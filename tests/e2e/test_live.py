"""The API counts what the access log says, with a real Traefik under load, the real agent and the deployed stack."""

import json
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from e2e.tokens import make_token

from ingress_slo.api import Api
from lab.cloud.local import Cloud, Deployment
from lab.demo import Agent, roll_up
from lab.replay import Recording, replay
from lab.traefik.process import TraefikPod
from lab.traefik.profiles import CHART, K3S, Profile, TraefikOptions
from lab.traefik.stage import Play, Stage, demo
from lab.traefik.versions import binary
from slo.store.tokens import TokenStore


class Asked(NamedTuple):
    """What a request asked for, and the router that served it."""

    host: str
    path: str
    router: str


Codes = dict[Asked, Counter[str]]
"""Requests by status code."""
Place = tuple[str, str]


def logged(pod: TraefikPod) -> Codes:
    """The codes in this pod's access log so far."""
    codes: Codes = defaultdict(Counter)
    for line in pod.access_log.read_text().splitlines():
        entry = json.loads(line)
        if "RouterName" in entry:
            asked = Asked(entry["RequestHost"], entry["RequestPath"], entry["RouterName"])
            codes[asked][str(entry["DownstreamStatus"])] += 1
    return codes


def total(parts: Iterable[Codes]) -> Codes:
    result: Codes = defaultdict(Counter)
    for part in parts:
        for asked, codes in part.items():
            result[asked] += codes
    return result


def minus(after: Codes, before: Codes) -> Codes:
    return {asked: codes - before.get(asked, Counter()) for asked, codes in after.items()}


def by_place(codes: Codes) -> dict[Place, tuple[int, int]]:
    """Requests and server errors by the request's own host and path, which are what the demo declares."""
    places: dict[Place, Counter[str]] = defaultdict(Counter)
    for asked, counted in codes.items():
        places[asked.host, asked.path] += counted
    return {
        place: (counted.total(), sum(count for code, count in counted.items() if code.startswith("5")))
        for place, counted in places.items()
    }


def by_router(codes: Codes) -> dict[str, dict[str, int]]:
    routers: dict[str, Counter[str]] = defaultdict(Counter)
    for asked, counted in codes.items():
        routers[asked.router] += counted
    return {router: dict(counted) for router, counted in routers.items() if counted}


def in_a_pause(stage: Stage, work: Callable[[], None]) -> None:
    """Run `work` while no request is in flight and the log has all requests."""
    stage.traffic.pause()
    before: Codes = {}
    while (now := total(map(logged, stage.pods))) != before:
        before = now
        time.sleep(1)
    work()


def wait_until_the_api_counts(
    api: Api, cluster_id: str, truth: Codes, book: Callable[[], None]
) -> list[dict[str, Any]]:
    """Wait until each route has the requests and errors of the access log, and return the routes."""
    deadline = time.monotonic() + 180
    wanted = {place: figures for place, figures in by_place(truth).items() if figures[0]}
    while True:
        book()
        answer = api.domains(cluster_id, "1d")
        routes = {
            (domain["domain"], route["path_prefix"]): route
            for domain in answer["domains"]
            for route in domain["routes"]
        }
        figures = {place: route["current"] for place, route in routes.items()}
        counted = {place: (each["total_requests"], each["total_errors"]) for place, each in figures.items()}
        if {place: each for place, each in counted.items() if each[0]} == wanted and not answer["unattributed"]:
            return list(routes.values())
        assert time.monotonic() < deadline, f"the API counts {counted}, the access log {wanted}"
        time.sleep(0.5)


def play(profile: Profile, version: str, *pods: str) -> Play:
    """The demo's routes and load, without the WebSocket, which a pause cannot end."""
    whole = demo()
    flows = [flow for flow in whole.flows if flow.protocol == "http"]
    return replace(whole, flows=flows, pods=pods, options=TraefikOptions(profile=profile, binary=binary(version)))


def test_the_api_counts_what_the_access_log_says_though_a_pod_is_killed(
    cloud: Cloud, deployment: Deployment, token_store: TokenStore, tmp_path: Path
) -> None:
    """Requests after the last scrape of the killed process do not count. A replay of the capture counts the same."""
    cluster_id = "live"
    reader = Api(deployment.api_url, make_token(token_store, "read", cluster_id))
    token = make_token(token_store, "ingest", cluster_id)
    with Stage(play(CHART, "3.7.15", "traefik-a", "traefik-b")) as stage:
        agent = Agent(stage.kubeconfig, deployment, token, cluster_id)

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
        routes = wait_until_the_api_counts(reader, cluster_id, truth, lambda: roll_up(cloud, deployment))
    assert {route["measured_by"] for route in routes if route["current"]["total_requests"]} == {"router"}
    assert {name.partition("-")[0] for name in by_router(truth)} > {"websecure"}
    replayed = replay(Recording(tmp_path))
    assert {router: rule["codes"] for router, rule in replayed["rules"].items()} == by_router(truth)
    assert len(set(replayed["conservation"].values())) == 1


@pytest.mark.parametrize(("version", "profile"), [("3.0.4", K3S), ("3.3.6", CHART), ("3.6.15", K3S)])
def test_every_request_over_http_and_https_is_under_its_domain_in_older_versions(
    version: str, profile: Profile, cloud: Cloud, deployment: Deployment, token_store: TokenStore
) -> None:
    cluster_id = f"live-{version.replace('.', '-')}"
    reader = Api(deployment.api_url, make_token(token_store, "read", cluster_id))
    with Stage(play(profile, version, "traefik-a")) as stage:
        agent = Agent(stage.kubeconfig, deployment, make_token(token_store, "ingest", cluster_id), cluster_id)
        in_a_pause(stage, agent.run)
        baseline = logged(stage.pods[0])
        stage.traffic.resume()
        time.sleep(3)
        in_a_pause(stage, agent.run)
        truth = minus(logged(stage.pods[0]), baseline)
        wait_until_the_api_counts(reader, cluster_id, truth, lambda: roll_up(cloud, deployment))
    assert sum(requests for requests, _ in by_place(truth).values()) > 30
