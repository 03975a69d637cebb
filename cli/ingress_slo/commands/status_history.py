"""`ingress-slo status-history`."""

import time
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any

import typer

from ingress_slo import options
from ingress_slo.drawing import percent
from ingress_slo.output import at_most, show_json, show_table
from ingress_slo.times import moment, utc_text
from ingress_slo.words import Language, Words, words_for


def status_history(
    cluster: options.OneCluster = "",
    url: options.Url = "",
    token: options.ApiToken = "",
    domain: Annotated[str, typer.Option(help="Only this domain and its routes.")] = "",
    path: Annotated[str, typer.Option(help="Only this route of the domain.")] = "",
    time_range: Annotated[str, typer.Option(help="1d, 7d or 30d: only the status for this one; by default all.")] = "",
    start: Annotated[str, typer.Option("--from", metavar="TIME", help="Start: 2026-11-24T06:00Z, or 7d.")] = "",
    end: Annotated[str, typer.Option("--to", metavar="TIME", help="End; by default now.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="At most so many changes.")] = 100,
    lang: Annotated[Language | None, typer.Option(help="Language; by default that of the locale.")] = None,
    as_json: options.AsJson = False,
    stack: options.StackName = options.STACK,
    region: options.Region = "",
) -> None:
    """List the changes of status, newest first."""
    api, now = options.api(url, token, stack, region), time.time()
    asked = {
        "cluster_id": options.one_cluster(api, cluster),
        "domain": domain,
        "path_prefix": path,
        "time_range": time_range,
        "from": _utc(start, now),
        "to": _utc(end, now),
    }
    found = api.status_changes(**{name: value for name, value in asked.items() if value})
    changes = at_most(limit, found)
    if as_json:
        show_json(changes)
        return
    show_table(
        ("TIME", "DOMAIN", "PATH", "RANGE", "FROM", "TO", "AVAILABILITY"),
        _rows(changes, words_for(lang)),
        empty="No status has changed.",
    )


def _utc(text: str, now: float) -> str:
    """A time as the API takes it; empty if none is given. Raises typer.BadParameter."""
    try:
        return utc_text(moment(text, now)).replace(" ", "T") if text else ""
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def _rows(changes: list[dict[str, Any]], words: Words) -> Iterator[tuple[str, ...]]:
    for change in changes:
        availability = change["availability"]
        yield (
            utc_text(datetime.fromisoformat(change["at"]).timestamp()),
            change["domain"],
            change["path_prefix"] or "(all)",
            change["time_range"],
            words.statuses[change["old_status"]],
            words.statuses[change["new_status"]],
            "-" if availability is None else percent(availability),
        )
