"""What `sam build` puts into the layer and the function for apprise, and that it reads what `sam deploy` reads."""

import json
import os
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

from lab.paths import ROOT

SAM = ROOT / ".venv-sam" / "bin"
CONFIG = ROOT / "samconfig.toml"
PROFILES = sorted(set(tomllib.loads(CONFIG.read_text())) - {"version"})
MACHINES = {"arm64": 0xB7, "x86_64": 0x3E}
"""EM_AARCH64 and EM_X86_64, bytes 18 and 19 of an ELF file."""
_READ = """
import json, sys
from samcli.lib.config.samconfig import SamConfig
config, profile = SamConfig(sys.argv[1]), sys.argv[2]
read = {command: dict(config.get_all([command], "parameters", profile)) for command in ("build", "deploy")}
print(json.dumps(read))
"""


def read_by_sam(profile: str) -> dict[str, dict[str, Any]]:
    """What SAM itself reads for `sam build` and `sam deploy`."""
    command = [str(SAM / "python"), "-c", _READ, str(ROOT), profile]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, dict[str, Any]] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("profile", PROFILES)
def test_build_and_deploy_read_the_same_parameters(profile: str) -> None:
    read = read_by_sam(profile)
    assert read["build"].get("parameter_overrides") == read["deploy"].get("parameter_overrides")
    assert read["deploy"]["tags"], "SAM has read the profile"


@pytest.mark.parametrize("part", ["SloLayer", "DeliverAppriseFunction"])
@pytest.mark.parametrize("architecture", MACHINES)
def test_what_has_packages_is_of_the_architecture_that_the_profile_names(
    architecture: str, part: str, tmp_path: Path
) -> None:
    """Compiled wheels of another one would fail when a function starts."""
    config = tmp_path / "samconfig.toml"
    config.write_text(CONFIG.read_text().replace('"Stage=prod"', f'"Stage=prod Architecture={architecture}"'))
    built = tmp_path / "built"
    command = ["build", part, "--config-file", str(config), "--config-env", "prod"]
    command += [
        "--template",
        str(ROOT / "template.yaml"),
        "--build-dir",
        str(built),
        "--cache-dir",
        str(tmp_path / "c"),
    ]
    done = subprocess.run(
        [str(SAM / "sam"), *command],
        cwd=ROOT,
        env={
            **os.environ,
            "SAM_CLI_TELEMETRY": "0",
            "PATH": f"{ROOT / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    compiled = list(built.rglob("*.so"))
    assert compiled
    machines = {int.from_bytes(file.read_bytes()[18:20], "little") for file in compiled}
    assert machines == {MACHINES[architecture]}
