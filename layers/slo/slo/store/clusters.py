"""One item for each cluster: its agent's last snapshot, and how far rollup has booked."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any, NamedTuple

import msgspec
from pynamodb.attributes import BinaryAttribute, BooleanAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import DoesNotExist
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.models import Model

from slo.store.codec import pack, unpack
from slo.store.errors import LostClaimError, WriteConflictError, refusal_as
from slo.store.tables import Tables
from slo.times import HOUR_SECONDS
from slo.traefik.snapshots import NO_ROUTER_LABELS, Snapshot

_IDLE_SECONDS = 2 * HOUR_SECONDS
_WARNING_LENGTH = 400
_WARNINGS_BYTES = 600
"""Of the packed warnings: about seven sentences that say what is wrong and what to do."""


UNKNOWN_PROMISES = b"?"
"""Whether the objectives are those that annotations promise has to be compared again."""


class ClusterItem(Model):
    """Kept under 1 KB, because every push writes it."""

    cluster_id = UnicodeAttribute(hash_key=True)
    received_at = NumberAttribute(null=True)
    taken_at = NumberAttribute(null=True)
    taken_before = NumberAttribute(null=True)
    promises = BinaryAttribute(legacy_encoding=False, null=True)
    agent_version = UnicodeAttribute(null=True)
    router_labels = BooleanAttribute(null=True)
    routes_complete = BooleanAttribute(null=True)
    processes = NumberAttribute(null=True)
    unreachable = NumberAttribute(null=True)
    packed_warnings = BinaryAttribute(legacy_encoding=False, null=True)
    catalogue_version = NumberAttribute(null=True)
    mapped_version = NumberAttribute(null=True)
    watermark = NumberAttribute(default=0)
    generation = NumberAttribute(default=0)
    owes_books = BooleanAttribute(null=True)


class ClusterState(msgspec.Struct, frozen=True, kw_only=True):
    """The state of a cluster. Times are Unix seconds."""

    cluster_id: str
    received_at: float = 0.0
    """When the last snapshot arrived."""
    taken_at: float = 0.0
    agent_version: str = ""
    router_labels: bool | None = None
    """Whether Traefik exposes router series (`addRoutersLabels`); None before the first scraped process."""
    routes_complete: bool = True
    processes: int = 0
    unreachable: int = 0
    warnings: tuple[str, ...] = ()
    catalogue_version: int = 0
    """The version that the last push found or wrote. Readers compare it with their cached catalogue's."""
    mapped_version: int = 0
    """The version of the catalogue whose routes the route map holds."""
    watermark: int = 0
    """Rollup has booked everything up to here. Readers never read past it."""
    generation: int = 0
    """Number of the last claim of this cluster."""
    owes_books: bool = False
    """Whether books were refused that the next rollup has to write."""

    @property
    def has_open_books(self) -> bool:
        """Whether a rollup is due: clusters are rolled up until the hour of their last snapshot is closed."""
        return self.received_at > self.watermark - _IDLE_SECONDS


class Noted(NamedTuple):
    """What storing a snapshot's report tells about those before it."""

    is_newest: bool
    """False if the report was left out, because a newer one is stored."""
    is_newer: bool = False
    """Whether it was taken after the one that was stored last: it is no repetition, and none overtook it."""
    promises: bytes = b""
    """What `note_promises` stored last."""


