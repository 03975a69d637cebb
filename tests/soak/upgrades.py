"""A stack is upgraded with data in it."""

import time
from collections import Counter

from integration.earlier_version import HOUR, RECORDED, minute, put_into, truth
from integration.use_cases import CLUSTER, DELAY, SLOT, UseCases
from soak.survived import Codes, Survived, pushed, rolled_up

from lab.cloud.dynamodb_local import REGION, DynamoDBLocal

_END = 130
"""Minutes after HOUR."""


def upgraded(engine: DynamoDBLocal) -> Survived:
    """The items of an earlier version are in the tables; pushes and rollups go on with this version."""
    found = Survived("upgraded with data of an earlier version in it")
    backend = UseCases(engine.client(), REGION, engine.endpoint_url)
    put_into(backend)
    started = time.monotonic()
    for number in range(RECORDED, _END + 1):
        found.failed += not pushed(backend, minute(number), HOUR + 60.0 * number + 1)
        if number % 5 == 1:
            found.failed += not rolled_up(backend, CLUSTER, HOUR + 60 * number + 5)
        if not found.recovery and backend.codes() and _total(backend.codes()) > _total(_codes(60)):
            found.recovery = f"with the first rollup, {time.monotonic() - started:.1f} s"
    for at in (HOUR + 60 * _END + SLOT + DELAY, HOUR + 3 * 3600 + DELAY):
        rolled_up(backend, CLUSTER, at)
    counted = {name: Counter(all=codes.total()) for name, codes in backend.codes().items()}
    found.compare(_codes(_END), counted)
    hours = backend.hourly_requests(HOUR - 3600, HOUR + 3 * 3600)
    found.compare(_codes(_END), {name: Counter(all=requests) for name, requests in hours.items()})
    return found


def _codes(number: int) -> Codes:
    return {name: Counter(all=requests) for name, requests in truth(number).items()}


def _total(codes: Codes) -> int:
    return sum(each.total() for each in codes.values())
