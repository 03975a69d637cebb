"""Objectives by annotations: in force with the next push that promises them, gone with the next complete one."""

import gzip
from typing import Any

import pytest
from integration.use_cases import CLUSTER, T0, UseCases, process, row, snapshot

from lab.cloud.dynamodb_local import CapacityMeter
from slo.api.parameters import ObjectiveBody, ObjectiveChangesParameters, ObjectiveParameters
from slo.app import annotated_objectives
from slo.app.annotated_objectives import KUBERNETES
from slo.errors import BadRequestError, ConflictError
from slo.notifications.changes import Change
from slo.notifications.settings import Channel, Settings
from slo.objectives.objective import Objective, Objectives
from slo.objectives.periods import Period
from slo.objectives.targets import LatencyObjective, Subject
from slo.store.clusters import UNKNOWN_PROMISES
from slo.store.notifications import NotificationStore
from slo.traefik import snapshots
from slo.traefik.snapshots import LatencyShare, Promise, Snapshot

SHOP = Promise(
    domain="shop.example.com",
    path_prefix="/",
    declared_by="IngressRoute shop/web",
    availability=0.999,
    owner="Team Shop",
)
API = Promise(
    domain="shop.example.com",
    path_prefix="/api",
    declared_by="Ingress shop/api",
    availability=0.99,
    latency_objective=LatencyShare(0.99, 300),
    period="month",
    time_zone="Europe/Berlin",
)


def seen(minute: float, *promises: Promise, **changes: Any) -> Snapshot:
    at = T0 + 60 * minute
    return snapshot(at, [process([row("r@kubernetescrd", 5)], at, T0 - 9000)], promises=promises, **changes)


def stored(backend: UseCases) -> dict[tuple[str, str], Objective]:
    found = backend.objectives.of(CLUSTER, consistent=True)
    return {(each.subject.domain, each.subject.path_prefix): each for each in found}


def in_force(backend: UseCases) -> list[tuple[str, str]]:
    return sorted(stored(backend))


def test_what_a_push_promises_is_in_force_and_what_it_promises_no_more_is_gone(backend: UseCases) -> None:
    backend.push(seen(0, SHOP, API))
    objectives = stored(backend)
    assert list(objectives) == [("shop.example.com", ""), ("shop.example.com", "/api")]
    domain, api = objectives.values()
    assert (domain.availability, domain.period, domain.owner) == (0.999, Period("30d"), "Team Shop")
    assert (domain.origin, domain.name, domain.set_by) == ("annotation", KUBERNETES, "IngressRoute shop/web")
    assert domain.set_at == T0 + 1
    assert (api.latency_objective, api.p95_latency) == (LatencyObjective(0.99, 300), None)
    assert api.period == Period("month", "Europe/Berlin")
    backend.push(seen(1, SHOP))
    assert in_force(backend) == [("shop.example.com", "")]
    backend.push(seen(2))
    assert in_force(backend) == []


def test_what_is_promised_for_all_paths_holds_for_the_domain_and_for_paths_without_a_promise(backend: UseCases) -> None:
    backend.push(seen(0, SHOP, API))
    objectives = Objectives(backend.objectives.of(CLUSTER))
    found = [objectives.followed("shop.example.com", path).target.availability for path in ("", "/", "/cart", "/api")]
    assert found == [0.999, 0.999, 0.999, 0.99]


def test_a_changed_promise_is_a_change_of_the_objective_in_its_history(backend: UseCases) -> None:
    backend.push(seen(0, SHOP))
    backend.push(seen(1, SHOP.__replace__(availability=0.99)))
    backend.push(seen(2))
    changes = backend.objective_editor.changes(CLUSTER, ObjectiveChangesParameters()).changes
    assert [[one and one.availability for one in (each.before, each.after)] for each in changes] == [
        [0.99, None],
        [0.999, 0.99],
        [None, 0.999],
    ]
    assert {each.by for each in changes} == {"IngressRoute shop/web"}


def test_a_channel_is_that_of_the_objective_and_a_change_of_it_is_one_of_its_history(backend: UseCases) -> None:
    backend.push(seen(0, SHOP.__replace__(channel="on-call")))
    objectives = Objectives(backend.objectives.of(CLUSTER))
    assert objectives.followed("shop.example.com", "/cart").channel == "on-call", "nobody has made it yet"
    backend.push(seen(1, SHOP))
    assert Objectives(backend.objectives.of(CLUSTER)).followed("shop.example.com").channel == ""
    changes = backend.objective_editor.changes(CLUSTER, ObjectiveChangesParameters()).changes
    assert [each.after and each.after.channel for each in changes] == ["", "on-call"]


