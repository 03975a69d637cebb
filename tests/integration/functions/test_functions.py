"""Each function's handler answers its sample event (`events/`), as Lambda would call it, on moto."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import boto3
import pytest
from integration.use_cases import process, snapshot

from lab.cloud.embedded import Embedded
from lab.cloud.functions import LambdaContext, load_function
from lab.paths import ROOT
from slo.api.tokens import Token, bearer, token_hash
from slo.store.tokens import TokenStore

EVENTS = ROOT / "events"
TAKEN_AT = 1_800_000_000
ROLLED_UP_AT = TAKEN_AT + 360


def event(name: str) -> Any:
    return json.loads((EVENTS / f"{name}.json").read_text())


@pytest.fixture(autouse=True)
def embedded() -> Iterator[Embedded]:
    with Embedded() as running:
        running.now = TAKEN_AT + 1
        yield running


def call(function: str, name: str = "", **changes: Any) -> Any:
    return load_function(function).handler({**event(name or function), **changes}, LambdaContext())


def logged(function: str, name: str = "", **changes: Any) -> list[dict[str, Any]]:
    """What a function logs at LogLevel=INFO while it answers an event."""
    with mock.patch.dict("os.environ", {"POWERTOOLS_LOG_LEVEL": "INFO"}):
        module, log = load_function(function), io.StringIO()
    for handler in module.logger.handlers:
        handler.setStream(log)
    module.handler({**event(name or function), **changes}, LambdaContext())
    return [json.loads(line) for line in log.getvalue().splitlines()]


def watched_before(embedded: Embedded) -> None:
    """Push a snapshot of a minute before the event, in which the same process has served nothing."""
    earlier = TAKEN_AT - 60
    embedded.push(snapshot(earlier, [process([], earlier, TAKEN_AT - 3600)], cluster_id="events"))
    embedded.now = TAKEN_AT + 1


def token(embedded: Embedded, scope: Any = "read", **changes: Any) -> Token:
    stored = token_hash(bearer(event("authorize")["authorizationToken"]))
    made = Token(token_hash=stored, scope=scope, label="events", created_at=TAKEN_AT, **changes)
    token_store(embedded).add(made)
    return made


def token_store(embedded: Embedded) -> TokenStore:
    return embedded.stores.of(TokenStore)


def test_there_is_an_event_for_each_function() -> None:
    functions = {file.parent.name for file in EVENTS.parent.glob("functions/*/app.py")}
    events = {file.stem for file in EVENTS.glob("*.json")}
    assert {name for name in functions if any(f"{stem}_".startswith(f"{name}_") for stem in events)} == functions
    assert all(any(f"{stem}_".startswith(f"{name}_") for name in functions) for stem in events)


def test_clean_up_looks_at_every_cluster() -> None:
    assert call("clean_up") == {"clusters": 0}
    call("ingest")
    assert call("clean_up") == {"clusters": 1}


def test_what_is_ingested_and_rolled_up_is_answered(embedded: Embedded) -> None:
    watched_before(embedded)
    accepted = call("ingest")
    assert (accepted["statusCode"], json.loads(accepted["body"])["stored"]) == (202, 1)
    embedded.now = ROLLED_UP_AT
    assert call("rollup") == {"batchItemFailures": []}
    listed = call("query", "query_domains")
    assert listed["statusCode"] == 200
    (domain,) = json.loads(listed["body"])["domains"]
    assert [route["path_prefix"] for route in domain["routes"]] == ["/", "/api"]
    detail = call("query", "query_domain")
    found = json.loads(detail["body"])["domain"]
    assert found["summary"] == domain["summary"]
    assert found["error_budget"]["allowed_errors"] == 7, "5 % of 150"


def test_before_the_first_rollup_figures_are_those_of_the_snapshots() -> None:
    call("ingest")
    answer = json.loads(call("query", "query_domains")["body"])
    assert (answer["as_of"], answer["booked_until"]) == ("2027-01-15T08:00:00Z", None)
    assert answer["window"]["to"] == answer["as_of"]
    assert [domain["status"] for domain in answer["domains"]] == ["no_traffic"]


def test_a_push_to_a_custom_domain_has_the_domains_prefix_in_its_path() -> None:
    """Of an HTTP API: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-mappings.html."""
    pushed = event("ingest")
    assert (
        load_function("ingest").handler({**pushed, "path": f"/push{pushed['path']}"}, LambdaContext())["statusCode"]
        == 202
    )
    other = load_function("ingest").handler({**pushed, "path": f"/other{pushed['path']}"}, LambdaContext())
    assert other["statusCode"] == 404


def test_an_accepted_snapshot_is_one_line_that_names_its_cluster() -> None:
    (said,) = logged("ingest")
    assert (said["message"], said["cluster_id"], said["stored"], said["late"]) == ("accepted", "events", 1, False)
    assert said["correlation_id"] == event("ingest")["requestContext"]["requestId"]


def test_a_refused_snapshot_is_logged_and_explained() -> None:
    answer = call("ingest", body="aGVsbG8=")
    assert answer["statusCode"] == 400
    assert answer["multiValueHeaders"]["Content-Type"] == ["application/problem+json"]
    assert "not gzip" in json.loads(answer["body"])["detail"]
    (said,) = logged("ingest", body="aGVsbG8=")
    assert (said["message"], said["status"], "not gzip" in said["detail"]) == ("refused", 400, True)


def test_a_cluster_that_is_not_known_is_not_found() -> None:
    answer = call("query", "query_domains")
    assert (answer["statusCode"], "agent" in json.loads(answer["body"])["detail"]) == (404, True)


def test_an_objective_that_is_set_decides_the_status(embedded: Embedded) -> None:
    watched_before(embedded)
    call("ingest")
    embedded.now = ROLLED_UP_AT
    call("rollup")
    made = call("objectives", "objectives_set")
    assert made["statusCode"] == 201, made["body"]
    (version,) = made["multiValueHeaders"]["ETag"]
    assert version == f'"{json.loads(made["body"])["version"]}"'
    (domain,) = json.loads(call("query", "query_domains")["body"])["domains"]
    assert [route["targets"]["1d"]["source"] for route in domain["routes"]] == ["preset", "route"]
    assert domain["routes"][1]["latency"] == {"share": 1.0, "measured_threshold": 300.0, "is_met": True}
    headers = {**event("objectives_set")["headers"], "If-Match": version}
    deleted = call("objectives", "objectives_set", httpMethod="DELETE", body=None, headers=headers)
    assert (deleted["statusCode"], deleted["body"]) == (204, "")


def test_an_answer_that_the_caller_has_is_not_sent_again(embedded: Embedded) -> None:
    call("ingest")
    embedded.now = ROLLED_UP_AT
    call("rollup")
    first = call("query", "query_domains")
    (etag,) = first["multiValueHeaders"]["ETag"]
    assert first["multiValueHeaders"]["Cache-Control"] == ["private, max-age=30"]
    headers = {**event("query_domains")["headers"], "if-none-match": f'"x", W/{etag}'}
    again = call("query", "query_domains", headers=headers)
    assert (again["statusCode"], again["body"]) == (304, "")


def test_other_sites_may_call_only_where_configured(monkeypatch: pytest.MonkeyPatch) -> None:
    origin = "https://status.example.com"
    headers = {**event("query_domains")["multiValueHeaders"], "Origin": [origin]}
    refused = call("query", "query_domains", multiValueHeaders=headers)["multiValueHeaders"]
    assert "Access-Control-Allow-Origin" not in refused
    assert call("query", "query_domains", multiValueHeaders=headers, httpMethod="OPTIONS")["statusCode"] == 404
    monkeypatch.setenv("CORS_ORIGIN", origin)
    allowed = call("query", "query_domains", multiValueHeaders=headers)["multiValueHeaders"]
    assert allowed["Access-Control-Allow-Origin"] == [origin]
    preflight = call("query", "query_domains", multiValueHeaders=headers, httpMethod="OPTIONS")
    assert preflight["statusCode"] == 204
    assert "If-Match" in preflight["multiValueHeaders"]["Access-Control-Allow-Headers"][0]


def test_the_description_of_the_api_is_served_to_tools_and_people() -> None:
    document = call("query", "query_domains", path="/api/v2/openapi.json")
    assert json.loads(document["body"])["openapi"] == "3.1.0"
    page = call("query", "query_domains", path="/api/v2/docs")
    assert page["multiValueHeaders"]["Content-Type"] == ["text/html; charset=utf-8"]
    assert "List domains" in page["body"]
    assert "<script" not in page["body"]


PAGE = '<!doctype html><title>ingress-slo</title><script type="module" src="./assets/main-1a2b3c.js"></script>'
ASSETS = {"main-1a2b3c.js": "text/javascript; charset=utf-8", "main-4d5e6f.css": "text/css; charset=utf-8"}


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a built dashboard."""
    (tmp_path / "index.html").write_text(PAGE)
    (tmp_path / "assets").mkdir()
    for name in ASSETS:
        (tmp_path / "assets" / name).write_text(name)
    monkeypatch.setenv("DASHBOARD_FOLDER", str(tmp_path))
    return tmp_path


