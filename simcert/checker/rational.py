"""Exact rational arithmetic, and the same with values that are not known to be rational."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .canonical import Fraction, Rational
from .evaluate import System
from .functions import polynomial_derivative, reciprocal_derivative, taylor
from .outcome import Budget, Invalid
from .program import Activation, Node


class Rationals(System[Rational]):
    """Q, with polynomials, piecewise linear functions away from 0, and 1/z."""

    def __init__(self, budget: Budget, functions: Mapping[str, Activation]) -> None:
        super().__init__(budget)
        self._functions = functions

    def rational(self, q: Rational) -> Rational:
        return q

    def total(self, terms: Sequence[Rational]) -> Rational:
        return self._small(sum(terms, 0))

    def dot(self, left: Sequence[Rational], right: Sequence[Rational]) -> Rational:
        return self._small(sum((a * b for a, b in zip(left, right, strict=True)), 0))

    def _small(self, q: Rational) -> Rational:
        self.budget.bits(q.numerator.bit_length() + q.denominator.bit_length())
        return q

    def apply(self, node: Node, values: list[Rational]) -> list[Rational]:
        return [self.value(node, z) for z in values]

    def value(self, node: Node, z: Rational) -> Rational:
        """One entry of an `apply` node."""
        function = self._functions[node.names[0]]
        if function.kind == "polynomial":
            out: Rational = 0
            coefficients = polynomial_derivative(function.numbers, node.order)
            self.budget.bits((z.numerator.bit_length() + z.denominator.bit_length()) * len(coefficients))
            for c in reversed(coefficients):
                out = self._small(out * z + c)
            return out
        if function.kind == "piecewise":
            if z == 0:
                raise Invalid(f"the argument of the piecewise function {node.names[0]} is 0")
            slope = function.numbers[z > 0]
            return slope * z if node.order == 0 else slope if node.order == 1 else 0
        if function.name == "reciprocal":
            if z == 0:
                raise Invalid("the reciprocal of 0")
            self.budget.bits((z.numerator.bit_length() + z.denominator.bit_length()) * (node.order + 1))
            return reciprocal_derivative(node.order) * (1 / Fraction(z)) ** (node.order + 1)
        raise Invalid(f"{function.name} has no rational values")


class Partial(System[Rational | None]):
    """Q with an unknown: a named function is rational only at 0, if there; 0 times the unknown is 0."""

    def __init__(self, budget: Budget, functions: Mapping[str, Activation]) -> None:
        super().__init__(budget)
        self._functions, self._rationals = functions, Rationals(budget, functions)

    def rational(self, q: Rational) -> Rational | None:
        return q

    def total(self, terms: Sequence[Rational | None]) -> Rational | None:
        known = [q for q in terms if q is not None]
        return self._rationals.total(known) if len(known) == len(terms) else None

    def dot(self, left: Sequence[Rational | None], right: Sequence[Rational | None]) -> Rational | None:
        a_known, b_known = [a for a in left if a is not None], [b for b in right if b is not None]
        if len(a_known) == len(left) and len(b_known) == len(right):
            return self._rationals.dot(a_known, b_known)
        pairs = [(a, b) for a, b in zip(left, right, strict=True) if a != 0 and b != 0]
        known = [(a, b) for a, b in pairs if a is not None and b is not None]
        return self._rationals.dot([a for a, _ in known], [b for _, b in known]) if len(known) == len(pairs) else None

    def apply(self, node: Node, values: list[Rational | None]) -> list[Rational | None]:
        function = self._functions[node.names[0]]
        if function.kind != "named" or function.name == "reciprocal":
            return [None if z is None else self._rationals.value(node, z) for z in values]
        at_zero = taylor(function.name, node.order, 1)
        value = at_zero[0][0] if at_zero is not None and at_zero[0][1] == 0 else None
        return [value if z == 0 else None for z in values]
