"""What annotations promise, for which routes, and what is said of those that are wrong."""

from typing import Any

import msgspec
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ingress_slo_agent.promises import PREFIX
from ingress_slo_agent.routes import Observed, Routes, routes_from
from ingress_slo_agent.settings import Traefik
from ingress_slo_agent.traefik_api import ApiView
from ingress_slo_agent.traefik_options import TraefikOptions
from lab.cluster.builders import ingress, ingress_class, ingress_route, path, route, traefik_object
from lab.docs import DOCS, block
from slo.objectives.targets import LatencyObjective, Target
from slo.traefik.snapshots import MAX_PROMISES, LatencyShare, Promise

HOST = "Host(`a.example`)"
PROVIDERS = [
    "--entrypoints.web.address=:8000",
    *(f"--providers.{name}" for name in ("kubernetescrd", "kubernetesingress", "kubernetesgateway", "knative")),
]
OTHERS = Observed(options=(TraefikOptions.of_pod({"spec": {"containers": [{"args": PROVIDERS}]}}, Traefik()),))
PERIODS = "7 days, 28 days, 30 days, calendar week, calendar month, calendar quarter"


def annotated(**texts: str) -> dict[str, str]:
    return {f"{PREFIX}{name.replace('_', '-')}": text for name, text in texts.items()}


def promised(**texts: str) -> Promise:
    """What one object with one route promises. Its annotations are right."""
    found = read(**texts)
    assert found.warnings == ()
    (promise,) = found.promises
    return promise


def read(**texts: str) -> Routes:
    return routes_from([ingress_route("shop", "web", route(HOST, "web"), annotations=annotated(**texts))])


def said(**texts: str) -> str:
    """The only warning about one object, without its name."""
    (warning,) = read(**texts).warnings
    return warning.removeprefix("IngressRoute shop/web: ")


def test_an_object_without_our_annotations_promises_nothing() -> None:
    other = {"kubernetes.io/ingress.class": "traefik", "not-ingress-slo.io/availability": "99"}
    assert routes_from([ingress_route("shop", "web", route(HOST, "web"), annotations=other)]).promises == ()


@pytest.mark.parametrize(
    ("text", "ratio"),
    [("99.9", 0.999), ("99.9%", 0.999), (" 99.95 % ", 0.9995), ("50", 0.5), ("99.999", 0.99999), ("95.000", 0.95)],
)
def test_availability_is_a_percentage(text: str, ratio: float) -> None:
    assert promised(availability=text).availability == ratio


@pytest.mark.parametrize(
    "text", ["0.999", "100", "99.9999", "49.9", "99,9", "", "high", "-99", "nan", "1e2", "99.9 %%"]
)
def test_an_availability_that_is_no_such_percentage_promises_nothing_and_says_what_to_write(text: str) -> None:
    found = read(availability=text, period="7 days", owner="ops")
    assert found.promises == ()
    assert found.warnings == (
        "IngressRoute shop/web: its annotation ingress-slo.io/availability is no percentage from 50 to 99.999: "
        f"{text!r}. So its annotations promise nothing. Write it like 99.9.",
    )


def test_annotations_without_availability_promise_nothing_and_say_so() -> None:
    assert read(latency="99% < 300ms").promises == ()
    assert said(latency="99% < 300ms") == (
        "its annotations promise nothing without ingress-slo.io/availability. Write it like 99.9."
    )


@pytest.mark.parametrize(
    ("text", "share", "p95"),
    [
        ("99% < 300ms", LatencyShare(0.99, 300), None),
        ("99.5%<1.5s", LatencyShare(0.995, 1500), None),
        ("95 % <  0.1 ms", LatencyShare(0.95, 0.1), None),
        ("1% < 600s", LatencyShare(0.01, 600_000), None),
        ("p95 < 300ms", None, 300),
        ("P95<2s", None, 2000),
    ],
)
def test_latency_is_a_share_under_a_threshold_or_the_p95(text: str, share: LatencyShare | None, p95: float) -> None:
    promise = promised(availability="99", latency=text)
    assert (promise.latency_objective, promise.p95_latency) == (share, p95)


