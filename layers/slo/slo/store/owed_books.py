"""Books that DynamoDB refused, so that a later rollup writes them. Empty unless something is wrong."""

from collections.abc import Iterable

import msgspec
from pynamodb.attributes import BinaryAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.models import Model

from slo.counting.retention import SLOTS_KEPT_SECONDS
from slo.store.codec import pack, unpack
from slo.store.keys import sort_key
from slo.store.tables import Tables


class OwedBook(msgspec.Struct, frozen=True, order=True):
    """A book that is missing, or older than it should be."""

    period_seconds: int
    starts_at: int
    domain: str


class OwedBookItem(Model):
    """One owed book, in the raw table under the hash `{cluster_id}#owed`."""

    cluster_id = UnicodeAttribute(hash_key=True)
    sample_key = UnicodeAttribute(range_key=True)
    body = BinaryAttribute(legacy_encoding=False)
    expires_at = NumberAttribute()


class OwedBooks:
    """Owed books of all clusters. They are forgotten when the ledgers expire from which they would be made."""

    def __init__(self, tables: Tables) -> None:
        self._items = tables.bind(OwedBookItem, "RAW_TABLE")

    def of(self, cluster_id: str) -> list[OwedBook]:
        """All that a cluster is owed, by period."""
        found = self._items.query(_hash_key(cluster_id), consistent_read=True)
        return sorted(unpack(item.body, OwedBook) for item in found)

    def add(self, cluster_id: str, books: Iterable[OwedBook], now: float) -> None:
        """Remember books that were refused."""
        with self._items.batch_write() as batch:
            for book in books:
                expires_at = int(now) + SLOTS_KEPT_SECONDS
                batch.save(self._items(*_key(cluster_id, book), body=pack(book), expires_at=expires_at))

    def clear(self, cluster_id: str, books: Iterable[OwedBook]) -> None:
        """Forget books that were written, or that can no longer be made."""
        with self._items.batch_write() as batch:
            for book in books:
                batch.delete(self._items(*_key(cluster_id, book)))


def _hash_key(cluster_id: str) -> str:
    return f"{cluster_id}#owed"


def _key(cluster_id: str, book: OwedBook) -> tuple[str, str]:
    return _hash_key(cluster_id), sort_key(str(book.period_seconds), str(book.starts_at), book.domain)
