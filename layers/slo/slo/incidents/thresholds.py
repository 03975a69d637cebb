"""Thresholds: what opens, repeats and resolves incidents."""

from typing import Annotated

import msgspec
from msgspec import Meta

from slo.times import DAY_SECONDS, HOUR_SECONDS, MINUTE_SECONDS


class Thresholds(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What opens and resolves incidents."""

    outage_share: Annotated[float, Meta(ge=0.05, le=1)] = 0.5
    """Ratio of failed requests."""
    outage_requests: Annotated[int, Meta(ge=1, le=1_000_000)] = 10
    """Fewer requests within three minutes are no outage, unless all fail for longer."""
    trickle_share: Annotated[float, Meta(ge=0.05, le=1)] = 0.8
    trickle_requests: Annotated[int, Meta(ge=1, le=1_000_000)] = 20
    """Within six hours."""
    calm_seconds: Annotated[int, Meta(ge=0, le=DAY_SECONDS)] = 10 * MINUTE_SECONDS
    """An incident is resolved after it has been calm for this long."""
    silent_seconds: Annotated[int, Meta(ge=3 * MINUTE_SECONDS, le=DAY_SECONDS)] = 5 * MINUTE_SECONDS
    """Without a snapshot, or with a Traefik pod that cannot be reached."""
    page_reminder_seconds: Annotated[int, Meta(ge=0, le=30 * DAY_SECONDS)] = 4 * HOUR_SECONDS
    """Between reminders of an open page that nobody acknowledged; 0 for none."""
    ticket_reminder_seconds: Annotated[int, Meta(ge=0, le=30 * DAY_SECONDS)] = DAY_SECONDS
    """The same for a ticket."""
