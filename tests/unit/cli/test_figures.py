"""The figures of objectives, as options write them and tables show them."""

from collections.abc import Callable
from typing import Any

import pytest

from ingress_slo.figures import latency, latency_text, milliseconds_text, percent_text, share, threshold
from slo.objectives.targets import LatencyObjective


@pytest.mark.parametrize(
    ("text", "ratio"), [("99.9", 0.999), ("99.95%", 0.9995), (" 95 % ", 0.95), ("99.999", 0.99999)]
)
def test_a_share_is_exact(text: str, ratio: float) -> None:
    assert share(text) == ratio
    assert share(percent_text(ratio)) == ratio


def test_a_latency_has_a_unit_or_is_milliseconds() -> None:
    assert [threshold(text) for text in ("300", "300ms", "1.5s", "0.3 ms")] == [300, 300, 1500, 0.3]
    assert milliseconds_text(1500.0) == "1500ms"
    assert latency("99% < 300ms") == latency("99%<0.3 s") == LatencyObjective(0.99, 300)
    assert latency_text(LatencyObjective(0.999, 0.25)) == "99.9% < 0.25ms"


@pytest.mark.parametrize(
    ("parse", "text"),
    [
        (share, "0.999"),
        (share, "100"),
        (share, "nan"),
        (share, "x"),
        (threshold, "5m"),
        (threshold, "1.2.3"),
        (threshold, "601s"),
        (threshold, "0ms"),
        (latency, "99%"),
        (latency, "99 < 300ms"),
        (latency, "99% < 300"),
        (latency, "100% < 300ms"),
    ],
)
def test_anything_else_is_refused(parse: Callable[[str], Any], text: str) -> None:
    with pytest.raises(ValueError, match="write"):
        parse(text)
