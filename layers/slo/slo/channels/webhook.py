"""Standard Webhooks 1.0: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md."""

import base64
import hashlib
import hmac
import re
import time

import msgspec

from slo.channels.event import Event, event_of
from slo.channels.outside import Outside
from slo.notifications.channel_settings import WebhookSettings, signing_key
from slo.notifications.message import Message

_NOT_OF_AN_ID = re.compile(r"[^A-Za-z0-9_-]")


class Payload(msgspec.Struct, frozen=True, kw_only=True):
    """The body."""

    type: str
    """`incident.opened`, `incident.escalated`, ..., `digest` or `test`."""
    timestamp: str
    data: Event


def send(settings: WebhookSettings, message: Message, outside: Outside) -> None:
    """Send a signed message. Raises TemporaryError, PermanentError or GoneError."""
    now = int(time.time())
    event = event_of(message)
    kind = event.what if event.incident is None else f"incident.{event.what}"
    payload = Payload(type=kind, timestamp=_time(message.at if message.at is not None else now), data=event)
    body = msgspec.json.encode(payload)
    # The standard signs `id.timestamp.body`, so an id without a full stop leaves no doubt where it ends.
    webhook_id = _NOT_OF_AN_ID.sub("_", message.id)
    signatures = " ".join(sign(secret, webhook_id, now, body) for secret in settings.secrets)
    headers = {"webhook-id": webhook_id, "webhook-timestamp": str(now), "webhook-signature": signatures}
    outside.post(settings.url, body, {"Content-Type": "application/json", **headers})


def sign(secret: str, webhook_id: str, timestamp: int, body: bytes) -> str:
    """One signature of version 1: `v1,` and base64 of the HMAC-SHA256 of `id.timestamp.body`."""
    signed = b".".join((webhook_id.encode(), str(timestamp).encode(), body))
    return f"v1,{base64.b64encode(hmac.digest(signing_key(secret), signed, hashlib.sha256)).decode()}"


def _time(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))
