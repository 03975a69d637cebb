"""What is set for all clusters holds in each of them, is kept once, and gives way to what is set for a cluster."""

import pytest
from integration.use_cases import CLUSTER, T0, UseCases, process, route, row, snapshot

from slo.api.http import cluster_of
from slo.api.parameters import (
    ExclusionBody,
    ObjectiveBody,
    ObjectiveChangesParameters,
    ObjectiveParameters,
    WindowParameters,
    read_parameters,
)
from slo.api.tokens import Grant
from slo.app.remove_cluster import RemoveCluster
from slo.errors import BadRequestError, ConflictError, ForbiddenError, NotFoundError
from slo.objectives.targets import ALL_CLUSTERS
from slo.times import utc

OTHER = "c2"
SHOP = "shop.example.com"
EVERY = ObjectiveParameters()
CLUSTERS = (CLUSTER, OTHER)


def push(backend: UseCases, cluster_id: str, minute: int) -> None:
    """100 requests a minute, of which one fails."""
    at = T0 + 60.0 * minute
    rows = [row(route(SHOP).router_keys[0], 99 * minute, minute)]
    backend.push(snapshot(at, [process(rows, at, T0 - 4000.0)], (route(SHOP),), cluster_id=cluster_id))


@pytest.fixture
def two(backend: UseCases) -> UseCases:
    """Two clusters with ten minutes of requests."""
    for minute in range(11):
        for cluster_id in CLUSTERS:
            push(backend, cluster_id, minute)
    return backend


def put(
    backend: UseCases, cluster_id: str, name: str = "usual", asked: ObjectiveParameters = EVERY, **body: object
) -> str:
    made = ObjectiveBody(**{"availability": 0.999, **body})  # type: ignore[arg-type]
    saved, _ = backend.objective_editor.set(cluster_id, name, asked, made, if_match="", set_by="ops")
    return f'"{saved.version}"'


def judged(backend: UseCases, cluster_id: str) -> tuple[str, float, str]:
    """Level, availability and status of the domain."""
    domain = backend.query.domain(cluster_id, SHOP, WindowParameters()).domain
    target = domain.targets["1d"]
    return target.source, target.availability, domain.status


def test_it_holds_at_once_in_each_cluster_and_is_kept_once(two: UseCases) -> None:
    assert [judged(two, each)[0] for each in CLUSTERS] == ["preset", "preset"]
    put(two, ALL_CLUSTERS)
    assert [judged(two, each) for each in CLUSTERS] == [("all", 0.999, "critical")] * 2
    push(two, "c3", 1)
    push(two, "c3", 2)
    assert judged(two, "c3")[0] == "all", "a cluster that is new follows it, too"
    listed = [two.objective_editor.all(each).objectives for each in (*CLUSTERS, ALL_CLUSTERS)]
    assert listed[0] == listed[1] == listed[2]
    assert [(each.cluster_id, each.domain, each.is_followed) for each in listed[0]] == [("*", None, True)]


def test_what_is_set_for_a_cluster_holds_before_it(two: UseCases) -> None:
    put(two, ALL_CLUSTERS, is_followed=True, period="quarter")
    put(two, CLUSTER, availability=0.9)
    assert [judged(two, each)[:2] for each in CLUSTERS] == [("cluster", 0.9), ("all", 0.999)]
    assert [(each.cluster_id, each.is_followed) for each in two.objective_editor.all(CLUSTER).objectives] == [
        ("*", True),
        (CLUSTER, True),
    ], "each is the followed one of its subject"
    put(two, CLUSTER, asked=ObjectiveParameters(domain=SHOP), availability=0.95)
    assert judged(two, CLUSTER)[:2] == ("domain", 0.95)


def test_the_mark_of_a_cluster_is_not_that_of_all(two: UseCases) -> None:
    put(two, ALL_CLUSTERS, "first", is_followed=True)
    put(two, CLUSTER, "own", is_followed=True)
    two.now += 1
    put(two, ALL_CLUSTERS, "second", is_followed=True)
    followed = {each.name: each.is_followed for each in two.objective_editor.all(CLUSTER).objectives}
    assert followed == {"first": False, "second": True, "own": True}


