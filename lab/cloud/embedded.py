"""The whole path from push to report in one process, on moto or DynamoDB Local.

It runs the functions' own handlers and use cases. Only API Gateway, the queue and the clock are simulated.
"""

import base64
import gzip
import os
from contextlib import ExitStack
from typing import Any, Self
from unittest import mock
from uuid import uuid4

import boto3
from moto import mock_aws

from lab.cloud.functions import LambdaContext, load_function
from lab.cloud.tables import create_tables
from slo.app.query import Query
from slo.app.stores import Stores
from slo.counting.books import UNATTRIBUTED
from slo.counting.catalogue import Catalogue, Entry
from slo.counting.counts import Counts
from slo.counting.ledger import Ledger
from slo.counting.rollup import roll_up
from slo.counting.windows import Window
from slo.store.books import HourlyBooks
from slo.store.catalogues import CatalogueStore
from slo.store.clusters import ClusterStore
from slo.store.ledgers import LedgerStore
from slo.store.raw import RawStore
from slo.times import HOUR_SECONDS
from slo.traefik import snapshots
from slo.traefik.snapshots import Snapshot

REGION = "eu-central-1"
_CREDENTIALS = {"AWS_ACCESS_KEY_ID": "embedded", "AWS_SECRET_ACCESS_KEY": "embedded"}


