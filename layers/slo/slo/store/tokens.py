"""Tokens, stored by their hash."""

from collections.abc import Iterator

from pynamodb.attributes import ListAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import DoesNotExist
from pynamodb.models import Model

from slo.api.tokens import SCOPES, Token
from slo.store.tables import Tables
from slo.structs import like


class TokenItem(Model):
    """One token. The token's text is never stored."""

    token_hash = UnicodeAttribute(hash_key=True)
    scope = UnicodeAttribute()
    clusters = ListAttribute(of=UnicodeAttribute)
    label = UnicodeAttribute()
    created_at = NumberAttribute()
    valid_until = NumberAttribute(null=True)
    revoked_at = NumberAttribute(null=True)


class TokenStore:
    """All tokens."""

    def __init__(self, tables: Tables) -> None:
        self._items = tables.bind(TokenItem, "TOKENS_TABLE")

    def add(self, token: Token) -> None:
        """Store a new token."""
        self._items(
            token.token_hash,
            scope=token.scope,
            clusters=list(token.clusters),
            label=token.label,
            created_at=token.created_at,
            valid_until=token.expires_at,
        ).save(condition=self._items.token_hash.does_not_exist())

    def get(self, token_hash: str) -> Token | None:
        """The token with this hash; None if there is none."""
        try:
            return _token(self._items.get(token_hash, consistent_read=True))
        except DoesNotExist:
            return None

    def all(self) -> Iterator[Token]:
        """Every token, including revoked ones."""
        return (_token(item) for item in self._items.scan())

    def revoke(self, token_hash: str, now: float) -> None:
        """Revoke a token. API Gateway caches the authorizer's answer, so the token can work for 90 more seconds."""
        self._items(token_hash).update(
            actions=[self._items.revoked_at.set(now)], condition=self._items.token_hash.exists()
        )

    def expire(self, token_hash: str, at: float) -> None:
        """Let a token expire at this time."""
        self._items(token_hash).update(
            actions=[self._items.valid_until.set(at)], condition=self._items.token_hash.exists()
        )


def _token(item: TokenItem) -> Token:
    scope = next(scope for scope in SCOPES if scope == item.scope)
    clusters = tuple(str(cluster) for cluster in item.clusters)
    return like(Token, item, scope=scope, clusters=clusters, expires_at=item.valid_until)
