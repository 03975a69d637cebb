"""The page on cost.

python -m bench.cost_page        prints docs/cost.md, and writes it
"""

from bench import cost, prices
from bench.counts import BenchmarkCounts, load
from bench.markdown import dollars, number, table
from lab.paths import ROOT

PAGE = ROOT / "docs" / "cost.md"
_EXAMPLE = (300, 1)


def render(counts: BenchmarkCounts) -> str:
    """docs/cost.md."""
    return "\n".join(
        (
            "# What it costs\n",
            "This page is written by `make bench` (`python -m bench.cost_page` writes it again from "
            "docs/benchmarks.json): the counts are\n"
            "DynamoDB Local's own, the arithmetic is `bench/cost.py`, the prices are AWS's list prices "
            f"of {prices.REGION} as of {prices.AS_OF}\n(`bench/prices.py`), before any free tier. Dollars a month.\n",
            "## A cluster\n",
            _clusters(counts),
            "Each of the routes is active all the time; an idle one costs nearly the same, as Traefik's counters stay. "
            "In it is one\ndashboard that is open for an hour of every working day. The first bill is the first "
            "cluster's of an account: without what\nAWS gives free every month, for ever (storage, Lambda, queue, "
            "logs, transfer).\n",
            "## How the sum is made\n",
            f"{_EXAMPLE[0]} routes behind one Traefik pod:\n",
            _bill(counts),
            _arithmetic(counts),
            "## A deployment\n",
            "Whatever the number of clusters; AWS's free tier (10 alarms, 10 metrics, 3 dashboards, a million queue "
            "requests a month)\ncovers it where nothing else uses that up:\n",
            _fixed(counts),
            "Tracing is off by default and no metric has a dimension for the cluster: each would cost "
            f"{prices.METRICS.dollars:.2f} a month, for every\ncluster and metric.\n",
            "## Beside others\n",
            _others(counts),
            "The old layout wrote one item for each counter, bucket and host with every push (`bench/old_system.py`). "
            "Managed\nPrometheus takes the same series once a minute; its queries are those of the same dashboard, "
            "which compares a day with\nthe day before, without recording rules.\n",
            "## Prices\n",
            _prices(),
        )
    )


def _clusters(counts: BenchmarkCounts) -> str:
    rows = []
    for routes, pods in cost.sizes(counts):
        capacity, loads = counts.of(routes, pods), counts.loads[routes]
        lines = cost.month(counts, capacity)
        rows.append(
            [
                number(routes),
                str(pods),
                number(cost.write_units(capacity) / 1e6),
                number(cost.read_units(capacity, counts.stack) / 1e6),
                number(cost.PUSHES + cost.REFRESHES + cost.LISTS + cost.DETAILS),
                number(cost.gigabyte_seconds(capacity, loads, counts.stack)),
                dollars(cost.total(lines)),
                dollars(cost.billed(lines)),
            ]
        )
    head = [
        "routes",
        "Traefik pods",
        "write units, M",
        "read units, M",
        "API requests",
        "GB-seconds",
        "dollars",
        "first bill",
    ]
    return table(head, rows)


def _bill(counts: BenchmarkCounts) -> str:
    capacity = counts.of(*_EXAMPLE)
    lines = cost.month(counts, capacity)
    rows = [
        [
            line.name,
            f"{line.amount:,.0f}" if line.amount >= 100 else f"{line.amount:.3f}",
            line.price.unit,
            dollars(line.dollars),
            dollars(line.billed_dollars),
        ]
        for line in lines
    ]
    sums = [f"**{dollars(cost.total(lines))}**", f"**{dollars(cost.billed(lines))}**"]
    return table(["", "amount", "unit", "dollars", "first bill"], [*rows, ["**sum**", "", "", *sums]])


def _arithmetic(counts: BenchmarkCounts) -> str:
    capacity, loads = counts.of(*_EXAMPLE), counts.loads[_EXAMPLE[0]]
    ingest = cost.seconds(counts.stack.memory_megabytes["ingest"], loads["ingest"], capacity.push.requests)
    push, rollup = capacity.push, capacity.rollup
    return (
        f"- Writes: {cost.PUSHES:,} pushes of {number(push.writes)} units, {cost.ROLLUPS:,} rollups of "
        f"{number(rollup.writes)}, {cost.HOURS} hours closed at {number(capacity.hour_close.writes)}, "
        f"{cost.DAYS:.1f} days at\n  {number(capacity.day_close.writes)}, and {cost.STATUS_BOOKS:.0f} changes of a "
        f"status at {number(capacity.status_book_writes)}.\n"
        f"- Reads: a push {number(push.reads)}, a rollup {number(rollup.reads)}, the close of an hour "
        f"{number(capacity.hour_close.reads)} and of a day {number(capacity.day_close.reads)}, a list "
        f"{number(capacity.answers['list 1d'].reads)}, a\n  detail {number(capacity.answers['detail 7d'].reads)}, "
        f"the same again 1; {cost.LISTS:,.0f} lists and {cost.DETAILS:,.0f} answers about a domain, one of ten the "
        "first after a\n  rollup. A token is looked up every "
        f"{counts.stack.authorization_seconds} seconds at most, for 1.\n"
        f"- Lambda time: CPU time as measured, at the share of a vCPU that the function's memory buys "
        f"({cost.VCPU_MEGABYTES} MB buy one), and\n  {cost.ROUND_TRIP_SECONDS * 1000:.0f} ms for each request to "
        f"DynamoDB: a push takes {ingest * 1000:.0f} ms.\n"
        "- Logs: what the functions wrote; Lambda's own lines are left out (`SystemLogLevel` in template.yaml).\n"
        f"- Storage: when all that expires has begun to (raw after 2 days, ledgers after 8, 190 and 400, books after "
        f"90 and 400).\n"
    )


def _fixed(counts: BenchmarkCounts) -> str:
    lines = cost.fixed(counts.stack)
    rows = [[line.name, f"{line.amount:,.0f}", dollars(line.dollars)] for line in lines]
    return table(["", "amount", "dollars"], [*rows, ["**sum**", "", f"**{dollars(cost.total(lines))}**"]])


def _others(counts: BenchmarkCounts) -> str:
    rows = []
    for routes in sorted(counts.old_writes):
        capacity = counts.of(routes, 1)
        other = cost.managed_prometheus(counts.series[routes])
        rows.append(
            [
                number(routes),
                dollars(cost.total(cost.month(counts, capacity))),
                dollars(cost.old_system(counts, routes)),
                f"{counts.old_writes[routes] / capacity.push.writes:.0f}",
                number(counts.series[routes]),
                dollars(other.ingestion),
                dollars(other.storage),
                dollars(other.queries),
            ]
        )
    return table(
        [
            "routes",
            "ingress-slo, all",
            "old layout, writes",
            "old / new write units",
            "series",
            "Prometheus: samples",
            "storage",
            "queries",
        ],
        rows,
    )


def _prices() -> str:
    rows = [[price.unit, f"{price.dollars:g}", f"{price.per:,.0f}", price.source] for price in prices.ALL]
    return table(["unit", "dollars", "per", "source"], rows) + (
        "\nManaged Prometheus takes in samples by tiers (`prices.prometheus_ingestion`).\n"
    )


def main() -> None:
    """Print and write the page."""
    page = render(load())
    PAGE.write_text(page)
    print(page)


if __name__ == "__main__":
    main()
