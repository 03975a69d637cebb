"""Exclusions: times that do not count for the objectives of a subject, with a reason.

Maintenance that is planned, once or again and again, or what is agreed on afterwards. Its ends are those of slots: a
slot that an exclusion touches is left out whole.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec
from dateutil.rrule import rrulestr
from msgspec import Meta

from slo.objectives.targets import Subject
from slo.times import DAY_SECONDS, ceil_to, floor_to

MOST_OCCURRENCES = 1000
"""Of one exclusion in the time that is asked for."""
LONGEST_SECONDS = 31 * DAY_SECONDS
Reason = Annotated[str, Meta(min_length=1, max_length=500)]


class Exclusion(msgspec.Struct, frozen=True, kw_only=True):
    """A time that does not count: not for a domain nor for its routes, for the cluster nor for anything."""

    exclusion_id: str
    subject: Subject
    start: float
    """Unix seconds; of a recurring one the start of the first occurrence."""
    end: float
    """Unix seconds."""
    rule: str = ""
    """An RFC 5545 recurrence rule, such as `FREQ=WEEKLY;BYDAY=SU`; empty if it happens once."""
    time_zone: str = "UTC"
    """Where a recurring one begins at the same time of day, across changes of the clocks."""
    reason: Reason
    set_by: str
    """The label of the token that set it."""
    set_at: float
    """Unix seconds."""

    def occurrences(self, start: float, end: float) -> Iterator[tuple[float, float]]:
        """Start and end of each occurrence that touches a time, ascending. All are Unix seconds."""
        seconds = self.end - self.start
        if not self.rule:
            if self.start < end and self.end > start:
                yield self.start, self.end
            return
        zone = ZoneInfo(self.time_zone)
        first = datetime.fromtimestamp(self.start, zone).replace(tzinfo=None)
        rule = rrulestr(self.rule, dtstart=first)
        since = datetime.fromtimestamp(start - seconds, zone).replace(tzinfo=None) - timedelta(hours=2)
        for number, local in enumerate(rule.xafter(since, inc=True)):
            began = local.replace(tzinfo=zone).timestamp()
            if began >= end or number >= MOST_OCCURRENCES:
                return
            if began + seconds > start:
                yield began, began + seconds

    def covers(self, domain: str, path_prefix: str = "") -> bool:
        """Whether it excludes a domain as a whole, or one of its routes. `domain` is canonical."""
        mine = self.subject
        return mine in (Subject(), Subject(domain), Subject(domain, path_prefix))


def check_rule(rule: str, start: float) -> str | None:
    """What is wrong with a recurrence rule; None if it can be used."""
    try:
        parsed = rrulestr(rule, dtstart=datetime.fromtimestamp(start, UTC).replace(tzinfo=None))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        return f"This is no recurrence rule of RFC 5545: {error}. An example is FREQ=WEEKLY;BYDAY=SU."
    if "DTSTART" in rule.upper() or "\n" in rule:
        return "Give the rule alone, such as FREQ=WEEKLY;BYDAY=SU. `from` and `to` say when it first happens."
    first_two = [found for found, _ in zip(parsed, range(2), strict=False)]
    if len(first_two) == 2 and (first_two[1] - first_two[0]) < timedelta(hours=1):
        return "It recurs more often than once an hour."
    return None


def on_slots(times: Iterable[tuple[float, float]], slot_seconds: int) -> Iterator[tuple[int, int]]:
    """The slots that these times touch, as their outer bounds."""
    return ((floor_to(start, slot_seconds), ceil_to(end, slot_seconds)) for start, end in times)
