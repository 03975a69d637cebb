"""Exclusions: times that do not count for the objectives of a subject, with a reason.

Maintenance that is planned, once or again and again, or what is agreed on afterwards. Its ends are those of slots: a
slot that an exclusion touches is left out whole.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec
from dateutil.rrule import rrulestr
from msgspec import Meta

from slo.objectives.targets import CLUSTER, EVERYTHING, Subject
from slo.times import DAY_SECONDS, ceil_to, floor_to

LONGEST_SECONDS = 31 * DAY_SECONDS
_SHORTEST = timedelta(hours=20)
"""Between two occurrences: a day that loses hours to a change of the clocks is longer."""
_TOO_OFTEN = "It recurs more often than once a day. Make an exclusion for each time of the day."
_LAST_YEARS = 9990
"""dateutil looks for what never happens in every year up to 9999. So a rule is tried in the last few of them."""
Reason = Annotated[str, Meta(min_length=1, max_length=500)]


class Exclusion(msgspec.Struct, frozen=True, kw_only=True):
    """A time that does not count: for a route, for a domain and its routes, or for all of one or of all clusters."""

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
        if not any(named in self.rule.upper() for named in ("COUNT", "UNTIL")):
            rule = rule.replace(until=datetime.fromtimestamp(end, zone).replace(tzinfo=None) + timedelta(hours=2))
        since = datetime.fromtimestamp(start - seconds, zone).replace(tzinfo=None) - timedelta(hours=2)
        for local in rule.xafter(since, inc=True):
            began = local.replace(tzinfo=zone).timestamp()
            if began >= end:
                return
            if began + seconds > start:
                yield began, began + seconds

    def covers(self, domain: str, path_prefix: str = "") -> bool:
        """Whether it excludes a domain as a whole, or one of its routes. `domain` is canonical."""
        return self.subject in (EVERYTHING, CLUSTER, Subject(domain), Subject(domain, path_prefix))


def check_rule(rule: str, start: float) -> str | None:
    """What is wrong with a recurrence rule; None if it can be used."""
    if any(named in rule.upper() for named in ("DTSTART", "RDATE", "\n", "\r")):
        return "Give the rule alone, such as FREQ=WEEKLY;BYDAY=SU. `from` and `to` say when it first happens."
    if any(named in rule.upper() for named in ("HOURLY", "MINUTELY", "SECONDLY")):
        return _TOO_OFTEN
    first = datetime.fromtimestamp(start, UTC).replace(tzinfo=None)
    try:
        parsed = rrulestr(rule, dtstart=first)
        soon = list(islice(parsed.replace(dtstart=first.replace(year=_LAST_YEARS, day=1), count=None, until=None), 2))
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        return f"This is no recurrence rule of RFC 5545: {error}. An example is FREQ=WEEKLY;BYDAY=SU."
    if not soon or next(iter(parsed), None) is None:
        return "It never happens."
    return _TOO_OFTEN if len(soon) == 2 and soon[1] - soon[0] < _SHORTEST else None


def on_slots(times: Iterable[tuple[float, float]], slot_seconds: int) -> Iterator[tuple[int, int]]:
    """The slots that these times touch, as their outer bounds."""
    return ((floor_to(start, slot_seconds), ceil_to(end, slot_seconds)) for start, end in times)
