import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from integration.command import run
from moto import mock_aws
from unit.slo.notifications.orders import notice, order

from slo.notifications.delivery import decode, encode

REGION = "eu-central-1"


class Queues:
    """The two queues that the command finds."""

    def __init__(self) -> None:
        self.client: Any = boto3.client("sqs", region_name=REGION)
        self.rollup = self.client.create_queue(QueueName="rollup")["QueueUrl"]
        self.dead = self.client.create_queue(QueueName="dead")["QueueUrl"]

    def fail(self, *cluster_ids: str) -> None:
        for cluster_id in cluster_ids:
            self.client.send_message(QueueUrl=self.dead, MessageBody=json.dumps({"cluster_id": cluster_id}))

    def waiting(self, url: str) -> int:
        attributes = self.client.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        return int(attributes["ApproximateNumberOfMessages"]) + int(attributes["ApproximateNumberOfMessagesNotVisible"])

    def queued(self) -> list[str]:
        messages = self.client.receive_message(QueueUrl=self.rollup, MaxNumberOfMessages=10).get("Messages", ())
        return sorted(json.loads(message["Body"])["cluster_id"] for message in messages)


@pytest.fixture
def queues(monkeypatch: pytest.MonkeyPatch) -> Iterator[Queues]:
    with mock_aws():
        queues = Queues()
        monkeypatch.setenv("AWS_REGION", REGION)
        monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
        monkeypatch.setenv("ROLLUP_QUEUE", queues.rollup)
        monkeypatch.setenv("DEAD_LETTER_QUEUE", queues.dead)
        yield queues


def test_dead_letters_are_listed_and_stay(queues: Queues) -> None:
    queues.fail("c1", "c2")
    [first, second] = json.loads(run("dead-letters", "list", "--json").out)
    assert {first["cluster_id"], second["cluster_id"]} == {"c1", "c2"}
    assert queues.waiting(queues.dead) == 2


def test_dead_letters_are_replayed_once_for_each_cluster(queues: Queues) -> None:
    queues.fail("c1", "c2", "c1", *(f"d{number}" for number in range(5)))
    assert "Replayed 8" in run("dead-letters", "replay").err
    assert queues.waiting(queues.dead) == 0
    assert queues.queued() == ["c1", "c2", "d0", "d1", "d2", "d3", "d4"]


def test_a_dry_run_replays_nothing(queues: Queues) -> None:
    queues.fail("c1")
    assert "Would replay 1" in run("dead-letters", "replay", "--dry-run").err
    assert queues.waiting(queues.dead) == 1
    assert queues.queued() == []


def test_a_message_that_no_channel_took_is_sent_again_to_its_channel(
    queues: Queues, monkeypatch: pytest.MonkeyPatch
) -> None:
    delivery = queues.client.create_queue(QueueName="delivery")["QueueUrl"]
    monkeypatch.setenv("DELIVERY_QUEUE", delivery)
    lost = order(notice())
    queues.client.send_message(QueueUrl=queues.dead, MessageBody=encode(lost))
    queues.fail("c1")
    listed = json.loads(run("dead-letters", "list", "--json").out)
    assert sorted(letter["what"] for letter in listed) == ["message to ops", "rollup of c1"]
    run("dead-letters", "replay")
    [message] = queues.client.receive_message(QueueUrl=delivery, MaxNumberOfMessages=10)["Messages"]
    assert decode(message["Body"]) == lost
    assert queues.queued() == ["c1"], "and no schedule is taken for it"


@pytest.mark.usefixtures("queues")
def test_without_dead_letters_there_is_nothing_to_do() -> None:
    assert run("dead-letters", "list").err == "There are no dead letters."
    assert run("dead-letters", "replay").code == 0
