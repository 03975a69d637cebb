"""Incidents: one item for each, and one for what is open now.

cluster_id      incident_key        body
{cluster}       {incident_id}       `Incident`; ids sort by the time of opening
{cluster}       #watch              `Watch`: what is open now, and what is still to be done about it

An incident's own item is written when something happens to it. The watch has it as of now while it is open.
"""

import msgspec
from pynamodb.attributes import BinaryAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import DoesNotExist
from pynamodb.models import Model

from slo.incidents.incident import Incident
from slo.incidents.tracking import Tracking
from slo.notifications.telling import Due, Telling
from slo.store.codec import pack, unpack
from slo.store.errors import WriteConflictError, refusal_as
from slo.store.tables import Tables
from slo.times import DAY_SECONDS

INCIDENTS_KEPT_SECONDS = 400 * DAY_SECONDS
_WATCH = "#watch"
_FIRST_ID = "0"


class IncidentItem(Model):
    """One incident, or the watch of a cluster."""

    cluster_id = UnicodeAttribute(hash_key=True)
    incident_key = UnicodeAttribute(range_key=True)
    body = BinaryAttribute(legacy_encoding=False)
    revision = NumberAttribute(null=True)
    """Version of the watch."""
    expires_at = NumberAttribute(null=True)


class Watch(msgspec.Struct, frozen=True, kw_only=True):
    """What is open in a cluster, and the outbox: what is still to be written and told.

    It is written on the condition that nobody has changed it. What it says is to be done is done afterwards, and may be
    done again: so nothing is lost if a function is killed.
    """

    version: int = 0
    tracking: Tracking = Tracking()
    telling: Telling = Telling()
    unwritten: tuple[Incident, ...] = ()
    """Incidents whose items are not written yet."""
    untold: tuple[Due, ...] = ()
    """Notices that are not queued yet."""
    weekly_at: float = 0.0
    """The Monday of the last weekly report, Unix seconds; 0 before the first one is due."""

    @property
    def open(self) -> tuple[Incident, ...]:
        """The incidents that are not resolved."""
        return tuple(tracked.incident for tracked in self.tracking.open.values())


class IncidentStore:
    """Incidents of all clusters."""

    def __init__(self, tables: Tables) -> None:
        self._items = tables.bind(IncidentItem, "INCIDENTS_TABLE")

    def open(self, cluster_id: str) -> tuple[Incident, ...]:
        """The incidents that are not resolved."""
        return self.watch(cluster_id).open

    def watch(self, cluster_id: str, *, consistent: bool = False) -> Watch:
        """The watch of a cluster; an empty one before its first incident."""
        try:
            return unpack(self._items.get(cluster_id, _WATCH, consistent_read=consistent).body, Watch)
        except DoesNotExist:
            return Watch()

    def put_watch(self, cluster_id: str, watch: Watch) -> Watch:
        """Replace the version that the caller read, and return the new one. Raises WriteConflictError."""
        following = msgspec.structs.replace(watch, version=watch.version + 1)
        item = self._items(cluster_id, _WATCH, body=pack(following), revision=following.version)
        revision = self._items.revision
        unchanged = revision == watch.version if watch.version else revision.does_not_exist()
        with refusal_as(WriteConflictError(cluster_id)):
            item.save(condition=unchanged)
        return following

    def put(self, incident: Incident) -> None:
        """Write an incident's own item. Repeating it is harmless."""
        last = incident.resolved_at or incident.opened_at
        expires_at = int(last) + INCIDENTS_KEPT_SECONDS
        self._items(incident.cluster_id, incident.incident_id, body=pack(incident), expires_at=expires_at).save()

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
