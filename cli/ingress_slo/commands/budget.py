"""`ingress-slo budget`: what is left of the error budget, and what becomes of it."""

from typing import Annotated, Any
from urllib.parse import quote

import typer

from ingress_slo import options
from ingress_slo.drawing import percent
from ingress_slo.figures import percent_text, period_text
from ingress_slo.output import show_json, show_line
from ingress_slo.telling import time_text
from ingress_slo.times import duration_text
from slo.objectives.periods import Period

_UNKNOWN = {
    "no_requests": "nothing can be said: there were no requests",
    "not_observed": "nothing can be said: too little was observed",
}


def budget(
    domain: Annotated[str, typer.Argument(help="The domain.")],
    path: Annotated[str, typer.Option(help="Only this route of it.")] = "",
    cluster: options.OneCluster = "",
    url: options.Url = "",
    token: options.ApiToken = "",
    as_json: options.AsJson = False,
    stack: options.StackName = options.STACK,
    region: options.Region = "",
) -> None:
    """Show what is left of the error budget, and whether it runs out at the pace of the last hour and the last day."""
    api = options.api(url, token, stack, region)
    asked = {"cluster_id": options.one_cluster(api, cluster), "path_prefix": path}
    given = {name: value for name, value in asked.items() if value}
    answer = api.get(f"domains/{quote(domain, safe='')}/budget", **given)
    if as_json:
        show_json(answer)
        return
    show_line(_promised(answer))
    show_line(_left(answer))
    for forecast in answer["forecasts"]:
        show_line(_forecast(forecast, is_calendar=_is_calendar(answer)))


def _promised(answer: dict[str, Any]) -> str:
    subject = f"{answer['domain']}{answer['path_prefix'] or ''}"
    target, objective = percent_text(answer["target"]["availability"]), answer["objective"]
    if objective is None:
        return f"{subject}: preset of {target} in 30d. Nobody has set an objective, so nothing is promised."
    owner = f", owner {objective['owner']}" if objective["owner"] else ""
    period = period_text(objective["period"], objective["time_zone"])
    return f"{subject}: objective {objective['name']} of {target} in {period}, from the {objective['origin']}{owner}."


def _left(answer: dict[str, Any]) -> str:
    allowance, remaining = answer["error_budget"], answer["error_budget_remaining"]
    if allowance is None or remaining is None:
        return "There were no requests, so there is no budget to spend."
    failed, allowed = f"{answer['total_errors']:,} requests failed", f"{allowance['allowed_errors']:,} may"
    if (times := answer["times_of_allowance"]) is not None:
        return f"Spent: {failed}, {allowed}: {times:,.1f} times the allowance."
    outage = duration_text(max(0, allowance["remaining_seconds"]))
    return f"{percent(remaining)} is left: {failed}, {allowed}. The rest equals {outage} of full outage."


def _is_calendar(answer: dict[str, Any]) -> bool:
    return answer["objective"] is not None and Period(answer["objective"]["period"]).is_calendar


def _forecast(forecast: dict[str, Any], *, is_calendar: bool) -> str:
    observed = forecast["observed"]
    seen = f" ({percent(observed)} of it was observed)" if observed < 1 else ""
    return f"At the pace of the last {forecast['pace']}{seen}, {_outcome(forecast, is_calendar=is_calendar)}."


def _outcome(forecast: dict[str, Any], *, is_calendar: bool) -> str:
    match forecast["outcome"]:
        case "lasts":
            end = f" before the period ends on {time_text(forecast['until'])}" if is_calendar else ""
            return f"it does not run out{end}"
        case "runs_out":
            return f"it runs out on {time_text(forecast['exhausted_at'])}"
        case "exhausted":
            recovers = forecast["recovers_at"]
            return (
                "it stays spent" if recovers is None else f"it is spent; there is some again on {time_text(recovers)}"
            )
    if forecast["because"] in _UNKNOWN:
        return _UNKNOWN[forecast["because"]]
    earliest = forecast["earliest_at"]
    return "too few requests to tell" + (f"; with bad luck it runs out on {time_text(earliest)}" if earliest else "")
