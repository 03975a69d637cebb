"""A stack is upgraded with data in it: items that an earlier version wrote are read, and counting goes on exactly.

The items were recorded from the version of commit ac75113: one pod and three routes, a push a minute for 64 minutes, a
rollup every five, and one sample that came late.
"""

import base64
import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from integration.use_cases import CLUSTER, DELAY, SLOT, T0, UseCases, process, route, row, snapshot

from slo.api.parameters import DomainsParameters, HistoryParameters, StatusHistoryParameters
from slo.app.clean_up import CleanUp
from slo.app.remove_cluster import RemoveCluster
from slo.app.restore import Restore
from slo.traefik.snapshots import Snapshot

ITEMS = Path(__file__).parents[1] / "items" / "2026-11-27-ac75113.json.gz"
HOUR = T0 // 3600 * 3600
RECORDED, END = 64, 130
"""Minutes after HOUR."""
ROUTES = (route("a.example.com"), route("a.example.com", "/api"), route("b.example.com"))
NAMES = [info.router_keys[0] for info in ROUTES]


def minute(number: int) -> Snapshot:
    """As the earlier version was given them: 10 requests a minute for the first rule, and 3 for the second one."""
    at = HOUR + 60.0 * number
    rows = [row(NAMES[0], 9 * number, number), row(NAMES[1], 3 * number)]
    return snapshot(at, [process(rows, at, HOUR - 4000)], ROUTES)


@pytest.fixture
def upgraded(backend: UseCases) -> UseCases:
    for variable, items in json.loads(gzip.decompress(ITEMS.read_bytes())).items():
        for item in items:
            stored = {name: _value(*next(iter(value.items()))) for name, value in item.items()}
            backend.client.put_item(TableName=backend.names[variable], Item=stored)
    return backend


def _value(kind: str, value: Any) -> dict[str, Any]:
    return {kind: base64.b64decode(value) if kind == "B" else value}


def test_counting_goes_on_exactly(upgraded: UseCases) -> None:
    assert upgraded.requests() == {NAMES[0]: 600, NAMES[1]: 180}
    for number in range(RECORDED, END + 1):
        upgraded.push(minute(number))
        if number % 5 == 1:
            upgraded.roll_up(HOUR + 60 * number + 5)
    upgraded.roll_up(HOUR + 60 * END + SLOT + DELAY)
    upgraded.roll_up(HOUR + 3 * 3600 + DELAY)
    truth = {NAMES[0]: 10 * END, NAMES[1]: 3 * END}
    assert upgraded.requests() == truth
    assert upgraded.hourly_requests(HOUR - 3600, HOUR + 3 * 3600) == truth


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
