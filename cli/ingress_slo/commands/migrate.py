"""`ingress-slo migrate FILE.db`."""

import time
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from ingress_slo import options
from ingress_slo.atlhyper.account import Account, totals
from ingress_slo.atlhyper.attribution import ENTRY_POINTS
from ingress_slo.atlhyper.database import HOURLY, RAW, Database
from ingress_slo.atlhyper.move import Moved, read, write
from ingress_slo.failures import OperatorError, interruptible
from ingress_slo.options import check_cluster_id
from ingress_slo.output import console, note, progress, show_json, show_table
from ingress_slo.stack import Stack
from slo.app.import_history import ImportHistory
from slo.store.objectives import ObjectiveStore

_GO_ON = "Nothing is left half-written. To resume, run the same command again."
_UNATTRIBUTED_SHOWN = 20


def migrate(
    file: Annotated[Path, typer.Argument(help="AtlHyper's SQLite database, or a copy of it.")],
    cluster: Annotated[
        list[str] | None,
        typer.Option(metavar="OLD[=NEW]", help="Only this cluster, optionally with a new id; may be repeated."),
    ] = None,
    entry_point: Annotated[
        list[str] | None,
        typer.Option(help=f"Also drop this entry point's rows. Always dropped: {', '.join(sorted(ENTRY_POINTS))}."),
    ] = None,
    dry_run: options.DryRun = False,
    as_json: options.AsJson = False,
    stack: options.StackName = options.STACK,
    region: options.Region = "",
) -> None:
    """Import history and objectives from AtlHyper. Running it again writes only what is new or different."""
    stores, now = Stack.of(stack, region).stores, time.time()
    importer, objectives = ImportHistory(stores), stores.of(ObjectiveStore)
    entry_points = ENTRY_POINTS | set(entry_point or ())
    moved = []
    with Database(file) as database, interruptible(_GO_ON):
        for old_id, cluster_id in _renamed(database.clusters(), cluster or ()):
            rows = sum(database.count(table, old_id) for table in (RAW, HOURLY))
            with progress(f"reading {old_id}", rows) as step:
                reading = read(
                    database,
                    old_id,
                    cluster_id,
                    entry_points=entry_points,
                    until=importer.ends_at(cluster_id),
                    now=now,
                    progress=step.done,
                )
            with progress(f"writing {cluster_id}, day by day", reading.days) as step:
                moved.append(
                    write(reading, database, importer, objectives, now=now, progress=step.done, dry_run=dry_run)
                )
    if as_json:
        show_json([item.document() for item in moved])
        return
    for item in moved:
        _show(item, dry_run=dry_run)


def _renamed(known: list[str], asked: Iterable[str]) -> list[tuple[str, str]]:
    """(old id, new id) of each cluster to move. Raises OperatorError or typer.BadParameter."""
    pairs = [text.partition("=") for text in asked] or [(old, "", "") for old in known]
    for old, _, _ in pairs:
        if old not in known:
            raise OperatorError(f"The file has no cluster {old!r}; it has {', '.join(known) or 'none'}.")
    return [(old, check_cluster_id(new or old)) for old, _, new in pairs]


def _row(account: Account) -> tuple[str, ...]:
    counts = (account.read, account.moved, account.dropped.total(), account.unattributed)
    return (account.table, *(f"{count:,}" for count in counts))


def _show(moved: Moved, *, dry_run: bool) -> None:
    name = moved.old_id if moved.old_id == moved.cluster_id else f"{moved.old_id} as {moved.cluster_id}"
    console().print(f"Cluster {name}{' (dry run: nothing is written)' if dry_run else ''}", style="bold", markup=False)
    accounts = [account for account in moved.accounts if account.read]
    show_table(
        ("TABLE", "READ", "MOVED", "DROPPED", "LEFT"),
        (_row(account) for account in (*accounts, totals(accounts))),
        empty="The file has no rows of this cluster.",
    )
    for account in accounts:
        for reason, rows in sorted(account.dropped.items()):
            console().print(f"dropped from {account.table}: {rows:,} ({reason})", style="dim", markup=False)
    if moved.unattributed:
        console().print("Services without a route, kept under their own names:", markup=False)
        for service in moved.unattributed[:_UNATTRIBUTED_SHOWN]:
            console().print(f"  {service.name}  {service.rows:,} rows, {service.requests:,} requests", markup=False)
        if len(moved.unattributed) > _UNATTRIBUTED_SHOWN:
            more = len(moved.unattributed) - _UNATTRIBUTED_SHOWN
            console().print(f"  and {more} more: --json lists them all", style="dim")
    if not moved.has_latencies:
        note("The imported history has no latencies: this version of AtlHyper stores them in an unsupported form.")
    imported, verb = moved.imported, "would be written" if dry_run else "written"
    note(
        f"{imported.days_written} of {imported.days} days {verb} ({imported.ledgers:,} ledgers, {imported.books:,} "
        f"books); the others exist already. {imported.watched_ledgers:,} later ledgers include the imported counts."
    )
