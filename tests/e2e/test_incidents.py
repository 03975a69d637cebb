"""A path of a real Traefik fails: the deployed stack tells a receiver, once, and tells it once when that is over."""

import base64
import json
import logging
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import pairwise
from threading import Event
from typing import Any

import pytest
from e2e.tokens import make_token
from integration.channels.receivers import Received, Receiver, Reply, receiver, verified

from ingress_slo.api import Api
from lab.cloud.local import STACK, Cloud, Deployment
from lab.demo import AGENT_SECONDS, Agent, Every
from lab.traefik.backends import Outages, Temper
from lab.traefik.stage import Play, Stage, demo
from slo.store.tokens import TokenStore

logger = logging.getLogger(__name__)

CLUSTER_ID = "live-incidents"
CHANNEL = "e2e-on-call"
DOMAIN, PATH = "shop.example.com", "/checkout"
SECRET = f"whsec_{base64.b64encode(bytes(range(24))).decode()}"
TOLD_WITHIN_SECONDS = 15
"""Of the first failing request, with warm functions: two pushes and five seconds. A push begins four seconds after the
last one ended, so on a machine that is so busy that an agent runs for longer than a second, two pushes take longer."""
AFTER_PUSHES_SECONDS = 5
CALM_SECONDS = 8
PATIENCE_SECONDS = 180
FAILED = 500


@dataclass(frozen=True)
class Switched(Outages):
    """Requests fail while this is on."""

    is_on: Event = field(default_factory=Event)

    def is_now(self, running_seconds: float) -> bool:
        return running_seconds >= self.first_after_seconds and self.is_on.is_set()


class Inbox:
    """What a receiver got, and when."""

    def __init__(self, receiving: Receiver) -> None:
        self.arrived: list[tuple[float, Received]] = []
        receiving.reply = self._take

    def _take(self, request: Received) -> Reply:
        self.arrived.append((time.time(), request))
        return 200, {}, b"{}"

    @property
    def types(self) -> list[str]:
        return [request.json["type"] for _, request in self.arrived]

    def wait_for(self, kind: str) -> tuple[float, Any]:
        """When the first message of a type arrived, and its data. Its signature is right."""
        wait_until(lambda: kind in self.types, f"{kind} arrives")
        at, request = self.arrived[self.types.index(kind)]
        return at, verified(request, SECRET)["data"]


