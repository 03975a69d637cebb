"""Of all certificates that Traefik names, those that expire soon and were not replaced are told of."""

from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingress_slo_agent import certificates, exposition, protobuf
from ingress_slo_agent.certificates import FAMILY, Certificates, expiring
from ingress_slo_agent.rows import MAX_SERIES, ExpositionError
from lab.traefik.families import Family, Metric, delimited, of_process, text
from slo.traefik.snapshots import (
    CERTIFICATE_DAYS,
    MAX_ALTERNATIVE_NAMES,
    MAX_CERTIFICATES,
    MAX_DOMAIN,
    MAX_NAME,
    Certificate,
)

NOW = 1_795_454_037.0
DAY = 86_400.0


class Served(NamedTuple):
    cn: str = "shop.example.com"
    sans: str = "shop.example.com,www.shop.example.com"
    days: float = 5.0
    serial: str = "1"

    def metric(self) -> Metric:
        return Metric({"cn": self.cn, "sans": self.sans, "serial": self.serial}, NOW + self.days * DAY)


def families(*served: Served) -> list[Family]:
    return [*of_process(NOW), Family(FAMILY, "gauge", tuple(each.metric() for each in served))]


def process(*served: Served) -> Certificates:
    return certificates.read(protobuf.certificates(delimited(families(*served))), NOW)


def told(*processes: tuple[Served, ...]) -> list[tuple[str, float]]:
    found = expiring(process(*served) for served in processes)
    return [(each.common_name, round((each.not_after - NOW) / DAY, 3)) for each in found]


def test_a_certificate_is_told_of_with_all_its_names() -> None:
    assert expiring([process(Served())]) == (
        Certificate(
            common_name="shop.example.com",
            alternative_names=("shop.example.com", "www.shop.example.com"),
            not_after=NOW + 5 * DAY,
        ),
    )


def test_a_renewed_certificate_is_not_told_of_although_traefik_still_names_it() -> None:
    old, new = Served(days=5, serial="1"), Served(days=89, serial="2")
    assert told((old, new)) == told((new, old)) == []


def test_a_renewed_one_may_drop_its_common_name_and_order_its_names_anew() -> None:
    old = Served(days=5)
    assert told((old, Served(cn="", sans="www.shop.example.com,shop.example.com", days=89))) == []


def test_one_with_other_names_replaces_none() -> None:
    assert told((Served(days=5), Served(sans="shop.example.com", days=89))) == [("shop.example.com", 5)]


def test_one_process_that_has_the_new_one_is_enough() -> None:
    assert told((Served(days=5),), (Served(days=5), Served(days=89))) == []
    assert told((Served(days=5),), (Served(days=20),)) == [("shop.example.com", 20)]


def test_only_what_expires_soon_or_has_just_expired_is_told_of() -> None:
    days = (-CERTIFICATE_DAYS, -1, 1, CERTIFICATE_DAYS - 0.001, CERTIFICATE_DAYS, 400)
    many = (Served(cn=f"c{number}", sans="", days=each) for number, each in enumerate(days))
    assert told(tuple(many)) == [("c1", -1), ("c2", 1), ("c3", CERTIFICATE_DAYS - 0.001)]


def test_the_soonest_are_told_of_first_and_no_more_than_a_snapshot_holds() -> None:
    many = [Served(cn=f"c{number}", days=29 - number / 100) for number in range(MAX_CERTIFICATES + 5)]
    found = told(tuple(many[:100]), tuple(many[100:]))
    assert [name for name, _ in found] == [each.cn for each in reversed(many)][:MAX_CERTIFICATES]


def test_a_certificate_for_addresses_alone_is_named_by_its_serial_number() -> None:
    assert expiring([process(Served(cn="", sans="", serial="77"))])[0].common_name == "serial 77"
    assert told((Served(cn="", sans="", serial="77"), Served(cn="", sans="", serial="78", days=300))) == []


def test_many_and_long_names_are_cut_to_what_a_snapshot_holds_and_still_tell_certificates_apart() -> None:
    sans = ",".join(f"{number:03}{'x' * 300}" for number in range(50))
    found = expiring([process(Served(cn="c" * 600, sans=sans), Served(cn="c" * 600, sans=f"{sans},z", days=6))])
    assert len(found) == 2
    assert all(len(each.alternative_names) == MAX_ALTERNATIVE_NAMES for each in found)
    assert {len(name) for each in found for name in each.alternative_names} == {MAX_DOMAIN}
    assert {len(each.common_name) for each in found} == {MAX_NAME}


def test_a_date_that_no_snapshot_holds_hurts_nobody() -> None:
    assert told((Served(days=2e6), Served(cn="old", days=-2e6), Served(cn="other", days=3))) == [("other", 3)]


def test_more_than_any_traefik_has_are_refused() -> None:
    series = ({"cn": "c", "sans": "", "serial": "1"}, NOW)
    with pytest.raises(ExpositionError, match="certificates"):
        certificates.read((series for _ in range(MAX_SERIES + 1)), NOW)


@pytest.mark.parametrize("value", ["NaN", "+Inf", "-Inf"])
def test_an_expiry_that_is_no_time_is_refused_and_hides_no_other(value: str) -> None:
    text = f'{FAMILY}{{cn="a",sans="",serial="1"}} {value}\n{FAMILY}{{cn="a",sans="",serial="2"}} {NOW}\n'
    with pytest.raises(ExpositionError, match="is no time"):
        certificates.read(exposition.certificates(text.encode()), NOW)


def test_what_is_not_a_number_is_refused() -> None:
    with pytest.raises(ExpositionError, match="'soon' is not a number"):
        list(exposition.certificates(f'{FAMILY}{{cn="a",sans="",serial="1"}} soon\n'.encode()))
    with pytest.raises(ExpositionError, match="not protobuf"):
        list(protobuf.certificates(delimited([Family(FAMILY, "counter", (Served().metric(),))])))


names = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=80)
served = st.builds(Served, cn=names, sans=names, days=st.floats(-60, 90), serial=st.sampled_from(["1", "2", "3"]))


@given(st.lists(served, max_size=8))
def test_both_formats_name_the_same(listed: list[Served]) -> None:
    found = families(*listed)
    plain, packed = text(found).encode(), delimited(found)
    assert list(exposition.certificates(plain)) == list(protobuf.certificates(packed))


@given(st.lists(st.lists(served, max_size=4), max_size=4))
def test_of_those_with_the_same_names_the_one_that_expires_last_is_told_of(listed: list[list[Served]]) -> None:
    newest: dict[frozenset[str], float] = {}
    for each in (each for served in listed for each in served):
        known = frozenset(filter(None, (each.cn, *each.sans.split(","))))
        newest[known] = max(newest.get(known, -1e9), each.days)
    soon = sorted(NOW + days * DAY for days in newest.values() if abs(days * DAY) < CERTIFICATE_DAYS * DAY)
    found = expiring(process(*each) for each in listed)
    assert [each.not_after for each in found] == pytest.approx(soon)
