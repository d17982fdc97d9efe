"""Brackets by nested duals against symbolic brackets in sympy, and the stalling filtration of math.md."""

from __future__ import annotations

import random
from fractions import Fraction

import numpy as np
import pytest
import sympy

from simcert.exact.primefield import PrimeField
from simcert.exact.rank import series_rank
from simcert.fields.brackets import Field, as_matrix, random_field, vectors
from simcert.fields.gradients import Fields
from simcert.models.families import mlp
from simcert.models.program import Activation

COEFFICIENTS = (2, 1, 3, -1)


def symbolic_fields(inputs: list[list[int]]) -> tuple[list[sympy.Symbol], list[list[sympy.Expr]]]:
    """The gradient fields of mlp:2-2-1 with a cubic activation, by hand."""
    theta = list(sympy.symbols("w00 w01 w10 w11 a0 a1"))
    z = sympy.Symbol("z")
    sigma = sum(c * z**k for k, c in enumerate(COEFFICIENTS))
    out = []
    for x in inputs:
        f = sum(theta[4 + i] * sigma.subs(z, theta[2 * i] * x[0] + theta[2 * i + 1] * x[1]) for i in range(2))
        out.append([sympy.diff(f, t) for t in theta])
    return theta, out


def bracket(theta: list[sympy.Symbol], x: list[sympy.Expr], y: list[sympy.Expr]) -> list[sympy.Expr]:
    dx, dy = (sympy.Matrix(v).jacobian(theta) for v in (x, y))
    return list(dy * sympy.Matrix(x) - dx * sympy.Matrix(y))


@pytest.mark.parametrize("word", [(0,), (0, 1), (2, 0), (0, 1, 2), (1, 1, 2), (2, 0, 1, 2)])
def test_words_are_symbolic_brackets(word: tuple[int, ...]) -> None:
    inputs = [[1, 2], [-1, 3], [2, -1]]
    theta, fields = symbolic_fields(inputs)
    expected = fields[word[-1]]
    for i in reversed(word[:-1]):
        expected = bracket(theta, fields[i], expected)
    values = [2, -1, 1, 3, -2, 5]
    exact = [int(e.subs(dict(zip(theta, values, strict=True)))) for e in expected]
    program = mlp(2, 2, 1, activation="generic")
    own = Fields(program)
    system = PrimeField({"generic": Activation(polynomial=tuple(Fraction(c) for c in COEFFICIENTS))})
    chosen = [Field(((0, 0, Fraction(1)),), {"x": tuple(Fraction(v) for v in x)}) for x in inputs]
    point = {"W1": [Fraction(v) for v in values[:4]], "W2": [Fraction(v) for v in values[4:]]}
    start = {n: system.array(point[n], s) for n, s in program.parameters}
    rows = vectors(own, system, start, chosen, [word])
    assert rows is not None
    assert rows[0].tolist() == [v % system.p for v in exact]


def test_the_filtration_stalls_and_grows_again() -> None:
    """mlp 2-3-1, σ generic, w1 = w2, a1 = −a2: ranks by bracket length 6, 8, 8, 9 (math.md, section 4)."""
    program, rng = mlp(2, 3, 1, activation="generic"), random.Random(1)
    fields = Fields(program)
    system = PrimeField({"generic": Activation(polynomial=tuple(Fraction(rng.randint(1, 99)) for _ in range(14)))})
    point = {"W1": [1, 2, 1, 2, 7, 4], "W2": [2, -2, 5]}
    start = {n: system.array([Fraction(v) for v in point[n]], s) for n, s in program.parameters}
    pool = [random_field(fields, rng) for _ in range(40)]
    ranks, rows = [], []
    for length in (1, 2, 3, 4):
        found = vectors(fields, system, start, pool, [tuple(rng.randrange(40) for _ in range(length)) for _ in range(30)])
        assert found is not None
        rows += found
        ranks.append(series_rank(as_matrix(rows)[None], system.p)[0])
    assert ranks == [6, 8, 8, 9]


def test_brackets_are_antisymmetric_and_satisfy_jacobi() -> None:
    program, rng = mlp(2, 3, 2, 1, activation="generic"), random.Random(3)
    fields = Fields(program)
    system = PrimeField({"generic": Activation(polynomial=tuple(Fraction(c) for c in (1, 2, -1, 3)))})
    start = {n: system.array([Fraction(rng.randint(-5, 5)) for _ in range(int(np.prod(s)))], s) for n, s in program.parameters}
    pool = [random_field(fields, rng) for _ in range(3)]
    words = [(0, 1), (1, 0), (0, 1, 2), (1, 2, 0), (2, 0, 1)]
    rows = vectors(fields, system, start, pool, words)
    assert rows is not None
    assert not np.any((rows[0] + rows[1]) % system.p)
    assert not np.any((rows[2] + rows[3] + rows[4]) % system.p)
    assert np.any(rows[0])
