"""The agent's parser compared with prometheus_client's on one text, and the memory of a whole run of the agent."""

import gzip
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import msgspec
from prometheus_client.parser import text_string_to_metric_families

from bench.synthetic import SyntheticCluster, objects
from ingress_slo_agent.exposition import parse
from lab.cluster.api import StandInApi
from lab.paths import ROOT
from lab.traefik.stage import Stage, demo

LINES = 100_000
_ROUTES = 2_500
_TIMES = 5
_EXIT_OK = 0


class Parsing(msgspec.Struct, frozen=True):
    """CPU seconds for the same text, the minimum of several runs."""

    lines: int
    ours_seconds: float
    reference_seconds: float
    peak_megabytes: float
    """Resident memory of a process that reads and parses the text, minus that of one that only imports."""

    @property
    def times_as_fast(self) -> float:
        """How much faster ours is."""
        return self.reference_seconds / self.ours_seconds


class AgentRuns(msgspec.Struct, frozen=True):
    """Peak resident memory of a whole run, in megabytes."""

    stage: float
    """With a real Traefik and the demo's routes."""
    large: float
    """With 2,500 routes and an exposition of 100,000 lines."""


def compare() -> Parsing:
    """Parse one exposition of 100,000 lines both ways."""
    text = exposition()
    ours = _least(lambda: parse(text, pod="traefik/a", date=2e9))
    reference = _least(lambda: sum(len(family.samples) for family in text_string_to_metric_families(text)), 2)
    with tempfile.NamedTemporaryFile(suffix=".prom") as file:
        file.write(text.encode())
        file.flush()
        idle = _resident("import ingress_slo_agent.exposition")
        busy = _resident(
            "import sys, pathlib; from ingress_slo_agent.exposition import parse; "
            f"parse(pathlib.Path({file.name!r}).read_bytes(), pod='traefik/a', date=2e9)"
        )
    return Parsing(text.count("\n"), ours, reference, busy - idle)


def exposition() -> str:
    """Exactly 100,000 lines of a synthetic Traefik, padded with Go's own metrics."""
    lines = SyntheticCluster(_ROUTES, now=1.8e9).processes[0].exposition().splitlines()[:LINES]
    filler = (f'go_gc_cycles_total{{n="{number}"}} {number}' for number in range(LINES - len(lines)))
    return "\n".join([*lines, *filler]) + "\n"


def _least(work: Callable[[], object], repeats: int = _TIMES) -> float:
    seconds = []
    for _ in range(repeats):
        start = time.process_time()
        work()
        seconds.append(time.process_time() - start)
    return min(seconds)


def _resident(code: str) -> float:
    """Peak resident memory of a new interpreter that runs this code, in megabytes."""
    probe = f"{code}\nfrom bench.memory import peak_megabytes; print(peak_megabytes())"
    done = subprocess.run([sys.executable, "-c", probe], cwd=ROOT, capture_output=True, text=True, check=True)
    return float(done.stdout)


def agent_runs() -> AgentRuns:
    """Run the agent as the CronJob does, twice."""
    with Stage(demo(load_factor=2)) as stage:
        small = _agent(stage.kubeconfig)
    with tempfile.TemporaryDirectory(prefix="ingress-slo-bench-") as folder, StandInApi(objects(_ROUTES)) as api:
        kubeconfig = api.write_kubeconfig(Path(folder) / "kubeconfig")
        with _MetricsServer(gzip.compress(exposition().encode(), 1)) as url:
            large = _agent(kubeconfig, METRICS_URLS=url)
    return AgentRuns(small, large)


def _agent(kubeconfig: Path, **settings: str) -> float:
    environment = {**os.environ, "CLUSTER_ID": "bench", "KUBECONFIG": str(kubeconfig), **settings}
    probe = (
        "import runpy, sys\nfrom bench.memory import peak_megabytes\n"
        "sys.argv = ['agent', '--dry-run']\n"
        "try:\n    runpy.run_module('ingress_slo_agent', run_name='__main__')\n"
        "except SystemExit as end:\n"
        "    print(end.code, peak_megabytes(), file=sys.stderr)"
    )
    command = [sys.executable, "-c", probe]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=True
    )
    code, megabytes = done.stderr.splitlines()[-1].split()
    if int(code) != _EXIT_OK:
        raise RuntimeError(done.stderr)
    return float(megabytes)


class _MetricsServer:
    """Serves one exposition as Traefik does: in gzip, with a Date header."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def __enter__(self) -> str:
        body = self._body

        class ExpositionHandler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "text/plain; version=0.0.4")
                self.send_header("Content-Encoding", "gzip")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Log nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), ExpositionHandler)
        self._thread = Thread(target=self._server.serve_forever)
        self._thread.start()
        return f"http://127.0.0.1:{self._server.server_port}/metrics"

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
