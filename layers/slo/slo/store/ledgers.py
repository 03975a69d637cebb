"""Ledger items: one at the end of each slot, written only if no newer generation has written it."""

from collections.abc import Collection, Iterable, Iterator

from pynamodb.attributes import UnicodeAttribute
from pynamodb.exceptions import DoesNotExist

from slo.counting.ledger import Ledger
from slo.counting.retention import kept_seconds
from slo.store.bodies import Bodies, GenerationItem, Key
from slo.store.codec import pack_ledger, unpack_ledger
from slo.store.errors import save_claimed
from slo.store.tables import Tables


class LedgerItem(GenerationItem):
    """One ledger, or (under the hash `{cluster_id}#parts`) a part of one."""

    cluster_id = UnicodeAttribute(hash_key=True)
    ledger_key = UnicodeAttribute(range_key=True)

    def part_keys(self) -> list[Key]:
        """The key contains the generation, so that two workers never write the same part."""
        numbers = range(1, int(self.parts or 0) + 1)
        keys = (f"{self.ledger_key}|{int(self.generation)}|{number:03d}" for number in numbers)
        return [(f"{self.cluster_id}#parts", key) for key in keys]


class LedgerStore:
    """Ledgers of all clusters."""

    def __init__(self, tables: Tables) -> None:
        self._items = tables.bind(LedgerItem, "LEDGER_TABLE")
        self._bodies = Bodies(self._items)

    def put(self, cluster_id: str, ledger: Ledger, generation: int) -> None:
        """Write a ledger. Raises LostClaimError if a newer generation has written it."""
        head = self._head(cluster_id, ledger, generation)
        self._bodies.put(head, pack_ledger(ledger), lambda item: save_claimed(item, cluster_id, generation))

    def put_history(self, cluster_id: str, ledgers: Iterable[Ledger], generation: int) -> None:
        """Write many imported ledgers, without a condition: rollup never writes these times."""
        with self._items.batch_write() as batch:
            for ledger in ledgers:
                for item in self._bodies.items(self._head(cluster_id, ledger, generation), pack_ledger(ledger)):
                    batch.save(item)

    def _head(self, cluster_id: str, ledger: Ledger, generation: int) -> LedgerItem:
        expires_at = ledger.at + kept_seconds(ledger.at)
        return self._items(cluster_id, _key(ledger.at), generation=generation, expires_at=expires_at)

    def between(self, cluster_id: str, after: int, until: int) -> Iterator[Ledger]:
        """The stored ledgers within (after, until], oldest first."""
        keys = self._items.ledger_key.between(_key(after + 1), _key(max(after + 1, until)))
        found = self._items.query(cluster_id, keys, consistent_read=True)
        return (self._ledger(item, consistent=True) for item in found if int(item.ledger_key) <= until)

    def delete(self, cluster_id: str, at: int) -> None:
        """Delete the ledger stored for exactly this time, if it exists."""
        try:
            self._bodies.delete(self._items.get(cluster_id, _key(at), consistent_read=True))
        except DoesNotExist:
            return

    def stored_at(self, cluster_id: str, times: Collection[int], *, consistent: bool) -> dict[int, Ledger]:
        """The ledgers stored for exactly these times, read in one request. Most ends of slots have one."""
        if not times:
            return {}
        found = self._items.batch_get([(cluster_id, _key(time)) for time in times], consistent_read=consistent)
        return {int(item.ledger_key): self._ledger(item, consistent=consistent) for item in found}

    def at(self, cluster_id: str, time: int, *, consistent: bool = False) -> Ledger:
        """The ledger in effect at a time: the latest one not after it; an empty one before the first."""
        found = self._items.query(
            cluster_id,
            self._items.ledger_key <= _key(time),
            scan_index_forward=False,
            limit=1,
            consistent_read=consistent,
        )
        item = next(iter(found), None)
        return Ledger() if item is None else self._ledger(item, consistent=consistent)

    def _ledger(self, item: LedgerItem, *, consistent: bool) -> Ledger:
        return unpack_ledger(self._bodies.get(item, consistent=consistent))


def _key(at: int) -> str:
    return f"{at:010d}"
