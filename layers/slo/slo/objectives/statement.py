"""The statement of a month: what was promised, what was reached, and what was left out, for each objective. Pure.

A line is about a calendar month in the objective's time zone, UTC for rolling periods, whatever the objective's period.
It is judged by the promise that held last in that month; the changes within the month are named. What is set after the
month changes nothing. What is excluded, or included again, after the month corrects it, and is named.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from slo.counting.histograms import Histogram, Percentiles, percentiles
from slo.objectives.error_budget import error_budget_remaining
from slo.objectives.exclusions import Exclusion
from slo.objectives.objective import Objective, ObjectiveChange, Origin, canonical_subject
from slo.objectives.periods import Length
from slo.objectives.status import LatencyShare, latency_share
from slo.objectives.targets import LatencyObjective, Level, Subject, Target
from slo.structs import like
from slo.times import HOUR_SECONDS, floor_to, utc
from slo.traefik.snapshots import MeasuredBy

_Times = {"start": "from", "end": "to"}


class Promise(msgspec.Struct, frozen=True, kw_only=True):
    """What an objective promises."""

    availability: float
    p95_latency: float | None
    """Milliseconds; null if nothing is promised about it."""
    latency_objective: LatencyObjective | None
    period: Length
    time_zone: str


class PromiseChange(msgspec.Struct, frozen=True, kw_only=True):
    """Within the month, someone set, changed or deleted the objective."""

    at: datetime
    by: str
    before: Promise | None
    """Null if it was new."""
    after: Promise | None
    """Null if it was deleted."""


class StatementIncident(msgspec.Struct, frozen=True, kw_only=True):
    """An incident that was opened in the month, as it was known at the month's end."""

    incident_id: str
    kind: str
    severity: str
    path_prefix: str | None
    """The only route that failed; null if the domain as a whole or several routes did."""
    since: datetime
    until: datetime | None
    """When it was resolved; null if it went on at the end of the month."""
    requests: int
    errors: int
    """Up to `until`, or as far as it was told of within the month. For `latency` these are slow requests."""


class StatementExclusion(msgspec.Struct, frozen=True, kw_only=True, rename=_Times):
    """A time of the month that does not count."""

    exclusion_id: str
    start: datetime
    """Of its first occurrence in the month."""
    end: datetime
    """Of its last occurrence in the month."""
    rule: str
    """A recurrence rule (RFC 5545); empty if it happens once."""
    occurrences: int
    """In the month."""
    reason: str
    by: str
    at: datetime
    """When it was made."""


class Correction(StatementExclusion, frozen=True, kw_only=True):
    """A time that was excluded, or included again, after the month: figures are not those that were stated before."""

    what: Literal["excluded", "included"]
    corrected_by: str
    corrected_at: datetime


class Verification(msgspec.Struct, frozen=True, kw_only=True):
    """The same figures, counted by the ledgers at the ends of the month instead of by the books."""

    total_requests: int
    total_errors: int
    is_equal: bool


class StatementObjective(msgspec.Struct, frozen=True, kw_only=True):
    """The objective of a line, as it held last in the month."""

    name: str
    level: Level
    """What it is set for. One of the cluster, or of all clusters, has a line for each domain that had requests and
    none that is more specific."""
    owner: str
    origin: Origin
    promise: Promise
    set_by: str
    set_at: datetime
    ended_at: datetime | None
    """When it was deleted or replaced, if that was within the month."""


