"""One order is told once, whatever fails: on both engines, with real receivers."""

import base64
import json
import logging
import zlib
from collections.abc import Iterator
from typing import Any

import boto3
import msgspec
import pytest
from integration.channels.receivers import Receiver, receiver, verified
from integration.use_cases import T0, UseCases
from moto import mock_aws
from unit.slo.notifications.orders import URL, notice, order, week

from slo.app.deliver import Deliver, Postponed
from slo.channels.aws import Clients
from slo.channels.outside import Outside
from slo.channels.senders import Senders
from slo.notifications import channel_settings
from slo.notifications.changes import Change
from slo.notifications.delivery import MAX_ATTEMPTS, Delivery, Order
from slo.notifications.settings import Channel, Settings
from slo.store.channel_secrets import ChannelSecrets
from slo.store.deliveries import DeliveryStore
from slo.store.notifications import NotificationStore
from slo.times import DAY_SECONDS, HOUR_SECONDS

SECRET = f"whsec_{base64.b64encode(bytes(range(32))).decode()}"
TOKEN = "xoxb-123-abc"


class Deployment:
    """Channels of a deployment, and what delivers to them."""

    def __init__(self, backend: UseCases) -> None:
        self.backend = backend
        self.secrets = ChannelSecrets("slo", boto3.client("ssm", region_name="eu-central-1"))
        self.store = backend.stores.of(DeliveryStore)
        self.settings = backend.stores.of(NotificationStore)
        senders = Senders(Outside(allow_private_targets=True, seconds=60), Clients())
        self.deliver = Deliver(backend.stores, self.secrets, senders, URL)
        backend.now = T0

    def channel(self, name: str, kind: Any, settings: dict[str, Any] | None, **changes: Any) -> None:
        known = self.settings.settings(consistent=True)
        channels = (*known.channels, Channel(name=name, kind=kind, **changes))
        change = Change(at=T0, by="test", what="channel_set", about=name)
        after = msgspec.structs.replace(known, version=known.version + 1, channels=channels)
        self.settings.put(after, known.version, change)
        if settings is not None:
            self.secrets.put(name, channel_settings.read(kind, settings, allow_private_targets=True))

    def webhook(self, receiving: Receiver, name: str = "ops") -> None:
        self.channel(name, "webhook", {"url": f"{receiving.url}/{name}", "secrets": [SECRET]})

    def delivery(self, made: Order) -> Delivery:
        found = self.store.get(made.channel, made.order_id)
        assert found is not None
        return found

    def named(self, name: str) -> Channel:
        return next(one for one in self.settings.settings(consistent=True).channels if one.name == name)


@pytest.fixture
def deployment(backend: UseCases) -> Iterator[Deployment]:
    with mock_aws():
        yield Deployment(backend)


@pytest.fixture
def receiving() -> Iterator[Receiver]:
    with receiver() as made:
        yield made


def test_an_order_is_delivered_recorded_and_never_sent_again(deployment: Deployment, receiving: Receiver) -> None:
    deployment.webhook(receiving)
    made = order(notice())
    for _ in range(3):
        done = deployment.deliver.run(made)
        assert isinstance(done, Delivery)
        assert (done.status, done.attempts, done.delivered_at) == ("delivered", 1, T0)
    assert len(receiving.received) == 1
    assert verified(receiving.received[0], SECRET)["data"]["id"] == made.order_id
    assert deployment.delivery(made) == done
    assert (done.incident_id, done.cluster_id, done.what) == ("20270115T080000-0a1b2c", "production", "opened")


def test_the_same_notice_for_two_channels_is_two_orders(deployment: Deployment, receiving: Receiver) -> None:
    for name in ("ops", "boss"):
        deployment.webhook(receiving, name)
        deployment.deliver.run(order(notice(), channel=name))
    assert sorted(request.path for request in receiving.received) == ["/boss", "/ops"]


