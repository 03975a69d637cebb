"""The page on cost.

python -m bench.cost_page        prints and writes docs/cost.md
"""

from bench import calibration, cost, prices
from bench.capacity import AFTER_ROLLUP
from bench.counts import BenchmarkCounts, load
from bench.markdown import dollars, number, table
from lab.paths import ROOT

PAGE = ROOT / "docs" / "cost.md"
_EXAMPLE = (300, 2)
"""Routes and pods: most clusters run two Traefik pods, so that one may fail."""


def render(counts: BenchmarkCounts) -> str:
    """docs/cost.md."""
    return "\n".join(
        (
            "# What it costs\n",
            _first(counts),
            "`make bench` writes this page; `python -m bench.cost_page` writes it again from docs/benchmarks.json. "
            "DynamoDB Local\ncounted the units. `bench/cost.py` has the arithmetic. `bench/prices.py` has AWS's list "
            f"prices of {prices.REGION} as of\n{prices.AS_OF}. Sums are dollars a month at list price, before any free "
            "tier, unless they say otherwise.\n",
            "## A cluster\n",
            _clusters(counts),
            "All routes are active all the time. An idle route costs nearly the same, because Traefik keeps its "
            "counters. The sum\nincludes one dashboard that is open for an hour of every working day. One whose list "
            f"is always open costs {dollars(cost.open_all_day())} for\nits requests: it asks when newer figures can be "
            "there, and nothing while it is hidden.\n",
            "## A deployment\n",
            "A deployment costs the same for any number of clusters:\n",
            _fixed(counts),
            "The dashboard in CloudWatch is off by default: an account's first three are free, others 3 dollars each. "
            "Tracing is off\nby default. No metric has a dimension for the cluster, because each metric would cost "
            f"{prices.METRICS.dollars:.2f} a month for\nevery cluster.\n",
            "## The first bill\n",
            _bills(counts),
            "With the deployment itself. `first bill` leaves out what AWS gives each account free every month (10 "
            "alarms, 10 metrics,\na million queue requests and Lambda requests, 25 GB, and more: `prices.ALWAYS_FREE`)"
            ", if nothing else uses it. `in free\ncapacity` is the same with `BillingMode=PROVISIONED`: the tables "
            "then have 25 units, which AWS always gives free\n([install on AWS](install-aws.md#free-capacity)).\n",
            "## How the sum is made\n",
            f"{_EXAMPLE[0]} routes behind {_EXAMPLE[1]} Traefik pods:\n",
            _bill(counts),
            _arithmetic(counts),
            "## Compared with others\n",
            _others(counts),
            "The old layout wrote one item for each counter, bucket and host with every push (`bench/old_system.py`). "
            "Managed\nPrometheus ingests the same series once a minute; the same dashboard queries it without "
            "recording rules, and compares a\nday with the day before. Its free tier (40 million samples, 10 GB and "
            "200 billion samples of queries a month) is taken\noff. Grafana Cloud's free plan takes "
            f"{prices.GRAFANA_FREE_SERIES:,} active series and keeps them for 14 days (https://grafana.com/pricing/).\n",
            _dearer(counts),
            "## Prices\n",
            _prices(),
        )
    )


def _first(counts: BenchmarkCounts) -> str:
    lines, fixed = cost.month(counts, counts.of(*_EXAMPLE)), cost.fixed(counts.stack)
    return (
        f"A first cluster of {_EXAMPLE[0]} routes behind {_EXAMPLE[1]} Traefik pods costs "
        f"**{dollars(cost.total([*lines, *fixed]))} dollars a month** at list price: {dollars(cost.total(lines))} for "
        f"the cluster,\nand {dollars(cost.total(fixed))} for the deployment, which further clusters share. With what "
        f"AWS always gives free, the first bill is\n**{dollars(cost.billed([*lines, *fixed]))}**.\n"
    )


def _clusters(counts: BenchmarkCounts) -> str:
    rows = []
    for routes, pods in cost.sizes(counts):
        capacity, loads = counts.of(routes, pods), counts.loads[routes]
        rows.append(
            [
                number(routes),
                str(pods),
                number(cost.write_units(capacity) / 1e6),
                number(cost.read_units(capacity, counts.stack) / 1e6),
                number(cost.gigabyte_seconds(capacity, loads, counts.stack)),
                dollars(cost.total(cost.month(counts, capacity))),
            ]
        )
    head = ["routes", "Traefik pods", "write units, M", "read units, M", "GB-seconds", "dollars"]
    return table(head, rows)


def _bills(counts: BenchmarkCounts) -> str:
    fixed = cost.fixed(counts.stack)
    rows = []
    for routes, pods in cost.sizes(counts):
        lines = [*cost.month(counts, counts.of(routes, pods)), *fixed]
        unmetered = [line for line in lines if line.price not in (prices.WRITE_UNITS, prices.READ_UNITS)]
        fits = cost.fits_free_capacity(counts.of(routes, pods))
        rows.append(
            [
                number(routes),
                str(pods),
                dollars(cost.total(lines)),
                dollars(cost.billed(lines)),
                dollars(cost.billed(unmetered)) if fits else "–",
            ]
        )
    return table(["routes", "Traefik pods", "list price", "first bill", "in free capacity"], rows)


