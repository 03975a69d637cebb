"""The real apprise in its function, to a real receiver. Only Lambda's call between two functions is made here."""

import io
import json
import subprocess
import sys
from types import ModuleType
from typing import Any

import pytest
from integration.channels.receivers import Receiver, receiver
from unit.slo.notifications.orders import URL, everything, hostile, notice, order

from lab.cloud.functions import LambdaContext, load_function
from slo.channels.apprise import send, without_mentions
from slo.channels.failures import PermanentError, TemporaryError
from slo.notifications.channel_settings import AppriseSettings
from slo.notifications.message import message_of


class InProcess:
    """Lambda's client, which calls the function here."""

    def __init__(self, function: ModuleType) -> None:
        self._function = function

    def __call__(self, service: str) -> Any:
        assert service == "lambda"
        return self

    def invoke(self, **asked: Any) -> dict[str, Any]:
        assert (asked["FunctionName"], asked["InvocationType"]) == ("apprise", "RequestResponse")
        answer = self._function.handler(json.loads(asked["Payload"]), LambdaContext())
        return {"Payload": io.BytesIO(json.dumps(answer).encode())}


@pytest.fixture
def clients(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("ALLOW_PRIVATE_TARGETS", "true")
    return InProcess(load_function("deliver_apprise"))


@pytest.fixture
def guarded(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("ALLOW_PRIVATE_TARGETS", "false")
    return InProcess(load_function("deliver_apprise"))


def at(receiving: Receiver, scheme: str = "json") -> AppriseSettings:
    return AppriseSettings(urls=(f"{scheme}://127.0.0.1:{receiving.port}/hook",))


def test_a_message_arrives_by_apprise(receiving: Receiver, clients: Any) -> None:
    send(at(receiving), message_of(order(notice()), URL), "apprise", clients)
    body = receiving.received[0].json
    assert body["title"] == "Page: Outage: shop.example.com"
    assert body["message"].startswith("6,789 of 12,345 requests failed")
    assert f"{URL}#/clusters/production/incidents/" in body["message"]
    assert body["type"] == "failure"


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        (notice("resolved"), "success"),
        (notice("opened", "trickle", severity="ticket"), "warning"),
        (None, "info"),
    ],
)
def test_its_type_chooses_a_colour(told: Any, kind: str, receiving: Receiver, clients: Any) -> None:
    send(at(receiving), message_of(order(told), URL), "apprise", clients)
    assert receiving.received[0].json["type"] == kind


def test_every_message_arrives_and_calls_nobody_in_a_room(receiving: Receiver, clients: Any) -> None:
    for told in [*everything(), *hostile()]:
        send(at(receiving), message_of(order(told), URL), "apprise", clients)
    assert len(receiving.received) == len(everything()) + len(hostile())
    assert all("@everyone" not in json.dumps(request.json) for request in receiving.received)


def test_a_mention_of_everybody_is_broken_and_an_address_is_not() -> None:
    assert without_mentions("@everyone @HERE a@example.com") == "@\u200beveryone @\u200bHERE a@example.com"


def test_an_address_that_apprise_does_not_know_is_permanent(receiving: Receiver, clients: Any) -> None:
    settings = AppriseSettings(urls=(*at(receiving).urls, "nonsense://x"))
    with pytest.raises(PermanentError, match="does not understand 1"):
        send(settings, message_of(order(), URL), "apprise", clients)
    assert receiving.received == [], "all or none"


def test_a_service_that_fails_is_tried_again(receiving: Receiver, clients: Any) -> None:
    receiving.answer(503)
    with pytest.raises(TemporaryError, match="1 of the services"):
        send(at(receiving), message_of(order(), URL), "apprise", clients)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_no_service_of_apprise_reaches_a_private_address(host: str, receiving: Receiver, guarded: Any) -> None:
    settings = AppriseSettings(urls=(f"json://{host}:{receiving.port}/hook",))
    with pytest.raises(PermanentError, match="AllowPrivateTargets"):
        send(settings, message_of(order(), URL), "apprise", guarded)
    assert receiving.received == []


def test_a_guard_does_not_outlive_the_message(receiving: Receiver, guarded: Any, clients: Any) -> None:
    with pytest.raises(PermanentError):
        send(at(receiving), message_of(order(), URL), "apprise", guarded)
    send(at(receiving), message_of(order(), URL), "apprise", clients)
    assert len(receiving.received) == 1


def test_a_redirect_to_a_private_address_is_not_followed_either(guarded: Any) -> None:
    """The address is checked as it is connected to, whoever named it."""
    with receiver() as inner, guarded._function.guard.on():
        import requests

        with pytest.raises(requests.ConnectionError):
            requests.get(inner.url, timeout=2)
        assert guarded._function.guard.refused > 0
        assert inner.received == []


def test_a_function_that_failed_is_called_again() -> None:
    class Failing:
        def __call__(self, _: str) -> Any:
            return self

        def invoke(self, **_: Any) -> dict[str, Any]:
            return {"FunctionError": "Unhandled", "Payload": io.BytesIO(b'{"errorMessage": "secret"}')}

    with pytest.raises(TemporaryError) as raised:
        send(AppriseSettings(urls=("json://a",)), message_of(order(), URL), "apprise", Failing())  # type: ignore[arg-type]
    assert "secret" not in raised.value.words


def test_apprise_is_loaded_with_the_first_message_and_in_no_other_function() -> None:
    script = (
        "import os, sys; os.environ.update(POWERTOOLS_TRACE_DISABLED='true');"
        "from lab.cloud.functions import load_function; load_function('deliver_apprise');"
        "import slo.channels.senders as s; print('apprise' in sys.modules, 'boto3' in sys.modules)"
    )
    alone = script.replace("import slo.channels.senders as s;", "")
    for text, loaded in ((alone, "False False"), (script, "False True")):
        done = subprocess.run(
            [sys.executable, "-c", text],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONPATH": ":".join(sys.path)},
        )
        assert done.stdout.strip() == loaded
