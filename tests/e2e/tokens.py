"""Tokens made straight in the deployed stack's table: fast, and also such as the operator's command does not make."""

import time

from lab.cloud.local import Cloud, Deployment
from slo.api.tokens import Scope, Token, generate, token_hash
from slo.store.tables import Tables
from slo.store.tokens import TokenStore


def store_of(cloud: Cloud, deployment: Deployment) -> TokenStore:
    """The deployed stack's tokens."""
    return TokenStore(Tables({**cloud.environment, "TOKENS_TABLE": deployment.outputs["TokensTable"]}.get))


def make_token(store: TokenStore, scope: Scope, *clusters: str, expires_in: float | None = None) -> str:
    """A token that expires in so many seconds, or never."""
    text, now = generate(), time.time()
    store.add(
        Token(
            token_hash=token_hash(text),
            scope=scope,
            clusters=clusters,
            label=f"{scope} of the tests",
            created_at=now,
            expires_at=None if expires_in is None else now + expires_in,
        )
    )
    return text
