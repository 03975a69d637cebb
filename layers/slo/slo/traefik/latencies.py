"""Latencies as people write them, `99% < 300ms` and `1.5s`: in annotations, which the agent reads, and in options."""

import re
from decimal import Decimal

from slo.traefik.snapshots import LatencyShare

_PER_CENT = r"([0-9]{1,3}(?:\.[0-9]{1,6})?)"
_DURATION = r"([0-9]{1,6}(?:\.[0-9]{1,6})?)\s*(ms|s)"
_SHARE = re.compile(rf"{_PER_CENT}\s*%\s*<\s*{_DURATION}")
_LEAST, _MOST = 1, Decimal("99.999")
_SHORTEST_MS, _LONGEST_MS = Decimal("0.1"), 600_000


def latency_share(text: str) -> LatencyShare | None:
    """Read `99% < 300ms`: 1 to 99.999 % in at most 0.1 ms to 600 s. None if it is something else."""
    found = _SHARE.fullmatch(text.strip().lower())
    if found is None or not _LEAST <= Decimal(found[1]) <= _MOST:
        return None
    threshold = _milliseconds(found[2], found[3])
    return None if threshold is None else LatencyShare(float(Decimal(found[1]) / 100), threshold)


def milliseconds(text: str) -> float | None:
    """Read `300ms` or `1.5s`, from 0.1 ms to 600 s. None if it is something else."""
    found = re.fullmatch(_DURATION, text.strip().lower())
    return None if found is None else _milliseconds(found[1], found[2])


def _milliseconds(number: str, unit: str) -> float | None:
    found = Decimal(number) * (1000 if unit == "s" else 1)
    return float(found) if _SHORTEST_MS <= found <= _LONGEST_MS else None
