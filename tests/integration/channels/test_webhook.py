import base64

import pytest
from integration.channels.receivers import Receiver, verified
from unit.slo.notifications.orders import T0, URL, everything, hostile, notice, order

from slo.channels.failures import GoneError
from slo.channels.outside import Outside
from slo.channels.webhook import send, sign
from slo.notifications.channel_settings import WebhookSettings
from slo.notifications.message import message_of
from slo.times import utc

OLD, NEW = (f"whsec_{base64.b64encode(bytes([number]) * 32).decode()}" for number in (1, 2))


def test_the_signature_is_that_of_the_standards_own_example() -> None:
    """https://github.com/standard-webhooks/standard-webhooks/blob/main/libraries/python/tests/test_webhooks.py."""
    made = sign(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
    )
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_every_message_is_signed_with_every_secret(receiving: Receiver, outside: Outside) -> None:
    settings = WebhookSettings(url=f"{receiving.url}/hook", secrets=(OLD, NEW))
    for told in [*everything(), *hostile()]:
        send(settings, message_of(order(told), URL), outside)
    for request in receiving.received:
        assert verified(request, OLD) == verified(request, NEW)
    assert len(receiving.received) == len(everything()) + len(hostile())


def test_the_body_says_what_happened_as_data(receiving: Receiver, outside: Outside) -> None:
    send(WebhookSettings(url=receiving.url, secrets=(NEW,)), message_of(order(notice("resolved")), URL), outside)
    payload = verified(receiving.received[0], NEW)
    assert payload["type"] == "incident.resolved"
    assert payload["timestamp"] == "2027-01-15T08:00:00Z"
    data = payload["data"]
    assert (data["what"], data["cluster_id"]) == ("resolved", "production")
    assert data["incident"]["requests"] == 12_345
    assert data["incident"]["since"] == utc(T0 - 300).isoformat().replace("+00:00", "Z")
    assert data["incident"]["status"] == "resolved"
    assert data["digest"] is None


def test_another_attempt_has_the_same_id_and_another_step_another_one(receiving: Receiver, outside: Outside) -> None:
    settings = WebhookSettings(url=receiving.url, secrets=(NEW,))
    for told in (notice(number=1), notice(number=1), notice("resolved", number=2)):
        send(settings, message_of(order(told), URL), outside)
    first, again, other = (request.headers["webhook-id"] for request in receiving.received)
    assert first == again != other


def test_gone_is_gone(receiving: Receiver, outside: Outside) -> None:
    receiving.answer(410)
    with pytest.raises(GoneError):
        send(WebhookSettings(url=receiving.url, secrets=(NEW,)), message_of(order(), URL), outside)
