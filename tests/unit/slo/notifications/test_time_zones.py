"""Time zones come from the package tzdata where the machine has none, as Lambda may."""

import zoneinfo
from collections.abc import Iterator

import pytest

from slo.notifications.settings import QuietHours, Settings
from slo.times import is_time_zone

NOON = 1_800_014_400
"""12:00 UTC in January."""


@pytest.fixture(autouse=True)
def machine_without_zones() -> Iterator[None]:
    zoneinfo.reset_tzpath(to=())
    zoneinfo.ZoneInfo.clear_cache()
    yield
    zoneinfo.reset_tzpath()
    zoneinfo.ZoneInfo.clear_cache()


@pytest.mark.parametrize(
    ("name", "is_known"),
    [("Europe/Berlin", True), ("UTC", True), ("Asia/Tokyo", True), ("Europe/Atlantis", False), ("", False)],
    ids=["Berlin", "UTC", "Tokyo", "Atlantis", "empty"],
)
def test_zones_are_known_by_their_names(name: str, is_known: bool) -> None:
    assert is_time_zone(name) is is_known


@pytest.mark.parametrize(
    ("zone", "is_quiet"), [("UTC", False), ("Asia/Tokyo", False), ("Pacific/Auckland", True)], ids=str
)
def test_quiet_hours_are_those_of_their_zone(zone: str, is_quiet: bool) -> None:
    """Noon in UTC is 21:00 in Tokyo and 01:00 in Auckland."""
    assert Settings(quiet_hours=QuietHours(start="22:00", end="07:00", time_zone=zone)).is_quiet(NOON) is is_quiet
