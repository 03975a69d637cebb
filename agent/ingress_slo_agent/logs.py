"""Structured logs: one JSON line for each event, with stable keys. Tokens and bodies are never logged."""

import json
import sys
from datetime import UTC, datetime
from typing import Any


def log(level: str, message: str, **values: Any) -> None:
    """Write one line to standard error."""
    line = {"time": datetime.now(UTC).isoformat(timespec="milliseconds"), "level": level, "message": message, **values}
    sys.stderr.write(json.dumps(line, default=str) + "\n")
