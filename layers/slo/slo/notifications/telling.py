"""Telling: which channels have to be told what about the incidents that are open. Pure.

A channel is told of an opening once, of an escalation if it was told of less, and of the end only if it was told of the
opening. What is muted, or waits for the end of quiet hours, is told when that is over, if the incident is still open.
"""

from collections.abc import Iterable, Iterator

import msgspec

from slo.incidents.incident import Incident, Notice, What
from slo.incidents.tracking import Tracking, Transition
from slo.notifications.delivery import REMINDERS, Order
from slo.notifications.settings import Channel, ChannelKind, Language, Settings

_NOT_REPEATED = ("budget", "certificate")
"""Kinds that last for days by nature: each of their steps is told, and nothing in between."""


class Told(msgspec.Struct, frozen=True):
    """What a channel was last told about an incident."""

    escalations: int
    """Of the incident, until then."""
    at: float
    """Unix seconds."""
    repeated: int = 0
    """Reminders since."""


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """A notice that a channel is to get."""

    channel: str
    kind: ChannelKind
    language: Language
    notice_id: str
    what: What
    at: float
    incident_id: str

    def order(self, incident: Incident) -> Order:
        """The order, with the incident as it is now."""
        notice = Notice(notice_id=self.notice_id, what=self.what, at=self.at, incident=incident)
        return Order(
            channel=self.channel, kind=self.kind, language=self.language, order_id=self.notice_id, notice=notice
        )


class Telling(msgspec.Struct, frozen=True):
    """Who was told of what is open."""

    told: dict[str, dict[str, Told]] = {}
    """By incident id and channel."""


def tell(
    telling: Telling, tracking: Tracking, transitions: Iterable[Transition], settings: Settings, now: float
) -> tuple[Telling, list[Due]]:
    """What follows from what happened, and from what is open."""
    told = {incident_id: dict(channels) for incident_id, channels in telling.told.items()}
    due: list[Due] = []
    known = {channel.name: channel for channel in settings.channels if channel.is_enabled}
    happened = list(transitions)
    for transition in happened:
        if transition.what in ("acknowledged", "resolved"):
            names = told.get(transition.incident.incident_id, {})
            due += [_told(known[name], transition.incident, transition.what) for name in names if name in known]
    for tracked in tracking.open.values():
        incident = tracked.incident
        own = told.setdefault(incident.incident_id, {})
        for channel, what, repeated in _due(incident, own, settings, now):
            own[channel.name] = Told(_escalations(incident), now, repeated)
            due.append(_told(channel, incident, what, repeated))
    still_open = {tracked.incident.incident_id for tracked in tracking.open.values()}
    return Telling({key: channels for key, channels in told.items() if key in still_open and channels}), due


def _due(
    incident: Incident, told: dict[str, Told], settings: Settings, now: float
) -> Iterator[tuple[Channel, What, int]]:
    if settings.mute_of(incident, now) is not None or (incident.severity == "ticket" and settings.is_quiet(now)):
        return
    for channel in settings.channels_of(incident):
        before = told.get(channel.name)
        if before is None:
            yield channel, "opened", 0
        elif _escalations(incident) > before.escalations:
            yield channel, "escalated", 0
        elif _is_to_be_reminded(incident, before, settings, now):
            yield channel, "reminder", before.repeated + 1


def _escalations(incident: Incident) -> int:
    return sum(step.what == "escalated" for step in incident.steps)


def _is_to_be_reminded(incident: Incident, before: Told, settings: Settings, now: float) -> bool:
    if incident.acknowledged_at is not None or incident.kind in _NOT_REPEATED:
        return False
    thresholds = settings.thresholds
    is_page = incident.severity == "page"
    every = thresholds.page_reminder_seconds if is_page else thresholds.ticket_reminder_seconds
    return 0 < every <= now - before.at


def _told(channel: Channel, incident: Incident, what: What, repeated: int = 0) -> Due:
    """The same opening, escalation or end has the same id, whoever tells it. Each reminder has its own."""
    steps = [number for number, step in enumerate(incident.steps, 1) if step.what == what]
    number = steps[-1] if steps else len(incident.steps)
    return Due(
        channel=channel.name,
        kind=channel.kind,
        language=channel.language,
        notice_id=f"{incident.incident_id}.{number * REMINDERS + repeated if repeated else number}",
        what=what,
        at=incident.steps[number - 1].at if incident.steps else incident.opened_at,
        incident_id=incident.incident_id,
    )