def test_a_push_that_promises_what_the_last_one_did_costs_what_one_without_promises_does(
    meter: CapacityMeter, real: UseCases
) -> None:
    costs = []
    for promises in ((), (SHOP, API)):
        for minute in range(30):
            real.push(seen(minute + 100 * len(promises), *promises))
            if minute == 1:
                meter.reset()
        costs.append((meter.write_units, meter.read_units, meter.requests))
    assert costs[0] == costs[1]
    assert meter.reads[real.names["TARGETS_TABLE"]] == meter.writes[real.names["TARGETS_TABLE"]] == 0


def test_an_incomplete_list_of_routes_adds_promises_and_takes_none_away(backend: UseCases) -> None:
    backend.push(seen(0, SHOP))
    backend.push(seen(1, routes_complete=False))
    assert in_force(backend) == [("shop.example.com", "")]
    backend.push(seen(2, API, routes_complete=False))
    assert in_force(backend) == [("shop.example.com", ""), ("shop.example.com", "/api")]
    backend.push(seen(3, API))
    assert in_force(backend) == [("shop.example.com", "/api")]


def test_an_older_agent_and_one_that_sees_no_objects_take_no_promise_away(backend: UseCases) -> None:
    backend.push(seen(0, SHOP))
    backend.push(seen(1).__replace__(promises=None))
    assert in_force(backend) == [("shop.example.com", "")]
    document = snapshots.encode(seen(2).__replace__(sent_at=T0 + 121)).replace(b',"promises":[]', b"")
    assert b"promises" not in document
    backend.now = T0 + 121
    backend.ingest.accept(CLUSTER, gzip.compress(document))
    assert in_force(backend) == [("shop.example.com", "")]


@pytest.mark.parametrize("late", [20, 400], ids=["soon", "late"])
def test_a_snapshot_that_a_newer_one_overtook_changes_no_promise(backend: UseCases, late: int) -> None:
    backend.push(seen(0, SHOP))
    backend.push(seen(2, SHOP))
    overtaken = seen(1, API)
    for repetition in range(2):
        backend.push(overtaken, at=T0 + 120 + late + repetition)
    assert in_force(backend) == [("shop.example.com", "")]
    backend.push(seen(10, API))
    assert in_force(backend) == [("shop.example.com", "/api")]


def test_a_repetition_changes_nothing(backend: UseCases) -> None:
    pushed = seen(0, SHOP)
    backend.push(pushed)
    before = stored(backend)
    backend.push(pushed, at=T0 + 5)
    assert stored(backend) == before
    assert len(backend.objective_editor.changes(CLUSTER, ObjectiveChangesParameters()).changes) == 1


