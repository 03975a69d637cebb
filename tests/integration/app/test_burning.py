"""What burns now is marked, whatever the window's status says."""

import pytest
from integration.use_cases import CLUSTER, DELAY, SLOT, T0, UseCases, process, route, row, snapshot

from slo.api.answers import DomainsAnswer
from slo.api.parameters import DomainsParameters, WindowParameters

FAILING, HEALTHY = "failing.example.com", "healthy.example.com"
ROUTES = (route(FAILING), route(FAILING, "/api"), route(HEALTHY))
ROUTERS = [info.router_keys[0] for info in ROUTES]
HOUR = T0 // 3600 * 3600
MANY = 1_000_000


def watched(backend: UseCases, minutes: int, errors_a_minute: int) -> None:
    """A million requests without an error, then a hundred a minute, some of which fail on one path."""
    for minute in range(minutes + 1):
        at = HOUR + 60.0 * minute + 10
        served = MANY + 100 * minute
        errors = errors_a_minute * max(0, minute - 1)
        counted = [row(ROUTERS[0], served), row(ROUTERS[1], served - errors, errors), row(ROUTERS[2], served)]
        backend.push(snapshot(at, [process(counted if minute else [], at, HOUR - 4_000)], ROUTES))
        if minute % 5 == 1 and minute > 1:
            backend.roll_up(HOUR + 60 * (minute - 1) // SLOT * SLOT + DELAY + 1)


def listed(backend: UseCases) -> DomainsAnswer:
    return backend.query.domains(CLUSTER, DomainsParameters())


def test_what_burns_is_marked_although_the_window_is_green(real: UseCases) -> None:
    watched(real, 66, 80)
    answer = listed(real)
    [failing, healthy] = answer.domains
    assert (failing.status, failing.burning) == ("healthy", None), "half of its requests go to the other path"
    assert [(path.path_prefix, path.status, path.burning) for path in failing.routes] == [
        ("/", "healthy", None),
        ("/api", "healthy", "page"),
    ]
    assert (healthy.burning, [path.burning for path in healthy.routes]) == (None, [None])
    assert answer.overview.burning == 0
    rates = real.query.burn_rates(CLUSTER, FAILING)
    assert (rates.burn_rates.state, [path.burn_rates.state for path in rates.routes]) == ("none", ["none", "page"])
    detail = real.query.domain(CLUSTER, FAILING, WindowParameters()).domain
    assert [path.burning for path in detail.routes] == [None, "page"]


@pytest.mark.parametrize("errors_a_minute", [0, 3, 100])
def test_the_mark_is_the_state_of_the_burn_rates(real: UseCases, errors_a_minute: int) -> None:
    watched(real, 31, errors_a_minute)
    for domain in listed(real).domains:
        rates = real.query.burn_rates(CLUSTER, domain.domain)
        states = [path.burn_rates.state for path in rates.routes]
        assert [path.burning or "none" for path in domain.routes] == states
        assert (domain.burning or "none") == rates.burn_rates.state
