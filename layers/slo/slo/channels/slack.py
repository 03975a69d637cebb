"""Slack: chat.postMessage with one thread an incident, or an incoming webhook.

https://docs.slack.dev/reference/methods/chat.postMessage, https://docs.slack.dev/reference/block-kit/blocks.

Names are text of the type `plain_text`, in which nothing is special. Only the link and the summary for notifications
are in Slack's own markup, and are escaped.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Protocol

import msgspec

from slo.channels.failures import GoneError, PermanentError, TemporaryError
from slo.channels.outside import Outside
from slo.notifications.channel_settings import SLACK_URL, SlackSettings
from slo.notifications.message import Message, Section

_TITLE_LENGTH = 150
_TEXT_LENGTH = 3000
_FIELD_LENGTH = 2000
_FIELDS = 10
_CODE = re.compile(r"[a-z_]{1,60}")
_TRY_AGAIN = ("ratelimited", "internal_error", "fatal_error", "service_unavailable", "request_timeout")
_ALOUD = ("escalated", "resolved")
"""Replies in a thread that the channel sees, too."""


class Threads(Protocol):
    """Where the thread of an incident is remembered."""

    def get(self, incident_id: str) -> str | None:
        """Its first message's time stamp."""

    def put(self, incident_id: str, ts: str) -> None:
        """Remember it."""


def send(settings: SlackSettings, message: Message, outside: Outside, threads: Threads) -> None:
    """Post a message, in the thread of its incident if there is one. Raises TemporaryError or PermanentError."""
    try:
        if settings.token is None:
            outside.post(settings.url or "", msgspec.json.encode(body(message)), {"Content-Type": "application/json"})
            return
        _post(settings, message, outside, threads)
    except GoneError as error:  # of an archived channel, which may come back
        raise PermanentError(error.words) from None


def _post(settings: SlackSettings, message: Message, outside: Outside, threads: Threads) -> None:
    thread = threads.get(message.incident_id) if message.incident_id else None
    if thread is not None:
        reply = {"thread_ts": thread, "reply_broadcast": message.what in _ALOUD}
        with suppress(_NoThreadError):
            _call(settings, {**body(message), **reply}, outside)
            return
    ts = _call(settings, body(message), outside)
    if message.incident_id:
        threads.put(message.incident_id, ts)


def _call(settings: SlackSettings, sent: dict[str, Any], outside: Outside) -> str:
    """Post; returns the time stamp of the message."""
    headers = {"Content-Type": "application/json; charset=utf-8", "Authorization": f"Bearer {settings.token}"}
    text = msgspec.json.encode({"channel": settings.channel, **sent})
    return _read(outside.post(settings.url or SLACK_URL, text, headers).body)


class _NoThreadError(PermanentError):
    """Raised if somebody deleted the first message of a thread."""


class _Answer(msgspec.Struct):
    ok: bool
    ts: str = ""
    error: str = ""


def _read(text: bytes) -> str:
    """The time stamp of the message that was posted."""
    try:
        answer = msgspec.json.decode(text, type=_Answer)
    except msgspec.MsgspecError:
        raise PermanentError("What answers there is not Slack: it sends no JSON with `ok`.") from None
    if answer.ok:
        return answer.ts
    code = answer.error if _CODE.fullmatch(answer.error) else "an unknown error"
    words = f"Slack says: {code}."
    if code == "thread_not_found":
        raise _NoThreadError(words)
    raise TemporaryError(words) if code in _TRY_AGAIN else PermanentError(words)


def body(message: Message) -> dict[str, Any]:
    """The message's blocks, and a line for notifications."""
    return {
        "text": escaped(f"{message.title}. {message.sentence}")[:_TEXT_LENGTH],
        "mrkdwn": False,
        "unfurl_links": False,
        "unfurl_media": False,
        "blocks": list(_blocks(message)),
    }


def escaped(text: str) -> str:
    """Text in which Slack sees no mention, channel or link (https://docs.slack.dev/messaging/formatting-message-text)."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _blocks(message: Message) -> Iterator[dict[str, Any]]:
    yield {"type": "header", "text": _plain(message.title, _TITLE_LENGTH)}
    yield {"type": "section", "text": _plain(message.sentence)}
    if message.facts:
        fields = [_plain(f"{fact.label}\n{fact.value}", _FIELD_LENGTH) for fact in message.facts[:_FIELDS]]
        yield {"type": "section", "fields": fields}
    yield from map(_section, message.sections)
    link = f"<{escaped(message.link)}|{escaped(message.link_text)}>"
    yield {"type": "context", "elements": [{"type": "mrkdwn", "text": link}]}


def _section(section: Section) -> dict[str, Any]:
    lines = "\n".join(f"• {line}" for line in section.lines)
    return {"type": "section", "text": _plain(f"{section.title}\n{lines}")}


def _plain(text: str, length: int = _TEXT_LENGTH) -> dict[str, Any]:
    cut = text if len(text) <= length else f"{text[: length - 1]}…"
    return {"type": "plain_text", "text": cut, "emoji": False}
