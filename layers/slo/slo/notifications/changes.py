"""What people, or the deployment itself, changed about who is told what."""

from typing import Literal

import msgspec

from slo.times import DAY_SECONDS

CHANGES_KEPT_SECONDS = 400 * DAY_SECONDS

WhatChanged = Literal["channel_set", "channel_removed", "channel_disabled", "rules_set", "muted", "unmuted"]
"""`channel_disabled`: by the deployment itself. `rules_set`: rules, quiet hours, the digest or thresholds."""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One change."""

    at: float
    """Unix seconds."""
    by: str = ""
    """The label of the token that made it; empty if the deployment itself did."""
    what: WhatChanged
    about: str
    """The channel's name, the muted subject and the reason, or the parts of the settings that changed."""
    cluster_id: str = ""
    """The pattern of a mute's cluster; empty for what concerns all clusters."""
