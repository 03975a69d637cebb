"""The cost page, and what other pages say of the bill, are what the code computes from the stored counts."""

import re

import pytest

from bench import cost, cost_page
from bench.counts import load
from lab.cloud.tables import template
from lab.paths import ROOT


def test_the_page_on_cost_is_what_the_counts_and_prices_give() -> None:
    assert cost_page.PAGE.read_text() == cost_page.render(load()), "run `python -m bench.cost_page`"


@pytest.mark.parametrize(("pods", "dollars"), [(1, 0.55), (2, 0.75)])
def test_a_cluster_of_300_routes_costs_cents(pods: int, dollars: float) -> None:
    counts = load()
    assert cost.total(cost.figures(counts, counts.of(300, pods))) <= dollars
    assert cost.total(cost.incidents(counts, counts.of(300, pods))) <= 0.10
    assert cost.total(cost.fixed(counts.stack)) <= 2.50


def test_other_pages_tell_the_bill_of_a_first_cluster_behind_two_pods() -> None:
    counts = load()
    fixed = cost.fixed(counts.stack)
    bill = [*cost.month(counts, counts.of(300, 2)), *fixed]
    readme, index = ((ROOT / name).read_text() for name in ("README.md", "docs/README.md"))
    said = re.search(
        r"is (\S+) dollars a month at list price, of which\s+(\S+) are .* about (\d.\d+)\.", readme, re.DOTALL
    )
    assert said
    listed, deployment, billed = map(float, said.groups())
    assert listed == pytest.approx(cost.total(bill), rel=0.03)
    assert deployment == pytest.approx(cost.total(fixed), rel=0.03)
    assert billed == pytest.approx(cost.billed(bill), rel=0.1)
    assert f"about {billed} dollars a month" in index


def test_a_flood_of_invented_tokens_at_the_push_addresss_limit_costs_what_the_threat_model_says() -> None:
    limit = template()["Resources"]["PushStage"]["Properties"]["DefaultRouteSettings"]["ThrottlingRateLimit"]
    threats = (ROOT / "docs" / "threat-model.md").read_text()
    said = re.search(r"at most (\d+) dollars a day", threats)
    assert said
    assert cost.flood_a_day(load(), limit) == pytest.approx(float(said[1]), abs=2)
