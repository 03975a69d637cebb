"""What a function keeps for as long as it runs is left out of garbage collection, on Lambda only."""

import gc

import pytest

from slo.store.ledgers import LedgerItem
from slo.store.tables import Tables, connection_of

SETTINGS = {"AWS_REGION": "eu-central-1", "LEDGER_TABLE": "ledger"}


@pytest.fixture
def frozen(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The generations' counts at each freeze, none of which happens."""
    found: list[int] = []
    monkeypatch.setattr(gc, "freeze", lambda: found.append(sum(gc.get_count())))
    monkeypatch.setattr(gc, "set_threshold", lambda *_: None)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    return found


def test_the_client_that_the_first_request_creates_is_kept_once(
    monkeypatch: pytest.MonkeyPatch, frozen: list[int]
) -> None:
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "test")
    connection = connection_of(Tables(SETTINGS.get).bind(LedgerItem, "LEDGER_TABLE"))
    assert not frozen, "it is created when it is needed"
    assert connection.client is connection.client
    assert len(frozen) == 1


def test_outside_lambda_nothing_is_kept(monkeypatch: pytest.MonkeyPatch, frozen: list[int]) -> None:
    monkeypatch.delenv("AWS_LAMBDA_FUNCTION_NAME", raising=False)
    assert connection_of(Tables(SETTINGS.get).bind(LedgerItem, "LEDGER_TABLE")).client
    assert not frozen
