"""`ingress-slo mute`: lets nobody be told about a subject until an end."""

import time
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import quote

import typer

from ingress_slo import options
from ingress_slo.options import parsed
from ingress_slo.output import note, show_json, show_table
from ingress_slo.telling import time_text
from ingress_slo.times import lifetime_seconds, moment

app = typer.Typer(cls=options.WithList, help="Mute subjects during planned work; by default list what is muted.")


@app.command("list")
def list_mutes(
    url: options.Url = "",
    token: options.ApiToken = "",
    as_json: options.AsJson = False,
    stack: options.StackName = options.STACK,
    region: options.Region = "",
) -> None:
    """List what is muted now."""
    found = options.api(url, token, stack, region).get("mutes")["mutes"]
    if as_json:
        show_json(found)
        return
    show_table(
        ("ID", "CLUSTER", "DOMAIN", "PATH", "UNTIL", "BY", "REASON"),
        (
            (
                mute["mute_id"],
                mute["cluster_id"],
                mute["domain"],
                mute["path_prefix"] or "-",
                time_text(mute["until"]),
                mute["muted_by"],
                mute["reason"],
            )
            for mute in found
        ),
        empty="Nothing is muted.",
    )


@app.command()
def add(
    reason: Annotated[str, typer.Option(help="Why, for those who wonder about the silence.")],
    lasting: Annotated[
        int | None, typer.Option("--for", parser=parsed(lifetime_seconds), metavar="DURATION", help="Such as 2h.")
    ] = None,
    until: Annotated[str, typer.Option(help="Or its end, such as 2026-11-24T06:00Z.")] = "",
    cluster: Annotated[str, typer.Option(help="Only this cluster; `*` stands for any characters.")] = "",
    domain: Annotated[str, typer.Option(help="Only this domain; `*` stands for any characters.")] = "*",
    path: Annotated[str, typer.Option(help="Only while nothing but this route of it fails.")] = "",
    url: options.Url = "",
    token: options.ApiToken = "",
    as_json: options.AsJson = False,
    stack: options.StackName = options.STACK,
    region: options.Region = "",
) -> None:
    """Mute a subject: nobody is told about it, and its incidents are kept all the same."""
    if (lasting is None) == (not until):
        raise typer.BadParameter("give either --for and a duration, or --until and a time")
    now = time.time()
    end = parsed(lambda text: moment(text, now))(until) if lasting is None else now + lasting
    body: dict[str, Any] = {
        "cluster_id": cluster or None,
        "domain": domain,
        "path_prefix": path or None,
        "until": datetime.fromtimestamp(end, UTC).isoformat(),
        "reason": reason,
    }
    mute = options.api(url, token, stack, region).send("POST", "mutes", body)
    if as_json:
        show_json(mute)
        return
    note(f"Muted until {time_text(mute['until'])}. To end it: ingress-slo mute remove {mute['mute_id']}")


@app.command()
def remove(
    mute_id: Annotated[str, typer.Argument(help="Id of the mute from `mute list`.")],
    url: options.Url = "",
    token: options.ApiToken = "",
    stack: options.StackName = options.STACK,
    region: options.Region = "",
) -> None:
    """End a mute now."""
    options.api(url, token, stack, region).send("DELETE", f"mutes/{quote(mute_id, safe='')}")
    note(f"The mute {mute_id} is over.")
