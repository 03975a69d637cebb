"""The dead-letter queue: clusters whose rollup kept failing, schedules that did not start, and messages to channels.

Such a message was tried for a day.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import batched
from typing import Any

import msgspec

from slo.notifications import delivery
from slo.notifications.delivery import Order

_BATCH = 10
_HOLD_SECONDS = 60
"""Visibility timeout: a message that is neither deleted nor released by then becomes visible again."""
_WAIT_SECONDS = 1
"""Long polling: SQS then queries all of its servers, not only some of them."""
_RECEIVE_COUNT = "ApproximateReceiveCount"
_SENT_AT = "SentTimestamp"
_SCHEDULERS_ERROR = ("ERROR_CODE", "ERROR_MESSAGE")
"""Attributes that EventBridge Scheduler sets on its own dead letters
(https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html)."""


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    """One message of the queue."""

    id: str
    receipt: str
    """Needed to delete or release the message while it is held."""
    cluster_id: str
    """The cluster whose rollup failed; empty for anything else."""
    order: Order | None = None
    """The message that no channel took."""
    task: str
    """The task that the schedule should have started; empty for dispatch."""
    sent_at: float
    """Unix seconds."""
    received: int
    """How often the message has been received, whether by a retry or by `all`."""
    error: str
    """Only for a schedule's message; else empty."""


class DeadLetters:
    """The queue. `client` is boto3's SQS client."""

    def __init__(self, client: Any, url: str) -> None:
        self._client = client
        self._url = url

    def all(self) -> Iterator[DeadLetter]:
        """Receive every visible message once. Messages are held for 60 seconds, or until deleted or released."""
        seen: set[str] = set()
        while True:
            answer = self._client.receive_message(
                QueueUrl=self._url,
                MaxNumberOfMessages=_BATCH,
                VisibilityTimeout=_HOLD_SECONDS,
                WaitTimeSeconds=_WAIT_SECONDS,
                MessageAttributeNames=["All"],
                AttributeNames=[_RECEIVE_COUNT, _SENT_AT],
            )
            new = [_letter(message) for message in answer.get("Messages", ()) if message["MessageId"] not in seen]
            if not new:
                return
            seen |= {letter.id for letter in new}
            yield from new

    def delete(self, letters: Iterable[DeadLetter]) -> None:
        """Delete held messages. Raises RuntimeError if SQS deleted only some of them."""
        for batch in batched(letters, _BATCH, strict=False):
            entries = [{"Id": str(number), "ReceiptHandle": letter.receipt} for number, letter in enumerate(batch)]
            answer = self._client.delete_message_batch(QueueUrl=self._url, Entries=entries)
            if answer.get("Failed"):
                raise RuntimeError(f"SQS did not delete {len(answer['Failed'])} of {len(batch)} messages")

    def release(self, letters: Iterable[DeadLetter]) -> None:
        """Make held messages visible again at once."""
        for batch in batched(letters, _BATCH, strict=False):
            entries = [
                {"Id": str(number), "ReceiptHandle": letter.receipt, "VisibilityTimeout": 0}
                for number, letter in enumerate(batch)
            ]
            self._client.change_message_visibility_batch(QueueUrl=self._url, Entries=entries)


def _letter(message: Mapping[str, Any]) -> DeadLetter:
    attributes = message.get("Attributes", {})
    return DeadLetter(
        id=message["MessageId"],
        receipt=message["ReceiptHandle"],
        cluster_id=_field(message["Body"], "cluster_id"),
        order=_order(message["Body"]),
        task=_field(message["Body"], "task"),
        sent_at=int(attributes.get(_SENT_AT, 0)) / 1000,
        received=int(attributes.get(_RECEIVE_COUNT, 0)),
        error=_error(message.get("MessageAttributes", {})),
    )


def _field(body: str, name: str) -> str:
    try:
        return str(msgspec.json.decode(body, type=dict[str, Any]).get(name) or "")
    except msgspec.MsgspecError:
        return ""


def _order(body: str) -> Order | None:
    try:
        return delivery.decode(body)
    except msgspec.MsgspecError:
        return None


def _error(attributes: Mapping[str, Any]) -> str:
    return ": ".join(attributes[name]["StringValue"] for name in _SCHEDULERS_ERROR if name in attributes)
