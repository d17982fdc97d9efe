"""Number systems in which vectors of lower bounds are computed: residues at a point, power series along a curve, or intervals.

A function that is not a polynomial needs its arguments exactly: the sign of a piecewise function's argument, a rational exponent, or the value 0. `exact` holds
what is known of them, the forward pass at the point over Q. Reduction is a ring map there (`residue.py`): exponentials of rational numbers are algebraic
over Q(e^(1/N), e^(i/N)), and of the constants 2/√π or 1/√(2π) or log 2 at most one occurs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .canonical import Json, Rational, fields, integer, mapping, natural
from .evaluate import System
from .functions import derivative
from .interval import Balls
from .outcome import Budget, Invalid, Malformed
from .program import Activation, Model, Node
from .residue import EXPONENTIAL, Residues, inverse, reduce
from .series import Series

Exact = Sequence[Sequence[Rational | None]]


@dataclass(frozen=True, slots=True)
class Numbers:
    """The number system of a lower bound. `bases` for exponentials, `constants` for functions at 0, `precision` (then `modulus` is 0) for intervals.

    `exact` says whether some function needs its exact arguments, `refused` why no vectors can be computed modulo `modulus`.
    """

    modulus: int
    functions: Mapping[str, Activation]
    exact: bool = False
    refused: str = ""
    bases: dict[str, int] | None = None
    denominator: int = 1
    constants: dict[str, int] | None = None
    precision: int = 0

    def system(self, budget: Budget, exact: Exact | None) -> System[Any]:
        """The system at a point."""
        return Balls(budget, self.functions, self.precision) if self.precision else Local(budget, self, exact)


def read_numbers(value: Json, place: str, model: Model, functions: Mapping[str, Activation], budget: Budget) -> Numbers:
    """The object `numbers`; raises `Malformed` for keys that do not fit the functions of the model."""
    used = [functions[node.names[0]] for node in model.nodes if node.op == "apply"]
    names = {f.name for f in used if f.kind == "named" and f.name != "reciprocal"}
    piecewise = any(f.kind == "piecewise" for f in used)
    keys = set(mapping(value, place))
    if keys == {"precision"}:
        return Numbers(0, functions, precision=integer(fields(value, place, "precision")["precision"], place, 1))
    extra = {"bases": ("bases", "denominator"), "constants": ("constants",)}
    d = fields(value, place, "modulus", *next((more for key, more in extra.items() if key in keys), ()))
    m = natural(d["modulus"], f"{place}/modulus", budget, 2)

    def residues(key: str, *allowed: set[str]) -> dict[str, int] | None:
        if key not in d:
            return None
        table = mapping(d[key], f"{place}/{key}")
        if set(table) not in allowed:
            raise Malformed(f"{place}/{key}: unexpected or missing keys")
        return {name: natural(item, f"{place}/{key}/{name}", budget, 0, m) for name, item in table.items()}

    bases = residues("bases", {"real", "imaginary", "i"} if names & {"sin", "cos"} else {"real"})
    constants = residues("constants", set(), {"pi"}, {"log2"})
    refused = "piecewise and transcendental functions in one model need intervals" if names and piecewise else ""
    if names >= {"gelu", "erf"}:
        refused = "gelu and erf in one model: their constants are not algebraically independent"
    denominator = natural(d["denominator"], f"{place}/denominator", budget, 1) if bases is not None else 1
    return Numbers(m, functions, bool(names or piecewise), refused, bases, denominator, constants)


def _known(exact: Exact | None, node: Node, function: Activation) -> list[Rational]:
    """The exact arguments of a function that needs them: rational, and not 0 for a piecewise function."""
    out: list[Rational] = []
    for z in exact[node.args[0]] if exact is not None else (None,):
        if z is None:
            raise Invalid(f"an argument of {node.names[0]} is not known to be rational")
        if z == 0 and function.kind == "piecewise":
            raise Invalid(f"the argument of the piecewise function {node.names[0]} is 0")
        out.append(z)
    return out


def _require_zero(node: Node, exact: Sequence[Rational]) -> None:
    if any(exact):
        raise Invalid(f"an argument of {node.names[0]} is not known to be 0")


def _linear(system: System[Any], node: Node, values: list[Any], function: Activation, exact: list[Rational]) -> list[Any]:
    """A piecewise linear function with known gates."""
    slopes = [system.rational(function.numbers[z > 0] if node.order < 2 else 0) for z in exact]
    return [system.dot((s,), (z,)) for s, z in zip(slopes, values, strict=True)] if node.order == 0 else slopes


class Local(Residues):
    """Z/m at a point, with everything that is known exactly there."""

    def __init__(self, budget: Budget, numbers: Numbers, exact: Exact | None) -> None:
        super().__init__(budget, numbers.functions, numbers.modulus)
        self.numbers, self.known = numbers, exact
        if numbers.bases is not None:
            self.exponentials(numbers.bases, numbers.denominator, exact or ())

    def apply(self, node: Node, values: list[int]) -> list[int]:
        function, constants = self.numbers.functions[node.names[0]], self.numbers.constants
        if function.kind == "piecewise":
            return _linear(self, node, values, function, _known(self.known, node, function))
        if function.kind == "named" and function.name != "reciprocal":
            exact = _known(self.known, node, function)
            if constants is not None:
                _require_zero(node, exact)
                return Series(self.budget, self.numbers.functions, self.modulus, 0, constants).apply(node, [0] * len(exact))
        return super().apply(node, values)

    def atom(self, name: str, z: Rational) -> int:
        """The residue of an atom of an exponential function."""
        return self._atom(name, z)


class Along(Series):
    """(Z/m)[t]/t^K along a curve: a named function by its power series at the exact value z of its argument at t = 0.

    The atoms of the function (`functions.py`) satisfy differential equations in h with known values at z, which determine their power series in h; the
    recurrence divides by 2, …, K − 1 only.
    """

    def __init__(self, local: Local, terms: int) -> None:
        super().__init__(local.budget, local.numbers.functions, local.modulus, terms - 1, local.numbers.constants or {})
        self._local = local
        self._memo: dict[tuple[str, int, Rational], list[int]] = {}

    def apply(self, node: Node, values: list[int]) -> list[int]:
        local = self._local
        function = local.numbers.functions[node.names[0]]
        if function.kind == "piecewise":
            return _linear(self, node, values, function, _known(local.known, node, function))
        if function.kind != "named" or function.name == "reciprocal":
            return super().apply(node, values)
        exact = _known(local.known, node, function)
        if local.numbers.constants is not None:
            _require_zero(node, exact)
            return super().apply(node, values)
        if function.name not in EXPONENTIAL or local.numbers.bases is None:
            raise Invalid(f"{function.name} has no power series in this method")
        return [self._horner(self._expansion(function.name, node.order, z), v - (v & self._mask)) for z, v in zip(exact, values, strict=True)]

    def _expansion(self, name: str, order: int, z: Rational) -> list[int]:
        """The power series in h of the derivative at z + h."""
        key = name, order, z
        if key not in self._memo:
            table, m = derivative(name, order), self.modulus
            atoms = {a for monomial in table for a in monomial}
            while not atoms >= (more := {a for atom in atoms for monomial in derivative(atom, 1) for a in monomial}):
                atoms |= more
            rules = {a: [(reduce(c, m), monomial) for monomial, c in derivative(a, 1).items()] for a in atoms}
            known = {a: [self._local.atom(a, z)] for a in atoms}
            for n in range(self.order):
                self.budget.tick()
                below = inverse(n + 1, m)
                new = {a: sum(c * _coefficient(monomial, n, known) for c, monomial in rule) * below % m for a, rule in rules.items()}
                for a in atoms:
                    known[a].append(new[a])
            packed = {a: self.pack(series) for a, series in known.items()}
            total = 0
            for monomial, c in table.items():
                product = reduce(c, m)
                for a in monomial:
                    product = self.dot((product,), (packed[a],))
                total = self.total((total, product))
            self._memo[key] = self.unpack(total)
        return self._memo[key]


def _coefficient(monomial: Sequence[str], n: int, known: Mapping[str, list[int]]) -> int:
    """The n-th coefficient of a product of at most two power series."""
    if not monomial:
        return int(n == 0)
    first = known[monomial[0]]
    return first[n] if len(monomial) == 1 else sum(a * b for a, b in zip(first, reversed(known[monomial[1]][: n + 1]), strict=False))
