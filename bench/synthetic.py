"""Synthetic clusters of any size, with the metrics that a real Traefik would export.

Each domain has four paths. Traffic is spread as on real sites: few paths have most of it (log-normal), most answers are
200 to a GET, and paths have also seen other codes and methods. In each minute, a share of the paths (`active_share`)
serves requests. Traefik's counters keep what a path once served, whether it is active or not.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from ingress_slo_agent.routes import routes_from
from lab.cluster.builders import ingress_route, route
from lab.cluster.objects import Object
from lab.traefik.families import ENTRY_POINTS, Family, Histogram, of_process, requests
from slo.traefik.snapshots import IngressMetrics, ProcessMetrics, SeriesRow, Snapshot

BOUNDS = ("0.1", "0.3", "1.2", "5")
"""Traefik's own default."""
PATHS = ("/", "/api", "/assets", "/admin")
MINUTE_SECONDS = 60
_TEAMS = ("atlas", "billing", "catalog", "identity", "media", "search", "shipping", "support")
_MEDIAN_REQUESTS_PER_MINUTE = 20.0
_SPREAD = 1.4
"""Sigma of the log-normal distribution of requests over paths."""
_ANSWERS = (("200", "GET", 1.0), ("200", "POST", 0.25), ("304", "GET", 0.35), ("404", "GET", 0.55), ("503", "GET", 0.3))
"""Code, method, and the share of paths that have ever given this answer."""
_SHARE_OF_OTHERS = 0.02
"""Requests of each further kind of answer, relative to the path's first kind."""


@dataclass
class SyntheticSeries:
    """One label set of one path: a counter and its histogram."""

    router: str
    code: str
    method: str
    requests_per_minute: float
    shares: tuple[float, ...]
    """The share of its requests within each bound."""
    requests: int = 0
    buckets: list[int] = field(default_factory=lambda: [0] * len(BOUNDS))
    seconds: float = 0.0
    created: float = 0.0
    """When Traefik counted its first request, Unix seconds."""

    def serve(self, requests: int, seconds_each: float) -> None:
        """Count requests."""
        self.requests += requests
        for index, share in enumerate(self.shares):
            self.buckets[index] += round(requests * share)
        self.seconds += requests * seconds_each

    def observed(self, kind: str) -> tuple[dict[str, str], Histogram, float]:
        """Its labels, durations and creation, as Traefik counts them. `kind` is router or service."""
        labels = {"code": self.code, "method": self.method, "protocol": "http", "service": self.router}
        if kind == "router":
            labels["router"] = self.router
        buckets = dict(zip(map(float, BOUNDS), self.buckets, strict=True))
        return labels, Histogram(buckets, self.requests, self.seconds), self.created


