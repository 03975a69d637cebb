"""Rollup counts what the delivered scrapes saw, despite lost, late and repeated pushes, restarts and clock skew."""

from collections import Counter, defaultdict

from hypothesis import given, settings
from hypothesis import strategies as st
from soak.fleet import Fleet, Weather

from slo.app.ingest import samples_of
from slo.counting.catalogue import Catalogue, resolve
from slo.counting.ledger import Ledger
from slo.counting.rollup import Sample, roll_up

START = 1_800_000_000.0
SLOT, DELAY = 300, 60

weathers = st.builds(
    Weather,
    lost=st.floats(0, 0.4),
    late=st.floats(0, 0.5),
    twice=st.floats(0, 0.3),
    restarts=st.floats(0, 0.3),
    outages=st.floats(0, 0.1),
    steps=st.floats(0, 0.2),
)


class Books:
    """Runs the pure core of ingest and rollup, in turn."""

    def __init__(self) -> None:
        self.catalogue = Catalogue()
        self.ledger = Ledger()
        self.samples: dict[str, Sample] = {}
        self._open: set[str] = set()
        self._watermark = 0

    def take(self, fleet: Fleet, until: float) -> None:
        for arrival in fleet.arrivals:
            self._roll_up_before(arrival.at)
            sent = arrival.sent(arrival.at)
            resolved = resolve(self.catalogue, sent)
            self.catalogue = resolved.catalogue
            for sample in samples_of(sent, resolved, arrival.at):
                if sample.sample_key not in self.samples:
                    self.samples[sample.sample_key] = sample
                    self._open.add(sample.sample_key)
        self._roll_up_before(until)

    def _roll_up_before(self, now: float) -> None:
        self._watermark = self._watermark or int(now) // SLOT * SLOT - SLOT
        while self._watermark + SLOT + DELAY <= now:
            cutoff = self._watermark + SLOT
            due = [key for key in self._open if self.samples[key].taken_at <= cutoff]
            booked = roll_up(
                self.ledger,
                self.catalogue,
                self.samples,
                [self.samples[key] for key in due],
                watermark=self._watermark,
                cutoff=cutoff,
                slot_seconds=SLOT,
            )
            self._open -= set(due)
            self._watermark = cutoff
            self.ledger = booked[-1] if booked else self.ledger

    def codes(self) -> dict[str, Counter[str]]:
        entries = self.catalogue.by_id()
        total: dict[str, Counter[str]] = defaultdict(Counter)
        for entry_id, row in self.ledger.rows.items():
            total[entries[entry_id].label].update(row.counts.codes)
        return dict(total)


def booked(fleet: Fleet) -> dict[str, Counter[str]]:
    books = Books()
    books.take(fleet, START + 40 * 60 + 3 * 3600)
    return books.codes()


@settings(max_examples=30)
@given(st.integers(0, 2**32), weathers, st.integers(1, 3), st.integers(1, 3))
def test_in_any_weather_the_ledger_is_the_truth(seed: int, weather: Weather, agents: int, pods: int) -> None:
    fleet = Fleet("c1", seed, start=START, minutes=40, agents=agents, pods=pods, weather=weather)
    assert booked(fleet) == fleet.truth
