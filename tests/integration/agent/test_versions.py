"""An agent and a stack that are one version apart lose nothing: each understands what the other one knew."""

import gzip
import json
import random
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Annotated, Any, Literal

import msgspec
import pytest
import requests
from msgspec import Meta

from ingress_slo_agent.push import Push, RefusedError
from ingress_slo_agent.settings import Server
from lab.cloud.embedded import Embedded
from slo.api.snapshot_reader import read
from slo.errors import UnprocessableError
from slo.traefik import snapshots
from slo.traefik.snapshots import IngressMetrics, IngressRouteInfo, ProcessMetrics, Promise, SeriesRow, Snapshot

ROUTER = "grpcroute-ns-x-gw-ns-y-ep-web-0-*@kubernetesgateway"
STARTED = 1_800_000_000.25 - 600
CODE = Annotated[str, Meta(pattern=r"^[0-9]{1,3}$")]


class OldRoute(msgspec.Struct):
    """What version 1 said of a route, as far as version 2 says something else."""

    kind: Literal["IngressRoute", "Ingress"]


class OldRow(msgspec.Struct):
    codes: dict[CODE, int]


class OldProcess(msgspec.Struct):
    rows: list[OldRow]


class OldMetrics(msgspec.Struct):
    processes: list[OldProcess]


class OldPromise(msgspec.Struct):
    """What was promised before objectives had a channel."""

    domain: str
    availability: float


class OldSnapshot(msgspec.Struct):
    version: Literal[1]
    promises: list[OldPromise]
    ingress_routes: list[OldRoute]
    ingress_metrics: OldMetrics
    warnings: list[str]


@pytest.fixture
def old_stack() -> Iterator[tuple[str, list[OldSnapshot]]]:
    """A stack that knows only version 1, and the snapshots that it accepts."""
    accepted: list[OldSnapshot] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            text = gzip.decompress(self.rfile.read(int(self.headers["Content-Length"])))
            problem: dict[str, Any] = {}
            try:
                accepted.append(msgspec.json.decode(text, type=OldSnapshot))
            except msgspec.ValidationError as error:
                message, _, path = str(error).partition(" - at ")
                field = path.strip("`").removeprefix("$.")
                problem = {"detail": "The snapshot is not valid.", "errors": [{"field": field, "message": message}]}
            body = json.dumps(problem).encode()
            self.send_response(422 if problem else 202)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=listening.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{listening.server_port}", accepted
    listening.shutdown()
    listening.server_close()
    thread.join()


def snapshot(taken_at: float, requests_: int) -> Snapshot:
    row = SeriesRow(
        router=ROUTER.replace("*", "0123456789abcdef0123"),
        service="s@kubernetesgateway",
        codes={"grpc:14": requests_, "200": 1},
        methods={"POST": requests_ + 1},
        buckets=(requests_ + 1,),
        duration_seconds_sum=1.0,
    )
    process = ProcessMetrics(
        pod="traefik/a",
        date=taken_at,
        process_start_time_seconds=STARTED,
        measured_by="router",
        bounds=(),
        rows=(row,),
        entry_points=("web",),
    )
    route = IngressRouteInfo(
        name="x", namespace="ns", kind="GRPCRoute", domain="a.example", service_key=ROUTER, router_keys=(ROUTER,)
    )
    return Snapshot(
        cluster_id="lab",
        snapshot_id=f"s{taken_at}",
        taken_at=taken_at,
        sent_at=taken_at,
        scope="s",
        ingress_routes=(route,),
        ingress_metrics=IngressMetrics(processes=(process,)),
        promises=(
            Promise(
                domain="a.example", path_prefix="/", declared_by="GRPCRoute ns/x", availability=0.99, channel="ops"
            ),
        ),
    )


def test_a_newer_agent_is_understood_by_an_older_stack(old_stack: tuple[str, list[OldSnapshot]]) -> None:
    url, accepted = old_stack
    with requests.Session() as session:
        push = Push(Server("lab", url, "islo_x"), clock=time.time, sleep=time.sleep, session=session)
        assert push.send(snapshot(time.time(), 5)) == 2
    (seen,) = accepted
    assert seen.ingress_metrics.processes[0].rows[0].codes == {"14": 5, "200": 1}
    assert seen.ingress_routes[0].kind == "Ingress"
    assert seen.promises == [OldPromise("a.example", 0.99)]


def test_an_operator_sees_that_the_stack_is_older(
    old_stack: tuple[str, list[OldSnapshot]], capsys: pytest.CaptureFixture[str]
) -> None:
    url, accepted = old_stack
    with requests.Session() as session:
        Push(Server("lab", url, "islo_x"), clock=time.time, sleep=time.sleep, session=session).send(
            snapshot(time.time(), 5)
        )
    (line,) = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert line["level"] == "error"
    assert "upgrade the stack" in line["message"]
    assert accepted[0].warnings == [line["message"]], "the dashboard shows it, too"


@pytest.mark.parametrize(
    ("version", "todo"), [(3, "Upgrade the stack first, then the agent."), (0, "Upgrade the agent.")]
)
def test_a_version_that_the_stack_does_not_know_is_answered_with_what_to_upgrade(version: int, todo: str) -> None:
    document = msgspec.to_builtins(snapshot(1_800_000_000, 5)) | {"version": version}
    with pytest.raises(UnprocessableError) as refused:
        read(gzip.compress(msgspec.json.encode(document)), 1_800_000_000)
    (error,) = refused.value.errors
    assert error.field == "version"
    assert error.message.endswith(f"this stack accepts snapshots of the versions 1 to 2. {todo}")


def test_a_snapshot_that_no_stack_takes_is_not_sent_and_says_what_to_do() -> None:
    dice = random.Random(1)
    warnings = tuple(dice.randbytes(500).hex() for _ in range(10_000))
    large = msgspec.structs.replace(snapshot(time.time(), 5), warnings=warnings)
    nowhere = Server("lab", "http://127.0.0.1:9", "islo_x")
    with requests.Session() as session, pytest.raises(RefusedError, match="not sent") as refused:
        Push(nowhere, clock=time.time, sleep=time.sleep, session=session).send(large)
    assert "TRAEFIK_SELECTOR" in refused.value.todo


def test_an_older_agent_is_understood_by_the_stack() -> None:
    with Embedded() as embedded:
        for minute, requests_ in enumerate((0, 5)):
            pushed = snapshot(1_800_000_000 + 60 * minute, requests_)
            embedded.roll_up_until("lab", pushed.taken_at)
            embedded.push(snapshots.as_version_1(pushed))
        embedded.roll_up_until("lab", 1_800_000_600)
        (counts,) = embedded.ledger_counts("lab").values()
    assert counts.codes == {"grpc:14": 5}, "a gRPC status is known by its number"


def test_what_an_older_agent_promises_names_no_channel() -> None:
    document = msgspec.to_builtins(snapshot(1_800_000_000, 5))
    del document["promises"][0]["channel"]
    (promise,) = read(gzip.compress(msgspec.json.encode(document)), 1_800_000_000).promises or ()
    assert (promise.availability, promise.channel) == (0.99, "")
