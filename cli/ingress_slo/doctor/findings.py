"""Findings: what was checked, how it stands, and what to do."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

State = Literal["ok", "warning", "failed"]


@dataclass(frozen=True)
class Finding:
    """One check. `todo` is empty where there is nothing to do."""

    check: str
    state: State
    says: str
    todo: str = ""

    def document(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def ok(check: str, says: str) -> Finding:
    """As it should be."""
    return Finding(check, "ok", says)


def warning(check: str, says: str, todo: str) -> Finding:
    """It works, but should be looked at."""
    return Finding(check, "warning", says, todo)


def failed(check: str, says: str, todo: str) -> Finding:
    """It does not work."""
    return Finding(check, "failed", says, todo)