def test_a_failure_is_tried_again_with_the_same_id_until_it_works(deployment: Deployment, receiving: Receiver) -> None:
    deployment.webhook(receiving)
    receiving.answer(503)
    made, waits = order(notice()), []
    for received in range(1, 5):
        done = deployment.deliver.run(made, received)
        assert isinstance(done, Postponed)
        waits.append(done.seconds)
        deployment.backend.now += done.seconds
    assert waits == [30, 60, 120, 240]
    assert deployment.delivery(made).status == "retrying"
    assert deployment.delivery(made).last_error == "The receiver answered 503 Service Unavailable."
    receiving.answer(200)
    done = deployment.deliver.run(made, 5)
    assert isinstance(done, Delivery)
    assert (done.status, done.attempts, done.last_error) == ("delivered", 5, None)
    assert done.first_attempt_at == T0
    assert len({request.headers["webhook-id"] for request in receiving.received}) == 1


def test_a_receiver_may_ask_for_more_time(deployment: Deployment, receiving: Receiver) -> None:
    deployment.webhook(receiving)
    receiving.answer(429, {"Retry-After": "600"})
    done = deployment.deliver.run(order(notice()))
    assert isinstance(done, Postponed)
    assert done.seconds == 600


def test_after_a_day_it_is_a_dead_letter_that_can_be_replayed(deployment: Deployment, receiving: Receiver) -> None:
    deployment.webhook(receiving)
    receiving.answer(500)
    made = order(notice())
    waits = []
    for received in range(1, MAX_ATTEMPTS + 1):
        done = deployment.deliver.run(made, received)
        assert isinstance(done, Postponed)
        waits.append(done.seconds)
        deployment.backend.now += done.seconds
    assert waits[-1] == 0, "the queue looks at it once more, and moves it"
    assert deployment.backend.now - T0 == pytest.approx(DAY_SECONDS, rel=0.1)
    assert deployment.delivery(made).status == "failed"
    receiving.answer(200)
    replayed = deployment.deliver.run(made, 1)
    assert isinstance(replayed, Delivery)
    assert (replayed.status, replayed.attempts) == ("delivered", 1)


@pytest.mark.parametrize("status", [301, 400, 401, 404])
def test_what_is_refused_for_good_is_recorded_and_not_tried_again(
    status: int, deployment: Deployment, receiving: Receiver
) -> None:
    deployment.webhook(receiving)
    receiving.answer(status)
    made = order(notice())
    for _ in range(2):
        done = deployment.deliver.run(made)
        assert isinstance(done, Delivery)
        assert done.status == "failed"
        assert str(status) in (done.last_error or "")
    assert len(receiving.received) == 1
    assert deployment.named("ops").is_enabled


def test_a_receiver_that_is_gone_disables_its_channel(deployment: Deployment, receiving: Receiver) -> None:
    deployment.webhook(receiving)
    deployment.webhook(receiving, "boss")
    receiving.answer(410)
    deployment.backend.now += 1
    deployment.deliver.run(order(notice()))
    channel = deployment.named("ops")
    assert not channel.is_enabled
    assert channel.disabled_because == "The receiver answered 410 Gone."
    assert deployment.named("boss").is_enabled
    change = deployment.settings.changes(1)[0]
    assert (change.what, change.about, change.by) == ("channel_disabled", "ops", "")
    later = deployment.deliver.run(order(notice("resolved", number=2)))
    assert isinstance(later, Delivery)
    assert (later.status, later.last_error) == ("failed", "The channel is disabled.")
    assert len(receiving.received) == 1


def test_a_channel_that_was_removed_or_has_no_settings_is_said(deployment: Deployment) -> None:
    done = deployment.deliver.run(order(notice(), channel="gone"))
    assert isinstance(done, Delivery)
    assert done.last_error == "The channel was removed."
    deployment.channel("empty", "webhook", None)
    done = deployment.deliver.run(order(notice(), channel="empty"))
    assert isinstance(done, Delivery)
    assert done.last_error == "The channel has no settings. Set it again."