@pytest.mark.parametrize(
    "text",
    [
        "300ms",
        "99% > 300ms",
        "99% < 300",
        "99 < 300ms",
        "p99 < 300ms",
        "100% < 1s",
        "0.5% < 1s",
        "99% < 601s",
        "99% < 0ms",
    ],
)
def test_a_latency_that_cannot_be_read_leaves_the_other_annotations_in_force(text: str) -> None:
    found = read(availability="99.9", latency=text, period="calendar week")
    (promise,) = found.promises
    assert (promise.latency_objective, promise.p95_latency, promise.period) == (None, None, "week")
    assert found.warnings == (
        f"IngressRoute shop/web: its annotation ingress-slo.io/latency cannot be read: {text!r}. "
        "So no latency is promised. Write it like 99% < 300ms or p95 < 300ms, with 99.999% and 600s at most.",
    )


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("7 days", "7d"),
        ("28 days", "28d"),
        ("30 days", "30d"),
        ("calendar week", "week"),
        ("Calendar  Month", "month"),
        ("calendar quarter", "quarter"),
    ],
)
def test_a_period_is_rolling_days_or_of_the_calendar(text: str, period: str) -> None:
    assert promised(availability="99", period=text).period == period


@pytest.mark.parametrize("text", ["month", "31 days", "7d", "", "calendar year"])
def test_a_period_that_is_not_known_is_30_days(text: str) -> None:
    assert read(availability="99", period=text).promises[0].period == "30d"
    assert said(availability="99", period=text) == (
        f"its annotation ingress-slo.io/period is not known: {text!r}. So the period is 30 days. Known are {PERIODS}."
    )


def test_a_calendar_period_has_a_time_zone_and_an_owner_may_be_asked() -> None:
    promise = promised(availability="99", period="calendar month", time_zone="Asia/Tokyo", owner=" Team  Shop ")
    assert (promise.time_zone, promise.owner) == ("Asia/Tokyo", "Team Shop")


def test_a_time_zone_without_a_calendar_period_has_no_effect_and_that_is_said() -> None:
    assert read(availability="99", time_zone="Asia/Tokyo").promises[0].time_zone == "UTC"
    assert "has no effect" in said(availability="99", time_zone="Asia/Tokyo")


def test_a_long_owner_is_cut() -> None:
    assert read(availability="99", owner="x" * 201).promises[0].owner == "x" * 200
    assert said(availability="99", owner="x" * 201) == "its annotation ingress-slo.io/owner is cut to 200 characters."


def test_annotations_that_are_not_known_are_named() -> None:
    assert said(availability="99", availabilty="99") == (
        "its annotation ingress-slo.io/availabilty is not known. "
        "Known are availability, latency, period, time-zone, owner, channel."
    )


def test_a_channel_is_named_for_the_incidents() -> None:
    assert promised(availability="99", channel=" on-call ").channel == "on-call"
    assert promised(availability="99", channel="").channel == ""
    assert promised(availability="99").channel == ""


@pytest.mark.parametrize("text", ["On-Call", "on call", "-", "#ops", "ops@example.com", "https://x", "x" * 64])
def test_what_is_no_name_of_a_channel_leaves_the_other_annotations_in_force(text: str) -> None:
    (promise,) = read(availability="99.9", channel=text, period="7 days").promises
    assert (promise.channel, promise.availability, promise.period) == ("", 0.999, "7d")
    assert said(availability="99.9", channel=text) == (
        f"its annotation ingress-slo.io/channel is no name of a channel: {text!r}. So the rules of the notifications "
        "say who is told. Write the name of a channel, such as on-call."
    )


def test_one_warning_names_all_objects_with_the_same_mistake() -> None:
    wrong = annotated(availability="99,9")
    found = routes_from([ingress_route("shop", name, route(HOST, "web"), annotations=wrong) for name in ("a", "b")])
    assert [warning.partition(": ")[0] for warning in found.warnings] == ["IngressRoute shop/a, IngressRoute shop/b"]


def test_every_place_of_every_rule_is_promised_for() -> None:
    item = ingress_route(
        "shop",
        "web",
        route("(Host(`a.example`) || Host(`b.example`)) && PathPrefix(`/api`)", "web"),
        route(HOST, "web"),
        annotations=annotated(availability="99"),
    )
    found = [(each.domain, each.path_prefix, each.declared_by) for each in routes_from([item]).promises]
    assert found == [
        ("a.example", "/", "IngressRoute shop/web"),
        ("a.example", "/api", "IngressRoute shop/web"),
        ("b.example", "/api", "IngressRoute shop/web"),
    ]


