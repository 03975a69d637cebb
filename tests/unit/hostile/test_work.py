"""Parsing takes work in proportion to the input. Tests count calls, and limit the CPU time of regular expressions."""

import resource
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from ingress_slo_agent import protobuf
from ingress_slo_agent.exposition import parse
from ingress_slo_agent.rows import ExpositionError
from lab.paths import ROOT
from slo.traefik.rules import MAX_LENGTH, RuleSyntaxError, placement

CPU_SECONDS = 20
"""Far more than linear work on a megabyte takes, and far less than quadratic work."""


def calls(work: Callable[[], object]) -> int:
    """The number of function calls, of Python and of C, that `work` makes."""
    count = 0

    def note(*_: object) -> None:
        nonlocal count
        count += 1

    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def read(match: str) -> None:
    with suppress(RuleSyntaxError):
        placement(match)


RULES: dict[str, Callable[[int], str]] = {
    "alternatives": lambda n: " || ".join(["Host(`a`)"] * n),
    "conditions": lambda n: " && ".join(["Header(`a`)"] * n),
    "both": lambda n: " && ".join(["(Host(`a`) || Host(`b`))"] * n),
    "many places at once": lambda n: " && ".join(
        ["(" + " || ".join(f"PathPrefix(`/{i:02}`)" for i in range(64)) + ")"] * (n // 64 + 1)
    ),
    "arguments": lambda n: "Host(" + ",".join(["`a`"] * n) + ")",
    "negations": lambda n: "!" * n + "Host(`a`)",
    "parentheses": lambda n: "(" * n + "Host(`a`)" + ")" * n,
    "spaces": lambda n: " " * n + "§",
    "backslashes": lambda n: 'Host("' + "\\" * n,
    "an open quote": lambda n: "Host(`" + "a" * n,
    "a long name": lambda n: "a" * n,
    "quotes": lambda n: "Host(" + "'" * n,
}


@pytest.mark.parametrize("kind", RULES)
def test_a_rule_takes_a_few_calls_for_each_of_its_characters(kind: str) -> None:
    match = RULES[kind](1000)
    assert len(match) <= MAX_LENGTH
    assert calls(lambda: read(match)) < 50 * len(match)


def test_a_rule_of_ten_thousand_characters_takes_ten_times_the_calls_of_one_of_a_thousand() -> None:
    short, long = (" || ".join(["Host(`a`) && PathPrefix(`/b`)"] * n) for n in (30, 300))
    assert 9_000 < len(long) < 10_000
    assert calls(lambda: read(long)) <= 11 * calls(lambda: read(short))


def exposition(n: int) -> str:
    series = 'code="200",method="GET",protocol="http",router="r{}@kubernetescrd",service="s"'
    lines = [f"traefik_router_requests_total{{{series.format(number)}}} 3\n" for number in range(n)]
    return "".join(lines) + "process_start_time_seconds 1\n"


def test_an_exposition_ten_times_as_long_takes_ten_times_the_calls_at_most() -> None:
    short, long = exposition(100), exposition(1000)
    assert calls(lambda: parse(long, pod="a", date=2.0)) <= 11 * calls(lambda: parse(short, pod="a", date=2.0))


LINE = "traefik_router_requests_total{%s} 1\nprocess_start_time_seconds 1\n"
TEXTS: dict[str, str] = {
    "a name without a value": LINE % ("a" * 1_000_000),
    "names without values": LINE % ("a," * 500_000),
    "an open quote": LINE % ('a="' + "\\\\" * 500_000),
    "escaped quotes": LINE % ('a="' + '\\"a=' * 250_000),
    "braces": LINE % ("} " * 500_000),
    "braces and values": LINE % ("} 1 1 " * 200_000),
    "braces and spaces": LINE % ("}" + " " * 1_000_000),
    "labels": LINE % ('a="b",' * 170_000),
    "bounds": (LINE % (',le="' * 200_000)).replace("requests_total", "request_duration_seconds_bucket"),
    "no end of a line": "traefik_router_requests_total{" + "} 1" * 300_000,
    "empty lines": "\n" * 1_000_000,
}


@pytest.mark.parametrize("kind", TEXTS)
def test_a_megabyte_of_what_a_pattern_likes_least_is_read_or_refused_in_bounded_work(kind: str, tmp_path: Path) -> None:
    """Calls within a regular expression cannot be counted, so the kernel kills a process after too much CPU time."""
    file = tmp_path / "exposition"
    file.write_text(TEXTS[kind])
    done = subprocess.run(
        [sys.executable, __file__, str(file)],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS)),
        env={"PYTHONPATH": f"{ROOT / 'agent'}:{ROOT / 'layers/slo'}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def message(number: int, body: bytes) -> bytes:
    """A field that holds a message, of up to 2**21 bytes."""
    length = len(body)
    return bytes([number << 3 | 2, length & 0x7F | 0x80, length >> 7 & 0x7F | 0x80, length >> 14]) + body


def family(name: str, metric: bytes) -> bytes:
    """A family of one metric, after its length."""
    return message(1, message(1, name.encode()) + message(4, metric))[1:]


REQUESTS = "traefik_router_requests_total"
BODIES: dict[str, Callable[[int], bytes]] = {
    "empty families": lambda n: b"\0" * n,
    "empty labels": lambda n: family(REQUESTS, b"\x0a\0" * n + b"\x1a\0"),
    "labels apart": lambda n: family(REQUESTS, b"\x0a\0\x30\0" * n + b"\x1a\0"),
    "times of creation": lambda n: family(REQUESTS, message(3, b"\x1a\0" * n)),
    "unknown fields": lambda n: family(REQUESTS, message(3, b"\x28\0" * n)),
    "buckets": lambda n: family("traefik_service_request_duration_seconds", message(7, b"\x1a\0" * n)),
}


@pytest.mark.parametrize("kind", BODIES)
def test_protobuf_ten_times_as_long_takes_ten_times_the_calls_at_most(kind: str) -> None:
    def read(body: bytes) -> None:
        with suppress(ExpositionError):
            protobuf.parse(body, pod="a", date=2.0)

    started = family("process_start_time_seconds", b"\x12\x09\x09" + bytes(8))
    short, long = (started + BODIES[kind](n) for n in (1_000, 10_000))
    assert calls(lambda: read(short)) > 1_000
    assert calls(lambda: read(long)) <= 11 * calls(lambda: read(short))


if __name__ == "__main__":
    try:
        parse(Path(sys.argv[1]).read_text(), pod="a", date=2.0)
    except ExpositionError:
        sys.exit(0)
