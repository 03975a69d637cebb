"""A request that a router served must be under a place of that router which fits it."""

from collections import Counter
from typing import Any

import pytest

from lab.trial.booking import Booked
from lab.trial.cluster import Exchange, Observed
from lab.trial.header import Request
from lab.trial.places import Place
from lab.trial.verdict import Verdict, judge
from slo.traefik.snapshots import IngressMetrics, IngressRouteInfo, Snapshot

NAME = "ns-app-0@kubernetescrd"
ROUTER = {"name": NAME, "rule": "Host(`a.example`)", "status": "enabled", "provider": "kubernetescrd"}
COUNTED = 'traefik_router_requests_total{code="200",router="%s"} 1\n'


def info(domain: str = "a.example", **more: Any) -> IngressRouteInfo:
    return IngressRouteInfo(name="app", namespace="ns", domain=domain, service_key=NAME, router_keys=(NAME,), **more)


def snapshot(*infos: IngressRouteInfo, **more: Any) -> Snapshot:
    return Snapshot(
        cluster_id="c",
        snapshot_id="s",
        taken_at=1,
        sent_at=1,
        scope="s",
        ingress_routes=infos,
        ingress_metrics=IngressMetrics(),
        **more,
    )


def judged(
    *infos: IngressRouteInfo,
    increase: dict[tuple[str, str], int] | None = None,
    served_by: str | None = NAME,
    routers: tuple[dict[str, Any], ...] = (ROUTER,),
    counted: str = NAME,
    warnings: tuple[str, ...] = (),
) -> Verdict:
    """Three requests to a.example, of which the report shows this increase."""
    line = {"DownstreamStatus": 200, **({"RouterName": served_by} if served_by else {})}
    exchange = Exchange(Request(3, "a.example", "/"), [200] * 3, [line] * 3)
    shots = [snapshot(*infos), snapshot(*infos, warnings=warnings)]
    observed = Observed(list(routers), shots, [exchange], COUNTED % counted, ("web", "websecure"))
    booked = Counter({Place(*place): count for place, count in (increase or {}).items()})
    return judge(observed, Booked([booked], tuple(warning[:5] for warning in warnings)), "3.7.15")


def test_a_request_is_right_under_its_host() -> None:
    verdict = judged(info(), increase={("a.example", "/"): 3, ("*", "/"): 3})
    assert verdict.is_right
    assert verdict.answer["requests"] == [
        {
            "host": "a.example",
            "path": "/",
            "tls": False,
            "code": 200,
            "count": 3,
            "router": NAME,
            "booked_under": ["a.example", "/"],
        }
    ]
    assert verdict.answer["routers"][0]["places"] == [["a.example", "/"]]


@pytest.mark.parametrize(
    ("increase", "unplaced", "booked_under"),
    [({}, 3, None), ({("a.example", "/"): 2}, 3, None), ({("*", "/"): 3}, 0, ["*", "/"])],
    ids=["nowhere", "too few", "elsewhere"],
)
def test_a_request_under_no_domain_or_another_one_is_wrong(
    increase: dict[tuple[str, str], int], unplaced: int, booked_under: list[str] | None
) -> None:
    verdict = judged(info(), increase=increase)
    assert not verdict.is_right
    assert verdict.answer["unplaced_requests"] == unplaced
    assert verdict.answer["requests"][0]["booked_under"] == booked_under


def test_a_request_that_no_router_served_is_nobodys() -> None:
    verdict = judged(info(), served_by=None)
    assert verdict.is_right
    assert (verdict.answer["requests"][0]["router"], verdict.answer["unplaced_requests"]) == (None, 0)


def test_what_is_not_in_the_access_log_has_the_status_that_the_client_saw() -> None:
    """Such as a redirect from one entry point to another, or a connection that Traefik refused."""
    for statuses, code in (([301] * 3, 301), ([], 0)):
        observed = Observed([ROUTER], [snapshot(), snapshot()], [Exchange(Request(3, "a"), statuses, [])], "", ())
        (request,) = judge(observed, Booked([Counter()], ()), "3.7.15").answer["requests"]
        assert (request["code"], request["count"], request["router"]) == (code, 3, None)


def test_what_traefik_does_not_count_must_be_said() -> None:
    assert judged(info(not_counted="Metrics are off."), counted="other@file").is_right
    verdict = judged(info(), counted="other@file")
    assert not verdict.is_right
    assert verdict.answer["requests"][0]["not_counted"] is True


def test_copies_of_an_entry_point_and_children_are_found_by_their_own_names() -> None:
    copy = {**ROUTER, "name": f"websecure-{NAME}"}
    found = judged(
        info(), increase={("a.example", "/"): 3}, served_by=copy["name"], routers=(copy,), counted=copy["name"]
    )
    assert found.is_right
    assert found.answer["routers"][0]["places"] == [["a.example", "/"]]
    child = {"name": "c@kubernetescrd", "rule": "PathPrefix(`/`)", "provider": "kubernetescrd", "parentRefs": [NAME]}
    found = judged(
        increase={("a.example", "/"): 3},
        served_by=f"{NAME} -> c@kubernetescrd",
        routers=(ROUTER, child),
        counted="c@kubernetescrd",
    )
    assert (found.is_right, found.answer["requests"][0]["router"]) == (True, "c@kubernetescrd")


def test_what_is_listed_and_not_served_is_named() -> None:
    verdict = judged(info(), info("gone.example"), info("quiet.example", not_counted="x"))
    assert verdict.answer["listed_but_not_served"] == [["gone.example", "/"]]
    verdict = judged(info(), routers=({**ROUTER, "status": "disabled", "error": ["no"]},))
    assert verdict.answer["listed_but_not_served"] == [["a.example", "/"]]
    assert verdict.answer["routers"][0]["errors"] == ["no"]


def test_a_warning_that_the_cluster_shortened_is_named_once() -> None:
    assert judged(info(), warnings=("a long warning",)).answer["warnings"] == ["a long warning"]
