"""Books: each domain's figures of one closed hour or day."""

from collections.abc import Iterable, Iterator

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import DoesNotExist

from slo.counting.books import Book
from slo.counting.retention import DAILY_KEPT_SECONDS, HOURLY_KEPT_SECONDS
from slo.store.bodies import Bodies, GenerationItem
from slo.store.codec import pack_book, unpack_book
from slo.store.errors import refusals, save_claimed
from slo.store.tables import Tables
from slo.times import DAY_SECONDS, HOUR_SECONDS


class BookItem(GenerationItem):
    """One book, or (under a hash that begins with `#`) a part of one."""

    domain_key = UnicodeAttribute(hash_key=True)
    starts_at = NumberAttribute(range_key=True)


class BookStore:
    """Books of all clusters, for one period length."""

    def __init__(self, tables: Tables, table: str, kept_seconds: int) -> None:
        self._items = tables.bind(BookItem, table)
        self._bodies = Bodies(self._items)
        self.kept_seconds = kept_seconds

    def put(self, cluster_id: str, book: Book, generation: int) -> None:
        """Write a book. Raises LostClaimError if a newer generation has written it, and WriteRefusedError."""
        head = self._head(cluster_id, book, generation)
        with refusals(f"The book of {book.domain} at {book.starts_at}"):
            self._bodies.put(head, pack_book(book), lambda item: save_claimed(item, cluster_id, generation))

    def put_history(self, cluster_id: str, books: Iterable[Book], generation: int) -> None:
        """Write many imported books, without a condition: rollup never writes these periods."""
        with self._items.batch_write() as batch:
            for book in books:
                for item in self._bodies.items(self._head(cluster_id, book, generation), pack_book(book)):
                    batch.save(item)

    def _head(self, cluster_id: str, book: Book, generation: int) -> BookItem:
        expires_at = book.starts_at + self.kept_seconds
        return self._items(_key(cluster_id, book.domain), book.starts_at, generation=generation, expires_at=expires_at)

    def delete(self, cluster_id: str, domain: str, starts_at: int) -> None:
        """Delete a domain's book of one period, if it exists."""
        try:
            self._bodies.delete(self._items.get(_key(cluster_id, domain), starts_at, consistent_read=True))
        except DoesNotExist:
            return

    def between(self, cluster_id: str, domain: str, start: int, end: int) -> Iterator[Book]:
        """A domain's books that start within [start, end), oldest first."""
        found = self._items.query(_key(cluster_id, domain), self._items.starts_at.between(start, end - 1))
        return (unpack_book(self._bodies.get(item, consistent=False)) for item in found)


class HourlyBooks(BookStore):
    """Books of one hour."""

    def __init__(self, tables: Tables) -> None:
        kept_days = tables.number("HOURLY_RETENTION_DAYS", HOURLY_KEPT_SECONDS // DAY_SECONDS)
        super().__init__(tables, "HOURLY_TABLE", kept_days * DAY_SECONDS)


class DailyBooks(BookStore):
    """Books of one day."""

    def __init__(self, tables: Tables) -> None:
        kept_days = tables.number("DAILY_RETENTION_DAYS", DAILY_KEPT_SECONDS // DAY_SECONDS)
        super().__init__(tables, "DAILY_TABLE", kept_days * DAY_SECONDS)


BOOKS = {HOUR_SECONDS: HourlyBooks, DAY_SECONDS: DailyBooks}
"""The store of each period length."""


def _key(cluster_id: str, domain: str) -> str:
    return f"{cluster_id}#{domain}"
