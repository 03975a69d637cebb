"""The agent's settings. Each is an environment variable with the name of its field in upper case."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import urlsplit

from slo.runtime.settings import SettingsError, load

DEFAULT_NAMESPACE = ""
DEFAULT_SELECTOR = "app.kubernetes.io/name=traefik"


@dataclass(frozen=True)
class Server:
    """The API that snapshots are pushed to."""

    cluster_id: str
    endpoint: str
    """Base URL of the API, including its stage."""
    token: str = field(repr=False)
    connect_timeout_seconds: float = 5.0
    read_timeout_seconds: float = 15.0
    deadline_seconds: float = 45.0
    """Retries stop after this time, so that a run ends before the next one starts."""

    def __post_init__(self) -> None:
        """Raise SettingsError for an address that is none."""
        parts = urlsplit(self.endpoint)
        if parts.scheme not in ("https", "http") or not parts.hostname:
            raise SettingsError("ENDPOINT: expected the stack's output PushUrl, an address that begins with https://")

    @property
    def shows_token(self) -> bool:
        """Whether the token leaves this machine without TLS."""
        parts = urlsplit(self.endpoint)
        return parts.scheme == "http" and not _is_this_machine(parts.hostname or "")


def _is_this_machine(host: str) -> bool:
    """Names under localhost are this machine (RFC 6761)."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return f".{host}".endswith(".localhost")


@dataclass(frozen=True)
class Traefik:
    """Which processes are scraped."""

    traefik_namespace: str = DEFAULT_NAMESPACE
    """Comma-separated namespaces of Traefik's pods; empty for all. Whoever may create pods there is trusted."""
    traefik_selector: str = DEFAULT_SELECTOR
    """Label selector of Traefik's pods."""
    metrics_port: int = 9100
    """For pods without the annotation `prometheus.io/port`."""
    metrics_path: str = "/metrics"
    """For pods without the annotation `prometheus.io/path`."""
    metrics_urls: str = ""
    """Comma-separated URLs to scrape instead of the pods."""
    scrape_timeout_seconds: float = 10.0
    """For the whole answer of a pod, from the connection on."""
    max_exposition_mib: int = 32
    """The largest answer of a pod after decompression: 8,000 routes in protobuf. Reading it takes that much memory, and
    what is kept of all pods up to twice as much."""
    ingress_class: str = ""
    """Traefik's option `ingressClass`, if its pods do not show it in their arguments."""
    label_selector: str = ""
    """Traefik's option `labelSelector`, if its pods do not show it."""
    namespaces: str = ""
    """Comma-separated: Traefik's option `namespaces`, if its pods do not show it."""
    traefik_api: str = "auto"
    """Where Traefik's own API is read: `auto` (the pods' port `traefik`, if it answers), `off`, or comma-separated
    URLs."""

    @property
    def urls(self) -> tuple[str, ...]:
        """The URLs in `metrics_urls`."""
        return tuple(url.strip() for url in self.metrics_urls.split(",") if url.strip())

    @property
    def pod_namespaces(self) -> tuple[str, ...]:
        """The namespaces in `traefik_namespace`; none for all namespaces."""
        return tuple(name.strip() for name in self.traefik_namespace.split(",") if name.strip())

    @property
    def max_exposition_bytes(self) -> int:
        """The largest answer of a pod."""
        return self.max_exposition_mib << 20

    @property
    def watched_namespaces(self) -> tuple[str, ...]:
        """The namespaces in `namespaces`, sorted."""
        return tuple(sorted({name.strip() for name in self.namespaces.split(",") if name.strip()}))

    @property
    def scope(self) -> str:
        """A hash of what is scraped. When it changes, the next snapshot is a new baseline."""
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
    """Access to the Kubernetes API. Inside a cluster the defaults work."""

    kubeconfig: str = ""
    kubernetes_service_host: str = ""
    """Set by Kubernetes in every pod."""
    kubernetes_timeout_seconds: float = 20.0
    page_size: int = 500
    """Objects for each request."""


@dataclass(frozen=True)
class Run:
    """When a run pushes."""

    spread_seconds: int = 0
    """The run waits until a second of the minute between 0 and this one, derived from the cluster id, so that many
    clusters do not push in the same second. 0 disables the wait."""


def wait_seconds(cluster_id: str, spread_seconds: int, now: float) -> float:
    """Seconds until the cluster's own second of this minute; 0 if that has passed. `now` is Unix time in seconds."""
    if spread_seconds <= 0:
        return 0.0
    own_second = int.from_bytes(hashlib.sha256(cluster_id.encode()).digest()[:4]) % spread_seconds
    return max(0.0, own_second - now % 60)


@dataclass(frozen=True)
class Settings:
    """All settings."""

    server: Server
    traefik: Traefik
    kubernetes: Kubernetes
    run: Run

    @property
    def needs_kubernetes(self) -> bool:
        """False for a Traefik outside Kubernetes: the settings name its URLs, and no cluster is configured."""
        has_cluster = bool(self.kubernetes.kubeconfig or self.kubernetes.kubernetes_service_host)
        has_api = self.traefik.traefik_api.strip().lower() not in ("auto", "off", "")
        return has_cluster or not (self.traefik.urls and has_api)


def from_environment(environ: Mapping[str, str], *, needs_server: bool = True) -> Settings:
    """Read the settings. Raises slo.runtime.settings.SettingsError, which names each missing or malformed variable.

    With `needs_server=False` (a dry run), ENDPOINT and TOKEN are ignored.
    """
    unused = {} if needs_server else {"ENDPOINT": "https://localhost", "TOKEN": "none"}
    return Settings(
        server=load(Server, {**environ, **unused}),
        traefik=load(Traefik, environ),
        kubernetes=load(Kubernetes, environ),
        run=load(Run, environ),
    )
