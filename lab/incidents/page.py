"""The results of a rehearsal as a part of a page, between two marks."""

from collections import Counter
from pathlib import Path

from lab.incidents.plan import Plan
from lab.incidents.stage import Outcome
from lab.incidents.verdict import Row, Verdict, totals
from slo.times import DAY_SECONDS

BEGIN = "<!-- rehearsed incidents: `make incidents` writes this -->"
END = "<!-- end of rehearsed incidents -->"
_HEAD = (
    "what happens",
    "number",
    "told in time",
    "latest after",
    "allowed",
    "told twice",
    "resolved once",
    "counts exact",
)
_KILLS = ("killed before", "killed after")
_SAYS = (
    ("evaluations overtaken by another one", ("overtaken",)),
    ("calls throttled", ("throttled",)),
    ("records of the stream repeated", ("record repeated",)),
    ("pushes lost", ("lost",)),
    ("pushes late", ("late",)),
    ("pushes sent twice", ("twice",)),
    ("messages queued twice", ("queued twice",)),
)


def render(plan: Plan, outcome: Outcome, verdict: Verdict) -> str:
    """The results as Markdown."""
    longest = max(each.seconds for each in plan.clusters) / DAY_SECONDS
    served = [outcome.clusters["town"].served_between(name, "", -1, -1) for name in sorted(plan.quiet & _of_town(plan))]
    requests, errors = (sum(each[index] for each in served) for index in (0, 1))
    restarts = sum(each.restarts for each in outcome.clusters.values())
    deployments = sum(each.deployments for each in outcome.clusters.values())
    refused = sum(not each.is_taken for each in outcome.told)
    lines = [
        f"{verdict.expected} incidents in {longest:.0f} days of {len(plan.clusters)} clusters, one push a minute: "
        f"{outcome.pushes:,} pushes, {outcome.evaluations:,} evaluations, {len(outcome.told):,} messages at the "
        "receiver.",
        "",
        _table(verdict),
        f"Quiet: {len(served)} domains for {longest:.0f} days at about one request a minute, of which a tenth of what "
        f"their targets allow failed ({errors:,} of {requests:,} requests): {verdict.quiet_incidents} incidents. "
        f"Elsewhere {verdict.false_incidents} incidents that nothing explains.",
        "",
        f"Meanwhile: {_disturbed(outcome.happened)}; the receiver refused {refused}. Traefik restarted {restarts} "
        f"times, and {deployments} rules were deployed anew.",
    ]
    return "\n".join(lines) + "\n"


def _of_town(plan: Plan) -> set[str]:
    return {domain.name for domain in plan.clusters[0].domains}


def _disturbed(happened: Counter[str]) -> str:
    kills = sum(happened[each] for each in _KILLS)
    said = [f"{kills:,} functions killed at a write"]
    said += [f"{sum(happened[each] for each in names):,} {text}" for text, names in _SAYS]
    return ", ".join(said)


def _table(verdict: Verdict) -> str:
    rows = [_line(name, row) for name, row in sorted(verdict.rows.items())]
    rows.append(_line("all", totals(verdict.rows)))
    rule = ("---", *["---:"] * (len(_HEAD) - 1))
    return "".join(f"| {' | '.join(cells)} |\n" for cells in (_HEAD, rule, *rows))


def _line(name: str, row: Row) -> tuple[str, ...]:
    after = f"{max(row.after):,.0f} s" if row.after else ""
    allowed = f"{row.allowed:,.0f} s" if row.allowed else ""
    exact = f"{row.exact} of {row.counted}" if row.counted else ""
    return (name, str(row.number), str(row.told), after, allowed, str(row.twice), str(row.resolved), exact)


def write(file: Path, text: str) -> None:
    """Put the results between the marks of a page. Raises ValueError if it has none."""
    before, found, rest = file.read_text(encoding="utf-8").partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not found or not ended:
        raise ValueError(f"{file}: the marks `{BEGIN}` and `{END}` are missing")
    file.write_text(f"{before}{BEGIN}\n\n{text}\n{END}{after}", encoding="utf-8")
