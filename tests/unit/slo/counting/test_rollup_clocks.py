"""No clock changes a count: those of nodes are stepped, drift, are mended and suspended; pushes are slow and late."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from hypothesis import example, given, settings
from hypothesis import strategies as st
from unit.slo.clocks import NodeClocks
from unit.slo.world import SCOPE, catalogue

from slo.counting.counts import Counts
from slo.counting.ledger import Ledger
from slo.counting.rollup import Sample, roll_up

T0 = 1_800_000_000.0
SLOT = 300
CATALOGUE = catalogue("a")
FASTEST_SLEW = 0.0005
NOTED_SECONDS = 3600
"""As the creation of series is noted for two days: so that some are too old to be noted."""
Step = tuple[str, int]


@dataclass
class Pod:
    """One pod on a node of its own, and the two agents that scrape it."""

    name: str
    now: float = T0
    seen: int = 0
    """Requests that a sample shows, of processes that started while we watched or after the first sample."""
    samples: list[Sample] = field(default_factory=list)
    _used: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.clocks = NodeClocks(self.now, ahead=-3600.0)
        self._start()
        self.let_pass(20)
        self.serve(50)
        self.scrape(0)
        self.seen = 0

    def _start(self) -> None:
        self._avoid_a_coincidence()
        self._ticks = self.clocks.ticks()
        self._requests = self._unseen = self._shown = 0
        self._awake = 0.0
        self._created = 0.0

    def _avoid_a_coincidence(self) -> None:
        """One process of a hundred starts in the hundredths of another one; counters alone tell these two apart."""
        while round(self.clocks.ticks() * 100) % 100 in self._used:
            self._run_until(self.now + 0.01)
        self._used.add(round(self.clocks.ticks() * 100) % 100)

    def _run_until(self, now: float) -> None:
        self.now = now
        self.clocks.run_until(now)

    def let_pass(self, seconds: float) -> None:
        self._awake += seconds
        self._run_until(self.now + seconds)

    def serve(self, requests: int) -> None:
        self._created = self._created or self.clocks.time()
        self._requests += requests
        self._unseen += requests

    def restart(self) -> None:
        """Requests that no sample has seen are lost."""
        self.let_pass(0.3)
        self._start()

    def suspend(self, seconds: float) -> None:
        self.now += seconds
        self.clocks.suspend_until(self.now)

    def scrape(self, under_way: float) -> None:
        """Take a sample that arrives after so many seconds more than `sent_at` says."""
        self.let_pass(1.1)
        self.seen += self._unseen
        self._unseen = 0
        self._shown += 1
        count = self._requests
        row = Counts({"200": count}, {"GET": count}, [count] * 5, count * 1000)
        self.samples.append(
            Sample(
                pod=self.name,
                date=self.clocks.date(),
                process_start=self.clocks.start_time(self._ticks),
                observed_at=self.now + under_way,
                mallocs=40_000 + self._shown + round(200 * self._awake) + 10 * count,
                cpu_seconds=round(0.05 + self._awake / 100, 2),
                sample_key=f"{round(self.now * 1000):013d}|{self.name}",
                taken_at=self.now,
                scope=SCOPE,
                measured_by="router",
                rows={1: row} if count else {},
                created={1: round(self._created * 1000)} if count and self._is_noted() else {},
                knows_created=count > 0,
            )
        )

    def _is_noted(self) -> bool:
        return self.clocks.date() - self._created <= NOTED_SECONDS

    def crash_twice(self, requests: int) -> None:
        self.restart()
        self.serve(requests)
        self.restart()

    def act(self, action: str, amount: int) -> None:
        self.let_pass(amount % 7)
        actions: dict[str, Callable[[], None]] = {
            "serve": lambda: self.serve(amount),
            "scrape": lambda: self.scrape(amount % 3),
            "scrape slowly": lambda: self.scrape(amount % 26),
            "restart": self.restart,
            "crash twice": lambda: self.crash_twice(amount),
            "step": lambda: self.clocks.step((amount - 500) * 15),
            "mend": self.clocks.mend,
            "drift": lambda: self.clocks.slew(FASTEST_SLEW * (amount % 3 - 1)),
            "suspend": lambda: self.suspend(amount * 10),
            "wait": lambda: self.let_pass(amount * 10),
        }
        actions[action]()


steps = st.lists(
    st.tuples(
        st.sampled_from(
            ["serve"] * 3
            + ["scrape"] * 5
            + ["scrape slowly", "restart", "restart", "crash twice", "step", "mend", "drift", "suspend", "wait"]
        ),
        st.integers(0, 1000),
    ),
    max_size=50,
)


def lived(actions: list[Step]) -> Pod:
    pod = Pod("pod")
    for action, amount in actions:
        pod.act(action, amount)
    return pod


def booked(pod: Pod, late: dict[int, int], cuts: Iterator[int]) -> int:
    """The requests in the ledger. `late` has the delay of some samples, in slots; `cuts` the lengths of rollups."""
    arrivals = {number: int(sample.taken_at // SLOT) + late.get(number, 0) for number, sample in enumerate(pod.samples)}
    stored = {sample.sample_key: sample for sample in pod.samples}
    ledger, watermark = Ledger(), int(T0)
    waiting = set(arrivals)
    while waiting:
        cutoff = watermark + SLOT * next(cuts)
        due = {number for number in waiting if arrivals[number] * SLOT < cutoff}
        waiting -= due
        written = roll_up(
            ledger,
            CATALOGUE,
            stored,
            [pod.samples[number] for number in due if pod.samples[number].taken_at <= cutoff],
            watermark=watermark,
            cutoff=cutoff,
            slot_seconds=SLOT,
        )
        ledger, watermark = (written or [ledger])[-1], cutoff
    return sum(row.counts.requests for row in ledger.rows.values())


def forever(lengths: list[int]) -> Iterator[int]:
    while True:
        yield from lengths


@settings(max_examples=400)
@given(
    steps, st.dictionaries(st.integers(1, 20), st.integers(1, 30), max_size=5), st.lists(st.integers(1, 9), min_size=1)
)
@example([("crash twice", 900), ("serve", 990), ("scrape", 0)], {}, [1])
@example(
    [("serve", 90), ("scrape", 0), ("step", 900), ("serve", 9), ("scrape", 0), ("mend", 0), ("scrape", 0)], {}, [1]
)
@example(
    [("restart", 0), ("serve", 9), ("scrape", 0), ("suspend", 900), ("mend", 0), ("serve", 1), ("scrape", 0)], {}, [1]
)
def test_whatever_clocks_do_the_ledger_holds_what_scrapes_saw(
    actions: list[Step], late: dict[int, int], lengths: list[int]
) -> None:
    pod = lived(actions)
    assert booked(pod, late, forever(lengths)) == pod.seen


def test_the_clocks_of_a_node_show_what_linux_shows() -> None:
    clocks = NodeClocks(T0, since_boot=100.5)
    ticks = clocks.ticks()
    clocks.run_until(T0 + 60)
    start = clocks.start_time(ticks)
    assert (start % 1, clocks.date() - start) == (0.5, 60.5), "the boot time has whole seconds, so the start is early"
    clocks.step(-3600)
    assert (clocks.start_time(ticks), clocks.date()) == (start - 3600, T0 + 60 - 3600)
    clocks.suspend_until(T0 + 1000)
    clocks.mend()
    assert clocks.date() == T0 + 1000
    assert clocks.date() - clocks.start_time(ticks) == 60.5
