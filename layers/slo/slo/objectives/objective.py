"""Objectives: what is promised for all clusters, a cluster, domain or route, over which period, by whom and since when.

A subject may have several. One of them is *followed*: by the list, the status and the alerts. It is an objective of the
most specific subject that has any: the one that is marked, else the one with the longest period.
"""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from slo.objectives.exclusions import Exclusion
from slo.objectives.periods import Length, Period
from slo.objectives.targets import CLUSTER, EVERYTHING, PRESET, LatencyObjective, Subject, Target
from slo.structs import like
from slo.times import utc
from slo.traefik.domains import canonical
from slo.traefik.snapshots import ChannelOfObjective

Origin = Literal["page", "file", "annotation"]
"""Where an objective is kept: set on the page or with the API, applied from a file, or an annotation in Kubernetes."""
ORIGINS: tuple[Origin, ...] = ("annotation", "file", "page")
"""The strongest first: what Kubernetes says of a subject holds before a file, and a file before the page."""
NAME_PATTERN = "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$"
Owner = Annotated[str, Meta(max_length=200)]


class Objective(msgspec.Struct, frozen=True, kw_only=True):
    """An objective that someone has set. Its subject and its name identify it."""

    subject: Subject
    name: str
    """A DNS label, as Kubernetes and OpenSLO name objects. What was once the target of a week is named `7d`."""
    period: Period = Period()
    availability: float
    """Ratio."""
    p95_latency: float | None = None
    """Milliseconds; null if nothing is promised about it."""
    latency_objective: LatencyObjective | None = None
    minimum_requests: int = PRESET.minimum_requests
    owner: Owner = ""
    """Whom to ask."""
    channel: ChannelOfObjective = ""
    """Whom its incidents are told to, instead of those that the rules of the notifications choose."""
    is_followed: bool = False
    """Whether list, status and alerts follow this one of the subject's objectives."""
    origin: Origin = "page"
    version: int
    """Grows with each change and is never reused. As the ETag, it keeps two people from overwriting each other."""
    set_by: str
    """The label of the token that set it, or the object in Kubernetes."""
    set_at: float
    """Unix seconds: what it says now holds since then."""

    @property
    def target(self) -> Target:
        """The promise alone, with its level as the source."""
        return Target(
            self.availability, self.p95_latency, self.latency_objective, self.minimum_requests, self.subject.level
        )


class ObjectiveChange(msgspec.Struct, frozen=True, kw_only=True):
    """Someone set, changed or deleted an objective, or excluded a time from objectives, or undid that."""

    at: float
    """Unix seconds."""
    by: str
    """The label of the token, or the object in Kubernetes."""
    before: Objective | None = None
    """Null if it is new."""
    after: Objective | None = None
    """Null if it was deleted."""
    excluded: Exclusion | None = None
    included: Exclusion | None = None
    """Of an exclusion that was undone."""


class ObjectiveSummary(msgspec.Struct, frozen=True, kw_only=True):
    """Which objective a domain or a route follows."""

    name: str
    period: Length
    """`7d`, `28d`, `30d`, or `week`, `month`, `quarter` of the calendar; `1d` where a target was once set for a day."""
    time_zone: str
    owner: str
    origin: Origin
    since: datetime


class Followed(msgspec.Struct, frozen=True):
    """What a domain or a route is judged by."""

    target: Target
    period: Period
    objective: ObjectiveSummary | None = None
    """Null if nobody has set an objective: then `target` is the preset."""
    channel: str = ""
    """Of the objective; empty if the rules choose."""


_PRESET = Followed(PRESET, Period())


class Objectives:
    """The objectives that hold in one cluster: its own, and those of all clusters."""

    def __init__(self, saved: Iterable[Objective] = ()) -> None:
        self.all = tuple(saved)
        by_subject: dict[Subject, list[Objective]] = {}
        for each in self.all:
            by_subject.setdefault(canonical_subject(each.subject), []).append(each)
        self._followed = {subject: _followed(every) for subject, every in by_subject.items()}

    def followed(self, domain: str, path_prefix: str = "") -> Followed:
        """What a route, or a domain as a whole, is judged by."""
        if not self._followed:
            return _PRESET
        name = canonical(domain)
        subjects = (Subject(name, path_prefix), Subject(name), CLUSTER, EVERYTHING)
        found = (self._followed.get(subject) for subject in subjects)
        return next((each for each in found if each is not None), _PRESET)

    def follows(self, objective: Objective) -> bool:
        """Whether this is the one of its subject that is followed."""
        followed = self._followed.get(canonical_subject(objective.subject))
        return followed is not None and followed.objective is not None and followed.objective.name == objective.name

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Objectives) and self._followed == other._followed

    def __hash__(self) -> int:
        return hash(frozenset(self._followed.items()))

    @property
    def strictest(self) -> float:
        """The smallest ratio of errors that any followed target allows."""
        every = (_PRESET, *self._followed.values())
        return min(errors / requests for errors, requests in (each.target.allowed_errors for each in every))

    @property
    def periods(self) -> tuple[int, ...]:
        """The lengths in days that a followed period may have, ascending."""
        return tuple(sorted({each.period.days for each in (_PRESET, *self._followed.values())}))

    def earliest_start(self, now: float) -> int:
        """When the first of the followed periods began, Unix seconds."""
        return min(each.period.start(now) for each in (_PRESET, *self._followed.values()))

    @property
    def has_latency_objectives(self) -> bool:
        """Whether any followed target has one."""
        return any(each.target.latency_objective is not None for each in self._followed.values())


def _followed(every: Iterable[Objective]) -> Followed:
    objective = max(every, key=_precedence)
    return Followed(objective.target, objective.period, summary(objective), objective.channel)


def summary(objective: Objective) -> ObjectiveSummary:
    """An objective as readers see it beside figures."""
    period = objective.period
    since = utc(objective.set_at)
    return like(ObjectiveSummary, objective, period=period.length, time_zone=period.time_zone, since=since)


def canonical_subject(subject: Subject) -> Subject:
    """The subject, however its domain is spelled."""
    return Subject(canonical(subject.domain), subject.path_prefix, subject.is_everything)


def check_name(name: str) -> str | None:
    """What is wrong with an objective's name; None if it is right."""
    if re.fullmatch(NAME_PATTERN, name):
        return None
    return "A name has up to 63 of a-z, 0-9 and hyphens, and begins and ends with a letter or a digit."


def origin_of(text: str) -> Origin:
    """The origin with this name. Raises StopIteration if it is none."""
    return next(known for known in ORIGINS if known == text)


def _precedence(objective: Objective) -> tuple[int, bool, float, str]:
    """The followed one has the highest: the strongest origin, then the mark, then the longest period."""
    period = objective.period.days + (0.5 if objective.period.is_calendar else 0)
    return (-ORIGINS.index(objective.origin), objective.is_followed, period, objective.name)
