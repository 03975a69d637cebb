"""Large clusters close their hours and days: no body is too large, however many paths or bounds there are."""

import random
from collections.abc import Iterator

import pytest
from integration.use_cases import BOUNDS, CLUSTER, DELAY, SLOT, T0, UseCases, process, route, row, snapshot
from msgspec.structs import replace

from slo.counting.books import UNATTRIBUTED
from slo.traefik.snapshots import IngressRouteInfo, SeriesRow, Snapshot

DAY = T0 // 86400 * 86400
ITEM_BYTES = 400 * 1024
"""DynamoDB's limit of an item."""
HOST = "api.example.com"
PATHS = tuple(route(HOST, f"/v1/service-{number}") for number in range(5000))
MANY_BOUNDS = tuple(round(0.01 * 1.15**number, 6) for number in range(64))
TIMES = (DAY + 60, DAY + 43200, DAY + 82900, DAY + 86390, DAY + 86460)


def pushes(
    routers: list[str], routes: tuple[IngressRouteInfo, ...], bounds: tuple[float, ...]
) -> Iterator[tuple[Snapshot, int]]:
    """Snapshots with counts that do not compress, and the requests up to each."""
    chance = random.Random(7)
    rows: dict[str, SeriesRow] = {}
    for at in TIMES:
        traefik = process(list(rows.values()), at, DAY - 4000)
        yield snapshot(at, [replace(traefik, bounds=bounds)], routes), sum(_requests(known) for known in rows.values())
        rows = {router: _served(rows.get(router, row(router, 0)), bounds, chance) for router in routers}


def _served(known: SeriesRow, bounds: tuple[float, ...], chance: random.Random) -> SeriesRow:
    codes = {code: known.codes.get(code, 0) + chance.randrange(1, 2000) for code in ("200", "301", "404", "503")}
    requests = sum(codes.values())
    before = known.buckets if len(known.buckets) == len(bounds) + 1 else (0,) * (len(bounds) + 1)
    more = requests - before[-1]
    added = [*sorted(chance.randrange(more + 1) for _ in bounds), more]
    buckets = tuple(count + increase for count, increase in zip(before, added, strict=True))
    return replace(known, codes=codes, methods={"GET": requests}, buckets=buckets)


def _requests(known: SeriesRow) -> int:
    return sum(known.codes.values())


@pytest.mark.parametrize(
    ("routers", "routes", "bounds", "domain"),
    [
        ([info.router_keys[0] for info in PATHS], PATHS, BOUNDS, HOST),
        ([f"ns-gone-{number}@kubernetescrd" for number in range(5000)], PATHS[:1], BOUNDS, UNATTRIBUTED),
        ([info.router_keys[0] for info in PATHS[:1000]], PATHS[:1000], MANY_BOUNDS, HOST),
    ],
    ids=["5,000 paths of one host", "5,000 series of no route", "64 bounds"],
)
def test_its_hours_and_its_day_are_closed(
    real: UseCases, routers: list[str], routes: tuple[IngressRouteInfo, ...], bounds: tuple[float, ...], domain: str
) -> None:
    totals = []
    for pushed, requests in pushes(routers, routes, bounds):
        real.push(pushed)
        booked = real.roll_up(int(pushed.taken_at) // SLOT * SLOT + SLOT + DELAY)
        assert booked is not None
        assert booked.refused == 0
        totals.append(requests)
    at_midnight, after_it = totals[-2:]
    assert sum(real.requests().values()) == after_it
    [day] = real.daily.between(CLUSTER, domain, DAY, DAY + 86400)
    assert sum(counts.requests for counts in day.entries().values()) == at_midnight
    items = [item for table in ("DAILY_TABLE", "LEDGER_TABLE") for item in scanned(real, table)]
    assert sum(len(item["body"]["B"]) for item in items) > ITEM_BYTES, "the test is large"


def test_ten_thousand_routes_change_their_status_at_once(real: UseCases) -> None:
    routes = tuple(route(f"d{number // 5}.example.com", f"/p{number % 5}") for number in range(10_000))
    chance = random.Random(2)
    rows = [_served(row(info.router_keys[0], 0), BOUNDS, chance) for info in routes]
    for at, served in ((T0, []), (T0 + 400, rows)):
        real.push(snapshot(at, [process(served, at, T0 + 30)] if served else [], routes))
        real.now = at + SLOT + DELAY
        booked = real.worker().run(CLUSTER)
    assert booked is not None
    assert booked.refused == 0
    assert booked.status_changes == 3 * (len(routes) + 2_000), "each route and each domain, in three time ranges"
    latest = real.statuses.latest(CLUSTER, booked.watermark)
    assert latest is not None
    assert len(latest.changes) == booked.status_changes
    assert sum(len(item["body"]["B"]) for item in scanned(real, "STATUS_HISTORY_TABLE")) > ITEM_BYTES


def scanned(real: UseCases, table: str) -> Iterator[dict[str, dict[str, bytes]]]:
    for page in real.client.get_paginator("scan").paginate(TableName=real.names[table]):
        yield from page["Items"]
