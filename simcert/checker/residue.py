"""Arithmetic modulo an integer, and the exponential functions there.

Why a residue proves something: let R be the ring of all rational expressions in T (and i, E) whose denominators have a unit as residue. Reduction
T ↦ t (i ↦ a root of −1, E ↦ e) is a ring map from R to Z/m. T = e^(1/N) and E = e^(i/N) are algebraically independent over Q
(Lindemann–Weierstrass), so R is a ring of complex numbers, and a number with residue ≠ 0 is not 0. The modulus need not be prime.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import gcd
from operator import mul

from .canonical import Rational
from .evaluate import System
from .functions import derivative, polynomial_derivative, reciprocal_derivative
from .outcome import Budget, Invalid
from .packed import slots
from .program import Activation, Node

_FEW = 7  # more rows and columns than these are multiplied line by line
EXPONENTIAL = ("exp", "expm1", "tanh", "sigmoid", "silu", "sinh", "cosh", "gaussian", "sin", "cos")


def inverse(a: int, modulus: int) -> int:
    """The inverse of a unit modulo `modulus`; raises `Invalid` for anything else."""
    if gcd(a, modulus) != 1:
        raise Invalid("something that is inverted is not a unit modulo the modulus")
    return pow(a, -1, modulus)


def reduce(q: Rational, modulus: int) -> int:
    """The residue of a rational number whose denominator is a unit."""
    return q % modulus if isinstance(q, int) else q.numerator * inverse(q.denominator, modulus) % modulus


class Residues(System[int]):
    """Z/m with polynomials and 1/z, and with the exponential functions at the known rational arguments of `exact` where bases are given."""

    def __init__(self, budget: Budget, functions: Mapping[str, Activation], modulus: int) -> None:
        super().__init__(budget)
        self._functions, self.modulus = functions, modulus
        self._polynomials: dict[tuple[str, int], list[int]] = {}
        self._bases: dict[str, int] = {}
        self._denominator = 1
        self._exact: Sequence[Sequence[Rational | None]] = ()

    def exponentials(self, bases: dict[str, int], denominator: int, exact: Sequence[Sequence[Rational | None]]) -> None:
        """Admit exponential functions: residues of e^(1/N) (`real`), e^(i/N) (`imaginary`) and i, and the exact values of the forward nodes."""
        for base in bases.values():
            inverse(base, self.modulus)
        if "i" in bases and (bases["i"] ** 2 + 1) % self.modulus:
            raise Invalid("the square of i is not −1")
        self._bases, self._denominator, self._exact = bases, denominator, exact

    def rational(self, q: Rational) -> int:
        return reduce(q, self.modulus)

    def total(self, terms: Sequence[int]) -> int:
        return sum(terms) % self.modulus

    def dot(self, left: Sequence[int], right: Sequence[int]) -> int:
        return sum(map(mul, left, right)) % self.modulus

    def table(self, rows: Sequence[Sequence[int]], columns: Sequence[Sequence[int]]) -> list[int]:
        m = self.modulus
        self.budget.tick()
        if rows and len(rows[0]) == 1:
            flat = [b for (b,) in columns]
            return [a * b % m for (a,) in rows for b in flat]
        if len(rows) > _FEW < len(columns):
            packed = slots(len(columns), m, len(rows[0]))
            lines = [packed.pack(line) for line in zip(*columns, strict=True)]
            return [v for row in rows for v in packed.unpack(packed.reduce(sum(map(mul, row, lines))))]
        return [sum(map(mul, row, column)) % m for row in rows for column in columns]

    def apply(self, node: Node, values: list[int]) -> list[int]:
        function, m = self._functions[node.names[0]], self.modulus
        if function.kind == "polynomial":
            key = node.names[0], node.order
            if key not in self._polynomials:
                self._polynomials[key] = [reduce(c, m) for c in reversed(polynomial_derivative(function.numbers, node.order))]
            lead, *others = self._polynomials[key] or [0]
            out = [lead] * len(values)
            for c in others:
                out = [(v * z + c) % m for v, z in zip(out, values, strict=True)]
            return out
        if function.name == "reciprocal":
            return [reciprocal_derivative(node.order) * pow(inverse(z, m), node.order + 1, m) % m for z in values]
        if function.name not in EXPONENTIAL or not self._bases:
            raise Invalid(f"{function.name or function.kind} has no residues in this method")
        table = [(c, monomial) for monomial, c in derivative(function.name, node.order).items()]
        exact = self._exact[node.args[0]]
        memo: dict[Rational, int] = {}
        for z in exact:
            if z is None:
                raise Invalid(f"an argument of {node.names[0]} is not known to be rational")
            if z not in memo:
                self.budget.tick()
                atoms = {name: self._atom(name, z) for _, monomial in table for name in monomial}
                memo[z] = 0
                for c, monomial in table:
                    product = reduce(c, m)
                    for name in monomial:
                        product = product * atoms[name] % m
                    memo[z] = (memo[z] + product) % m
        return [memo[z] for z in exact if z is not None]

    def _power(self, base: str, exponent: Rational) -> int:
        """The residue of e^exponent or e^(i·exponent)."""
        k = exponent * self._denominator
        if k.denominator != 1:
            raise Invalid("an exponent is not a multiple of 1/denominator")
        if base not in self._bases:
            raise Invalid("the residue of the imaginary base is missing")
        return pow(self._bases[base], k.numerator, self.modulus)

    def _atom(self, name: str, z: Rational) -> int:
        m = self.modulus
        if name == "z":
            return reduce(z, m)
        if name == "tanh":
            u = self._power("real", 2 * z)
            return (u - 1) * inverse(u + 1, m) % m
        if name == "sigmoid":
            return inverse(1 + self._power("real", -z), m)
        if name in ("sin", "cos"):
            e, f, i = self._power("imaginary", z), self._power("imaginary", -z), self._bases["i"]
            return (e + f) * inverse(2, m) % m if name == "cos" else (e - f) * inverse(2 * i, m) % m
        if name in ("sinh", "cosh"):
            e, f = self._power("real", z), self._power("real", -z)
            return (e + f if name == "cosh" else e - f) * inverse(2, m) % m
        if name == "gaussian":
            return self._power("real", -z * z)
        return self._power("real", z)
