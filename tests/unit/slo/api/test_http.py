"""A path may hold any name, as API Gateway decodes it."""

from typing import Any
from urllib.parse import unquote

import pytest
from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import Response

from slo.api.http import resolver


def call(path: str) -> Any:
    """Call a path of an API with one variable, and return what the handler was given."""
    app = resolver(Logger(service="test", level="CRITICAL"))

    @app.get("/api/domains/<domain>")
    def one(domain: str) -> Response[str]:
        return Response(200, "text/plain", f"one {unquote(domain)}")

    @app.get("/api/domains/<domain>/history")
    def history(domain: str) -> Response[str]:
        return Response(200, "text/plain", f"history {unquote(domain)}")

    context = {"requestId": "r", "http": {}, "identity": {}}
    event = {"path": path, "httpMethod": "GET", "headers": {}, "requestContext": context}
    return app.resolve(event, None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "domain",
    [
        "shop.example.com",
        "*",
        r"{^.+\.tenants\.example\.com$}",
        r"{^(a|b)?\.example$}",
        "b\u00fccher.example",
        '<img src=x onerror="window.owned=1">',
        "\"'`${x}{{y}}#z",
        r"a\u202eb",
    ],
)
def test_a_domain_of_any_characters_reaches_its_operation(domain: str) -> None:
    assert call(f"/api/domains/{domain}")["body"] == f"one {domain}"
    assert call(f"/api/domains/{domain}/history")["body"] == f"history {domain}"


@pytest.mark.parametrize("path", ["/api/domains", "/api/domains//history", "/api/domains/a/b/history", "/api/other"])
def test_any_other_path_is_not_found(path: str) -> None:
    assert call(path)["statusCode"] == 404
