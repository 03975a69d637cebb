"""EventBridge: an event for each message. events/eventbridge/ has its schema and a sample."""

import msgspec

from slo.channels.aws import Clients, failure, failures_of
from slo.channels.event import SOURCE, event_of
from slo.notifications.channel_settings import EventBridgeSettings
from slo.notifications.message import Message


def send(settings: EventBridgeSettings, message: Message, clients: Clients) -> None:
    """Put an event on the bus. Raises TemporaryError or PermanentError."""
    entry = {
        "EventBusName": settings.bus,
        "Source": SOURCE,
        "DetailType": detail_type(message),
        "Detail": msgspec.json.encode(event_of(message)).decode(),
    }
    with failures_of("EventBridge"):
        answer = clients("events").put_events(Entries=[entry])
    for refused in answer["Entries"]:
        if "ErrorCode" in refused:
            raise failure("EventBridge", refused["ErrorCode"])


def detail_type(message: Message) -> str:
    """`Incident Opened`, `Incident Resolved`, ..., `Weekly Digest` or `Channel Test`."""
    if message.incident_id is None:
        return "Weekly Digest" if message.what == "digest" else "Channel Test"
    return f"Incident {message.what.title()}"
