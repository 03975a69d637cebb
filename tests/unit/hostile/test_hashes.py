"""Keys that are chosen to collide cost no more than others."""

import os
import subprocess
import sys
import time

from unit.agent.test_manifests import BASE

from ingress_slo_agent.exposition import parse
from lab.cloud.tables import template
from lab.paths import ROOT

SERIES = "traefik_router_request_duration_seconds_bucket"
BOUNDS = 20_000
_LOW_BITS = 1 << 40
"""Whole numbers are their own hashes, and a dict starts with the low bits of a hash."""


def seconds_to_read(bounds: list[float]) -> float:
    """The time to parse one histogram with these bounds. The bounds are the only keys that are not text."""
    lines = [f'{SERIES}{{router="r@x",service="s@x",le="{bound!r}"}} 1' for bound in bounds]
    head = 'traefik_router_requests_total{router="r@x",service="s@x"} 1\nprocess_start_time_seconds 1\n'
    text = head + "\n".join(lines) + "\n"
    before = time.process_time()
    try:
        parse(text, pod="p", date=1.0)
    except ValueError:
        return time.process_time() - before
    raise AssertionError("no snapshot holds so many bounds")


def test_bounds_whose_hashes_begin_alike_take_no_more_than_a_few_times_as_long() -> None:
    ordinary = min(seconds_to_read([float(number) for number in range(BOUNDS)]) for _ in range(3))
    colliding = min(seconds_to_read([float(number * _LOW_BITS) for number in range(1, BOUNDS)]) for _ in range(3))
    assert hash(float(_LOW_BITS)) == _LOW_BITS
    assert colliding < 10 * ordinary


def test_a_text_hashes_otherwise_in_each_process() -> None:
    """So nobody can choose texts that collide. Nothing that we start switches that off."""
    environment = {"PATH": os.environ["PATH"]}
    command = [sys.executable, "-c", "print(hash('router@kubernetescrd'))"]
    first, second = (subprocess.run(command, env=environment, capture_output=True, check=True).stdout for _ in range(2))
    assert first != second
    told = [str(template()), (ROOT / "agent/Dockerfile").read_text()]
    told += [file.read_text() for file in (*BASE.iterdir(), *(ROOT / "agent/chart/templates").iterdir())]
    assert not [text for text in told if "PYTHONHASHSEED" in text]
