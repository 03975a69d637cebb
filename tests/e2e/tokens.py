"""Makes tokens directly in the deployed stack's table. That is fast, and allows tokens that the command cannot make."""

import time

from lab.cloud.local import Cloud, Deployment
from slo.api.tokens import Scope, Token, generate, token_hash
from slo.store.tables import Tables
from slo.store.tokens import TokenStore


def store_of(cloud: Cloud, deployment: Deployment) -> TokenStore:
    """The deployed stack's token store."""
    return TokenStore(Tables({**cloud.environment, "TOKENS_TABLE": deployment.outputs["TokensTable"]}.get))


def make_token(store: TokenStore, scope: Scope, *clusters: str, expires_in: float | None = None) -> str:
    """A new token that expires in `expires_in` seconds, or never."""
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
