"""`kubectl kustomize` for a machine without it: as much of it as the agent's manifests use, and an error for the rest.

(https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/)
"""

import copy
from pathlib import Path
from typing import Any

import yaml

from lab.cluster.objects import CLUSTER_SCOPED, Object
from lab.cluster.writes import merged

_KNOWN = {"apiVersion", "kind", "namespace", "labels", "resources", "images", "patches"}


class KustomizeError(Exception):
    """The kustomization uses what is not known here, or patches what is not there."""


def build(folder: Path) -> list[Object]:
    """The objects of a kustomization. Raises KustomizeError."""
    kustomization = yaml.safe_load((folder / "kustomization.yaml").read_text())
    if unknown := set(kustomization) - _KNOWN:
        raise KustomizeError(f"{folder.name}: {', '.join(sorted(unknown))} is not known here")
    objects: list[Object] = []
    for resource in kustomization["resources"]:
        path = folder / resource
        objects += build(path) if path.is_dir() else [yaml.safe_load(path.read_text())]
    for patch in kustomization.get("patches", ()):
        objects = _patched(objects, yaml.safe_load(patch["patch"]))
    for item in objects:
        if (namespace := kustomization.get("namespace")) and item["kind"] not in CLUSTER_SCOPED:
            item["metadata"]["namespace"] = namespace
        for labels in kustomization.get("labels", ()):
            _label(item, labels["pairs"], in_templates=labels.get("includeTemplates", False))
        for image in kustomization.get("images", ()):
            _rename_image(item, image)
    return objects


def _patched(objects: list[Object], patch: Object) -> list[Object]:
    names = [(item["kind"], item["metadata"]["name"], item["metadata"].get("namespace")) for item in objects]
    target = (patch["kind"], patch["metadata"]["name"], patch["metadata"].get("namespace"))
    if target not in names:
        raise KustomizeError(f"a patch is for {target}, which is not there")
    return [
        merged(copy.deepcopy(item), patch) if name == target else item
        for item, name in zip(objects, names, strict=True)
    ]


def _label(item: Any, pairs: dict[str, str], *, in_templates: bool) -> None:
    """Label an object and, in its `spec`, every template that has a `spec` of its own."""
    item.setdefault("metadata", {}).setdefault("labels", {}).update(pairs)
    if not in_templates:
        return
    for name, child in item.get("spec", {}).items():
        if name in ("template", "jobTemplate") and isinstance(child, dict):
            _label(child, pairs, in_templates=True)


def _rename_image(value: Any, image: dict[str, str]) -> None:
    if isinstance(value, list):
        for item in value:
            _rename_image(item, image)
    elif isinstance(value, dict):
        name, _, tag = str(value.get("image", "")).partition(":")
        if name == image["name"]:
            value["image"] = f"{image.get('newName', name)}:{image.get('newTag', tag)}"
        for item in value.values():
            _rename_image(item, image)
