import pytest
from hypothesis import given
from hypothesis import strategies as st

from slo.traefik.rules import MAX_LENGTH, MAX_PLACES, RuleSyntaxError, places

SHOP = ("shop.example.com", "/")
API = ("shop.example.com", "/api")


@pytest.mark.parametrize(
    ("match", "expected"),
    [
        ("Host(`shop.example.com`)", [SHOP]),
        ('Host("shop.example.com")', [SHOP]),
        ("Host('shop.example.com')", [SHOP]),
        ("host(`SHOP.example.com.`)", [SHOP]),
        ("Host(`shop.example.com`) && PathPrefix(`/api`)", [API]),
        ("PathPrefix(`/api`) && Host(`shop.example.com`)", [API]),
        ("Host(`shop.example.com`)&&Path(`/api`)", [API]),
        ("PathPrefix(`/api`)", [("*", "/api")]),
        ("HostRegexp(`.+`)", [("*", "/")]),
        ("Host(`a`) || Host(`b`)", [("a", "/"), ("b", "/")]),
        ("Host(`a`, `b`)", [("a", "/"), ("b", "/")]),
        ("Host(`a`) && (PathPrefix(`/x`) || PathPrefix(`/y`))", [("a", "/x"), ("a", "/y")]),
        (
            "(Host(`a`) || Host(`b`)) && (PathPrefix(`/x`) || PathPrefix(`/y`))",
            [("a", "/x"), ("a", "/y"), ("b", "/x"), ("b", "/y")],
        ),
        ("Host(`a`) && PathPrefix(`/x`) || Host(`b`)", [("a", "/x"), ("b", "/")]),
        ("Host(`a`) || Host(`b`) && PathPrefix(`/x`)", [("a", "/"), ("b", "/x")]),
        ("Host(`a`) && !PathPrefix(`/x`)", [("a", "/")]),
        ("Host(`a`) && !(Host(`b`) || PathPrefix(`/x`))", [("a", "/")]),
        ("Host(`a`) && PathPrefix(`/x`) && PathPrefix(`/x/y`)", [("a", "/x/y")]),
        ("Host(`a`) && Headers(`X-Version`, `2`) && Method(`GET`)", [("a", "/")]),
        ("Host(`a`) && ClientIP(`10.0.0.0/8`) || Host(`a`)", [("a", "/")]),
        ("Host(`a`) && PathRegexp(`^/(x|y)\\(z\\)`)", [("a", "/")]),
        ("Host(`täst.example`)", [("täst.example", "/")]),
        ("Host(`*.wild.example.com`)", [("*.wild.example.com", "/")]),
    ],
)
def test_a_rule_serves_its_domains_and_paths(match: str, expected: list[tuple[str, str]]) -> None:
    assert list(places(match)) == expected


@pytest.mark.parametrize(
    ("match", "expected"),
    [
        ("Host(`a`", "expected `\\)`"),
        ("Host(`a", "a closed quote"),
        ("Host(`a`) Host(`b`)", "expected `&&`"),
        ("&& Host(`a`)", "expected a matcher"),
        ("", "expected a matcher"),
        ("Host(`a`) &&", "expected a matcher"),
        ("(" * 200, "nested parentheses"),
        ("Host(`" + "a" * MAX_LENGTH + "`)", "characters"),
        ("Host(" + ",".join(f"`h{n}`" for n in range(MAX_PLACES + 1)) + ")", "combinations"),
    ],
)
def test_a_rule_that_cannot_be_read_says_where_and_why(match: str, expected: str) -> None:
    with pytest.raises(RuleSyntaxError, match=expected):
        places(match)


def test_an_error_names_the_place() -> None:
    with pytest.raises(RuleSyntaxError, match="at character 11 of") as error:
        places("Host(`a`) Host(`b`)")
    assert error.value.position == 10


@given(st.text(alphabet="Host(`a`)&|! PathPrefix/\"'\\,", max_size=60))
def test_any_text_is_read_or_refused(match: str) -> None:
    position = 0
    try:
        assert places(match)
    except RuleSyntaxError as error:
        position = error.position
    assert 0 <= position <= len(match)


hosts = st.sampled_from(["a.example", "b.example", "c.example"])
paths = st.sampled_from(["/x", "/y", "/x/z"])


@given(st.lists(hosts, min_size=1, max_size=3), st.lists(paths, min_size=1, max_size=3))
def test_and_distributes_over_or(domains: list[str], prefixes: list[str]) -> None:
    some_host = " || ".join(f"Host(`{domain}`)" for domain in domains)
    some_path = " || ".join(f"PathPrefix(`{prefix}`)" for prefix in prefixes)
    expanded = " || ".join(f"Host(`{domain}`) && PathPrefix(`{prefix}`)" for domain in domains for prefix in prefixes)
    assert set(places(f"({some_host}) && ({some_path})")) == set(places(expanded))
