"""The names that Traefik gives to routers and services, as they stand in its metrics.

All of it was observed on real Traefik 3.0.4 and 3.7.15. Every name is a label value with its provider
(`@kubernetescrd` for IngressRoutes, `@kubernetes` for Ingresses).
"""

import hashlib
import re

from slo.traefik.snapshots import MAX_NAME

CRD = "@kubernetescrd"
INGRESS = "@kubernetes"
DEFAULT_ROUTER = f"default-router{INGRESS}"
DEFAULT_BACKEND = f"default-backend{INGRESS}"

_WORD = re.compile(r"[^\W_]+")
_META = re.compile(r"[\\.+*?()|\[\]{}^$]")
_HASH_DIGITS = 20


def normalize(name: str) -> str:
    """Every run of characters that are neither letters nor digits becomes one dash; none at the ends."""
    return "-".join(_WORD.findall(name))


def bounded(name: str) -> str:
    """A name that fits into a snapshot: a longer one is cut, and ends in a hash of what it was."""
    if len(name) <= MAX_NAME:
        return name
    return f"{name[: MAX_NAME - _HASH_DIGITS - 1]}~{rule_hash(name)}"


def is_entry_point(router: str, service: str) -> bool:
    """Whether a series counts an entry point (`web`, `websecure`): all its services once more.

    A router or a service says its provider (`@kubernetescrd`), an entry point has none.
    """
    return not router and ("@" not in service or "@entrypoint" in service)


def rule_hash(match: str) -> str:
    """The first 20 hex digits of SHA-256 over a rule exactly as written."""
    return hashlib.sha256(match.encode()).hexdigest()[:_HASH_DIGITS]


def route_router(namespace: str, name: str, match: str) -> str:
    """Router of one `routes[]` entry of an IngressRoute, and its service where it has one Service or several."""
    return f"{normalize(f'{namespace}-{name}-{rule_hash(match)}')}{CRD}"


def child_service(namespace: str, service: str, port: int | str) -> str:
    """Service of one of several Services of a rule, or of a TraefikService; shared by all rules that use it so."""
    return f"{normalize(f'{namespace}-{service}-{port}')}{CRD}"


def traefik_service(namespace: str, name: str) -> str:
    """The `service` label of a rule whose only service is a TraefikService; it may name a provider (`api@internal`)."""
    bare, separator, provider = name.rpartition("@")
    if separator and provider != CRD[1:]:
        return f"{normalize(bare)}@{provider}"
    return f"{normalize(bare if separator else f'{namespace}-{name}')}{CRD}"


def safe_route_router(namespace: str, name: str, index: int) -> str:
    """`route_router` with Traefik's option `safeNaming` (3.7): by position, so swapping two rules swaps their names."""
    return f"{namespace}_{name}_{index}{CRD}"


def safe_own_service(router: str) -> str:
    """The only Service of a rule, with `safeNaming`."""
    return f"{router.removesuffix(CRD)}_lb{CRD}"


def safe_child_service(parent: str, kind: str, namespace: str, service: str, port: int | str) -> str:
    """As `child_service` with `safeNaming`.

    `parent` is the rule's router or `{namespace}_{traefikservice}`; `kind` is `wrr_{index}` or `mirroring`.
    """
    return f"{parent.removesuffix(CRD)}_{kind}_{namespace}_{service}_{port}{CRD}"


def path_router(namespace: str, ingress: str, host: str, path: str) -> str:
    """Router of one path of an Ingress."""
    return f"{normalize(f'{namespace}-{ingress}-{host}{path}')}{INGRESS}"


def colliding_path_routers(namespace: str, ingress: str, host: str, path: str, path_type: str) -> tuple[str, ...]:
    """What Traefik names a path's router when another path of the Ingress has the same name.

    A hash of the rule is appended; how the rule is written depends on Traefik's version, so there are several.
    """
    plain = path_router(namespace, ingress, host, path).removesuffix(INGRESS)
    return tuple(f"{plain}-{rule_hash(rule)}{INGRESS}" for rule in _path_rules(host, path, path_type))


def _path_rules(host: str, path: str, path_type: str) -> tuple[str, ...]:
    matcher = "Path" if path_type == "Exact" else "PathPrefix"
    return tuple(
        " && ".join(
            part for part in (_host_rule(host, quote), f"{matcher}({quote}{path}{quote})" if path else "") if part
        )
        for quote in ('"', "`")
    )


def _host_rule(host: str, quote: str) -> str:
    if not host:
        return ""
    if quote == "`" and host.startswith("*."):
        return f"HostRegexp(`^[a-zA-Z0-9-]+{_META.sub(r'\\\g<0>', host[1:])}$`)"
    return f"Host({quote}{host}{quote})"


def path_service(namespace: str, service: str, port: int | str) -> str:
    """Service of an Ingress path, shared by all paths that use it; also the task list's key of any route."""
    return f"{normalize(f'{namespace}-{service}-{port}')}{INGRESS}"


def display_name(key: str) -> str:
    """A series' name for people, without its provider."""
    return key.partition("@")[0] or key