class StatementLine(msgspec.Struct, frozen=True, kw_only=True, rename=_Times):
    """One objective in the month. Excluded times are left out of requests, errors and latencies."""

    domain: str
    path_prefix: str | None
    """Null for the domain as a whole."""
    objective: StatementObjective
    start: datetime
    """Midnight of the first day in the objective's time zone, or the full hour before it."""
    end: datetime
    total_requests: int
    total_errors: int
    availability: float | None
    """Reached, ratio; null without requests."""
    latency: LatencyShare | None
    """How well a latency objective was met; null if none is promised."""
    p95_latency: float | None
    """Reached, milliseconds, interpolated; null without requests."""
    p95_is_lower_bound: bool
    """Whether the true P95 is longer: it lies in the last, open bucket."""
    is_kept: bool | None
    """Whether all that is promised was kept, by exact integers; null if the figures do not tell."""
    allowed_errors: int
    """Requests that might fail."""
    error_budget_remaining: float | None
    """Ratio; negative if more than all of it was spent, null without requests."""
    coverage: float
    """The observed share of the month."""
    measured_by: MeasuredBy | None
    """Whether responses to clients (router) or of backends (service) were counted; null without requests."""
    shared: bool
    """Whether the figures include requests of other routes, which Traefik does not count separately."""
    changes: tuple[PromiseChange, ...]
    incidents: tuple[StatementIncident, ...]
    """Of the domain, by the time of opening."""
    exclusions: tuple[StatementExclusion, ...]
    exclusions_in_hours: bool
    """Whether ends of exclusions are those of full hours, because the five minutes around them are kept no more."""
    corrections: tuple[Correction, ...]
    verification: Verification | None = None
    """Only with `verify`; null if the ledgers of the month's ends, or of excluded times, are kept no more."""


class Version(NamedTuple):
    """An objective as it was between two changes, Unix seconds."""

    objective: Objective
    since: float
    until: float


class Held(NamedTuple):
    """An objective that held in a month."""

    objective: Objective
    until: float
    """When it was deleted or replaced; infinite if it was not."""
    start: int
    """The month in its time zone, on full hours."""
    end: int
    changes: tuple[ObjectiveChange, ...]
    """Within the month, oldest first."""


class Counted(NamedTuple):
    """What was counted for a line."""

    requests: int
    errors: int
    latencies: Histogram
    coverage: float
    measured_by: MeasuredBy | None
    shared: bool
    in_hours: bool


def month_bounds(month: str, time_zone: str) -> tuple[int, int]:
    """Start and end of `2026-10` in a time zone, Unix seconds.

    Closed days are kept hour by hour. So where midnight is not at a full hour of UTC, as in India, a month begins and
    ends at the hour before.
    """
    year, number = (int(part) for part in month.split("-"))
    following = (year + 1, 1) if number == 12 else (year, number + 1)
    first, last = (datetime(*each, 1, tzinfo=ZoneInfo(time_zone)).timestamp() for each in ((year, number), following))
    return floor_to(first, HOUR_SECONDS), floor_to(last, HOUR_SECONDS)


def held_in(month: str, current: Iterable[Objective], changes: Iterable[ObjectiveChange]) -> list[Held]:
    """The objectives that held in a month, each as it held last, by subject and name. `changes` are in any order."""
    ordered = sorted(changes, key=lambda change: change.at)
    found = []
    for key, versions in sorted(_versions(current, ordered).items()):
        for version in reversed(versions):
            start, end = month_bounds(month, version.objective.period.time_zone)
            if version.since < end and version.until > start:
                own = tuple(each for each in ordered if _key(each) == key and start <= each.at < end and _differs(each))
                found.append(Held(version.objective, version.until, start, end, own))
                break
    return found


_Key = tuple[Subject, str]


def _versions(current: Iterable[Objective], ordered: Iterable[ObjectiveChange]) -> dict[_Key, list[Version]]:
    """How each objective was, oldest first. Objectives of versions without a history have held since they were set."""
    found: dict[_Key, list[Version]] = defaultdict(list)
    for change in ordered:
        key = _key(change)
        if key is None:
            continue
        past = found[key]
        if change.before is not None and not past:
            past.append(Version(change.before, change.before.set_at, math.inf))
        if past and past[-1].until == math.inf:
            past[-1] = past[-1]._replace(until=change.at)
        if change.after is not None:
            past.append(Version(change.after, change.at, math.inf))
    for objective in current:
        past = found[_key_of(objective)]
        if not past:
            past.append(Version(objective, objective.set_at, math.inf))
    return found


def _key(change: ObjectiveChange) -> _Key | None:
    about = change.after or change.before
    return None if about is None else _key_of(about)


def _key_of(objective: Objective) -> _Key:
    return (canonical_subject(objective.subject), objective.name)


def _differs(change: ObjectiveChange) -> bool:
    """Whether another promise holds since then. A mark or an owner is none."""
    return change.before is None or change.after is None or _promise(change.before) != _promise(change.after)


def _promise(objective: Objective) -> Promise:
    period = objective.period
    return like(Promise, objective, period=period.length, time_zone=period.time_zone)


