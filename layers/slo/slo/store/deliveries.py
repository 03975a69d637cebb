"""Deliveries, the health of channels and their threads: three topics of the table of notifications.

    topic               item_key         body
    delivery#{channel}  {order_id}       `Delivery`, for 30 days
    health              {channel}        attributes of `ChannelHealth`
    thread#{channel}    {incident_id}    the time stamp of a thread's first message, for 35 days

An order is claimed before it is sent, so two workers that have the same one do not both send it. A claim ends by
itself.
"""

import msgspec
from pynamodb.attributes import BinaryAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import DoesNotExist
from pynamodb.expressions.update import Action
from pynamodb.models import Model

from slo.notifications.delivery import (
    DELIVERIES_KEPT_SECONDS,
    MAX_ATTEMPTS,
    THREADS_KEPT_SECONDS,
    ChannelHealth,
    Delivery,
    Order,
    number_of,
)
from slo.store.codec import pack, unpack
from slo.store.errors import WriteConflictError, refusal_as
from slo.store.tables import Tables

_HEALTH = "health"
_CLAIM_SECONDS = 90
"""Longer than the function may run."""
_ERROR_LENGTH = 500
_MOST = 1000
"""Deliveries of one channel that are looked through for the newest."""


class DeliveryItem(Model):
    """A delivery, a thread or the health of a channel."""

    topic = UnicodeAttribute(hash_key=True)
    item_key = UnicodeAttribute(range_key=True)
    body = BinaryAttribute(legacy_encoding=False, null=True)
    status = UnicodeAttribute(null=True)
    claimed_until = NumberAttribute(null=True)
    ts = UnicodeAttribute(null=True)
    last_delivered_at = NumberAttribute(null=True)
    last_failed_at = NumberAttribute(null=True)
    last_error = UnicodeAttribute(null=True)
    failing_since = NumberAttribute(null=True)
    expires_at = NumberAttribute(null=True)


class DeliveryStore:
    """What became of the orders of each channel."""

    def __init__(self, tables: Tables) -> None:
        self._items = tables.bind(DeliveryItem, "NOTIFICATIONS_TABLE")

    def get(self, channel: str, order_id: str) -> Delivery | None:
        """What became of an order; None before its first attempt."""
        try:
            item = self._items.get(_delivery(channel), order_id, consistent_read=True)
        except DoesNotExist:
            return None
        return unpack(item.body, Delivery)

    def claim(self, order: Order, now: float, *, is_new: bool = False) -> Delivery:
        """Count an attempt, before it is made. Raises WriteConflictError if another worker makes one right now.

        Whoever gets a delivery that is `delivered` or `failed` has claimed nothing: there is nothing left to do. An
        order whose attempts were used up is open again if it is new in the queue (`is_new`): a dead letter is replayed.
        """
        known = self.get(order.channel, order.order_id)
        if known is not None and is_new and known.status == "failed" and known.attempts >= MAX_ATTEMPTS:
            known = msgspec.structs.replace(known, status="retrying", attempts=0)
        if known is not None and known.status != "retrying":
            return known
        claimed = Delivery(
            order_id=order.order_id,
            channel=order.channel,
            incident_id=order.incident_id,
            cluster_id=order.cluster_id,
            what=order.what,
            attempts=known.attempts + 1 if known else 1,
            status="retrying",
            first_attempt_at=known.first_attempt_at if known else now,
            last_error=known.last_error if known else None,
        )
        is_free = self._items.claimed_until.does_not_exist() | (self._items.claimed_until < now)
        is_open = self._items.status.does_not_exist() | (self._items.status != "delivered")
        with refusal_as(WriteConflictError(order.order_id)):
            self._item(claimed, claimed_until=now + _CLAIM_SECONDS).save(condition=is_free & is_open)
        return claimed

    def note(self, delivery: Delivery, now: float, *, says_health: bool = True) -> None:
        """Store what an attempt came to. It ends the claim.

        `says_health`: whether it says something of the channel's health, too.
        """
        self._item(delivery).save()
        if says_health:
            self._note_health(delivery, now)

    def _note_health(self, delivery: Delivery, now: float) -> None:
        health = self._items
        actions: list[Action]
        if delivery.status == "delivered":
            actions = [health.last_delivered_at.set(now), health.failing_since.remove()]
        else:
            actions = [
                health.last_failed_at.set(now),
                health.last_error.set((delivery.last_error or "")[:_ERROR_LENGTH]),
                health.failing_since.set(health.failing_since | now),
            ]
        self._items(_HEALTH, delivery.channel).update(actions=actions)

    def _item(self, delivery: Delivery, claimed_until: float | None = None) -> DeliveryItem:
        return self._items(
            _delivery(delivery.channel),
            delivery.order_id,
            body=pack(delivery),
            status=delivery.status,
            claimed_until=claimed_until,
            expires_at=int(delivery.first_attempt_at) + DELIVERIES_KEPT_SECONDS,
        )

    def is_overtaken(self, order: Order) -> bool:
        """Whether the channel was already told of a later step of the same incident."""
        if order.incident_id is None:
            return False
        prefix = f"{order.incident_id}."
        found = self._items.query(
            _delivery(order.channel), self._items.item_key.startswith(prefix), consistent_read=True
        )
        own = number_of(order.order_id)
        return any(item.status == "delivered" and number_of(item.item_key) > own for item in found)

    def newest(self, channel: str, limit: int) -> list[Delivery]:
        """The latest deliveries of a channel, newest first."""
        found = self._items.query(_delivery(channel), scan_index_forward=False, limit=_MOST)
        deliveries = sorted((unpack(item.body, Delivery) for item in found), key=_began, reverse=True)
        return deliveries[:limit]

    def health(self) -> dict[str, ChannelHealth]:
        """The health of every channel that was ever told anything, by its name."""
        return {item.item_key: _health(item) for item in self._items.query(_HEALTH)}

    def forget(self, channel: str) -> None:
        """Forget the health of a channel that is removed. Its deliveries expire."""
        self._items(_HEALTH, channel).delete()

    def thread(self, channel: str, incident_id: str) -> str | None:
        """The time stamp of the thread of an incident; None if there is none yet."""
        try:
            return self._items.get(_thread(channel), incident_id, consistent_read=True).ts
        except DoesNotExist:
            return None

    def put_thread(self, channel: str, incident_id: str, ts: str, now: float) -> None:
        """Remember the thread of an incident."""
        self._items(_thread(channel), incident_id, ts=ts, expires_at=int(now) + THREADS_KEPT_SECONDS).save()


def _delivery(channel: str) -> str:
    return f"delivery#{channel}"


def _thread(channel: str) -> str:
    return f"thread#{channel}"


def _began(delivery: Delivery) -> float:
    return delivery.first_attempt_at


def _health(item: DeliveryItem) -> ChannelHealth:
    times = {
        name: None if value is None else float(value)
        for name in ("last_delivered_at", "last_failed_at", "failing_since")
        for value in [getattr(item, name)]
    }
    return msgspec.convert({"channel": item.item_key, "last_error": item.last_error, **times}, ChannelHealth)
