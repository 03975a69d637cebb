"""Observation: how much of the life of Traefik's processes was seen, and what came after a silence.

A silence belongs to a process. A pod that was not seen for longer than SILENCE_SECONDS hides nothing of the others: its
counts are booked when it is seen again, apart from those that came promptly. Time in which no agent worked is not part
of a process' observable life, because the watched seconds account for it.
"""

from bisect import bisect_right
from collections.abc import Iterable

from slo.counting.gaps import SILENCE_SECONDS, Gap, Unreachable, with_gap
from slo.counting.ledger import BookedProcess, Ledger, WatchedScope
from slo.counting.processes import Sighting
from slo.counting.retention import PROCESSES_KEPT_SECONDS, RAW_KEPT_SECONDS


class Observer:
    """Notes in an open ledger what the samples of one slot observed. Pass the samples of a slot to `watch` first."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._watched: list[tuple[float, float]] = [(ledger.watched_at, ledger.watched_seconds)]
        """(time, watched seconds up to then), ascending."""
        self._silences: list[Gap] = []

    def watch(self, seen: Iterable[tuple[float, str]]) -> None:
        """An agent worked at these times (server's clock) on these scopes."""
        ledger = self._ledger
        for seen_at, name in sorted(seen):
            scope = ledger.scopes.get(name)
            if scope is None or seen_at - scope.last_at > RAW_KEPT_SECONDS:
                scope = WatchedScope(seen_at, seen_at)
            ledger.scopes[name] = WatchedScope(min(scope.first_at, seen_at), max(scope.last_at, seen_at))
            if ledger.watched_at and 0 < seen_at - ledger.watched_at <= SILENCE_SECONDS:
                ledger.watched_seconds += seen_at - ledger.watched_at
            ledger.watched_since = ledger.watched_since or seen_at
            ledger.watched_at = max(ledger.watched_at, seen_at)
            self._watched.append((ledger.watched_at, ledger.watched_seconds))

    def watched_until(self, time: float) -> float:
        """The watched seconds up to a time of this slot."""
        return self._watched[max(0, bisect_right(self._watched, time, key=lambda point: point[0]) - 1)][1]

    def continued(self, known: BookedProcess, sample: Sighting) -> bool:
        """A known process was seen again. Returns whether its increase came after a silence."""
        return self._lived(sample, known.observed_at, known.watched_seconds)

    def began(self, sample: Sighting) -> bool:
        """A process was seen that started while we watched. Returns whether its counts came after a silence."""
        return self._lived(sample, sample.observed_at - max(0.0, sample.age), 0.0)

    def _lived(self, sample: Sighting, since: float, watched_then: float) -> bool:
        ledger, seen_at = self._ledger, sample.observed_at
        missing = ledger.unreachable.get(sample.pod)
        if missing is not None and missing.until > since:
            ledger.process_seconds += self._alive(missing.until, seen_at, missing.watched_seconds)
        else:
            ledger.process_seconds += self._alive(since, seen_at, watched_then)
        self._is_reachable(sample.pod, seen_at)
        if seen_at - since > SILENCE_SECONDS:
            self._silences.append(Gap(since, seen_at, pods=(sample.pod,)))
            return True
        ledger.observed_seconds += max(0.0, seen_at - since)
        return False

    def _is_reachable(self, pod: str, seen_at: float) -> None:
        missing = self._ledger.unreachable.get(pod)
        if missing is not None and missing.until <= seen_at:
            del self._ledger.unreachable[pod]

    def _alive(self, since: float, until: float, watched_then: float) -> float:
        """The observable part of a process' life between two looks at its pod."""
        alive = max(0.0, until - since)
        if alive <= SILENCE_SECONDS:
            return alive
        return min(alive, max(0.0, self.watched_until(until) - watched_then))

    def could_not_reach(self, pod: str, time: float) -> None:
        """An agent found a running pod that did not answer. Call it after the slot's samples of processes."""
        ledger = self._ledger
        missing = ledger.unreachable.get(pod)
        last = max(
            (process for process in ledger.processes if process.pod == pod),
            key=lambda process: process.observed_at,
            default=None,
        )
        since, known = time, (time, 0.0)
        if last is not None:
            since, known = last.observed_at, (last.observed_at, last.watched_seconds)
        if missing is not None:
            since, known = missing.since, max(known, (missing.until, missing.watched_seconds))
        if time < known[0]:
            return
        ledger.process_seconds += self._alive(known[0], time, known[1])
        ledger.unreachable[pod] = Unreachable(since, time, self.watched_until(time))

    def close(self) -> None:
        """Note the slot's silences, and forget what is over. Rounds as storage does.

        So one run over many slots gives the same ledgers as one run for each slot.
        """
        ledger = self._ledger
        if self._silences:
            pods = sorted({pod for gap in self._silences for pod in gap.pods})
            first, last = min(gap.start for gap in self._silences), max(gap.end for gap in self._silences)
            ledger.gaps = with_gap(ledger.gaps, Gap(first, last, booked_at=ledger.at, pods=tuple(pods)))
        self._forget()
        ledger.watched_seconds = round(ledger.watched_seconds, 3)
        ledger.process_seconds = round(ledger.process_seconds, 3)
        ledger.observed_seconds = round(ledger.observed_seconds, 3)

    def _forget(self) -> None:
        ledger = self._ledger
        oldest = ledger.watched_at - RAW_KEPT_SECONDS
        latest = {process.pod: process for process in sorted(ledger.processes, key=lambda each: each.observed_at)}
        ledger.processes = tuple(
            process
            for process in ledger.processes
            if process.observed_at >= oldest
            or (process is latest[process.pod] and process.observed_at >= ledger.watched_at - PROCESSES_KEPT_SECONDS)
        )
        ledger.scopes = {name: scope for name, scope in ledger.scopes.items() if scope.last_at >= oldest}
        ledger.unreachable = {
            pod: missing
            for pod, missing in ledger.unreachable.items()
            if missing.until >= ledger.watched_at - SILENCE_SECONDS
        }