def gateway_objects(kind: str, **metadata: Any) -> list[dict[str, Any]]:
    api = "gateway.networking.k8s.io/v1"
    return [
        {
            "apiVersion": api,
            "kind": "GatewayClass",
            "metadata": {"name": "traefik"},
            "spec": {"controllerName": "traefik.io/gateway-controller"},
        },
        {
            "apiVersion": api,
            "kind": "Gateway",
            "metadata": {"name": "traefik", "namespace": "traefik"},
            "spec": {
                "gatewayClassName": "traefik",
                "listeners": [{"name": "http", "port": 8000, "protocol": "HTTP"}],
            },
        },
        {
            "apiVersion": api,
            "kind": kind,
            "metadata": {"name": "web", "namespace": "shop", **metadata},
            "spec": {
                "parentRefs": [{"name": "traefik", "namespace": "traefik"}],
                "hostnames": ["a.example"],
                "rules": [{"backendRefs": [{"name": "web", "port": 80}]}],
            },
        },
    ]


@pytest.mark.parametrize("kind", ["HTTPRoute", "GRPCRoute"])
def test_routes_of_the_gateway_api_promise_as_well(kind: str) -> None:
    (promise,) = routes_from(gateway_objects(kind, annotations=annotated(availability="99")), OTHERS).promises
    assert (promise.domain, promise.path_prefix, promise.declared_by) == ("a.example", "/", f"{kind} shop/web")


def test_ingresses_promise_as_well() -> None:
    rules = {"a.example": [path("/", "web"), path("/api", "api")]}
    item = ingress("shop", "web", rules, annotations=annotated(availability="99"))
    found = routes_from([ingress_class("traefik"), item]).promises
    assert [(each.path_prefix, each.declared_by) for each in found] == [
        ("/", "Ingress shop/web"),
        ("/api", "Ingress shop/web"),
    ]


def test_ingresses_of_knative_promise_as_well() -> None:
    item = {
        "apiVersion": "networking.internal.knative.dev/v1alpha1",
        "kind": "KnativeIngress",
        "metadata": {
            "name": "web",
            "namespace": "shop",
            "annotations": {
                "networking.knative.dev/ingress.class": "traefik.ingress.networking.knative.dev",
                **annotated(availability="99"),
            },
        },
        "spec": {"rules": [{"hosts": ["a.example"], "http": {"paths": [{"splits": [{"serviceName": "web"}]}]}}]},
    }
    assert [each.declared_by for each in routes_from([item], OTHERS).promises] == ["KnativeIngress shop/web"]


def test_an_object_that_declares_no_routes_promises_nothing_and_is_named() -> None:
    item = traefik_object("TraefikService", "shop", "web", {"weighted": {}}, annotations=annotated(availability="99"))
    found = routes_from([item])
    assert found.promises == ()
    assert found.warnings == (
        "TraefikService shop/web: its annotations promise nothing, because it declares no routes. "
        "Annotate the objects that do.",
    )


def test_an_object_of_another_class_promises_nothing_here() -> None:
    wrong = ingress("shop", "web", {"a.example": [path("/", "web")]}, class_name="nginx", annotations=annotated(x="99"))
    found = routes_from([ingress_class("traefik"), ingress_class("nginx", "k8s.io/ingress-nginx"), wrong])
    assert found.promises == ()
    assert not any(PREFIX in warning for warning in found.warnings), "the agent of that class says it"


def test_a_promise_does_not_end_while_traefik_does_not_serve_the_rule() -> None:
    item = ingress_route("shop", "web", {"kind": "Rule", "match": HOST}, annotations=annotated(availability="99"))
    found = routes_from([item])
    assert found.infos == ()
    assert [each.domain for each in found.promises] == ["a.example"]


def test_routers_that_traefik_itself_reports_keep_what_their_objects_promise() -> None:
    item = ingress_route("shop", "web", route(HOST, "web"), annotations=annotated(availability="99"))
    assert len(routes_from([item], Observed(views=(ApiView(),))).promises) == 1


def test_of_two_objects_that_promise_different_things_the_first_by_name_holds_and_both_are_named() -> None:
    items = [
        ingress_route("shop", name, route(HOST, "web"), annotations=annotated(availability=text))
        for name, text in (("b", "99"), ("a", "99.9"), ("c", "99.9"))
    ]
    found = routes_from(items)
    (promise,) = found.promises
    assert (promise.availability, promise.declared_by) == (0.999, "IngressRoute shop/a")
    assert found.warnings == (
        "IngressRoute shop/b: its annotations promise something else for the same route than IngressRoute shop/a. "
        "What the latter promises is in force. Remove the annotations of one of them.",
    )
    assert routes_from(reversed(items)).promises == found.promises


