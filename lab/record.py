"""Record a scenario of `lab.traefik.scenarios` with a real Traefik.

python -m lab.record SCENARIO DIR
"""

import sys
from pathlib import Path

from lab.traefik.recording import Recorder
from lab.traefik.scenarios import SCENARIOS
from lab.traefik.stage import Stage


def main(arguments: list[str]) -> int:
    """Command line."""
    if len(arguments) != 2 or arguments[0] not in SCENARIOS:
        sys.stderr.write(f"usage: python -m lab.record SCENARIO DIR   ({', '.join(SCENARIOS)})\n")
        return 2
    name, folder = arguments[0], Path(arguments[1])
    if folder.exists():
        sys.stderr.write(f"{folder} exists already; name a new folder\n")
        return 2
    play, script = SCENARIOS[name]
    with Stage(play) as stage:
        recorder = Recorder(stage, folder)
        script(recorder)
        stage.traffic.pause()
        recorder.finish(name)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
