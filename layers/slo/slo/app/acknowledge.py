"""Acknowledges an incident: someone is looking at it, so nobody is reminded of it."""

from slo.api import not_found
from slo.api.incident_answers import IncidentAnswer, incident_answer
from slo.app.incidents import is_incident_id
from slo.app.stores import Stores
from slo.app.watch_keeper import WatchKeeper


class Acknowledge:
    """Changes incidents on behalf of people."""

    def __init__(self, stores: Stores) -> None:
        self._keeper = WatchKeeper(stores)

    def incident(self, cluster_id: str, incident_id: str, by: str) -> IncidentAnswer:
        """Acknowledge an incident. Of several people, the first counts.

        Raises NotFoundError, and ConflictError if it is resolved already.
        """
        if not is_incident_id(incident_id):
            raise not_found.incident(incident_id)
        return incident_answer(self._keeper.acknowledge(cluster_id, incident_id, by))
