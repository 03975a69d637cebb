"""The use cases on one engine, with tables of their own and a clock that the test sets."""

import gzip
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import msgspec

from lab.cloud.tables import create_tables
from slo.app.budget import Budgets
from slo.app.exclusions import ExclusionEditor
from slo.app.history import DomainHistory
from slo.app.ingest import Accepted, Ingest
from slo.app.objectives import ObjectiveEditor
from slo.app.query import Query
from slo.app.rollup import Booked, RollUp
from slo.app.route_mapper import RouteMapper
from slo.app.statement import Statements
from slo.app.status_history import StatusHistory
from slo.app.stores import Stores
from slo.app.views import Views
from slo.counting.catalogue import Catalogue
from slo.store.books import DailyBooks, HourlyBooks
from slo.store.catalogues import CatalogueStore
from slo.store.clusters import ClusterStore
from slo.store.ledgers import LedgerStore
from slo.store.objectives import ObjectiveStore
from slo.store.raw import RawStore
from slo.store.route_map import RouteMap
from slo.store.status_history import StatusStore
from slo.store.tokens import TokenStore
from slo.traefik import snapshots
from slo.traefik.snapshots import IngressMetrics, IngressRouteInfo, ProcessMetrics, SeriesRow, Snapshot

CLUSTER = "c1"
SLOT = 300
DELAY = 60
T0 = 1_800_000_000
BOUNDS = (0.1, 0.3, 1.2, 5.0)


@dataclass
class UseCases:
    """A small deployment. Two with the same `names` share their tables."""

    client: Any
    region: str
    host: str | None
    now: float = T0
    names: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.names = self.names or create_tables(self.client, prefix=f"t{uuid4().hex[:8]}-")
        self.stores = Stores(self.setting, self.clock)
        self.catalogues, self.route_map = self.stores.of(CatalogueStore), self.stores.of(RouteMap)
        self.raw, self.ledgers = self.stores.of(RawStore), self.stores.of(LedgerStore)
        self.clusters, self.objectives = self.stores.of(ClusterStore), self.stores.of(ObjectiveStore)
        self.hourly, self.daily = self.stores.of(HourlyBooks), self.stores.of(DailyBooks)
        self.tokens, self.statuses = self.stores.of(TokenStore), self.stores.of(StatusStore)
        self.ingest = Ingest(self.stores)
        self.views = Views(self.stores)
        self.query = Query(self.views)
        self.trends = DomainHistory(self.stores, self.views)
        self.status_history = StatusHistory(self.stores, self.views)
        self.objective_editor = ObjectiveEditor(self.stores)
        self.exclusion_editor = ExclusionEditor(self.stores)
        self.budgets = Budgets(self.stores, self.views)
        self.statements = Statements(self.stores, self.views)

    def setting(self, name: str) -> str | None:
        """A setting, as a function's environment has it."""
        given = {
            "AWS_REGION": self.region,
            "AWS_ENDPOINT_URL": self.host or "",
            "SLOT_SECONDS": str(SLOT),
            "CUTOFF_DELAY_SECONDS": str(DELAY),
            "STACK_NAME": "slo",
        }
        return {**self.names, **given}.get(name)

    def clock(self) -> float:
        return self.now

    def worker(self) -> RollUp:
        return RollUp(self.stores)

    def push(self, snapshot: Snapshot, *, at: float | None = None, sent_at: float | None = None) -> Accepted:
        """Push at a time, by default 1 s after `taken_at`. `sent_at` is by the agent's clock, by default the same."""
        self.now = snapshot.taken_at + 1 if at is None else at
        sent = msgspec.structs.replace(snapshot, sent_at=self.now if sent_at is None else sent_at)
        return self.ingest.accept(snapshot.cluster_id, gzip.compress(snapshots.encode(sent)))

    def roll_up(self, at: float) -> Booked | None:
        """One message of the rollup function."""
        self.now = at
        booked = self.worker().run(CLUSTER)
        RouteMapper(self.stores).run(CLUSTER)
        return booked

    def catalogue(self, cluster_id: str = CLUSTER) -> Catalogue:
        return self.catalogues.get(cluster_id)

    def codes(self, cluster_id: str = CLUSTER) -> dict[str, Counter[str]]:
        """Requests counted up to the watermark, by router name and status code."""
        state = self.clusters.get(cluster_id, consistent=True)
        ledger = self.ledgers.at(cluster_id, state.watermark if state else 0, consistent=True)
        entries = self.catalogue(cluster_id).by_id()
        counted: dict[str, Counter[str]] = defaultdict(Counter)
        for entry_id, row in ledger.rows.items():
            counted[entries[entry_id].label].update(row.counts.codes)
        return dict(counted)

    def requests(self) -> dict[str, int]:
        return {label: codes.total() for label, codes in self.codes().items()}

    def hourly_codes(self, start: int, end: int, cluster_id: str = CLUSTER) -> dict[str, Counter[str]]:
        """The same counts from the hourly books of all domains. An entry of several domains counts once an hour."""
        entries = self.catalogue(cluster_id).by_id()
        seen: dict[tuple[int, int], dict[str, int]] = {}
        for domain in {domain for entry in entries.values() for domain, _ in entry.routes}:
            for book in self.hourly.between(cluster_id, domain, start, end):
                for entry_id, counts in book.entries().items():
                    seen[book.starts_at, entry_id] = counts.codes
        counted: dict[str, Counter[str]] = defaultdict(Counter)
        for (_, entry_id), codes in seen.items():
            counted[entries[entry_id].label].update(codes)
        return {label: codes for label, codes in counted.items() if codes}

    def hourly_requests(self, start: int, end: int) -> dict[str, int]:
        return {label: codes.total() for label, codes in self.hourly_codes(start, end).items()}


