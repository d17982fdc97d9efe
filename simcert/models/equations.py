"""The equation language: constraints on the parameters as a person writes them.

```
subspace   = statement { (";" | newline) statement }          # comments run to the end of the line
statement  = side "=" side { "=" side }                       W1[0,:] = W1[1,:]      3/4 W1[0,0] - b1[2] = 1/2      W1 = 0
           | "tie" "(" space ":" units { "|" units } ")"      tie(1: 0,-1)  unit 1 is minus unit 0
           | "dead" "(" space ":" units ")"                   dead(1: 0,2)
           | exchange { "*" exchange }                        swap(1: 0,1) * swap(2: 0,1)   both at once
exchange   = "swap" "(" space ":" unit "," unit { "|" unit "," unit } ")"
space      = number of a free index space, from 1 (in an mlp: of a hidden layer) | its name | "heads"
side       = sum of terms; a term is a rational times at most one array:  W   -W   2 W   2*W   W/2   5
array      = parameter [ "[" index { "," index } "]" ],  index = integer | [integer] ":" [integer]
```

Units and array entries count from 0. Arrays in one equation have one shape; a constant goes to every entry. A whole array is its name; missing
trailing indices mean all.

What the shorthands mean, for a space with parameter axes: `tie` makes, along each of them separately, the slices of the units equal up to the sign
written (a sign applies to every slice, incoming and outgoing); `dead` makes them 0; `swap` means the fixed space of the exchange, θ = gθ, where g
acts on all axes of a parameter at once.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise, product
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from simcert.errors import ResourceLimit, SpecError
from simcert.models.program import Program, Shape, size_of
from simcert.models.tokens import Cursor, Token, split

if TYPE_CHECKING:
    from simcert.groups.axes import IndexSpace
    from simcert.groups.subspaces import Subspace

Equation = tuple[dict[int, Fraction], Fraction]  # Σ coefficient·θ_index = constant
MAX_TEXT = 1 << 22
MAX_ENTRIES = 1 << 23  # nonzero coefficients of all equations together
ONE = Fraction(1)


@dataclass(frozen=True, slots=True)
class Group:
    """Units of one index space: `space` is its number in `index_spaces(program)`, from 0; `signs` are 1 or −1."""

    space: int
    units: tuple[int, ...]
    signs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement and the scalar equations that it means.

    `groups` is empty for an equation; for a tie it lists the sets of units tied, for a swap the pairs exchanged at the same time (a generator).
    """

    kind: Literal["equation", "tie", "dead", "swap"]
    text: str
    place: str
    groups: tuple[Group, ...]
    equations: tuple[Equation, ...]


def parse_subspace(program: Program, source: str | os.PathLike[str] | Sequence[str] | Subspace) -> Subspace:
    """The affine subspace that equations describe: a string, a list of strings, or the path of a file that holds them.

    Raises `SpecError` with the number of the equation and the column: unknown names (with close matches), indices, shapes, syntax, no equation at
    all, or no solution; `InexactInputError` for decimals; `ResourceLimit` past the limits on length, digits and size.

    >>> from simcert.models.spec import load_model
    >>> parse_subspace(load_model("mlp:2-3-1:tanh"), "tie(1: 0,1)").dimension
    6
    """
    from simcert.groups.subspaces import Subspace

    if isinstance(source, Subspace):
        if source.program is not program and source.program != program:
            raise SpecError("the subspace belongs to another model", source.program.title, "make it from the equations again")
        return source
    return subspace_of(program, read_statements(program, source))


def subspace_of(program: Program, statements: Sequence[Statement]) -> Subspace:
    """The affine subspace on which all the statements hold; raises `SpecError` when they say nothing or contradict each other."""
    from simcert.groups.subspaces import Subspace

    if not any(statement.equations for statement in statements):
        fact = "the equations hold for all parameters" if statements else "there are no equations"
        raise SpecError(fact, "", "write for example W1[0,:] = W1[1,:] or tie(1: 0,1)")
    place = ""

    def equations() -> Iterator[Equation]:
        nonlocal place
        for statement in statements:
            place = statement.place
            yield from statement.equations

    try:
        return Subspace.from_equations(program, equations())
    except SpecError as error:
        raise SpecError(error.fact, place, error.remedy) from None


