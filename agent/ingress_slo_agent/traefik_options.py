"""How Traefik is started: what its command line says about providers, classes and entry points.

The command line is in the pod (Traefik's Helm chart and k3s write no file). Options that Traefik reads from a file are
not seen; the agent's settings INGRESS_CLASS, LABEL_SELECTOR and NAMESPACES take their place.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Self

import msgspec

from ingress_slo_agent.settings import Traefik
from slo.traefik.naming import USUAL_ENTRY_POINTS
from slo.traefik.rules import RuleSyntax

CRD, INGRESS, NGINX, GATEWAY, KNATIVE = (
    "kubernetescrd",
    "kubernetesingress",
    "kubernetesingressnginx",
    "kubernetesgateway",
    "knative",
)
_PROVIDERS = {"kubernetesingressnginx": NGINX, "kubernetesgateway": GATEWAY, "knative": KNATIVE}
"""The providers, by the suffix of their routers, that are off by default."""
_PREFIX = "--"
_VARIABLE = "TRAEFIK_"
_TAG = re.compile(r"traefik[^:]*:v?(\d+)\.(\d+)")
INTERNAL_ENTRY_POINT = "traefik"
"""Traefik's own entry point, on which no router is by default."""


class EntryPoint(msgspec.Struct, frozen=True):
    """One entry point of Traefik."""

    name: str
    port: int = 0
    """0 if it is not known."""
    tls: bool = False
    """Whether it serves TLS for every router."""
    is_default: bool = False
    """Whether routers that name no entry point are on it."""
    is_counted: bool = True
    """Whether Traefik counts requests of its routers, unless a router says otherwise."""


class Provider(msgspec.Struct, frozen=True):
    """What one provider of Traefik serves."""

    ingress_class: str = ""
    controller_class: str = ""
    namespaces: tuple[str, ...] = ()
    """Empty for all namespaces."""
    label_selector: str = ""
    allow_cross_namespace: bool = False
    without_class: bool = False
    """Whether ingress-nginx' provider also serves Ingresses that name no class."""


class TraefikOptions(msgspec.Struct, frozen=True):
    """The options of one Traefik process that decide which routes it serves and how it names them."""

    providers: dict[str, Provider] = {}
    """By name in lower case. Empty if the command line is not known."""
    entry_points: tuple[EntryPoint, ...] = ()
    rule_syntax: RuleSyntax = "v3"
    version: tuple[int, int] = (3, 99)
    """Major and minor version in the image's tag; one that has every feature if the tag does not say it."""
    counts_internals: bool = False
    """Whether Traefik counts requests of its own services, such as `api@internal`."""

    @classmethod
    def of_pod(cls, pod: Mapping[str, Any], settings: Traefik) -> Self:
        """The options in a pod's arguments and environment, with the agent's settings in front."""
        flags = _flags(pod)
        names = {parts[1] for key in flags if (parts := key.split("."))[0] == "providers" and len(parts) > 1}
        return cls(
            providers={name: _provider(name, flags, settings) for name in sorted(names) if _is_on(name, flags)},
            entry_points=_entry_points(flags),
            rule_syntax="v2" if flags.get("core.defaultrulesyntax", "").lower() == "v2" else "v3",
            version=_version(pod),
            counts_internals=_is_true(flags.get("metrics.addinternals", "false")),
        )

    @classmethod
    def of_settings(cls, settings: Traefik, routers: Iterable[str] = ()) -> Self:
        """The options of a Traefik whose command line is not known."""
        seen = {_PROVIDERS[suffix] for router in routers if (suffix := router.rpartition("@")[2]) in _PROVIDERS}
        return cls(
            providers={name: _provider(name, {}, settings) for name in sorted({CRD, INGRESS} | seen)},
            entry_points=_USUAL,
        )

    def entry_points_of(self, named: Iterable[str]) -> tuple[EntryPoint, ...]:
        """The entry points of a router that names these ones, or none."""
        wanted = set(named)
        if wanted:
            known = {point.name: point for point in self.entry_points}
            return tuple(
                known.get(name, EntryPoint(name, tls=name == USUAL_ENTRY_POINTS[1])) for name in sorted(wanted)
            )
        return tuple(point for point in self.entry_points if point.is_default)


_USUAL = tuple(EntryPoint(name, tls=name == "websecure") for name in USUAL_ENTRY_POINTS)
"""None is a default, because that is not known."""


