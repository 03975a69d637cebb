"""The agent's parsers compared with prometheus_client's on the same metrics, and the memory of a whole run."""

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
from ingress_slo_agent import exposition
from ingress_slo_agent.answers import parse
from ingress_slo_agent.protobuf import CONTENT_TYPE
from lab.cluster.api import StandInApi
from lab.paths import ROOT
from lab.traefik.families import Family, text
from lab.traefik.families import delimited as protobuf
from lab.traefik.stage import Stage, demo

ROUTES = 2_050
"""As many as have 100,000 lines of text, with router and service series."""
_TIMES = 5
_EXIT_OK = 0


class Parsing(msgspec.Struct, frozen=True, kw_only=True):
    """CPU seconds for the same metrics, the minimum of several runs, and memory."""

    lines: int
    """Of the text."""
    text_seconds: float
    protobuf_seconds: float
    reference_seconds: float
    """Of prometheus_client's parser, for the text. It has none for protobuf."""
    text_megabytes: float
    """Resident memory of a process that reads and parses the text, minus that of one that only imports."""
    protobuf_megabytes: float

    @property
    def text_times_as_fast(self) -> float:
        """How much faster ours is for the text."""
        return self.reference_seconds / self.text_seconds

    @property
    def protobuf_times_as_fast(self) -> float:
        """How much faster protobuf is read than the reference reads the text."""
        return self.reference_seconds / self.protobuf_seconds


class AgentRuns(msgspec.Struct, frozen=True):
    """Peak resident memory of a whole run, in megabytes."""

    stage: float
    """With a real Traefik and the demo's routes."""
    text: float
    """With `ROUTES` routes, if Traefik answers with text."""
    protobuf: float
    """The same if it answers with protobuf, as it does."""


def compare() -> Parsing:
    """Parse the same metrics in each way."""
    families = _families()
    plain, delimited = text(families), protobuf(families)
    return Parsing(
        lines=plain.count("\n"),
        text_seconds=_least(lambda: parse(plain.encode(), exposition.CONTENT_TYPE, pod="traefik/a", date=2e9)),
        protobuf_seconds=_least(lambda: parse(delimited, CONTENT_TYPE, pod="traefik/a", date=2e9)),
        reference_seconds=_least(
            lambda: sum(len(family.samples) for family in text_string_to_metric_families(plain)), 2
        ),
        text_megabytes=_memory(plain.encode(), exposition.CONTENT_TYPE),
        protobuf_megabytes=_memory(delimited, CONTENT_TYPE),
    )


def _families() -> list[Family]:
    return SyntheticCluster(ROUTES, now=1.8e9).processes[0].families()


def _memory(body: bytes, content_type: str) -> float:
    with tempfile.NamedTemporaryFile() as file:
        file.write(body)
        file.flush()
        idle = _resident("import ingress_slo_agent.answers")
        busy = _resident(
            "import pathlib; from ingress_slo_agent.answers import parse_whole; "
            f"parse_whole(pathlib.Path({file.name!r}).read_bytes(), {content_type!r}, pod='traefik/a', date=2e9)"
        )
    return busy - idle


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
    """Run the agent as the CronJob does, three times."""
    with Stage(demo(load_factor=2)) as stage:
        small = _agent(stage.kubeconfig)
    families = _families()
    with tempfile.TemporaryDirectory(prefix="ingress-slo-bench-") as folder, StandInApi(objects(ROUTES)) as api:
        kubeconfig = api.write_kubeconfig(Path(folder) / "kubeconfig")
        with _MetricsServer(text(families).encode(), exposition.CONTENT_TYPE) as url:
            plain = _agent(kubeconfig, METRICS_URLS=url)
        with _MetricsServer(protobuf(families), CONTENT_TYPE) as url:
            delimited = _agent(kubeconfig, METRICS_URLS=url)
    return AgentRuns(small, plain, delimited)


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

    def __init__(self, body: bytes, content_type: str) -> None:
        self._body = gzip.compress(body, 1)
        self._content_type = content_type

    def __enter__(self) -> str:
        body, content_type = self._body, self._content_type

        class ExpositionHandler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", content_type)
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
