"""The cost page shows what the code computes from the stored counts."""

import pytest

from bench import cost, cost_page
from bench.counts import load


def test_the_page_on_cost_is_what_the_counts_and_prices_give() -> None:
    assert cost_page.PAGE.read_text() == cost_page.render(load()), "run `python -m bench.cost_page`"


@pytest.mark.parametrize(("pods", "dollars"), [(1, 0.55), (2, 0.75)])
def test_a_cluster_of_300_routes_costs_cents(pods: int, dollars: float) -> None:
    counts = load()
    assert cost.total(cost.month(counts, counts.of(300, pods))) <= dollars
    assert cost.total(cost.fixed(counts.stack)) <= 2.50
