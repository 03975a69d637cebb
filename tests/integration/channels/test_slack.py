import json

import jsonschema
import pytest
from integration.channels.receivers import SLACK, Received, Receiver, Reply
from unit.slo.notifications.orders import HOSTILE, LANGUAGES, URL, everything, hostile, notice, order, week

from slo.channels.failures import GoneError, PermanentError, TemporaryError
from slo.channels.outside import Outside
from slo.channels.slack import escaped, send
from slo.notifications.channel_settings import SlackSettings
from slo.notifications.message import message_of

TOKEN = "xoxb-123-abc"


class Remembered:
    """Threads in memory."""

    def __init__(self) -> None:
        self.known: dict[str, str] = {}

    def get(self, incident_id: str) -> str | None:
        return self.known.get(incident_id)

    def put(self, incident_id: str, ts: str) -> None:
        self.known[incident_id] = ts


def slack(request: Received) -> Reply:
    """chat.postMessage, which answers 200 even if it refuses."""
    problems = list(jsonschema.Draft202012Validator(SLACK).iter_errors(request.json))
    if problems:
        return 200, {}, json.dumps({"ok": False, "error": "invalid_blocks"}).encode()
    if request.headers["authorization"] != f"Bearer {TOKEN}":
        return 200, {}, json.dumps({"ok": False, "error": "invalid_auth"}).encode()
    if "thread_ts" in request.json and request.json["thread_ts"] not in slack.posted:  # type: ignore[attr-defined]
        return 200, {}, json.dumps({"ok": False, "error": "thread_not_found"}).encode()
    ts = f"{1800000000 + len(slack.posted)}.000100"  # type: ignore[attr-defined]
    slack.posted.append(ts)  # type: ignore[attr-defined]
    return 200, {}, json.dumps({"ok": True, "channel": request.json["channel"], "ts": ts}).encode()


@pytest.fixture
def bot(receiving: Receiver) -> SlackSettings:
    slack.posted = []  # type: ignore[attr-defined]
    receiving.reply = slack
    return SlackSettings(token=TOKEN, channel="C024BE91L", url=f"{receiving.url}/api/chat.postMessage")


def test_every_message_is_within_slacks_limits(receiving: Receiver, outside: Outside, bot: SlackSettings) -> None:
    for language in LANGUAGES:
        for told in [*everything(), *hostile()]:
            send(bot, message_of(order(told, language=language), URL), outside, Remembered())
    for request in receiving.received:
        jsonschema.validate(request.json, SLACK)
    assert len(receiving.received) == 3 * (len(everything()) + len(hostile()))


def test_an_incident_is_one_thread(receiving: Receiver, outside: Outside, bot: SlackSettings) -> None:
    threads = Remembered()
    for number, what in enumerate(("opened", "acknowledged", "reminder", "resolved"), 1):
        send(bot, message_of(order(notice(what, number=number)), URL), outside, threads)  # type: ignore[arg-type]
    first, *replies = (request.json for request in receiving.received)
    assert "thread_ts" not in first
    assert {reply["thread_ts"] for reply in replies} == {"1800000000.000100"}
    assert [reply["reply_broadcast"] for reply in replies] == [False, False, True], "the channel sees the end, too"
    send(bot, message_of(order(notice(incident_id="another")), URL), outside, threads)
    assert "thread_ts" not in receiving.received[-1].json


def test_if_somebody_deleted_a_thread_a_new_one_begins(
    receiving: Receiver, outside: Outside, bot: SlackSettings
) -> None:
    threads = Remembered()
    threads.put(notice().incident.incident_id, "1700000000.000100")
    send(bot, message_of(order(notice("resolved")), URL), outside, threads)
    assert [request.json.get("thread_ts") for request in receiving.received] == ["1700000000.000100", None]
    assert threads.known == {notice().incident.incident_id: "1800000000.000100"}


def test_a_digest_and_a_test_are_in_no_thread(receiving: Receiver, outside: Outside, bot: SlackSettings) -> None:
    threads = Remembered()
    for told in (week(), None):
        send(bot, message_of(order(told), URL), outside, threads)
    assert threads.known == {}
    assert all("thread_ts" not in request.json for request in receiving.received)


def test_no_name_is_a_mention_a_link_or_markup(receiving: Receiver, outside: Outside, bot: SlackSettings) -> None:
    send(bot, message_of(order(hostile()[0]), URL), outside, Remembered())
    body = receiving.received[0].json
    assert "<" not in body["text"]
    assert "&lt;!channel&gt;" in body["text"]
    texts = [block["text"] for block in body["blocks"] if "text" in block]
    texts += [field for block in body["blocks"] for field in block.get("fields", ())]
    assert texts
    assert all(text["type"] == "plain_text" for text in texts), "in which Slack sees no markup"
    assert escaped(HOSTILE).count("<") == 0


def test_an_incoming_webhook_gets_the_same_without_a_thread(receiving: Receiver, outside: Outside) -> None:
    receiving.answer(200, body=b"ok")
    settings = SlackSettings(url=f"{receiving.url}/services/T/B/x")
    for what in ("opened", "resolved"):
        send(settings, message_of(order(notice(what)), URL), outside, Remembered())
    for request in receiving.received:
        jsonschema.validate(request.json, SLACK)
        assert "authorization" not in request.headers
        assert "thread_ts" not in request.json


@pytest.mark.parametrize(
    ("error", "raises"),
    [
        ("invalid_auth", PermanentError),
        ("channel_not_found", PermanentError),
        ("ratelimited", TemporaryError),
        ("internal_error", TemporaryError),
    ],
)
def test_what_slack_refuses_is_said_in_its_word(
    error: str, raises: type[PermanentError | TemporaryError], receiving: Receiver, outside: Outside, bot: SlackSettings
) -> None:
    receiving.answer(200, body=json.dumps({"ok": False, "error": error}).encode())
    with pytest.raises(raises, match=error):
        send(bot, message_of(order(), URL), outside, Remembered())


def test_its_words_never_repeat_what_a_server_says(receiving: Receiver, outside: Outside, bot: SlackSettings) -> None:
    receiving.answer(200, body=json.dumps({"ok": False, "error": f"you sent {TOKEN}"}).encode())
    with pytest.raises(PermanentError) as raised:
        send(bot, message_of(order(), URL), outside, Remembered())
    assert TOKEN not in raised.value.words


def test_what_is_not_slack_is_said(receiving: Receiver, outside: Outside, bot: SlackSettings) -> None:
    receiving.answer(200, body=b"<html>")
    with pytest.raises(PermanentError, match="not Slack"):
        send(bot, message_of(order(), URL), outside, Remembered())


def test_an_archived_channel_does_not_disable_ours(receiving: Receiver, outside: Outside) -> None:
    receiving.answer(410, body=b"channel_is_archived")
    with pytest.raises(PermanentError) as raised:
        send(SlackSettings(url=receiving.url), message_of(order(), URL), outside, Remembered())
    assert not isinstance(raised.value, GoneError)
