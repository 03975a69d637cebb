import pytest

from slo.traefik.domains import canonical, find, spellings


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Shop.Example.com.", "shop.example.com"),
        ("xn--bcher-kva.example", "bücher.example"),
        ("xn--strae-oqa.de", "straße.de"),
        ("straße.de", "straße.de"),
        ("strasse.de", "strasse.de"),
        ("xn--fiqs8s.xn--fiqz9s", "中国.中國"),
        ("*.xn--bcher-kva.example", "*.bücher.example"),
        ("_sip.example.com", "_sip.example.com"),
        ("xn--.example", "xn--.example"),
        ("xn--a.example", "xn--a.example"),
        ("*", "*"),
        ("", ""),
    ],
)
def test_one_domain_has_one_canonical_name(written: str, expected: str) -> None:
    assert canonical(written) == expected
    assert canonical(expected) == expected


@pytest.mark.parametrize("asked", ["straße.de", "STRAßE.DE.", "xn--strae-oqa.de"])
@pytest.mark.parametrize("known", ["straße.de", "xn--strae-oqa.de"])
def test_a_domain_is_found_however_it_is_written(known: str, asked: str) -> None:
    assert find(["strasse.de", known], asked) == known
    assert known in spellings(asked)


def test_a_domain_that_is_not_there_is_not_found() -> None:
    assert find(["a.example.com"], "b.example.com") is None
