"""The API's authorizer: who has this token, and what may be called with it."""

import os
import time
from dataclasses import dataclass
from typing import Any

from slo.app.authorize import Authorize
from slo.errors import UnauthorizedError
from slo.observability import logger as make_logger
from slo.observability import started
from slo.settings import load
from slo.store.tables import Tables
from slo.store.tokens import TokenItem, TokenStore


@dataclass(frozen=True)
class Settings:
    """Environment of this function."""

    aws_region: str
    tokens_table: str
    aws_endpoint_url: str = ""
    """URL of an emulator; empty for AWS."""


settings = load(Settings, os.environ)
logger = make_logger("authorize")
tables = Tables(settings.aws_region, settings.aws_endpoint_url)
tokens = TokenStore(tables.bind(TokenItem, settings.tokens_table))
authorize = Authorize(tokens, clock=time.time)


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """A policy for every path and method, or 401."""
    try:
        return authorize.policy(event.get("authorizationToken", ""), event["methodArn"])
    except UnauthorizedError as error:
        logger.info("refused", extra={"detail": error.detail})
        raise Exception("Unauthorized") from error


started()
