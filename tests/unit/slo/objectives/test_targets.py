import pytest

from slo.objectives.targets import DEFAULT_TARGET, SavedTarget, Subject, Targets


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
