"""Addresses and secrets of channels: one struct for each kind. They are kept in SSM only."""

import base64
import binascii
import re
from typing import Annotated, Any
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from slo.errors import FieldError, UnprocessableError
from slo.notifications.settings import ChannelKind

_Url = Annotated[str, Meta(min_length=8, max_length=2000)]
_Address = Annotated[str, Meta(max_length=254, pattern=r"^[^@\s\x00-\x1f<>,;]+@[^@\s\x00-\x1f<>,;]+$(?!\n)")]
_SECRET_PREFIX = "whsec_"  # noqa: S105 how every secret begins
_SECRET_BYTES = range(24, 65)
"""https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md, "Secrets"."""
PAGERDUTY_URL = "https://events.pagerduty.com/v2/enqueue"
SLACK_URL = "https://slack.com/api/chat.postMessage"
MAX_BYTES = 4096
"""Of a standard parameter (https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html)."""


class _Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    pass


class EmailSettings(_Settings, frozen=True, kw_only=True):
    """Without both fields, mail goes to the subscribers of the stack's topic (AlarmEmail); with both, by SES."""

    to: Annotated[tuple[_Address, ...], Meta(max_length=50)] = ()
    from_: _Address | None = msgspec.field(default=None, name="from")
    """An address or a domain that is verified in SES."""


class WebhookSettings(_Settings, frozen=True, kw_only=True):
    """A receiver of Standard Webhooks."""

    url: _Url
    secrets: Annotated[tuple[str, ...], Meta(min_length=1, max_length=5)]
    """`whsec_` and base64 of 24 to 64 random bytes. Each signs, so that a receiver can change over."""


class EventBridgeSettings(_Settings, frozen=True, kw_only=True):
    """An event bus of this account and region."""

    bus: Annotated[str, Meta(pattern=r"^[/.\-_A-Za-z0-9]{1,256}$(?!\n)")] = "default"


class PagerDutySettings(_Settings, frozen=True, kw_only=True):
    """A service's integration of the kind Events API v2."""

    routing_key: Annotated[str, Meta(pattern=r"^[A-Za-z0-9]{32}$(?!\n)")]
    url: _Url = PAGERDUTY_URL


class SlackSettings(_Settings, frozen=True, kw_only=True):
    """A bot's token and a channel, for one thread an incident; or only the URL of an incoming webhook."""

    token: Annotated[str, Meta(max_length=300, pattern=r"^xox[a-z]-[A-Za-z0-9-]+$(?!\n)")] | None = None
    channel: Annotated[str, Meta(pattern=r"^[A-Z0-9]{2,30}$(?!\n)")] | None = None
    """Its id, such as C024BE91L."""
    url: _Url | None = None
    """With a token: of chat.postMessage, if it is not Slack's own."""


class AppriseSettings(_Settings, frozen=True, kw_only=True):
    """Any of apprise's services, such as `ntfy://...` (https://github.com/caronc/apprise)."""

    urls: Annotated[tuple[_Url, ...], Meta(min_length=1, max_length=5)]


ChannelSettings = (
    EmailSettings | WebhookSettings | EventBridgeSettings | PagerDutySettings | SlackSettings | AppriseSettings
)
KINDS: dict[ChannelKind, type[ChannelSettings]] = {
    "email": EmailSettings,
    "webhook": WebhookSettings,
    "eventbridge": EventBridgeSettings,
    "pagerduty": PagerDutySettings,
    "slack": SlackSettings,
    "apprise": AppriseSettings,
}


def read(kind: ChannelKind, given: Any, *, allow_private_targets: bool = False) -> ChannelSettings:
    """Check what a caller gave. Raises UnprocessableError, which says what to do and never repeats a value.

    `given` is what JSON was decoded to. http is allowed only with `allow_private_targets`.
    """
    try:
        found = msgspec.convert(given, KINDS[kind])
    except msgspec.ValidationError as error:
        raise _wrong(*_place(str(error))) from None
    _check(found, ("https", "http") if allow_private_targets else ("https",))
    if len(encode(found)) > MAX_BYTES:
        raise _wrong("", f"All settings of a channel together may have at most {MAX_BYTES} bytes.")
    return found


