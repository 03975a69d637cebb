"""Findings: the result of one check, and what to do about it."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

State = Literal["ok", "warning", "failed"]


@dataclass(frozen=True)
class Finding:
    """The result of one check. `todo` is empty if there is nothing to do."""

    check: str
    state: State
    says: str
    todo: str = ""

    def document(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def ok(check: str, says: str) -> Finding:
    """The check passed."""
    return Finding(check, "ok", says)


def warning(check: str, says: str, todo: str) -> Finding:
    """It works, but needs attention."""
    return Finding(check, "warning", says, todo)


def failed(check: str, says: str, todo: str) -> Finding:
    """It does not work."""
    return Finding(check, "failed", says, todo)
