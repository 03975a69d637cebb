import json
from collections.abc import Iterator
from typing import Any

import jsonschema
import msgspec
import pytest
from moto import mock_aws
from unit.slo.notifications.orders import LANGUAGES, URL, everything, hostile, notice, order, week

from lab.event_schema import DETAIL_TYPES, FILE, schema
from lab.paths import ROOT
from slo.channels.aws import Clients, failure
from slo.channels.event import event_of
from slo.channels.eventbridge import detail_type, send
from slo.channels.failures import PermanentError, TemporaryError
from slo.notifications.channel_settings import EventBridgeSettings
from slo.notifications.message import message_of

BUS = EventBridgeSettings(bus="slo")
MOST_BYTES = 256 * 1024
"""Of one entry (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html)."""


class Bus:
    """A bus of moto, and the events that its service took, as a rule would see them."""

    def __init__(self) -> None:
        self.clients = Clients()
        self.clients("events").create_event_bus(Name="slo")
        self.clients("events").meta.events.register("provide-client-params.events.PutEvents", self._take)
        self.taken: list[dict[str, Any]] = []

    def _take(self, params: dict[str, Any], **_: Any) -> None:
        self.taken += [
            {"source": entry["Source"], "detail-type": entry["DetailType"], "detail": json.loads(entry["Detail"])}
            for entry in params["Entries"]
        ]


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bus]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    with mock_aws():
        yield Bus()


def test_the_schema_is_that_of_what_is_sent() -> None:
    assert json.loads(FILE.read_text()) == schema(), "python -m lab.event_schema writes it"


def test_the_sample_is_a_valid_event_as_a_channel_sends_it() -> None:
    sample = json.loads((ROOT / "events" / "eventbridge" / "incident_opened.json").read_text())
    jsonschema.validate(sample, schema())


def test_an_event_arrives_on_its_bus_and_matches_the_schema(bus: Bus) -> None:
    for told in (notice(), notice("resolved"), week(), None):
        send(BUS, message_of(order(told), URL), bus.clients)
    arrived = bus.taken
    for event in arrived:
        jsonschema.validate(event, schema())
    assert [event["detail-type"] for event in arrived] == [
        "Incident Opened",
        "Incident Resolved",
        "Weekly Digest",
        "Channel Test",
    ]
    assert arrived[0]["detail"]["incident"]["errors"] == 6_789


def test_every_detail_matches_the_schema_and_fits() -> None:
    seen = set()
    for language in LANGUAGES:
        for told in [*everything(), *hostile()]:
            message = message_of(order(told, language=language), URL)
            detail = event_of(message)
            text = msgspec.json.encode(detail)
            assert len(text) < MOST_BYTES
            event = {"source": "ingress-slo", "detail-type": detail_type(message), "detail": json.loads(text)}
            jsonschema.validate(event, schema())
            seen.add(event["detail-type"])
    assert seen == set(DETAIL_TYPES)


def test_a_bus_that_does_not_exist_is_said(bus: Bus) -> None:
    with pytest.raises(PermanentError, match=r"EventBridge says: \w+\."):
        send(EventBridgeSettings(bus="other"), message_of(order(), URL), bus.clients)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("ThrottlingException", TemporaryError),
        ("InternalFailure", TemporaryError),
        ("InternalException", TemporaryError),
        ("ServiceUnavailable", TemporaryError),
        ("TooManyRequestsException", TemporaryError),
        ("LimitExceededException", TemporaryError),
        ("AccessDeniedException", PermanentError),
        ("MalformedDetail", PermanentError),
        ("MessageRejected", PermanentError),
    ],
)
def test_what_ends_by_itself_is_tried_again(code: str, kind: type[Exception]) -> None:
    assert type(failure("EventBridge", code)) is kind
