"""What an earlier version stored: the items that commit ac75113 wrote of one pod and three routes.

It was given a push a minute for 64 minutes, rolled up every five, and got one sample late.
"""

import base64
import gzip
import json
from pathlib import Path
from typing import Any

from integration.use_cases import T0, UseCases, process, route, row, snapshot

from slo.traefik.snapshots import Snapshot

_ITEMS = Path(__file__).parent / "items" / "2026-11-27-ac75113.json.gz"
HOUR = T0 // 3600 * 3600
RECORDED = 64
"""Minutes after HOUR."""
ROUTES = (route("a.example.com"), route("a.example.com", "/api"), route("b.example.com"))
NAMES = [info.router_keys[0] for info in ROUTES]


def minute(number: int) -> Snapshot:
    """As the earlier version was given them: 10 requests a minute for the first rule, and 3 for the second one."""
    at = HOUR + 60.0 * number
    rows = [row(NAMES[0], 9 * number, number), row(NAMES[1], 3 * number)]
    return snapshot(at, [process(rows, at, HOUR - 4000)], ROUTES)


def truth(number: int) -> dict[str, int]:
    """The requests after so many minutes, by router."""
    return {NAMES[0]: 10 * number, NAMES[1]: 3 * number}


def put_into(backend: UseCases) -> None:
    """Write all its items into the tables of a deployment."""
    for variable, items in json.loads(gzip.decompress(_ITEMS.read_bytes())).items():
        for item in items:
            stored = {name: _value(*next(iter(value.items()))) for name, value in item.items()}
            backend.client.put_item(TableName=backend.names[variable], Item=stored)


def _value(kind: str, value: Any) -> dict[str, Any]:
    return {kind: base64.b64decode(value) if kind == "B" else value}
