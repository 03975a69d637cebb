"""Changes the settings of notifications, and keeps who changed what."""

from collections.abc import Callable

import msgspec

from slo.app.stores import Stores
from slo.errors import BadRequestError, TryAgainError
from slo.notifications.changes import Change
from slo.notifications.settings import Settings
from slo.store.codec import pack
from slo.store.errors import WriteConflictError
from slo.store.notifications import NotificationStore

MAX_BYTES = 64 * 1024
"""Of the packed document. Each evaluation of a cluster reads it."""
_ATTEMPTS = 8
_RETRY_AFTER_SECONDS = 1

Edit = Callable[[Settings], tuple[Settings, Change]]
"""The edited settings, and what the edit changes. It is called again if someone else was faster."""


class SettingsEditor:
    """Edits the one document of all channels, rules and mutes."""

    def __init__(self, stores: Stores) -> None:
        self._store = stores.of(NotificationStore)
        self._clock = stores.clock

    def settings(self) -> Settings:
        """The current settings. Mutes that are over are left out."""
        return self._without_past(self._store.settings(consistent=True))

    def edit(self, edit: Edit) -> Settings:
        """Change the settings. Raises the errors of `edit`, BadRequestError if they become too large, TryAgainError."""
        for _ in range(_ATTEMPTS):
            before = self.settings()
            edited, change = edit(before)
            after = msgspec.structs.replace(edited, version=before.version + 1)
            if len(pack(after)) > MAX_BYTES:
                raise BadRequestError("The settings become too large. Remove rules or mutes that are no longer needed.")
            try:
                self._store.put(after, before.version, change)
            except WriteConflictError:
                continue
            return after
        raise TryAgainError(
            "Others change the settings right now. Try again.", retry_after_seconds=_RETRY_AFTER_SECONDS
        )

    def _without_past(self, settings: Settings) -> Settings:
        now = self._clock()
        return msgspec.structs.replace(settings, mutes=tuple(mute for mute in settings.mutes if mute.until > now))
