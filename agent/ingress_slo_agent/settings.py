"""What an operator sets, by environment variable or flag; grouped as it is used."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from slo.runtime.settings import load

DEFAULT_NAMESPACE = ""
DEFAULT_SELECTOR = "app.kubernetes.io/name=traefik"


@dataclass(frozen=True)
class Server:
    """Where snapshots go."""

    cluster_id: str
    endpoint: str
    """Base URL of the API, with its stage."""
    token: str = field(repr=False)
    connect_timeout_seconds: float = 5.0
    read_timeout_seconds: float = 15.0
    deadline_seconds: float = 45.0
    """Retries end here, so that two runs of a minute do not meet."""


@dataclass(frozen=True)
class Traefik:
    """What is scraped."""

    traefik_namespace: str = DEFAULT_NAMESPACE
    """Empty for all namespaces."""
    traefik_selector: str = DEFAULT_SELECTOR
    """Label selector of Traefik's pods."""
    metrics_port: int = 9100
    """Where a pod has no annotation `prometheus.io/port`."""
    metrics_path: str = "/metrics"
    """Where a pod has no annotation `prometheus.io/path`."""
    metrics_urls: str = ""
    """Comma-separated URLs to scrape instead of looking for pods."""
    scrape_timeout_seconds: float = 10.0
    ingress_class: str = ""
    """Traefik's own option of that name, where it is set."""

    @property
    def urls(self) -> tuple[str, ...]:
        """The fixed URLs."""
        return tuple(url.strip() for url in self.metrics_urls.split(",") if url.strip())

    @property
    def scope(self) -> str:
        """Names what is scraped: where it changes, counting begins anew."""
        parts = (
            self.traefik_namespace,
            self.traefik_selector,
            str(self.metrics_port),
            self.metrics_path,
            ",".join(sorted(self.urls)),
        )
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Kubernetes:
    """How the Kubernetes API is reached; inside a cluster nothing need be set."""

    kubeconfig: str = ""
    kubernetes_timeout_seconds: float = 20.0
    page_size: int = 500
    """Objects a request."""


@dataclass(frozen=True)
class Run:
    """How one run goes."""

    spread_seconds: int = 0
    """The run waits for a second of the minute below this one. It follows from the cluster's id, so that many clusters
    do not push in the same second. 0 for no wait."""


def wait_seconds(cluster_id: str, spread_seconds: int, now: float) -> float:
    """Until the cluster's own second of this minute; nothing if it is over. `now` is Unix time, in seconds."""
    if spread_seconds <= 0:
        return 0.0
    own_second = int.from_bytes(hashlib.sha256(cluster_id.encode()).digest()[:4]) % spread_seconds
    return max(0.0, own_second - now % 60)


@dataclass(frozen=True)
class Settings:
    """All of it."""

    server: Server
    traefik: Traefik
    kubernetes: Kubernetes
    run: Run


def from_environment(environ: Mapping[str, str], *, needs_server: bool = True) -> Settings:
    """Read the settings. Raises slo.runtime.settings.SettingsError naming each variable that is missing or malformed.

    A dry run needs no server, so its address and token are not looked at.
    """
    unused = {} if needs_server else {"ENDPOINT": "none", "TOKEN": "none"}
    return Settings(
        server=load(Server, {**environ, **unused}),
        traefik=load(Traefik, environ),
        kubernetes=load(Kubernetes, environ),
        run=load(Run, environ),
    )
