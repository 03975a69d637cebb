"""Rules that Traefik refuses, as far as the text of a rule tells. Traefik answers 404 in their place.

The matchers and their arguments are those of `pkg/muxer/http/matcher.go` and `matcher_v2.go` in Traefik 3.7. Traefik
reads a rule with Go's parser, so a text needs Go's quotes and escapes.
"""

import re
from collections.abc import Iterator

from slo.traefik.rules import Matcher, RuleSyntax, RuleSyntaxError, matchers

_ARGUMENTS = {
    "ClientIP": (1,),
    "Method": (1,),
    "Host": (1,),
    "HostRegexp": (1,),
    "Path": (1,),
    "PathRegexp": (1,),
    "PathPrefix": (1,),
    "Header": (2,),
    "HeaderRegexp": (2,),
    "Query": (1, 2),
    "QueryRegexp": (1, 2),
}
_V2_MATCHERS = (
    *("ClientIP", "Method", "Host", "HostHeader", "HostRegexp", "Path", "PathPrefix"),
    *("Headers", "HeadersRegexp", "Query"),
)
_INSTEAD = {"Headers": "Header", "HeadersRegexp": "HeaderRegexp", "HostHeader": "Host"}
"""Matchers of Traefik 2, and their names since Traefik 3."""
_NOT_IN_RE2 = re.compile(r"\(\?(?:=|!|<=|<!)|\\[1-9]")
"""Look-around and back-references: https://github.com/google/re2/wiki/Syntax."""
_BAD_ESCAPE = re.compile(r"(?<!\\)(?:\\\\)*\\[^abfnrtv\\\"xuU0-7]")


def refusal(match: str, *, syntax: RuleSyntax = "v3") -> str:
    """Why Traefik refuses a rule, and how to write it; empty if nothing is known against it."""
    try:
        found = matchers(match)
    except RuleSyntaxError as error:
        return f"it cannot be parsed {error}"
    return next((reason for matcher in found for reason in _refusals(matcher, match, syntax)), "")


def _refusals(matcher: Matcher, match: str, syntax: RuleSyntax) -> Iterator[str]:
    if "single" in matcher.quotes:
        yield f"{matcher.name} has a text in single quotes; write it in backticks"
    if "double" in matcher.quotes and _BAD_ESCAPE.search(match):
        yield f"{matcher.name} has a backslash in double quotes; write the text in backticks"
    yield from _v2_refusals(matcher) if syntax == "v2" else _v3_refusals(matcher)


def _v2_refusals(matcher: Matcher) -> Iterator[str]:
    if matcher.name.lower() not in {name.lower() for name in _V2_MATCHERS}:
        yield f"the v2 syntax has no matcher {matcher.name}"


def _v3_refusals(matcher: Matcher) -> Iterator[str]:
    known = {name.lower(): name for name in _ARGUMENTS}
    name = known.get(matcher.name.lower())
    if name is None:
        instead = _INSTEAD.get(matcher.name)
        yield f"Traefik 3 has no matcher {matcher.name}" + (f"; it is called {instead}" if instead else "")
        return
    if len(matcher.arguments) not in _ARGUMENTS[name]:
        yield _wrong_number(name, matcher.arguments)
    for text in matcher.arguments[:1]:
        yield from _bad_value(name, text)


def _wrong_number(name: str, arguments: tuple[str, ...]) -> str:
    allowed = " or ".join(map(str, _ARGUMENTS[name]))
    hint = " || ".join(f"{name}(`{text}`)" for text in arguments[:2])
    instead = f"; write {hint}" if _ARGUMENTS[name] == (1,) and len(arguments) > 1 else ""
    return f"{name} has {len(arguments)} arguments, and Traefik 3 expects {allowed}{instead}"


def _bad_value(name: str, text: str) -> Iterator[str]:
    if name in ("Host", "HostRegexp") and not text.isascii():
        yield f"{name}(`{text}`) is not ASCII; write it in punycode (xn--...)"
    if name in ("Path", "PathPrefix") and not text.startswith("/"):
        yield f"{name}(`{text}`) does not start with a slash"
    if name.endswith("Regexp") and _NOT_IN_RE2.search(text):
        yield f"{name}(`{text}`) uses look-around or a back-reference, which Go's regular expressions do not have"
