import zlib
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.slo.world import SimulatedTraefik

from slo.counting.counts import Counts
from slo.counting.rollup import Sample
from slo.store.samples import WholeSample


def traefik() -> SimulatedTraefik:
    pod = SimulatedTraefik("ns/traefik-1", 100.0)
    pod.serve(1, "200", 5)
    pod.serve(7, "503", 1, seconds=9.0)
    pod.serve(9, "grpc:14", 2)
    return pod


def stored(whole: Sample, later: Sample) -> Sample:
    """The later sample, stored as its difference from the whole one."""
    body = WholeSample(whole).packed_difference(later)
    read = WholeSample.unpacked(WholeSample(whole).packed(), whole.sample_key)
    return read.unpacked_difference(body, later.sample_key)


def test_a_whole_sample_survives_its_raw_item() -> None:
    sample = msgspec.structs.replace(traefik().sample(200.5), cpu_seconds=1.25, wire_version=2, may_be_cut=True)
    assert len(sample.created) == 3
    assert WholeSample.unpacked(WholeSample(sample).packed(), sample.sample_key).sample == sample


def test_a_difference_has_what_is_new_and_not_what_is_gone() -> None:
    pod = traefik()
    whole = pod.sample(200.5)
    pod.serve(1, "404", 3)
    pod.serve(11, "200", 4)
    later = msgspec.structs.replace(pod.sample(260.5), cpu_seconds=1.25, may_be_cut=True)
    assert stored(whole, later) == later
    vanished = msgspec.structs.replace(later, rows={11: later.rows[11]}, created={})
    assert stored(whole, vanished) == vanished


def test_only_samples_of_one_process_are_told_by_their_difference() -> None:
    pod = traefik()
    whole = WholeSample(pod.sample(200.5))
    later = pod.sample(260.5)
    assert whole.can_tell(later)
    for change in ({"process_start": 150.0}, {"pod": "ns/traefik-2"}, {"measured_by": "service"}, {"scope": "other"}):
        assert not whole.can_tell(msgspec.structs.replace(later, **change))


COUNT = st.integers(0, 2**40)


@st.composite
def any_counts(draw: st.DrawFn) -> Counts:
    codes = draw(st.dictionaries(st.sampled_from(["200", "404", "503", "grpc:14"]), st.integers(1, 2**40), max_size=4))
    requests = sum(codes.values())
    posts = draw(st.integers(0, requests))
    methods = {"POST": posts, "GET": requests - posts}
    bounds = draw(st.integers(0, 5))
    observed = draw(st.integers(0, requests))
    buckets = [*sorted(draw(st.lists(st.integers(0, observed), min_size=bounds, max_size=bounds))), observed]
    return Counts(codes, {method: count for method, count in methods.items() if count}, buckets, draw(COUNT))


ROWS = st.dictionaries(st.integers(1, 40), any_counts(), max_size=8)


@given(before=ROWS, after=ROWS)
def test_every_sample_survives_as_a_difference_from_any_other(
    before: dict[int, Counts], after: dict[int, Counts]
) -> None:
    """Even from one with other entries, codes, bounds, or higher counts."""
    whole = msgspec.structs.replace(traefik().sample(200.5), rows=before, created={})
    later = msgspec.structs.replace(traefik().sample(260.5), rows=after, created={})
    assert stored(whole, later) == later
    assert WholeSample.unpacked(WholeSample(whole).packed(), whole.sample_key).sample == whole


@pytest.mark.parametrize("is_folded", [False, True])
def test_a_sample_of_version_1_from_before_buckets_were_folded_is_read(is_folded: bool) -> None:
    rows: dict[str, Any] = {"i": [1], "c": {"14": [1], "200": [3]}, "b": [[3]], "n": [1], "x": [0], "d": [5]}
    document = {
        "pod": "a",
        "date": 9.0,
        "process_start": 1.0,
        "mallocs": 7.0,
        "taken_at": 10.0,
        "observed_at": 11.0,
        "scope": "s",
        "measured_by": "router",
        "rows": rows,
        **({"is_folded": True, "rows": {**rows, "b": [[1]]}} if is_folded else {}),
    }
    sample = WholeSample.unpacked(zlib.compress(msgspec.json.encode(document)), "key").sample
    assert (sample.started_at, sample.cpu_seconds) == (3.0, 0.0)
    assert sample.rows == {1: Counts({"grpc:14": 1, "200": 3}, {"GET": 4}, [3, 4], 5)}
