"""The page on scale."""

from bench import scale
from bench.capacity import Capacity
from bench.counts import Counts
from bench.markdown import number, table
from bench.scale import Service

_WORKERS = 500
_SIZES = (1_000, 10_000, 30_000)


def render(counts: Counts) -> str:
    """docs/scale.md."""
    capacity, times = scale.at_scale(counts)
    return "\n".join(
        (
            f"# {scale.CLUSTERS:,} clusters\n",
            "This page is written by `make scale` (`bench/scale.py`) from what the benchmarks counted "
            f"(docs/benchmarks.json): clusters\nof {scale.ROUTES} routes with one Traefik pod each, all active.\n",
            "## Tables\n",
            _tables(capacity),
            f"Units a second. A table takes {scale.TABLE_UNITS.limit:,.0f} of each until its quota is raised; one "
            f"partition takes {scale.PARTITION_WRITES.limit:,.0f} writes and "
            f"{scale.PARTITION_READS.limit:,.0f}\nreads, and never more. The busiest partition is one cluster's, whose "
            "items share a key, in the second of its push or rollup;\nof the clusters table it is where dispatch "
            "scans. DynamoDB splits tables by that key, so nothing grows hotter with more clusters.\n",
            "## Functions and queue\n",
            _functions(times),
            f"Agents push within the first {scale.SPREAD_SECONDS} seconds of a minute (their setting "
            f"`SPREAD_SECONDS`), at most {_WORKERS} rollups run at once. Lag is from a\nslot's end to the last "
            "cluster's watermark, of which a minute is the cut-off's wait.\n",
            f"A push takes {times.ingest * 1000:.0f} ms, its token {times.authorize * 1000:.0f} ms, a rollup "
            f"{times.rollup * 1000:.0f} ms, one that closes an hour {times.hour_close * 1000:.0f} ms: CPU time as "
            "measured, at the\nshare of a vCPU that the function has, and 5 ms for each request to DynamoDB.\n",
            "## What gives first\n",
            _first(capacity, times),
            _advice(),
        )
    )


def _tables(capacity: Capacity) -> str:
    rows = [
        [
            demand.table,
            number(demand.writes),
            number(demand.reads),
            number(demand.partition_writes),
            number(demand.partition_reads),
        ]
        for demand in scale.demands(scale.CLUSTERS, capacity)
    ]
    return table(["table", "writes", "reads", "busiest partition: writes", "reads"], rows)


def _functions(times: Service) -> str:
    rows = []
    for clusters in _SIZES:
        seen = scale.simulate(clusters, times, workers=_WORKERS)
        rows.append(
            [
                number(clusters),
                number(seen.pushes_per_second),
                number(seen.ingest_concurrency),
                number(seen.authorize_concurrency),
                number(seen.rollup_concurrency),
                number(seen.queue_depth),
                f"{seen.lag_seconds:.0f} s",
            ]
        )
    head = ["clusters", "pushes a second", "ingest at once", "authorize", "rollup", "queue depth", "lag"]
    return table(head, rows)


def _first(capacity: Capacity, times: Service) -> str:
    seen = scale.simulate(scale.CLUSTERS, times, workers=_WORKERS)
    demands = list(scale.demands(scale.CLUSTERS, capacity))
    at_once = seen.ingest_concurrency + seen.authorize_concurrency + seen.rollup_concurrency
    answer = scale.CLUSTERS * scale.CLUSTER_ANSWER_BYTES
    used = [
        (scale.API_RATE, float(seen.pushes_per_second)),
        (scale.ACCOUNT_API_RATE, float(seen.pushes_per_second)),
        (scale.CONCURRENCY, float(at_once)),
        (scale.TABLE_UNITS, max(max(demand.writes, demand.reads) for demand in demands)),
        (scale.PARTITION_WRITES, max(demand.partition_writes for demand in demands)),
        (scale.PARTITION_READS, max(demand.partition_reads for demand in demands)),
        (scale.ANSWER_BYTES, float(answer)),
    ]
    ordered = sorted(used, key=lambda each: each[1] / each[0].limit, reverse=True)
    rows = [
        [
            quota.name,
            number(demand),
            number(quota.limit),
            f"{demand / quota.limit:.0%}",
            "yes" if quota.is_raised else "no",
        ]
        for quota, demand in ordered
    ]
    return table(["quota", "used", "of", "share", "can be raised"], rows)


def _advice() -> str:
    scan = scale.CLUSTERS * scale.CLUSTER_ITEM_BYTES / scale.READ_UNIT_BYTES
    most = scale.ANSWER_BYTES.limit / scale.CLUSTER_ANSWER_BYTES
    return f"""\
1. **The API's own throttle.** `template.yaml` lets {scale.API_RATE.limit:.0f} requests a second through, so that a
   mistake cannot cost a fortune. An agent that is refused with 429 tries again with jitter until its deadline of 45 s,
   so up to 9,000 clusters still get through each minute. Beyond, raise `ThrottlingRateLimit`, or set `SPREAD_SECONDS`
   to 50.
2. **Functions at once.** Ask for more than the first 1,000 of an account, and reserve some for readers.
3. **Scans of the clusters table.** Dispatch reads all of it every five minutes, and `GET /api/v2/slo/clusters`
   whenever a reader asks for all clusters: cheap at hundreds, {scan:,.0f} read units each time at {scale.CLUSTERS:,},
   and the answer reaches Lambda's 6 MB at about {most:,.0f}. Several stacks of some thousand clusters each are the
   simple way on: clusters share nothing.
"""
