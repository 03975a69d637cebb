"""The handler of the queue of orders, on a queue as template.yaml declares it."""

import json
import threading
from collections.abc import Iterator
from typing import Any

import boto3
import msgspec
import pytest
from integration.channels.receivers import Received, Receiver, Reply, receiver
from unit.slo.notifications.orders import T0, notice, order

from lab.cloud.embedded import Embedded
from lab.cloud.functions import LambdaContext, load_function
from slo.notifications import channel_settings
from slo.notifications.changes import Change
from slo.notifications.delivery import Order, encode
from slo.notifications.settings import Channel
from slo.store.channel_secrets import ChannelSecrets
from slo.store.deliveries import DeliveryStore
from slo.store.notifications import NotificationStore

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


class Queue:
    """The queue, its dead letters, and Lambda between it and the function."""

    def __init__(self, embedded: Embedded, receiving: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
        self.receiving = receiving
        self.client: Any = boto3.client("sqs")
        self.dead = self.client.create_queue(QueueName="dead")["QueueUrl"]
        arn = self.client.get_queue_attributes(QueueUrl=self.dead, AttributeNames=["QueueArn"])["Attributes"]
        redrive = json.dumps({"deadLetterTargetArn": arn["QueueArn"], "maxReceiveCount": 30})
        attributes = {"VisibilityTimeout": "360", "RedrivePolicy": redrive}
        self.url = self.client.create_queue(QueueName="orders", Attributes=attributes)["QueueUrl"]
        settings = {"STACK_NAME": "slo", "DASHBOARD_URL": "https://slo.example.com/", "DELIVERY_QUEUE_URL": self.url}
        settings |= {"DELIVER_APPRISE_FUNCTION": "apprise", "ALLOW_PRIVATE_TARGETS": "true"}
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        self.handler = load_function("deliver").handler
        self.store = embedded.stores.of(DeliveryStore)
        names = ("good", "slow", "bad")
        document = embedded.stores.of(NotificationStore)
        before = document.settings()
        channels = tuple(Channel(name=name, kind="webhook") for name in names)
        after = msgspec.structs.replace(before, version=1, channels=channels)
        document.put(after, 0, Change(at=T0, what="channel_set", about="all"))
        for name in names:
            given = {"url": f"{receiving.url}/{name}", "secrets": [SECRET]}
            ChannelSecrets("slo").put(name, channel_settings.read("webhook", given, allow_private_targets=True))

    def put(self, *bodies: str) -> None:
        for body in bodies:
            self.client.send_message(QueueUrl=self.url, MessageBody=body)

    def deliver(self) -> list[str]:
        """What Lambda does with a batch; returns the bodies that stay in the queue."""
        found = self.client.receive_message(
            QueueUrl=self.url, MaxNumberOfMessages=10, AttributeNames=["ApproximateReceiveCount"]
        ).get("Messages", [])
        if not found:
            return []
        records = [
            {
                "messageId": message["MessageId"],
                "receiptHandle": message["ReceiptHandle"],
                "body": message["Body"],
                "attributes": message["Attributes"],
            }
            for message in found
        ]
        failed = {
            item["itemIdentifier"] for item in self.handler({"Records": records}, LambdaContext())["batchItemFailures"]
        }
        for record in records:
            if record["messageId"] not in failed:
                self.client.delete_message(QueueUrl=self.url, ReceiptHandle=record["receiptHandle"])
        return [record["body"] for record in records if record["messageId"] in failed]

    def counted(self, url: str) -> tuple[int, int]:
        attributes = self.client.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        return (
            int(attributes["ApproximateNumberOfMessages"]),
            int(attributes["ApproximateNumberOfMessagesNotVisible"]),
        )


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> Iterator[Queue]:
    with Embedded() as embedded, receiver() as receiving:
        embedded.now = T0
        yield Queue(embedded, receiving, monkeypatch)


def to(channel: str, number: int = 1) -> Order:
    return order(notice(number=number), channel=channel)


def test_a_channel_that_fails_holds_up_no_other(queue: Queue) -> None:
    def reply(request: Received) -> Reply:
        return (503 if request.path == "/bad" else 200), {}, b""

    queue.receiving.reply = reply
    queue.put(*(encode(to(name)) for name in ("bad", "good", "slow")))
    assert queue.deliver() == [encode(to("bad"))]
    assert sorted(request.path for request in queue.receiving.received) == ["/bad", "/good", "/slow"]
    assert queue.counted(queue.url) == (0, 1), "the failed one comes again later, the others are done"


def test_slow_receivers_make_nobody_wait(queue: Queue) -> None:
    """Each is answered only when all six have been asked."""
    all_asked = threading.Barrier(6, timeout=60)

    def reply(_: Received) -> Reply:
        all_asked.wait()
        return 200, {}, b""

    queue.receiving.reply = reply
    queue.put(*(encode(to("slow", number)) for number in range(1, 6)), encode(to("good")))
    assert queue.deliver() == []


def test_what_fails_comes_again_after_its_wait_and_no_earlier(queue: Queue, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[int] = []
    monkeypatch.setattr(
        "slo.store.delivery_queue.DeliveryQueue.postpone", lambda _self, _receipt, seconds: waits.append(seconds)
    )
    queue.receiving.answer(500)
    queue.put(encode(to("bad")))
    assert len(queue.deliver()) == 1
    assert waits == [30]
    assert queue.deliver() == []


def test_after_thirty_attempts_it_is_a_dead_letter(queue: Queue, monkeypatch: pytest.MonkeyPatch) -> None:
    """The waits are left out; their sum is tested with the template."""
    postpone = "slo.store.delivery_queue.DeliveryQueue.postpone"
    client = queue.client
    monkeypatch.setattr(
        postpone,
        lambda _self, receipt, _seconds: client.change_message_visibility(
            QueueUrl=queue.url, ReceiptHandle=receipt, VisibilityTimeout=0
        ),
    )
    queue.receiving.answer(500)
    queue.put(encode(to("bad")))
    rounds = 0
    while queue.deliver():
        rounds += 1
    assert rounds == 30
    assert queue.counted(queue.dead)[0] == 1
    delivery = queue.store.get("bad", to("bad").order_id)
    assert delivery is not None
    assert (delivery.status, delivery.attempts) == ("failed", 30)


def test_what_is_no_order_stays_and_becomes_a_dead_letter(queue: Queue) -> None:
    queue.put('{"cluster_id": "events"}', encode(to("good")))
    assert queue.deliver() == ['{"cluster_id": "events"}']
    assert len(queue.receiving.received) == 1


def test_an_order_that_is_queued_twice_is_sent_once(queue: Queue) -> None:
    queue.put(encode(to("good")))
    queue.deliver()
    queue.put(encode(to("good")), encode(to("good")))
    assert queue.deliver() == []
    assert len(queue.receiving.received) == 1
