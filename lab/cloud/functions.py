"""Loads the functions of `functions/` as Lambda does."""

import importlib.util
from types import ModuleType

from lab.paths import ROOT

FUNCTIONS = ROOT / "functions"


def load_function(name: str) -> ModuleType:
    """Load a function's app.py as a new module, as Lambda does. Settings come from the environment."""
    spec = importlib.util.spec_from_file_location(f"functions.{name}.app", FUNCTIONS / name / "app.py")
    if spec is None or spec.loader is None:
        raise FileNotFoundError(name)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class LambdaContext:
    """The fields of Lambda's context that Powertools reads."""

    function_name = "embedded"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:eu-central-1:000000000000:function:embedded"
    aws_request_id = "embedded"
