from fnmatch import fnmatchcase
from typing import Any

import pytest

from slo.api.tokens import SCOPES, Grant, Scope, Token, authorization, bearer, denial, generate, policy, token_hash
from slo.errors import ForbiddenError, UnauthorizedError

ARN = "arn:aws:execute-api:eu-central-1:123456789012:api/prod/GET/api/v2/slo/domains"
TEXT = "islo_" + "x" * 43


def token(scope: Scope, **changes: Any) -> Token:
    values: dict[str, Any] = {"clusters": ("c1",), "label": "somebody", "created_at": 0.0, **changes}
    return Token(token_hash=token_hash("islo_x"), scope=scope, **values)


def test_a_token_is_256_random_bits_and_only_its_hash_is_kept() -> None:
    made = {generate() for _ in range(100)}
    assert len(made) == 100
    assert all(len(text) == len("islo_") + 43 for text in made)
    assert len(token_hash(made.pop())) == 64


@pytest.mark.parametrize(
    "header",
    ["", TEXT, f"Basic {TEXT}", "Bearer", "Bearer x", f"Bearer  {TEXT}", f"Bearer {TEXT}x", f"Bearer {TEXT[:-1]}"],
)
def test_only_a_bearer_token_of_ours_is_looked_up(header: str) -> None:
    with pytest.raises(UnauthorizedError, match="Bearer islo_"):
        bearer(header)
    assert bearer(f"bearer {TEXT}") == TEXT
    assert bearer(f"Bearer {(made := generate())}") == made


@pytest.mark.parametrize("call", ["GET/api/v2/slo/domains", "POST/api/v2/clusters/c1/snapshots", "GET/nowhere"])
@pytest.mark.parametrize("scope", SCOPES)
def test_the_policy_is_the_same_for_every_path_and_method(scope: Scope, call: str) -> None:
    """API Gateway caches one policy for each token and uses it for every call. Each operation checks the scope."""
    called = f"arn:aws:execute-api:eu-central-1:123456789012:api/prod/{call}"
    for answer, effect in ((policy(token(scope), ARN), "Allow"), (denial(ARN), "Deny")):
        (statement,) = answer["policyDocument"]["Statement"]
        assert statement["Effect"] == effect
        assert fnmatchcase(called, statement["Resource"])
        assert not fnmatchcase(called.replace("/prod/", "/other/"), statement["Resource"])


@pytest.mark.parametrize(
    ("changes", "now", "is_valid"),
    [
        ({}, 9, True),
        ({"expires_at": 10.0}, 9, True),
        ({"expires_at": 10.0}, 10, False),
        ({"revoked_at": 5.0}, 9, False),
    ],
)
def test_a_token_is_valid_until_it_expires_or_is_revoked(changes: dict[str, float], now: float, is_valid: bool) -> None:
    assert token("read", **changes).is_valid(now) is is_valid


def test_a_grant_is_what_the_authorizer_said() -> None:
    caller = Grant.of(policy(token("read", clusters=("c1", "c2")), ARN)["context"])
    caller.require("read", "manage")
    caller.require_cluster("c2")
    with pytest.raises(ForbiddenError, match="c3"):
        caller.require_cluster("c3")
    with pytest.raises(ForbiddenError, match="scope manage; yours has read"):
        caller.require("manage")


@pytest.mark.parametrize("expires_at", [None, 1_800_000_000.5])
def test_a_grant_knows_when_its_token_expires(expires_at: float | None) -> None:
    context = policy(token("read", expires_at=expires_at), ARN)["context"]
    assert None not in context.values(), "API Gateway refuses a null"
    as_passed_on = {name: str(value) for name, value in context.items()}
    assert Grant.of(as_passed_on).expires_at == expires_at


def test_without_clusters_a_reader_sees_all_and_an_ingest_token_none() -> None:
    assert Grant("read", (), "x").may_see("c1")
    assert not Grant("ingest", (), "x").may_see("c1")
    with pytest.raises(ForbiddenError, match="yours has none"):
        Grant.of({}).require("read")


@pytest.mark.parametrize(
    "event",
    [
        {"authorizationToken": "Bearer x", "methodArn": "arn"},
        {"headers": {"authorization": "Bearer x", "host": "a"}},
        {"headers": {"Authorization": "Bearer x"}, "identitySource": "Bearer x"},
    ],
    ids=["REST API", "HTTP API", "HTTP API, as the client wrote it"],
)
def test_the_header_is_found_in_the_event_of_either_api(event: dict[str, Any]) -> None:
    assert authorization(event) == "Bearer x"


@pytest.mark.parametrize("event", [{}, {"headers": None}, {"headers": {"host": "a"}}])
def test_an_event_without_the_header_has_no_token(event: dict[str, Any]) -> None:
    assert authorization(event) == ""
