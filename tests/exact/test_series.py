"""Truncated power series, against Taylor polynomials of sympy composed by hand."""

from __future__ import annotations

import random
from fractions import Fraction
from functools import cache
from math import factorial
from typing import Any

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from simcert.exact.arrays import UndefinedValueError, run
from simcert.exact.exponentials import Exponentials, rational_leaves
from simcert.exact.primefield import PRIME, PrimeField
from simcert.exact.series import Series
from simcert.models.activations import NAMED, lookup
from simcert.models.program import Activation, Node
from tests.exact.reference import RATIONAL, contract, examples, leaves_of, programs, residue
from tests.exact.test_balls import FORMULAS, z

TERMS = 7
CONSTANTS = {"two_over_sqrt_pi": 2 / sympy.sqrt(sympy.pi), "one_over_sqrt_two_pi": 1 / sympy.sqrt(2 * sympy.pi), "log2": sympy.log(2)}
SMOOTH = sorted(name for name, row in NAMED.items() if not row.partial)
RESIDUE = st.one_of(st.integers(0, PRIME - 1), st.integers(0, 3))


@cache
def taylor(name: str, order: int) -> tuple[tuple[Fraction, Fraction], ...]:
    """The Taylor coefficients at 0 of σ^(order) as a + b·(the constant of the function), from sympy."""
    constant = NAMED[name].form.constant or ("log2" if name == "softplus" else None)
    out = []
    f = sympy.diff(FORMULAS[name], z, order)
    for k in range(TERMS):
        value = sympy.simplify(sympy.diff(f, z, k).subs(z, 0) / sympy.factorial(k))
        if value.is_Rational:
            out.append((Fraction(int(value.p), int(value.q)), Fraction(0)))
            continue
        assert constant is not None
        ratio = sympy.nsimplify(sympy.simplify(value / CONSTANTS[constant]))
        assert ratio.is_Rational, (name, order, k, value)
        out.append((Fraction(0), Fraction(int(ratio.p), int(ratio.q))))
    return tuple(out)


def times(a: list[int], b: list[int]) -> list[int]:
    return [sum(a[i] * b[k - i] for i in range(k + 1)) % PRIME for k in range(len(a))]


def compose(outer: list[int], inner: list[int]) -> list[int]:
    total = [0] * len(inner)
    for c in reversed(outer):
        total = times(total, inner)
        total[0] = (total[0] + c) % PRIME
    return total


def as_series(rows: list[list[int]]) -> Any:
    """Lists of coefficients, one for each entry of a vector, as a value of `Series`: (K, 1, entries)."""
    return np.array(rows, dtype=np.int64).T[:, None, :]


@pytest.mark.parametrize("name", SMOOTH)
def test_functions_of_series_are_compositions(name: str) -> None:
    """σ^(k)(z(t)) for k ≤ 3, with the transcendental constant of the function as an independent random residue."""

    @examples(8)
    @given(st.lists(st.lists(RESIDUE, min_size=TERMS - 1, max_size=TERMS - 1), min_size=1, max_size=2), st.integers(0, 3), st.integers(2, PRIME - 1))
    def check(tails: list[list[int]], order: int, constant: int) -> None:
        inner = [[0, *tail] for tail in tails]
        system = Series(PrimeField({"f": lookup(name)}), TERMS, dict.fromkeys(CONSTANTS, constant))
        got = system.apply(Node("apply", (len(inner),), (0,), activation="f", order=order), as_series(inner))
        outer = [(residue(a) + residue(b) * constant) % PRIME for a, b in taylor(name, order)]
        assert got[:, 0, :].T.tolist() == [compose(outer, one) for one in inner]

    check()


@pytest.mark.parametrize("name", ["tanh", "gelu", "softplus", "exp"])
def test_functions_at_other_points_are_unknown(name: str) -> None:
    system = Series(PrimeField({"f": lookup(name)}), 4, dict.fromkeys(CONSTANTS, 5))
    node = Node("apply", (2,), (0,), activation="f")
    assert system.apply(node, as_series([[0, 1, 0, 0], [1, 0, 0, 0]])) is None
    assert system.apply(node, as_series([[0, 1, 0, 0], [0, 0, 0, 0]])) is not None


@pytest.mark.parametrize("activation", [lookup("relu"), lookup("rsqrt"), Activation(cls="odd")])
def test_functions_without_a_series_are_unknown(activation: Activation) -> None:
    assert Series(PrimeField({"f": activation}), 3).apply(Node("apply", (1,), (0,), activation="f"), as_series([[0, 1, 0]])) is None


@examples(60)
@given(st.lists(RESIDUE, min_size=1, max_size=7), st.integers(1, PRIME - 1), st.integers(0, 3))
def test_reciprocal_of_a_unit(tail: list[int], first: int, order: int) -> None:
    """z^(k+1)·(1/z)^(k) = (−1)^k k! as series; not defined for a series that is 0 at t = 0."""
    one = [first, *tail]
    system = Series(PrimeField({"f": lookup("reciprocal")}), len(one))
    node = Node("apply", (1,), (0,), activation="f", order=order)
    product = system.apply(node, as_series([one]))[:, 0, 0].tolist()
    for _ in range(order + 1):
        product = times(product, one)
    assert product == [int(sympy.factorial(order)) * (-1) ** order % PRIME, *[0] * len(tail)]
    with pytest.raises(UndefinedValueError):
        system.apply(node, as_series([[0, *tail]]))


