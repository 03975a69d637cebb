"""Try manifests on a real Traefik, and show under which domain and path each request is booked.

    python -m lab.routes FILE.yaml [--traefik VERSION] [--profile chart|k3s|plain2|lab] [--api auto|off]

Services that the manifests name get stand-in backends. A line `# try: {...}` in the file says which requests to send,
and how Traefik and the agent are started; without it, each router gets one request over each of its entry points.
Prints one JSON object. Exits with 1 if a request that a router served is under no domain or under a wrong one, with 2
for bad input.
"""

import argparse
import json
import sys
from pathlib import Path

from lab.traefik.profiles import CHART, PROFILES
from lab.traefik.versions import versions
from lab.trial.booking import book
from lab.trial.cluster import Trial, observe
from lab.trial.header import TrialError, header_of
from lab.trial.manifests import objects_of
from lab.trial.verdict import Verdict, judge

_SERVED, _MISPLACED, _BAD_INPUT = 0, 1, 2


def try_file(file: Path, *, version: str = "", profile: str = "", with_api: bool = False) -> Verdict:
    """Try the manifests in a file. Empty values leave the choice to the file's header. Raises TrialError."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise TrialError(f"{file} cannot be read: {error}") from error
    header = header_of(text)
    chosen, number = profile or header.profile or CHART.name, version or versions()[-1]
    if chosen not in PROFILES:
        raise TrialError(f"there is no profile {chosen}, only {', '.join(PROFILES)}")
    if number not in versions():
        raise TrialError(f"there is no Traefik {number} here, only {', '.join(versions())}")
    objects = objects_of(text)
    if not objects:
        raise TrialError(f"{file} has no object that Traefik reads")
    observed = observe(Trial(objects, header, number, PROFILES[chosen], with_api))
    return judge(observed, book(observed.snapshots), number)


def main(arguments: list[str]) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(prog="make routes DATA=FILE.yaml ARGS=...", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--traefik", default="", help=f"one of {', '.join(versions())} (default: the newest)")
    parser.add_argument("--profile", default="", help=f"one of {', '.join(PROFILES)} (default: the file's, or chart)")
    parser.add_argument("--api", choices=("auto", "off"), default="off", help="whether the agent reads Traefik's API")
    options = parser.parse_args(arguments)
    try:
        verdict = try_file(
            options.file, version=options.traefik, profile=options.profile, with_api=options.api == "auto"
        )
    except (TrialError, TimeoutError) as error:
        sys.stderr.write(f"{error}\n")
        return _BAD_INPUT
    sys.stdout.write(json.dumps(verdict.answer, indent=1, ensure_ascii=False) + "\n")
    return _SERVED if verdict.is_right else _MISPLACED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
