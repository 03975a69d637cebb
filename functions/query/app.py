"""GET /api/v2/slo/...: the answers to readers."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.logging import correlation_paths

from slo import observability as names
from slo.app.query import Query
from slo.errors import BadRequestError
from slo.http import answer, grant, resolver
from slo.settings import load
from slo.store.catalogues import CatalogueItem, CatalogueStore
from slo.store.clusters import ClusterItem, ClusterStore
from slo.store.ledgers import LedgerItem, LedgerStore
from slo.store.tables import Tables

MAX_AGE_SECONDS = 15


@dataclass(frozen=True)
class Settings:
    """Environment of this function."""

    aws_region: str
    catalogue_table: str
    clusters_table: str
    ledger_table: str
    slot_seconds: int
    aws_endpoint_url: str = ""
    """URL of an emulator; empty for AWS."""


def query_of(settings: Settings, clock: Callable[[], float]) -> Query:
    """The use case, with its stores."""
    tables = Tables(settings.aws_region, settings.aws_endpoint_url)
    return Query(
        clusters=ClusterStore(tables.bind(ClusterItem, settings.clusters_table)),
        catalogues=CatalogueStore(tables.bind(CatalogueItem, settings.catalogue_table)),
        ledgers=LedgerStore(tables.bind(LedgerItem, settings.ledger_table)),
        slot_seconds=settings.slot_seconds,
        clock=clock,
    )


logger = names.logger("query")
tracer = names.tracer("query")
app = resolver(logger)
query = query_of(load(Settings, os.environ), time.time)


@app.get("/api/v2/slo/domains")
def domains() -> Response[str]:
    """All domains of a cluster, each with its routes."""
    return answer(query.domains(_cluster_id(), _time_range()), max_age_seconds=MAX_AGE_SECONDS)


@app.get("/api/v2/slo/domains/<domain>")
def domain(domain: str) -> Response[str]:
    """One domain with its routes."""
    return answer(query.domain(_cluster_id(), unquote(domain), _time_range()), max_age_seconds=MAX_AGE_SECONDS)


def _cluster_id() -> str:
    """The cluster asked for; a token of one cluster need not say it."""
    caller = grant(app)
    caller.require("read", "manage")
    cluster_id = app.current_event.get_query_string_value("cluster_id", "") or ""
    if not cluster_id and len(caller.clusters) == 1:
        cluster_id = caller.clusters[0]
    if not cluster_id:
        raise BadRequestError("Say which cluster: add ?cluster_id=...")
    caller.require_cluster(cluster_id)
    return cluster_id


def _time_range() -> str:
    return app.current_event.get_query_string_value("time_range", "1d") or "1d"


@logger.inject_lambda_context(correlation_id_path=correlation_paths.API_GATEWAY_REST)
@tracer.capture_lambda_handler
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Lambda's entry point."""
    return app.resolve(event, context)
