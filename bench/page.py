"""The page of all benchmarks."""

from bench import cost
from bench.capacity import Capacity
from bench.goals import goals
from bench.handlers import Time
from bench.markdown import dollars, number, table
from bench.parsing import ROUTES
from bench.run import Found
from slo.times import TIME_RANGES

_HEAD = """\
`make bench` wrote this page. It ran its steps one after the other on one machine. Milliseconds depend on that machine,
so no goal has any: a time is counted in round trips of `get_item`, or in runs of a fixed piece of Python
(`bench/calibration.py`: 100,000 hashes), measured in the same process. For 30d over 1d, one process answers both, in
turn from minute to minute. Clusters are synthetic (`bench/synthetic.py`): four paths a domain, most traffic on few
paths, 2.5 kinds of answers a path. P50 and P95 are wall times, and mean something only if the load average is below the
number of cores. A busy machine affects CPU time less, and counts not at all.
"""
_UNITS = """\
Request units of DynamoDB Local, W for writes and R for reads. `rollup` books five minutes in which no status changes.
`hour` and `day` are what the close of an hour and of a day add. `list` and `detail` are an answer's reads for 1d / 7d /
30d. In the last line a fifth of the routes is active in each minute. [What it costs](cost.md) uses these counts.
"""


def render(found: Found) -> str:
    """docs/benchmarks.md."""
    return "\n".join(
        (
            "# Benchmarks\n",
            _HEAD,
            ", ".join(f"{name} {text}" for name, text in found.versions.items()) + ".\n",
            "## Goals\n",
            _goals(found),
            "## Consumed capacity\n",
            _capacity(found),
            _UNITS,
            _money(found),
            "## Parsing\n",
            _parsing(found),
            "## Handlers\n",
            _handlers(found),
            "A plain answer is the first one after a push, as a dashboard gets it; every fifth is the first after a "
            "rollup, too.\nFor `again`, nothing was pushed in between. Round trips are botocore's `get_item` on the "
            "same DynamoDB Local, measured\nbetween the calls. The P95 of a fixed piece of plain Python was "
            f"{found.steadiness:.2f} times its P50 in this run: the machine causes that much\nof each P95.\n",
            "## Cold start\n",
            _cold_start(found),
            "## Packages\n",
            table(
                ["", "MB unzipped", "MB zipped"],
                [[name, f"{size.unzipped:.2f}", f"{size.zipped:.2f}"] for name, size in found.packages.items()],
            ),
            "## Exactness\n",
            _exactness(found),
            "Answers with 5xx in recordings of a real Traefik. `true 5xx` are those in its access log that a scrape "
            "could have seen.\n`increase()` is `sum(increase(...))` of a Prometheus with the same scrapes. The old "
            "system counted last minus first.\n",
        )
    )


def _goals(found: Found) -> str:
    rows = [
        [
            goal.name,
            f"{'at least' if goal.is_least else 'at most'} {goal.limit:g}",
            number(goal.found),
            "yes" if goal.holds else "**no**",
        ]
        for goal in goals(found)
    ]
    return table(["", "goal", "found", "holds"], rows)


def _capacity(found: Found) -> str:
    rows = []
    for each in found.counts.capacity:
        name = f"{each.routes:,}" + ("" if each.active_share == 1 else f", {each.active_share:.0%} active")
        rows.append(
            [
                name,
                str(each.pods),
                number(each.push.writes),
                number(each.push.reads),
                number(each.rollup.writes),
                number(each.rollup.reads),
                number(each.hour_close.writes),
                number(each.day_close.writes),
                *(_reads(each, what) for what in ("list", "detail")),
            ]
        )
    head = ["routes", "pods", "push: W", "R", "rollup: W", "R", "hour: W", "day: W", "list: R", "detail: R"]
    return table(head, rows)


def _reads(capacity: Capacity, what: str) -> str:
    return "/".join(number(capacity.answers[f"{what} {time_range}"].reads) for time_range in TIME_RANGES)


def _money(found: Found) -> str:
    counts = found.counts
    rows = []
    for routes, old in counts.old_writes.items():
        capacity = counts.of(routes, 1)
        other = cost.managed_prometheus(counts.series[routes])
        rows.append(
            [
                number(routes),
                dollars(cost.total(cost.month(counts, capacity))),
                number(old),
                f"{old / capacity.push.writes:.0f}",
                dollars(cost.old_system(counts, routes)),
                dollars(sum(other)),
            ]
        )
    return table(
        [
            "routes, one pod",
            "dollars a month",
            "old layout: W a push",
            "times ours",
            "its writes, dollars",
            "Managed Prometheus, dollars",
        ],
        rows,
    )


def _parsing(found: Found) -> str:
    parsing, agent = found.parsing, found.agent
    rows = [
        [f"{parsing.lines:,} lines, CPU time in prometheus_client's", f"{1 / parsing.text_times_as_fast:.3f}"],
        ["times as fast", f"{parsing.text_times_as_fast:.1f}"],
        ["the same metrics in protobuf, times as fast", f"{parsing.protobuf_times_as_fast:.1f}"],
        ["peak memory above the interpreter's, text, MB", f"{parsing.text_megabytes:.0f}"],
        ["peak memory above the interpreter's, protobuf, MB", f"{parsing.protobuf_megabytes:.0f}"],
        ["whole run with a real Traefik and 7 routes, MB resident", f"{agent.stage:.0f}"],
        [f"whole run with {ROUTES:,} routes and that text, MB resident", f"{agent.text:.0f}"],
        [f"whole run with {ROUTES:,} routes and that protobuf, MB resident", f"{agent.protobuf:.0f}"],
    ]
    return table(["", "found"], rows)


def _handlers(found: Found) -> str:
    rows = [
        *(
            _timed(f"{name}, {routes:,} routes", time)
            for routes, times in found.answers.items()
            for name, time in times.items()
        ),
        *(_timed(f"push, {routes:,} routes", time) for routes, time in found.pushes.items()),
        *(_timed(f"rollup of 5 minutes, {routes:,} routes", time) for routes, time in found.rollups.items()),
        *(_timed(f"evaluation of a push, {routes:,} routes", time) for routes, time in found.evaluations.items()),
        _timed("rollup of an hour at once, 3,000 routes", found.hour_rollup),
    ]
    head = ["handler", "P50: round trips", "P95: round trips", "P95: pieces", "P50 ms", "P95 ms", "CPU ms"]
    return table(head, rows)


def _timed(name: str, time: Time) -> list[str]:
    times = (time.round_trips, time.p95_round_trips, time.p95_pieces, time.p50_ms, time.p95_ms, time.cpu_ms)
    return [name, *(f"{each:.1f}" for each in times)]


def _cold_start(found: Found) -> str:
    cold = found.cold_start
    rows = [[name, f"{ratio:.2f}"] for name, ratio in cold.ratios.items()]
    return table(
        ["loading", "imports of boto3"], [*rows, ["botocore and one client, alone", f"{cold.client_ratio:.2f}"]]
    )


def _exactness(found: Found) -> str:
    rows = [
        [
            row.recording,
            f"{row.seconds:.0f}",
            f"{row.requests:,}",
            str(row.truth),
            str(row.ours),
            "not installed" if row.increase is None else f"{row.increase:.1f}",
            str(row.last_minus_first),
        ]
        for row in found.exactness
    ]
    return table(
        ["recording", "seconds", "requests", "true 5xx", "this design", "Prometheus `increase()`", "last minus first"],
        rows,
    )
