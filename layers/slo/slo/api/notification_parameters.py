"""Parameters and bodies of what concerns notifications."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from slo.api.parameters import Moment, Parameters, PathPrefix
from slo.notifications.settings import (
    ChannelKind,
    Digest,
    Language,
    Pattern,
    QuietHours,
    Rule,
    Thresholds,
)
from slo.traefik.snapshots import ChannelName

MAX_RULES = 100

Reason = Annotated[str, Meta(min_length=1, max_length=500, pattern=r"\S")]


class DeliveriesParameters(Parameters, frozen=True, kw_only=True):
    """Parameters of the list of deliveries."""

    channel: ChannelName | None = None
    """Only deliveries to this channel."""
    limit: Annotated[int, Meta(ge=1, le=200)] = 50
    """Maximum number of deliveries, newest first."""


class ChangesParameters(Parameters, frozen=True, kw_only=True):
    """Parameters of the list of changes."""

    limit: Annotated[int, Meta(ge=1, le=200)] = 50
    """Maximum number of changes, newest first."""


class ChannelBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A channel."""

    kind: ChannelKind
    language: Language = "en"
    """The language of its messages."""
    is_enabled: bool = True
    """Whether it is told anything. A channel that the deployment disabled is enabled again by this."""
    settings: dict[str, Any] | None = None
    """Address and secrets, by kind (docs/notifications.md#channels). Null keeps those that are stored."""


class NotificationsBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that decides who is told what and when, except channels and mutes. It replaces what is set."""

    rules: Annotated[tuple[Rule, ...], Meta(max_length=MAX_RULES)]
    """The first that matches applies. What no rule matches goes to every channel."""
    quiet_hours: QuietHours | None
    digest: Digest
    thresholds: Thresholds


class MuteBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A subject about which nobody is told until an end."""

    cluster_id: Pattern | None = None
    """`*` stands for any characters; null for all clusters. A token for some clusters names one of them, or the only
    one by null."""
    domain: Pattern = "*"
    """`*` includes what belongs to no domain: silence of a cluster, certificates."""
    path_prefix: PathPrefix | None = None
    """Only incidents in which nothing but this route fails; null for all."""
    until: Moment
    """At most a year from now."""
    reason: Reason
    """Why, for those who wonder about the silence."""
