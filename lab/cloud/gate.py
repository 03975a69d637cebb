"""A gate between clients and DynamoDB: closed, throttled as a whole, or with DynamoDB's limit for each partition.

DynamoDB takes 1,000 write units a second for one partition key, and may keep five minutes of unused units as a burst
(https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/burst-adaptive-capacity.html). What is beyond is
refused; of a batch, only the items that are beyond come back as unprocessed.
"""

import json
import random
import threading
import time
from collections import Counter
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from math import ceil
from typing import Any, Self
from urllib.parse import urlsplit

from lab.cloud.tables import table_names, template

_UNIT_BYTES = 1024
_THROTTLED = "ProvisionedThroughputExceededException"
_TYPE = "application/x-amz-json-1.0"
Item = dict[str, Any]


class Gate:
    """The running proxy before `upstream`. Use as a context manager; change its attributes at any time."""

    def __init__(self, upstream: str, *, units_per_second: float = 0, burst_units: float = 0) -> None:
        self.is_closed = False
        """Whether every connection is dropped without an answer."""
        self.throttled_share = 0.0
        """The share of all requests that is refused as throttled."""
        self.seen = Counter[str]()
        """Requests by what became of them: passed, dropped, throttled, and items left unprocessed."""
        self._upstream = urlsplit(upstream).netloc
        self._rate, self._burst = units_per_second, burst_units
        self._left: dict[tuple[str, str], tuple[float, float]] = {}
        self._lock = threading.Lock()
        self._chance = random.Random(7)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.endpoint_url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        gate = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                gate.answer(self)

            def log_message(self, *_: object) -> None:
                """Log nothing."""

        return Handler

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        """Answer one request of a client."""
        body = request.rfile.read(int(request.headers["Content-Length"]))
        operation = request.headers["X-Amz-Target"].split(".")[1]
        with self._lock:
            is_refused = self._chance.random() < self.throttled_share
        if self.is_closed:
            self._count("dropped")
            request.close_connection = True
            return
        document: dict[str, Any] = json.loads(body) if self._rate else {}
        unprocessed = self._unprocessed(document) if operation == "BatchWriteItem" else {}
        if is_refused or (self._rate and not self._lets_in(operation, document)):
            self._count("throttled")
            _send(request, 400, json.dumps({"__type": f"com.amazonaws.dynamodb.v20120810#{_THROTTLED}"}).encode())
            return
        status, answer = self._pass(request, json.dumps(document).encode() if unprocessed else body)
        if unprocessed and status == 200:
            answer = json.dumps({**json.loads(answer), "UnprocessedItems": unprocessed}).encode()
        self._count("passed")
        _send(request, status, answer)

    def _pass(self, request: BaseHTTPRequestHandler, body: bytes) -> tuple[int, bytes]:
        left_out = {"host", "content-length", "accept-encoding", "connection"}
        headers = {name: value for name, value in request.headers.items() if name.lower() not in left_out}
        connection = HTTPConnection(self._upstream, timeout=60)
        try:
            connection.request("POST", "/", body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def _unprocessed(self, document: dict[str, Any]) -> dict[str, list[Item]]:
        """Take what is beyond the limits out of a batch, and return it."""
        left: dict[str, list[Item]] = {}
        for table, changes in document.get("RequestItems", {}).items():
            kept: list[Item] = []
            for change in changes:
                ((_, content),) = change.items()
                item = content.get("Item") or content["Key"]
                (kept if self._takes(table, item) else left.setdefault(table, [])).append(change)
            document["RequestItems"][table] = kept
        document["RequestItems"] = {table: kept for table, kept in document.get("RequestItems", {}).items() if kept}
        self._count("unprocessed", sum(map(len, left.values())))
        return left

    def _lets_in(self, operation: str, document: dict[str, Any]) -> bool:
        if operation == "BatchWriteItem":
            return bool(document["RequestItems"])
        if operation in ("PutItem", "UpdateItem", "DeleteItem"):
            return self._takes(document["TableName"], document.get("Item") or document["Key"])
        if operation == "TransactWriteItems":
            parts = [part for item in document["TransactItems"] for part in item.values()]
            return all(self._takes(part["TableName"], part.get("Item") or part["Key"], 2) for part in parts)
        return True

    def _takes(self, table: str, item: Item, times: int = 1) -> bool:
        """Whether the partition of an item still has units. A large item may overdraw them, as DynamoDB allows."""
        hash_key, has_index = _schema(table)
        units = ceil(_size(item) / _UNIT_BYTES) * times * (2 if has_index else 1)
        partition, now = (table, str(item[hash_key])), time.monotonic()
        with self._lock:
            left, since = self._left.get(partition, (self._burst or self._rate, now))
            left = min(max(self._burst, self._rate), left + (now - since) * self._rate)
            self._left[partition] = (left - units if left > 0 else left, now)
        return left > 0

    def _count(self, what: str, number: int = 1) -> None:
        with self._lock:
            self.seen[what] += number


def _send(request: BaseHTTPRequestHandler, status: int, body: bytes) -> None:
    request.send_response(status)
    request.send_header("Content-Type", _TYPE)
    request.send_header("Content-Length", str(len(body)))
    request.end_headers()
    request.wfile.write(body)


def _schema(table: str) -> tuple[str, bool]:
    """A table's hash key, and whether it has a local index, by the end of its name (`lab.cloud.tables`)."""
    logical_id = next(name for name in table_names().values() if table.endswith(name))
    properties = template()["Resources"][logical_id]["Properties"]
    key = next(part["AttributeName"] for part in properties["KeySchema"] if part["KeyType"] == "HASH")
    return str(key), "LocalSecondaryIndexes" in properties


def _size(item: Item) -> int:
    """About the size of an item as DynamoDB counts it, bytes."""
    return sum(len(name) + _value_size(*next(iter(value.items()))) for name, value in item.items())


def _value_size(kind: str, value: Any) -> int:
    if not isinstance(value, str):
        return len(json.dumps(value))
    return len(value) * 3 // 4 if kind == "B" else len(value)
