"""Channels: adds, changes, lists, tests and removes them.

Address and secrets go to SSM, everything else to the settings. They are written before the channel, and deleted after
it, so that no channel is without its own.
"""

import re
from functools import cached_property

import msgspec

from slo.api import not_found
from slo.api.notification_answers import ChannelAnswer, ChannelsAnswer, SentAnswer
from slo.api.notification_parameters import ChannelBody
from slo.api.parameters import invalid
from slo.api.tokens import Grant
from slo.app.settings_editor import SettingsEditor
from slo.app.stores import Stores
from slo.errors import BadRequestError, ConflictError
from slo.notifications import channel_settings
from slo.notifications.changes import Change
from slo.notifications.channel_settings import ChannelSettings
from slo.notifications.delivery import ChannelHealth, new_test
from slo.notifications.settings import Channel, Settings
from slo.store.channel_secrets import ChannelSecrets
from slo.store.deliveries import DeliveryStore
from slo.store.delivery_queue import DeliveryQueue
from slo.store.notifications import NotificationStore
from slo.structs import like
from slo.times import utc
from slo.traefik.snapshots import CHANNEL_NAME_PATTERN

MAX_CHANNELS = 50
_NAME = re.compile(CHANNEL_NAME_PATTERN)


class ChannelEditor:
    """Reads and changes channels. Only tokens for all clusters may change them."""

    def __init__(self, stores: Stores) -> None:
        self._editor = SettingsEditor(stores)
        self._store = stores.of(NotificationStore)
        self._deliveries = stores.of(DeliveryStore)
        self._stack_name, self._queue_url = stores.stack_name, stores.delivery_queue_url
        self._allows_private_targets = stores.allows_private_targets
        self._clock = stores.clock

    @cached_property
    def _secrets(self) -> ChannelSecrets:
        """Made when it is needed, which is rare: a client takes long to load."""
        return ChannelSecrets(self._stack_name)

    @cached_property
    def _queue(self) -> DeliveryQueue:
        return DeliveryQueue(self._queue_url)

    def all(self) -> ChannelsAnswer:
        """Every channel, by name."""
        health = self._deliveries.health()
        channels = self._store.settings(consistent=True).channels
        return ChannelsAnswer(channels=tuple(_answer(channel, health.get(channel.name)) for channel in channels))

    def set(self, name: str, body: ChannelBody, caller: Grant) -> tuple[ChannelAnswer, bool]:
        """Add or change a channel; returns it and whether it is new.

        Raises ForbiddenError, BadRequestError, and UnprocessableError if its settings are not valid.
        """
        caller.require_all_clusters()
        if _NAME.match(name) is None:
            raise invalid("name", "Give 1 to 63 small letters, digits and hyphens, such as on-call.")
        known = self._editor.settings()
        stored = _named(known, name)
        given = self._given(body, stored)
        channel = Channel(
            name=name,
            kind=body.kind,
            language=body.language,
            is_enabled=body.is_enabled,
            changed_by=caller.label,
            changed_at=self._clock(),
        )

        def edit(before: Settings) -> tuple[Settings, Change]:
            others = [each for each in before.channels if each.name != name]
            if len(others) >= MAX_CHANNELS:
                raise BadRequestError(f"There are {MAX_CHANNELS} channels, the most there can be. Remove one first.")
            channels = tuple(sorted([*others, channel], key=lambda each: each.name))
            change = Change(at=channel.changed_at, by=caller.label, what="channel_set", about=name)
            return msgspec.structs.replace(before, channels=channels), change

        edit(known)  # refuses before anything is written
        if given is not None:
            self._secrets.put(name, given)
        self._editor.edit(edit)
        return _answer(channel, self._deliveries.health().get(name)), stored is None

    def _given(self, body: ChannelBody, stored: Channel | None) -> ChannelSettings | None:
        """The settings to keep; None for those that are kept already."""
        if body.settings is None and stored is not None and stored.kind == body.kind:
            return None
        return channel_settings.read(body.kind, body.settings or {}, allow_private_targets=self._allows_private_targets)

    def remove(self, name: str, caller: Grant) -> None:
        """Remove a channel with its secrets. Raises ForbiddenError, NotFoundError, ConflictError if a rule names it."""
        caller.require_all_clusters()

        def edit(before: Settings) -> tuple[Settings, Change]:
            if _named(before, name) is None:
                raise not_found.channel(name)
            if users := _users(before, name):
                raise ConflictError(f"The channel {name!r} is used by {users}. Let them use another one first.")
            kept = tuple(each for each in before.channels if each.name != name)
            change = Change(at=self._clock(), by=caller.label, what="channel_removed", about=name)
            return msgspec.structs.replace(before, channels=kept), change

        self._editor.edit(edit)
        self._secrets.delete(name)
        self._deliveries.forget(name)

    def test(self, name: str, caller: Grant) -> SentAnswer:
        """Send a test message. Raises ForbiddenError, NotFoundError, ConflictError if the channel is disabled."""
        caller.require_all_clusters()
        channel = _named(self._store.settings(consistent=True), name)
        if channel is None:
            raise not_found.channel(name)
        if not channel.is_enabled:
            raise ConflictError(f"The channel {name!r} is disabled. Enable it first.")
        order = new_test(channel.name, channel.kind, channel.language)
        self._queue.send([order])
        return SentAnswer(order_id=order.order_id)


def _named(settings: Settings, name: str) -> Channel | None:
    return next((channel for channel in settings.channels if channel.name == name), None)


def _users(settings: Settings, name: str) -> str:
    """What uses a channel, in words; empty if nothing does."""
    rules = [f"rule {number}" for number, rule in enumerate(settings.rules, 1) if name in rule.channels]
    return ", ".join([*rules, *(["the digest"] if name in settings.digest.channels else [])])


def _answer(channel: Channel, health: ChannelHealth | None) -> ChannelAnswer:
    known = health or ChannelHealth(channel=channel.name)
    return like(
        ChannelAnswer,
        channel,
        disabled_because=channel.disabled_because or None,
        changed_at=utc(channel.changed_at),
        last_delivered_at=None if known.last_delivered_at is None else utc(known.last_delivered_at),
        last_failed_at=None if known.last_failed_at is None else utc(known.last_failed_at),
        last_error=known.last_error,
        failing_since=None if known.failing_since is None else utc(known.failing_since),
        pending=None,
    )
