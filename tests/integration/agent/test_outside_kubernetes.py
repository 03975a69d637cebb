"""A real Traefik outside Kubernetes, with routers from its file provider, as the page tells to set it up."""

import configparser
import http.client
import json
import os
import ssl
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, fields
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from ingress_slo_agent.settings import Kubernetes, Run, Server, Traefik
from lab.docs import DOCS, block
from lab.paths import ROOT
from lab.ports import free_port
from lab.traefik.versions import BINARY

PAGE = DOCS / "install-outside-kubernetes.md"
FILES = ROOT / "agent" / "outside-kubernetes"


@dataclass
class Outside:
    """A running Traefik: the ports of its entry points."""

    web: int
    websecure: int
    metrics: int
    api: int

    @property
    def settings(self) -> dict[str, str]:
        return {
            "METRICS_URLS": f"http://127.0.0.1:{self.metrics}/metrics",
            "TRAEFIK_API": f"http://127.0.0.1:{self.api}",
        }

    def get(self, host: str, path: str, *, tls: bool = False) -> int:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        connection = (
            http.client.HTTPSConnection("127.0.0.1", self.websecure, context=context, timeout=60)
            if tls
            else http.client.HTTPConnection("127.0.0.1", self.web, timeout=60)
        )
        connection.request("GET", path, headers={"Host": host})
        status = connection.getresponse().status
        connection.close()
        return status


@pytest.fixture(scope="module")
def backend() -> Iterator[int]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(503 if self.path.startswith("/api") else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=listening.serve_forever)
    thread.start()
    yield listening.server_port
    listening.shutdown()
    listening.server_close()
    thread.join()


def routers(backend: int) -> dict[str, Any]:
    """A router on both entry points, a child of it for one path, and a router that Traefik refuses."""
    own = yaml.safe_load(block(PAGE, "a router of Traefik's file provider").text)
    own["http"]["routers"] |= {
        "shop": {"rule": "Host(`shop.example.com`)", "entryPoints": ["web", "websecure"], "service": "shop"},
        "api": {
            "rule": "Host(`shop.example.com`) && PathPrefix(`/api`)",
            "entryPoints": ["web", "websecure"],
            "service": "both",
        },
        "refused": {"rule": "Host('gone.example.com')", "entryPoints": ["web"], "service": "shop"},
    }
    server = {"loadBalancer": {"servers": [{"url": f"http://127.0.0.1:{backend}"}]}}
    own["http"]["services"] = {"shop": server, "both": {"weighted": {"services": [{"name": "shop"}]}}}
    return dict(own)


@pytest.fixture(scope="module")
def outside(backend: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outside]:
    folder = tmp_path_factory.mktemp("outside")
    (folder / "routers.yaml").write_text(yaml.safe_dump(routers(backend)))
    ports = Outside(free_port(), free_port(), free_port(), free_port())
    told = block(PAGE, "arguments of Traefik").text.splitlines()
    replaced = [
        f"--entryPoints.metrics.address=:{ports.metrics}" if "metrics.address" in each else each for each in told
    ]
    arguments = [
        *("--api=true" if each.startswith("--api.insecure") else each for each in replaced),
        f"--entryPoints.web.address=:{ports.web}",
        f"--entryPoints.websecure.address=:{ports.websecure}",
        "--entryPoints.websecure.http.tls=true",
        f"--entryPoints.traefik.address=:{ports.api}",
        f"--providers.file.filename={folder / 'routers.yaml'}",
        "--global.checknewversion=false",
    ]
    with (folder / "log").open("wb") as log, subprocess.Popen([BINARY, *arguments], stdout=log, stderr=log) as process:
        wait_until_serving(ports)
        yield ports
        process.kill()


def wait_until_serving(ports: Outside) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            if ports.get("shop.example.com", "/") == 200 and ports.get("shop.example.com", "/", tls=True) == 200:
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise TimeoutError("Traefik does not serve its routers")


