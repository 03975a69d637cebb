"""Handler time of each function, in processes of their own, beside a round trip to the same DynamoDB."""

import os
from statistics import median, quantiles
from typing import Any

import msgspec

from bench.lambda_process import Call, Run, invoke
from bench.site import CUTOFF_SECONDS, MIDNIGHT, SLOT_SECONDS, Site
from bench.synthetic import MINUTE_SECONDS, Cluster
from lab.dynamodb_local import DynamoDBLocal
from lab.embedded import Embedded
from slo.rollup import HOUR_SECONDS
from slo.windows import TIME_RANGES

_ANSWERS = 100
_WARM = 10
"""Calls that are not counted: the first ones open connections and read the catalogue, and DynamoDB Local compiles."""


class Time(msgspec.Struct, frozen=True):
    """Handler time over many calls, milliseconds of this machine, and in round trips of `get_item`."""

    p50_ms: float
    p95_ms: float
    cpu_ms: float
    """Median."""
    round_trips: float
    """P50 over the median `get_item`."""


class Load(msgspec.Struct, frozen=True):
    """What a function's invocations take beside time."""

    cpu_ms: float
    log_bytes: float
    """Of one invocation, without Lambda's own lines."""
    resident_megabytes: float


def answers(running: DynamoDBLocal, routes: int) -> dict[str, Time]:
    """The list and a detail for each time range, in turn, so that all of them see the same machine."""
    found = {}
    with _site(running, routes) as site:
        for name, path in site.paths.items():
            events = [
                (site.now, Embedded.get_event(path, cluster_id=site.cluster_id, time_range=time_range))
                for time_range in TIME_RANGES
            ]
            run = _invoke("query", events * (_WARM + _ANSWERS))
            for number, time_range in enumerate(TIME_RANGES):
                found[f"{name} {time_range}"] = _time(run.calls[number :: len(TIME_RANGES)][_WARM:])
    return found


def pushes(running: DynamoDBLocal, routes: int) -> tuple[Time, Load]:
    """Ingest of so many routes by one process."""
    with _site(running, routes) as site:
        events = [_push(site, minute) for minute in range(_WARM + 20)]
        run = _invoke("ingest", events)
        return _time(run.calls[_WARM:]), _load(run, _WARM)


def rollups(running: DynamoDBLocal, routes: int) -> tuple[Time, Load]:
    """Rollup of single slots, each with five pushes of one process."""
    with _site(running, routes) as site:
        per_slot = SLOT_SECONDS // MINUTE_SECONDS
        _invoke("ingest", [_push(site, minute) for minute in range(6 * per_slot)])
        start = MIDNIGHT - HOUR_SECONDS
        events = [(start + slot * SLOT_SECONDS + CUTOFF_SECONDS + 1.0, site.rollup_event()) for slot in range(1, 7)]
        run = _invoke("rollup", events)
        return _time(run.calls[1:]), _load(run, 1)


def hour_rollup(running: DynamoDBLocal, routes: int) -> Time:
    """One rollup that books a whole hour at once, sixty pushes, and closes it."""
    with _site(running, routes) as site:
        _invoke("ingest", [_push(site, minute) for minute in range(60)])
        return _time(_invoke("rollup", [(MIDNIGHT + CUTOFF_SECONDS + 1.0, site.rollup_event())]).calls)


def authorizations(running: DynamoDBLocal) -> Load:
    """One bearer token, looked up again and again."""
    from slo.store.tables import Tables
    from slo.store.tokens import TokenItem, TokenStore
    from slo.tokens import Token, generate, token_hash

    with _site(running, 20) as site:
        secret = generate()
        tables = Tables("eu-central-1", running.endpoint_url)
        token = Token(token_hash=token_hash(secret), scope="read", label="bench", created_at=0.0)
        TokenStore(tables.bind(TokenItem, site.deployment.names["TOKENS_TABLE"])).add(token)
        event = {
            "authorizationToken": f"Bearer {secret}",
            "methodArn": "arn:aws:execute-api:eu-central-1:123456789012:a1b2c3/prod/GET/api/v2/slo/domains",
        }
        return _load(_invoke("authorize", [(site.now, event)] * (_WARM + _ANSWERS)), _WARM)


def query_load(running: DynamoDBLocal, routes: int) -> Load:
    """The list of a day, which a dashboard asks for."""
    with _site(running, routes) as site:
        event = Embedded.get_event(site.paths["list"], cluster_id=site.cluster_id, time_range="1d")
        return _load(_invoke("query", [(site.now, event)] * (_WARM + 20)), _WARM)


def _site(running: DynamoDBLocal, routes: int) -> Site:
    return Site(running, Cluster(routes, now=MIDNIGHT - HOUR_SECONDS - MINUTE_SECONDS / 2))


def _push(site: Site, minute: int) -> tuple[float, dict[str, Any]]:
    now = MIDNIGHT - HOUR_SECONDS + (minute + 0.5) * MINUTE_SECONDS
    return now, site.push_event(now)


def _invoke(function: str, events: list[tuple[float, dict[str, Any]]]) -> Run:
    """With the tables and settings of the site that is open."""
    return invoke(function, events, dict(os.environ))


def _time(calls: list[Call]) -> Time:
    walls = [call.wall_ms for call in calls]
    p50 = median(walls)
    p95 = quantiles(walls, n=20, method="inclusive")[-1] if len(walls) > 1 else walls[0]
    return Time(
        p50_ms=p50,
        p95_ms=p95,
        cpu_ms=median(call.cpu_ms for call in calls),
        round_trips=p50 / median(call.get_item_ms for call in calls),
    )


def _load(run: Run, warm: int) -> Load:
    cpu_ms = median(call.cpu_ms for call in run.calls[warm:])
    return Load(cpu_ms, run.log_bytes / len(run.calls), run.resident_megabytes)