def wait_until(is_so: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < deadline, f"not within {PATIENCE_SECONDS} s: {what}"
        time.sleep(0.1)


def play(outages: Outages) -> Play:
    """The demo, in which the checkout fails only while it is told to."""
    whole = demo(checkout_outages=outages)
    own = [
        replace(each, temper=Temper(latency_seconds=0.15, outages=outages)) if each.name == "checkout" else each
        for each in whole.backends
    ]
    return replace(whole, backends=own)


def failed_at(stage: Stage) -> list[float]:
    """When each failed request to the path began, Unix seconds, as Traefik's access log says."""
    entries = [json.loads(line) for pod in stage.pods for line in pod.access_log.read_text().splitlines()]
    return sorted(
        datetime.fromisoformat(entry["StartUTC"]).timestamp()
        for entry in entries
        if entry.get("RequestPath") == PATH and entry["DownstreamStatus"] >= FAILED
    )


class Pushes:
    """Runs of the agent, and when each ended."""

    def __init__(self, agent: Agent) -> None:
        self._agent = agent
        self.ended: list[float] = []

    def run(self) -> None:
        self._agent.run()
        self.ended.append(time.time())

    def two_take(self, since: float, until: float) -> float:
        """How long two pushes take, by the longest between these times."""
        ends = [*[end for end in self.ended if end <= since][-1:], *[end for end in self.ended if since < end < until]]
        return 2 * max(later - earlier for earlier, later in pairwise([*ends, until]))


@contextmanager
def told_about_this_cluster(api: Api, url: str) -> Iterator[None]:
    """A webhook channel that is told about this cluster alone; what other tests have set returns afterwards."""
    before = {name: api.get("notifications")[name] for name in ("rules", "quiet_hours", "digest", "thresholds")}
    api.send("PUT", f"channels/{CHANNEL}", {"kind": "webhook", "settings": {"url": url, "secrets": [SECRET]}})
    own = {
        **before,
        "rules": [{"clusters": [CLUSTER_ID], "channels": [CHANNEL]}, {"channels": []}],
        "thresholds": {**before["thresholds"], "calm_seconds": CALM_SECONDS},
    }
    api.send("PUT", "notifications", own, if_match="*")
    try:
        yield
    finally:
        api.send("PUT", "notifications", before, if_match="*")
        api.send("DELETE", f"channels/{CHANNEL}")


def warm_up(cloud: Cloud, api: Api, inbox: Inbox) -> None:
    """Wait until the path is measured and each function on the way has started: AWS keeps them so for minutes."""

    def is_measured() -> bool:
        clusters = [each["cluster_id"] for each in api.clusters()["clusters"]]
        if CLUSTER_ID not in clusters:
            return False
        routes = [
            route
            for domain in api.domains(CLUSTER_ID, "1d")["domains"]
            if domain["domain"] == DOMAIN
            for route in domain["routes"]
        ]
        return any(route["path_prefix"] == PATH and route["current"]["total_requests"] for route in routes)

    wait_until(is_measured, f"{DOMAIN}{PATH} is measured")
    made = cloud.client("cloudformation").describe_stack_resource(StackName=STACK, LogicalResourceId="EvaluateFunction")
    name = made["StackResourceDetail"]["PhysicalResourceId"]
    assert "FunctionError" not in cloud.client("lambda").invoke(FunctionName=name, Payload=b"{}")
    api.send("POST", f"channels/{CHANNEL}/test")
    inbox.wait_for("test")


def listed(deployment: Deployment, token: str) -> str:
    """What the command prints."""
    done = subprocess.run(
        [sys.executable, "-m", "ingress_slo", "incidents", "list", "--cluster", CLUSTER_ID],
        env={
            **os.environ,
            "COLUMNS": "250",
            "INGRESS_SLO_URL": deployment.api_url,
            "INGRESS_SLO_TOKEN": token,
        },
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout


@pytest.fixture
def inbox() -> Iterator[tuple[Inbox, str]]:
    with receiver() as receiving:
        yield Inbox(receiving), receiving.url


def test_a_path_that_fails_is_told_within_seconds_once_and_resolved_once(
    cloud: Cloud, deployment: Deployment, token_store: TokenStore, inbox: tuple[Inbox, str]
) -> None:
    told, url = inbox
    token = make_token(token_store, "manage")
    api = Api(deployment.api_url, token)
    outage = Switched(first_after_seconds=0, last_seconds=0, every_seconds=1)
    with told_about_this_cluster(api, url), Stage(play(outage)) as stage:
        agent = Agent(stage.kubeconfig, deployment, make_token(token_store, "ingest", CLUSTER_ID), CLUSTER_ID)
        pushes = Pushes(agent)
        with Every(AGENT_SECONDS, pushes.run):
            warm_up(cloud, api, told)
            assert list(api.incidents(cluster_id=CLUSTER_ID)) == []

            outage.is_on.set()
            arrived_at, opened = told.wait_for("incident.opened")
            first_failed_at = failed_at(stage)[0]
            took, two_pushes = arrived_at - first_failed_at, pushes.two_take(first_failed_at, arrived_at)
            logger.info("told %.1f s after the first failing request; two pushes take %.1f s", took, two_pushes)
            assert took <= max(TOLD_WITHIN_SECONDS, two_pushes + AFTER_PUSHES_SECONDS)

            [incident] = api.incidents(cluster_id=CLUSTER_ID)
            incident_id = incident["incident_id"]
            assert opened["incident"]["incident_id"] == incident_id
            assert opened["url"] == f"{deployment.browser_url}/#/clusters/{CLUSTER_ID}/incidents/{incident_id}"
            assert (incident["kind"], incident["severity"], incident["status"]) == ("outage", "page", "open")
            assert (incident["subject"]["domain"], incident["path_prefix"]) == (DOMAIN, PATH)
            since, opened_at = (datetime.fromisoformat(incident[name]).timestamp() for name in ("since", "opened_at"))
            assert since - 1 <= first_failed_at <= opened_at

            acknowledged = api.send("POST", f"incidents/{incident_id}/acknowledge", cluster_id=CLUSTER_ID)
            assert acknowledged["status"] == "acknowledged"
            _, message = told.wait_for("incident.acknowledged")
            assert message["incident"]["acknowledged_by"] == acknowledged["acknowledged_by"]
            [row] = [line for line in listed(deployment, token).splitlines() if incident_id in line]
            assert row.split()[:4] == ["acknowledged", "page", "outage", f"{DOMAIN}{PATH}"]

            outage.is_on.clear()
            _, resolved = told.wait_for("incident.resolved")
            failures = failed_at(stage)
            assert resolved["incident"]["errors"] == len(failures)
            detail = api.get(f"incidents/{incident_id}", cluster_id=CLUSTER_ID)
            assert [step["what"] for step in detail["steps"]] == ["opened", "acknowledged", "resolved"]
            assert (detail["status"], detail["errors"]) == ("resolved", len(failures))
            time.sleep(2 * AGENT_SECONDS)
    assert told.types == ["test", "incident.opened", "incident.acknowledged", "incident.resolved"]
    assert len({request.headers["webhook-id"] for _, request in told.arrived}) == len(told.arrived)
