"""Which token may call what, over HTTP against the deployed stack."""

import gzip
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
import requests
from integration.use_cases import process, row, snapshot

from lab.cloud.local import Cloud, Deployment
from lab.demo import create_token
from lab.openapi import OPERATIONS
from slo.api.operations import Operation
from slo.api.parameters import ClusterParameters, OneOrAllClusters
from slo.api.tokens import SCOPES, Scope, Token, generate, token_hash
from slo.store.tokens import TokenStore
from slo.traefik import snapshots

OWN, OTHER = "own", "other"


@pytest.fixture(scope="module")
def tokens(cloud: Cloud, deployment: Deployment) -> dict[str, str]:
    return {scope: create_token(cloud, deployment, scope, OWN) for scope in ("ingest", "read", "manage")}


def call(deployment: Deployment, method: str, path: str, token: str = "", body: bytes = b"") -> requests.Response:
    headers = {"Content-Type": snapshots.CONTENT_TYPE} | ({"Authorization": f"Bearer {token}"} if token else {})
    return requests.request(method, deployment.api_url + path, headers=headers, data=body, timeout=60)


def body(cluster_id: str, **changes: Any) -> bytes:
    now = time.time()
    seen = snapshot(now, [process([row("r@kubernetescrd", 5)], now, now - 100)], cluster_id=cluster_id)
    return gzip.compress(json.dumps(json.loads(snapshots.encode(seen)) | changes).encode())


PUSH_OWN = f"/api/v2/clusters/{OWN}/snapshots"
LIST_OWN = f"/api/v2/slo/domains?cluster_id={OWN}"
CLUSTERS = (OWN, OTHER)
ABOUT_NO_CLUSTER = {"listClusters", "getToken", "listChannels", "getNotifications", "listChanges", "listMutes"}
ABOUT_NO_CLUSTER |= {"deleteMute", "listDeliveries"}
"""Operations that need no cluster: they answer for the clusters that the token may see."""
REQUIRED = {"getStatement": f"&month={datetime.now(UTC) - timedelta(days=35):%Y-%m}"}
"""Parameters that an operation cannot do without: a month that is closed."""
FOR_ALL_CLUSTERS = {"setChannel", "deleteChannel", "testChannel", "setNotifications"}
"""Operations that no token for some clusters may call."""


def filled(path: str, cluster_id: str) -> str:
    """A path with a value for each variable."""
    values = {"domain": "shop.example.com", "incident_id": "1", "name": "ops", "mute_id": "1"}
    return path.format(cluster_id=cluster_id, objective="monthly", exclusion_id="1", **values)


def bodies(cluster_id: str) -> dict[str, dict[str, Any]]:
    """A valid JSON body for each operation that takes one."""
    until, later = (datetime.fromtimestamp(time.time() + seconds, UTC).isoformat() for seconds in (60, 120))
    return {
        "setObjective": {"availability": 0.99, "p95_latency": 300},
        "addExclusion": {"from": until, "to": later, "reason": "Planned work"},
        "setChannel": {"kind": "eventbridge"},
        "setNotifications": {"rules": [], "quiet_hours": None, "digest": {}, "thresholds": {}},
        "addMute": {"cluster_id": cluster_id, "until": until, "reason": "Planned work"},
    }


def request(deployment: Deployment, operation: Operation, cluster_id: str, token: str) -> requests.Response:
    """Call an operation with valid parameters and a valid body."""
    path = filled(operation.path, cluster_id)
    is_of_cluster = operation.query is not None and issubclass(operation.query, ClusterParameters)
    query = f"?cluster_id={cluster_id}{REQUIRED.get(operation.id, '')}" if is_of_cluster else ""
    sent = body(cluster_id) if operation.body is bytes else b""
    if operation.body not in (None, bytes):
        sent = json.dumps(bodies(cluster_id)[operation.id]).encode()
    return call(deployment, operation.method, path + query, token, sent)


def test_a_push_is_accepted_and_the_reader_sees_the_cluster(deployment: Deployment, tokens: dict[str, str]) -> None:
    pushed = call(deployment, "POST", PUSH_OWN, tokens["ingest"], body(OWN))
    assert pushed.status_code == 202, pushed.text
    assert pushed.json()["stored"] == 1
    seen = call(deployment, "GET", LIST_OWN, tokens["read"])
    assert seen.status_code == 200, seen.text
    assert seen.json()["cluster_id"] == OWN


