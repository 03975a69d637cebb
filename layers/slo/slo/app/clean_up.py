"""Clean-up of a deployment: keeps catalogues bounded and the route map consistent with them."""

from collections.abc import Iterator

import msgspec

from slo.app.route_mapper import RouteMapper
from slo.app.stores import Stores
from slo.counting.clean_up import Cleaned, cleaned
from slo.store.catalogues import CatalogueStore
from slo.store.clusters import ClusterState, ClusterStore
from slo.store.errors import WriteConflictError
from slo.store.ledgers import LedgerStore

_ATTEMPTS = 5


class ClusterCleaned(msgspec.Struct, frozen=True, kw_only=True):
    """What a run cleaned up in one cluster, or a dry run would."""

    cluster_id: str
    retired_routes: int
    """Routes that no rule declares any more; their history is kept until it expires."""
    catalogue: Cleaned
    mappings_removed: int
    """Mappings of routes that no longer exist."""
    mappings_added: int
    """Mappings that were missing in the route map, or different."""

    @property
    def is_clean(self) -> bool:
        """Whether there was nothing to do."""
        return not (self.catalogue.total or self.mappings_removed or self.mappings_added)


class CleanUp:
    """Cleans clusters up."""

    def __init__(self, stores: Stores) -> None:
        self._clusters = stores.of(ClusterStore)
        self._catalogues = stores.of(CatalogueStore)
        self._mapper = RouteMapper(stores)
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
            mapped = self._mapper.repair(cluster_id, dry_run=dry_run)
            return ClusterCleaned(
                cluster_id=cluster_id,
                retired_routes=sum(1 for route in after.routes if route.retired_at is not None),
                catalogue=found,
                mappings_removed=mapped.removed,
                mappings_added=mapped.added,
            )
        raise WriteConflictError(cluster_id)
