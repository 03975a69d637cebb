"""Targets per cluster, domain or route and time range; the nearest one wins."""

from collections.abc import Iterable
from typing import Literal

import msgspec

from slo.domains import canonical
from slo.objectives import DEFAULT_TARGET, LatencyObjective, Target, TargetSource
from slo.windows import TimeRange

ANY = ""


class Subject(msgspec.Struct, frozen=True):
    """What a target is set for: a route, a domain (no path_prefix), or the cluster (no domain)."""

    domain: str = ANY
    path_prefix: str = ANY

    @property
    def level(self) -> Literal["cluster", "domain", "route"]:
        """How near it is to a route."""
        if not self.domain:
            return "cluster"
        return "route" if self.path_prefix else "domain"


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
        self._targets = {(item.subject, item.time_range): item.target() for item in saved}

    def of(self, time_range: TimeRange, domain: str, path_prefix: str = ANY) -> Target:
        """The target that holds for a route, or for a domain as a whole."""
        if not self._targets:
            return DEFAULT_TARGET
        name = canonical(domain)
        subjects = (Subject(name, path_prefix), Subject(name), Subject())
        found = (self._targets.get((subject, time_range)) for subject in subjects)
        return next((target for target in found if target is not None), DEFAULT_TARGET)
