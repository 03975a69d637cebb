import pytest

from ingress_slo.failures import OperatorError
from ingress_slo.stack import Stack

VARIABLES = ("AWS_DEFAULT_REGION", "AWS_REGION", "AWS_PROFILE")


@pytest.fixture(autouse=True)
def no_region(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")


def test_the_region_is_the_one_that_sam_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    assert Stack.of("ingress-slo", "").region == "eu-west-1"
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    assert Stack.of("ingress-slo", "").region == "eu-west-1"


def test_two_different_regions_are_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    with pytest.raises(OperatorError, match=r"AWS_REGION is us-east-1, but SAM uses eu-west-1 .* use --region"):
        Stack.of("ingress-slo", "")


def test_a_region_that_sam_does_not_read_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    with pytest.raises(OperatorError, match="export AWS_DEFAULT_REGION"):
        Stack.of("ingress-slo", "")


def test_no_region_is_refused() -> None:
    with pytest.raises(OperatorError, match="export AWS_DEFAULT_REGION, or use --region"):
        Stack.of("ingress-slo", "")


def test_the_option_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    assert Stack.of("ingress-slo", "ap-south-1").region == "ap-south-1"
