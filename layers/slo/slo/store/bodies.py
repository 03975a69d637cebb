"""Bodies that may be larger than an item: a head, and the parts that it names.

DynamoDB's items hold 400 KB. A body up to 380 KB is one item, its head. A larger one goes on in parts: items of the
same table, under keys that no other head names. The laws, each with a test in tests/integration/store/test_bodies.py:

- Parts are written before the head that names them, so a head that can be seen is whole.
- A head is written on a condition of its own. Where the answer was lost, its parts stay: the head may be there. Where
  DynamoDB refused the head, nothing names its parts: the catalogue deletes them, all others expire.
- Parts are read as consistently as their head. A part that is missing means that the head was replaced after it was
  read: both are read again.
- A body is deleted head first, so no reader finds a head without its parts for good.
"""

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
    """A head or a part. A model says how its head names its parts."""

    body = BinaryAttribute(legacy_encoding=False)

    shared_with_parts: Sequence[str] = ()
    """Attributes that parts have as their head has them."""

    def name_parts(self, count: int) -> None:
        """Write down in this head that `count` parts go on."""
        raise NotImplementedError

    def part_keys(self) -> list[Key]:
        """The keys of the parts that this head names, in order."""
        raise NotImplementedError

    def own_key(self) -> Key:
        """The key of this item."""
        return getattr(self, str(self._hash_keyname)), getattr(self, str(self._range_keyname))


class GenerationItem(LargeItem):
    """A body that one generation of rollup wrote, and that expires. Its head counts its parts."""

    generation = NumberAttribute()
    parts = NumberAttribute(null=True)
    expires_at = NumberAttribute()

    shared_with_parts = ("generation", "expires_at")

    def name_parts(self, count: int) -> None:
        """Only the number: keys follow from the head's own."""
        self.parts = count or None

    def part_keys(self) -> list[Key]:
        """Under the hash `#{range key}#{generation}#{hash key}`, numbered; no hash key of a head begins with `#`."""
        hash_key, range_key = self.own_key()
        key = f"#{range_key}#{int(self.generation)}#{hash_key}"
        return [(key, number) for number in range(1, int(self.parts or 0) + 1)]


class Bodies[M: LargeItem]:
    """Bodies in one table."""

    def __init__(self, items: type[M]) -> None:
        self._items = items

    def items(self, head: M, body: bytes) -> list[M]:
        """The items of a body: its parts, and last its head."""
        first, *rest = [body[start : start + PART_BYTES] for start in range(0, len(body), PART_BYTES)] or [b""]
        head.body = first
        head.name_parts(len(rest))
        shared = {name: getattr(head, name) for name in head.shared_with_parts}
        keys = head.part_keys()
        return [*(self._items(*key, body=part, **shared) for key, part in zip(keys, rest, strict=True)), head]

    def put(self, head: M, body: bytes, write: Callable[[M], None]) -> None:
        """Write a body; `write` writes its head, and may raise."""
        *parts, head = self.items(head, body)
        for part in parts:
            part.save()
        write(head)

    def get(self, head: M, *, consistent: bool) -> bytes:
        """The body of a head that was read. Raises WriteConflictError where it is replaced or deleted meanwhile."""
        for _ in range(_READ_ATTEMPTS):
            keys = head.part_keys()
            found = self._read(keys, consistent=consistent) if keys else {}
            if len(found) == len(keys):
                return b"".join([head.body, *(found[key].body for key in keys)])
            consistent = True
            head = self._read([head.own_key()], consistent=True).get(head.own_key(), head)
        raise WriteConflictError(f"The parts of {head.own_key()} are gone: it is deleted, or replaced again and again.")

    def delete(self, head: M, condition: Any = None) -> None:
        """Delete a body whose head was read."""
        keys = head.part_keys()
        head.delete(condition=condition)
        self.delete_parts(keys)

    def delete_parts(self, keys: Iterable[Key]) -> None:
        """Delete parts that no head names any more."""
        for key in keys:
            self._items(*key).delete()

    def _read(self, keys: list[Key], *, consistent: bool) -> dict[Key, M]:
        return {item.own_key(): item for item in self._items.batch_get(keys, consistent_read=consistent)}
