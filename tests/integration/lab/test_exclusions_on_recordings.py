"""Recordings of a real Traefik, five minutes a scrape: what is excluded and what is left make up the access log."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from integration.use_cases import CLUSTER, DELAY, SLOT, UseCases

from lab.paths import ROOT
from lab.replay import Recording
from slo.api.parameters import ExclusionBody, ObjectiveParameters, RouteParameters
from slo.times import ceil_to, utc

RECORDINGS = ROOT / "tests" / "recordings"
EXACT_BY_ROUTE = ("entry-points", "labels-switched-on", "latencies", "restarts", "retries")
"""Those in which each path has its own rule all the time."""
ENDS_AT = 1_795_400_000


@pytest.fixture(params=EXACT_BY_ROUTE)
def folder(request: pytest.FixtureRequest) -> Path:
    return RECORDINGS / str(request.param)


@pytest.fixture
def replayed(moto_backend: UseCases, folder: Path) -> tuple[UseCases, list[int]]:
    """A deployment that was given a recording, and the ends of the slots that hold its scrapes."""
    ends = []
    for snapshot in Recording(folder, cluster_id=CLUSTER, interval_seconds=SLOT, ends_at=ENDS_AT).snapshots():
        moto_backend.push(snapshot)
        ends.append(ceil_to(snapshot.taken_at, SLOT))
        moto_backend.roll_up(ends[-1] + DELAY)
    return moto_backend, ends


def codes(backend: UseCases, domain: str, path: str, start: int, end: int) -> dict[str, int]:
    asked = RouteParameters(path_prefix=path, start=utc(start), end=utc(end))
    return {each.code: each.count for each in backend.query.latency(CLUSTER, domain, asked).codes if each.count}


def routes(folder: Path) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for name, counted in json.loads((folder / "truth.json").read_text())["routes"].items():
        domain, path = name.split(" ", 1)
        yield domain, path, counted


def test_what_is_excluded_and_what_is_left_are_the_access_log(
    replayed: tuple[UseCases, list[int]], folder: Path
) -> None:
    backend, ends = replayed
    first, last = ends[0] - SLOT, ends[-1]
    middle = ends[len(ends) // 2 - 1], ends[-2]
    alone = {
        (domain, path): codes(backend, domain, path, *middle) if middle[0] < middle[1] else {}
        for domain, path, _ in routes(folder)
    }
    body = ExclusionBody(start=utc(middle[0]), end=utc(middle[1]), reason="tried")
    made = backend.exclusion_editor.add(CLUSTER, ObjectiveParameters(), body, set_by="test")
    left = {(domain, path): codes(backend, domain, path, first, last) for domain, path, _ in routes(folder)}
    assert any(alone.values())
    for domain, path, counted in routes(folder):
        both = [left[domain, path], alone[domain, path]]
        total = {code: sum(each.get(code, 0) for each in both) for code in {code for each in both for code in each}}
        assert total == counted["codes"], f"{domain}{path}"
        assert codes(backend, domain, path, *middle) == {}
    backend.exclusion_editor.delete(CLUSTER, made.exclusion_id, set_by="test")
    for domain, path, counted in routes(folder):
        assert codes(backend, domain, path, first, last) == counted["codes"]
