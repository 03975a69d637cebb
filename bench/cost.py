"""What a cluster costs in a month, from what was counted (docs/benchmarks.json) and AWS's list prices.

python -m bench.cost        prints docs/cost.md, and writes it
"""

from collections.abc import Iterator
from math import ceil
from pathlib import Path
from typing import NamedTuple

from bench import prices
from bench.capacity import Capacity
from bench.counts import Counts, load
from bench.handlers import Load
from bench.prices import Price
from bench.stack import Stack
from bench.synthetic import PATHS
from slo.ledger import RAW_KEPT_SECONDS
from slo.rollup import DAY_SECONDS, HOUR_SECONDS
from slo.store.books import DAILY_KEPT_SECONDS, HOURLY_KEPT_SECONDS
from slo.windows import DAYS_KEPT_SECONDS, HOURS_KEPT_SECONDS, SLOTS_KEPT_SECONDS

PAGE = Path(__file__).resolve().parent.parent / "docs" / "cost.md"
HOURS = 730
"""Of a month."""
PUSHES = HOURS * 60
ROLLUPS = HOURS * 12
DAYS = HOURS / 24
STATUS_BOOKS = 12 * DAYS
"""Rollups in which some status changes: every second hour."""
LISTS = 22 * 60
"""A dashboard that is open for an hour of every working day, and asks once a minute."""
DETAILS = 22 * 20
ROUND_TRIP_SECONDS = 0.005
"""Of one DynamoDB request, as the function waits for it."""
VCPU_MEGABYTES = 1769
"""Lambda gives a function one vCPU for so much memory, and less in proportion."""
LAMBDA_LOG_BYTES = 0
"""Lambda's own lines about an invocation: the template's SystemLogLevel leaves them out (650 bytes, otherwise)."""
GZIP_RATIO = 0.08
"""Of an answer: it is JSON with few different names."""
SAMPLE_BYTES = 2
PROMETHEUS_KEPT_MONTHS = 150 / DAYS
QUERIED_SHARE = 6 / 8
"""Of the series, those that the same figures need: counters and buckets."""
SAMPLES_OF_TWO_DAYS = 2 * DAY_SECONDS / 60
QUERY_ROUND_TRIPS = 2
"""One after the other: the state of the cluster, then everything else at once."""
_GIGABYTE = 1e9
_LEDGERS = (
    SLOTS_KEPT_SECONDS / 300
    + (HOURS_KEPT_SECONDS - SLOTS_KEPT_SECONDS) / HOUR_SECONDS
    + (DAYS_KEPT_SECONDS - HOURS_KEPT_SECONDS) / DAY_SECONDS
)


class Line(NamedTuple):
    """One item of the bill."""

    name: str
    amount: float
    price: Price

    @property
    def dollars(self) -> float:
        """A month."""
        return self.price.of(self.amount)

    @property
    def billed_dollars(self) -> float:
        """A month, where nothing else uses up what AWS gives free."""
        return self.price.of(max(0.0, self.amount - prices.ALWAYS_FREE.get(self.price, 0.0)))


def write_units(capacity: Capacity) -> float:
    """A month."""
    return (
        PUSHES * capacity.push.writes
        + ROLLUPS * capacity.rollup.writes
        + STATUS_BOOKS * capacity.status_book_writes
        + HOURS * capacity.hour_close.writes
        + DAYS * capacity.day_close_writes
    )


def read_units(capacity: Capacity) -> float:
    """A month; each request asks for a token once, unless API Gateway remembers it."""
    answers = LISTS * capacity.answers["list 1d"].reads + DETAILS * capacity.answers["detail 7d"].reads
    return (
        PUSHES * (capacity.push.reads + 1)
        + ROLLUPS * capacity.rollup.reads
        + HOURS * capacity.hour_close.reads
        + LISTS
        + answers
    )


def seconds(megabytes: float, load: Load, round_trips: float) -> float:
    """How long an invocation takes in Lambda: its CPU time at its memory's share of a vCPU, and waiting."""
    share = min(1.0, megabytes / VCPU_MEGABYTES)
    return load.cpu_ms / 1000 / share + round_trips * ROUND_TRIP_SECONDS