def route(domain: str, path: str = "/", **changes: Any) -> IngressRouteInfo:
    router = f"ns-{domain.replace('.', '-')}{path.replace('/', '-')}@kubernetescrd"
    values: dict[str, Any] = {
        "name": domain,
        "namespace": "ns",
        "domain": domain,
        "path_prefix": path,
        "service_key": router,
        "service_name": "svc",
        "service_port": 80,
        "tls": True,
        "router_keys": (router,),
        "service_keys": (router, "ns-svc-80@kubernetes"),
    }
    return IngressRouteInfo(**{**values, **changes})


def row(router: str, ok: int, errors: int = 0, **changes: Any) -> SeriesRow:
    requests = ok + errors
    codes = {"200": ok, "503": errors} if errors else {"200": ok}
    values: dict[str, Any] = {
        "router": router,
        "service": router,
        "codes": codes,
        "methods": {"GET": requests},
        "buckets": (ok, requests, requests, requests, requests),
        "duration_seconds_sum": requests * 0.05,
    }
    return SeriesRow(**{**values, **changes})


def process(rows: list[SeriesRow], taken_at: float, started: float, pod: str = "traefik/a") -> ProcessMetrics:
    return ProcessMetrics(
        pod=pod,
        date=taken_at,
        process_start_time_seconds=started,
        mallocs=(taken_at - started) * 100,
        measured_by="router" if any(item.router for item in rows) else "service",
        bounds=BOUNDS,
        rows=tuple(rows),
    )


def snapshot(
    taken_at: float, processes: list[ProcessMetrics], routes: tuple[IngressRouteInfo, ...] = (), **changes: Any
) -> Snapshot:
    values: dict[str, Any] = {
        "cluster_id": CLUSTER,
        "snapshot_id": uuid4().hex,
        "taken_at": taken_at,
        "sent_at": taken_at,
        "scope": "scope",
        "ingress_routes": routes,
        "ingress_metrics": IngressMetrics(processes=tuple(processes)),
    }
    return Snapshot(**{**values, **changes})
