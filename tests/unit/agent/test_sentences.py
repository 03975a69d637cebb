"""The page knows every sentence that agent and API write for people, so that it can say it in other languages."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.paths import ROOT

AGENT, LIBRARY = ROOT / "agent" / "ingress_slo_agent", ROOT / "layers" / "slo" / "slo"
SENTENCES: list[dict[str, str]] = json.loads((ROOT / "web/src/i18n/warnings/sentences.json").read_text("utf-8"))
ELSEWHERE = {
    *("__main__", "logs", "settings", "capture", "deadline"),  # for the log, or for whoever starts the agent
    *(
        "exposition",
        "rows",
        "protobuf",
        "wire_format",
        "certificates",
        "traefik_api",
    ),  # what is wrong in a foreign answer
}
FILES = [
    *(file for file in sorted(AGENT.glob("*.py")) if file.stem not in ELSEWHERE),
    *(LIBRARY / "traefik" / f"{name}.py" for name in ("snapshots", "matchers", "rules")),
    *(LIBRARY / "app" / f"{name}.py" for name in ("noticed", "clusters", "ingest", "annotated_objectives")),
]
NOT_SHOWN = re.compile(
    r"No access to the Kubernetes API|Traefik's pods cannot be listed"  # then nothing is pushed
    r"|Check (TOKEN|ENDPOINT)|Upgrade the stack|If the stack is older|the stack is older|nothing was sent|gave up after"
    r"|Bounds must ascend|Two rows have|Expected (\S+ cumulative )?counts|Expected a router"  # answers to the agent
    r"|The snapshot is from|\S+ new series and|Several agents are changing"
)
_WORDS = 3
_PART = re.compile(r"\{\w+\}")


def literals(node: ast.AST) -> Iterator[str]:
    """The texts of a module except docstrings, with `{}` for each value or for several in a row."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return
    if isinstance(node, ast.Constant):
        if isinstance(node.value, str):
            yield node.value
        return
    if isinstance(node, ast.JoinedStr):
        parts = [part.value if isinstance(part, ast.Constant) else "{}" for part in node.values]
        yield re.sub(r"(\{\})+", "{}", "".join(map(str, parts)))
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                yield from literals(part.value)
        return
    for child in ast.iter_child_nodes(node):
        yield from literals(child)


def written_in(file: Path) -> list[str]:
    return list(literals(ast.parse(file.read_text("utf-8"))))


def is_for_people(text: str) -> bool:
    """Whether this is a sentence or a part of one, and not a pattern, a path or a name."""
    words = re.findall(r"(?<![\w/.-])[A-Za-z']+(?![\w/=-])", text)
    return len(words) >= _WORDS and " " in text.strip() and "(?" not in text and "\\S" not in text


def spoken(text: str) -> list[str]:
    """What a text may look like. A part of a sentence follows or precedes something else."""
    numbered = re.sub(r"\{\}", "2", text)
    return [numbered, f"2{numbered}", f"{numbered}2"]


def pattern(english: str) -> re.Pattern[str]:
    """As `web/src/i18n/warnings/words.ts` has it."""
    parts = re.split(r"(\{\w+\})", english)
    return re.compile("".join(map(_expression, parts)), re.IGNORECASE | re.DOTALL)


def _expression(part: str) -> str:
    if part == "{count}":
        return r"[\d,.]+"
    return ".+?" if _PART.fullmatch(part) else re.escape(part)


PATTERNS = {sentence["en"]: pattern(sentence["en"]) for sentence in SENTENCES}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_page_knows_each_sentence_that_a_module_writes(file: Path) -> None:
    written = {text for text in written_in(file) if is_for_people(text) and not NOT_SHOWN.match(text.strip())}
    unknown = [
        text
        for text in sorted(written)
        if not any(each.fullmatch(example) for each in PATTERNS.values() for example in spoken(text))
    ]
    assert unknown == [], "add them to web/src/i18n/warnings/sentences.json, in all languages"


def test_the_page_knows_no_sentence_that_nobody_writes_any_more() -> None:
    examples = [example for file in FILES for text in written_in(file) for example in spoken(text)]
    assert [en for en, each in PATTERNS.items() if not any(map(each.fullmatch, examples))] == []
