"""The weekly report: on Monday, once, to the channels that are named."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from integration.app.test_evaluate import Stage
from integration.use_cases import CLUSTER, UseCases

from slo.app.weekly import last_monday
from slo.notifications.settings import Channel, Digest

DAY = 86_400


@pytest.mark.parametrize(
    ("zone", "now", "monday"),
    [
        ("UTC", "2026-11-30T08:00", "2026-11-30T08:00"),
        ("UTC", "2026-11-30T07:59", "2026-11-23T08:00"),
        ("UTC", "2026-12-06T23:59", "2026-11-30T08:00"),
        ("Europe/Berlin", "2026-11-30T08:00", "2026-11-30T08:00"),
        ("Europe/Berlin", "2026-10-26T07:30", "2026-10-19T08:00"),
        ("Europe/Berlin", "2026-10-26T08:30", "2026-10-26T08:00"),
        ("America/New_York", "2026-03-09T09:00", "2026-03-09T08:00"),
        ("Asia/Tokyo", "2026-11-30T08:00", "2026-11-30T08:00"),
    ],
)
def test_it_is_the_last_monday_at_that_time_in_the_time_zone(zone: str, now: str, monday: str) -> None:
    digest = Digest(at="08:00", time_zone=zone)

    def at(text: str) -> float:
        return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()

    assert last_monday(digest, at(now)) == at(monday)


def test_without_a_digest_there_is_no_monday() -> None:
    assert last_monday(Digest(is_enabled=False), 1_800_000_000) == 0


def monday_after(time: float) -> float:
    return last_monday(Digest(), time) + 7 * DAY


@pytest.fixture
def stage(real: UseCases) -> Stage:
    stage = Stage(real)
    channels = (
        Channel(name="ops", kind="email"),
        Channel(name="chat", kind="slack"),
        Channel(name="pager", kind="pagerduty"),
    )
    stage.settings(channels=channels)
    stage.run(12)
    return stage


def go_to(stage: Stage, time: float) -> None:
    """Push again at a time, after a silence that nobody is told of."""
    stage.minute = int((time - stage.at) // 60) + stage.minute + 1
    stage.run(1)


def test_it_comes_once_a_week_and_not_on_the_day_of_the_installation(stage: Stage) -> None:
    assert stage.queue.orders == []
    stage.run(2, failing=[1])
    stage.run(14)
    monday = monday_after(stage.at)
    go_to(stage, monday + 60)
    stage.run(3)
    digests = [order for order in stage.queue.orders if order.digest is not None]
    assert sorted(order.channel for order in digests) == ["chat", "ops"], "a pager is for pages"
    date = datetime.fromtimestamp(monday, ZoneInfo("UTC")).date().isoformat()
    assert {order.order_id for order in digests} == {f"digest.{CLUSTER}.{date}"}
    report = digests[0].digest
    assert report is not None
    assert (report.start, report.end) == (monday - 7 * DAY, monday)
    assert (report.opened, report.resolved) == (1, 1)
    assert [(each.kind, each.subject.domain) for each in report.incidents] == [("outage", "b.example.com")]
    assert report.paths[0].domain == "b.example.com"
    assert report.paths[0].errors == 60
    assert {each.domain for each in report.domains} == {"a.example.com", "b.example.com"}


def test_it_goes_to_the_channels_that_are_named(stage: Stage) -> None:
    stage.settings(digest=Digest(channels=("pager",)))
    go_to(stage, monday_after(stage.at) + 60)
    assert [order.channel for order in stage.queue.orders if order.digest is not None] == ["pager"]


def test_one_that_is_a_day_late_is_left_out(stage: Stage) -> None:
    go_to(stage, monday_after(stage.at) + DAY + 120)
    assert [order for order in stage.queue.orders if order.digest is not None] == []
