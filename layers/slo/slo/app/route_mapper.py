"""Keeps the route map like the catalogue, behind the pushes: rollup runs it after it has booked a cluster.

A cluster's first push may need tens of thousands of rows, and DynamoDB takes a thousand writes a second of one cluster.
So the rows are written apart from the push, only those that differ, until a deadline. The next run goes on from there.
"""

import random
import time
from collections.abc import Callable

import msgspec

from slo.app.stores import Stores
from slo.store.catalogues import CatalogueStore
from slo.store.clusters import ClusterStore
from slo.store.route_map import RouteMap, RouteMapping, differences, mappings

_PATIENCE_SECONDS = 40.0
_FIRST_PAUSE_SECONDS = 0.1
_LONGEST_PAUSE_SECONDS = 5.0


class Mapped(msgspec.Struct, frozen=True):
    """What one run changed in the route map of a cluster."""

    cluster_id: str
    added: int
    """Mappings that were missing or different."""
    removed: int
    """Mappings of routes that no longer exist."""
    left: int
    """Mappings that the next run has to write, because time ran out."""


class RouteMapper:
    """Brings route maps up to date."""

    def __init__(
        self,
        stores: Stores,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._clusters = stores.of(ClusterStore)
        self._catalogues = stores.of(CatalogueStore)
        self._route_map = stores.of(RouteMap)
        self._clock = stores.clock
        self._monotonic, self._sleep = monotonic, sleep

    def run(self, cluster_id: str) -> Mapped | None:
        """Map the routes of a cluster whose catalogue has changed; None if it has not."""
        state = self._clusters.get(cluster_id, consistent=True)
        if state is None or state.catalogue_version == state.mapped_version:
            return None
        return self.repair(cluster_id)

    def repair(self, cluster_id: str, *, dry_run: bool = False) -> Mapped:
        """Compare a cluster's route map with its catalogue, and write what differs."""
        catalogue = self._catalogues.latest(cluster_id)
        wanted = mappings(cluster_id, catalogue.current_routes, self._clock())
        put, gone = differences(self._route_map.all(cluster_id), wanted)
        if dry_run:
            return Mapped(cluster_id, len(put), len(gone), 0)
        left = self._write(put, gone)
        if not left:
            self._clusters.note_mapped(cluster_id, catalogue.version)
        return Mapped(cluster_id, len(put), len(gone), left)

    def _write(self, put: list[RouteMapping], gone: list[RouteMapping]) -> int:
        """Returns the number of mappings that are left at the deadline. A throttled batch is sent again later."""
        deadline, pause = self._monotonic() + _PATIENCE_SECONDS, _FIRST_PAUSE_SECONDS
        batches = self._route_map.batches(put, gone)
        while batches:
            if self._route_map.write(batches[-1]):
                batches.pop()
                pause = _FIRST_PAUSE_SECONDS
            else:
                self._sleep(random.uniform(0, pause))
                pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
            if self._monotonic() > deadline:
                break
        return sum(len(batch) for batch in batches)
