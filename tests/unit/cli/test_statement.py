"""The statement as a page and as a table: every name stays text, and no figure is better than it was."""

import csv
import io
import re
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingress_slo.export.formats import csv_text
from ingress_slo.statement.figures import availability_text, budget_used_text
from ingress_slo.statement.page import page
from ingress_slo.statement.rows import COLUMNS, row
from ingress_slo.statement.words import HTML_LANGUAGES, WORDS
from ingress_slo.words import Language
from slo.incidents.incident import KINDS
from slo.objectives.periods import LENGTHS

PROMISE: dict[str, Any] = {
    "availability": 0.999,
    "p95_latency": 300.0,
    "latency_objective": {"share": 0.99, "threshold": 300.0},
    "period": "month",
    "time_zone": "Europe/Berlin",
}
EXCLUSION: dict[str, Any] = {
    "exclusion_id": "1",
    "from": "2026-10-03T14:00:00Z",
    "to": "2026-10-03T15:10:00Z",
    "rule": "",
    "occurrences": 1,
    "reason": "moved the database",
    "by": "ops",
    "at": "2026-11-03T08:00:00Z",
}
LINE: dict[str, Any] = {
    "domain": "shop.example.com",
    "path_prefix": "/pay",
    "objective": {
        "name": "monthly",
        "level": "route",
        "owner": "shop",
        "origin": "page",
        "promise": PROMISE,
        "set_by": "ops",
        "set_at": "2026-09-01T00:00:00Z",
        "ended_at": None,
    },
    "from": "2026-09-30T22:00:00Z",
    "to": "2026-10-31T23:00:00Z",
    "total_requests": 100_000,
    "total_errors": 101,
    "availability": 0.99899,
    "latency": {"share": 0.98999999, "measured_threshold": 300.0, "is_met": False},
    "p95_latency": 120.5,
    "p95_is_lower_bound": False,
    "is_kept": False,
    "allowed_errors": 100,
    "error_budget_remaining": -0.01,
    "coverage": 0.9987,
    "measured_by": "router",
    "shared": True,
    "changes": [{"at": "2026-10-05T00:00:00Z", "by": "ops", "before": None, "after": PROMISE}],
    "incidents": [
        {
            "incident_id": "1",
            "kind": "outage",
            "severity": "page",
            "path_prefix": "/pay",
            "since": "2026-10-03T14:00:00Z",
            "until": None,
            "requests": 200,
            "errors": 100,
        }
    ],
    "exclusions": [EXCLUSION],
    "exclusions_in_hours": True,
    "corrections": [{**EXCLUSION, "what": "excluded", "corrected_by": "ops", "corrected_at": "2026-11-03T08:00:00Z"}],
}
HOSTILE = "<script>alert(1)</script>\"'&\x1b]0;x\x07\u202e"
languages = pytest.mark.parametrize("language", get_args(Language))


def statement(*lines: dict[str, Any]) -> dict[str, Any]:
    return {"cluster_id": "c1", "month": "2026-10", "lines": list(lines)}


@languages
def test_every_language_says_everything(language: Language) -> None:
    assert WORDS[language].keys() == WORDS["en"].keys()
    assert {f"kind_{kind}" for kind in KINDS} | {f"period_{length}" for length in LENGTHS} <= WORDS["en"].keys()
    assert all(WORDS[language].values())
    assert re.findall("{.*?}", WORDS[language]["differs"]) == ["{requests}", "{errors}"]


@languages
def test_a_page_says_what_was_promised_reached_and_left_out(language: Language) -> None:
    found = page(statement(LINE), language)
    assert f'<html lang="{HTML_LANGUAGES[language]}">' in found
    for said in ("99.9%", "99.899%", "98.9999%", "101%", "99.87%", "moved the database", "ops", "/pay"):
        assert said in found
    for word in (
        "missed",
        "went_on",
        "kind_outage",
        "severity_page",
        "period_month",
        "exclusions",
        "corrections",
        "changes",
        "in_hours",
        "router",
        "shared",
    ):
        assert WORDS[language][word] in found
    assert WORDS[language]["verified"] not in found


