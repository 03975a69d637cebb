"""The dashboard: a page and its assets. They are public; figures come from the API, which needs a token."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.logging import correlation_paths

from slo.api.http import redirect, resolver, revalidated
from slo.app.dashboard import Dashboard
from slo.runtime import observability as names
from slo.runtime.settings import load

_ALWAYS = {
    "Cross-Origin-Resource-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=31536000",
    "X-Content-Type-Options": "nosniff",
}
_PAGE = {
    **_ALWAYS,
    "Cache-Control": "no-cache",
    "Content-Security-Policy": "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self'",
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        )
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "no-referrer",
}
_ASSET = {**_ALWAYS, "Cache-Control": "public, max-age=31536000, immutable"}


@dataclass(frozen=True)
class Settings:
    """Environment of this function."""

    dashboard_folder: str = str(Path(__file__).parent / "static")
    """Folder of the built page."""


settings = load(Settings, os.environ)
logger = names.logger("dashboard")
app = resolver(logger)
dashboard = Dashboard(Path(settings.dashboard_folder))


@app.get("/")
def page() -> Response[str]:
    """The page. An address without a trailing slash is redirected, because the page's links are relative."""
    path = app.current_event.request_context.path
    if not path.endswith("/"):
        return redirect(f"{path.rpartition('/')[2]}/")
    index = dashboard.index()
    return revalidated(app, index.text.encode(), index.content_type, _PAGE)


@app.get("/assets/<name>")
def asset(name: str) -> Response[str]:
    """An asset. Its name contains a hash of its content, so callers may cache it for a year."""
    found = dashboard.asset(name)
    return revalidated(app, found.text.encode(), found.content_type, _ASSET)


@logger.inject_lambda_context(correlation_id_path=correlation_paths.API_GATEWAY_REST)
@names.traced
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Lambda's entry point."""
    return app.resolve(event, context)


names.started()
