"""Tokens of the equation language, and a cursor over those of one statement. One pass, no recursion, places in every message."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from fractions import Fraction
from typing import NamedTuple

from simcert.errors import ResourceLimit, SpecError
from simcert.exact.border import inexact
from simcert.models.program import MAX_DIGITS

MAX_TOKENS = 1 << 18  # of one statement
MAX_BITS = 4 * MAX_DIGITS
TOKEN = re.compile(
    r"(?P<blank>[ \t\r\f\v]+|#[^\n]*)|(?P<newline>\n)|(?P<decimal>[0-9]*\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+\.)"
    r"|(?P<number>[0-9]+)|(?P<name>[A-Za-z][A-Za-z0-9_]*)|(?P<symbol>[-=+*/()\[\],:;|])"
)
EXPONENT = re.compile(r"[eE][0-9]*\Z")
EXAMPLE = "write for example W1[0,:] = 2 W1[1,:] or tie(1: 0,1)"


class Token(NamedTuple):
    """A piece of text: `kind` is number, name, symbol or end."""

    kind: str
    text: str
    line: int
    column: int
    start: int


def split(text: str, prefix: str = "", first: int = 1) -> Iterator[list[Token]]:
    """The tokens of each non-empty statement; statements end at `;` and at line ends outside brackets.

    `prefix` and `first` (the number of the first statement) go into the places of messages.

    >>> [[token.text for token in tokens] for tokens in split("W = 2; tie(1: 0) # two")]
    [['W', '=', '2'], ['tie', '(', '1', ':', '0', ')']]
    """
    tokens: list[Token] = []
    at, line, begin, depth, lines = 0, 1, 0, 0, "\n" in text
    while at < len(text):
        match = TOKEN.match(text, at)
        kind, piece = (str(match.lastgroup), match.group()) if match else ("unknown", text[at])
        if match is None or kind == "decimal":
            where = f"{prefix}equation {first}, {f'line {line}, ' if lines else ''}column {at - begin + 1}"
            if kind == "decimal":
                raise inexact(piece, where, "write {}")
            remedy = "write the minus sign as -" if piece in "−–—" else "an equation has names, integers and the signs = + - * / [ ] , :"
            raise SpecError(f"unexpected character {piece!r}", where, remedy)
        separator = piece == ";" or (kind == "newline" and depth <= 0)
        if separator and tokens:
            yield tokens
            tokens, first = [], first + 1
        if separator:
            depth = 0
        elif kind in ("number", "name", "symbol"):
            depth += (piece in ("(", "[")) - (piece in (")", "]"))
            tokens.append(Token(kind, piece, line, at - begin + 1, at))
            if len(tokens) > MAX_TOKENS:
                raise ResourceLimit(f"a statement of more than {MAX_TOKENS} words and signs", f"{prefix}equation {first}", "write several equations")
        at = match.end()
        if kind == "newline":
            line, begin = line + 1, at
    if tokens:
        yield tokens


class Cursor:
    """A position in the tokens of one statement.

    Arguments: `text`, all of it; `place` of the statement; `names` that may follow a number directly, as in `2W1`.
    """

    def __init__(self, text: str, tokens: list[Token], place: str, names: Container[str]) -> None:
        self.tokens, self.statement_place, self.names, self.lines = tokens, place, names, "\n" in text
        self.at = 0
        last = tokens[-1]
        after = last.start + len(last.text)
        self.text = text[tokens[0].start : after]
        self.end = Token("end", "", last.line, last.column + len(last.text), after)

    def peek(self, ahead: int = 0) -> Token:
        """The token to come, or the one `ahead` places later."""
        k = self.at + ahead
        return self.tokens[k] if k < len(self.tokens) else self.end

    def take(self) -> Token:
        """The token to come; moves past it."""
        token = self.peek()
        self.at += 1
        return token

    def accept(self, *symbols: str) -> str:
        """The text of the token to come if it is one of these symbols (and moves past it), otherwise the empty string."""
        token = self.peek()
        if token.kind == "symbol" and token.text in symbols:
            self.at += 1
            return token.text
        return ""

    def expect(self, symbol: str) -> None:
        """Move past this symbol; raises `SpecError` when another token comes."""
        if not self.accept(symbol):
            raise self.unexpected(repr(symbol))

    def place(self, token: Token) -> str:
        """The place of a token for a message."""
        return f"{self.statement_place}, {f'line {token.line}, ' if self.lines else ''}column {token.column}"

    def unexpected(self, wanted: str) -> SpecError:
        """The error that something else was expected here."""
        token = self.peek()
        found = repr(token.text[:40]) if token.text else "the end"
        return SpecError(f"expected {wanted}, found {found}", self.place(token), EXAMPLE)

    def integer(self) -> int:
        """The value of the number to come; raises `ResourceLimit` past 4,000 digits, `InexactInputError` for `1e5`."""
        token = self.take()
        if len(token.text) > MAX_DIGITS:
            raise ResourceLimit(f"a number of {len(token.text)} digits", self.place(token), f"the limit is {MAX_DIGITS}")
        follower = self.peek()
        adjacent = follower.kind == "name" and follower.start == token.start + len(token.text)
        if adjacent and follower.text not in self.names and EXPONENT.match(follower.text):
            raise inexact(token.text + follower.text, self.place(token), "write {}")
        return int(token.text)

    def bounded(self, value: Fraction, token: Token) -> Fraction:
        """`value`; raises `ResourceLimit` when it has too many digits."""
        if max(value.numerator.bit_length(), value.denominator.bit_length()) > MAX_BITS:
            raise ResourceLimit("a coefficient has too many digits", self.place(token), f"the limit is about {MAX_DIGITS}")
        return value
