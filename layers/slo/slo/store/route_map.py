"""The route map: finds routes by Traefik's service key or by domain.

A service key can have several routes, and a route several keys; each item is one pair. The route map is an index of the
catalogue's routes: rollup updates it when routes have changed, and clean-up repairs it.
"""

from collections.abc import Iterable, Iterator
from itertools import batched

import msgspec
from pynamodb.attributes import BooleanAttribute, JSONAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import PutError
from pynamodb.indexes import AllProjection, LocalSecondaryIndex
from pynamodb.models import Model

from slo.counting.catalogue import Route
from slo.store.errors import is_throttled
from slo.store.keys import key_prefix, sort_key
from slo.store.tables import Tables
from slo.structs import like

_BATCH = 25


class ByDomainIndex(LocalSecondaryIndex["RouteMapItem"]):  # type: ignore[no-untyped-call]
    """Routes of one domain of a cluster."""

    class Meta:
        """Configuration of the index."""

        index_name = "by_domain"
        projection = AllProjection()

    cluster_id = UnicodeAttribute(hash_key=True)
    domain = UnicodeAttribute(range_key=True)


class RouteMapItem(Model):
    """One route under one of its service keys."""

    cluster_id = UnicodeAttribute(hash_key=True)
    route_key = UnicodeAttribute(range_key=True)
    by_domain = ByDomainIndex()
    domain = UnicodeAttribute()
    path_prefix = UnicodeAttribute()
    ingress_name = UnicodeAttribute()
    namespace = UnicodeAttribute()
    tls = BooleanAttribute()
    service_key = UnicodeAttribute()
    service_name = UnicodeAttribute()
    service_port = JSONAttribute()
    created_at = NumberAttribute()
    updated_at = NumberAttribute()


class RouteMapping(msgspec.Struct, frozen=True, kw_only=True):
    """A route under one of its service keys. Times are Unix seconds."""

    cluster_id: str
    domain: str
    path_prefix: str
    ingress_name: str
    namespace: str
    tls: bool
    service_key: str
    service_name: str
    service_port: int | str
    created_at: float
    updated_at: float

    @property
    def route_key(self) -> str:
        """Unique within a cluster, and sorted by service key."""
        return sort_key(self.service_key, self.namespace, self.ingress_name, self.domain, self.path_prefix)


Batch = tuple[tuple[RouteMapping, bool], ...]
"""Mappings, and whether each is written (or deleted)."""


class RouteMap:
    """Route mappings of all clusters."""

    def __init__(self, tables: Tables) -> None:
        self._items = tables.bind(RouteMapItem, "ROUTE_MAP_TABLE")

    def upsert(self, mapping: RouteMapping) -> None:
        """Write a mapping; it replaces the one with the same key and route."""
        self._item(mapping).save()

    def by_service_key(self, cluster_id: str, service_key: str) -> list[RouteMapping]:
        """The routes of a service key; several if they share a service."""
        keys = self._items.route_key.startswith(key_prefix(service_key))
        found = self._items.query(cluster_id, keys)
        return [like(RouteMapping, item) for item in found if item.service_key == service_key]

    def by_domain(self, cluster_id: str, domain: str) -> list[RouteMapping]:
        """The mappings of one domain."""
        found = self._items.by_domain.query(cluster_id, self._items.domain == domain)
        return [like(RouteMapping, item) for item in found]

    def all_domains(self, cluster_id: str) -> list[str]:
        """Every domain of a cluster, sorted."""
        found = self._items.by_domain.query(cluster_id, attributes_to_get=["domain"])
        return sorted({item.domain for item in found})

    def all(self, cluster_id: str, *, after: str = "", limit: int | None = None) -> list[RouteMapping]:
        """The mappings of a cluster, sorted by `route_key`: all, or at most `limit` after the key `after`."""
        keys = self._items.route_key > after if after else None
        found = self._items.query(cluster_id, keys, limit=limit, consistent_read=True)
        return [like(RouteMapping, item) for item in found]

    @staticmethod
    def batches(put: Iterable[RouteMapping], gone: Iterable[RouteMapping]) -> list[Batch]:
        """These writes and deletions in the sizes that DynamoDB takes."""
        changes = [*((mapping, True) for mapping in put), *((mapping, False) for mapping in gone)]
        return list(batched(changes, _BATCH, strict=False))

    def write(self, batch: Batch) -> bool:
        """Write and delete a batch of mappings; False if DynamoDB throttled it. Then it may be sent again."""
        try:
            with self._items.batch_write() as writer:
                for mapping, is_kept in batch:
                    (writer.save if is_kept else writer.delete)(self._item(mapping))
        except PutError as error:
            if is_throttled(error):
                return False
            raise
        return True

    def _item(self, mapping: RouteMapping) -> RouteMapItem:
        return self._items(route_key=mapping.route_key, **msgspec.structs.asdict(mapping))


def mappings(cluster_id: str, routes: Iterable[Route], now: float) -> Iterator[RouteMapping]:
    """One mapping for each declared route and each of its service keys."""
    for route in routes:
        info = route.info
        for key in {info.service_key, info.router_keys[0], *info.service_keys}:
            names = {"cluster_id": cluster_id, "ingress_name": info.name, "service_key": key}
            yield like(RouteMapping, info, **names, created_at=route.created_at, updated_at=now)


def differences(
    stored: Iterable[RouteMapping], wanted: Iterable[RouteMapping]
) -> tuple[list[RouteMapping], list[RouteMapping]]:
    """The mappings to write and those to delete."""
    old = {mapping.route_key: mapping for mapping in stored}
    new = {mapping.route_key: mapping for mapping in wanted}
    put = [mapping for key, mapping in new.items() if not _same(old.get(key), mapping)]
    return put, [mapping for key, mapping in old.items() if key not in new]


def _same(old: RouteMapping | None, new: RouteMapping) -> bool:
    return old is not None and msgspec.structs.replace(old, updated_at=new.updated_at) == new
