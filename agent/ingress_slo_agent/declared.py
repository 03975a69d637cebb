"""Rules that a cluster declares, each one router of Traefik, and what an operator should know about the others."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import msgspec

from slo.traefik import naming
from slo.traefik.rules import MAX_PLACES, RuleSyntax, RuleSyntaxError, placement, within
from slo.traefik.snapshots import MAX_DOMAIN, MAX_PATH, MAX_ROUTER_KEYS, MAX_SERVICE_KEYS, IngressRouteInfo

_MAX_NAMED = 5
"""Objects that one warning names. It counts the others."""


class DeclaredRule(msgspec.Struct, frozen=True, kw_only=True):
    """One rule that Traefik serves as one router, or as one copy for each entry point."""

    kind: str
    namespace: str
    name: str
    match: str
    """The rule in Traefik's syntax."""
    syntax: RuleSyntax = "v3"
    router_keys: tuple[str, ...]
    """Every name that Traefik may give the router, the usual one first, without an entry point's prefix."""
    service_key: str
    service_keys: tuple[str, ...] = ()
    service_name: str = ""
    service_port: int | str = 0
    tls: bool = False
    parent_keys: tuple[str, ...] = ()
    """`router_keys` of the rules that this one is a child of."""
    parent_matches: tuple[str, ...] = ()
    """Their rules."""
    not_counted: str = ""
    """Why Traefik does not count its requests."""
    note: str = ""
    """What else an operator should know, as a sentence."""
    refused: str = ""
    """Why Traefik does not serve it."""

    @property
    def title(self) -> str:
        """How a message names the rule's object."""
        return f"{self.kind} {self.namespace}/{self.name}"


@dataclass
class Notes:
    """What an operator should fix, by reason. One warning names several objects."""

    by_reason: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def add(self, reason: str, title: str) -> None:
        """Note an object. `reason` is a sentence that follows the names."""
        if title not in self.by_reason[reason]:
            self.by_reason[reason].append(title)

    def warnings(self) -> Iterator[str]:
        """One sentence for each reason."""
        for reason, titles in self.by_reason.items():
            more = f" and {len(titles) - _MAX_NAMED} more" if len(titles) > _MAX_NAMED else ""
            yield f"{', '.join(titles[:_MAX_NAMED])}{more}: {reason}"


def infos_of(rules: Iterable[DeclaredRule], seen: frozenset[str], notes: Notes) -> Iterator[IngressRouteInfo]:
    """One route for each place of each rule that Traefik serves; notes name the others.

    A rule that our own checks refuse is served nevertheless if its router is among `seen`, the routers in the metrics.
    """
    for rule in rules:
        if rule.refused and seen.isdisjoint(rule.router_keys):
            notes.add(f"Traefik does not serve it: {rule.refused}.", rule.title)
        else:
            if rule.note:
                notes.add(rule.note, rule.title)
            yield from filter(None, (_fitted(info, notes) for info in _placed(rule, notes)))


def _placed(rule: DeclaredRule, notes: Notes) -> Iterator[IngressRouteInfo]:
    match = within(rule.parent_matches, rule.match) if rule.parent_matches else rule.match
    try:
        found = placement(match, syntax=rule.syntax)
    except RuleSyntaxError as error:
        notes.add(f"the rule cannot be parsed: {error}. Its requests are shown under the domain `*`.", rule.title)
        yield _info(rule, "*", "/")
        return
    if not found.places:
        notes.add("the rule contradicts itself, so no request matches it.", rule.title)
    if found.dropped:
        notes.add(f"the rule has more than {MAX_PLACES} places; the first {MAX_PLACES} are shown.", rule.title)
    for place in found.places:
        yield _info(rule, place.domain, place.path_prefix)


def _info(rule: DeclaredRule, domain: str, path_prefix: str) -> IngressRouteInfo:
    return IngressRouteInfo(
        name=rule.name,
        namespace=rule.namespace,
        kind=rule.kind,
        domain=domain,
        path_prefix=path_prefix,
        service_key=rule.service_key,
        service_name=rule.service_name,
        service_port=rule.service_port,
        tls=rule.tls,
        router_keys=rule.router_keys,
        service_keys=rule.service_keys,
        parent_keys=rule.parent_keys,
        not_counted=rule.not_counted,
    )


def _fitted(info: IngressRouteInfo, notes: Notes) -> IngressRouteInfo | None:
    """The route cut to the snapshot's limits, or None with a note: one bad rule must not fail the whole snapshot.

    A truncated path is still a prefix of the original.
    """
    fitted = msgspec.structs.replace(
        info,
        domain=naming.bounded(info.domain, MAX_DOMAIN) if "{" in info.domain else info.domain,
        path_prefix=info.path_prefix[:MAX_PATH],
        service_key=naming.bounded(info.service_key),
        router_keys=tuple(map(naming.bounded, info.router_keys))[:MAX_ROUTER_KEYS],
        service_keys=tuple(map(naming.bounded, info.service_keys))[:MAX_SERVICE_KEYS],
        parent_keys=tuple(map(naming.bounded, info.parent_keys))[:MAX_SERVICE_KEYS],
        not_counted=info.not_counted[:1000],
    )
    try:
        return msgspec.convert(msgspec.to_builtins(fitted), IngressRouteInfo)
    except msgspec.ValidationError as error:
        notes.add(f"{error}; its requests are shown without a domain.", f"{info.kind} {info.namespace}/{info.name}")
        return None
