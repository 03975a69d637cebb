"""Handler time of each function in a separate process, compared with a round trip to the same DynamoDB."""

import os
import time
from collections.abc import Iterator
from itertools import cycle
from statistics import median, quantiles
from typing import Any

import msgspec

from bench.calibration import lambda_piece_ms
from bench.lambda_process import Call, LambdaEvent, LambdaRun, invoke
from bench.site import CUTOFF_SECONDS, MIDNIGHT, SLOT_SECONDS, Site
from bench.synthetic import MINUTE_SECONDS, SyntheticCluster
from lab.cloud.dynamodb_local import DynamoDBLocal
from lab.cloud.embedded import Embedded
from slo.times import HOUR_SECONDS, TIME_RANGES

AGAIN = ", again"
"""The suffix of answers that were already given since the last push."""
ASKED = ("list", "detail")
_MINUTES = 40
"""Of pushes and rollups, during which each answer is asked for. Of ten minutes, two follow a rollup directly: an even
one and an odd one."""
_ANSWERS = 100
_WARM = 10
"""Calls that do not count: they open connections and read the catalogue, and DynamoDB Local compiles."""


HOUR_END = MIDNIGHT - HOUR_SECONDS
HOUR_START = HOUR_END - HOUR_SECONDS
"""The measured hour; no day ends with it."""


class Time(msgspec.Struct, frozen=True):
    """Handler time over many calls, in milliseconds on this machine, and relative to two things of the same process."""

    p50_ms: float
    p95_ms: float
    cpu_ms: float
    """Median."""
    round_trips: float
    """P50 divided by the median `get_item`."""
    p95_round_trips: float
    """P95 divided by the median `get_item`."""
    p95_pieces: float
    """P95 divided by the calibration's piece of Python."""
    p95_cpu_pieces: float
    """The P95 of the CPU time, divided by the same."""


class Load(msgspec.Struct, frozen=True):
    """CPU time and log volume of a function's invocations."""

    vcpu_ms: float
    """CPU time of one invocation on one vCPU of Lambda (`bench.calibration`)."""
    log_bytes: float
    """Log bytes of one invocation, without Lambda's own lines."""


def answers(running: DynamoDBLocal, routes: int) -> dict[str, Time]:
    """The list and a detail for each time range, while agents push and rollup books: after each push, and once more.

    Each answer is asked for over most of an hour, in a process of its own. Every fifth one is the first after a rollup,
    too, which reads the ledgers again.
    """
    found: dict[str, Time] = {}
    for name in ASKED:
        for time_range in TIME_RANGES:
            with _site(running, routes) as site:
                run = _invoke("query", list(_hour_of_answers(site, name, time_range)))
            calls = run.calls[2 * _WARM :]
            found[f"{name} {time_range}"] = _time(calls[::2], run.piece_ms)
            found[f"{name} {time_range}{AGAIN}"] = _time(calls[1::2], run.piece_ms)
    return found


def _hour_of_answers(site: Site, name: str, time_range: str) -> Iterator[LambdaEvent]:
    event = _asked(site, name, time_range)
    for now, before in _minutes(site):
        yield LambdaEvent(now, event, before=before)
        yield LambdaEvent(now + 1, event)


def month_over_day(running: DynamoDBLocal, routes: int) -> dict[str, float]:
    """P50 of 30d over P50 of 1d, for the list and a detail, of first answers after a push.

    One process gives both, in turn from minute to minute: what else the machine does slows both alike. A rollup comes
    every five minutes, so each range gets every second first answer after one.
    """
    found = {}
    for name in ASKED:
        with _site(running, routes) as site:
            asked = cycle([_asked(site, name, time_range) for time_range in ("1d", "30d")])
            run = _invoke("query", [LambdaEvent(now, next(asked), before=before) for now, before in _minutes(site)])
        walls = [call.wall_ms for call in run.calls[_WARM:]]
        found[name] = median(walls[1::2]) / median(walls[::2])
    return found


def _asked(site: Site, name: str, time_range: str) -> dict[str, Any]:
    return Embedded.get_event(site.paths[name], cluster_id=site.cluster_id, time_range=time_range)


def _minutes(site: Site) -> Iterator[tuple[float, tuple[tuple[str, dict[str, Any]], ...]]]:
    """The time of each minute's push, and what comes before its answers: the push, and in every fifth a rollup."""
    for minute in range(_WARM + _MINUTES):
        push = _push(site, minute)
        is_due = 0 < push.now % SLOT_SECONDS - CUTOFF_SECONDS < MINUTE_SECONDS
        rollup = (("rollup", site.rollup_event()),) if is_due else ()
        yield push.now, (("ingest", push.event), *rollup)


def steadiness() -> float:
    """P95 over P50 of plain Python code that takes about as long as an answer: 1 on an otherwise idle machine."""
    walls = []
    for _ in range(_ANSWERS):
        start = time.perf_counter()
        _work()
        walls.append(time.perf_counter() - start)
    return quantiles(walls, n=20, method="inclusive")[-1] / median(walls)


def _work() -> None:
    found: dict[int, tuple[int, str]] = {}
    for number in range(200_000):
        found[number % 1000] = (number, str(number))