def test_a_channel_that_became_another_kind_is_told_as_what_it_is(deployment: Deployment, receiving: Receiver) -> None:
    deployment.webhook(receiving)
    done = deployment.deliver.run(order(notice(), kind="slack"))
    assert isinstance(done, Delivery)
    assert done.status == "delivered"
    assert verified(receiving.received[0], SECRET)


def test_settings_of_another_kind_are_permanent(deployment: Deployment, receiving: Receiver) -> None:
    deployment.channel("ops", "slack", None)
    given = {"url": receiving.url, "secrets": [SECRET]}
    deployment.secrets.put("ops", channel_settings.read("webhook", given, allow_private_targets=True))
    done = deployment.deliver.run(order(notice()))
    assert isinstance(done, Delivery)
    assert done.status == "failed"
    assert "Set it again" in (done.last_error or "")
    assert SECRET not in (done.last_error or "")


def test_the_health_of_a_channel_is_known_in_words(deployment: Deployment, receiving: Receiver) -> None:
    deployment.webhook(receiving)
    deployment.deliver.run(order(notice(number=1)))
    receiving.answer(503)
    for number in (2, 3):
        deployment.backend.now += 60
        deployment.deliver.run(order(notice("reminder", number=number)))
    health = deployment.store.health()["ops"]
    assert (health.last_delivered_at, health.failing_since, health.last_failed_at) == (T0, T0 + 60, T0 + 120)
    assert health.last_error == "The receiver answered 503 Service Unavailable."
    receiving.answer(200)
    deployment.backend.now += HOUR_SECONDS
    deployment.deliver.run(order(notice("reminder", number=3)), 2)
    health = deployment.store.health()["ops"]
    assert (health.last_delivered_at, health.failing_since) == (deployment.backend.now, None)
    deployment.store.forget("ops")
    assert deployment.store.health() == {}


def test_what_a_later_step_has_overtaken_is_left_out(deployment: Deployment, receiving: Receiver) -> None:
    """Or a receiver would open an alert again that was resolved."""
    deployment.webhook(receiving)
    receiving.answer(503)
    assert isinstance(deployment.deliver.run(order(notice(number=1))), Postponed)
    receiving.answer(200)
    deployment.deliver.run(order(notice("resolved", number=2)))
    late = deployment.deliver.run(order(notice(number=1)), 2)
    assert isinstance(late, Delivery)
    assert late.status == "failed"
    assert "later message" in (late.last_error or "")
    assert [request.json["type"] for request in receiving.received] == ["incident.opened", "incident.resolved"]
    assert deployment.store.health()["ops"].failing_since is None, "it says nothing about the channel"
    other = order(notice(number=1, incident_id="20270115T080000-0a1b2c9"))
    assert isinstance(deployment.deliver.run(other), Delivery), "another incident, whose id begins alike"
    assert deployment.delivery(other).status == "delivered"


def test_two_workers_with_one_order_send_it_once(deployment: Deployment, receiving: Receiver) -> None:
    deployment.webhook(receiving)
    made = order(notice())
    others: list[Any] = []

    def reply(_: Any) -> Any:
        if not others:
            others.append(None)
            others.append(deployment.deliver.run(made))
        return 200, {}, b""

    receiving.reply = reply
    done = deployment.deliver.run(made)
    assert isinstance(done, Delivery)
    assert isinstance(others[1], Postponed)
    assert len(receiving.received) == 1
    assert deployment.deliver.run(made, 2) == done


def test_an_order_whose_worker_was_killed_is_taken_over(deployment: Deployment, receiving: Receiver) -> None:
    deployment.webhook(receiving)
    made = order(notice())
    deployment.store.claim(made, T0)
    assert isinstance(deployment.deliver.run(made), Postponed)
    deployment.backend.now += 120
    done = deployment.deliver.run(made, 2)
    assert isinstance(done, Delivery)
    assert done.status == "delivered"


