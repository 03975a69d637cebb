"""A stack is upgraded with data in it: items that an earlier version wrote are read, and counting goes on exactly."""

import pytest
from integration.earlier_version import HOUR, NAMES, RECORDED, minute, put_into, truth
from integration.use_cases import CLUSTER, DELAY, SLOT, UseCases

from slo.api.parameters import DomainsParameters, HistoryParameters, StatusHistoryParameters
from slo.app.clean_up import CleanUp
from slo.app.remove_cluster import RemoveCluster
from slo.app.restore import Restore

END = 130
"""Minutes after HOUR."""


@pytest.fixture
def upgraded(backend: UseCases) -> UseCases:
    put_into(backend)
    return backend


def test_counting_goes_on_exactly(upgraded: UseCases) -> None:
    assert upgraded.requests() == truth(60)
    for number in range(RECORDED, END + 1):
        upgraded.push(minute(number))
        if number % 5 == 1:
            upgraded.roll_up(HOUR + 60 * number + 5)
    upgraded.roll_up(HOUR + 60 * END + SLOT + DELAY)
    upgraded.roll_up(HOUR + 3 * 3600 + DELAY)
    assert upgraded.requests() == truth(END)
    assert upgraded.hourly_requests(HOUR - 3600, HOUR + 3 * 3600) == truth(END)


def test_every_reader_reads_what_the_earlier_version_wrote(upgraded: UseCases) -> None:
    upgraded.now = HOUR + 60 * RECORDED
    answer = upgraded.query.domains(CLUSTER, DomainsParameters(time_range="1d"))
    booked, live = 780, 39
    found = [domain.summary.total_requests for domain in answer.domains if domain.domain == "a.example.com"]
    assert found == [booked + live]
    history = upgraded.trends.history(CLUSTER, "a.example.com", HistoryParameters(time_range="1d"))
    assert sum(point.total_requests or 0 for point in history.points) == booked + live
    assert upgraded.status_history.changes(CLUSTER, StatusHistoryParameters()).changes
    assert upgraded.route_map.by_service_key(CLUSTER, NAMES[0])


def test_every_operators_command_takes_what_the_earlier_version_wrote(upgraded: UseCases) -> None:
    upgraded.now = HOUR + 60 * RECORDED
    assert len(list(CleanUp(upgraded.stores).run())) == 1
    assert len(list(Restore(upgraded.stores).run())) == 1
    upgraded.now += 3_600
    deleted = RemoveCluster(upgraded.stores).run(CLUSTER, lambda _: None)
    assert deleted["ledger"] == 13
