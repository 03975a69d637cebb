"""GET /api/v2/...: the answers to readers."""

import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.logging import correlation_paths

from slo import answers
from slo import observability as names
from slo.app.clusters import Clusters
from slo.app.query import Query
from slo.app.status_history import StatusHistory
from slo.app.trends import Trends
from slo.app.view import Views
from slo.http import JSON, answer, cached, cluster_of, grant, parameters, resolver
from slo.parameters import (
    BurnRateParameters,
    DomainsParameters,
    HistoryParameters,
    RouteParameters,
    StatusHistoryParameters,
    WindowParameters,
)
from slo.reports import RETIRED_GRACE_SECONDS
from slo.settings import load
from slo.store.books import DAILY_KEPT_SECONDS, HOURLY_KEPT_SECONDS, BookItem, BookStore
from slo.store.catalogues import CatalogueItem, CatalogueStore
from slo.store.clusters import ClusterItem, ClusterStore
from slo.store.ledgers import LedgerItem, LedgerStore
from slo.store.status_history import StatusItem, StatusStore
from slo.store.tables import Tables
from slo.store.targets import TargetItem, TargetStore

OPENAPI = Path(__file__).parent / "openapi.json"
_SHORTEST_AGE_SECONDS, _LONGEST_AGE_SECONDS = 5, 60


@dataclass(frozen=True)
class Settings:
    """Environment of this function."""

    aws_region: str
    catalogue_table: str
    clusters_table: str
    daily_table: str
    hourly_table: str
    ledger_table: str
    status_history_table: str
    targets_table: str
    slot_seconds: int
    cutoff_delay_seconds: int
    retired_grace_seconds: int = RETIRED_GRACE_SECONDS
    """How long a route that is gone stays in the list."""
    cors_origin: str = ""
    """The origin whose pages may call the API; empty for none but its own."""
    aws_endpoint_url: str = ""
    """URL of an emulator; empty for AWS."""


@dataclass(frozen=True)
class Reader:
    """The use cases of this function."""

    query: Query
    trends: Trends
    status_history: StatusHistory
    clusters: Clusters


def reader_of(settings: Settings, clock: Callable[[], float]) -> Reader:
    """The use cases, with their stores."""
    tables = Tables(settings.aws_region, settings.aws_endpoint_url)
    cluster_items = tables.bind(ClusterItem, settings.clusters_table)
    clusters = ClusterStore(cluster_items)
    views = Views(
        clusters=clusters,
        catalogues=CatalogueStore(tables.bind(CatalogueItem, settings.catalogue_table)),
        ledgers=LedgerStore(tables.bind(LedgerItem, settings.ledger_table)),
        targets=TargetStore(tables.bind(TargetItem, settings.targets_table)),
        slot_seconds=settings.slot_seconds,
        retired_grace_seconds=settings.retired_grace_seconds,
        clock=clock,
    )
    return Reader(
        query=Query(views),
        trends=Trends(
            views,
            hourly=BookStore(tables.bind(BookItem, settings.hourly_table), HOURLY_KEPT_SECONDS),
            daily=BookStore(tables.bind(BookItem, settings.daily_table), DAILY_KEPT_SECONDS),
        ),
        status_history=StatusHistory(
            views, StatusStore(tables.bind(StatusItem, settings.status_history_table), cluster_items)
        ),
        clusters=Clusters(clusters, clock),
    )


settings = load(Settings, os.environ)
logger = names.logger("query")
app = resolver(logger, cors_origin=settings.cors_origin)
reader = reader_of(settings, time.time)


@app.get("/api/v2/slo/domains")
def domains() -> Response[str]:
    """All domains of a cluster, each with its routes."""
    asked = parameters(app, DomainsParameters)
    return _fresh(reader.query.domains(cluster_of(app, asked, "read", "manage"), asked))


@app.get("/api/v2/slo/domains/<domain>")
def domain(domain: str) -> Response[str]:
    """One domain with its routes, change and error budget."""
    asked = parameters(app, WindowParameters)
    return _fresh(reader.query.domain(cluster_of(app, asked, "read", "manage"), unquote(domain), asked))


@app.get("/api/v2/slo/domains/<domain>/history")
def history(domain: str) -> Response[str]:
    """A domain or a route over time."""
    asked = parameters(app, HistoryParameters)
    return _fresh(reader.trends.history(cluster_of(app, asked, "read", "manage"), unquote(domain), asked))


@app.get("/api/v2/slo/domains/<domain>/latency")
def latency(domain: str) -> Response[str]:
    """Latencies, codes and methods of a domain or a route."""
    asked = parameters(app, RouteParameters)
    return _fresh(reader.query.latency(cluster_of(app, asked, "read", "manage"), unquote(domain), asked))


@app.get("/api/v2/slo/domains/<domain>/burn-rates")
def burn_rates(domain: str) -> Response[str]:
    """Burn rates of a domain and its routes, and whom they should wake."""
    asked = parameters(app, BurnRateParameters)
    return _fresh(reader.query.burn_rates(cluster_of(app, asked, "read", "manage"), unquote(domain), asked))


@app.get("/api/v2/slo/status-history")
def status_history() -> Response[str]:
    """Changes of status, the latest first."""
    asked = parameters(app, StatusHistoryParameters)
    changes = reader.status_history.changes(cluster_of(app, asked, "read", "manage"), asked)
    return cached(app, changes, max_age_seconds=_SHORTEST_AGE_SECONDS)


@app.get("/api/v2/slo/clusters")
def clusters() -> Response[str]:
    """The clusters that the token may see."""
    caller = grant(app)
    caller.require("read", "manage")
    return cached(app, reader.clusters.seen_by(caller.may_see), max_age_seconds=_SHORTEST_AGE_SECONDS)


@app.get("/api/v2/slo/token")
def token() -> Response[str]:
    """What the caller's token is."""
    caller = grant(app)
    caller.require("read", "manage")
    return answer(answers.token(caller))


@app.get("/api/v2/openapi.json")
def openapi() -> Response[str]:
    """The description of this API."""
    return Response(200, JSON, OPENAPI.read_text(encoding="utf-8"), headers={"Cache-Control": "public, max-age=300"})


@app.get("/api/v2/docs")
def docs() -> Response[str]:
    """The same for people."""
    from slo.docs_page import render

    headers: dict[str, str | list[str]] = {
        "Cache-Control": "public, max-age=300",
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
        "X-Content-Type-Options": "nosniff",
    }
    page = render(json.loads(OPENAPI.read_text(encoding="utf-8")))
    return Response(200, "text/html; charset=utf-8", page, headers=headers)


def _fresh(body: answers.Answer) -> Response[str]:
    """An answer that may be kept until the next rollup."""
    booked = body.as_of.timestamp() if body.as_of else 0
    next_rollup = booked + settings.slot_seconds + settings.cutoff_delay_seconds
    seconds = min(_LONGEST_AGE_SECONDS, max(_SHORTEST_AGE_SECONDS, int(next_rollup - time.time())))
    return cached(app, body, max_age_seconds=seconds)


@logger.inject_lambda_context(correlation_id_path=correlation_paths.API_GATEWAY_REST)
@names.traced
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Lambda's entry point."""
    return app.resolve(event, context)


names.started()
