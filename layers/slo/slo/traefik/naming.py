"""The names of routers and services in Traefik's metrics, as observed on Traefik 3.0.4 to 3.7.15.

Every name is a label value that ends in its provider: `@kubernetescrd` for IngressRoutes, `@kubernetes` for Ingresses.
"""

import hashlib
import re
from collections.abc import Callable, Collection, Iterator

from slo.traefik.printable import printable
from slo.traefik.snapshots import MAX_NAME

CRD = "@kubernetescrd"
INGRESS = "@kubernetes"
DEFAULT_ROUTER = f"default-router{INGRESS}"
DEFAULT_BACKEND = f"default-backend{INGRESS}"
NGINX = "@kubernetesingressnginx"
GATEWAY = "@kubernetesgateway"
KNATIVE = "@knative"
USUAL_ENTRY_POINTS = ("web", "websecure")
"""The entry points of Traefik's Helm chart and of k3s."""

_WORD = re.compile(r"[^\W_]+")
_META = re.compile(r"[\\.+*?()|\[\]{}^$]")
_HASH_DIGITS = 20
_ANY_HASH = "*"
_HASHED = re.compile(rf"-[0-9a-f]{{20}}(?={GATEWAY}$)")
_CONFLICTED = "conflicted-"


def normalize(name: str) -> str:
    """Replace each run of characters other than letters and digits by one dash; strip dashes at the ends."""
    return "-".join(_WORD.findall(name))


def bounded(name: str, length: int = MAX_NAME) -> str:
    """A printable name that fits into a snapshot. A longer name is cut and ends in a hash of the full name."""
    name = printable(name)
    if len(name) <= length:
        return name
    return f"{name[: length - _HASH_DIGITS - 1]}~{rule_hash(name)}"


def is_entry_point(router: str, service: str) -> bool:
    """Whether a series counts an entry point (`web`, `websecure`), which repeats the requests of all its services.

    Names of routers and services have a provider (`@kubernetescrd`); names of entry points have none.
    """
    return not router and ("@" not in service or "@entrypoint" in service)


def declared_names(router: str, entry_points: Collection[str]) -> Iterator[str]:
    """The names that a rule may declare if Traefik serves it as this router, the router's own name first.

    A router on several entry points has a copy for each one that sets TLS, middlewares, a rule syntax or observability:
    `{entry point}-{name}` (`applyModel` in Traefik's `pkg/server/aggregator.go`). A router whose TLS options contradict
    another's is `{entry point}-conflicted-{name}` since Traefik 3.7. Both may have happened to one router.
    """
    names = [router]
    for name in names:
        yield name
        if hashed := _HASHED.search(name):
            yield f"{name[: hashed.start()]}-{_ANY_HASH}{name[hashed.end() :]}"
        rests = [name[len(point) + 1 :] for point in entry_points if name.startswith(f"{point}-")]
        found = [part for rest in rests for part in (rest.removeprefix(_CONFLICTED), rest)]
        names += [each for each in dict.fromkeys(found) if each not in names]


def is_copy(router: str, names: Collection[str]) -> bool:
    """Whether a router is one with these names, or a copy of it that has an entry point's name in front."""
    return router in names or any(
        router.endswith(f"-{name}") or any(other == name for other in declared_names(router, ())) for name in names
    )


def is_any_hash(name: str) -> bool:
    """Whether a name stands for routers that differ in the hash of their rule."""
    return f"-{_ANY_HASH}@" in name


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


def gateway_router(kind: str, route: tuple[str, str], gateway: tuple[str, str], entry_point: str, index: int) -> str:
    """Router of one rule of an HTTPRoute or GRPCRoute on one listener of a Gateway, with any hash.

    `route` and `gateway` are (namespace, name). Traefik appends a hash of the rule, whose text depends on the version.
    """
    name = f"{kind.lower()}-{'-'.join(route)}-gw-{'-'.join(gateway)}-ep-{entry_point}-{index}"
    return f"{normalize(name)}-{_ANY_HASH}{GATEWAY}"


def nginx_routers(namespace: str, ingress: str, rule: int, path: int) -> tuple[str, ...]:
    """Routers of one path of an Ingress for ingress-nginx: without and with TLS, and those of a canary.

    Traefik 3.6 has `-http` beside the name itself, 3.7 has `-tls`.
    """
    name = normalize(f"{namespace}-{ingress}-rule-{rule}-path-{path}")
    own = tuple(f"{name}{part}{tls}{NGINX}" for part in ("", "-canary", "-non-canary") for tls in ("", "-tls"))
    return (*own, f"{name}-http{NGINX}")