def _bill(counts: BenchmarkCounts) -> str:
    capacity = counts.of(*_EXAMPLE)
    lines = cost.month(counts, capacity)
    rows = [
        [
            line.name,
            f"{line.amount:,.0f}" if line.amount >= 100 else f"{line.amount:.3f}",
            line.price.unit,
            dollars(line.dollars),
        ]
        for line in lines
    ]
    return table(["", "amount", "unit", "dollars"], [*rows, ["**sum**", "", "", f"**{dollars(cost.total(lines))}**"]])


def _arithmetic(counts: BenchmarkCounts) -> str:
    capacity, loads = counts.of(*_EXAMPLE), counts.loads[_EXAMPLE[0]]
    ingest = cost.seconds(
        counts.stack.memory_megabytes["ingest"], cost.times(loads["ingest"], capacity.pods), capacity.push.requests
    )
    push, rollup = capacity.push, capacity.rollup
    return (
        f"- Writes: {cost.PUSHES:,} pushes of {number(push.writes)} units, {cost.ROLLUPS:,} rollups of "
        f"{number(rollup.writes)}, {cost.HOURS} closed hours of {number(capacity.hour_close.writes)}, "
        f"{cost.DAYS:.1f} closed days of {number(capacity.day_close.writes)}, and\n  {cost.STATUS_BOOKS:.0f} changes "
        f"of status at {number(capacity.status_book_writes)}. Where many clusters keep several functions busy at once, "
        "a push takes up to 8 for each pod\n  ([decision 13](decisions/0013-what-a-push-costs.md)).\n"
        f"- Reads: {number(push.reads)} a push, {number(rollup.reads)} a rollup, {number(capacity.hour_close.reads)} "
        f"more to close an hour and {number(capacity.day_close.reads)} to close a day,\n  "
        f"{number(capacity.answers['list 1d'].reads)} for each of {cost.LISTS:,.0f} lists and "
        f"{number(capacity.answers['detail 7d'].reads)} for each of {cost.DETAILS:,.0f} details and trends; "
        f"{number(capacity.answers['list 1d' + AFTER_ROLLUP].reads)} and\n  "
        f"{number(capacity.answers['detail 7d' + AFTER_ROLLUP].reads)} for the fifth of them that is the first after a "
        f"rollup. The authorizer reads a token at most every\n  {counts.stack.authorization_seconds} seconds, for 1.\n"
        f"- Lambda time: measured CPU time, in runs of a fixed piece of Python whose time on Lambda is known\n  "
        f"(`bench/calibration.py`; {calibration.SOURCE}). It runs at the share\n  of a vCPU that comes with the "
        f"function's memory ({calibration.VCPU_MEGABYTES} MB give one), and {cost.ROUND_TRIP_SECONDS * 1000:.0f} ms "
        f"are added for each request to\n  DynamoDB. A push takes {ingest * 1000:.0f} ms.\n"
        "- Incidents: the stream of the clusters' table starts an evaluation for each push, and a glance for each of "
        "a rollup's\n  two writes. Lambda reads the stream free of charge. An evaluation reads "
        f"{number(capacity.evaluation.reads)} units. It writes nothing while all is well. In all\n  "
        f"{dollars(cost.total(cost.incidents(counts, capacity)))} "
        "dollars; a step of an incident adds two writes of its size, and a request to SQS for each channel.\n"
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
        for pods in (1, 2):
            capacity, series = counts.of(routes, pods), counts.series[routes] * pods
            lines = [*cost.month(counts, capacity), *cost.fixed(counts.stack)]
            rows.append(
                [
                    number(routes),
                    str(pods),
                    dollars(cost.billed(lines)),
                    number(series),
                    dollars(sum(cost.managed_prometheus(series))),
                    "free" if series <= prices.GRAFANA_FREE_SERIES else "more than free",
                    dollars(cost.old_system(counts, routes, pods)),
                    f"{counts.old_writes[routes] * pods / capacity.push.writes:.0f}",
                ]
            )
    return table(
        [
            "routes",
            "Traefik pods",
            "ingress-slo, first bill",
            "series",
            "Managed Prometheus",
            "Grafana Cloud",
            "old layout, writes",
            "old / new write units",
        ],
        rows,
    )


def _dearer(counts: BenchmarkCounts) -> str:
    """Say where another one is cheaper."""
    cheaper = [
        f"{routes} routes behind {pods} pod{'s' if pods > 1 else ''}"
        for routes in sorted(counts.old_writes)
        for pods in (1, 2)
        if counts.series[routes] * pods <= prices.GRAFANA_FREE_SERIES
    ]
    return (
        f"So {_listed(cheaper)} cost nothing in Grafana Cloud, and small clusters nothing in Managed Prometheus. What "
        "their figures\nlose is in [benchmarks](benchmarks.md#exactness): `increase()` does not see the first "
        "requests of a series.\n"
    )


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


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
