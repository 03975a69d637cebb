"""The address for agents: it takes what the API takes, and nothing else."""

import gzip
import json
import time

import pytest
import requests
from integration.use_cases import process, row, snapshot

from lab.cloud.local import Cloud, Deployment
from lab.demo import create_token
from slo.api.tokens import generate
from slo.traefik import snapshots

CLUSTER = "pushes"
PATH = f"/api/v2/clusters/{CLUSTER}/snapshots"


def push(deployment: Deployment, token: str = "", *, method: str = "POST", path: str = PATH) -> requests.Response:
    now = time.time()
    seen = snapshot(now, [process([row("r@kubernetescrd", 5)], now, now - 100)], cluster_id=CLUSTER)
    headers = {"Content-Type": snapshots.CONTENT_TYPE} | ({"Authorization": f"Bearer {token}"} if token else {})
    body = gzip.compress(snapshots.encode(seen))
    return requests.request(method, deployment.push_url + path, headers=headers, data=body, timeout=60)


def test_a_push_is_accepted_with_the_token_of_its_cluster(cloud: Cloud, deployment: Deployment) -> None:
    token = create_token(cloud, deployment, "ingest", CLUSTER)
    accepted = push(deployment, token)
    assert accepted.status_code == 202, accepted.text
    assert accepted.json()["stored"] == 1
    elsewhere = push(deployment, token, path="/api/v2/clusters/other/snapshots")
    assert (elsewhere.status_code, elsewhere.headers["Content-Type"]) == (403, "application/problem+json")
    listed = requests.get(
        f"{deployment.api_url}/api/v2/slo/clusters",
        headers={"Authorization": f"Bearer {create_token(cloud, deployment, 'read', CLUSTER)}"},
        timeout=60,
    )
    assert [cluster["cluster_id"] for cluster in listed.json()["clusters"]] == [CLUSTER]


def test_without_a_token_of_ours_nothing_is_accepted(cloud: Cloud, deployment: Deployment) -> None:
    assert push(deployment).status_code == 401
    assert push(deployment, generate()).status_code == 403
    assert push(deployment, "junk").status_code == 403
    reader = push(deployment, create_token(cloud, deployment, "read", CLUSTER))
    assert (reader.status_code, reader.json()["title"]) == (403, "Forbidden")


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", PATH), ("GET", "/api/v2/slo/clusters"), ("GET", "/"), ("PUT", "/api/v2/slo/objectives/monthly")],
)
def test_it_has_no_other_operation(cloud: Cloud, deployment: Deployment, method: str, path: str) -> None:
    token = create_token(cloud, deployment, "manage", CLUSTER)
    answer = push(deployment, token, method=method, path=path)
    assert (answer.status_code, json.loads(answer.text)) == (404, {"message": "Not Found"})
