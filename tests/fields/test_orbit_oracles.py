"""Orbit dimensions against two oracles: symbolic Lie brackets in sympy, and float ranks of gradients and finite-difference brackets."""

from __future__ import annotations

import random
from fractions import Fraction

import numpy as np
import pytest
import sympy

from simcert.fields.orbits import Point
from simcert.fields.uppers import orbit
from simcert.models.families import mlp

POWERS = {"linear": 1, "square": 2, "cube": 3}


def network(widths: tuple[int, ...], power: int) -> tuple[list[sympy.Symbol], list[sympy.Symbol], sympy.Expr]:
    """Parameters, inputs and the output of a two-layer network with a monomial activation."""
    n, m, _ = widths
    w = sympy.symbols(f"w0:{m * n}")
    a = sympy.symbols(f"a0:{m}")
    x = sympy.symbols(f"x0:{n}")
    z = [sum(w[i * n + j] * x[j] for j in range(n)) for i in range(m)]
    return [*w, *a], list(x), sum(a[i] * z[i] ** power for i in range(m))


@pytest.mark.parametrize("seed", range(24))
def test_symbolic_brackets_and_float_ranks(seed: int) -> None:
    """All words up to length 3 of 4 fields: never more than the orbit, and no fewer at generic points (units may be tied, opposite or zero)."""
    rng = random.Random(seed)
    widths = (rng.choice((1, 2)), rng.choice((1, 2)), 1)
    name = rng.choice(sorted(POWERS))
    theta, inputs, f = network(widths, POWERS[name])
    values = [rng.choice((-3, -2, -1, 1, 2, 3)) for _ in theta]
    degenerate = seed % 3 == 0
    if degenerate:
        n, m = widths[0], widths[1]
        values[: n * m] = values[:n] * m
        values[n * m :] = [rng.choice((0, 2, -2)) for _ in range(m)]
    at = dict(zip(theta, values, strict=True))
    points = [[rng.choice((-2, -1, 1, 2, 3)) for _ in inputs] for _ in range(4)]
    fields = [sympy.Matrix([sympy.diff(f, t) for t in theta]).subs(dict(zip(inputs, p, strict=True))) for p in points]

    def bracket(x: sympy.Matrix, y: sympy.Matrix) -> sympy.Matrix:
        return y.jacobian(theta) * x - x.jacobian(theta) * y

    two = [bracket(fields[i], fields[j]) for i in range(4) for j in range(i)]
    three = [bracket(x, y) for x in fields for y in two[:3]]
    exact = sympy.Matrix.hstack(*[v.subs(at) for v in (*fields, *two, *three)])
    symbolic = exact.rank()
    numeric = np.linalg.matrix_rank(np.array(exact.tolist(), dtype=float), tol=1e-7)
    assert numeric == symbolic

    program = mlp(*widths, activation=name)
    split = widths[0] * widths[1]
    found = orbit(Point(program, {"W1": [Fraction(v) for v in values[:split]], "W2": [Fraction(v) for v in values[split:]]}, seed))
    assert found.dimension is not None
    assert symbolic <= found.dimension
    assert degenerate or symbolic == found.dimension
