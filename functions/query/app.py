"""GET /api/v2/...: the answers to readers."""

import json
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.logging import correlation_paths

from slo.api import answers
from slo.api.http import JSON, answer, cached, cluster_of, grant, parameters, resolver
from slo.api.parameters import (
    BurnRateParameters,
    DomainsParameters,
    HistoryParameters,
    RouteParameters,
    StatusHistoryParameters,
    WindowParameters,
)
from slo.app.clusters import Clusters
from slo.app.history import DomainHistory
from slo.app.query import Query
from slo.app.status_history import StatusHistory
from slo.app.stores import Stores
from slo.app.views import Views
from slo.runtime import observability as names
from slo.runtime.settings import load

OPENAPI = Path(__file__).parent / "openapi.json"
_SHORTEST_AGE_SECONDS, _LONGEST_AGE_SECONDS = 5, 60


@dataclass(frozen=True)
class Settings:
    """Environment of this function."""

    cors_origin: str = ""
    """The origin whose pages may call the API; empty for none but its own."""


settings = load(Settings, os.environ)
logger = names.logger("query")
app = resolver(logger, cors_origin=settings.cors_origin)
stores = Stores(os.environ.get)
views = Views(stores)
query, domain_history = Query(views), DomainHistory(stores, views)
status_changes, cluster_list = StatusHistory(stores, views), Clusters(stores)
longest_gap_seconds = stores.slot_seconds + stores.cutoff_delay_seconds
"""Between the watermark and the next one."""


@app.get("/api/v2/slo/domains")
def domains() -> Response[str]:
    """All domains of a cluster, each with its routes."""
    asked = parameters(app, DomainsParameters)
    return _fresh(query.domains(cluster_of(app, asked, "read", "manage"), asked))


@app.get("/api/v2/slo/domains/<domain>")
def domain(domain: str) -> Response[str]:
    """One domain with its routes, change and error budget."""
    asked = parameters(app, WindowParameters)
    return _fresh(query.domain(cluster_of(app, asked, "read", "manage"), unquote(domain), asked))


@app.get("/api/v2/slo/domains/<domain>/history")
def history(domain: str) -> Response[str]:
    """A domain or a route over time."""
    asked = parameters(app, HistoryParameters)
    return _fresh(domain_history.history(cluster_of(app, asked, "read", "manage"), unquote(domain), asked))


@app.get("/api/v2/slo/domains/<domain>/latency")
def latency(domain: str) -> Response[str]:
    """Latencies, codes and methods of a domain or a route."""
    asked = parameters(app, RouteParameters)
    return _fresh(query.latency(cluster_of(app, asked, "read", "manage"), unquote(domain), asked))


@app.get("/api/v2/slo/domains/<domain>/burn-rates")
def burn_rates(domain: str) -> Response[str]:
    """Burn rates of a domain and its routes, and whom they should wake."""
    asked = parameters(app, BurnRateParameters)
    return _fresh(query.burn_rates(cluster_of(app, asked, "read", "manage"), unquote(domain), asked))


@app.get("/api/v2/slo/status-history")
def status_history() -> Response[str]:
    """Changes of status, the latest first."""
    asked = parameters(app, StatusHistoryParameters)
    changes = status_changes.changes(cluster_of(app, asked, "read", "manage"), asked)
    return cached(app, changes, max_age_seconds=_SHORTEST_AGE_SECONDS)


@app.get("/api/v2/slo/clusters")
def clusters() -> Response[str]:
    """The clusters that the token may see."""
    caller = grant(app)
    caller.require("read", "manage")
    return cached(app, cluster_list.seen_by(caller.may_see), max_age_seconds=_SHORTEST_AGE_SECONDS)


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
    from slo.api.docs_page import render

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
    next_rollup = booked + longest_gap_seconds
    seconds = min(_LONGEST_AGE_SECONDS, max(_SHORTEST_AGE_SECONDS, int(next_rollup - time.time())))
    return cached(app, body, max_age_seconds=seconds)


@logger.inject_lambda_context(correlation_id_path=correlation_paths.API_GATEWAY_REST)
@names.traced
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Lambda's entry point."""
    return app.resolve(event, context)


names.started()
