"""Compares what Traefik served with what the product made of it."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

from lab.trial.booking import Booked
from lab.trial.cluster import Exchange, Observed
from lab.trial.places import Place, is_of
from slo.traefik.naming import declared_names
from slo.traefik.snapshots import IngressRouteInfo

_INTERNAL = "@internal"
_PARENT_AND_CHILD = " -> "
"""The access log names a router's parents before it."""


class Verdict(NamedTuple):
    """The answer of a trial, and whether every request is where it belongs."""

    answer: dict[str, Any]
    is_right: bool


def judge(observed: Observed, booked: Booked, version: str) -> Verdict:
    """Compare them."""
    rules = _Rules(observed)
    requests = [
        item
        for exchange, increase in zip(observed.exchanges, booked.increases, strict=True)
        for item in _requests(exchange, increase, rules)
    ]
    wrong = [item for item in requests if item.pop("is_wrong")]
    snapshot = observed.snapshots[-1]
    warnings = [
        *snapshot.warnings,
        *(warning for warning in booked.warnings if not any(whole.startswith(warning) for whole in snapshot.warnings)),
    ]
    answer = {
        "traefik": version,
        "routers": [_router(router, rules.places(router["name"])) for router in observed.routers],
        "requests": requests,
        "unplaced_requests": sum(item["count"] for item in wrong if item["booked_under"] is None),
        "listed_but_not_served": [list(place) for place in rules.not_served()],
        "warnings": list(dict.fromkeys(warnings)),
    }
    return Verdict(answer, not wrong)


class _Rules:
    """The routers of Traefik's API, with the rules of their parents, and what the agent says of each."""

    def __init__(self, observed: Observed) -> None:
        self._routers = {router["name"]: router for router in observed.routers}
        self._infos = observed.snapshots[-1].ingress_routes
        self._warnings = observed.snapshots[-1].warnings
        self._entry_points = observed.entry_points
        self._counted = set(
            re.findall(r'^traefik_router_requests_total\{[^}]*router="([^"]*)"', observed.exposition, re.M)
        )

    def of(self, router: str) -> str:
        """The rule of a router, joined with those of its parents."""
        known = self._routers.get(router)
        if known is None:
            return ""
        own = str(known.get("rule", ""))
        parents = [
            self.of(name if "@" in name else f"{name}@{known['provider']}") for name in known.get("parentRefs") or ()
        ]
        if not parents:
            return own
        return " || ".join(f"({parent}) && ({own})" for parent in parents)

    def enabled(self) -> Iterator[str]:
        """The rules that Traefik serves."""
        for name, router in self._routers.items():
            if router.get("status") != "disabled":
                yield self.of(name)

    def is_counted(self, router: str) -> bool:
        """Whether Traefik counts a router that served requests. Without router labels, only the agent can say so."""
        if router.endswith(_INTERNAL):
            return False
        return router in self._counted if self._counted else not self.is_said_not_to_count(router)

    def is_said_not_to_count(self, router: str) -> bool:
        """Whether the product says that Traefik does not count a router. Internal routers are nobody's."""
        return router.endswith(_INTERNAL) or any(info.not_counted for info in self.infos(router))

    def infos(self, router: str) -> list[IngressRouteInfo]:
        """What the agent says of a router, found as ingest finds it."""
        for name in declared_names(router, self._entry_points):
            if found := [info for info in self._infos if name in info.router_keys]:
                return found
        return []

    def is_said_not_counted(self, router: str) -> bool:
        """Whether the agent says that requests of a router, or some of them, are not counted."""
        infos = self.infos(router)
        titles = {f"{info.kind} {info.namespace}/{info.name}" for info in infos}
        noted = [warning for warning in self._warnings if "are not counted" in warning]
        return any(info.not_counted for info in infos) or any(title in text for title in titles for text in noted)

    def places(self, router: str) -> list[Place]:
        """The places that the agent gives to a router."""
        return list(dict.fromkeys(Place(info.domain, info.path_prefix) for info in self.infos(router)))

    def not_served(self) -> list[Place]:
        """What the agent lists as served and no router of Traefik serves."""
        enabled = list(self.enabled())
        listed = dict.fromkeys(Place(info.domain, info.path_prefix) for info in self._infos if not info.not_counted)
        return [place for place in listed if not any(is_of(place, rule) for rule in enabled)]


def _router(router: dict[str, Any], places: list[Place]) -> dict[str, Any]:
    return {
        "name": router["name"],
        "rule": router.get("rule", ""),
        "status": router.get("status", ""),
        "errors": list(router.get("error") or ()),
        "entry_points": list(router.get("entryPoints") or ()),
        "places": [list(place) for place in places],
    }


def _requests(exchange: Exchange, increase: Counter[Place], rules: _Rules) -> Iterator[dict[str, Any]]:
    """One item for each code and router of an exchange."""
    asked = exchange.request
    counts = Counter((_served_by(line), line["DownstreamStatus"]) for line in exchange.lines)
    if not counts:
        counts.update((None, status) for status in exchange.statuses or [0] * asked.count)
    for (router, code), count in counts.items():
        item = {
            "host": asked.host,
            "path": asked.path,
            "tls": asked.tls,
            "code": code,
            "count": count,
            "router": router,
            "booked_under": None,
        }
        if router is None:
            yield item | {"is_wrong": False}
        elif not rules.is_counted(router):
            says_so = router.endswith(_INTERNAL) or rules.is_said_not_counted(router)
            yield item | {"not_counted": True, "is_wrong": not says_so}
        else:
            place, fits = _booked(exchange, rules.of(router), increase, count)
            yield item | {"booked_under": place and list(place), "is_wrong": not fits}


def _served_by(line: dict[str, Any]) -> str | None:
    name = line.get("RouterName")
    return name.rpartition(_PARENT_AND_CHILD)[2] if name else None


def _booked(exchange: Exchange, rule: str, increase: Counter[Place], count: int) -> tuple[Place | None, bool]:
    """The place that so many requests were booked under, and whether it is a place of the rule that fits them."""
    found = [place for place, requests in increase.items() if requests >= count]
    fitting = [place for place in found if is_of(place, rule, exchange.request.host, exchange.request.path)]
    if fitting:
        return max(fitting, key=lambda place: (place.domain != "*", len(place.path))), True
    return next(iter(found), None), False
