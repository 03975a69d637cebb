from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slo.objectives.periods import Period

CALENDAR = ("week", "month", "quarter")


def bounds(period: Period, moment: str) -> tuple[str, str]:
    """Start and end in the period's zone, for a moment there."""
    zone = ZoneInfo(period.time_zone)
    found = period.bounds(datetime.fromisoformat(moment).replace(tzinfo=zone).timestamp())
    start, end = (datetime.fromtimestamp(each, zone).isoformat() for each in found)
    return start, end


@pytest.mark.parametrize(
    ("length", "zone", "moment", "start", "end"),
    [
        ("month", "UTC", "2024-02-29T12:00", "2024-02-01T00:00:00+00:00", "2024-03-01T00:00:00+00:00"),
        ("month", "UTC", "2023-02-28T23:59", "2023-02-01T00:00:00+00:00", "2023-03-01T00:00:00+00:00"),
        ("month", "Europe/Berlin", "2026-03-31T23:59", "2026-03-01T00:00:00+01:00", "2026-04-01T00:00:00+02:00"),
        ("month", "Europe/Berlin", "2026-10-01T00:00", "2026-10-01T00:00:00+02:00", "2026-11-01T00:00:00+01:00"),
        ("week", "Europe/Berlin", "2026-10-25T02:30", "2026-10-19T00:00:00+02:00", "2026-10-26T00:00:00+01:00"),
        ("week", "Asia/Kathmandu", "2026-11-23T00:00", "2026-11-23T00:00:00+05:45", "2026-11-30T00:00:00+05:45"),
        ("quarter", "America/New_York", "2026-12-31T23:59", "2026-10-01T00:00:00-04:00", "2027-01-01T00:00:00-05:00"),
        ("quarter", "UTC", "2024-03-31T00:00", "2024-01-01T00:00:00+00:00", "2024-04-01T00:00:00+00:00"),
    ],
)
def test_calendar_periods_across_changes_of_clocks_and_leap_days(
    length: str, zone: str, moment: str, start: str, end: str
) -> None:
    assert bounds(Period(length, zone), moment) == (start, end)  # type: ignore[arg-type]


@pytest.mark.parametrize(("zone", "hours"), [("Europe/Berlin", 743), ("UTC", 744), ("America/Sao_Paulo", 744)])
def test_a_march_is_as_long_as_its_clocks_say(zone: str, hours: int) -> None:
    start, end = Period("month", zone).bounds(datetime(2026, 3, 15, tzinfo=UTC).timestamp())
    assert (end - start) / 3600 == hours


@given(
    st.sampled_from(CALENDAR),
    st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kathmandu", "America/St_Johns", "Australia/Lord_Howe"]),
    st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)),
)
def test_periods_follow_one_another_and_hold_their_moment(length: str, zone: str, moment: datetime) -> None:
    period = Period(length, zone)  # type: ignore[arg-type]
    time = moment.replace(tzinfo=UTC).timestamp()
    start, end = period.bounds(time)
    assert start <= time < end
    assert period.bounds(end)[0] == end
    assert period.bounds(start - 1)[1] == start
    assert 0 <= period.elapsed(time) < 1
    first = datetime.fromtimestamp(start, ZoneInfo(zone))
    assert (first.hour, first.minute) == (0, 0)
    assert first.weekday() == 0 if length == "week" else first.day == 1


@given(st.sampled_from(["1d", "7d", "28d", "30d"]), st.integers(1, 4 * 10**9))
def test_a_rolling_period_ends_now(length: str, time: int) -> None:
    start, end = Period(length).bounds(time)  # type: ignore[arg-type]
    assert (end, timedelta(seconds=end - start)) == (time, timedelta(days=int(length[:-1])))
    assert Period(length).elapsed(time) == 1  # type: ignore[arg-type]


@pytest.mark.parametrize("zone", ["Europe/Atlantis", "Europe", "../etc/passwd", "local"])
def test_a_zone_that_does_not_exist_is_refused(zone: str) -> None:
    with pytest.raises(ValueError, match="IANA"):
        Period("month", zone)
