"""`ingress-slo export`."""

import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

import typer

from ingress_slo import options
from ingress_slo.api import Api
from ingress_slo.export.formats import Format, text
from ingress_slo.export.parts import Parts
from ingress_slo.export.rows import ExportRow, ExportSubject, listed, points
from ingress_slo.failures import OperatorError, interruptible
from ingress_slo.output import note, progress
from ingress_slo.times import moment, utc_text
from slo.traefik.domains import canonical

_WITH_FILE = "To resume, run the same command again: what has been read is kept in {file}."
_WITHOUT_FILE = "Nothing has been written. With --output FILE an export can be resumed."


def export(
    subject: Annotated[ExportSubject, typer.Argument(help="domains, routes, or their history.")],
    cluster: options.OneCluster = "",
    chosen: Annotated[Format, typer.Option("--format", help="csv, json or openmetrics.")] = "csv",
    time_range: Annotated[str, typer.Option(help="1d, 7d or 30d, up to now.")] = "1d",
    start: Annotated[str, typer.Option("--from", metavar="TIME", help="Start: 2026-11-24T06:00Z, or 90d.")] = "",
    end: Annotated[str, typer.Option("--to", metavar="TIME", help="End; by default now.")] = "",
    domain: Annotated[list[str] | None, typer.Option(help="Only this domain; may be repeated.")] = None,
    by_route: Annotated[bool, typer.Option("--by-route", help="Also export the history of each route.")] = False,
    output: Annotated[Path | None, typer.Option(help="File to write; by default standard output.")] = None,
    url: options.Url = "",
    token: options.ApiToken = "",
    stack: options.StackName = options.STACK,
    region: options.Region = "",
) -> None:
    """Export the figures of a time range as CSV, JSON or OpenMetrics."""
    now = time.time()
    api, window = options.api(url, token, stack, region), _window(time_range, start, end, now)
    cluster = options.one_cluster(api, cluster)
    if subject == "history":
        asked = {"cluster": cluster, "window": [time_range, start, end], "domains": domain or [], "by_route": by_route}
        parts = Parts(output, asked, window, now) if output else None
        rows = _history(api, cluster, window, domain or [], parts, by_route=by_route)
    else:
        rows = list(_listed(api, cluster, window, domain or [], subject))
    document = text(rows, subject, chosen)
    if output is None:
        typer.echo(document, nl=False)
        return
    output.write_text(document, encoding="utf-8")
    note(f"Wrote {len(rows)} rows to {output}.")


def _window(time_range: str, start: str, end: str, now: float) -> dict[str, str]:
    """The API's parameters for a window. Raises typer.BadParameter."""
    if not (start or end):
        return {"time_range": time_range}
    try:
        bounds = {"from": moment(start, now) if start else None, "to": moment(end, now) if end else None}
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    return {name: utc_text(bound).replace(" ", "T") for name, bound in bounds.items() if bound is not None}


def _listed(
    api: Api, cluster: str, window: dict[str, str], domains: list[str], subject: ExportSubject
) -> Iterator[ExportRow]:
    missing = _Wanted(domains)
    for answer in api.pages("domains", cluster_id=cluster, **window):
        yield from (row for row in listed(answer, subject) if missing.has(row["domain"]))
    if missing.names:
        named = ", ".join(map(repr, missing.names))
        raise OperatorError(f"Cluster {cluster!r} serves no domain {named}: `ingress-slo tree` shows its domains.")


def _history(
    api: Api, cluster: str, window: dict[str, str], domains: list[str], parts: Parts | None, *, by_route: bool
) -> list[ExportRow]:
    """Send one request for each domain and route. With `parts`, skip those that an interrupted run has read."""
    rows: list[ExportRow] = []
    window = parts.window if parts else window
    go_on = _WITH_FILE.format(file=parts.file) if parts else _WITHOUT_FILE
    with progress("reading history") as step, interruptible(go_on):
        subjects = list(_subjects(api, cluster, window, domains, by_route=by_route))
        step.expect(len(subjects))
        for domain, path_prefix in subjects:
            name = f"{domain} {path_prefix}"
            if parts is None or name not in parts:
                path = {"path_prefix": path_prefix} if path_prefix else {}
                found = list(points(api.history(domain, cluster_id=cluster, **window, **path)))
                rows += found
                if parts is not None:
                    parts.add(name, found)
            step.done()
    if parts is None:
        return rows
    rows = list(parts.rows())
    parts.done()
    return rows


def _subjects(
    api: Api, cluster: str, window: dict[str, str], domains: list[str], *, by_route: bool
) -> Iterator[tuple[str, str]]:
    """Every domain that is asked for, and its routes.

    A domain that is not listed may have been removed and still have a history; if not, the API says so.
    """
    missing = _Wanted(domains)
    for answer in api.pages("domains", cluster_id=cluster, **window):
        for domain in answer["domains"]:
            if not missing.has(domain["domain"]):
                continue
            yield domain["domain"], ""
            if by_route:
                yield from ((domain["domain"], route["path_prefix"]) for route in domain["routes"])
    yield from ((name, "") for name in missing.names)


class _Wanted:
    """The domains that are asked for, in any spelling; all of them if none is named."""

    def __init__(self, names: Iterable[str]) -> None:
        self._wanted = {canonical(name): name for name in names}
        self._missing = dict(self._wanted)

    def has(self, domain: str) -> bool:
        """Whether this domain is wanted. Then it is no longer missing."""
        self._missing.pop(canonical(domain), None)
        return not self._wanted or canonical(domain) in self._wanted

    @property
    def names(self) -> list[str]:
        """Those that have not been seen, as they were asked for."""
        return list(self._missing.values())