def nginx_redirect_routers(namespace: str, ingress: str, rule: int, path: int) -> tuple[str, ...]:
    """Routers that redirect between a host with `www.` and the one without."""
    name = normalize(f"{namespace}-{ingress}-rule-{rule}-path-{path}")
    return tuple(f"{name}{tls}-from-to-www-redirect{NGINX}" for tls in ("", "-tls"))


def nginx_default_routers(namespace: str = "", ingress: str = "") -> tuple[str, ...]:
    """Routers of the default backend of an Ingress for ingress-nginx; without a name, of one that has no rules."""
    name = normalize(f"{namespace}-{ingress}-default-backend")
    return tuple(f"{name}{tls}{NGINX}" for tls in ("", "-tls"))


def nginx_services(namespace: str, ingress: str, service: str, port: int | str) -> tuple[str, ...]:
    """Services of an Ingress for ingress-nginx: its own, and the one of its canary."""
    name = normalize(f"{namespace}-{ingress}-{service}-{port}")
    return tuple(f"{name}{part}{NGINX}" for part in ("", "-canary"))


def knative_routers(namespace: str, ingress: str, rule: int, path: int) -> tuple[str, ...]:
    """Routers of one path of a Knative Ingress, without and with TLS."""
    return tuple(f"{namespace}-{ingress}-rule-{rule}-path-{path}{tls}{KNATIVE}" for tls in ("", "-tls"))


def path_router(namespace: str, ingress: str, host: str, path: str) -> str:
    """Router of one path of an Ingress."""
    return f"{normalize(f'{namespace}-{ingress}-{host}{path}')}{INGRESS}"


def colliding_path_routers(namespace: str, ingress: str, host: str, path: str, path_type: str) -> tuple[str, ...]:
    """The possible names of a path's router if another path of the Ingress has the same name.

    Traefik then appends a hash of the rule. The spelling of the rule depends on Traefik's version.
    """
    plain = path_router(namespace, ingress, host, path).removesuffix(INGRESS)
    return tuple(f"{plain}-{rule_hash(rule)}{INGRESS}" for rule in _path_rules(host, path, path_type))


def _path_rules(host: str, path: str, path_type: str) -> Iterator[str]:
    """Every spelling of the rule in Traefik's versions: in backticks up to 3.3, in Go's double quotes since then."""
    matcher = {"Exact": "Path", "Regexp": "PathRegexp"}.get(path_type, "PathPrefix")
    for quoted in (_go_quoted, "`{}`".format):
        for host_rule in _host_rules(host, quoted):
            for path_rule in _path_spellings(matcher, path, quoted):
                yield " && ".join(part for part in (host_rule, path_rule) if part)


def _host_rules(host: str, quoted: Callable[[str], str]) -> Iterator[str]:
    """A wildcard is a HostRegexp up to Traefik 3.6 and in the v2 syntax, and a Host since 3.7."""
    yield f"Host({quoted(host)})" if host else ""
    if host.startswith("*."):
        yield f"HostRegexp({quoted(f'^[a-zA-Z0-9-]+{_META.sub(r"\\\g<0>", host[1:])}$')})"
        yield f"HostRegexp({quoted('{subdomain:[a-zA-Z0-9-]+}' + host[1:])})"


def _path_spellings(matcher: str, path: str, quoted: Callable[[str], str]) -> Iterator[str]:
    """With the option `strictPrefixMatching`, a prefix is a Path or a PathPrefix with a slash."""
    yield f"{matcher}({quoted(path)})" if path else ""
    if matcher == "PathPrefix" and path.strip("/") and quoted is _go_quoted:
        bare = path.removesuffix("/")
        yield f"(Path({quoted(bare)}) || PathPrefix({quoted(f'{bare}/')}))"


def _go_quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def path_service(namespace: str, service: str, port: int | str) -> str:
    """Service of an Ingress path; all paths that use it share it. IngressRoutes also list it as one of their keys."""
    return f"{normalize(f'{namespace}-{service}-{port}')}{INGRESS}"


def display_name(key: str) -> str:
    """A series' name without its provider, for display."""
    return key.partition("@")[0] or key
