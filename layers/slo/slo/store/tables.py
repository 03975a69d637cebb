"""Tables of one deployment: binds models to the tables that the settings name.

Settings have the names of the functions' environment variables in template.yaml: LEDGER_TABLE, HOURLY_RETENTION_DAYS.
Importing a module reads nothing from the environment.
"""

from collections.abc import Callable
from copy import copy
from functools import cached_property
from inspect import getmembers
from threading import Lock
from typing import Any

from pynamodb.connection import Connection
from pynamodb.indexes import Index
from pynamodb.models import Model

from slo.runtime.memory import keep
from slo.runtime.settings import SettingsError


def connection_of(model: type[Model]) -> Connection:
    """The connection of a bound model, for pynamodb's operations on several tables."""
    return model._get_connection().connection


class Tables:
    """Binds models. `lookup` returns a setting by its name, None or "" if it is not set.

    All models share one connection. By default, pynamodb creates a botocore session for each model, and each session
    parses DynamoDB's service description again. That would be most of a cold start, once for each table.
    """

    def __init__(self, lookup: Callable[[str], str | None]) -> None:
        self._lookup = lookup
        self._known: set[str] = set()

    def text(self, name: str, default: str | None = None) -> str:
        """A setting. Without a default, raises SettingsError if it is not set."""
        value = self._lookup(name) or default
        if value is None:
            raise SettingsError(f"{name}: is not set")
        return value

    def number(self, name: str, default: int | None = None) -> int:
        """An integer setting. Raises SettingsError if it is not an integer, or has no value and no default."""
        value = self.text(name, None if default is None else str(default))
        try:
            return int(value)
        except ValueError as error:
            raise SettingsError(f"{name}: {value!r} is not an integer") from error

    def bind[M: Model](self, model: type[M], name: str) -> type[M]:
        """Bind a model to the table that this setting names."""
        bound = _subclass(model, self.text(name))
        table = bound._get_connection()
        if table.table_name not in self._known:
            self._known.add(table.table_name)
            self._connection.add_meta_table(table.get_meta_table())
        table.connection = self._connection
        return bound

    @cached_property
    def _connection(self) -> Connection:
        return _Connection(region=self.text("AWS_REGION"), host=self._lookup("AWS_ENDPOINT_URL") or None)


class _Connection(Connection):
    """A connection whose client stays, with the 20,000 objects of DynamoDB's service description."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._lock = Lock()

    @property
    def client(self) -> Any:
        """The client; the first request creates it, and others that come at the same time wait for it."""
        with self._lock:
            is_new = self._client is None
            found = super().client
            if is_new:
                keep()
        return found


def _subclass[M: Model](model: type[M], table_name: str) -> type[M]:
    meta = type("Meta", (), {"table_name": table_name})
    own_indexes = {name: copy(index) for name, index in getmembers(model, lambda member: isinstance(member, Index))}
    namespace: dict[str, Any] = {**own_indexes, "Meta": meta, "__module__": model.__module__, "__doc__": model.__doc__}
    bound: type[M] = type(model)(model.__name__, (model,), namespace)  # type: ignore[misc]
    return bound
