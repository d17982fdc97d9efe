"""Truncated power series over F_p: values along a curve θ(t), exactly.

Along a curve on which every named function has an argument that is 0 at t = 0, all Taylor coefficients are rational (or polynomials in one
transcendental constant, which is specialised like T in `exponentials`). *Proves:* that a function of t with a nonzero coefficient mod p is not
identically 0, hence not 0 for all small t ≠ 0. *Does not prove:* anything from vanishing coefficients.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from simcert.exact.arrays import ArraySystem, UndefinedValueError, Value
from simcert.exact.exponentials import Exponentials
from simcert.exact.primefield import PrimeField, polynomial_derivative
from simcert.models.activations import NAMED, Poly, derivative, form
from simcert.models.program import Node, Shape

Coefficients = Any  # array of shape (K, batch, …): coefficient of t^k first


class Series(ArraySystem):
    """F_p[t]/(t^K). A value is an int64 array of shape (K, batch, …).

    Arguments: `base` computes constant terms: a `PrimeField`, `Gated` for piecewise functions, or `Exponentials` for named functions of arguments that are
    rational at t = 0; `terms` is K; `constants` gives residues for the transcendental constants by their name in the activation table. Other named functions
    need arguments whose constant term is 0 mod p, else the value is None. Raises `UndefinedValueError` for a reciprocal of a non-unit.
    """

    dtype = np.int64

    def __init__(self, base: PrimeField, terms: int, constants: dict[str, int] | None = None) -> None:
        super().__init__(base.definitions)
        self.base, self.terms, self.constants, self.p = base, terms, constants or {}, base.p

    def number(self, value: Fraction) -> int:
        return self.base.number(value)

    def reduce(self, x: Any) -> Any:
        return x % self.p

    def lift(self, x: Any) -> Coefficients:
        """A constant as a series."""
        return self.series([x])

    def series(self, coefficients: Sequence[Any]) -> Coefficients:
        """A series from its first coefficients (arrays of the base field)."""
        rest = [np.zeros_like(coefficients[0])] * (self.terms - len(coefficients))
        return np.stack([*coefficients[: self.terms], *rest])

    def array(self, values: Sequence[Fraction], shape: Shape) -> Value:
        return self.lift(self.base.array(values, shape))

    def begin(self, keys: Sequence[int]) -> None:
        self.base.begin(keys)

    def batch(self, values: Sequence[Fraction], shape: Shape) -> Value:
        return self.lift(self.base.batch(values, shape))

    def stack(self, parts: Sequence[Value]) -> Value:
        return np.stack(parts, axis=2)

    def add(self, parts: Sequence[Value]) -> Value:
        return self.base.add(parts)

    def gather(self, node: Node, x: Value) -> Value:
        return np.stack([self.base.gather(node, c) for c in x])

    def scatter(self, node: Node, x: Value) -> Value:
        return np.stack([self.base.scatter(node, c) for c in x])

    def contract(self, node: Node, parts: Sequence[Value]) -> Value:
        if len(parts) == 1:
            return np.stack([self.base.contract(node, [c]) for c in parts[0]])
        return self._convolve(parts[0], parts[1], node)

    def multiply(self, a: Coefficients, b: Coefficients) -> Coefficients:
        """Entrywise product."""
        return np.stack([self._coefficient(a, b, k) for k in range(self.terms)])

    def _coefficient(self, a: Coefficients | Sequence[Any], b: Coefficients | Sequence[Any], k: int) -> Any:
        """The coefficient of t^k of the entrywise product, from the first k + 1 coefficients of each."""
        return (np.asarray(a[: k + 1]) * np.asarray(b[: k + 1])[::-1] % self.p).sum(axis=0) % self.p

    def _convolve(self, a: Coefficients, b: Coefficients, node: Node) -> Coefficients:
        """A contraction: every pair of coefficients, grouped by total degree."""
        nonzero_a, nonzero_b = ([bool(np.any(c)) for c in x] for x in (a, b))
        out: list[Any] = []
        zero: Any = None
        for k in range(self.terms):
            total: Any = None
            for i in range(k + 1):
                if nonzero_a[i] and nonzero_b[k - i]:
                    product = self.base.contract(node, [a[i], b[k - i]])
                    total = product if total is None else (total + product) % self.p
            if total is None:
                zero = np.zeros_like(self.base.contract(node, [a[0], b[0]])) if zero is None else zero
                total = zero
            out.append(total)
        return np.stack(out)

    def apply(self, node: Node, x: Value) -> Value:
        definition = self.definitions[node.activation]
        if definition.polynomial is not None:
            out = np.zeros_like(x)
            for c in reversed(polynomial_derivative(definition.polynomial, node.order)):
                out = self.multiply(out, x)
                out[0] = (out[0] + self.number(c)) % self.p
            return out
        if definition.named == "reciprocal":
            return self._reciprocal(x, node.order)
        if definition.piecewise is not None:
            return self._piecewise(node, x)
        if definition.named is None or NAMED[definition.named].partial:
            return None
        start = self._start(definition.named, node, x[0])
        return None if start is None else self._evaluate(derivative(definition.named, node.order), self._atoms(definition.named, x, start))

    def _piecewise(self, node: Node, x: Value) -> Value:
        """A piecewise linear function with the gates that the base knows at t = 0; None where it knows none."""
        first = self.base.apply(node, x[0])
        if first is None or node.order:
            return None if first is None else self.lift(first)
        return np.stack([first, *(self.base.apply(node, c) for c in x[1:])])

    def _start(self, name: str, node: Node, z: Any) -> list[Any] | None:
        """The constant terms of the atoms and constants of a named function, after z; None where they are not known."""
        variables, out = form(name).variables[1:], list[Any]()
        exact = self.base.arguments(node, z) if isinstance(self.base, Exponentials) and NAMED[name].exactness == "exponential" else None
        if exact is not None and isinstance(self.base, Exponentials):
            return [np.array([self.base.atom(v, q) for q in exact], dtype=np.int64).reshape(z.shape) for v in variables]
        if np.any(z):
            return None
        for variable in variables:
            value = NAMED[name].at_zero.get(variable, variable)
            out.append(np.full_like(z, self.number(value) if isinstance(value, Fraction) else self.constants[value]))
        return out

    def _reciprocal(self, x: Coefficients, order: int) -> Coefficients:
        if not np.all(x[0]):
            raise UndefinedValueError("reciprocal of a series that is 0 at t = 0")
        first = self.base.inverse(x[0])
        inverse = self.lift(first)
        for k in range(1, self.terms):
            total = np.zeros_like(first)
            for i in range(1, k + 1):
                total = (total + x[i] * inverse[k - i]) % self.p
            inverse[k] = -total * first % self.p
        out = inverse
        for k in range(order):
            out = self.multiply(out, inverse) * (self.p - k - 1) % self.p
        return out

    def _evaluate(self, poly: Poly, atoms: Sequence[Coefficients]) -> Coefficients:
        out = np.zeros_like(atoms[0])
        for monomial, coefficient in poly.items():
            term = self.lift(np.full_like(atoms[0][0], self.number(coefficient)))
            for atom, exponent in zip(atoms, monomial, strict=True):
                for _ in range(exponent):
                    term = self.multiply(term, atom)
            out = (out + term) % self.p
        return out

    def _atoms(self, name: str, z: Coefficients, start: Sequence[Any]) -> list[Coefficients]:
        """z, the atoms of a named function at z, and its constants: the solution of y' = slope(y)·z', coefficient by coefficient."""
        slopes = form(name).slopes
        known: list[list[Any]] = [[z[0]], *([y] for y in start)]
        products: dict[tuple[int, ...], list[Any]] = {}
        history: list[list[Any]] = [[] for _ in slopes]
        dz = [(k + 1) * z[k + 1] % self.p for k in range(self.terms - 1)]

        def coefficient(factors: tuple[int, ...], k: int) -> Any:
            """Coefficient k of a product of variables; lower ones are kept in `products`."""
            if len(factors) == 1:
                return known[factors[0]][k]
            row = products.setdefault(factors, [])
            while len(row) <= k:
                coefficient(factors[:-1], len(row))
                left = known[factors[0]] if len(factors) == 2 else products[factors[:-1]]
                row.append(self._coefficient(left, known[factors[-1]], len(row)))
            return row[k]

        for k in range(self.terms - 1):
            rates: list[Any] = []
            for j in range(1, len(slopes)):
                rate = np.zeros_like(z[0])
                for monomial, c in slopes[j].items():
                    factors = tuple(v for v, e in enumerate(monomial) for _ in range(e))
                    term = coefficient(factors, k) if factors else np.full_like(z[0], int(k == 0))
                    rate = (rate + self.number(c) * term) % self.p
                rates.append(rate)
            for j, rate in enumerate(rates, 1):
                history[j].append(rate)
                known[j].append(self._coefficient(history[j], dz, k) * pow(k + 1, -1, self.p) % self.p)
            known[0].append(z[k + 1])
        return [np.stack(row) for row in known]
