from math import inf

import pytest

from ingress_slo.atlhyper.attribution import Attribution, Owner
from ingress_slo.atlhyper.database import BUCKET_COLUMNS, Mapping
from ingress_slo.atlhyper.latencies import layout
from slo.traefik.naming import route_router


def mapping(domain: str, path: str, key: str, ingress: str = "web") -> Mapping:
    return Mapping(domain, path, ingress, "ns", True, key, "svc", 80)


SHOP = mapping("shop.example.com", "/", "ns-shop-80@kubernetes", "shop")
SITE = mapping("site.example.com", "/", "ns-site-80@kubernetes", "site")
SITE_API = mapping("site.example.com", "/api", "ns-api-80@kubernetes", "site")
ATTRIBUTION = Attribution([SHOP, SITE, SITE_API])


@pytest.mark.parametrize("host", ["web", "websecure", "traefik", "metrics", "web@entrypoint"])
def test_entry_points_belong_to_no_route(host: str) -> None:
    assert ATTRIBUTION.of_host(host) == Owner(is_entry_point=True)


def test_a_service_that_is_called_like_an_entry_point_is_one_if_it_is_mapped() -> None:
    assert Attribution([mapping("a.example.com", "/", "web")]).of_host("web").routes == (("a.example.com", "/"),)


def test_a_service_key_is_found_in_the_mapping_with_or_without_its_provider() -> None:
    for host in ("ns-shop-80@kubernetes", "ns-shop-80"):
        assert ATTRIBUTION.of_host(host).routes == (("shop.example.com", "/"),)


def test_several_routes_of_a_service_share_it() -> None:
    shared = Attribution([mapping("a.example.com", path, "ns-a-80@kubernetes") for path in ("/", "/x")])
    assert shared.of_host("ns-a-80@kubernetes").routes == (("a.example.com", "/"), ("a.example.com", "/x"))


def test_an_ingress_routes_own_service_is_found_by_its_name() -> None:
    host = route_router("ns", "shop", "whatever it was")
    assert ATTRIBUTION.of_host(host).routes == (("shop.example.com", "/"),)


@pytest.mark.parametrize(
    ("match", "path"),
    [
        ("Host(`site.example.com`)", "/"),
        ("Host(`site.example.com`) && PathPrefix(`/api`)", "/api"),
        ("PathPrefix(`/api`) && Host(`site.example.com`)", "/api"),
    ],
)
def test_one_of_several_rules_of_an_ingress_route_is_found_by_the_hash_of_how_it_is_usually_written(
    match: str, path: str
) -> None:
    assert ATTRIBUTION.of_host(route_router("ns", "site", match)).routes == (("site.example.com", path),)


def test_a_rule_that_was_written_otherwise_is_left() -> None:
    assert ATTRIBUTION.of_host(route_router("ns", "site", "Host(`site.example.com`) && Method(`GET`)")) == Owner()


def test_what_a_row_says_itself_holds_where_nothing_maps_it() -> None:
    assert ATTRIBUTION.of_host("ns-x-80@kubernetes", ("x.example.com", "/y")).routes == (("x.example.com", "/y"),)


def row(**buckets: int) -> list[int]:
    return [buckets.get(name.removeprefix("bucket_"), 0) for name in BUCKET_COLUMNS]


TRAEFIK = row(**{"100ms": 5, "250ms": 8, "1s": 9, "5s": 9, "inf": 10})


def test_traefiks_default_bounds_are_recognised_by_where_they_lie() -> None:
    found = layout((), {index for index, count in enumerate(TRAEFIK) if count})
    assert found.bounds == (0.1, 0.3, 1.2, 5.0)
    assert found.cumulative(TRAEFIK) == [5, 8, 9, 9, 10]


def test_scraped_bounds_say_what_a_column_means() -> None:
    found = layout((0.08, 0.3, 1.0, inf), ())
    assert found.bounds == (0.08, 0.3, 1.0)
    assert found.cumulative(TRAEFIK) == [5, 8, 9, 10]


def test_a_column_into_which_two_bounds_were_added_is_left_out() -> None:
    assert layout((0.06, 0.1, 0.3, inf), ()).bounds == (0.3,)


def test_bounds_beyond_the_last_column_leave_no_latencies() -> None:
    found = layout((0.1, 20.0, inf), ())
    assert found.cumulative(TRAEFIK) == [0]


def test_a_bucket_that_a_restart_made_fall_is_lifted() -> None:
    found = layout((0.1, 0.3, inf), ())
    assert found.cumulative(row(**{"100ms": 5, "250ms": 3, "inf": 4})) == [5, 5, 5]
