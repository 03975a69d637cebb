import threading

import pytest

from slo.channels.addresses import addresses_of, is_public
from slo.channels.failures import PermanentError, TemporaryError

PUBLIC = ["8.8.8.8", "93.184.215.14", "2606:4700::6810:84e5", "64:ff9b::808:808"]
NOT_PUBLIC = [
    "127.0.0.1",
    "127.1.2.3",
    "0.0.0.0",  # noqa: S104 nothing is bound
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "169.254.169.254",
    "169.254.170.2",
    "192.0.2.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fe80::1",
    "fe80::1%eth0",
    "fd00:ec2::254",
    "fec0::1",
    "ff02::1",
    "2001:db8::1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "2002:808:808::1",
    "::ffff:169.254.169.254",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b:1::1",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::1",
    "2001:0:7f00:1::1",
]


@pytest.mark.parametrize("address", PUBLIC)
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_no_other_address_is_public_however_it_is_written(address: str) -> None:
    assert not is_public(address)


def test_one_private_address_among_public_ones_refuses_all() -> None:
    with pytest.raises(PermanentError, match="AllowPrivateTargets"):
        addresses_of("a.example", 443, 1, lambda *_: ["8.8.8.8", "10.0.0.1"], allow_private=False)


def test_where_they_are_allowed_private_addresses_are_taken() -> None:
    assert addresses_of("a.example", 443, 1, lambda *_: ["10.0.0.1"], allow_private=True) == ["10.0.0.1"]


def test_a_name_that_is_not_known_may_be_known_later() -> None:
    def unknown(*_: object) -> list[str]:
        raise OSError("Name or service not known")

    with pytest.raises(TemporaryError, match="no address"):
        addresses_of("a.example", 443, 1, unknown, allow_private=False)


def test_a_resolver_that_does_not_answer_is_not_waited_for() -> None:
    is_refused, answered = threading.Event(), []

    def slow(*_: object) -> list[str]:
        is_refused.wait()
        answered.append("8.8.8.8")
        return answered

    with pytest.raises(TemporaryError, match="in time"):
        addresses_of("a.example", 443, 0.05, slow, allow_private=False)
    assert answered == []
    is_refused.set()
