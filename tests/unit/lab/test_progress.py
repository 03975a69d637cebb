import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lab.progress import INSTALLS, Heartbeat, main, plan
from lab.teller import Teller

FAILING = [sys.executable, "-c", "import sys; print('the reason'); sys.exit(3)"]
_UNTIL = "import pathlib, sys, time\nwhile not pathlib.Path(sys.argv[1]).exists(): time.sleep(0.01)\nprint('printed')"


@pytest.fixture
def slow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A command that ends when two heartbeats have been said, however long they take."""
    said, heard_twice = [], tmp_path / "heard-twice"

    def beating(say: Callable[[float], None]) -> Heartbeat:
        def say_and_count(seconds: float) -> None:
            say(seconds)
            said.append(seconds)
            if len(said) == 2:
                heard_twice.touch()

        return Heartbeat(say_and_count, silence_seconds=0.05)

    monkeypatch.setattr("lab.progress.Heartbeat", beating)
    return [sys.executable, "-c", _UNTIL, str(heard_twice)]


def test_slow_work_says_that_it_goes_on(slow: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "building", "--", *slow]) == 0
    said = capfd.readouterr()
    assert re.fullmatch(r"building\n(  \.\.\. \d+ s\n){2,}  done after \d+ s\n", said.err)
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
    tmp_path: Path, slow: list[str], capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".venv-sam").mkdir()
    (tmp_path / ".venv-sam" / "package").write_bytes(b"0" * 2_000_000)
    assert main(["install", ".venv-sam", "--", *slow]) == 0
    said = capfd.readouterr().err
    assert f"installing .venv-sam: the SAM CLI, {INSTALLS['.venv-sam'].megabytes} MB" in said
    assert re.search(rf"  \.\.\. \d+ s, 2 of {INSTALLS['.venv-sam'].megabytes} MB", said)


def test_the_demo_is_quiet_only_while_its_tree_is_on_the_screen(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    beats: list[Callable[[float], None]] = []

    def beating(say: Callable[[float], None]) -> Heartbeat:
        beats.append(say)
        return Heartbeat(say)

    monkeypatch.setattr("lab.teller.Heartbeat", beating)
    with Teller() as teller:
        teller.say("deploying: it takes a while")
        beats[0](5.0)
        teller.pause()
        before = capfd.readouterr().err
        beats[0](10.0)
        teller.end("done")
    assert "... deploying (5 s)" in before
    assert "deploying" not in (after := capfd.readouterr().err)
    assert after.endswith("done\n")
