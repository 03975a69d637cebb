"""What a cluster costs in a month, from the counts in docs/benchmarks.json and AWS's list prices."""

from collections.abc import Iterator
from math import ceil
from typing import NamedTuple

import msgspec

from bench import prices
from bench.capacity import Capacity, Units
from bench.counts import BenchmarkCounts
from bench.handlers import AGAIN, AGAIN_FOR_EACH_FIRST, REFRESH_SECONDS, Load
from bench.prices import Price
from bench.stack import StackContents
from bench.synthetic import PATHS
from slo.counting.retention import (
    DAILY_KEPT_SECONDS,
    DAYS_KEPT_SECONDS,
    HOURLY_KEPT_SECONDS,
    HOURS_KEPT_SECONDS,
    RAW_KEPT_SECONDS,
    SLOTS_KEPT_SECONDS,
)
from slo.times import DAY_SECONDS, HOUR_SECONDS

HOURS = 730
"""Hours of a month."""
PUSHES = HOURS * 60
ROLLUPS = HOURS * 12
DAYS = HOURS / 24
STATUS_BOOKS = 12 * DAYS
"""Rollups in which a status changes: one every second hour."""
OPEN_SECONDS = 22 * HOUR_SECONDS
"""One dashboard, open for an hour of every working day."""
REFRESHES = OPEN_SECONDS / REFRESH_SECONDS
"""Each one requests the clusters and the page's data."""
LISTS = REFRESHES * 5 / 6
DETAILS = REFRESHES / 6 * 5
"""The dashboard shows a domain a sixth of the time, with five requests, each counted as a detail."""
SENT_SHARE = REFRESH_SECONDS / 60
"""The share of answers with a body: without a new push since the last one, the answer is a 304."""
FIRST_SHARE = 1 / (1 + AGAIN_FOR_EACH_FIRST)
"""The share of answers that are the first after a rollup."""
ROUND_TRIP_SECONDS = 0.005
"""How long a function waits for one DynamoDB request."""
VCPU_MEGABYTES = 1769
"""The memory for which Lambda gives a function one vCPU; less memory gives a proportional share."""
GZIP_RATIO = 0.08
"""Compressed over plain size of an answer: JSON that repeats few names."""
SAMPLE_BYTES = 2
PROMETHEUS_KEPT_MONTHS = 150 / DAYS
QUERIED_SHARE = 6 / 8
"""The share of series that the same figures need: counters and buckets."""
SAMPLES_OF_TWO_DAYS = 2 * DAY_SECONDS / 60
QUERY_ROUND_TRIPS = 2
"""Two in sequence: the state of the cluster, then everything else in parallel."""
_GIGABYTE = 1e9
_LEDGERS = (
    SLOTS_KEPT_SECONDS / 300
    + (HOURS_KEPT_SECONDS - SLOTS_KEPT_SECONDS) / HOUR_SECONDS
    + (DAYS_KEPT_SECONDS - HOURS_KEPT_SECONDS) / DAY_SECONDS
)


class BillLine(NamedTuple):
    """One line of the monthly bill."""

    name: str
    amount: float
    price: Price

    @property
    def dollars(self) -> float:
        """Dollars a month, without free tiers."""
        return self.price.of(self.amount)

    @property
    def billed_dollars(self) -> float:
        """Dollars a month, if nothing else uses AWS's free allowance."""
        return self.price.of(max(0.0, self.amount - prices.ALWAYS_FREE.get(self.price, 0.0)))


def write_units(capacity: Capacity) -> float:
    """Write units a month."""
    return (
        PUSHES * capacity.push.writes
        + ROLLUPS * capacity.rollup.writes
        + STATUS_BOOKS * capacity.status_book_writes
        + HOURS * capacity.hour_close.writes
        + DAYS * capacity.day_close.writes
    )


