import pytest
from hypothesis import given
from hypothesis import strategies as st

from slo.traefik.rules import MAX_LENGTH, MAX_PLACES, RuleSyntaxError, placement, within

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
        ("HostRegexp(`^.+\\.example$`)", [("{^.+\\.example$}", "/")]),
        ("HostRegexp(`^a$`) || HostRegexp(`^b$`)", [("{^a$}", "/"), ("{^b$}", "/")]),
        ("HostRegexp(`.+`) && Host(`a`)", [("a", "/")]),
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
        ("Host(`a`) && PathRegexp(`^/(x|y)\\(z\\)`)", [("a", "{^/(x|y)\\(z\\)}")]),
        ("Host(`a`) && PathPrefix(`/x`) && PathRegexp(`^/x/[0-9]+$`)", [("a", "{^/x/[0-9]+$}")]),
        ("Path(`/x/y`) && PathPrefix(`/x`)", [("*", "/x/y")]),
        ("Host(`*.a.example`) && Host(`b.a.example`)", [("b.a.example", "/")]),
        ("Host(`täst.example`)", [("täst.example", "/")]),
        ("Host(`*.wild.example.com`)", [("*.wild.example.com", "/")]),
    ],
)
def test_a_rule_serves_its_domains_and_paths(match: str, expected: list[tuple[str, str]]) -> None:
    assert list(placement(match).places) == expected


@pytest.mark.parametrize(
    "match",
    [
        "Host(`a`) && Host(`b`)",
        "Host(`a`) && PathPrefix(`/x`) && PathPrefix(`/y`)",
        "Path(`/x`) && PathPrefix(`/x/y`)",
        "Path(`/x`) && Path(`/y`)",
        "(Host(`a`) || Host(`b`)) && Host(`c`)",
    ],
)
def test_a_rule_that_contradicts_itself_serves_nothing(match: str) -> None:
    assert placement(match).places == ()


def test_a_contradiction_in_one_alternative_leaves_the_others() -> None:
    assert placement("Host(`a`) && Host(`b`) || Host(`c`)").places == (("c", "/"),)


def test_a_variable_of_the_v2_syntax_is_a_pattern_as_written() -> None:
    found = placement("HostRegexp(`{sub:[a-z]+}.example`) && PathPrefix(`/u/{id:[0-9]+}`)", syntax="v2")
    assert found.places == (("{sub:[a-z]+}.example", "/u/{id:[0-9]+}"),)
    assert placement("HostRegexp(`A.example`)", syntax="v2").places == (("a.example", "/"),)


def test_a_rule_with_too_many_places_keeps_the_first() -> None:
    hosts = " || ".join(f"Host(`h{number}`)" for number in range(9))
    found = placement(f"({hosts}) && ({' || '.join(f'PathPrefix(`/{each}`)' for each in 'abcdefgh')})")
    assert (len(found.places), found.dropped, found.places[0]) == (MAX_PLACES, True, ("h0", "/a"))
    assert not placement(hosts).dropped


def test_a_child_serves_its_own_places_within_those_of_its_parents() -> None:
    parents = ["Host(`a`)", "Host(`b`) && PathPrefix(`/api`)"]
    assert placement(within(parents, "PathPrefix(`/api/users`)")).places == (("a", "/api/users"), ("b", "/api/users"))
    assert placement(within(parents[1:], "PathPrefix(`/admin`)")).places == ()


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
    ],
)
def test_a_rule_that_cannot_be_read_says_where_and_why(match: str, expected: str) -> None:
    with pytest.raises(RuleSyntaxError, match=expected):
        placement(match)


def test_an_error_names_the_place() -> None:
    with pytest.raises(RuleSyntaxError, match="at character 11 of") as error:
        placement("Host(`a`) Host(`b`)")
    assert error.value.position == 10


@given(st.text(alphabet="Host(`a`)&|! PathPrefix/\"'\\,", max_size=60))
def test_any_text_is_read_or_refused(match: str) -> None:
    position = 0
    try:
        assert len(placement(match).places) <= MAX_PLACES
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
    assert set(placement(f"({some_host}) && ({some_path})").places) == set(placement(expanded).places)
