"""A recording of a real Traefik, pushed to the deployed stack, and what its access log says."""

import gzip
import json
import time
from collections.abc import Iterator
from datetime import datetime
from itertools import product
from typing import Any

import msgspec
import requests
from e2e.tokens import make_token, store_of

from lab.cloud.local import Cloud, Deployment
from lab.demo import roll_up
from lab.paths import ROOT
from lab.replay import Recording
from slo.traefik import snapshots
from slo.traefik.snapshots import IngressMetrics, Snapshot

RECORDINGS = ROOT / "tests" / "recordings"
RECORDING = "latencies"
DOMAIN = "shop.example.com"
PATHS = ["/", "/api", "/slow"]
_INTERVAL_SECONDS = 30
SLOT_SECONDS, DELAY_SECONDS = 10, 4
"""Settings of the profile `local`."""
_PATIENCE_SECONDS = 180
_LOOKS = 5
"""How often to check the result of a rollup, which starts from a queue, before starting another."""

Truth = dict[str, Any]
SERVED: Truth = json.loads((RECORDINGS / RECORDING / "truth.json").read_text())["routes"]


def truth(*paths: str) -> Truth:
    """The sum of what the access log says about these routes."""
    parts = [SERVED[f"{DOMAIN} {path}"] for path in paths or PATHS]
    summed: dict[str, dict[str, int]] = {"codes": {}, "methods": {}, "buckets_le": {}}
    for part, (key, counts) in product(parts, summed.items()):
        for name, count in part[key].items():
            counts[name] = counts.get(name, 0) + count
    return {
        **summed,
        "requests": sum(part["requests"] for part in parts),
        "errors": sum(count for code, count in summed["codes"].items() if code.startswith("5")),
        "seconds": sum(part["duration_seconds_sum"] for part in parts),
    }


def histogram_quantile(q: float, buckets: dict[str, int]) -> float:
    """The same as PromQL's `histogram_quantile`, but in milliseconds."""
    ordered = sorted((float(bound), count) for bound, count in buckets.items())
    rank = q * ordered[-1][1]
    lower, below = 0.0, 0
    for bound, count in ordered:
        if count >= rank:
            return (lower + (bound - lower) * (rank - below) / (count - below)) * 1000
        lower, below = bound, count
    raise AssertionError


class ReaderApi:
    """The API as one token sees one cluster."""

    def __init__(self, deployment: Deployment, token: str, cluster_id: str) -> None:
        self._url = deployment.api_url
        self._headers = {"Authorization": f"Bearer {token}"}
        self.cluster_id = cluster_id

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        headers = {**self._headers, **options.pop("headers", {})}
        query = {"cluster_id": self.cluster_id, **options.pop("params", {})}
        url = f"{self._url}/api/v2/slo{path}"
        return requests.request(method, url, headers=headers, params=query, timeout=60, **options)

    def get(self, path: str, **query: Any) -> Any:
        answer = self.call("GET", path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()


def push(deployment: Deployment, token: str, cluster_id: str, *recordings: str) -> float:
    """Push recordings at once, shifted to end with the last slot booked by now. Returns their end in Unix seconds."""
    ends_at = booked_by(time.time()) - 1
    for snapshot in _snapshots(cluster_id, recordings or (RECORDING,), ends_at):
        body = snapshots.encode(msgspec.structs.replace(snapshot, sent_at=time.time()))
        pushed = requests.post(
            f"{deployment.api_url}/api/v2/clusters/{cluster_id}/snapshots",
            data=gzip.compress(body),
            headers={"Authorization": f"Bearer {token}", "Content-Type": snapshots.CONTENT_TYPE},
            timeout=60,
        )
        assert pushed.status_code == 202, pushed.text
    return ends_at


def _snapshots(cluster_id: str, recordings: tuple[str, ...], ends_at: float) -> Iterator[Snapshot]:
    """Merge recordings into snapshots of one cluster with all their Traefik pods. The shortest decides how many."""
    recorded = [
        list(
            Recording(
                RECORDINGS / name, cluster_id=cluster_id, interval_seconds=_INTERVAL_SECONDS, ends_at=ends_at
            ).snapshots()
        )
        for name in recordings
    ]
    shortest = min(map(len, recorded))
    for together in zip(*(each[-shortest:] for each in recorded), strict=True):
        processes = tuple(
            msgspec.structs.replace(process, pod=f"{name}/{process.pod}")
            for name, snapshot in zip(recordings, together, strict=True)
            for process in snapshot.ingress_metrics.processes
        )
        yield msgspec.structs.replace(
            together[0],
            ingress_routes=tuple(route for snapshot in together for route in snapshot.ingress_routes),
            ingress_metrics=IngressMetrics(processes=processes),
        )


def booked_by(now: float) -> float:
    """The end of the last slot that a rollup books now, in the profile `local`."""
    return (now - DELAY_SECONDS) // SLOT_SECONDS * SLOT_SECONDS


def as_of(reader: ReaderApi) -> int:
    """The watermark of a cluster, 0 before its first rollup."""
    (cluster,) = reader.get("/clusters")["clusters"]
    return int(datetime.fromisoformat(cluster["as_of"] or "1970-01-01T00:00Z").timestamp())


def rolled_up(cloud: Cloud, deployment: Deployment, cluster_id: str, until: float) -> int:
    """Roll up until the watermark has reached a time, and return the watermark."""
    reader = ReaderApi(deployment, make_token(store_of(cloud, deployment), "read", cluster_id), cluster_id)
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        roll_up(cloud, deployment)
        for _ in range(_LOOKS):
            if (reached := as_of(reader)) >= until:
                return reached
            time.sleep(0.2)
    raise AssertionError(f"rolled up until {reached} only, not until {until}")
