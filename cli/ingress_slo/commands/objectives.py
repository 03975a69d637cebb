"""`ingress-slo objectives`: lists, sets and deletes objectives, and says who set what."""

from typing import Annotated, Any, Literal

import typer

from ingress_slo import figures, options
from ingress_slo.commands import objectives_in_git
from ingress_slo.failures import OperatorError
from ingress_slo.figures import latency_text, milliseconds_text, percent_text, period_text, subject_text
from ingress_slo.openslo.plan import differences, marked_ones, promised
from ingress_slo.openslo.promise import stored, subject_key, subject_of
from ingress_slo.options import parsed
from ingress_slo.output import at_most, note, show_json, show_table
from ingress_slo.telling import excluded_text, time_text
from slo.objectives.targets import Subject

app = typer.Typer(cls=options.WithList, help="What is promised: list, set, or keep in files; by default list.")
app.command("export")(objectives_in_git.export)
app.command("diff")(objectives_in_git.diff)
app.command("apply")(objectives_in_git.apply)

type Figures = dict[str, Any]
PeriodLength = Literal["7d", "28d", "30d", "week", "month", "quarter"]
Name = Annotated[str, typer.Argument(help="Name of the objective, such as monthly.")]
Domain = Annotated[str, typer.Option(help="The domain; by default the whole cluster, or all clusters.")]
Path = Annotated[str, typer.Option(help="The route of the domain; by default the whole domain.")]
_CHANGES = 100
_ABOUT = ("after", "before", "excluded", "included")


@app.command("list")
def list_objectives(
    cluster: options.OneOrAllClusters = "",
    url: options.Url = "",
    token: options.ApiToken = "",
    as_json: options.AsJson = False,
    stack: options.StackName = options.STACK,
    region: options.Region = "",
) -> None:
    """List the objectives that hold in a cluster, and which of a subject's list, status and alerts follow."""
    api = options.api(url, token, stack, region)
    answer = api.objectives(options.one_cluster(api, cluster))
    if as_json:
        show_json(answer)
        return
    show_table(
        (
            "SUBJECT",
            "NAME",
            "FOLLOWED",
            "PERIOD",
            "AVAILABILITY",
            "P95",
            "LATENCY",
            "OWNER",
            "CHANNEL",
            "ORIGIN",
            "SINCE",
        ),
        map(_row, answer["objectives"]),
        empty="Nobody has set an objective yet. To set one: ingress-slo objectives set monthly --availability 99.9",
    )


def _row(objective: Figures) -> tuple[str, ...]:
    body = stored(objective).promise.body
    return (
        subject_text(objective),
        objective["name"],
        "yes" if objective["is_followed"] else "-",
        period_text(body.period, body.time_zone),
        percent_text(body.availability),
        "-" if body.p95_latency is None else milliseconds_text(body.p95_latency),
        latency_text(body.latency_objective),
        body.owner or "-",
        body.channel or "-",
        objective["origin"],
        time_text(objective["set_at"]),
    )


@app.command("set")
def set_objective(
    name: Name,
    cluster: options.OneOrAllClusters = "",
    domain: Domain = "",
    path: Path = "",
    availability: Annotated[
        float | None, typer.Option(parser=parsed(figures.share), metavar="PERCENT", help="Such as 99.9.")
    ] = None,
    period: Annotated[PeriodLength | None, typer.Option(help="Rolling days, or of the calendar.")] = None,
    time_zone: Annotated[
        str | None, typer.Option(help="Where a calendar period begins at midnight, such as Europe/Berlin.")
    ] = None,
    p95: Annotated[str | None, typer.Option(metavar="LATENCY", help="Highest P95, such as 300ms; or none.")] = None,
    latency: Annotated[
        str | None, typer.Option(metavar="SHARE<LATENCY", help="Such as '99% < 300ms'; or none.")
    ] = None,
    minimum_requests: Annotated[
        int | None, typer.Option(min=0, help="Alerts are silent with fewer requests in their window.")
    ] = None,
    owner: Annotated[str | None, typer.Option(help="Whom to ask about it.")] = None,
    channel: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Whom its incidents are told to; or none, for the rules to choose."),
    ] = None,
    follow: Annotated[bool, typer.Option(help="Let list, status and alerts follow this one of the subject.")] = False,
    url: options.Url = "",
    token: options.ApiToken = "",
    as_json: options.AsJson = False,
    stack: options.StackName = options.STACK,
    region: options.Region = "",
) -> None:
    """Set an objective. What is not given stays as it is in one that exists. Needs a token with scope manage."""
    given: Figures = {
        "availability": availability,
        "period": period,
        "time_zone": "UTC" if time_zone is None and period in ("7d", "28d", "30d") else time_zone,
        "minimum_requests": minimum_requests,
        "owner": owner,
        "channel": "" if channel == figures.NONE else channel,
    }
    body = {field: value for field, value in given.items() if value is not None}
    body |= _latencies(p95, latency)
    api = options.api(url, token, stack, region)
    cluster = options.one_cluster(api, cluster)
    every = api.objectives(cluster)["objectives"]
    before = _find(every, name, subject_key(cluster, domain, path))
    if before is None and availability is None:
        raise typer.BadParameter("a new objective needs an --availability, such as 99.9")
    kept = {} if before is None else _kept(before, every)
    answer = api.set_objective(cluster, name, domain, path, {**kept, **body, **_mark(follow)}, before)
    if as_json:
        show_json(answer)
        return
    followed = "is followed" if answer["is_followed"] else "is not the one that is followed"
    note(f"{subject_text(answer)}: {name} promises {'; '.join(promised(stored(answer).promise.body))}. It {followed}.")
    if answer["origin"] == "file":
        note("It is kept in a file: this lasts until the file is applied again.", style="yellow")


