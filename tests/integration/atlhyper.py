"""Builds AtlHyper databases: the mapping table from its published SQL, the others from what AtlHyper writes."""

import random
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from ingress_slo.atlhyper.database import BUCKET_COLUMNS

MAPPING_SQL = """
CREATE TABLE IF NOT EXISTS slo_route_mapping (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    cluster_id      TEXT NOT NULL,
    domain          TEXT NOT NULL,
    path_prefix     TEXT NOT NULL DEFAULT '/',
    ingress_name    TEXT NOT NULL,
    namespace       TEXT NOT NULL,
    tls             INTEGER NOT NULL DEFAULT 1,
    service_key     TEXT NOT NULL,
    service_name    TEXT NOT NULL,
    service_port    INTEGER NOT NULL,
    created_at      TEXT NOT NULL,
    updated_at      TEXT NOT NULL,
    UNIQUE(cluster_id, service_key)
);
CREATE INDEX IF NOT EXISTS idx_route_mapping_domain ON slo_route_mapping(cluster_id, domain);
CREATE INDEX IF NOT EXISTS idx_route_mapping_service ON slo_route_mapping(cluster_id, service_key);
"""
DOMAIN_SQL = """
ALTER TABLE {table} ADD COLUMN domain TEXT;
ALTER TABLE {table} ADD COLUMN path_prefix TEXT DEFAULT '/';
"""
_KEY = "id INTEGER PRIMARY KEY AUTOINCREMENT, cluster_id TEXT NOT NULL, host TEXT NOT NULL"
_BUCKETS = ", ".join(f"{name} INTEGER NOT NULL DEFAULT 0" for name in BUCKET_COLUMNS)
_TOTALS = "total_requests INTEGER NOT NULL DEFAULT 0, error_requests INTEGER NOT NULL DEFAULT 0"
OTHER_SQL = f"""
CREATE TABLE slo_metrics_raw ({_KEY}, timestamp TEXT NOT NULL, {_TOTALS}, sum_latency_ms INTEGER NOT NULL DEFAULT 0,
    {_BUCKETS}, is_missing INTEGER NOT NULL DEFAULT 0);
CREATE TABLE slo_metrics_hourly ({_KEY}, hour_start TEXT NOT NULL, {_TOTALS}, availability REAL NOT NULL,
    p95_latency_ms INTEGER NOT NULL DEFAULT 0, avg_latency_ms INTEGER NOT NULL DEFAULT 0, avg_rps REAL NOT NULL,
    {_BUCKETS}, sample_count INTEGER NOT NULL DEFAULT 0, created_at TEXT NOT NULL,
    UNIQUE(cluster_id, host, hour_start));
CREATE TABLE ingress_counter_snapshot ({_KEY}, ingress_name TEXT NOT NULL, namespace TEXT NOT NULL,
    service TEXT NOT NULL, method TEXT NOT NULL, status TEXT NOT NULL, counter_value INTEGER NOT NULL,
    updated_at TEXT NOT NULL, UNIQUE(cluster_id, host, method, status));
CREATE TABLE ingress_histogram_snapshot ({_KEY}, ingress_name TEXT NOT NULL, namespace TEXT NOT NULL,
    le REAL NOT NULL, bucket_value INTEGER NOT NULL, updated_at TEXT NOT NULL, UNIQUE(cluster_id, host, le));
CREATE TABLE slo_targets ({_KEY}, ingress_name TEXT NOT NULL DEFAULT '', namespace TEXT NOT NULL DEFAULT '',
    time_range TEXT NOT NULL, availability_target REAL NOT NULL DEFAULT 95.00,
    p95_latency_target INTEGER NOT NULL DEFAULT 300, created_at TEXT NOT NULL, updated_at TEXT NOT NULL,
    UNIQUE(cluster_id, host, time_range));
"""
TRAEFIK_BOUNDS = (0.1, 0.3, 1.2, 5.0, float("inf"))
_COLUMNS_OF_TRAEFIK = ("bucket_100ms", "bucket_250ms", "bucket_1s", "bucket_5s", "bucket_inf")


