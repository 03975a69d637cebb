"""Processes: whether two samples of one pod come from the same Traefik process, or from one that restarted in between.

The counters cannot tell: after a restart they may already be higher than before.

A process' age is the `Date` header of its `/metrics` response minus `process_start_time_seconds`. Both come from one
clock, so neither skew between nodes nor a stepped clock matters.
"""

from collections.abc import Iterable

import msgspec

IDENTITY_TOLERANCE_SECONDS = 2.0
"""`process_start_time_seconds` was observed 0.9 s early, and `Date` has whole seconds."""


class Sighting(msgspec.Struct, frozen=True, kw_only=True):
    """The process of a sample, and the time in the life of that process."""

    pod: str
    date: float
    """Unix seconds, by the clock of the process' node."""
    process_start: float
    """Unix seconds, by the same clock."""
    mallocs: float = 0.0
    """Only grows within a process; 0 if unknown."""

    @property
    def age(self) -> float:
        """Seconds since the process started."""
        return self.date - self.process_start

    @property
    def order(self) -> tuple[float, float]:
        """Sort key for the samples of one process."""
        return (self.age, self.mallocs)


def same_process(one: Sighting, other: Sighting) -> bool:
    """Whether two samples of one pod come from the same process.

    They do if both report the same start. If the starts differ, a clock was stepped in between, unless one of these
    shows another process: it started when the first one was last seen or later, it is younger at a later time, or it
    is older and has allocated less.
    """
    if one.pod != other.pod:
        return False
    first, second = sorted((one, other), key=lambda moment: moment.process_start)
    if second.process_start - first.process_start <= IDENTITY_TOLERANCE_SECONDS:
        return True
    if second.process_start > first.date - IDENTITY_TOLERANCE_SECONDS:
        return False
    if second.date > first.date and second.age < first.age:
        return False
    return not (one.mallocs and other.mallocs) or (one.age < other.age) == (one.mallocs < other.mallocs)


def find_process[M: Sighting](known: Iterable[M], sample: Sighting) -> M | None:
    """The known process that a sample comes from; if several match, the one with the nearest start."""
    candidates = [moment for moment in known if same_process(moment, sample)]
    return min(candidates, key=lambda moment: abs(moment.process_start - sample.process_start), default=None)
