"""Bearer tokens and what each may do. A token is 256 random bits; only its hash is stored.

API Gateway caches the authorizer's policy for each token, regardless of path and method, so a policy must cover all of
them. Handlers use `Grant` to check what a policy cannot express (the `cluster_id` in a query).
"""

import hashlib
import re
import secrets
from collections.abc import Mapping
from typing import Any, Literal, get_args

import msgspec

from slo.errors import ForbiddenError, UnauthorizedError

Scope = Literal["ingest", "read", "manage"]
SCOPES: tuple[Scope, ...] = get_args(Scope)

PREFIX = "islo_"
_RANDOM_BYTES = 32
_HEADER = re.compile(rf"(?i:bearer) ({PREFIX}[A-Za-z0-9_-]{{1,200}})\s*")
_INVALID = "Send a valid token as `Authorization: Bearer islo_...`; `ingress-slo tokens create` makes one."


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """The stored form of a token. Times are Unix seconds."""

    token_hash: str
    scope: Scope
    clusters: tuple[str, ...] = ()
    """Clusters that the token is limited to; empty for all. An ingest token has exactly one."""
    label: str
    """Who uses the token. Targets record it as `set_by`."""
    created_at: float
    expires_at: float | None = None
    revoked_at: float | None = None

    @property
    def id(self) -> str:
        """A short id for lists and logs. It does not help to guess the token."""
        return self.token_hash[:12]

    def is_valid(self, now: float) -> bool:
        """Whether the token is neither revoked nor expired."""
        return self.state(now) == "valid"

    def state(self, now: float) -> Literal["valid", "expired", "revoked"]:
        """The state that lists show; revoked wins over expired."""
        if self.revoked_at is not None:
            return "revoked"
        return "valid" if self.expires_at is None or now < self.expires_at else "expired"


def generate() -> str:
    """A new random token. Show it once; it cannot be recovered."""
    return PREFIX + secrets.token_urlsafe(_RANDOM_BYTES)


def token_hash(token: str) -> str:
    """The hash that is stored for a token. SHA-256 without a salt is enough because a token is long and random."""
    return hashlib.sha256(token.encode()).hexdigest()


def bearer(header: str) -> str:
    """The token in an Authorization header. Raises UnauthorizedError."""
    found = _HEADER.fullmatch(header)
    if found is None:
        raise UnauthorizedError(_INVALID)
    return found[1]


def policy(token: Token, method_arn: str) -> dict[str, Any]:
    """The authorizer's answer: an IAM policy with every method and path that the token may call.

    `method_arn` is `arn:...:{api}/{stage}/{method}/{path}`.
    """
    stage_arn = "/".join(method_arn.split("/")[:2])
    return {
        "principalId": token.id,
        "policyDocument": {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Action": "execute-api:Invoke",
                    "Effect": "Allow",
                    "Resource": [f"{stage_arn}/{path}" for path in _paths(token)],
                }
            ],
        },
        "context": {
            "scope": token.scope,
            "clusters": ",".join(token.clusters),
            "label": token.label,
            "token_id": token.id,
            **({} if token.expires_at is None else {"expires_at": token.expires_at}),
        },
    }


def _paths(token: Token) -> list[str]:
    if token.scope == "ingest":
        return [f"POST/api/v2/clusters/{cluster_id}/snapshots" for cluster_id in token.clusters]
    reads = ["GET/api/v2/*"]
    return reads if token.scope == "read" else [*reads, "PUT/api/v2/slo/*", "DELETE/api/v2/slo/*"]


class Grant(msgspec.Struct, frozen=True):
    """What the caller may do, according to the authorizer."""

    scope: str
    clusters: tuple[str, ...]
    label: str
    expires_at: float | None = None
    """Unix seconds; None for never."""

    @classmethod
    def of(cls, context: Mapping[str, Any]) -> "Grant":
        """Read the grant from the authorizer's context in a request."""
        clusters = str(context.get("clusters") or "")
        return cls(
            str(context.get("scope") or ""),
            tuple(clusters.split(",")) if clusters else (),
            str(context.get("label") or ""),
            float(context["expires_at"]) if context.get("expires_at") else None,
        )

    def require(self, *scopes: Scope) -> None:
        """Raises ForbiddenError if the token has none of these scopes."""
        if self.scope not in scopes:
            raise ForbiddenError(
                f"This needs a token with the scope {' or '.join(scopes)}; yours has {self.scope or 'none'}."
            )

    def require_cluster(self, cluster_id: str) -> None:
        """Raises ForbiddenError if the token is for other clusters."""
        if not self.may_see(cluster_id):
            raise ForbiddenError(f"Your token is not for cluster {cluster_id!r}.")

    def may_see(self, cluster_id: str) -> bool:
        """Whether the token is for this cluster."""
        return cluster_id in self.clusters or (not self.clusters and self.scope != "ingest")
