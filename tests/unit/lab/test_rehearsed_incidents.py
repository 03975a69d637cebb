"""The judge of a rehearsal finds what is wrong, and the traffic is what the plan says."""

from collections import Counter
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest

from lab.incidents import page, plan
from lab.incidents.plan import Domain, Expected, Fault, Plan, burning_seconds
from lab.incidents.services import Told
from lab.incidents.stage import EVERYONE, START, Outcome
from lab.incidents.traffic import Cluster
from lab.incidents.verdict import judge
from slo.incidents.incident import Incident, Step, Subject

DOMAIN = "shop.example.com"
FAULT = Fault(600.0, 1200.0, 0.55)
EXPECTED = Expected("outage", "outage", "page", "town", 600.0, 1200.0, 150.0, domain=DOMAIN)
TOWN = plan.ClusterPlan("town", 3600.0, domains=[Domain(DOMAIN, 60.0, faults=(FAULT,))])
PLAN = Plan([TOWN], [EXPECTED], frozenset({"quiet.example.com"}))


def cluster() -> Cluster:
    made = Cluster(TOWN, START, 1)
    for number in range(60):
        assert made.snapshot(number) is not None
    return made


def outcome(*told: Told, incident: Incident | None = None) -> Outcome:
    made = cluster()
    found = incident or right(made)
    return Outcome(
        told=list(told) or [told_of("opened", 660), told_of("resolved", 2000)],
        incidents={"town": [found]},
        clusters={"town": made},
        seen={"town": list(range(60))},
        disturbed={"town": []},
    )


def right(made: Cluster) -> Incident:
    first, last = made.scrape_until(START + 600), made.scrape_until(START + 1990)
    requests, errors, _ = made.served_between(DOMAIN, "", first, last)
    steps = (
        Step(at=START + 660, what="opened", severity="page"),
        Step(at=START + 1990, what="resolved", severity="page"),
    )
    return Incident(
        incident_id="1-a",
        cluster_id="town",
        kind="outage",
        severity="page",
        subject=Subject(domain=DOMAIN),
        since=START + 600,
        opened_at=START + 660,
        resolved_at=START + 1990,
        requests=requests,
        errors=errors,
        steps=steps,
    )


def told_of(what: str, after: float, number: int = 1, *, is_taken: bool = True) -> Told:
    return Told(START + after, EVERYONE, f"{what}-{number}", what, "1-a", is_taken)


def test_a_rehearsal_in_which_all_is_right_has_no_problems() -> None:
    verdict = judge(PLAN, outcome())
    assert verdict.problems == []
    assert verdict.rows["outage"].exact == 1


@pytest.mark.parametrize(
    ("told", "problem"),
    [
        ([told_of("opened", 800), told_of("resolved", 2000)], "told 200 s after"),
        ([told_of("opened", 660), told_of("opened", 661, 2), told_of("resolved", 2000)], "told twice"),
        ([told_of("opened", 660), told_of("opened", 661), told_of("resolved", 2000)], "taken 2 times"),
        ([told_of("opened", 660)], "resolved 1 times, told"),
        ([told_of("resolved", 2000)], "not told"),
        ([told_of("opened", 660), told_of("resolved", 2000), told_of("resolved", 2001, 2)], "told twice: resolved"),
    ],
)
def test_what_is_told_late_twice_or_not_at_all_is_a_problem(told: list[Told], problem: str) -> None:
    assert any(problem in each for each in judge(PLAN, outcome(*told)).problems)


def test_a_refused_message_that_comes_again_is_no_second_one() -> None:
    told = [told_of("opened", 660, is_taken=False), told_of("opened", 720), told_of("resolved", 2000)]
    assert judge(PLAN, outcome(*told)).problems == []


def test_a_push_that_was_late_is_worth_a_minute() -> None:
    found = outcome(told_of("opened", 800), told_of("resolved", 2000))
    found.disturbed["town"] = [640.0]
    assert judge(PLAN, found).problems == []


def test_a_missed_a_false_and_a_quiet_incident_are_problems() -> None:
    found = outcome()
    [incident] = found.incidents["town"]
    other = msgspec.structs.replace(incident, incident_id="1-b", subject=Subject(domain="quiet.example.com"))
    verdict = judge(PLAN, outcome(incident=other))
    assert [each.partition(":")[0] for each in verdict.problems] == ["missed", "false"]
    assert (verdict.quiet_incidents, verdict.false_incidents) == (1, 0)


def test_counts_that_are_not_exact_are_a_problem() -> None:
    found = outcome()
    [incident] = found.incidents["town"]
    wrong = outcome(incident=msgspec.structs.replace(incident, errors=incident.errors + 1))
    assert [each.partition(" ")[0] for each in judge(PLAN, wrong).problems] == ["counts"]


def test_a_fault_hits_its_share_of_the_requests_and_nothing_else_fails() -> None:
    made = cluster()
    first, last = made.scrape_until(START + 590), made.scrape_until(START + 1260)
    requests, errors, _ = made.served_between(DOMAIN, "", first, last)
    assert 0.45 < errors / requests < 0.6
    assert made.served_between(DOMAIN, "", -1, 59)[1] == errors


def test_what_burns_is_told_after_the_workbooks_times() -> None:
    """A total failure of 99.9 % for 30 days: 14.4 / 1000 of an hour, with a slot, a tenth and 150 s."""
    seconds, severity = burning_seconds(1000, 30)
    assert (round(seconds, 1), severity) == (round(0.0144 * 3900 * 1.1 + 150, 1), "page")
    assert burning_seconds(2, 30)[1] == "ticket"


def test_the_month_has_two_hundred_incidents_of_all_kinds_and_thirty_quiet_domains() -> None:
    wanted = plan.month()
    kinds = Counter(each.kind for each in wanted.expected)
    assert len(wanted.expected) >= 200
    assert kinds.keys() == {"outage", "burn", "trickle", "latency", "silent", "budget", "certificate"}
    assert len([name for name in wanted.quiet if name.startswith("quiet-")]) == 30
    apart = {(each.cluster_id, each.domain, each.kind) for each in wanted.expected}
    for key in apart:
        own = sorted((e.begins, e.ends) for e in wanted.expected if (e.cluster_id, e.domain, e.kind) == key)
        if key[2] not in ("certificate", "silent"):
            assert all(end + 1800 < begin for (_, end), (begin, _) in pairwise(own))


def test_the_results_replace_what_is_between_the_marks(tmp_path: Path) -> None:
    found = outcome()
    quiet = replace(PLAN, quiet=frozenset())
    file = tmp_path / "page.md"
    file.write_text(f"before\n{page.BEGIN}\nstale\n{page.END}\nafter\n")
    page.write(file, page.render(quiet, found, judge(quiet, found)))
    text = file.read_text()
    assert text.startswith(f"before\n{page.BEGIN}\n")
    assert text.endswith(f"{page.END}\nafter\n")
    assert "stale" not in text
    with pytest.raises(ValueError, match="missing"):
        page.write(Path(__file__), "")
