"""What the function for apprise is asked, and what it answers. It imports no AWS library, to load fast."""

from typing import Literal

import msgspec

NotifyType = Literal["info", "success", "warning", "failure"]
"""apprise's, which choose a colour or an icon (https://github.com/caronc/apprise/wiki/Development_API)."""


class AppriseRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What the function gets."""

    urls: tuple[str, ...]
    title: str
    body: str
    notify_type: NotifyType


class AppriseAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What it answers. Each part is a number of addresses."""

    delivered: int = 0
    failed: int = 0
    unknown: int = 0
    """Addresses that apprise does not understand."""
    refused: int = 0
    """Addresses that are private and not allowed."""
