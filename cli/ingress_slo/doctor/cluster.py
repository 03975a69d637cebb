"""Checks of the cluster. They use the agent's settings and collectors, so that they see what the agent sees."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ingress_slo.doctor.findings import Finding, failed, ok, warning
from ingress_slo.doctor.remote import skew
from ingress_slo_agent.collect import Collected, collect
from ingress_slo_agent.kubernetes_api import KubernetesApi, KubernetesError
from ingress_slo_agent.settings import Settings, from_environment
from ingress_slo_agent.traefik_pods import TraefikPods

_METRICS_OPTION = re.compile(r"--metrics\.prometheus(?:=(?P<value>\w+))?$", re.IGNORECASE)
_METRICS_SUBOPTION = re.compile(r"--metrics\.prometheus\.\w+", re.IGNORECASE)
_LABELS_OPTION = re.compile(r"--metrics\.prometheus\.addrouterslabels(?:=(?P<value>\w+))?$", re.IGNORECASE)
_NO_ROUTES = {
    False: "Create an IngressRoute, an Ingress or an HTTPRoute: there is nothing to measure yet.",
    True: "Objects exist, but none is served; the warnings below name them.",
}
_FROM_OUTSIDE = "Nothing to do if this machine is outside the cluster: the agent does reach its Traefik pods."


def check_kubernetes(environ: Mapping[str, str], cluster_id: str, agent_reaches: int, now: float) -> Iterator[Finding]:
    """Check the routes, Traefik's options, its pods and their metrics. Raises SettingsError.

    `agent_reaches` is the number of processes in the agent's last snapshot. `now` is Unix time in seconds.
    """
    settings = from_environment({**environ, "CLUSTER_ID": cluster_id}, needs_server=False)
    try:
        collected = collect(KubernetesApi(settings.kubernetes), settings, lambda: now)
    except KubernetesError as error:
        yield failed("Kubernetes API", str(error), "Check KUBECONFIG and the permissions of its user.")
        return
    yield from _routes(collected)
    processes = collected.snapshot.ingress_metrics.processes
    has_router_series = any(process.rows and process.measured_by == "router" for process in processes)
    yield from _options(collected.traefik, settings, has_router_series=has_router_series)
    yield from _scrapes(collected, agent_reaches, now)


def _routes(collected: Collected) -> Iterator[Finding]:
    snapshot, views = collected.snapshot, collected.observed.views
    domains = {info.domain for info in snapshot.ingress_routes}
    says = f"{len(snapshot.ingress_routes)} routes of {len(domains)} domains"
    if not snapshot.routes_complete:
        yield warning("routes", f"{says}, but not all could be listed", " ".join(snapshot.warnings[:3]))
    elif not domains:
        yield warning("routes", "Traefik serves no route", _NO_ROUTES[bool(collected.objects)])
    else:
        yield ok("routes", says)
    for text in collected.route_warnings:
        yield warning("routes", text, "")
    quiet = [info for info in snapshot.ingress_routes if info.not_counted]
    if quiet:
        yield warning("not counted", f"{len(quiet)} routes, such as {quiet[0].domain}", quiet[0].not_counted)
    routers = sum(len(view.routers) for view in views)
    yield ok("Traefik's API", f"{routers} routers" if views else "not read: routes come from Kubernetes objects")


def _options(found: TraefikPods, settings: Settings, *, has_router_series: bool = False) -> Iterator[Finding]:
    """Check Traefik's pods and command line. Options set by a file or by variables are not visible there."""
    if settings.traefik.urls:
        return
    for text in found.warnings:
        yield warning("Traefik's pods", text, "")
    if not found.pods:
        yield failed(
            "Traefik's pods",
            f"no pod matches {settings.traefik.traefik_selector!r}",
            "Set TRAEFIK_SELECTOR and TRAEFIK_NAMESPACE to those of your Traefik, here and for the agent.",
        )
        return
    yield ok(
        "Traefik's pods", ", ".join(f"{pod['metadata']['namespace']}/{pod['metadata']['name']}" for pod in found.pods)
    )
    arguments = [argument for pod in found.pods for argument in _arguments(pod)]
    yield _option(
        "option metrics.prometheus",
        [*_values(_METRICS_OPTION, arguments), *("true" for item in arguments if _METRICS_SUBOPTION.match(item))],
        "Set --metrics.prometheus=true: without it Traefik has no metrics.",
        is_seen=has_router_series,
    )
    yield _option(
        "option addRoutersLabels",
        _values(_LABELS_OPTION, arguments),
        "Set --metrics.prometheus.addRoutersLabels=true: without it paths that share a service share one count.",
        is_seen=has_router_series,
    )


def _arguments(pod: dict[str, Any]) -> Iterator[str]:
    for container in pod["spec"].get("containers") or ():
        yield from (*(container.get("command") or ()), *(container.get("args") or ()))


def _values(option: re.Pattern[str], arguments: list[str]) -> list[str]:
    return [(found["value"] or "true").lower() for found in map(option.match, arguments) if found]


def _option(check: str, values: list[str], todo: str, *, is_seen: bool) -> Finding:
    """`is_seen` means that the metrics show the option is on, however it was set."""
    if "false" in values and not is_seen:
        return failed(check, "off on Traefik's command line", todo)
    if values or is_seen:
        return ok(check, "on" if values else "on, but not set on Traefik's command line")
    return warning(check, "not set on Traefik's command line; a file may set it", todo)


def _scrapes(collected: Collected, agent_reaches: int, now: float) -> Iterator[Finding]:
    for scrape in collected.scrapes:
        check = f"metrics of {scrape.target.pod}"
        if scrape.metrics is None and agent_reaches:
            yield warning(check, scrape.error, _FROM_OUTSIDE)
        elif scrape.metrics is None:
            yield failed(check, scrape.error, "Check Traefik's metrics entry point, METRICS_PORT and NetworkPolicies.")
        else:
            yield from _metrics(check, scrape.metrics, scrape.date - now)


def _metrics(check: str, metrics: Any, seconds_ahead: float) -> Iterator[Finding]:
    if not metrics.rows:
        yield warning(check, "no request has been counted yet", "Send a request, then run this again.")
    elif metrics.measured_by == "service":
        yield failed(check, "only service series", "Set --metrics.prometheus.addRoutersLabels=true.")
    else:
        yield ok(check, f"{len(metrics.rows)} router series")
    clock = skew("clock of its node", seconds_ahead)
    if clock.state != "ok":
        yield clock
