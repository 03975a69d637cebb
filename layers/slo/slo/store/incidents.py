"""Incidents: one item for each, and one for what is open now.

cluster_id      incident_key        body
{cluster}       {incident_id}       `Incident`; ids sort by the time of opening
{cluster}       #watch              what is watched now, with the incidents that are not resolved
"""

import msgspec
from pynamodb.attributes import BinaryAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import DoesNotExist
from pynamodb.models import Model

from slo.incidents.incident import Incident
from slo.store.codec import unpack
from slo.store.tables import Tables

_WATCH = "#watch"
_FIRST_ID = "0"


class IncidentItem(Model):
    """One incident, or the watch of a cluster."""

    cluster_id = UnicodeAttribute(hash_key=True)
    incident_key = UnicodeAttribute(range_key=True)
    body = BinaryAttribute(legacy_encoding=False)
    expires_at = NumberAttribute(null=True)


class _Watched(msgspec.Struct):
    """The part of the watch that readers need."""

    open: tuple[Incident, ...] = ()


class IncidentStore:
    """Incidents of all clusters."""

    def __init__(self, tables: Tables) -> None:
        self._items = tables.bind(IncidentItem, "INCIDENTS_TABLE")

    def open(self, cluster_id: str) -> tuple[Incident, ...]:
        """The incidents that are not resolved."""
        try:
            return unpack(self._items.get(cluster_id, _WATCH).body, _Watched).open
        except DoesNotExist:
            return ()

    def get(self, cluster_id: str, incident_id: str) -> Incident | None:
        """One incident; None if there is none."""
        try:
            return unpack(self._items.get(cluster_id, incident_id).body, Incident)
        except DoesNotExist:
            return None

    def newest_first(self, cluster_id: str, before: str | None, limit: int) -> list[Incident]:
        """At most `limit` incidents that were opened before the one with this id, if any; newest first."""
        key = self._items.incident_key
        is_asked_for = key >= _FIRST_ID if before is None else key.between(_FIRST_ID, before)
        found = self._items.query(cluster_id, is_asked_for, scan_index_forward=False, limit=limit + 1)
        incidents = (unpack(item.body, Incident) for item in found)
        return [incident for incident in incidents if incident.incident_id != before][:limit]
