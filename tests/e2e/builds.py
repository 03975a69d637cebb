"""Runs one `sam build` at a time: test processes build into the same folder and would break each other's build."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from lab.cloud.local import Cloud
from lab.paths import ROOT

_LOCK = ROOT / ".aws-sam" / "tests.lock"


@contextmanager
def nobody_else_builds() -> Iterator[TextIO]:
    """Hold the build lock of this machine. The file has the id of the test run that built last."""
    _LOCK.parent.mkdir(exist_ok=True)
    with _LOCK.open("a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.seek(0)
        yield lock


def build_once(cloud: Cloud, run: str) -> None:
    """Build what the local clouds deploy, unless another process of this test run already did."""
    with nobody_else_builds() as lock:
        if lock.read() != run:
            cloud.build()
            lock.truncate(0)
            lock.write(run)
