"""Removes a decommissioned cluster from all tables.

First goes the cluster's own item: from then on nobody lists it, dispatch does not queue it, and a rollup that still
runs cannot move its watermark. Then its catalogue becomes empty and keeps only which ids were given: a push that is
under way can no longer be booked under a wrong name. The rest follows, the catalogue last. After an interruption, the
same call resumes. If the cluster pushes meanwhile, it comes back as a new one, with an empty history.
"""

import time
from collections import Counter
from collections.abc import Callable
from itertools import batched

import msgspec

from slo.api.tokens import Token
from slo.app.stores import Stores
from slo.errors import SloError
from slo.store.bodies import Key
from slo.store.catalogues import CatalogueStore
from slo.store.cluster_items import BATCH, ClusterItems
from slo.store.clusters import ClusterState, ClusterStore
from slo.store.errors import WriteConflictError
from slo.store.tokens import TokenStore

PUSHING_SECONDS = 600
"""A cluster counts as pushing for so long after its last snapshot."""
_PUSH_SECONDS = 30.0
"""API Gateway ends a push after 29 seconds."""
_PAUSE_SECONDS = 1.0
_SWEEPS = 3
"""The later ones find what a push or a rollup wrote meanwhile."""
_CATALOGUE = "catalogue"
Progress = Callable[[int], None]
"""Called with the number of items deleted since the last call."""


class StillPushingError(SloError):
    """Raised if the cluster pushes; `detail` says how to stop it."""


class ClusterContents(msgspec.Struct, frozen=True, kw_only=True):
    """What is stored of one cluster."""

    cluster_id: str
    received_at: float
    """When the last snapshot arrived, Unix seconds; 0 if there was none, or the cluster's own item is gone already."""
    items: dict[str, int]
    """The number of items in each table, parts of large bodies included."""
    tokens: tuple[Token, ...]
    """The valid tokens that are limited to this cluster and others, or to it alone."""

    @property
    def total(self) -> int:
        """The number of all items."""
        return sum(self.items.values())


class RemoveCluster:
    """Removes clusters from one deployment."""

    def __init__(self, stores: Stores, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._clusters = stores.of(ClusterStore)
        self._catalogues = stores.of(CatalogueStore)
        self._items = stores.of(ClusterItems)
        self._tokens = stores.of(TokenStore)
        self._clock = stores.clock
        self._sleep = sleep

    def contents(self, cluster_id: str) -> ClusterContents:
        """Count everything that is stored of a cluster. Changes nothing."""
        state = self._clusters.get(cluster_id, consistent=True)
        now = self._clock()
        tokens = (token for token in self._tokens.all() if cluster_id in token.clusters and token.is_valid(now))
        return ClusterContents(
            cluster_id=cluster_id,
            received_at=state.received_at if state else 0.0,
            items={name: self._count(name, cluster_id) for name in self._items.names},
            tokens=tuple(sorted(tokens, key=lambda token: token.created_at)),
        )

    def run(self, cluster_id: str, progress: Progress, *, is_forced: bool = False) -> dict[str, int]:
        """Remove a cluster; returns the number of items deleted from each table.

        Raises StillPushingError, and changes nothing, if a snapshot arrived within the last ten minutes. If
        `is_forced`, the cluster is removed all the same, once the pushes under way have ended. Raises StillPushingError
        at the end if it pushed meanwhile; then what it pushed is kept.
        """
        removed = self._forget(cluster_id, is_forced=is_forced)
        of_catalogue = self._count(_CATALOGUE, cluster_id)
        version = self._catalogues.empty(cluster_id)
        if removed is not None and self._is_pushing(removed.received_at):
            self._sleep(_PUSH_SECONDS)
        deleted = Counter(clusters=int(removed is not None))
        for _ in range(_SWEEPS):
            swept = self._sweep(cluster_id, progress)
            deleted += swept
            if not swept.total():
                break
        self._forget_catalogue(cluster_id, version)
        self._delete(_CATALOGUE, cluster_id, progress)
        deleted[_CATALOGUE] = of_catalogue
        return {name: deleted[name] for name in self._items.names}

    def check_silent(self, found: ClusterContents) -> None:
        """Raises StillPushingError if a snapshot arrived within the last ten minutes."""
        if self._is_pushing(found.received_at):
            raise _still_pushing(found.cluster_id, self._clock() - found.received_at)

    def _is_pushing(self, received_at: float) -> bool:
        return self._clock() - received_at <= PUSHING_SECONDS

    def _forget(self, cluster_id: str, *, is_forced: bool) -> ClusterState | None:
        """Delete the cluster's own item and return it; None if it is gone already."""
        while (state := self._clusters.get(cluster_id, consistent=True)) is not None:
            if self._is_pushing(state.received_at) and not is_forced:
                raise _still_pushing(cluster_id, self._clock() - state.received_at)
            try:
                self._clusters.remove(state)
            except WriteConflictError:
                continue
            return state
        return None

    def _forget_catalogue(self, cluster_id: str, version: int) -> None:
        """Delete the head of the catalogue, if nobody has used it since it was emptied."""
        try:
            if self._clusters.get(cluster_id, consistent=True) is None:
                if version:
                    self._catalogues.remove(cluster_id, version)
                return
        except WriteConflictError:
            pass
        # Ingest may remember a sample that was deleted, and store others relative to it.
        self._catalogues.renew(cluster_id)
        raise StillPushingError(
            f"Cluster {cluster_id!r} pushed while it was removed, and is a new cluster now. Uninstall its agent or "
            "revoke its token, and run the same command again."
        )

    def _count(self, name: str, cluster_id: str) -> int:
        return sum(1 for _ in self._items.keys(name, cluster_id))

    def _sweep(self, cluster_id: str, progress: Progress) -> Counter[str]:
        others = [name for name in self._items.names if name not in ("clusters", _CATALOGUE)]
        return Counter({name: self._delete(name, cluster_id, progress) for name in others})

    def _delete(self, name: str, cluster_id: str, progress: Progress) -> int:
        deleted = 0
        for batch in batched(self._items.keys(name, cluster_id), BATCH, strict=False):
            self._delete_batch(name, batch)
            progress(len(batch))
            deleted += len(batch)
        return deleted

    def _delete_batch(self, name: str, batch: tuple[Key, ...]) -> None:
        while not self._items.delete(name, batch):
            self._sleep(_PAUSE_SECONDS)


def _still_pushing(cluster_id: str, silent_seconds: float) -> StillPushingError:
    return StillPushingError(
        f"Cluster {cluster_id!r} still pushes: its last snapshot arrived {max(0, silent_seconds):.0f} seconds ago. "
        "Uninstall its agent or revoke its token, and wait ten minutes; or use --force."
    )
