"""The page knows every sentence that agent and API write for people, so that it can say it in other languages."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import msgspec
import pytest
from msgspec import Meta

from lab.paths import ROOT

AGENT, LIBRARY = ROOT / "agent" / "ingress_slo_agent", ROOT / "layers" / "slo" / "slo"
SENTENCES: list[dict[str, str]] = json.loads((ROOT / "web/src/i18n/said/sentences.json").read_text("utf-8"))
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
WARNINGS = [
    *(file for file in sorted(AGENT.glob("*.py")) if file.stem not in ELSEWHERE),
    *(LIBRARY / "traefik" / f"{name}.py" for name in ("snapshots", "matchers", "rules")),
    *(LIBRARY / "app" / f"{name}.py" for name in ("noticed", "clusters", "ingest", "annotated_objectives")),
]
REFUSALS = [
    *(LIBRARY / "api" / f"{name}.py" for name in ("http", "parameters", "preconditions", "not_found")),
    *(LIBRARY / "objectives" / f"{name}.py" for name in ("objective", "exclusions")),
    *(LIBRARY / "app" / f"{name}.py" for name in ("objectives", "exclusions", "statement", "watch_keeper")),
    *(LIBRARY / "app" / f"{name}.py" for name in ("notifications", "channel_editor", "mutes", "settings_editor")),
    LIBRARY / "notifications" / "channel_settings.py",
]
FAILED_DELIVERIES = [
    LIBRARY / "app" / "deliver.py",
    *(file for file in sorted((LIBRARY / "channels").glob("*.py")) if file.stem != "guard"),  # which nobody hears of
]
FILES = [*WARNINGS, *REFUSALS, *FAILED_DELIVERIES]
NOT_SHOWN = re.compile(
    r"No access to the Kubernetes API|Traefik's pods cannot be listed"  # then nothing is pushed
    r"|Check (TOKEN|ENDPOINT)|Upgrade the stack|If the stack is older|the stack is older|nothing was sent|gave up after"
    r"|Bounds must ascend|Two rows have|Expected (\S+ cumulative )?counts|Expected a router"  # answers to the agent
    r"|The snapshot is from|\S+ new series and|Several agents are changing"
    r"|The body cannot be decoded|The body is not JSON"  # the page sends JSON
    r"|Give it only once|Say which cluster|Expected some of|\{\}; (expected one of|it is a ratio)"  # it does not do so
    r"|A path belongs to a domain|With cluster_id=\*|This is no domain|Only week, month and quarter"
    r"|There is no such (path|file)|This stack was deployed without"
    r"|A name has up to 63|The name is not valid|Give 1 to 63"  # its forms check this themselves, in its language
    r"|It ends before it begins|An exclusion may be at most|Give a time that is not over"
    r"|Your token is for"  # whatever is forbidden is said in its own words
    r"|Another worker has this order"  # for the log
)


class Typed(msgspec.Struct):
    """What people type, and what msgspec checks alone: no form of the page does."""

    reason: Annotated[str, Meta(max_length=500)] = ""
    time_zone: Annotated[str, Meta(min_length=1)] = "UTC"
    path_prefix: Annotated[str, Meta(pattern="^/")] = "/"
    domains: Annotated[tuple[str, ...], Meta(max_length=1)] = ()
    share: Annotated[float, Meta(ge=0.01, le=0.99999)] = 0.5


WRONG: tuple[dict[str, object], ...] = (
    {"reason": "x" * 501},
    {"time_zone": ""},
    {"path_prefix": "api"},
    {"domains": ["a", "b"]},
    {"share": 0.001},
    {"share": 0.999999},
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
    """What a text may look like. A part of a sentence follows or precedes something else, or nothing."""
    numbered = re.sub(r"\{\}", "2", text)
    bare = re.sub(r"\{\}", "2", text.removesuffix("{}")).strip()
    return [numbered, f"2{numbered}", f"{numbered}2", bare]


def refused_by_msgspec(body: dict[str, object]) -> list[str]:
    """What msgspec says of a value: as it is, and, unless it is a number, as a channel's settings end it."""
    with pytest.raises(msgspec.ValidationError) as raised:
        msgspec.convert(body, Typed)
    message = str(raised.value).partition(" - at ")[0]
    return [message] if "share" in body else [message, f"{message}."]


def pattern(english: str) -> re.Pattern[str]:
    """As `web/src/i18n/said/words.ts` has it."""
    parts = re.split(r"(\{\w+\})", english)
    return re.compile("".join(map(_expression, parts)), re.IGNORECASE | re.DOTALL)


def _expression(part: str) -> str:
    if part == "{count}":
        return r"[\d,.]*\d"
    return ".+?" if _PART.fullmatch(part) else re.escape(part)


PATTERNS = {sentence["en"]: pattern(sentence["en"]) for sentence in SENTENCES}


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_the_page_knows_each_sentence_that_a_module_writes(file: Path) -> None:
    written = {text for text in written_in(file) if is_for_people(text) and not NOT_SHOWN.match(text.strip())}
    unknown = [
        text
        for text in sorted(written)
        if not any(each.fullmatch(example) for each in PATTERNS.values() for example in spoken(text))
    ]
    assert unknown == [], "add them to web/src/i18n/said/sentences.json, in all languages"


@pytest.mark.parametrize("body", WRONG, ids=lambda body: "-".join(body))
def test_the_page_knows_what_msgspec_says_of_what_people_type(body: dict[str, object]) -> None:
    for message in refused_by_msgspec(body):
        assert any(each.fullmatch(message) for each in PATTERNS.values()), message


def test_the_page_knows_no_sentence_that_nobody_writes_any_more() -> None:
    examples = [example for file in FILES for text in written_in(file) for example in spoken(text)]
    examples += [message for body in WRONG for message in refused_by_msgspec(body)]
    assert [en for en, each in PATTERNS.items() if not any(map(each.fullmatch, examples))] == []
