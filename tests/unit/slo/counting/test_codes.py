import pytest

from slo.counting.codes import GRPC_STATUSES, by_number, is_error, of_version_1, with_one_zero
from slo.counting.counts import Counts


@pytest.mark.parametrize("code", ["500", "502", "503", "599"])
def test_an_http_status_of_500_or_more_is_an_error(code: str) -> None:
    assert is_error(code)


@pytest.mark.parametrize("code", ["0", "5", "50", "200", "404", "499"])
def test_other_http_codes_and_clients_that_left_are_none(code: str) -> None:
    assert not is_error(code)


def test_the_errors_of_grpc_are_those_of_opentelemetry_but_what_traefik_writes_for_success() -> None:
    errors = {name for code, name in GRPC_STATUSES.items() if is_error(code)}
    assert errors == {"DEADLINE_EXCEEDED", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS"}


def test_grpc_statuses_have_their_numbers() -> None:
    assert len(GRPC_STATUSES) == 17
    assert (GRPC_STATUSES["grpc:0"], GRPC_STATUSES["grpc:14"], GRPC_STATUSES["grpc:16"]) == (
        "OK",
        "UNAVAILABLE",
        "UNAUTHENTICATED",
    )


def test_counts_of_grpc_calls_know_their_errors() -> None:
    counts = Counts({"grpc:0": 90, "grpc:5": 4, "grpc:14": 5, "503": 1}, {"POST": 100}, [100], 0)
    assert (counts.requests, counts.errors) == (100, 6)


def test_codes_are_sorted_by_number() -> None:
    assert sorted(["grpc:14", "503", "grpc:2", "0", "200"], key=by_number) == ["0", "200", "503", "grpc:2", "grpc:14"]


def test_version_1_wrote_grpc_statuses_like_http_codes() -> None:
    old = {"0": 1, "1": 2, "14": 3, "200": 4, "503": 5}
    assert of_version_1(old) == {"0": 1, "grpc:1": 2, "grpc:14": 3, "200": 4, "503": 5}
    assert of_version_1(of_version_1(old)) == of_version_1(old)


def test_version_1_wrote_ok_as_a_client_that_left() -> None:
    assert with_one_zero({"0": 1, "grpc:0": 2, "grpc:14": 3}) == {"0": 3, "grpc:14": 3}
    assert with_one_zero({"200": 1}) == {"200": 1}
