"""A character that controls what shows it is written as an escape, wherever it comes from."""

import unicodedata

import pytest

from slo.traefik.naming import bounded
from slo.traefik.printable import printable

CONTROLS = {
    "C0": (*range(0x20),),
    "DEL and C1": (*range(0x7F, 0xA0),),
    "embedding and overriding": (*range(0x202A, 0x202F),),
    "isolating": (*range(0x2066, 0x206A),),
    "marks of direction": (0x200E, 0x200F, 0x061C),
    "zero width": (0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0x00AD),
    "separators of lines and paragraphs": (0x2028, 0x2029),
    "spaces that look like others": (0x00A0, 0x2003, 0x3000),
    "annotations": (0xFFF9, 0xFFFA, 0xFFFB),
    "tags": (*range(0xE0000, 0xE0080),),
    "lone surrogates": (0xD800, 0xDBFF, 0xDC00, 0xDFFF),
    "private and unassigned": (0xE000, 0x10FFFF, 0xFFFE),
}


@pytest.mark.parametrize("kind", CONTROLS)
def test_each_of_them_becomes_an_escape_that_names_it(kind: str) -> None:
    for code in CONTROLS[kind]:
        shown = printable(f"a{chr(code)}b")
        assert shown in (f"a\\u{code:04x}b", f"a\\U{code:08x}b")
        assert shown.isprintable()


def test_no_character_of_a_dangerous_category_is_left_in_all_of_unicode() -> None:
    for code in range(0x110000):
        character = chr(code)
        if unicodedata.category(character)[0] in "CZ" and character != " ":
            assert printable(character) != character, f"{code:x}"


def test_commands_of_terminals_become_text() -> None:
    assert printable("\x1b]0;owned\x07\x1b[2J\x9b31m") == "\\u001b]0;owned\\u0007\\u001b[2J\\u009b31m"


@pytest.mark.parametrize(
    "text", ["", "shop.example.com", "{^.+\\.example$}", "bücher", "商店", "😀", "a b", "[bold]x[/]"]
)
def test_what_can_be_shown_stays_as_it_is(text: str) -> None:
    assert printable(text) is text


def test_an_escaped_name_is_no_longer_than_any_other_and_still_itself() -> None:
    one, other = ("\u202e" * 400 + end for end in "ab")
    assert len(bounded(one)) == len(bounded(other)) == 512
    assert bounded(one) != bounded(other)
