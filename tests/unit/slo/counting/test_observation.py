"""How much of the life of processes was seen, and what came after a silence."""

import msgspec
from unit.slo.world import SimulatedTraefik, catalogue, heartbeat

from slo.counting.counts import Counts
from slo.counting.gaps import Gap
from slo.counting.ledger import Difference, Ledger, LedgerRow, difference
from slo.counting.retention import RAW_KEPT_SECONDS
from slo.counting.rollup import Sample, roll_up

T0 = 1_800_000_000
SLOT = 300
HOUR = 3600
CATALOGUE = catalogue("a", "b")


class World:
    """Two pods that serve ten requests a minute each. Pod `b` may be missing."""

    def __init__(self) -> None:
        self.a, self.b = SimulatedTraefik("a", T0 - 1000), SimulatedTraefik("b", T0 - 1000.5)
        self.samples: list[Sample] = []
        self.minute = 0

    def minutes(self, count: int, *, with_b: bool = True, is_listed: bool = False) -> None:
        """Let the minutes pass. A missing pod may be listed as one that could not be scraped."""
        for _ in range(count):
            now = T0 + 60 * self.minute
            self.a.serve(1, count=10)
            self.b.serve(1, count=10)
            self.samples.append(self.a.sample(now))
            if with_b:
                self.samples.append(self.b.sample(now))
            elif is_listed:
                self.samples.append(msgspec.structs.replace(heartbeat(now), unreachable=("b",)))
            self.minute += 1

    def silence(self, count: int) -> None:
        """No agent runs for these minutes."""
        self.a.serve(1, count=10 * count)
        self.b.serve(1, count=10 * count)
        self.minute += count

    def ledgers(self, *, kept: bool = True) -> dict[int, Ledger]:
        """The ledgers of one rollup for each slot, by time. Without `kept`, raw items of earlier rollups are gone."""
        ledger, found, watermark = Ledger(), {T0 - SLOT: Ledger()}, T0 - SLOT
        for cutoff in range(T0, T0 + 60 * self.minute + SLOT, SLOT):
            due = [sample for sample in self.samples if watermark < sample.taken_at <= cutoff]
            last = {sample.sample_key: sample for sample in self.samples} if kept else {}
            for each in roll_up(ledger, CATALOGUE, last, due, watermark=watermark, cutoff=cutoff, slot_seconds=SLOT):
                found[each.at] = ledger = each
            found[cutoff] = ledger
            watermark = cutoff
        return found

    def window(self, first: int, last: int) -> Difference:
        """What was counted between two minutes, which must be multiples of five."""
        ledgers = self.ledgers()
        return difference(ledgers[T0 + 60 * first], ledgers[T0 + 60 * last], T0 + 60 * first, T0 + 60 * last)


def requests(counts: object) -> int:
    assert hasattr(counts, "values")
    return sum(row.requests for row in counts.values())


def test_a_pod_that_comes_back_makes_no_spike_and_hides_nothing_of_the_others() -> None:
    world = World()
    world.minutes(31)
    world.minutes(35, with_b=False)
    world.minutes(10)
    window = world.window(65, 70)
    assert window.has_data
    assert requests(window.counts) > 400, "what came in the gap is counted"
    assert requests(window.placed) == 5 * 10 + 4 * 10, "but not in five minutes"
    assert [gap.pods for gap in window.gaps] == [("b",)]


def test_a_window_that_is_longer_than_the_gap_has_its_requests() -> None:
    world = World()
    world.minutes(31)
    world.minutes(35, with_b=False)
    world.minutes(10)
    window = world.window(30, 70)
    assert requests(window.placed) == requests(window.counts) == 40 * 20


def test_what_came_after_a_silence_of_all_is_in_no_short_window() -> None:
    world = World()
    world.minutes(11)
    world.silence(40)
    world.minutes(14)
    assert not world.window(40, 45).has_data
    returned = world.window(50, 55)
    assert returned.has_data
    assert requests(returned.placed) == 4 * 20
    assert requests(world.window(10, 60).placed) == 50 * 20


