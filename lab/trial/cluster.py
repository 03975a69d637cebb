"""Runs a real Traefik on manifests, sends the requests, and lets the agent look before and after each of them."""

import http.client
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ingress_slo_agent.collect import collect
from ingress_slo_agent.kubernetes_api import KubernetesApi
from ingress_slo_agent.settings import Settings, from_environment
from lab.cluster.api import OPTIONAL_GROUPS, StandInApi
from lab.cluster.builders import ingress_class, namespace
from lab.cluster.objects import CLUSTER_SCOPED, Object
from lab.ports import free_port
from lab.traefik.pod_objects import workload
from lab.traefik.process import TraefikPod
from lab.traefik.profiles import WEB, WEBSECURE, Profile, TraefikOptions
from lab.traefik.versions import binary
from lab.trial.backends import StandIns
from lab.trial.certificates import secrets, self_signed
from lab.trial.client import send
from lab.trial.header import Header, Request, TrialError
from lab.trial.sampling import sample
from lab.trial.services import named_services, stand_ins
from slo.traefik.snapshots import Snapshot

CLUSTER_ID = "trial"
_API_URL = "APIURL"
_LOADING_SECONDS = 60
_LOGGING_SECONDS = 30.0
_POLL_SECONDS = 0.1
_PORTS_OF_GATEWAYS = {80: WEB, 8000: WEB, 443: WEBSECURE, 8443: WEBSECURE}
"""The ports that the chart's entry points have, inside and outside the cluster."""


@dataclass(frozen=True)
class Trial:
    """What to try."""

    objects: list[Object]
    header: Header
    version: str
    profile: Profile
    open_api: bool
    """Whether Traefik's API answers and the agent reads it."""


@dataclass(frozen=True)
class Exchange:
    """Equal requests, and what Traefik's access log says of them."""

    request: Request
    statuses: list[int]
    """What the client saw; a request without an answer has none."""
    lines: list[dict[str, Any]]
    """The access log's. It has no line for what Traefik's internal routers answer, such as redirects to HTTPS."""


@dataclass(frozen=True)
class Observed:
    """What was seen."""

    routers: list[dict[str, Any]]
    """From Traefik's own API, the internal ones left out."""
    snapshots: list[Snapshot]
    """The agent's, one before all requests and one after each exchange."""
    exchanges: list[Exchange]
    exposition: str
    """What Traefik's last `/metrics` said."""
    entry_points: tuple[str, ...]
    """Traefik's."""


