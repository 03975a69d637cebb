"""Runs the quick start word for word, as a reader pastes it, from `sam deploy` to `sam delete`."""

import json
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import requests
from e2e.builds import nobody_else_builds
from e2e.recorded import DELAY_SECONDS, SLOT_SECONDS
from integration.atlhyper import OldDatabase
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from lab.cloud.local import STACK, Cloud
from lab.demo import roll_up
from lab.docs import DOCS, Shell, block, blocks
from lab.paths import ROOT
from lab.traefik.stage import Stage, demo

PAGE = DOCS / "quick-start.md"
CLUSTER_ID = "rehearsal"
"""This id gets the first second of the minute (`SPREAD_SECONDS`), so no push waits."""
PATIENCE_SECONDS = 180
OLD_SERVICE = "atlantis-web-80@kubernetes"
OLD_HOURS, OLD_REQUESTS = 30, 1_000


class Reader:
    """Pastes the page's blocks one after the other."""

    def __init__(self, cloud: Cloud, shell: Shell) -> None:
        self._cloud = cloud
        self._shell = shell
        self.pasted: list[str] = []
        self._pushes = 0

    def paste(self, name: str) -> str:
        self.pasted.append(name)
        return self._shell.run(block(PAGE, name).text)

    def fill_in(self, name: str, **values: str) -> None:
        self._shell.run(block(PAGE, name).filled_in(values))

    def value(self, variable: str) -> str:
        return self._shell.run(f'printf %s "${variable}"')

    def a_minute_later(self) -> None:
        """Push as the CronJob does each minute, then roll up as the schedule does."""
        self._pushes += 1
        name = f"minute-{self._pushes}"
        said = self._shell.run(
            f"kubectl create job {name} --from=cronjob/ingress-slo-agent --namespace ingress-slo\n"
            f"kubectl logs job/{name} --namespace ingress-slo"
        )
        assert '"message": "pushed"' in said
        end = time.time() // SLOT_SECONDS * SLOT_SECONDS + SLOT_SECONDS
        time.sleep(end + DELAY_SECONDS - time.time() + 0.2)
        self._wait_until_booked(end)

    def _wait_until_booked(self, end: float) -> None:
        """Start dispatch until rollup, which reads a queue, has booked to the end of a slot."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while datetime.fromisoformat(self.domains()["as_of"] or "1970-01-01T00:00Z").timestamp() < end:
            assert time.monotonic() < deadline, "rollup does not come along"
            roll_up(self._cloud, self._cloud.deployment())
            time.sleep(0.3)

    def exported(self, subject: str) -> dict[str, Any]:
        """Metric families by name, from an export that prometheus_client's OpenMetrics parser reads."""
        document = self._shell.run(f'ingress-slo export {subject} --cluster "$CLUSTER_ID" --format openmetrics')
        families = text_string_to_metric_families(document)  # type: ignore[no-untyped-call]
        return {family.name: family for family in families}

    def domains(self, time_range: str = "1d") -> dict[str, Any]:
        answer = requests.get(
            f"{self.value('INGRESS_SLO_URL')}/api/v2/slo/domains",
            params={"cluster_id": CLUSTER_ID, "time_range": time_range},
            headers={"Authorization": f"Bearer {self.value('INGRESS_SLO_TOKEN')}"},
            timeout=60,
        )
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    def requests(self, time_range: str = "1d") -> int:
        return int(self.domains(time_range)["overview"]["total_requests"])


@pytest.fixture
def old_database() -> Iterator[Path]:
    """An AtlHyper database at the path that the page uses."""
    file = ROOT / "atlhyper.db"
    old = OldDatabase(file, cluster_id=CLUSTER_ID)
    old.map("atlantis.example.com", "/", OLD_SERVICE)
    this_hour = int(time.time()) // 3_600 * 3_600
    for hour in range(this_hour - OLD_HOURS * 3_600, this_hour, 3_600):
        old.hour(OLD_SERVICE, hour, OLD_REQUESTS, 1)
        old.hour("web", hour, OLD_REQUESTS)
    old.close()
    yield file
    file.unlink()


def deploy(cloud: Cloud, reader: Reader, name: str) -> None:
    with nobody_else_builds():
        reader.paste(name)
    cloud.take_binary_bodies(cloud.deployment().outputs["ApiId"])


@pytest.mark.usefixtures("old_database")
def test_the_quick_start_works_word_for_word() -> None:
    with Cloud() as cloud, Stage(demo()) as stage:
        environment = {**cloud.environment, "KUBECONFIG": str(stage.kubeconfig), "COLUMNS": "200"}
        with Shell(environment) as shell:
            reader = Reader(cloud, shell)
            install(cloud, reader)
            operate(reader)
            upgrade_and_delete(cloud, reader)
    assert reader.pasted == [item.name for item in blocks(PAGE) if item.purpose == "run"]


def install(cloud: Cloud, reader: Reader) -> None:
    reader.paste("router labels on k3s")
    reader.paste("tools")
    reader.fill_in(
        "settings",
        AWS_REGION="us-east-1",
        PROFILE="local",
        CLUSTER_ID=CLUSTER_ID,
        IMAGE="registry.example.com/ingress-slo-agent",
    )
    deploy(cloud, reader, "deploy")
    reader.fill_in("outputs", INGRESS_SLO_URL=cloud.deployment().api_url)
    reader.paste("create tokens")
    reader.paste("install the agent")
    assert '"message": "pushed"' in reader.paste("push once")
    reader.a_minute_later()


def operate(reader: Reader) -> None:
    tree = reader.paste("see the tree")
    assert {"atlantis.example.com", "atlhyper.example.com", "shop.example.com"} <= set(tree.split())
    assert reader.requests() > 0
    for subject in ("domains", "routes", "history"):
        assert sum(sample.value for sample in reader.exported(subject)["ingress_slo_requests"].samples) > 0
    assert "failed" not in reader.paste("doctor")
    old_token = reader.value("AGENT_TOKEN")
    listed = reader.paste("list the tokens")
    reader.fill_in("token id", TOKEN_ID=next(line.split()[0] for line in listed.splitlines() if " ingest " in line))
    reader.paste("rotate the token")
    assert reader.value("AGENT_TOKEN") != old_token
    reader.a_minute_later()
    before = reader.requests("7d")
    migrated = reader.paste("migrate")
    assert f"{2 * OLD_HOURS + 1}" in migrated, "rows read: hourly ones, and the mapping's"
    moved = OLD_HOURS * OLD_REQUESTS
    assert before + moved <= reader.requests("7d") < before + moved + 1_000
    assert "Nothing differs" in reader.paste("roll up again")


def upgrade_and_delete(cloud: Cloud, reader: Reader) -> None:
    before = reader.requests("7d")
    deploy(cloud, reader, "upgrade")
    assert reader.requests("7d") >= before
    reader.a_minute_later()
    assert reader.requests("7d") > before
    reader.paste("delete")
    remaining = json.dumps(cloud.client("cloudformation").list_stacks()["StackSummaries"], default=str)
    assert f'"{STACK}", "StackStatus": "CREATE' not in remaining
    assert not cloud.client("lambda").list_functions()["Functions"]
