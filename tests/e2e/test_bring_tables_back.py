"""A stack is deleted, its tables stay, and the page's command brings them back into a new stack."""

import os
import subprocess
from typing import Any

import pytest

from lab.cloud.local import REGION, Cloud
from lab.docs import DOCS, DocsError, Shell, account, block
from lab.paths import ROOT

STACK = "ingress-slo-lost"
KEPT = 10


class Lost:
    """A stack beside that of the other tests, as a deployer handles it."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self.database = cloud.client("dynamodb")

    def sam(self, *arguments: str) -> None:
        command = [str(ROOT / ".venv-sam" / "bin" / "sam"), *arguments, "--stack-name", STACK]
        path = f"{ROOT / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"
        environment = {**os.environ, **self._cloud.environment, "SAM_CLI_TELEMETRY": "0", "PATH": path}
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]

    def deploy(self) -> None:
        built = str(ROOT / ".aws-sam" / "lab" / "template.yaml")
        config = ["--config-file", str(ROOT / "samconfig.toml"), "--config-env", "local"]
        self.sam("deploy", "--template-file", built, *config)

    def resources(self) -> dict[str, str]:
        pages = self._cloud.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=STACK)
        items = [item for page in pages for item in page["StackResourceSummaries"]]
        return {item["LogicalResourceId"]: item["PhysicalResourceId"] for item in items}

    def tables(self) -> set[str]:
        return {name for name in self.database.list_tables()["TableNames"] if name.startswith(STACK)}

    def bring_back(self) -> str:
        with Shell(account(self._cloud.environment)) as shell:
            shell.run(f"export AWS_DEFAULT_REGION={REGION} INGRESS_SLO_STACK={STACK}")
            return shell.run(block(DOCS / "install-aws.md", "bring the tables back").text)


@pytest.fixture(scope="module")
def lost(cloud: Cloud) -> Lost:
    return Lost(cloud)


def test_a_deleted_stack_gets_its_tables_back(lost: Lost) -> None:
    lost.deploy()
    before = lost.resources()
    item: dict[str, Any] = {"token_hash": {"S": "kept"}}
    lost.database.put_item(TableName=before["TokensTable"], Item=item)
    lost.sam("delete", "--no-prompts")
    stayed = lost.tables()
    assert len(stayed) == KEPT
    assert f"has its {KEPT} tables again" in lost.bring_back()
    lost.deploy()
    after = lost.resources()
    kept = {name: table for name, table in before.items() if table in stayed}
    assert {name: after[name] for name in kept} == kept
    assert lost.database.get_item(TableName=after["TokensTable"], Key=item)["Item"] == item
    with pytest.raises(DocsError, match="The tables are as they were"):
        lost.bring_back()
    lost.sam("delete", "--no-prompts")