def authorizations(stack: StackContents) -> float:
    """Calls of the authorizer a month, by the agent and the dashboard; API Gateway caches its answers."""
    remembered = stack.authorization_seconds
    return PUSHES / (remembered // 60 + 1) + OPEN_SECONDS / max(remembered, REFRESH_SECONDS)


def read_units(capacity: Capacity, stack: StackContents) -> float:
    """Read units a month."""
    answers = LISTS * _reads(capacity, "list 1d") + DETAILS * _reads(capacity, "detail 7d") + REFRESHES
    return (
        PUSHES * capacity.push.reads
        + authorizations(stack)
        + ROLLUPS * capacity.rollup.reads
        + HOURS * capacity.hour_close.reads
        + DAYS * capacity.day_close.reads
        + answers
    )


def _reads(capacity: Capacity, answer: str) -> float:
    first, again = capacity.answers[answer].reads, capacity.answers[answer + AGAIN].reads
    return FIRST_SHARE * first + (1 - FIRST_SHARE) * again


def seconds(megabytes: float, load: Load, round_trips: float) -> float:
    """The duration of an invocation in Lambda: CPU time at its share of a vCPU, plus the round trips."""
    share = min(1.0, megabytes / VCPU_MEGABYTES)
    return load.cpu_ms / 1000 / share + round_trips * ROUND_TRIP_SECONDS


def gigabyte_seconds(capacity: Capacity, loads: dict[str, Load], stack: StackContents) -> float:
    """Lambda GB-seconds a month. CPU time is taken to grow in proportion to the number of pods."""
    memory = stack.memory_megabytes

    def of(function: str, times: float, round_trips: float, factor: float = 1.0) -> float:
        load = loads[function]
        scaled = msgspec.structs.replace(load, cpu_ms=load.cpu_ms * factor)
        return times * memory[function] / 1024 * seconds(memory[function], scaled, round_trips)

    def closes(times: float, units: Units) -> float:
        """A day has twice as many steps as an hour."""
        cpu = msgspec.structs.replace(loads["close"], cpu_ms=loads["close"].cpu_ms * capacity.pods)
        return times * memory["rollup"] / 1024 * seconds(memory["rollup"], cpu, units.requests)

    return (
        of("ingest", PUSHES, capacity.push.requests, capacity.pods)
        + of("authorize", authorizations(stack), 1)
        + of("rollup", ROLLUPS, capacity.rollup.requests, capacity.pods)
        + closes(HOURS, capacity.hour_close)
        + closes(2 * DAYS, capacity.day_close)
        + of("query", LISTS + DETAILS, QUERY_ROUND_TRIPS)
        + REFRESHES * memory["query"] / 1024 * ROUND_TRIP_SECONDS
    )


def log_gigabytes(loads: dict[str, Load], stack: StackContents) -> float:
    """Logs a month. The template's SystemLogLevel drops Lambda's own lines, 650 bytes an invocation."""
    times = {
        "ingest": PUSHES,
        "authorize": authorizations(stack),
        "rollup": ROLLUPS,
        "query": REFRESHES + LISTS + DETAILS,
    }
    return sum(count * loads[name].log_bytes for name, count in times.items()) / _GIGABYTE


def stored_gigabytes(capacity: Capacity) -> tuple[float, float]:
    """Storage once the first items expire: all of it, and the part with point-in-time recovery."""
    item = capacity.stored_bytes
    domains = ceil(capacity.routes / len(PATHS))
    recoverable = (
        _LEDGERS * item["LEDGER_TABLE"]
        + HOURLY_KEPT_SECONDS / HOUR_SECONDS * domains * item["HOURLY_TABLE"]
        + DAILY_KEPT_SECONDS / DAY_SECONDS * domains * item["DAILY_TABLE"]
        + item["CATALOGUE_TABLE"]
    )
    rest = RAW_KEPT_SECONDS / 60 * capacity.pods * item["RAW_TABLE"] + 6 * capacity.routes * item["ROUTE_MAP_TABLE"]
    return (recoverable + rest) / _GIGABYTE, recoverable / _GIGABYTE


def month(counts: BenchmarkCounts, capacity: Capacity) -> list[BillLine]:
    """The monthly bill of one cluster."""
    loads = counts.loads[capacity.routes]
    requests = PUSHES + REFRESHES + LISTS + DETAILS
    stored, recoverable = stored_gigabytes(capacity)
    logs = log_gigabytes(loads, counts.stack)
    sent = (
        SENT_SHARE
        * GZIP_RATIO
        * (LISTS * capacity.answer_bytes["list 1d"] + DETAILS * capacity.answer_bytes["detail 7d"])
        / _GIGABYTE
    )
    return [
        BillLine("DynamoDB writes", write_units(capacity), prices.WRITE_UNITS),
        BillLine("DynamoDB reads", read_units(capacity, counts.stack), prices.READ_UNITS),
        BillLine("API Gateway", requests, prices.API_REQUESTS),
        BillLine("Lambda requests", requests + authorizations(counts.stack) + ROLLUPS, prices.LAMBDA_REQUESTS),
        BillLine("Lambda time", gigabyte_seconds(capacity, loads, counts.stack), prices.LAMBDA_SECONDS),
        BillLine("SQS", 3 * ROLLUPS, prices.QUEUE_REQUESTS),
        BillLine("logs, taken in", logs, prices.LOGS),
        BillLine("logs, kept 30 days", logs, prices.LOG_STORAGE),
        BillLine("storage", stored, prices.STORAGE),
        BillLine("point-in-time recovery", recoverable, prices.RECOVERY),
        BillLine("answers, sent", sent, prices.TRANSFER),
    ]


def total(lines: list[BillLine]) -> float:
    """Dollars a month."""
    return sum(line.dollars for line in lines)


def billed(lines: list[BillLine]) -> float:
    """Dollars a month for the first cluster of an account."""
    return sum(line.billed_dollars for line in lines)


def fixed(stack: StackContents) -> list[BillLine]:
    """The cost of a deployment with any number of clusters, before AWS's free tier, which covers most of it."""
    return [
        BillLine("alarms", stack.alarms, prices.ALARMS),
        BillLine("metrics", stack.metrics, prices.METRICS),
        BillLine("dashboards", stack.dashboards, prices.DASHBOARDS),
        BillLine("Lambda's polling of the queue", 5 * 3 * 60 * HOURS, prices.QUEUE_REQUESTS),
    ]


def old_system(counts: BenchmarkCounts, routes: int, pods: int = 1) -> float:
    """Dollars a month for the writes of the old layout alone."""
    return prices.WRITE_UNITS.of(PUSHES * counts.old_writes[routes] * pods)


class Prometheus(NamedTuple):
    """Dollars a month in Amazon Managed Service for Prometheus."""

    ingestion: float
    storage: float
    queries: float


def managed_prometheus(series: float) -> Prometheus:
    """The same series once a minute with the default retention, and the same dashboard querying two days."""
    samples = series * PUSHES
    stored = samples * PROMETHEUS_KEPT_MONTHS * SAMPLE_BYTES / _GIGABYTE
    looked_at = series * QUERIED_SHARE * SAMPLES_OF_TWO_DAYS * LISTS
    return Prometheus(
        prices.prometheus_ingestion(samples),
        prices.PROMETHEUS_STORAGE.of(stored),
        prices.PROMETHEUS_QUERIES.of(looked_at),
    )


def sizes(counts: BenchmarkCounts) -> Iterator[tuple[int, int]]:
    """The (routes, pods) that were measured with every route active."""
    return ((each.routes, each.pods) for each in counts.capacity if each.active_share == 1.0)
