"""A bad object of one tenant never keeps the other tenants' routes out of the snapshot."""

import pytest

from ingress_slo_agent.exposition import parse
from ingress_slo_agent.routes import routes_from
from slo.counting.catalogue import Catalogue, resolve
from slo.traefik import naming
from slo.traefik.snapshots import MAX_NAME, MAX_PATH, MAX_ROUTES, IngressMetrics, Snapshot

GOOD = "Host(`good.example.com`)"


def ingress_route(*matches: str, name: str = "shop") -> dict[str, object]:
    routes = [{"match": match, "services": [{"name": "web", "port": 80}]} for match in matches]
    return {"kind": "IngressRoute", "metadata": {"name": name, "namespace": "ns"}, "spec": {"routes": routes}}


def ingress(path: str) -> dict[str, object]:
    backend = {"service": {"name": "web", "port": {"number": 80}}}
    rules = [{"host": "shop.example.com", "http": {"paths": [{"path": path, "backend": backend}]}}]
    return {
        "kind": "Ingress",
        "metadata": {"name": "shop", "namespace": "ns", "annotations": {"kubernetes.io/ingress.class": "traefik"}},
        "spec": {"rules": rules},
    }


@pytest.mark.parametrize(
    "match",
    ["Host(`" + "h" * 300 + "`)", "PathPrefix(`/" + "p" * 2000 + "`)", "(" * 200, "Host(`a`", "x" * 40_000],
    ids=["a long domain", "a long path", "deep", "cut off", "too long"],
)
def test_a_rule_that_no_snapshot_can_hold_leaves_the_others(match: str) -> None:
    routes = routes_from([ingress_route(match, name="bad"), ingress_route(GOOD)])
    assert "good.example.com" in {info.domain for info in routes.infos}
    assert all(len(info.path_prefix) <= MAX_PATH for info in routes.infos)
    assert routes.warnings or "/" + "p" * (MAX_PATH - 1) in {info.path_prefix for info in routes.infos}


def test_more_routes_than_a_snapshot_holds_are_said() -> None:
    many = [f"Host(`h{number}.example.com`)" for number in range(MAX_ROUTES + 1)]
    routes = routes_from([ingress_route(*many)])
    assert len(routes.infos) == MAX_ROUTES
    assert f"only {MAX_ROUTES}" in routes.warnings[0]


def test_a_router_whose_name_is_too_long_is_still_found_by_its_route() -> None:
    path = "/" + "p" * 900
    router = naming.path_router("ns", "shop", "shop.example.com", path)
    text = (
        f'traefik_router_requests_total{{code="200",method="GET",router="{router}",service="s"}} 3\n'
        "process_start_time_seconds 1\n"
    )
    assert len(router) > MAX_NAME
    seen = Snapshot(
        cluster_id="c1",
        snapshot_id="s1",
        taken_at=9.0,
        sent_at=9.0,
        scope="scope",
        ingress_routes=routes_from([ingress(path)]).infos,
        ingress_metrics=IngressMetrics(processes=(parse(text, pod="a", date=9.0),)),
    )
    (entry,) = resolve(Catalogue(), seen).catalogue.entries
    assert entry.routes == (("shop.example.com", path),)


def test_names_that_differ_at_their_end_only_stay_apart() -> None:
    one, other = ("n" * 600 + end for end in "ab")
    assert len(naming.bounded(one)) == MAX_NAME
    assert naming.bounded(one) != naming.bounded(other)
