"""Places in a rule: what one alternative of a match rule restricts, and what two of them restrict together.

A regular expression is never run here: a text from a cluster could make it run for hours.
"""

import re
from typing import Literal, NamedTuple

PathKind = Literal["prefix", "exact", "pattern"]
_PLACEHOLDER = re.compile(r"\{[^{}]*\}")
"""A variable of the v2 syntax, such as `{subdomain:[a-z]+}`."""


class Placed(NamedTuple):
    """One alternative of an expression; None for what it does not restrict."""

    domain: str | None = None
    path: str | None = None
    path_kind: PathKind = "prefix"


ANYWHERE = (Placed(),)


def host(text: str) -> Placed:
    """What Host restricts."""
    return Placed(domain=text.strip().rstrip(".").lower() or None)


def host_pattern(text: str, *, is_v2: bool) -> Placed:
    """What HostRegexp restricts. A v2 pattern without a variable is a plain host."""
    if is_v2:
        return Placed(domain=text.strip()) if _PLACEHOLDER.search(text) else host(text)
    return Placed(domain=in_braces(text))


def prefix(text: str) -> Placed:
    """What PathPrefix restricts."""
    return Placed(path=_absolute(text))


def path(text: str) -> Placed:
    """What Path restricts."""
    return Placed(path=_absolute(text), path_kind="exact")


def path_pattern(text: str) -> Placed:
    """What PathRegexp restricts."""
    return Placed(path=in_braces(text), path_kind="pattern")


def in_braces(pattern: str) -> str:
    """A regular expression as a place shows it."""
    return f"{{{pattern}}}"


def is_pattern(place: str) -> bool:
    """Whether a domain or path is a regular expression."""
    return "{" in place


def _absolute(text: str) -> str:
    return text if text.startswith("/") else f"/{text}"


def both(one: Placed, other: Placed) -> Placed | None:
    """What satisfies both alternatives; None if no request can."""
    domain = _both_domains(one.domain, other.domain)
    place, kind = _both_paths(one, other)
    return None if domain == "" or place == "" else Placed(domain, place, kind)


def _both_domains(one: str | None, other: str | None) -> str | None:
    """The narrower domain; empty if no host satisfies both."""
    if one is None or other is None or one == other:
        return one or other
    plain, pattern = sorted((one, other), key=is_pattern)
    if is_pattern(pattern):
        return max(one, other, key=len) if is_pattern(plain) else plain
    wide, narrow = sorted((one, other), key=lambda domain: not domain.startswith("*."))
    return narrow if wide.startswith("*.") and narrow.endswith(wide[1:]) else ""


def _both_paths(one: Placed, other: Placed) -> tuple[str | None, PathKind]:
    """The narrower path and its kind; empty if no path satisfies both."""
    if one.path is None or other.path is None:
        known = other if one.path is None else one
        return known.path, known.path_kind
    if one.path_kind == other.path_kind == "prefix":
        wide, narrow = (one.path, other.path) if len(one.path) <= len(other.path) else (other.path, one.path)
        return (narrow if narrow.startswith(wide) else ""), "prefix"
    if "exact" in (one.path_kind, other.path_kind):
        exact, rest = (one, other) if one.path_kind == "exact" else (other, one)
        return (exact.path if _holds(rest, exact.path or "") else ""), "exact"
    patterns = [placed.path or "" for placed in (one, other) if placed.path_kind == "pattern"]
    return max(patterns, key=len), "pattern"


def _holds(placed: Placed, exact: str) -> bool:
    """Whether an exact path satisfies this restriction."""
    text = placed.path or ""
    if placed.path_kind == "pattern":
        return True
    return exact == text if placed.path_kind == "exact" else exact.startswith(text)
