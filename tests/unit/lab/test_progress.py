import re
import sys
import time
from pathlib import Path

import pytest

from lab.progress import INSTALLS, Heartbeat, main, plan
from lab.teller import Teller

SLOW = [sys.executable, "-c", "import time; time.sleep(0.4); print('printed')"]
FAILING = [sys.executable, "-c", "import sys; print('the reason'); sys.exit(3)"]


def test_slow_work_says_that_it_goes_on(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lab.progress.Heartbeat", lambda say: Heartbeat(say, silence_seconds=0.1))
    assert main(["run", "building", "--", *SLOW]) == 0
    said = capfd.readouterr()
    assert said.err.startswith("building\n  ... 0 s\n  ... 0 s\n")
    assert re.search(r"  done after \d+ s\n$", said.err)
    assert "printed" not in said.err + said.out


def test_work_that_fails_shows_what_it_printed(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "building", "--", *FAILING]) == 3
    assert "the reason" in capfd.readouterr().err


def test_the_plan_names_what_is_missing_in_order_with_sizes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".venv-sam").mkdir()
    (tmp_path / ".venv-sam" / ".ready").touch()
    head, *lines = plan([".venv", ".venv-sam", "web"]).splitlines()
    assert f"{INSTALLS['.venv'].megabytes + INSTALLS['web'].megabytes:,} MB" in head
    assert [line.split()[0] for line in lines] == [".venv", "web/node_modules"]
    assert plan([".venv-sam"]) == ""


def test_an_install_says_its_size_and_how_far_it_is(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("lab.progress.Heartbeat", lambda say: Heartbeat(say, silence_seconds=0.15))
    (tmp_path / ".venv-sam").mkdir()
    (tmp_path / ".venv-sam" / "package").write_bytes(b"0" * 2_000_000)
    assert main(["install", ".venv-sam", "--", *SLOW]) == 0
    said = capfd.readouterr().err
    assert f"installing .venv-sam: the SAM CLI, {INSTALLS['.venv-sam'].megabytes} MB" in said
    assert f"  ... 0 s, 2 of {INSTALLS['.venv-sam'].megabytes} MB" in said


def test_the_demo_is_quiet_only_while_its_tree_is_on_the_screen(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lab.teller.Heartbeat", lambda say: Heartbeat(say, silence_seconds=0.05))
    with Teller() as teller:
        teller.say("deploying: it takes a while")
        time.sleep(0.2)
        teller.pause()
        before = capfd.readouterr().err
        time.sleep(0.2)
        teller.end("done")
    assert "... deploying (0 s)" in before
    assert "deploying" not in (after := capfd.readouterr().err)
    assert after.endswith("done\n")
