"""Power series in t modulo an integer, packed into Python integers.

The series Σ a_k t^k with 0 ≤ a_k < m is the integer Σ a_k 2^(w·k) for a width w so large that sums of products do not overlap.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import mul

from .canonical import Rational
from .evaluate import System
from .functions import CONSTANTS, polynomial_derivative, reciprocal_derivative, taylor
from .outcome import Budget, Invalid, Limit
from .program import Activation, Node
from .residue import inverse, reduce


class Series(System[int]):
    """(Z/m)[t]/t^(n+1) with polynomials, 1/z at units, and named functions at series without constant term.

    That the exact rational constant term is 0, and not only its residue, is the caller's to check. `constants` gives residues for the one
    transcendental constant.
    """

    def __init__(self, budget: Budget, functions: Mapping[str, Activation], modulus: int, order: int, constants: dict[str, int]) -> None:
        super().__init__(budget)
        if order > 500 or (order + 1) * modulus.bit_length() > 64 * budget.limits.max_digits:
            raise Limit("the series are too long")
        self._functions, self.modulus, self.order, self._constants = functions, modulus, order, constants
        self._width = 2 * modulus.bit_length() + 72
        self._mask = (1 << self._width) - 1

    def pack(self, coefficients: Sequence[int]) -> int:
        """The packed form of a list of residues, lowest first."""
        out = 0
        for c in reversed(coefficients[: self.order + 1]):
            out = out << self._width | c
        return out

    def unpack(self, series: int) -> list[int]:
        """The residues of a packed sum of products."""
        return [(series >> k & self._mask) % self.modulus for k in range(0, self._width * (self.order + 1), self._width)]

    def rational(self, q: Rational) -> int:
        return reduce(q, self.modulus)

    def total(self, terms: Sequence[int]) -> int:
        return self.pack(self.unpack(sum(terms)))

    def dot(self, left: Sequence[int], right: Sequence[int]) -> int:
        return self.pack(self.unpack(sum(map(mul, left, right))))

    def apply(self, node: Node, values: list[int]) -> list[int]:
        function = self._functions[node.names[0]]
        if function.kind == "polynomial":
            coefficients = [reduce(c, self.modulus) for c in polynomial_derivative(function.numbers, node.order)]
        elif function.name == "reciprocal":
            sign = reciprocal_derivative(node.order) % self.modulus
            return [self._horner([0] * (node.order + 1) + [sign], self._inverse(z)) for z in values]
        else:
            table = taylor(function.name, node.order, self.order + 1) if function.kind == "named" else None
            if table is None:
                raise Invalid(f"{function.name or function.kind} has no power series at 0")
            if any(z & self._mask for z in values):
                raise Invalid(f"an argument of {node.names[0]} is not 0 at t = 0")
            constant = self._constants.get(CONSTANTS.get(function.name, ""))
            if constant is None and any(b for _, b in table):
                raise Invalid(f"{function.name} needs the residue of the constant {CONSTANTS[function.name]}")
            coefficients = [(reduce(a, self.modulus) + reduce(b, self.modulus) * (constant or 0)) % self.modulus for a, b in table]
        return [self._horner(coefficients, z) for z in values]

    def _horner(self, coefficients: Sequence[int], z: int) -> int:
        self.budget.tick()
        out = 0
        for c in reversed(coefficients):
            out = self.pack(self.unpack(out * z + c))
        return out

    def _inverse(self, z: int) -> int:
        a = self.unpack(z)
        first = inverse(a[0], self.modulus)
        out: list[int] = []
        for k in range(self.order + 1):
            out.append((int(k == 0) - sum(a[k - j] * out[j] for j in range(k))) * first % self.modulus)
        return self.pack(out)
