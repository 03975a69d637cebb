"""What every command line is expected to have: a version, completion, help."""

import os
import subprocess
import sys

import pytest
from integration.command import run

from slo import __version__


def test_the_version_is_the_releases() -> None:
    assert run("--version").out == f"ingress-slo {__version__}"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_gets_its_completion(shell: str) -> None:
    environ = {**os.environ, "_INGRESS_SLO_COMPLETE": f"source_{shell}"}
    command = [sys.executable, "-m", "ingress_slo"]
    script = subprocess.run(command, env=environ, capture_output=True, text=True, check=True).stdout
    assert "_INGRESS_SLO_COMPLETE" in script
    assert f"complete_{shell}" in script


def test_a_word_is_completed() -> None:
    completing = {"_INGRESS_SLO_COMPLETE": "complete_bash", "COMP_WORDS": "ingress-slo tr", "COMP_CWORD": "1"}
    command = [sys.executable, "-m", "ingress_slo"]
    done = subprocess.run(command, env={**os.environ, **completing}, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["tree"]


def test_the_command_alone_shows_its_commands() -> None:
    shown = run("--help").out
    for name in ("tree", "burn-rates", "status-history", "objectives", "budget", "--version", "--install-completion"):
        assert name in shown
