"""`ingress-slo clusters`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from ingress_slo import options
from ingress_slo.output import console, show_json, show_table
from ingress_slo.times import duration_text, utc_text


def clusters(
    url: options.Url = "",
    token: options.ApiToken = "",
    as_json: options.AsJson = False,
    stack: options.StackName = options.STACK,
    region: options.Region = "",
) -> None:
    """List the clusters with the state of their agent and their rollup."""
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
            console.print(f"{cluster['cluster_id']}: {warning}", style="yellow", markup=False)


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
