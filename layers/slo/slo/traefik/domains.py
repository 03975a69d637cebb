"""Compares domain names that are spelled differently: case, a final dot, punycode."""

from collections.abc import Iterable
from typing import Literal

_PUNYCODE = "xn--"


def canonical(name: str) -> str:
    """Lower case, no final dot, punycode labels in Unicode (IDNA 2008, RFC 5891); `*` stays `*`."""
    bare = name.strip().rstrip(".").lower()
    return ".".join(map(_decoded, bare.split("."))) if _PUNYCODE in bare else bare


def spellings(name: str) -> set[str]:
    """The spellings of this domain that a rule may use: as given, in Unicode and in punycode."""
    unicode = canonical(name)
    return {name, unicode, ".".join(map(_encoded, unicode.split(".")))}


def _decoded(label: str) -> str:
    return _converted(label, "ulabel") if label.startswith(_PUNYCODE) else label


def _encoded(label: str) -> str:
    return label if label.isascii() else _converted(label, "alabel")


def _converted(label: str, to: Literal["ulabel", "alabel"]) -> str:
    import idna  # loading its tables is slow, and few functions need them

    try:
        converted = getattr(idna, to)(label)
    except idna.IDNAError:
        return label
    return converted if isinstance(converted, str) else str(converted, "ascii")


def find(known: Iterable[str], asked: str) -> str | None:
    """The known domain that `asked` spells in any way, as spelled in `known`; None if there is none."""
    wanted = canonical(asked)
    return next((domain for domain in known if domain == asked or canonical(domain) == wanted), None)
