"""What is kept of all answers fits into memory, and the largest goes first."""

import pytest

from ingress_slo_agent.fetch import Answer, FetchError, Limits
from ingress_slo_agent.reading import Reading
from lab.traefik.families import Histogram, of_process, requests, text

LIMITS = Limits(seconds=1.0, size_bytes=1 << 20)


def answer(routers: int) -> Answer:
    labels = ({"code": "200", "method": "GET", "router": f"r{number}@x", "service": "s@x"} for number in range(routers))
    series = [(each, Histogram({0.1: 1, 0.3: 1}, 1, 0.05), 0.0) for each in labels]
    families = [*of_process(1_795_454_037.0), *requests("router", series)]
    return Answer({}, text(families).encode(), LIMITS)  # type: ignore[arg-type]


def test_the_largest_is_left_out_whenever_it_arrives() -> None:
    for sizes in ((5, 200, 6), (200, 5, 6), (5, 6, 200)):
        reading = Reading(seconds=10, memory_bytes=100_000)
        for number, size in enumerate(sizes):
            reading.read(number, answer(size), pod=f"p{number}", date=1.0)
        assert sorted(len(metrics.rows) for metrics in reading.kept.values()) == [5, 6]
        (why,) = reading.left_out.values()
        assert "MAX_EXPOSITION_MIB" in why
        assert list(reading.left_out) == [sizes.index(200)]


def test_what_fits_is_kept() -> None:
    reading = Reading(seconds=10, memory_bytes=1_000_000)
    for number in range(3):
        reading.read(number, answer(50), pod=f"p{number}", date=1.0)
    assert (sorted(reading.kept), reading.left_out) == ([0, 1, 2], {})


def test_no_answer_is_read_after_the_deadline() -> None:
    with pytest.raises(FetchError, match="no time was left"):
        Reading(seconds=-1, memory_bytes=1_000_000).read(0, answer(1), pod="p", date=1.0)
