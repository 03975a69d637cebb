"""Bodies larger than an item: a head that says how many parts go on, and the parts."""

PART_BYTES = 380_000
"""DynamoDB's 400 KB, less the other attributes."""


def split(body: bytes) -> tuple[bytes, list[bytes]]:
    """The head's bytes and those of each further part."""
    parts = [body[start : start + PART_BYTES] for start in range(0, len(body), PART_BYTES)]
    return (parts[0] if parts else b""), parts[1:]
