from typing import Any

import pytest

from ingress_slo.api import ApiError
from ingress_slo.doctor.account import _agent_tokens
from ingress_slo.doctor.cluster import _options
from ingress_slo.doctor.findings import Finding
from ingress_slo.doctor.remote import _second_stage, _todo_without_an_answer, check_cluster, skew
from ingress_slo_agent.settings import from_environment
from ingress_slo_agent.traefik_pods import TraefikPods
from slo.api.tokens import Token
from slo.times import utc

NOW = 1_800_000_000.0
SETTINGS = from_environment({"CLUSTER_ID": "c1"}, needs_server=False)


def cluster(**changes: Any) -> dict[str, Any]:
    return {
        "cluster_id": "c1",
        "last_snapshot_at": utc(NOW - 40).isoformat(),
        "agent_version": "0.1.0",
        "booked_until": utc(NOW - 200).isoformat(),
        "lag_seconds": 200.0,
        "router_labels": True,
        "processes": 2,
        "unreachable": 0,
        "routes_complete": True,
        "warnings": [],
        **changes,
    }


def findings(**changes: Any) -> dict[str, Finding]:
    return {finding.check: finding for finding in check_cluster(cluster(**changes), NOW)}


def test_a_cluster_that_is_well_watched_has_nothing_to_do() -> None:
    assert {finding.state for finding in findings().values()} == {"ok"}


@pytest.mark.parametrize(
    ("changes", "check", "state", "todo"),
    [
        ({"last_snapshot_at": utc(NOW - 301).isoformat()}, "last snapshot", "failed", "CronJob"),
        ({"lag_seconds": None, "booked_until": None}, "rollup", "warning", "Wait"),
        ({"lag_seconds": None}, "rollup", "ok", ""),
        ({"lag_seconds": 1_300.0}, "rollup", "failed", "dead-letters"),
        ({"router_labels": False}, "router labels", "failed", "addRoutersLabels"),
        ({"processes": 0, "router_labels": None}, "Traefik", "failed", "TRAEFIK_SELECTOR"),
        ({"unreachable": 1}, "Traefik", "warning", "NetworkPolicies"),
        ({"routes_complete": False}, "routes", "warning", "ClusterRole"),
        ({"warnings": ["Mend this."]}, "agent", "warning", ""),
    ],
)
def test_what_is_wrong_with_a_cluster_says_what_to_do(
    changes: dict[str, Any], check: str, state: str, todo: str
) -> None:
    found = findings(**changes)[check]
    assert found.state == state
    assert todo in found.todo


@pytest.mark.parametrize(("seconds", "state"), [(0, "ok"), (-30, "ok"), (31, "warning"), (-700, "failed")])
def test_a_clock_that_is_wrong_is_said_before_snapshots_are_refused(seconds: float, state: str) -> None:
    assert skew("clock", seconds).state == state


@pytest.mark.parametrize(
    ("arguments", "metrics", "labels"),
    [
        (["--metrics.prometheus=true", "--metrics.prometheus.addRoutersLabels=true"], "ok", "ok"),
        (["--metrics.prometheus", "--metrics.prometheus.addrouterslabels"], "ok", "ok"),
        (["--metrics.prometheus.addRoutersLabels=true"], "ok", "ok"),
        (["--metrics.prometheus=true", "--metrics.prometheus.addRoutersLabels=false"], "ok", "failed"),
        (["--metrics.prometheus=false"], "failed", "warning"),
        ([], "warning", "warning"),
    ],
)
def test_traefiks_options_are_read_from_its_command_line(arguments: list[str], metrics: str, labels: str) -> None:
    pod = {"metadata": {"namespace": "traefik", "name": "a"}, "spec": {"containers": [{"args": arguments}]}}
    found = {finding.check: finding.state for finding in _options(TraefikPods((pod,)), SETTINGS)}
    assert (found["option metrics.prometheus"], found["option addRoutersLabels"]) == (metrics, labels)


def test_an_option_whose_effect_is_seen_is_on_wherever_it_was_set() -> None:
    pod = {"metadata": {"namespace": "traefik", "name": "a"}, "spec": {"containers": [{}]}}
    assert {finding.state for finding in _options(TraefikPods((pod,)), SETTINGS, has_router_series=True)} == {"ok"}


def test_without_a_pod_it_says_which_labels_were_looked_for() -> None:
    [finding] = _options(TraefikPods(), SETTINGS)
    assert finding.state == "failed"
    assert "app.kubernetes.io/name=traefik" in finding.says


class Answers:
    """Stands for the API: answers at these addresses, and elsewhere as API Gateway does for an unknown stage."""

    def __init__(self, url: str, *known: str) -> None:
        self.url, self._known = url, known or (url,)

    def at(self, url: str) -> "Answers":
        return Answers(url, *self._known)

    def time(self) -> float:
        if self.url not in self._known:
            raise ApiError("403: Forbidden")
        return NOW


HOST = "https://abc123.execute-api.eu-central-1.amazonaws.com"


def test_a_second_stage_of_an_older_version_is_named_with_the_command_that_deletes_it() -> None:
    [found] = _second_stage(Answers(f"{HOST}/prod", f"{HOST}/prod", f"{HOST}/Stage"))  # type: ignore[arg-type]
    assert found.state == "warning"
    assert "delete-stage --rest-api-id abc123 --stage-name Stage --region eu-central-1" in found.todo


@pytest.mark.parametrize("url", [f"{HOST}/prod", f"{HOST}/Stage", "https://slo.example.com"])
def test_one_stage_is_nothing_to_say(url: str) -> None:
    assert list(_second_stage(Answers(url))) == []  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("says", "todo"),
    [("500: The server failed", "built for another processor"), ("https://x cannot be", "INGRESS_SLO_URL")],
)
def test_an_api_that_fails_is_not_an_address_that_is_wrong(says: str, todo: str) -> None:
    assert todo in _todo_without_an_answer(says)


@pytest.mark.parametrize(
    ("agent", "todo"), [("0.0.9", "Upgrade the agent"), ("99.0.0", "Deploy the newer release's stack"), ("", "")]
)
def test_an_agent_of_another_version_says_which_side_to_upgrade(agent: str, todo: str) -> None:
    found = findings(agent_version=agent)
    assert todo in found["versions"].todo if todo else "versions" not in found


def token(**changes: Any) -> Token:
    values: dict[str, Any] = {
        "token_hash": "0" * 64,
        "scope": "ingest",
        "clusters": ("c1",),
        "label": "",
        "created_at": 0,
    }
    return Token(**{**values, "expires_at": None, **changes})


@pytest.mark.parametrize(
    ("tokens", "state", "says"),
    [
        ([token()], "ok", "1 valid"),
        ([], "failed", "no valid token"),
        ([token(scope="read"), token(clusters=("c2",)), token(revoked_at=NOW - 1)], "failed", "no valid token"),
        ([token(expires_at=NOW - 1)], "failed", "no valid token"),
        ([token(expires_at=NOW + 3_600)], "warning", "in 1h"),
        ([token(expires_at=NOW + 3_600), token()], "ok", "2 valid"),
    ],
)
def test_an_agent_without_a_valid_token_is_said_before_it_falls_silent(
    tokens: list[Token], state: str, says: str
) -> None:
    [found] = _agent_tokens(tokens, "c1", NOW)
    assert (found.state, says in found.says) == (state, True), found
    assert (found.todo == "") == (state == "ok")
