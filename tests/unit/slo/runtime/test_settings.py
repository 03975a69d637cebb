from dataclasses import dataclass

import pytest

from slo.runtime.settings import SettingsError, load


@dataclass(frozen=True)
class Settings:
    table: str
    slot_seconds: int
    timeout_seconds: float = 1.5
    is_traced: bool = False


def test_fields_are_read_from_variables_of_their_name() -> None:
    environ = {"TABLE": "t", "SLOT_SECONDS": "300", "IS_TRACED": "True"}
    assert load(Settings, environ) == Settings("t", 300, 1.5, True)


def test_everything_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(SettingsError) as error:
        load(Settings, {"TABLE": "", "SLOT_SECONDS": "5m", "IS_TRACED": "maybe"})
    assert [problem.partition(":")[0] for problem in str(error.value).split("; ")] == [
        "TABLE",
        "SLOT_SECONDS",
        "IS_TRACED",
    ]