def options_of(
    pods: Iterable[Mapping[str, Any]], settings: Traefik, routers: Iterable[str] = ()
) -> tuple[TraefikOptions, ...]:
    """The different options of Traefik's pods.

    If no pod shows its command line, they are those of the settings, with the providers of `routers`, the routers in
    the metrics.
    """
    found = [TraefikOptions.of_pod(pod, settings) for pod in pods]
    shown = [options for options in found if options.providers]
    unique = {msgspec.json.encode(options): options for options in shown}
    return tuple(unique.values()) or (TraefikOptions.of_settings(settings, routers),)


def providers_of(options: Iterable[TraefikOptions]) -> frozenset[str]:
    """The names of all providers."""
    return frozenset(name for each in options for name in each.providers)


def selectors_of(options: Iterable[TraefikOptions]) -> tuple[str, ...]:
    """The label selectors of all providers, each once."""
    found = {provider.label_selector for each in options for provider in each.providers.values()}
    return tuple(sorted(found - {""}))


def _flags(pod: Mapping[str, Any]) -> dict[str, str]:
    """The options by key in lower case. A flag without a value is true."""
    flags: dict[str, str] = {}
    for container in (pod.get("spec") or {}).get("containers") or ():
        for variable in container.get("env") or ():
            name = str(variable.get("name") or "")
            if name.startswith(_VARIABLE):
                flags[name.removeprefix(_VARIABLE).replace("_", ".").lower()] = str(variable.get("value") or "")
        for argument in (*(container.get("command") or ()), *(container.get("args") or ())):
            if argument.startswith(_PREFIX):
                key, separator, value = argument.removeprefix(_PREFIX).partition("=")
                flags[key.lower()] = value if separator else "true"
    return flags


def _version(pod: Mapping[str, Any]) -> tuple[int, int]:
    images = [str(container.get("image") or "") for container in (pod.get("spec") or {}).get("containers") or ()]
    found = next(filter(None, map(_TAG.search, images)), None)
    return (int(found[1]), int(found[2])) if found else TraefikOptions().version


def _is_true(value: str) -> bool:
    return value.strip().lower() in ("", "true", "1", "t")


def _is_on(provider: str, flags: Mapping[str, str]) -> bool:
    """A provider is on if any of its options is set, unless the option itself is false."""
    return _is_true(flags.get(f"providers.{provider}", "true"))


def _provider(name: str, flags: Mapping[str, str], settings: Traefik) -> Provider:
    def flag(option: str) -> str:
        return flags.get(f"providers.{name}.{option}", "").strip()

    is_nginx = name == NGINX
    listed = [part.strip() for part in (flag("namespaces") or flag("watchnamespace")).split(",") if part.strip()]
    return Provider(
        ingress_class=(flag("ingressclass") or "nginx") if is_nginx else settings.ingress_class or flag("ingressclass"),
        controller_class=(flag("controllerclass") or "k8s.io/ingress-nginx") if is_nginx else "",
        namespaces=settings.watched_namespaces or tuple(sorted(listed)),
        label_selector=settings.label_selector or flag("labelselector"),
        allow_cross_namespace=_is_true(flags.get(f"providers.{name}.allowcrossnamespace", "false")),
        without_class=_is_true(flags.get(f"providers.{name}.watchingresswithoutclass", "false")),
    )


def _entry_points(flags: Mapping[str, str]) -> tuple[EntryPoint, ...]:
    by_name: dict[str, dict[str, str]] = {}
    for key, value in flags.items():
        section, _, rest = key.partition(".")
        name, _, option = rest.partition(".")
        if section == "entrypoints" and option:
            by_name.setdefault(name, {})[option] = value
    has_default = any(_is_true(options.get("asdefault", "false")) for options in by_name.values())
    return tuple(_entry_point(name, options, has_default) for name, options in sorted(by_name.items()))


def _entry_point(name: str, options: Mapping[str, str], has_default: bool) -> EntryPoint:
    port = options.get("address", "").partition("/")[0].rpartition(":")[2]
    is_default = _is_true(options.get("asdefault", "false")) if has_default else name != INTERNAL_ENTRY_POINT
    return EntryPoint(
        name=name,
        port=int(port) if port.isdecimal() else 0,
        tls=any(option.startswith("http.tls.") for option in options) or _is_true(options.get("http.tls", "false")),
        is_default=is_default,
        is_counted=_is_true(options.get("observability.metrics", "true")),
    )
