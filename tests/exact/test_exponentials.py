"""The exponential field modulo p, against rational functions of e^z differentiated by sympy."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from simcert.exact.arrays import run
from simcert.exact.exponentials import PRIME, Exponentials, rational_leaves
from simcert.models.activations import NAMED, lookup
from simcert.models.program import Node
from tests.exact.reference import examples, residue

z, e, i = sympy.symbols("z e i")  # e: the exponential; i: the root of −1

# σ as a rational function of z and e, and de/dz: e = e^z, e^(iz) or e^(−z²)
FORMULAS: dict[str, tuple[Any, Any]] = {
    "exp": (e, e),
    "expm1": (e - 1, e),
    "tanh": ((e - 1 / e) / (e + 1 / e), e),
    "sigmoid": (1 / (1 + 1 / e), e),
    "silu": (z / (1 + 1 / e), e),
    "sinh": ((e - 1 / e) / 2, e),
    "cosh": ((e + 1 / e) / 2, e),
    "gaussian": (e, -2 * z * e),
    "sin": ((e - 1 / e) / (2 * i), i * e),
    "cos": ((e + 1 / e) / 2, i * e),
}
FUNCTIONS = sorted(FORMULAS)
POINTS = st.builds(Fraction, st.integers(-7, 7), st.integers(1, 5))


def test_every_exponential_function_has_a_formula() -> None:
    assert sorted(name for name, row in NAMED.items() if row.exactness == "exponential") == FUNCTIONS


def derivatives(name: str) -> list[tuple[Any, Any]]:
    """Numerators and denominators of σ and its first three derivatives, as functions of (z, e, i)."""
    value, slope = FORMULAS[name]
    out = []
    for _ in range(4):
        out.append(tuple(sympy.lambdify((z, e, i), part, "math") for part in sympy.fraction(sympy.together(value))))
        value = sympy.diff(value, z) + slope * sympy.diff(value, e)
    return out


TABLE = {name: derivatives(name) for name in FUNCTIONS}


class Field:
    """Values of named functions at rational points in one Exponentials system."""

    def __init__(self, names: list[str], points: list[Fraction], orders: range, seed: int) -> None:
        definitions = {name: lookup(name) for name in names}
        nodes = [Node("input", (len(points),), name="x")]
        keys = [(name, order) for name in names for order in orders]
        nodes += [Node("apply", (len(points),), (0,), activation=name, order=order) for name, order in keys]
        leaves = rational_leaves({"x": (points, (len(points),))}, definitions)
        self.system = Exponentials(definitions, nodes, leaves, random.Random(seed))
        values = run(nodes, self.system, {"x": self.system.array(points, (len(points),))})
        self.points = points
        self.values = {key: dict(zip(points, values[k].ravel().tolist(), strict=True)) for k, key in enumerate(keys, 1)}

    def __call__(self, name: str, point: Fraction, order: int = 0) -> int:
        return int(self.values[name, order][point])


@examples(40)
@given(st.lists(POINTS, min_size=1, max_size=4, unique=True), st.integers(0, 2**20))
def test_all_functions_and_derivatives_equal_their_formulas(points: list[Fraction], seed: int) -> None:
    """Every exponential function at orders 0 to 3 is the image of its formula in T^(z·N), the stated bases and a root of −1."""
    f = Field(FUNCTIONS, points, range(4), seed)
    root, n = f.system.bases["i"], f.system.denominator
    assert root * root % PRIME == PRIME - 1
    assert all((q * n).denominator == 1 == (q * q * n).denominator for q in points)
    for name in FUNCTIONS:
        base = f.system.bases["imaginary" if name in ("sin", "cos") else "real"]
        for q in points:
            exponent = -q * q * n if name == "gaussian" else q * n
            at = residue(q), pow(base, int(exponent), PRIME), root
            for order in range(4):
                top, bottom = (int(part(*at)) % PRIME for part in TABLE[name][order])
                assert f(name, q, order) * bottom % PRIME == top, (name, q, order)


@examples(40)
@given(POINTS, POINTS, st.integers(0, 2**20))
def test_identities_of_the_real_functions_hold(a: Fraction, b: Fraction, seed: int) -> None:
    """Addition formulas, reflection formulas and derivatives, between values at different points."""
    f = Field(FUNCTIONS, [a, b, a + b, -a, 2 * a, Fraction(0)], range(2), seed)
    p, half = PRIME, residue(Fraction(1, 2))

    def same(left: int, right: int) -> bool:
        return (left - right) % p == 0

    assert same(f("exp", a) * f("exp", b), f("exp", a + b))
    assert same(f("expm1", a), f("exp", a) - 1)
    assert same(f("sin", a) ** 2 + f("cos", a) ** 2, 1)
    assert same(f("cosh", a) ** 2 - f("sinh", a) ** 2, 1)
    assert same(f("sin", a + b), f("sin", a) * f("cos", b) + f("cos", a) * f("sin", b))
    assert same(f("cos", a + b), f("cos", a) * f("cos", b) - f("sin", a) * f("sin", b))
    assert same(f("tanh", 2 * a) * (1 + f("tanh", a) ** 2), 2 * f("tanh", a))
    assert same(f("sigmoid", a) + f("sigmoid", -a), 1)
    assert same(f("silu", a), residue(a) * f("sigmoid", a))
    assert same(f("silu", a) - f("silu", -a), residue(a))
    assert same(f("tanh", a), 2 * f("sigmoid", 2 * a) - 1)
    assert same(f("gaussian", 2 * a), f("gaussian", a) ** 4)
    assert same(f("sin", a, 1), f("cos", a))
    assert same(f("tanh", a, 1), 1 - f("tanh", a) ** 2)
    assert [f(n, Fraction(0)) for n in ("exp", "cos", "cosh", "gaussian", "sigmoid", "tanh", "silu")] == [1, 1, 1, 1, half, 0, 0]


def test_distinct_transcendental_numbers_have_distinct_images() -> None:
    """The specialisation does not collapse: e^(1/2), e³, tanh 3, cos 3, … and 0, 1 are different residues."""
    f = Field(FUNCTIONS, [Fraction(1, 2), Fraction(3)], range(2), 7)
    values = [f(name, q) for name in FUNCTIONS for q in f.points]
    assert len({*values, 0, 1}) == len(values) + 2


@pytest.mark.parametrize("name", ["tanh", "sin", "gaussian"])
def test_arguments_that_are_not_rational_are_unknown(name: str) -> None:
    """A function of a function value, and functions that are not exponential, give None; the rest of the program is still computed."""
    definitions = {name: lookup(name), "softplus": lookup("softplus"), "square": lookup("square")}
    nodes = [
        Node("input", (2,), name="x"),
        Node("apply", (2,), (0,), activation=name),
        Node("apply", (2,), (1,), activation=name),
        Node("apply", (2,), (0,), activation="softplus"),
        Node("add", (2,), (0, 2)),
        Node("apply", (2,), (1,), activation="square"),
    ]
    points = [Fraction(1), Fraction(-2, 3)]
    system = Exponentials(definitions, nodes, rational_leaves({"x": (points, (2,))}, definitions), random.Random(1))
    values = run(nodes, system, {"x": system.array(points, (2,))})
    assert [v is None for v in values] == [False, False, True, True, True, False]
    assert values[5].ravel().tolist() == [v * v % PRIME for v in values[1].ravel().tolist()]
