import jsonschema
import pytest
from integration.channels.receivers import PAGERDUTY, PAGERDUTY_BYTES, Receiver
from unit.slo.notifications.orders import LANGUAGES, URL, everything, hostile, notice, order, week

from slo.channels.failures import PermanentError, TemporaryError
from slo.channels.outside import Outside
from slo.channels.pagerduty import send
from slo.notifications.channel_settings import PagerDutySettings
from slo.notifications.message import message_of

KEY = "a" * 32


def sent(receiving: Receiver, outside: Outside, told: object) -> None:
    settings = PagerDutySettings(routing_key=KEY, url=f"{receiving.url}/v2/enqueue")
    send(settings, message_of(order(told, kind="pagerduty"), URL), outside)  # type: ignore[arg-type]


def test_each_event_is_as_documented(receiving: Receiver, outside: Outside) -> None:
    settings = PagerDutySettings(routing_key=KEY, url=f"{receiving.url}/v2/enqueue")
    for language in LANGUAGES:
        for told in [*everything(), *hostile()]:
            send(settings, message_of(order(told, kind="pagerduty", language=language), URL), outside)
    assert receiving.received
    for request in receiving.received:
        jsonschema.validate(request.json, PAGERDUTY)
        assert len(request.body) <= PAGERDUTY_BYTES
        assert request.path == "/v2/enqueue"


def test_an_incident_is_one_alert_from_trigger_to_resolve(receiving: Receiver, outside: Outside) -> None:
    for number, what in enumerate(("opened", "escalated", "reminder", "acknowledged", "resolved"), 1):
        sent(receiving, outside, notice(what, number=number))  # type: ignore[arg-type]
    events = [request.json for request in receiving.received]
    assert [event["event_action"] for event in events] == ["trigger", "trigger", "trigger", "acknowledge", "resolve"]
    assert {event["dedup_key"] for event in events} == {"20270115T080000-0a1b2c"}
    assert events[0]["payload"]["severity"] == "critical"
    assert events[0]["payload"]["source"] == "production"
    assert events[0]["payload"]["component"] == "shop.example.com"
    assert events[0]["payload"]["custom_details"]["Requests"] == "12,345"
    assert events[0]["links"][0]["href"] == events[0]["client_url"]


def test_a_ticket_is_a_warning(receiving: Receiver, outside: Outside) -> None:
    sent(receiving, outside, notice("opened", "trickle", severity="ticket"))
    assert receiving.received[0].json["payload"]["severity"] == "warning"


def test_a_test_wakes_nobody_for_long_and_a_digest_nobody_at_all(receiving: Receiver, outside: Outside) -> None:
    sent(receiving, outside, None)
    assert [request.json["event_action"] for request in receiving.received] == ["trigger", "resolve"]
    assert receiving.received[0].json["payload"]["severity"] == "info"
    sent(receiving, outside, week())
    assert len(receiving.received) == 2


@pytest.mark.parametrize(("status", "raises"), [(400, PermanentError), (429, TemporaryError), (500, TemporaryError)])
def test_its_statuses_mean_what_it_documents(
    status: int, raises: type[Exception], receiving: Receiver, outside: Outside
) -> None:
    receiving.answer(status)
    with pytest.raises(raises):
        sent(receiving, outside, notice())
