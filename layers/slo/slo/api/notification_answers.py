"""Answers about who is told what: channels, rules, mutes, deliveries and the changes to them."""

from datetime import datetime

import msgspec

from slo.notifications.changes import WhatChanged
from slo.notifications.delivery import DeliveryStatus, Told
from slo.notifications.settings import ChannelKind, Digest, Language, QuietHours, Rule, Thresholds


class ChannelAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A channel and its health. Its settings hold secrets, and no answer has them."""

    name: str
    kind: ChannelKind
    language: Language
    is_enabled: bool
    disabled_because: str | None
    """Why the deployment itself disabled it, for example because its receiver answers 410 Gone."""
    changed_by: str
    """The label of the token that changed it last."""
    changed_at: datetime
    last_delivered_at: datetime | None
    last_failed_at: datetime | None
    last_error: str | None
    """Why the last attempt that failed did so, in words."""
    failing_since: datetime | None
    """Since when no attempt has succeeded; null if the last one did."""
    pending: int | None
    """Always null: a queue does not say what waits for one channel."""


class ChannelsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """All channels, by name."""

    channels: tuple[ChannelAnswer, ...]


class SentAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A test message is queued. GET /deliveries says what became of it."""

    order_id: str


class RuleAnswer(Rule, frozen=True, kw_only=True):
    """Incidents that match all conditions go to these channels. An empty condition matches everything."""


class QuietHoursAnswer(QuietHours, frozen=True, kw_only=True):
    """Tickets wait until these hours are over. Pages never wait."""


class DigestAnswer(Digest, frozen=True, kw_only=True):
    """The weekly summary: each Monday at this time, to these channels."""


class ThresholdsAnswer(Thresholds, frozen=True, kw_only=True):
    """What opens and resolves incidents."""


class NotificationsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Who is told what and when. A token for some clusters sees only the rules that can apply to them."""

    version: int
    """The ETag to send as `If-Match` with a change. Channels and mutes do not change it."""
    rules: tuple[RuleAnswer, ...]
    """The first that matches applies. What no rule matches goes to every channel."""
    quiet_hours: QuietHoursAnswer | None
    digest: DigestAnswer
    thresholds: ThresholdsAnswer


class MuteAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Nobody is told about a subject until an end. Its incidents are kept all the same."""

    mute_id: str
    cluster_id: str
    """`*` stands for any characters."""
    domain: str
    """`*` includes what belongs to no domain: silence of a cluster, certificates."""
    path_prefix: str | None
    """Only incidents in which nothing but this route fails; null for all."""
    until: datetime
    reason: str
    muted_by: str
    """The label of the token that muted it."""
    muted_at: datetime


class MutesAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The mutes that hold now, those that end first first. A token for some clusters sees only theirs."""

    mutes: tuple[MuteAnswer, ...]


class DeliveryAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A message and what became of it on one channel."""

    order_id: str
    channel: str
    incident_id: str | None
    """Null for a digest or a test."""
    cluster_id: str | None
    """Null for a test."""
    what: Told
    attempts: int
    status: DeliveryStatus
    first_attempt_at: datetime
    delivered_at: datetime | None
    last_error: str | None


class DeliveriesAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Deliveries of the last 30 days, newest first. A token for some clusters sees only theirs, and tests."""

    deliveries: tuple[DeliveryAnswer, ...]


class ChangeAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A change of the settings."""

    at: datetime
    by: str | None
    """The label of the token that made it; null if the deployment itself did."""
    what: WhatChanged
    about: str
    """The channel's name, the muted subject and the reason, or the parts of the settings that changed."""


class ChangesAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The latest changes, newest first. They are kept for 400 days."""

    changes: tuple[ChangeAnswer, ...]
