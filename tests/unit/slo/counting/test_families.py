"""Parents and children of Traefik's multi-layer routing."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from slo.counting.catalogue import Catalogue, Entry, Route
from slo.counting.counts import Counts
from slo.counting.families import Family, families, rest
from slo.traefik.snapshots import IngressRouteInfo

UP, DOWN = "ns-up-1@kubernetescrd", "ns-down-2@kubernetescrd"


def info(key: str, *parents: str) -> IngressRouteInfo:
    return IngressRouteInfo(
        name="x", namespace="ns", domain="a", service_key=key, router_keys=(key,), parent_keys=parents
    )


def catalogue(infos: list[IngressRouteInfo], *routers: str) -> Catalogue:
    entries = tuple(Entry(number, router, "s", (("a", "/"),), ()) for number, router in enumerate(routers, 1))
    return Catalogue(routes=tuple(Route(each, 0) for each in infos), entries=entries)


def counts(**codes: int) -> Counts:
    named = {code.removeprefix("c"): count for code, count in codes.items()}
    return Counts(named, {"GET": sum(named.values())}, [sum(named.values())] * 2, 5)


def test_a_parents_copies_and_its_children_are_one_family() -> None:
    infos = [info(UP), info(DOWN, UP), info("ns-other-3@kubernetescrd")]
    found = families(catalogue(infos, UP, f"websecure-{UP}", DOWN, "ns-other-3@kubernetescrd"))
    assert found == (Family((1, 2), (3,)),)


def test_children_that_share_a_parent_are_one_family_and_others_another() -> None:
    infos = [info("b@x", "a@x"), info("c@x", "a@x"), info("e@x", "d@x")]
    assert families(catalogue(infos, "a@x", "b@x", "c@x", "d@x", "e@x")) == (
        Family((1,), (2, 3)),
        Family((4,), (5,)),
    )


def test_without_children_there_is_no_family() -> None:
    assert families(catalogue([info(UP)], UP)) == ()


def test_what_no_child_took_is_the_parents_own_and_has_no_latency() -> None:
    found = rest(Family((1,), (2, 3)), {1: counts(c200=5, c404=1), 2: counts(c200=3), 3: counts(c200=2)}, {})
    assert found.counts == {1: Counts({"404": 1}, {"GET": 1}, [0, 0], 0)}
    assert found.owed == {}


def test_a_scrape_between_child_and_parent_owes_the_request() -> None:
    family = Family((1,), (2,))
    first = rest(family, {2: counts(c200=1)}, {})
    assert (first.counts, first.owed) == ({}, {"200": 1})
    second = rest(family, {1: counts(c200=1, c401=2)}, first.owed)
    assert ({key: each.codes for key, each in second.counts.items()}, second.owed) == ({1: {"401": 2}}, {})


def test_two_parents_share_what_their_child_took() -> None:
    found = rest(Family((1, 2), (3,)), {1: counts(c200=4), 2: counts(c200=3, c404=1), 3: counts(c200=7)}, {})
    assert {key: each.codes for key, each in found.counts.items()} == {2: {"404": 1}}


EVENTS = st.lists(
    st.tuples(st.sampled_from([1, 2]), st.sampled_from(["200", "404"]), st.booleans(), st.integers(0, 3)), max_size=30
)


@given(EVENTS)
def test_however_scrapes_fall_the_sum_is_what_the_parents_counted(
    events: list[tuple[int, str, bool, int]],
) -> None:
    """Each request is counted by its child, if one took it, and then (up to three scrapes later) by its parent."""
    family, booked, taken = Family((1, 2), (3,)), Counter[str](), Counter[str]()
    owed: dict[str, int] = {}
    seen: list[dict[int, Counter[str]]] = [{1: Counter(), 2: Counter(), 3: Counter()} for _ in range(len(events) + 4)]
    for moment, (parent, code, by_child, delay) in enumerate(events):
        if by_child:
            seen[moment][3][code] += 1
        seen[moment + delay][parent][code] += 1
    for interval in seen:
        gained = {key: Counts(dict(codes), {"GET": codes.total()}, [], 0) for key, codes in interval.items()}
        found = rest(family, gained, owed)
        owed = found.owed
        taken.update(gained[3].codes)
        for each in found.counts.values():
            assert all(count > 0 for count in each.codes.values())
            assert sum(each.methods.values()) == each.requests
            booked.update(each.codes)
    assert booked + taken == Counter(code for _, code, _, _ in events)
