"""One run of the agent as the CronJob starts it, with a Kubernetes API over HTTP, a real Traefik and a server."""

import asyncio
import gzip
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest
from aiohttp import web

from lab.cluster.api import StandInApi
from lab.cluster.builders import ingress_route, route, service
from lab.paths import ROOT
from lab.replay import Recording, replay
from lab.traefik.stage import Stage, demo

INGRESS_ROUTES = "traefik.io/v1alpha1"


@dataclass
class PushServer:
    """The server that snapshots are pushed to. It returns the test's answers first, then 202."""

    port: int
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    body: str = ""
    """What it says instead of a problem of ours."""

    def snapshot(self, number: int = -1) -> Any:
        return json.loads(gzip.decompress(self.bodies[number]))


@pytest.fixture
def server() -> Iterator[PushServer]:
    class Handler(BaseHTTPRequestHandler):
        said: ClassVar[PushServer]

        def do_POST(self) -> None:
            self.said.paths.append(self.path)
            self.said.headers.append(dict(self.headers))
            self.said.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            status, headers = self.said.answers.pop(0) if self.said.answers else (202, {})
            body = self.said.body or json.dumps(
                {"detail": f"as told: {status}", "errors": [{"field": "scope", "message": "why"}]}
            )
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Handler.said = PushServer(listening.server_port)
    thread = threading.Thread(target=listening.serve_forever)
    thread.start()
    yield Handler.said
    listening.shutdown()
    listening.server_close()
    thread.join()


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with Stage(demo(load_factor=2)) as running:
        yield running


def run(kubeconfig: Path | None, server: PushServer | None, *arguments: str, **settings: str) -> Any:
    environment = {
        "PATH": os.environ["PATH"],
        "CLUSTER_ID": "lab",
        "TOKEN": "islo_secret",
        "ENDPOINT": f"http://127.0.0.1:{server.port if server else 9}/prod/",
        "KUBECONFIG": str(kubeconfig or ""),
        "KUBERNETES_TIMEOUT_SECONDS": "60",
        **settings,
    }
    command = [sys.executable, "-m", "ingress_slo_agent", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=180)


def logged(done: Any) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stderr.splitlines()]


def declared(stage: Stage) -> list[Any]:
    """The stage's routes, and the Services that they name."""
    return [*stage.play.objects, *stage.backends.objects()]


def with_objects(stage: Stage, tmp_path: Path, api: StandInApi) -> Path:
    """Add the stage's Traefik pods to another API and return its kubeconfig."""
    api.store.apply([pod.pod() for pod in stage.pods])
    return api.write_kubeconfig(tmp_path / "kubeconfig")


def test_a_run_pushes_every_route_and_what_each_traefik_process_counted(stage: Stage, server: PushServer) -> None:
    done = run(stage.kubeconfig, server)
    assert done.returncode == 0, done.stderr
    pushed = server.snapshot()
    assert server.paths == ["/prod/api/v2/clusters/lab/snapshots"]
    assert server.headers[0]["Content-Type"] == "application/gzip"
    assert server.headers[0]["Authorization"] == "Bearer islo_secret"
    assert "Content-Encoding" not in server.headers[0]
    assert {(route["domain"], route["path_prefix"]) for route in pushed["ingress_routes"]} == {
        (flow.host, flow.path) for flow in stage.play.flows
    }
    (process,) = pushed["ingress_metrics"]["processes"]
    assert (process["pod"], process["measured_by"]) == (f"traefik/{stage.pods[0].name}", "router")
    assert pushed["routes_complete"] is True
    assert logged(done)[-1]["message"] == "pushed"
    assert "islo_secret" not in done.stderr


def test_a_forbidden_group_is_one_warning_and_an_incomplete_list(
    stage: Stage, server: PushServer, tmp_path: Path
) -> None:
    denied = frozenset({"networking.k8s.io/v1/ingresses"})
    with StandInApi(declared(stage), forbidden=denied) as api:
        done = run(with_objects(stage, tmp_path, api), server)
    assert done.returncode == 0
    pushed = server.snapshot()
    assert pushed["routes_complete"] is False
    (warning,) = pushed["warnings"]
    assert "ingresses.networking.k8s.io/v1" in warning
    assert "ClusterRole" in warning
    assert pushed["ingress_routes"], "the other groups are read all the same"


