"""Imports one cluster: reads its rows, attributes them, writes them, and accounts for every row."""

from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass
from typing import Any

import msgspec

from ingress_slo.atlhyper.account import ENTRY_POINT, LAST_VALUE, Account, Unattributed, totals
from ingress_slo.atlhyper.attribution import Attribution, route_infos
from ingress_slo.atlhyper.database import COUNTERS, HISTOGRAMS, HOURLY, MAPPING, RAW, Database
from ingress_slo.atlhyper.history import HistoryBuilder
from ingress_slo.atlhyper.targets import TargetMover
from slo.app.import_history import Imported, ImportHistory
from slo.counting.imported import ImportedHistory
from slo.counting.retention import DAYS_KEPT_SECONDS
from slo.store.objectives import ObjectiveStore
from slo.times import DAY_SECONDS
from slo.traefik.domains import canonical

Progress = Callable[[int], None]


@dataclass(frozen=True)
class Moved:
    """The result for one cluster."""

    old_id: str
    cluster_id: str
    accounts: tuple[Account, ...]
    unattributed: tuple[Unattributed, ...]
    imported: Imported
    has_latencies: bool

    def document(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "old_cluster_id": self.old_id,
            "cluster_id": self.cluster_id,
            "tables": [account.document() for account in self.accounts],
            "total": totals(self.accounts).document(),
            "left": [asdict(service) for service in self.unattributed],
            "imported": msgspec.structs.asdict(self.imported),
        }


@dataclass(frozen=True)
class Reading:
    """Everything read for one cluster, before anything is written."""

    old_id: str
    cluster_id: str
    history: ImportedHistory
    accounts: tuple[Account, ...]
    unattributed: dict[str, Unattributed]
    attribution: Attribution

    @property
    def days(self) -> int:
        """The number of UTC days with data in the history."""
        return len({span.start // DAY_SECONDS for span in self.history.spans})


def read(
    database: Database,
    old_id: str,
    cluster_id: str,
    *,
    entry_points: Collection[str],
    until: int,
    now: float,
    progress: Progress,
) -> Reading:
    """Read a cluster's history up to `until`. Times are Unix seconds. `progress` gets the number of rows just read."""
    mappings = database.mappings(old_id)
    attribution = Attribution(mappings, entry_points)
    builder = HistoryBuilder(attribution, oldest=int(now) - DAYS_KEPT_SECONDS + DAY_SECONDS, until=until)
    builder.read(database, old_id, progress)
    history = builder.history(database.bounds(old_id), route_infos(mappings))
    mapped = Account(MAPPING, read=len(mappings), moved=len(mappings))
    snapshots = (_last_values(database, table, old_id, attribution) for table in (COUNTERS, HISTOGRAMS))
    accounts = (mapped, builder.accounts[RAW], builder.accounts[HOURLY], *snapshots)
    return Reading(old_id, cluster_id, history, accounts, builder.unattributed, attribution)


def _last_values(database: Database, table: str, old_id: str, attribution: Attribution) -> Account:
    """Account for counters' last values. They are dropped: their increases are in the raw rows."""
    account = Account(table)
    for host in database.hosts(table, old_id):
        account.read += 1
        account.drop(ENTRY_POINT if attribution.is_entry_point(host) else LAST_VALUE)
    return account


def write(
    reading: Reading,
    database: Database,
    importer: ImportHistory,
    objectives: ObjectiveStore,
    *,
    now: float,
    progress: Progress,
    dry_run: bool,
) -> Moved:
    """Import the history and set the objectives. `progress` gets the number of days just written."""
    imported = importer.run(reading.cluster_id, reading.history, progress, dry_run=dry_run)
    domains = {canonical(info.domain) for info in reading.history.routes}
    mover = TargetMover(objectives, reading.attribution, domains, now)
    mover.move(database, reading.old_id, reading.cluster_id, dry_run=dry_run)
    unattributed = [*reading.unattributed.values(), *mover.unattributed.values()]
    return Moved(
        reading.old_id,
        reading.cluster_id,
        (*reading.accounts, mover.account),
        tuple(sorted(unattributed, key=lambda item: (-item.requests, item.name))),
        imported,
        database.has_latencies,
    )
