"""Normal forms denote the functions that they stand for: evaluated at random points they give what the program gives."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from fractions import Fraction
from math import prod
from typing import Any

import mpmath
import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from simcert.errors import ResourceLimit
from simcert.exact.arrays import run
from simcert.exact.normalforms import NormalForms, Poly
from simcert.exact.primefield import PRIME
from simcert.fields.gradients import Fields
from simcert.invariance.witness import member
from simcert.models.activations import CLASSES, NAMED, lookup
from simcert.models.families import mlp, residual
from simcert.models.program import Activation
from tests.exact import reference
from tests.exact.reference import derived, examples, fraction_apply, horner
from tests.exact.test_balls import EXACT


def coefficients_of(activation: Activation) -> tuple[Fraction, ...]:
    assert activation.polynomial is not None
    return activation.polynomial


class Evaluator:
    """Values of normal forms: variables get numbers, atoms the values of the definitions, symbols those of the polynomials that they name."""

    def __init__(self, system: NormalForms, base: Mapping[int, Any], definitions: Mapping[str, Activation], p: int | None) -> None:
        self.values: dict[int, Any] = dict(base)
        self.meaning = {v: key for key, v in system.atoms.items()}
        self.symbols = {symbol: row for _, row, symbol in system.echelon.values()}
        self.definitions, self.p = definitions, p

    def poly(self, terms: Mapping[tuple[int, ...], Any]) -> Any:
        total: Any = self.number(Fraction(0))
        for monomial, c in terms.items():
            value = self.number(Fraction(c))
            for v in monomial:
                value = self.variable(v) * value
                value = value % self.p if self.p else value
            total = total + value
        return total % self.p if self.p else total

    def number(self, q: Fraction) -> Any:
        return reference.residue(q, self.p) if self.p else q

    def variable(self, v: int) -> Any:
        if v not in self.values:
            if v in self.symbols:
                self.values[v] = self.poly(self.symbols[v].terms)
            elif self.meaning[v][0] == "sign":
                argument = self.poly(dict(self.meaning[v][1]))
                assert argument != 0
                self.values[v] = 1 if argument > 0 else -1
            else:
                name, order, argument = self.meaning[v]
                row = [self.number(c) for c in derived(coefficients_of(self.definitions[name]), order)]
                value = horner(row, self.poly(dict(argument)), 0)
                self.values[v] = value % self.p if self.p else value
        return self.values[v]


MODELS = {
    cls: [mlp(2, 2, 1, activation=cls, bias=True), mlp(1, 2, 2, 1, activation=cls), residual(2, 2, 1, activation=cls)]
    for cls in (*CLASSES, "square", "poly(1,2,3)", "cube")
}


@st.composite
def forms(draw: st.DrawFn, system: NormalForms, variables: list[int], entries: int) -> list[Poly]:
    """Entries with coincidences: 0, constants, ±u, sums of coordinates."""
    out = []
    for _ in range(entries):
        kind = draw(st.integers(0, 7))
        u, v = draw(st.sampled_from(variables)), draw(st.sampled_from(variables))
        if kind <= 1:
            out.append(system.number(Fraction(0)))
        elif kind == 2:
            out.append(system.number(draw(st.sampled_from([Fraction(1), Fraction(-2), Fraction(1, 3)]))))
        elif kind == 3 and u != v:
            out.append(system.linear([(u, 1), (v, draw(st.sampled_from([1, -1, Fraction(3, 2)])))], draw(st.sampled_from([0, 0, 2]))))
        else:
            out.append(system.linear([(u, draw(st.sampled_from([1, 1, -1])))], 0))
    return out


def leaves_for(data: st.DataObject, system: NormalForms, fields: Fields, count: int = 2) -> tuple[dict[str, list[Poly]], list[int]]:
    variables = [system.variable() for _ in range(count)]
    return {name: data.draw(forms(system, variables, prod(shape))) for name, shape in fields.shapes.items()}, variables


def as_arrays(leaves: Mapping[str, list[Any]], fields: Fields) -> dict[str, Any]:
    out = {}
    for name, values in leaves.items():
        array = np.empty(len(values), dtype=object)
        array[:] = values
        out[name] = array.reshape(1, *fields.shapes[name])
    return out


@pytest.mark.parametrize("naming", [False, True])
@pytest.mark.parametrize("cls", sorted(MODELS))
def test_normal_forms_evaluate_to_the_values_of_the_program(cls: str, naming: bool) -> None:
    """Every node of a network and of its gradient: the normal form at a random point, with a random polynomial with the assumed facts for σ, is the value."""
    rewritten = [0]

    @examples(30)
    @given(st.data())
    def check(data: st.DataObject) -> None:
        program = data.draw(st.sampled_from(MODELS[cls]))
        fields = Fields(program)
        ((name, definition),) = program.activations.items()
        as_function = definition.polynomial is not None and data.draw(st.booleans())
        facts = data.draw(st.sampled_from([(), CLASSES.get(cls, ())]))
        system = NormalForms(program.activations, {name: "itself" if as_function else facts}, naming=naming)
        leaves, variables = leaves_for(data, system, fields)
        got = run(fields.gradient.nodes, system, as_arrays(leaves, fields))
        rng = random.Random(data.draw(st.integers(0, 10**6)))
        stand_in = definition if as_function else Activation(polynomial=member(facts, 5, rng))
        evaluator = Evaluator(system, {v: rng.randrange(1, PRIME) for v in variables}, {name: stand_in}, PRIME)
        numbers = {leaf: [evaluator.poly(form.terms) for form in values] for leaf, values in leaves.items()}

        def apply(node: Any, z: int) -> int:
            return int(horner([reference.residue(c) for c in derived(coefficients_of(stand_in), node.order)], z, 0)) % PRIME

        wanted = reference.run(fields.gradient.nodes, numbers, apply, reference.residue)
        for i, node in enumerate(fields.gradient.nodes):
            assert [evaluator.poly(form.terms) for form in got[i].ravel()] == [v % PRIME for v in wanted[i]], (i, node)
            assert not naming or node.op != "add" or all(form.degree() <= 1 for form in got[i].ravel())
        rewritten[0] += len(system.atoms) < sum(prod(n.shape) for n in fields.gradient.nodes if n.op == "apply") or as_function

    check()
    assert rewritten[0] >= 8


PIECES = {
    "relu": lookup("relu"),
    "abs": lookup("abs"),
    "leaky": Activation(piecewise=(Fraction(1, 10), Fraction(3))),
    "line": Activation(piecewise=(Fraction(2), Fraction(2))),
}


@pytest.mark.parametrize("naming", [False, True])
@pytest.mark.parametrize("piece", sorted(PIECES))
def test_signs_of_piecewise_functions(piece: str, naming: bool) -> None:
    """With every sign atom at its value, normal forms give the exact rational values off the kinks."""
    counts = Counter[bool]()

    @examples(40)
    @given(st.data())
    def check(data: st.DataObject) -> None:
        program = data.draw(st.sampled_from([mlp(2, 2, 1, activation=PIECES[piece], bias=True), mlp(1, 2, 2, 1, activation=PIECES[piece])]))
        fields = Fields(program)
        system = NormalForms(program.activations, dict.fromkeys(program.activations, "itself"), naming=naming)
        leaves, variables = leaves_for(data, system, fields)
        got = run(fields.gradient.nodes, system, as_arrays(leaves, fields))
        rng = random.Random(data.draw(st.integers(0, 10**6)))
        evaluator = Evaluator(system, {v: Fraction(rng.randint(1, 99) * rng.choice((-1, 1)), rng.randint(1, 9)) for v in variables}, program.activations, None)
        numbers = {leaf: [evaluator.poly(form.terms) for form in values] for leaf, values in leaves.items()}
        try:
            wanted = reference.run(fields.gradient.nodes, numbers, fraction_apply(program.activations), Fraction)
        except AssertionError:  # an argument is 0
            counts[False] += 1
            return
        counts[True] += 1
        for i, node in enumerate(fields.gradient.nodes):
            assert [evaluator.poly(form.terms) for form in got[i].ravel()] == wanted[i], (i, node)

    check()
    assert counts[True] >= 15, counts


def test_a_piecewise_function_at_zero_has_an_unknown_slope_and_a_known_value() -> None:
    system = NormalForms({"relu": lookup("relu")}, {"relu": "itself"}, naming=False)
    nothing = system.number(Fraction(0))
    value, slope, curvature = (system._applied("relu", k, nothing) for k in range(3))
    assert not value.terms
    assert not curvature.terms
    assert slope.constant() is None
    assert slope.degree() == 1
    assert system._applied("relu", 1, nothing).terms == slope.terms


@examples(120)
@given(st.integers(0, 10**6), st.integers(1, 5), st.integers(1, 4))
def test_naming_is_linear_and_injective(seed: int, count: int, monomials: int) -> None:
    """Exactly the linear relations among named values are kept: equal rank, and every combination has the combined name."""
    rng = random.Random(seed)
    system = NormalForms({}, {}, naming=True)
    variables = [system.variable() for _ in range(3)]
    basis = [tuple(sorted(rng.choices(variables, k=rng.randint(2, 3)))) for _ in range(monomials)]
    polys = [Poly({m: Fraction(c) for m in basis if (c := rng.randint(-2, 2))}) for _ in range(count)]
    weights = [rng.randint(-2, 2) for _ in polys]

    def combine(parts: list[Poly]) -> Poly:
        total = Poly({})
        for part, w in zip(parts, weights, strict=True):
            total = total + part.scaled(w)
        return total

    stacked = np.empty(count + 1, dtype=object)
    stacked[:] = [*polys, combine(polys)]
    names = list(system.named(stacked.reshape(1, -1)).ravel())
    assert all(name.degree() <= 1 for name in names)
    assert combine(names[:-1]).terms == names[-1].terms

    def rank(forms: list[Poly]) -> int:
        columns = sorted({m for form in forms for m in form.terms})
        return sympy.Matrix(len(forms), len(columns), [sympy.Rational(str(form.terms.get(m, 0))) for form in forms for m in columns]).rank()

    assert rank(names) == rank(list(stacked))
    assert [bool(name.terms) for name in names] == [bool(poly.terms) for poly in stacked]


@examples(60)
@given(st.integers(0, 10**6))
def test_polynomials_form_a_ring(seed: int) -> None:
    """Sums and products of normal forms are those of the values; monomials are sorted, coefficients are not 0."""
    rng = random.Random(seed)

    def draw() -> Poly:
        form = Poly({})
        for _ in range(rng.randint(0, 4)):
            term = Poly({(): Fraction(rng.choice((-2, -1, 1, 3)), rng.randint(1, 2))})
            for v in rng.choices((1, 2, 3), k=rng.randint(0, 4)):
                term = term * Poly({(v,): 1})
            form = form + term
        return form

    a, b, c = draw(), draw(), draw()
    values = {v: Fraction(rng.randint(-9, 9), 7) for v in (1, 2, 3)}

    def at(form: Poly) -> Fraction:
        return sum((Fraction(k) * prod((values[v] for v in m), start=Fraction(1)) for m, k in form.terms.items()), Fraction(0))

    assert at(a * b + c) == at(a) * at(b) + at(c)
    assert (a * b).terms == (b * a).terms
    assert ((a + b) * c).terms == (a * c + b * c).terms
    assert not (a + a.scaled(-1)).terms
    assert a.leading() == -a.scaled(-1).leading()
    assert all(k != 0 and list(m) == sorted(m) for m, k in (a * b + c).terms.items())


ATOMS: dict[str, Any] = {
    "exp": mpmath.exp,
    "tanh": mpmath.tanh,
    "sigmoid": lambda v: 1 / (1 + mpmath.exp(-v)),
    "sin": mpmath.sin,
    "cos": mpmath.cos,
    "sinh": mpmath.sinh,
    "cosh": mpmath.cosh,
    "gauss": lambda v: mpmath.exp(-v * v),
    "phi": lambda v: mpmath.exp(-v * v / 2),
    "erf": mpmath.erf,
    "normal": lambda v: (1 + mpmath.erf(v / mpmath.sqrt(2))) / 2,
    "arctan": mpmath.atan,
    "lorentz": lambda v: 1 / (1 + v * v),
    "softplus": lambda v: mpmath.log(1 + mpmath.exp(v)),
    "logcosh": lambda v: mpmath.log(mpmath.cosh(v)),
}
REAL = {"two_over_sqrt_pi": lambda: 2 / mpmath.sqrt(mpmath.pi), "one_over_sqrt_two_pi": lambda: 1 / mpmath.sqrt(2 * mpmath.pi), "log2": lambda: mpmath.log(2)}


class RealEvaluator(Evaluator):
    """Values in high precision, with the atoms of named functions."""

    def number(self, q: Fraction) -> Any:
        return mpmath.mpf(q.numerator) / q.denominator

    def variable(self, v: int) -> Any:
        if v not in self.values:
            kind, *rest = self.meaning[v]
            assert kind in ("atom", "constant"), self.meaning[v]
            self.values[v] = REAL[rest[0]]() if kind == "constant" else ATOMS[rest[0]](self.poly(dict(rest[1])))
        return self.values[v]


@pytest.mark.parametrize("name", sorted(name for name, row in NAMED.items() if not row.partial))
def test_named_functions_in_their_atoms(name: str) -> None:
    """A named function taken as itself, at orders 0 to 2 and in a network: the normal form in its atoms has the value of the function, to 50 digits."""
    program = mlp(1, 2, 1, activation=name, bias=True)
    fields = Fields(program)

    @examples(10)
    @given(st.data())
    def check(data: st.DataObject) -> None:
        system = NormalForms(program.activations, {name: "itself"}, naming=False)
        leaves, variables = leaves_for(data, system, fields)
        got = run(fields.gradient.nodes, system, as_arrays(leaves, fields))
        single = [system._applied(name, order, system.linear([(variables[0], 1)], 0)) for order in range(3)]
        rng = random.Random(data.draw(st.integers(0, 10**6)))
        with mpmath.workdps(60):
            evaluator = RealEvaluator(system, {v: mpmath.mpf(rng.randint(-9, 9)) / 8 for v in variables}, {}, None)
            numbers = {leaf: [evaluator.poly(form.terms) + mpmath.mpf(0) for form in values] for leaf, values in leaves.items()}

            def apply(node: Any, v: Any) -> Any:
                return EXACT[name, node.order](v)

            wanted = reference.run(fields.gradient.nodes, numbers, apply, evaluator.number)
            for i, node in enumerate(fields.gradient.nodes):
                for form, value in zip(got[i].ravel(), wanted[i], strict=True):
                    assert abs(evaluator.poly(form.terms) - value) < mpmath.mpf(10) ** -50 * (1 + abs(value)), (i, node)
            for order in range(3):
                value = EXACT[name, order](evaluator.values[variables[0]])
                assert abs(evaluator.poly(single[order].terms) - value) < mpmath.mpf(10) ** -50 * (1 + abs(value))

    check()


def test_limits_stop_large_forms() -> None:
    """Products in matrices, entrywise products and powers all count, so that a proof ends."""
    big = {"big": Activation(polynomial=tuple(Fraction(1) for _ in range(12)))}
    for program in (mlp(3, 4, 1, activation=big["big"]), mlp(2, 3, 3, 1, activation=lookup("cube"))):
        fields = Fields(program)
        for limits in ({"max_work": 2000}, {"max_terms": 30}):
            system = NormalForms(program.activations, dict.fromkeys(program.activations, "itself"), naming=False, **limits)
            leaves = {n: [system.linear([(system.variable(), 1)], 0) for _ in range(prod(s))] for n, s in fields.shapes.items()}
            with pytest.raises(ResourceLimit):
                run(fields.gradient.nodes, system, as_arrays(leaves, fields))
    system = NormalForms({}, {}, naming=False, max_work=50)
    wide = Poly({(system.variable(),): 1 for _ in range(10)})
    column = np.empty((1, 1), dtype=object)
    column[0, 0] = wide
    with pytest.raises(ResourceLimit):
        system.entrywise(column, column)


def test_undefined_values_do_not_occur_in_normal_forms() -> None:
    """A reciprocal of 0 stays an atom: no value is assumed for it, not even by oddness."""
    system = NormalForms({"r": lookup("reciprocal")}, {"r": ("odd",)}, naming=False)
    assert system._applied("r", 0, system.number(Fraction(0))).terms
    x = system.linear([(system.variable(), 1)], 0)
    assert (system._applied("r", 0, x) + system._applied("r", 0, x.scaled(-1))).terms == {}