def read_statements(program: Program, source: str | os.PathLike[str] | Sequence[str]) -> list[Statement]:
    """The statements of a string, of each string of a list, or of a file, in order."""
    if isinstance(source, str | os.PathLike):
        name = os.fspath(source)
        if isinstance(source, os.PathLike) or _is_file(name):
            from simcert.models.spec import read_text

            return parse_statements(program, read_text(name), place=name)
        if not re.search(r"[=(\[\s;]", name) and re.search(r"[./\\]", name) and not re.match(r"[-.0-9]", name):
            raise SpecError("there is no such file, and this is no equation", name[:200], "write for example W1[0,:] = W1[1,:]")
        return parse_statements(program, name)
    if not isinstance(source, list | tuple) or any(not isinstance(item, str) for item in source):
        raise SpecError(f"equations are a string, a list of strings or a path, got {type(source).__name__}", "", 'write for example "tie(1: 0,1)"')
    out: list[Statement] = []
    for item in source:
        out += parse_statements(program, item, first=len(out) + 1)
    return out


def _is_file(text: str) -> bool:
    try:
        return len(text) < 4096 and "\n" not in text and Path(text).is_file()
    except (OSError, ValueError):
        return False


def parse_statements(program: Program, text: str, *, place: str = "", first: int = 1) -> list[Statement]:
    """The statements of a text, in order, each with its equations; `place` and `first` (the number of the first one) go into messages."""
    if len(text) > MAX_TEXT:
        raise ResourceLimit(f"equations of {len(text)} characters", place, f"the limit is {MAX_TEXT}")
    budget = [MAX_ENTRIES]
    prefix = f"{place}, " if place else ""
    out: list[Statement] = []
    for tokens in split(text, prefix, first):
        where = f"{prefix}equation {first + len(out)}"
        out.append(_Reader(program, text, tokens, where, budget).statement())
    return out


@dataclass(slots=True)
class _Term:
    """coefficient · the array with these parameter indices (row-major), not listed yet."""

    coefficient: Fraction
    token: Token
    ranges: tuple[range, ...]
    shape: Shape


@dataclass(slots=True)
class _Side:
    terms: list[_Term]
    constant: Fraction


