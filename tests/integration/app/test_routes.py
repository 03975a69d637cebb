"""Looks up the routes that a service key of Traefik's metrics stands for."""

import pytest
from integration.use_cases import CLUSTER, T0, UseCases, route, snapshot

from slo.api.answers import MappedRoute, RoutesAnswer
from slo.api.pages import Cursor
from slo.api.parameters import RoutesParameters
from slo.app.routes import RouteLookup
from slo.errors import BadRequestError

SHARED = "ns-svc-80@kubernetes"
"""Every route of these tests also answers to the key of its Kubernetes Service."""


@pytest.fixture
def routes(backend: UseCases) -> RouteLookup:
    declared = (route("shop.example.com"), route("shop.example.com", "/api"), route("xn--strae-oqa.de", tls=False))
    backend.push(snapshot(T0, [], declared))
    backend.roll_up(T0 + 70)
    return RouteLookup(backend.stores)


def places(answer: RoutesAnswer) -> list[tuple[str, str]]:
    return [(each.domain, each.path_prefix) for each in answer.routes]


def test_a_service_key_stands_for_a_domain_and_a_path(routes: RouteLookup) -> None:
    (found,) = routes.listed(CLUSTER, RoutesParameters(service_key="ns-shop-example-com-api@kubernetescrd")).routes
    assert (found.domain, found.path_prefix, found.ingress_name, found.namespace) == (
        "shop.example.com",
        "/api",
        "shop.example.com",
        "ns",
    )
    assert (found.service_name, found.service_port, found.tls) == ("svc", 80, True)
    assert found.created_at.timestamp() == T0


def test_a_key_that_several_routes_share_names_them_all(routes: RouteLookup) -> None:
    found = routes.listed(CLUSTER, RoutesParameters(service_key=SHARED))
    assert places(found) == [("shop.example.com", "/"), ("shop.example.com", "/api"), ("xn--strae-oqa.de", "/")]
    one = routes.listed(CLUSTER, RoutesParameters(service_key=SHARED, domain="straße.de"))
    assert places(one) == [("xn--strae-oqa.de", "/")]


def test_an_unknown_key_names_nothing(routes: RouteLookup) -> None:
    assert routes.listed(CLUSTER, RoutesParameters(service_key="x@kubernetes")).routes == ()
    assert routes.listed("another", RoutesParameters()).routes == ()


@pytest.mark.parametrize("asked", ["straße.de", "xn--strae-oqa.de", "Straße.de."])
def test_a_domain_has_its_routes_under_each_key(routes: RouteLookup, asked: str) -> None:
    found = routes.listed(CLUSTER, RoutesParameters(domain=asked))
    assert sorted(each.service_key for each in found.routes) == sorted([SHARED, "ns-xn--strae-oqa-de-@kubernetescrd"])


@pytest.mark.parametrize("domain", [None, "shop.example.com"])
def test_pages_have_everything_once(routes: RouteLookup, domain: str | None) -> None:
    whole = routes.listed(CLUSTER, RoutesParameters(domain=domain))
    assert whole.next_cursor is None
    found: list[MappedRoute] = []
    cursor: str | None = ""
    while cursor is not None:
        page = routes.listed(CLUSTER, RoutesParameters(domain=domain, limit=1, cursor=cursor))
        found += page.routes
        cursor = page.next_cursor
    assert tuple(found) == whole.routes
    assert len(found) == (6 if domain is None else 4)


@pytest.mark.parametrize("cursor", ["~", Cursor(0, "é" * 513).text()], ids=["malformed", "longer than a key"])
def test_an_invalid_cursor_is_refused(routes: RouteLookup, cursor: str) -> None:
    with pytest.raises(BadRequestError):
        routes.listed(CLUSTER, RoutesParameters(cursor=cursor))
