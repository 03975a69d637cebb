"""The names of routers and services in Traefik's metrics, as observed on Traefik 3.0.4 and 3.7.15.

Every name is a label value that ends in its provider: `@kubernetescrd` for IngressRoutes, `@kubernetes` for Ingresses.
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
    """Replace each run of characters other than letters and digits by one dash; strip dashes at the ends."""
    return "-".join(_WORD.findall(name))


def bounded(name: str) -> str:
    """A name that fits into a snapshot. A longer name is cut and ends in a hash of the full name."""
    if len(name) <= MAX_NAME:
        return name
    return f"{name[: MAX_NAME - _HASH_DIGITS - 1]}~{rule_hash(name)}"


def is_entry_point(router: str, service: str) -> bool:
    """Whether a series counts an entry point (`web`, `websecure`), which repeats the requests of all its services.

    Names of routers and services have a provider (`@kubernetescrd`); names of entry points have none.
    """
    return not router and ("@" not in service or "@entrypoint" in service)


def rule_hash(match: str) -> str:
    """The first 20 hex digits of the SHA-256 of a rule, exactly as written."""
    return hashlib.sha256(match.encode()).hexdigest()[:_HASH_DIGITS]


def route_router(namespace: str, name: str, match: str) -> str:
    """Router of one `routes[]` entry of an IngressRoute; also its service if it has one or several Services."""
    return f"{normalize(f'{namespace}-{name}-{rule_hash(match)}')}{CRD}"


def child_service(namespace: str, service: str, port: int | str) -> str:
    """Service for one of several Services of a rule or TraefikService; all rules that use it this way share it."""
    return f"{normalize(f'{namespace}-{service}-{port}')}{CRD}"


def traefik_service(namespace: str, name: str) -> str:
    """The `service` label of a rule whose only service is a TraefikService; `name` may be `api@internal`."""
    bare, separator, provider = name.rpartition("@")
    if separator and provider != CRD[1:]:
        return f"{normalize(bare)}@{provider}"
    return f"{normalize(bare if separator else f'{namespace}-{name}')}{CRD}"


def safe_route_router(namespace: str, name: str, index: int) -> str:
    """`route_router` with Traefik's option `safeNaming` (3.7). Names go by index: swapping two rules swaps them."""
    return f"{namespace}_{name}_{index}{CRD}"


def safe_own_service(router: str) -> str:
    """Service of a rule with one Service, with `safeNaming`."""
    return f"{router.removesuffix(CRD)}_lb{CRD}"


def safe_child_service(parent: str, kind: str, namespace: str, service: str, port: int | str) -> str:
    """`child_service` with `safeNaming`.

    `parent` is the rule's router or `{namespace}_{traefikservice}`; `kind` is `wrr_{index}` or `mirroring`.
    """
    return f"{parent.removesuffix(CRD)}_{kind}_{namespace}_{service}_{port}{CRD}"


def path_router(namespace: str, ingress: str, host: str, path: str) -> str:
    """Router of one path of an Ingress."""
    return f"{normalize(f'{namespace}-{ingress}-{host}{path}')}{INGRESS}"


def colliding_path_routers(namespace: str, ingress: str, host: str, path: str, path_type: str) -> tuple[str, ...]:
    """The possible names of a path's router if another path of the Ingress has the same name.

    Traefik then appends a hash of the rule. The spelling of the rule depends on Traefik's version.
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
    """Service of an Ingress path; all paths that use it share it. IngressRoutes also list it as one of their keys."""
    return f"{normalize(f'{namespace}-{service}-{port}')}{INGRESS}"


def display_name(key: str) -> str:
    """A series' name without its provider, for display."""
    return key.partition("@")[0] or key
