"""Simulates a cluster's Traefik pods, the snapshots that agents take of them, and the counts that must result.

The truth uses none of `slo`'s arithmetic: for each process, it is what the latest delivered scrape showed, less what
the process had when we began to watch. A seed determines everything.
"""

import random
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace

import msgspec
from integration.use_cases import BOUNDS, process, route, row, snapshot
from unit.slo.clocks import NodeClocks

from slo.traefik.snapshots import IngressRouteInfo, ProcessMetrics, Snapshot

MINUTE = 60.0
Counters = dict[str, Counter[str]]
"""Requests by router and status code."""

_RESTART_AFTER_SECONDS = 5.0
"""Between a scrape and the death of its process, and between that and the next start: more than the tolerance."""
_FASTEST_SLEW = 0.0005
"""What NTP does at most."""
_CALM_MINUTES = 3
"""Nothing happens during the first snapshots, because counts from before them are a baseline."""


@dataclass(frozen=True)
class Weather:
    """The probabilities of faults, and their limits."""

    lost: float = 0.03
    late: float = 0.06
    twice: float = 0.1
    restarts: float = 0.02
    """For each pod, between two scrapes; then for its successor, and so on."""
    outages: float = 0.004
    """For an agent, before each of its runs."""
    steps: float = 0.02
    """Of a node's clocks, between two scrapes: a step of up to two hours, a step back to the true time, a drift, or a
    suspension."""
    unreachable: tuple[int, int] = (0, 0)
    """The first minute in which every push fails, and the first one after."""
    longest_late_seconds: float = 7200.0
    longest_outage_minutes: int = 25


@dataclass(frozen=True)
class Arrival:
    """A push that reaches the API."""

    at: float
    """True Unix seconds."""
    snapshot: Snapshot
    skew_seconds: float
    """How far the agent's clock is ahead."""

    def sent(self, now: float) -> Snapshot:
        """The snapshot that an attempt at this true time sends."""
        return msgspec.structs.replace(self.snapshot, sent_at=now + self.skew_seconds)


@dataclass
class _Process:
    pod: str
    started: float
    clocks: NodeClocks
    """Those of its node, which the pod's next process has as well."""
    ticks: float
    """Its start, in seconds since its node booted."""
    counters: Counters = field(default_factory=lambda: defaultdict(Counter))
    baseline: Counters = field(default_factory=dict)
    shown: Counters = field(default_factory=dict)
    """What the latest delivered scrape showed."""
    shown_at: float = 0.0
    last_scrape: float = 0.0


