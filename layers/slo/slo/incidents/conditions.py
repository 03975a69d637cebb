"""Conditions: what is wrong in a cluster at one moment.

`slo.incidents.finder` finds them, `slo.incidents.tracking` makes incidents of them over time.
"""

from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

import msgspec

from slo.incidents.incident import Failing, FailingRoute, Kind, Subject
from slo.objectives.burn_rates import Severity
from slo.objectives.objective import Followed
from slo.objectives.targets import LatencyObjective

Family = Literal["failing", "latency", "silent", "budget", "certificate"]
"""Kinds of which one incident is open for a subject: an outage, a burn and a trickle are one failure."""
_FAMILIES: dict[Kind, Family] = {
    "outage": "failing",
    "burn": "failing",
    "trickle": "failing",
    "latency": "latency",
    "silent": "silent",
    "budget": "budget",
    "certificate": "certificate",
}
_RANKS: tuple[Kind, ...] = ("outage", "burn", "trickle")
BUDGET_USED = (0.5, 0.9, 1.0)
"""Ratios of a period's error budget."""
CERTIFICATE_DAYS = (1, 7, 21)


class Key(NamedTuple):
    """What one incident at a time is open for."""

    family: Family
    subject: Subject

    def text(self) -> str:
        """The same as text, for documents."""
        return "|".join((self.family, self.subject.domain, self.subject.pod, self.subject.certificate))


class Condition(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is wrong now."""

    kind: Kind
    severity: Severity
    subject: Subject
    path_prefix: str = ""
    since: float
    """Unix seconds: the start of the window that shows it."""
    seen: Failing = Failing()
    """In that window, in all that fails."""
    reset_seconds: int = 0
    """How long the window still shows what is over."""
    routes: tuple[FailingRoute, ...] = ()
    """Worst first."""
    followed: Followed | None = None
    channels: tuple[str, ...] = ()
    """Of the objectives that are failed, ascending; an empty name for one that lets the rules choose."""
    threshold: float | None = None
    expires_at: float | None = None
    domains: tuple[str, ...] = ()

    @property
    def latency(self) -> LatencyObjective | None:
        """The latency objective that is missed; None for other kinds."""
        return self.followed.target.latency_objective if self.followed and self.kind == "latency" else None

    @property
    def key(self) -> Key:
        """What one incident at a time is open for."""
        return key_of(self.kind, self.subject)


class DomainFigures(msgspec.Struct, frozen=True, kw_only=True):
    """What the incident of a domain needs to know about it at one moment."""

    total: Failing
    """Ever served, so that the difference of two moments is exact. Of the whole domain, or its only failing route."""
    budget_remaining: float | None
    """Ratio of the followed target's error budget."""
    allowed_errors: float
    """Of the period's requests."""


class Findings(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong in a cluster, and what could not be seen."""

    at: float
    """Unix seconds."""
    conditions: tuple[Condition, ...] = ()
    figures: Mapping[Key, DomainFigures] = {}
    """Of the domains with conditions, and of those asked for."""
    unknown: frozenset[Key] = frozenset()
    """Of the keys asked for: those of which nothing was observed. They are neither wrong nor calm."""


class Asked(NamedTuple):
    """An open incident, about which figures are wanted."""

    key: Key
    path_prefix: str
    latency: LatencyObjective | None


def key_of(kind: Kind, subject: Subject) -> Key:
    """What one incident of this kind at a time is open for."""
    return Key(_FAMILIES[kind], subject)


def strongest(conditions: Iterable[Condition]) -> Condition:
    """The condition that names the incident of a key: a page before a ticket, an outage before a burn."""
    return min(
        conditions,
        key=lambda each: (
            each.severity != "page",
            _RANKS.index(each.kind) if each.kind in _RANKS else 0,
            -(each.threshold or 0.0),
        ),
    )