def rfc3339(time: float) -> str:
    return datetime.fromtimestamp(time, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


@dataclass
class OldDatabase:
    """A database file to fill. Times are Unix seconds."""

    file: Path
    cluster_id: str = "old"
    with_domain: bool = True
    rows: int = 0
    requests: dict[str, int] = field(default_factory=dict)
    """Requests by host, without entry points."""

    def __post_init__(self) -> None:
        self.connection = sqlite3.connect(self.file)
        self.connection.executescript(MAPPING_SQL + OTHER_SQL)
        if self.with_domain:
            for table in ("slo_metrics_raw", "slo_metrics_hourly"):
                self.connection.executescript(DOMAIN_SQL.format(table=table))

    def close(self) -> Path:
        with closing(self.connection):
            self.connection.commit()
        return self.file

    def map(self, domain: str, path: str, key: str, ingress: str = "web", namespace: str = "ns") -> None:
        self._insert(
            "slo_route_mapping",
            domain=domain,
            path_prefix=path,
            ingress_name=ingress,
            namespace=namespace,
            service_key=key,
            service_name="svc",
            service_port=80,
            created_at=rfc3339(0),
            updated_at=rfc3339(0),
        )

    def raw(self, host: str, at: float, requests: int, errors: int = 0, **more: object) -> None:
        self._insert(
            "slo_metrics_raw",
            host=host,
            timestamp=rfc3339(at),
            total_requests=requests,
            error_requests=errors,
            **{"sum_latency_ms": requests * 50, **buckets(requests), **more},
        )

    def hour(self, host: str, at: float, requests: int, errors: int = 0, **more: object) -> None:
        self._insert(
            "slo_metrics_hourly",
            host=host,
            hour_start=rfc3339(at),
            total_requests=requests,
            error_requests=errors,
            **{
                "availability": 100.0,
                "avg_rps": requests / 3600,
                "avg_latency_ms": 50,
                "created_at": rfc3339(at),
                **buckets(requests),
                **more,
            },
        )

    def target(self, host: str, time_range: str = "30d", availability: float = 99.0, p95: int = 500) -> None:
        self._insert(
            "slo_targets",
            host=host,
            time_range=time_range,
            availability_target=availability,
            p95_latency_target=p95,
            created_at=rfc3339(0),
            updated_at=rfc3339(0),
        )

    def last_values(self, host: str, bounds: Iterable[float] = TRAEFIK_BOUNDS) -> None:
        common = {"host": host, "ingress_name": "web", "namespace": "ns", "updated_at": rfc3339(0)}
        self._insert(
            "ingress_counter_snapshot", **common, service="svc", method="GET", status="200", counter_value=1_000
        )
        for bound in bounds:
            self._insert("ingress_histogram_snapshot", **common, le=bound, bucket_value=1_000)

    def _insert(self, table: str, **values: object) -> None:
        named = {"cluster_id": self.cluster_id, **values}
        marks = ", ".join("?" * len(named))
        self.connection.execute(
            f"INSERT INTO {table} ({', '.join(named)}) VALUES ({marks})",  # noqa: S608
            tuple(named.values()),
        )
        self.rows += 1


def buckets(requests: int) -> dict[str, int]:
    """Nine of ten requests under 0.1 s, the rest under 0.3 s, in the AtlHyper columns of Traefik's default bounds."""
    fast = requests * 9 // 10
    return dict(zip(_COLUMNS_OF_TRAEFIK, (fast, requests, requests, requests, requests), strict=True))


def large(file: Path, until: int, rows: int = 100_000) -> OldDatabase:
    """84 days of hourly rows and two days of raw rows, for 40 services and the entry points web and websecure."""
    old = OldDatabase(file)
    random_source = random.Random(7)
    hosts = [f"ns-svc{number}-80@kubernetes" for number in range(40)]
    for number, host in enumerate(hosts[:-2]):
        old.map(f"d{number % 5}.example.com", f"/p{number}", host)
    services = [*hosts, "web", "websecure"]
    first = until - 84 * 86_400
    hours = range(first, until, 3_600)
    for host in services:
        for hour in hours:
            requests = random_source.randrange(1, 500)
            old.hour(host, hour, requests, requests // 100)
            if "@" in host:
                old.requests[host] = old.requests.get(host, 0) + requests
    slots = range(until - 172_800, until, 300)
    while old.rows < rows:
        old.raw(random_source.choice(services), random_source.choice(slots), 3)
    return old
