import math
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slo.counting.histograms import Histogram
from slo.objectives.exclusions import Exclusion
from slo.objectives.objective import Objective, ObjectiveChange
from slo.objectives.periods import Period
from slo.objectives.statement import Counted, Held, held_in, line, month_bounds
from slo.objectives.targets import LatencyObjective, Subject
from slo.times import DAY_SECONDS, HOUR_SECONDS, utc

START, END = month_bounds("2026-10", "UTC")
SHOP = Subject("shop.example.com")


def objective(at: float = START - DAY_SECONDS, **changes: Any) -> Objective:
    given: dict[str, Any] = {
        "subject": SHOP,
        "name": "monthly",
        "availability": 0.999,
        "version": int(at),
        "set_at": at,
    }
    return Objective(**{**given, "set_by": "ops", "period": Period("month"), **changes})


def change(at: float, before: Objective | None, after: Objective | None) -> ObjectiveChange:
    return ObjectiveChange(at=at, by="ops", before=before, after=after)


def exclusion(at: float, **changes: Any) -> Exclusion:
    given: dict[str, Any] = {"exclusion_id": "1", "subject": SHOP, "start": START + 3600.0, "end": START + 7200.0}
    return Exclusion(**{**given, "reason": "moved", "set_by": "ops", "set_at": at, **changes})


def counted(requests: int, errors: int, *latencies: int) -> Counted:
    return Counted(requests, errors, Histogram((0.1, 0.3), latencies or (0, 0, 0)), 1.0, "router", False, False)


def held(about: Objective) -> Held:
    (found,) = held_in("2026-10", [about], [])
    return found


@pytest.mark.parametrize(
    ("month", "zone", "start", "hours"),
    [
        ("2024-02", "UTC", "2024-02-01T00:00+00:00", 29 * 24),
        ("2026-02", "UTC", "2026-02-01T00:00+00:00", 28 * 24),
        ("2026-03", "Europe/Berlin", "2026-02-28T23:00+00:00", 31 * 24 - 1),
        ("2026-10", "Europe/Berlin", "2026-09-30T22:00+00:00", 31 * 24 + 1),
        ("2026-12", "America/New_York", "2026-12-01T05:00+00:00", 31 * 24),
        ("2026-10", "Asia/Kolkata", "2026-09-30T18:00+00:00", 31 * 24),
    ],
)
def test_a_month_is_that_of_its_time_zone(month: str, zone: str, start: str, hours: int) -> None:
    first, last = month_bounds(month, zone)
    assert utc(first) == datetime.fromisoformat(start)
    assert (last - first) // HOUR_SECONDS == hours


@given(st.integers(2020, 2040), st.integers(1, 12), st.sampled_from(["UTC", "Asia/Kathmandu", "Australia/Lord_Howe"]))
def test_months_follow_each_other_without_a_gap(year: int, number: int, zone: str) -> None:
    following = f"{year + number // 12}-{number % 12 + 1:02d}"
    start, end = month_bounds(f"{year}-{number:02d}", zone)
    assert end == month_bounds(following, zone)[0]
    midnight = datetime(year, number, 1, tzinfo=ZoneInfo(zone)).timestamp()
    assert (start % HOUR_SECONDS, 0 <= midnight - start < HOUR_SECONDS) == (0, True)


def test_it_is_judged_by_what_held_last_and_names_changes_within_the_month() -> None:
    first, second = objective(), objective(START + 100, availability=0.99)
    third = objective(END + 5, availability=0.5)
    changes = [change(END + 5, second, third), change(START + 100, first, second), change(first.set_at, None, first)]
    (found,) = held_in("2026-10", [third], changes)
    assert (found.objective, found.until) == (second, END + 5)
    assert [each.at for each in found.changes] == [START + 100]
    (before,) = held_in("2026-09", [third], changes)
    assert (before.objective, [each.at for each in before.changes]) == (first, [first.set_at])
    assert held_in("2026-08", [third], changes) == []


def test_one_that_was_deleted_within_the_month_is_in_it_and_not_in_the_next() -> None:
    first = objective()
    changes = [change(first.set_at, None, first), change(START + 100, first, None)]
    (found,) = held_in("2026-10", [], changes)
    stated = line(found, "shop.example.com", counted(10, 0), [], [], [])
    assert stated.objective.ended_at == utc(START + 100)
    assert [(each.before is None, each.after is None) for each in stated.changes] == [(False, True)]
    assert held_in("2026-11", [], changes) == []


def test_a_mark_and_an_owner_are_no_other_promise() -> None:
    first = objective()
    second = objective(START + 100, owner="shop", is_followed=True)
    (found,) = held_in("2026-10", [second], [change(START + 100, first, second)])
    assert (found.objective.owner, found.changes) == ("shop", ())


