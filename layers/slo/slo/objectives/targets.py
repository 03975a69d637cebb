"""Targets: what is promised, for a cluster, a domain or a route and a time range. The nearest one to a route wins."""

from collections.abc import Iterable
from typing import Annotated, Literal, Self

import msgspec
from msgspec import Meta

from slo.times import TIME_RANGES, TimeRange
from slo.traefik.domains import canonical

TargetSource = Literal["default", "cluster", "domain", "route"]

Milliseconds = Annotated[float, Meta(ge=0.1, le=600_000)]
"""A latency that can be promised: Traefik's finest sensible bucket up to ten minutes."""

ANY = ""


class LatencyObjective(msgspec.Struct, frozen=True):
    """A share of requests that must be at least this fast: "99 % under 300 ms"."""

    share: Annotated[float, Meta(ge=0.01, le=0.99999)]
    """Ratio."""
    threshold: Milliseconds
    """Milliseconds; snapped down to a bucket bound of Traefik when it is measured."""


class Target(msgspec.Struct, frozen=True):
    """What is promised."""

    availability: Annotated[float, Meta(ge=0.5, le=0.99999)] = 0.95
    """Ratio, below 1: a target of 1 would leave no budget to speak of."""
    p95_latency: Milliseconds = 300.0
    """Milliseconds."""
    latency_objective: LatencyObjective | None = None
    minimum_requests: Annotated[int, Meta(ge=0, le=1_000_000)] = 100
    """Fewer requests than this in a burn-rate window alert nobody."""
    source: TargetSource = "default"
    """Where it was set; the nearest one to the route wins."""


DEFAULT_TARGET = Target()


class Subject(msgspec.Struct, frozen=True):
    """What a target or a status belongs to: a route, a domain (no path_prefix), or the cluster (no domain)."""

    domain: str = ANY
    path_prefix: str = ANY

    @property
    def level(self) -> Literal["cluster", "domain", "route"]:
        """How near it is to a route."""
        if not self.domain:
            return "cluster"
        return "route" if self.path_prefix else "domain"

    def key(self, time_range: TimeRange) -> str:
        """`{time_range}|{domain}|{path_prefix}`; a domain has no `|`."""
        return f"{time_range}|{self.domain}|{self.path_prefix}"

    @classmethod
    def of_key(cls, key: str) -> tuple[TimeRange, Self]:
        """The time range and the subject that a key names."""
        named, domain, path_prefix = key.split("|", 2)
        return next(known for known in TIME_RANGES if known == named), cls(domain, path_prefix)


class SavedTarget(msgspec.Struct, frozen=True, kw_only=True):
    """A target as somebody set it."""

    subject: Subject
    time_range: TimeRange
    availability: float
    p95_latency: float
    latency_objective: LatencyObjective | None = None
    minimum_requests: int = DEFAULT_TARGET.minimum_requests
    version: int
    """Grows with each change, never used twice; the ETag by which two people do not overwrite each other."""
    set_by: str
    """The label of the token that set it."""
    set_at: float
    """Unix seconds."""

    def target(self) -> Target:
        """What it promises, and from how near."""
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
        """The target that holds for a route, or for a domain as a whole."""
        if not self._targets:
            return DEFAULT_TARGET
        name = canonical(domain)
        subjects = (Subject(name, path_prefix), Subject(name), Subject())
        found = (self._targets.get((subject, time_range)) for subject in subjects)
        return next((target for target in found if target is not None), DEFAULT_TARGET)