def test_the_newest_deliveries_come_first(deployment: Deployment, receiving: Receiver) -> None:
    deployment.webhook(receiving)
    for number, told in enumerate((notice(number=1), week(), None, notice("resolved", number=2))):
        deployment.backend.now = T0 + number
        deployment.deliver.run(order(told))
    newest = deployment.store.newest("ops", 3)
    assert [delivery.what for delivery in newest] == ["resolved", "test", "digest"]
    assert deployment.store.newest("other", 3) == []


def test_slack_gets_one_thread_an_incident(deployment: Deployment, receiving: Receiver) -> None:
    receiving.answer(200, body=json.dumps({"ok": True, "ts": "1800000000.000100"}).encode())
    url = f"{receiving.url}/api/chat.postMessage"
    deployment.channel("chat", "slack", {"token": TOKEN, "channel": "C1", "url": url})
    for number, what in enumerate(("opened", "resolved"), 1):
        told: Any = notice(what, number=number)  # type: ignore[arg-type]
        deployment.deliver.run(order(told, kind="slack", channel="chat"))
    assert [request.json.get("thread_ts") for request in receiving.received] == [None, "1800000000.000100"]


def test_what_nobody_expected_is_tried_again(deployment: Deployment, receiving: Receiver) -> None:
    deployment.webhook(receiving)
    path = "/slo/channels/ops"
    boto3.client("ssm", region_name="eu-central-1").put_parameter(
        Name=path, Value='{"url": "http://[::", "secrets": ["whsec_x"]}', Type="SecureString", Overwrite=True
    )
    done = deployment.deliver.run(order(notice()))
    assert isinstance(done, Postponed)
    assert done.words == "The delivery failed: ValueError."


def test_no_secret_is_in_a_table_or_a_log(
    deployment: Deployment, receiving: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    hidden = f"{receiving.url}/secret-path"
    deployment.channel("ops", "webhook", {"url": hidden, "secrets": [SECRET]})
    deployment.channel("chat", "slack", {"token": TOKEN, "channel": "C1", "url": hidden})
    for status in (200, 301, 404, 410, 503):
        receiving.answer(status, body=json.dumps({"ok": False, "error": f"{TOKEN} {SECRET} {hidden}"}).encode())
        for number, (name, kind) in enumerate((("ops", "webhook"), ("chat", "slack"))):
            made = order(notice(number=status + number), kind=kind, channel=name)  # type: ignore[arg-type]
            deployment.deliver.run(made)
    table = deployment.backend.names["NOTIFICATIONS_TABLE"]
    stored = deployment.backend.client.scan(TableName=table)["Items"]
    assert len(stored) > 10
    kept = "".join(
        str(value) if kind != "B" else _opened(value)
        for item in stored
        for part in item.values()
        for kind, value in part.items()
    )
    assert "The receiver answered 503" in kept, "what is packed was read"
    for secret in (SECRET, TOKEN, "secret-path", "127.0.0.1"):
        assert secret not in kept
        assert secret not in caplog.text


def _opened(body: bytes) -> str:
    return zlib.decompress(body).decode()


def test_settings_are_encrypted_parameters_below_the_stacks_name(deployment: Deployment) -> None:
    deployment.channel("pager", "pagerduty", {"routing_key": "a" * 32})
    found = boto3.client("ssm", region_name="eu-central-1").get_parameter(Name="/slo/channels/pager")["Parameter"]
    assert found["Type"] == "SecureString"
    assert found["Value"].startswith("kms:alias/aws/ssm"), "moto shows which key encrypts it"
    assert deployment.secrets.get("pager", "pagerduty") is not None
    deployment.secrets.delete("pager")
    deployment.secrets.delete("pager")
    assert deployment.secrets.get("pager", "pagerduty") is None


def test_a_new_deployment_has_no_channel(deployment: Deployment) -> None:
    assert deployment.settings.settings() == Settings()
    assert deployment.store.health() == {}
