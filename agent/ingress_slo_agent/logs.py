"""Structured logs: one JSON line an event, with stable keys; never a token, never a body."""

import json
import sys
from datetime import UTC, datetime
from typing import Any


def log(level: str, message: str, **values: Any) -> None:
    """Write one line to standard error."""
    line = {"time": datetime.now(UTC).isoformat(timespec="milliseconds"), "level": level, "message": message, **values}
    sys.stderr.write(json.dumps(line, default=str) + "\n")
