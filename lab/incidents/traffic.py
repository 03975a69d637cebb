"""The traffic of a planned cluster: its snapshots, and what was truly served. A seed determines everything."""

import hashlib
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from math import ceil
from random import Random

from lab.incidents.plan import ClusterPlan, Domain, Fault
from slo.times import DAY_SECONDS, HOUR_SECONDS, MINUTE_SECONDS, ceil_to
from slo.traefik.snapshots import (
    Certificate,
    IngressMetrics,
    IngressRouteInfo,
    ProcessMetrics,
    SeriesRow,
    Snapshot,
    UnreachablePod,
)

BOUNDS = (0.1, 0.3, 1.2, 5.0)
_TRIALS = 1000
"""A Poisson number is drawn as a binomial one of so many trials."""
_VALID_DAYS = 90
_TOLD_DAYS = 30
"""Agents tell of certificates so long before they expire."""


@dataclass
class _Counters:
    """One series of one process."""

    ok: int = 0
    failed: int = 0
    slow: int = 0

    def row(self, router: str) -> SeriesRow:
        requests = self.ok + self.failed
        fast = requests - self.slow
        codes = {"200": self.ok, "503": self.failed} if self.failed else {"200": self.ok}
        return SeriesRow(
            router=router,
            service=router,
            codes=codes,
            methods={"GET": requests},
            buckets=(fast, fast, requests, requests, requests),
            duration_seconds_sum=round(0.05 * fast + 0.8 * self.slow, 6),
        )


@dataclass
class Truth:
    """What a route had served in all at each of its cluster's scrapes."""

    requests: array = field(default_factory=lambda: array("q"))  # type: ignore[type-arg]
    errors: array = field(default_factory=lambda: array("q"))  # type: ignore[type-arg]
    slow: array = field(default_factory=lambda: array("q"))  # type: ignore[type-arg]


class _Route:
    """One path of a domain."""

    def __init__(self, domain: Domain, path: str) -> None:
        self.domain, self.path = domain, path
        self.truth = Truth()
        self.served = [0, 0, 0]
        self._owed: dict[Fault, float] = {}
        self.version = 1
        self.router = ""
        self.infos: tuple[IngressRouteInfo, ...] = ()
        self.deploy()

    def deploy(self) -> None:
        """Its rule is written differently: another router and another Service."""
        match = f"Host(`{self.domain.name}`) && PathPrefix(`{self.path}`) # {self.version}"
        name = self.domain.name.partition(".")[0]
        self.router = f"web-{name}-{hashlib.sha256(match.encode()).hexdigest()[:20]}@kubernetescrd"
        self.infos = (
            IngressRouteInfo(
                name=name,
                namespace="web",
                domain=self.domain.name,
                path_prefix=self.path,
                service_key=self.router,
                service_name=f"{name}-v{self.version}",
                service_port=80,
                tls=True,
                router_keys=(self.router,),
                service_keys=(self.router,),
            ),
        )
        self.version += 1

    def serve(self, start: float, end: float, chance: Random) -> tuple[int, int, int]:
        """What it serves in an interval: good ones, failed ones, and how many of all are slow."""
        ok = failed = slow = 0
        for begin, finish, fault in self._parts(start, end):
            requests = _poisson(self._rate(begin) * (finish - begin) / MINUTE_SECONDS, chance)
            if fault is None or fault.effect == "none":
                requests = 0 if fault or self.domain.rests else requests
                bad = chance.binomialvariate(requests, self.domain.natural) if requests and self.domain.natural else 0
            else:
                bad = self._hit(fault, requests)
            if fault is not None and fault.effect == "slow":
                slow, bad = slow + bad, 0
            ok, failed = ok + requests - bad, failed + bad
        self.served[0] += ok + failed
        self.served[1] += failed
        self.served[2] += slow
        return ok, failed, slow

    def _hit(self, fault: Fault, requests: int) -> int:
        """How many a fault hits: never fewer than its share of all so far."""
        owed = round(self._owed.get(fault, 0.0) + requests * fault.share, 6)
        hit = min(requests, max(0, ceil(owed)))
        self._owed[fault] = owed - hit
        return hit

    def _parts(self, start: float, end: float) -> Iterator[tuple[float, float, Fault | None]]:
        mine = [
            each
            for each in self.domain.faults
            if each.path in ("", self.path) and each.begins < end and each.ends > start
        ]
        for fault in mine:
            if fault.begins > start:
                yield start, fault.begins, None
            yield max(start, fault.begins), min(end, fault.ends), fault
            start = min(end, fault.ends)
        if start < end:
            yield start, end, None

    def _rate(self, at: float) -> float:
        night = self.domain.night
        if night is not None:
            hour = at % DAY_SECONDS // HOUR_SECONDS
            if hour >= night[0] or hour < night[1]:
                return 0.0
        return self.domain.per_minute


def _poisson(mean: float, chance: Random) -> int:
    return chance.binomialvariate(_TRIALS, min(1.0, mean / _TRIALS)) if mean > 0 else 0


