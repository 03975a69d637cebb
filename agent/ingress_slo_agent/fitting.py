"""Makes a snapshot small enough for one push. What does not fit is named, and the rest is pushed."""

import gzip
from typing import NamedTuple

import msgspec

from slo.traefik import snapshots
from slo.traefik.snapshots import ProcessMetrics, Snapshot, UnreachablePod

SEVERAL_AGENTS = "Use one agent for each Traefik, with a TRAEFIK_SELECTOR and a CLUSTER_ID of its own."
_encoder = msgspec.json.Encoder()


class Fitting(NamedTuple):
    """A snapshot that fits into a push, and the processes that did not."""

    snapshot: Snapshot
    left_out: tuple[str, ...]
    """A sentence for each process that was left out."""


def fitting(snapshot: Snapshot) -> Fitting:
    """Leave out the largest processes until a push takes the snapshot. They count as unreachable."""
    left_out: list[UnreachablePod] = []
    while (reason := excess(snapshots.encode(snapshot))) and snapshot.ingress_metrics.processes:
        metrics = snapshot.ingress_metrics
        largest = max(metrics.processes, key=_compressed_bytes)
        left_out.append(
            UnreachablePod(pod=largest.pod, error=f"its metrics are left out, because {reason}. {SEVERAL_AGENTS}")
        )
        fewer = msgspec.structs.replace(
            metrics,
            processes=tuple(process for process in metrics.processes if process is not largest),
            unreachable=(*metrics.unreachable, left_out[-1])[-snapshots.MAX_PROCESSES :],
        )
        snapshot = msgspec.structs.replace(snapshot, ingress_metrics=fewer)
    sentences = tuple(f"Pod {pod.pod}: {pod.error}" for pod in left_out)
    warnings = (*sentences, *snapshot.warnings)[: snapshots.MAX_WARNINGS]
    return Fitting(msgspec.structs.replace(snapshot, warnings=warnings) if sentences else snapshot, sentences)


def excess(json: bytes) -> str:
    """Why no stack accepts a snapshot of this text; empty if one does."""
    if len(json) > snapshots.MAX_JSON_BYTES:
        return f"the push would have {_mib(len(json))} MiB, and at most {_mib(snapshots.MAX_JSON_BYTES)} are accepted"
    values = json.count(b",")
    if values > snapshots.MAX_JSON_VALUES:
        return f"the push would have {values:,} values, and at most {snapshots.MAX_JSON_VALUES:,} are accepted"
    if len(json) <= snapshots.MAX_BODY_BYTES:
        return ""
    compressed = len(gzip.compress(json))
    if compressed > snapshots.MAX_BODY_BYTES:
        limit = _mib(snapshots.MAX_BODY_BYTES)
        return f"the push would have {_mib(compressed)} MiB when compressed, and at most {limit} are accepted"
    return ""


def _compressed_bytes(process: ProcessMetrics) -> int:
    return len(gzip.compress(_encoder.encode(process), 1))


def _mib(size_bytes: int) -> str:
    return f"{size_bytes / (1 << 20):.1f}"