def test_more_promises_than_a_push_takes_are_cut_and_that_is_said() -> None:
    rules = [route(f"Host(`a{number}.example`)", "web") for number in range(MAX_PROMISES + 1)]
    found = routes_from([ingress_route("shop", "web", *rules, annotations=annotated(availability="99"))])
    assert len(found.promises) == MAX_PROMISES
    assert f"{MAX_PROMISES + 1} routes; only {MAX_PROMISES} are in force" in found.warnings[-1]


TEXT = st.one_of(
    st.text(max_size=40),
    st.from_regex(r"[0-9]{0,4}[.,]?[0-9]{0,9} ?%? ?[<>]? ?[0-9]{0,8}\.?[0-9]{0,8} ?(ms|s|)", fullmatch=True),
    st.sampled_from(["99.9", "99% < 300ms", "p95 < 300ms", "calendar month", "Europe/Berlin"]),
)
NAME = st.one_of(st.sampled_from(["availability", "latency", "period", "time-zone", "owner", "channel"]), st.text())


@given(st.dictionaries(NAME.map(PREFIX.__add__), TEXT))
def test_any_texts_are_read_and_whatever_is_promised_is_valid(texts: dict[str, str]) -> None:
    found = routes_from([ingress_route("shop", "web", route(HOST, "web"), annotations=texts)])
    for promise in found.promises:
        assert msgspec.convert(msgspec.to_builtins(promise), Promise) == promise
    assert found.promises or found.warnings or not texts


@pytest.mark.parametrize("value", [99.9, None, ["99.9"]])
def test_a_value_that_is_no_text_is_no_error(value: Any) -> None:
    item = ingress_route("shop", "web", route(HOST, "web"), annotations=annotated(availability=value))
    assert [each.availability for each in routes_from([item]).promises] == ([0.999] if value == 99.9 else [])


def test_the_limits_of_promises_are_those_of_objectives() -> None:
    """The agent's image has no objectives, so the contract repeats their limits."""
    for figures in (
        {"availability": 0.5},
        {"availability": 0.99999},
        {"p95_latency": 0.1},
        {"p95_latency": 600_000},
        {"latency_objective": {"share": 0.01, "threshold": 0.1}},
        {"latency_objective": {"share": 0.99999, "threshold": 600_000}},
    ):
        msgspec.convert(figures, Target)
        msgspec.convert({**_WHERE, **figures}, Promise)
    for wrong in (
        {"availability": 0.49},
        {"availability": 0.999991},
        {"p95_latency": 0.09},
        {"p95_latency": 600_001},
        {"latency_objective": {"share": 0.009, "threshold": 1}},
        {"latency_objective": {"share": 0.999991, "threshold": 1}},
        {"latency_objective": {"share": 0.5, "threshold": 0.09}},
        {"latency_objective": {"share": 0.5, "threshold": 600_001}},
    ):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(wrong, Target)
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert({**_WHERE, **wrong}, Promise)
    assert LatencyObjective.__struct_fields__ == LatencyShare.__struct_fields__


_WHERE = {"domain": "a", "path_prefix": "/", "declared_by": "x", "availability": 0.9}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "ingress route",
            Promise(
                domain="shop.example.com",
                path_prefix="/",
                declared_by="IngressRoute shop/shop",
                availability=0.999,
                latency_objective=LatencyShare(0.99, 300),
                period="month",
                time_zone="Europe/Berlin",
                owner="Team Shop",
                channel="team-shop",
            ),
        ),
        (
            "ingress",
            Promise(
                domain="shop.example.com",
                path_prefix="/checkout",
                declared_by="Ingress shop/checkout",
                availability=0.9995,
            ),
        ),
        (
            "http route",
            Promise(
                domain="blog.example.com",
                path_prefix="/",
                declared_by="HTTPRoute blog/blog",
                availability=0.99,
                p95_latency=300,
            ),
        ),
    ],
)
def test_the_examples_of_the_documentation_promise_what_they_say(name: str, expected: Promise) -> None:
    item = yaml.safe_load(block(DOCS / "objectives-in-kubernetes.md", name).text)
    around = [ingress_class("traefik"), *gateway_objects("HTTPRoute")[:2]]
    found = routes_from([*around, item], OTHERS)
    assert found.promises == (expected,)
    assert found.warnings == ()
