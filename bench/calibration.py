"""A fixed piece of Python, whose time is known on Lambda and measured here, so that no figure follows this machine.

The piece computes SHA-256 of the hash before, again and again: a loop, a call and a new object for each hash, which is
what our functions spend their time with as well. A benchmark of December 2025 ran 500,000 of these hashes in Lambda
with Python 3.13 on arm64 (`PUBLISHED_MS`). Lambda gives a function a share of a vCPU in proportion to its memory
(https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html), and the four times agree to within 2 % on what
a whole vCPU takes. Its times from 1,769 MB up are left out, because they vary by a quarter.
"""

import hashlib
import time
from statistics import median

SOURCE = "https://github.com/cebert/aws-lambda-performance-benchmarks"
"""published-results/december-2025/tables/cpu-intensive/warm.md, at commit c8c9c66."""
PUBLISHED_HASHES = 500_000
PUBLISHED_MS = {128: 4334.14, 256: 2148.52, 512: 1069.75, 1024: 535.49}
"""Milliseconds by the function's memory in MB."""
VCPU_MEGABYTES = 1769
"""The memory for which Lambda gives a function one vCPU; less memory gives a proportional share."""

PIECE_HASHES = 100_000
_RUNS = 5


def lambda_piece_ms() -> float:
    """What the piece takes on one vCPU of Lambda."""
    whole = median(milliseconds * megabytes / VCPU_MEGABYTES for megabytes, milliseconds in PUBLISHED_MS.items())
    return whole * PIECE_HASHES / PUBLISHED_HASHES


def piece_ms() -> float:
    """What the piece takes in this process, CPU time: the median of a few runs."""
    return median(_run() for _ in range(_RUNS))


def _run() -> float:
    sha256, digest = hashlib.sha256, bytes(56)
    start = time.process_time()
    for _ in range(PIECE_HASHES):
        digest = sha256(digest).digest()
    return (time.process_time() - start) * 1000
