"""A stage as one object: stand-in API, Traefik pods, backends and traffic.

with Stage(demo()) as stage:
    stage.api_url, stage.kubeconfig, stage.pods[0].metrics_port
"""

import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

from lab.cluster.api import StandInApi
from lab.cluster.builders import ingress_class, namespace
from lab.cluster.objects import Object, load
from lab.paths import ROOT
from lab.traefik.backends import Backend, Backends, Outages, Temper
from lab.traefik.pod_objects import workload
from lab.traefik.process import TraefikPod
from lab.traefik.profiles import TraefikOptions
from lab.traefik.traffic import Flow, Traffic

DEMO = ROOT / "lab" / "manifests" / "demo"


@dataclass(frozen=True)
class Play:
    """What a stage runs: routes, backends, load and Traefik pods."""

    objects: list[Object]
    """IngressRoutes, Ingresses, middlewares; Services and endpoints come from the backends."""
    backends: list[Backend]
    flows: list[Flow]
    pods: tuple[str, ...] = ("traefik-7d9c5b6f4-4kq2x",)
    options: TraefikOptions = field(default_factory=TraefikOptions)


def demo(load_factor: float = 1.0, checkout_outages: Outages | None = None) -> Play:
    """Three domains and seven paths: one is slow, two sometimes fail, one serves WebSockets.

    One domain has objectives by annotations.
    """
    backends = [
        Backend("atlantis", "web"),
        Backend("atlantis", "api", Temper(latency_seconds=0.4)),
        Backend("atlhyper", "web"),
        Backend("atlhyper", "api", Temper(failure_share=0.02)),
        Backend("atlhyper", "live"),
        Backend("shop", "web", Temper(latency_seconds=0.05)),
        Backend("shop", "checkout", Temper(latency_seconds=0.15, failure_share=0.005, outages=checkout_outages)),
    ]
    flows = [
        Flow("atlantis.example.com", "/", 4 * load_factor),
        Flow("atlantis.example.com", "/api", 2 * load_factor),
        Flow("atlhyper.example.com", "/", 4 * load_factor),
        Flow("atlhyper.example.com", "/api", 6 * load_factor, "POST"),
        Flow("atlhyper.example.com", "/ws", 0.5 * load_factor, protocol="websocket"),
        Flow("shop.example.com", "/", 4 * load_factor),
        Flow("shop.example.com", "/checkout", 2 * load_factor, "POST"),
    ]
    flows = [part for flow in flows for part in _over_both(flow)]
    return Play(load(DEMO), backends, flows)


def _over_both(flow: Flow) -> tuple[Flow, Flow]:
    """Two thirds of a flow over HTTPS, the rest over HTTP."""
    secure = replace(flow, per_second=flow.per_second * 2 / 3, tls=True)
    return secure, replace(flow, per_second=flow.per_second / 3)


class Stage:
    """A running play. Leaving the block ends every process and thread that it started."""

    def __init__(
        self, play: Play, *, api: Callable[[list[Object]], StandInApi] = StandInApi, traffic: bool = True
    ) -> None:
        self.play = play
        self._make_api = api
        self._with_traffic = traffic
        self.pods: list[TraefikPod] = []
        """All Traefik pods, killed ones included, oldest first."""

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self.folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ingress-slo-stage-")))
            self.backends = stack.enter_context(Backends(self.play.backends))
            self.api = stack.enter_context(self._make_api(self._objects()))
            self.kubeconfig = self.api.write_kubeconfig(self.folder / "kubeconfig")
            stack.callback(self._stop_pods)
            for name in self.play.pods:
                self.add_pod(name)
            ports = [pod.ports for pod in self.pods]
            self.traffic = Traffic(self.play.flows if self._with_traffic else [], ports)
            stack.enter_context(self.traffic)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def api_url(self) -> str:
        """The address of the Kubernetes API."""
        return self.api.url

    def _objects(self) -> list[Object]:
        objects = [*self.play.objects, *self.backends.objects()]
        objects += workload(self.play.options)
        names = {item["metadata"].get("namespace", "default") for item in objects}
        served = [namespace(name) for name in sorted(names)]
        return [*served, ingress_class("traefik"), *objects]

    def add_pod(self, name: str, options: TraefikOptions | None = None) -> TraefikPod:
        """Start a Traefik pod, wait until its routers are loaded, and put its Pod object into the API."""
        pod = TraefikPod(name, self.api_url, self.folder, options or self.play.options)
        self.pods.append(pod)
        self._ready(pod)
        return pod

    def restart_pod(self, pod: TraefikPod) -> None:
        """Kill a pod's process under load and restart it in the same pod."""
        pod.kill()
        self._ready(pod)

    def remove_pod(self, pod: TraefikPod) -> None:
        """Kill a pod and remove its object from the API."""
        pod.kill()
        self.api.delete([pod.pod()])

    def _ready(self, pod: TraefikPod) -> None:
        pod.start()
        pod.wait_for_routers(self._rules())
        self.api.apply([pod.pod()])

    def _rules(self) -> int:
        """The number of routers that the IngressRoutes and Ingresses in the API declare."""
        routes = self.api.store.listed("traefik.io/v1alpha1", "ingressroutes")
        ingresses = self.api.store.listed("networking.k8s.io/v1", "ingresses")
        rules = sum(len(item["spec"]["routes"]) for item in routes)
        return rules + sum(len(rule["http"]["paths"]) for item in ingresses for rule in item["spec"]["rules"])

    def _stop_pods(self) -> None:
        for pod in self.pods:
            pod.kill()
