"""What happened in a cluster in a week, as plain data: the evaluator fills it, `slo.notifications.message` words it."""

from typing import Literal

import msgspec

from slo.incidents.incident import Kind, Subject
from slo.objectives.burn_rates import Severity


class DomainWeek(msgspec.Struct, frozen=True, kw_only=True):
    """A domain's week."""

    domain: str
    requests: int
    errors: int
    budget_remaining: float | None = None
    """Ratio of the period's error budget at the end of the week; null if it had no traffic."""


class PathWeek(msgspec.Struct, frozen=True, kw_only=True):
    """A route that failed in the week."""

    domain: str
    path_prefix: str
    requests: int
    errors: int


class WeekIncident(msgspec.Struct, frozen=True, kw_only=True):
    """An incident that was open at some time of the week."""

    incident_id: str
    kind: Kind
    severity: Severity
    subject: Subject
    since: float
    """Unix seconds."""
    resolved_at: float | None = None


class RouteNews(msgspec.Struct, frozen=True, kw_only=True):
    """A route that appeared, vanished or got another service in the week."""

    what: Literal["appeared", "vanished", "changed"]
    domain: str
    path_prefix: str
    service: str
    """Its service now, or the last one if it vanished."""
    before: str = ""
    """Its service before the change."""


class WeeklyReport(msgspec.Struct, frozen=True, kw_only=True):
    """A cluster's week. Times are Unix seconds. Lists may be cut; the counts are whole."""

    cluster_id: str
    start: float
    end: float
    domains: tuple[DomainWeek, ...] = ()
    """The least budget first."""
    paths: tuple[PathWeek, ...] = ()
    """Most errors first."""
    opened: int = 0
    """Incidents opened in the week."""
    resolved: int = 0
    """Incidents resolved in the week."""
    incidents: tuple[WeekIncident, ...] = ()
    """Those still open first, then the newest first."""
    routes: tuple[RouteNews, ...] = ()
    """Newest first."""
