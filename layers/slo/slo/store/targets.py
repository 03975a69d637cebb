"""Targets that managers have set: one item for each cluster, time range and subject."""

from collections.abc import Iterator

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import DoesNotExist
from pynamodb.models import Model

from slo.objectives.targets import LatencyObjective, SavedTarget, Subject
from slo.store.errors import WriteConflictError, refusal_as
from slo.store.keys import MAX_SORT_KEY_BYTES
from slo.store.tables import Tables
from slo.times import TIME_RANGES, TimeRange

MAX_SUBJECT_BYTES = MAX_SORT_KEY_BYTES - max(map(len, TIME_RANGES)) - 2
"""Limit of domain and path together, because both are part of the sort key."""


class TargetItem(Model):
    """One target; `target_key` is `Subject.key`."""

    cluster_id = UnicodeAttribute(hash_key=True)
    target_key = UnicodeAttribute(range_key=True)
    availability = NumberAttribute()
    p95_latency = NumberAttribute()
    latency_share = NumberAttribute(null=True)
    latency_threshold = NumberAttribute(null=True)
    minimum_requests = NumberAttribute()
    revision = NumberAttribute()
    set_by = UnicodeAttribute()
    set_at = NumberAttribute()


class TargetStore:
    """Targets of all clusters."""

    def __init__(self, tables: Tables) -> None:
        self._items = tables.bind(TargetItem, "TARGETS_TABLE")

    def of(self, cluster_id: str) -> Iterator[SavedTarget]:
        """All targets of a cluster."""
        return (_target(item) for item in self._items.query(cluster_id))

    def get(self, cluster_id: str, time_range: TimeRange, subject: Subject) -> SavedTarget | None:
        """The target set for exactly this subject and time range; None if there is none."""
        try:
            return _target(self._items.get(cluster_id, subject.key(time_range), consistent_read=True))
        except DoesNotExist:
            return None

    def put(self, cluster_id: str, target: SavedTarget, seen_version: int | None) -> None:
        """Replace the version that the caller read (None: there was none). Raises WriteConflictError."""
        objective = target.latency_objective
        item = self._items(
            cluster_id,
            target.subject.key(target.time_range),
            availability=target.availability,
            p95_latency=target.p95_latency,
            latency_share=objective.share if objective else None,
            latency_threshold=objective.threshold if objective else None,
            minimum_requests=target.minimum_requests,
            revision=target.version,
            set_by=target.set_by,
            set_at=target.set_at,
        )
        unchanged = (
            self._items.cluster_id.does_not_exist() if seen_version is None else self._items.revision == seen_version
        )
        with refusal_as(WriteConflictError(cluster_id)):
            item.save(condition=unchanged)

    def delete(self, cluster_id: str, time_range: TimeRange, subject: Subject, seen_version: int) -> None:
        """Delete the version that the caller read. Raises WriteConflictError."""
        with refusal_as(WriteConflictError(cluster_id)):
            self._items(cluster_id, subject.key(time_range)).delete(condition=self._items.revision == seen_version)


def _target(item: TargetItem) -> SavedTarget:
    time_range, subject = Subject.of_key(item.target_key)
    objective = None
    if item.latency_share is not None and item.latency_threshold is not None:
        objective = LatencyObjective(float(item.latency_share), float(item.latency_threshold))
    return SavedTarget(
        subject=subject,
        time_range=time_range,
        availability=float(item.availability),
        p95_latency=float(item.p95_latency),
        latency_objective=objective,
        minimum_requests=int(item.minimum_requests),
        version=int(item.revision),
        set_by=item.set_by,
        set_at=float(item.set_at),
    )
