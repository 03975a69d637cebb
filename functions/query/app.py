"""GET /api/v2/...: everything that readers query, except objectives."""

import json
import os
import time
from http import HTTPStatus
from pathlib import Path
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.logging import correlation_paths

from slo.api import answers
from slo.api.http import JSON, resolver
from slo.api.incident_answers import IncidentAnswer, IncidentsAnswer
from slo.api.operations import Operations
from slo.api.parameters import (
    BudgetParameters,
    DomainsParameters,
    HistoryParameters,
    IncidentsParameters,
    RouteParameters,
    RoutesParameters,
    StatementParameters,
    StatusHistoryParameters,
    WindowParameters,
)
from slo.api.tokens import Grant
from slo.app.budget import Budgets
from slo.app.clusters import Clusters
from slo.app.history import DomainHistory
from slo.app.incidents import Incidents
from slo.app.query import Query
from slo.app.routes import RouteLookup
from slo.app.statement import Statements
from slo.app.status_history import StatusHistory
from slo.app.stores import Stores
from slo.app.views import Views
from slo.runtime import observability as names

OPENAPI = Path(__file__).parent / "openapi.json"
NOT_FOUND = HTTPStatus.NOT_FOUND
_SHORTEST_AGE_SECONDS, _LONGEST_AGE_SECONDS = 5, 60


stores = Stores(os.environ.get)
logger = names.logger("query")
app = resolver(logger, cors_origin=stores.cors_origin)
operations = Operations(app)
views = Views(stores)
query, routes, clusters, incidents = Query(views), RouteLookup(stores), Clusters(stores), Incidents(stores)
domain_history, status_history = DomainHistory(stores, views), StatusHistory(stores, views)
budgets, statements = Budgets(stores, views), Statements(stores, views)


def until_next_rollup(body: answers.Answer) -> int:
    """For how many seconds callers may cache an answer that changes with each rollup."""
    seconds = int(body.fresh_until.timestamp() - time.time())
    return min(_LONGEST_AGE_SECONDS, max(_SHORTEST_AGE_SECONDS, seconds))


def until_next_push(_: object) -> int:
    """For how many seconds callers may cache an answer that can change with each push."""
    return _SHORTEST_AGE_SECONDS


def not_at_all(_: object) -> int:
    """Callers must ask again each time: someone may have acknowledged an incident just now."""
    return 0


@operations.declare("GET", "/api/v2/slo/domains", max_age=until_next_rollup, problems=(NOT_FOUND,))
def list_domains(cluster_id: str, asked: DomainsParameters) -> answers.DomainsAnswer:
    """List domains, each with its routes."""
    return query.domains(cluster_id, asked)


@operations.declare("GET", "/api/v2/slo/domains/<domain>", max_age=until_next_rollup, problems=(NOT_FOUND,))
def get_domain(cluster_id: str, domain: str, asked: WindowParameters) -> answers.DomainAnswer:
    """Get a domain: figures, change, objective and error budget."""
    return query.domain(cluster_id, domain, asked)


@operations.declare("GET", "/api/v2/slo/domains/<domain>/history", max_age=until_next_rollup, problems=(NOT_FOUND,))
def get_history(cluster_id: str, domain: str, asked: HistoryParameters) -> answers.HistoryAnswer:
    """Get the history of a domain or a route."""
    return domain_history.history(cluster_id, domain, asked)


@operations.declare("GET", "/api/v2/slo/domains/<domain>/latency", max_age=until_next_rollup, problems=(NOT_FOUND,))
def get_latency(cluster_id: str, domain: str, asked: RouteParameters) -> answers.LatencyAnswer:
    """Get latency buckets, status codes and methods."""
    return query.latency(cluster_id, domain, asked)


@operations.declare("GET", "/api/v2/slo/domains/<domain>/burn-rates", max_age=until_next_rollup, problems=(NOT_FOUND,))
def get_burn_rates(cluster_id: str, domain: str) -> answers.BurnRatesAnswer:
    """Get burn rates and the alerts they raise, for the objective that is followed."""
    return query.burn_rates(cluster_id, domain)


@operations.declare("GET", "/api/v2/slo/domains/<domain>/budget", max_age=until_next_rollup, problems=(NOT_FOUND,))
def get_budget(cluster_id: str, domain: str, asked: BudgetParameters) -> answers.BudgetAnswer:
    """Get the error budget of the objective that is followed, and when it runs out."""
    return budgets.budget(cluster_id, domain, asked)


@operations.declare("GET", "/api/v2/slo/statement", max_age=not_at_all, problems=(NOT_FOUND,))
def get_statement(cluster_id: str, asked: StatementParameters) -> answers.StatementAnswer:
    """Get the statement of a closed month: for each objective what was promised, reached and left out."""
    return statements.statement(cluster_id, asked)


@operations.declare("GET", "/api/v2/slo/status-history", max_age=until_next_push, problems=(NOT_FOUND,))
def list_status_changes(cluster_id: str, asked: StatusHistoryParameters) -> answers.StatusHistoryAnswer:
    """List status changes, newest first."""
    return status_history.changes(cluster_id, asked)


@operations.declare("GET", "/api/v2/slo/incidents", max_age=not_at_all, problems=(NOT_FOUND,))
def list_incidents(cluster_id: str, asked: IncidentsParameters) -> IncidentsAnswer:
    """List incidents: what is not resolved first, pages before tickets."""
    return incidents.listed(cluster_id, asked)


@operations.declare("GET", "/api/v2/slo/incidents/<incident_id>", max_age=not_at_all, problems=(NOT_FOUND,))
def get_incident(cluster_id: str, incident_id: str) -> IncidentAnswer:
    """Get an incident: its steps, its figures and what changed before it."""
    return incidents.get(cluster_id, incident_id)


@operations.declare("GET", "/api/v2/slo/routes", max_age=until_next_push)
def list_routes(cluster_id: str, asked: RoutesParameters) -> answers.RoutesAnswer:
    """List the route map: the routes behind each service key of Traefik's metrics."""
    return routes.listed(cluster_id, asked)


@operations.declare("GET", "/api/v2/slo/clusters", max_age=until_next_push)
def list_clusters(caller: Grant) -> answers.ClustersAnswer:
    """List clusters and the state of their monitoring."""
    return clusters.seen_by(caller.may_see)


@operations.declare("GET", "/api/v2/slo/token")
def get_token(caller: Grant) -> answers.TokenAnswer:
    """Get the caller's token."""
    return answers.token(caller)


@app.get("/api/v2/openapi.json")
def openapi() -> Response[str]:
    """The OpenAPI document."""
    return Response(200, JSON, OPENAPI.read_text(encoding="utf-8"), headers={"Cache-Control": "public, max-age=300"})


@app.get("/api/v2/docs")
def docs() -> Response[str]:
    """The OpenAPI document as a web page."""
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
