"""Bombs against the ingest function in a process with the function's own memory, which the kernel enforces."""

import gzip
import subprocess
import sys
from collections.abc import Callable
from functools import partial

import pytest
from unit.hostile.test_memory import DOCUMENTS

from lab.cloud.tables import template
from lab.paths import ROOT

READ = """
import gzip, resource, sys
import slo.app.ingest  # everything that the function has loaded before its first request
from slo.api.snapshot_reader import read
from slo.errors import CallerError
limit = int(sys.argv[1]) << 20
resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
body = sys.stdin.buffer.read()
try:
    read(body, 1_800_000_000.0)
except CallerError as error:
    print(type(error).__name__, error)
"""
PROCESS = b'{"ingress_metrics":{"processes":[{"pod":"a",'


def repeated(start: bytes, piece: bytes, end: bytes, count: int) -> bytes:
    return gzip.compress(start + piece * count + end, 1)


def nested(depth: int) -> bytes:
    return repeated(b'{"warnings":' + b"[" * depth, b"", b"", 0)


BOMBS: dict[str, Callable[[], bytes]] = {
    "a gibibyte of zeros": lambda: gzip.compress(bytes(1 << 30), 9)[: 4 << 20],
    "many members": lambda: gzip.compress(bytes(1 << 20), 9) * 1000,
    "lists in lists, as deep as it takes": lambda: nested(30_000_000),
    "objects in objects": lambda: repeated(b"", b'{"a":', b"", 6_000_000),
    "deep where a text belongs": lambda: repeated(PROCESS + b'"rows":', b"[", b"", 30_000_000),
    "thirty megabytes of one escape": lambda: repeated(b'{"cluster_id":"', b"\\u202e", b'"}', 5_000_000),
    "unknown fields, deep and wide": lambda: repeated(b'{"x":[', b"[[[1]]],", b"1]}", 2_900_000),
    **{name: partial(gzip.compress, document, 6) for name, document in DOCUMENTS.items()},
}


def memory_mib() -> int:
    resources = template()
    function = resources["Resources"]["IngestFunction"]["Properties"]
    return int(function.get("MemorySize") or resources["Globals"]["Function"]["MemorySize"])


@pytest.mark.parametrize("kind", BOMBS)
def test_a_bomb_is_refused_within_the_memory_of_the_function(kind: str) -> None:
    environment = {"PYTHONPATH": str(ROOT / "layers/slo"), "AWS_DEFAULT_REGION": "eu-central-1"}
    done = subprocess.run(
        [sys.executable, "-c", READ, str(memory_mib())],
        input=BOMBS[kind](),
        env=environment,
        capture_output=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr.decode()[-500:]
    assert done.stdout.startswith((b"TooLargeError", b"BadRequestError", b"UnprocessableError")), done.stdout[:200]


def test_the_limit_of_this_test_is_one_that_the_kernel_enforces() -> None:
    """With less memory than a document takes, reading it fails: so the other tests could fail."""
    environment = {"PYTHONPATH": str(ROOT / "layers/slo"), "AWS_DEFAULT_REGION": "eu-central-1"}
    body = BOMBS["many texts"]()
    done = subprocess.run(
        [sys.executable, "-c", READ, "120"], input=body, env=environment, capture_output=True, check=False, timeout=120
    )
    assert done.returncode != 0