@examples(60)
@given(st.lists(st.tuples(RESIDUE, RESIDUE), min_size=1, max_size=6))
def test_multiplication(pairs: list[tuple[int, int]]) -> None:
    a, b = ([pair[k] for pair in pairs] for k in (0, 1))
    assert Series(PrimeField({}), len(a)).multiply(as_series([a]), as_series([b]))[:, 0, 0].tolist() == times(a, b)


@examples(150)
@given(st.data())
def test_programs_along_curves(data: st.DataObject) -> None:
    """On random programs the series of a polynomial curve, evaluated at t, is the value at the point of the curve at t when nothing is truncated."""
    definitions = {"square": lookup("square"), "poly": Activation(polynomial=(Fraction(1, 2), Fraction(-3), Fraction(2)))}
    program = data.draw(programs(definitions, most=3))
    terms, t = 18, data.draw(st.integers(1, PRIME - 1))
    curve = [data.draw(leaves_of(program)) for _ in range(2)]
    field = PrimeField(definitions)
    system = Series(field, terms)
    shapes = dict((*program.parameters, *program.inputs))
    along = {name: system.series([field.array(part[name], shape) for part in curve]) for name, shape in shapes.items()}
    at = {name: np.array((field.array(curve[0][name], s) + field.array(curve[1][name], s) * t) % PRIME, dtype=np.int64) for name, s in shapes.items()}
    degree = dict.fromkeys(range(len(program.nodes)), 0)
    for i, node in enumerate(program.nodes):
        below = [degree[a] for a in node.args]
        degree[i] = {"contract": sum(below), "apply": 2 * sum(below)}.get(node.op, max(below, default=int(node.op != "constant")))
    for i, (one, value) in enumerate(zip(run(program.nodes, system, along), run(program.nodes, field, at), strict=True)):
        assert one.shape == (terms, *value.shape)
        assert np.all((one >= 0) & (one < PRIME))
        if degree[i] < terms:
            total = np.zeros(value.shape, dtype=object)
            for k in reversed(range(terms)):
                total = (total * t + one[k]) % PRIME
            assert total.tolist() == value.tolist(), program.nodes[i]


def test_sums_and_zeros_are_reduced() -> None:
    """What the system makes for later sums is int64 and reduced modulo p: p times anything is 0."""
    system = Series(PrimeField({}), 3)
    assert system.zeros((2, 2)).dtype == np.int64
    assert not np.any(system.reduce(np.array([0, PRIME, 5 * PRIME])))


@examples(40)
@given(st.lists(RATIONAL, min_size=6, max_size=6), st.lists(RATIONAL, min_size=3, max_size=3))
def test_contractions_convolve(a: list[Fraction], b: list[Fraction]) -> None:
    """(A₀ + A₁t)(b₀ + b₁t): the coefficients of a product of matrices of series."""
    field = PrimeField({})
    system = Series(field, 3)
    left = system.series([field.array(a, (2, 3)), field.array([2 * v for v in a], (2, 3))])
    right = system.series([field.array(b, (3,)), field.array([-v for v in b], (3,))])
    got = system.contract(Node("contract", (2,), (0, 1), spec="ij,j->i"), [left, right])
    product = contract("ij,j->i", [a, b], [(2, 3), (3,)], (2,), Fraction(0))
    assert [got[k, 0].tolist() for k in range(3)] == [[residue(c * v) for v in product] for c in (1, 1, -2)]


@pytest.mark.parametrize("name", sorted(name for name, row in NAMED.items() if row.exactness == "exponential"))
def test_exponential_functions_of_series_with_rational_constant_terms(name: str) -> None:
    """With an exponential base field: σ^(m)(q + r(t)) = Σ σ^(m+k)(q) r^k / k!, r(0) = 0, at several points at once."""
    definitions = {"f": lookup(name)}
    points = [Fraction(1, 2), Fraction(-3), Fraction(0)]
    nodes = [Node("input", (3,), name="x"), *(Node("apply", (3,), (0,), activation="f", order=k) for k in range(6))]
    base = Exponentials(definitions, nodes, rational_leaves({"x": (points, (3,))}, definitions), random.Random(3))
    values = run(nodes, base, {"x": base.array(points, (3,))})
    inner = [[residue(q), 5 + i, 3 - i, i] for i, q in enumerate(points)]
    for order in range(3):
        got = Series(base, 4).apply(nodes[1 + order], as_series(inner))
        outer = [[int(values[1 + order + k][0, i]) * pow(factorial(k), -1, PRIME) % PRIME for k in range(4)] for i in range(3)]
        wanted = [compose(taylor_row, [0, *row[1:]]) for taylor_row, row in zip(outer, inner, strict=True)]
        assert got[:, 0, :].T.tolist() == wanted
    assert Series(base, 4).apply(nodes[1], as_series([[residue(Fraction(1, 7)), 1, 0, 0]] * 3)) is None
