"""What surrounds the functions in simulated time: the queue of orders, the parameters of SSM, and a receiver."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from threading import Thread
from typing import Any, NamedTuple
from uuid import UUID

from botocore.exceptions import ClientError

from lab.incidents.chaos import Chaos

_VISIBILITY_SECONDS = 360
_TWICE = 0.05
"""The share of messages that the queue brings a second time: it promises `at least once`."""
_REFUSED_PART = 0.02
"""The share of batches of which the queue takes only some."""
_UNAVAILABLE = 0.03
"""The share of requests that the receiver answers with 503."""


class _Message:
    def __init__(self, number: int, body: str, at: float) -> None:
        self.number, self.body, self.visible_at, self.received = number, body, at, 0


class Queue:
    """Speaks what `slo.store.delivery_queue` uses of SQS. `clock` returns Unix seconds."""

    def __init__(self, clock: Callable[[], float], chance: Random, chaos: Chaos) -> None:
        self._clock, self._chance, self._chaos = clock, chance, chaos
        self._messages: dict[str, _Message] = {}
        self._number = 0
        self.sent = self.refused = self.twice = 0

    def send_message_batch(self, Entries: list[dict[str, str]], **_: str) -> dict[str, Any]:  # noqa: N803 as SQS
        """Take messages: now and then only some of them, some twice."""
        self._chaos.before(is_write=True)
        taken = Entries[1:] if self._chance.random() < _REFUSED_PART else Entries
        self.refused += len(Entries) - len(taken)
        for entry in taken:
            times = 2 if self._chance.random() < _TWICE else 1
            self.twice += times - 1
            for again in range(times):
                self._number += 1
                wait = self._chance.uniform(0, 200) if again else 0.0
                message = _Message(self._number, entry["MessageBody"], self._clock() + wait)
                self._messages[str(self._number)] = message
        self.sent += len(taken)
        self._chaos.after(is_write=True)
        return {"Failed": [{"Id": each["Id"]} for each in Entries if each not in taken]}

    def change_message_visibility(self, ReceiptHandle: str, VisibilityTimeout: int, **_: str) -> None:  # noqa: N803
        """Let a message come again later."""
        self._messages[ReceiptHandle].visible_at = self._clock() + VisibilityTimeout

    def receive(self) -> list[dict[str, Any]]:
        """Up to ten messages, as Lambda gets them."""
        now = self._clock()
        found = [(key, each) for key, each in self._messages.items() if each.visible_at <= now][:10]
        records = []
        for key, message in found:
            message.received += 1
            message.visible_at = now + _VISIBILITY_SECONDS
            records.append(
                {
                    "messageId": str(UUID(int=message.number)),
                    "receiptHandle": key,
                    "body": message.body,
                    "attributes": {"ApproximateReceiveCount": str(message.received)},
                }
            )
        return records

    def delete(self, receipt: str) -> None:
        """Forget a message that is done."""
        del self._messages[receipt]

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left."""
        return not self._messages


class Parameters:
    """Speaks what `slo.store.channel_secrets` uses of SSM."""

    def __init__(self) -> None:
        self._values: dict[str, str] = {}

    def put_parameter(self, Name: str, Value: str, **_: Any) -> None:  # noqa: N803
        """Set one."""
        self._values[Name] = Value

    def get_parameter(self, Name: str, **_: Any) -> dict[str, Any]:  # noqa: N803
        """One. Raises ClientError."""
        if Name not in self._values:
            raise ClientError({"Error": {"Code": "ParameterNotFound", "Message": Name}}, "GetParameter")
        return {"Parameter": {"Value": self._values[Name]}}


class Told(NamedTuple):
    """A message that reached the receiver."""

    at: float
    """Unix seconds, simulated."""
    channel: str
    webhook_id: str
    what: str
    incident_id: str
    is_taken: bool
    """Whether the receiver answered 200, and not 503."""


@contextmanager
def receiver(clock: Callable[[], float], chance: Random) -> Iterator[tuple[str, list[Told]]]:
    """An HTTP server on loopback: its address and what it got. The path names the channel."""
    told: list[Told] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            is_taken = chance.random() >= _UNAVAILABLE
            data = body["data"]
            incident_id = data["incident"]["incident_id"] if data["incident"] else ""
            channel = self.path.strip("/")
            told.append(Told(clock(), channel, self.headers["webhook-id"], data["what"], incident_id, is_taken))
            self.send_response(200 if is_taken else 503)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", told
    finally:
        server.shutdown()
        server.server_close()
