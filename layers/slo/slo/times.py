"""Times are Unix seconds, durations are seconds, dates are UTC."""

from datetime import UTC, datetime
from typing import Literal, get_args

MINUTE_SECONDS = 60
HOUR_SECONDS = 3_600
DAY_SECONDS = 86_400

TimeRange = Literal["1d", "7d", "30d"]
TIME_RANGES: tuple[TimeRange, ...] = get_args(TimeRange)


def days(time_range: TimeRange) -> int:
    """The length of a time range in days."""
    return int(time_range.removesuffix("d"))


def nearest(seconds: float) -> TimeRange:
    """The time range whose length is nearest to a window's. Its targets apply to that window."""
    return min(TIME_RANGES, key=lambda time_range: abs(days(time_range) * DAY_SECONDS - seconds))


def utc(time: float) -> datetime:
    """Unix seconds as a datetime in UTC."""
    return datetime.fromtimestamp(time, UTC)


def floor_to(time: float, period_seconds: int) -> int:
    """The start of the period (hour, day, slot) that contains `time`."""
    return int(time // period_seconds) * period_seconds


def ceil_to(time: float, period_seconds: int) -> int:
    """The end of the period that contains `time`; `time` itself if a period ends there."""
    return int(-(-time // period_seconds)) * period_seconds
