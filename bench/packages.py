"""The sizes of the layer and the functions as the SAM CLI builds them."""

import io
import os
import subprocess
import zipfile
from pathlib import Path

import msgspec

from lab.bytecode import compile_layer
from lab.paths import ROOT

_BUILD = ROOT / ".aws-sam" / "bench"


class Size(msgspec.Struct, frozen=True):
    """Megabytes (of a million bytes)."""

    unzipped: float
    zipped: float


def measure() -> dict[str, Size]:
    """Build the stack and measure each part. Lambda accepts 250 MB unzipped, with layers."""
    command = [str(ROOT / ".venv-sam/bin/sam"), "build", "--build-dir", str(_BUILD)]
    path = f"{ROOT / '.venv/bin'}{os.pathsep}{os.environ['PATH']}"
    subprocess.run(command, cwd=ROOT, env={**os.environ, "PATH": path}, check=True, capture_output=True)
    compile_layer(_BUILD)
    return {folder.name: _size(folder) for folder in sorted(_BUILD.iterdir()) if folder.is_dir()}


def _size(folder: Path) -> Size:
    packed = io.BytesIO()
    unzipped = 0
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                unzipped += file.stat().st_size
                archive.write(file, file.relative_to(folder))
    return Size(unzipped / 1e6, len(packed.getvalue()) / 1e6)
