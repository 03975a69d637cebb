import pytest

from slo.api.http import problem
from slo.errors import SloError, TryAgainError

INSIDE = "arn:aws:dynamodb:eu-central-1:123456789012:table/tokens"


@pytest.mark.parametrize("error", [RuntimeError(INSIDE), KeyError(INSIDE), OSError(INSIDE)])
def test_what_fails_on_our_side_says_nothing_of_our_inside(error: Exception) -> None:
    answer = problem(error, "request-1")
    assert answer.status_code == 500
    assert INSIDE not in str(answer.body)
    assert "request-1" in str(answer.body)


def test_what_may_be_tried_again_says_when() -> None:
    answer: object = problem(TryAgainError("Busy.", retry_after_seconds=5), "")
    assert getattr(answer, "headers", {})["Retry-After"] == "5"
    assert isinstance(TryAgainError("Busy.", retry_after_seconds=5), SloError)