def _mark(follow: bool) -> Figures:
    return {"is_followed": True} if follow else {}


def _latencies(p95: str | None, latency: str | None) -> Figures:
    """The promises of latency that are given; null for `none`."""
    found: Figures = {}
    if p95 is not None:
        found["p95_latency"] = None if p95 == figures.NONE else parsed(figures.threshold)(p95)
    if latency is not None:
        read = None if latency == figures.NONE else parsed(figures.latency)(latency)
        found["latency_objective"] = read and {"share": read.share, "threshold": read.threshold}
    return found


def _find(every: list[Figures], name: str, subject: Subject) -> Figures | None:
    return next((each for each in every if stored(each).promise.key == (subject, name)), None)


def _kept(before: Figures, every: list[Figures]) -> Figures:
    """The body of an objective as it is. Raises OperatorError if Kubernetes has it."""
    if before["origin"] == "annotation":
        raise OperatorError(f"{before['name']} is an annotation in Kubernetes ({before['set_by']}): change it there.")
    fields = (
        *("availability", "period", "time_zone", "p95_latency", "latency_objective"),
        *("minimum_requests", "owner", "channel"),
    )
    is_marked = stored(before).promise.key in marked_ones([stored(each) for each in every])
    return {**{field: before[field] for field in fields}, "origin": before["origin"], "is_followed": is_marked}


@app.command()
def delete(
    name: Name,
    cluster: options.OneOrAllClusters = "",
    domain: Domain = "",
    path: Path = "",
    url: options.Url = "",
    token: options.ApiToken = "",
    stack: options.StackName = options.STACK,
    region: options.Region = "",
) -> None:
    """Delete an objective: another one of the subject, or of what it belongs to, is followed then."""
    api = options.api(url, token, stack, region)
    cluster = options.one_cluster(api, cluster)
    subject = subject_key(cluster, domain, path)
    before = _find(api.objectives(cluster)["objectives"], name, subject)
    if before is None:
        raise OperatorError(f"There is no objective {name} of {subject_of(subject)}.")
    if before["origin"] == "annotation":
        raise OperatorError(f"{name} is an annotation in Kubernetes ({before['set_by']}): remove it there.")
    api.delete_objective(cluster, name, domain, path, before)
    note(f"The objective {name} of {subject_text(before)} is deleted.")


@app.command()
def changes(
    cluster: options.OneOrAllClusters = "",
    domain: Annotated[str, typer.Option(help="Only what concerns this domain.")] = "",
    path: Annotated[str, typer.Option(help="Only what concerns this route of it.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = _CHANGES,
    url: options.Url = "",
    token: options.ApiToken = "",
    as_json: options.AsJson = False,
    stack: options.StackName = options.STACK,
    region: options.Region = "",
) -> None:
    """List who set, changed or deleted which objective, and who excluded which time, newest first."""
    api = options.api(url, token, stack, region)
    asked = {"cluster_id": options.one_cluster(api, cluster), "domain": domain, "path_prefix": path}
    given = {field: value for field, value in asked.items() if value}
    found = at_most(limit, api.objective_changes(**given))
    if as_json:
        show_json(found)
        return
    show_table(
        ("TIME", "BY", "SUBJECT", "NAME", "WHAT"),
        (
            (time_text(change["at"]), change["by"], subject_text(about), about.get("name", "-"), _what(change))
            for change in found
            for about in (next(change[each] for each in _ABOUT if change[each] is not None),)
        ),
        empty="Nobody has set an objective yet.",
    )


def _what(change: Figures) -> str:
    for each in ("excluded", "included"):
        if change[each] is not None:
            return f"{each} {excluded_text(change[each])}"
    before, after = (None if change[each] is None else stored(change[each]) for each in ("before", "after"))
    if after is None:
        return "deleted"
    if before is None:
        return f"set: {', '.join(promised(after.promise.body))}"
    what = [*differences(before.promise.body, after.promise.body)]
    if before.origin != after.origin:
        what.append(f"origin {before.origin} -> {after.origin}")
    if before.is_followed != after.is_followed:
        what.append("is marked to be followed" if after.is_followed else "is marked no longer")
    return ", ".join(what) or "set again, as it was"
