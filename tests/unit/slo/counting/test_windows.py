from slo.counting.retention import kept_seconds
from slo.counting.windows import Window, ending_at, snap

DAY = 86_400
NOON = 1_800_014_400 + 35 * 60
SLOT = 300


def test_recent_bounds_are_snapped_to_a_slot() -> None:
    assert ending_at(NOON, DAY, SLOT)[0] == Window(NOON - DAY, NOON)


def test_a_month_ago_only_full_hours_are_kept() -> None:
    window, previous = ending_at(NOON, 30 * DAY, SLOT)
    assert window.start == NOON - 35 * 60 - 30 * DAY
    assert previous.end == window.start
    assert previous.start % 3600 == 0


def test_half_a_year_ago_only_midnights_are_kept() -> None:
    assert snap(NOON - 200 * DAY, NOON, SLOT) % DAY == 0


def test_every_bound_that_is_snapped_to_is_still_kept() -> None:
    for days in range(400):
        bound = snap(NOON - days * DAY, NOON, SLOT)
        assert NOON - bound <= kept_seconds(bound)