class _Process:
    """One Traefik process."""

    def __init__(self, pod: str, started: float, chance: Random) -> None:
        self.pod = pod
        self.started = round(started - started % 1 + chance.randrange(100) / 100, 2)
        self.counters: dict[str, _Counters] = {}

    def count(self, router: str, served: tuple[int, int, int]) -> None:
        if served[0] + served[1]:
            own = self.counters.setdefault(router, _Counters())
            own.ok += served[0]
            own.failed += served[1]
            own.slow += served[2]

    def metrics(self, at: float, routers: Iterable[str]) -> ProcessMetrics:
        return ProcessMetrics(
            pod=self.pod,
            date=float(int(at)),
            process_start_time_seconds=self.started,
            mallocs=round((at - self.started) * 1000),
            cpu_seconds=round((at - self.started) / 100, 2),
            measured_by="router",
            bounds=BOUNDS,
            rows=tuple(self.counters[router].row(router) for router in routers if router in self.counters),
        )


class Cluster:
    """A planned cluster that is watched from `start` on (Unix seconds)."""

    def __init__(self, plan: ClusterPlan, start: float, seed: int) -> None:
        self.plan, self._start = plan, start
        self._chance = Random(f"{seed} {plan.cluster_id}")
        self._routes = [_Route(domain, path) for domain in plan.domains for path in domain.paths]
        self._processes = [
            _Process(pod, start - 40_000.0 - number, self._chance) for number, pod in enumerate(plan.pods)
        ]
        self._infos: tuple[IngressRouteInfo, ...] = ()
        self._at = 0.0
        self.taken: list[float] = []
        """When each scrape was taken, Unix seconds."""
        self.restarts = self.deployments = 0

    def truth(self, domain: str, path: str = "") -> list[Truth]:
        """Of the routes of a domain, or of one of them."""
        return [each.truth for each in self._routes if each.domain.name == domain and path in ("", each.path)]

    def served_between(self, domain: str, path: str, first: int, last: int) -> tuple[int, int, int]:
        """Requests, errors and slow requests after the scrape with one number and up to that with another."""
        parts = self.truth(domain, path)
        requests, errors, slow = (
            sum(counted[last] - (counted[first] if first >= 0 else 0) for counted in column)
            for column in (
                [each.requests for each in parts],
                [each.errors for each in parts],
                [each.slow for each in parts],
            )
        )
        return requests, errors, slow

    def scrape_until(self, time: float) -> int:
        """The number of the last scrape up to a time; -1 if there is none. Fractions of a second count up."""
        return bisect_right(self.taken, time, key=lambda taken: ceil_to(taken, 1)) - 1

    def snapshot(self, number: int) -> Snapshot | None:
        """Serve until the next scrape and take it; None if the agent is silent."""
        plan = self.plan
        after = number * MINUTE_SECONDS + plan.offset + self._chance.random() * 3
        self._live(after)
        silent = [each for each in plan.silences if each.begins <= after < each.ends]
        at = round(self._start + after, 3)
        self._remember(at)
        if any(not each.pod for each in silent):
            return None
        missing = {each.pod for each in silent}
        routers = [route.router for route in self._routes]
        return Snapshot(
            cluster_id=plan.cluster_id,
            snapshot_id=f"{plan.cluster_id}-{number}",
            taken_at=at,
            sent_at=at,
            scope="rehearsal",
            ingress_routes=self._infos,
            ingress_metrics=IngressMetrics(
                processes=tuple(each.metrics(at, routers) for each in self._processes if each.pod not in missing),
                unreachable=tuple(UnreachablePod(pod=pod, error="timed out") for pod in sorted(missing)),
            ),
            certificates=tuple(self._certificates(after)),
        )

    def _live(self, after: float) -> None:
        """Processes restart and routes are deployed right after a scrape, so nothing is served that nobody sees."""
        if self._at:
            self._restart(after)
            self._deploy(after)
        if not self._infos:
            self._infos = tuple(info for route in self._routes for info in route.infos)
        for route in self._routes:
            served = route.serve(self._at, after, self._chance)
            for process, part in zip(self._processes, self._shared(served), strict=True):
                process.count(route.router, part)
        self._at = after

    def _shared(self, served: tuple[int, int, int]) -> list[tuple[int, int, int]]:
        """Each process serves its part."""
        count = len(self._processes)
        if count == 1:
            return [served]
        ok, failed, slow = served
        most = (ok // count, failed // count, slow // count)
        rest = (ok - (count - 1) * most[0], failed - (count - 1) * most[1], slow - (count - 1) * most[2])
        return [rest, *[most] * (count - 1)]

    def _restart(self, after: float) -> None:
        for index, process in enumerate(self._processes):
            if any(each.begins - 600 <= self._at < each.ends + 600 for each in self.plan.silences):
                continue
            if self._chance.random() < (after - self._at) / self.plan.restarts_every:
                self._processes[index] = _Process(process.pod, self._start + self._at + 5, self._chance)
                self.restarts += 1

    def _deploy(self, after: float) -> None:
        for route in self._routes:
            every = route.domain.deployed_every
            if every and self._at // every != after // every:
                route.deploy()
                self._infos = ()
                self.deployments += 1

    def _certificates(self, after: float) -> Iterator[Certificate]:
        for each in self.plan.certificates:
            expires = each.expires if after < each.renewed else each.expires + _VALID_DAYS * DAY_SECONDS
            if expires - after <= _TOLD_DAYS * DAY_SECONDS:
                yield Certificate(
                    not_after=self._start + expires, common_name=each.name, alternative_names=(each.name,)
                )

    def _remember(self, at: float) -> None:
        self.taken.append(at)
        for route in self._routes:
            requests, errors, slow = route.served
            route.truth.requests.append(requests)
            route.truth.errors.append(errors)
            route.truth.slow.append(slow)
