"""Objectives by annotations: reads `ingress-slo.io/...` of the objects that declare routes. Pure.

    ingress-slo.io/availability: "99.9"
    ingress-slo.io/latency: "99% < 300ms"
    ingress-slo.io/period: "calendar month"
    ingress-slo.io/channel: team-shop

What cannot be read is noted with the object, the annotation and what to write. The object's other annotations hold.
"""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Literal

import msgspec

from ingress_slo_agent.declared import DeclaredRule, Notes, infos_of
from ingress_slo_agent.objects import Object, ObjectKey, annotations, key, title
from slo.traefik.latencies import latency_share, milliseconds
from slo.traefik.naming import bounded
from slo.traefik.snapshots import CHANNEL_NAME_PATTERN, IngressRouteInfo, LatencyShare, Promise

PREFIX = "ingress-slo.io/"
_KNOWN = ("availability", "latency", "period", "time-zone", "owner", "channel")
_NAMES = ", ".join(_KNOWN)
_WITHOUT_ROUTES = frozenset({"Gateway", "GatewayClass", "IngressClass", "TraefikService"})
"""Kinds that the agent lists although they declare no routes."""
_CALENDAR = ("week", "month", "quarter")
_AVAILABILITY = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,6})?) ?%?")
_P95 = re.compile(r"p95 ?<(.*)")
_EXAMPLES = ("99% < 300ms", "p95 < 300ms")
_PERIODS: dict[str, Literal["7d", "28d", "30d", "week", "month", "quarter"]] = {
    "7 days": "7d",
    "28 days": "28d",
    "30 days": "30d",
    "calendar week": "week",
    "calendar month": "month",
    "calendar quarter": "quarter",
}
_HIGHEST = Decimal("99.999")
_MAX_OWNER = 200
_MAX_ZONE = 64
_MAX_SHOWN = 100


def promises_of(objects: Iterable[Object], rules: Iterable[DeclaredRule], notes: Notes) -> tuple[Promise, ...]:
    """What the objects promise for the places of their rules, sorted: one promise for each place.

    A rule counts although Traefik does not serve it, for example because its Service is missing for a moment: a promise
    does not end with an outage. If objects promise different things for a place, what the first one by kind, namespace
    and name promises holds.
    """
    rules = list(rules)
    declaring = {_key(rule) for rule in rules}
    found = {key(item): made for item in objects if (made := _promised(item, declaring, notes)) is not None}
    own = [rule for rule in rules if _key(rule) in found]
    routers = frozenset(name for rule in own for name in rule.router_keys)
    places = {(_key(info), info.domain, info.path_prefix) for info in infos_of(own, routers, Notes())}
    first: dict[tuple[str, str], ObjectKey] = {}
    for owner, domain, path_prefix in sorted(places):
        chosen = first.setdefault((domain, path_prefix), owner)
        if _figures(found[chosen]) != _figures(found[owner]):
            notes.add(
                f"its annotations promise something else for the same route than {found[chosen].declared_by}. "
                "What the latter promises is in force. Remove the annotations of one of them.",
                found[owner].declared_by,
            )
    return tuple(
        msgspec.structs.replace(found[owner], domain=domain, path_prefix=path_prefix)
        for (domain, path_prefix), owner in sorted(first.items())
    )


def _key(declared: DeclaredRule | IngressRouteInfo) -> ObjectKey:
    return (declared.kind, declared.namespace, declared.name)


def _figures(promise: Promise) -> Promise:
    return msgspec.structs.replace(promise, declared_by="")


def _promised(item: Object, declaring: set[ObjectKey], notes: Notes) -> Promise | None:
    """What an object promises, with its places left open; None if it promises nothing that can be kept."""
    texts = _texts(item)
    if not texts:
        return None
    if item["kind"] in _WITHOUT_ROUTES:
        notes.add(
            "its annotations promise nothing, because it declares no routes. Annotate the objects that do.",
            title(item),
        )
    if key(item) not in declaring:
        return None
    _note_unknown(texts, item, notes)
    reading = _Reading(texts, title(item), notes)
    availability = reading.availability()
    latency_objective, p95_latency = reading.latency()
    period = reading.period()
    time_zone, owner = reading.time_zone(is_calendar=period in _CALENDAR), reading.owner()
    channel = reading.channel()
    if availability is None:
        return None
    return Promise(
        domain="*",
        path_prefix="/",
        declared_by=bounded(title(item)),
        availability=availability,
        latency_objective=latency_objective,
        p95_latency=p95_latency,
        period=period,
        time_zone=time_zone,
        owner=owner,
        channel=channel,
    )


