"""Which rules Traefik refuses. Each of them was refused by a real Traefik 3.0.4 and 3.7.15."""

import pytest

from slo.traefik.matchers import refusal
from slo.traefik.rules import RuleSyntax


@pytest.mark.parametrize(
    ("match", "expected"),
    [
        ("Host(`a`, `b`)", "write Host(`a`) || Host(`b`)"),
        ("Host('a')", "single quotes"),
        ("Host(`a`) && Headers(`x`, `y`)", "it is called Header"),
        ("Host(`a`) && Nothing(`x`)", "no matcher Nothing"),
        ("Host(`bücher.example`)", "punycode"),
        ("Host(`a`) && PathPrefix(`x`)", "slash"),
        ("Host(`a`) && Header(`x`)", "1 arguments"),
        ('HostRegexp("a\\.b")', "backticks"),
        ("PathRegexp(`^/(?!x)`)", "look-around"),
        ("Host(`a`", "cannot be parsed"),
    ],
)
def test_a_refused_rule_says_why(match: str, expected: str) -> None:
    assert expected in refusal(match)


@pytest.mark.parametrize(
    ("match", "syntax"),
    [
        ("Host(`a`) || Host(`b`)", "v3"),
        ("host(`a`) && HEADER(`x`, `y`)", "v3"),
        ('HostRegexp("^a\\\\.b$") && Query(`q`)', "v3"),
        ("Host(`a`, `b`) && Headers(`x`, `y`)", "v2"),
        ("HostRegexp(`{sub:[a-z]+}.example`)", "v2"),
    ],
)
def test_a_rule_that_traefik_serves_is_not_refused(match: str, syntax: RuleSyntax) -> None:
    assert refusal(match, syntax=syntax) == ""