class ClusterStore:
    """States of all clusters."""

    def __init__(self, tables: Tables) -> None:
        self._items = tables.bind(ClusterItem, "CLUSTERS_TABLE")

    def get(self, cluster_id: str, *, consistent: bool = False) -> ClusterState | None:
        """The state of a cluster; None before its first snapshot or import."""
        try:
            return _state(self._items.get(cluster_id, consistent_read=consistent))
        except DoesNotExist:
            return None

    def all(self) -> Iterator[ClusterState]:
        """Every cluster that has ever pushed or been imported."""
        return (_state(item) for item in self._items.scan())

    def note_snapshot(self, snapshot: Snapshot, now: float, *, is_late: bool, catalogue_version: int) -> Noted:
        """Store what a snapshot reports, unless it is late and a newer one is stored already.

        Then only that this one arrived is stored. A snapshot that is not late is taken for the newest.
        """
        item = self._items(snapshot.cluster_id)
        arrival: list[Action] = [
            self._items.received_at.set(now),
            self._items.catalogue_version.set(catalogue_version),
        ]
        everything = [*arrival, *self._reported(snapshot)]
        if not is_late:
            item.update(actions=everything)
            return _noted(item, snapshot)
        is_newest = self._items.taken_at.does_not_exist() | (self._items.taken_at < snapshot.taken_at)
        try:
            with refusal_as(WriteConflictError(snapshot.cluster_id)):
                item.update(actions=everything, condition=is_newest)
        except WriteConflictError:
            item.update(actions=arrival)
            return Noted(is_newest=False)
        return _noted(item, snapshot)

    def _reported(self, snapshot: Snapshot) -> Iterator[Action]:
        metrics = snapshot.ingress_metrics
        yield self._items.taken_before.set(self._items.taken_at | 0.0)
        yield self._items.taken_at.set(snapshot.taken_at)
        yield self._items.agent_version.set(snapshot.agent_version)
        yield self._items.routes_complete.set(snapshot.routes_complete)
        yield self._items.processes.set(len(metrics.processes))
        yield self._items.unreachable.set(len(metrics.unreachable))
        yield self._items.packed_warnings.set(_packed(snapshot.warnings))
        if metrics.processes:
            kinds = {process.measured_by for process in metrics.processes if process.rows}
            yield self._items.router_labels.set(kinds != {"service"})

    def note_promises(self, cluster_id: str, promises: bytes, taken_at: float) -> None:
        """Store that the objectives are those of these promises, which the snapshot of this time has.

        If another snapshot arrived meanwhile, they may be those of both: then the next push compares them again.
        """
        with suppress(WriteConflictError), refusal_as(WriteConflictError(cluster_id)):
            try:
                with refusal_as(WriteConflictError(cluster_id)):
                    noted = self._items.promises.set(promises) if promises else self._items.promises.remove()
                    self._items(cluster_id).update(actions=[noted], condition=self._items.taken_at == taken_at)
            except WriteConflictError:
                forgotten = self._items.promises.set(UNKNOWN_PROMISES)
                self._items(cluster_id).update(actions=[forgotten], condition=self._items.cluster_id.exists())

    def note_mapped(self, cluster_id: str, version: int) -> None:
        """Store which version of the catalogue the route map holds, unless the cluster was removed meanwhile."""
        mapped = self._items.mapped_version.set(version)
        with suppress(WriteConflictError), refusal_as(WriteConflictError(cluster_id)):
            self._items(cluster_id).update(actions=[mapped], condition=self._items.cluster_id.exists())

    def remove(self, state: ClusterState) -> None:
        """Delete a cluster's item as it was read. Raises WriteConflictError if a snapshot has arrived since."""
        received_at = self._items.received_at
        is_unchanged = received_at == state.received_at if state.received_at else received_at.does_not_exist()
        with refusal_as(WriteConflictError(state.cluster_id)):
            self._items(state.cluster_id).delete(condition=is_unchanged)

    def claim(self, state: ClusterState, now: float = 0.0) -> int:
        """Claim the next generation of rollup. Raises LostClaimError if another worker has claimed or finished since.

        The generation is at least `now` in Unix seconds, which outranks all items even if this table was brought back
        to an earlier time. A removed cluster stays removed.
        The watermark is checked too: from an older one, closed periods would be booked again, without the late samples
        whose markers are deleted by now.
        """
        generation = max(state.generation + 1, int(now))
        unclaimed = self._items.generation == state.generation
        if state.generation == 0:
            unclaimed |= self._items.generation.does_not_exist()
        if state.received_at:
            unclaimed &= self._items.cluster_id.exists()
        unmoved = self._items.watermark == state.watermark
        if state.watermark == 0:
            unmoved |= self._items.watermark.does_not_exist()
        self._update(state.cluster_id, [self._items.generation.set(generation)], unclaimed & unmoved)
        return generation

    def move_watermark(
        self, cluster_id: str, generation: int, watermark: int, *, owes_books: bool | None = None
    ) -> None:
        """Let readers see what this generation wrote, or, to book it again, less. Raises LostClaimError if outdated.

        `owes_books` says whether books were refused; None if that has not changed.
        """
        actions: list[Action] = [self._items.watermark.set(watermark)]
        if owes_books is not None:
            actions.append(self._items.owes_books.set(owes_books))
        self._update(cluster_id, actions, self._items.generation == generation)

    def finish_import(
        self, cluster_id: str, generation: int, watermark: int, seen_at: float, catalogue_version: int
    ) -> None:
        """Let readers see imported history. If the agent has never pushed, `seen_at` becomes the last arrival.

        The generation is increased, because readers may have cached a half-written history under the old one. Raises
        LostClaimError if a rollup has begun since.
        """
        actions: list[Action] = [
            self._items.watermark.set(watermark),
            self._items.received_at.set(self._items.received_at | seen_at),
            self._items.catalogue_version.set(catalogue_version),
            self._items.generation.set(generation + 1),
            self._items.promises.set(UNKNOWN_PROMISES),
        ]
        self._update(cluster_id, actions, self._items.generation == generation)

    def _update(self, cluster_id: str, actions: list[Action], condition: Condition) -> None:
        with refusal_as(LostClaimError(cluster_id)):
            self._items(cluster_id).update(actions=actions, condition=condition)


def _noted(item: ClusterItem, snapshot: Snapshot) -> Noted:
    """An update answers with the whole item, which costs nothing."""
    return Noted(True, float(item.taken_before or 0) < snapshot.taken_at, item.promises or b"")


def state_of_image(image: dict[str, dict[str, Any]]) -> ClusterState:
    """The state in a record of the table's stream, as Lambda passes it. Without warnings, which nobody needs there."""
    return _state(ClusterItem.from_raw_data({name: value for name, value in image.items() if "B" not in value}))


def _packed(warnings: tuple[str, ...]) -> bytes:
    """As many as fit into the item; without the warning that `router_labels` implies."""
    kept = [warning[:_WARNING_LENGTH] for warning in warnings if warning != NO_ROUTER_LABELS]
    while len(packed := pack(kept)) > _WARNINGS_BYTES:
        kept.pop()
    return packed


def _state(item: ClusterItem) -> ClusterState:
    stored = {name: getattr(item, name) for name in ClusterState.__struct_fields__ if name != "warnings"}
    known = {name: value for name, value in stored.items() if value is not None}
    warnings = unpack(item.packed_warnings, tuple[str, ...]) if item.packed_warnings else ()
    return ClusterState(**known, warnings=warnings)
