"""Names as a real Traefik writes them (3.0.4 and 3.7.15, seen in its metrics and in its API)."""

import pytest

from slo.traefik import naming


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a-b", "a-b"),
        ("a--b", "a-b"),
        ("a.b/c_d*e", "a-b-c-d-e"),
        ("*.wild.example.com", "wild-example-com"),
        ("-a-", "a"),
        ("täst", "täst"),
    ],
)
def test_runs_of_other_characters_become_one_dash(name: str, expected: str) -> None:
    assert naming.normalize(name) == expected


def test_the_router_of_a_rule_ends_with_the_hash_of_its_text() -> None:
    match = "Host(`shop.example.com`) && PathPrefix(`/api`)"
    assert naming.route_router("shop", "shop", match) == "shop-shop-2e672463355d335d17ef@kubernetescrd"


def test_children_of_a_weighted_rule_are_named_by_service_and_port() -> None:
    assert naming.child_service("team", "one.two", "http") == "team-one-two-http@kubernetescrd"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("blue", "ns-blue@kubernetescrd"),
        ("api@internal", "api@internal"),
        ("other-blue@kubernetescrd", "other-blue@kubernetescrd"),
    ],
)
def test_a_traefik_service_may_name_its_provider(name: str, expected: str) -> None:
    assert naming.traefik_service("ns", name) == expected


def test_safe_names_are_by_position() -> None:
    router = naming.safe_route_router("shop", "shop", 1)
    assert router == "shop_shop_1@kubernetescrd"
    assert naming.safe_own_service(router) == "shop_shop_1_lb@kubernetescrd"
    assert (
        naming.safe_child_service(router, "wrr_0", "shop", "web", 80) == "shop_shop_1_wrr_0_shop_web_80@kubernetescrd"
    )


def test_an_ingress_path_is_named_by_host_and_path() -> None:
    assert naming.path_router("shop", "shop", "shop.example.com", "/a.b") == "shop-shop-shop-example-com-a-b@kubernetes"
    assert naming.path_service("shop", "web", "http") == "shop-web-http@kubernetes"


@pytest.mark.parametrize(
    "rule",
    [
        'Host("a.example") && PathPrefix("/x")',
        "Host(`a.example`) && PathPrefix(`/x`)",
        'Host("a.example") && (Path("/x") || PathPrefix("/x/"))',
    ],
)
def test_colliding_paths_carry_the_hash_of_their_rule_as_each_version_writes_it(rule: str) -> None:
    names = naming.colliding_path_routers("ns", "i", "a.example", "/x", "Prefix")
    assert f"ns-i-a-example-x-{naming.rule_hash(rule)}@kubernetes" in names


@pytest.mark.parametrize(
    "rule",
    [
        'Host("*.a.example") && PathPrefix("/x")',
        "HostRegexp(`^[a-zA-Z0-9-]+\\.a\\.example$`) && PathPrefix(`/x`)",
        'HostRegexp("^[a-zA-Z0-9-]+\\\\.a\\\\.example$") && PathPrefix("/x")',
        'HostRegexp("{subdomain:[a-zA-Z0-9-]+}.a.example") && PathPrefix("/x")',
    ],
)
def test_a_wildcard_host_is_spelled_in_four_ways(rule: str) -> None:
    names = naming.colliding_path_routers("ns", "i", "*.a.example", "/x", "Prefix")
    assert f"ns-i-a-example-x-{naming.rule_hash(rule)}@kubernetes" in names
    assert len(names) < 16, "a route has at most sixteen names"


@pytest.mark.parametrize(
    ("router", "declared"),
    [
        ("ns-x@kubernetescrd", "ns-x@kubernetescrd"),
        ("websecure-ns-x@kubernetescrd", "ns-x@kubernetescrd"),
        ("websecure-conflicted-ns-x@kubernetescrd", "ns-x@kubernetescrd"),
        ("websecure-conflicted-websecure-ns-x@kubernetescrd", "ns-x@kubernetescrd"),
        ("web-secure-ns_x_0@kubernetescrd", "ns_x_0@kubernetescrd"),
        (
            "httproute-ns-x-gw-ns-y-ep-web-0-0123456789abcdef0123@kubernetesgateway",
            "httproute-ns-x-gw-ns-y-ep-web-0-*@kubernetesgateway",
        ),
    ],
)
def test_a_router_may_be_a_copy_named_after_an_entry_point(router: str, declared: str) -> None:
    names = list(naming.declared_names(router, ["web", "websecure", "web-secure"]))
    assert names[0] == router, "a rule that is called so itself goes first"
    assert declared in names


def test_a_prefix_that_is_no_entry_point_stays() -> None:
    assert list(naming.declared_names("other-ns-x@kubernetescrd", ["web"])) == ["other-ns-x@kubernetescrd"]


def test_people_read_a_series_without_its_provider() -> None:
    assert naming.display_name("ns-svc-80@kubernetes") == "ns-svc-80"
    assert naming.display_name("@odd") == "@odd"
