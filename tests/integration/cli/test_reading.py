"""The commands that read figures, against the functions' own API over HTTP."""

import pytest
from integration.cli.api_server import ApiServer
from integration.command import Done, run
from integration.use_cases import T0, process, route, row, snapshot

from slo.traefik.snapshots import IngressMetrics, Snapshot, UnreachablePod

SHOP, BLOG = route("shop.example.com"), route("blog.example.com")
MINUTES = 12


def seen(minute: int, *, cluster_id: str = "c1", unreachable: int = 0) -> Snapshot:
    at = T0 + 60.0 * minute
    rows = [row(SHOP.service_key, 9_995 * minute, 5 * minute), row(BLOG.service_key, 100 * minute)]
    pods = tuple(UnreachablePod(pod=f"traefik/b{number}", error="no answer") for number in range(unreachable))
    metrics = IngressMetrics(processes=(process(rows, at, T0 - 900),), unreachable=pods)
    return snapshot(at, [], (SHOP, BLOG), ingress_metrics=metrics, cluster_id=cluster_id)


@pytest.fixture
def watched(api_server: ApiServer) -> ApiServer:
    """A cluster that was watched for twelve minutes."""
    embedded = api_server.embedded
    for minute in range(MINUTES + 1):
        embedded.push(seen(minute))
    embedded.now = T0 + 60.0 * MINUTES + 5
    return api_server


def read(server: ApiServer, *arguments: str, **env: str) -> Done:
    return run(*arguments, env={**server.environment, "CLUSTER_ID": "", "LANG": "C", **env})


def cells(done: Done) -> dict[str, str]:
    """The first row of a table by its columns, which are two spaces or more apart."""
    head, line = done.out.splitlines()[:2]
    names = [name for name in head.split("  ") if name.strip()]
    starts = [head.index(name) for name in names]
    ends = [*starts[1:], len(line)]
    return {name.strip(): line[start:end].strip() for name, start, end in zip(names, starts, ends, strict=True)}


def test_a_pod_that_does_not_answer_is_a_warning(watched: ApiServer) -> None:
    assert cells(read(watched, "clusters"))["WARNINGS"] == "0"
    watched.embedded.push(seen(MINUTES + 1, unreachable=2))
    done = read(watched, "clusters")
    assert cells(done)["WARNINGS"] == "1"
    assert "2 Traefik pods did not answer the last scrape" in done.out


def test_a_pod_that_the_agent_warns_of_is_told_of_once(watched: ApiServer) -> None:
    said = "Pod traefik/b0 could not be scraped: no answer"
    watched.embedded.push(seen(MINUTES + 1, unreachable=1).__replace__(warnings=(said,)))
    done = read(watched, "clusters")
    assert cells(done)["WARNINGS"] == "1"
    assert said in done.out


def test_a_silent_cluster_has_no_lag_of_zero(watched: ApiServer) -> None:
    embedded = watched.embedded
    embedded.roll_up_until("c1", T0 + 60.0 * MINUTES)
    embedded.roll_up_until("c1", T0 + 4 * 3600.0)
    state = embedded.clusters.get("c1")
    assert state is not None
    assert not state.has_open_books
    row_of_it = cells(read(watched, "clusters"))
    assert row_of_it["LAST SNAPSHOT"].endswith("(stale)")
    assert row_of_it["LAG"] == "-"
