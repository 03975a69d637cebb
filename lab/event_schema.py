"""Generates the JSON schema of the events on EventBridge from the struct that is sent (`slo.channels.event`).

    python -m lab.event_schema [--check]

Writes `events/eventbridge/schema.json`, whose `detail` is also `data` of a webhook. `--check` writes nothing, and fails
if the file is out of date.
"""

import json
import sys
from typing import Any, get_args

import msgspec

from lab.paths import ROOT
from slo.channels.event import SOURCE, Event
from slo.incidents.incident import What

FILE = ROOT / "events" / "eventbridge" / "schema.json"
_REF = "#/$defs/{name}"
DETAIL_TYPES = (*(f"Incident {what.title()}" for what in get_args(What)), "Weekly Digest", "Channel Test")


def schema() -> dict[str, Any]:
    """The schema of an event as rules of EventBridge see it."""
    (detail,), parts = msgspec.json.schema_components([Event], ref_template=_REF)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "An event of ingress-slo on EventBridge",
        "type": "object",
        "required": ["source", "detail-type", "detail"],
        "properties": {
            "source": {"const": SOURCE},
            "detail-type": {"enum": list(DETAIL_TYPES)},
            "detail": detail,
        },
        "$defs": dict(sorted(parts.items())),
    }


def main(arguments: list[str]) -> int:
    """Command line."""
    text = json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"
    if arguments == ["--check"]:
        if FILE.exists() and FILE.read_text(encoding="utf-8") == text:
            return 0
        sys.stderr.write(f"{FILE.name} is out of date: run python -m lab.event_schema\n")
        return 1
    FILE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
