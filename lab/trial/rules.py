"""Reads rules as Traefik's own API shows them.

It does not use the product's parser, because a trial judges what the product makes of a rule.
"""

import re
from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

HOSTS, PATHS = ("Host", "HostHeader"), ("Path", "PathPrefix")
"""The matchers that take literal values."""
_TOKEN = re.compile(
    r"\s*(?:(?P<operator>&&|\|\||!|\(|\))"
    r"|(?P<name>[A-Za-z]+)\((?P<values>(?:\s*(?:`[^`]*`|\"(?:\\.|[^\"\\])*\")\s*,?)*)\))"
)
_VALUE = re.compile(r"`([^`]*)`|\"((?:\\.|[^\"\\])*)\"")
_TEMPLATE = re.compile(r"\{[^{}:]*:?((?:[^{}]|\{[^{}]*\})*)\}")
_MOST_ALTERNATIVES = 10_000


class Matcher(NamedTuple):
    """One matcher of a rule."""

    name: str
    values: tuple[str, ...]


type Alternative = tuple[Matcher, ...]
"""Matchers that must all match. What is negated is left out, because it only narrows."""


def alternatives(rule: str) -> list[Alternative]:
    """The alternatives of a rule, of which one must match. An unreadable rule has none."""
    tokens = list(_tokens(rule))
    try:
        found = _any(tokens)
    except IndexError:
        return []
    return [] if tokens else found[:_MOST_ALTERNATIVES]


def _tokens(rule: str) -> Iterator[str | Matcher]:
    at = 0
    while at < len(rule.rstrip()):
        found = _TOKEN.match(rule, at)
        if not found:
            yield "?"
            return
        at = found.end()
        yield found["operator"] or Matcher(found["name"], tuple(_values(found["values"])))


def _values(text: str) -> Iterator[str]:
    for raw, quoted in _VALUE.findall(text):
        yield raw or quoted.replace('\\"', '"').replace("\\\\", "\\")


def _any(tokens: list[str | Matcher]) -> list[Alternative]:
    found = _all(tokens)
    while tokens and tokens[0] == "||":
        tokens.pop(0)
        found += _all(tokens)
    return found


def _all(tokens: list[str | Matcher]) -> list[Alternative]:
    found = _one(tokens)
    while tokens and tokens[0] == "&&":
        tokens.pop(0)
        found = [left + right for left, right in product(found, _one(tokens))]
    return found


def _one(tokens: list[str | Matcher]) -> list[Alternative]:
    match tokens.pop(0):
        case "!":
            _one(tokens)
            return [()]
        case "(":
            found = _any(tokens)
            tokens.pop(0)
            return found
        case Matcher() as matcher:
            return [(matcher,)]
    return []


def as_expression(pattern: str) -> str:
    """A pattern as a regular expression; in Traefik 2's syntax, `{name:expression}` stands for a part."""
    if not re.search(r"\{[A-Za-z][^{}:]*:?", pattern):
        return pattern
    parts, at = [], 0
    for found in _TEMPLATE.finditer(pattern):
        parts += [re.escape(pattern[at : found.start()]), f"({found[1] or '[^./]+'})"]
        at = found.end()
    return f"^{''.join(parts)}{re.escape(pattern[at:])}"
