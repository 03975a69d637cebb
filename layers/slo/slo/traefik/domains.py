"""Domain names that are the same though they are written differently: case, a final dot, punycode."""

from collections.abc import Iterable
from typing import Literal

_PUNYCODE = "xn--"


def canonical(name: str) -> str:
    """Lower case, no final dot, international labels as people write them (IDNA 2008, RFC 5891); `*` stays."""
    bare = name.strip().rstrip(".").lower()
    return ".".join(map(_decoded, bare.split("."))) if _PUNYCODE in bare else bare


def spellings(name: str) -> set[str]:
    """The ways in which a rule may write this domain: with international labels, or in punycode."""
    unicode = canonical(name)
    return {name, unicode, ".".join(map(_encoded, unicode.split(".")))}


def _decoded(label: str) -> str:
    return _converted(label, "ulabel") if label.startswith(_PUNYCODE) else label


def _encoded(label: str) -> str:
    return label if label.isascii() else _converted(label, "alabel")


def _converted(label: str, to: Literal["ulabel", "alabel"]) -> str:
    import idna  # its tables take long to load, and few functions ever need them

    try:
        converted = getattr(idna, to)(label)
    except idna.IDNAError:
        return label
    return converted if isinstance(converted, str) else str(converted, "ascii")


def find(known: Iterable[str], asked: str) -> str | None:
    """The known domain that was asked for, as it is written there; None if there is none."""
    wanted = canonical(asked)
    return next((domain for domain in known if domain == asked or canonical(domain) == wanted), None)
