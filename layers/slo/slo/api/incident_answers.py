"""Answers about incidents: the fields of `slo.incidents.incident.Incident`, with times as dates, and null for none."""

from datetime import datetime

import msgspec

from slo.incidents.incident import (
    FailingRoute,
    Incident,
    IncidentStatus,
    Kind,
    RouteChange,
    Step,
    Subject,
    What,
    Worst,
)
from slo.objectives.burn_rates import Severity
from slo.objectives.periods import Length
from slo.structs import like
from slo.times import utc


class IncidentSubject(msgspec.Struct, frozen=True, kw_only=True):
    """What an incident is about; all null for the cluster itself."""

    domain: str | None
    pod: str | None
    """`namespace/name` of a Traefik pod that cannot be reached."""
    certificate: str | None
    """Common name of a certificate, or its first alternative name if it has none."""


class WorstMoment(msgspec.Struct, frozen=True, kw_only=True):
    """The moment at which the largest share failed."""

    at: datetime
    requests: int
    errors: int


class IncidentStep(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened to an incident, with the figures of then."""

    at: datetime
    what: What
    severity: Severity
    requests: int
    """Since the incident's `since`."""
    errors: int
    budget_remaining: float | None
    """Ratio of the period's error budget; negative if more than all of it is spent."""
    by: str | None
    """The label of the token that acknowledged it."""


class IncidentAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """One failure of one subject, from its first sign until it has been calm for a while."""

    incident_id: str
    cluster_id: str
    kind: Kind
    status: IncidentStatus
    severity: Severity
    """The highest so far."""
    subject: IncidentSubject
    path_prefix: str | None
    """The only route that fails; null if the domain as a whole or several routes do."""
    since: datetime
    """When it began: the end of the last interval in which nothing was wrong, as far as that was seen."""
    opened_at: datetime
    """The snapshot that showed it."""
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    """The label of the token that acknowledged it."""
    resolved_at: datetime | None
    requests: int
    """Since `since`, exact. 0 for `silent`, `budget` and `certificate`."""
    errors: int
    """Requests that failed; for `latency`, requests slower than `latency_threshold`."""
    worst: WorstMoment | None
    routes: tuple[FailingRoute, ...]
    """The worst five that fail, worst first."""
    failing_routes: int
    """Number of routes that fail or failed at the worst moment."""
    availability: float | None
    """The target; null if the kind has none."""
    period_days: int | None
    period: Length | None
    objective: str | None
    """Name of the objective that was followed; empty for the preset, null if the kind has none."""
    """The period of the target."""
    latency_threshold: float | None
    """Milliseconds; only for `latency`."""
    budget_remaining: float | None
    """Ratio of the period's error budget that was left at the last snapshot."""
    budget_spent: float | None
    """Ratio of the period's error budget that the incident's errors cost."""
    threshold: float | None
    """`budget`: the ratio used that was passed (0.5, 0.9, 1); `certificate`: the days before expiry (21, 7, 1)."""
    expires_at: datetime | None
    """When the certificate expires."""
    domains: tuple[str, ...]
    """The domains that a certificate serves."""
    changes: tuple[RouteChange, ...]
    """Of the domain's routes in the hour before `since`, newest first, at most ten."""
    steps: tuple[IncidentStep, ...]
    """Oldest first."""


class IncidentsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Incidents: those that are not resolved first, pages before tickets, then the resolved ones, newest first."""

    cluster_id: str
    open: int
    """Number of incidents that are not resolved, regardless of filters and pages."""
    incidents: tuple[IncidentAnswer, ...]
    next_cursor: str | None
    """Cursor of the next page; null on the last page. A page with a filter can be short, or empty, before the last."""


def incident_answer(incident: Incident) -> IncidentAnswer:
    """The answer about one incident."""
    return like(
        IncidentAnswer,
        incident,
        subject=_subject(incident.subject),
        path_prefix=incident.path_prefix or None,
        since=utc(incident.since),
        opened_at=utc(incident.opened_at),
        acknowledged_at=_time(incident.acknowledged_at),
        acknowledged_by=incident.acknowledged_by or None,
        resolved_at=_time(incident.resolved_at),
        worst=_worst(incident.worst),
        expires_at=_time(incident.expires_at),
        steps=tuple(map(_step, incident.steps)),
    )


def _subject(subject: Subject) -> IncidentSubject:
    return IncidentSubject(
        domain=subject.domain or None, pod=subject.pod or None, certificate=subject.certificate or None
    )


def _worst(worst: Worst | None) -> WorstMoment | None:
    return None if worst is None else like(WorstMoment, worst, at=utc(worst.at))


def _step(step: Step) -> IncidentStep:
    return like(IncidentStep, step, at=utc(step.at), by=step.by or None)


def _time(seconds: float | None) -> datetime | None:
    return None if seconds is None else utc(seconds)
