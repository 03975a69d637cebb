import pytest

from ingress_slo.times import duration_seconds, duration_text, moment, utc_text


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("30m", 1_800), ("12h", 43_200), ("7d", 604_800)])
def test_durations_are_written_with_one_unit(text: str, seconds: int) -> None:
    assert duration_seconds(text) == seconds


@pytest.mark.parametrize("text", ["", "1", "d", "1w", "-1d", "1.5h", "1 day"])
def test_what_is_no_duration_says_how_to_write_one(text: str) -> None:
    with pytest.raises(ValueError, match="12h"):
        duration_seconds(text)


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("1970-01-02", 86_400),
        ("1970-01-01T01:00Z", 3_600),
        ("1970-01-01T01:00+01:00", 0),
        ("1970-01-01T01:00", 3_600),
        ("1h", 6_400),
    ],
)
def test_times_are_utc_unless_they_say_otherwise_or_so_long_ago(text: str, time: float) -> None:
    assert moment(text, 10_000) == time


def test_what_is_no_time_says_how_to_write_one() -> None:
    with pytest.raises(ValueError, match="2026-11-24T06:00Z"):
        moment("yesterday", 0)


def test_durations_and_times_are_shown_short() -> None:
    assert [duration_text(seconds) for seconds in (0, 59, 3_661, 90_000)] == ["0s", "59s", "1h 1m", "1d 1h"]
    assert utc_text(86_400) == "1970-01-02 00:00:00Z"
    assert utc_text(None) == "-"
