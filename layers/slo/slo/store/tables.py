"""Binds a table's model to a real table: nothing is read from the environment when modules are imported."""

from copy import copy
from inspect import getmembers
from typing import Any

from pynamodb.indexes import Index
from pynamodb.models import Model


def bind[M: Model](model: type[M], table_name: str, *, region: str, host: str | None = None) -> type[M]:
    """A model of this table. `host` is the URL of an emulator; None is AWS itself."""
    meta = type("Meta", (), {"table_name": table_name, "region": region, "host": host})
    own_indexes = {name: copy(index) for name, index in getmembers(model, lambda member: isinstance(member, Index))}
    namespace: dict[str, Any] = {**own_indexes, "Meta": meta, "__module__": model.__module__, "__doc__": model.__doc__}
    bound: type[M] = type(model)(model.__name__, (model,), namespace)  # type: ignore[misc]
    return bound


class Tables:
    """Binds models in one region, or in an emulator."""

    def __init__(self, region: str, endpoint_url: str = "") -> None:
        self._region = region
        self._host = endpoint_url or None

    def bind[M: Model](self, model: type[M], table_name: str) -> type[M]:
        """A model of this table."""
        return bind(model, table_name, region=self._region, host=self._host)
