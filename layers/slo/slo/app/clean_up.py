"""Clean-up of a deployment: keeps catalogues bounded and the route map consistent with them."""

from collections.abc import Iterator

import msgspec

from slo.app.stores import Stores
from slo.counting.clean_up import Cleaned, cleaned
from slo.store.catalogues import CatalogueStore
from slo.store.clusters import ClusterState, ClusterStore
from slo.store.errors import WriteConflictError
from slo.store.ledgers import LedgerStore
from slo.store.route_map import RouteMap, mappings
from slo.times import HOUR_SECONDS

_ATTEMPTS = 5
_SETTLED_SECONDS = HOUR_SECONDS
"""A younger mapping may belong to an ingest that has not written the catalogue yet."""


class ClusterCleaned(msgspec.Struct, frozen=True, kw_only=True):
    """What a run cleaned up in one cluster, or a dry run would."""

    cluster_id: str
    retired_routes: int
    """Routes that no rule declares any more; their history is kept until it expires."""
    catalogue: Cleaned
    mappings_removed: int
    """Mappings of routes that no longer exist."""
    mappings_added: int
    """Mappings that were missing in the route map."""

    @property
    def is_clean(self) -> bool:
        """Whether there was nothing to do."""
        return not (self.catalogue.total or self.mappings_removed or self.mappings_added)


class CleanUp:
    """Cleans clusters up."""

    def __init__(self, stores: Stores) -> None:
        self._clusters = stores.of(ClusterStore)
        self._catalogues = stores.of(CatalogueStore)
        self._route_map = stores.of(RouteMap)
        self._ledgers = stores.of(LedgerStore)
        self._clock = stores.clock

    def run(self, cluster_id: str | None = None, *, dry_run: bool = False) -> Iterator[ClusterCleaned]:
        """Clean up every cluster, or only `cluster_id`. Lazy: each step of the iterator cleans one cluster."""
        for state in self._clusters.all():
            if cluster_id in (None, state.cluster_id):
                yield self._clean(state, dry_run=dry_run)

    def _clean(self, state: ClusterState, *, dry_run: bool) -> ClusterCleaned:
        cluster_id = state.cluster_id
        for _ in range(_ATTEMPTS):
            before = self._catalogues.get(cluster_id, consistent=True)
            rows = self._ledgers.at(cluster_id, state.watermark, consistent=True).rows
            after, found = cleaned(before, rows, self._clock())
            try:
                if after is not before and not dry_run:
                    self._catalogues.put(cluster_id, after)
            except WriteConflictError:
                continue
            removed, added = self._repair_route_map(cluster_id, dry_run=dry_run)
            return ClusterCleaned(
                cluster_id=cluster_id,
                retired_routes=sum(1 for route in after.routes if route.retired_at is not None),
                catalogue=found,
                mappings_removed=removed,
                mappings_added=added,
            )
        raise WriteConflictError(cluster_id)

    def _repair_route_map(self, cluster_id: str, *, dry_run: bool) -> tuple[int, int]:
        """Ingest writes the route map before the catalogue. If it is killed in between, the two differ."""
        stored = {mapping.route_key: mapping for mapping in self._route_map.all(cluster_id)}
        declared = self._catalogues.get(cluster_id, consistent=True).current_routes
        wanted = {mapping.route_key: mapping for mapping in mappings(cluster_id, declared, self._clock())}
        settled = self._clock() - _SETTLED_SECONDS
        removed = [mapping for key, mapping in stored.items() if key not in wanted and mapping.updated_at < settled]
        added = [mapping for key, mapping in wanted.items() if key not in stored]
        if not dry_run:
            self._route_map.replace(removed, added)
        return len(removed), len(added)
