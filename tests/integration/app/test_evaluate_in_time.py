"""At one push a minute an order is in the queue 150 s after the first failing request at the latest."""

from collections.abc import Iterable

import msgspec
import pytest
from integration.use_cases import CLUSTER, DELAY, SLOT, T0, UseCases, process, route, row, snapshot

from slo.app.evaluate import Evaluate
from slo.notifications.changes import Change
from slo.notifications.delivery import Order
from slo.notifications.settings import Channel
from slo.store.notifications import NotificationStore

HOUR = T0 // 3600 * 3600
PUSH_SECONDS = 60
EVALUATED_SECONDS = 15
"""After a push. Here it is evaluated at once, so this is subtracted from what is allowed."""
WITHIN_SECONDS = 150
BEFORE, AFTER = 12, 4
"""Pushes before and after the minute in which failing begins."""
ROUTES = tuple(route(f"d{second:02}.example.com") for second in range(PUSH_SECONDS))
"""Each begins to fail at another second of the minute."""
FAILING_SINCE = {info.domain: HOUR + BEFORE * PUSH_SECONDS + second for second, info in enumerate(ROUTES)}


class Clocked:
    """Takes orders as the queue does, and notes when."""

    def __init__(self, backend: UseCases) -> None:
        self._backend = backend
        self.opened: list[tuple[str, float]] = []
        """Domains of openings, and when they were ordered."""

    def send(self, orders: Iterable[Order]) -> int:
        sent = list(orders)
        for order in sent:
            if order.notice is not None and order.notice.what == "opened":
                self.opened.append((order.notice.incident.subject.domain, self._backend.now))
        return len(sent)


def served(now: float, since: float, per_second: int, failing: int, of: int) -> tuple[int, int]:
    """Requests that went well and that failed until now. Of each `of` requests after `since` the first `failing` do."""
    total = round((now - HOUR) * per_second)
    after = max(0, round((now - since) * per_second))
    failed = after // of * failing + min(after % of, failing)
    return total - failed, failed


def ordered(backend: UseCases, per_second: int, failing: int, of: int) -> list[tuple[str, float]]:
    """Push every minute and evaluate; return which openings were ordered when."""
    store, queue = backend.stores.of(NotificationStore), Clocked(backend)
    settings = msgspec.structs.replace(
        store.settings(consistent=True), version=1, channels=(Channel(name="ops", kind="email"),)
    )
    store.put(settings, 0, Change(at=HOUR, by="test", what="channel_set", about="ops"))
    evaluate = Evaluate(backend.stores, queue=lambda: queue)  # type: ignore[arg-type,return-value]
    for number in range(1, BEFORE + 1 + AFTER):
        at = HOUR + number * PUSH_SECONDS
        rows = [
            row(info.router_keys[0], *served(at, FAILING_SINCE[info.domain], per_second, failing, of))
            for info in ROUTES
        ]
        backend.push(snapshot(at, [process(rows, at, HOUR - 40_000.0)], ROUTES))
        assert evaluate.pushed(CLUSTER) is not None
        if number % (SLOT // PUSH_SECONDS) == 2:
            backend.roll_up(at // SLOT * SLOT + DELAY)
    return queue.opened


@pytest.mark.parametrize("per_second", [1, 2, 10])
@pytest.mark.parametrize(("failing", "of"), [(1, 1), (1, 2)], ids=["all fail", "half fail"])
def test_who_fails_is_told_within_150_seconds_whenever_in_the_minute_it_begins(
    real: UseCases, per_second: int, failing: int, of: int
) -> None:
    opened = ordered(real, per_second, failing, of)
    assert sorted(domain for domain, _ in opened) == [info.domain for info in ROUTES], "each once, none is left out"
    took = {domain: at - FAILING_SINCE[domain] for domain, at in opened}
    assert min(took.values()) > 0
    assert max(took.values()) <= WITHIN_SECONDS - EVALUATED_SECONDS, took
