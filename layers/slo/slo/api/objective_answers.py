"""The API's answers about objectives, and about times that do not count. Ratios are 0 to 1, latencies milliseconds."""

from datetime import datetime

import msgspec

from slo.objectives.objective import Origin
from slo.objectives.periods import Length
from slo.objectives.targets import LatencyObjective, Target


class ObjectiveAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A stored objective."""

    cluster_id: str
    """`*` for all clusters."""
    domain: str | None
    """Null for the whole cluster, or for all clusters."""
    path_prefix: str | None
    """Null for the whole domain."""
    name: str
    period: Length
    """Rolling days, or a calendar unit. `1d` exists only where a target was once set for a day."""
    time_zone: str
    availability: float
    p95_latency: float | None
    latency_objective: LatencyObjective | None
    minimum_requests: int
    owner: str
    channel: str
    """Whom its incidents are told to; empty if the rules of the notifications choose."""
    is_followed: bool
    """Whether list, status and alerts follow it, rather than another objective of the same subject."""
    origin: Origin
    """`annotation`: set in Kubernetes, and changed only there."""
    version: int
    """The ETag to send as `If-Match` with a change."""
    set_by: str
    set_at: datetime


class ObjectivesAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """All objectives that hold in a cluster, and what the status of everything else is judged by."""

    cluster_id: str
    preset: Target
    objectives: tuple[ObjectiveAnswer, ...]


class ExclusionAnswer(msgspec.Struct, frozen=True, kw_only=True, rename={"start": "from", "end": "to"}):
    """A time that does not count for objectives."""

    cluster_id: str
    """`*` for all clusters."""
    exclusion_id: str
    domain: str | None
    """Null for the whole cluster, or for all clusters."""
    path_prefix: str | None
    """Null for the whole domain."""
    start: datetime
    end: datetime
    rule: str
    """A recurrence rule (RFC 5545); empty if it happens once."""
    time_zone: str
    reason: str
    set_by: str
    set_at: datetime


class ExclusionsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """All exclusions that hold in a cluster, the newest first."""

    cluster_id: str
    exclusions: tuple[ExclusionAnswer, ...]


class ObjectiveChangeAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Someone set, changed or deleted an objective (`is_followed` is its mark), or made or undid an exclusion."""

    at: datetime
    by: str
    before: ObjectiveAnswer | None
    """Null if it was new."""
    after: ObjectiveAnswer | None
    """Null if it was deleted."""
    excluded: ExclusionAnswer | None
    """An exclusion that was made."""
    included: ExclusionAnswer | None
    """An exclusion that was undone."""


class ObjectiveChangesAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Changes of objectives, newest first."""

    cluster_id: str
    changes: tuple[ObjectiveChangeAnswer, ...]
    next_cursor: str | None