@pytest.mark.usefixtures("built")
def test_the_dashboard_is_asked_for_each_time_and_sent_once() -> None:
    first = call("dashboard")
    assert (first["statusCode"], first["body"]) == (200, PAGE)
    headers = {name: value for name, (value,) in first["multiValueHeaders"].items()}
    assert (headers["Content-Type"], headers["Cache-Control"]) == ("text/html; charset=utf-8", "no-cache")
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert (headers["X-Content-Type-Options"], headers["Referrer-Policy"]) == ("nosniff", "no-referrer")
    assert {"Strict-Transport-Security", "Permissions-Policy"} <= headers.keys()
    again = call("dashboard", headers={"If-None-Match": headers["ETag"]})
    assert (again["statusCode"], again["body"]) == (304, "")


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize("name", ASSETS)
def test_an_asset_of_the_dashboard_is_kept_for_good(name: str) -> None:
    sent = call("dashboard", path=f"/assets/{name}", resource="/assets/{name}")
    assert (sent["statusCode"], sent["body"]) == (200, name)
    assert sent["multiValueHeaders"]["Content-Type"] == [ASSETS[name]]
    assert sent["multiValueHeaders"]["Cache-Control"] == ["public, max-age=31536000, immutable"]
    assert sent["multiValueHeaders"]["X-Content-Type-Options"] == ["nosniff"]


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize(
    "path",
    ["/assets/other.js", "/assets/../index.html", "/assets/..%2Findex.html", "/assets/%2e%2e", "/assets/", "/app.py"],
)
def test_nothing_but_its_own_files_is_served(path: str) -> None:
    answer = call("dashboard", path=path)
    assert answer["statusCode"] == 404
    assert answer["multiValueHeaders"]["Content-Type"] == ["application/problem+json"]


