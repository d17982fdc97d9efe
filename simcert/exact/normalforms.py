"""Normal forms: polynomials over Q whose variables are coordinates, inputs, covectors and opaque activation atoms.

Equal normal forms denote equal functions for every activation with the assumed facts (`docs/format.md`, section 4). With `naming` the sums are replaced by
symbols for linearly independent values (congruence); without it they are expanded, and for classes and polynomials a normal form that is
not 0 is a function that is not 0 for generic activations (identity, `math.md` 3c).
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from simcert.errors import ResourceLimit
from simcert.exact.arrays import Array, ArraySystem, Value
from simcert.exact.primefield import polynomial_derivative
from simcert.models.activations import CONSTANTS, NAMED, closure, derivative, facts, form
from simcert.models.program import Activation, Node

Monomial = tuple[int, ...]  # variable numbers in increasing order, repeated for powers
Number = int | Fraction


def _number(value: Number) -> Number:
    return value.numerator if isinstance(value, Fraction) and value.denominator == 1 else value


def _merge(m: Monomial, n: Monomial) -> Monomial:
    if not m:
        return n
    if not n:
        return m
    return tuple(sorted(m + n)) if len(m) + len(n) > 2 else ((m[0], n[0]) if m[0] <= n[0] else (n[0], m[0]))


class Poly:
    """A polynomial with rational coefficients: `terms` maps monomials to nonzero numbers."""

    __slots__ = ("terms",)

    def __init__(self, terms: dict[Monomial, Number]) -> None:
        self.terms = terms

    def __add__(self, other: Poly) -> Poly:
        out = dict(self.terms)
        for m, c in other.terms.items():
            value = out.get(m, 0) + c
            if value:
                out[m] = value
            else:
                del out[m]
        return Poly(out)

    def __mul__(self, other: Poly) -> Poly:
        out: dict[Monomial, Number] = {}
        multiply_into(out, self, other)
        return Poly(out)

    def scaled(self, factor: Number) -> Poly:
        return Poly({m: c * factor for m, c in self.terms.items()}) if factor else Poly({})

    def degree(self) -> int:
        return max((len(m) for m in self.terms), default=0)

    def leading(self) -> Number:
        """The coefficient of the greatest monomial, 0 for the zero polynomial."""
        return self.terms[max(self.terms)] if self.terms else 0

    def constant(self) -> Number | None:
        """The value of a constant polynomial, None for any other."""
        return self.terms.get((), 0) if all(m == () for m in self.terms) else None


def multiply_into(out: dict[Monomial, Number], p: Poly, q: Poly) -> None:
    """out += p·q."""
    for m, c in p.terms.items():
        for n, d in q.terms.items():
            k = _merge(m, n)
            value = out.get(k, 0) + c * d
            if value:
                out[k] = value
            else:
                out.pop(k, None)


ZERO = Poly({})
ATOM_PARITY = dict.fromkeys(("tanh", "sin", "sinh", "erf", "arctan"), -1) | dict.fromkeys(("cos", "cosh", "gauss", "phi", "lorentz", "logcosh"), 1)


class NormalForms(ArraySystem):
    """Normal forms, on object arrays of `Poly`.

    Arguments: `assumed` says for every activation either the facts that may be used (others are not) or "itself"; `naming` turns congruence on;
    `max_terms` bounds the size of a single normal form, `max_work` the number of term operations. Raises `ResourceLimit` beyond either.
    """

    def __init__(
        self,
        definitions: dict[str, Activation],
        assumed: Mapping[str, tuple[str, ...] | str],
        *,
        naming: bool,
        max_terms: int = 200_000,
        max_work: int = 20_000_000,
    ) -> None:
        super().__init__(definitions)
        self.assumed, self.naming, self.max_terms, self.work = assumed, naming, max_terms, max_work
        self.count = 0
        self.atoms: dict[tuple[Any, ...], int] = {}
        self.relations: dict[int, tuple[int, Poly]] = {}  # reciprocal r of s + rest -> (s, rest): s·r = 1 − rest·r
        self.echelon: dict[Monomial, tuple[int, Poly, int]] = {}  # pivot -> (number, row, symbol)

    def number(self, value: Fraction) -> Poly:
        return Poly({(): _number(value)}) if value else ZERO

    def variable(self) -> int:
        """A fresh variable."""
        self.count += 1
        return self.count

    def linear(self, terms: Iterable[tuple[int, Number]], constant: Number) -> Poly:
        """Σ coefficient·variable + constant."""
        out: dict[Monomial, Number] = {(v,): _number(c) for v, c in terms}
        if constant:
            out[()] = _number(constant)
        return Poly(out)

    def _atom(self, key: tuple[Any, ...]) -> Poly:
        if key not in self.atoms:
            self.atoms[key] = self.variable()
        return Poly({(self.atoms[key],): 1})

    def spend(self, work: int) -> None:
        self.work -= work
        if self.work < 0:
            raise ResourceLimit("the normal forms of this proof are too large", "", "use a smaller network")

    def add(self, parts: Sequence[Value]) -> Value:
        out = parts[0]
        for part in parts[1:]:
            out = np.broadcast_arrays(out, part)
            total: Any = np.empty(out[0].shape, dtype=object)
            total.ravel()[:] = [a + b for a, b in zip(out[0].ravel(), out[1].ravel(), strict=True)]
            out = total
        return self.named(out)

    def contract(self, node: Node, parts: Sequence[Value]) -> Value:
        out = super().contract(node, parts)
        terms, _, result = node.spec.partition("->")
        return self.named(out) if set(terms) - set(result) - {","} else out

    def entrywise(self, a: Array, b: Array) -> Array:
        a, b = np.broadcast_arrays(a, b)
        out: Any = np.empty(a.size, dtype=object)
        for i, (x, y) in enumerate(zip(a.ravel(), b.ravel(), strict=True)):
            self.spend(len(x.terms) * len(y.terms))
            out[i] = self._bounded(x * y)
        return out.reshape(a.shape)

    def _bounded(self, x: Poly) -> Poly:
        if len(x.terms) > self.max_terms:
            raise ResourceLimit(f"a normal form of {len(x.terms)} terms", "", f"the limit is {self.max_terms}")
        return x

    def matmul(self, a: Array, b: Array) -> Array:
        batch, rows, _ = a.shape
        columns = b.shape[2]
        out = np.empty((batch, rows, columns), dtype=object)
        for k in range(batch):
            for i in range(rows):
                left = [(j, x) for j, x in enumerate(a[k, i]) if x.terms]
                for c in range(columns):
                    total: dict[Monomial, Number] = {}
                    for j, x in left:
                        y = b[k, j, c]
                        if y.terms:
                            self.spend(len(x.terms) * len(y.terms))
                            multiply_into(total, x, y)
                    out[k, i, c] = self._bounded(Poly(total))
        return out

    def named(self, x: Array) -> Array:
        """Replace every entry with a monomial of degree ≥ 2 by its expression in symbols, when naming is on."""
        if not self.naming:
            return x
        out: Any = np.empty(x.size, dtype=object)
        for i, poly in enumerate(x.ravel()):
            out[i] = self._name(poly) if poly.degree() >= 2 else poly
        return out.reshape(x.shape)

    def _name(self, poly: Poly) -> Poly:
        rest, combination = dict(poly.terms), dict[Monomial, Number]()
        queue = [(self.echelon[m][0], m) for m in rest if m in self.echelon]
        heapq.heapify(queue)
        while queue:
            _, pivot = heapq.heappop(queue)
            factor = rest.get(pivot)
            if not factor:
                continue
            _, row, symbol = self.echelon[pivot]
            self.spend(len(row.terms))
            combination[(symbol,)] = factor
            for m, c in row.terms.items():
                if m not in rest and m in self.echelon and m != pivot:
                    heapq.heappush(queue, (self.echelon[m][0], m))
                value = rest.get(m, 0) - factor * c
                if value:
                    rest[m] = _number(value)
                else:
                    rest.pop(m, None)
        if rest:
            pivot = max(rest)
            lead = rest[pivot]
            symbol = self.variable()
            row = Poly({m: _number(Fraction(c) / lead) for m, c in rest.items()} if lead != 1 else rest)
            self.echelon[pivot] = (len(self.echelon), row, symbol)
            combination[(symbol,)] = lead
        return Poly(combination)

    def apply(self, node: Node, x: Value) -> Value:
        out: Any = np.empty(x.size, dtype=object)
        for i, poly in enumerate(x.ravel()):
            out[i] = self._applied(node.activation, node.order, poly)
        return out.reshape(x.shape)

    def _applied(self, name: str, order: int, z: Poly) -> Poly:
        definition, assumed = self.definitions[name], self.assumed[name]
        if assumed == "itself":
            known = facts(definition)
            if definition.piecewise is not None:
                return self._piecewise(name, definition.piecewise, order, z)
            if definition.polynomial is not None:
                coefficients = polynomial_derivative(definition.polynomial, order)
                if not self.naming or len(coefficients) <= 2 or z.constant() is not None:
                    return self._horner(coefficients, z)
            if definition.named == "reciprocal" and not self.naming:
                return self._reciprocal(order, z)
            if definition.named is not None and not self.naming and not NAMED[definition.named].partial:
                return self._from_atoms(definition.named, order, z)
        else:
            known = closure(assumed)
        partial = definition.named in ("reciprocal", "rsqrt")
        if not z.terms and not partial:
            vanishes = (order == 0 and "zero" in known) or (order == 1 and "flat" in known)
            if vanishes or ("odd" in known and order % 2 == 0) or ("even" in known and order % 2 == 1):
                return ZERO
        sign = 1
        if ("odd" in known or "even" in known) and z.leading() < 0:
            z, sign = z.scaled(-1), (-1) ** (order + ("odd" in known))
        return self._atom((name, order, frozenset(z.terms.items()))).scaled(sign)

    def _reciprocal(self, order: int, z: Poly) -> Poly:
        """The derivatives (−1)^k k! r^(k+1) of r = 1/z; where z is s + rest with a symbol s above all others, s·r = 1 − rest·r is kept for `simplified`."""
        lead = z.leading()
        if not lead:
            return self._atom(("reciprocal of 0", order))
        monic = z.scaled(1 / Fraction(lead))
        r = self._atom(("reciprocal", frozenset((m, Fraction(c)) for m, c in monic.terms.items())))
        (symbol,), top = next(iter(r.terms)), max(monic.terms)
        if len(top) == 1 and all(v < top[0] for m in monic.terms if m != top for v in m):
            self.relations[symbol] = top[0], Poly({m: c for m, c in monic.terms.items() if m != top})
        out = self.number((-1) ** order * math.factorial(order) / Fraction(lead) ** (order + 1))
        for _ in range(order + 1):
            out = out * r
        return out

    def simplified(self, poly: Poly) -> Poly:
        """The same function with the relations of reciprocals applied; every step replaces a symbol by smaller ones, so it ends."""
        work, out = dict(poly.terms), dict[Monomial, Number]()
        while work:
            self.spend(1)
            m, c = work.popitem()
            found = next(((r, *self.relations[r]) for r in m if r in self.relations and self.relations[r][0] in m), None)
            if found is None:
                multiply_into(out, Poly({m: c}), Poly({(): 1}))
                continue
            r, s, rest = found
            left = list(m)
            left.remove(r)
            left.remove(s)
            terms = Poly({tuple(left): c})
            multiply_into(work, terms, Poly({(): 1}))
            multiply_into(work, terms, rest * Poly({(r,): -1}))
        return Poly(out)

    def _from_atoms(self, name: str, order: int, z: Poly) -> Poly:
        """σ^(order)(z) of a named function as a polynomial in z and the opaque values of its atoms at z: tanh' = 1 − tanh²."""
        row, out = form(name), ZERO
        values = [z if v == "z" else self._named_atom(name, v, z) for v in row.variables]
        for monomial, c in derivative(name, order).items():
            term = self.number(c)
            for value, exponent in zip(values, monomial, strict=True):
                for _ in range(exponent):
                    self.spend(len(term.terms) * len(value.terms))
                    term = term * value
            out = out + term
        return out

    def _named_atom(self, name: str, atom: str, z: Poly) -> Poly:
        """The value of an atom of the activation table at z; constants of the table are atoms of their own."""
        if atom in CONSTANTS:
            return self._atom(("constant", atom))
        if not z.terms:
            value = NAMED[name].at_zero[atom]
            return self.number(value) if isinstance(value, Fraction) else self._atom(("constant", value))
        sign = 1
        if z.leading() < 0 and atom in ATOM_PARITY:
            z, sign = z.scaled(-1), ATOM_PARITY[atom]
        return self._atom(("atom", atom, frozenset(z.terms.items()))).scaled(sign)

    def _horner(self, coefficients: Sequence[Fraction], z: Poly) -> Poly:
        out = ZERO
        for c in reversed(coefficients):
            self.spend(len(out.terms) * len(z.terms) + 1)
            out = self._bounded(out * z + self.number(c))
        return out

    def _piecewise(self, name: str, slopes: tuple[Fraction, Fraction], order: int, z: Poly) -> Poly:
        if order > 1:
            return ZERO
        mean, half = (slopes[0] + slopes[1]) / 2, (slopes[1] - slopes[0]) / 2
        slope = self.number(mean) + self._sign(name, z).scaled(_number(half))
        return z * slope if order == 0 else slope

    def _sign(self, name: str, z: Poly) -> Poly:
        lead = z.leading()
        if not lead:
            return self._atom(("sign of 0", name))
        if z.constant() is not None:
            return self.number(Fraction(1 if lead > 0 else -1))
        primitive = z.scaled(1 / Fraction(lead))
        key = ("sign", frozenset((m, Fraction(c)) for m, c in primitive.terms.items()))
        return self._atom(key).scaled(1 if lead > 0 else -1)
