"""Dispatch: which clusters have something to roll up."""

from collections.abc import Iterator

from slo.rollup import HOUR_SECONDS
from slo.store.clusters import ClusterState, ClusterStore

_IDLE_SECONDS = 2 * HOUR_SECONDS
"""After the last snapshot, long enough to close its hour; a day closes when the cluster speaks again or at midnight."""


def due(clusters: ClusterStore, now: float) -> Iterator[str]:
    """Ids of the clusters that have spoken since they were last booked."""
    return (state.cluster_id for state in clusters.all() if is_due(state, now))


def is_due(state: ClusterState, now: float) -> bool:
    """Whether the cluster has open books."""
    return state.received_at > min(now, state.watermark) - _IDLE_SECONDS
