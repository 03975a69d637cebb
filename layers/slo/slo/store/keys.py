"""Sort keys that consist of several parts."""

import hashlib

MAX_SORT_KEY_BYTES = 1024
"""DynamoDB's limit (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html)."""
_HASH_DIGITS = 32
_KEPT_BYTES = MAX_SORT_KEY_BYTES - _HASH_DIGITS - 1


def sort_key(*parts: str) -> str:
    """The parts joined with `|`. A key that is too long is cut and ends in a hash of the whole key."""
    key = "|".join(parts)
    if len(key.encode()) <= MAX_SORT_KEY_BYTES:
        return key
    return f"{_cut(key)}~{hashlib.sha256(key.encode()).hexdigest()[:_HASH_DIGITS]}"


def key_prefix(*parts: str) -> str:
    """The prefix of all keys that begin with these parts. A prefix that had to be cut matches other keys, too."""
    return _cut("".join(f"{part}|" for part in parts))


def _cut(text: str) -> str:
    return text.encode()[:_KEPT_BYTES].decode(errors="ignore")
