"""AWS's DynamoDB Local: the real engine, in memory, and the capacity that the real service would charge."""

import os
import signal
import subprocess
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, Self

import boto3
import botocore.session
from botocore.client import BaseClient
from botocore.exceptions import BotoCoreError, ClientError

from lab.paths import ROOT
from lab.ports import free_port

_HOME = ROOT / "tests/integration/dynamodb-local/node_modules/amplify-dynamodb-simulator/emulator"
_READY_SECONDS = 120
REGION = "local"
_ASKED = "asked of the capacity meter"
_WRITES = frozenset({"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"})


class DynamoDBLocal:
    """A running engine. Use as a context manager."""

    def __init__(self) -> None:
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self.endpoint_url = f"http://127.0.0.1:{self._port}"

    def __enter__(self) -> Self:
        command = ["java", "-Djava.library.path=./DynamoDBLocal_lib", "-jar", "DynamoDBLocal.jar", "-inMemory"]
        self._process = subprocess.Popen(
            [*command, "-sharedDb", "-disableTelemetry", "-port", str(self._port)],
            cwd=_HOME,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        deadline = time.monotonic() + _READY_SECONDS
        while True:
            try:
                self.client().list_tables()
            except (BotoCoreError, ClientError):
                if time.monotonic() > deadline:
                    self.__exit__()
                    raise
                time.sleep(0.1)
            else:
                return self

    def __exit__(self, *error: object) -> None:
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def client(self) -> Any:
        """A boto3 DynamoDB client."""
        return boto3.client(
            "dynamodb",
            endpoint_url=self.endpoint_url,
            region_name=REGION,
            aws_access_key_id="local",
            aws_secret_access_key="local",  # noqa: S106 the engine accepts any key
        )


@contextmanager
def every_client(register: Callable[[Any], None], *services: str) -> Iterator[None]:
    """Pass the events of each client that is created within the block to `register`: by default DynamoDB's and SQS'."""
    original = botocore.session.Session.create_client

    def create_client(session: Any, service_name: str, *args: Any, **kwargs: Any) -> BaseClient:
        client = original(session, service_name, *args, **kwargs)
        if service_name in (services or ("dynamodb", "sqs")):
            register(client.meta.events)
        return client

    botocore.session.Session.create_client = create_client
    try:
        yield
    finally:
        botocore.session.Session.create_client = original


class CapacityMeter:
    """Consumed capacity units by table.

    DynamoDB Local reports them, but takes nothing for what does not exist. The service takes the minimum for a query
    without results and for each missing item of a batch:
    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Query.html and API_BatchGetItem.html.
    """

    def __init__(self) -> None:
        self.writes: defaultdict[str, float] = defaultdict(float)
        self.reads: defaultdict[str, float] = defaultdict(float)
        self.requests = 0

    @property
    def write_units(self) -> float:
        """The write units of all tables."""
        return sum(self.writes.values())

    @property
    def read_units(self) -> float:
        """The read units of all tables."""
        return sum(self.reads.values())

    def reset(self) -> None:
        """Set all counts to zero."""
        self.writes.clear()
        self.reads.clear()
        self.requests = 0

    def register(self, events: Any) -> None:
        """Measure the client with these events."""
        events.register("before-parameter-build.dynamodb", self._request_capacity)
        events.register("after-call.dynamodb", self._count)

    def _request_capacity(self, params: dict[str, Any], model: Any, context: dict[str, Any], **_: Any) -> None:
        context[_ASKED] = params
        if "ReturnConsumedCapacity" in model.input_shape.members:
            params["ReturnConsumedCapacity"] = "TOTAL"

    def _count(self, parsed: dict[str, Any], model: Any, context: dict[str, Any], **_: Any) -> None:
        self.requests += 1
        for table, units_of_nothing in _of_nothing(context[_ASKED], parsed):
            self.reads[table] += units_of_nothing
        consumed = parsed.get("ConsumedCapacity") or []
        units = self.writes if model.name in _WRITES else self.reads
        for part in consumed if isinstance(consumed, list) else [consumed]:
            units[part["TableName"]] += part["CapacityUnits"]


def _of_nothing(asked: Mapping[str, Any], parsed: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    """The read units that the service takes for what a query or a batch did not find, by table."""
    if parsed.get("ScannedCount") == 0:
        yield asked["TableName"], _least(asked)
    found, left = parsed.get("Responses"), parsed.get("UnprocessedKeys", {})
    if isinstance(found, dict):
        for table, request in asked["RequestItems"].items():
            unprocessed = len(left.get(table, {}).get("Keys", ()))
            yield table, (len(request["Keys"]) - unprocessed - len(found.get(table, ()))) * _least(request)


def _least(request: Mapping[str, Any]) -> float:
    return 1.0 if request.get("ConsistentRead") else 0.5
