"""Deliveries: lists what was told on the channels."""

from slo.api.notification_answers import DeliveriesAnswer, DeliveryAnswer
from slo.api.notification_parameters import DeliveriesParameters
from slo.api.tokens import Grant
from slo.app.stores import Stores
from slo.notifications.delivery import Delivery
from slo.store.deliveries import DeliveryStore
from slo.store.notifications import NotificationStore
from slo.structs import like
from slo.times import utc

_MANY = 1000


class Deliveries:
    """Reads deliveries."""

    def __init__(self, stores: Stores) -> None:
        self._store = stores.of(NotificationStore)
        self._deliveries = stores.of(DeliveryStore)

    def seen_by(self, asked: DeliveriesParameters, caller: Grant) -> DeliveriesAnswer:
        """The latest deliveries, newest first: those about the caller's clusters, and tests."""
        names = [asked.channel] if asked.channel else [channel.name for channel in self._store.settings().channels]
        limit = _MANY if caller.clusters else asked.limit
        found = [delivery for name in names for delivery in self._deliveries.newest(name, limit)]
        seen = [each for each in found if each.cluster_id is None or caller.may_see(each.cluster_id)]
        newest = sorted(seen, key=lambda delivery: delivery.first_attempt_at, reverse=True)[: asked.limit]
        return DeliveriesAnswer(deliveries=tuple(map(_answer, newest)))


def _answer(delivery: Delivery) -> DeliveryAnswer:
    return like(
        DeliveryAnswer,
        delivery,
        first_attempt_at=utc(delivery.first_attempt_at),
        delivered_at=None if delivery.delivered_at is None else utc(delivery.delivered_at),
    )
