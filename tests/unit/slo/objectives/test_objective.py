from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slo.objectives.objective import Objective, Objectives, check_name
from slo.objectives.periods import LENGTHS, Period
from slo.objectives.targets import EVERYTHING, PRESET, Subject, ratio


def objective(domain: str = "", path: str = "", availability: float = 0.99, **own: Any) -> Objective:
    given = {"name": "monthly", "version": 1, "set_by": "somebody", "set_at": 0.0, **own}
    return Objective(subject=Subject(domain, path), availability=availability, **given)


EVERYWHERE = Objective(
    subject=EVERYTHING, name="usual", availability=0.999, version=1, set_by="somebody", set_at=0.0, is_followed=True
)
ALL = [objective(), objective("a", availability=0.98), objective("a", "/api", availability=0.97), EVERYWHERE]


@pytest.mark.parametrize(
    ("of", "availability", "source"),
    [
        (("a", "/api"), 0.97, "route"),
        (("a", "/"), 0.98, "domain"),
        (("A.", ""), 0.98, "domain"),
        (("b", "/api"), 0.99, "cluster"),
    ],
)
def test_the_most_specific_subject_wins_and_is_named(of: tuple[str, str], availability: float, source: str) -> None:
    followed = Objectives(ALL).followed(*of)
    assert (followed.target.availability, followed.target.source) == (availability, source)
    assert followed.objective is not None


def test_what_is_set_for_all_clusters_holds_where_nothing_else_is() -> None:
    objectives = Objectives([objective("a", availability=0.98), EVERYWHERE])
    elsewhere = objectives.followed("b", "/api")
    assert (elsewhere.target.availability, elsewhere.target.source) == (0.999, "all")
    assert objectives.followed("a", "/api").target.source == "domain"
    assert objectives.follows(EVERYWHERE)
    both = Objectives([EVERYWHERE, objective(origin="page", availability=0.9, name="usual")])
    assert both.followed("b").target.source == "cluster", "of the same name, and weaker in everything but its subject"
    assert both.follows(EVERYWHERE), "it is the followed one of its own subject"


def test_without_an_objective_the_preset_judges_and_promises_nothing() -> None:
    followed = Objectives([objective("b")]).followed("a", "/api")
    assert (followed.target, followed.objective) == (PRESET, None)
    assert (PRESET.availability, PRESET.p95_latency, PRESET.source) == (0.95, 300, "preset")


def test_of_several_the_marked_one_is_followed_else_the_longest_period() -> None:
    week = objective("a", availability=0.9, name="weekly", period=Period("7d"))
    month = objective("a", availability=0.99, name="monthly", period=Period("30d"))
    quarter = objective("a", availability=0.95, name="quarterly", period=Period("quarter", "Europe/Berlin"))
    assert Objectives([quarter, week, month]).followed("a").target.availability == 0.95
    marked = objective("a", availability=0.9, name="weekly", period=Period("7d"), is_followed=True)
    objectives = Objectives([quarter, marked, month])
    assert objectives.followed("a").period == Period("7d")
    assert [objectives.follows(each) for each in (quarter, marked, month)] == [False, True, False]


def test_an_annotation_holds_before_a_file_and_a_file_before_the_page() -> None:
    page = objective("a", availability=0.9, name="page", is_followed=True, period=Period("quarter"))
    file = objective("a", availability=0.95, name="file", origin="file")
    annotation = objective("a", availability=0.99, name="kubernetes", origin="annotation", period=Period("7d"))
    assert Objectives([page, file]).followed("a").target.availability == 0.95
    assert Objectives([page, annotation, file]).followed("a").target.availability == 0.99


@given(st.permutations([*ALL, objective("a", name="second"), objective("a", name="third", period=Period("month"))]))
def test_the_order_of_storage_changes_nothing(objectives: list[Objective]) -> None:
    assert Objectives(objectives).followed("a").period == Period("month")
    assert Objectives(objectives) == Objectives(reversed(objectives))


@pytest.mark.parametrize("domain", ["a.example", "{(a|b)\\.example}", "100%25.example", "a%7Cb", "*", ""])
@pytest.mark.parametrize("path", ["", "/", "/a|b"])
def test_a_subject_survives_its_key(domain: str, path: str) -> None:
    assert Subject.of_key(Subject(domain, path).key("monthly")) == ("monthly", Subject(domain, path))


def test_the_keys_of_plain_domains_are_as_they_were() -> None:
    assert Subject("a.example", "/api").key("1d") == "1d|a.example|/api"


@pytest.mark.parametrize("name", ["a", "7d", "monthly", "a-1", "a" * 63])
def test_names_are_dns_labels(name: str) -> None:
    assert check_name(name) is None


@pytest.mark.parametrize("name", ["", "A", "a_b", "-a", "a-", "a" * 64, "a|b", "a\n"])
def test_other_names_are_explained(name: str) -> None:
    assert "a-z" in (check_name(name) or "")


def test_a_ratio_is_exactly_what_is_written() -> None:
    assert (ratio(0.95), ratio(0.999), ratio(0.99999)) == ((19, 20), (999, 1000), (99999, 100000))


def test_burn_windows_know_the_length_of_each_period() -> None:
    assert [Period(length).days for length in LENGTHS] == [1, 7, 28, 30, 7, 30, 91]
