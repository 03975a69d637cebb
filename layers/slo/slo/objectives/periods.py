"""The period of an objective: rolling days, or the calendar's weeks, months and quarters in a time zone.

The error budget of a rolling period is that of its last days, at any moment. That of a calendar period begins anew at
midnight of its first day, in its time zone.
"""

from datetime import datetime, timedelta
from typing import Annotated, Literal, get_args
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta

from slo.times import DAY_SECONDS, is_time_zone

Length = Literal["1d", "7d", "28d", "30d", "week", "month", "quarter"]
"""Rolling days, or a calendar unit. `1d` is none for a new objective: it exists where a target was set for a day."""
LENGTHS: tuple[Length, ...] = get_args(Length)
TimeZone = Annotated[str, Meta(min_length=1, max_length=64)]
_DAYS: dict[Length, int] = {"1d": 1, "7d": 7, "28d": 28, "30d": 30, "week": 7, "month": 30, "quarter": 91}


class Period(msgspec.Struct, frozen=True, order=True):
    """The time that an error budget is for."""

    length: Length = "30d"
    """`7d`, `28d` or `30d`: the last days, at any moment. `week` (from Monday), `month`, `quarter`: the calendar's."""
    time_zone: TimeZone = "UTC"
    """IANA name. Only a calendar period has one other than UTC."""

    def __post_init__(self) -> None:
        if self.time_zone != "UTC" and not is_time_zone(self.time_zone):
            raise ValueError(f"{self.time_zone} is no time zone: give an IANA name, such as Europe/Berlin")

    @property
    def is_calendar(self) -> bool:
        """Whether it begins anew at fixed times."""
        return self.length in {"week", "month", "quarter"}

    @property
    def days(self) -> int:
        """Its nominal length, which burn-rate windows scale with: 30 for a month, 91 for a quarter."""
        return _DAYS[self.length]

    def bounds(self, time: float) -> tuple[int, int]:
        """Start and end of the period that contains a time, Unix seconds. A rolling period ends then."""
        if not self.is_calendar:
            return int(time) - self.days * DAY_SECONDS, int(time)
        local = datetime.fromtimestamp(time, ZoneInfo(self.time_zone))
        first = _first_day(local, self.length)
        return int(first.timestamp()), int(_next(first, self.length).timestamp())

    def start(self, time: float) -> int:
        """Start of the period that contains a time, Unix seconds."""
        return self.bounds(time)[0]

    def elapsed(self, time: float) -> float:
        """The share of the period that is behind us; 1 for a rolling one."""
        start, end = self.bounds(time)
        return (time - start) / (end - start) if self.is_calendar else 1.0


def _first_day(local: datetime, length: Length) -> datetime:
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    if length == "week":
        return midnight - timedelta(days=midnight.weekday())
    month = midnight.month if length == "month" else (midnight.month - 1) // 3 * 3 + 1
    return midnight.replace(month=month, day=1)


def _next(first: datetime, length: Length) -> datetime:
    """Arithmetic on local dates: a day across a change of clocks has 23 or 25 hours."""
    if length == "week":
        return first + timedelta(days=7)
    month = first.month - 1 + (1 if length == "month" else 3)
    return first.replace(year=first.year + month // 12, month=month % 12 + 1)


def length_of(text: str) -> Length:
    """The length with this name. Raises StopIteration if it is none."""
    return next(known for known in LENGTHS if known == text)
