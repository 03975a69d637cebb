"""Families of routers: a parent counts each request that its children count, and those that no child took.

Traefik 3.6 serves a rule with `parentRefs` below another rule. Its parent counts every request once more, under the
service `{parent}-muxer`. So only what exceeds the children's counts is the parent's own: an answer of its middlewares,
or a path that no child serves.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from slo.counting.catalogue import Catalogue
from slo.counting.counts import Counts


class Family(NamedTuple):
    """The entries of the parents and of the children that share them."""

    parents: tuple[int, ...]
    children: tuple[int, ...]


class Rest(NamedTuple):
    """What is the parents' own, by entry id."""

    counts: dict[int, Counts]
    owed: dict[str, int]
    """By status code: what children have counted and no parent yet. A scrape may fall between the two."""


def families(catalogue: Catalogue) -> tuple[Family, ...]:
    """The families of a cluster. Children that share a parent are one family."""
    infos = {route.info.router_keys: route.info for route in catalogue.routes if route.info.parent_keys}
    if not infos:
        return ()
    parent_keys = {key for info in infos.values() for key in info.parent_keys}
    child_keys = {key for info in infos.values() for key in info.router_keys}
    parents, children = _entries_by_key(catalogue, parent_keys), _entries_by_key(catalogue, child_keys)
    found: list[tuple[set[int], set[int]]] = []
    for info in infos.values():
        up = {entry_id for key in info.parent_keys for entry_id in parents.get(key, ())}
        down = {entry_id for key in info.router_keys for entry_id in children.get(key, ())}
        related = [family for family in found if family[0] & up]
        found = [family for family in found if family not in related]
        found.append((up.union(*(each[0] for each in related)), down.union(*(each[1] for each in related))))
    return tuple(Family(tuple(sorted(up)), tuple(sorted(down))) for up, down in found if up and down)


def _entries_by_key(catalogue: Catalogue, keys: Iterable[str]) -> dict[str, list[int]]:
    """The entries of routers with these names, copies with an entry point's name in front included."""
    wanted = set(keys)
    found: dict[str, list[int]] = defaultdict(list)
    for entry in catalogue.entries:
        name = entry.router
        while name and name not in wanted:
            _, dash, rest = name.partition("-")
            name = rest if dash else ""
        if name:
            found[name].append(entry.id)
    return found


def rest(family: Family, gained: Mapping[int, Counts], owed: Mapping[str, int]) -> Rest:
    """What the parents counted beyond their children, by status code. It has no latency: the children have theirs."""
    taken = defaultdict[str, int](int, owed)
    for child in family.children:
        for code, count in gained.get(child, Counts()).codes.items():
            taken[code] += count
    counts: dict[int, Counts] = {}
    for parent in family.parents:
        own = gained.get(parent, Counts())
        codes = dict(own.codes)
        for code in codes:
            share = min(taken[code], codes[code])
            codes[code] -= share
            taken[code] -= share
        if any(codes.values()):
            counts[parent] = _without_latency({code: count for code, count in codes.items() if count}, own)
    return Rest(counts, {code: count for code, count in taken.items() if count})


def _without_latency(codes: dict[str, int], own: Counts) -> Counts:
    """Counts of these codes. Their methods are the parent's, as far as they go."""
    requests = sum(codes.values())
    methods: dict[str, int] = {}
    for method, count in sorted(own.methods.items(), key=lambda item: -item[1]):
        methods[method] = min(count, requests - sum(methods.values()))
    missing = requests - sum(methods.values())
    if missing:
        methods["GET"] = methods.get("GET", 0) + missing
    return Counts(codes, {method: count for method, count in methods.items() if count}, [0] * len(own.buckets), 0)
