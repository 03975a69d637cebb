"""Finds what a `host` of AtlHyper counted: an entry point, one or several routes, or a service without a route."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ingress_slo.atlhyper.database import Mapping, Measured
from slo.counting.catalogue import RouteId
from slo.traefik.naming import CRD, INGRESS, normalize, rule_hash
from slo.traefik.snapshots import IngressRouteInfo

ENTRY_POINTS = frozenset({"web", "websecure", "traefik", "metrics"})
"""The entry points' names in Traefik's charts and in k3s."""
_RULE_NAME = re.compile(r"(?P<rule>.+)-[0-9a-f]{20}" + re.escape(CRD))


class Owner(NamedTuple):
    """What a row counts."""

    is_entry_point: bool = False
    routes: tuple[RouteId, ...] = ()
    """Empty for a service without a route, which is imported under its own name."""


class Attribution:
    """Finds the owners of one cluster's rows in its route mapping."""

    def __init__(self, mappings: Sequence[Mapping], entry_points: Iterable[str] = ENTRY_POINTS) -> None:
        self._entry_points = frozenset(entry_points)
        self._by_key: dict[str, set[RouteId]] = defaultdict(set)
        self._by_bare_key: dict[str, set[RouteId]] = defaultdict(set)
        self._by_rule: dict[str, list[Mapping]] = defaultdict(list)
        for mapping in mappings:
            route = (mapping.domain, mapping.path_prefix)
            self._by_key[mapping.service_key].add(route)
            self._by_bare_key[_bare(mapping.service_key)].add(route)
            self._by_rule[normalize(f"{mapping.namespace}-{mapping.ingress_name}")].append(mapping)
        self._known: dict[tuple[str, str, str], Owner] = {}

    def of(self, row: Measured) -> Owner:
        """The owner of a row of metrics."""
        key = (row.host, row.domain, row.path_prefix)
        if key not in self._known:
            self._known[key] = self.of_host(row.host, (row.domain, row.path_prefix))
        return self._known[key]

    def of_host(self, host: str, said: RouteId = ("", "")) -> Owner:
        """The owner by service key, else by the name of its rule, else by `said`, the row's own domain and path."""
        if self.is_entry_point(host):
            return Owner(is_entry_point=True)
        found = self._by_key.get(host) or self._of_rule(host) or self._by_bare_key.get(_bare(host))
        if found:
            return Owner(routes=tuple(sorted(found)))
        return Owner(routes=(said,) if said[0] else ())

    def is_entry_point(self, host: str) -> bool:
        """Whether it is an entry point, such as `web`. Service names differ: they end in their provider (`@...`)."""
        return "@entrypoint" in host or (host in self._entry_points and host not in self._by_key)

    def _of_rule(self, host: str) -> set[RouteId]:
        """Routes of a service that Traefik names after its IngressRoute and a hash of the rule's text.

        AtlHyper mapped such services by their Kubernetes Service, a name that Traefik never uses. If the IngressRoute
        has several rules, the usual ways to write each rule are hashed and compared.
        """
        named = _RULE_NAME.fullmatch(host)
        candidates = self._by_rule.get(named["rule"], []) if named else []
        if len(candidates) == 1:
            return {(candidates[0].domain, candidates[0].path_prefix)}
        return {
            (mapping.domain, mapping.path_prefix)
            for mapping in candidates
            if any(host.endswith(f"-{rule_hash(match)}{CRD}") for match in _matches(mapping))
        }


def _matches(mapping: Mapping) -> tuple[str, ...]:
    """The usual ways to write the rule of a route."""
    host, path = f"Host(`{mapping.domain}`)", f"PathPrefix(`{mapping.path_prefix}`)"
    return (f"{host} && {path}", f"{path} && {host}", *((host,) if mapping.path_prefix == "/" else ()))


def _bare(key: str) -> str:
    """A service key without its provider, as one version of AtlHyper stored it."""
    return key.partition("@")[0]


def route_infos(mappings: Iterable[Mapping]) -> tuple[IngressRouteInfo, ...]:
    """The routes of the mapping in the form of a snapshot."""
    return tuple(
        IngressRouteInfo(
            name=mapping.ingress_name or mapping.service_name or mapping.service_key,
            namespace=mapping.namespace or "default",
            kind="Ingress" if mapping.service_key.endswith(INGRESS) else "IngressRoute",
            domain=mapping.domain,
            path_prefix=mapping.path_prefix,
            service_key=mapping.service_key,
            service_name=mapping.service_name,
            service_port=mapping.service_port,
            tls=mapping.tls,
            router_keys=(mapping.service_key,),
            service_keys=(mapping.service_key,),
        )
        for mapping in mappings
    )
