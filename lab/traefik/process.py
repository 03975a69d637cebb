"""Real Traefik processes, each with its Pod object.

Some arguments are the stage's own and are left out of the Pod: the Kubernetes API's address, the access log, and a way
to read Traefik's API where the profile does not open it. That way is a router of the file provider on the entry point
`traefik`, which answers to one made-up host. Traefik neither counts nor logs requests to its own API.
"""

import http.client
import json
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lab.cluster.objects import Object
from lab.ports import free_port
from lab.traefik import pod_objects
from lab.traefik.profiles import API, METRICS, WEB, TraefikOptions

_READY_SECONDS = 120
_STAGE_HOST, _STAGE_ROUTER = "stage.invalid", "stage@file"
_PAGE = 1000


@dataclass
class TraefikPod:
    """One pod: a Traefik process that can be killed and restarted under the same name and ports.

    Its access log (`{name}.access.jsonl` in `folder`) continues across restarts.
    """

    name: str
    api_url: str
    folder: Path
    options: TraefikOptions = field(default_factory=TraefikOptions)
    ports: dict[str, int] = field(default_factory=dict)
    """The port of each entry point; free ones unless given."""
    restarts: int = -1
    """How often the process was restarted; -1 before its first start."""
    started_at: float = 0.0
    _process: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        self.ports = {name: self.ports.get(name) or free_port() for name in self.options.profile.entry_points}

    @property
    def web_port(self) -> int:
        """The port of the entry point `web`."""
        return self.ports[WEB]

    @property
    def metrics_port(self) -> int:
        """The port of the entry point `metrics`."""
        return self.ports[METRICS]

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
        return [*self.options.arguments(self.ports), *self._own_arguments()]

    def _own_arguments(self) -> list[str]:
        arguments = [
            "--global.checknewversion=false",
            "--global.sendanonymoususage=false",
            "--entrypoints.web.transport.lifecycle.gracetimeout=1s",
            "--serverstransport.insecureskipverify=true",
            "--providers.providersthrottleduration=200ms",
            f"--providers.kubernetescrd.endpoint={self.api_url}",
            f"--providers.kubernetesingress.endpoint={self.api_url}",
            "--accesslog=true",
            "--accesslog.format=json",
            f"--accesslog.filepath={self.access_log}",
        ]
        if not self.options.has_open_api:
            arguments.append(f"--providers.file.filename={self._stage_routes()}")
        return arguments

    def _stage_routes(self) -> Path:
        """A file with the stage's own way to Traefik's API."""
        router = {"rule": f"Host(`{_STAGE_HOST}`)", "entryPoints": [API], "service": "api@internal"}
        file = self.folder / f"{self.name}.stage.yaml"
        file.write_text(json.dumps({"http": {"routers": {"stage": router}}}))
        return file

    def start(self) -> None:
        """Start the process and wait until it serves metrics and its API.

        Raises TimeoutError with the end of its log.
        """
        with self.process_log.open("ab") as log:
            command = [str(self.options.binary), *self.arguments()]
            self._process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder)
        self.started_at = time.time()
        self.restarts += 1
        self.wait(lambda: bool(self.scrape()[1]) and self.all_routers() is not None, "metrics and API")

    def wait_for_routers(self, count: int) -> None:
        """Wait until `count` routers from Kubernetes are loaded. Copies of an entry point do not count."""
        self.wait(lambda: len(self.declared_routers()) >= count, f"{count} routers")

    def wait(self, ready: Callable[[], bool], what: str) -> None:
        """Wait until it is ready. Raises TimeoutError with the end of its log."""
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
        return requested_at, _get(self.ports[METRICS], "/metrics")

    def routers(self) -> dict[str, dict[str, Any]]:
        """The Kubernetes routers by name, from Traefik's own API."""
        return {item["name"]: item for item in self.all_routers() if item["provider"].startswith("kubernetes")}

    def all_routers(self) -> list[dict[str, Any]]:
        """The routers of all providers, from Traefik's own API, without the one that the stage adds."""
        found = json.loads(_get(self.ports[API], f"/api/http/routers?per_page={_PAGE}", self._api_host()))
        return [item for item in found if item["name"] != _STAGE_ROUTER]

    def declared_routers(self) -> set[str]:
        """The names of the Kubernetes routers without the prefixes of entry points."""
        return {self.declared_name(name) for name in self.routers()}

    def declared_name(self, router: str) -> str:
        """A router's name without the prefix that Traefik gives its copy on an entry point."""
        for entry_point in self.ports:
            for prefix in (f"{entry_point}-conflicted-", f"{entry_point}-"):
                if router.startswith(prefix):
                    return self.declared_name(router.removeprefix(prefix))
        return router

    def _api_host(self) -> str:
        return "127.0.0.1" if self.options.has_open_api else _STAGE_HOST

    def pod(self) -> Object:
        """The Pod object of this running process, with its real arguments and ports."""
        return pod_objects.pod(self.name, self.options, self.ports, self.started_at, max(self.restarts, 0))


def _get(port: int, path: str, host: str = "127.0.0.1") -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("GET", path, headers={"Host": host})
        response = connection.getresponse()
        body = response.read().decode()
        if response.status != 200:
            raise ConnectionError(f"{path} answered {response.status}")
        return body
    finally:
        connection.close()
