"""AtlHyper's SQLite database, opened read-only.

Its SLO tables, as written by the versions before OpenTelemetry:

    slo_route_mapping           the routes of each service key
    slo_metrics_raw             counts between two scrapes, kept for 48 hours
    slo_metrics_hourly          counts of each hour, kept for 90 days
    ingress_counter_snapshot    the last value of each counter
    ingress_histogram_snapshot  the last value of each latency bucket; `le` is its bound in seconds
    slo_targets                 availability in per cent, P95 in milliseconds

`host` is Traefik's service name. Some versions lack columns such as `domain`, `path_prefix` and `status_2xx`. A bucket
column holds a cumulative count. A bound between two columns is stored in the lower one (0.3 s in `bucket_250ms`, 1.2 s
in `bucket_1s`).
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from ingress_slo.failures import OperatorError

RAW, HOURLY = "slo_metrics_raw", "slo_metrics_hourly"
COUNTERS, HISTOGRAMS = "ingress_counter_snapshot", "ingress_histogram_snapshot"
MAPPING, TARGETS = "slo_route_mapping", "slo_targets"

BUCKET_COLUMNS = (
    "bucket_5ms",
    "bucket_10ms",
    "bucket_25ms",
    "bucket_50ms",
    "bucket_100ms",
    "bucket_250ms",
    "bucket_500ms",
    "bucket_1s",
    "bucket_2500ms",
    "bucket_5s",
    "bucket_10s",
    "bucket_inf",
)
_CODE_COLUMNS = ("status_2xx", "status_3xx", "status_4xx", "status_5xx")
_REQUIRED = {
    MAPPING: ("cluster_id", "domain", "service_key"),
    RAW: ("cluster_id", "host", "timestamp", "total_requests", "error_requests"),
    HOURLY: ("cluster_id", "host", "hour_start", "total_requests", "error_requests"),
    COUNTERS: ("cluster_id", "host"),
    HISTOGRAMS: ("cluster_id", "host", "le"),
    TARGETS: ("cluster_id", "host", "time_range", "availability_target", "p95_latency_target"),
}
_TIMES = {RAW: "timestamp", HOURLY: "hour_start"}
_LATENCIES = {RAW: "sum_latency_ms", HOURLY: "avg_latency_ms"}


@dataclass(frozen=True, slots=True)
class Mapping:
    """One row of the route mapping."""

    domain: str
    path_prefix: str
    ingress_name: str
    namespace: str
    tls: bool
    service_key: str
    service_name: str
    service_port: int


@dataclass(frozen=True, slots=True)
class Measured:
    """One row of raw or hourly metrics."""

    host: str
    domain: str
    """Empty if the version has no such column, or the row has no domain."""
    path_prefix: str
    at: float | None
    """Unix seconds; None if the row's time cannot be parsed."""
    requests: int
    errors: int
    latency_ms: float
    """The sum for raw rows, the average for hourly rows."""
    buckets: tuple[int, ...]
    """By BUCKET_COLUMNS; empty if the version has other columns."""
    codes: tuple[int, ...]
    """2xx, 3xx, 4xx, 5xx; empty if the version has no such columns."""
    is_missing: bool
    """Whether the row marks a time without measurements."""


@dataclass(frozen=True, slots=True)
class AtlHyperTarget:
    """One row of the targets."""

    host: str
    time_range: str
    availability_percent: float
    p95_latency_ms: float