def encode(settings: ChannelSettings) -> str:
    """The JSON that is kept in SSM."""
    return msgspec.json.encode(settings).decode()


def decode(kind: ChannelKind, text: str) -> ChannelSettings:
    """The settings of a kind. Raises UnprocessableError if they are another kind's."""
    try:
        return msgspec.json.decode(text, type=KINDS[kind])
    except msgspec.MsgspecError as error:
        raise _wrong(*_place(str(error))) from None


def signing_key(secret: str) -> bytes:
    """The bytes of a webhook's secret. Raises ValueError."""
    if not secret.startswith(_SECRET_PREFIX):
        raise ValueError("must begin with whsec_")
    try:
        key = base64.b64decode(secret.removeprefix(_SECRET_PREFIX), validate=True)
    except binascii.Error:
        raise ValueError("must be base64 after whsec_") from None
    if len(key) not in _SECRET_BYTES:
        raise ValueError("must have 24 to 64 bytes: openssl rand -base64 32 makes them")
    return key


def _check(settings: ChannelSettings, schemes: tuple[str, ...]) -> None:
    match settings:
        case EmailSettings():
            _check_email(settings)
        case WebhookSettings():
            _check_url(settings.url, schemes)
            _check_secrets(settings.secrets)
        case PagerDutySettings():
            _check_url(settings.url, schemes)
        case SlackSettings():
            _check_slack(settings, schemes)
        case AppriseSettings():
            _check_apprise(settings)


def _check_email(settings: EmailSettings) -> None:
    if settings.from_ is not None and not settings.to:
        raise _wrong("to", "Say to whom, or leave `from` out, too: then mail goes to the stack's AlarmEmail.")
    if settings.to and settings.from_ is None:
        raise _wrong("from", "Say from which verified address of SES, or leave `to` out, too.")


def _check_secrets(secrets: tuple[str, ...]) -> None:
    for number, secret in enumerate(secrets):
        try:
            signing_key(secret)
        except ValueError as error:
            raise _wrong(f"secrets[{number}]", f"A secret {error}.") from None


def _check_slack(settings: SlackSettings, schemes: tuple[str, ...]) -> None:
    if settings.url is not None:
        _check_url(settings.url, schemes)
    if (settings.token is None) != (settings.channel is None):
        missing = "token" if settings.token is None else "channel"
        raise _wrong(missing, "A bot needs its token and the id of a channel.")
    if settings.token is None and settings.url is None:
        raise _wrong("url", "Give the URL of an incoming webhook, or a bot's token and the id of a channel.")


def _check_apprise(settings: AppriseSettings) -> None:
    for number, url in enumerate(settings.urls):
        if not re.match(r"[a-z0-9]+://[^\s]", url) or not url.isprintable():
            raise _wrong(f"urls[{number}]", "An URL of apprise begins with the name of a service, such as ntfy://.")
        if url.startswith(("file:", "windows:", "dbus:", "gnome:", "macosx:", "syslog:")):
            raise _wrong(f"urls[{number}]", "This service tells the machine itself, which nobody looks at.")


def _check_url(url: str, schemes: tuple[str, ...]) -> None:
    try:
        parts = urlsplit(url)
        has_port = parts.port != 0
    except ValueError:
        raise _wrong("url", "It is not a valid URL.") from None
    if parts.scheme not in schemes:
        raise _wrong("url", f"It must begin with {' or '.join(f'{scheme}://' for scheme in schemes)}.")
    if not parts.hostname or not has_port or not url.isascii() or not url.isprintable() or " " in url:
        raise _wrong("url", "It is not a valid URL. Write other characters than ASCII's as %XX, a name as punycode.")
    if parts.username is not None or parts.password is not None:
        raise _wrong("url", "It may not contain a user or a password.")


def _place(error: str) -> tuple[str, str]:
    """The field and the problem in an error of msgspec, without what it repeats of the input."""
    message, _, place = error.partition(" - at `$")
    return place.rstrip("`").removeprefix("."), f"{message}."


def _wrong(field: str, message: str) -> UnprocessableError:
    place = f"settings.{field}" if field else "settings"
    return UnprocessableError(f"{place}: {message}", errors=[FieldError(place, message)])
