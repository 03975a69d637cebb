"""The API's authorizer: validates a bearer token and returns what it may call."""

import os
from typing import Any

from slo.api.tokens import authorization, denial
from slo.app.authorize import Authorize
from slo.app.stores import Stores
from slo.errors import UnauthorizedError
from slo.runtime.observability import logger as make_logger
from slo.runtime.observability import started

logger = make_logger("authorize")
authorize = Authorize(Stores(os.environ.get))


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Return a policy for all paths and methods. An exception would be one more line, with a traceback, each time."""
    try:
        return authorize.policy(authorization(event), event["methodArn"])
    except UnauthorizedError as error:
        logger.info("refused", extra={"status": int(error.status), "detail": error.detail})
        return denial(event["methodArn"])


started()