class Embedded:
    """A stack in memory. `endpoint_url` is DynamoDB Local's, or empty for moto. Use as a context manager."""

    def __init__(self, *, slot_seconds: int = 300, cutoff_delay_seconds: int = 60, endpoint_url: str = "") -> None:
        self._endpoint_url = endpoint_url
        self.slot_seconds = slot_seconds
        self.cutoff_delay_seconds = cutoff_delay_seconds
        self.now = 0.0
        self.names: dict[str, str] = {}
        """Table names by the environment variable that holds them."""
        self._stack = ExitStack()
        self._rolled_up_until = 0.0

    def __enter__(self) -> Self:
        self._stack.enter_context(mock.patch.dict(os.environ, self._environment()))
        if not self._endpoint_url:
            self._stack.enter_context(mock_aws())
        names = self.names = create_tables(boto3.client("dynamodb"), prefix=f"t{uuid4().hex[:8]}-")
        self._stack.enter_context(mock.patch.dict(os.environ, names))
        self._stack.enter_context(mock.patch("time.time", side_effect=lambda: self.now))
        self._ingest = load_function("ingest")
        rollup = load_function("rollup")
        self._rollup, self.roll_up = rollup.rollup, rollup.handler
        query = load_function("query")
        self.query: Query = query.query
        self._read = query.handler
        self.stores = Stores(os.environ.get)
        self.clusters, self.catalogues = self.stores.of(ClusterStore), self.stores.of(CatalogueStore)
        self.raw, self.ledgers = self.stores.of(RawStore), self.stores.of(LedgerStore)
        self.hourly = self.stores.of(HourlyBooks)
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def _environment(self) -> dict[str, str]:
        return {
            **_CREDENTIALS,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "SLOT_SECONDS": str(self.slot_seconds),
            "CUTOFF_DELAY_SECONDS": str(self.cutoff_delay_seconds),
            "POWERTOOLS_TRACE_DISABLED": "true",
            "POWERTOOLS_METRICS_DISABLED": "true",
            "POWERTOOLS_LOG_LEVEL": "ERROR",
            **({"AWS_ENDPOINT_URL": self._endpoint_url} if self._endpoint_url else {}),
        }

    def push(self, snapshot: Snapshot) -> None:
        """Pass a snapshot to the ingest handler at its `sent_at`."""
        self.now = snapshot.sent_at
        self.handle_push(self.push_event(snapshot))

    def handle_push(self, event: dict[str, Any]) -> None:
        """Pass an event to the ingest handler. Raises RuntimeError unless it answers 202."""
        answer = self._ingest.handler(event, LambdaContext())
        if answer["statusCode"] != 202:
            raise RuntimeError(f"ingest answered {answer['statusCode']}: {answer['body']}")

    @staticmethod
    def push_event(snapshot: Snapshot) -> dict[str, Any]:
        """The event that API Gateway sends for a push."""
        return Embedded.push_event_of(snapshot.cluster_id, snapshots.encode(snapshot))

    @staticmethod
    def push_event_of(cluster_id: str, text: bytes, *, level: int = 9) -> dict[str, Any]:
        """The event for a push of this JSON, which need not be a valid snapshot. `level` is that of gzip."""
        body = gzip.compress(text, level)
        path = f"/api/v2/clusters/{cluster_id}/snapshots"
        return {
            "httpMethod": "POST",
            "path": path,
            "resource": "/api/v2/clusters/{cluster_id}/snapshots",
            "headers": {"Content-Type": snapshots.CONTENT_TYPE},
            "queryStringParameters": None,
            "body": base64.b64encode(body).decode(),
            "isBase64Encoded": True,
            "requestContext": {
                "requestId": "embedded",
                "authorizer": {"scope": "ingest", "clusters": cluster_id, "label": "embedded"},
            },
        }

    def get(self, path: str, **query: str) -> dict[str, Any]:
        """The query handler's answer to a token for all clusters."""
        answer: dict[str, Any] = self._read(self.get_event(path, **query), LambdaContext())
        return answer

    @staticmethod
    def get_event(path: str, **query: str) -> dict[str, Any]:
        """The event that API Gateway sends for a GET."""
        return {
            "httpMethod": "GET",
            "path": path,
            "resource": path,
            "headers": {},
            "multiValueHeaders": {},
            "queryStringParameters": query or None,
            "body": None,
            "isBase64Encoded": False,
            "requestContext": {"requestId": "embedded", "authorizer": {"scope": "read", "clusters": "", "label": ""}},
        }

    def roll_up_until(self, cluster_id: str, time: float) -> None:
        """Run rollup as its schedule would, once for each slot that ended by `time`."""
        period = self.slot_seconds
        start = self._rolled_up_until or time // period * period - period
        while start + period + self.cutoff_delay_seconds <= time:
            start += period
            self.now = start + self.cutoff_delay_seconds
            self._rollup.run(cluster_id)
        self._rolled_up_until = start
        self.now = time

    def catalogue(self, cluster_id: str) -> Catalogue:
        """The cluster's catalogue."""
        return self.catalogues.get(cluster_id)

    def entries(self, cluster_id: str) -> dict[int, Entry]:
        """Catalogue entries by id."""
        return self.catalogue(cluster_id).by_id()

    def ledger_counts(self, cluster_id: str) -> dict[int, Counts]:
        """The counts of the latest ledger, by entry id."""
        ledger = self.ledgers.at(cluster_id, 2**33)
        return {entry_id: row.counts for entry_id, row in ledger.rows.items()}

    def increases(self, cluster_id: str) -> int:
        """Requests in the increases between all raw samples of each process, computed in one rollup."""
        samples = self.raw.between(cluster_id, 0, 2**33)
        end = 2**33
        booked = roll_up(
            Ledger(),
            self.catalogue(cluster_id),
            {},
            samples,
            watermark=0,
            cutoff=end,
            slot_seconds=end,
        )
        return sum(row.counts.requests for row in booked[-1].rows.values()) if booked else 0

    def hourly_requests(self, cluster_id: str, window: Window) -> int:
        """Requests in the hourly books of all domains. An entry that serves several domains counts once."""
        start = window.start // HOUR_SECONDS * HOUR_SECONDS
        seen: dict[tuple[int, int], int] = {}
        for domain in self._domains(cluster_id):
            for book in self.hourly.between(cluster_id, domain, start, window.end + HOUR_SECONDS):
                for entry_id, counts in book.entries().items():
                    seen[book.starts_at, entry_id] = counts.requests
        return sum(seen.values())

    def _domains(self, cluster_id: str) -> set[str]:
        entries = self.catalogue(cluster_id).entries
        return {domain for entry in entries for domain, _ in entry.routes} | {UNATTRIBUTED}
