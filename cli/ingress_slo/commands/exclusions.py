"""`ingress-slo exclusions`: lists the times that do not count for objectives, adds one and removes one."""

import time
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import quote

import typer

from ingress_slo import options
from ingress_slo.figures import subject_text
from ingress_slo.options import parsed
from ingress_slo.output import note, show_json, show_table
from ingress_slo.telling import time_text
from ingress_slo.times import moment
from slo.objectives.targets import ALL_CLUSTERS

app = typer.Typer(cls=options.WithList, help="Times that do not count for objectives; by default list them.")

_ONCE = "once"


@app.command("list")
def list_exclusions(
    cluster: options.OneOrAllClusters = "",
    domain: Annotated[str, typer.Option(help="Only what is excluded for exactly this domain or its routes.")] = "",
    path: Annotated[str, typer.Option(help="Only what is excluded for exactly this route of it.")] = "",
    url: options.Url = "",
    token: options.ApiToken = "",
    as_json: options.AsJson = False,
    stack: options.StackName = options.STACK,
    region: options.Region = "",
) -> None:
    """List the times that do not count, the one that begins last first."""
    api = options.api(url, token, stack, region)
    found = [
        each
        for each in api.get("exclusions", cluster_id=options.one_cluster(api, cluster))["exclusions"]
        if domain in ("", each["domain"]) and path in ("", each["path_prefix"])
    ]
    if as_json:
        show_json(found)
        return
    show_table(
        ("ID", "SUBJECT", "FROM", "TO", "RECURS", "BY", "REASON"),
        (
            (
                each["exclusion_id"],
                subject_text(each),
                time_text(each["from"]),
                time_text(each["to"]),
                _recurs(each),
                each["set_by"],
                each["reason"],
            )
            for each in found
        ),
        empty="Every time counts: nothing is excluded.",
    )


def _recurs(exclusion: dict[str, Any]) -> str:
    return f"{exclusion['rule']} ({exclusion['time_zone']})" if exclusion["rule"] else _ONCE


@app.command()
def add(
    start: Annotated[str, typer.Option("--from", metavar="TIME", help="Such as 2026-11-27T14:00Z, or 2h for ago.")],
    end: Annotated[str, typer.Option("--to", metavar="TIME", help="Such as 2026-11-27T15:10Z, or 30m for ago.")],
    reason: Annotated[str, typer.Option(help="Why it does not count; everybody who sees the figures reads it.")],
    cluster: options.OneOrAllClusters = "",
    domain: Annotated[str, typer.Option(help="The domain; by default the whole cluster, or all clusters.")] = "",
    path: Annotated[str, typer.Option(help="The route of the domain; by default the whole domain.")] = "",
    rule: Annotated[
        str, typer.Option(help="How it recurs from there, in the words of RFC 5545: FREQ=WEEKLY;BYDAY=SU.")
    ] = "",
    time_zone: Annotated[str, typer.Option(help="Where a recurring one begins at the same time of day.")] = "UTC",
    url: options.Url = "",
    token: options.ApiToken = "",
    as_json: options.AsJson = False,
    stack: options.StackName = options.STACK,
    region: options.Region = "",
) -> None:
    """Exclude a time from the objectives of all clusters, a cluster, a domain or a route.

    Needs a token with scope manage.
    """
    now = time.time()
    began, ended = (parsed(lambda text: moment(text, now))(given) for given in (start, end))
    body = {"from": _rfc3339(began), "to": _rfc3339(ended), "reason": reason, "rule": rule, "time_zone": time_zone}
    api = options.api(url, token, stack, region)
    asked = {"cluster_id": options.one_cluster(api, cluster), "domain": domain, "path_prefix": path}
    made = api.send("POST", "exclusions", body, **{name: value for name, value in asked.items() if value})
    if as_json:
        show_json(made)
        return
    every = f" --cluster '{ALL_CLUSTERS}'" if made["cluster_id"] == ALL_CLUSTERS else ""
    again = f", and then {made['rule']} ({made['time_zone']})" if made["rule"] else ""
    note(
        f"{subject_text(made)}: {time_text(made['from'])} to {time_text(made['to'])} does not count{again}. "
        f"To undo it: ingress-slo exclusions remove {made['exclusion_id']}{every}"
    )


def _rfc3339(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat()


@app.command()
def remove(
    exclusion_id: Annotated[str, typer.Argument(help="Id of the exclusion from `exclusions list`.")],
    cluster: options.OneOrAllClusters = "",
    url: options.Url = "",
    token: options.ApiToken = "",
    stack: options.StackName = options.STACK,
    region: options.Region = "",
) -> None:
    """Undo an exclusion: every figure is what it was before."""
    api = options.api(url, token, stack, region)
    cluster = options.one_cluster(api, cluster)
    api.send("DELETE", f"exclusions/{quote(exclusion_id, safe='')}", cluster_id=cluster)
    note(f"The exclusion {exclusion_id} is undone: its time counts again.")
