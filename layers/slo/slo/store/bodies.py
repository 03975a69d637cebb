"""Bodies that may be larger than a DynamoDB item: a head, and the parts that it names.

A DynamoDB item holds 400 KB. A body of up to 380 KB is one item, the head. The rest of a larger body is stored in
parts: items of the same table, under keys that no other head names. tests/integration/store/test_bodies.py tests these
rules:

- Parts are written before their head, so a visible head is complete.
- A head is written on a condition of its own. If the response is lost, the parts stay, because the head may be stored.
  If DynamoDB refuses the head, its parts are unused: the catalogue deletes them, all others expire.
- Parts are read as consistently as their head. If a part is missing, the head was replaced since: both are read again.
- The head is deleted before its parts, so no head stays without them.
"""

from abc import abstractmethod
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from pynamodb.attributes import BinaryAttribute, NumberAttribute
from pynamodb.models import Model

from slo.store.errors import WriteConflictError

PART_BYTES = 380_000
"""DynamoDB's 400 KB, less the other attributes."""
_READ_ATTEMPTS = 5

Key = tuple[Any, Any]
"""Hash and range key of an item."""


class LargeItem(Model):
    """A head or a part. Each model defines how a head names its parts."""

    body = BinaryAttribute(legacy_encoding=False)

    shared_with_parts: Sequence[str] = ()
    """Attributes that parts copy from their head."""

    @abstractmethod
    def name_parts(self, count: int) -> None:
        """Record in this head that it has `count` parts."""

    @abstractmethod
    def part_keys(self) -> list[Key]:
        """The keys of the parts that this head names, in order."""

    def own_key(self) -> Key:
        """The key of this item."""
        return getattr(self, str(self._hash_keyname)), getattr(self, str(self._range_keyname))


class GenerationItem(LargeItem):
    """An item that one generation of rollup writes and that expires. The head stores the number of parts."""

    generation = NumberAttribute()
    parts = NumberAttribute(null=True)
    expires_at = NumberAttribute()

    shared_with_parts = ("generation", "expires_at")

    def name_parts(self, count: int) -> None:
        """Store the number; the keys are derived from the head's key."""
        self.parts = count or None

    def part_keys(self) -> list[Key]:
        """Hash `#{range key}#{generation}#{hash key}`, range 1 and up. No head's hash key begins with `#`."""
        hash_key, range_key = self.own_key()
        key = f"#{range_key}#{int(self.generation)}#{hash_key}"
        return [(key, number) for number in range(1, int(self.parts or 0) + 1)]


class Bodies[M: LargeItem]:
    """Bodies in one table."""

    def __init__(self, items: type[M]) -> None:
        self._items = items

    def items(self, head: M, body: bytes) -> list[M]:
        """The items of a body: its parts, then its head."""
        first, *rest = [body[start : start + PART_BYTES] for start in range(0, len(body), PART_BYTES)] or [b""]
        head.body = first
        head.name_parts(len(rest))
        shared = {name: getattr(head, name) for name in head.shared_with_parts}
        keys = head.part_keys()
        return [*(self._items(*key, body=part, **shared) for key, part in zip(keys, rest, strict=True)), head]

    def put(self, head: M, body: bytes, write: Callable[[M], None]) -> None:
        """Write the parts of a body, then call `write` with its head. Raises what `write` raises."""
        *parts, head = self.items(head, body)
        for part in parts:
            part.save()
        write(head)

    def get(self, head: M, *, consistent: bool) -> bytes:
        """The body of a head. Raises WriteConflictError if it is deleted, or replaced again and again."""
        for _ in range(_READ_ATTEMPTS):
            keys = head.part_keys()
            found = self._read(keys, consistent=consistent) if keys else {}
            if len(found) == len(keys):
                return b"".join([head.body, *(found[key].body for key in keys)])
            consistent = True
            head = self._read([head.own_key()], consistent=True).get(head.own_key(), head)
        raise WriteConflictError(f"The parts of {head.own_key()} are gone: it is deleted, or replaced again and again.")

    def delete(self, head: M, condition: Any = None) -> None:
        """Delete a body, given its head as it was read."""
        keys = head.part_keys()
        head.delete(condition=condition)
        self.delete_parts(keys)

    def delete_parts(self, keys: Iterable[Key]) -> None:
        """Delete parts that no head names."""
        for key in keys:
            self._items(*key).delete()

    def _read(self, keys: list[Key], *, consistent: bool) -> dict[Key, M]:
        return {item.own_key(): item for item in self._items.batch_get(keys, consistent_read=consistent)}
