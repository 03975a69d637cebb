"""`ingress-slo burn-rates`."""

from collections.abc import Iterator
from typing import Annotated, Any

import typer

from ingress_slo import options
from ingress_slo.output import note, show_json, show_table
from ingress_slo.times import duration_text

_STATES = {"page": "page", "ticket": "ticket", "none": "ok", "no_data": "no data"}
_DIGITS_BELOW = 10


def burn_rates(
    domain: Annotated[str, typer.Argument(help="The domain.")],
    cluster: options.OneCluster = "",
    url: options.Url = "",
    token: options.ApiToken = "",
    as_json: options.AsJson = False,
    stack: options.StackName = options.STACK,
    region: options.Region = "",
) -> None:
    """Show how fast a domain and its routes burn their error budget: at 1 it lasts for exactly the period."""
    api = options.api(url, token, stack, region)
    answer = api.burn_rates(domain, cluster_id=options.one_cluster(api, cluster))
    if as_json:
        show_json(answer)
        return
    windows = [duration_text(window["window_seconds"]) for window in answer["burn_rates"]["windows"]]
    rows = [("(all)", answer["burn_rates"]), *((each["path_prefix"], each["burn_rates"]) for each in answer["routes"])]
    show_table(
        ("PATH", "STATE", *windows),
        ((path, _STATES[rates["state"]], *map(_factor, rates["windows"])) for path, rates in rows),
        empty="",
    )
    for sentence in (sentence for path, rates in rows for sentence in _firing(path, rates)):
        note(sentence, style="yellow")


def _factor(window: dict[str, Any]) -> str:
    rate = window["burn_rate"]
    if rate is None:
        return "-"
    return f"{rate:.2f}" if rate < _DIGITS_BELOW else f"{rate:,.1f}"


def _firing(path: str, rates: dict[str, Any]) -> Iterator[str]:
    for alert in rates["alerts"]:
        if alert["state"] == "firing":
            windows = f"{duration_text(alert['long_seconds'])} and {duration_text(alert['short_seconds'])}"
            yield f"{path}: {alert['severity']}, more than {alert['factor']:g} within {windows}"
