"""The live ledger has what rollup books later from the same samples."""

from collections.abc import Callable
from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.slo.world import SimulatedTraefik, catalogue, heartbeat

from slo.counting.ledger import Ledger
from slo.counting.live import Live
from slo.counting.rollup import Sample, roll_up

SLOT = 300
WATERMARK = 30_000
CATALOGUE = catalogue("a", "b", "c")
Event = tuple[str, int, int]


def booked(samples: list[Sample], until: int, ledger: Ledger | None = None) -> Ledger:
    """What rollup makes of the samples, slot by slot."""
    found = roll_up(
        ledger or Ledger(),
        CATALOGUE,
        {sample.sample_key: sample for sample in samples},
        samples,
        watermark=WATERMARK,
        cutoff=until,
        slot_seconds=SLOT,
    )
    return found[-1] if found else ledger or Ledger()


def counted(ledger: Ledger) -> dict[int, object]:
    return {entry_id: row.counts for entry_id, row in ledger.rows.items()}


def essence(ledger: Ledger) -> object:
    """Everything but the times that depend on where slots end."""
    processes = sorted((each.pod, each.sample_key, each.owed == {}) for each in ledger.processes)
    delayed = {entry_id: row.counts for entry_id, row in ledger.delayed.items()}
    return counted(ledger), delayed, processes, ledger.watched_at


def seconds(ledger: Ledger) -> list[float]:
    """Each booking rounds them to milliseconds."""
    return [ledger.watched_seconds, ledger.process_seconds, ledger.observed_seconds]


EVENTS = st.lists(
    st.one_of(
        st.tuples(st.just("serve"), st.integers(1, 3), st.integers(1, 50)),
        st.tuples(st.sampled_from(["restart", "drop"]), st.integers(1, 3), st.just(0)),
        st.tuples(st.just("sample"), st.just(0), st.integers(20, 90)),
        st.tuples(st.just("silence"), st.just(0), st.integers(300, 900)),
    ),
    max_size=40,
)


def played(events: list[Event]) -> list[Sample]:
    """Two pods that live through the events; an agent scrapes both at once."""
    now, samples = WATERMARK + 10.0, [heartbeat(WATERMARK + 10.0)]
    pods = [SimulatedTraefik(f"ns/traefik-{number}", now - 5) for number in range(2)]
    for what, entry_id, number in events:
        pod = pods[(entry_id + number) % 2]
        if what == "serve":
            pod.serve(entry_id, "503" if number % 5 == 0 else "200", number)
        elif what == "restart":
            now += 3
            pod.restart(now)
        elif what == "drop":
            pod.drop(entry_id)
        elif what == "silence":
            now += number
        else:
            now += number
            samples += [each.sample(now) for each in pods]
    return samples


def carried(samples: list[Sample], cut: Callable[[list[Sample]], list[list[Sample]]]) -> Live:
    live = Live(WATERMARK, WATERMARK, Ledger(), Ledger(), {}, taken_at=WATERMARK)
    for part in cut(samples):
        live = live.with_samples(part, CATALOGUE, SLOT)
    return live


def at_once(samples: list[Sample]) -> list[list[Sample]]:
    return [samples]


def by_snapshot(samples: list[Sample]) -> list[list[Sample]]:
    return [list(part) for _, part in groupby(samples, key=lambda sample: sample.taken_at)]


@given(events=EVENTS)
def test_it_is_what_rollup_books(events: list[Event]) -> None:
    samples = played(events)
    until = int(max(sample.taken_at for sample in samples) // SLOT + 1) * SLOT
    expected = booked(samples, until)
    live = carried(samples, by_snapshot)
    assert essence(live.ledger) == essence(expected)
    assert seconds(live.ledger) == pytest.approx(seconds(expected), abs=0.02)
    assert carried(samples, at_once) == live
    assert WATERMARK < live.at <= until
    assert live.at - max(sample.taken_at for sample in samples) < 1


@given(events=EVENTS)
def test_the_ends_of_slots_have_what_rollup_books_there(events: list[Event]) -> None:
    samples = played(events)
    live = carried(samples, by_snapshot)
    for end, ledger in live.slots.items():
        early = [sample for sample in samples if sample.taken_at <= end]
        assert counted(ledger) == counted(booked(early, end))
        assert counted(live.ledger_at(end)) == counted(ledger)


@given(events=EVENTS, share=st.floats(0, 1))
def test_it_goes_on_from_a_watermark(events: list[Event], share: float) -> None:
    """Rollup books a part, and a reader who begins there sees the same as one who saw everything."""
    samples = played(events)
    watermark = int(samples[int(share * (len(samples) - 1))].taken_at // SLOT + 1) * SLOT
    early = [sample for sample in samples if sample.taken_at <= watermark]
    late = [sample for sample in samples if sample.taken_at > watermark]
    ledger = booked(early, watermark)
    last = {sample.sample_key: sample for sample in early}
    live = Live(watermark, watermark, ledger, ledger, last, taken_at=watermark).with_samples(late, CATALOGUE, SLOT)
    assert counted(live.ledger) == counted(carried(samples, by_snapshot).ledger)


def test_without_samples_it_is_the_ledger_at_the_watermark() -> None:
    live = Live(WATERMARK, WATERMARK, Ledger(), Ledger(at=WATERMARK), {}).with_samples([], CATALOGUE, SLOT)
    assert (live.at, live.ledger_at(WATERMARK).at, live.slots) == (WATERMARK, WATERMARK, {})


def test_a_cluster_that_was_never_booked_begins_with_its_first_sample() -> None:
    """Not with 1970: there are as many slots as there are samples in."""
    pod = SimulatedTraefik("ns/traefik-1", 1_800_000_000.0)
    first, later = heartbeat(1_799_999_990.0), [pod.sample(1_800_000_000.0 + 60 * minute) for minute in range(10)]
    live = Live(0, 0, Ledger(), Ledger(), {}).with_samples([first, *later], CATALOGUE, SLOT)
    assert list(live.slots) == [1_800_000_000, 1_800_000_300]
    assert live.ledger_at(86_400) is live.first
