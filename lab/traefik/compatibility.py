"""Compares the counts of the agent, ingest, rollup and report with the access log of each Traefik version.

    python -m lab.traefik.compatibility [--write PAGE] [VERSION ...]

Each version runs a small stage under load in every mode of `modes`. The stage has rules of every kind, restarts a pod,
and adds and removes a path. Each domain and path in the report must have the requests and errors that the access log
has for it, by the requests' own hosts and paths; and each series must have the log's status codes. Exits with 1 if
anything differs.
"""

import argparse
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import redirect_stderr, redirect_stdout
from functools import partial
from io import StringIO
from itertools import dropwhile
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

from lab.replay import Recording, replay
from lab.traefik.modes import Mode, modes, place_of, shop
from lab.traefik.recording import Recorder
from lab.traefik.stage import Stage
from lab.traefik.versions import versions

_AT_ONCE = 3
"""Stages that run in parallel; they mostly wait."""
_INTERVAL_SECONDS = 1.2
type _Place = tuple[str, str]
_COLUMNS = (
    "Traefik",
    "mode",
    "router labels",
    "names",
    "requests in the log",
    "of them 5xx",
    "under their domain and path",
    "differences",
)


class Result(NamedTuple):
    """The counts of one mode, and their differences from the access log."""

    mode: Mode
    requests: int
    """In the access log, of those that a router served."""
    errors: int
    right: int
    """Requests whose domain and path have exactly the access log's requests and errors in the report."""
    differences: tuple[str, ...]


def check(chosen: Iterable[Mode], folder: Path) -> Iterator[Result]:
    """Record each mode into a folder of its own below `folder`, and compare its replay with its access log.

    A replay changes the clock of its process, so each mode has a process.
    """
    with ProcessPoolExecutor(_AT_ONCE, mp_context=get_context("spawn")) as pool:
        yield from pool.map(partial(_check, folder), chosen)


def _check(folder: Path, mode: Mode) -> Result:
    to = folder / "-".join(map(str, mode)).replace(" ", "-")
    _record(mode, to)
    return _compare(mode, to)


def _record(mode: Mode, folder: Path) -> None:
    with Stage(mode.play()) as stage:
        recorder = Recorder(stage, folder, _INTERVAL_SECONDS)
        recorder.scrape(2)
        recorder.restart(stage.pods[0])
        recorder.scrape(1)
        recorder.change(shop(with_new=True))
        recorder.scrape(1)
        recorder.change(shop())
        recorder.scrape(1)
        stage.traffic.pause()
        recorder.finish(folder.name)


def _compare(mode: Mode, folder: Path) -> Result:
    truth = json.loads((folder / "truth.json").read_text())
    with redirect_stderr(StringIO()), redirect_stdout(StringIO()):  # Several replays would write over each other.
        replayed = replay(Recording(folder))
    places = _by_place(truth["routes"])
    counts = truth["rules" if mode.router_labels else "services"]
    expected = {name: measure["codes"] for name, measure in counts.items()}
    counted = {name: measure["codes"] for name, measure in replayed["rules"].items()}
    wrong = dict(_wrong_places(places, replayed["domains"]))
    requests = sum(codes.total() for codes in places.values())
    return Result(
        mode,
        requests,
        sum(_errors(codes) for codes in places.values()),
        sum(codes.total() for place, codes in places.items() if place not in wrong),
        (*wrong.values(), *_differences(expected, counted), *_lost(requests, replayed)),
    )


def _by_place(requests: dict[str, Any]) -> dict[_Place, Counter[str]]:
    """The access log's status codes of each declared place, by the requests' own hosts and paths."""
    places: dict[_Place, Counter[str]] = {}
    for asked, measure in requests.items():
        places.setdefault(place_of(*asked.split(" ", 1)), Counter()).update(measure["codes"])
    return places


def _errors(codes: Counter[str]) -> int:
    return sum(count for code, count in codes.items() if code.startswith("5"))


def _wrong_places(places: dict[_Place, Counter[str]], domains: Any) -> Iterator[tuple[_Place, str]]:
    """The places whose figures differ from the access log's, and those that nobody asked for.

    What places share counts for each of them.
    """
    shown = {(domain["domain"], route["path_prefix"]): route for domain in domains for route in domain["routes"]}
    for place in sorted(places.keys() | shown.keys()):
        where = "".join(place)
        if place not in shown:
            yield place, f"{where}: not shown, {places[place].total()} requests"
            continue
        route = shown[place]
        group = {place, *map(tuple, route["shared_with"])}
        codes = sum((places.get(each, Counter()) for each in group), Counter[str]())
        expected = (codes.total(), _errors(codes))
        found = (route["current"]["total_requests"], route["current"]["total_errors"])
        if found != expected:
            yield place, f"{where}: access log {expected}, shown {found}"


def _differences(expected: dict[str, dict[str, int]], counted: dict[str, dict[str, int]]) -> Iterator[str]:
    for name in sorted(expected.keys() | counted.keys()):
        if expected.get(name) != counted.get(name):
            yield f"{name}: access log {expected.get(name)}, counted {counted.get(name)}"


def _lost(requests: int, replayed: dict[str, Any]) -> Iterator[str]:
    """Sums that differ from the access log's, and series without a route."""
    for name, total in replayed["conservation"].items():
        if total != requests:
            yield f"{name}: {total} of {requests} requests"
    for name, rule in replayed["rules"].items():
        if not rule["routes"]:
            yield f"{name} belongs to no route"


def with_table(page: str, results: Iterable[Result]) -> str:
    """The page with these results in its table. Raises ValueError if it has no such table."""
    head = _row(_COLUMNS) + "|---" * len(_COLUMNS) + "|\n"
    before, found, after = page.partition(head)
    if not found:
        raise ValueError(f"the page has no table with the columns {', '.join(_COLUMNS)}")
    rest = after.splitlines(keepends=True)
    kept = dropwhile(lambda line: line.startswith("|"), rest)
    return before + head + "".join(map(_line, results)) + "".join(kept)


def _row(columns: Iterable[str]) -> str:
    return f"| {' | '.join(columns)} |\n"


def _line(result: Result) -> str:
    mode = result.mode
    columns = (
        mode.version,
        mode.name,
        "on" if mode.router_labels else "off",
        "`safeNaming`" if mode.safe_naming else "usual",
        f"{result.requests:,}",
        f"{result.errors:,}",
        f"{result.right:,} ({result.right / result.requests:.0%})" if result.requests else "0",
        "<br>".join(result.differences) or "none",
    )
    return _row(columns)


def main(arguments: list[str]) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(
        prog="lab.traefik.compatibility", description="Compare the counts with the access log."
    )
    parser.add_argument("--write", type=Path, metavar="PAGE", help="also write the table into this page")
    parser.add_argument("version", nargs="*", help=f"some of {', '.join(versions())} (default: all)")
    options = parser.parse_args(arguments)
    results = []
    with tempfile.TemporaryDirectory(prefix="ingress-slo-compatibility-") as folder:
        for result in check(modes(options.version or versions()), Path(folder)):
            results.append(result)
            sys.stdout.write(_line(result))
            sys.stdout.flush()
    if options.write:
        options.write.write_text(with_table(options.write.read_text(), results))
    return 1 if any(result.differences for result in results) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
