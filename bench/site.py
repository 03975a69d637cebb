"""A synthetic cluster with two months of history, on the functions' own handlers and DynamoDB Local."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

import msgspec

from bench.synthetic import SyntheticCluster
from lab.cloud.dynamodb_local import CapacityMeter, DynamoDBLocal, every_client
from lab.cloud.embedded import Embedded
from lab.cloud.functions import LambdaContext, load_function
from slo.counting.counts import Counts
from slo.counting.ledger import Ledger, LedgerRow
from slo.counting.rollup import roll_up
from slo.times import DAY_SECONDS, HOUR_SECONDS

SLOT_SECONDS = 300
CUTOFF_SECONDS = 60
MIDNIGHT = 1_800_000_000 // DAY_SECONDS * DAY_SECONDS
"""The end of the measured time. The last rollup closes an hour and a day."""
_HISTORY_DAYS = 61
_STARTS_SECONDS = [days * DAY_SECONDS for days in (60, 30, 14, 7, 3, 2, 1)] + [hours * HOUR_SECONDS for hours in (6, 2)]
"""Ages of the ledgers where windows begin, and where the windows before them do."""
_MARKS_SECONDS = sorted(
    {hours * HOUR_SECONDS for hours in range(1, 49)}
    | {slots * SLOT_SECONDS for slots in range(1, 13)}
    | {start - slots * SLOT_SECONDS for start in _STARTS_SECONDS for slots in range(13)}
)
"""Ages of the ledgers, from now and from midnight: where windows begin in the measured hour, and the steps of the
books. A cluster has one for each slot of 8 days; those that nothing reads are left out."""


@contextmanager
def engine() -> Iterator[tuple[DynamoDBLocal, CapacityMeter]]:
    """DynamoDB Local, with a meter of the consumed capacity."""
    meter = CapacityMeter()
    with DynamoDBLocal() as running, every_client(meter.register):
        yield running, meter


class Site:
    """One deployment with one cluster. Use as a context manager."""

    def __init__(self, running: DynamoDBLocal, cluster: SyntheticCluster) -> None:
        self.cluster = cluster
        self.cluster_id = cluster.cluster_id
        self.client = running.client
        self.embedded = Embedded(
            slot_seconds=SLOT_SECONDS, cutoff_delay_seconds=CUTOFF_SECONDS, endpoint_url=running.endpoint_url
        )

    def __enter__(self) -> Self:
        self.embedded.__enter__()
        self._evaluate = load_function("evaluate").handler
        self._write_history()
        return self

    def __exit__(self, *error: object) -> None:
        self.embedded.__exit__(*error)

    @property
    def now(self) -> float:
        """The time that the functions see, Unix seconds."""
        return self.embedded.now

    def _write_history(self) -> None:
        """Write two months of ledgers, as rollup would have, that grow evenly to the current counts."""
        embedded, cluster_id = self.embedded, self.cluster_id
        embedded.push(self.cluster.snapshot())
        samples = embedded.raw.between(cluster_id, 0, self.cluster.now)
        catalogue = embedded.catalogues.get(cluster_id)
        at = -(-int(self.cluster.now) // SLOT_SECONDS) * SLOT_SECONDS
        (baseline,) = roll_up(
            Ledger(), catalogue, {}, samples, watermark=at - SLOT_SECONDS, cutoff=at, slot_seconds=SLOT_SECONDS
        )
        counted: dict[int, Counts] = {}
        for sample in samples:
            for entry_id, counts in sample.rows.items():
                counted[entry_id] = counted[entry_id].plus(counts) if entry_id in counted else counts
        since = at - _HISTORY_DAYS * DAY_SECONDS
        marks = {end - mark for end in (at, MIDNIGHT) for mark in _MARKS_SECONDS}
        for time in {at, *(mark for mark in marks if mark < at)}:
            share = (time - since) / (at - since)
            embedded.ledgers.put(cluster_id, _grown(baseline, counted, since, time, share), 1)
        state = embedded.clusters.get(cluster_id, consistent=True)
        if state is None:
            raise RuntimeError(f"{cluster_id} is unknown after its push")
        embedded.clusters.move_watermark(cluster_id, embedded.clusters.claim(state), at)
        embedded.now = at + CUTOFF_SECONDS + 1

    def push_event(self, now: float) -> dict[str, Any]:
        """The event of a push at this time."""
        self.cluster.run_until(now)
        return Embedded.push_event(self.cluster.snapshot())

    def push(self, now: float) -> None:
        """One minute's push."""
        self.embedded.now = now
        self.embedded.handle_push(self.push_event(now))

    def rollup_event(self) -> dict[str, Any]:
        """The queue's message for this cluster."""
        body = json.dumps({"cluster_id": self.cluster_id})
        return {"Records": [{"messageId": "1", "body": body, "eventSource": "aws:sqs", "attributes": {}}]}

    def roll_up(self, slot_end: int) -> None:
        """Run the rollup that books up to the end of a slot."""
        self.embedded.now = slot_end + CUTOFF_SECONDS + 1
        answer = self.embedded.roll_up(self.rollup_event(), LambdaContext())
        if answer["batchItemFailures"]:
            raise RuntimeError(f"rollup failed for {self.cluster_id}")

    @property
    def keys(self) -> dict[str, dict[str, str]]:
        """The key of this cluster's item."""
        return {"cluster_id": {"S": self.cluster_id}}

    def stream_event(self) -> dict[str, Any]:
        """The stream's record of this cluster's last push."""
        table = self.embedded.names["CLUSTERS_TABLE"]
        item = self.client().get_item(TableName=table, Key=self.keys, ConsistentRead=True)["Item"]
        return {"Records": [{"dynamodb": {"Keys": self.keys, "NewImage": item}}]}

    def evaluate(self, event: dict[str, Any]) -> None:
        """Evaluate a push."""
        self._evaluate(event, LambdaContext())

    def claim(self) -> None:
        """Claim the cluster, as a rollup does first, so that readers read the ledgers again."""
        state = self.embedded.clusters.get(self.cluster_id, consistent=True)
        if state is None:
            raise RuntimeError(f"{self.cluster_id} has not pushed")
        self.embedded.clusters.claim(state)

    def get(self, path: str, **query: str) -> str:
        """The body of an answer."""
        answer = self.embedded.get(path, cluster_id=self.cluster_id, **query)
        if answer["statusCode"] != 200:
            raise RuntimeError(f"{path} answered {answer['statusCode']}: {answer['body']}")
        return str(answer["body"])

    @property
    def paths(self) -> dict[str, str]:
        """The paths of the list and of a detail."""
        domain = self.cluster.routes[0].domain
        return {"list": "/api/v2/slo/domains", "detail": f"/api/v2/slo/domains/{domain}"}


def _grown(baseline: Ledger, counted: dict[int, Counts], since: int, at: int, share: float) -> Ledger:
    """The ledger at a time when `share` of the current counts had been counted."""
    seconds = float(at - since)
    return msgspec.structs.replace(
        baseline,
        at=at,
        changed_at=at,
        rows={entry_id: LedgerRow(since, at, _part(counts, share)) for entry_id, counts in counted.items()},
        watched_since=float(since),
        watched_seconds=seconds,
        process_seconds=seconds,
        observed_seconds=seconds,
    )


def _part(counts: Counts, share: float) -> Counts:
    return Counts(
        codes={code: int(count * share) for code, count in counts.codes.items()},
        methods={method: int(count * share) for method, count in counts.methods.items()},
        buckets=[int(count * share) for count in counts.buckets],
        duration_microseconds=int(counts.duration_microseconds * share),
    )