class Database:
    """One database file, used as a context manager. Raises OperatorError if it is not AtlHyper's."""

    def __init__(self, file: Path) -> None:
        if not file.is_file():
            raise OperatorError(f"There is no file {file}.")
        self._file = file

    def __enter__(self) -> Self:
        self._connection = sqlite3.connect(f"{self._file.absolute().as_uri()}?mode=ro", uri=True)
        try:
            self._columns = {table: self._columns_of(table) for table in _REQUIRED}
        except sqlite3.DatabaseError as error:
            self._connection.close()
            raise OperatorError(f"{self._file} is not a SQLite database: {error}.") from error
        try:
            self._check()
        except OperatorError:
            self._connection.close()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        self._connection.close()

    def _columns_of(self, table: str) -> frozenset[str]:
        """The columns of a table; empty if the table does not exist."""
        return frozenset(row[1] for row in self._connection.execute(f"PRAGMA table_info({table})"))

    def _check(self) -> None:
        if not any(self._columns.values()):
            raise OperatorError(f"{self._file} has none of AtlHyper's SLO tables ({', '.join(_REQUIRED)}).")
        for table, required in _REQUIRED.items():
            missing = [name for name in required if name not in self._columns[table]]
            if self._columns[table] and missing:
                raise OperatorError(
                    f"The table {table} in {self._file} has no column {', '.join(missing)}: this version of AtlHyper "
                    "is not supported. Please report it with the output of `sqlite3 FILE .schema`."
                )

    @property
    def has_latencies(self) -> bool:
        """Whether the database has latency buckets in a supported form."""
        return any("bucket_inf" in self._columns[table] for table in (RAW, HOURLY))

    def clusters(self) -> list[str]:
        """The ids of all clusters, sorted."""
        found: set[str] = set()
        for table, columns in self._columns.items():
            if columns:
                query = f"SELECT DISTINCT cluster_id FROM {table}"  # noqa: S608 the name is a constant
                found |= {str(row[0]) for row in self._rows(query, ())}
        return sorted(found)

    def count(self, table: str, cluster_id: str) -> int:
        """The number of rows of a cluster."""
        if not self._columns[table]:
            return 0
        query = f"SELECT count(*) FROM {table} WHERE cluster_id = ?"  # noqa: S608 the name is a constant
        return int(next(self._rows(query, (cluster_id,)))[0])

    def mappings(self, cluster_id: str) -> list[Mapping]:
        """The route mapping, in a stable order."""
        rows = self._select(
            MAPPING,
            cluster_id,
            {
                "domain": "''",
                "path_prefix": "'/'",
                "ingress_name": "''",
                "namespace": "''",
                "tls": "0",
                "service_key": "''",
                "service_name": "''",
                "service_port": "0",
            },
        )
        return sorted(
            (
                Mapping(str(d).lower() or "*", str(p or "/"), str(i), str(n), bool(t), str(key), str(s), int(port or 0))
                for d, p, i, n, t, key, s, port in rows
            ),
            key=lambda mapping: (mapping.service_key, mapping.domain, mapping.path_prefix),
        )

    def measured(self, table: str, cluster_id: str) -> Iterator[Measured]:
        """The rows of RAW or HOURLY."""
        wanted = {
            "host": "''",
            "domain": "''",
            "path_prefix": "'/'",
            _TIMES[table]: "''",
            "total_requests": "0",
            "error_requests": "0",
            _LATENCIES[table]: "0",
            "is_missing": "0",
            **dict.fromkeys((*BUCKET_COLUMNS, *_CODE_COLUMNS), "0"),
        }
        has_buckets = "bucket_inf" in self._columns[table]
        has_codes = set(_CODE_COLUMNS) <= self._columns[table]
        first_code = 8 + len(BUCKET_COLUMNS)
        for row in self._select(table, cluster_id, wanted):
            yield Measured(
                host=row[0],
                domain=(row[1] or "").lower(),
                path_prefix=row[2] or "/",
                at=_seconds(row[3]),
                requests=row[4],
                errors=row[5],
                latency_ms=row[6] or 0,
                buckets=row[8:first_code] if has_buckets else (),
                codes=row[first_code:] if has_codes else (),
                is_missing=bool(row[7]),
            )

    def hosts(self, table: str, cluster_id: str) -> Iterator[str]:
        """The host of each row of a table."""
        return (str(row[0]) for row in self._select(table, cluster_id, {"host": "''"}))

    def bounds(self, cluster_id: str) -> dict[str, set[float]]:
        """The latency bounds of each host at its last scrape, in seconds."""
        found: dict[str, set[float]] = {}
        for host, le in self._select(HISTOGRAMS, cluster_id, {"host": "''", "le": "0"}):
            found.setdefault(str(host), set()).add(float(le))
        return found

    def targets(self, cluster_id: str) -> list[AtlHyperTarget]:
        """All targets."""
        names = dict.fromkeys(("host", "time_range", "availability_target", "p95_latency_target"), "''")
        return [
            AtlHyperTarget(str(host), str(time_range), float(availability), float(latency))
            for host, time_range, availability, latency in self._select(TARGETS, cluster_id, names)
        ]

    def _select(self, table: str, cluster_id: str, columns: dict[str, str]) -> Iterator[Any]:
        """Rows of a cluster. `columns` gives the default of each column, for versions that lack it."""
        known = self._columns[table]
        if not known:
            return iter(())
        named = ", ".join(name if name in known else f"{default} AS {name}" for name, default in columns.items())
        return self._rows(f"SELECT {named} FROM {table} WHERE cluster_id = ?", (cluster_id,))  # noqa: S608 constants

    def _rows(self, query: str, values: Sequence[str]) -> Iterator[Any]:
        try:
            with closing(self._connection.execute(query, tuple(values))) as cursor:
                yield from cursor
        except sqlite3.DatabaseError as error:
            raise OperatorError(f"{self._file} cannot be read: {error}. Copy it while AtlHyper is stopped.") from error


def _seconds(text: object) -> float | None:
    """Parse a time in RFC 3339 (UTC by default) into Unix seconds; None if it cannot be parsed."""
    try:
        time = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()
