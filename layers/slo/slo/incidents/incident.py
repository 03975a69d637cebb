"""An incident: one failure of one subject, from its first sign until it has been calm for a while."""

from typing import Literal, get_args

import msgspec

from slo.objectives.burn_rates import Severity
from slo.objectives.periods import Length
from slo.objectives.targets import LatencyObjective

Kind = Literal["outage", "burn", "trickle", "latency", "silent", "budget", "certificate"]
"""
- `outage`: at least half of the requests fail now
- `burn`: the error budget burns in a pair of windows of the SRE workbook
- `trickle`: most of few requests fail for hours, too few for a burn rate
- `latency`: the latency objective burns in such a pair
- `silent`: nothing is seen any more of a cluster, a Traefik pod or a domain
- `budget`: half, nine tenths or all of a period's error budget is used
- `certificate`: a certificate expires in 21, 7 or 1 days
"""
KINDS: tuple[Kind, ...] = get_args(Kind)

What = Literal["opened", "escalated", "acknowledged", "resolved", "reminder"]
"""What happened to an incident. A reminder is no step of it: it is only told."""

IncidentStatus = Literal["open", "acknowledged", "resolved"]


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """What an incident is about. One incident of a kind is open for a subject at a time.

    A domain's incident holds those of its routes, so a subject names no path.
    """

    domain: str = ""
    """Empty if the incident is about the cluster, one of its pods or a certificate."""
    pod: str = ""
    """`namespace/name` of a Traefik pod that cannot be reached."""
    certificate: str = ""
    """Common name of a certificate, or its first alternative name if it has none."""


class Failing(msgspec.Struct, frozen=True):
    """Requests, and those of them that failed. For `latency` a failure is a request slower than the threshold."""

    requests: int = 0
    errors: int = 0


class FailingRoute(msgspec.Struct, frozen=True, kw_only=True):
    """What a route of the domain contributes."""

    path_prefix: str
    requests: int
    errors: int


class Worst(msgspec.Struct, frozen=True, kw_only=True):
    """The moment at which the largest share failed."""

    at: float
    requests: int
    errors: int


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened to an incident, with the figures of then."""

    at: float
    what: What
    severity: Severity
    requests: int = 0
    """Since the incident's `since`."""
    errors: int = 0
    budget_remaining: float | None = None
    """Ratio of the period's error budget; negative if more than all of it is spent."""
    by: str = ""
    """The label of the token that acknowledged it."""


class RouteChange(msgspec.Struct, frozen=True, kw_only=True):
    """A route that appeared, vanished or got another service in the hour before the incident."""

    what: Literal["appeared", "vanished", "changed"]
    path_prefix: str
    service: str
    """Its service now, or the last one if it vanished."""
    before: str = ""
    """Its service before the change."""


class Incident(msgspec.Struct, frozen=True, kw_only=True):
    """One incident. Times are Unix seconds, ratios are 0 to 1."""

    incident_id: str
    """Sorts by the time of opening."""
    cluster_id: str
    kind: Kind
    severity: Severity
    """The highest so far."""
    subject: Subject
    path_prefix: str = ""
    """The only route that fails; empty if the domain as a whole or several routes do."""
    since: float
    """When it began: the end of the last interval in which nothing was wrong, as far as that was seen."""
    opened_at: float
    """The snapshot that showed it."""
    acknowledged_at: float | None = None
    acknowledged_by: str = ""
    resolved_at: float | None = None
    requests: int = 0
    """Since `since`, exact. 0 for `silent`, `budget` and `certificate`."""
    errors: int = 0
    worst: Worst | None = None
    routes: tuple[FailingRoute, ...] = ()
    """The worst five that fail, worst first."""
    failing_routes: int = 0
    """Number of routes that fail or failed at the worst moment."""
    availability: float | None = None
    """The target; null if the kind has none."""
    period_days: int | None = None
    """The period of the target."""
    period: Length | None = None
    """The same as the objective says it; null in incidents of an earlier version."""
    objective: str | None = None
    """Name of the objective that was followed; empty if nobody has set one, and the preset is judged by."""
    channels: tuple[str, ...] = ()
    """Those of the objectives that are failed, ascending; an empty name, or none at all, lets the rules choose."""
    latency: LatencyObjective | None = None
    """Only for the kind `latency`."""
    latency_threshold: float | None = None
    """Milliseconds; only for `latency`."""
    budget_remaining: float | None = None
    """Ratio of the period's error budget that was left at the last snapshot."""
    budget_spent: float | None = None
    """Ratio of the period's error budget that the incident's errors cost."""
    threshold: float | None = None
    """`budget`: the ratio used that was passed (0.5, 0.9, 1); `certificate`: the days before expiry (21, 7, 1)."""
    expires_at: float | None = None
    """When the certificate expires."""
    domains: tuple[str, ...] = ()
    """The domains that a certificate serves."""
    changes: tuple[RouteChange, ...] = ()
    """Of the domain's routes in the hour before `since`, newest first, at most ten."""
    steps: tuple[Step, ...] = ()
    """Oldest first."""

    @property
    def status(self) -> IncidentStatus:
        """Whether somebody has to look at it."""
        if self.resolved_at is not None:
            return "resolved"
        return "open" if self.acknowledged_at is None else "acknowledged"


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """Something to tell about an incident. It is told once to each channel."""

    notice_id: str
    """`{incident_id}.{number}`: the same for each attempt, so that receivers can tell repetitions."""
    what: What
    at: float
    """When it happened, Unix seconds."""
    incident: Incident
    """As it was then."""