def test_many_promises_come_into_force_over_several_pushes(
    moto_backend: UseCases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(annotated_objectives, "MOST_CHANGES", 3)
    promises = [SHOP.__replace__(path_prefix=f"/{number}") for number in range(7)]
    counts = []
    for minute in range(4):
        moto_backend.push(seen(minute, *promises))
        counts.append(len(in_force(moto_backend)))
    moto_backend.push(seen(4, API, SHOP))
    counts.append(len(in_force(moto_backend)))
    for minute in range(5, 8):
        moto_backend.push(seen(minute, API, SHOP))
    assert counts == [3, 6, 7, 7, 8]
    assert in_force(moto_backend) == [("shop.example.com", ""), ("shop.example.com", "/api")]


def test_what_was_changed_in_part_and_is_promised_no_more_is_taken_back(
    moto_backend: UseCases, monkeypatch: pytest.MonkeyPatch
) -> None:
    moto_backend.push(seen(0, SHOP))
    monkeypatch.setattr(annotated_objectives, "MOST_CHANGES", 3)
    moto_backend.push(seen(1, SHOP, *(SHOP.__replace__(path_prefix=f"/{number}") for number in range(7))))
    assert len(in_force(moto_backend)) == 4
    moto_backend.push(seen(2, SHOP))
    assert in_force(moto_backend) == [("shop.example.com", "")]


def test_promises_are_compared_again_if_another_snapshot_came_in_between(backend: UseCases) -> None:
    backend.push(seen(0, SHOP))
    backend.push(seen(1))
    stale = Objective(
        subject=Subject("shop.example.com"),
        name=KUBERNETES,
        availability=0.9,
        origin="annotation",
        version=1,
        set_by="IngressRoute shop/web",
        set_at=T0,
    )
    backend.objectives.put(CLUSTER, stale, None)
    backend.clusters.note_promises(CLUSTER, b"of the first", T0)
    backend.push(seen(2))
    assert in_force(backend) == []


def test_promises_are_compared_again_after_tables_were_restored(backend: UseCases) -> None:
    backend.push(seen(0, SHOP))
    (objective,) = stored(backend).values()
    backend.objectives.delete(CLUSTER, objective, at=T0, by="a table of an earlier time")
    backend.push(seen(1, SHOP))
    assert in_force(backend) == []
    state = backend.clusters.get(CLUSTER, consistent=True)
    assert state is not None
    generation = backend.clusters.claim(state)
    backend.clusters.finish_import(CLUSTER, generation, state.watermark, T0, state.catalogue_version)
    backend.push(seen(2, SHOP))
    assert in_force(backend) == [("shop.example.com", "")]


def test_nothing_is_noted_for_a_cluster_that_was_removed_meanwhile(backend: UseCases) -> None:
    backend.clusters.note_promises("gone", UNKNOWN_PROMISES, T0)
    assert backend.clusters.get("gone", consistent=True) is None


def put(backend: UseCases, name: str, **changes: Any) -> None:
    asked = ObjectiveParameters(domain="shop.example.com")
    body = ObjectiveBody(availability=0.95, is_followed=True)
    backend.objective_editor.set(CLUSTER, name, asked, body, set_by="ops", **{"if_match": "", **changes})


def test_an_annotation_holds_before_what_is_set_on_the_page_and_leaves_it_alone(backend: UseCases) -> None:
    put(backend, "monthly")
    backend.push(seen(0, SHOP))
    assert Objectives(backend.objectives.of(CLUSTER)).followed("shop.example.com").target.availability == 0.999
    backend.push(seen(1))
    followed = Objectives(backend.objectives.of(CLUSTER)).followed("shop.example.com")
    assert (followed.target.availability, followed.objective and followed.objective.name) == (0.95, "monthly")


def test_an_objective_of_an_annotation_is_changed_in_kubernetes_only(backend: UseCases) -> None:
    backend.push(seen(0, SHOP))
    (before,) = stored(backend).values()
    asked = ObjectiveParameters(domain="shop.example.com")
    with pytest.raises(ConflictError, match=r"IngressRoute shop/web in Kubernetes .* ingress-slo\.io/"):
        put(backend, KUBERNETES, if_match=f'"{before.version}"')
    with pytest.raises(ConflictError, match="IngressRoute shop/web"):
        backend.objective_editor.delete(CLUSTER, KUBERNETES, asked, if_match=f'"{before.version}"', set_by="ops")
    assert list(stored(backend).values()) == [before]


def test_nobody_else_takes_the_name_of_these_objectives(moto_backend: UseCases) -> None:
    with pytest.raises(BadRequestError) as refused:
        put(moto_backend, KUBERNETES)
    assert refused.value.errors[0].field == "name"
    assert in_force(moto_backend) == []


def test_a_time_zone_that_nobody_knows_is_named_and_its_period_begins_in_utc(backend: UseCases) -> None:
    backend.push(seen(0, SHOP, API.__replace__(time_zone="Europe/Brelin")))
    assert stored(backend)["shop.example.com", "/api"].period == Period("month", "UTC")
    state = backend.clusters.get(CLUSTER, consistent=True)
    assert state is not None
    assert state.warnings[0] == (
        "Ingress shop/api: its annotation ingress-slo.io/time-zone is no time zone: Europe/Brelin. "
        "So its period begins at midnight UTC. Write an IANA name, such as Europe/Berlin."
    )


def test_a_channel_that_does_not_exist_is_named_until_it_does(backend: UseCases) -> None:
    def warned() -> list[str]:
        state = backend.clusters.get(CLUSTER, consistent=True)
        assert state is not None
        return [warning for warning in state.warnings if "channel" in warning]

    backend.push(seen(0, SHOP.__replace__(channel="team-shop"), API))
    assert warned() == [
        "IngressRoute shop/web: its annotation ingress-slo.io/channel names a channel that does not exist: team-shop. "
        "So the rules of the notifications say who is told. Add the channel, or change the annotation."
    ]
    assert stored(backend)["shop.example.com", ""].channel == "team-shop"
    made = Settings(version=1, channels=(Channel(name="team-shop", kind="webhook"),))
    store = backend.stores.of(NotificationStore)
    store.put(made, 0, Change(at=T0, by="ops", what="channel_set", about="team-shop"))
    backend.push(seen(1, SHOP.__replace__(channel="team-shop"), API))
    assert warned() == []


def test_a_route_whose_name_no_key_holds_is_named_and_the_others_hold(backend: UseCases) -> None:
    backend.push(seen(0, SHOP, API.__replace__(path_prefix="/" + "x" * 1023)))
    assert in_force(backend) == [("shop.example.com", "")]
    state = backend.clusters.get(CLUSTER, consistent=True)
    assert state is not None
    assert state.warnings[0].startswith("Ingress shop/api: its annotations promise nothing for a route")


def test_one_subject_in_two_spellings_has_one_objective(backend: UseCases) -> None:
    backend.push(seen(0, SHOP.__replace__(domain="Shop.Example.com"), SHOP.__replace__(availability=0.9)))
    assert [each.availability for each in stored(backend).values()] == [0.999]
    backend.push(seen(1, SHOP.__replace__(domain="Shop.Example.com"), SHOP.__replace__(availability=0.9)))
    assert len(backend.objective_editor.changes(CLUSTER, ObjectiveChangesParameters()).changes) == 1
