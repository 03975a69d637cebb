"""Runs every benchmark, one after the other, and collects the results."""

import os
import platform
import subprocess
import sys
import time
from importlib.metadata import version
from typing import Any

import msgspec

from bench import capacity, cold_start, exactness, handlers, old_system, packages, parsing, stack
from bench.cold_start import ColdStart
from bench.counts import BenchmarkCounts
from bench.exactness import Comparison
from bench.handlers import Load, Time
from bench.packages import Size
from bench.parsing import AgentRuns, Parsing
from bench.site import MIDNIGHT, engine
from bench.synthetic import SyntheticCluster
from lab.cloud.dynamodb_local import CapacityMeter, DynamoDBLocal
from lab.traefik.versions import BINARY, version_of

SIZES = (20, 300, 3000)
PODS = (1, 2, 10)
OTHERS = ((300, 1, 0.2),)
"""(routes, pods, active share): a fifth of the routes active in each minute."""
ANSWERED = (1000, 3000)
EVALUATED = 1000
SERIES_OF_A_LABEL_SET = 8
"""One counter, five buckets (four bounds and +Inf), sum and count."""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that one run measured."""

    versions: dict[str, str]
    counts: BenchmarkCounts
    parsing: Parsing
    agent: AgentRuns
    answers: dict[int, dict[str, Time]]
    """By the number of routes, then by name."""
    month_over_day: dict[int, dict[str, float]]
    """The same: P50 of 30d over that of 1d, in one process."""
    pushes: dict[int, Time]
    rollups: dict[int, Time]
    hour_rollup: Time
    evaluations: dict[int, Time]
    """By the number of routes."""
    steadiness: float
    """P95 over P50 of a fixed piece of work on this machine, right after `answers`."""
    cold_start: ColdStart
    packages: dict[str, Size]
    exactness: list[Comparison]


def run() -> Found:
    """Run all benchmarks; the timed ones first, while nothing else runs."""
    started = _step("cold start")
    cold = cold_start.measure()
    _step("parsing", started)
    parsed, agent = parsing.compare(), parsing.agent_runs()
    with engine() as (running, meter):
        _step("handlers", started)
        timed: dict[str, Any] = {
            "answers": {routes: handlers.answers(running, routes) for routes in ANSWERED},
            "steadiness": handlers.steadiness(),
            "month_over_day": {routes: handlers.month_over_day(running, routes) for routes in ANSWERED},
            "hour_rollup": handlers.hour_rollup(running, SIZES[-1]),
        }
        pushes, rollups, loads = _handlers(running)
        evaluations = {routes: handlers.evaluations(running, routes) for routes in (*SIZES, EVALUATED)}
        for routes in SIZES:
            loads[routes]["evaluate"] = evaluations[routes][1]
        _step("capacity", started)
        counts = _counts(running, meter, loads)
    _step("packages", started)
    sizes = packages.measure()
    _step("exactness", started)
    rows = exactness.measure()
    _step("done", started)
    return Found(
        versions=versions(),
        counts=counts,
        parsing=parsed,
        agent=agent,
        pushes=pushes,
        rollups=rollups,
        evaluations={routes: time for routes, (time, _) in evaluations.items()},
        cold_start=cold,
        packages=sizes,
        exactness=rows,
        **timed,
    )


def _handlers(running: DynamoDBLocal) -> tuple[dict[int, Time], dict[int, Time], dict[int, dict[str, Load]]]:
    authorize = handlers.authorizations(running)
    pushes, rollups, loads = {}, {}, {}
    for routes in SIZES:
        pushes[routes], ingest = handlers.pushes(running, routes)
        rollups[routes], rollup, close = handlers.rollups(running, routes)
        query = handlers.query_load(running, routes)
        loads[routes] = {"authorize": authorize, "ingest": ingest, "rollup": rollup, "close": close, "query": query}
    return pushes, rollups, loads


def _counts(running: DynamoDBLocal, meter: CapacityMeter, loads: dict[int, dict[str, Load]]) -> BenchmarkCounts:
    wanted = [*((routes, pods, 1.0) for routes in SIZES for pods in PODS), *OTHERS]
    clusters = {routes: SyntheticCluster(routes, now=MIDNIGHT) for routes in SIZES}
    return BenchmarkCounts(
        capacity=[capacity.measure(running, meter, *each) for each in wanted],
        loads=loads,
        old_writes={routes: old_system.write_units(running, meter, cluster) for routes, cluster in clusters.items()},
        stack=stack.read(),
        series={routes: SERIES_OF_A_LABEL_SET * len(cluster.series) for routes, cluster in clusters.items()},
    )


def versions() -> dict[str, str]:
    """The versions and the machine that the figures depend on."""
    packages_used = ("boto3", "pynamodb", "aws-lambda-powertools", "msgspec", "prometheus-client", "kubernetes")
    return {
        "Python": platform.python_version(),
        **{name: version(name) for name in packages_used},
        "Traefik": version_of(BINARY),
        "Prometheus": _prometheus_version(),
        "machine": f"{platform.machine()}, {platform.system()}, {os.cpu_count()} cores",
        "load average": f"{os.getloadavg()[0]:.0f}",
    }


def _prometheus_version() -> str:
    try:
        done = subprocess.run(["prometheus", "--version"], capture_output=True, text=True, check=True)
    except FileNotFoundError:
        return "not installed"
    return (done.stdout or done.stderr).split()[2]


def _step(name: str, since: float | None = None) -> float:
    now = time.monotonic()
    sys.stderr.write(f"{now - since if since else 0:6.0f} s  {name}\n")
    return since or now
