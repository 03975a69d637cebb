"""LogLevel decides what is logged, and never whether metrics are sent."""

import gc
import json
import logging
from collections.abc import Iterator

import pytest

from slo.runtime import observability

LAMBDAS = {"DEBUG": "DEBUG", "INFO": "INFO", "WARNING": "INFO", "ERROR": "INFO"}
"""Lambda's own level for each LogLevel, as template.yaml sets it. Lambda gives it to the function, too."""


@pytest.fixture
def _as_on_lambda(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    root = logging.getLogger()
    before = root.level
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "test")
    monkeypatch.setattr(gc, "freeze", lambda: None)
    yield
    root.setLevel(before)


@pytest.mark.parametrize("level", LAMBDAS)
def test_a_function_logs_from_its_level_on(monkeypatch: pytest.MonkeyPatch, level: str) -> None:
    """Powertools would take Lambda's level."""
    monkeypatch.setenv("POWERTOOLS_LOG_LEVEL", level)
    monkeypatch.setenv("AWS_LAMBDA_LOG_LEVEL", LAMBDAS[level])
    made = observability.logger(f"levels-{level}")
    assert logging.getLevelName(made.log_level) == level


@pytest.mark.parametrize("level", LAMBDAS)
def test_metrics_are_sent_at_any_level(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], level: str
) -> None:
    monkeypatch.setenv("POWERTOOLS_LOG_LEVEL", level)
    monkeypatch.delenv("POWERTOOLS_METRICS_DISABLED", raising=False)
    sent = observability.metrics("rollup")
    sent.add_metric(observability.WRITES_REFUSED, "Count", 1)
    sent.flush_metrics()
    document = json.loads(capsys.readouterr().out)
    assert document["WritesRefused"] == [1.0]
    assert "level" not in document, "Lambda takes the line for INFO"


@pytest.mark.usefixtures("_as_on_lambda")
def test_at_debug_libraries_do_not_log_requests() -> None:
    logging.getLogger().setLevel(logging.DEBUG)  # Lambda's runtime does that
    observability.started()
    assert not logging.getLogger("botocore.endpoint").isEnabledFor(logging.INFO)
    assert logging.getLogger("botocore").isEnabledFor(logging.WARNING)
