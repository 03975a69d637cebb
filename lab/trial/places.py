"""Judges places: whether a domain and a path are a rule's, and fit a request."""

import re
from typing import NamedTuple

from lab.trial.rules import HOSTS, PATHS, Alternative, alternatives, as_expression


class Place(NamedTuple):
    """A domain and a path, as the product names them."""

    domain: str
    path: str


def is_of(place: Place, rule: str, host: str = "", path: str = "") -> bool:
    """Whether a rule declares this domain and path, and they fit a request's host and path if these are given."""
    asked = path.partition("?")[0]
    return any(
        _is_domain_of(place.domain, found, host.lower()) and _is_path_of(place.path, found, asked)
        for found in alternatives(rule)
    )


def _is_domain_of(domain: str, found: Alternative, host: str) -> bool:
    literals = {value.lower() for each in found if each.name in HOSTS for value in each.values}
    patterns = [value for each in found if each.name == "HostRegexp" for value in each.values]
    if domain.startswith("{"):
        return any(_names_pattern(domain, pattern) and _fits(pattern, host) for pattern in patterns)
    if domain == "*":
        return not literals and not patterns
    if domain.startswith("*."):
        suffix = domain.removeprefix("*")
        is_declared = domain in literals or any(_fits(pattern, f"any{suffix}") for pattern in patterns)
        return is_declared and (host or suffix).endswith(suffix)
    return domain in literals and host in ("", domain)


def _is_path_of(path: str, found: Alternative, asked: str) -> bool:
    literals = [value for each in found if each.name in PATHS for value in each.values]
    patterns = [value for each in found if each.name == "PathRegexp" for value in each.values]
    if "{" in path:
        return any(_names_pattern(path, pattern) and _fits(pattern, asked) for pattern in [*patterns, *literals])
    if not literals and not patterns:
        return path == "/"
    if any(path.rstrip("/") == literal.rstrip("/") for literal in literals):
        return not asked or asked.startswith(path.rstrip("/"))
    return not literals and path != "/" and any(_fits(pattern, asked or path) for pattern in patterns)


def _names_pattern(shown: str, pattern: str) -> bool:
    """Whether what the product shows is this pattern: as Traefik writes it, possibly in braces and in lower case."""
    inner = shown.removeprefix("{").removesuffix("}")
    return pattern.lower() in (shown.lower(), inner.lower())


def _fits(pattern: str, text: str) -> bool:
    if not text:
        return True
    try:
        return re.search(as_expression(pattern), text, re.I) is not None
    except re.error:
        return True
