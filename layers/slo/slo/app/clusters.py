"""Clusters: the state of each cluster's monitoring."""

from collections.abc import Callable

import msgspec

from slo.api.answers import ClusterAnswer, ClustersAnswer
from slo.app.freshness import Freshness
from slo.app.stores import Stores
from slo.app.views import cluster_header
from slo.objectives.status import STALE_SECONDS
from slo.store.clusters import ClusterState, ClusterStore
from slo.traefik.snapshots import is_of_a_pod


class Clusters:
    """Lists clusters."""

    def __init__(self, stores: Stores) -> None:
        self._clusters = stores.of(ClusterStore)
        self._clock = stores.clock
        self._freshness = Freshness(stores)
        self._push_url = stores.push_url

    def seen_by(self, may_see: Callable[[str], bool]) -> ClustersAnswer:
        """The clusters that a caller may see, sorted by id."""
        states = sorted(self._clusters.all(), key=lambda state: state.cluster_id)
        seen = tuple(self._answer(state) for state in states if may_see(state.cluster_id))
        return ClustersAnswer(seen, self._push_url)

    def _answer(self, state: ClusterState) -> ClusterAnswer:
        now = self._clock()
        state = msgspec.structs.replace(state, warnings=(*_unreachable(state), *state.warnings))
        is_behind = state.watermark and state.has_open_books
        return ClusterAnswer(
            **cluster_header(
                state,
                is_stale=now - state.received_at > STALE_SECONDS,
                fresh_until=self._freshness.until(state),
                booked_until=state.watermark,
            ),
            agent_version=state.agent_version,
            routes_complete=state.routes_complete,
            processes=state.processes,
            unreachable=state.unreachable,
            lag_seconds=now - state.watermark if is_behind else None,
        )


def _unreachable(state: ClusterState) -> list[str]:
    """A warning of the pods that did not answer, if the agent's own found no room."""
    if not state.unreachable or any(map(is_of_a_pod, state.warnings)):
        return []
    pods = "1 Traefik pod" if state.unreachable == 1 else f"{state.unreachable} Traefik pods"
    return [f"{pods} did not answer the last scrape: requests are missing until they answer again."]
