"""Processes: whether two samples of one pod come from the same Traefik process, or from one that restarted in between.

The counters of requests cannot tell: after a restart they may already be higher than before. A process is known by its
**start on the server's clock**, `observed_at` - age. The age is the `Date` header of its `/metrics` response minus
`process_start_time_seconds`, both by the clock of its node, so a step of that clock moves neither.

How far the start may be off:

| term | seconds |
|---|---|
| `Date` has whole seconds | up to 1 late |
| the node knows its boot time in whole seconds, so a start is seen early (0.9 s was seen) | up to 1 early |
| the pod answers after `taken_at`, when the agent began to ask all pods | up to the scrape timeout early |
| `sent_at` is of the attempt that arrived; its way to the server's clock | up to the read timeout late |
| the node's clock drifts between two samples (NTP slews by at most 500 ppm) | 0.03 a minute |

The first two never exceed 2 s, the others are small unless something is slow. So starts that differ by a few seconds
are one start, unless the process was so young that a restart could look the same. Witnesses decide the rest: counters
that only grow within a process, and the hundredths of its start. No step, slew or rounding of a clock changes these
hundredths, because the boot time has whole seconds. Another process has the same in one case of a hundred.
"""

from collections.abc import Iterable

import msgspec

START_TOLERANCE_SECONDS = 5.0
"""Starts that are no further apart agree. In recorded clusters, the starts of one process are within 1.3 s."""
YOUNG_SECONDS = 60.0
"""A pod's next process starts after the last sample of this one. If that was older, their starts cannot agree."""
_UNORDERED_SECONDS = 30.0
"""Samples of two agents that are no further apart on the server's clock may have been taken in either order."""
_AGE_NOISE_SECONDS = 2.0
_HUNDREDTHS_NOISE = 0.005


class Sighting(msgspec.Struct, frozen=True, kw_only=True):
    """The process of a sample, and the time in the life of that process."""

    pod: str
    date: float
    """Unix seconds, by the clock of the process' node."""
    process_start: float
    """Unix seconds, by the same clock."""
    observed_at: float
    """When the sample was taken, Unix seconds by the server's clock."""
    mallocs: float = 0.0
    """Only grows within a process; 0 if unknown."""
    cpu_seconds: float = 0.0
    """Only grows within a process; 0 if unknown."""

    @property
    def age(self) -> float:
        """Seconds since the process started."""
        return self.date - self.process_start

    @property
    def started_at(self) -> float:
        """When the process started, Unix seconds by the server's clock."""
        return self.observed_at - self.age

    @property
    def order(self) -> tuple[float, float, float, float]:
        """Sort key for the samples of one process that know its counters."""
        return (self.mallocs, self.cpu_seconds, self.age, self.observed_at)

    def is_after(self, other: "Sighting") -> bool:
        """Whether this sample of a process was taken after another one of the same process."""
        for mine, others in ((self.mallocs, other.mallocs), (self.cpu_seconds, other.cpu_seconds)):
            if mine and others and mine != others:
                return mine > others
        return (self.age, self.observed_at) > (other.age, other.observed_at)


def same_process(one: Sighting, other: Sighting) -> bool:
    """Whether two samples of one pod come from the same process.

    They do if the hundredths of their starts are equal, and the starts agree on the server's clock or, where that does
    not tell, everything has grown that only grows. Starts of one process disagree after a slow push, or if its node
    was suspended.
    """
    if one.pod != other.pod or not _same_hundredths(one, other):
        return False
    earlier, later = sorted((one, other), key=lambda sample: sample.observed_at)
    starts_agree = abs(later.started_at - earlier.started_at) <= START_TOLERANCE_SECONDS
    if starts_agree and earlier.age >= YOUNG_SECONDS:
        return True
    is_unordered = later.observed_at - earlier.observed_at <= _UNORDERED_SECONDS
    return _grew(earlier, later) or (is_unordered and _grew(later, earlier))


def _same_hundredths(one: Sighting, other: Sighting) -> bool:
    apart = (one.process_start - other.process_start) % 1
    return min(apart, 1 - apart) < _HUNDREDTHS_NOISE


def _grew(earlier: Sighting, later: Sighting) -> bool:
    """Whether everything that only grows within a process has grown."""
    pairs = ((earlier.mallocs, later.mallocs), (earlier.cpu_seconds, later.cpu_seconds))
    return later.age >= earlier.age - _AGE_NOISE_SECONDS and all(
        before <= after for before, after in pairs if before and after
    )


def find_process[M: Sighting](known: Iterable[M], sample: Sighting) -> M | None:
    """The known process that a sample comes from; if several match, the one with the nearest start."""
    candidates = [moment for moment in known if same_process(moment, sample)]
    return min(candidates, key=lambda moment: abs(moment.started_at - sample.started_at), default=None)
