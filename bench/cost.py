"""What a cluster costs in a month, from the counts in docs/benchmarks.json and AWS's list prices."""

from collections import defaultdict
from collections.abc import Iterator
from math import ceil
from typing import NamedTuple

import msgspec

from bench import prices
from bench.calibration import VCPU_MEGABYTES
from bench.capacity import AFTER_ROLLUP, Capacity, Units
from bench.counts import BenchmarkCounts
from bench.handlers import Load
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
OPEN_HOURS = 22
"""One dashboard, open for an hour of every working day."""
REFRESHES = OPEN_HOURS * 60
"""A dashboard asks when newer figures can be there: once for each push (web/src/state/schedule.ts)."""
ROLLUP_SHARE = 1 / 5
"""The share of these answers that are the first after a rollup, too."""
LIST_SHARE = 5 / 6
"""The share of the time in which it shows the list; in the rest it shows a domain."""
TRENDS = 40
"""Charts in the list, each loaded once an hour."""
LISTS = REFRESHES * LIST_SHARE
DETAILS = (REFRESHES + 4 * OPEN_HOURS * 12) * (1 - LIST_SHARE) + OPEN_HOURS * LIST_SHARE * TRENDS
"""A domain takes a request for each push, and four more for each rollup. A trend counts as one of them."""
CLUSTER_LISTS = OPEN_HOURS * 6
READERS = LISTS + DETAILS + CLUSTER_LISTS
"""Requests of readers."""
ROUND_TRIP_SECONDS = 0.005
"""How long a function waits for one DynamoDB request."""
GZIP_RATIO = 0.08
"""Compressed over plain size of an answer: JSON that repeats few names."""
REFUSAL_LOG_BYTES = 700
"""The authorizer's line about a token that is not valid."""
FREE_WRITE_UNITS = 25
SAMPLE_BYTES = 2
PROMETHEUS_KEPT_MONTHS = 150 / DAYS
QUERIED_SHARE = 6 / 8
"""The share of series that the same figures need: counters and buckets."""
SAMPLES_OF_TWO_DAYS = 2 * DAY_SECONDS / 60
EVALUATION_ROUND_TRIPS = 4
"""In sequence: settings, watch, raw items, targets. Ledgers are read once in five minutes, certificates as well."""
EVALUATION_POD_SHARE = 0.1
"""What each further pod adds to the CPU time: only its sample. Measured with two pods: 0.03."""
GLANCE_SECONDS = 0.002
"""A rollup's writes say in the stream that no snapshot has arrived."""
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
    return (PUSHES + REFRESHES) / (remembered // 60 + 1)


def read_units(capacity: Capacity, stack: StackContents) -> float:
    """Read units a month."""
    answers = LISTS * _reads(capacity, "list 1d") + DETAILS * _reads(capacity, "detail 7d") + CLUSTER_LISTS
    return (
        PUSHES * capacity.push.reads
        + authorizations(stack)
        + ROLLUPS * capacity.rollup.reads
        + HOURS * capacity.hour_close.reads
        + DAYS * capacity.day_close.reads
        + answers
    )


def _reads(capacity: Capacity, answer: str) -> float:
    after_push, after_rollup = capacity.answers[answer].reads, capacity.answers[answer + AFTER_ROLLUP].reads
    return (1 - ROLLUP_SHARE) * after_push + ROLLUP_SHARE * after_rollup


def seconds(megabytes: float, load: Load, round_trips: float) -> float:
    """The duration of an invocation in Lambda: CPU time at its share of a vCPU, plus the round trips."""
    share = min(1.0, megabytes / VCPU_MEGABYTES)
    return load.vcpu_ms / 1000 / share + round_trips * ROUND_TRIP_SECONDS


def times(load: Load, factor: float) -> Load:
    """The load of so many times the work."""
    return msgspec.structs.replace(load, vcpu_ms=load.vcpu_ms * factor)


def gigabyte_seconds(capacity: Capacity, loads: dict[str, Load], stack: StackContents) -> float:
    """Lambda GB-seconds a month. CPU time is taken to grow in proportion to the number of pods."""
    memory = stack.memory_megabytes

    def of(function: str, calls: float, round_trips: float, factor: float = 1.0) -> float:
        load = times(loads[function], factor)
        return calls * memory[function] / 1024 * seconds(memory[function], load, round_trips)

    def closes(calls: float, units: Units) -> float:
        """A day has twice as many steps as an hour."""
        load = times(loads["close"], capacity.pods)
        return calls * memory["rollup"] / 1024 * seconds(memory["rollup"], load, units.requests)

    return (
        of("ingest", PUSHES, capacity.push.requests, capacity.pods)
        + of("authorize", authorizations(stack), 1)
        + of("rollup", ROLLUPS, capacity.rollup.requests, capacity.pods)
        + closes(HOURS, capacity.hour_close)
        + closes(2 * DAYS, capacity.day_close)
        + of("query", LISTS + DETAILS, QUERY_ROUND_TRIPS)
        + CLUSTER_LISTS * memory["query"] / 1024 * ROUND_TRIP_SECONDS
    )


def log_gigabytes(loads: dict[str, Load], stack: StackContents) -> float:
    """Logs a month. The template's SystemLogLevel drops Lambda's own lines, 650 bytes an invocation."""
    calls = {
        "ingest": PUSHES,
        "authorize": authorizations(stack),
        "rollup": ROLLUPS,
        "query": READERS,
    }
    return sum(count * loads[name].log_bytes for name, count in calls.items()) / _GIGABYTE


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
    return [*figures(counts, capacity), *incidents(counts, capacity)]


def incidents(counts: BenchmarkCounts, capacity: Capacity) -> list[BillLine]:
    """What the evaluation of each push adds. The stream also starts the function for a rollup's two writes.

    While all is well it writes no line and no item.
    """
    load, memory = counts.loads[capacity.routes]["evaluate"], counts.stack.memory_megabytes["evaluate"]
    with_pods = times(load, 1 + EVALUATION_POD_SHARE * (capacity.pods - 1))
    evaluation = seconds(memory, with_pods, EVALUATION_ROUND_TRIPS)
    glances = 2 * ROLLUPS
    megabyte_seconds = memory * (PUSHES * evaluation + glances * GLANCE_SECONDS)
    return [
        BillLine("incidents: DynamoDB reads", PUSHES * capacity.evaluation.reads, prices.READ_UNITS),
        BillLine("incidents: Lambda requests", PUSHES + glances, prices.LAMBDA_REQUESTS),
        BillLine("incidents: Lambda time", megabyte_seconds / 1024, prices.LAMBDA_SECONDS),
    ]


def figures(counts: BenchmarkCounts, capacity: Capacity) -> list[BillLine]:
    """What a cluster's figures cost: pushes, rollups and readers."""
    loads = counts.loads[capacity.routes]
    stored, recoverable = stored_gigabytes(capacity)
    logs = log_gigabytes(loads, counts.stack)
    answered = LISTS * capacity.answer_bytes["list 1d"] + DETAILS * capacity.answer_bytes["detail 7d"]
    requests = PUSHES + READERS + authorizations(counts.stack) + ROLLUPS
    return [
        BillLine("DynamoDB writes", write_units(capacity), prices.WRITE_UNITS),
        BillLine("DynamoDB reads", read_units(capacity, counts.stack), prices.READ_UNITS),
        BillLine("API Gateway, pushes", PUSHES, prices.HTTP_API_REQUESTS),
        BillLine("API Gateway, readers", READERS, prices.REST_API_REQUESTS),
        BillLine("Lambda requests", requests, prices.LAMBDA_REQUESTS),
        BillLine("Lambda time", gigabyte_seconds(capacity, loads, counts.stack), prices.LAMBDA_SECONDS),
        BillLine("SQS", 3 * ROLLUPS, prices.QUEUE_REQUESTS),
        BillLine("logs, taken in", logs, prices.LOGS),
        BillLine("logs, kept 30 days", logs, prices.LOG_STORAGE),
        BillLine("storage", stored, prices.STORAGE),
        BillLine("point-in-time recovery", recoverable, prices.RECOVERY),
        BillLine("answers, sent", GZIP_RATIO * answered / _GIGABYTE, prices.TRANSFER),
    ]


def fits_free_capacity(capacity: Capacity) -> bool:
    """Whether a cluster needs less than a third of the 25 write units a second that AWS gives free.

    Pushes come in bursts, and each table has its own part of the units. DynamoDB keeps five minutes of unused units.
    """
    return write_units(capacity) / (HOURS * HOUR_SECONDS) < FREE_WRITE_UNITS / 3 and capacity.push.writes <= 30


def open_all_day() -> float:
    """Dollars a month for the requests of a dashboard whose list is always open, with nobody before it.

    Then trends are loaded every six hours, and incidents every hour while all is well (web/src/state/schedule.ts).
    """
    return prices.REST_API_REQUESTS.of(24 * DAYS * (60 + 6 + 1 + TRENDS / 6))


def flood_a_day(counts: BenchmarkCounts, requests_per_second: float) -> float:
    """Dollars a day for pushes with invented tokens: each is a request, starts the authorizer and is a line in the log.

    AWS's staff say on re:Post that API Gateway charges no refused request. No page of AWS says so: here it charges.
    """
    memory, load = counts.stack.memory_megabytes["authorize"], counts.loads[300]["authorize"]
    requests = requests_per_second * DAY_SECONDS
    return (
        prices.HTTP_API_REQUESTS.of(requests)
        + prices.LAMBDA_REQUESTS.of(requests)
        + prices.LAMBDA_SECONDS.of(requests * memory / 1024 * seconds(memory, load, 1))
        + prices.READ_UNITS.of(requests)
        + prices.LOGS.of(requests * REFUSAL_LOG_BYTES / _GIGABYTE)
    )


def total(lines: list[BillLine]) -> float:
    """Dollars a month."""
    return sum(line.dollars for line in lines)


def billed(lines: list[BillLine]) -> float:
    """Dollars a month for these lines, if nothing else in the account uses what AWS always gives free."""
    amounts = defaultdict[Price, float](float)
    for line in lines:
        amounts[line.price] += line.amount
    return sum(price.of(max(0.0, amount - prices.ALWAYS_FREE.get(price, 0.0))) for price, amount in amounts.items())


def fixed(stack: StackContents) -> list[BillLine]:
    """The cost of a deployment with any number of clusters, before AWS's free tier."""
    return [
        BillLine("alarms", stack.alarms, prices.ALARMS),
        BillLine("metrics", stack.metrics, prices.METRICS),
        BillLine("dashboards", stack.dashboards, prices.DASHBOARDS),
        BillLine("Lambda's polling of the queue", 5 * 3 * 60 * HOURS, prices.QUEUE_REQUESTS),
        BillLine("Lambda's polling for messages", 2 * 3 * 60 * HOURS, prices.QUEUE_REQUESTS),
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
    """The same series once a minute with the default retention, and the same dashboard querying two days.

    Without what is free in each month: storage and queries of this size are, and the first samples.
    """
    samples = series * PUSHES
    stored = samples * PROMETHEUS_KEPT_MONTHS * SAMPLE_BYTES / _GIGABYTE
    looked_at = series * QUERIED_SHARE * SAMPLES_OF_TWO_DAYS * (LISTS + DETAILS)
    return Prometheus(
        prices.prometheus_ingestion(max(0.0, samples - prices.PROMETHEUS_FREE_SAMPLES)),
        prices.PROMETHEUS_STORAGE.of(max(0.0, stored - prices.PROMETHEUS_FREE_GIGABYTES)),
        prices.PROMETHEUS_QUERIES.of(max(0.0, looked_at - prices.PROMETHEUS_FREE_QUERIES)),
    )


def sizes(counts: BenchmarkCounts) -> Iterator[tuple[int, int]]:
    """The (routes, pods) that were measured with every route active."""
    return ((each.routes, each.pods) for each in counts.capacity if each.active_share == 1.0)
