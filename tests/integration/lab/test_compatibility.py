"""The oldest known Traefik is counted as exactly as the newest. `make compatibility` checks all versions."""

from pathlib import Path

from lab.traefik.compatibility import Result, check, modes, table
from lab.traefik.versions import versions


def test_the_oldest_traefik_is_counted_as_its_access_log_says_with_router_labels_and_without(tmp_path: Path) -> None:
    results = list(check(modes(versions()[:1]), tmp_path))
    assert [result.mode.router_labels for result in results] == [True, False]
    assert [result.differences for result in results] == [(), ()]
    assert all(result.requests > result.errors > 0 for result in results)


def test_a_difference_is_shown_in_the_table() -> None:
    (mode,) = [mode for mode in modes(versions()[:1]) if mode.router_labels]
    assert table([Result(mode, 9, 1000, 7, ("r: 7 of 8",))]).endswith(
        "| on | usual | 9 rules | 1,000 | 7 | r: 7 of 8 |\n"
    )
