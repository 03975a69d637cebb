"""The words of messages, a module for each language. A test compares their places for values."""

from slo.notifications.settings import Language
from slo.notifications.words.en import ENGLISH
from slo.notifications.words.ja import JAPANESE
from slo.notifications.words.zh import CHINESE

WORDS: dict[Language, dict[str, str]] = {"en": ENGLISH, "zh": CHINESE, "ja": JAPANESE}
"""Texts by key. Keys are those of `en`."""
