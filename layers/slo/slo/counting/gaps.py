"""Gaps: times in which Traefik's processes lived and were not seen."""

import msgspec

from slo.times import DAY_SECONDS

SILENCE_SECONDS = 600
"""A longer time between two samples of a process counts as not observed: its requests are in no short window."""
_GAPS_KEPT_SECONDS = 62 * DAY_SECONDS
_GAPS_KEPT = 500
_PODS_NAMED = 5


class Unreachable(msgspec.Struct, frozen=True):
    """A running Traefik pod that did not answer. Unix seconds by the server's clock."""

    since: float
    """When it was seen last, or when the first scrape failed."""
    until: float
    """The last scrape that failed."""
    watched_seconds: float
    """The ledger's watched seconds up to then."""

    @property
    def is_long(self) -> bool:
        """Whether its requests are missing in short windows."""
        return self.until - self.since > SILENCE_SECONDS


class Gap(msgspec.Struct, frozen=True):
    """A time in which processes were not seen, although they lived (Unix seconds). Their requests count at its end."""

    start: float
    end: float
    booked_at: int = 0
    """End of the slot that their requests are booked in."""
    pods: tuple[str, ...] = ()
    """Their pods, the first few by name. Ledgers of an earlier version do not say, and keep no counts apart."""

    @property
    def seconds(self) -> float:
        """Its length."""
        return self.end - self.start


def with_gap(gaps: tuple[Gap, ...], gap: Gap) -> tuple[Gap, ...]:
    """Add the gap of a slot. The oldest ones are dropped."""
    kept = [other for other in gaps if other.end > gap.end - _GAPS_KEPT_SECONDS]
    return (*kept, msgspec.structs.replace(gap, pods=gap.pods[:_PODS_NAMED]))[-_GAPS_KEPT:]
