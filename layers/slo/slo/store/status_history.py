"""Status books: one item for each rollup that changed a status of its cluster."""

from collections.abc import Iterator

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.transactions import TransactWrite

from slo.counting.retention import STATUSES_KEPT_SECONDS
from slo.objectives.status_changes import StatusBook
from slo.store.bodies import Bodies, GenerationItem
from slo.store.clusters import ClusterItem
from slo.store.codec import pack, unpack
from slo.store.errors import LostClaimError, refusal_as, refusals
from slo.store.tables import Tables, connection_of


class StatusItem(GenerationItem):
    """One status book, or (under a hash that begins with `#`) a part of one."""

    cluster_id = UnicodeAttribute(hash_key=True)
    at = NumberAttribute(range_key=True)


class StatusStore:
    """Status books of all clusters."""

    def __init__(self, tables: Tables) -> None:
        self._items = tables.bind(StatusItem, "STATUS_HISTORY_TABLE")
        self._clusters = tables.bind(ClusterItem, "CLUSTERS_TABLE")
        self._bodies = Bodies(self._items)

    def latest(self, cluster_id: str, time: int) -> StatusBook | None:
        """The last book not after a time; None if there is none."""
        return next(self.newest_first(cluster_id, 0, time, limit=1, consistent=True), None)

    def newest_first(
        self, cluster_id: str, start: int, end: int, *, limit: int | None = None, consistent: bool = False
    ) -> Iterator[StatusBook]:
        """The books within [start, end], newest first."""
        found = self._items.query(
            cluster_id,
            self._items.at.between(start, max(start, end)),
            scan_index_forward=False,
            limit=limit,
            consistent_read=consistent,
        )
        return (unpack(self._bodies.get(item, consistent=consistent), StatusBook) for item in found)

    def put(self, cluster_id: str, book: StatusBook, generation: int) -> None:
        """Write a book if this generation still holds the claim.

        Raises LostClaimError if another one does, and WriteRefusedError.
        """
        head = self._items(cluster_id, book.at, generation=generation, expires_at=book.at + STATUSES_KEPT_SECONDS)
        with refusals(f"The changes of status at {book.at}"):
            self._bodies.put(head, pack(book), self._save)

    def _save(self, head: StatusItem) -> None:
        holds_claim = self._clusters.generation == head.generation
        lost = LostClaimError(head.cluster_id)
        with refusal_as(lost), TransactWrite(connection=connection_of(self._items)) as transaction:
            transaction.condition_check(self._clusters, head.cluster_id, condition=holds_claim)
            transaction.save(head)

    def clear(self, cluster_id: str, after: int, generation: int) -> None:
        """Delete the books after a time. Older generations wrote them but stopped before moving the watermark.

        Raises LostClaimError if a newer generation has written one.
        """
        for head in self._items.query(cluster_id, self._items.at > after, consistent_read=True):
            with refusal_as(LostClaimError(cluster_id)):
                self._bodies.delete(head, self._items.generation <= generation)
