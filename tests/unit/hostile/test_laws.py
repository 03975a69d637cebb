"""Any input is refused with one of our errors, or has a sound meaning: see `fuzz.laws`."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fuzz.laws import LAWS
from fuzz.words import EXAMPLES, WORDS, builtins
from hypothesis import given
from hypothesis import strategies as st

from lab.paths import ROOT

CORPUS = ROOT / "tests" / "corpus"

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["a" * 600, "é" * 500, "|", "#", "\x00", "1e9", "200", "GET"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=6,
)


def places_in(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The path of every value in a JSON document."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from places_in(inner, (*path, key))


PLACES = [path for path in places_in(builtins()) if path]


def made_of(words: tuple[bytes, ...]) -> st.SearchStrategy[bytes]:
    return st.lists(st.sampled_from(words) | st.binary(max_size=6), max_size=30).map(b"".join)


@pytest.mark.parametrize("law", LAWS)
def test_a_good_example_holds(law: str) -> None:
    LAWS[law](EXAMPLES[law])


@pytest.mark.parametrize("law", LAWS)
def test_nothing_that_is_made_of_the_words_of_a_format_breaks_its_law(law: str) -> None:
    @given(made_of(WORDS[law]))
    def holds(data: bytes) -> None:
        LAWS[law](data)

    holds()


@pytest.mark.parametrize("law", LAWS)
def test_no_good_example_with_a_piece_replaced_breaks_its_law(law: str) -> None:
    example = EXAMPLES[law]
    cuts = st.integers(0, len(example))

    @given(cuts, cuts, made_of(WORDS[law]))
    def holds(start: int, end: int, piece: bytes) -> None:
        LAWS[law](example[: min(start, end)] + piece[:1000] + example[max(start, end) :])

    holds()


@given(st.lists(st.tuples(st.sampled_from(PLACES), json_values), min_size=1, max_size=2))
def test_a_snapshot_with_anything_in_any_place_is_refused_or_can_be_booked(
    changes: list[tuple[tuple[str | int, ...], Any]],
) -> None:
    document: Any = builtins()
    for path, value in changes:
        holder = document
        try:
            for step in path[:-1]:
                holder = holder[step]
            holder[path[-1]] = value
        except (LookupError, TypeError):
            continue
    LAWS["snapshot"](json.dumps(document).encode())


@pytest.mark.parametrize("path", sorted(CORPUS.glob("*/*")), ids=lambda path: f"{path.parent.name}-{path.name}")
def test_what_once_broke_a_law_does_not_any_more(path: Path) -> None:
    LAWS[path.parent.name](path.read_bytes())
