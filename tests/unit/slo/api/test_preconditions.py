import pytest

from slo.api import preconditions
from slo.errors import PreconditionFailedError, PreconditionRequiredError


@pytest.mark.parametrize("if_match", ['"7"', 'W/"7"', "7", "*", '"6", "7"', ' "7" '], ids=ascii)
def test_the_stored_version_may_be_changed(if_match: str) -> None:
    preconditions.check(7, if_match, "This target")


@pytest.mark.parametrize("if_match", ['"7"', '"80"', "nonsense,", '""'], ids=ascii)
def test_another_version_may_not(if_match: str) -> None:
    with pytest.raises(PreconditionFailedError, match="This target has changed since you read it"):
        preconditions.check(8, if_match, "This target")


def test_an_edit_without_a_version_is_told_which_one_to_send() -> None:
    with pytest.raises(PreconditionRequiredError, match=r'This target is set already.*If-Match: "7"'):
        preconditions.check(7, "", "This target")


def test_an_etag_is_what_a_caller_sends_back() -> None:
    preconditions.check(7, preconditions.etag(7), "This target")
