"""Status books: one item for each rollup that changed a status of its cluster."""

from collections.abc import Iterator

from pynamodb.attributes import BinaryAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import TransactWriteError
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from slo.packing import pack, unpack
from slo.statuses import STATUSES_KEPT_SECONDS, StatusBook
from slo.store.clusters import ClusterItem
from slo.store.errors import LostClaimError, is_transaction_refused
from slo.store.tables import connection_of


class StatusItem(Model):
    """One status book, packed."""

    cluster_id = UnicodeAttribute(hash_key=True)
    at = NumberAttribute(range_key=True)
    body = BinaryAttribute(legacy_encoding=False)
    generation = NumberAttribute()
    expires_at = NumberAttribute()


class StatusStore:
    """Status books of all clusters."""

    def __init__(self, items: type[StatusItem], clusters: type[ClusterItem]) -> None:
        self._items = items
        self._clusters = clusters

    def latest(self, cluster_id: str, time: int) -> StatusBook | None:
        """The last book not after a time; None where nothing was kept yet."""
        return next(self.newest_first(cluster_id, 0, time, limit=1, consistent=True), None)

    def newest_first(
        self, cluster_id: str, start: int, end: int, *, limit: int | None = None, consistent: bool = False
    ) -> Iterator[StatusBook]:
        """The books from `start` to `end`, both included."""
        found = self._items.query(
            cluster_id,
            self._items.at.between(start, max(start, end)),
            scan_index_forward=False,
            limit=limit,
            consistent_read=consistent,
        )
        return (unpack(item.body, StatusBook) for item in found)

    def put(self, cluster_id: str, book: StatusBook, generation: int) -> None:
        """Write a book while this generation holds the claim. Raises LostClaimError once another one does."""
        item = self._items(
            cluster_id,
            book.at,
            body=pack(book),
            generation=generation,
            expires_at=book.at + STATUSES_KEPT_SECONDS,
        )
        try:
            with TransactWrite(connection=connection_of(self._items)) as transaction:
                transaction.condition_check(
                    self._clusters, cluster_id, condition=self._clusters.generation == generation
                )
                transaction.save(item)
        except TransactWriteError as error:
            if is_transaction_refused(error):
                raise LostClaimError(cluster_id) from error
            raise

    def clear(self, cluster_id: str, after: int) -> None:
        """Delete what a worker wrote that never moved the watermark to it."""
        for item in self._items.query(cluster_id, self._items.at > after, consistent_read=True):
            item.delete()
