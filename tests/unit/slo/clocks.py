"""The clocks of a node, as Linux keeps them. A test moves them, and asks what a scrape would say."""

import math


class NodeClocks:
    """A wall clock and the time since boot. Both can run too fast or too slowly; the wall clock can also be stepped.

    Times that are passed in are true Unix seconds, and must not go back.
    """

    def __init__(self, now: float, *, ahead: float = 0.0, since_boot: float = 86_400.0) -> None:
        self._drift = 0.0
        self._now = now
        self._since_boot = since_boot
        self._booted_at = now - since_boot + ahead
        """By the wall clock. The kernel shows it in whole seconds."""

    def run_until(self, now: float) -> None:
        """Let the clocks run."""
        self._since_boot += (now - self._now) * (1 + self._drift)
        self._now = now

    def suspend_until(self, now: float) -> None:
        """Let both clocks stand still, as those of a suspended virtual machine."""
        self._now = now

    def slew(self, drift: float) -> None:
        """Let both clocks run too fast from now on, by this ratio: 0.0005 is the most that NTP does."""
        self._drift = drift

    def step(self, seconds: float) -> None:
        """Step the wall clock."""
        self._booted_at += seconds

    def mend(self) -> None:
        """Step the wall clock to the true time, as NTP does."""
        self._booted_at = self._now - self._since_boot

    def ticks(self) -> float:
        """The seconds since boot that a process which starts now has as its start: in hundredths."""
        return math.floor(self._since_boot * 100) / 100

    def time(self) -> float:
        """What the wall clock says."""
        return self._booted_at + self._since_boot

    def date(self) -> float:
        """The `Date` header of an answer."""
        return float(math.floor(self.time()))

    def start_time(self, ticks: float) -> float:
        """`process_start_time_seconds` of a process with these ticks."""
        return round(math.floor(self._booted_at) + ticks, 2)
