"""Reads answers one after the other, and keeps as much of what they say as the pod's memory holds."""

import sys
from threading import Lock
from time import monotonic

from ingress_slo_agent.answers import certificates, parse_whole
from ingress_slo_agent.certificates import Certificates
from ingress_slo_agent.fetch import Answer, FetchError
from slo.traefik.snapshots import ProcessMetrics, SeriesRow

LARGER = "If Traefik is that large, raise MAX_EXPOSITION_MIB, and the memory limit of the agent's pod with it."
_VALUE_BYTES = 80
"""Of one count, with its place in a dict or tuple."""
_ROW_BYTES = 500
_EXPIRY_BYTES = 200
"""Of a certificate's digest and expiry, with its place in a dict."""


class Reading:
    """Decompresses and parses one answer at a time, because many would not fit into memory, for a limited time."""

    def __init__(self, seconds: float, memory_bytes: int) -> None:
        """`memory_bytes` is for the metrics of all processes. A row takes 2 KB with the usual buckets and codes."""
        self._memory_bytes = memory_bytes
        self._one_at_a_time = Lock()
        self._deadline = monotonic() + seconds
        self._sizes: dict[int, int] = {}
        self.kept: dict[int, ProcessMetrics] = {}
        """The metrics of each process, by the number of its answer."""
        self.certificates: dict[int, Certificates] = {}
        """The certificates of each process whose metrics are kept."""
        self.left_out: dict[int, str] = {}
        """Why the metrics of a process were not kept."""

    def read(self, number: int, answer: Answer, *, pod: str, date: float) -> bytes:
        """Keep what an answer says, and return its body. Raises FetchError or ExpositionError."""
        content_type = answer.headers.get("Content-Type", "")
        with self._one_at_a_time:
            if monotonic() > self._deadline:
                raise FetchError("no time was left to read it: the answers of other pods took too long")
            body = answer.body()
            metrics = parse_whole(body, content_type, pod=pod, date=date)
            self._keep(number, metrics, certificates(body, content_type, now=date))
        return body

    def _keep(self, number: int, metrics: ProcessMetrics, found: Certificates) -> None:
        """Keep it. If all together are too large, the largest ones go: one bad pod hides no other."""
        self.kept[number] = metrics
        self.certificates[number] = found
        self._sizes[number] = sum(map(_size, metrics.rows)) + _EXPIRY_BYTES * len(found.expiries)
        while sum(self._sizes.values()) > self._memory_bytes:
            largest = max(self._sizes, key=self._sizes.__getitem__)
            size = self._sizes.pop(largest)
            del self.kept[largest], self.certificates[largest]
            self.left_out[largest] = (
                f"its metrics take {size >> 20} MiB, and those of all pods together may take "
                f"{self._memory_bytes >> 20} MiB. {LARGER}"
            )


def _size(row: SeriesRow) -> int:
    values = len(row.codes) + len(row.methods) + len(row.buckets)
    return _ROW_BYTES + _VALUE_BYTES * values + sys.getsizeof(row.router) + sys.getsizeof(row.service)
