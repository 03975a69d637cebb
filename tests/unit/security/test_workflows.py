"""The workflows run only what is pinned, with no more permission than each job needs."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from lab.paths import ROOT
from lab.release import image, repository

WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
_USES = re.compile(r"^\s*(?:- )?uses: (.+)$", re.MULTILINE)
_PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
_OWN = re.compile(r"\./\.github/workflows/[\w-]+\.yml")

READ = ("contents", "read")
MORE_THAN_READING = {
    ("release", "image"): {"packages": "write", "id-token": "write"},
    ("release", "template"): {"id-token": "write"},
    ("release", "publish"): {"contents": "write", "id-token": "write"},
}
"""What a job may do beyond reading this repository, and nothing else. `id-token` signs, or assumes a role."""


def workflow(file: Path) -> dict[Any, Any]:
    found: dict[Any, Any] = yaml.safe_load(file.read_text())
    return found


def jobs() -> list[tuple[str, str, dict[str, Any]]]:
    return [(file.stem, name, job) for file in WORKFLOWS for name, job in workflow(file)["jobs"].items()]


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_every_action_is_pinned_by_commit_with_its_version_beside_it(file: Path) -> None:
    for used in _USES.findall(file.read_text()):
        assert _PINNED.fullmatch(used) or _OWN.fullmatch(used), used


def test_an_action_has_one_version_everywhere() -> None:
    used = {each for file in WORKFLOWS for each in _USES.findall(file.read_text()) if not _OWN.fullmatch(each)}
    assert len({each.partition("@")[0] for each in used}) == len(used)


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_a_workflow_may_only_read_unless_a_job_says_more(file: Path) -> None:
    assert workflow(file)["permissions"] == {"contents": "read"}


@pytest.mark.parametrize(("name", "job", "what"), jobs(), ids=lambda part: part if isinstance(part, str) else "")
def test_a_job_may_do_only_what_it_needs(name: str, job: str, what: dict[str, Any]) -> None:
    beyond = {scope: right for scope, right in what.get("permissions", {}).items() if (scope, right) != READ}
    assert beyond == MORE_THAN_READING.get((name, job), {})


@pytest.mark.parametrize("what", [what for _, _, what in jobs()], ids=[f"{name}-{job}" for name, job, _ in jobs()])
def test_a_job_ends_and_keeps_no_credentials(what: dict[str, Any]) -> None:
    assert "uses" in what or what["timeout-minutes"] <= 90
    for step in what.get("steps", ()):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_no_script_contains_what_others_can_name(file: Path) -> None:
    """A branch, a tag or an actor reaches a script as a variable, never as its text."""
    for job in workflow(file)["jobs"].values():
        for step in job.get("steps", ()):
            assert "${{" not in step.get("run", ""), step


def test_a_release_publishes_the_image_that_the_chart_installs() -> None:
    job = workflow(ROOT / ".github/workflows/release.yml")["jobs"]["image"]
    name = job["env"]["IMAGE"].replace("${{ github.repository }}", repository())
    assert name == image()
    assert [each["name"] for each in job["steps"] if "cosign sign" in each.get("run", "")] == [
        "Build, push and sign the image",
        "Package, push and sign the chart",
    ]


def test_nothing_is_published_before_the_tests_pass() -> None:
    found = workflow(ROOT / ".github/workflows/release.yml")["jobs"]
    assert found["test"]["uses"] == "./.github/workflows/ci.yml"
    assert found["build"]["needs"] == "test"
    assert found["image"]["needs"] == found["template"]["needs"] == "build"
    assert found["publish"]["needs"] == ["image", "template"]
    assert any(
        step.get("run") == ".ci/run" for step in workflow(ROOT / ".github/workflows/ci.yml")["jobs"]["test"]["steps"]
    )


def test_the_base_image_is_pinned_by_the_same_digest_everywhere() -> None:
    texts = [(ROOT / file).read_text() for file in ("agent/Dockerfile", "agent/docker-bake.hcl")]
    bases = [
        re.findall(r"(?:ARG PYTHON_IMAGE=|default = \")(python:3\.13-slim@sha256:[0-9a-f]{64})", text) for text in texts
    ]
    assert bases[0] == bases[1]
    assert len(bases[0]) == 1


def test_the_image_has_provenance_and_a_bill_of_materials() -> None:
    bake = (ROOT / "agent/docker-bake.hcl").read_text()
    assert 'attest     = ["type=provenance,mode=max", "type=sbom"]' in bake
