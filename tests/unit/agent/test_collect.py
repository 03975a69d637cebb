import pytest

from ingress_slo_agent.collect import collect
from ingress_slo_agent.settings import from_environment


@pytest.mark.parametrize(
    ("endpoint", "is_said"), [("http://slo.example.com", True), ("https://slo.example.com", False)]
)
def test_a_token_in_the_clear_is_a_warning_wherever_the_cluster_is_shown(endpoint: str, is_said: bool) -> None:
    environ = {"CLUSTER_ID": "c1", "TOKEN": "islo_x", "ENDPOINT": endpoint, "TRAEFIK_API": "off"}
    warnings = collect(None, from_environment(environ), lambda: 0.0).snapshot.warnings
    assert any("without TLS" in warning for warning in warnings) == is_said


def test_an_agent_that_sees_no_objects_does_not_say_that_they_promise_nothing() -> None:
    environ = {"CLUSTER_ID": "c1", "TOKEN": "islo_x", "ENDPOINT": "https://slo.example.com", "TRAEFIK_API": "off"}
    assert collect(None, from_environment(environ), lambda: 0.0).snapshot.promises is None
