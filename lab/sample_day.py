"""A made-up day of a site, for pictures: more traffic by day than by night, a checkout that failed for an hour, and a
search that became slow. No Traefik runs; the snapshots are computed.
"""

import math
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from slo.traefik.snapshots import IngressMetrics, IngressRouteInfo, ProcessMetrics, SeriesRow, Snapshot

STEP_SECONDS = 300
_DAY_SECONDS = 86_400
_BOUNDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
_POD = "traefik/traefik-7d9c5b6f4-4kq2x"


@dataclass
class SampleRule:
    """One rule and its counters. `fails` and `slows` are (start, end) in hours before the end of the day."""

    domain: str
    prefix: str
    requests_per_second: float
    median_seconds: float
    error_share: float = 0.0002
    method: str = "GET"
    fails: tuple[float, float] = (0, 0)
    slows: tuple[float, float] = (0, 0)
    codes: Counter[str] = field(default_factory=Counter)
    buckets: list[int] = field(default_factory=lambda: [0] * (len(_BOUNDS) + 1))
    seconds: float = 0.0

    @property
    def router(self) -> str:
        """The name that Traefik would give the router."""
        name = f"{self.domain}{self.prefix}".replace(".", "-").replace("/", "-").strip("-")
        return f"web-{name}@kubernetescrd"

    def info(self) -> IngressRouteInfo:
        """The rule as the agent would report it."""
        return IngressRouteInfo(
            name=self.domain.partition(".")[0],
            namespace="web",
            domain=self.domain,
            path_prefix=self.prefix,
            service_key=self.router,
            service_name=self.prefix.strip("/") or "frontend",
            service_port=80,
            tls=True,
            router_keys=(self.router,),
            service_keys=(self.router,),
        )

    def serve(self, hours_ago: float, chance: random.Random) -> None:
        """Count the requests of one step."""
        load = 0.55 + 0.45 * math.sin((hours_ago + 4) / 24 * 2 * math.pi)
        for _ in range(round(self.requests_per_second * STEP_SECONDS * load * chance.uniform(0.9, 1.1))):
            is_failing = self.fails[1] < hours_ago < self.fails[0]
            share = 0.18 if is_failing else self.error_share
            self.codes["503" if chance.random() < share else "404" if chance.random() < 0.004 else "200"] += 1
            slower = 4 if self.slows[1] < hours_ago < self.slows[0] else 1
            seconds = self.median_seconds * slower * chance.lognormvariate(0, 0.5)
            self.seconds += seconds
            for index, bound in enumerate((*_BOUNDS, math.inf)):
                self.buckets[index] += seconds <= bound

    def row(self) -> SeriesRow:
        """The counters as `/metrics` would show them now."""
        return SeriesRow(
            router=self.router,
            service=self.router,
            codes=dict(self.codes),
            methods={self.method: self.codes.total()},
            buckets=tuple(self.buckets),
            duration_seconds_sum=self.seconds,
        )


def site() -> list[SampleRule]:
    """Four domains and nine paths."""
    return [
        SampleRule("shop.example.com", "/", 1.6, 0.06),
        SampleRule("shop.example.com", "/api", 1.1, 0.09),
        SampleRule("shop.example.com", "/checkout", 0.4, 0.12, method="POST", fails=(6.5, 5.2)),
        SampleRule("shop.example.com", "/search", 0.6, 0.11, slows=(3.0, 0)),
        SampleRule("blog.example.com", "/", 0.5, 0.04),
        SampleRule("blog.example.com", "/feed", 0.2, 0.03),
        SampleRule("accounts.example.com", "/", 0.4, 0.05),
        SampleRule("accounts.example.com", "/login", 0.3, 0.16, method="POST", error_share=0.002),
        SampleRule("docs.example.com", "/", 0.7, 0.03),
    ]


def snapshots(cluster_id: str, ends_at: float) -> Iterator[Snapshot]:
    """The snapshots of one day, one for each step, oldest first."""
    chance, rules = random.Random(7), site()
    steps = _DAY_SECONDS // STEP_SECONDS
    for step in range(steps + 1):
        taken_at = ends_at - (steps - step) * STEP_SECONDS
        if step:
            for rule in rules:
                rule.serve((ends_at - taken_at) / 3600, chance)
        process = ProcessMetrics(
            pod=_POD,
            date=taken_at,
            process_start_time_seconds=ends_at - 2 * _DAY_SECONDS,
            mallocs=float(step + 1),
            measured_by="router",
            bounds=_BOUNDS,
            rows=tuple(rule.row() for rule in rules if step),
        )
        yield Snapshot(
            cluster_id=cluster_id,
            snapshot_id=f"sample-{step}",
            taken_at=taken_at,
            sent_at=taken_at,
            scope="sample",
            ingress_routes=tuple(rule.info() for rule in rules),
            ingress_metrics=IngressMetrics(processes=(process,)),
        )
