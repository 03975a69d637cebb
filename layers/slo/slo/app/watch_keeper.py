"""Keeps the watch of a cluster: changes it, then does what it says is to be done.

The watch is replaced on the condition that nobody else has changed it. Afterwards incidents are written and notices
queued, and a second write notes that this is done. Whoever is killed in between has it done again by the next one:
items are equal, and a channel takes each notice once (`slo.app.deliver`).
"""

from collections.abc import Callable

import msgspec

from slo.api import not_found
from slo.app.stores import Stores
from slo.errors import ConflictError, TryAgainError
from slo.incidents import tracking
from slo.incidents.incident import Incident
from slo.notifications.delivery import Order
from slo.notifications.telling import tell
from slo.store.delivery_queue import DeliveryQueue
from slo.store.errors import WriteConflictError
from slo.store.incidents import IncidentStore, Watch
from slo.store.notifications import NotificationStore

_ATTEMPTS = 5


class WatchKeeper:
    """Changes watches. `queue` returns the queue of orders."""

    def __init__(self, stores: Stores, *, queue: Callable[[], DeliveryQueue] | None = None) -> None:
        self._incidents = stores.of(IncidentStore)
        self._settings = stores.of(NotificationStore)
        self._clock = stores.clock
        self._queue = queue or (lambda: DeliveryQueue(stores.tables.text("DELIVERY_QUEUE_URL")))

    def commit(self, cluster_id: str, watch: Watch, orders: tuple[Order, ...] = ()) -> Watch:
        """Replace the version that was read, and do what is to be done. Raises WriteConflictError."""
        return self.do(cluster_id, self._incidents.put_watch(cluster_id, watch), orders)

    def do(self, cluster_id: str, watch: Watch, orders: tuple[Order, ...] = ()) -> Watch:
        """Do what a stored watch says is to be done, and these orders. Raises WriteConflictError."""
        if not (watch.unwritten or watch.untold or orders):
            return watch
        for incident in watch.unwritten:
            self._incidents.put(incident)
        known = {incident.incident_id: incident for incident in (*watch.open, *watch.unwritten)}
        told = [due.order(known[due.incident_id]) for due in watch.untold if due.incident_id in known]
        if told or orders:
            self._queue().send([*told, *orders])
        return self._incidents.put_watch(cluster_id, msgspec.structs.replace(watch, unwritten=(), untold=()))

    def acknowledge(self, cluster_id: str, incident_id: str, by: str) -> Incident:
        """Note that somebody looks at an incident; the first one counts. Raises NotFoundError and ConflictError."""
        for _ in range(_ATTEMPTS):
            watch = self._incidents.watch(cluster_id, consistent=True)
            try:
                following, transitions = tracking.acknowledge(watch.tracking, incident_id, by, self._clock())
            except KeyError:
                raise self._not_open(cluster_id, incident_id) from None
            acknowledged = next(
                each.incident for each in following.open.values() if each.incident.incident_id == incident_id
            )
            if not transitions:
                return acknowledged
            settings = self._settings.settings()
            telling, due = tell(watch.telling, following, transitions, settings, self._clock())
            changed = msgspec.structs.replace(
                watch,
                tracking=following,
                telling=telling,
                unwritten=(*watch.unwritten, acknowledged),
                untold=(*watch.untold, *due),
            )
            try:
                stored = self._incidents.put_watch(cluster_id, changed)
            except WriteConflictError:
                continue
            self._do_now(cluster_id, stored)
            return acknowledged
        raise TryAgainError("The incident changes right now.", retry_after_seconds=2)

    def _do_now(self, cluster_id: str, watch: Watch) -> None:
        try:
            self.do(cluster_id, watch)
        except WriteConflictError:
            return

    def _not_open(self, cluster_id: str, incident_id: str) -> Exception:
        if self._incidents.get(cluster_id, incident_id) is None:
            return not_found.incident(incident_id)
        return ConflictError("The incident is resolved already.")