def observe(trial: Trial) -> Observed:
    """Run the trial. Raises TrialError, or TimeoutError with the end of Traefik's log if it does not start."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ingress-slo-trial-")))
        api_port = free_port()
        url = f"http://127.0.0.1:{api_port}"
        pod = TraefikPod("traefik-7d9c5b6f4-4kq2x", url, folder, _options(trial, url))
        certificate = self_signed(folder)
        backends = stack.enter_context(StandIns(certificate))
        objects = _with_gateway_ports(trial, pod.ports)
        objects += secrets(objects, certificate)
        objects += stand_ins(objects, named_services(objects, pod.options.extra), backends.targets)
        objects = _with_surroundings([*objects, *workload(pod.options)])
        api = stack.enter_context(StandInApi(objects, port=api_port, absent=_absent(trial)))
        stack.callback(pod.kill)  # Before the API and the backends that it is connected to.
        _say(f"starting Traefik {trial.version} with the arguments of the profile {trial.profile.name}")
        pod.start()
        api.apply([pod.pod()])
        return _watch(trial, pod, _agent(trial, url, api.write_kubeconfig(folder / "kubeconfig")))


def _options(trial: Trial, url: str) -> TraefikOptions:
    arguments = tuple(argument.replace(_API_URL, url) for argument in trial.header.arguments)
    return TraefikOptions(
        router_labels=trial.header.labels,
        extra=arguments,
        binary=binary(trial.version),
        profile=trial.profile,
        open_api=trial.open_api,
    )


def _absent(trial: Trial) -> frozenset[str]:
    used = {item["apiVersion"] for item in trial.objects}
    return frozenset() if trial.header.every_group else OPTIONAL_GROUPS - used


def _with_gateway_ports(trial: Trial, ports: dict[str, int]) -> list[Object]:
    """The manifests with the real port of the entry point in each listener of a Gateway."""

    def listener(given: dict[str, Any]) -> dict[str, Any]:
        secure = WEBSECURE if given.get("protocol") in ("HTTPS", "TLS") else WEB
        entry_point = secure if trial.header.gateway_port else _PORTS_OF_GATEWAYS.get(given.get("port", 0), "")
        return {**given, "port": ports.get(entry_point, given.get("port"))}

    def changed(item: Object) -> Object:
        if item["kind"] != "Gateway":
            return item
        listeners = [listener(each) for each in item["spec"]["listeners"]]
        return {**item, "spec": {**item["spec"], "listeners": listeners}}

    return [changed(item) for item in trial.objects]


def _with_surroundings(objects: list[Object]) -> list[Object]:
    """The objects with their namespaces and an IngressClass of Traefik, unless they are given."""
    given = {(item["kind"], item["metadata"]["name"]) for item in objects}
    used = {item["metadata"].get("namespace", "default") for item in objects if item["kind"] not in CLUSTER_SCOPED}
    made = [namespace(name) for name in sorted(used) if ("Namespace", name) not in given]
    if ("IngressClass", "traefik") not in given:
        made.append(ingress_class("traefik"))
    return [*made, *objects]


def _agent(trial: Trial, url: str, kubeconfig: Path) -> Settings:
    environment = {
        "CLUSTER_ID": CLUSTER_ID,
        "KUBECONFIG": str(kubeconfig),
        "TRAEFIK_API": "auto" if trial.open_api else "off",
        **{name: value.replace(_API_URL, url) for name, value in trial.header.environment.items()},
    }
    return from_environment(environment, needs_server=False)


def _watch(trial: Trial, pod: TraefikPod, settings: Settings) -> Observed:
    _wait_until_loaded(pod, trial.header.settle_seconds)
    routers = [router for router in pod.all_routers() if not router["name"].endswith("@internal")]
    _say(f"{len(routers)} routers")
    snapshots = [_look(settings)]
    exchanges = []
    for request in trial.header.requests if trial.header.requests is not None else _one_to_each(routers):
        exchanges.append(_exchange(request, pod))
        snapshots.append(_look(settings))
    return Observed(routers, snapshots, exchanges, pod.scrape()[1], tuple(pod.ports))


def _look(settings: Settings) -> Snapshot:
    return collect(KubernetesApi(settings.kubernetes), settings, time.time).snapshot


def _wait_until_loaded(pod: TraefikPod, settle_seconds: float) -> None:
    """Wait until there are routers and they have not changed for so long."""
    deadline = time.monotonic() + _LOADING_SECONDS
    seen: set[str] = set()
    since = time.monotonic()
    while time.monotonic() < deadline:
        now = {router["name"] for router in pod.all_routers()}
        if now != seen:
            seen, since = now, time.monotonic()
        has_own = any(not name.endswith(("@internal", "@file")) for name in seen)
        if time.monotonic() - since >= (settle_seconds if has_own else max(settle_seconds, 3)):
            return
        time.sleep(_POLL_SECONDS)


def _one_to_each(routers: list[dict[str, Any]]) -> Iterator[Request]:
    """One request to each enabled router over each of its entry points."""
    for router in routers:
        if router.get("status") == "enabled" and not router.get("parentRefs"):
            for entry_point in router.get("entryPoints") or ():
                yield replace(sample(router["rule"]), entry_point=entry_point, tls="tls" in router)


def _exchange(request: Request, pod: TraefikPod) -> Exchange:
    port = _port(request, pod)
    before = len(_lines(pod))
    statuses = []
    for _ in range(request.count):
        with suppress(OSError, http.client.HTTPException):
            statuses.append(send(request, port, tls=request.tls))
    deadline = time.monotonic() + _LOGGING_SECONDS
    while len(lines := _lines(pod)[before:]) < len(statuses) and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS / 2)
    url = f"{'https' if request.tls else 'http'}://{request.host}{request.path}"
    _say(f"{request.count} x {url}: {', '.join(map(str, dict.fromkeys(statuses))) or 'no answer'}")
    return Exchange(request, statuses, lines)


def _port(request: Request, pod: TraefikPod) -> int:
    ports = pod.ports | dict(_own_entry_points(pod.options.extra))
    if request.entry_point not in ports:
        known = ", ".join(sorted(ports))
        raise TrialError(f"Traefik has no entry point {request.entry_point}, only {known}: choose another profile")
    return ports[request.entry_point]


def _own_entry_points(arguments: tuple[str, ...]) -> Iterator[tuple[str, int]]:
    """Entry points that the header's arguments add."""
    for argument in arguments:
        name, _, value = argument.lower().partition("=")
        parts = name.removeprefix("--").split(".")
        if parts[0] == "entrypoints" and parts[2:] == ["address"]:
            yield parts[1], int(value.partition("/")[0].rpartition(":")[2])


def _lines(pod: TraefikPod) -> list[dict[str, Any]]:
    if not pod.access_log.exists():
        return []
    return [json.loads(line) for line in pod.access_log.read_text().splitlines()]


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
