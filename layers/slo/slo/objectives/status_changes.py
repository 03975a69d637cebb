"""Status changes: the status of every domain and route of a cluster, and what changed since the last rollup."""

from collections.abc import Iterator, Mapping

import msgspec

from slo.objectives.metrics import Metrics
from slo.objectives.reports import DomainReport, Report, RouteReport
from slo.objectives.status import Status
from slo.objectives.targets import Subject
from slo.times import TimeRange


class StatusFigures(msgspec.Struct, frozen=True):
    """A status and the figures it results from."""

    status: Status
    availability: float | None
    p95_latency: float | None
    error_budget_remaining: float | None


class Transition(msgspec.Struct, frozen=True):
    """One change of status."""

    key: str
    """Time range and subject, in the form of `Subject.key`."""
    old_status: Status
    new: StatusFigures


class StatusBook(msgspec.Struct, frozen=True):
    """The changes at one time (Unix seconds), and all statuses from then on."""

    at: int
    changes: tuple[Transition, ...]
    statuses: dict[str, Status]
    """By time range and subject, in the form of `Subject.key`."""


def status_figures(report: Report, time_range: TimeRange) -> Iterator[tuple[str, StatusFigures]]:
    """The status of each domain and each declared route of a report, by key."""
    for domain in report.domains:
        yield Subject(domain.domain).key(time_range), _figures(domain, domain.summary)
        for route in domain.routes:
            if route.retired_at is None:
                yield Subject(domain.domain, route.path_prefix).key(time_range), _figures(route, route.current)


def _figures(report: DomainReport | RouteReport, metrics: Metrics) -> StatusFigures:
    return StatusFigures(report.status, metrics.availability, metrics.p95_latency, report.error_budget_remaining)


def status_book(at: int, before: Mapping[str, Status], now: Mapping[str, StatusFigures]) -> StatusBook:
    """The changes since `before`. A new subject is not a change; a subject that is gone is dropped."""
    return StatusBook(
        at=at,
        changes=tuple(
            Transition(key, before[key], figures)
            for key, figures in sorted(now.items())
            if key in before and before[key] != figures.status
        ),
        statuses={key: figures.status for key, figures in sorted(now.items())},
    )
