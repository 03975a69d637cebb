"""Ledger items: one at the end of each slot, each conditional on no newer worker having written it."""

from collections.abc import Collection, Iterable, Iterator

from pynamodb.attributes import BinaryAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import PutError
from pynamodb.models import Model

from slo.documents import pack_ledger, unpack_ledger
from slo.ledger import Ledger
from slo.store.errors import LostClaimError, is_condition_failed
from slo.store.parts import split
from slo.windows import kept_seconds


class LedgerItem(Model):
    """One ledger, or (under the hash `{cluster_id}#parts`) a continuation of one."""

    cluster_id = UnicodeAttribute(hash_key=True)
    ledger_key = UnicodeAttribute(range_key=True)
    body = BinaryAttribute(legacy_encoding=False)
    generation = NumberAttribute()
    parts = NumberAttribute(null=True)
    expires_at = NumberAttribute()


class LedgerStore:
    """Ledgers of all clusters."""

    def __init__(self, items: type[LedgerItem]) -> None:
        self._items = items

    def put(self, cluster_id: str, ledger: Ledger, generation: int) -> None:
        """Write a ledger. Raises LostClaimError where a newer generation has written it."""
        *parts, item = self._packed(cluster_id, ledger, generation)
        for part in parts:
            part.save()
        try:
            item.save(condition=self._items.generation.does_not_exist() | (self._items.generation <= generation))
        except PutError as error:
            if is_condition_failed(error):
                raise LostClaimError(cluster_id) from error
            raise

    def put_history(self, cluster_id: str, ledgers: Iterable[Ledger], generation: int) -> None:
        """Write many ledgers of a time that no rollup writes."""
        with self._items.batch_write() as batch:
            for ledger in ledgers:
                for item in self._packed(cluster_id, ledger, generation):
                    batch.save(item)

    def _packed(self, cluster_id: str, ledger: Ledger, generation: int) -> list[LedgerItem]:
        """The items of a ledger, its head last."""
        head, rest = split(pack_ledger(ledger))
        expires_at = ledger.at + kept_seconds(ledger.at)
        parts = [
            self._items(
                f"{cluster_id}#parts",
                _part_key(ledger.at, generation, number),
                body=body,
                generation=generation,
                expires_at=expires_at,
            )
            for number, body in enumerate(rest, 1)
        ]
        item = self._items(
            cluster_id,
            _key(ledger.at),
            body=head,
            generation=generation,
            parts=len(rest) or None,
            expires_at=expires_at,
        )
        return [*parts, item]

    def between(self, cluster_id: str, after: int, until: int) -> Iterator[Ledger]:
        """The stored ledgers after one time and not after another, oldest first."""
        keys = self._items.ledger_key.between(_key(after + 1), _key(max(after + 1, until)))
        found = self._items.query(cluster_id, keys, consistent_read=True)
        return (unpack_ledger(self._body(cluster_id, item)) for item in found if int(item.ledger_key) <= until)

    def delete(self, cluster_id: str, at: int) -> None:
        """Delete the ledger that is stored for exactly this time."""
        self._items(cluster_id, _key(at)).delete()

    def stored_at(self, cluster_id: str, times: Collection[int]) -> dict[int, Ledger]:
        """The ledgers that are stored for exactly these times, read consistently in one request.

        Of a cluster that pushes, most ends of slots have one.
        """
        found = self._items.batch_get([(cluster_id, _key(time)) for time in times], consistent_read=True)
        return {int(item.ledger_key): unpack_ledger(self._body(cluster_id, item)) for item in found}

    def at(self, cluster_id: str, time: int, *, consistent: bool = False) -> Ledger:
        """The ledger that holds at a time: the latest one not after it; an empty one before the first."""
        found = self._items.query(
            cluster_id,
            self._items.ledger_key <= _key(time),
            scan_index_forward=False,
            limit=1,
            consistent_read=consistent,
        )
        item = next(iter(found), None)
        return Ledger() if item is None else unpack_ledger(self._body(cluster_id, item))

    def _body(self, cluster_id: str, item: LedgerItem) -> bytes:
        at, generation = int(item.ledger_key), int(item.generation)
        numbers = range(1, int(item.parts or 0) + 1)
        keys = [_part_key(at, generation, number) for number in numbers]
        parts = [self._items.get(f"{cluster_id}#parts", key).body for key in keys]
        return b"".join([item.body, *parts])


def _key(at: int) -> str:
    return f"{at:010d}"


def _part_key(at: int, generation: int, number: int) -> str:
    return f"{at:010d}|{generation}|{number:03d}"
