"""Traefik's match rules: parses an expression into the (domain, path_prefix) pairs that it serves.

The grammar (https://doc.traefik.io/traefik/reference/routing-configuration/http/routing/rules-and-priority/):

    expression  = conjunction { "||" conjunction }
    conjunction = term { "&&" term }
    term        = "!" term | "(" expression ")" | Matcher "(" [ argument { "," argument } ] ")"
    argument    = `text` | "text" | 'text'

Host, PathPrefix and Path determine the pairs; a Path is treated as a PathPrefix. Other matchers and negated terms only
narrow a rule and are ignored. Several arguments of one matcher are alternatives, as in Traefik's v2 syntax.
"""

import re
from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

MAX_LENGTH = 32_768
MAX_DEPTH = 100
MAX_PLACES = 64
ANY_DOMAIN = "*"
ROOT = "/"

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<operator>&&|\|\||!|\(|\)|,)
      | (?P<name>[A-Za-z][A-Za-z0-9]*)
      | `(?P<raw>[^`]*)`
      | "(?P<double>(?:[^"\\]|\\.)*)"
      | '(?P<single>(?:[^'\\]|\\.)*)'
      | (?P<end>$)
    )""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


class Place(NamedTuple):
    """What a rule serves: a domain in lower case (`*` for any) and a path prefix (`/` for all)."""

    domain: str
    path_prefix: str


class RuleSyntaxError(ValueError):
    """Raised when a match rule cannot be parsed; says where, and what was expected."""

    def __init__(self, match: str, position: int, expected: str) -> None:
        super().__init__(f"at character {position + 1} of {match[:200]!r}: expected {expected}")
        self.position = position


class _Token(NamedTuple):
    kind: str
    text: str
    position: int


class _Placed(NamedTuple):
    """One alternative of an expression; None for what it does not restrict."""

    domain: str | None = None
    path: str | None = None


_ANYWHERE = (_Placed(),)
_Alternatives = tuple[_Placed, ...]


def places(match: str) -> tuple[Place, ...]:
    """The places of a rule in order, each once. Raises RuleSyntaxError if it cannot be parsed or has more than 64."""
    if len(match) > MAX_LENGTH:
        raise RuleSyntaxError(match, MAX_LENGTH, f"at most {MAX_LENGTH} characters")
    found = _Parser(match).parse()
    return tuple(dict.fromkeys(Place(placed.domain or ANY_DOMAIN, placed.path or ROOT) for placed in found))


def _tokens(match: str) -> Iterator[_Token]:
    position = 0
    while True:
        found = _TOKEN.match(match, position)
        if found is None or found.lastgroup is None:
            raise RuleSyntaxError(match, position, "a matcher, an operator or a closed quote")
        text = found.group(found.lastgroup)
        kind = found.lastgroup
        if kind in ("double", "single"):
            text = _ESCAPE.sub(r"\1", text)
        yield _Token("text" if kind in ("raw", "double", "single") else kind, text, found.start(kind))
        if kind == "end":
            return
        position = found.end()


class _Parser:
    def __init__(self, match: str) -> None:
        self._match = match
        self._tokens = _tokens(match)
        self._next = next(self._tokens)
        self._depth = 0

    def parse(self) -> _Alternatives:
        result = self._expression()
        if self._next.kind != "end":
            raise self._expected("`&&`, `||` or the end")
        return result

    def _expression(self) -> _Alternatives:
        result = self._conjunction()
        while self._accept("||"):
            result = self._unique([*result, *self._conjunction()])
        return result

    def _conjunction(self) -> _Alternatives:
        result = self._term()
        while self._accept("&&"):
            pairs = product(result, self._term())
            result = self._unique([joined for one, other in pairs if (joined := _both(one, other))]) or _ANYWHERE
        return result

    def _term(self) -> _Alternatives:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self._expected(f"at most {MAX_DEPTH} nested parentheses")
        try:
            if self._accept("!"):
                self._term()
                return _ANYWHERE
            if self._accept("("):
                result = self._expression()
                self._expect(")")
                return result
            return self._matcher()
        finally:
            self._depth -= 1

    def _matcher(self) -> _Alternatives:
        if self._next.kind != "name":
            raise self._expected("a matcher such as Host(`example.com`)")
        name = self._advance().text.lower()
        self._expect("(")
        arguments = self._arguments()
        self._expect(")")
        if name == "host":
            return self._unique([_Placed(domain=_domain(argument)) for argument in arguments]) or _ANYWHERE
        if name in ("pathprefix", "path"):
            return self._unique([_Placed(path=_path(argument)) for argument in arguments]) or _ANYWHERE
        return _ANYWHERE

    def _arguments(self) -> list[str]:
        arguments: list[str] = []
        while self._next.kind == "text":
            arguments.append(self._advance().text)
            if not self._accept(","):
                break
        return arguments

    def _unique(self, found: list[_Placed]) -> _Alternatives:
        unique = tuple(dict.fromkeys(found))
        if len(unique) > MAX_PLACES:
            raise self._expected(f"at most {MAX_PLACES} combinations of domain and path")
        return unique

    def _accept(self, operator: str) -> bool:
        if self._next.kind == "operator" and self._next.text == operator:
            self._advance()
            return True
        return False

    def _expect(self, operator: str) -> None:
        if not self._accept(operator):
            raise self._expected(f"`{operator}`")

    def _advance(self) -> _Token:
        token, self._next = self._next, next(self._tokens, self._next)
        return token

    def _expected(self, what: str) -> RuleSyntaxError:
        return RuleSyntaxError(self._match, self._next.position, what)


def _both(one: _Placed, other: _Placed) -> _Placed | None:
    """What satisfies both alternatives; None if no request can."""
    if one.domain and other.domain and one.domain != other.domain:
        return None
    paths = [path for path in (one.path, other.path) if path]
    return _Placed(one.domain or other.domain, max(paths, key=len, default=None))


def _domain(text: str) -> str:
    return text.strip().rstrip(".").lower() or ANY_DOMAIN


def _path(text: str) -> str:
    return text if text.startswith("/") else f"/{text}"
