"""What the agent saw is booked one snapshot after the other, on the functions' own handlers."""

from collections import Counter

import pytest

from lab.trial.booking import book
from lab.trial.places import Place
from slo.traefik.snapshots import IngressMetrics, IngressRouteInfo, ProcessMetrics, SeriesRow, Snapshot

ROUTER = "ns-app-0@kubernetescrd"
START = 1_790_000_000.0
_MORE_THAN_POWERTOOLS_KEEPS = 101


def snapshot(number: int, requests: int) -> Snapshot:
    """One second after the one before."""
    row = SeriesRow(
        router=f"websecure-{ROUTER}",
        service=ROUTER,
        codes={"200": requests},
        methods={"GET": requests},
        buckets=(requests, requests),
        duration_seconds_sum=0.0,
    )
    process = ProcessMetrics(
        pod="traefik/a",
        date=START + number,
        process_start_time_seconds=START - 60,
        mallocs=1.0 + number,
        entry_points=("web", "websecure"),
        measured_by="router",
        bounds=(0.1,),
        rows=(row,) if requests else (),
    )
    info = IngressRouteInfo(name="app", namespace="ns", domain="a.example", service_key=ROUTER, router_keys=(ROUTER,))
    return Snapshot(
        cluster_id="trial",
        snapshot_id=f"s{number}",
        taken_at=START + number,
        sent_at=START + number,
        scope="s",
        ingress_routes=(info,),
        ingress_metrics=IngressMetrics(processes=(process,)),
        warnings=("Look.",),
    )


def test_each_snapshot_adds_to_the_route_what_came_since_the_one_before() -> None:
    booked = book([snapshot(0, 0), snapshot(1, 3), snapshot(2, 3), snapshot(3, 5)])
    place = Place("a.example", "/")
    assert booked.increases == [Counter({place: 3}), Counter(), Counter({place: 2})]
    assert booked.warnings == ("Look.",)


def test_many_snapshots_leave_stdout_to_the_answer(capsys: pytest.CaptureFixture[str]) -> None:
    book([snapshot(number, number) for number in range(_MORE_THAN_POWERTOOLS_KEEPS)])
    assert capsys.readouterr().out == ""
