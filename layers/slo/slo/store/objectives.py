"""Objectives that people have set, and the history of who set what.

    hash key                    range key                       item
    {cluster_id}                {name}|{domain}|{path_prefix}   one objective
    {cluster_id}                #exclusion|{id}                 one exclusion
    {cluster_id}#objectives     {ms}#{random}                   one change, for as long as the cluster exists

In place of a cluster's id, `*` has what is set for all clusters. It is kept once: a cluster that pushes for the first
time follows it as well.

The table still has the name that it had when it held targets, one for each time range: a new name would leave the old
data behind. Such a target, with `30d` in place of a name, is read as the objective `30d` over 30 days.
"""

import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from heapq import merge
from typing import NamedTuple

from pynamodb.attributes import BinaryAttribute, BooleanAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import DoesNotExist
from pynamodb.expressions.condition import Condition
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from slo.objectives.exclusions import Exclusion
from slo.objectives.objective import Objective, ObjectiveChange, origin_of
from slo.objectives.periods import Period, length_of
from slo.objectives.targets import ALL_CLUSTERS, EVERYTHING, LatencyObjective, Subject
from slo.store.codec import pack, unpack
from slo.store.errors import WriteConflictError, refusal_as
from slo.store.tables import Tables, connection_of

CHANGES = "#objectives"
"""The end of the hash key of a cluster's changes."""
_END_OF_CHANGES = ":"
"""Is above the key of every change."""


class ObjectiveItem(Model):
    """One objective; `target_key` is `Subject.key`. Of an exclusion only `body` is read."""

    cluster_id = UnicodeAttribute(hash_key=True)
    target_key = UnicodeAttribute(range_key=True)
    body = BinaryAttribute(null=True, legacy_encoding=False)
    availability = NumberAttribute()
    p95_latency = NumberAttribute(null=True)
    latency_share = NumberAttribute(null=True)
    latency_threshold = NumberAttribute(null=True)
    minimum_requests = NumberAttribute()
    period = UnicodeAttribute(null=True)
    time_zone = UnicodeAttribute(null=True)
    owner = UnicodeAttribute(null=True)
    channel = UnicodeAttribute(null=True)
    origin = UnicodeAttribute(null=True)
    is_followed = BooleanAttribute(null=True)
    revision = NumberAttribute()
    set_by = UnicodeAttribute()
    set_at = NumberAttribute()


class PackedItem(Model):
    """One exclusion, or one change."""

    cluster_id = UnicodeAttribute(hash_key=True)
    target_key = UnicodeAttribute(range_key=True)
    body = BinaryAttribute(legacy_encoding=False)


