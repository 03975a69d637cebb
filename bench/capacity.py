"""The capacity that a push, a rollup and an answer consume, as DynamoDB Local counts it."""

import json
from collections.abc import Callable
from functools import partial
from statistics import mean

import msgspec

from bench.handlers import AGAIN
from bench.site import MIDNIGHT, SLOT_SECONDS, Site
from bench.synthetic import MINUTE_SECONDS, SyntheticCluster
from lab.cloud.dynamodb_local import CapacityMeter, DynamoDBLocal
from slo.times import HOUR_SECONDS, TIME_RANGES

AFTER_ROLLUP = ", after a rollup"
"""The suffix of answers that read the ledgers again. Without a suffix an answer is the first after a push."""
_INDEX_BYTES = 100
"""Storage overhead of an item beside its names and values, by DynamoDB's price list."""
_TRANSACTION_CHECK = 2
"""Write units of the condition on the cluster's claim."""


class Units(msgspec.Struct, frozen=True):
    """DynamoDB request units (write: 1 KB, read: 4 KB, half a unit if eventually consistent), and requests."""

    writes: float
    reads: float
    requests: float = 0.0


class Capacity(msgspec.Struct, frozen=True, kw_only=True):
    """What a cluster consumes. Pushes are means over five minutes."""

    routes: int
    pods: int
    active_share: float
    push: Units
    raw_item_writes: float
    """Write units of one process in one push."""
    rollup: Units
    """Of one slot in which no status changes and no hour ends."""
    status_book_writes: float
    """Write units that a change of status adds to a rollup."""
    hour_close: Units
    """What the close of an hour adds to a rollup."""
    day_close: Units
    """What the close of a day adds to the close of its last hour."""
    evaluation: Units
    """Of one push while all is well; a mean over five minutes with a rollup in them."""
    answers: dict[str, Units]
    """By name: `list 1d` after a push, `list 1d, after a rollup` (the catalogue is cached), and `list 1d, again`."""
    answer_bytes: dict[str, int]
    stored_bytes: dict[str, int]
    """The mean item size by table."""


def measure(running: DynamoDBLocal, meter: CapacityMeter, routes: int, pods: int, active_share: float) -> Capacity:
    """Measure a slot that writes all statuses, a plain one, one that closes an hour, and one that closes a day."""
    hour = MIDNIGHT - HOUR_SECONDS
    first, plain, last = (hour - slots * SLOT_SECONDS for slots in (3, 2, 1))
    cluster = SyntheticCluster(routes, now=first - MINUTE_SECONDS / 2, pods=pods, active_share=active_share)
    with Site(running, cluster) as site:
        site.push(first + MINUTE_SECONDS / 2)
        meter.reset()
        site.roll_up(plain)
        statuses = _of_table(meter, "StatusHistoryTable") + _TRANSACTION_CHECK
        pushes = _pushes(site, meter, plain)
        rollup = _without_statuses(_units(meter, lambda: site.roll_up(last)), meter)
        _pushes(site, meter, last)
        closing = _units(meter, lambda: site.roll_up(hour))
        hour_close = Units(
            _of_table(meter, "HourlyTable"), closing.reads - rollup.reads, closing.requests - rollup.requests
        )
        _pushes(site, meter, MIDNIGHT - SLOT_SECONDS)
        closing = _units(meter, lambda: site.roll_up(MIDNIGHT))
        day_close = Units(
            _of_table(meter, "DailyTable"),
            closing.reads - rollup.reads - hour_close.reads,
            closing.requests - rollup.requests - hour_close.requests,
        )
        evaluation = _evaluation(site, meter)
        answers, sizes = _answers(site, meter)
        push = Units(*(mean(column) for column in zip(*map(msgspec.structs.astuple, pushes), strict=True)))
        return Capacity(
            routes=routes,
            pods=pods,
            active_share=active_share,
            push=push,
            raw_item_writes=(push.writes - 1) / pods,
            rollup=rollup,
            status_book_writes=statuses,
            hour_close=hour_close,
            day_close=day_close,
            evaluation=evaluation,
            answers=answers,
            answer_bytes=sizes,
            stored_bytes=_stored(site),
        )


def _pushes(site: Site, meter: CapacityMeter, start: int) -> list[Units]:
    """The units of each push of one slot."""
    times = range(start + MINUTE_SECONDS // 2, start + SLOT_SECONDS, MINUTE_SECONDS)
    return [_units(meter, partial(site.push, time)) for time in times]


def _evaluation(site: Site, meter: CapacityMeter) -> Units:
    """The mean of the evaluations of five minutes, one of which follows a rollup. Those before them fill the caches."""
    found = []
    for minute in range(7):
        if minute == 6:
            site.roll_up(MIDNIGHT + SLOT_SECONDS)
        site.push(MIDNIGHT + (minute + 0.5) * MINUTE_SECONDS)
        event = site.stream_event()
        found.append(_units(meter, partial(site.evaluate, event)))
    return Units(*(mean(column) for column in zip(*map(msgspec.structs.astuple, found[2:]), strict=True)))


def _without_statuses(rollup: Units, meter: CapacityMeter) -> Units:
    statuses = _of_table(meter, "StatusHistoryTable")
    return msgspec.structs.replace(rollup, writes=rollup.writes - statuses - bool(statuses) * _TRANSACTION_CHECK)


def _of_table(meter: CapacityMeter, table: str) -> float:
    return sum(units for name, units in meter.writes.items() if name.endswith(table))


def _answers(site: Site, meter: CapacityMeter) -> tuple[dict[str, Units], dict[str, int]]:
    answers, sizes = {}, {}
    now = MIDNIGHT + 7 * MINUTE_SECONDS
    for name, path in site.paths.items():
        for time_range in TIME_RANGES:
            site.push(now := now + 1)
            site.get(path, time_range=time_range)
            for suffix in (AFTER_ROLLUP, "", AGAIN):
                if suffix == AFTER_ROLLUP:
                    site.claim()
                elif suffix == "":
                    site.push(now := now + 1)
                meter.reset()
                sizes[f"{name} {time_range}"] = len(site.get(path, time_range=time_range))
                answers[f"{name} {time_range}{suffix}"] = Units(meter.write_units, meter.read_units, meter.requests)
    return answers, sizes


def _units(meter: CapacityMeter, work: Callable[[], None]) -> Units:
    meter.reset()
    work()
    return Units(meter.write_units, meter.read_units, meter.requests)


def _stored(site: Site) -> dict[str, int]:
    """The mean size of an item in each table as DynamoDB bills it, to within a few bytes."""
    found = {}
    client = site.client()
    for variable in ("RAW_TABLE", "LEDGER_TABLE", "HOURLY_TABLE", "DAILY_TABLE", "CATALOGUE_TABLE", "ROUTE_MAP_TABLE"):
        items = client.scan(TableName=site.embedded.names[variable], Limit=50)["Items"]
        found[variable] = round(mean(map(_size, items))) if items else 0
    return found


def _size(item: dict[str, dict[str, object]]) -> int:
    total = _INDEX_BYTES
    for name, typed in item.items():
        ((_, value),) = typed.items()
        total += len(name) + (len(value) if isinstance(value, bytes | str) else len(json.dumps(value)))
    return total
