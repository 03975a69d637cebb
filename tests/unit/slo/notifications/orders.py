"""Orders for the tests of messages, channels and delivery."""

from typing import Any, get_args

import msgspec

from slo.incidents.incident import KINDS, FailingRoute, Incident, Kind, Notice, RouteChange, Subject, What
from slo.notifications.delivery import Order
from slo.notifications.settings import ChannelKind, Language
from slo.notifications.weekly import DomainWeek, PathWeek, RouteNews, WeekIncident, WeeklyReport
from slo.times import DAY_SECONDS

T0 = 1_800_000_000.0
"""2027-01-15 08:00 UTC."""
URL = "https://slo.example.com/"
WHATS: tuple[What, ...] = get_args(What)
LANGUAGES: tuple[Language, ...] = get_args(Language)
HOSTILE = "<!channel> @everyone *b* `c` &amp; {0} %s \u202e\x1b[31m\n<https://evil.example|click>"
"""What a name may contain, and more."""

_OF_KIND: dict[Kind, dict[str, Any]] = {
    "latency": {"latency_threshold": 300.0},
    "silent": {"subject": Subject(), "requests": 0, "errors": 0, "routes": (), "failing_routes": 0},
    "budget": {"threshold": 0.9, "requests": 0, "errors": 0, "routes": (), "failing_routes": 0},
    "certificate": {
        "subject": Subject(certificate="*.example.com"),
        "expires_at": T0 + 7 * DAY_SECONDS,
        "threshold": 7,
        "domains": ("shop.example.com", "www.example.com"),
        "requests": 0,
        "errors": 0,
        "routes": (),
        "failing_routes": 0,
        "budget_remaining": None,
        "availability": None,
        "period_days": None,
    },
}


def incident(kind: Kind = "outage", **changes: Any) -> Incident:
    """An incident that began five minutes before T0."""
    fields: dict[str, Any] = {
        "incident_id": "20270115T080000-0a1b2c",
        "cluster_id": "production",
        "kind": kind,
        "severity": "page",
        "subject": Subject(domain="shop.example.com"),
        "since": T0 - 300,
        "opened_at": T0,
        "requests": 12_345,
        "errors": 6_789,
        "routes": (
            FailingRoute(path_prefix="/cart", requests=10_000, errors=6_000),
            FailingRoute(path_prefix="/pay", requests=2_345, errors=789),
        ),
        "failing_routes": 2,
        "availability": 0.9995,
        "period_days": 30,
        "budget_remaining": 0.4321,
        "changes": (
            RouteChange(what="changed", path_prefix="/cart", service="cart-v2", before="cart-v1"),
            RouteChange(what="appeared", path_prefix="/pay", service="pay"),
            RouteChange(what="vanished", path_prefix="/old", service="old"),
        ),
    }
    return Incident(**{**fields, **_OF_KIND.get(kind, {}), **changes})


def notice(what: What = "opened", kind: Kind = "outage", number: int = 1, **changes: Any) -> Notice:
    """A notice at T0 of something that happened to that incident."""
    if what in ("acknowledged", "resolved"):
        changes = {"acknowledged_at": T0, "acknowledged_by": "on-call", **changes}
    if what == "resolved":
        changes = {"resolved_at": T0, "budget_spent": 0.1, **changes}
    about = incident(kind, **changes)
    return Notice(notice_id=f"{about.incident_id}.{number}", what=what, at=T0, incident=about)


def order(
    told: Notice | WeeklyReport | None = None,
    *,
    kind: ChannelKind = "webhook",
    language: Language = "en",
    channel: str = "ops",
) -> Order:
    """An order to tell something; a test message without anything to tell."""
    if isinstance(told, Notice):
        return Order(channel=channel, kind=kind, language=language, order_id=told.notice_id, notice=told)
    order_id = "test.1" if told is None else f"digest.{told.cluster_id}.2027-01-15"
    return Order(channel=channel, kind=kind, language=language, order_id=order_id, digest=told)


def week(**changes: Any) -> WeeklyReport:
    """A week with something of everything."""
    report = WeeklyReport(
        cluster_id="production",
        start=T0 - 7 * DAY_SECONDS,
        end=T0,
        domains=(
            DomainWeek(domain="shop.example.com", requests=1_000_000, errors=1_234, budget_remaining=-0.2),
            DomainWeek(domain="idle.example.com", requests=0, errors=0),
        ),
        paths=(PathWeek(domain="shop.example.com", path_prefix="/cart", requests=50_000, errors=1_000),),
        opened=2,
        resolved=1,
        incidents=(
            WeekIncident(
                incident_id="b", kind="burn", severity="ticket", subject=Subject(domain="a.example"), since=T0 - 7200
            ),
            WeekIncident(
                incident_id="a",
                kind="silent",
                severity="page",
                subject=Subject(),
                since=T0 - DAY_SECONDS,
                resolved_at=T0 - DAY_SECONDS + 5400,
            ),
        ),
        routes=(RouteNews(what="appeared", domain="a.example", path_prefix="/new", service="new"),),
    )
    return msgspec.structs.replace(report, **changes)


def everything() -> list[Notice | WeeklyReport | None]:
    """Every step of every kind, the digest and a test."""
    return [*(notice(what, kind) for kind in KINDS for what in WHATS), week(), None]


def hostile() -> list[Notice | WeeklyReport | None]:
    """The same with names that try to be more than names."""
    subject = Subject(domain=HOSTILE, pod=HOSTILE, certificate=HOSTILE)
    route = FailingRoute(path_prefix=HOSTILE * 9, requests=2, errors=1)
    change = RouteChange(what="changed", path_prefix=HOSTILE, service=HOSTILE * 9, before=HOSTILE)
    names: dict[str, Any] = {"subject": subject, "cluster_id": HOSTILE, "path_prefix": HOSTILE, "domains": (HOSTILE,)}
    names |= {"routes": (route,) * 5, "failing_routes": 300, "changes": (change,) * 10}
    told = [notice(what, kind, **names) for kind in KINDS for what in WHATS]
    domain = DomainWeek(domain=HOSTILE, requests=2, errors=1, budget_remaining=0.5)
    news = RouteNews(what="changed", domain=HOSTILE, path_prefix=HOSTILE, service=HOSTILE, before=HOSTILE)
    return [*told, week(cluster_id=HOSTILE, domains=(domain,) * 50, routes=(news,) * 50)]
