"""Binds a table's model to a real table: nothing is read from the environment when modules are imported."""

from copy import copy
from inspect import getmembers
from typing import Any

from pynamodb.connection import Connection
from pynamodb.indexes import Index
from pynamodb.models import Model


def bind[M: Model](model: type[M], table_name: str) -> type[M]:
    """A model of this table."""
    meta = type("Meta", (), {"table_name": table_name})
    own_indexes = {name: copy(index) for name, index in getmembers(model, lambda member: isinstance(member, Index))}
    namespace: dict[str, Any] = {**own_indexes, "Meta": meta, "__module__": model.__module__, "__doc__": model.__doc__}
    bound: type[M] = type(model)(model.__name__, (model,), namespace)  # type: ignore[misc]
    return bound


def connection_of(model: type[Model]) -> Connection:
    """The connection of a bound model, for what pynamodb does outside of one table."""
    return model._get_connection().connection


class Tables:
    """Binds models in one region, or in an emulator at `endpoint_url`.

    All of them share one connection. pynamodb would give each a botocore session of its own, and each session reads and
    parses the description of DynamoDB anew: most of a cold start, once for every table that a request touches.
    """

    def __init__(self, region: str, endpoint_url: str = "") -> None:
        self._connection = Connection(region=region, host=endpoint_url or None)
        self._tables: set[str] = set()

    def bind[M: Model](self, model: type[M], table_name: str) -> type[M]:
        """A model of this table."""
        bound = bind(model, table_name)
        table = bound._get_connection()
        if table_name not in self._tables:
            self._tables.add(table_name)
            self._connection.add_meta_table(table.get_meta_table())
        table.connection = self._connection
        return bound
