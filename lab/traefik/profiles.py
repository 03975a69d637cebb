"""How Traefik is started: the arguments that its Helm chart and k3s render, and simpler ones.

The chart's arguments are those of its release 41.3.0 with default values; the one that k3s packages (since its chart
34.2) renders the same ones in another namespace. Only the addresses differ: a stage uses free ports of 127.0.0.1.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lab.traefik.versions import BINARY

METRICS, API, WEB, WEBSECURE = "metrics", "traefik", "web", "websecure"
"""Entry points, by the names of the chart."""


@dataclass(frozen=True)
class Profile:
    """A way to start Traefik."""

    name: str
    namespace: str = "traefik"
    entry_points: tuple[str, ...] = (METRICS, API, WEB, WEBSECURE)
    arguments: tuple[str, ...] = ()
    """The arguments after the addresses of the entry points."""

    @property
    def labels(self) -> dict[str, str]:
        """The labels of the pods, by which the agent selects them."""
        instance = f"traefik-{self.namespace}"
        return {"app.kubernetes.io/name": "traefik", "app.kubernetes.io/instance": instance}


def _chart(namespace: str, *more: str) -> tuple[str, ...]:
    return (
        "--api.dashboard=true",
        "--ping=true",
        "--metrics.prometheus=true",
        "--metrics.prometheus.entrypoint=metrics",
        "--providers.kubernetescrd",
        "--providers.kubernetescrd.allowEmptyServices=true",
        "--providers.kubernetesingress",
        "--providers.kubernetesingress.allowEmptyServices=true",
        f"--providers.kubernetesingress.ingressendpoint.publishedservice={namespace}/traefik",
        *more,
        "--log.level=INFO",
    )


_WITH_TLS = "--entryPoints.websecure.http.tls=true"

CHART = Profile("chart", arguments=_chart("traefik", _WITH_TLS))
"""Traefik's Helm chart: `websecure` has TLS, and Traefik's API is on but not routed."""
K3S = Profile("k3s", namespace="kube-system", arguments=_chart("kube-system", _WITH_TLS))
"""The chart that k3s packages."""
PLAIN2 = Profile("plain2", arguments=_chart("traefik"))
"""Two entry points, neither with TLS."""
LAB = Profile(
    "lab",
    entry_points=(METRICS, API, WEB),
    arguments=(
        "--api.insecure=true",
        "--metrics.prometheus=true",
        "--metrics.prometheus.entrypoint=metrics",
        "--providers.kubernetescrd=true",
        "--providers.kubernetesingress=true",
        "--log.level=INFO",
    ),
)
"""One entry point without TLS, and Traefik's API without a password."""

PROFILES: Mapping[str, Profile] = {profile.name: profile for profile in (CHART, K3S, PLAIN2, LAB)}
_DEFAULT_BUCKETS_SECONDS = (0.1, 0.3, 1.2, 5.0)


@dataclass(frozen=True)
class TraefikOptions:
    """Options of the Traefik processes of a stage; `extra` holds further command line arguments."""

    router_labels: bool = True
    safe_naming: bool = False
    buckets_seconds: tuple[float, ...] = _DEFAULT_BUCKETS_SECONDS
    extra: tuple[str, ...] = ()
    binary: Path = BINARY
    profile: Profile = CHART
    open_api: bool = False
    """Whether Traefik's API answers on the entry point `traefik`. The profile `lab` always has it."""

    def arguments(self, ports: Mapping[str, int]) -> list[str]:
        """The command line as a Deployment has it, with these ports by entry point."""
        return [
            *(f"--entryPoints.{name}.address=127.0.0.1:{ports[name]}/tcp" for name in self.profile.entry_points),
            *self.profile.arguments,
            *self._metrics(),
            *(["--providers.kubernetescrd.safenaming=true"] if self.safe_naming else []),
            *(["--api.insecure=true"] if self.open_api and not self.has_open_api_by_profile else []),
            *self.extra,
        ]

    @property
    def has_open_api_by_profile(self) -> bool:
        """Whether the profile itself opens the API."""
        return "--api.insecure=true" in self.profile.arguments

    @property
    def has_open_api(self) -> bool:
        """Whether anyone can read Traefik's API on the entry point `traefik`."""
        return self.open_api or self.has_open_api_by_profile

    def _metrics(self) -> list[str]:
        arguments = ["--metrics.prometheus.addRoutersLabels=true"] if self.router_labels else []
        if self.buckets_seconds != _DEFAULT_BUCKETS_SECONDS:
            arguments.append("--metrics.prometheus.buckets=" + ",".join(f"{each:.6f}" for each in self.buckets_seconds))
        return arguments
