"""The oldest and the newest Traefik are counted as the access log says. `make compatibility` checks all versions."""

from pathlib import Path

import pytest

from lab.paths import ROOT
from lab.traefik.compatibility import Result, check, with_table
from lab.traefik.modes import Mode, modes, place_of
from lab.traefik.versions import versions

OLDEST, NEWEST = versions()[0], versions()[-1]
MODES = (
    Mode(OLDEST, "chart"),
    Mode(OLDEST, "chart", router_labels=False),
    Mode(OLDEST, "k3s"),
    Mode(NEWEST, "conflicting TLS options"),
    Mode(NEWEST, "middlewares", safe_naming=True),
    Mode(NEWEST, "one entry point", router_labels=False),
)


def test_every_request_is_under_its_domain_and_path_however_traefik_is_started(tmp_path: Path) -> None:
    results = list(check(MODES, tmp_path))
    assert {result.mode: result.differences for result in results} == dict.fromkeys(MODES, ())
    assert all(result.requests == result.right > result.errors > 0 for result in results)


def test_every_version_runs_in_every_mode_that_it_has() -> None:
    chosen = list(modes([OLDEST, NEWEST]))
    assert set(MODES) <= set(chosen)
    assert {mode.safe_naming for mode in chosen if mode.version == OLDEST} == {False}
    assert not [mode for mode in chosen if mode.version == OLDEST and mode.has_conflict]


def test_the_longest_declared_path_of_the_host_is_a_requests_place() -> None:
    assert place_of("blog.example.com", "/feed/x") == ("blog.example.com", "/feed")
    assert place_of("blog.example.com", "/fee") == ("blog.example.com", "/")
    with pytest.raises(ValueError, match="empty"):
        place_of("unknown.example.com", "/")


def test_new_results_replace_the_old_ones_in_the_page_and_show_what_differs() -> None:
    page = (ROOT / "docs" / "compatibility.md").read_text()
    changed = with_table(page, [Result(Mode(NEWEST, "chart"), 1000, 7, 900, ("r: 7 of 8",))])
    rows = [line for line in changed.splitlines() if line.startswith((f"| {OLDEST} ", f"| {NEWEST} "))]
    assert rows == [f"| {NEWEST} | chart | on | usual | 1,000 | 7 | 900 (90%) | r: 7 of 8 |"]
    assert "## Providers" in changed
    with pytest.raises(ValueError, match="no table"):
        with_table("# Traefik versions", [])
