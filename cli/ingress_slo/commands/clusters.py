"""`ingress-slo clusters`: lists the clusters, and removes decommissioned ones."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

import msgspec
import typer

from ingress_slo import options
from ingress_slo.failures import interruptible
from ingress_slo.options import check_cluster_id, parsed
from ingress_slo.output import console, note, progress, show_json, show_table
from ingress_slo.stack import Stack
from ingress_slo.times import duration_text, utc_text
from slo.api.tokens import Token
from slo.app.remove_cluster import RemoveCluster

app = typer.Typer(invoke_without_command=True, help="List the clusters; remove a decommissioned one.")

_GO_ON = "To resume, run the same command again."
Confirmed = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
Forced = Annotated[bool, typer.Option("--force", help="Remove it although it pushed within the last ten minutes.")]


@app.callback()
def clusters(
    context: typer.Context,
    url: options.Url = "",
    token: options.ApiToken = "",
    as_json: options.AsJson = False,
    stack: options.StackName = options.STACK,
    region: options.Region = "",
) -> None:
    """List the clusters with the state of their agent and their rollup; or remove one."""
    if context.invoked_subcommand is not None:
        return
    found: Sequence[dict[str, Any]] = options.api(url, token, stack, region).clusters()["clusters"]
    if as_json:
        show_json(found)
        return
    show_table(
        ("CLUSTER", "LAST SNAPSHOT", "AGENT", "ROUTES", "ROUTER LABELS", "TRAEFIK", "LAG", "WARNINGS"),
        (_row(cluster) for cluster in found),
        empty="No cluster has pushed yet: install the agent.",
    )
    for cluster in found:
        for warning in cluster["warnings"]:
            console().print(f"{cluster['cluster_id']}: {warning}", style="yellow", markup=False)


def _row(cluster: dict[str, Any]) -> tuple[str, ...]:
    last = utc_text(datetime.fromisoformat(cluster["last_snapshot_at"]).timestamp())
    lag, labels = cluster["lag_seconds"], cluster["router_labels"]
    unreachable = f", {cluster['unreachable']} unreachable" if cluster["unreachable"] else ""
    return (
        cluster["cluster_id"],
        f"{last} (stale)" if cluster["stale"] else last,
        cluster["agent_version"] or "-",
        "complete" if cluster["routes_complete"] else "incomplete",
        {True: "on", False: "off", None: "-"}[labels],
        f"{cluster['processes']}{unreachable}",
        "-" if lag is None else duration_text(lag),
        str(len(cluster["warnings"])),
    )


@app.command()
def remove(
    cluster: Annotated[str, typer.Argument(parser=parsed(check_cluster_id), help="Id of the cluster.")],
    dry_run: options.DryRun = False,
    yes: Confirmed = False,
    force: Forced = False,
    as_json: options.AsJson = False,
    stack: options.StackName = options.STACK,
    region: options.Region = "",
) -> None:
    """Remove a decommissioned cluster from all tables: its state, figures, history, objectives and routes."""
    remover = RemoveCluster(Stack.of(stack, region).stores)
    found = remover.contents(cluster)
    for token in found.tokens:
        note(_advice(token))
    if not force:
        remover.check_silent(found)
    if not dry_run and found.total:
        if not yes:
            typer.confirm(f"Delete {found.total:,} items of cluster {cluster!r} for good?", abort=True, err=True)
        with progress("removing", found.total) as step, interruptible(_GO_ON):
            found = msgspec.structs.replace(found, items=remover.run(cluster, step.done, is_forced=force))
    if as_json:
        document = {"cluster_id": cluster, "dry_run": dry_run, "items": found.items}
        show_json({**document, "tokens": [token.id for token in found.tokens]})
    elif found.total:
        verb = "WOULD DELETE" if dry_run else "DELETED"
        show_table(("TABLE", verb), ((name, f"{count:,}") for name, count in found.items.items()), empty="")
    else:
        note(f"Nothing is stored of cluster {cluster!r}: `ingress-slo clusters` lists the clusters.")


def _advice(token: Token) -> str:
    others = "" if len(token.clusters) == 1 else ", which is for other clusters as well"
    return (
        f"The token {token.id} ({token.label}, {token.scope}) is still valid{others}. "
        f"Revoke it: ingress-slo tokens revoke {token.id}"
    )
