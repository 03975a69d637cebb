"""Runs the quick start and what comes after it word for word, as a reader pastes them, from a release's archive."""

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import time
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import requests
from e2e.builds import nobody_else_builds
from e2e.recorded import DELAY_SECONDS, SLOT_SECONDS
from integration.atlhyper import OldDatabase
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from lab.bytecode import LAYER
from lab.cloud.local import REGION, STACK, Cloud
from lab.demo import roll_up
from lab.docs import DOCS, Block, Shell, account, block, blocks
from lab.paths import ROOT
from lab.release import archive_name
from lab.traefik.stage import Stage, demo

QUICK_START = DOCS / "quick-start.md"
PAGES = [QUICK_START, DOCS / "after-the-quick-start.md"]
CLUSTER_ID = "rehearsal"
"""This id gets the first second of the minute (`SPREAD_SECONDS`), so no push waits."""
PATIENCE_SECONDS = 180
HASHED_AND_UNCHECKED = 0b01
"""https://peps.python.org/pep-0552/#specification."""
OLD_SERVICE = "atlantis-web-80@kubernetes"
OLD_HOURS, OLD_REQUESTS = 30, 1_000


class Reader:
    """Pastes the blocks of both pages one after the other."""

    def __init__(self, cloud: Cloud, shell: Shell) -> None:
        self._cloud = cloud
        self._shell = shell
        self.pasted: list[str] = []
        self._pushes = 0

    def paste(self, name: str) -> str:
        self.pasted.append(name)
        return self._shell.run(self._block(name).text)

    def fill_in(self, name: str, **values: str) -> None:
        self._shell.run(self._block(name).filled_in(values))

    def _block(self, name: str) -> Block:
        page = next(page for page in PAGES if name in {each.name for each in blocks(page)})
        return block(page, name)

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


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release's archive and wheel, built for this machine's processor as the workflow builds them for AWS'."""
    folder = tmp_path_factory.mktemp("release")
    with nobody_else_builds():
        subprocess.run(["make", "-s", "release", "ARGS=--config-env local"], cwd=ROOT, check=True)
        return shutil.copytree(ROOT / "build/release", folder, dirs_exist_ok=True)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The folder of the reader's terminal. What `make tools` installs is there: tests use no registry."""
    folder = tmp_path / "home" / archive_name()
    folder.mkdir(parents=True)
    for name in (".venv", ".venv-sam"):
        (folder / name).symlink_to(ROOT / name)
    old_database(folder / "atlhyper.db")
    return folder.parent


def old_database(file: Path) -> None:
    """An AtlHyper database at the path that the page uses."""
    old = OldDatabase(file, cluster_id=CLUSTER_ID)
    old.map("atlantis.example.com", "/", OLD_SERVICE)
    this_hour = int(time.time()) // 3_600 * 3_600
    for hour in range(this_hour - OLD_HOURS * 3_600, this_hour, 3_600):
        old.hour(OLD_SERVICE, hour, OLD_REQUESTS, 1)
        old.hour("web", hour, OLD_REQUESTS)
    old.close()


def deploy(cloud: Cloud, reader: Reader, name: str) -> None:
    reader.paste(name)
    cloud.take_binary_bodies(cloud.deployment().outputs["ApiId"])


def test_both_pages_work_word_for_word(release: Path, home: Path) -> None:
    with Cloud() as cloud, Stage(demo()) as stage:
        environment = {**account(cloud.environment), "KUBECONFIG": str(stage.kubeconfig), "COLUMNS": "200"}
        with Shell(environment, home) as shell:
            reader = Reader(cloud, shell)
            install(cloud, reader, release)
            operate(reader)
            upgrade_and_delete(cloud, reader)
    assert reader.pasted == [item.name for page in PAGES for item in blocks(page) if item.purpose == "run"]


def test_the_quick_start_has_at_most_five_steps() -> None:
    assert len(re.findall(r"^## \d\. ", QUICK_START.read_text(), re.MULTILINE)) <= 5


def test_the_layer_of_a_release_is_compiled_from_its_own_source(release: Path, tmp_path: Path) -> None:
    shutil.unpack_archive(release / f"{archive_name()}.tar.gz", tmp_path, filter="data")
    layer = tmp_path / archive_name() / ".aws-sam" / "build" / LAYER
    sources = [*layer.rglob("*.py")]
    assert len(sources) > 100
    for source in sources:
        compiled = Path(importlib.util.cache_from_source(str(source))).read_bytes()
        flags, hashed = int.from_bytes(compiled[4:8], "little"), compiled[8:16]
        assert (flags, hashed) == (HASHED_AND_UNCHECKED, importlib.util.source_hash(source.read_bytes()))


def test_the_wheel_is_the_whole_command(release: Path, tmp_path: Path) -> None:
    """It runs from the wheel alone: the packages that it needs are this environment's, its modules are not."""
    (packed,) = release.glob("*.whl")
    zipfile.ZipFile(packed).extractall(tmp_path / "wheel")
    command = [
        sys.executable,
        "-P",
        "-c",
        "import ingress_slo.app as a; print(a.__file__); a.app(['doctor', '--help'])",
    ]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "wheel")}
    said = subprocess.run(command, cwd=tmp_path, env=environment, check=True, capture_output=True, text=True).stdout
    assert said.startswith(str(tmp_path))
    assert "--kubeconfig" in said
    assert (
        "ingress-slo = ingress_slo.__main__:main" in next((tmp_path / "wheel").glob("*/entry_points.txt")).read_text()
    )


def install(cloud: Cloud, reader: Reader, release: Path) -> None:
    archive = (release / f"{archive_name()}.tar.gz").as_uri()
    settings = {"AWS_DEFAULT_REGION": REGION, "PROFILE": "local", "CLUSTER_ID": CLUSTER_ID, "RELEASE": archive}
    reader.fill_in("settings", TRAEFIK_NAMESPACE="traefik", **settings)
    reader.paste("get the release")
    reader.paste("router labels on k3s")
    deploy(cloud, reader, "deploy")
    deployment = cloud.deployment()
    reader.fill_in("outputs", INGRESS_SLO_URL=deployment.api_url, PUSH_URL=deployment.push_url)
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