class Fleet:
    """One cluster's pods and agents during `minutes` minutes."""

    def __init__(
        self,
        cluster_id: str,
        seed: int,
        *,
        start: float,
        minutes: int,
        agents: int = 2,
        pods: int = 2,
        weather: Weather | None = None,
    ) -> None:
        self.cluster_id = cluster_id
        self._chance = random.Random(seed)
        self._weather = weather or Weather()
        self._start = start
        self._routes = _routes(cluster_id)
        self._names = [info.router_keys[0] for info in self._routes]
        self._processes = [self._first(number) for number in range(pods)]
        self._all = list(self._processes)
        self._skews = [self._chance.uniform(-90, 90) for _ in range(agents)]
        self._silent_until = [0] * agents
        self.disturbed = Counter[str]()
        """What happened to clocks and processes."""
        self.failed: list[Arrival] = []
        """Pushes that agents try in vain."""
        self.arrivals = sorted(self._pushes(minutes), key=lambda arrival: arrival.at)
        """Every delivery of a push, by time. A push may be delivered twice."""

    @property
    def truth(self) -> dict[str, Counter[str]]:
        """The counts that must result once everything has arrived: codes by router, for routers with requests."""
        total: Counters = defaultdict(Counter)
        for each in self._all:
            for name, codes in each.shown.items():
                total[name] += codes - each.baseline.get(name, Counter())
        return {name: codes for name, codes in total.items() if codes.total()}

    def _first(self, number: int) -> _Process:
        """A process that started long before the first snapshot."""
        age = self._chance.uniform(600, 90_000)
        clocks = NodeClocks(self._start - age, ahead=self._chance.uniform(-3600, 3600))
        first = _Process(f"traefik/{number}", self._start - age, clocks, clocks.ticks())
        for name in self._names[:-1]:
            first.counters[name] = Counter({"200": self._chance.randint(0, 500), "502": self._chance.randint(0, 5)})
        first.baseline = _copy(first.counters)
        return first

    def _pushes(self, minutes: int) -> list[Arrival]:
        pushes: list[Arrival] = []
        for minute in range(minutes):
            for agent, skew in enumerate(self._skews):
                at = self._start + minute * MINUTE + agent * MINUTE / len(self._skews) + self._chance.uniform(0, 5)
                calm = minute < _CALM_MINUTES
                self._live(at, calm=calm)
                pushes += self._delivered(at, agent, skew, minute, calm=calm)
        return pushes

    def _live(self, until: float, *, calm: bool) -> None:
        """Serve requests. Sometimes kill a process and start another in its pod."""
        if calm:
            return
        for index, current in enumerate(self._processes):
            self._serve(current)
            if not self._disturb(current.clocks, until):
                self._processes[index] = self._restarted(current, until)

    def _restarted(self, current: _Process, until: float) -> _Process:
        """The process that serves in a pod now. It may have been killed, and its successor as well."""
        died = current.last_scrape
        while died and until - died > 3 * _RESTART_AFTER_SECONDS and self._happens(self._weather.restarts):
            self.disturbed["restart" if died == current.last_scrape else "restart before a scrape"] += 1
            current = self._after(current, died + 2 * _RESTART_AFTER_SECONDS)
            died = current.started
        return current

    def _after(self, killed: _Process, started: float) -> _Process:
        """The pod's next process. It starts in other hundredths of a second, as 99 of 100 do."""
        used = {_hundredths(each.ticks) for each in self._all if each.pod == killed.pod}
        killed.clocks.run_until(started)
        while _hundredths(killed.clocks.ticks()) in used:
            started += 0.01
            killed.clocks.run_until(started)
        after = _Process(killed.pod, started, killed.clocks, killed.clocks.ticks())
        self._all.append(after)
        self._serve(after)
        return after

    def _disturb(self, clocks: NodeClocks, until: float) -> bool:
        """Returns whether the node was suspended: then nothing else happens on it until this time."""
        if not self._happens(self._weather.steps):
            return False
        kind = self._chance.choice(("step", "step", "mending", "drift", "suspension"))
        self.disturbed[kind] += 1
        if kind == "step":
            clocks.step(self._chance.uniform(-7200, 7200))
        elif kind == "mending":
            clocks.mend()
        elif kind == "drift":
            clocks.slew(self._chance.choice((-_FASTEST_SLEW, 0.0, _FASTEST_SLEW)))
        else:
            clocks.suspend_until(until)
        return kind == "suspension"

    def _serve(self, current: _Process) -> None:
        for name in self._names:
            if self._happens(0.7):
                current.counters[name]["200"] += self._chance.randint(0, 40)
            if self._happens(0.1):
                current.counters[name][self._chance.choice(["500", "503", "404"])] += self._chance.randint(1, 3)

    def _delivered(self, at: float, agent: int, skew: float, minute: int, *, calm: bool) -> list[Arrival]:
        """Take an agent's scrape now and return its deliveries: none, one or two."""
        weather = self._weather
        if not calm and self._happens(weather.outages):
            self._silent_until[agent] = minute + self._chance.randint(1, weather.longest_outage_minutes)
        scraped = [self._scrape(current, at) for current in self._processes]
        if not calm and (minute < self._silent_until[agent] or self._happens(weather.lost)):
            return []
        taken = snapshot(at + skew, scraped, self._routes, cluster_id=self.cluster_id)
        first = Arrival(at + self._delay(calm=calm), taken, skew)
        if minute in range(*weather.unreachable):
            self.failed.append(replace(first, at=at))
            return []
        for current in self._processes:
            current.shown, current.shown_at = _copy(current.counters), at
        again = [replace(first, at=at + self._delay(calm=False))] if self._happens(weather.twice) else []
        return [first, *again]

    def _delay(self, *, calm: bool) -> float:
        if not calm and self._happens(self._weather.late):
            return self._chance.uniform(MINUTE, self._weather.longest_late_seconds)
        return self._chance.uniform(0.1, 20)

    def _scrape(self, current: _Process, at: float) -> ProcessMetrics:
        """Scrape as an agent does, by the clocks of the pod's node."""
        current.last_scrape = at
        current.clocks.run_until(at)
        rows = [
            row(
                name,
                codes["200"] + codes["404"],
                0,
                codes=dict(codes),
                methods={"GET": codes.total()},
                buckets=(codes["200"], *[codes.total()] * len(BOUNDS)),
            )
            for name, codes in current.counters.items()
            if codes.total()
        ]
        start = current.clocks.start_time(current.ticks)
        return msgspec.structs.replace(
            process(rows, current.clocks.date(), start, current.pod),
            measured_by="router",
            mallocs=(at - current.started) * 1000,
            cpu_seconds=(at - current.started) / 100,
        )

    def _happens(self, share: float) -> bool:
        return self._chance.random() < share


def _hundredths(ticks: float) -> int:
    return round(ticks * 100) % 100


def _routes(cluster_id: str) -> tuple[IngressRouteInfo, ...]:
    domain = f"{cluster_id}.example.com"
    return (route(domain), route(domain, "/api"), route(f"www.{domain}"), route(domain, "/new"))


def _copy(counters: Counters) -> Counters:
    return {name: Counter(codes) for name, codes in counters.items()}
