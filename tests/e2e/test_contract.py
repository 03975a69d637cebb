"""schemathesis checks that each operation of the deployed stack does what the OpenAPI document says."""

import os
import subprocess
import sys
from pathlib import Path

import requests
from e2e.contract.hooks import CLUSTER_ID, body
from e2e.tokens import make_token

from lab.cloud.local import Cloud, Deployment
from lab.demo import roll_up
from lab.openapi import FILE, OPERATIONS
from lab.paths import ROOT
from slo.store.tokens import TokenStore
from slo.traefik import snapshots

TESTS = ROOT / "tests"
CONFIGURATION = Path(__file__).parent / "contract" / "schemathesis.toml"


def push(deployment: Deployment, token: str) -> None:
    """Push a snapshot, so that there is something to query."""
    pushed = requests.post(
        f"{deployment.api_url}/api/v2/clusters/{CLUSTER_ID}/snapshots",
        data=body(-30, 90, 10),
        headers={"Authorization": f"Bearer {token}", "Content-Type": snapshots.CONTENT_TYPE},
        timeout=60,
    )
    assert pushed.status_code == 202, pushed.text


def test_the_api_does_what_its_document_says(
    cloud: Cloud, deployment: Deployment, token_store: TokenStore, tmp_path: Path
) -> None:
    command = ["--no-color", "--config-file", str(CONFIGURATION), "run", str(FILE), "--url", deployment.api_url]
    ingest = make_token(token_store, "ingest", CLUSTER_ID)
    push(deployment, ingest)
    roll_up(cloud, deployment)
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(TESTS), *sys.path]),
        "INGEST_TOKEN": ingest,
        "MANAGE_TOKEN": make_token(token_store, "manage", CLUSTER_ID),
    }
    schemathesis = Path(sys.executable).parent / "schemathesis"
    done = subprocess.run(
        [str(schemathesis), *command], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
    assert f"Tested: {len(OPERATIONS)}" in " ".join(done.stdout.split()), done.stdout[-3000:]
