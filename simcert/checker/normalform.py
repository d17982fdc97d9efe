"""Proofs by congruence and by identity: the gradient on the subspace as polynomials in free coordinates, inputs, covectors and atoms.

A polynomial is a dictionary from monomials (sorted tuples of symbol numbers) to nonzero rationals. A symbol stands for one function of (u, x, v): a
free coordinate, an input entry, a covector entry, a value of an activation (an atom), or, for congruences, a named polynomial. Every rule replaces an
expression by an equal one, so equal polynomials are equal functions; different ones need not differ.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from .canonical import Fraction, Rational
from .claim import Claim
from .evaluate import System, evaluate
from .functions import derivative, polynomial_derivative, reciprocal_derivative, taylor
from .interval import Ball, activation, enclose, multiply
from .outcome import Budget, Invalid, Limit
from .program import LEAVES, Activation, Model, Node, gradient
from .subspace import Subspace

Monomial = tuple[int, ...]
Poly = dict[Monomial, Rational]
_BITS = 192
_POINTS = 3


@dataclass(frozen=True, slots=True)
class Symbol:
    """What a symbol stands for; used only to see that something is not identically 0. Without `argument` a variable, without `function` a name."""

    argument: Poly | None = None
    function: Activation | None = None
    order: int = 0
    known: bool = True


ODD_ATOMS = ("tanh", "sin", "sinh", "arctan", "erf", "erf(z/√2)")
EVEN_ATOMS = ("cos", "cosh", "gaussian", "logcosh", "exp(-z²/2)", "1/(1+z²)")
ATOM_CONSTANTS = ("2/√π", "1/√(2π)")
_ABS = Activation("piecewise", "", (-1, 1), frozenset())


def _add(target: Poly, p: Poly, factor: Rational = 1) -> None:
    """target += factor·p, in place."""
    for m, a in p.items():
        value = target.get(m, 0) + factor * a
        if value:
            target[m] = value
        else:
            target.pop(m, None)


class Forms(System[Poly]):
    """Normal forms. With `names`, entries of sums of degree at least 2 become linear combinations of fresh symbols (a congruence)."""

    def __init__(self, budget: Budget, model: Model, claim: Claim, names: bool) -> None:
        super().__init__(budget)
        self._model, self._claim, self._names = model, claim, names
        self._terms = 0
        self._symbols: list[Symbol] = []
        self._atoms: dict[object, Monomial] = {}
        self._named: dict[Monomial, tuple[Poly, Monomial]] = {}
        self._numbers: list[list[Ball | None]] = []
        self._inverses: dict[int, tuple[int, Poly]] = {}

    def symbol(self, meaning: Symbol) -> Monomial:
        """A fresh symbol."""
        self._symbols.append(meaning)
        return (len(self._symbols) - 1,)

    def rational(self, q: Rational) -> Poly:
        return {(): q} if q else {}

    def total(self, terms: Sequence[Poly]) -> Poly:
        out: Poly = {}
        for p in terms:
            _add(out, p)
        return self._count(out)

    def dot(self, left: Sequence[Poly], right: Sequence[Poly]) -> Poly:
        out: Poly = {}
        for p, q in zip(left, right, strict=True):
            for m, a in p.items():
                self.budget.tick()
                if self._terms + len(out) > self.budget.limits.max_terms:
                    raise Limit(f"the normal forms have more than {self.budget.limits.max_terms} terms")
                for n, b in q.items():
                    product = tuple(sorted(m + n)) if m and n else m + n
                    out[product] = out.get(product, 0) + a * b
        return self._count({m: a for m, a in out.items() if a})

    def _count(self, p: Poly) -> Poly:
        self._terms += len(p) + sum(map(len, p))
        if self._terms > self.budget.limits.max_terms:
            raise Limit(f"the normal forms have more than {self.budget.limits.max_terms} terms")
        return p

    def settle(self, value: Poly) -> Poly:
        """The name of a polynomial: linear and injective on the span of everything that was ever named."""
        if not self._names or all(len(m) < 2 for m in value):
            return value
        rest, out = dict(value), Poly()
        while rest:
            self.budget.tick()
            leading = max(rest)
            if leading not in self._named:
                self._named[leading] = (rest, self.symbol(Symbol(rest)))
                out[self._named[leading][1]] = 1
                return out
            basis, symbol = self._named[leading]
            factor = Fraction(rest[leading]) / basis[leading]
            out[symbol] = int(factor) if factor.denominator == 1 else factor
            _add(rest, basis, -out[symbol])
        return out

    def apply(self, node: Node, values: list[Poly]) -> list[Poly]:
        name = node.names[0]
        return [self._count(self._value(name, self._model.activations[name], self._claim.facts[name], node.order, p)) for p in values]

    def _value(self, name: str, definition: Activation, facts: frozenset[str] | None, order: int, p: Poly) -> Poly:
        """The rules of the format, section 4, for the derivative of this order at p."""
        self.budget.tick()
        if facts is None and definition.kind == "polynomial":
            c = polynomial_derivative(definition.numbers, order)
            if not self._names or len(c) <= 2 or all(not m for m in p):
                return self._expand(c, p)
        if facts is None and definition.kind == "piecewise":
            s, t = definition.numbers
            if order > 1 or s == t:
                return {} if order > 1 else self.rational(s) if order == 1 else self._expand([0, s], p)
            slope = self.rational(Fraction(s + t, 2))
            _add(slope, self._sign(name, p), Fraction(t - s, 2))
            return slope if order == 1 else self.dot([slope], [p])
        if facts is None and definition.kind == "named" and not definition.partial and not self._names:
            out: Poly = {}
            for monomial, c in derivative(definition.name, order).items():
                product = self.rational(c)
                for atom in monomial:
                    product = self.dot([product], [self._named_atom(atom, p)])
                _add(out, product)
            return out
        if facts is None and definition.name == "reciprocal" and not self._names and p:
            return self._reciprocal(order, p)
        known = definition.facts if facts is None else facts
        if not p and not definition.partial:
            even = "even" in known and order % 2 and definition.kind != "piecewise"
            if even or ("odd" in known and order % 2 == 0) or ("zero" in known and order == 0) or ("flat" in known and order == 1):
                return {}
        sign = 1
        if ("odd" in known or "even" in known) and p and p[max(p)] < 0 and (definition.kind != "piecewise" or order == 0 or self._somewhere_nonzero(p)):
            p, sign = {m: -a for m, a in p.items()}, (-1) ** (order + ("odd" in known))
        function: object = name if facts is not None else (definition.kind, definition.name, definition.numbers)
        return {self._atom((function, order, frozenset(p.items())), Symbol(p, definition, order, facts is None)): sign}

    def _atom(self, key: object, meaning: Symbol) -> Monomial:
        if key not in self._atoms:
            self._atoms[key] = self.symbol(meaning)
        return self._atoms[key]

    def _named_atom(self, atom: str, p: Poly) -> Poly:
        """An atom of the table of derivatives at p: p itself, a constant, its rational value at 0, or opaque with its parity."""
        if atom == "z":
            return p
        p = {} if atom in ATOM_CONSTANTS else p
        at_zero = taylor(atom, 0, 1) if not p else None
        if at_zero is not None and not at_zero[0][1]:
            return self.rational(at_zero[0][0])
        sign = 1
        if p and p[max(p)] < 0 and (atom in ODD_ATOMS or atom in EVEN_ATOMS):
            p, sign = {m: -a for m, a in p.items()}, -1 if atom in ODD_ATOMS else 1
        return {self._atom(("named", atom, frozenset(p.items())), Symbol(p, Activation("named", atom, (), frozenset()))): sign}

    def _reciprocal(self, order: int, p: Poly) -> Poly:
        """The derivative (−1)^k k! r^(k+1) of r = 1/p. Where p is s + rest with a symbol s above all others, s·r = 1 − rest·r is kept for `simplify`."""
        leading = max(p)
        monic: Poly = {m: a / Fraction(p[leading]) for m, a in p.items()}
        r = self._atom(("reciprocal", frozenset(monic.items())), Symbol(monic, Activation("named", "reciprocal", (), frozenset())))
        if len(leading) == 1 and all(k < leading[0] for m in monic if m != leading for k in m):
            self._inverses[r[0]] = leading[0], {m: a for m, a in monic.items() if m != leading}
        return {r * (order + 1): reciprocal_derivative(order) / Fraction(p[leading]) ** (order + 1)}

    def simplify(self, p: Poly) -> Poly:
        """The same function, with s·r replaced by 1 − rest·r for every reciprocal r; a symbol is replaced by smaller ones each time, so this ends."""
        work, out = dict(p), Poly()
        while work:
            self.budget.tick()
            m, a = work.popitem()
            r = next((k for k in m if k in self._inverses and self._inverses[k][0] in m), None)
            if r is None:
                _add(out, {m: a})
                continue
            s, rest = self._inverses[r]
            left = list(m)
            left.remove(s)
            without = list(left)
            without.remove(r)
            _add(work, {tuple(without): a})
            for n, b in rest.items():
                _add(work, {tuple(sorted((*left, *n))): -a * b})
        return self._count(out)

    def _expand(self, coefficients: Sequence[Rational], p: Poly) -> Poly:
        out: Poly = {}
        for c in reversed(coefficients):
            out = self.dot([out], [p]) if out else out
            _add(out, self.rational(c))
        return out

    def _sign(self, name: str, p: Poly) -> Poly:
        """The sign of p, up to a rational factor of p. At what may be identically 0 it is an unknown of this activation, and not odd in p."""
        if not p:
            return {self._atom((name, "slope at 0"), Symbol(p, _ABS, 1, False)): 1}
        if p.keys() == {()}:
            return {(): 1 if p[()] > 0 else -1}
        leading = Fraction(p[max(p)])
        nonzero = self._somewhere_nonzero(p)
        scale = leading if nonzero else abs(leading)
        q: Poly = {m: a / scale for m, a in p.items()}
        return {self._atom(("" if nonzero else name, "sign", frozenset(q.items())), Symbol(q, _ABS, 1)): -1 if scale < 0 else 1}

    def _somewhere_nonzero(self, p: Poly) -> bool:
        """Whether p is shown not to vanish identically: a nonzero polynomial in variables, or nonzero at one of a few points."""
        if not p or all(self._symbols[k].argument is None for m in p for k in m):
            return bool(p)
        return any(ball is not None and not ball[0] <= 0 <= ball[1] for ball in (self._number(p, point) for point in range(_POINTS)))

    def _number(self, p: Poly, point: int) -> Ball | None:
        """An enclosure of p at a point, or None where it depends on an unknown. Symbols are enclosed in the order of their creation."""
        low = high = 0
        for m, a in p.items():
            product = enclose(a, _BITS)
            for k in m:
                ball = self._symbol_number(k)[point]
                if ball is None:
                    return None
                product = multiply(product, ball, _BITS)
            low, high = low + product[0], high + product[1]
        return low, high

    def _symbol_number(self, wanted: int) -> list[Ball | None]:
        while len(self._numbers) <= wanted:
            k = len(self._numbers)
            self._numbers.append([self._evaluate(k, self._symbols[k], point) for point in range(_POINTS)])
        return self._numbers[wanted]

    def _evaluate(self, k: int, symbol: Symbol, point: int) -> Ball | None:
        if symbol.argument is None:
            return enclose((k * 7919 + point * 104729 + 31) % 211 - 105 or 1, _BITS)
        z = self._number(symbol.argument, point) if symbol.known else None
        if z is None or symbol.function is None:
            return z
        try:
            return activation(symbol.function, symbol.order, z, _BITS)
        except (Invalid, Limit):
            return None


def check_gradient(model: Model, claim: Claim, space: Subspace, names: bool, budget: Budget) -> None:
    """Check that every row of C annihilates the gradient on the subspace, as an identity of normal forms.

    *Proves:* C∇F_c(θ)(x) = 0 for all θ in the subspace, all x and c, for every σ of the claim. *Does not prove:* anything when it raises `Invalid`, which it
    does with the number of an equation whose normal form is not 0. Arguments: `names` selects congruence instead of identity.
    """
    forms = Forms(budget, model, claim, names)
    touched = {p for row in space.rows for p, _ in row}
    slope = slopes(model, forms, parametrize(forms, space), touched, {})
    for i, row in enumerate(space.rows):
        total: Poly = {}
        for p, a in row:
            _add(total, slope.get(p, {}), a)
        if forms.simplify(total):
            raise Invalid(f"equation {i} of the subspace: its product with the gradient has a normal form that is not 0")


def parametrize(forms: Forms, space: Subspace) -> list[Poly]:
    """The points of a subspace: a fresh symbol for every free coordinate, the pivots through these."""
    pivots = {row[0][0] for row in space.rows}
    theta: list[Poly] = [{} if p in pivots else {forms.symbol(Symbol()): 1} for p in range(space.size)]
    for row, constant in zip(space.rows, space.constants, strict=True):
        theta[row[0][0]] = forms.rational(constant)
        for p, a in row[1:]:
            _add(theta[row[0][0]], theta[p], -a)
    return theta


def slopes(model: Model, forms: Forms, theta: Sequence[Poly], touched: Collection[int], given: Mapping[int, list[Poly]]) -> dict[int, Poly]:
    """The entries of the gradient of Σ v_c F_c with these parameter indices; an index that is missing stands for 0.

    Inputs and covectors are fresh symbols unless their node's values are `given`.
    """
    g = gradient(model)
    leaves: dict[int, list[Poly]] = {}
    for i, node in enumerate(g.nodes):
        if node.op in LEAVES:
            leaves[i] = [theta[p] for p in model.indices(node)]
        elif node.op in ("input", "covector"):
            leaves[i] = given[i] if i in given else [{forms.symbol(Symbol()): 1} for _ in range(node.size)]
    used = {a for node in g.nodes for a in node.args}
    wanted: dict[int, set[int]] = {}
    for i, bar in g.leaves.items():
        if bar not in used:
            wanted.setdefault(bar, set()).update(e for e, p in enumerate(model.indices(model.nodes[i])) if p in touched)
    arrays = evaluate(g.nodes, leaves, forms, wanted)
    slope = {p: arrays[bar][e] for i, bar in g.leaves.items() for e, p in enumerate(model.indices(model.nodes[i]))}
    return {p: a for p, a in slope.items() if p in touched}
