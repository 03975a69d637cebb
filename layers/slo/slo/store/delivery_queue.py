"""The queue between who decides to tell and who tells: one message for each order."""

from collections.abc import Iterable
from itertools import batched
from typing import Any

import boto3

from slo.notifications import delivery
from slo.notifications.delivery import Order

_BATCH = 10


class DeliveryQueue:
    """Orders waiting to be delivered, whatever the channel's kind (docs/decisions/0016)."""

    def __init__(self, url: str, *, client: Any = None) -> None:
        self._url = url
        self._client = client or boto3.client("sqs")

    def send(self, orders: Iterable[Order]) -> int:
        """Queue orders and return their number. Raises RuntimeError if SQS took only some; all may be sent again."""
        sent = 0
        for batch in batched(orders, _BATCH, strict=False):
            entries = [{"Id": str(number), "MessageBody": delivery.encode(order)} for number, order in enumerate(batch)]
            answer = self._client.send_message_batch(QueueUrl=self._url, Entries=entries)
            if answer.get("Failed"):
                raise RuntimeError(f"SQS refused {len(answer['Failed'])} of {len(batch)} messages")
            sent += len(batch)
        return sent

    def postpone(self, receipt: str, seconds: int) -> None:
        """Let a received message come again after this time, at most 12 hours."""
        self._client.change_message_visibility(QueueUrl=self._url, ReceiptHandle=receipt, VisibilityTimeout=seconds)
