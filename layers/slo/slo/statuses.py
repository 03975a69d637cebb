"""Statuses: how every domain and route of a cluster stands, and what of it has changed since the last rollup."""

from collections.abc import Iterator, Mapping

import msgspec

from slo.objectives import Status
from slo.reports import DomainReport, Metrics, Report
from slo.windows import TIME_RANGES, TimeRange

STATUSES_KEPT_SECONDS = 180 * 86_400


class Subject(msgspec.Struct, frozen=True):
    """Whose status, over which time range; a domain as a whole has no path_prefix."""

    time_range: TimeRange
    domain: str
    path_prefix: str

    @property
    def key(self) -> str:
        """`{time_range}|{domain}|{path_prefix}`; a domain has no `|`."""
        return f"{self.time_range}|{self.domain}|{self.path_prefix}"

    @classmethod
    def of(cls, key: str) -> "Subject":
        """What `key` names."""
        named, domain, path_prefix = key.split("|", 2)
        return cls(next(known for known in TIME_RANGES if known == named), domain, path_prefix)


class Standing(msgspec.Struct, frozen=True):
    """A status with the figures that it follows from."""

    status: Status
    availability: float | None
    p95_latency: float | None
    error_budget_remaining: float | None


class StatusChange(msgspec.Struct, frozen=True):
    """One status that is another one now."""

    key: str
    old_status: Status
    new: Standing


class StatusBook(msgspec.Struct, frozen=True):
    """What changed at a time (Unix seconds), and how everything stood then."""

    at: int
    changes: tuple[StatusChange, ...]
    statuses: dict[str, Status]
    """By subject."""


def standings(report: Report, time_range: TimeRange) -> Iterator[tuple[str, Standing]]:
    """How each domain and route of a report stands."""
    for domain in report.domains:
        yield Subject(time_range, domain.domain, "").key, _standing(domain.summary, domain)
        for route in domain.routes:
            if route.retired_at is None:
                subject = Subject(time_range, domain.domain, route.path_prefix)
                yield (
                    subject.key,
                    Standing(
                        route.status,
                        route.current.availability,
                        route.current.p95_latency,
                        route.error_budget_remaining,
                    ),
                )


def _standing(summary: Metrics, domain: DomainReport) -> Standing:
    return Standing(domain.status, summary.availability, summary.p95_latency, domain.error_budget_remaining)


def book(at: int, before: Mapping[str, Status], now: Mapping[str, Standing]) -> StatusBook:
    """What changed. What was not known before has not changed; what is gone is forgotten."""
    return StatusBook(
        at=at,
        changes=tuple(
            StatusChange(key, before[key], standing)
            for key, standing in sorted(now.items())
            if key in before and before[key] != standing.status
        ),
        statuses={key: standing.status for key, standing in sorted(now.items())},
    )
