"""No log contains a token or a body, at any log level and after any failure."""

import gzip
import io
import json
import logging
import os
import subprocess
import sys
import threading
import traceback
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import boto3
import pytest

from lab.cloud.embedded import REGION, Embedded
from lab.cloud.functions import LambdaContext, load_function
from lab.cluster.api import StandInApi
from lab.paths import ROOT
from lab.traefik.stage import demo

EVENTS = ROOT / "events"
SAMPLES = sorted(path.stem for path in EVENTS.glob("*.json"))
TOKEN = "islo_this-token-must-never-stand-in-any-log-line"
IN_A_BODY = "this-body-must-never-stand-in-a-log"
TAKEN_AT = 1_800_000_000
FUNCTIONS = {name: name for name in ("authorize", "clean_up", "dashboard", "dispatch", "evaluate", "ingest", "rollup")}
FUNCTIONS |= {name: name for name in ("deliver", "deliver_apprise")}
FUNCTIONS |= {"query_domain": "query", "query_domains": "query", "objectives_set": "objectives"}
FUNCTIONS |= {"notifications_mute": "notifications"}


@pytest.fixture(autouse=True)
def _talkative(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)


@pytest.fixture
def embedded(monkeypatch: pytest.MonkeyPatch) -> Iterator[Embedded]:
    with Embedded() as running:
        running.now = TAKEN_AT + 1
        for queue in ("rollup", "delivery"):
            url = boto3.client("sqs").create_queue(QueueName=queue)["QueueUrl"]
            monkeypatch.setenv(f"{queue.upper()}_QUEUE_URL", url)
        monkeypatch.setenv("STACK_NAME", "ingress-slo")
        monkeypatch.setenv("DASHBOARD_URL", "https://slo.example.com/")
        monkeypatch.setenv("DELIVER_APPRISE_FUNCTION", "deliver-apprise")
        yield running


def spoilt(body: str) -> list[str]:
    """The body as it is, and three bodies with a secret: as JSON, as gzip in hexadecimal, and as plain text."""
    secret = json.dumps({"version": 1, "label": IN_A_BODY, "availability": IN_A_BODY}).encode()
    return [body, secret.decode(), gzip.compress(secret, mtime=0).hex(), IN_A_BODY]


def variants(event: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The sample event with the token in it, with each mistake that a caller can make."""
    if "authorizationToken" in event:
        yield from ({**event, "authorizationToken": text} for text in (f"Bearer {TOKEN}", f"Basic {TOKEN}", TOKEN))
        return
    headers = {**(event.get("headers") or {}), "Authorization": f"Bearer {TOKEN}"}
    for body in spoilt(event.get("body") or ""):
        yield {**event, "headers": headers, "body": body}
        yield {**event, "headers": headers, "body": body, "isBase64Encoded": False}
    yield {**event, "headers": headers, "queryStringParameters": {"cluster_id": "events", "sort": "sideways"}}
    yield {**event, "headers": headers, "requestContext": {"requestId": "r", "authorizer": {}}}


def call(function: str, event: dict[str, Any], log: io.StringIO) -> None:
    """Call a handler as Lambda does: its runtime logs what the handler raises, including the text."""
    module = load_function(function)
    module.logger.setLevel("DEBUG")
    for handler in module.logger.handlers:
        handler.setStream(log)
    try:
        module.handler(event, LambdaContext())
    except Exception:
        log.write(traceback.format_exc())


@pytest.mark.parametrize("sample", SAMPLES)
def test_no_function_logs_a_token_or_a_body_even_when_everything_fails(
    embedded: Embedded, sample: str, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    event = json.loads((EVENTS / f"{sample}.json").read_text())
    events, log = list(variants(event)), io.StringIO()
    for each in events:
        call(FUNCTIONS[sample], each, log)
    client = boto3.client("dynamodb", region_name=REGION)
    for table in embedded.names.values():
        client.delete_table(TableName=table)
    for each in events:
        call(FUNCTIONS[sample], each, log)
    assert '"level":' in log.getvalue() or "Traceback" in log.getvalue(), "something was logged"
    written = log.getvalue() + caplog.text + "".join(capsys.readouterr())
    assert TOKEN not in written
    assert IN_A_BODY not in written


class Echo(BaseHTTPRequestHandler):
    """A server that refuses every push and repeats the token in its answer."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        body = json.dumps({"detail": f"You sent {self.headers['Authorization']}"}).encode()
        self.send_response(403)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@pytest.fixture
def echo() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    server.server_close()
    thread.join()


TALKATIVE_AGENT = "import logging, sys; logging.basicConfig(level=logging.DEBUG, stream=sys.stderr); "
TALKATIVE_AGENT += "from ingress_slo_agent.__main__ import main; sys.exit(main(sys.argv[1:]))"


@pytest.mark.parametrize("is_reachable", [True, False], ids=["refused", "unreachable"])
def test_the_agent_logs_no_token_even_if_a_server_says_it_back(
    echo: int, tmp_path: Path, *, is_reachable: bool
) -> None:
    with StandInApi(demo().objects) as api:
        kubeconfig = api.write_kubeconfig(tmp_path / "kubeconfig")
        done = subprocess.run(
            [sys.executable, "-c", TALKATIVE_AGENT],
            env={
                "PATH": os.environ["PATH"],
                "CLUSTER_ID": "lab",
                "TOKEN": TOKEN,
                "ENDPOINT": f"http://127.0.0.1:{echo if is_reachable else 9}/prod",
                "KUBECONFIG": str(kubeconfig),
                "SPREAD_SECONDS": "0",
                "DEADLINE_SECONDS": "2",
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    assert done.returncode == (5 if is_reachable else 6), done.stderr[-2000:]
    assert "DEBUG" in done.stderr
    assert ("(the token)" in done.stderr) is is_reachable
    assert TOKEN not in done.stdout + done.stderr
