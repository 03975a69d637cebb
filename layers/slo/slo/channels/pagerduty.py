"""PagerDuty Events API v2: https://developer.pagerduty.com/docs/send-alert-event."""

from typing import Any

import msgspec

from slo.channels.event import SOURCE
from slo.channels.outside import Outside
from slo.notifications.channel_settings import PagerDutySettings
from slo.notifications.message import Message
from slo.times import utc

_SUMMARY_LENGTH = 1024
_ACTIONS = {"acknowledged": "acknowledge", "resolved": "resolve"}
_SEVERITIES = {"page": "critical", "ticket": "warning", None: "info"}


def send(settings: PagerDutySettings, message: Message, outside: Outside) -> None:
    """Trigger, acknowledge or resolve the alert of an incident. Raises TemporaryError or PermanentError.

    A digest is nothing that somebody is on call for, so it is not sent. A test is resolved at once.
    """
    if message.what == "digest":
        return
    actions = ("trigger", "resolve") if message.what == "test" else (_ACTIONS.get(message.what, "trigger"),)
    for action in actions:
        body = msgspec.json.encode(event(settings.routing_key, message, action))
        outside.post(settings.url, body, {"Content-Type": "application/json"})


def event(routing_key: str, message: Message, action: str) -> dict[str, Any]:
    """The event. What belongs to one incident has one `dedup_key`."""
    found: dict[str, Any] = {
        "routing_key": routing_key,
        "event_action": action,
        "dedup_key": message.incident_id or message.id,
    }
    if action != "trigger":
        return found
    payload = {
        "summary": f"{message.title}. {message.sentence}"[:_SUMMARY_LENGTH],
        "source": message.cluster_id or SOURCE,
        "severity": _SEVERITIES[message.severity],
        "component": message.subject or SOURCE,
        "class": message.kind or message.what,
        "custom_details": {fact.label: fact.value for fact in message.facts}
        | {section.title: list(section.lines) for section in message.sections},
    }
    if message.at is not None:
        payload["timestamp"] = utc(message.at).isoformat()
    links = [{"href": message.link, "text": message.link_text}]
    return {**found, "payload": payload, "client": SOURCE, "client_url": message.link, "links": links}
