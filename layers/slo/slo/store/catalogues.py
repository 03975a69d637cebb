"""The catalogue of each cluster. A write fails if another writer has changed it since it was read."""

import secrets
import zlib
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import msgspec
from pynamodb.attributes import ListAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import DoesNotExist
from pynamodb.transactions import TransactWrite

from slo.counting.catalogue import Catalogue
from slo.store.bodies import Bodies, Key, LargeItem
from slo.store.codec import pack, unpack
from slo.store.errors import WriteConflictError, refusal_as
from slo.store.tables import Tables, connection_of

_HEAD = 0
_VERSION = -1
_STAMP_BYTES = 8
_NO_ID_YET = 2**40
"""More than any id that a catalogue has given."""
_ATTEMPTS = 20
_REMEMBERED = 32
"""Catalogues that a warm function caches, so that it does not read and decode them for each request."""


class NoRoomError(Exception):
    """Raised if a catalogue is larger than allowed."""


class CatalogueItem(LargeItem):
    """Item 0 is the head. It names its parts, whose numbers are random, so a part belongs to one head only.

    Item -1 holds only the head's version and random bytes. It tells a function, for one read unit, whether its cached
    catalogue is still the latest. The bytes tell apart two catalogues of one version: that of a removed cluster, and
    that of the cluster which came back under its id.
    """

    cluster_id = UnicodeAttribute(hash_key=True)
    part = NumberAttribute(range_key=True)
    version = NumberAttribute()
    parts = ListAttribute(of=NumberAttribute, null=True)

    shared_with_parts = ("version",)

    def name_parts(self, count: int) -> None:
        """Choose random numbers."""
        numbers: list[Any] = [secrets.randbits(48) + 1 for _ in range(count)]
        self.parts = numbers or None

    def part_keys(self) -> list[Key]:
        """The same hash key as the head."""
        return [(self.cluster_id, int(str(number))) for number in self.parts or ()]


class CatalogueStore:
    """Catalogues of all clusters."""

    def __init__(self, tables: Tables) -> None:
        self._items = tables.bind(CatalogueItem, "CATALOGUE_TABLE")
        self._bodies = Bodies(self._items)
        self._remembered: dict[str, Catalogue] = {}
        self._stamps: dict[str, bytes] = {}

    def of_version(self, cluster_id: str, version: int) -> Catalogue:
        """The catalogue: from memory if the cached one has this version, else the stored one."""
        return self._cached(cluster_id, version, consistent=False)

    def _cached(self, cluster_id: str, version: int, *, consistent: bool) -> Catalogue:
        known = self._remembered.pop(cluster_id, None)
        if known is None or known.version != version:
            known = self.get(cluster_id, consistent=consistent)
        self._remembered[cluster_id] = known
        while len(self._remembered) > _REMEMBERED:
            del self._remembered[next(iter(self._remembered))]
        return known

    def cluster_ids(self) -> Iterator[str]:
        """Every cluster that has a catalogue."""
        found = self._items.scan(self._items.part == _HEAD, attributes_to_get=["cluster_id"])
        return (item.cluster_id for item in found)

    def latest(self, cluster_id: str) -> Catalogue:
        """The current catalogue, read consistently; from memory if the cached one is still the latest."""
        try:
            current = self._items.get(cluster_id, _VERSION, consistent_read=True)
        except DoesNotExist:
            return self.get(cluster_id, consistent=True)
        if self._stamps.get(cluster_id) != current.body:
            self._remembered.pop(cluster_id, None)
            self._stamps[cluster_id] = current.body
        return self._cached(cluster_id, int(current.version), consistent=True)

    def get(self, cluster_id: str, *, consistent: bool = False) -> Catalogue:
        """The stored catalogue; an empty one for a new cluster."""
        try:
            head = self._items.get(cluster_id, _HEAD, consistent_read=consistent)
        except DoesNotExist:
            return Catalogue()
        return unpack(self._bodies.get(head, consistent=consistent), Catalogue)

    def put(self, cluster_id: str, catalogue: Catalogue, *, most_bytes: int | None = None) -> None:
        """Write the next version of the catalogue.

        Raises WriteConflictError if another writer was faster, and NoRoomError if it takes more than `most_bytes`.
        """
        self._replace(cluster_id, catalogue, catalogue.version - 1, most_bytes)

    def replace(self, cluster_id: str, catalogue: Catalogue, replaced_version: int) -> None:
        """Write a catalogue of any version instead of this one (0: there is none). Raises WriteConflictError."""
        self._replace(cluster_id, catalogue, replaced_version, None)

    def _replace(self, cluster_id: str, catalogue: Catalogue, replaced_version: int, most_bytes: int | None) -> None:
        body = pack(catalogue)
        if most_bytes is not None and len(body) > most_bytes:
            raise NoRoomError(f"The catalogue of {cluster_id} has {len(body)} bytes.")
        replaced = self._parts(cluster_id) if replaced_version else []
        head = self._items(cluster_id, _HEAD, version=catalogue.version)
        try:
            self._bodies.put(head, body, lambda item: self._save(item, replaced_version))
        except WriteConflictError:
            self._bodies.delete_parts(head.part_keys())
            raise
        self._bodies.delete_parts(replaced)

    def _save(self, head: CatalogueItem, replaced_version: int) -> None:
        is_new = self._items.part.does_not_exist()
        unchanged = self._items.version == replaced_version if replaced_version else is_new
        conflict = WriteConflictError(head.cluster_id)
        with (
            refusal_as(conflict, or_conflict=True),
            TransactWrite(connection=connection_of(self._items)) as transaction,
        ):
            transaction.save(head, condition=unchanged)
            transaction.save(self._version_item(head.cluster_id, int(head.version)))

    def _version_item(self, cluster_id: str, version: int) -> CatalogueItem:
        return self._items(cluster_id, _VERSION, body=secrets.token_bytes(_STAMP_BYTES), version=version)

    def empty(self, cluster_id: str) -> int:
        """Forget all routes and entries, but not which ids were given; returns the new version, 0 if there is nothing.

        So samples that name these ids are skipped. A catalogue that cannot be decoded is replaced as well.
        """
        for _ in range(_ATTEMPTS):
            try:
                known = self.get(cluster_id, consistent=True)
            except (zlib.error, msgspec.DecodeError):
                version = int(self._items.get(cluster_id, _HEAD, consistent_read=True).version)
                known = Catalogue(version=version, next_id=_NO_ID_YET)
            if not known.version:
                return 0
            with suppress(WriteConflictError):
                self.put(cluster_id, Catalogue(version=known.version + 1, next_id=known.next_id))
                return known.version + 1
        raise WriteConflictError(f"The catalogue of {cluster_id} keeps changing.")

    def renew(self, cluster_id: str) -> None:
        """Give the catalogue another version, so that no function relies on what it stored before."""
        known = self.get(cluster_id, consistent=True)
        with suppress(WriteConflictError):
            self.put(cluster_id, msgspec.structs.replace(known, version=known.version + 1))

    def remove(self, cluster_id: str, version: int) -> None:
        """Delete the head of a catalogue. Raises WriteConflictError if it has another version by now."""
        with refusal_as(WriteConflictError(cluster_id)):
            self._items(cluster_id, _HEAD).delete(condition=self._items.version == version)

    def _parts(self, cluster_id: str) -> list[Key]:
        """The parts of the stored head."""
        is_head, names = self._items.part == _HEAD, ["cluster_id", "parts"]
        found = self._items.query(cluster_id, is_head, attributes_to_get=names, consistent_read=True)
        return [key for head in found for key in head.part_keys()]
