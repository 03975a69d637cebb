"""Starts ministack so that it unpacks a zip file once, and not again for each process of a function.

ministack unpacks the function and the layer, thousands of files, for each process that it starts, and it starts one
after each error. On AWS an environment has them mounted, and outlives an error. With a link to what is unpacked already
the bytecode beside it is kept, too. Runs in ministack's own environment, as its command does.
"""

import hashlib
import importlib
import os
import tempfile
import threading
import types
import zipfile
from pathlib import Path

_UNPACKED = Path(tempfile.gettempdir()) / "unpacked"
_LOCK = threading.Lock()


class _OnceUnpacked(zipfile.ZipFile):
    """What ministack opens; the folder that it asks for becomes a link."""

    def extractall(self, path: str | os.PathLike[str] | None = None, *_: object) -> None:
        folder = Path(path or os.curdir)
        kept = _UNPACKED / hashlib.sha256(Path(str(self.filename)).read_bytes()).hexdigest()
        with _LOCK:
            if not kept.exists():
                partial = kept.with_suffix(".partial")
                super().extractall(partial)
                partial.rename(kept)
        folder.rmdir()
        folder.symlink_to(kept)


def main() -> None:
    """What the command `ministack` does."""
    runtime = importlib.import_module("ministack.core.lambda_runtime")
    vars(runtime)["zipfile"] = types.SimpleNamespace(**{**vars(zipfile), "ZipFile": _OnceUnpacked})
    importlib.import_module("ministack.app").main()


if __name__ == "__main__":
    main()
