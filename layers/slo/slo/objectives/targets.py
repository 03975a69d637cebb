"""Targets: what is promised for a cluster, domain or route, and a time range. The most specific one applies."""

from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Literal, Self

import msgspec
from msgspec import Meta

from slo.times import TIME_RANGES, TimeRange, days
from slo.traefik.domains import canonical

TargetSource = Literal["default", "cluster", "domain", "route"]

Milliseconds = Annotated[float, Meta(ge=0.1, le=600_000)]
"""The range of latency targets: from Traefik's finest useful bucket to ten minutes."""

ANY = ""


@lru_cache
def ratio(share: float) -> tuple[int, int]:
    """A share as numerator and denominator, exactly as it is written: 0.95 is 19 of 20. Integers compare exactly."""
    return Decimal(repr(share)).as_integer_ratio()


class LatencyObjective(msgspec.Struct, frozen=True):
    """The share of requests that must take at most `threshold`: "99 % under 300 ms"."""

    share: Annotated[float, Meta(ge=0.01, le=0.99999)]
    """Ratio."""
    threshold: Milliseconds
    """Milliseconds. Measured at the nearest bucket bound of Traefik that is not higher."""


class Target(msgspec.Struct, frozen=True):
    """The availability and latency that are promised."""

    availability: Annotated[float, Meta(ge=0.5, le=0.99999)] = 0.95
    """Ratio, below 1: a target of 1 would leave no error budget."""
    p95_latency: Milliseconds = 300.0
    """Milliseconds."""
    latency_objective: LatencyObjective | None = None
    minimum_requests: Annotated[int, Meta(ge=0, le=1_000_000)] = 100
    """Burn-rate alerts do not fire if their long window has fewer requests."""
    source: TargetSource = "default"
    """The level that the target is set at. The most specific one applies."""

    @property
    def allowed_errors(self) -> tuple[int, int]:
        """The share of requests that may fail, as numerator and denominator: 1 of 20 for a target of 0.95."""
        kept, of = ratio(self.availability)
        return of - kept, of


DEFAULT_TARGET = Target()


class Subject(msgspec.Struct, frozen=True):
    """What a target or a status belongs to: a route, a domain (no path_prefix) or the cluster (no domain)."""

    domain: str = ANY
    path_prefix: str = ANY

    @property
    def level(self) -> Literal["cluster", "domain", "route"]:
        """How specific the subject is."""
        if not self.domain:
            return "cluster"
        return "route" if self.path_prefix else "domain"

    def key(self, time_range: TimeRange) -> str:
        """`{time_range}|{domain}|{path_prefix}`. A `|` in the domain, which may be a pattern, is escaped."""
        return f"{time_range}|{self.domain.replace('%', '%25').replace('|', '%7C')}|{self.path_prefix}"

    @classmethod
    def of_key(cls, key: str) -> tuple[TimeRange, Self]:
        """The time range and the subject of a key."""
        named, domain, path_prefix = key.split("|", 2)
        subject = cls(domain.replace("%7C", "|").replace("%25", "%"), path_prefix)
        return next(known for known in TIME_RANGES if known == named), subject


class SavedTarget(msgspec.Struct, frozen=True, kw_only=True):
    """A target that someone has set."""

    subject: Subject
    time_range: TimeRange
    availability: float
    p95_latency: float
    latency_objective: LatencyObjective | None = None
    minimum_requests: int = DEFAULT_TARGET.minimum_requests
    version: int
    """Grows with each change and is never reused. As the ETag, it keeps two people from overwriting each other."""
    set_by: str
    """The label of the token that set it."""
    set_at: float
    """Unix seconds."""

    def target(self) -> Target:
        """The promise alone, with its level as the source."""
        source: TargetSource = self.subject.level
        return Target(self.availability, self.p95_latency, self.latency_objective, self.minimum_requests, source)


class Targets:
    """The targets of one cluster."""

    def __init__(self, saved: Iterable[SavedTarget] = ()) -> None:
        self._targets = {
            (Subject(canonical(item.subject.domain), item.subject.path_prefix), item.time_range): item.target()
            for item in saved
        }

    def of(self, time_range: TimeRange, domain: str, path_prefix: str = ANY) -> Target:
        """The target that applies to a route, or to a domain as a whole."""
        if not self._targets:
            return DEFAULT_TARGET
        name = canonical(domain)
        subjects = (Subject(name, path_prefix), Subject(name), Subject())
        found = (self._targets.get((subject, time_range)) for subject in subjects)
        return next((target for target in found if target is not None), DEFAULT_TARGET)

    def followed(self, domain: str, path_prefix: str = ANY) -> tuple[Target, int]:
        """The target that alerts follow, and its period in days.

        It is one of the most specific subject that has any; of its time ranges the longest one that is set.
        """
        if self._targets:
            name = canonical(domain)
            for subject in (Subject(name, path_prefix), Subject(name), Subject()):
                for time_range in reversed(TIME_RANGES):
                    if (target := self._targets.get((subject, time_range))) is not None:
                        return target, days(time_range)
        return DEFAULT_TARGET, days(TIME_RANGES[-1])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Targets) and self._targets == other._targets

    def __hash__(self) -> int:
        return hash(frozenset(self._targets.items()))

    @property
    def strictest(self) -> float:
        """The smallest ratio of errors that any target allows."""
        every = (DEFAULT_TARGET, *self._targets.values())
        return min(errors / requests for errors, requests in (target.allowed_errors for target in every))

    @property
    def periods(self) -> tuple[int, ...]:
        """The periods in days that a followed target may have, ascending."""
        return tuple(sorted({days(time_range) for _, time_range in self._targets} | {days(TIME_RANGES[-1])}))

    @property
    def has_latency_objectives(self) -> bool:
        """Whether any target has one."""
        return any(target.latency_objective is not None for target in self._targets.values())
