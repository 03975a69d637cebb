"""GET /api/v2/...: the answers to readers."""

import json
import os
import time
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.logging import correlation_paths

from slo.api import answers
from slo.api.http import JSON, resolver
from slo.api.operations import Operations
from slo.api.parameters import (
    BurnRateParameters,
    DomainsParameters,
    HistoryParameters,
    RouteParameters,
    RoutesParameters,
    StatusHistoryParameters,
    WindowParameters,
)
from slo.api.tokens import Grant
from slo.app.clusters import Clusters
from slo.app.history import DomainHistory
from slo.app.query import Query
from slo.app.routes import Routes
from slo.app.status_history import StatusHistory
from slo.app.stores import Stores
from slo.app.views import Views
from slo.runtime import observability as names
from slo.runtime.settings import load

OPENAPI = Path(__file__).parent / "openapi.json"
NOT_FOUND = HTTPStatus.NOT_FOUND
_SHORTEST_AGE_SECONDS, _LONGEST_AGE_SECONDS = 5, 60


@dataclass(frozen=True)
class Settings:
    """Environment of this function."""

    cors_origin: str = ""
    """The origin whose pages may call the API; empty for none but its own."""


settings = load(Settings, os.environ)
logger = names.logger("query")
app = resolver(logger, cors_origin=settings.cors_origin)
operations = Operations(app)
stores = Stores(os.environ.get)
views = Views(stores)
query, routes, clusters = Query(views), Routes(stores), Clusters(stores)
domain_history, status_history = DomainHistory(stores, views), StatusHistory(stores, views)
slot_and_delay_seconds = stores.slot_seconds + stores.cutoff_delay_seconds


def until_next_rollup(body: answers.Answer) -> int:
    """For how many seconds an answer about figures may be kept."""
    booked = body.as_of.timestamp() if body.as_of else 0
    seconds = int(booked + slot_and_delay_seconds - time.time())
    return min(_LONGEST_AGE_SECONDS, max(_SHORTEST_AGE_SECONDS, seconds))


def a_moment(_: object) -> int:
    """The same for what may change with every push."""
    return _SHORTEST_AGE_SECONDS


@operations.declare("GET", "/api/v2/slo/domains", max_age=until_next_rollup, problems=(NOT_FOUND,))
def list_domains(cluster_id: str, asked: DomainsParameters) -> answers.DomainsAnswer:
    """List domains, each as the tree of its routes."""
    return query.domains(cluster_id, asked)


@operations.declare("GET", "/api/v2/slo/domains/<domain>", max_age=until_next_rollup, problems=(NOT_FOUND,))
def get_domain(cluster_id: str, domain: str, asked: WindowParameters) -> answers.DomainAnswer:
    """One domain: change, targets, error budget."""
    return query.domain(cluster_id, domain, asked)


@operations.declare("GET", "/api/v2/slo/domains/<domain>/history", max_age=until_next_rollup, problems=(NOT_FOUND,))
def get_history(cluster_id: str, domain: str, asked: HistoryParameters) -> answers.HistoryAnswer:
    """A domain or a route over time."""
    return domain_history.history(cluster_id, domain, asked)


@operations.declare("GET", "/api/v2/slo/domains/<domain>/latency", max_age=until_next_rollup, problems=(NOT_FOUND,))
def get_latency(cluster_id: str, domain: str, asked: RouteParameters) -> answers.LatencyAnswer:
    """Latency buckets, status codes and methods."""
    return query.latency(cluster_id, domain, asked)


@operations.declare("GET", "/api/v2/slo/domains/<domain>/burn-rates", max_age=until_next_rollup, problems=(NOT_FOUND,))
def get_burn_rates(cluster_id: str, domain: str, asked: BurnRateParameters) -> answers.BurnRatesAnswer:
    """Burn rates, and whom they should wake."""
    return query.burn_rates(cluster_id, domain, asked)


@operations.declare("GET", "/api/v2/slo/status-history", max_age=a_moment, problems=(NOT_FOUND,))
def list_status_changes(cluster_id: str, asked: StatusHistoryParameters) -> answers.StatusHistoryAnswer:
    """Changes of status, the latest first."""
    return status_history.changes(cluster_id, asked)


@operations.declare("GET", "/api/v2/slo/routes", max_age=a_moment)
def list_routes(cluster_id: str, asked: RoutesParameters) -> answers.RoutesAnswer:
    """List the route map: what a service key of Traefik's metrics stands for."""
    return routes.listed(cluster_id, asked)


@operations.declare("GET", "/api/v2/slo/clusters", max_age=a_moment)
def list_clusters(caller: Grant) -> answers.ClustersAnswer:
    """List clusters, and how well each is watched."""
    return clusters.seen_by(caller.may_see)


@operations.declare("GET", "/api/v2/slo/token")
def get_token(caller: Grant) -> answers.TokenAnswer:
    """What the caller's token is."""
    return answers.token(caller)


@app.get("/api/v2/openapi.json")
def openapi() -> Response[str]:
    """The description of this API."""
    return Response(200, JSON, OPENAPI.read_text(encoding="utf-8"), headers={"Cache-Control": "public, max-age=300"})


@app.get("/api/v2/docs")
def docs() -> Response[str]:
    """The same for people."""
    from slo.api.docs_page import render

    headers: dict[str, str | list[str]] = {
        "Cache-Control": "public, max-age=300",
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
        "X-Content-Type-Options": "nosniff",
    }
    page = render(json.loads(OPENAPI.read_text(encoding="utf-8")))
    return Response(200, "text/html; charset=utf-8", page, headers=headers)


@logger.inject_lambda_context(correlation_id_path=correlation_paths.API_GATEWAY_REST)
@names.traced
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Lambda's entry point."""
    return app.resolve(event, context)


names.started()
