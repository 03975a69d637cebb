"""`ingress-slo incidents`: lists, shows, watches and acknowledges incidents."""

import json
import time
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import quote

import typer

from ingress_slo import options, telling
from ingress_slo.api import Api, ApiError
from ingress_slo.drawing import percent
from ingress_slo.output import at_most, console, note, show_json, show_line, show_table

app = typer.Typer(cls=options.WithList, help="List, watch and acknowledge incidents; by default list them.")

_SHOWN = 50
_OVERLAP_SECONDS = 600
"""The watch looks back so far each time: what an evaluation found is not there at once."""
IncidentId = Annotated[str, typer.Argument(help="Id of the incident from `incidents list`.")]


@app.command("list")
def list_incidents(
    cluster: options.OneCluster = "",
    status: Annotated[str, typer.Option(help="Of open, acknowledged, resolved; by default all.")] = "",
    domain: Annotated[str, typer.Option(help="Only this domain.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = _SHOWN,
    url: options.Url = "",
    token: options.ApiToken = "",
    as_json: options.AsJson = False,
    stack: options.StackName = options.STACK,
    region: options.Region = "",
) -> None:
    """List incidents: what is not resolved first, then the latest."""
    api = options.api(url, token, stack, region)
    asked = {"cluster_id": options.one_cluster(api, cluster), "status": status, "domain": domain}
    found = at_most(limit, api.incidents(**{name: value for name, value in asked.items() if value}))
    if as_json:
        show_json(found)
        return
    now = time.time()
    show_table(
        ("STATUS", "SEVERITY", "KIND", "SUBJECT", "SINCE", "LASTED", "FAILED", "ID"),
        (
            (
                incident["status"],
                incident["severity"],
                incident["kind"],
                telling.subject(incident),
                telling.time_text(incident["since"]),
                telling.lasted(incident, now),
                f"{incident['errors']:,}/{incident['requests']:,}" if incident["requests"] else "-",
                incident["incident_id"],
            )
            for incident in found
        ),
        empty="There are no such incidents.",
    )


@app.command()
def show(
    incident_id: IncidentId,
    cluster: options.OneCluster = "",
    url: options.Url = "",
    token: options.ApiToken = "",
    as_json: options.AsJson = False,
    stack: options.StackName = options.STACK,
    region: options.Region = "",
) -> None:
    """Show an incident: what happened when, what fails, and what changed before it."""
    api = options.api(url, token, stack, region)
    incident = api.get(_path(incident_id), cluster_id=options.one_cluster(api, cluster))
    if as_json:
        show_json(incident)
        return
    out = console()
    out.print(f"{telling.subject(incident)}: {incident['kind']}, {incident['severity']}, {incident['status']}")
    out.print(f"since {telling.time_text(incident['since'])}, {telling.lasted(incident, time.time())}")
    if counted := telling.failures(incident, incident["kind"]):
        out.print(counted)
    if incident["budget_spent"] is not None:
        out.print(f"cost {percent(incident['budget_spent'])} of the error budget")
    for step in incident["steps"]:
        out.print(telling.line(incident, step))
    for route in incident["routes"]:
        out.print(f"fails: {route['path_prefix']}  {telling.failures(route, incident['kind'])}")
    for change in incident["changes"]:
        services = " -> ".join(name for name in (change["before"], change["service"]) if name)
        out.print(f"changed before: {change['path_prefix']} {change['what']}, {services}")


@app.command()
def watch(
    cluster: options.OneCluster = "",
    every: Annotated[float, typer.Option(min=1, help="Seconds between two looks.")] = 15,
    url: options.Url = "",
    token: options.ApiToken = "",
    as_json: options.AsJson = False,
    stack: options.StackName = options.STACK,
    region: options.Region = "",
) -> None:
    """Print a line for each thing that happens to an incident, until Ctrl-C; first what is not resolved."""
    api, news = options.api(url, token, stack, region), telling.News()
    cluster = options.one_cluster(api, cluster)
    _tell(news, api, as_json, cluster_id=cluster, status="open,acknowledged")
    looked_at = time.time()
    while True:
        time.sleep(every)
        since = datetime.fromtimestamp(looked_at - _OVERLAP_SECONDS, UTC).isoformat()
        try:
            _tell(news, api, as_json, cluster_id=cluster, **{"from": since})
        except ApiError as error:
            note(f"{error} The next look is in {every:g} s.", style="yellow")
        else:
            looked_at = time.time()


def _path(incident_id: str) -> str:
    return f"incidents/{quote(incident_id, safe='')}"


def _tell(news: telling.News, api: Api, as_json: bool, **asked: str) -> None:
    for incident, step in news.since_then(api.incidents(**asked)):
        text = json.dumps({**_key(incident), **step}) if as_json else telling.line(incident, step)
        show_line(text)


def _key(incident: dict[str, Any]) -> dict[str, Any]:
    return {name: incident[name] for name in ("incident_id", "cluster_id", "kind", "subject", "path_prefix")}


@app.command()
def acknowledge(
    incident_id: IncidentId,
    cluster: options.OneCluster = "",
    url: options.Url = "",
    token: options.ApiToken = "",
    stack: options.StackName = options.STACK,
    region: options.Region = "",
) -> None:
    """Acknowledge an incident: you are looking at it, and nobody is reminded. Needs a token with scope manage."""
    api = options.api(url, token, stack, region)
    incident = api.send("POST", f"{_path(incident_id)}/acknowledge", cluster_id=options.one_cluster(api, cluster))
    at = telling.time_text(incident["acknowledged_at"])
    note(f"{telling.subject(incident)} is acknowledged by {incident['acknowledged_by']} since {at}.")
