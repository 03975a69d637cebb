"""Once a day: forgets what nothing names any more."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from slo import observability as names
from slo.app.clean_up import CleanUp
from slo.settings import load
from slo.store.catalogues import CatalogueItem, CatalogueStore
from slo.store.clusters import ClusterItem, ClusterStore
from slo.store.ledgers import LedgerItem, LedgerStore
from slo.store.route_map import RouteMap, RouteMapItem
from slo.store.tables import Tables


@dataclass(frozen=True)
class Settings:
    """Environment of this function."""

    aws_region: str
    catalogue_table: str
    clusters_table: str
    ledger_table: str
    route_map_table: str
    aws_endpoint_url: str = ""
    """URL of an emulator; empty for AWS."""


def clean_up_of(settings: Settings, clock: Callable[[], float]) -> CleanUp:
    """The use case, with its stores."""
    tables = Tables(settings.aws_region, settings.aws_endpoint_url)
    return CleanUp(
        clusters=ClusterStore(tables.bind(ClusterItem, settings.clusters_table)),
        catalogues=CatalogueStore(tables.bind(CatalogueItem, settings.catalogue_table)),
        route_map=RouteMap(tables.bind(RouteMapItem, settings.route_map_table)),
        ledgers=LedgerStore(tables.bind(LedgerItem, settings.ledger_table)),
        clock=clock,
    )


logger = names.logger("clean_up")
clean_up = clean_up_of(load(Settings, os.environ), time.time)


@logger.inject_lambda_context
@names.traced
def handler(_event: dict[str, Any], _context: Any) -> dict[str, int]:
    """Lambda's entry point."""
    clusters = 0
    for done in clean_up.run():
        clusters += 1
        if not done.is_clean:
            logger.info("cleaned up", extra=msgspec.to_builtins(done))
    return {"clusters": clusters}


names.started()
