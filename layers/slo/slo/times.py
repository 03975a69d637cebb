"""Times are Unix seconds, durations are seconds, dates are UTC."""

from datetime import UTC, datetime
from typing import Literal, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

MINUTE_SECONDS = 60
HOUR_SECONDS = 3_600
DAY_SECONDS = 86_400

TimeRange = Literal["1d", "7d", "30d"]
TIME_RANGES: tuple[TimeRange, ...] = get_args(TimeRange)


def days(time_range: TimeRange) -> int:
    """The length of a time range in days."""
    return int(time_range.removesuffix("d"))


def time_range_of(name: str) -> TimeRange:
    """The time range with this name. Raises StopIteration if it is none."""
    return next(known for known in TIME_RANGES if known == name)


def nearest(seconds: float) -> TimeRange:
    """The time range whose length is nearest to a window's."""
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


def is_time_zone(name: str) -> bool:
    """Whether the IANA database has this time zone."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: the name of a folder, such as Europe
        return False
    return True