@pytest.mark.parametrize("cluster_id", CLUSTERS)
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.id)
@pytest.mark.parametrize("scope", SCOPES)
def test_each_scope_may_do_its_own_in_its_own_cluster_and_nothing_else(
    deployment: Deployment, tokens: dict[str, str], scope: Scope, operation: Operation, cluster_id: str
) -> None:
    answer = request(deployment, operation, cluster_id, tokens[scope])
    is_allowed = scope in operation.scopes and (cluster_id == OWN or operation.id in ABOUT_NO_CLUSTER)
    is_allowed = is_allowed and operation.id not in FOR_ALL_CLUSTERS
    assert (answer.status_code not in (401, 403)) is is_allowed, answer.text
    assert answer.status_code < 500
    if operation.id == "listClusters" and is_allowed:
        assert {cluster["cluster_id"] for cluster in answer.json()["clusters"]} <= {OWN}


ALL_OR_ONE = [each for each in OPERATIONS if each.query and issubclass(each.query, OneOrAllClusters)]


@pytest.mark.parametrize("operation", ALL_OR_ONE, ids=lambda operation: operation.id)
def test_a_token_for_one_cluster_sets_nothing_for_all(
    token_store: TokenStore, deployment: Deployment, tokens: dict[str, str], operation: Operation
) -> None:
    refused = request(deployment, operation, "*", tokens["manage"])
    assert (refused.status_code, "need a token for all clusters" in refused.text) == (403, True), refused.text
    if operation.method == "GET":
        of_all = generate()
        token_store.add(Token(token_hash=token_hash(of_all), scope="read", label="ops", created_at=time.time()))
        assert request(deployment, operation, "*", of_all).status_code == 200


PROBLEM = "application/problem+json"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
DECLARED = {(operation.method, operation.path) for operation in OPERATIONS}
UNDECLARED = sorted({(method, path) for _, path in DECLARED for method in METHODS} - DECLARED)
UNKNOWN = ("/api/v2/nowhere", "/nowhere", "/api/v2/slo/domains/shop.example.com/nowhere")


@pytest.mark.parametrize("scope", SCOPES)
def test_a_path_or_method_that_does_not_exist_is_not_found_whoever_asks(
    deployment: Deployment, tokens: dict[str, str], scope: Scope
) -> None:
    """An unknown path is checked with each method, so that no answer is that of the API's own routing."""
    for method, path in UNDECLARED + [(method, path) for path in UNKNOWN for method in METHODS]:
        asked = filled(path, OWN)
        answer = call(deployment, method, f"{asked}?cluster_id={OWN}", tokens[scope], body(OWN))
        assert (answer.status_code, answer.headers["Content-Type"]) == (404, PROBLEM), f"{method} {path}: {answer.text}"
        assert answer.json()["request_id"]


def logged(cloud: Cloud) -> str:
    """What the functions have logged."""
    logs = cloud.client("logs")
    groups = [group["logGroupName"] for group in logs.describe_log_groups()["logGroups"]]
    pages = (page for name in groups for page in logs.get_paginator("filter_log_events").paginate(logGroupName=name))
    return "\n".join(event["message"] for page in pages for event in page["events"])


def test_no_token_stands_in_the_log_of_the_stack(cloud: Cloud, deployment: Deployment, tokens: dict[str, str]) -> None:
    for token in tokens.values():
        call(deployment, "POST", PUSH_OWN, token, body(OWN))
        call(deployment, "POST", PUSH_OWN, token, b"no gzip")
        call(deployment, "GET", f"{LIST_OWN}&time_range=2d", token)
        call(deployment, "GET", LIST_OWN, f"{token} ")
    written = cloud.log.read_text(errors="replace") + logged(cloud)
    assert '"message":"accepted"' in written, "the functions' logs are in it"
    assert [scope for scope, token in tokens.items() if token in written] == []


@pytest.mark.parametrize("token", ["", "islo_unknown", "Basic abc", "x" * 5000, f"islo_{'x' * 43}"])
def test_without_a_token_of_ours_nothing_is_answered(deployment: Deployment, token: str) -> None:
    """The last one has the form of a token and is unknown: the authorizer denies it."""
    for operation in OPERATIONS:
        answer = request(deployment, operation, OWN, token)
        assert (answer.status_code, answer.headers["Content-Type"]) == (401, PROBLEM), f"{operation.id}: {answer.text}"
        assert "ingress-slo tokens create" in answer.json()["detail"]
    assert call(deployment, "GET", "/nowhere", token).status_code == 401


