"""The page on cost.

python -m bench.cost_page        prints and writes docs/cost.md
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
            "`make bench` writes this page; `python -m bench.cost_page` writes it again from docs/benchmarks.json. "
            "DynamoDB Local\ncounted the units. `bench/cost.py` has the arithmetic. `bench/prices.py` has AWS's list "
            f"prices of {prices.REGION} as of\n{prices.AS_OF}, before any free tier. Sums are dollars a month.\n",
            "## A cluster\n",
            _clusters(counts),
            "All routes are active all the time. An idle route costs nearly the same, because Traefik keeps its "
            "counters. The sum\nincludes one dashboard that is open for an hour of every working day. `first bill` is "
            "for the first cluster of an account: it\nleaves out what AWS always gives free (storage, Lambda, queue, "
            "logs, transfer).\n",
            "## How the sum is made\n",
            f"{_EXAMPLE[0]} routes behind one Traefik pod:\n",
            _bill(counts),
            _arithmetic(counts),
            "## A deployment\n",
            "A deployment costs the same for any number of clusters. AWS's free tier (10 alarms, 10 metrics, 3 "
            "dashboards, a million\nqueue requests a month) covers it if nothing else uses it:\n",
            _fixed(counts),
            "Tracing is off by default. No metric has a dimension for the cluster, because each metric would cost "
            f"{prices.METRICS.dollars:.2f} a month for\nevery cluster.\n",
            "## Compared with others\n",
            _others(counts),
            "The old layout wrote one item for each counter, bucket and host with every push (`bench/old_system.py`). "
            "Managed\nPrometheus ingests the same series once a minute. The same dashboard queries it without "
            "recording rules, and compares a\nday with the day before.\n",
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
        f"{number(rollup.writes)}, {cost.HOURS} closed hours of {number(capacity.hour_close.writes)}, "
        f"{cost.DAYS:.1f} closed days of {number(capacity.day_close.writes)}, and\n  {cost.STATUS_BOOKS:.0f} changes "
        f"of status at {number(capacity.status_book_writes)}.\n"
        f"- Reads: {number(push.reads)} a push, {number(rollup.reads)} a rollup, {number(capacity.hour_close.reads)} "
        f"more to close an hour and {number(capacity.day_close.reads)} to close a day. The first answer after a\n  "
        f"rollup reads {number(capacity.answers['list 1d'].reads)} for a list and "
        f"{number(capacity.answers['detail 7d'].reads)} for a detail; later ones read 1. Of {cost.LISTS:,.0f} lists "
        f"and {cost.DETAILS:,.0f} details, one\n  in ten is the first. The authorizer reads a token at most every "
        f"{counts.stack.authorization_seconds} seconds, for 1.\n"
        f"- Lambda time: the measured CPU time, at the share of a vCPU that comes with the function's memory "
        f"({cost.VCPU_MEGABYTES} MB give one),\n  plus {cost.ROUND_TRIP_SECONDS * 1000:.0f} ms for each request to "
        f"DynamoDB. A push takes {ingest * 1000:.0f} ms.\n"
        "- Logs: the functions' own lines. `SystemLogLevel` in template.yaml drops Lambda's lines.\n"
        "- Storage: once everything that expires has begun to (raw after 2 days, ledgers after 8, 190 and 400, books "
        "after 90 and 400).\n"
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
        "\nManaged Prometheus charges for ingested samples by tiers (`prices.prometheus_ingestion`).\n"
    )


def main() -> None:
    """Print and write the page."""
    page = render(load())
    PAGE.write_text(page)
    print(page)


if __name__ == "__main__":
    main()
