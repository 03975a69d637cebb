"""Memory: what a function keeps for as long as it runs is no work for the garbage collector."""

import gc
import os


def keep() -> None:
    """Exclude the objects that there are now from garbage collection. Does nothing outside Lambda.

    A full collection of 100,000 objects of botocore and Powertools would make every twentieth answer take about twice
    as long.
    """
    if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
        gc.freeze()