def gigabyte_seconds(capacity: Capacity, loads: dict[str, Load], stack: Stack) -> float:
    """A month. What more pods make longer is counted as one pod's CPU time for each."""
    memory = stack.memory_megabytes

    def of(function: str, times: float, round_trips: float, factor: float = 1.0) -> float:
        load = loads[function]
        scaled = Load(load.cpu_ms * factor, load.log_bytes, load.resident_megabytes)
        return times * memory[function] / 1024 * seconds(memory[function], scaled, round_trips)

    return (
        of("ingest", PUSHES, capacity.push.requests, capacity.pods)
        + of("authorize", PUSHES + LISTS, 1)
        + of("rollup", ROLLUPS, capacity.rollup.requests, capacity.pods)
        + HOURS * memory["rollup"] / 1024 * capacity.hour_close.requests * ROUND_TRIP_SECONDS
        + of("query", LISTS + DETAILS, QUERY_ROUND_TRIPS)
    )


def log_gigabytes(loads: dict[str, Load]) -> float:
    """A month."""
    times = {"ingest": PUSHES, "authorize": PUSHES + LISTS, "rollup": ROLLUPS, "query": LISTS + DETAILS}
    return sum(count * (loads[name].log_bytes + LAMBDA_LOG_BYTES) for name, count in times.items()) / _GIGABYTE


def stored_gigabytes(capacity: Capacity) -> tuple[float, float]:
    """What is kept when the first of it expires: all of it, and what of that has point-in-time recovery."""
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


def month(counts: Counts, capacity: Capacity) -> list[Line]:
    """The bill of one cluster."""
    loads = counts.loads[capacity.routes]
    requests = PUSHES + LISTS + DETAILS
    stored, recoverable = stored_gigabytes(capacity)
    logs = log_gigabytes(loads)
    sent = (
        GZIP_RATIO
        * (LISTS * capacity.answer_bytes["list 1d"] + DETAILS * capacity.answer_bytes["detail 7d"])
        / _GIGABYTE
    )
    return [
        Line("DynamoDB writes", write_units(capacity), prices.WRITE_UNITS),
        Line("DynamoDB reads", read_units(capacity), prices.READ_UNITS),
        Line("API Gateway", requests, prices.API_REQUESTS),
        Line("Lambda requests", 2 * PUSHES + ROLLUPS + 2 * LISTS + DETAILS, prices.LAMBDA_REQUESTS),
        Line("Lambda time", gigabyte_seconds(capacity, loads, counts.stack), prices.LAMBDA_SECONDS),
        Line("SQS", 3 * ROLLUPS, prices.QUEUE_REQUESTS),
        Line("logs, taken in", logs, prices.LOGS),
        Line("logs, kept 30 days", logs, prices.LOG_STORAGE),
        Line("storage", stored, prices.STORAGE),
        Line("point-in-time recovery", recoverable, prices.RECOVERY),
        Line("answers, sent", sent, prices.TRANSFER),
    ]


def total(lines: list[Line]) -> float:
    """Dollars a month."""
    return sum(line.dollars for line in lines)


def billed(lines: list[Line]) -> float:
    """Dollars a month of the first cluster of an account."""
    return sum(line.billed_dollars for line in lines)


def fixed(stack: Stack) -> list[Line]:
    """What a deployment costs however many clusters it has, before AWS's free tier, which covers most of it."""
    return [
        Line("alarms", stack.alarms, prices.ALARMS),
        Line("metrics", stack.metrics, prices.METRICS),
        Line("dashboards", stack.dashboards, prices.DASHBOARDS),
        Line("Lambda's polling of the queue", 5 * 3 * 60 * HOURS, prices.QUEUE_REQUESTS),
    ]


def old_system(counts: Counts, routes: int, pods: int = 1) -> float:
    """Dollars a month for the writes alone of the old layout."""
    return prices.WRITE_UNITS.of(PUSHES * counts.old_writes[routes] * pods)


class Prometheus(NamedTuple):
    """Dollars a month in Amazon Managed Service for Prometheus."""

    ingestion: float
    storage: float
    queries: float


def managed_prometheus(series: float) -> Prometheus:
    """The same series, once a minute, kept as long as it keeps them, and the same dashboard asking for two days."""
    samples = series * PUSHES
    stored = samples * PROMETHEUS_KEPT_MONTHS * SAMPLE_BYTES / _GIGABYTE
    looked_at = series * QUERIED_SHARE * SAMPLES_OF_TWO_DAYS * LISTS
    return Prometheus(
        prices.prometheus_ingestion(samples),
        prices.PROMETHEUS_STORAGE.of(stored),
        prices.PROMETHEUS_QUERIES.of(looked_at),
    )


def main() -> None:
    """Print and write the page."""
    from bench.cost_page import render

    page = render(load())
    PAGE.write_text(page)
    print(page)


def sizes(counts: Counts) -> Iterator[tuple[int, int]]:
    """Routes and pods that were measured with every route active."""
    return ((each.routes, each.pods) for each in counts.capacity if each.active_share == 1.0)


if __name__ == "__main__":
    main()
