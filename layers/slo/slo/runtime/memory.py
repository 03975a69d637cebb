"""Memory: what a function keeps for as long as it runs is no work for the garbage collector."""

import gc
import os

_YOUNG_OBJECTS = 50_000
"""How many objects may be made before the collector looks at the young ones. An answer makes fewer, and hardly any that
refer to each other in a circle. Python's own threshold is 2,000: it interrupts the list of 1,000 routes many times."""


def keep() -> None:
    """Exclude the objects that there are now from garbage collection. Does nothing outside Lambda.

    A full collection of 100,000 objects of botocore and Powertools would make every twentieth answer take about twice
    as long.
    """
    if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
        gc.freeze()
        gc.set_threshold(_YOUNG_OBJECTS, *gc.get_threshold()[1:])
