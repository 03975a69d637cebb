import pytest

from ingress_slo_agent.settings import from_environment
from slo.runtime.settings import SettingsError


def shows_token(endpoint: str) -> bool:
    return from_environment({"CLUSTER_ID": "c1", "TOKEN": "islo_x", "ENDPOINT": endpoint}).server.shows_token


@pytest.mark.parametrize(
    "endpoint", ["http://slo.example.com", "HTTP://10.0.0.1:8080/prod", "http://localhost.example"]
)
def test_a_token_that_leaves_the_machine_in_the_clear_is_noticed(endpoint: str) -> None:
    assert shows_token(endpoint)


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://slo.example.com",
        "http://127.0.0.1:4566/prod",
        "http://[::1]:4566",
        "http://localhost:4566",
        "http://abc.execute-api.localhost:4566/prod",
    ],
)
def test_with_tls_or_on_this_machine_nobody_reads_it(endpoint: str) -> None:
    assert not shows_token(endpoint)


@pytest.mark.parametrize("endpoint", ["slo.example.com", "ftp://slo.example.com", "https://", "https:/slo.example.com"])
def test_what_is_no_address_is_refused_with_what_to_set(endpoint: str) -> None:
    with pytest.raises(SettingsError, match="ENDPOINT: expected the stack's output PushUrl"):
        shows_token(endpoint)


def test_a_dry_run_needs_no_server() -> None:
    assert not from_environment({"CLUSTER_ID": "c1"}, needs_server=False).server.shows_token
