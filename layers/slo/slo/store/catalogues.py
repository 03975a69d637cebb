"""The catalogue item of each cluster, written on the condition that nobody else did in between."""

import secrets
from collections.abc import Iterable

from pynamodb.attributes import BinaryAttribute, ListAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import DoesNotExist, TransactWriteError
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from slo.catalogue import Catalogue
from slo.documents import pack_catalogue, unpack_catalogue
from slo.store.errors import WriteConflictError, is_transaction_conflict, is_transaction_refused
from slo.store.parts import split
from slo.store.tables import connection_of

_HEAD = 0
_VERSION = -1
_READ_ATTEMPTS = 5
_REMEMBERED = 32
"""Catalogues that a warm function keeps, so that readers who look again need not read and decode them again."""


class CatalogueItem(Model):
    """Part 0 is the head; it names the continuations, which have random numbers and so belong to one head only.

    Part -1 has the head's version and nothing else: who keeps a catalogue in memory asks it, for one read unit, whether
    that is still the latest.
    """

    cluster_id = UnicodeAttribute(hash_key=True)
    part = NumberAttribute(range_key=True)
    body = BinaryAttribute(legacy_encoding=False)
    version = NumberAttribute()
    parts = ListAttribute(of=NumberAttribute, null=True)


class CatalogueStore:
    """Catalogues of all clusters."""

    def __init__(self, items: type[CatalogueItem]) -> None:
        self._items = items
        self._remembered: dict[str, Catalogue] = {}

    def of_version(self, cluster_id: str, version: int) -> Catalogue:
        """The catalogue: from memory if that has this version, else the one that is stored now."""
        return self._kept(cluster_id, version, consistent=False)

    def _kept(self, cluster_id: str, version: int, *, consistent: bool) -> Catalogue:
        known = self._remembered.pop(cluster_id, None)
        if known is None or known.version != version:
            known = self.get(cluster_id, consistent=consistent)
        self._remembered[cluster_id] = known
        while len(self._remembered) > _REMEMBERED:
            del self._remembered[next(iter(self._remembered))]
        return known

    def latest(self, cluster_id: str) -> Catalogue:
        """The catalogue as it is now, read consistently: from memory if nobody has written another one."""
        try:
            version = int(self._items.get(cluster_id, _VERSION, consistent_read=True).version)
        except DoesNotExist:
            return self.get(cluster_id, consistent=True)
        return self._kept(cluster_id, version, consistent=True)

    def get(self, cluster_id: str, *, consistent: bool = False) -> Catalogue:
        """The catalogue; an empty one where the cluster is new."""
        for _ in range(_READ_ATTEMPTS):
            try:
                head = self._items.get(cluster_id, _HEAD, consistent_read=consistent)
            except DoesNotExist:
                return Catalogue()
            bodies = self._continuations(cluster_id, head)
            if len(bodies) == len(head.parts or ()):
                return unpack_catalogue(b"".join([head.body, *bodies]))
        raise WriteConflictError(cluster_id)

    def put(self, cluster_id: str, catalogue: Catalogue) -> None:
        """Write the version after the one that was read. Raises WriteConflictError where another one was written."""
        head, rest = split(pack_catalogue(catalogue))
        replaced = self._parts(cluster_id) if rest or catalogue.version > 1 else []
        numbers = [secrets.randbits(48) + 1 for _ in rest]
        for number, body in zip(numbers, rest, strict=True):
            self._items(cluster_id, number, body=body, version=catalogue.version).save()
        item = self._items(cluster_id, _HEAD, body=head, version=catalogue.version, parts=numbers or None)
        unchanged = (
            self._items.part.does_not_exist()
            if catalogue.version == 1
            else self._items.version == catalogue.version - 1
        )
        try:
            with TransactWrite(connection=connection_of(self._items)) as transaction:
                transaction.save(item, condition=unchanged)
                transaction.save(self._items(cluster_id, _VERSION, body=b"", version=catalogue.version))
        except TransactWriteError as error:
            self._delete(cluster_id, numbers)
            if is_transaction_refused(error) or is_transaction_conflict(error):
                raise WriteConflictError(cluster_id) from error
            raise
        self._delete(cluster_id, replaced)

    def _continuations(self, cluster_id: str, head: CatalogueItem) -> list[bytes]:
        numbers = _numbers(head)
        keys = [(cluster_id, number) for number in numbers]
        bodies = (
            {int(item.part): item.body for item in self._items.batch_get(keys, consistent_read=True)} if keys else {}
        )
        return [bodies[number] for number in numbers if number in bodies]

    def _parts(self, cluster_id: str) -> list[int]:
        head = next(iter(self._items.query(cluster_id, self._items.part == _HEAD, attributes_to_get=["parts"])), None)
        return _numbers(head) if head else []

    def _delete(self, cluster_id: str, numbers: Iterable[int]) -> None:
        for number in numbers:
            self._items(cluster_id, number).delete()


def _numbers(head: CatalogueItem) -> list[int]:
    return [int(str(number)) for number in head.parts or ()]