def dry_run(outside: Outside, **changes: str) -> dict[str, Any]:
    exports = block(PAGE, "this traefik").filled_in({"CLUSTER_ID": "edge", **outside.settings, **changes})
    command = block(PAGE, "dry run outside Kubernetes").text.replace(".venv/bin/python", sys.executable)
    done = subprocess.run(
        ["/bin/sh", "-c", f"{exports}\n{command}".replace(">snapshot.json", "")],
        env={"PATH": os.environ["PATH"]},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_every_request_is_under_the_router_of_the_file_provider(outside: Outside) -> None:
    before = counted(dry_run(outside))
    sent = [("/", False), ("/", True), ("/", True), ("/api/x", True), ("/api/x", False), ("/api/x", False)]
    for path, tls in sent:
        outside.get("shop.example.com", path, tls=tls)
    snapshot = dry_run(outside)
    assert counted(snapshot) - before == Counter(
        {"shop@file": 1, "websecure-shop@file": 2, "api@file": 2, "websecure-api@file": 1}
    )
    routes = {route["path_prefix"]: route for route in snapshot["ingress_routes"]}
    assert set(routes) == {"/", "/api"}
    assert routes["/"]["router_keys"] == ["shop@file", "websecure-shop@file"]
    assert (routes["/api"]["kind"], routes["/api"]["namespace"], routes["/api"]["name"]) == ("Router", "file", "api")
    assert routes["/api"]["service_keys"] == ["shop@file"], "the leaf of a weighted service counts its requests"
    assert routes["/"]["tls"]


def counted(snapshot: dict[str, Any]) -> Counter[str]:
    (process,) = snapshot["ingress_metrics"]["processes"]
    return Counter({row["router"]: sum(row["codes"].values()) for row in process["rows"]})


def test_a_refused_router_is_a_warning_with_traefiks_reason(outside: Outside) -> None:
    (warning,) = dry_run(outside)["warnings"]
    assert warning.startswith("Router file/refused: Traefik does not serve it: ")
    assert "illegal rune literal" in warning


def test_the_router_of_the_page_opens_four_paths_and_no_other(outside: Outside) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", outside.api, timeout=60)
    statuses = {}
    for path in ("/api/http/routers", "/api/http/services", "/api/entrypoints", "/api/overview", "/api/rawdata", "/"):
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        statuses[path] = answer.status
    connection.close()
    assert list(statuses.values()) == [200, 200, 200, 200, 404, 404]


def test_an_api_that_does_not_answer_keeps_the_known_routes_and_says_so(outside: Outside) -> None:
    snapshot = dry_run(outside, TRAEFIK_API=f"http://127.0.0.1:{free_port()}")
    assert snapshot["routes_complete"] is False
    assert "Traefik's API cannot be read" in snapshot["warnings"][0]
    assert snapshot["ingress_metrics"]["processes"], "its metrics are read all the same"


def settable() -> set[str]:
    return {field.name.upper() for kind in (Server, Traefik, Kubernetes, Run) for field in fields(kind)}


def names_in(file: Path) -> set[str]:
    lines = [line for line in file.read_text().splitlines() if line and not line.startswith("#")]
    return {line.partition("=")[0] for line in lines}


def test_the_files_name_settings_that_the_agent_has() -> None:
    compose = yaml.safe_load((FILES / "compose.yaml").read_text())["services"]["ingress-slo-agent"]
    assert names_in(FILES / compose["env_file"]) | set(compose["environment"]) <= settable()


def test_the_unit_starts_the_agent_with_its_settings(outside: Outside) -> None:
    unit = configparser.ConfigParser(interpolation=None, strict=False)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(FILES / "ingress-slo-agent.service")
    command = unit["Service"]["ExecStart"].replace("/opt/ingress-slo/agent/.venv/bin/python", sys.executable)
    variables = dict(each.split("=") for each in unit["Service"]["Environment"].split())
    environment = {
        **{name: value.replace("/opt/ingress-slo", str(ROOT)) for name, value in variables.items()},
        **dict.fromkeys(names_in(FILES / "agent.env"), "x"),
        **outside.settings,
        "CLUSTER_ID": "edge",
    }
    done = subprocess.run(
        [*command.split(), "--dry-run"], env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    assert json.loads(done.stdout)["cluster_id"] == "edge"
    timer = configparser.ConfigParser(interpolation=None)
    timer.read(FILES / "ingress-slo-agent.timer")
    assert timer["Timer"]["OnCalendar"] == "*-*-* *:*:10"