def _texts(item: Object) -> dict[str, str]:
    """The annotations with our prefix, without it; spaces are as between words."""
    ours = {name: value for name, value in annotations(item).items() if name.startswith(PREFIX)}
    return {name.removeprefix(PREFIX): " ".join(str(value).split()) for name, value in ours.items()}


def _note_unknown(texts: Mapping[str, str], item: Object, notes: Notes) -> None:
    for name in sorted(texts.keys() - set(_KNOWN)):
        notes.add(f"its annotation ingress-slo.io/{name} is not known. Known are {_NAMES}.", title(item))


class _Reading:
    """Reads the texts of one object's annotations."""

    def __init__(self, texts: Mapping[str, str], owner: str, notes: Notes) -> None:
        self._texts, self._title, self._notes = texts, owner, notes

    def availability(self) -> float | None:
        """Ratio."""
        text = self._texts.get("availability")
        if text is None:
            self._note("its annotations promise nothing without ingress-slo.io/availability. Write it like 99.9.")
            return None
        found = _AVAILABILITY.fullmatch(text)
        if found and 50 <= Decimal(found[1]) <= _HIGHEST:
            return float(Decimal(found[1]) / 100)
        self._note(
            f"its annotation ingress-slo.io/availability is no percentage from 50 to 99.999: {_shown(text)}. "
            "So its annotations promise nothing. Write it like 99.9."
        )
        return None

    def latency(self) -> tuple[LatencyShare | None, float | None]:
        """The share under a threshold, and the P95 in milliseconds."""
        if "latency" not in self._texts:
            return None, None
        text = self._texts["latency"].lower()
        p95 = milliseconds(found[1]) if (found := _P95.fullmatch(text)) else None
        share = latency_share(text)
        if share is not None or p95 is not None:
            return share, p95
        self._note(
            f"its annotation ingress-slo.io/latency cannot be read: {_shown(text)}. So no latency is promised. "
            f"Write it like {_EXAMPLES[0]} or {_EXAMPLES[1]}, with 99.999% and 600s at most."
        )
        return None, None

    def period(self) -> Literal["7d", "28d", "30d", "week", "month", "quarter"]:
        """30 days if nothing else is said."""
        text = self._texts.get("period", "30 days")
        found = _PERIODS.get(text.lower())
        if found is None:
            self._note(
                f"its annotation ingress-slo.io/period is not known: {_shown(text)}. So the period is 30 days. "
                f"Known are {', '.join(_PERIODS)}."
            )
        return found or "30d"

    def time_zone(self, *, is_calendar: bool) -> str:
        """As it is written; the stack knows time zones."""
        text = self._texts.get("time-zone", "")
        if text and not is_calendar:
            self._note(
                "its annotation ingress-slo.io/time-zone has no effect. "
                "Only calendar periods begin at midnight of a time zone."
            )
        return text[:_MAX_ZONE] if text and is_calendar else "UTC"

    def owner(self) -> str:
        """Cut to what is stored."""
        text = self._texts.get("owner", "")
        if len(text) > _MAX_OWNER:
            self._note(f"its annotation ingress-slo.io/owner is cut to {_MAX_OWNER} characters.")
        return text[:_MAX_OWNER]

    def channel(self) -> str:
        """As it is written; the stack knows which channels there are."""
        text = self._texts.get("channel", "")
        if text and re.match(CHANNEL_NAME_PATTERN, text) is None:
            self._note(
                f"its annotation ingress-slo.io/channel is no name of a channel: {_shown(text)}. So the rules of the "
                "notifications say who is told. Write the name of a channel, such as on-call."
            )
            return ""
        return text

    def _note(self, reason: str) -> None:
        self._notes.add(reason, self._title)


def _shown(text: str) -> str:
    return repr(text[:_MAX_SHOWN])