def test_what_cannot_be_a_token_starts_no_function(cloud: Cloud, deployment: Deployment) -> None:
    """Junk is refused before the authorizer, which logs a line for each token that it refuses."""
    before = refused(cloud)
    for junk in ("islo_unknown", generate()[:-1], f"{generate()}x", "x"):
        assert call(deployment, "GET", LIST_OWN, junk).status_code == 401
    assert refused(cloud) == before
    unknown = generate()
    assert call(deployment, "GET", LIST_OWN, unknown).status_code == 401
    deadline = time.monotonic() + 30
    while refused(cloud) == before:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    call(deployment, "GET", LIST_OWN, unknown)
    assert refused(cloud) == before + 1, "the denial is remembered"
    assert "Traceback" not in cloud.log.read_text(errors="replace") + logged(cloud)


def refused(cloud: Cloud) -> int:
    """How often the authorizer has refused a token."""
    return logged(cloud).count("The token is unknown.")


@pytest.mark.parametrize("scope", ["read", "manage"])
def test_a_token_says_what_it_is(deployment: Deployment, tokens: dict[str, str], scope: Scope) -> None:
    said = call(deployment, "GET", "/api/v2/slo/token", tokens[scope])
    assert said.headers["Cache-Control"] == "no-store"
    assert said.json() == {"scope": scope, "clusters": [OWN], "label": f"{scope} {OWN}", "expires_at": None}


def test_a_token_says_when_it_expires_and_then_dies(token_store: TokenStore, deployment: Deployment) -> None:
    text, now = generate(), time.time()
    expires_at = int(now) + 3600
    kept = Token(token_hash=token_hash(text), scope="read", label="guest", created_at=now, expires_at=expires_at)
    token_store.add(kept)
    said = call(deployment, "GET", "/api/v2/slo/token", text).json()
    assert datetime.fromisoformat(said["expires_at"]).timestamp() == expires_at
    assert (said["clusters"], said["label"]) == ([], "guest")
    expired = generate()
    token_store.add(msgspec.structs.replace(kept, token_hash=token_hash(expired), expires_at=now - 1))
    assert call(deployment, "GET", "/api/v2/slo/token", expired).status_code == 401


def test_a_revoked_token_dies(cloud: Cloud, deployment: Deployment, token_store: TokenStore) -> None:
    token, store = create_token(cloud, deployment, "read", OWN), token_store
    assert store.get(token) is None, "the token itself is never kept"
    store.revoke(token_hash(token), time.time())
    deadline = time.monotonic() + 180
    while call(deployment, "GET", LIST_OWN, token).status_code != 401:
        assert time.monotonic() < deadline
        time.sleep(0.2)


@pytest.mark.parametrize(
    ("send", "status", "says"),
    [
        (lambda: b"no gzip", 400, "not gzip"),
        (lambda: body(OWN, version=9), 422, "version"),
        (lambda: body(OWN, sent_at=1.0), 422, "sent_at"),
        (lambda: body(OTHER), 422, "sent to"),
        (lambda: gzip.compress(b" " * (snapshots.MAX_JSON_BYTES + 1)), 413, "decompresses"),
    ],
    ids=["not gzip", "another version", "a wrong clock", "another cluster", "a gzip bomb"],
)
def test_bad_input_is_answered_with_problem_details(
    deployment: Deployment, tokens: dict[str, str], send: Callable[[], bytes], status: int, says: str
) -> None:
    """Each body is made when it is sent, because `sent_at` is refused ten minutes later."""
    answer = call(deployment, "POST", PUSH_OWN, tokens["ingest"], send())
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == PROBLEM
    assert says in answer.text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"{LIST_OWN}&time_range=2d", 400),
        (f"/api/v2/slo/domains/nowhere.example.com?cluster_id={OWN}", 404),
    ],
)
def test_a_question_that_has_no_answer_says_why(
    deployment: Deployment, tokens: dict[str, str], path: str, status: int
) -> None:
    answer = call(deployment, "GET", path, tokens["read"])
    assert answer.status_code == status
    assert answer.json()["detail"]
