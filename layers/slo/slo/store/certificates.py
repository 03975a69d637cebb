"""The certificates of each cluster that expire soon: one item, written only when the list changes.

It lies in the table of incidents, under the range key `#certificates`, which sorts before every incident.
"""

from typing import NamedTuple

import msgspec
from pynamodb.attributes import BinaryAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import DoesNotExist
from pynamodb.models import Model

from slo.store.codec import pack, unpack
from slo.store.errors import WriteConflictError, refusal_as
from slo.store.tables import Tables
from slo.times import MINUTE_SECONDS
from slo.traefik.snapshots import MAX_CERTIFICATES, Certificate

_KEY = "#certificates"
_REMEMBERED_SECONDS = 10 * MINUTE_SECONDS
"""A function reads the item again after so long, because another one may have changed it and changed it back."""
_REMEMBERED = 100
_MOST_BYTES = 100_000
"""Of the packed list. 200 certificates with two names each take 10,000."""


class CertificatesItem(Model):
    """The list of one cluster."""

    cluster_id = UnicodeAttribute(hash_key=True)
    incident_key = UnicodeAttribute(range_key=True, default=_KEY)
    taken_at = NumberAttribute()
    body = BinaryAttribute(legacy_encoding=False)


class Certificates(msgspec.Struct, frozen=True):
    """The certificates of a cluster that expire soon, as of its last complete snapshot."""

    certificates: tuple[Certificate, ...] = ()
    """The soonest first."""
    seen_at: float = 0.0
    """When the snapshot was taken that changed the list, Unix seconds; 0 if there never was one."""


class _Put(NamedTuple):
    """What this function was last given for a cluster."""

    certificates: tuple[Certificate, ...]
    is_complete: bool
    taken_at: float


class CertificateStore:
    """Certificates of all clusters."""

    def __init__(self, tables: Tables) -> None:
        self._items = tables.bind(CertificatesItem, "INCIDENTS_TABLE")
        self._remembered: dict[str, _Put] = {}

    def of(self, cluster_id: str, *, consistent: bool = False) -> Certificates:
        """The certificates of a cluster; empty if none expires soon."""
        try:
            item = self._items.get(cluster_id, _KEY, consistent_read=consistent)
        except DoesNotExist:
            return Certificates()
        return Certificates(unpack(item.body, tuple[Certificate, ...]), float(item.taken_at))

    def put(
        self, cluster_id: str, certificates: tuple[Certificate, ...], taken_at: float, *, is_complete: bool = True
    ) -> None:
        """Store what a snapshot says, unless a newer one has changed the list.

        If it is not complete, because a process did not answer or has just begun, stored certificates stay.
        """
        known = self._remembered.get(cluster_id)
        if known is not None and _says_nothing_new(known, _Put(certificates, is_complete, taken_at)):
            return
        stored = self.of(cluster_id, consistent=True)
        wanted = certificates if is_complete else _joined(stored.certificates, certificates)
        if _fitting(wanted) != stored.certificates and not self._save(cluster_id, wanted, taken_at):
            self._remembered.pop(cluster_id, None)
            return
        self._remembered[cluster_id] = _Put(certificates, is_complete, taken_at)
        while len(self._remembered) > _REMEMBERED:
            del self._remembered[next(iter(self._remembered))]

    def _save(self, cluster_id: str, certificates: tuple[Certificate, ...], taken_at: float) -> bool:
        """Whether it was written: a list that is newer stays."""
        item = self._items(cluster_id, _KEY, taken_at=taken_at, body=pack(_fitting(certificates)))
        is_newer = self._items.taken_at.does_not_exist() | (self._items.taken_at < taken_at)
        try:
            with refusal_as(WriteConflictError(cluster_id)):
                item.save(condition=is_newer)
        except WriteConflictError:
            return False
        return True


def _says_nothing_new(known: _Put, put: _Put) -> bool:
    """Whether a snapshot is older than the last one, or says the same as that one a short time ago."""
    age = put.taken_at - known.taken_at
    is_same = known[:2] == put[:2]
    return age < 0 or (is_same and age < _REMEMBERED_SECONDS)


def _joined(stored: tuple[Certificate, ...], seen: tuple[Certificate, ...]) -> tuple[Certificate, ...]:
    """Both lists: of certificates with the same names the one that expires last."""
    newest = {certificate.names: certificate for certificate in sorted((*stored, *seen))}
    return tuple(sorted(newest.values())[:MAX_CERTIFICATES])


def _fitting(certificates: tuple[Certificate, ...]) -> tuple[Certificate, ...]:
    """As many of the soonest as an item holds: no name has to be as long as it may be."""
    while len(pack(certificates)) > _MOST_BYTES:
        certificates = certificates[: len(certificates) // 2]
    return certificates