class _Reader(Cursor):
    """Reads one statement from its tokens."""

    def __init__(self, program: Program, text: str, tokens: list[Token], place: str, budget: list[int]) -> None:
        self.offsets = program.offsets()
        super().__init__(text, tokens, place, self.offsets)
        self.program, self.budget = program, budget

    def spend(self, entries: int) -> None:
        self.budget[0] -= entries
        if self.budget[0] < 0:
            raise ResourceLimit(f"the equations have more than {MAX_ENTRIES} coefficients", self.statement_place, "tie fewer units, or take a smaller model")

    def statement(self) -> Statement:
        head, after = self.peek(), self.peek(1)
        if head.kind == "name" and after.text == "(":
            if head.text not in ("tie", "dead", "swap"):
                from simcert.models.spec import close

                raise SpecError(f"there is no shorthand {head.text[:40]!r}", self.place(head), close(head.text, ["tie", "dead", "swap"]))
            return self.shorthand(head)
        sides = [self.side()]
        while self.accept("="):
            sides.append(self.side())
        if self.peek().kind != "end" or len(sides) < 2:
            raise self.unexpected("'=', + or -" if len(sides) < 2 else "the end of the equation")
        equations = [equation for left, right in pairwise(sides) for equation in self.equations(left, right)]
        return Statement("equation", self.text, self.statement_place, (), tuple(equations))

    def side(self) -> _Side:
        side = _Side([], Fraction(0))
        first = True
        while first or self.peek().text in ("+", "-"):
            first, sign = False, 1
            while symbol := self.accept("+", "-"):
                sign = -sign if symbol == "-" else sign
            self.term(side, sign)
        return side

    def term(self, side: _Side, sign: int) -> None:
        """One term: numbers and at most one array, joined by `*`, `/` or nothing (a number before an array)."""
        start, factor, array = self.peek(), Fraction(sign), None
        divide = False
        while True:
            token = self.peek()
            if token.kind == "number":
                number = self.integer()
                if divide and number == 0:
                    raise SpecError("division by 0", self.place(token))
                factor = self.bounded(factor / number if divide else factor * number, token)
            elif token.kind == "name":
                if array is not None or divide:
                    raise SpecError("the equation is not linear: a term has at most one array, and no division by one", self.place(token))
                array = self.array()
            elif token.text == "(":
                raise SpecError("brackets ( ) are not part of an equation", self.place(token), "write the terms out")
            else:
                raise self.unexpected("a number or a parameter")
            symbol = self.accept("*", "/")
            divide = symbol == "/"
            if not symbol and (self.peek().kind != "name" or token.kind != "number"):
                break
        if array is None:
            side.constant = self.bounded(side.constant + factor, start)
        else:
            array.coefficient = factor
            side.terms.append(array)

    def array(self) -> _Term:
        token = self.take()
        if token.text not in self.offsets:
            from simcert.models.spec import close

            raise SpecError(f"there is no parameter {token.text[:40]!r}", self.place(token), close(token.text, self.offsets))
        _, shape = self.offsets[token.text]
        ranges: list[range] = []
        kept: list[int] = []
        if self.accept("["):
            while True:
                if len(ranges) == len(shape):
                    raise SpecError(f"{token.text} has shape {shape}: too many indices", self.place(self.peek()), f"it takes {len(shape)}")
                chosen, slicing = self.index(token.text, len(ranges), shape[len(ranges)])
                ranges.append(chosen)
                kept += [len(chosen)] if slicing else []
                if not self.accept(","):
                    break
            self.expect("]")
        rest = shape[len(ranges) :]
        return _Term(ONE, token, (*ranges, *map(range, rest)), (*kept, *rest))

    def index(self, name: str, axis: int, n: int) -> tuple[range, bool]:
        """The positions of one index, and whether it is a slice."""

        def bound(most: int) -> int | None:
            token = self.peek()
            if token.text == "-":
                raise SpecError("an index is negative", self.place(token), f"axis {axis} of {name} has the indices 0..{n - 1}; count from the front")
            if token.kind != "number":
                return None
            value = self.integer()
            if value > most:
                raise SpecError(f"index {str(value)[:20]} is out of range", self.place(token), f"axis {axis} of {name} has size {n}, indices 0..{n - 1}")
            return value

        start = self.peek()
        first = bound(n if self.peek(1).text == ":" else n - 1)
        if self.accept(":"):
            last = bound(n)
            chosen = range(first or 0, n if last is None else last)
            if not chosen:
                raise SpecError("an empty slice", self.place(start), f"axis {axis} of {name} has size {n}; a:b means a, …, b-1")
            return chosen, True
        if first is None:
            raise self.unexpected("an index")
        return range(first, first + 1), False

    def equations(self, left: _Side, right: _Side) -> Iterator[Equation]:
        terms = [(t.coefficient, t) for t in left.terms] + [(-t.coefficient, t) for t in right.terms]
        if not terms:
            raise SpecError("an equation without parameters", self.statement_place, "name a parameter on one side")
        odd = next((t for _, t in terms if t.shape != terms[0][1].shape), None)
        if odd is not None:
            fact = f"arrays of shapes {terms[0][1].shape} and {odd.shape} in one equation"
            raise SpecError(fact, self.place(odd.token), "slice them to one shape; only constants go to every entry")
        self.spend(len(terms) * size_of(terms[0][1].shape))
        constant = right.constant - left.constant
        for indices in zip(*(self.indices(t) for _, t in terms), strict=True):
            form: dict[int, Fraction] = {}
            for (c, _), p in zip(terms, indices, strict=True):
                form[p] = self.bounded(form.get(p, Fraction(0)) + c, self.tokens[0])
            form = {p: c for p, c in form.items() if c}
            if form:
                yield form, constant
            elif constant:
                raise SpecError("the equation cannot hold: its parameters cancel and the constants differ", self.statement_place, "remove or correct it")

    def indices(self, term: _Term) -> Iterator[int]:
        start, shape = self.offsets[term.token.text]
        strides = [size_of(shape[k + 1 :]) for k in range(len(shape))]
        return (start + sum(s * i for s, i in zip(strides, where, strict=True)) for where in product(*term.ranges))

    def shorthand(self, head: Token) -> Statement:
        from simcert.groups.axes import index_spaces
        from simcert.models import units

        spaces = index_spaces(self.program)
        kind = head.text
        groups: list[Group] = []
        while True:
            self.take()
            self.expect("(")
            space = self.space(spaces)
            groups.append(self.units(kind, space, spaces[space].size))
            while kind != "dead" and self.accept("|"):
                groups.append(self.units(kind, space, spaces[space].size))
            self.expect(")")
            if kind != "swap" or not self.accept("*"):
                break
            if self.peek().text != "swap":
                raise self.unexpected("'swap'")
        if self.peek().kind != "end":
            raise self.unexpected("the end of the statement")
        for k, group in enumerate(groups):
            shared = [u for other in groups[:k] if other.space == group.space for u in group.units if u in other.units]
            if shared:
                raise SpecError(f"unit {shared[0]} stands in two groups of one {kind}", self.statement_place, "join the groups, or write two statements")
        rows = {"tie": units.tie, "dead": units.dead, "swap": units.swap}[kind](self.program, spaces, groups, self.spend)
        return Statement(kind, self.text, self.statement_place, tuple(groups), tuple(rows))  # pyright: ignore[reportArgumentType]

    def space(self, spaces: tuple[IndexSpace, ...]) -> int:
        """The number, from 0, of the index space before the colon."""
        token, depth, pieces = self.peek(), 0, []
        while self.peek().kind != "end" and (depth > 0 or self.peek().text not in (":", ")", ",")):
            depth += (self.peek().text == "[") - (self.peek().text == "]")
            pieces.append(str(self.integer()) if self.peek().kind == "number" else self.take().text)
        self.expect(":")
        words = "".join(pieces)
        known = ", ".join(f"{k} = {s.name} ({s.size} units)" for k, s in enumerate(spaces[:20], 1)) or "none: nothing in this model can be permuted"
        if len(pieces) == 1 and words.isdigit():
            if not 1 <= int(words) <= len(spaces):
                raise SpecError(f"there is no index space (hidden layer) {words[:20]}", self.place(token), f"they count from 1: {known}")
            return int(words) - 1
        found = [k for k, s in enumerate(spaces) if s.name.replace(" ", "") == words or (words == "heads" and s.stacked)]
        if len(found) != 1:
            raise SpecError(f"there is no index space {words[:40]!r}", self.place(token), f"the index spaces are {known}")
        return found[0]

    def units(self, kind: str, space: int, size: int) -> Group:
        found: list[int] = []
        signs: list[int] = []
        while True:
            sign = self.accept("-", "+")
            token = self.peek()
            if token.kind != "number":
                raise self.unexpected("the number of a unit")
            unit = self.integer()
            if unit >= size:
                raise SpecError(f"there is no unit {str(unit)[:20]}", self.place(token), f"index space {space + 1} has the units 0..{size - 1}")
            if unit in found:
                raise SpecError(f"unit {unit} is listed twice", self.place(token))
            if sign and kind == "dead":
                raise SpecError("the units of dead(…) have no signs", self.place(token), "write dead(1: 0)")
            found.append(unit)
            signs.append(-1 if sign == "-" else 1)
            if not self.accept(","):
                break
        if kind == "tie" and len(found) < 2:
            raise SpecError("a tie needs at least two units", self.place(self.peek()), "write for example tie(1: 0,1)")
        if kind == "swap" and len(found) != 2:
            raise SpecError(f"a swap exchanges two units, got {len(found)}", self.place(self.peek()), "write for example swap(1: 0,1) or swap(1: 0,1 | 2,3)")
        return Group(space, tuple(found), tuple(signs))