def test_a_run_pushes_what_annotations_promise_and_names_those_that_are_wrong(
    stage: Stage, server: PushServer, tmp_path: Path
) -> None:
    right = {"ingress-slo.io/availability": "99.9", "ingress-slo.io/period": "calendar month"}
    own = ingress_route("blog", "own", route("Host(`own.example.com`)", "web"), annotations=right)
    typed = ingress_route(
        "blog", "typed", route("Host(`typed.example.com`)", "web"), annotations={"ingress-slo.io/availability": "99,9"}
    )
    with StandInApi([*declared(stage), *service("blog", "web", None), own, typed]) as api:
        done = run(with_objects(stage, tmp_path, api), server)
    assert done.returncode == 0, done.stderr
    promises = {(each["domain"], each["path_prefix"]): each for each in server.snapshot()["promises"]}
    assert promises.keys() == {("own.example.com", "/"), *(("atlantis.example.com", path) for path in ("/", "/api"))}
    promise = promises["own.example.com", "/"]
    assert (promise["domain"], promise["path_prefix"]) == ("own.example.com", "/")
    assert (promise["availability"], promise["period"]) == (0.999, "month")
    assert promise["declared_by"] == "IngressRoute blog/own"
    (warning,) = [each for each in server.snapshot()["warnings"] if "ingress-slo.io/" in each]
    assert warning.startswith("IngressRoute blog/typed: its annotation ingress-slo.io/availability is no percentage")


def test_an_absent_group_loses_nothing(stage: Stage, server: PushServer, tmp_path: Path) -> None:
    absent = frozenset({"traefik.io/v1", "traefik.containo.us/v1alpha1", "networking.k8s.io/v1"})
    with StandInApi(declared(stage), absent=absent) as api:
        done = run(with_objects(stage, tmp_path, api), server)
    assert done.returncode == 0
    assert (server.snapshot()["routes_complete"], server.snapshot()["warnings"]) == (True, [])


def test_routes_that_hang_delay_no_metrics_and_retire_nothing(stage: Stage, server: PushServer, tmp_path: Path) -> None:
    asked_at: list[float] = []
    patience_seconds = 4

    class Hanging(StandInApi):
        async def _group_version(self, request: web.Request, version: str, rest: list[str]) -> web.StreamResponse:
            if rest[0] == "ingressroutes":
                asked_at.append(time.time())
                await asyncio.sleep(60)
            return await super()._group_version(request, version, rest)

    with Hanging(stage.play.objects) as api:
        kubeconfig = with_objects(stage, tmp_path, api)
        done = run(kubeconfig, server, KUBERNETES_TIMEOUT_SECONDS=str(patience_seconds))
    assert done.returncode == 0
    pushed = server.snapshot()
    (process,) = pushed["ingress_metrics"]["processes"]
    assert process["rows"]
    assert process["date"] < asked_at[0] + patience_seconds, "scraped while the routes still hung"
    assert pushed["routes_complete"] is False


def test_a_busy_server_is_asked_again_when_it_says_so(stage: Stage, server: PushServer) -> None:
    server.answers = [(503, {}), (429, {"Retry-After": "1"})]
    done = run(stage.kubeconfig, server)
    assert done.returncode == 0
    assert logged(done)[-1]["attempts"] == len(server.bodies) == 3
    first, last = server.snapshot(0), server.snapshot(-1)
    assert last["snapshot_id"] == first["snapshot_id"]
    assert last["sent_at"] - first["sent_at"] >= 1, "sent_at is of the attempt, as the server judges clocks by it"


def test_a_refusal_is_not_tried_again_and_says_why(stage: Stage, server: PushServer) -> None:
    server.answers = [(422, {})]
    done = run(stage.kubeconfig, server)
    assert (done.returncode, len(server.bodies)) == (5, 1)
    assert logged(done)[-1]["detail"] == "422: as told: 422 scope: why"
    assert "upgrade the stack" in logged(done)[-1]["todo"]


@pytest.mark.parametrize(("status", "todo"), [(401, "TOKEN"), (403, "CLUSTER_ID"), (404, "ENDPOINT"), (409, "Upgrade")])
def test_a_refusal_says_what_an_operator_can_do(stage: Stage, server: PushServer, status: int, todo: str) -> None:
    server.answers = [(status, {})]
    done = run(stage.kubeconfig, server)
    assert (done.returncode, logged(done)[-1]["level"]) == (5, "error")
    assert todo in logged(done)[-1]["todo"]


def test_the_gateways_own_refusal_says_what_to_do_too(stage: Stage, server: PushServer) -> None:
    """An HTTP API has no bodies of our own; of a token that is revoked, expired or unknown it says this."""
    server.answers, server.body = [(403, {})], '{"message":"Forbidden"}'
    last = logged(run(stage.kubeconfig, server))[-1]
    assert last["detail"] == "403: Forbidden"
    assert "ingress-slo tokens list" in last["todo"]


def test_a_redirect_is_refused_so_that_the_token_goes_nowhere_else(stage: Stage, server: PushServer) -> None:
    server.answers = [(307, {"Location": "http://127.0.0.1:9/elsewhere"})]
    assert run(stage.kubeconfig, server).returncode == 5


def test_a_server_that_is_away_is_given_up_at_the_deadline(stage: Stage) -> None:
    done = run(stage.kubeconfig, None, DEADLINE_SECONDS="2")
    assert done.returncode == 6
    assert "gave up" in logged(done)[-1]["detail"]