def test_agents_that_were_away_are_counted_once_in_the_coverage() -> None:
    world = World()
    world.minutes(31)
    world.silence(30)
    world.minutes(10)
    window = world.window(0, 60)
    assert window.coverage == 30 / 60


def test_a_pod_that_is_known_to_be_unreachable_lowers_the_coverage_before_it_comes_back() -> None:
    world = World()
    world.minutes(31)
    world.minutes(90, with_b=False, is_listed=True)
    window = world.window(60, 120)
    assert window.coverage == 0.5
    assert window.has_data
    (pod,) = window.unreachable
    assert (pod, window.unreachable[pod].since) == ("b", T0 + 60 * 30)
    assert window.unreachable[pod].is_long


def test_a_pod_that_was_missing_lowers_the_coverage_when_it_comes_back() -> None:
    for is_listed in (False, True):
        world = World()
        world.minutes(31)
        world.minutes(60, with_b=False, is_listed=is_listed)
        world.minutes(10)
        window = world.window(0, 95)
        assert window.coverage == (190 - 61) / 190, is_listed
        assert window.unreachable == {}


def test_scrapes_that_fail_for_a_few_minutes_cost_nothing() -> None:
    world = World()
    world.minutes(31)
    world.minutes(4, with_b=False, is_listed=True)
    world.minutes(10)
    window = world.window(20, 40)
    assert window.coverage == 1
    assert requests(window.placed) == requests(window.counts) == 20 * 20
    assert window.gaps == ()


def test_a_pod_that_is_gone_is_no_longer_missed() -> None:
    world = World()
    world.minutes(31)
    world.minutes(10, with_b=False, is_listed=True)
    world.minutes(30, with_b=False)
    assert world.window(55, 70).unreachable == {}
    assert world.window(55, 70).coverage == 1


def test_agents_that_see_no_process_have_no_data() -> None:
    world = World()
    world.minutes(31)
    for minute in range(31, 61):
        world.samples.append(msgspec.structs.replace(heartbeat(T0 + 60 * minute), unreachable=("a", "b")))
    world.minute = 61
    window = world.window(40, 60)
    assert (window.has_data, window.coverage) == (False, 0)


def test_a_process_that_was_silent_for_longer_than_its_counters_are_kept_lowers_the_coverage() -> None:
    """Its requests are lost, as its last raw item is."""
    world = World()
    world.minutes(2)
    hours = RAW_KEPT_SECONDS // HOUR + 1
    for _ in range(hours * 12):
        world.minute += 4
        world.minutes(1, with_b=False)
    lost = world.b.unseen[1]
    world.minutes(6)
    ledgers = world.ledgers(kept=False)
    last = max(ledgers)
    start = last - (hours - 1) * HOUR
    window = difference(ledgers[start], ledgers[last], start, last)
    assert 0.49 < window.coverage < 0.51
    assert window.gaps[0].pods == ("b",)
    assert lost > 0


def test_the_requests_of_a_process_that_was_first_seen_late_are_delayed() -> None:
    world = World()
    world.minutes(31)
    late = SimulatedTraefik("c", T0 + 60 * 31)
    late.serve(2, count=500)
    world.minutes(20)
    late.serve(2, count=3)
    world.samples.append(late.sample(T0 + 60 * 50))
    window = world.window(45, 50)
    assert window.counts[2].requests == 503
    assert 2 not in {key for key, row in window.placed.items() if row.requests}
    assert world.window(20, 50).placed[2].requests == 503


def test_a_gap_of_an_earlier_version_hides_the_windows_that_it_reaches_into() -> None:
    row = LedgerRow(300, 600, Counts({"200": 3}, {"GET": 3}, [3], 9))
    later = Ledger(at=600, changed_at=600, rows={1: row}, gaps=(Gap(0, 550),), watched_since=1, watched_seconds=300)
    assert not difference(Ledger(), later, 300, 600).has_data
    assert difference(Ledger(), later, 0, 600).has_data
