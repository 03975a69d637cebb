"""Evaluates a cluster: finds what is wrong as of its last snapshot, tracks incidents and has people told.

The stream of the clusters' table calls it after each push, and the schedule of the rollups for what no push shows.
Whatever fails here is tried again with the next push: nothing is decided before the watch is written.
"""

from collections.abc import Callable, Iterable, Mapping

import msgspec

from slo.app.stores import Stores
from slo.app.views import View, Views
from slo.app.watch_keeper import WatchKeeper
from slo.app.weekly import Weekly
from slo.counting.catalogue import Catalogue
from slo.counting.ledger import Ledger
from slo.counting.windows import ending_at
from slo.incidents import changes
from slo.incidents.conditions import Condition, Findings
from slo.incidents.finder import Finder
from slo.incidents.incident import Incident, RouteChange, Subject
from slo.incidents.scene import Scene
from slo.incidents.thresholds import Thresholds
from slo.incidents.tracking import Tracking, Transition, asked_of, step
from slo.notifications.settings import Settings
from slo.notifications.telling import tell
from slo.objectives.objective import Objectives
from slo.store.books import HourlyBooks
from slo.store.certificates import CertificateStore
from slo.store.clusters import ClusterState, ClusterStore
from slo.store.delivery_queue import DeliveryQueue
from slo.store.errors import WriteConflictError
from slo.store.incidents import IncidentStore
from slo.store.notifications import NotificationStore
from slo.times import DAY_SECONDS, HOUR_SECONDS, floor_to
from slo.traefik.snapshots import Certificate

_ATTEMPTS = 3
_GONE_SECONDS = 7 * DAY_SECONDS
"""A cluster that is silent for longer counts as removed: its silence has been told, and ends."""
_FRESH_SECONDS = HOUR_SECONDS
"""The figures of an incident are stored with every push for so long, and every five minutes from then on."""
_STORED_EVERY_SECONDS = 300
_WEEK_SECONDS = 7 * DAY_SECONDS
_CERTIFICATES_SECONDS = 300
_PROMPT_SECONDS = 30
"""A record of the stream comes within a second or two of its push."""
_REMEMBERED_SILENCES = 1000


class Evaluated(msgspec.Struct, frozen=True):
    """The result of one evaluation."""

    cluster_id: str
    transitions: tuple[Transition, ...]
    open: int
    told: int
    """Notices and reports that were queued."""


