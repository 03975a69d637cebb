"""Domain names that are the same though they are written differently: case, a final dot, punycode."""

from collections.abc import Iterable


def canonical(name: str) -> str:
    """Lower case, no final dot, international labels as people write them (RFC 3490); `*` stays."""
    bare = name.strip().rstrip(".").lower()
    if "xn--" not in bare:
        return bare
    try:
        return bare.encode("ascii").decode("idna")
    except UnicodeError:
        return bare


def find(known: Iterable[str], asked: str) -> str | None:
    """The known domain that was asked for, as it is written there; None if there is none."""
    wanted = canonical(asked)
    return next((domain for domain in known if domain == asked or canonical(domain) == wanted), None)
