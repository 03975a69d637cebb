"""The operator's command against the deployed stack, which it finds by itself."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from lab.cloud.local import Cloud, Deployment

COMMAND = Path(sys.executable).parent / "ingress-slo"


@pytest.fixture
def operator(cloud: Cloud, deployment: Deployment) -> "Operator":
    return Operator({**os.environ, **cloud.environment, "INGRESS_SLO_URL": deployment.api_url, "COLUMNS": "200"})


class Operator:
    """A user with AWS credentials who knows no table names."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._environment = environment

    def run(self, *arguments: str, token: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(COMMAND), *arguments],
            env={**self._environment, "INGRESS_SLO_TOKEN": token},
            capture_output=True,
            text=True,
            check=False,
        )

    def out(self, *arguments: str, token: str = "") -> str:
        done = self.run(*arguments, token=token)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()


def test_tokens_need_no_table_name(operator: Operator) -> None:
    token = operator.out("tokens", "create", "--scope", "read", "--label", "operate")
    assert (
        "CLUSTER" in operator.out("clusters", token=token)
        or json.loads(operator.out("clusters", "--json", token=token)) == []
    )
    listed = json.loads(operator.out("tokens", "list", "--json"))
    assert "operate" in {kept["label"] for kept in listed}


def test_dead_letters_are_replayed_by_one_command(cloud: Cloud, deployment: Deployment, operator: Operator) -> None:
    cloud.client("sqs").send_message(
        QueueUrl=deployment.outputs["DeadLetterQueueUrl"], MessageBody='{"cluster_id":"nobody"}'
    )
    assert "nobody" in operator.out("dead-letters", "list")
    assert "Replayed" in operator.run("dead-letters", "replay").stderr
    assert json.loads(operator.out("dead-letters", "list", "--json")) == []


def test_what_is_not_there_is_said_in_a_sentence(operator: Operator) -> None:
    done = operator.run("tokens", "list", "--stack", "nowhere")
    assert done.returncode == 1
    assert done.stderr.startswith("There is no stack 'nowhere'")
    refused = operator.run("clusters", token="islo_unknown")
    assert refused.returncode == 1
    assert "401" in refused.stderr
