"""What is left out has the ends that can still be left out: slots for 90 days, then hours, then days."""

from datetime import UTC, datetime, timedelta

from slo.app.corrected_ledgers import left_out
from slo.counting.catalogue import Catalogue, Entry
from slo.objectives.exclusions import Exclusion
from slo.objectives.targets import Subject

NOW = datetime(2026, 11, 23, 15, 5, tzinfo=UTC)
CATALOGUE = Catalogue(version=1, next_id=2, entries=(Entry(1, "r", "s", (("a", "/"),), (0.1,)),))


def left(days_ago: int, start: str, end: str) -> list[tuple[str, str]]:
    """Start and end of what is left out, for an exclusion of so many days ago."""
    day = (NOW - timedelta(days=days_ago)).date()
    first, last = (datetime.fromisoformat(f"{day}T{time}+00:00").timestamp() for time in (start, end))
    exclusion = Exclusion(
        exclusion_id="1", subject=Subject(), start=first, end=last, reason="moved", set_by="ops", set_at=last
    )
    found = left_out([exclusion], CATALOGUE, 0, int(NOW.timestamp()), 300)
    assert all(each.entry_ids == {1} for each in found)
    return [tuple(f"{datetime.fromtimestamp(time, UTC):%H:%M}" for time in each[:2]) for each in found]  # type: ignore[misc]


def test_ends_are_those_of_slots_for_90_days() -> None:
    assert left(1, "14:11", "14:52") == left(89, "14:11", "14:52") == [("14:10", "14:55")]


def test_then_they_are_those_of_hours() -> None:
    assert left(91, "14:10", "16:50") == [("14:00", "16:00")]
    assert left(91, "14:10", "14:50") == []


def test_then_they_are_those_of_days() -> None:
    assert left(200, "10:00", "22:00") == []


def test_what_goes_on_has_the_end_that_it_will_have() -> None:
    assert left(0, "15:00", "18:00") == [("15:00", "18:00")]
