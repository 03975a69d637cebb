"""What goes wrong in a rehearsal, and by when it has to be told."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import inf
from typing import Literal

from slo.incidents.incident import Kind
from slo.objectives.burn_rates import Severity, pairs_of
from slo.objectives.targets import LatencyObjective
from slo.times import DAY_SECONDS, HOUR_SECONDS, MINUTE_SECONDS, TimeRange, days

Effect = Literal["errors", "slow", "none"]
"""What a share of the requests of a fault are. `none`: there are no requests."""

PROMPT_SECONDS = 150.0
"""From the moment at which something is to be told to the receiver: two pushes, and the way."""
SLOT_SECONDS = 300.0
"""Windows longer than a few minutes begin where a ledger was booked."""
_CHANCE = 1.1
"""Traffic is random: a window may have a tenth more requests before a fault than the average."""
QUIET_SECONDS = 20 * MINUTE_SECONDS
"""Twice as long as a busy domain can have been quiet without being seen to be, in steps of five minutes."""
CERTIFICATE_SECONDS = 300.0
"""A function reads the list of certificates again after so long."""
LOW_TRAFFIC_REQUESTS = 10
TRICKLE_REQUESTS = 20


@dataclass(frozen=True)
class Goal:
    """A domain's target. Without one, the default of 95 % in 30 days holds."""

    availability: float
    time_range: TimeRange = "30d"
    latency_objective: LatencyObjective | None = None
    minimum_requests: int = 100


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong with a domain's traffic. Times are seconds since the start of the rehearsal."""

    begins: float
    ends: float
    share: float
    """Ratio of the requests."""
    effect: Effect = "errors"
    path: str = ""
    """The only route that it hits; empty for all."""


@dataclass(frozen=True)
class Expected:
    """One incident that must be told."""

    row: str
    """Of the table of results."""
    kind: Kind
    severity: Severity
    cluster_id: str
    begins: float
    ends: float
    within: float
    """Seconds, after `begins` or after its requests (`after_requests`)."""
    domain: str = ""
    path: str = ""
    pod: str = ""
    certificate: str = ""
    after_requests: int = 0
    """If it must be told only once so many requests were seen in it: their number."""
    escalations: int = 0


@dataclass(frozen=True)
class Domain:
    """A domain and its traffic."""

    name: str
    per_minute: float
    """Requests of each route."""
    paths: tuple[str, ...] = ("/",)
    natural: float = 0.0
    """Ratio of requests that fail on a good day."""
    night: tuple[int, int] | None = None
    """Hours of the day without traffic."""
    goal: Goal | None = None
    faults: tuple[Fault, ...] = ()
    deployed_every: float = 0.0
    """Seconds between changes of its routes; 0 for none."""
    rests: bool = False
    """Whether it has requests only while something is wrong."""


@dataclass
class Silence:
    """A time in which an agent does not push, or a pod does not answer."""

    begins: float
    ends: float
    pod: str = ""


@dataclass(frozen=True)
class PlannedCertificate:
    """A certificate with the domain that it serves. It is renewed some seconds before it would expire."""

    name: str
    expires: float
    renewed: float


@dataclass
class ClusterPlan:
    """One cluster."""

    cluster_id: str
    seconds: float
    """How long it is watched. Then its agent is gone, if other clusters go on."""
    pods: tuple[str, ...] = ("traefik/a",)
    offset: float = 0.0
    """Seconds after the minute at which its agent runs."""
    domains: list[Domain] = field(default_factory=list)
    silences: list[Silence] = field(default_factory=list)
    certificates: list[PlannedCertificate] = field(default_factory=list)
    restarts_every: float = 2 * DAY_SECONDS
    """Mean time between two restarts of a Traefik process."""


@dataclass
class Plan:
    """A whole rehearsal."""

    clusters: list[ClusterPlan]
    expected: list[Expected]
    quiet: frozenset[str]
    """Domains of which nothing may be told."""
    page_reminder_seconds: int = 4 * HOUR_SECONDS


