"""Windows: which two ledgers to subtract for a time range, given which ones are still kept.

Ledgers are kept at the end of each slot for 8 days, on the hour for 190 days and at midnight UTC for 400 days.
A bound is snapped down to the nearest ledger that is kept; the answer has the snapped bounds.
"""

import msgspec

from slo.counting.retention import HOURS_KEPT_SECONDS, SLOTS_KEPT_SECONDS
from slo.times import DAY_SECONDS, HOUR_SECONDS

_EXPIRY_MARGIN_SECONDS = HOUR_SECONDS
"""A bound this close to the expiry of its ledger is already snapped to the next coarser one."""


class Window(msgspec.Struct, frozen=True):
    """From `start` (exclusive) to `end` (inclusive), Unix seconds."""

    start: int
    end: int

    @property
    def seconds(self) -> int:
        """Its length."""
        return self.end - self.start


def snap(time: int, watermark: int, slot_seconds: int) -> int:
    """The latest bound at or before `time` whose ledger is still kept, if the time is now `watermark`."""
    age = watermark - time + _EXPIRY_MARGIN_SECONDS
    if age <= SLOTS_KEPT_SECONDS:
        return time - time % slot_seconds
    return time - time % (HOUR_SECONDS if age <= HOURS_KEPT_SECONDS else DAY_SECONDS)


def ending_at(watermark: int, seconds: int, slot_seconds: int) -> tuple[Window, Window]:
    """The window of this length that ends at the watermark, and the window before it."""
    start = snap(watermark - seconds, watermark, slot_seconds)
    return Window(start, watermark), before(Window(start, watermark), watermark, slot_seconds)


def between(start: float, end: float, watermark: int, slot_seconds: int) -> tuple[Window, Window]:
    """The window nearest to these bounds whose ledgers are kept, and the one before it; empty if none is kept."""
    last = watermark if end >= watermark else snap(int(end), watermark, slot_seconds)
    first = snap(min(int(start), last), watermark, slot_seconds)
    return Window(first, last), before(Window(first, last), watermark, slot_seconds)


def before(window: Window, watermark: int, slot_seconds: int) -> Window:
    """The window of the same length that ends where this one starts."""
    return Window(snap(window.start - window.seconds, watermark, slot_seconds), window.start)
