"""Delivers one order: tells a channel something once, and remembers what became of it.

An order that is recorded as delivered is never sent again. One that fails for a while is postponed in the queue and
holds up no other; after about a day the queue moves it to the dead letters.
"""

from collections.abc import Callable

import msgspec

from slo.app.settings_editor import SettingsEditor
from slo.app.stores import Stores
from slo.channels.failures import ChannelError, GoneError, PermanentError, TemporaryError
from slo.channels.senders import Senders
from slo.errors import CallerError
from slo.notifications import delivery as deliveries
from slo.notifications.changes import Change
from slo.notifications.delivery import MAX_ATTEMPTS, Delivery, DeliveryStatus, Order, wait_seconds
from slo.notifications.message import message_of
from slo.notifications.settings import Channel, Settings
from slo.store.channel_secrets import ChannelSecrets
from slo.store.deliveries import DeliveryStore
from slo.store.errors import WriteConflictError
from slo.store.notifications import NotificationStore

_OVERTAKEN = "A later message about this incident was delivered before it, so it was left out."
_BUSY_SECONDS = 60
"""Until an order is looked at again that another worker has right now."""


class Postponed(msgspec.Struct, frozen=True):
    """An order that is not done: the queue brings it again after this time."""

    seconds: int
    words: str
    """Why."""


class Deliver:
    """Delivers orders. Threads may share it."""

    def __init__(self, stores: Stores, secrets: ChannelSecrets, senders: Senders, dashboard_url: str) -> None:
        self._store = stores.of(NotificationStore)
        self._deliveries = stores.of(DeliveryStore)
        self._editor = SettingsEditor(stores)
        self._clock = stores.clock
        self._secrets = secrets
        self._senders = senders
        self._dashboard_url = dashboard_url

    def run(self, order: Order, received: int = 1) -> Delivery | Postponed:
        """Try once. `received` is how often the queue has brought this order, this time included."""
        try:
            claimed = self._deliveries.claim(order, self._clock(), is_new=received == 1)
        except WriteConflictError:
            return Postponed(_BUSY_SECONDS, "Another worker has this order right now.")
        if claimed.status != "retrying":
            return claimed
        return self._attempt(order, msgspec.structs.replace(claimed, attempts=max(claimed.attempts, received)))

    def _attempt(self, order: Order, claimed: Delivery) -> Delivery | Postponed:
        try:
            self._send(order)
        except GoneError as error:
            self._disable(order.channel, error.words)
            return self._note(claimed, "failed", error.words)
        except PermanentError as error:
            return self._note(claimed, "failed", error.words)
        except TemporaryError as error:
            return self._postpone(claimed, error)
        return self._note(claimed, "delivered")

    def _send(self, order: Order) -> None:
        """Raises ChannelError, also for what nobody expected: an order is neither lost nor tried for ever."""
        try:
            if self._deliveries.is_overtaken(order):
                raise PermanentError(_OVERTAKEN)
            settings = self._secrets.get(order.channel, self._enabled(order.channel).kind)
            if settings is None:
                raise PermanentError("The channel has no settings. Set it again.")
            message = message_of(order, self._dashboard_url)
            self._senders.send(settings, message, _Threads(self._deliveries, order.channel, self._clock))
        except CallerError as error:
            raise PermanentError(f"The channel's settings are not valid. Set it again. {error.detail}") from error
        except ChannelError:
            raise
        except Exception as error:
            raise TemporaryError(f"The delivery failed: {type(error).__name__}.") from error

    def _enabled(self, name: str) -> Channel:
        """The channel as it is now: it may have become another kind since the order."""
        channel = _named(self._store.settings(), name)
        if channel is None:
            raise PermanentError("The channel was removed.")
        if not channel.is_enabled:
            raise PermanentError("The channel is disabled.")
        return channel

    def _postpone(self, claimed: Delivery, error: TemporaryError) -> Delivery | Postponed:
        if claimed.attempts >= MAX_ATTEMPTS:
            self._note(claimed, "failed", error.words)
            return Postponed(0, error.words)
        self._note(claimed, "retrying", error.words)
        return Postponed(wait_seconds(claimed.attempts, error.retry_after_seconds), error.words)

    def _note(self, claimed: Delivery, status: DeliveryStatus, words: str | None = None) -> Delivery:
        now = self._clock()
        noted = msgspec.structs.replace(
            claimed, status=status, last_error=words, delivered_at=now if status == "delivered" else None
        )
        self._deliveries.note(noted, now, says_health=words != _OVERTAKEN)
        return noted

    def _disable(self, name: str, words: str) -> None:
        """Disable a channel whose receiver is gone, and keep that it was not a person who did."""

        def edit(before: Settings) -> tuple[Settings, Change]:
            now = self._clock()
            channels = tuple(_disabled(each, words, now) if each.name == name else each for each in before.channels)
            change = Change(at=now, what="channel_disabled", about=name)
            return msgspec.structs.replace(before, channels=channels), change

        self._editor.edit(edit)


class _Threads:
    """The threads of one channel."""

    def __init__(self, store: DeliveryStore, channel: str, clock: Callable[[], float]) -> None:
        self._store = store
        self._channel = channel
        self._clock = clock

    def get(self, incident_id: str) -> str | None:
        """Its first message's time stamp."""
        return self._store.thread(self._channel, incident_id)

    def put(self, incident_id: str, ts: str) -> None:
        """Remember it."""
        self._store.put_thread(self._channel, incident_id, ts, self._clock())


def decode(text: str) -> Order:
    """The order of a message of the queue. Raises `msgspec.MsgspecError`."""
    return deliveries.decode(text)


def _named(settings: Settings, name: str) -> Channel | None:
    return next((channel for channel in settings.channels if channel.name == name), None)


def _disabled(channel: Channel, words: str, now: float) -> Channel:
    return msgspec.structs.replace(channel, is_enabled=False, disabled_because=words, changed_by="", changed_at=now)
