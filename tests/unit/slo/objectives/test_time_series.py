"""Points of a history: what came after a gap is in no point that it may not belong to, and in every budget."""

from slo.counting.catalogue import Entry
from slo.counting.corrections import Excluded
from slo.counting.counts import Counts, Span
from slo.objectives.targets import Target
from slo.objectives.time_series import Point, Totals, points

SLOT, HOUR = 300, 3600
ENTRY = Entry(1, "r", "s", (("a", "/"),), (0.1,))
TARGET = Target(availability=0.9)


def counts(requests: int, errors: int = 0) -> Counts:
    codes = {code: count for code, count in {"200": requests - errors, "503": errors}.items() if count}
    return Counts(codes, {"GET": requests}, [requests, requests], 0)


def span(number: int, requests: int = 0, errors: int = 0, *, has_data: bool = True) -> Span:
    return Span(number * SLOT, (number + 1) * SLOT, has_data, {1: counts(requests, errors)} if requests else {})


def delayed(number: int, prompt: int, late: int, errors: int, since: int) -> Span:
    """A span in which requests arrived promptly, and failed ones at the end of a gap."""
    whole = counts(prompt).plus(counts(late, errors))
    return Span(number * SLOT, (number + 1) * SLOT, True, {1: whole}, {1: counts(late, errors)}, since)


def found(spans: list[Span], seconds: int = SLOT) -> list[Point]:
    every = [each.counts.get(1, Counts()) for each in spans]
    totals = Totals(sum(each.requests for each in every), sum(each.errors for each in every))
    return points(spans, [ENTRY], 0, spans[-1].end, seconds, TARGET, totals)


def test_what_came_after_a_gap_is_no_spike() -> None:
    served = found([span(0, 100), span(1, has_data=False), span(2, has_data=False), delayed(3, 80, 220, 5, SLOT)])
    assert [point.total_requests for point in served] == [100, None, None, 80]
    assert [point.total_errors for point in served] == [0, None, None, 0]
    assert [point.requests_per_sec for point in served] == [100 / SLOT, None, None, 80 / SLOT]
    assert [(point.requests_after_gap, point.errors_after_gap) for point in served] == [(0, 0)] * 3 + [(220, 5)]


def test_one_pods_gap_leaves_the_figures_of_the_others() -> None:
    served = found([span(0, 100, 10), span(1, 100, 10), delayed(2, 90, 300, 30, 10)])
    assert [point.has_data for point in served] == [True] * 3
    assert [point.total_requests for point in served] == [100, 100, 90]


def test_the_budget_ends_where_the_report_ends() -> None:
    served = found([span(0, 100, 2), span(1, has_data=False), delayed(2, 100, 200, 30, SLOT), span(3, 100, 1)])
    assert [point.error_budget_remaining for point in served] == [0.96, None, 0.36, 0.34]


def test_a_gap_within_a_point_belongs_to_it() -> None:
    spans = [span(0, 100), span(1, has_data=False), delayed(2, 100, 200, 30, SLOT), *(span(n) for n in range(3, 12))]
    (point,) = found(spans, HOUR)
    assert (point.total_requests, point.total_errors, point.requests_after_gap) == (400, 30, 0)
    assert point.requests_per_sec == 400 / HOUR


def test_a_book_of_an_earlier_version_ends_a_gap_in_the_span_without_data_that_has_counts() -> None:
    spans = [span(0, 100), span(1, has_data=False), span(2, 200, 30, has_data=False), span(3, 100)]
    assert [point.total_requests for point in found(spans)] == [100, None, None, 100]
    assert [point.requests_after_gap for point in found(spans)] == [0, 0, 200, 0]
    spans += [span(number) for number in range(4, 12)]
    (point,) = found(spans, HOUR)
    assert (point.total_requests, point.total_errors) == (400, 30)


def test_the_last_point_is_as_long_as_what_is_in_it() -> None:
    served = found([span(number, 100) for number in range(13)], HOUR)
    assert [(point.seconds, point.total_requests) for point in served] == [(HOUR, 1200), (SLOT, 100)]
    assert served[0].requests_per_sec == served[1].requests_per_sec == 100 / SLOT


def test_a_rate_is_of_the_observed_time_that_is_not_excluded() -> None:
    """Of an hour, 50 minutes were observed. 20 minutes are excluded for the first entry, 10 of them observed."""
    other = Entry(2, "q", "t", (("a", "/b"),), (0.1,))
    spans = [
        Span(number * SLOT, (number + 1) * SLOT, number > 1, {1: counts(40), 2: counts(50)} if number > 3 else {})
        for number in range(12)
    ]
    excluded = [Excluded(0, 4 * SLOT, frozenset({1})), Excluded(9 * HOUR, 10 * HOUR, frozenset({1, 2}))]
    (point,) = points(spans, [ENTRY, other], 0, HOUR, HOUR, TARGET, Totals(720, 0), excluded)
    assert (point.total_requests, point.excluded_seconds) == (8 * 90, 1200)
    assert point.requests_per_sec == 8 * 40 / 2400 + 8 * 50 / 3000


def test_a_point_that_is_excluded_whole_has_a_rate_of_0_and_no_more_seconds_than_it_is_long() -> None:
    spans = [Span(0, SLOT, True, {1: counts(3)}), Span(SLOT, SLOT + 60, True, {})]
    excluded = [Excluded(SLOT, 9 * SLOT, frozenset({1}))]
    first, last = points(spans, [ENTRY], 0, SLOT + 60, SLOT, TARGET, Totals(3, 0), excluded)
    assert (first.requests_per_sec, first.excluded_seconds) == (3 / SLOT, 0)
    assert (last.requests_per_sec, last.excluded_seconds, last.seconds, last.availability) == (0, 60, 60, None)
