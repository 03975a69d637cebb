"""Who is told what: one document of the deployment, and who changed it.

    topic       item_key            body
    settings    document            `Settings`
    changes     {ms}#{random}       `Change`, for 400 days

Deliveries, the health of channels and their threads are other topics of the same table (`slo.store.deliveries`).
"""

import secrets

from pynamodb.attributes import BinaryAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import DoesNotExist
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from slo.notifications.changes import CHANGES_KEPT_SECONDS, Change
from slo.notifications.settings import Settings
from slo.store.codec import pack, unpack
from slo.store.errors import WriteConflictError, refusal_as
from slo.store.tables import Tables, connection_of

_SETTINGS, _DOCUMENT = "settings", "document"
_CHANGES = "changes"


class SettingsItem(Model):
    """The document, or one change of it."""

    topic = UnicodeAttribute(hash_key=True)
    item_key = UnicodeAttribute(range_key=True)
    body = BinaryAttribute(legacy_encoding=False)
    revision = NumberAttribute(null=True)
    """Version of the document."""
    expires_at = NumberAttribute(null=True)


class NotificationStore:
    """The settings of a deployment."""

    def __init__(self, tables: Tables) -> None:
        self._items = tables.bind(SettingsItem, "NOTIFICATIONS_TABLE")

    def settings(self, *, consistent: bool = False) -> Settings:
        """The document; that of a new deployment if nobody has changed it."""
        try:
            item = self._items.get(_SETTINGS, _DOCUMENT, consistent_read=consistent)
        except DoesNotExist:
            return Settings()
        return unpack(item.body, Settings)

    def put(self, settings: Settings, seen_version: int, change: Change) -> None:
        """Replace the version that the caller read, and keep who did. Raises WriteConflictError."""
        document = self._items(_SETTINGS, _DOCUMENT, body=pack(settings), revision=settings.version)
        is_new = self._items.topic.does_not_exist()
        unchanged = self._items.revision == seen_version if seen_version else is_new
        conflict = WriteConflictError("settings")
        with (
            refusal_as(conflict, or_conflict=True),
            TransactWrite(connection=connection_of(self._items)) as transaction,
        ):
            transaction.save(document, condition=unchanged)
            transaction.save(self._change_item(change))

    def changes(self, limit: int) -> list[Change]:
        """The latest changes, newest first."""
        found = self._items.query(_CHANGES, scan_index_forward=False, limit=limit)
        return [unpack(item.body, Change) for item in found]

    def _change_item(self, change: Change) -> SettingsItem:
        key = f"{round(change.at * 1000):013d}#{secrets.token_hex(4)}"
        expires_at = int(change.at) + CHANGES_KEPT_SECONDS
        return self._items(_CHANGES, key, body=pack(change), expires_at=expires_at)
