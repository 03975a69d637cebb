"""Makes a request that a rule takes."""

import re
from collections.abc import Iterable, Iterator

import hypothesis
from hypothesis import strategies

from lab.trial.header import Request
from lab.trial.rules import HOSTS, PATHS, Matcher, alternatives, as_expression

_ANY_HOST = "any.example.com"
_HOST, _PATH = r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?", r"(/[A-Za-z0-9_.-]+)*/?"


def sample(rule: str) -> Request:
    """A request that the first alternative of the rule takes."""
    found = next(iter(alternatives(rule)), ())
    headers = {each.values[0]: each.values[1] for each in found if each.name in ("Header", "Headers")}
    methods = [each.values[0] for each in found if each.name == "Method"]
    query = "&".join("=".join(each.values[:2]) for each in found if each.name == "Query")
    path = next(_paths(found), "/")
    return Request(
        1,
        next(_hosts(found), _ANY_HOST),
        f"{path}?{query}" if query else path,
        headers=headers,
        method=methods[0] if methods else "GET",
    )


def _hosts(found: Iterable[Matcher]) -> Iterator[str]:
    for matcher in found:
        if matcher.name in HOSTS:
            yield matcher.values[0].replace("*", "any")
        elif matcher.name == "HostRegexp":
            yield _matching(matcher.values[0], _HOST) or _ANY_HOST


def _paths(found: Iterable[Matcher]) -> Iterator[str]:
    for matcher in found:
        if matcher.name in PATHS and "{" not in matcher.values[0]:
            yield matcher.values[0]
        elif matcher.name in (*PATHS, "PathRegexp"):
            yield _matching(matcher.values[0], _PATH) or "/"


def _matching(pattern: str, wanted: str) -> str | None:
    """The simplest text of a form that a pattern matches, or None."""
    try:
        return hypothesis.find(
            strategies.from_regex(re.compile(as_expression(pattern))),
            lambda text: re.fullmatch(wanted, text) is not None and ".." not in text,
            settings=hypothesis.settings(max_examples=2000, database=None, derandomize=True),
        )
    except (re.error, hypothesis.errors.HypothesisException):
        return None