def pushes(running: DynamoDBLocal, routes: int) -> tuple[Time, Load]:
    """Ingest of pushes with one Traefik process and this many routes."""
    with _site(running, routes) as site:
        events = [_push(site, minute) for minute in range(_WARM + 20)]
        run = _invoke("ingest", events)
        return _time(run.calls[_WARM:], run.piece_ms), _load(run, _WARM)


def rollups(running: DynamoDBLocal, routes: int) -> tuple[Time, Load, Load]:
    """Rollup of single slots with five pushes of one process each, and what the close of the hour adds."""
    with _site(running, routes) as site:
        _invoke("ingest", [_push(site, minute) for minute in range(60)])
        ends = range(HOUR_START + SLOT_SECONDS, HOUR_END + 1, SLOT_SECONDS)
        run = _invoke("rollup", [LambdaEvent(end + CUTOFF_SECONDS + 1.0, site.rollup_event()) for end in ends])
        plain = _load(run, 1)
        closed = _on_lambda(run.calls[-1].cpu_ms, run)
        return _time(run.calls[1:-1], run.piece_ms), plain, Load(closed - plain.vcpu_ms, 0.0)


def hour_rollup(running: DynamoDBLocal, routes: int) -> Time:
    """One rollup that books a whole hour of sixty pushes and closes it."""
    with _site(running, routes) as site:
        _invoke("ingest", [_push(site, minute) for minute in range(60)])
        run = _invoke("rollup", [LambdaEvent(HOUR_END + CUTOFF_SECONDS + 1.0, site.rollup_event())])
        return _time(run.calls, run.piece_ms)


def authorizations(running: DynamoDBLocal) -> Load:
    """The authorizer with one bearer token, many times."""
    from slo.api.tokens import Token, generate, token_hash
    from slo.store.tokens import TokenStore

    with _site(running, 20) as site:
        secret = generate()
        token = Token(token_hash=token_hash(secret), scope="read", label="bench", created_at=0.0)
        site.embedded.stores.of(TokenStore).add(token)
        event = {
            "authorizationToken": f"Bearer {secret}",
            "methodArn": "arn:aws:execute-api:eu-central-1:123456789012:a1b2c3/prod/GET/api/v2/slo/domains",
        }
        return _load(_invoke("authorize", [LambdaEvent(site.now, event)] * (_WARM + _ANSWERS)), _WARM)


def query_load(running: DynamoDBLocal, routes: int) -> Load:
    """The list of one day, as a dashboard requests it."""
    with _site(running, routes) as site:
        event = Embedded.get_event(site.paths["list"], cluster_id=site.cluster_id, time_range="1d")
        return _load(_invoke("query", [LambdaEvent(site.now, event)] * (_WARM + 20)), _WARM)


def evaluations(running: DynamoDBLocal, routes: int) -> tuple[Time, Load]:
    """Evaluation of each push of most of an hour, while rollup books; with every fifth a rollup has come before it.

    The record has no image of the cluster's item, so each evaluation reads it, which the stream saves on Lambda.
    """
    with _site(running, routes) as site:
        record = {"Records": [{"dynamodb": {"Keys": site.keys}}]}
        events = [LambdaEvent(now, record, before=before) for now, before in _minutes(site)]
        run = _invoke("evaluate", events)
        return _time(run.calls[_WARM:], run.piece_ms), _load(run, _WARM)


def _site(running: DynamoDBLocal, routes: int) -> Site:
    return Site(running, SyntheticCluster(routes, now=HOUR_START - MINUTE_SECONDS / 2))


def _push(site: Site, minute: int) -> LambdaEvent:
    now = HOUR_START + (minute + 0.5) * MINUTE_SECONDS
    return LambdaEvent(now, site.push_event(now))


def _invoke(function: str, events: list[LambdaEvent]) -> LambdaRun:
    """Call a function with the tables and settings of the open site."""
    return invoke(function, events, dict(os.environ))


def _time(calls: list[Call], piece_ms: float) -> Time:
    walls = [call.wall_ms for call in calls]
    p50 = median(walls)
    p95 = quantiles(walls, n=20, method="inclusive")[-1] if len(walls) > 1 else walls[0]
    cpus = [call.cpu_ms for call in calls]
    p95_cpu = quantiles(cpus, n=20, method="inclusive")[-1] if len(cpus) > 1 else cpus[0]
    round_trip_ms = median(call.get_item_ms for call in calls)
    return Time(
        p50_ms=p50,
        p95_ms=p95,
        cpu_ms=median(cpus),
        round_trips=p50 / round_trip_ms,
        p95_round_trips=p95 / round_trip_ms,
        p95_pieces=p95 / piece_ms,
        p95_cpu_pieces=p95_cpu / piece_ms,
    )


def _load(run: LambdaRun, warm: int) -> Load:
    cpu_ms = median(call.cpu_ms for call in run.calls[warm:])
    return Load(_on_lambda(cpu_ms, run), run.log_bytes / len(run.calls))


def _on_lambda(cpu_ms: float, run: LambdaRun) -> float:
    return cpu_ms * lambda_piece_ms() / run.piece_ms
