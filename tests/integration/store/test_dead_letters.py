"""One command replays the work that rollup gave up on. The counts are then the truth."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from integration.command import run
from integration.kills import KilledError, Writes
from integration.use_cases import DELAY, SLOT, UseCases
from moto import mock_aws
from soak.fleet import Fleet

from lab.cloud.dynamodb_local import REGION as LOCAL
from lab.cloud.dynamodb_local import DynamoDBLocal, every_client
from slo.app.dispatch import Dispatch
from slo.store.queue import RollupQueue

REGION = "eu-central-1"
START = 1_800_000_000.0
MINUTES = 20
END = START + MINUTES * 60 + 2 * SLOT + DELAY
MAX_RECEIVES = 3


class Queue:
    """The rollup queue with its dead-letter queue, as template.yaml declares them, and the functions at both ends."""

    def __init__(self, backend: UseCases) -> None:
        self._backend = backend
        self._client: Any = boto3.client("sqs", region_name=REGION)
        self.dead = self._client.create_queue(QueueName="dead")["QueueUrl"]
        arn = self._client.get_queue_attributes(QueueUrl=self.dead, AttributeNames=["QueueArn"])
        redrive = {"deadLetterTargetArn": arn["Attributes"]["QueueArn"], "maxReceiveCount": MAX_RECEIVES}
        attributes = {"VisibilityTimeout": "0", "RedrivePolicy": json.dumps(redrive)}
        self.url = self._client.create_queue(QueueName="rollup", Attributes=attributes)["QueueUrl"]

    def dispatch(self) -> None:
        queue = RollupQueue(self.url, self._client)
        Dispatch(self._backend.stores, queue).run()

    def work_off(self, writes: Writes, *, dies_at: int = 0) -> int:
        """Roll up what is queued and retry what fails, until the queue is empty. Returns the number of failures.

        `dies_at` is the write at which each rollup is killed; 0 kills none.
        """
        failures = 0
        while messages := self._client.receive_message(QueueUrl=self.url, MaxNumberOfMessages=1).get("Messages"):
            writes.kill_at(dies_at, after=bool(failures % 2))
            try:
                self._backend.worker().run(json.loads(messages[0]["Body"])["cluster_id"])
            except KilledError:
                failures += 1
            else:
                self._client.delete_message(QueueUrl=self.url, ReceiptHandle=messages[0]["ReceiptHandle"])
        return failures


@pytest.fixture
def writes() -> Iterator[Writes]:
    writes = Writes()
    with every_client(writes.register):
        yield writes


def test_a_replay_makes_good_what_a_lasting_fault_has_cost(
    dynamodb_local: DynamoDBLocal, writes: Writes, monkeypatch: pytest.MonkeyPatch
) -> None:
    fleets = [Fleet(f"c{number}", 40 + number, start=START, minutes=MINUTES) for number in range(2)]
    with mock_aws():
        backend = UseCases(dynamodb_local.client(), LOCAL, dynamodb_local.endpoint_url)
        queue = Queue(backend)
        for fleet in fleets:
            for arrival in fleet.arrivals:
                backend.push(arrival.snapshot, at=arrival.at, sent_at=arrival.sent(arrival.at).sent_at)
        backend.now = max(END, *(arrival.at + 2 * SLOT for fleet in fleets for arrival in fleet.arrivals))
        queue.dispatch()
        assert queue.work_off(writes, dies_at=2) == len(fleets) * MAX_RECEIVES
        assert [backend.codes(fleet.cluster_id) for fleet in fleets] == [{}, {}]

        monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
        monkeypatch.setenv("ROLLUP_QUEUE", queue.url)
        monkeypatch.setenv("DEAD_LETTER_QUEUE", queue.dead)
        assert f"Replayed {len(fleets)}" in run("dead-letters", "replay").err
        assert queue.work_off(writes) == 0
        for fleet in fleets:
            assert backend.codes(fleet.cluster_id) == fleet.truth
        assert run("dead-letters", "list").err == "There are no dead letters."
