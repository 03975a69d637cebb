"""The queue between dispatch and rollup: one message for each cluster."""

from collections.abc import Iterable
from itertools import batched
from typing import Any

import boto3
import msgspec

_BATCH = 10


class RollupQueue:
    """Clusters waiting to be rolled up."""

    def __init__(self, url: str, client: Any = None) -> None:
        self._url = url
        self._client = client or boto3.client("sqs")

    def send(self, cluster_ids: Iterable[str]) -> int:
        """Queue clusters and return their number. Raises RuntimeError if SQS accepted only some of them."""
        sent = 0
        for batch in batched(cluster_ids, _BATCH, strict=False):
            entries = [
                {"Id": str(number), "MessageBody": msgspec.json.encode({"cluster_id": cluster_id}).decode()}
                for number, cluster_id in enumerate(batch)
            ]
            answer = self._client.send_message_batch(QueueUrl=self._url, Entries=entries)
            if answer.get("Failed"):
                raise RuntimeError(f"SQS refused {len(answer['Failed'])} of {len(batch)} messages")
            sent += len(batch)
        return sent
