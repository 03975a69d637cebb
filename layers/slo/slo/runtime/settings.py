"""Settings of a function: a frozen dataclass, read from environment variables when the function starts.

Each field is read from the variable of the same name in capitals. One error names all missing and malformed variables.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields
from typing import Any, get_type_hints

_FLAGS = {"true": True, "1": True, "false": False, "0": False}


class SettingsError(ValueError):
    """Raised when variables are missing or malformed; names all of them."""


def load[T](kind: type[T], environ: Mapping[str, str]) -> T:
    """An instance of a dataclass whose fields are of type str, int, float or bool. Raises SettingsError."""
    hints = get_type_hints(kind)
    values: dict[str, Any] = {}
    problems = []
    for item in fields(kind):  # type: ignore[arg-type]
        try:
            values[item.name] = _value(item, _PARSERS[hints[item.name]], environ)
        except ValueError as error:
            problems.append(f"{item.name.upper()}: {error}")
    if problems:
        raise SettingsError("; ".join(problems))
    return kind(**values)


def _value(item: Field[Any], parse: Callable[[str], Any], environ: Mapping[str, str]) -> Any:
    text = environ.get(item.name.upper(), "")
    if text:
        return parse(text)
    if item.default is MISSING:
        raise ValueError("is not set")
    return item.default


def _flag(text: str) -> bool:
    if text.lower() not in _FLAGS:
        raise ValueError(f"{text!r} is neither true nor false")
    return _FLAGS[text.lower()]


_PARSERS: dict[type, Callable[[str], Any]] = {str: str, int: int, float: float, bool: _flag}
