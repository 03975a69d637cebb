"""The ways to run Traefik that `compatibility` compares, and the routes and load of each."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from lab.cluster.builders import ingress, ingress_route, path, route, traefik_object
from lab.cluster.objects import Object
from lab.traefik.backends import Backend, Temper
from lab.traefik.profiles import CHART, K3S, LAB, Profile, TraefikOptions
from lab.traefik.stage import Play
from lab.traefik.traffic import Flow
from lab.traefik.versions import binary, has_safe_naming, numbers

_FAST = Temper(latency_seconds=0.005)
_FAILING = Temper(latency_seconds=0.005, failure_share=0.2)
_SHOP, _TEAM, _BLOG = "shop.example.com", "team_one.example.com", "blog.example.com"
_NEW = f"new.{_SHOP}"
_STRICT = f"strict.{_SHOP}"
_REQUESTS_PER_SECOND = 8.0
_CONFLICTS_SINCE = (3, 7)
_TO_WEBSECURE = "--entryPoints.web.http.redirections.entryPoint"

PLACES = (
    (_SHOP, "/"),
    (_SHOP, "/api"),
    (_NEW, "/new"),
    (f"www.{_SHOP}", "/"),
    (f"m.{_SHOP}", "/"),
    (_TEAM, "/weighted"),
    (_TEAM, "/nested"),
    (_BLOG, "/"),
    (_BLOG, "/feed"),
    (_BLOG, "/admin"),
    (_STRICT, "/"),
    (_STRICT, "/admin"),
)
"""Every domain and path that the routes declare."""
_PATHS = ("", "/", "/deeper", "?q=/feed")
"""What clients ask for below a declared path, in turn."""


class Mode(NamedTuple):
    """A version of Traefik and how it is started."""

    version: str
    name: str
    router_labels: bool = True
    safe_naming: bool = False

    @property
    def profile(self) -> Profile:
        """The arguments to begin with."""
        return {"k3s": K3S, "one entry point": LAB}.get(self.name, CHART)

    def play(self) -> Play:
        """The routes, backends and load of this mode."""
        services = [Backend("shop", name, _FAILING) for name in ("api", "red", "blue")]
        backends = [Backend("shop", "web", _FAST), *services, Backend("blog", "web", _FAILING)]
        return Play(self._objects(), backends, list(self._flows()), options=self._options())

    def _options(self) -> TraefikOptions:
        return TraefikOptions(
            self.router_labels,
            self.safe_naming,
            extra=tuple(self._arguments()),
            binary=binary(self.version),
            profile=self.profile,
        )

    def _arguments(self) -> Iterator[str]:
        if self.name == "redirect to websecure":
            yield from (f"{_TO_WEBSECURE}.to=websecure", f"{_TO_WEBSECURE}.scheme=https")
        if self.name == "middlewares":
            middleware = f"shop{'_' if self.safe_naming else '-'}mark@kubernetescrd"
            yield from (f"--entryPoints.{point}.http.middlewares={middleware}" for point in ("web", "websecure"))
        if self.name == "rule syntax v2":
            yield "--core.defaultRuleSyntax=v2"

    def _objects(self) -> list[Object]:
        mark = {"headers": {"customResponseHeaders": {"X-Mark": "1"}}}
        objects = [shop(), _nested(), _blog(), traefik_object("Middleware", "shop", "mark", mark)]
        return [*objects, *_strict()] if self.has_conflict else objects

    @property
    def has_conflict(self) -> bool:
        """Whether two routes of a host want different TLS options."""
        return self.name == "conflicting TLS options"

    def _flows(self) -> Iterator[Flow]:
        for number, (host, prefix) in enumerate(PLACES):
            if host == _STRICT and not self.has_conflict:
                continue
            asked = prefix.rstrip("/") + _PATHS[number % len(_PATHS)]
            flow = Flow(host, asked if asked.startswith("/") else f"/{asked}", _REQUESTS_PER_SECOND)
            if self.profile is LAB:
                yield flow
                continue
            yield replace(flow, per_second=_REQUESTS_PER_SECOND / 2, tls=True)
            if host != _STRICT:
                yield replace(flow, per_second=_REQUESTS_PER_SECOND / 2)


NAMES = (
    "chart",
    "k3s",
    "redirect to websecure",
    "middlewares",
    "rule syntax v2",
    "conflicting TLS options",
    "one entry point",
)
"""Every way to start Traefik; most with router labels."""
_ALSO_WITHOUT_LABELS = ("chart", "one entry point")


def modes(chosen: Iterable[str]) -> Iterator[Mode]:
    """All modes of these versions. Installs the versions."""
    for version in chosen:
        for safe_naming in (False, True) if has_safe_naming(binary(version)) else (False,):
            for name in NAMES:
                if name == "conflicting TLS options" and numbers(version) < _CONFLICTS_SINCE:
                    continue
                yield Mode(version, name, safe_naming=safe_naming)
                if name in _ALSO_WITHOUT_LABELS:
                    yield Mode(version, name, router_labels=False, safe_naming=safe_naming)


def place_of(host: str, asked: str) -> tuple[str, str]:
    """The declared place of a request: the longest declared path of its host. Raises ValueError if there is none."""
    declared = [prefix for domain, prefix in PLACES if domain == host and asked.startswith(prefix)]
    return host, max(declared, key=len)


def shop(*, with_new: bool = False) -> Object:
    """The routes of the shop; the one to `/new` comes and goes."""
    rules = [
        route(f"Host(`{_SHOP}`)", "web"),
        route(f"Host(`m.{_SHOP}`) || Host(`www.{_SHOP}`)", "api"),
        route(f"Host(`{_SHOP}`) && PathPrefix(`/api`)", "api"),
        route(f"Host(`{_TEAM}`) && PathPrefix(`/weighted`)", *_weighted()),
        route(f"Host(`{_TEAM}`) && (PathPrefix(`/nested`))", {"kind": "TraefikService", "name": "nested"}),
    ]
    new = [route(f"Host(`{_NEW}`) && PathPrefix(`/new`)", "web")] if with_new else []
    return ingress_route("shop", "shop.main", *rules, *new)


def _weighted() -> list[dict[str, Any]]:
    return [{"name": "red", "port": 80, "weight": 1}, {"name": "blue", "port": 80, "weight": 2}]


def _nested() -> Object:
    return traefik_object("TraefikService", "shop", "nested", {"weighted": {"services": _weighted()}})


def _blog() -> Object:
    return ingress("blog", "blog", {_BLOG: [path(prefix, "web") for prefix in ("/", "/feed", "/admin")]})


def _strict() -> list[Object]:
    """Two routes of one host with different TLS options, which Traefik serves with the default ones."""

    def secure(name: str, match: str, tls: dict[str, Any]) -> Object:
        spec = {"entryPoints": ["websecure"], "tls": tls, "routes": [route(match, "api")]}
        return traefik_object("IngressRoute", "shop", name, spec)

    return [
        traefik_object("TLSOption", "shop", "strict", {"minVersion": "VersionTLS13"}),
        secure("lax", f"Host(`{_STRICT}`)", {}),
        secure("strict", f"Host(`{_STRICT}`) && PathPrefix(`/admin`)", {"options": {"name": "strict"}}),
    ]
