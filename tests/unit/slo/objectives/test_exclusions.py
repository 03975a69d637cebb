from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slo.objectives.exclusions import Exclusion, check_rule, on_slots
from slo.objectives.targets import Subject
from slo.times import DAY_SECONDS

BERLIN = ZoneInfo("Europe/Berlin")


def exclusion(start: datetime, minutes: int, **own: str) -> Exclusion:
    at = start.timestamp()
    subject = Subject(own.pop("domain", ""), own.pop("path_prefix", ""))
    return Exclusion(
        exclusion_id="1",
        subject=subject,
        start=at,
        end=at + 60 * minutes,
        reason="moved",
        set_by="ops",
        set_at=0,
        **own,
    )


def local(found: list[tuple[float, float]], zone: ZoneInfo) -> list[str]:
    return [f"{datetime.fromtimestamp(start, zone):%m-%d %H:%M}" for start, _ in found]


def test_maintenance_stays_at_its_time_of_day_across_a_change_of_clocks() -> None:
    """Clocks in Berlin go back on October 25, 2026."""
    sunday = exclusion(datetime(2026, 10, 11, 4, tzinfo=BERLIN), 90, rule="FREQ=WEEKLY", time_zone="Europe/Berlin")
    end = datetime(2026, 11, 9, tzinfo=BERLIN).timestamp()
    found = list(sunday.occurrences(sunday.start, end))
    assert local(found, BERLIN) == ["10-11 04:00", "10-18 04:00", "10-25 04:00", "11-01 04:00", "11-08 04:00"]
    assert {end - start for start, end in found} == {5400}


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("FREQ=MONTHLY;BYDAY=1SA", ["01-03 02:00", "02-07 02:00", "03-07 02:00"]),
        ("FREQ=DAILY;COUNT=3", ["01-01 02:00", "01-02 02:00", "01-03 02:00"]),
        ("FREQ=WEEKLY;UNTIL=20260116T000000", ["01-01 02:00", "01-08 02:00", "01-15 02:00"]),
        ("FREQ=MONTHLY;BYMONTHDAY=31", ["01-31 02:00", "03-31 02:00"]),
    ],
)
def test_rules_are_those_of_rfc_5545(rule: str, expected: list[str]) -> None:
    planned = exclusion(datetime(2026, 1, 1, 2, tzinfo=UTC), 30, rule=rule)
    end = datetime(2026, 4, 1, tzinfo=UTC).timestamp()
    assert local(list(planned.occurrences(planned.start, end)), ZoneInfo("UTC")) == expected


@given(st.integers(0, 60), st.integers(1, 60), st.integers(1, 3 * 24 * 60))
def test_an_occurrence_that_touches_a_time_is_found(after: int, length: int, minutes: int) -> None:
    """Each day at 02:00, for up to three days: so several may go on at once."""
    planned = exclusion(datetime(2026, 1, 1, 2, tzinfo=UTC), minutes, rule="FREQ=DAILY")
    start = planned.start + after * DAY_SECONDS / 7
    end = start + length * 3600
    days = [planned.start + day * DAY_SECONDS for day in range(20)]
    expected = [(day, day + 60 * minutes) for day in days if day < end and day + 60 * minutes > start]
    assert list(planned.occurrences(start, end)) == expected


@pytest.mark.parametrize(
    "rule",
    [
        "",
        "daily",
        "FREQ=NEVER",
        "FREQ=DAILY;BYDAY=XX",
        "FREQ=HOURLY",
        "FREQ=DAILY\nX",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "\x00",
    ],
)
def test_what_is_no_rule_is_explained(rule: str) -> None:
    assert check_rule(rule, 0.0)


@given(st.text(max_size=40))
def test_no_text_breaks_the_check(text: str) -> None:
    assert check_rule(text, 0.0) is None or check_rule(text, 0.0)


def test_slots_that_are_touched_are_left_out_whole() -> None:
    assert list(on_slots([(301.0, 899.0), (900.0, 1200.0)], 300)) == [(300, 900), (900, 1200)]


@pytest.mark.parametrize(
    ("subject", "of", "is_covered"),
    [
        (("", ""), ("a", "/x"), True),
        (("a", ""), ("a", ""), True),
        (("a", ""), ("a", "/x"), True),
        (("a", "/x"), ("a", "/x"), True),
        (("a", "/x"), ("a", ""), False),
        (("a", "/x"), ("a", "/y"), False),
        (("b", ""), ("a", "/x"), False),
    ],
)
def test_a_subject_covers_what_is_below_it(subject: tuple[str, str], of: tuple[str, str], is_covered: bool) -> None:
    made = exclusion(datetime(2026, 1, 1, tzinfo=UTC), 5, domain=subject[0], path_prefix=subject[1])
    assert made.covers(*of) is is_covered
