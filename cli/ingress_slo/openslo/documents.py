"""YAML documents in which everything knows its file and line."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Final

import yaml

from slo.errors import SloError

_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml, where PyYAML has it, is ten times faster."""
_NUMBERS: Final = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")
_TEXT: Final = "tag:yaml.org,2002:str"
_BOOLEAN: Final = "tag:yaml.org,2002:bool"
_TIME: Final = "tag:yaml.org,2002:timestamp"
_NULL: Final = "tag:yaml.org,2002:null"


class DocumentError(SloError):
    """Raised for what cannot be read or mapped. Each line of the message begins with `file:line`."""


class Node:
    """A value of a document. Everything that reads it raises DocumentError."""

    def __init__(self, node: yaml.Node, file: str) -> None:
        self._node = node
        self._file = file

    @property
    def place(self) -> str:
        """`file:line`."""
        return f"{self._file}:{self._node.start_mark.line + 1}"

    def error(self, message: str) -> DocumentError:
        """The error that says this of the value."""
        return DocumentError(f"{self.place}: {message}")

    @property
    def is_text(self) -> bool:
        """Whether it is a string."""
        return bool(self._node.tag == _TEXT)

    def fields(
        self, required: Iterable[str] = (), optional: Iterable[str] = (), refused: Mapping[str, str] | None = None
    ) -> dict[str, "Node"]:
        """The fields of a mapping that may have only these. `refused` says of others why they cannot be mapped."""
        found, required = self.entries(), tuple(required)
        known = (*required, *optional)
        for name, value in found.items():
            if refused and name in refused:
                raise value.error(f"`{name}` cannot be mapped: {refused[name]}")
            if name not in known:
                raise value.error(f"`{name}` is unknown here. Expected {', '.join(known)}.")
        for name in required:
            if name not in found:
                raise self.error(f"`{name}` is missing here.")
        return found

    def entries(self) -> dict[str, "Node"]:
        """All fields of a mapping."""
        if not isinstance(self._node, yaml.MappingNode):
            raise self.error(f"Expected fields (`name: value`), not {_kind(self._node)}.")
        found: dict[str, Node] = {}
        for key, value in self._node.value:
            name, entry = Node(key, self._file).text(), Node(value, self._file)
            if name in found:
                raise Node(key, self._file).error(f"`{name}` is here twice.")
            found[name] = entry
        return found

    def items(self) -> list["Node"]:
        """The items of a list."""
        if not isinstance(self._node, yaml.SequenceNode):
            raise self.error(f"Expected a list (`- value`), not {_kind(self._node)}.")
        return [Node(item, self._file) for item in self._node.value]

    def text(self) -> str:
        """A string."""
        return self._scalar("a text; in quotes, if it looks like something else", _TEXT)

    def choice[T: str](self, *choices: T) -> T:
        """One of these strings."""
        text = self.text()
        for choice in choices:
            if text == choice:
                return choice
        raise self.error(f"Expected {' or '.join(choices)}, not {text!r}.")

    def time(self) -> str:
        """A time as it is written, in quotes or not."""
        return self._scalar("a time", _TEXT, _TIME)

    def number(self) -> Decimal:
        """A number, exactly as it is written."""
        text = self._scalar("a number", *_NUMBERS)
        try:
            return Decimal(text)
        except ArithmeticError as error:
            raise self.error(f"Expected a decimal number, not {text!r}.") from error

    def boolean(self) -> bool:
        """`true` or `false`."""
        return self._scalar("true or false", _BOOLEAN).lower() in ("true", "yes", "on")

    def _scalar(self, expected: str, *tags: str) -> str:
        if not isinstance(self._node, yaml.ScalarNode) or self._node.tag not in tags:
            raise self.error(f"Expected {expected}, not {_kind(self._node)}.")
        return str(self._node.value)


def documents(file: str, text: str) -> Iterator[Node]:
    """The documents of a file; empty ones are left out. Raises DocumentError if it is no YAML.

    A list has a document in each item: OpenSLO's own SDK writes such files (https://github.com/OpenSLO/go-sdk).
    """
    try:
        for node in yaml.compose_all(text, _LOADER):
            for each in node.value if isinstance(node, yaml.SequenceNode) else [node]:
                if each is not None and each.tag != _NULL:
                    yield Node(each, file)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise DocumentError(f"{file}:{line}: This is no YAML: {getattr(error, 'problem', error)}.") from error


def _kind(node: yaml.Node) -> str:
    if isinstance(node, yaml.ScalarNode):
        return f"`{node.value}`" if node.value else "nothing"
    return "a list" if isinstance(node, yaml.SequenceNode) else "fields"
