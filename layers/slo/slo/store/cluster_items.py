"""Everything that one cluster has in the tables, by its keys alone: an item that cannot be decoded is found as well.

Books and the parts of books and status books lie under many hash keys, which DynamoDB cannot list. So these tables are
read as a whole. All other items of a cluster lie under one or two hash keys.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from pynamodb.exceptions import PutError
from pynamodb.models import Model

from slo.store.bodies import Key
from slo.store.books import BookItem
from slo.store.catalogues import CatalogueItem
from slo.store.certificates import CertificatesItem
from slo.store.clusters import ClusterItem
from slo.store.errors import is_throttled
from slo.store.ledgers import LedgerItem
from slo.store.objectives import CHANGES, ObjectiveItem
from slo.store.raw import RawItem
from slo.store.route_map import RouteMapItem
from slo.store.status_history import StatusItem
from slo.store.tables import Tables

BATCH = 25
"""The number of deletions that DynamoDB takes in one request."""
Finder = Callable[[type[Model], str], Iterator[Any]]


class ClusterItems:
    """The items of any cluster in all tables except the tokens'."""

    def __init__(self, tables: Tables) -> None:
        self._tables: dict[str, tuple[type[Model], Finder]] = {
            name: (tables.bind(model, f"{name.upper().replace(' ', '_')}_TABLE"), finder)
            for name, model, finder in _TABLES
        }
        self.names = tuple(self._tables)
        """The tables, in the order in which a cluster is removed: the catalogue names the ids of all others."""

    def keys(self, name: str, cluster_id: str) -> Iterator[Key]:
        """The keys of a cluster's items in one table; heads come before their parts where they share a query."""
        model, find = self._tables[name]
        return (_key(item) for item in find(model, cluster_id))

    def delete(self, name: str, keys: Iterable[Key]) -> bool:
        """Delete up to `BATCH` items; False if DynamoDB throttled it. Then they may be deleted again."""
        model, _ = self._tables[name]
        try:
            with model.batch_write() as batch:
                for key in keys:
                    batch.delete(model(*(part for part in key if part is not None)))
        except PutError as error:
            if is_throttled(error):
                return False
            raise
        return True


def _under(*suffixes: str) -> Finder:
    """Items under the cluster's own hash keys."""

    def find(model: type[Model], cluster_id: str) -> Iterator[Any]:
        for suffix in suffixes:
            hash_key = f"{cluster_id}{suffix}"
            yield from model.query(hash_key, attributes_to_get=_key_names(model), consistent_read=True)

    return find


def _anywhere(model: type[Model], cluster_id: str) -> Iterator[Any]:
    """Items whose hash key is the cluster's, begins with `{cluster_id}#`, or names such a key as that of a part."""
    hash_key = getattr(model, str(model._hash_keyname))
    may_be = hash_key.startswith(cluster_id) | hash_key.contains(f"#{cluster_id}")
    found = model.scan(filter_condition=may_be, attributes_to_get=_key_names(model), consistent_read=True)
    return (item for item in found if _owner(_key(item)[0]) == cluster_id)


def _owner(hash_key: str) -> str:
    """The cluster of an item: parts have the hash `#{range key}#{generation}#{hash key of their head}`."""
    own = hash_key.split("#", 3)[3] if hash_key.startswith("#") else hash_key
    return own.partition("#")[0]


def _key_names(model: type[Model]) -> list[str]:
    return [str(name) for name in (model._hash_keyname, model._range_keyname) if name]


def _key(item: Any) -> Key:
    values = [getattr(item, name) for name in _key_names(type(item))]
    return values[0], values[1] if len(values) > 1 else None


_TABLES: tuple[tuple[str, type[Model], Finder], ...] = (
    ("clusters", ClusterItem, _under("")),
    ("targets", ObjectiveItem, _under("", CHANGES)),
    ("raw", RawItem, _under("", "#parts", "#late", "#owed")),
    ("ledger", LedgerItem, _under("", "#parts")),
    ("status history", StatusItem, _anywhere),
    ("incidents", CertificatesItem, _under("")),
    ("hourly", BookItem, _anywhere),
    ("daily", BookItem, _anywhere),
    ("route map", RouteMapItem, _under("")),
    ("catalogue", CatalogueItem, _under("")),
)
