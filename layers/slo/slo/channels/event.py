"""What programs get: the message's texts, and the incident or the digest as data."""

from datetime import datetime

import msgspec

from slo.api.incident_answers import IncidentAnswer, incident_answer
from slo.notifications.delivery import Told
from slo.notifications.message import Message, as_text
from slo.notifications.settings import Language
from slo.notifications.weekly import DomainWeek, PathWeek, RouteNews
from slo.times import utc

SOURCE = "ingress-slo"


class DigestEvent(msgspec.Struct, frozen=True, kw_only=True):
    """A cluster's week."""

    start: datetime
    end: datetime
    opened: int
    """Incidents opened in the week."""
    resolved: int
    domains: tuple[DomainWeek, ...]
    """The least budget first."""
    paths: tuple[PathWeek, ...]
    """Most errors first."""
    routes: tuple[RouteNews, ...]
    """Those that appeared, vanished or got another service."""


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Something told. Fields may be added; none is removed or changes its meaning."""

    id: str
    """The same for each attempt."""
    what: Told
    at: datetime | None
    """When it happened; null for a test."""
    cluster_id: str | None
    language: Language
    """Of the texts."""
    title: str
    sentence: str
    """What happened."""
    text: str
    """The whole message as plain text, several lines."""
    url: str
    """The page that shows it."""
    incident: IncidentAnswer | None
    """As it was then; null for a digest and a test."""
    digest: DigestEvent | None


def event_of(message: Message) -> Event:
    """The event of a message."""
    return Event(
        id=message.id,
        what=message.what,
        at=None if message.at is None else utc(message.at),
        cluster_id=message.cluster_id,
        language=message.language,
        title=message.title,
        sentence=message.sentence,
        text=as_text(message),
        url=message.link,
        incident=None if message.incident is None else incident_answer(message.incident),
        digest=_digest(message),
    )


def _digest(message: Message) -> DigestEvent | None:
    week = message.digest
    if week is None:
        return None
    return DigestEvent(
        start=utc(week.start),
        end=utc(week.end),
        opened=week.opened,
        resolved=week.resolved,
        domains=week.domains,
        paths=week.paths,
        routes=week.routes,
    )