@pytest.mark.usefixtures("built")
def test_the_stage_without_a_slash_leads_to_the_page() -> None:
    context = {**event("dashboard")["requestContext"], "path": "/prod"}
    answer = call("dashboard", requestContext=context)
    assert (answer["statusCode"], answer["multiValueHeaders"]["Location"]) == (308, ["prod/"])


def test_a_stack_without_its_dashboard_says_how_to_build_it(built: Path) -> None:
    (built / "index.html").unlink()
    answer = call("dashboard")
    assert (answer["statusCode"], "make build" in json.loads(answer["body"])["detail"]) == (404, True)


def test_a_rollup_message_that_fails_comes_again_alone() -> None:
    good, bad = event("rollup")["Records"][0], {**event("rollup")["Records"][0], "messageId": "bad", "body": "{}"}
    answer = load_function("rollup").handler({"Records": [good, bad]}, LambdaContext())
    assert answer == {"batchItemFailures": [{"itemIdentifier": "bad"}]}


def test_a_batch_of_one_message_that_fails_is_no_error_of_the_function() -> None:
    bad = {**event("rollup")["Records"][0], "messageId": "bad", "body": "{}"}
    answer = load_function("rollup").handler({"Records": [bad]}, LambdaContext())
    assert answer == {"batchItemFailures": [{"itemIdentifier": "bad"}]}