def is_kept(
    target: Target, requests: int, errors: int, latency: LatencyShare | None, found: Percentiles
) -> bool | None:
    """Whether all that is promised was kept: false if any of it was not, null if the figures do not tell."""
    if not requests:
        return None
    allowed, of = target.allowed_errors
    parts: list[bool | None] = [errors * of <= requests * allowed]
    if target.latency_objective is not None:
        parts.append(None if latency is None else latency.is_met)
    if target.p95_latency is not None:
        reached, highest = found.p95_latency, target.p95_latency
        is_open = "p95_latency" in found.latency_lower_bounds
        parts.append(None if reached is None or (is_open and reached <= highest) else reached <= highest)
    if False in parts:
        return False
    return None if None in parts else True


def line(
    held: Held,
    domain: str,
    counted: Counted,
    incidents: Sequence[StatementIncident],
    exclusions: Iterable[Exclusion],
    undone: Iterable[ObjectiveChange],
) -> StatementLine:
    """The line of an objective for a domain or a route. `exclusions` and `undone` are those that concern it."""
    objective, target = held.objective, held.objective.target
    path_prefix = objective.subject.path_prefix
    found = percentiles(counted.latencies)
    latency = None
    if target.latency_objective is not None:
        latency = latency_share(counted.latencies, target.latency_objective)
    allowed, of = target.allowed_errors
    now = tuple(exclusions)
    return StatementLine(
        domain=domain,
        path_prefix=path_prefix or None,
        objective=_objective(held),
        start=utc(held.start),
        end=utc(held.end),
        total_requests=counted.requests,
        total_errors=counted.errors,
        availability=(counted.requests - counted.errors) / counted.requests if counted.requests else None,
        latency=latency,
        p95_latency=found.p95_latency,
        p95_is_lower_bound="p95_latency" in found.latency_lower_bounds,
        is_kept=is_kept(target, counted.requests, counted.errors, latency, found),
        allowed_errors=counted.requests * allowed // of,
        error_budget_remaining=error_budget_remaining(counted.requests, counted.errors, target),
        coverage=counted.coverage,
        measured_by=counted.measured_by,
        shared=counted.shared,
        changes=tuple(_change(each) for each in held.changes),
        incidents=tuple(incidents),
        exclusions=tuple(_excluded(now, held.start, held.end)),
        exclusions_in_hours=counted.in_hours,
        corrections=tuple(_corrections(now, undone, held.start, held.end)),
    )


def _objective(held: Held) -> StatementObjective:
    objective = held.objective
    return like(
        StatementObjective,
        objective,
        level=objective.subject.level,
        promise=_promise(objective),
        set_at=utc(objective.set_at),
        ended_at=utc(held.until) if held.until < held.end else None,
    )


def _change(change: ObjectiveChange) -> PromiseChange:
    before, after = (None if each is None else _promise(each) for each in (change.before, change.after))
    return PromiseChange(at=utc(change.at), by=change.by, before=before, after=after)


def _excluded(exclusions: Iterable[Exclusion], start: int, end: int) -> Iterator[StatementExclusion]:
    for each in sorted(exclusions, key=lambda each: (each.start, each.exclusion_id)):
        times = list(each.occurrences(start, end))
        if times:
            yield like(
                StatementExclusion,
                each,
                start=utc(times[0][0]),
                end=utc(times[-1][1]),
                occurrences=len(times),
                by=each.set_by,
                at=utc(each.set_at),
            )


def _corrections(
    now: Iterable[Exclusion], undone: Iterable[ObjectiveChange], start: int, end: int
) -> Iterator[Correction]:
    """What is excluded now and was not at the end of the month, and what was then and is not now."""
    found: list[tuple[float, str, Literal["excluded", "included"], Exclusion]] = []
    found += [(each.set_at, each.set_by, "excluded", each) for each in now if each.set_at >= end]
    found += [
        (change.at, change.by, "included", change.included)
        for change in undone
        if change.included is not None and change.at >= end > change.included.set_at
    ]
    for at, by, what, exclusion in sorted(found, key=lambda each: (each[0], each[3].exclusion_id)):
        for stated in _excluded([exclusion], start, end):
            yield like(Correction, stated, what=what, corrected_by=by, corrected_at=utc(at))
