"""Objectives that annotations in Kubernetes set: they follow what the agent reports, and nobody else changes them.

A push that says what the last one said costs nothing: the cluster's item, which every push writes, holds a digest of
the promises that are in force, and the answer to that write brings it along.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Set

import msgspec

from slo.app.stores import Stores
from slo.objectives.objective import Objective
from slo.objectives.periods import Period
from slo.objectives.targets import LatencyObjective, Subject
from slo.store.clusters import UNKNOWN_PROMISES, ClusterStore
from slo.store.errors import WriteConflictError
from slo.store.keys import MAX_SORT_KEY_BYTES
from slo.store.notifications import NotificationStore
from slo.store.objectives import ObjectiveStore
from slo.structs import like
from slo.times import is_time_zone
from slo.traefik.domains import canonical
from slo.traefik.snapshots import MAX_WARNINGS, Promise, Snapshot

KUBERNETES = "kubernetes"
"""The name of each of these objectives."""
MOST_CHANGES = 100
"""That one push makes, in about two seconds. The next pushes make the others."""
_DIGEST_BYTES = 8
_ENTIRE_DOMAIN = "/"


class AnnotatedObjectives:
    """Sets, changes and deletes the objectives whose origin is an annotation."""

    def __init__(self, stores: Stores) -> None:
        self._objectives = stores.of(ObjectiveStore)
        self._clusters = stores.of(ClusterStore)
        self._notifications = stores.of(NotificationStore)
        self._clock = stores.clock

    def possible(self, snapshot: Snapshot) -> Snapshot:
        """The snapshot without what cannot be promised, and with warnings that say so, and which channels are missing.

        Who is told is read only if a promise names a channel.
        """
        named = {promise.channel for promise in snapshot.promises or () if promise.channel}
        missing = named and named - {channel.name for channel in self._notifications.settings().channels}
        return _with_possible_promises(snapshot, missing)

    def follow(self, snapshot: Snapshot, in_force: bytes) -> None:
        """Make the objectives those that a snapshot promises. `in_force` is what was noted of the last one.

        The snapshot has to be newer than those before. If its list of routes is not complete, no objective is deleted.
        """
        promises, is_complete = snapshot.promises, snapshot.routes_complete
        if promises is None or not (promises or is_complete):
            return
        wanted = _digest(promises, is_complete=is_complete)
        if wanted == in_force:
            return
        try:
            is_done = self._change(snapshot, promises, is_complete=is_complete)
        except WriteConflictError:
            return  # somebody else changes the same ones: the next push compares again
        if is_done:
            self._clusters.note_promises(snapshot.cluster_id, wanted, snapshot.taken_at)

    def _change(self, snapshot: Snapshot, promises: Iterable[Promise], *, is_complete: bool) -> bool:
        """Whether everything is as promised now. Raises WriteConflictError."""
        cluster_id, now = snapshot.cluster_id, self._clock()
        named = {
            each.subject: each for each in self._objectives.of(cluster_id, consistent=True) if each.name == KUBERNETES
        }
        wanted = {_subject(promise): promise for promise in reversed(tuple(promises))}
        changes = list(_changed(wanted, named, now))
        gone = [each for each in named.values() if each.origin == "annotation" and each.subject not in wanted]
        deleted = gone if is_complete else []
        if changes or deleted:  # whoever is killed in between leaves what the next push has to compare
            self._clusters.note_promises(cluster_id, UNKNOWN_PROMISES, snapshot.taken_at)
        for objective, stored in changes[:MOST_CHANGES]:
            self._objectives.put(cluster_id, objective, stored)
        for stored in deleted[: MOST_CHANGES - len(changes[:MOST_CHANGES])]:
            self._objectives.delete(cluster_id, stored, at=now, by=stored.set_by)
        return len(changes) + len(deleted) <= MOST_CHANGES


def _with_possible_promises(snapshot: Snapshot, missing_channels: Set[str]) -> Snapshot:
    """The snapshot without what cannot be promised, and with warnings that say so."""
    if not snapshot.promises:
        return snapshot
    zones = {promise.time_zone for promise in snapshot.promises}
    unknown = {zone for zone in zones if not is_time_zone(zone)}
    if not unknown and not missing_channels and not any(map(_is_long, snapshot.promises)):
        return snapshot
    every = (
        *_of_zones(snapshot.promises, unknown),
        *_of_channels(snapshot.promises, missing_channels),
        *_of_long(snapshot.promises),
    )
    warnings = dict.fromkeys(every)
    return msgspec.structs.replace(
        snapshot,
        promises=tuple(
            msgspec.structs.replace(each, time_zone="UTC") if each.time_zone in unknown else each
            for each in snapshot.promises
            if not _is_long(each)
        ),
        warnings=(*warnings, *snapshot.warnings)[:MAX_WARNINGS],
    )


def _of_zones(promises: Iterable[Promise], unknown: set[str]) -> Iterator[str]:
    for each in promises:
        if each.time_zone in unknown:
            reason = (
                f"its annotation ingress-slo.io/time-zone is no time zone: {each.time_zone}. So its period begins at "
                "midnight UTC. Write an IANA name, such as Europe/Berlin."
            )
            yield f"{each.declared_by}: {reason}"


def _of_channels(promises: Iterable[Promise], missing: Set[str]) -> Iterator[str]:
    for each in promises:
        if each.channel in missing:
            reason = (
                f"its annotation ingress-slo.io/channel names a channel that does not exist: {each.channel}. So the "
                "rules of the notifications say who is told. Add the channel, or change the annotation."
            )
            yield f"{each.declared_by}: {reason}"


def _of_long(promises: Iterable[Promise]) -> Iterator[str]:
    for each in promises:
        if _is_long(each):
            reason = "its annotations promise nothing for a route whose domain and path are so long."
            yield f"{each.declared_by}: {reason}"


def _is_long(promise: Promise) -> bool:
    return len(_subject(promise).key(KUBERNETES).encode()) > MAX_SORT_KEY_BYTES


def _changed(
    wanted: Mapping[Subject, Promise], stored: Mapping[Subject, Objective], now: float
) -> Iterator[tuple[Objective, Objective | None]]:
    """The objectives that are new or differ, each with what is stored."""
    for subject, promise in wanted.items():
        before = stored.get(subject)
        objective = _objective(subject, promise, before, now)
        if before is None or like(Objective, objective, version=before.version, set_at=before.set_at) != before:
            yield objective, before


def _objective(subject: Subject, promise: Promise, before: Objective | None, now: float) -> Objective:
    latency = promise.latency_objective
    return Objective(
        subject=subject,
        name=KUBERNETES,
        period=Period(promise.period, promise.time_zone),
        availability=promise.availability,
        p95_latency=promise.p95_latency,
        latency_objective=None if latency is None else LatencyObjective(latency.share, latency.threshold),
        owner=promise.owner,
        channel=promise.channel,
        origin="annotation",
        version=max(int(now * 1000), before.version + 1 if before else 0),
        set_by=promise.declared_by,
        set_at=now,
    )


def _subject(promise: Promise) -> Subject:
    """What is promised for `/` holds for the domain, and for those of its paths that nothing else is promised for."""
    path_prefix = "" if promise.path_prefix == _ENTIRE_DOMAIN else promise.path_prefix
    return Subject(canonical(promise.domain), path_prefix)


def _digest(promises: tuple[Promise, ...], *, is_complete: bool) -> bytes:
    """Of no promises it is what a cluster without any has: nothing."""
    if not promises:
        return b""
    return hashlib.blake2b(msgspec.json.encode((promises, is_complete)), digest_size=_DIGEST_BYTES).digest()
