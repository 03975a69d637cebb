"""Sets of promises that files may keep, at random."""

import random
from typing import Any

from ingress_slo.openslo.promise import Promise, subject_key
from slo.api.parameters import ObjectiveBody
from slo.objectives.targets import ALL_CLUSTERS, EVERYTHING, LatencyObjective, Subject

DOMAINS = (
    "",
    "cluster",
    "shop.example.com",
    "shop-example.com",
    "*.example.com",
    "bücher.example",
    "{name:[a-z|%]+}.example.com",
    "a" * 60 + ".example.com",
    "null",
)
PATHS = ("", "/", "/pay", "/pay/{id:[0-9]+}", "/a-b", "/a/b", "/ä: 'b' #c", "{re:/x|y}", "/" + "p" * 100)
NAMES = ("monthly", "7d", "a", "a-b", "b-7d", "0", "n" * 63)
ZONES = ("UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Etc/GMT+5")
CHANNELS = ("", "", "on-call", "0", "ingress-slo", "null", "c" * 63)
OWNERS = ("", "shop", "Ada & Söhne: #1", "true", "- x", "a\nb", "\u2028\ufeff", "🙂", "'\"", " ", "x" * 200)


def promise(**changes: Any) -> Promise:
    """A promise for a domain, with these differences."""
    cluster_id = changes.pop("cluster_id", "c1")
    default = "" if cluster_id == ALL_CLUSTERS else "shop.example.com"
    subject = subject_key(cluster_id, changes.pop("domain", default), changes.pop("path", ""))
    name = changes.pop("name", "monthly")
    return Promise(subject, name, ObjectiveBody(**{"availability": 0.999, "origin": "file", **changes}))


def random_set(chance: random.Random, most: int = 4) -> tuple[Promise, ...]:
    """Up to `most` promises, of which at most one of a subject is marked."""
    found: dict[tuple[Subject, str], Promise] = {}
    marked = set()
    for _ in range(chance.randint(1, most)):
        domain = chance.choice((*DOMAINS, ALL_CLUSTERS))
        is_of_domain = domain not in ("", ALL_CLUSTERS)
        path = chance.choice(PATHS) if is_of_domain else ""
        subject = EVERYTHING if domain == ALL_CLUSTERS else subject_key("c1", domain, path)
        is_followed = subject not in marked and chance.random() < 0.3
        one = Promise(subject, chance.choice(NAMES), _body(chance, is_followed=is_followed))
        if one.key not in found:
            found[one.key] = one
            marked |= {subject} if is_followed else set()
    return tuple(sorted(found.values(), key=lambda one: one.key))


def _body(chance: random.Random, *, is_followed: bool) -> ObjectiveBody:
    period: Any = chance.choice(("7d", "28d", "30d", "week", "month", "quarter"))
    return ObjectiveBody(
        availability=min(0.99999, round(chance.uniform(0.5, 1), chance.randint(1, 5))),
        period=period,
        time_zone="UTC" if period.endswith("d") else chance.choice(ZONES),
        p95_latency=chance.choice((None, None, None, 300.0, 0.1, 1234.5, 600_000.0)),
        latency_objective=chance.choice((None, None, LatencyObjective(0.99, 250.0), LatencyObjective(0.95, 0.3))),
        minimum_requests=chance.choice((0, 100, 1_000_000)),
        owner=chance.choice(OWNERS),
        channel=chance.choice(CHANNELS),
        is_followed=is_followed,
        origin="file",
    )