class Kept(NamedTuple):
    """What people have set."""

    objectives: tuple[Objective, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()


class KeptChange(NamedTuple):
    """One change. Keys of later changes are greater."""

    key: str
    change: ObjectiveChange


class ObjectiveStore:
    """Objectives of all clusters."""

    def __init__(self, tables: Tables) -> None:
        self._items = tables.bind(ObjectiveItem, "TARGETS_TABLE")
        self._packed = tables.bind(PackedItem, "TARGETS_TABLE")
        self._reader = ThreadPoolExecutor(1)

    def kept(self, cluster_id: str) -> Kept:
        """All objectives and exclusions that hold in a cluster: its own, and those of all clusters.

        The two are read side by side, so that a request does not wait longer.
        """
        of_all = self._reader.submit(self.own, ALL_CLUSTERS) if cluster_id != ALL_CLUSTERS else None
        own = self.own(cluster_id)
        general = of_all.result() if of_all else Kept()
        return Kept(own.objectives + general.objectives, own.exclusions + general.exclusions)

    def of(self, cluster_id: str, *, consistent: bool = False) -> Iterator[Objective]:
        """The objectives that are set for a cluster and for what is in it, or for `*`."""
        return iter(self.own(cluster_id, consistent=consistent).objectives)

    def own(self, cluster_id: str, *, consistent: bool = False) -> Kept:
        """The objectives and exclusions that are set for a cluster and for what is in it, or for `*`."""
        items = list(self._items.query(cluster_id, consistent_read=consistent))
        return Kept(
            tuple(_objective(item) for item in items if item.body is None),
            tuple(unpack(item.body, Exclusion) for item in items if item.body is not None),
        )

    def get(self, cluster_id: str, name: str, subject: Subject) -> Objective | None:
        """The objective with this name that is set for exactly this subject; None if there is none.

        `cluster_id` is `*` for all clusters, as in the methods that change something.
        """
        try:
            return _objective(self._items.get(cluster_id, subject.key(name), consistent_read=True))
        except DoesNotExist:
            return None

    def put(self, cluster_id: str, objective: Objective, seen: Objective | None) -> None:
        """Replace what the caller read (None: there was none), and keep the change. Raises WriteConflictError."""
        change = ObjectiveChange(at=objective.set_at, by=objective.set_by, before=seen, after=objective)
        with refusal_as(WriteConflictError(cluster_id), or_conflict=True), self._transaction() as transaction:
            transaction.save(self._item(cluster_id, objective), condition=self._unchanged(seen))
            transaction.save(self._change_item(cluster_id, change))

    def delete(self, cluster_id: str, seen: Objective, *, at: float, by: str) -> None:
        """Delete what the caller read, and keep the change. Raises WriteConflictError."""
        change = ObjectiveChange(at=at, by=by, before=seen, after=None)
        item = self._items(cluster_id, seen.subject.key(seen.name))
        with refusal_as(WriteConflictError(cluster_id), or_conflict=True), self._transaction() as transaction:
            transaction.delete(item, condition=self._unchanged(seen))
            transaction.save(self._change_item(cluster_id, change))

    def exclude(self, cluster_id: str, exclusion: Exclusion) -> None:
        """Add an exclusion, and keep the change."""
        change = ObjectiveChange(at=exclusion.set_at, by=exclusion.set_by, excluded=exclusion)
        item = self._packed(cluster_id, _exclusion_key(exclusion.exclusion_id), body=pack(exclusion))
        with self._transaction() as transaction:
            transaction.save(item)
            transaction.save(self._change_item(cluster_id, change))

    def include(self, cluster_id: str, seen: Exclusion, *, at: float, by: str) -> None:
        """Delete an exclusion, and keep the change. Raises WriteConflictError if it is gone."""
        change = ObjectiveChange(at=at, by=by, included=seen)
        item = self._packed(cluster_id, _exclusion_key(seen.exclusion_id))
        with refusal_as(WriteConflictError(cluster_id), or_conflict=True), self._transaction() as transaction:
            transaction.delete(item, condition=self._packed.cluster_id.exists())
            transaction.save(self._change_item(cluster_id, change))

    def changes(self, cluster_id: str, *, since: float = 0, before: str = "") -> Iterator[KeptChange]:
        """What was set, changed and deleted for a cluster or for all at or after a time, newest first.

        `before` is the key of a change: only what comes after it in this order.
        """
        found = [self._changes(each, since, before) for each in dict.fromkeys((cluster_id, ALL_CLUSTERS))]
        return merge(*found, key=lambda change: change.key, reverse=True)

    def _changes(self, cluster_id: str, since: float, before: str) -> Iterator[KeptChange]:
        # Both ends of BETWEEN are included, and the higher one must not be below the lower one.
        oldest = _change_key(since)
        newest = max(before or _END_OF_CHANGES, oldest)
        found = self._packed.query(
            f"{cluster_id}{CHANGES}", self._packed.target_key.between(oldest, newest), scan_index_forward=False
        )
        return (
            KeptChange(item.target_key, unpack(item.body, ObjectiveChange))
            for item in found
            if not before or item.target_key < before
        )

    def _transaction(self) -> TransactWrite:
        return TransactWrite(connection=connection_of(self._items))

    def _unchanged(self, seen: Objective | None) -> Condition:
        return self._items.cluster_id.does_not_exist() if seen is None else self._items.revision == seen.version

    def _change_item(self, cluster_id: str, change: ObjectiveChange) -> PackedItem:
        key = f"{_change_key(change.at)}#{secrets.token_hex(4)}"
        return self._packed(f"{cluster_id}{CHANGES}", key, body=pack(change))

    def _item(self, cluster_id: str, objective: Objective) -> ObjectiveItem:
        latency = objective.latency_objective
        return self._items(
            cluster_id,
            objective.subject.key(objective.name),
            availability=objective.availability,
            p95_latency=objective.p95_latency,
            latency_share=latency.share if latency else None,
            latency_threshold=latency.threshold if latency else None,
            minimum_requests=objective.minimum_requests,
            period=objective.period.length,
            time_zone=objective.period.time_zone,
            owner=objective.owner or None,
            channel=objective.channel or None,
            origin=objective.origin,
            is_followed=objective.is_followed,
            revision=objective.version,
            set_by=objective.set_by,
            set_at=objective.set_at,
        )


def _change_key(at: float) -> str:
    """The key of the first change at this time, without its random part."""
    return f"{round(at * 1000):013d}"


def _exclusion_key(exclusion_id: str) -> str:
    """It begins with a character that no objective's name has."""
    return f"#exclusion|{exclusion_id}"


def _objective(item: ObjectiveItem) -> Objective:
    name, subject = Subject.of_key(item.target_key)
    if item.cluster_id == ALL_CLUSTERS:
        subject = EVERYTHING
    latency = None
    if item.latency_share is not None and item.latency_threshold is not None:
        latency = LatencyObjective(float(item.latency_share), float(item.latency_threshold))
    return Objective(
        subject=subject,
        name=name,
        period=Period(length_of(item.period or name), item.time_zone or "UTC"),
        availability=float(item.availability),
        p95_latency=None if item.p95_latency is None else float(item.p95_latency),
        latency_objective=latency,
        minimum_requests=int(item.minimum_requests),
        owner=item.owner or "",
        channel=item.channel or "",
        is_followed=bool(item.is_followed),
        origin=origin_of(item.origin or "page"),
        version=int(item.revision),
        set_by=item.set_by,
        set_at=float(item.set_at),
    )
