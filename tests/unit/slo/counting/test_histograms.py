from hypothesis import given
from hypothesis import strategies as st

from slo.counting.histograms import Histogram, Percentiles, merge, percentiles, quantile

BOUNDS = (0.1, 0.3, 1.2, 5.0)


def histogram(*inside: int, bounds: tuple[float, ...] = BOUNDS) -> Histogram:
    cumulative = [sum(inside[: index + 1]) for index in range(len(inside))]
    return Histogram(bounds, tuple(cumulative))


histograms = st.builds(
    lambda inside, bounds: histogram(*inside[: len(bounds) + 1], bounds=tuple(sorted(bounds))),
    st.lists(st.integers(0, 50), min_size=7, max_size=7),
    st.sets(st.sampled_from([0.1, 0.3, 0.5, 1.2, 5.0, 10.0]), min_size=1),
)


def test_a_percentile_is_interpolated_within_its_bucket() -> None:
    assert percentiles(histogram(0, 100, 0, 0, 0)).p50_latency == 200


def test_the_first_bucket_begins_at_zero() -> None:
    assert percentiles(histogram(100, 0, 0, 0, 0)).p50_latency == 50


def test_percentiles_in_the_open_bucket_are_said_to_be_lower_bounds() -> None:
    found = percentiles(histogram(60, 0, 0, 0, 40))
    assert found.latency_lower_bounds == ("p95_latency", "p99_latency")
    assert (found.p95_latency, found.p99_latency) == (5000, 5000)
    assert percentiles(histogram(97, 0, 0, 0, 3)).latency_lower_bounds == ("p99_latency",)
    assert percentiles(histogram(100, 0, 0, 0, 0)).latency_lower_bounds == ()


def test_percentiles_say_which_bucket_the_p95_fell_into() -> None:
    assert percentiles(histogram(90, 10, 0, 0, 0)).p95_latency_range == (100.0, 300.0)
    assert percentiles(histogram(100, 0, 0, 0, 0)).p95_latency_range == (0.0, 100.0)
    assert percentiles(histogram(1, 0, 0, 0, 9)).p95_latency_range == (5000.0, None)
    assert percentiles(Histogram()).p95_latency_range is None


def test_nothing_observed_has_no_percentile() -> None:
    assert percentiles(histogram(0, 0, 0, 0, 0)) == Percentiles()
    assert percentiles(Histogram()) == percentiles(Histogram((), (5,))) == Percentiles()


def test_histograms_with_other_bounds_merge_on_the_bounds_they_share() -> None:
    merged = merge([histogram(1, 2, 3, 4, 5), histogram(10, 20, 30, bounds=(0.3, 1.2))])
    assert merged == Histogram((0.3, 1.2), (13, 36, 75))


def test_an_empty_histogram_takes_no_bounds_away() -> None:
    assert merge([histogram(1, 2, 3, 4, 5), histogram(0, 0, bounds=(9.0,))]) == histogram(1, 2, 3, 4, 5)


@given(histograms, histograms, histograms)
def test_merging_is_associative_and_commutative(a: Histogram, b: Histogram, c: Histogram) -> None:
    assert merge([merge([a, b]), c]) == merge([a, merge([b, c])]) == merge([c, b, a])


@given(histograms, st.floats(0.01, 0.99))
def test_a_quantile_lies_in_a_bucket_that_has_its_rank(seen: Histogram, q: float) -> None:
    if not seen.observations:
        return
    seconds, index = quantile(q, seen.bounds, seen.counts)
    below = seen.counts[index - 1] if index else 0
    assert below <= q * seen.observations <= seen.counts[index]
    if index < len(seen.bounds):
        assert (seen.bounds[index - 1] if index else 0) <= seconds <= seen.bounds[index] + 1e-9
    else:
        assert seconds == seen.bounds[-1]