def test_one_that_has_no_history_has_held_since_it_was_set() -> None:
    assert held_in("2026-10", [objective(END)], []) == []
    (found,) = held_in("2026-10", [objective(END - 1)], [])
    assert found.until == math.inf


MOMENTS = st.integers(START - 40 * DAY_SECONDS, END + 40 * DAY_SECONDS)
TARGETS = st.sampled_from([None, 0.9, 0.99, 0.999])


@given(st.lists(st.tuples(MOMENTS, TARGETS), max_size=8, unique_by=lambda each: each[0]))
def test_what_held_is_what_a_replay_of_the_changes_says(events: list[tuple[int, float | None]]) -> None:
    current: Objective | None = None
    changes, naive = [], None
    for at, availability in sorted(events):
        after = None if availability is None else objective(at, availability=availability)
        if current is None and after is None:
            continue
        if at < END and after is not None:
            naive = after
        if at <= START and after is None:
            naive = None
        changes.append(change(at, current, after))
        current = after
    found = held_in("2026-10", [] if current is None else [current], reversed(changes))
    assert [each.objective for each in found] == ([] if naive is None else [naive])


@given(st.integers(0, 10**7), st.integers(0, 10**5), st.sampled_from([0.95, 0.99, 0.999, 0.99999]))
def test_kept_is_what_whole_numbers_say(ok: int, errors: int, availability: float) -> None:
    stated = line(held(objective(availability=availability)), "a", counted(ok + errors, errors), [], [], [])
    allowed = round((1 - availability) * 100_000)
    kept = errors * 100_000 <= (ok + errors) * allowed
    assert stated.is_kept == (kept if ok + errors else None)
    assert stated.allowed_errors == (ok + errors) * allowed // 100_000
    if stated.error_budget_remaining is not None:
        assert (stated.error_budget_remaining >= 0) == kept


@pytest.mark.parametrize(("latencies", "kept"), [((99, 100, 100), True), ((98, 100, 100), False), ((0, 0, 0), None)])
def test_a_latency_objective_is_kept_or_missed_too(latencies: tuple[int, ...], kept: bool | None) -> None:
    about = objective(latency_objective=LatencyObjective(0.99, 100))
    assert line(held(about), "a", counted(100, 0, *latencies), [], [], []).is_kept is kept


@pytest.mark.parametrize(
    ("latencies", "highest", "kept"),
    [((100, 100, 100), 100, True), ((0, 100, 100), 100, False), ((0, 0, 100), 300, None), ((0, 0, 100), 200, False)],
)
def test_a_p95_in_the_open_bucket_is_told_only_if_it_is_missed(
    latencies: tuple[int, ...], highest: float, kept: bool | None
) -> None:
    about = objective(p95_latency=highest)
    assert line(held(about), "a", counted(100, 0, *latencies), [], [], []).is_kept is kept


def corrected(now: list[Exclusion], undone: list[ObjectiveChange]) -> list[tuple[str, float]]:
    stated = line(held(objective()), "shop.example.com", counted(10, 0), [], now, undone)
    return [(each.what, each.corrected_at.timestamp()) for each in stated.corrections]


def test_a_correction_is_what_differs_from_the_end_of_the_month() -> None:
    early, late = exclusion(START), exclusion(END + 10, exclusion_id="2")
    assert corrected([early], []) == []
    assert corrected([early, late], []) == [("excluded", END + 10)]
    undone = ObjectiveChange(at=END + 20, by="ops", included=early)
    assert corrected([late], [undone]) == [("excluded", END + 10), ("included", END + 20)]
    assert corrected([], [ObjectiveChange(at=END + 20, by="ops", included=late)]) == [], "made and undone afterwards"
    assert corrected([], [ObjectiveChange(at=END - 1, by="ops", included=early)]) == [], "undone within the month"
    elsewhere = exclusion(END + 10, start=END + 60.0, end=END + 120.0)
    assert corrected([elsewhere], []) == []


def test_a_recurring_exclusion_is_one_line() -> None:
    weekly = exclusion(START, rule="FREQ=DAILY", start=START - DAY_SECONDS + 3600.0, end=START - DAY_SECONDS + 7200.0)
    (found,) = line(held(objective()), "a", counted(10, 0), [], [weekly], []).exclusions
    assert (found.occurrences, found.start, found.end) == (
        31,
        datetime(2026, 10, 1, 1, tzinfo=UTC),
        datetime(2026, 10, 31, 2, tzinfo=UTC),
    )
