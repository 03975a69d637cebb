"""The threat model names tests that exist."""

import ast
import re
from pathlib import Path

from lab.paths import ROOT

TEXT = (ROOT / "docs/threat-model.md").read_text()
_ROW = re.compile(r"^\| [STRIDE] \|.*$", re.MULTILINE)
_TEST = re.compile(r"`(tests/[^`]+\.py)::(\w+)`")


def functions_of(file: Path) -> set[str]:
    return {node.name for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.FunctionDef)}


def test_every_threat_names_a_test_that_exists() -> None:
    rows = _ROW.findall(TEXT)
    assert rows
    for row in rows:
        named = _TEST.findall(row)
        assert named, row
        for file, name in named:
            assert (ROOT / file).is_file(), file
            assert name in functions_of(ROOT / file), f"{file} has no {name}"


def test_every_kind_of_threat_has_been_thought_of() -> None:
    assert {row[2] for row in _ROW.findall(TEXT)} == set("STRIDE")
