"""Hourly and daily books of each domain."""

from collections.abc import Iterable, Iterator

from pynamodb.attributes import BinaryAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import PutError
from pynamodb.models import Model

from slo.books import Book
from slo.documents import pack_book, unpack_book
from slo.rollup import DAY_SECONDS
from slo.store.errors import LostClaimError, is_condition_failed

HOURLY_KEPT_SECONDS = 90 * DAY_SECONDS
DAILY_KEPT_SECONDS = 400 * DAY_SECONDS


class BookItem(Model):
    """One domain's closed hour or day."""

    domain_key = UnicodeAttribute(hash_key=True)
    starts_at = NumberAttribute(range_key=True)
    body = BinaryAttribute(legacy_encoding=False)
    generation = NumberAttribute()
    expires_at = NumberAttribute()


class BookStore:
    """Books of one period length (hours or days) of all clusters."""

    def __init__(self, items: type[BookItem], kept_seconds: int) -> None:
        self._items = items
        self._kept_seconds = kept_seconds

    def put(self, cluster_id: str, book: Book, generation: int) -> None:
        """Write a closed period. Raises LostClaimError where a newer generation has written it."""
        item = self._packed(cluster_id, book, generation)
        try:
            item.save(condition=self._items.generation.does_not_exist() | (self._items.generation <= generation))
        except PutError as error:
            if is_condition_failed(error):
                raise LostClaimError(cluster_id) from error
            raise

    def put_history(self, cluster_id: str, books: Iterable[Book], generation: int) -> None:
        """Write many periods of a time that no rollup writes."""
        with self._items.batch_write() as batch:
            for book in books:
                batch.save(self._packed(cluster_id, book, generation))

    def _packed(self, cluster_id: str, book: Book, generation: int) -> BookItem:
        return self._items(
            _key(cluster_id, book.domain),
            book.starts_at,
            body=pack_book(book),
            generation=generation,
            expires_at=book.starts_at + self._kept_seconds,
        )

    def delete(self, cluster_id: str, domain: str, starts_at: int) -> None:
        """Delete a period of a domain."""
        self._items(_key(cluster_id, domain), starts_at).delete()

    def between(self, cluster_id: str, domain: str, start: int, end: int) -> Iterator[Book]:
        """A domain's periods that start within [start, end), oldest first."""
        found = self._items.query(_key(cluster_id, domain), self._items.starts_at.between(start, end - 1))
        return (unpack_book(item.body) for item in found)


def _key(cluster_id: str, domain: str) -> str:
    return f"{cluster_id}#{domain}"
