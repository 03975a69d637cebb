"""The scenarios to record: routes, backends, load, and the changes under load."""

from collections.abc import Callable
from dataclasses import replace

from lab.cluster.builders import ingress, ingress_route, path, route, traefik_object
from lab.cluster.objects import Object
from lab.traefik.backends import Backend, Temper
from lab.traefik.profiles import TraefikOptions
from lab.traefik.recording import Recorder
from lab.traefik.stage import Play
from lab.traefik.traffic import Flow

FAST = Temper(latency_seconds=0.005)
FAILING = Temper(latency_seconds=0.005, failure_share=0.1)
HOST = "shop.example.com"


def _shop(*routes: tuple[str, str], middlewares: tuple[str, ...] = ()) -> Object:
    rules = [
        route(f"Host(`{HOST}`) && PathPrefix(`{prefix}`)", service, middlewares=middlewares)
        for prefix, service in routes
    ]
    return ingress_route("shop", "shop", *rules)


def _flows(*flows: tuple[str, str]) -> list[Flow]:
    return [Flow(host, prefix, 15) for host, prefix in flows]


PLAIN = Play(
    [_shop(("/", "web"), ("/api", "api"))],
    [Backend("shop", "web", FAST), Backend("shop", "api", FAILING)],
    _flows((HOST, "/"), (HOST, "/api")),
    pods=("traefik-a", "traefik-b"),
)


def _restarts(recorder: Recorder) -> None:
    """Pods restart under load and count past their old values; then one pod is replaced by another."""
    first, second = recorder.stage.pods
    recorder.scrape(2)
    recorder.restart(first)
    recorder.scrape(3)
    recorder.restart(first)
    recorder.restart(second)
    recorder.scrape(2)
    recorder.replace(second, "traefik-c")
    recorder.scrape(2)


def _rules_changed(recorder: Recorder) -> None:
    """A router changes its service; a path is added and removed; an IngressRoute is deleted and created again."""
    recorder.scrape(2)
    recorder.change(_shop(("/", "web"), ("/api", "other")))
    recorder.scrape(2)
    recorder.change(_shop(("/", "web"), ("/api", "other"), ("/new", "web")))
    recorder.scrape(2)
    recorder.change(_shop(("/", "web"), ("/api", "api")))
    recorder.scrape(2)
    recorder.delete(_shop())
    recorder.scrape(2)
    recorder.change(_shop(("/", "web"), ("/api", "api")))
    recorder.scrape(2)


def _swap(recorder: Recorder) -> None:
    """The two rules swap places, so their series swap routes. No counter resets."""
    recorder.scrape(3)
    recorder.change(_shop(("/api", "api"), ("/", "web")))
    recorder.scrape(3)


def _labels_switched_on(recorder: Recorder) -> None:
    """Each pod is replaced by one with router labels."""
    first, second = recorder.stage.pods
    recorder.scrape(2)
    recorder.replace(first, "traefik-c", TraefikOptions())
    recorder.scrape(2)
    recorder.replace(second, "traefik-d", TraefikOptions())
    recorder.scrape(2)


def _shared_service(recorder: Recorder) -> None:
    """Two paths of an Ingress share a service. One of them is removed and added again."""
    both, one = _blog("/", "/feed"), _blog("/")
    recorder.scrape(2)
    recorder.change(one)
    recorder.scrape(2)
    recorder.change(both)
    recorder.scrape(2)


def _blog(*prefixes: str) -> Object:
    return ingress("blog", "blog", {"blog.example.com": [path(prefix, "web") for prefix in prefixes]})


def _steady(recorder: Recorder) -> None:
    recorder.scrape(5)


RETRIED = Play(
    [
        traefik_object("Middleware", "shop", "again", {"retry": {"attempts": 4, "initialInterval": "1ms"}}),
        _shop(
            ("/", "web"),
            ("/api", "api"),
            ("/empty", "nobody"),
            ("/events", "web"),
            ("/ws", "web"),
            middlewares=("again",),
        ),
    ],
    [
        Backend("shop", "web", Temper(latency_seconds=0.005, stream_seconds=0.2)),
        Backend("shop", "api", FAILING),
        Backend("shop", "nobody", None),
    ],
    [
        *_flows((HOST, "/"), (HOST, "/api"), (HOST, "/empty"), ("nowhere.example.com", "/")),
        Flow(HOST, "/", 3, "PURGE"),
        Flow(HOST, "/events", 3, protocol="sse"),
        Flow(HOST, "/ws", 3, protocol="websocket", websocket_seconds=0.1),
    ],
    options=TraefikOptions(extra=("--providers.kubernetescrd.allowemptyservices=true",)),
)
"""Retries, a service without endpoints, a host without a route, an unusual method, streams."""

LATENCIES = Play(
    [_shop(("/", "web"), ("/api", "api"), ("/slow", "slow"))],
    [
        Backend("shop", "web", FAST),
        Backend("shop", "api", Temper(latency_seconds=0.2, latency_spread=0.1, failure_share=0.1)),
        Backend("shop", "slow", Temper(latency_seconds=0.6, latency_spread=0.1, failure_share=0.02)),
    ],
    [Flow(HOST, "/", 15), Flow(HOST, "/api", 10), Flow(HOST, "/api", 5, "POST"), Flow(HOST, "/slow", 8)],
)
"""Latencies in three buckets, none of them near a bound."""

ENTRY_POINTS = Play(
    [_shop(("/", "web"), ("/api", "api")), _blog("/", "/feed")],
    [Backend("shop", "web", FAST), Backend("shop", "api", FAILING), Backend("blog", "web", FAILING)],
    [
        replace(flow, tls=tls)
        for flow in _flows((HOST, "/"), (HOST, "/api"), ("blog.example.com", "/"), ("blog.example.com", "/feed"))
        for tls in (False, True)
    ],
)
"""HTTP and HTTPS with the chart's arguments: Traefik serves a copy of each router on the entry point `websecure`."""

SCENARIOS: dict[str, tuple[Play, Callable[[Recorder], None]]] = {
    "restarts": (PLAIN, _restarts),
    "rules-changed": (
        Play(
            PLAIN.objects,
            [*PLAIN.backends, Backend("shop", "other", FAILING)],
            _flows((HOST, "/"), (HOST, "/api"), (HOST, "/new")),
        ),
        _rules_changed,
    ),
    "safe-naming-swap": (
        Play(PLAIN.objects, PLAIN.backends, PLAIN.flows, options=TraefikOptions(safe_naming=True)),
        _swap,
    ),
    "labels-switched-on": (
        Play(PLAIN.objects, PLAIN.backends, PLAIN.flows, PLAIN.pods, TraefikOptions(router_labels=False)),
        _labels_switched_on,
    ),
    "shared-service": (
        Play(
            [_blog("/", "/feed")],
            [Backend("blog", "web", FAILING)],
            _flows(("blog.example.com", "/"), ("blog.example.com", "/feed")),
            options=TraefikOptions(router_labels=False),
        ),
        _shared_service,
    ),
    "retries": (RETRIED, _steady),
    "latencies": (LATENCIES, _steady),
    "entry-points": (ENTRY_POINTS, _steady),
}
"""The load and the script of each scenario, by name."""
