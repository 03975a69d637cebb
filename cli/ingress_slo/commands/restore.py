"""`ingress-slo restore`."""

from typing import Annotated

import msgspec
import typer

from ingress_slo import options
from ingress_slo.failures import OperatorError, interruptible
from ingress_slo.output import progress, show_json, show_table
from ingress_slo.stack import Stack
from ingress_slo.times import utc_text
from slo.app.restore import Restore, Restored
from slo.store.errors import LostClaimError

_GO_ON = "To resume, run the same command again."


def restore(
    cluster: Annotated[str | None, typer.Option(help="Only this cluster.")] = None,
    dry_run: options.DryRun = False,
    as_json: options.AsJson = False,
    stack: options.StackName = options.STACK,
    region: options.Region = "",
) -> None:
    """Bring the tables into agreement after some were restored to an earlier time, or lost."""
    done = []
    try:
        with progress("comparing tables") as step, interruptible(_GO_ON):
            for found in Restore(Stack.of(stack, region).stores).run(cluster, dry_run=dry_run):
                done.append(found)
                step.done()
    except LostClaimError as error:
        raise OperatorError(f"A rollup of cluster {error} is running. {_GO_ON}") from error
    if as_json:
        show_json([{**msgspec.to_builtins(found), "agrees": found.agrees} for found in done])
        return
    show_table(
        ("CLUSTER", "BOOKED UNTIL", "GOES ON FROM", "RAW SINCE", "LATER LEDGERS", "HOURS, DAYS CLOSED AGAIN", "IDS"),
        (_row(found) for found in done),
        empty="No cluster has pushed yet.",
    )


def _row(found: Restored) -> tuple[str, ...]:
    return (
        found.cluster_id,
        utc_text(found.watermark or None),
        "agrees" if found.agrees else utc_text(found.goes_on_from),
        utc_text(found.raw_since or None),
        "computed again" if found.is_ledger_lost else str(found.ledgers),
        f"{found.hours}, {found.days}",
        str(found.ids),
    )
