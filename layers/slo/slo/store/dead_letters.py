"""The dead-letter queue: clusters whose rollup failed again and again, and schedules that could not be started."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import batched
from typing import Any

import msgspec

_BATCH = 10
_HOLD_SECONDS = 60
"""For so long nobody else gets what was read here; what is neither deleted nor released by then comes back."""
_WAIT_SECONDS = 1
"""Long enough for SQS to ask all of its servers, not only some of them."""
_RECEIVE_COUNT = "ApproximateReceiveCount"
_SENT_AT = "SentTimestamp"
_SCHEDULERS_ERROR = ("ERROR_CODE", "ERROR_MESSAGE")
"""What EventBridge Scheduler says of its own dead letters
(https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html)."""


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    """One message."""

    id: str
    receipt: str
    """For deleting or releasing it, as long as it is held."""
    cluster_id: str
    """The cluster whose rollup failed; empty for a schedule."""
    task: str
    """What the schedule was to start; empty for dispatch."""
    sent_at: float
    """Unix seconds."""
    received: int
    """How often it has been tried or looked at."""
    error: str
    """Where the message says so."""


class DeadLetters:
    """All messages of the queue. `client` is boto3's SQS client."""

    def __init__(self, client: Any, url: str) -> None:
        self._client = client
        self._url = url

    def all(self) -> Iterator[DeadLetter]:
        """Every message that nobody else holds, each once; held until it is deleted or released."""
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
        """Delete messages that are held. Raises RuntimeError where SQS deleted only some of them."""
        for batch in batched(letters, _BATCH, strict=False):
            entries = [{"Id": str(number), "ReceiptHandle": letter.receipt} for number, letter in enumerate(batch)]
            answer = self._client.delete_message_batch(QueueUrl=self._url, Entries=entries)
            if answer.get("Failed"):
                raise RuntimeError(f"SQS did not delete {len(answer['Failed'])} of {len(batch)} messages")

    def release(self, letters: Iterable[DeadLetter]) -> None:
        """Let others see messages that are held, at once."""
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
        cluster_id=_said(message["Body"], "cluster_id"),
        task=_said(message["Body"], "task"),
        sent_at=int(attributes.get(_SENT_AT, 0)) / 1000,
        received=int(attributes.get(_RECEIVE_COUNT, 0)),
        error=_error(message.get("MessageAttributes", {})),
    )


def _said(body: str, name: str) -> str:
    try:
        return str(msgspec.json.decode(body, type=dict[str, Any]).get(name) or "")
    except msgspec.MsgspecError:
        return ""


def _error(attributes: Mapping[str, Any]) -> str:
    return ": ".join(attributes[name]["StringValue"] for name in _SCHEDULERS_ERROR if name in attributes)