def test_a_known_token_gets_a_policy_for_every_path(embedded: Embedded) -> None:
    made = token(embedded)
    policy = call("authorize")
    (statement,) = policy["policyDocument"]["Statement"]
    assert policy["principalId"] == made.id
    assert statement["Resource"] == "arn:aws:execute-api:eu-central-1:123456789012:a1b2c3d4e5/prod/*"


def is_denied(answer: Any) -> bool:
    (statement,) = answer["policyDocument"]["Statement"]
    return bool(statement["Effect"] == "Deny")


def test_a_token_that_is_unknown_expired_or_revoked_is_denied(embedded: Embedded) -> None:
    assert is_denied(call("authorize"))
    made = token(embedded, expires_at=TAKEN_AT + 60)
    allowed = call("authorize")
    assert (allowed["principalId"], is_denied(allowed)) == (made.id, False)
    embedded.now = TAKEN_AT + 60
    assert is_denied(call("authorize"))
    embedded.now = TAKEN_AT + 1
    token_store(embedded).revoke(made.token_hash, embedded.now)
    assert is_denied(call("authorize"))


def test_a_call_that_is_not_authorized_logs_one_line_without_a_traceback() -> None:
    (said,) = logged("authorize")
    assert (said["message"], said["status"], said["detail"]) == ("refused", 401, "The token is unknown.")
    assert "exception" not in said


def test_an_unknown_path_is_a_problem_too() -> None:
    answer = call("query", "query_domains", path="/api/v2/nowhere", resource="/{proxy+}")
    assert answer["statusCode"] == 404
    assert answer["multiValueHeaders"]["Content-Type"] == ["application/problem+json"]
    problem = json.loads(answer["body"])
    assert problem["request_id"] == event("query_domains")["requestContext"]["requestId"]


def test_dispatch_queues_each_cluster_that_has_pushed() -> None:
    queue_url = boto3.client("sqs").create_queue(QueueName="rollup")["QueueUrl"]
    call("ingest")
    with mock.patch.dict("os.environ", {"ROLLUP_QUEUE_URL": queue_url}):
        assert call("dispatch") == {"clusters": 1}
    (message,) = boto3.client("sqs").receive_message(QueueUrl=queue_url)["Messages"]
    assert json.loads(message["Body"]) == {"cluster_id": "events"}


def test_each_dispatch_says_how_old_the_figures_are_even_without_a_cluster(capsys: pytest.CaptureFixture[str]) -> None:
    """RollupLagAlarm takes a missing metric for a dispatch that does not run."""
    queue_url = boto3.client("sqs").create_queue(QueueName="rollup")["QueueUrl"]
    with mock.patch.dict("os.environ", {"ROLLUP_QUEUE_URL": queue_url, "POWERTOOLS_METRICS_DISABLED": "false"}):
        assert call("dispatch") == {"clusters": 0}
    said = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (said["RollupLag"][-1], said["ClustersSilent"][-1]) == (0.0, 0.0)


def test_a_setting_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RAW_TABLE")
    with pytest.raises(ValueError, match="RAW_TABLE"):
        load_function("ingest")
