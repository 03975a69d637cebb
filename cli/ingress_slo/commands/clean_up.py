"""`ingress-slo clean-up`."""

from typing import Annotated

import msgspec
import typer

from ingress_slo import options
from ingress_slo.failures import interruptible
from ingress_slo.output import progress, show_json, show_table
from ingress_slo.stack import Stack
from slo.app.clean_up import CleanUp


def clean_up(
    cluster: Annotated[str | None, typer.Option(help="Only this cluster.")] = None,
    dry_run: options.DryRun = False,
    as_json: options.AsJson = False,
    stack: options.StackName = options.STACK,
    region: options.Region = "",
) -> None:
    """Delete entry points, expired routes and series that nothing refers to, as the daily clean-up does."""
    done = []
    with progress("cleaning up") as step, interruptible("To resume, run the same command again."):
        for found in CleanUp(Stack.of(stack, region).stores).run(cluster, dry_run=dry_run):
            done.append(found)
            step.done()
    if as_json:
        show_json([msgspec.to_builtins(found) for found in done])
        return
    verb = "WOULD FORGET" if dry_run else "FORGOT"
    show_table(
        ("CLUSTER", "RETIRED ROUTES", "SERIES RETIRED", f"{verb}: ENTRY POINTS", "SERIES", "ROUTES", "MAPPINGS MENDED"),
        (
            (
                found.cluster_id,
                str(found.retired_routes),
                str(found.catalogue.retired_entries),
                str(found.catalogue.entry_points),
                str(found.catalogue.entries),
                str(found.catalogue.routes),
                str(found.mappings_removed + found.mappings_added),
            )
            for found in done
        ),
        empty="There is no such cluster." if cluster else "No cluster has pushed yet.",
    )