@languages
def test_a_month_without_a_promise_says_so(language: Language) -> None:
    assert WORDS[language]["nothing"] in page(statement(), language)


@pytest.mark.parametrize(
    ("verification", "word"),
    [
        ({"total_requests": 1, "total_errors": 1, "is_equal": True}, "verified"),
        (None, "unverified"),
    ],
)
def test_a_page_says_whether_it_was_counted_again(verification: dict[str, Any] | None, word: str) -> None:
    assert WORDS["en"][word] in page(statement({**LINE, "verification": verification}), "en")
    differing = {"total_requests": 1_002, "total_errors": 3, "is_equal": False}
    assert "1,002 requests and 3 errors, which differ" in page(statement({**LINE, "verification": differing}), "en")


def hostile(value: Any, name: str = "") -> Any:
    """The same, with a hostile text for everything that people choose."""
    if isinstance(value, dict):
        return {key: hostile(each, key) for key, each in value.items()}
    if isinstance(value, list):
        return [hostile(each, name) for each in value]
    chosen = {"domain", "path_prefix", "name", "owner", "reason", "by", "set_by", "corrected_by", "rule", "time_zone"}
    return HOSTILE if name in chosen else value


@languages
def test_no_name_is_markup_and_nothing_comes_from_elsewhere(language: Language) -> None:
    found = page({**statement(hostile(LINE)), "cluster_id": HOSTILE}, language)
    assert "<script" not in found
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#x27;&amp;" in found
    assert not {"\x1b", "\x07", "\u202e"} & set(found)
    assert not re.search(r"(src=|href|url\(|@import)", found)
    assert "default-src 'none'" in found


def test_the_page_is_made_for_paper() -> None:
    found = page(statement(LINE), "en")
    assert "@page { size: A4 landscape" in found
    assert "thead { display: table-header-group; }" in found
    assert found.count("<thead>") == 5


def test_a_row_has_what_was_promised_and_reached() -> None:
    text = csv_text([row(statement(LINE), LINE)], COLUMNS)
    (found,) = csv.DictReader(io.StringIO(text))
    assert tuple(found) == COLUMNS
    assert (found["promised_availability"], found["is_kept"], found["path_prefix"]) == ("0.999", "False", "/pay")
    assert found["exclusions"] == "2026-10-03T14:00:00Z/2026-10-03T15:10:00Z moved the database (ops)"
    assert found["corrections"].startswith("excluded 2026-11-03T08:00:00Z (ops): 2026-10-03T14:00:00Z/")
    assert (found["is_verified"], found["incidents"]) == ("", "1")


def test_no_cell_is_a_formula() -> None:
    wrong = {**LINE, "domain": "=HYPERLINK(A1)", "path_prefix": "+1"}
    (found,) = csv.DictReader(io.StringIO(csv_text([row(statement(wrong), wrong)], COLUMNS)))
    assert (found["domain"], found["path_prefix"]) == ("'=HYPERLINK(A1)", "'+1")


@given(st.integers(1, 10**9), st.integers(0, 10**6))
def test_what_was_reached_is_never_shown_better_than_it_was(requests: int, errors: int) -> None:
    errors = min(errors, requests)
    shown = availability_text({"total_requests": requests, "total_errors": errors})
    exact = 100 * (requests - errors) / requests
    assert exact - 0.0002 <= float(shown.removesuffix("%")) <= exact + 1e-9
    assert (shown == "100%") == (errors == 0)


@pytest.mark.parametrize(
    ("remaining", "shown"), [(1.0, "0%"), (0.0, "100%"), (-0.00001, "100.1%"), (0.4, "60%"), (-3.0, "400%"), (None, "")]
)
def test_a_budget_that_is_overspent_by_a_hair_is_overspent(remaining: float | None, shown: str) -> None:
    assert budget_used_text({"error_budget_remaining": remaining}) == shown
