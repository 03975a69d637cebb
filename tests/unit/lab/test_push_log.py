import json
from pathlib import Path
from typing import Any

import pytest

from lab.push_log import PushLog

API = "shop-shop-1a2b@kubernetescrd"


def log(folder: Path, truth: dict[str, dict[str, int]], *routes: dict[str, Any]) -> PushLog:
    snapshot = {"cluster_id": "c1", "taken_at": 100.0, "ingress_routes": routes}
    lines = [{"truth": truth}, {"at": 101.5, "snapshot": snapshot}]
    file = folder / "pushes.jsonl"
    file.write_text("\n".join(map(json.dumps, lines)))
    return PushLog(file)


def rule(codes: dict[str, int], measured_by: str = "router") -> dict[str, Any]:
    return {"codes": codes, "measured_by": measured_by}


def test_what_is_booked_as_the_access_log_says_does_not_differ(tmp_path: Path) -> None:
    assert log(tmp_path, {API: {"200": 3}}).differences({API: rule({"200": 3})}) == {}


def test_a_code_that_differs_is_named_by_router_and_in_the_sum(tmp_path: Path) -> None:
    differences = log(tmp_path, {API: {"200": 3, "503": 1}}).differences({API: rule({"200": 3})})
    missing = {"503": {"truth": 1, "booked": 0}}
    assert differences == {API: missing, "(sum)": missing}


def test_requests_under_the_wrong_router_differ_although_the_sums_agree(tmp_path: Path) -> None:
    differences = log(tmp_path, {API: {"200": 3}}).differences({"other@file": rule({"200": 3})})
    assert set(differences) == {API, "other@file"}


def test_a_grpc_status_is_compared_with_the_status_that_its_answer_had_over_http(tmp_path: Path) -> None:
    assert log(tmp_path, {API: {"200": 4}}).differences({API: rule({"grpc:14": 3, "200": 1})}) == {}


def test_without_router_labels_the_routers_of_a_service_are_compared_with_it(tmp_path: Path) -> None:
    service = "shop-web-80@kubernetes"
    route = {"router_keys": ["a@kubernetes"], "service_keys": [service]}
    other = {"router_keys": ["b@kubernetes"], "service_keys": [service]}
    truth = {"a@kubernetes": {"200": 1}, "websecure-a@kubernetes": {"200": 2}, "b@kubernetes": {"200": 4}}
    assert log(tmp_path, truth, route, other).differences({service: rule({"200": 7}, "service")}) == {}


def test_a_file_without_pushes_is_explained(tmp_path: Path) -> None:
    file = tmp_path / "empty.jsonl"
    file.write_text('{"truth": {}}\n')
    with pytest.raises(ValueError, match="has no pushes"):
        PushLog(file)
