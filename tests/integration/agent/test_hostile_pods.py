"""Pods that only carry Traefik's label: whatever they answer, the agent lives, and the others' figures are pushed."""

import gzip
import json
import os
import subprocess
import sys
import zlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from typing import Any, NamedTuple

import pytest
import yaml
from integration.metrics_server import RawServer, Send, always, answer, forever, head
from unit.agent.test_manifests import BASE

from lab.paths import ROOT
from lab.traefik.families import of_process, text

GZIP = "Content-Encoding: gzip"
FRESH = text(of_process(1_795_454_037.0))
BEFORE, _, AFTER = FRESH.partition("# TYPE traefik_open_connections")
OPEN = f"# TYPE traefik_open_connections{AFTER}"
SERIES = "traefik_router_requests_total"
ENOUGH = 31 << 20
WATCHED = """
import pathlib, sys
from ingress_slo_agent.__main__ import main
code = main()
sys.stderr.write(next(line for line in pathlib.Path("/proc/self/status").open() if line.startswith("VmHWM:")))
sys.exit(code)
"""
"""Runs the agent and says how much memory it had at most."""


class Run(NamedTuple):
    """One run of the agent: what it would push, and its memory."""

    metrics: dict[str, Any]
    warnings: list[str]
    peak_mib: int


def run(good: str, hostile: Iterable[str], **settings: str) -> Run:
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": f"{ROOT / 'agent'}:{ROOT / 'layers/slo'}",
        "CLUSTER_ID": "lab",
        "METRICS_URLS": ",".join([*hostile, good]),
        "TRAEFIK_API": "http://127.0.0.1:9",
        "SCRAPE_TIMEOUT_SECONDS": "5",
        **settings,
    }
    command = [sys.executable, "-c", WATCHED, "--dry-run"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    snapshot, peak_kib = json.loads(done.stdout), int(done.stderr.split()[-2])
    return Run(snapshot["ingress_metrics"], snapshot["warnings"], peak_kib >> 10)


def unfolded(lines: Iterator[str]) -> Send:
    """An exposition with as many of these lines as the agent reads, in gzip."""
    compress = zlib.compressobj(1, zlib.DEFLATED, 31)
    start = (BEFORE + OPEN + f"# TYPE {SERIES} counter\n").encode()
    families = ("request_duration_seconds", "responses_bytes_total")
    end = "".join(f"# TYPE traefik_router_{name} untyped\n" for name in families).encode()
    parts, size = [compress.compress(start)], len(start) + len(end)
    while size < ENOUGH:
        block = "".join(next(lines) for _ in range(5_000)).encode()
        size += len(block)
        parts.append(compress.compress(block))
    return always(answer(b"".join([*parts, compress.compress(end), compress.flush()]), GZIP))


def each(line: str) -> Iterator[str]:
    number = 0
    while True:
        yield line.format(number, number // 128, number % 128) + "\n"
        number += 1


def bomb() -> Send:
    compress = zlib.compressobj(9, zlib.DEFLATED, 31)
    parts = [compress.compress(bytes(1 << 20)) for _ in range(500)]
    return always(answer(b"".join([*parts, compress.flush()]), GZIP))


HOSTILE = {
    "bomb": bomb(),
    "endless": forever(head("Transfer-Encoding: chunked"), b"100000\r\n" + bytes(1 << 20) + b"\r\n"),
    "drip": forever(head("Content-Length: 100000"), b"#", pause_seconds=0.1),
    "many routers": unfolded(each(f'{SERIES}{{{{code="200",router="r{{0}}@x",service="s@x"}}}} 1')),
    "many codes": unfolded(each(f'{SERIES}{{{{code="{{2}}",router="r{{1}}@x"}}}} 1')),
    "many families": unfolded(each("# TYPE traefik_{0} counter")),
    "many entry points": unfolded(each('traefik_open_connections{{entrypoint="{0}"}} 1')),
    "long names": unfolded(each(f'{SERIES}{{{{router="{"😀" * 400}{{0}}@x",service="{"😀" * 400}"}}}} 1')),
    "one series": unfolded(each(f'{SERIES}{{{{router="r@x"}}}} 1')),
}


@pytest.fixture
def good() -> Iterator[RawServer]:
    with RawServer(always(answer(gzip.compress(FRESH.encode()), GZIP))) as server:
        yield server


def memory_limit_mib() -> int:
    job = yaml.safe_load((BASE / "cron-job.yaml").read_text())["spec"]["jobTemplate"]["spec"]
    limit = job["template"]["spec"]["containers"][0]["resources"]["limits"]["memory"]
    return int(limit.removesuffix("Mi"))


@pytest.mark.parametrize("kind", HOSTILE)
def test_three_hostile_pods_neither_kill_the_agent_nor_hide_the_good_one(kind: str, good: RawServer) -> None:
    with ExitStack() as stack:
        servers = [stack.enter_context(RawServer(HOSTILE[kind])) for _ in range(3)]
        done = run(good.url, [server.url for server in servers])
    pushed = {process["pod"] for process in done.metrics["processes"]}
    named = {pod["pod"] for pod in done.metrics["unreachable"]}
    assert good.url in pushed
    assert {server.url for server in servers} <= pushed | named
    assert done.peak_mib < memory_limit_mib() * 0.9
