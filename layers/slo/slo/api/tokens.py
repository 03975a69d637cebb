"""Bearer tokens and what each may do. A token is 256 random bits; only its hash is stored.

The authorizer says who calls, and handlers say what the caller may do (`Grant`). API Gateway caches the authorizer's
policy for each token, regardless of path and method, so a policy covers all of them: a valid token passes, and nothing
else does.
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
HEADER = rf"(?i:bearer) {PREFIX}[A-Za-z0-9_-]{{43}}"
"""What an Authorization header may look like, as a regular expression. 32 bytes are 43 letters of base64url.

API Gateway knows it from template.yaml, too, and refuses anything else by itself."""
_HEADER = re.compile(HEADER)
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


def authorization(event: Mapping[str, Any]) -> str:
    """The Authorization header in an authorizer's event: given apart by a REST API, with all others by an HTTP API."""
    headers = event.get("headers") or {}
    among_headers = (value for name, value in headers.items() if name.lower() == "authorization")
    return str(event.get("authorizationToken") or next(among_headers, ""))


def bearer(header: str) -> str:
    """The token in an Authorization header. Raises UnauthorizedError."""
    if _HEADER.fullmatch(header) is None:
        raise UnauthorizedError(_INVALID)
    return header.partition(" ")[2]


def policy(token: Token, method_arn: str) -> dict[str, Any]:
    """The authorizer's answer to a valid token. `method_arn` is `arn:...:{api}/{stage}/{method}/{path}`.

    It allows every path, so that an unknown one is 404. Each operation checks the scope and the cluster itself.
    """
    return {
        "principalId": token.id,
        "policyDocument": _document("Allow", method_arn),
        "context": {
            "scope": token.scope,
            "clusters": ",".join(token.clusters),
            "label": token.label,
            "token_id": token.id,
            **({} if token.expires_at is None else {"expires_at": token.expires_at}),
        },
    }


def denial(method_arn: str) -> dict[str, Any]:
    """The authorizer's answer to anything else, which template.yaml makes a 401.

    API Gateway caches it, unlike an exception, so a client with a revoked token does not start a function each time.
    """
    return {"principalId": "nobody", "policyDocument": _document("Deny", method_arn)}


def _document(effect: Literal["Allow", "Deny"], method_arn: str) -> dict[str, Any]:
    stage_arn = "/".join(method_arn.split("/")[:2])
    statement = {"Action": "execute-api:Invoke", "Effect": effect, "Resource": f"{stage_arn}/*"}
    return {"Version": "2012-10-17", "Statement": [statement]}


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

    def require_all_clusters(self) -> None:
        """Raises ForbiddenError if the token is for some clusters only."""
        if self.clusters:
            raise ForbiddenError(
                f"This concerns all clusters, and your token is for {', '.join(self.clusters)} only. There it may "
                "acknowledge, mute and set objectives; channels, rules and objectives of all clusters need a token for "
                "all clusters."
            )

    def may_see(self, cluster_id: str) -> bool:
        """Whether the token is for this cluster."""
        return cluster_id in self.clusters or (not self.clusters and self.scope != "ingest")