def test_settings_that_are_missing_are_all_named() -> None:
    done = run(None, None, CLUSTER_ID="", TOKEN="", METRICS_PORT="http")
    assert done.returncode == 2
    assert re.findall(r"CLUSTER_ID|TOKEN", logged(done)[-1]["detail"]) == ["CLUSTER_ID", "TOKEN"]


def test_an_address_that_is_none_is_said_before_anything_is_read() -> None:
    done = run(None, None, ENDPOINT="abc123.execute-api.eu-central-1.amazonaws.com")
    assert done.returncode == 2
    assert "ENDPOINT: expected the stack's output PushUrl" in logged(done)[-1]["detail"]


def test_without_access_to_kubernetes_the_run_says_what_to_set() -> None:
    done = run(None, None)
    assert done.returncode == 3
    assert "service account" in logged(done)[-1]["detail"]


def test_pods_that_may_not_be_listed_end_the_run(stage: Stage, server: PushServer, tmp_path: Path) -> None:
    with StandInApi(declared(stage), forbidden=frozenset({"v1/pods"})) as api:
        done = run(with_objects(stage, tmp_path, api), server)
    assert (done.returncode, server.bodies) == (3, [])
    assert "403" in logged(done)[-1]["detail"]


def test_a_cluster_without_traefik_pods_pushes_its_routes_and_says_so(stage: Stage, server: PushServer) -> None:
    done = run(stage.kubeconfig, server, TRAEFIK_SELECTOR="app=nothing")
    assert done.returncode == 4
    assert "TRAEFIK_SELECTOR" in server.snapshot()["warnings"][0]
    assert server.snapshot()["ingress_metrics"]["processes"] == []


def test_a_pod_that_does_not_answer_is_reported_and_the_others_count(stage: Stage, server: PushServer) -> None:
    urls = f"http://127.0.0.1:9/metrics, http://127.0.0.1:{stage.pods[0].metrics_port}/metrics"
    done = run(stage.kubeconfig, server, METRICS_URLS=urls)
    assert done.returncode == 0
    metrics = server.snapshot()["ingress_metrics"]
    assert len(metrics["processes"]) == len(metrics["unreachable"]) == 1
    assert "no connection to port 9" in metrics["unreachable"][0]["error"]


def test_a_dry_run_prints_the_snapshot_and_needs_no_server(stage: Stage) -> None:
    done = run(stage.kubeconfig, None, "--dry-run", ENDPOINT="", TOKEN="")
    assert done.returncode == 0
    printed = json.loads(done.stdout)["ingress_routes"]
    assert len(printed) == len({(flow.host, flow.path) for flow in stage.play.flows})


def test_what_is_captured_can_be_replayed(stage: Stage, tmp_path: Path) -> None:
    for _ in range(2):
        time.sleep(1)
        assert run(stage.kubeconfig, None, "--dry-run", "--capture", str(tmp_path / "seen")).returncode == 0
    result = replay(Recording(tmp_path / "seen"))
    assert len(set(result["conservation"].values())) == 1
    assert {domain["domain"] for domain in result["domains"]} == {flow.host for flow in stage.play.flows}
    assert all(rule["measured_by"] == "router" for rule in result["rules"].values())
    assert "Secret" not in "".join(file.read_text() for file in (tmp_path / "seen").rglob("*.yaml"))


def test_what_the_image_copies_is_all_that_the_agent_needs(stage: Stage, tmp_path: Path) -> None:
    app = tmp_path / "app"
    copies = re.findall(
        r"^COPY ((?:agent/ingress|layers).*) (/app/\S+)$", (ROOT / "agent/Dockerfile").read_text(), re.M
    )
    assert len(copies) == 4
    for source, target in ((source, target) for sources, target in copies for source in sources.split()):
        for file in ROOT.glob(f"{source}/*.py" if (ROOT / source).is_dir() else source):
            place = tmp_path / target.lstrip("/") / file.name
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, place)
    probe = (
        "import sys; sys.path[:] = [sys.argv[1], *(path for path in sys.path if path not in sys.argv[2:])]\n"
        "sys.argv[1:] = ['--dry-run']\n"
        "import slo; assert slo.__path__ == [sys.path[0] + '/slo'], slo.__path__\n"
        "import runpy; runpy.run_module('ingress_slo_agent', run_name='__main__', alter_sys=True)"
    )
    environment = {"CLUSTER_ID": "lab", "KUBECONFIG": str(stage.kubeconfig), "PYTHONDONTWRITEBYTECODE": "1"}
    ours = [str(ROOT / folder) for folder in ("", "layers/slo", "agent", "cli")]
    command = [sys.executable, "-c", probe, str(app), *ours]
    done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["cluster_id"] == "lab"
