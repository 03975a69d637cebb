"""Storage sees only a token's hash, and hashes are compared in constant time."""

import hmac
from collections.abc import Mapping
from types import SimpleNamespace

import pytest

from slo.api.tokens import Token, generate, token_hash
from slo.app.authorize import Authorize
from slo.errors import UnauthorizedError

ARN = "arn:aws:execute-api:eu-central-1:123456789012:a1b2c3d4e5/prod/GET/api/v2/slo/domains"
NOW = 1_800_000_000.0


class Tokens:
    """A token store that returns given tokens by hash, or one token for any hash. Records the hashes it gets."""

    def __init__(self, answers: Mapping[str, Token] | Token) -> None:
        self._answers = answers
        self.asked: list[str] = []

    def get(self, wanted: str) -> Token | None:
        self.asked.append(wanted)
        return self._answers if isinstance(self._answers, Token) else self._answers.get(wanted)


def authorizer(tokens: Tokens) -> Authorize:
    stores = SimpleNamespace(of=lambda _: tokens, clock=lambda: NOW)
    return Authorize(stores)  # type: ignore[arg-type]


def stored(text: str) -> Token:
    return Token(token_hash=token_hash(text), scope="read", label="test", created_at=NOW)


def test_hashes_are_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = []

    def compare(one: str, other: str) -> bool:
        compared.append((one, other))
        return original(one, other)

    original = hmac.compare_digest
    monkeypatch.setattr(hmac, "compare_digest", compare)
    text = generate()
    authorizer(Tokens({token_hash(text): stored(text)})).policy(f"Bearer {text}", ARN)
    assert compared == [(token_hash(text), token_hash(text))]


def test_storage_is_asked_for_the_hash_and_never_sees_the_token() -> None:
    text = generate()
    tokens = Tokens({token_hash(text): stored(text)})
    authorizer(tokens).policy(f"Bearer {text}", ARN)
    assert tokens.asked == [token_hash(text)]


def test_another_tokens_item_is_no_match_even_if_storage_gives_it() -> None:
    with pytest.raises(UnauthorizedError):
        authorizer(Tokens(stored(generate()))).policy(f"Bearer {generate()}", ARN)
