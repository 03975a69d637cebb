"""Traefik's match rules: parses an expression into the (domain, path_prefix) pairs that it serves.

The grammar (https://doc.traefik.io/traefik/reference/routing-configuration/http/routing/rules-and-priority/):

    expression  = conjunction { "||" conjunction }
    conjunction = term { "&&" term }
    term        = "!" term | "(" expression ")" | Matcher "(" [ argument { "," argument } ] ")"
    argument    = `text` | "text" | 'text'

Host, HostRegexp, PathPrefix, Path and PathRegexp determine the pairs; a Path is treated as a PathPrefix. Other matchers
and negated terms only narrow a rule and are ignored. Several arguments of one matcher are alternatives, as in Traefik's
v2 syntax. `slo.traefik.matchers` knows which rules Traefik refuses.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import product
from typing import Literal, NamedTuple

from slo.traefik.placing import ANYWHERE, Placed, both, host, host_pattern, path, path_pattern, prefix

MAX_LENGTH = 32_768
MAX_DEPTH = 100
MAX_PLACES = 64
ANY_DOMAIN = "*"
ROOT = "/"
_MAX_ALTERNATIVES = 256
"""While a rule is read. Beyond, the last alternatives are dropped, so that a hostile rule costs little."""

RuleSyntax = Literal["v2", "v3"]

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
    """What a rule serves: a domain in lower case (`*` for any) and a path prefix (`/` for all).

    A pattern is shown in braces: `{^[a-z]+.example.com$}` for a HostRegexp, `{^/api/v[0-9]+}` for a PathRegexp.
    """

    domain: str
    path_prefix: str


class Placement(NamedTuple):
    """The places of a rule."""

    places: tuple[Place, ...]
    """In order, each once; at most MAX_PLACES. Empty if the rule contradicts itself and matches no request."""
    dropped: bool = False
    """Whether the rule has more places."""


class Matcher(NamedTuple):
    """One matcher of a rule, as written."""

    name: str
    arguments: tuple[str, ...]
    position: int
    quotes: frozenset[str]
    """How its arguments are quoted: `raw`, `double`, `single`."""


class RuleSyntaxError(ValueError):
    """Raised when a match rule cannot be parsed; says where, and what was expected."""

    def __init__(self, match: str, position: int, expected: str) -> None:
        super().__init__(f"at character {position + 1} of {match[:200]!r}: expected {expected}")
        self.position = position


class _Token(NamedTuple):
    kind: str
    text: str
    position: int
    quote: str = ""


_Alternatives = tuple[Placed, ...]


def placement(match: str, *, syntax: RuleSyntax = "v3") -> Placement:
    """The places of a rule. Raises RuleSyntaxError if the rule cannot be parsed."""
    parser = _Parser(match, syntax)
    found = dict.fromkeys(Place(placed.domain or ANY_DOMAIN, placed.path or ROOT) for placed in parser.parse())
    places = tuple(found)
    return Placement(places[:MAX_PLACES], parser.dropped or len(places) > MAX_PLACES)


def within(parents: Iterable[str], match: str) -> str:
    """The rule of a child of routers with the rules `parents`: what passes one of them and the child's own rule."""
    return f"({' || '.join(f'({parent})' for parent in parents)}) && ({match})"


def matchers(match: str) -> tuple[Matcher, ...]:
    """The matchers of a rule, in order. Raises RuleSyntaxError if the rule cannot be parsed."""
    parser = _Parser(match, "v3")
    parser.parse()
    return tuple(parser.matchers)


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
        quote = kind if kind in ("raw", "double", "single") else ""
        yield _Token("text" if quote else kind, text, found.start(kind), quote)
        if kind == "end":
            return
        position = found.end()


class _Parser:
    def __init__(self, match: str, syntax: RuleSyntax) -> None:
        if len(match) > MAX_LENGTH:
            raise RuleSyntaxError(match, MAX_LENGTH, f"at most {MAX_LENGTH} characters")
        self._match = match
        self._syntax = syntax
        self._tokens = _tokens(match)
        self._next = next(self._tokens)
        self._depth = 0
        self.dropped = False
        self.matchers: list[Matcher] = []

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
            result = self._unique(joined for one, other in pairs if (joined := both(one, other)))
        return result

    def _term(self) -> _Alternatives:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self._expected(f"at most {MAX_DEPTH} nested parentheses")
        try:
            if self._accept("!"):
                self._term()
                return ANYWHERE
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
        name = self._advance()
        self._expect("(")
        arguments = self._arguments()
        self._expect(")")
        texts = tuple(argument.text for argument in arguments)
        quotes = frozenset(argument.quote for argument in arguments)
        self.matchers.append(Matcher(name.text, texts, name.position, quotes))
        return self._unique(self._placed(name.text.lower(), text) for text in texts) or ANYWHERE

    def _placed(self, name: str, argument: str) -> Placed:
        match name:
            case "host":
                return host(argument)
            case "hostregexp":
                return host_pattern(argument, is_v2=self._syntax == "v2")
            case "path":
                return path(argument)
            case "pathprefix":
                return prefix(argument)
            case "pathregexp":
                return path_pattern(argument)
            case _:
                return Placed()

    def _arguments(self) -> list[_Token]:
        arguments: list[_Token] = []
        while self._next.kind == "text":
            arguments.append(self._advance())
            if not self._accept(","):
                break
        return arguments

    def _unique(self, found: Iterable[Placed]) -> _Alternatives:
        unique: dict[Placed, None] = {}
        for placed in found:
            unique[placed] = None
            if len(unique) > _MAX_ALTERNATIVES:
                self.dropped = True
                break
        return tuple(unique)[:_MAX_ALTERNATIVES]

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
