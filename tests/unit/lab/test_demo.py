import subprocess
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from requests import ReadTimeout

from ingress_slo.api import ApiError
from lab import demo
from lab.cloud.local import CloudError
from lab.demo import Agent, AgentError, DemoError, main


class Said:
    """Stands for what the agent and the API say, one after the other."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)

    def domains(self, *_: str) -> dict[str, Any]:
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        found: dict[str, Any] = answer
        return found


class Pushes:
    error: Exception | None = None


MEASURED = {"domains": [{"routes": [{"current": {"total_requests": 1}}] * 7}]}


def test_a_slow_start_is_told_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    api = Said(ApiError("404: no such cluster"), ApiError("http://127.0.0.1 cannot be reached: ReadTimeout"), MEASURED)
    told: list[str] = []
    assert demo._first_answer(api, Pushes(), told.append) == MEASURED  # type: ignore[arg-type]
    assert told == ["nothing has been booked yet", "the machine is busy"]


def test_an_agent_that_fails_is_told_by_its_own_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = '{"level": "info"}\n{"level": "error", "message": "the server could not be reached", "detail": "timed out"}'
    failing = subprocess.CompletedProcess([], 6, stdout="", stderr=lines)
    monkeypatch.setattr("lab.demo.subprocess.run", lambda *_, **__: failing)
    agent = object.__new__(Agent)
    agent._environment = {}
    with pytest.raises(AgentError, match=r"the agent's last run failed: the server could not be reached: timed out$"):
        agent.run()


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (CloudError("sam deploy failed: no space"), "sam deploy failed: no space"),
        (DemoError("no figures after 240 s"), "no figures after 240 s"),
        (TimeoutError(), "did not start in time"),
        (ReadTimeout("HTTPConnectionPool"), "did not start in time"),
        (EndpointConnectionError(endpoint_url="http://127.0.0.1"), "did not start in time"),
        (subprocess.CalledProcessError(1, ["x"], stderr="The token table is gone.\n"), "The token table is gone."),
    ],
)
def test_what_a_slow_machine_causes_is_a_sentence(
    error: Exception, says: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("lab.demo._run", raising(error))
    assert main(["--once"]) == 1
    said = capfd.readouterr().err
    assert "the demo failed: " in said
    assert says in said
    assert "Traceback" not in said


@pytest.mark.parametrize(("end", "says"), [(KeyboardInterrupt(), "stopped; "), (None, "done; ")])
def test_the_demo_ends_with_a_word(
    end: BaseException | None, says: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("lab.demo._run", raising(end))
    assert main(["--once"]) == 0
    assert says in capfd.readouterr().err


def raising(error: BaseException | None) -> Callable[..., None]:
    def run(*_: object) -> None:
        if error:
            raise error

    return run