class Evaluate:
    """Evaluates clusters."""

    def __init__(self, stores: Stores, *, queue: Callable[[], DeliveryQueue] | None = None) -> None:
        self._clusters = stores.of(ClusterStore)
        self._incidents = stores.of(IncidentStore)
        self._settings = stores.of(NotificationStore)
        self._certificates = stores.of(CertificateStore)
        self._hours = stores.of(HourlyBooks)
        self._views = Views(stores)
        self._keeper = WatchKeeper(stores, queue=queue)
        self._weekly = Weekly(stores, self._views)
        self._clock = stores.clock
        self._finder: tuple[Catalogue, Objectives, Thresholds, Finder] | None = None
        self._silences: dict[tuple[str, str, int], float | None] = {}
        self._expiring: dict[str, tuple[float, tuple[Certificate, ...]]] = {}
        self._seen: dict[str, float] = {}
        """Of each cluster the arrival of the last evaluated snapshot, Unix seconds."""

    def pushed(self, cluster_id: str, state: ClusterState | None = None) -> Evaluated | None:
        """Evaluate a cluster whose item has changed; None if no snapshot has arrived since the last time.

        `state` is that of a record of the stream. Without one, or if the record comes late or once more, it is read:
        snapshots may have arrived since, and a cluster is not silent because the stream is slow.
        """
        if state is None or self._clock() - state.received_at > _PROMPT_SECONDS:
            state = self._clusters.get(cluster_id, consistent=True)
        if state is None or self._seen.get(cluster_id, 0.0) >= state.received_at:
            return None
        return self._evaluate(state)

    def all(self) -> list[Evaluated]:
        """Evaluate each cluster that pushes show nothing of, or of which something is left to do."""
        settings = self._settings.settings()
        return [
            done
            for state in self._clusters.all()
            if self._is_due(state, settings) and (done := self._evaluate(state)) is not None
        ]

    def _is_due(self, state: ClusterState, settings: Settings) -> bool:
        if not state.received_at:
            return False
        return self._clock() - state.received_at > settings.thresholds.silent_seconds

    def _evaluate(self, state: ClusterState) -> Evaluated | None:
        for attempt in range(_ATTEMPTS):
            try:
                return self._once(state, consistent=attempt > 0)
            except WriteConflictError:
                continue
        return None

    def _once(self, state: ClusterState, *, consistent: bool) -> Evaluated:
        """One attempt. A watch that is not the latest cannot be replaced, and then is read consistently."""
        cluster_id, now = state.cluster_id, self._clock()
        settings = self._settings.settings()
        watch = self._keeper.do(cluster_id, self._incidents.watch(cluster_id, consistent=consistent))
        findings, changed = self._findings(state, watch.tracking, settings, now)
        tracking, transitions = step(watch.tracking, cluster_id, findings, settings.thresholds, changed)
        telling, due = tell(watch.telling, tracking, transitions, settings, now)
        orders, weekly_at = self._weekly.due(cluster_id, watch, settings, now)
        happened = transitions or due or weekly_at != watch.weekly_at
        if happened or _is_to_be_stored(watch.tracking, tracking):
            following = msgspec.structs.replace(
                watch,
                tracking=tracking,
                telling=telling,
                unwritten=_last_of_each(transitions),
                untold=tuple(due),
                weekly_at=weekly_at,
            )
            self._keeper.commit(cluster_id, following, orders)
        self._seen[cluster_id] = state.received_at
        return Evaluated(cluster_id, tuple(transitions), len(tracking.open), len(due) + len(orders))

    def _findings(
        self, state: ClusterState, tracking: Tracking, settings: Settings, now: float
    ) -> tuple[Findings, Mapping[str, tuple[RouteChange, ...]]]:
        """What is wrong. If the agent is silent nothing else is known."""
        asked = asked_of(tracking)
        silence = now - state.received_at
        if silence > settings.thresholds.silent_seconds:
            silent = Condition(kind="silent", severity="page", subject=Subject(), since=state.received_at)
            is_gone = silence > _GONE_SECONDS
            unknown = frozenset(each.key for each in asked if each.key != silent.key)
            return Findings(at=now, conditions=() if is_gone else (silent,), unknown=unknown), {}
        view = self._views.live(state)
        if view is None or view.live is None:
            return Findings(at=0.0), {}
        rows = view.live.ledger.rows
        view = self._views.since(view, view.objectives.earliest_start(view.state.watermark))
        scene = self._scene(view)
        certificates = self._certificates_of(state.cluster_id, now)
        finder = self._finder_of(view, settings.thresholds)
        held = [each for each in view.exclusions if any(each.occurrences(scene.at, scene.at + 1))]
        findings = finder.find(scene, certificates, asked, self._longest_silence_of(state.cluster_id), held)
        new = {each.subject.domain for each in findings.conditions} - {each.key.subject.domain for each in asked}
        changed = changes.lately(view.catalogue, rows, new, scene.at) if new else {}
        return findings, changed

    def _certificates_of(self, cluster_id: str, now: float) -> tuple[Certificate, ...]:
        """The certificates that expire soon. Minutes do not matter: they are read again after five."""
        read_at, known = self._expiring.get(cluster_id, (0.0, ()))
        if not 0 <= now - read_at < _CERTIFICATES_SECONDS:
            known = self._certificates.of(cluster_id).certificates
            self._expiring[cluster_id] = (now, known)
        return known

    def _scene(self, view: View) -> Scene:
        live = view.live
        if live is None:
            raise ValueError("a scene needs live figures")

        def ledgers(times: Iterable[int]) -> Mapping[int, Ledger]:
            return self._views.ledgers(view, times)

        def start_of(seconds: int) -> int:
            return ending_at(live.at, seconds, self._views.slot_seconds)[0].start

        if not view.excluded:
            return Scene(live, ledgers, start_of=start_of)
        left = self._views.corrected(view, {**live.recent, live.at: live.ledger})
        recent = {time: left[time] for time in live.recent}
        corrected = msgspec.structs.replace(live, ledger=left[live.at], recent=recent)
        return Scene(corrected, ledgers, start_of=start_of, whole=live.ledger)

    def _finder_of(self, view: View, thresholds: Thresholds) -> Finder:
        known = self._finder
        if known is None or known[0] is not view.catalogue or known[1:3] != (view.objectives, thresholds):
            finder = Finder(view.catalogue, view.objectives, thresholds)
            self._finder = known = (view.catalogue, view.objectives, thresholds, finder)
        return known[3]

    def _longest_silence_of(self, cluster_id: str) -> Callable[[str, int], float | None]:
        def longest(domain: str, before: int) -> float | None:
            key = (cluster_id, domain, before)
            if key not in self._silences:
                if len(self._silences) >= _REMEMBERED_SILENCES:
                    self._silences.clear()
                self._silences[key] = self._longest_silence(cluster_id, domain, before)
            return self._silences[key]

        return longest

    def _longest_silence(self, cluster_id: str, domain: str, before: int) -> float | None:
        """The longest time without a request in the week before a time; None if an hour of it had none."""
        end = floor_to(before, HOUR_SECONDS)
        books = list(self._hours.between(cluster_id, domain, end - _WEEK_SECONDS, end))
        if len(books) < _WEEK_SECONDS // HOUR_SECONDS:
            return None
        longest = current = 0
        for book in books:
            for served in book.steps:
                current = 0 if any(counts.requests for counts in served.counts.values()) else current + 1
                longest = max(longest, current)
        return (longest + 2) * books[0].step_seconds


def _last_of_each(transitions: Iterable[Transition]) -> tuple[Incident, ...]:
    return tuple({each.incident.incident_id: each.incident for each in transitions}.values())


def _is_to_be_stored(before: Tracking, after: Tracking) -> bool:
    """Whether figures, or the beginning or end of a calm, are worth a write."""
    if before is after:
        return False
    calm = {key: tracked.calm_since for key, tracked in before.open.items()}
    if calm != {key: tracked.calm_since for key, tracked in after.open.items()}:
        return True
    counting = (tracked.incident for tracked in after.open.values() if tracked.incident.worst is not None)
    is_fresh = any(after.at - each.opened_at <= _FRESH_SECONDS for each in counting if each.kind != "budget")
    return is_fresh or after.at - before.at >= _STORED_EVERY_SECONDS
