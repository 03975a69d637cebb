"""A rehearsal of a few hours (`make incidents` rehearses a month): everything is told in its time, and once."""

from lab.cloud.dynamodb_local import DynamoDBLocal
from lab.incidents import plan
from lab.incidents.page import render
from lab.incidents.stage import rehearse
from lab.incidents.verdict import judge, totals


def test_all_incidents_of_some_hours_are_told_once_despite_kills_and_faults(dynamodb_local: DynamoDBLocal) -> None:
    wanted = plan.hours()
    outcome = rehearse(dynamodb_local, wanted, seed=3)
    verdict = judge(wanted, outcome)
    assert verdict.problems == []
    every = totals(verdict.rows)
    assert every.number == every.told == every.resolved == len(wanted.expected) == 20
    assert every.counted == every.exact == 13
    assert (every.twice, verdict.quiet_incidents, verdict.false_incidents) == (0, 0, 0)
    disturbed = ("killed before", "killed after", "overtaken", "throttled", "record repeated", "late", "twice")
    assert [each for each in disturbed if not outcome.happened[each]] == []
    assert any(told.what == "reminder" for told in outcome.told), "and the ends are told after reminders"
    assert "20 | 20 |" in render(wanted, outcome, verdict)
