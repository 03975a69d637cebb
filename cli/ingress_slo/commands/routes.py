"""`ingress-slo routes`."""

from typing import Annotated, Any

import typer

from ingress_slo import options
from ingress_slo.output import show_json, show_table


def routes(
    service_key: Annotated[
        str | None,
        typer.Argument(help="Value of the label `service` or `router` in Traefik's metrics; by default all."),
    ] = None,
    cluster: options.OneCluster = "",
    domain: Annotated[str | None, typer.Option(help="Only this domain.")] = None,
    url: options.Url = "",
    token: options.ApiToken = "",
    as_json: options.AsJson = False,
    stack: options.StackName = options.STACK,
    region: options.Region = "",
) -> None:
    """Show the domain and path of a service key in Traefik's metrics."""
    api = options.api(url, token, stack, region)
    asked = {"cluster_id": options.one_cluster(api, cluster), "service_key": service_key, "domain": domain}
    found = api.routes(**{name: value for name, value in asked.items() if value})
    if as_json:
        show_json(found)
        return
    show_table(
        ("SERVICE KEY", "DOMAIN", "PATH", "SERVICE", "DECLARED BY"),
        (_row(route) for route in found),
        empty="The cluster declares no such route.",
    )


def _row(route: dict[str, Any]) -> tuple[str, ...]:
    return (
        route["service_key"],
        route["domain"],
        route["path_prefix"],
        f"{route['service_name']}:{route['service_port']}" if route["service_name"] else "-",
        f"{route['namespace']}/{route['ingress_name']}",
    )
