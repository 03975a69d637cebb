"""Targets: the figures that an objective promises, and what they are promised for."""

from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Literal, Self

import msgspec
from msgspec import Meta

Level = Literal["all", "cluster", "domain", "route"]
"""What an objective is set for. `all`: all clusters. The most specific one applies."""
TargetSource = Literal["preset", "all", "cluster", "domain", "route"]
"""`preset`: nobody has set an objective; the task list's figures judge the status, and promise nothing."""

Milliseconds = Annotated[float, Meta(ge=0.1, le=600_000)]
"""The range of latency targets: from Traefik's finest useful bucket to ten minutes."""

ANY = ""
ALL_CLUSTERS = "*"
"""Stands for the id of a cluster where all of them are meant."""


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
    p95_latency: Milliseconds | None = 300.0
    """Milliseconds; null if nothing is promised about it."""
    latency_objective: LatencyObjective | None = None
    minimum_requests: Annotated[int, Meta(ge=0, le=1_000_000)] = 100
    """Burn-rate alerts do not fire if their long window has fewer requests."""
    source: TargetSource = "preset"
    """The level that the objective is set at. The most specific one applies."""

    @property
    def allowed_errors(self) -> tuple[int, int]:
        """The share of requests that may fail, as numerator and denominator: 1 of 20 for a target of 0.95."""
        kept, of = ratio(self.availability)
        return of - kept, of


PRESET = Target()
"""What the status is judged by where no objective is set. It is no promise."""


class Subject(msgspec.Struct, frozen=True, order=True):
    """What an objective or a status belongs to: a route, a domain (no path_prefix), the cluster (no domain) or all."""

    domain: str = ANY
    path_prefix: str = ANY
    is_everything: bool = False
    """Whether it is every domain of all clusters."""

    @property
    def level(self) -> Level:
        """How specific the subject is."""
        if self.is_everything:
            return "all"
        if not self.domain:
            return "cluster"
        return "route" if self.path_prefix else "domain"

    def cluster_of(self, cluster_id: str) -> str:
        """The id that answers name for a subject of this cluster: `*` for everything."""
        return ALL_CLUSTERS if self.is_everything else cluster_id

    def key(self, name: str) -> str:
        """`{name}|{domain}|{path_prefix}`, for an objective's name or a time range.

        A `|` in the domain, which may be a pattern, is escaped.
        """
        return f"{name}|{self.domain.replace('%', '%25').replace('|', '%7C')}|{self.path_prefix}"

    @classmethod
    def of_key(cls, key: str) -> tuple[str, Self]:
        """The name and the subject of a key."""
        name, domain, path_prefix = key.split("|", 2)
        return name, cls(domain.replace("%7C", "|").replace("%25", "%"), path_prefix)


CLUSTER = Subject()
EVERYTHING = Subject(is_everything=True)
