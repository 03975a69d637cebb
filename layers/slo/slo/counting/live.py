"""The open slot: what has been counted since the watermark, as rollup will book it. Pure, and never stored.

Figures after the watermark are provisional: snapshots that come late add to them.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Self

import msgspec

from slo.counting.catalogue import Catalogue
from slo.counting.ledger import Ledger
from slo.counting.rollup import Sample, roll_up
from slo.times import ceil_to, floor_to

RECENT_SECONDS = 270
"""Enough for the last three minutes, if agents push every minute."""


class Live(msgspec.Struct, frozen=True):
    """The ledger carried on from the watermark to the last sample."""

    since: int
    """Where it was carried on from: a time up to which everything was booked."""
    at: int
    """The time of the last sample, in whole seconds; `since` if there is none after it."""
    first: Ledger
    """In effect at `since`, and until the first slot after it ends."""
    ledger: Ledger
    """In effect at `at`."""
    last_samples: Mapping[str, Sample]
    """Of the processes in the ledger, by key. The next samples are compared with them."""
    slots: Mapping[int, Ledger] = {}
    """The ledgers in effect at the ends of the slots between `since` and `at`."""
    recent: Mapping[int, Ledger] = {}
    """Those in effect at the last snapshots before `at`, for RECENT_SECONDS, and the first one."""
    taken_at: float = 0.0
    """When the last sample was taken, Unix seconds; 0 before the first one of a cluster that was never booked."""

    def with_samples(self, samples: Iterable[Sample], catalogue: Catalogue, slot_seconds: int) -> Self:
        """Carried on with later samples."""
        live, by_second = self, defaultdict[int, list[Sample]](list)
        for sample in samples:
            by_second[max(ceil_to(sample.taken_at, 1), self.at + 1)].append(sample)
        for second in sorted(by_second):
            live = live._until(second, by_second[second], catalogue, slot_seconds)
        return live

    def _until(self, second: int, samples: Collection[Sample], catalogue: Catalogue, slot_seconds: int) -> Self:
        """Each snapshot is booked as if it were a slot: however time is divided, the counts are the same."""
        booked = roll_up(
            self.ledger,
            catalogue,
            self.last_samples,
            samples,
            watermark=second - 1,
            cutoff=second,
            slot_seconds=1,
        )
        ledger = next(ledger for ledger in booked if ledger.at == second)
        known = {**self.last_samples, **{sample.sample_key: sample for sample in samples}}
        began = self.at if self.taken_at else second
        passed = range(floor_to(began, slot_seconds) + slot_seconds, second, slot_seconds)
        slots = {**self.slots, **dict.fromkeys(passed, self.ledger)}
        if second % slot_seconds == 0:
            slots[second] = ledger
        return msgspec.structs.replace(
            self,
            at=second,
            ledger=ledger,
            last_samples={key: known[key] for each in ledger.processes if (key := each.sample_key) in known},
            slots=slots,
            recent=self._recent_at(second),
            taken_at=max(self.taken_at, *(sample.taken_at for sample in samples)),
        )

    def _recent_at(self, second: int) -> dict[int, Ledger]:
        every = {**self.recent, self.at: self.ledger}
        return {time: ledger for time, ledger in every.items() if second - RECENT_SECONDS <= time < second}

    def ledger_at(self, time: int) -> Ledger:
        """The ledger in effect at a time after `since`."""
        if time >= self.at:
            return self.ledger
        ends = [end for end in self.slots if end <= time]
        return self.slots[max(ends)] if ends else self.first