class SyntheticProcess:
    """One Traefik process that has run for a while."""

    def __init__(self, pod: str, routers: list[str], started_at: float, active_share: float, seed: int) -> None:
        self.pod = pod
        self.started_at = started_at
        self._now = started_at
        self._active_share = active_share
        self._random = Random(seed)
        self.series = [series for router in routers for series in self._of(router)]

    def _of(self, router: str) -> Iterator[SyntheticSeries]:
        rate = _MEDIAN_REQUESTS_PER_MINUTE * self._random.lognormvariate(0, _SPREAD)
        for number, (code, method, share) in enumerate(_ANSWERS):
            if self._random.random() < share:
                fast = self._random.uniform(0.6, 0.99)
                shares = (fast, fast + (1 - fast) * 0.7, fast + (1 - fast) * 0.95, 1.0)
                per_minute = rate * (_SHARE_OF_OTHERS if number else 1)
                created = self.started_at + MINUTE_SECONDS * fast
                yield SyntheticSeries(router, code, method, per_minute, shares, created=created)

    def run_until(self, now: float) -> None:
        """Serve up to this time, Unix seconds."""
        minutes = (now - self._now) / MINUTE_SECONDS
        self._now = now
        active: dict[str, bool] = {}
        for series in self.series:
            if active.setdefault(series.router, minutes > 1 or self._random.random() < self._active_share):
                mean = series.requests_per_minute * minutes
                count = round(mean * self._random.uniform(0.8, 1.2) + self._random.random())
                series.serve(count, self._random.uniform(0.02, 0.2))

    @property
    def _mallocs(self) -> float:
        return round((self._now - self.started_at) * 5000)

    @property
    def _cpu_seconds(self) -> float:
        return round((self._now - self.started_at) * 0.05, 2)

    def families(self) -> list[Family]:
        """Its metrics: router and service series, and those of the process."""
        found = of_process(self.started_at, mallocs=self._mallocs, cpu_seconds=self._cpu_seconds)
        for kind in ("router", "service"):
            found += requests(kind, (one.observed(kind) for one in self.series))
        return found

    def metrics(self) -> ProcessMetrics:
        """The result of parsing `families`, computed faster than by writing and parsing them."""
        by_router: dict[str, list[SyntheticSeries]] = {}
        for series in self.series:
            by_router.setdefault(series.router, []).append(series)
        return ProcessMetrics(
            pod=self.pod,
            date=self._now,
            process_start_time_seconds=self.started_at,
            mallocs=self._mallocs,
            cpu_seconds=self._cpu_seconds,
            entry_points=ENTRY_POINTS,
            measured_by="router",
            bounds=tuple(map(float, BOUNDS)),
            rows=tuple(_row(router, each) for router, each in by_router.items()),
        )


def _row(router: str, series: list[SyntheticSeries]) -> SeriesRow:
    codes: Counter[str] = Counter()
    methods: Counter[str] = Counter()
    for one in series:
        codes[one.code] += one.requests
        methods[one.method] += one.requests
    columns = zip(*((*one.buckets, one.requests) for one in series), strict=True)
    return SeriesRow(
        router=router,
        service=router,
        codes=dict(codes),
        methods=dict(methods),
        buckets=tuple(map(sum, columns)),
        duration_seconds_sum=sum(one.seconds for one in series),
        created=min(one.created for one in series),
    )


class SyntheticCluster:
    """A cluster with `routes` rules of one route each, behind `pods` Traefik pods, at time `now`."""

    def __init__(
        self, routes: int, *, now: float, pods: int = 1, active_share: float = 1.0, age_seconds: float = 30 * 86_400
    ) -> None:
        self.cluster_id = f"bench-{routes}-{pods}-{round(active_share * 100)}"
        self.routes = routes_from(objects(routes)).infos
        routers = [info.router_keys[0] for info in self.routes]
        self.processes = [
            SyntheticProcess(f"traefik/traefik-{number:02d}", routers, now - age_seconds, active_share, seed=number)
            for number in range(pods)
        ]
        self.run_until(now)

    def run_until(self, now: float) -> None:
        """Serve up to this time."""
        self.now = now
        for process in self.processes:
            process.run_until(now)

    def snapshot(self) -> Snapshot:
        """The snapshot that the agent pushes at this time."""
        return Snapshot(
            cluster_id=self.cluster_id,
            snapshot_id=f"{self.now:.0f}",
            agent_version="bench",
            taken_at=self.now,
            sent_at=self.now,
            scope="bench",
            ingress_routes=self.routes,
            ingress_metrics=IngressMetrics(processes=tuple(process.metrics() for process in self.processes)),
        )

    @property
    def series(self) -> list[SyntheticSeries]:
        """The label sets of all processes."""
        return [series for process in self.processes for series in process.series]


def objects(count: int) -> list[Object]:
    """The IngressRoutes for `count` routes, one for each domain."""
    found = []
    for number, start in enumerate(range(0, count, len(PATHS))):
        team = _TEAMS[number % len(_TEAMS)]
        domain = f"{team}-{number}.example.com"
        rules = [
            route(f"Host(`{domain}`)" + (f" && PathPrefix(`{path}`)" if path != "/" else ""), f"{team}-{number}")
            for path in PATHS[: count - start]
        ]
        found.append(ingress_route(team, f"site-{number}", *rules))
    return found
