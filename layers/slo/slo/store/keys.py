"""Sort keys made of several parts."""

import hashlib

MAX_SORT_KEY_BYTES = 1024
"""DynamoDB's limit (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html)."""
_HASH_DIGITS = 32
_KEPT_BYTES = MAX_SORT_KEY_BYTES - _HASH_DIGITS - 1


def sort_key(*parts: str) -> str:
    """The parts with `|` between them; what is longer than a key may be is cut, and ends in a hash of all of it."""
    key = "|".join(parts)
    if len(key.encode()) <= MAX_SORT_KEY_BYTES:
        return key
    return f"{_cut(key)}~{hashlib.sha256(key.encode()).hexdigest()[:_HASH_DIGITS]}"


def key_prefix(*parts: str) -> str:
    """What every key begins with whose first parts are these; others may begin so too where it had to be cut."""
    return _cut("".join(f"{part}|" for part in parts))


def _cut(text: str) -> str:
    return text.encode()[:_KEPT_BYTES].decode(errors="ignore")
