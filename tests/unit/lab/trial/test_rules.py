"""Rules are read, sampled and compared with places without the product's parser."""

import pytest

from lab.trial.places import Place, is_of
from lab.trial.rules import Matcher, alternatives
from lab.trial.sampling import sample

A, B = Matcher("Host", ("a",)), Matcher("Host", ("b",))
X = Matcher("PathPrefix", ("/x",))


@pytest.mark.parametrize(
    ("rule", "found"),
    [
        ("Host(`a`) || Host(`b`) && PathPrefix(`/x`)", [(A,), (B, X)]),
        ('(Host("a") || Host("b")) && PathPrefix("/x")', [(A, X), (B, X)]),
        ("Host(`a`) && !PathPrefix(`/y`)", [(A,)]),
        ("!(Host(`a`) || Host(`b`)) && PathPrefix(`/x`)", [(X,)]),
        (r'HostRegexp("^a\\.b$")', [(Matcher("HostRegexp", (r"^a\.b$",)),)]),
        ("Host(`a`", []),
        ("Host(`a`) Host(`b`)", []),
        ("Host('a')", []),
        ("Host(`a`) &&", []),
    ],
)
def test_a_rule_is_a_list_of_alternatives(rule: str, found: list[tuple[Matcher, ...]]) -> None:
    assert alternatives(rule) == found


def test_a_sample_request_has_everything_that_the_first_alternative_asks_for() -> None:
    asked = sample("Host(`a.example`) && Path(`/x`) && Method(`PUT`) && Header(`X-A`, `1`) && Query(`q`, `2`)")
    assert (asked.host, asked.path, asked.method, asked.headers) == ("a.example", "/x?q=2", "PUT", {"X-A": "1"})


@pytest.mark.parametrize(
    ("rule", "host", "path"),
    [
        (r"HostRegexp(`^[a-z]+\.shop\.example$`)", "a.shop.example", "/"),
        (r"PathRegexp(`^/api/v[0-9]{1,2}/(.*)/end`)", "any.example.com", "/api/v0/0/end"),
        ("HostRegexp(`{sub:[a-z]+}.example.com`) && PathPrefix(`/u/{id:[0-9]+}`)", "a.example.com", "/u/0"),
        ("PathPrefix(`/`)", "any.example.com", "/"),
    ],
)
def test_a_sample_matches_the_expressions(rule: str, host: str, path: str) -> None:
    assert (sample(rule).host, sample(rule).path) == (host, path)


REGEXP = r"HostRegexp(`^[a-z]+\.shop\.example$`) && PathRegexp(`^/v[0-9]/`)"


@pytest.mark.parametrize(
    ("place", "rule", "host", "path"),
    [
        (("a", "/"), "Host(`A`)", "a", "/anything"),
        (("b", "/x"), "Host(`a`) || (Host(`b`) && PathPrefix(`/x/`))", "b", "/x/1?q"),
        (("*", "/x"), "PathPrefix(`/x`)", "a", "/x"),
        (("*.shop.example", "/"), r"HostRegexp(`^[a-zA-Z0-9-]+\.shop\.example$`)", "one.shop.example", "/"),
        (("*.shop.example", "/"), "Host(`*.shop.example`)", "one.shop.example", "/"),
        ((r"{^[a-z]+\.shop\.example$}", "{^/v[0-9]/}"), REGEXP, "a.shop.example", "/v1/x"),
        (("a", "/u/{id:[0-9]+}"), "Host(`a`) && PathPrefix(`/u/{id:[0-9]+}`)", "a", "/u/42/x"),
    ],
)
def test_a_place_of_the_rule_that_fits_the_request_is_right(
    place: tuple[str, str], rule: str, host: str, path: str
) -> None:
    assert is_of(Place(*place), rule, host, path)
    assert is_of(Place(*place), rule)


@pytest.mark.parametrize(
    ("place", "rule", "host", "path"),
    [
        (("*", "/"), "Host(`a`)", "a", "/"),
        (("a", "/"), "Host(`a`) || Host(`b`)", "b", "/"),
        (("a", "/x"), "Host(`a`) || (Host(`b`) && PathPrefix(`/x`))", "a", "/x"),
        (("a", "/"), "Host(`a`) && PathPrefix(`/x`)", "a", "/x"),
        (("a", "/"), "Host(`a`) && PathRegexp(`^/x`)", "a", "/x"),
        (("*", "/"), REGEXP, "a.shop.example", "/v1/x"),
        (("{^[a-z]+$}", "{^/v[0-9]/}"), REGEXP, "a.shop.example", "/v1/x"),
        (("*.shop.example", "/"), "Host(`one.shop.example`)", "one.shop.example", "/"),
        (("a", "/"), "Host('a')", "a", "/"),
    ],
)
def test_any_other_place_is_wrong(place: tuple[str, str], rule: str, host: str, path: str) -> None:
    assert not is_of(Place(*place), rule, host, path)
