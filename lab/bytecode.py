"""Compiles the built layer: python -m lab.bytecode [BUILD], by default .aws-sam/build.

Lambda cannot write beside the modules of a layer, so without bytecode each new function would compile them anew: 0.3 of
the 0.4 seconds in which it loads. The bytecode names the hash of its source and no time, so two builds are equal. It is
used without a look at the source, which does not change in a layer (https://peps.python.org/pep-0552/).
"""

import compileall
import sys
from pathlib import Path
from py_compile import PycInvalidationMode

LAYER = "SloLayer/python"
_APPRISE = "DeliverAppriseFunction"
"""The only function with packages of its own, which take 2 of its first 3 seconds without bytecode."""
_WHERE_LAMBDA_HAS_IT = {LAYER: "/opt/python", _APPRISE: "/var/task"}


def compile_layer(build: Path) -> None:
    """Compile every module of the layer, and of the function for apprise if it was built, in a folder of `sam build`.

    Raises ValueError if one cannot be compiled.
    """
    for name, place in _WHERE_LAMBDA_HAS_IT.items():
        if name == LAYER or (build / name).exists():
            _compile(build.resolve() / name, place)


def _compile(folder: Path, place: str) -> None:
    is_compiled = compileall.compile_dir(
        folder,
        quiet=2,
        force=True,
        invalidation_mode=PycInvalidationMode.UNCHECKED_HASH,
        stripdir=folder,
        prependdir=place,
    )
    if not is_compiled:
        raise ValueError(f"a module in {folder} cannot be compiled: python -m compileall {folder} says which")


if __name__ == "__main__":
    compile_layer(Path(sys.argv[1] if len(sys.argv) > 1 else ".aws-sam/build"))
