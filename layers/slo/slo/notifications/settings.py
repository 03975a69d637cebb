"""Who is told what: channels, rules, mutes and the thresholds of incidents, as one document of the deployment."""

from datetime import datetime
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta

from slo.incidents.incident import Incident, Kind
from slo.incidents.thresholds import Thresholds as Thresholds
from slo.objectives.burn_rates import Severity
from slo.traefik.domains import canonical
from slo.traefik.snapshots import ChannelName

ChannelKind = Literal["email", "webhook", "eventbridge", "pagerduty", "slack", "apprise"]
Language = Literal["en", "zh", "ja"]

Pattern = Annotated[str, Meta(min_length=1, max_length=253)]
"""A name, in which `*` stands for any characters."""
Clock = Annotated[str, Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$(?!\n)")]
"""A time of day, `22:30`."""
TimeZone = Annotated[str, Meta(max_length=64)]
"""A name of the IANA database, such as `Europe/Berlin`."""


class Channel(msgspec.Struct, frozen=True, kw_only=True):
    """A way to tell people. Its address and its secrets are in SSM, never here."""

    name: ChannelName
    kind: ChannelKind
    language: Language = "en"
    is_enabled: bool = True
    disabled_because: str = ""
    """Why the deployment itself disabled it, for example because its receiver answers 410 Gone."""
    changed_by: str = ""
    changed_at: float = 0.0


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Incidents that match all conditions go to these channels. An empty condition matches everything."""

    clusters: Annotated[tuple[Pattern, ...], Meta(max_length=20)] = ()
    domains: Annotated[tuple[Pattern, ...], Meta(max_length=50)] = ()
    """An incident of no domain matches only if this is empty."""
    kinds: tuple[Kind, ...] = ()
    severities: tuple[Severity, ...] = ()
    channels: Annotated[tuple[ChannelName, ...], Meta(max_length=20)] = ()
    """Empty: nobody is told."""


class QuietHours(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Tickets wait until these hours are over. Pages never wait."""

    start: Clock
    end: Clock
    """Before `start` if the hours go past midnight."""
    time_zone: TimeZone = "UTC"


class Digest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The weekly summary: each Monday at this time, to these channels."""

    is_enabled: bool = True
    at: Clock = "08:00"
    time_zone: TimeZone = "UTC"
    channels: Annotated[tuple[ChannelName, ...], Meta(max_length=20)] = ()
    """Empty: every channel that may get tickets by the rules."""


class Mute(msgspec.Struct, frozen=True, kw_only=True):
    """Nobody is told about a subject until an end. Its incidents are kept all the same."""

    mute_id: str
    cluster_id: Pattern = "*"
    domain: Pattern = "*"
    """`*` includes what belongs to no domain: silence of a cluster, certificates."""
    path_prefix: str = ""
    """Only incidents in which nothing but this route fails; empty for all."""
    until: float
    """Unix seconds."""
    reason: str
    muted_by: str = ""
    muted_at: float = 0.0


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The whole document. Version 0 is that of a new deployment."""

    version: int = 0
    rules_version: int = 0
    """The version that changed rules, quiet hours, the digest or thresholds last. Editors send it as `If-Match`."""
    channels: tuple[Channel, ...] = ()
    """By name."""
    rules: tuple[Rule, ...] = ()
    """The first that matches applies, unless an objective has a channel. What no rule matches goes to every channel."""
    quiet_hours: QuietHours | None = None
    digest: Digest = Digest()
    thresholds: Thresholds = Thresholds()
    mutes: tuple[Mute, ...] = ()

    def channels_of(self, incident: Incident) -> tuple[Channel, ...]:
        """The enabled channels that are told about an incident, by name.

        Each objective that is failed has a channel of its own told, or has the rules choose. They also choose if its
        channel does not exist or is disabled, so that nobody goes untold.
        """
        enabled = {channel.name: channel for channel in self.channels if channel.is_enabled}
        told = enabled.keys() & set(incident.channels)
        if not incident.channels or len(told) < len(set(incident.channels)):
            found = next((rule for rule in self.rules if _matches(rule, incident)), None)
            told |= enabled.keys() if found is None else enabled.keys() & set(found.channels)
        return tuple(channel for name, channel in enabled.items() if name in told)

    def mute_of(self, incident: Incident, now: float) -> Mute | None:
        """The mute that holds for an incident now; None if there is none."""
        return next((mute for mute in self.mutes if mute.until > now and _mutes(mute, incident)), None)

    def is_quiet(self, now: float) -> bool:
        """Whether tickets wait now."""
        hours = self.quiet_hours
        if hours is None:
            return False
        time = datetime.fromtimestamp(now, ZoneInfo(hours.time_zone)).strftime("%H:%M")
        if hours.start <= hours.end:
            return hours.start <= time < hours.end
        return time >= hours.start or time < hours.end


def matches(pattern: str, name: str) -> bool:
    """Whether a name matches a pattern, in which only `*` is special. Domains match in any spelling."""
    first, *rest = canonical(pattern).split("*")
    name = canonical(name)
    if not rest:
        return name == first
    *middle, last = rest
    if not name.startswith(first) or not name.endswith(last) or len(name) < len(first) + len(last):
        return False
    start, end = len(first), len(name) - len(last)
    for part in middle:
        at = name.find(part, start, end)
        if at < 0:
            return False
        start = at + len(part)
    return True


def _matches(rule: Rule, incident: Incident) -> bool:
    domains = _domains(incident)
    return (
        (not rule.clusters or any(matches(pattern, incident.cluster_id) for pattern in rule.clusters))
        and (not rule.domains or any(matches(pattern, name) for pattern in rule.domains for name in domains))
        and (not rule.kinds or incident.kind in rule.kinds)
        and (not rule.severities or incident.severity in rule.severities)
    )


def _mutes(mute: Mute, incident: Incident) -> bool:
    domains = _domains(incident)
    return (
        matches(mute.cluster_id, incident.cluster_id)
        and (mute.domain == "*" or any(matches(mute.domain, name) for name in domains))
        and mute.path_prefix in ("", incident.path_prefix)
    )


def _domains(incident: Incident) -> tuple[str, ...]:
    return (incident.subject.domain,) if incident.subject.domain else incident.domains