class _Builder:
    """Adds domains with faults, and what is expected of them, to a cluster."""

    def __init__(self, cluster: ClusterPlan) -> None:
        self.cluster = cluster
        self.expected: list[Expected] = []

    def expect(
        self, row: str, kind: Kind, severity: Severity, begins: float, ends: float, within: float, **more: object
    ) -> None:
        values: dict[str, object] = {"row": row, "kind": kind, "severity": severity, "begins": begins, "ends": ends}
        values |= {"cluster_id": self.cluster.cluster_id, "within": within}
        self.expected.append(Expected(**{**values, **more}))  # type: ignore[arg-type]

    def outages(
        self, name: str, starts: list[float], per_minute: float = 60.0, seconds: float = 20 * MINUTE_SECONDS
    ) -> None:
        """In turn total and half, of the domain and of one of its routes."""
        faults = []
        for number, begins in enumerate(starts):
            share, path = (1.0, 0.55)[number % 2], ("", "/api")[number // 2 % 2]
            faults.append(Fault(begins, begins + seconds, share, path=path))
            row = f"outage, {'all' if share == 1 else 'half'} of a {'route' if path else 'domain'}"
            self.expect(row, "outage", "page", begins, begins + seconds, PROMPT_SECONDS, domain=name, path=path)
        self.cluster.domains.append(Domain(name, per_minute, ("/", "/api"), faults=tuple(faults)))

    def slow_outages(self, name: str, starts: list[float], seconds: float = 50 * MINUTE_SECONDS) -> None:
        """Total outages at one request a minute."""
        for begins in starts:
            self.expect(
                "outage, one request a minute",
                "outage",
                "page",
                begins,
                begins + seconds,
                PROMPT_SECONDS,
                domain=name,
                after_requests=LOW_TRAFFIC_REQUESTS,
            )
        faults = tuple(Fault(begins, begins + seconds, 1.0) for begins in starts)
        self.cluster.domains.append(Domain(name, 1.0, faults=faults))

    def burns(self, name: str, row: str, starts: list[float], share: float, goal: Goal) -> None:
        """Errors that burn the budget, or requests that are too slow."""
        objective = goal.latency_objective
        allowed = 1 - (objective.share if objective else goal.availability)
        within, severity = burning_seconds(share / allowed, days(goal.time_range))
        seconds = within + 10 * MINUTE_SECONDS
        kind: Kind = "latency" if objective else "burn"
        for begins in starts:
            self.expect(row, kind, severity, begins, begins + seconds, within, domain=name)
        effect: Effect = "slow" if objective else "errors"
        faults = tuple(Fault(begins, begins + seconds, share, effect) for begins in starts)
        self.cluster.domains.append(Domain(name, 30.0, goal=goal, faults=faults))

    def budgets(self, name: str, starts: list[float], share: float, goal: Goal) -> None:
        """Errors that burn, and use up the whole budget of a period."""
        period, burn = days(goal.time_range) * DAY_SECONDS, share / (1 - goal.availability)
        seconds = period / burn * _CHANCE + 2 * SLOT_SECONDS
        for begins in starts:
            within, severity = burning_seconds(burn, days(goal.time_range))
            self.expect(f"burn, {severity}", "burn", severity, begins, begins + seconds, within, domain=name)
            half = period / 2 / burn * _CHANCE + SLOT_SECONDS + PROMPT_SECONDS
            self.expect(
                "budget: half, nine tenths, all",
                "budget",
                "ticket",
                begins,
                begins + seconds,
                half,
                domain=name,
                escalations=2,
            )
        faults = tuple(Fault(begins, begins + seconds, share) for begins in starts)
        self.cluster.domains.append(Domain(name, 30.0, goal=goal, faults=faults))

    def trickles(
        self, name: str, starts: list[float], per_minute: float, seconds: float, *, goes_on: bool = False
    ) -> None:
        """Few requests, of which six of seven fail. `goes_on`: longer than the cluster is watched."""
        for begins in starts:
            self.expect(
                "trickle",
                "trickle",
                "ticket",
                begins,
                inf if goes_on else begins + seconds,
                SLOT_SECONDS + PROMPT_SECONDS,
                domain=name,
                after_requests=TRICKLE_REQUESTS,
            )
        faults = tuple(Fault(begins, begins + seconds, 6 / 7) for begins in starts)
        goal = Goal(0.95, minimum_requests=100_000)
        self.cluster.domains.append(Domain(name, per_minute, goal=goal, faults=faults, rests=True))

    def silent_domain(self, name: str, starts: list[float], seconds: float = 45 * MINUTE_SECONDS) -> None:
        """A domain without requests for longer than ever in the week before."""
        for begins in starts:
            within = QUIET_SECONDS + SLOT_SECONDS + PROMPT_SECONDS
            self.expect("silent domain", "silent", "page", begins, begins + seconds, within, domain=name)
        faults = tuple(Fault(begins, begins + seconds, 0.0, "none") for begins in starts)
        self.cluster.domains.append(Domain(name, 30.0, faults=faults))

    def certificate(self, name: str, opens: float, renewed: float) -> None:
        """A certificate that has 21 days left at `opens`, and is renewed."""
        expires = opens + 21 * DAY_SECONDS
        escalations = sum(renewed > expires - left * DAY_SECONDS for left in (7, 1))
        self.cluster.certificates.append(PlannedCertificate(name, expires, renewed))
        self.expect(
            "certificate",
            "certificate",
            "page" if escalations == 2 else "ticket",
            opens,
            renewed,
            CERTIFICATE_SECONDS + PROMPT_SECONDS,
            certificate=name,
            escalations=escalations,
        )

    def silent_agent(self, begins: float, seconds: float) -> None:
        """The agent does not push."""
        self.cluster.silences.append(Silence(begins, begins + seconds))
        within = SLOT_SECONDS + SCHEDULE_SECONDS + PROMPT_SECONDS
        self.expect("silent agent", "silent", "page", begins, begins + seconds, within)

    def silent_pod(self, pod: str, begins: float, seconds: float) -> None:
        """A Traefik pod does not answer."""
        self.cluster.silences.append(Silence(begins, begins + seconds, pod))
        within = SLOT_SECONDS + PROMPT_SECONDS
        self.expect("silent pod", "silent", "ticket", begins, begins + seconds, within, pod=pod)


SCHEDULE_SECONDS = 300.0
"""Between two evaluations of what no push shows."""


def burning_seconds(burn: float, period_days: int) -> tuple[float, Severity]:
    """How long something that burns so fast takes to be told, and as what. Before, nothing failed.

    A pair of windows fires when the long one has burned its factor on average: after `factor / burn` of its length. It
    begins where a ledger was booked.
    """
    times = [
        (pair.factor / burn * (pair.long_seconds + SLOT_SECONDS), pair.severity)
        for pair in pairs_of(period_days)
        if burn > pair.factor
    ]
    seconds, severity = min(times)
    return seconds * _CHANCE + PROMPT_SECONDS, severity


def _spaced(first_day: float, every_days: float, count: int) -> list[float]:
    """Times that fall differently into a minute, an hour and a day."""
    return [
        (first_day + every_days * number) * DAY_SECONDS + 7 * number * MINUTE_SECONDS + 11.0 * number
        for number in range(count)
    ]


def _quiet(count: int) -> list[Domain]:
    """Domains at about one request a minute, of which nothing may be told: a tenth of what is allowed fails."""
    goals = (None, Goal(0.99), Goal(0.999))
    natural = (0.005, 0.001, 0.0001)
    return [
        Domain(
            f"quiet-{number:02d}.example.com",
            per_minute=1.0 if number % 2 else 0.5,
            paths=("/", "/api") if number % 2 == 0 else ("/",),
            natural=natural[number % 3],
            goal=goals[number % 3],
            night=(22, 5) if number % 5 == 0 else None,
            deployed_every=(2 + number % 4) * DAY_SECONDS if number % 4 == 0 else 0.0,
        )
        for number in range(count)
    ]


def month() -> Plan:
    """30 quiet domains and many others for 30 days, and a second cluster whose agent and pods fall silent."""
    made = _Builder(ClusterPlan("town", 30 * DAY_SECONDS + HOUR_SECONDS, domains=_quiet(30)))
    _add_outages(made)
    _add_burns(made)
    _add_others(made)
    _add_certificates(made)
    return _plan([made, _harbor(20, 16, gone_after=7 * DAY_SECONDS)])


def _add_outages(made: _Builder) -> None:
    for number in range(6):
        made.outages(f"shop-{number}.example.com", _spaced(0.5 + number / 10, 3.6, 8))
    for number in range(4):
        made.slow_outages(f"small-{number}.example.com", _spaced(1 + number / 5, 4.5, 6))


def _add_burns(made: _Builder) -> None:
    for name, row, first, every, count, share in (
        ("fast", "burn, page within an hour", 1.0, 5.5, 5, 0.3),
        ("slow", "burn, page within hours", 1.5, 6.5, 4, 0.1),
    ):
        for number in range(4):
            starts = _spaced(first + number / 3, every, count)
            made.burns(f"{name}-{number}.example.com", row, starts, share, Goal(0.99))
    for number in range(4):
        made.burns(f"leak-{number}.example.com", "burn, ticket", _spaced(4 + number, 12, 2), 0.05, Goal(0.99))
    for number in range(3):
        made.burns(f"week-{number}.example.com", "burn, ticket", _spaced(2 + number, 6.7, 4), 0.05, Goal(0.99, "7d"))


def _add_others(made: _Builder) -> None:
    for number in range(5):
        starts, per_minute = _spaced(1 + number / 2, 8, 3), 0.1 + number / 20
        made.trickles(f"hook-{number}.example.com", starts, per_minute, 7 * HOUR_SECONDS)
    for number in range(4):
        starts = _spaced(1.2 + number / 3, 6.5, 4)
        made.burns(f"late-{number}.example.com", "latency, page", starts, 0.3, _LATENCY)
    for number in range(4):
        made.silent_domain(f"still-{number}.example.com", _spaced(8.5 + number / 3, 8.6, 3))
    for number in range(5):
        made.budgets(f"spent-{number}.example.com", _spaced(1 + number / 2, 12, 2), 0.05, Goal(0.99, "7d"))
    for number in range(2):
        made.budgets(f"daily-{number}.example.com", _spaced(2.2 + number, 6, 4), 0.05, Goal(0.99, "1d"))


def _add_certificates(made: _Builder) -> None:
    """Some are renewed early, some in the last days, and some on the last one."""
    served = [f"{name}-{number}" for name, count in (("shop", 6), ("small", 4), ("fast", 2)) for number in range(count)]
    for number, name in enumerate(served):
        opens = (number % 3 + 1 + number / 7) * DAY_SECONDS + number * 17.0
        made.certificate(f"{name}.example.com", opens, opens + (3, 15, 20.5)[number % 3] * DAY_SECONDS)


def _harbor(agents: int, pods: int, *, gone_after: float = inf) -> _Builder:
    """A cluster with two pods, which are silent in turn. Then it is gone, which ends after a week."""
    harbor = ClusterPlan("harbor", 0.0, pods=("traefik/a", "traefik/b"), offset=30.0, restarts_every=6 * HOUR_SECONDS)
    harbor.domains = [Domain(f"pier-{number}.example.com", 5.0) for number in range(3)]
    made, at = _Builder(harbor), 30.0 * MINUTE_SECONDS
    for number in range(max(agents, pods)):
        seconds = (12 + 7 * (number % 5)) * MINUTE_SECONDS
        if number < agents:
            made.silent_agent(at, seconds)
            at += seconds + 45 * MINUTE_SECONDS + 13
        if number < pods:
            made.silent_pod(harbor.pods[number % 2], at, seconds)
            at += seconds + 45 * MINUTE_SECONDS + 17
    harbor.seconds = at
    within = SLOT_SECONDS + SCHEDULE_SECONDS + PROMPT_SECONDS
    made.expect("silent agent", "silent", "page", at, at + gone_after, within)
    return made


def hours() -> Plan:
    """A few hours with about twenty incidents, for a test."""
    hour = float(HOUR_SECONDS)
    made = _Builder(ClusterPlan("town", 5.5 * hour, domains=_quiet(6), restarts_every=2 * hour))
    for number in range(2):
        starts = [0.4 * hour + number * 500.0 + 0.95 * hour * each for each in range(4)]
        made.outages(f"shop-{number}.example.com", starts, seconds=600.0)
    for number, begins in enumerate((0.3 * hour, 3 * hour)):
        made.slow_outages(f"small-{number}.example.com", [begins])
    made.burns("fast.example.com", "burn, page within an hour", [0.5 * hour], 0.3, Goal(0.99))
    made.burns("late.example.com", "latency, page", [0.7 * hour], 0.3, _LATENCY)
    made.trickles("hook.example.com", [0.5 * hour], 0.6, 1.2 * hour, goes_on=True)
    for number, lasts in enumerate((1.0, 2.0)):
        made.certificate(f"shop-{number}.example.com", (0.5 + number) * hour, (0.5 + number + lasts) * hour)
    return _plan([made, _harbor(2, 2)], page_reminder_seconds=900)


_LATENCY = Goal(0.95, latency_objective=LatencyObjective(0.99, 300.0))


def _plan(builders: list[_Builder], page_reminder_seconds: int = 4 * HOUR_SECONDS) -> Plan:
    clusters = [each.cluster for each in builders]
    quiet = frozenset(domain.name for cluster in clusters for domain in cluster.domains if not domain.faults)
    return Plan(clusters, [each for made in builders for each in made.expected], quiet, page_reminder_seconds)


def targets_of(cluster: ClusterPlan) -> Iterator[tuple[str, Goal]]:
    """The domains with a target of their own."""
    return ((domain.name, domain.goal) for domain in cluster.domains if domain.goal is not None)
