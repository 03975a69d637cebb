"""Authorize: from an Authorization header to what its token may call."""

import hmac
from collections.abc import Callable
from typing import Any

from slo.errors import UnauthorizedError
from slo.store.tokens import TokenStore
from slo.tokens import bearer, policy, token_hash


class Authorize:
    """Knows tokens."""

    def __init__(self, tokens: TokenStore, *, clock: Callable[[], float]) -> None:
        self._tokens = tokens
        self._clock = clock

    def policy(self, authorization: str, method_arn: str) -> dict[str, Any]:
        """The authorizer's answer. Raises UnauthorizedError where the token is unknown, revoked or expired."""
        wanted = token_hash(bearer(authorization))
        token = self._tokens.get(wanted)
        if token is None or not hmac.compare_digest(token.token_hash, wanted):
            raise UnauthorizedError("The token is unknown.")
        if not token.is_valid(self._clock()):
            raise UnauthorizedError("The token is revoked or has expired.")
        return policy(token, method_arn)
