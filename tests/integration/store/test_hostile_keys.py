"""Names as long as the contract allows, in letters of four bytes, still fit into DynamoDB's keys."""

import pytest
from integration.store.test_storage import mapping
from integration.use_cases import CLUSTER, SLOT, T0, UseCases, process, route, row, snapshot

from slo.api.parameters import ObjectiveBody, ObjectiveParameters
from slo.errors import BadRequestError
from slo.store.keys import MAX_SORT_KEY_BYTES
from slo.traefik.snapshots import MAX_NAME, MAX_PATH

LETTER = "𝒳"
LONG_PATH = "/" + LETTER * (MAX_PATH - 1)


def test_a_push_with_the_longest_names_is_kept_and_booked(real: UseCases) -> None:
    pod, name = LETTER * MAX_NAME, LETTER * MAX_NAME
    info = route("a.example.com", LONG_PATH, name=name, router_keys=(name,), service_key=name, service_keys=(name,))
    for minute in range(2):
        taken_at = T0 + 60.0 * minute
        rows = [row(name, 5)] * minute
        real.push(snapshot(taken_at, [process(rows, taken_at, T0 - 100, pod)], (info,)))
    assert real.push(snapshot(T0 + 60.0, [process([row(name, 5)], T0 + 60, T0 - 100, pod)], (info,))).duplicates == 1
    real.roll_up(T0 + 2 * SLOT)
    assert real.requests() == {name: 5}
    assert [found.path_prefix for found in real.route_map.by_service_key(CLUSTER, name)] == [LONG_PATH]


def test_keys_that_had_to_be_cut_stay_apart(real: UseCases) -> None:
    one, other = (mapping("a.example.com", LONG_PATH + end) for end in "ab")
    real.route_map.upsert(one)
    real.route_map.upsert(other)
    assert len(real.route_map.by_service_key(CLUSTER, one.service_key)) == 2


def test_an_objective_for_a_path_that_no_key_can_hold_is_refused(real: UseCases) -> None:
    body = ObjectiveBody(availability=0.99, p95_latency=300)
    fits = ObjectiveParameters(domain="d" * 253, path_prefix="/" + "p" * (MAX_SORT_KEY_BYTES - len("monthly||/") - 253))
    objective, is_new = real.objective_editor.set(CLUSTER, "monthly", fits, body, if_match="", set_by="test")
    assert is_new
    assert objective.path_prefix == fits.path_prefix
    asked = ObjectiveParameters(domain="a", path_prefix=LONG_PATH)
    with pytest.raises(BadRequestError) as error:
        real.objective_editor.set(CLUSTER, "monthly", asked, body, if_match="", set_by="test")
    assert [item.field for item in error.value.errors] == ["path_prefix"]
