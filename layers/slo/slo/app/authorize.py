"""Authorize: turns an Authorization header into a policy."""

import hmac
from typing import Any

from slo.api.tokens import bearer, policy, token_hash
from slo.app.stores import Stores
from slo.errors import UnauthorizedError
from slo.store.tokens import TokenStore


class Authorize:
    """Checks tokens."""

    def __init__(self, stores: Stores) -> None:
        self._tokens = stores.of(TokenStore)
        self._clock = stores.clock

    def policy(self, authorization: str, method_arn: str) -> dict[str, Any]:
        """The authorizer's answer. Raises UnauthorizedError if the token is malformed, unknown, revoked or expired."""
        wanted = token_hash(bearer(authorization))
        token = self._tokens.get(wanted)
        if token is None or not hmac.compare_digest(token.token_hash, wanted):
            raise UnauthorizedError("The token is unknown.")
        if not token.is_valid(self._clock()):
            raise UnauthorizedError("The token is revoked or has expired.")
        return policy(token, method_arn)
