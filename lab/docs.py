"""Runs the commands of the documentation, so that tests execute what readers copy.

An HTML comment above each fenced `sh` block says how to use the block. Rendered pages do not show it.

    <!-- run: deploy -->              A test runs the block as it stands. Names are unique within a page.
    <!-- fill in: account -->         Lines `export NAME=value`; a test replaces the values, as readers do.
    <!-- elsewhere: needs docker -->  The block cannot run where the tests run, and why.

Blocks of other languages (`text`, `yaml`, `json`) need no comment. A test can read one marked `<!-- use: NAME -->`.
"""

import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self, cast, get_args

from lab.cluster.kubectl import KUBECTL
from lab.paths import ROOT

DOCS = ROOT / "docs"

_PATIENCE_SECONDS = 600
_MACHINE = ("PATH", "HOME")
"""What a new terminal has. Everything else is exported by a page, or given by the test."""
_ACCOUNT = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL")

type Purpose = Literal["run", "fill in", "elsewhere", "use", ""]
_PURPOSES = get_args(Purpose.__value__)
_FENCE = re.compile(
    r"^(?:<!-- (?P<purpose>[a-z ]+): (?P<name>[^\n]+?) -->\n)?```(?P<language>[a-z]*)\n(?P<text>.*?)^```$", re.M | re.S
)
_EXPORT = re.compile(r"^export (?P<name>[A-Z_]+)=(?P<value>\S*)(?P<comment>\s+#.*)?$")


class DocsError(Exception):
    """A page breaks the convention, or one of its commands failed. The message says where."""


@dataclass(frozen=True)
class Block:
    """One fenced block of a page."""

    page: Path
    purpose: Purpose
    name: str
    """The block's name; for `elsewhere` the reason."""
    language: str
    text: str

    def filled_in(self, values: Mapping[str, str]) -> str:
        """The lines of a `fill in` block with these values. Raises DocsError if a line has no value here."""
        lines = []
        for line in self.text.splitlines():
            found = _EXPORT.match(line)
            if not found or found["name"] not in values:
                raise DocsError(f"{self.page.name}: `{line}` in {self.name!r} is not an export with a value given here")
            lines.append(f"export {found['name']}='{values[found['name']]}'")
        return "\n".join(lines)


def blocks(page: Path) -> list[Block]:
    """All fenced blocks of a page, in order. Raises DocsError for a missing comment or a repeated name."""
    found = []
    for match in _FENCE.finditer(page.read_text(encoding="utf-8")):
        purpose = match["purpose"] or ""
        if purpose not in _PURPOSES or (match["language"] == "sh" and purpose in ("", "use")):
            start = match["text"].partition("\n")[0]
            raise DocsError(f"{page.name}: `{start}` needs a comment above it: run, fill in or elsewhere")
        found.append(Block(page, cast(Purpose, purpose), match["name"] or "", match["language"], match["text"]))
    names = [block.name for block in found if block.purpose in ("run", "fill in", "use")]
    if len(names) != len(set(names)):
        raise DocsError(f"{page.name}: two blocks have the same name")
    return found


def block(page: Path, name: str) -> Block:
    """The block with this name. Raises DocsError if there is none."""
    for candidate in blocks(page):
        if candidate.purpose != "elsewhere" and candidate.name == name:
            return candidate
    raise DocsError(f"{page.name} has no block {name!r}")


def account(environment: Mapping[str, str]) -> dict[str, str]:
    """What a page asks a reader to have: credentials, without a region. The endpoint stands for AWS itself."""
    return {name: environment[name] for name in _ACCOUNT} | {"SAM_CLI_TELEMETRY": "0"}


class Shell:
    """A reader's new terminal. It has nothing of this process' environment but PATH and HOME.

    The exports and the folder of one block are those of the next. `kubectl` is the real program, `helm` is
    `lab.cluster.helm`. Both need KUBECONFIG.
    """

    def __init__(self, environment: Mapping[str, str], folder: Path = ROOT) -> None:
        self._environment = {**{name: os.environ[name] for name in _MACHINE}, **environment}
        self._folder = folder

    def __enter__(self) -> Self:
        self._temporary = tempfile.TemporaryDirectory(prefix="ingress-slo-docs-")
        folder = Path(self._temporary.name)
        self._state = folder / "state"
        self._state.write_text(f"cd {shlex.quote(str(self._folder))}\n")
        self._environment["KUBECACHEDIR"] = f"{self._temporary.name}/kube"
        (folder / "kubectl").symlink_to(KUBECTL)
        helm = folder / "helm"
        helm.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m lab.cluster.helm "$@"\n')
        helm.chmod(0o755)
        return self

    def __exit__(self, *_: object) -> None:
        self._temporary.cleanup()

    def run(self, commands: str) -> str:
        """Run commands and return their output. Raises DocsError with the output if one fails."""
        before = f"set -euo pipefail\nsource {self._state}\nPATH={self._temporary.name}:$PATH"
        after = f"{{ export -p; export -fp; printf 'cd %q\\n' \"$PWD\"; }} >{self._state}"
        script = f"{before}\n{commands}\n{after}\n"
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=self._folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=_PATIENCE_SECONDS,
        )
        if done.returncode:
            raise DocsError(f"exit code {done.returncode} of:\n{commands}\n{done.stdout[-3000:]}")
        return done.stdout
