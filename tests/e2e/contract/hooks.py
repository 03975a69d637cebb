"""What schemathesis needs to know beyond the OpenAPI document.

It needs gzip bodies, and to know which parameters contradict each other or an earlier answer: the schema of one
parameter cannot say so.
"""

import gzip
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import schemathesis
from hypothesis import strategies as st
from integration.use_cases import process, route, row, snapshot
from schemathesis import Case, HookContext, Response
from schemathesis.core.failures import Failure

from slo.traefik import snapshots

CLUSTER_ID = "contract"
DOMAIN = "shop.example.com"
"""The example in the OpenAPI document."""
_LONGEST_WINDOW = timedelta(days=90)
_LONGEST_MUTE = timedelta(days=366)
_TIMES = st.integers(-600, 0)
_COUNTS = st.integers(0, 10**9)


def body(seconds: int, ok: int, errors: int) -> bytes:
    now = time.time()
    served = route(DOMAIN)
    seen = process([row(served.service_key, ok, errors)], now + seconds, now + seconds - 3_600)
    pushed = snapshot(now + seconds, [seen], (served,), cluster_id=CLUSTER_ID, sent_at=now)
    return gzip.compress(snapshots.encode(pushed))


schemathesis.openapi.media_type(snapshots.CONTENT_TYPE, st.builds(body, _TIMES, _COUNTS, _COUNTS))


@schemathesis.hook
def filter_failure(_: HookContext, failure: Failure, case: Case[Any], response: Response) -> bool:
    """Return False for a failure that is not the API's."""
    if failure.title == "Schema-valid request rejected":
        query = case.query or {}
        is_contradictory = _is_contradictory(query) or _is_over_or_too_long(case.body) or _is_of_time(query, case.body)
        return not (response.status_code == 400 and is_contradictory)
    return True


def _is_over_or_too_long(sent: Any) -> bool:
    """Whether a mute does not end within a year from now."""
    until = _time(sent.get("until")) if isinstance(sent, dict) else None
    now = datetime.now().astimezone()
    return until is not None and not now < until < now + _LONGEST_MUTE


def _is_of_time(query: Mapping[str, Any], sent: Any) -> bool:
    """Whether it asks for a month that may not be closed, or sends a time that may end early, or in no time zone."""
    return "month" in query or (isinstance(sent, dict) and ("time_zone" in sent or {"from", "to"} <= sent.keys()))


def _is_contradictory(query: Mapping[str, Any]) -> bool:
    if query.get("cursor") or ("path_prefix" in query and "domain" not in query):
        return True
    start, end = (_time(query.get(name)) for name in ("from", "to"))
    now = datetime.now().astimezone()
    if start is None:
        return end is not None and end.year < 1971
    return not start < (end or now) <= start + _LONGEST_WINDOW or start > now


def _time(text: Any) -> datetime | None:
    return datetime.fromisoformat(text) if isinstance(text, str) else None
