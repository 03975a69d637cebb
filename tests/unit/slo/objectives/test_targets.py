import pytest

from slo.objectives.targets import DEFAULT_TARGET, SavedTarget, Subject, Targets, ratio


def saved(domain: str = "", path: str = "", availability: float = 0.99, time_range: str = "1d") -> SavedTarget:
    return SavedTarget(
        subject=Subject(domain, path),
        time_range=time_range,  # type: ignore[arg-type]
        availability=availability,
        p95_latency=200,
        version=1,
        set_by="somebody",
        set_at=0,
    )


ALL = [saved(), saved("a", availability=0.98), saved("a", "/api", availability=0.97)]


@pytest.mark.parametrize(
    ("of", "availability", "source"),
    [
        (("a", "/api"), 0.97, "route"),
        (("a", "/"), 0.98, "domain"),
        (("a", ""), 0.98, "domain"),
        (("b", "/api"), 0.99, "cluster"),
    ],
)
def test_the_nearest_target_wins_and_says_where_it_is_from(
    of: tuple[str, str], availability: float, source: str
) -> None:
    target = Targets(ALL).of("1d", *of)
    assert (target.availability, target.source) == (availability, source)


def test_without_a_target_the_default_holds() -> None:
    assert Targets(ALL).of("7d", "a", "/api") == DEFAULT_TARGET
    assert (DEFAULT_TARGET.availability, DEFAULT_TARGET.p95_latency) == (0.95, 300)


@pytest.mark.parametrize("domain", ["a.example", "{(a|b)\\.example}", "100%25.example", "a%7Cb", "*", ""])
@pytest.mark.parametrize("path", ["", "/", "/a|b"])
def test_a_subject_survives_its_key(domain: str, path: str) -> None:
    assert Subject.of_key(Subject(domain, path).key("7d")) == ("7d", Subject(domain, path))


def test_the_keys_of_plain_domains_are_as_they_were() -> None:
    assert Subject("a.example", "/api").key("1d") == "1d|a.example|/api"


def test_a_ratio_is_exactly_what_is_written() -> None:
    assert (ratio(0.95), ratio(0.999), ratio(0.99999)) == ((19, 20), (999, 1000), (99999, 100000))
