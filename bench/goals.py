"""The goals for the figures, in one table: the limit, the measured value, and whether it holds."""

from typing import NamedTuple

import msgspec

from bench import cost
from bench.handlers import AGAIN
from bench.run import EVALUATED, Found

ANSWER_ROUND_TRIPS = 25
ANSWER_PIECES = 2.2
"""60 ms on a machine where `get_item` takes 2.4 ms and the calibration's piece 27 ms."""
EVALUATION_PIECES = 3.7
"""100 ms on the same machine."""
GOAL_ROUTES = 300


class Goal(NamedTuple):
    """One goal. `limit` is the maximum, or with `is_least` the minimum."""

    name: str
    limit: float
    found: float
    is_least: bool = False

    @property
    def holds(self) -> bool:
        """Whether the measured value is within the limit."""
        return self.found >= self.limit if self.is_least else self.found <= self.limit


def goals(found: Found) -> list[Goal]:
    """All goals."""
    counts = found.counts
    one, two = counts.of(GOAL_ROUTES, 1), counts.of(GOAL_ROUTES, 2)
    answers = found.answers[1000]
    asked = [name for name in sorted(answers) if not name.endswith(AGAIN)]
    ratios = found.cold_start.ratios
    return [
        Goal("write units of a push, 300 routes, one process", 6, one.push.writes),
        Goal("write units of one process, with methods", 5, one.raw_item_writes),
        Goal("dollars a month, figures, 300 routes, one pod", 0.55, cost.total(cost.figures(counts, one))),
        Goal("dollars a month, figures, 300 routes, two pods", 0.75, cost.total(cost.figures(counts, two))),
        Goal("dollars a month, incidents, 300 routes, two pods", 0.10, cost.total(cost.incidents(counts, two))),
        Goal("dollars a month, the deployment itself", 2.50, cost.total(cost.fixed(counts.stack))),
        Goal("dollars a month, requests of a dashboard that is always open", 0.20, cost.open_all_day()),
        Goal("write units, old layout over ours", 200, counts.old_writes[GOAL_ROUTES] / one.push.writes, True),
        Goal("parsing text, times as fast as prometheus_client", 8, found.parsing.text_times_as_fast, True),
        Goal("parsing protobuf, times as fast as that", 8, found.parsing.protobuf_times_as_fast, True),
        Goal("parsing 100,000 lines, MB above the interpreter's", 40, found.parsing.text_megabytes),
        Goal("parsing the same in protobuf, MB", 40, found.parsing.protobuf_megabytes),
        Goal("agent's run, MB resident, 100,000 lines", 120, max(msgspec.structs.astuple(found.agent))),
        *(Goal(f"loading {name}, in imports of boto3", 3.0, ratios[name]) for name in ("authorize", "ingest", "query")),
        *(
            Goal(
                f"{name}, P95 in round trips of get_item, 1,000 routes",
                ANSWER_ROUND_TRIPS,
                answers[name].p95_round_trips,
            )
            for name in asked
        ),
        *(
            Goal(f"{name}, P95 in runs of a piece of Python, 1,000 routes", ANSWER_PIECES, answers[name].p95_pieces)
            for name in asked
        ),
        *(
            Goal(f"{name}, P50 of 30d over 1d, {routes:,} routes", 1.2, ratio)
            for routes, of_routes in sorted(found.month_over_day.items())
            for name, ratio in of_routes.items()
        ),
        Goal(
            "evaluation of a push, P95 of CPU in runs of a piece of Python, 1,000 routes",
            EVALUATION_PIECES,
            found.evaluations[EVALUATED].p95_cpu_pieces,
        ),
        Goal("ingest, CPU time a route at 3,000 over at 300", 1.0, _per_route(found)),
    ]


def _per_route(found: Found) -> float:
    return (found.pushes[3000].cpu_ms / 3000) / (found.pushes[300].cpu_ms / 300)