def test_it_is_changed_and_deleted_for_all_clusters_only(two: UseCases) -> None:
    version = put(two, ALL_CLUSTERS)
    with pytest.raises(NotFoundError):
        two.objective_editor.delete(CLUSTER, "usual", EVERY, if_match=version, set_by="ops")
    two.objective_editor.delete(ALL_CLUSTERS, "usual", EVERY, if_match=version, set_by="ops")
    assert [judged(two, each)[0] for each in CLUSTERS] == ["preset", "preset"]


def test_it_is_for_every_domain(two: UseCases) -> None:
    for asked in (ObjectiveParameters(domain=SHOP), ObjectiveParameters(path_prefix="/")):
        with pytest.raises(BadRequestError) as refused:
            put(two, ALL_CLUSTERS, asked=asked)
        assert refused.value.errors[0].message.startswith("With cluster_id=* it is for every domain of all clusters.")


def test_its_changes_are_among_those_of_each_cluster(two: UseCases) -> None:
    for number, cluster_id in enumerate((ALL_CLUSTERS, CLUSTER, ALL_CLUSTERS, OTHER)):
        two.now += 60
        put(two, cluster_id, f"n{number}")

    def named(cluster_id: str) -> list[tuple[str, str]]:
        found = two.objective_editor.changes(cluster_id, ObjectiveChangesParameters(domain=SHOP)).changes
        return [(each.after.cluster_id, each.after.name) for each in found if each.after]

    assert named(CLUSTER) == [("*", "n2"), (CLUSTER, "n1"), ("*", "n0")]
    assert named(OTHER) == [(OTHER, "n3"), ("*", "n2"), ("*", "n0")]
    assert named(ALL_CLUSTERS) == [("*", "n2"), ("*", "n0")]


def test_a_time_is_excluded_in_all_clusters_and_included_again(two: UseCases) -> None:
    def served(cluster_id: str) -> int:
        return two.query.domain(cluster_id, SHOP, WindowParameters()).domain.summary.total_requests

    before = [served(each) for each in CLUSTERS]
    body = ExclusionBody(start=utc(T0), end=utc(T0 + 300), reason="the provider was down")
    made = two.exclusion_editor.add(ALL_CLUSTERS, EVERY, body, set_by="ops")
    assert (made.cluster_id, made.domain) == ("*", None)
    assert [served(each) for each in CLUSTERS] == [500, 500]
    listed = two.exclusion_editor.all(CLUSTER).exclusions
    assert listed == two.exclusion_editor.all(ALL_CLUSTERS).exclusions == (made,)
    with pytest.raises(NotFoundError):
        two.exclusion_editor.delete(CLUSTER, made.exclusion_id, set_by="ops")
    two.exclusion_editor.delete(ALL_CLUSTERS, made.exclusion_id, set_by="ops")
    assert [served(each) for each in CLUSTERS] == before == [1000, 1000]


def test_a_cluster_that_is_removed_takes_nothing_of_it_along(two: UseCases) -> None:
    put(two, ALL_CLUSTERS)
    put(two, OTHER, "own")
    RemoveCluster(two.stores, sleep=lambda _: None).run(OTHER, lambda _: None, is_forced=True)
    assert [each.name for each in two.objective_editor.all(OTHER).objectives] == ["usual"]
    assert judged(two, CLUSTER)[0] == "all"


def test_it_cannot_have_the_name_of_annotations(two: UseCases) -> None:
    with pytest.raises((BadRequestError, ConflictError)):
        put(two, ALL_CLUSTERS, "kubernetes")


def test_only_a_token_for_all_clusters_may_read_and_change_it_apart() -> None:
    asked = read_parameters(ObjectiveParameters, {"cluster_id": "*"})
    assert cluster_of(Grant("manage", (), "ops"), asked) == ALL_CLUSTERS
    for scope, clusters in (("manage", (CLUSTER,)), ("read", CLUSTERS), ("manage", ("*",))):
        with pytest.raises(ForbiddenError, match="need a token for all clusters"):
            cluster_of(Grant(scope, clusters, "team"), asked)
    with pytest.raises(BadRequestError):
        read_parameters(WindowParameters, {"cluster_id": "*"})
