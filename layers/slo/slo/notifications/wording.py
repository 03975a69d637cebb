"""Figures, times and lists as a reader of a language sees them."""

from collections.abc import Iterable, Sequence

from slo.notifications.settings import Language
from slo.notifications.words import WORDS
from slo.times import DAY_SECONDS, HOUR_SECONDS, MINUTE_SECONDS, utc
from slo.traefik.printable import printable

_LONGEST_NAME = 200
_LINES = 10
_OVERSPENT = 0.005
"""Of the allowance; less is shown as spent."""
_UNITS = (("days", DAY_SECONDS), ("hours", HOUR_SECONDS), ("minutes", MINUTE_SECONDS))


class Wording:
    """A language."""

    def __init__(self, language: Language) -> None:
        self._words = WORDS[language]

    def say(self, key: str, **values: object) -> str:
        """A text with its values, whose braces are nothing special."""
        return self._words[key].format(**values)

    def join(self, *sentences: str) -> str:
        """Sentences one after the other."""
        return self._words["after"].join(sentence for sentence in sentences if sentence)

    def lines(self, lines: Sequence[str], most: int = _LINES, total: int | None = None) -> tuple[str, ...]:
        """The first lines, and how many more there are."""
        left = max(total or 0, len(lines)) - most
        more = (self.say("more_line", count=count(left)),) if left > 0 else ()
        return (*lines[:most], *more)

    def duration(self, seconds: float) -> str:
        """The two largest units: `2 d 3 h`, `5 min`; at least a minute."""
        left = max(MINUTE_SECONDS, round(seconds))
        parts: list[str] = []
        for unit, length in _UNITS:
            number, left = divmod(left, length)
            if number or parts:
                parts.append(self.say(unit, count=number) if number else "")
        return " ".join(part for part in parts[:2] if part)


def count(number: int) -> str:
    """An exact number: `12,345`."""
    return f"{number:,}"


def share(errors: int, requests: int) -> str:
    """A ratio in per cent. Not all is never 100 %, and something is never 0 %."""
    if errors in (0, requests):
        return "100 %" if errors else "0 %"
    return f"{min(99.9, max(0.1, 100 * errors / requests)):.1f} %"


def percent(ratio: float) -> str:
    """A ratio in per cent with as many decimals as it needs, at most three: `99.95 %`, `-20 %`."""
    text = f"{100 * ratio:.3f}".rstrip("0").rstrip(".")
    return f"{'0' if text == '-0' else text} %"


def budget(ratio: float) -> str:
    """What is left of an error budget, in per cent."""
    return f"{100 * ratio:.1f} %".replace("-0.0", "0.0")


def times_spent(ratio: float) -> str | None:
    """How many times what is allowed an overspent budget was spent: `45.3`; None if it is not overspent."""
    return f"{1 - ratio:.2f}".rstrip("0").rstrip(".") if ratio < -_OVERSPENT else None


def moment(time: float) -> str:
    """A time: `2027-01-15 08:00 UTC`."""
    return f"{utc(time):%Y-%m-%d %H:%M} UTC"


def day(time: float) -> str:
    """A date in UTC."""
    return f"{utc(time):%Y-%m-%d}"


def name(text: str) -> str:
    """A name that anybody may have chosen, printable and not too long."""
    shown = printable(text)
    return shown if len(shown) <= _LONGEST_NAME else f"{shown[: _LONGEST_NAME - 1]}…"


def names(texts: Iterable[str]) -> tuple[str, ...]:
    """The same for several."""
    return tuple(map(name, texts))
