"""Orders go through the deployed queue and functions to receivers on this machine."""

import time
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from integration.channels.receivers import Receiver, receiver, verified
from unit.slo.notifications.orders import notice, order

from lab.cloud.local import STACK, Cloud, Deployment
from slo.notifications import channel_settings
from slo.notifications.changes import Change
from slo.notifications.delivery import Delivery, Order
from slo.notifications.settings import Channel
from slo.store.channel_secrets import ChannelSecrets
from slo.store.deliveries import DeliveryStore
from slo.store.delivery_queue import DeliveryQueue
from slo.store.notifications import NotificationStore
from slo.store.tables import Tables

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
WAIT_SECONDS = 180


class Channels:
    """The channels of the deployed stack."""

    def __init__(self, cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
        for name, value in cloud.environment.items():
            monkeypatch.setenv(name, value)
        found = cloud.client("cloudformation").describe_stack_resources(StackName=STACK)["StackResources"]
        made = {resource["LogicalResourceId"]: resource["PhysicalResourceId"] for resource in found}
        tables = Tables({**cloud.environment, "NOTIFICATIONS_TABLE": made["NotificationsTable"]}.get)
        self._settings, self._deliveries = NotificationStore(tables), DeliveryStore(tables)
        self._secrets = ChannelSecrets(STACK, cloud.client("ssm"))
        self.queue = DeliveryQueue(made["DeliveryQueue"], client=cloud.client("sqs"))

    def make(self, name: str, kind: Any, settings: dict[str, Any]) -> None:
        self._secrets.put(name, channel_settings.read(kind, settings, allow_private_targets=True))
        before = self._settings.settings(consistent=True)
        channels = (*(one for one in before.channels if one.name != name), Channel(name=name, kind=kind))
        after = msgspec.structs.replace(before, version=before.version + 1, channels=channels)
        self._settings.put(after, before.version, Change(at=time.time(), what="channel_set", about=name))

    def told(self, made: Order) -> Delivery:
        """What became of an order, once that is known."""
        deadline = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < deadline:
            delivery = self._deliveries.get(made.channel, made.order_id)
            if delivery is not None and delivery.status != "retrying":
                return delivery
            time.sleep(0.2)
        raise AssertionError(f"{made.order_id} was not delivered in {WAIT_SECONDS} s")


@pytest.fixture
def channels(cloud: Cloud, deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> Channels:
    assert deployment.outputs
    return Channels(cloud, monkeypatch)


@pytest.fixture
def receiving() -> Iterator[Receiver]:
    with receiver() as made:
        yield made


def test_each_kind_of_channel_is_told_by_the_deployed_functions(
    channels: Channels, receiving: Receiver, deployment: Deployment
) -> None:
    channels.make("e2e-hook", "webhook", {"url": f"{receiving.url}/hook", "secrets": [SECRET]})
    channels.make("e2e-pager", "pagerduty", {"routing_key": "a" * 32, "url": f"{receiving.url}/pager"})
    channels.make("e2e-bus", "eventbridge", {})
    channels.make("e2e-rest", "apprise", {"urls": [f"json://127.0.0.1:{receiving.port}/rest"]})
    kinds: dict[str, Any] = {"hook": "webhook", "pager": "pagerduty", "bus": "eventbridge", "rest": "apprise"}
    orders = [order(notice(), kind=kind, channel=f"e2e-{name}") for name, kind in kinds.items()]
    channels.queue.send(orders)
    assert {made.channel: channels.told(made).status for made in orders} == {
        "e2e-hook": "delivered",
        "e2e-pager": "delivered",
        "e2e-bus": "delivered",
        "e2e-rest": "delivered",
    }
    arrived = {request.path: request for request in receiving.received}
    link = verified(arrived["/hook"], SECRET)["data"]["url"]
    assert link == f"{deployment.browser_url}/#/clusters/production/incidents/20270115T080000-0a1b2c"
    assert arrived["/pager"].json["event_action"] == "trigger"
    assert "6,789 of 12,345" in arrived["/rest"].json["message"]


def test_mail_without_an_address_of_the_stack_says_what_to_do(channels: Channels) -> None:
    channels.make("e2e-mail", "email", {})
    made = order(notice(), kind="email", channel="e2e-mail")
    channels.queue.send([made])
    delivery = channels.told(made)
    assert delivery.status == "failed"
    assert "AlarmEmail" in (delivery.last_error or "")


def test_what_fails_comes_again_through_the_queue(channels: Channels, receiving: Receiver) -> None:
    """The channel is told of what other tests make fail, too: only the order's own id counts."""
    channels.make("e2e-later", "webhook", {"url": receiving.url, "secrets": [SECRET]})
    made = order(notice(), channel="e2e-later")
    own, answers = made.order_id.replace(".", "_"), iter([503])
    receiving.reply = lambda request: (next(answers, 200) if request.headers["webhook-id"] == own else 200, {}, b"")
    started = time.monotonic()
    channels.queue.send([made])
    delivery = channels.told(made)
    assert (delivery.status, delivery.attempts) == ("delivered", 2)
    assert time.monotonic() - started > 25
    assert [request.headers["webhook-id"] for request in receiving.received].count(own) == 2
