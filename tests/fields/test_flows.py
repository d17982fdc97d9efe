"""Curves in the orbit: they satisfy their differential equation, and follow a float integration."""

from __future__ import annotations

import random
from fractions import Fraction

import numpy as np

from simcert.exact.linalg import rational_from
from simcert.exact.primefield import PrimeField
from simcert.exact.rank import series_rank
from simcert.fields.arithmetic import Arithmetic
from simcert.fields.brackets import Field
from simcert.fields.flows import along, flow, random_control
from simcert.fields.gradients import Fields
from simcert.models.families import mlp
from simcert.models.program import Activation


def test_a_flow_that_can_be_solved_by_hand() -> None:
    """F = a·w·x with the field at x = 1: (a, w)' = (w, a), so a = 3cosh t + 2 sinh t."""
    program = mlp(1, 1, 1, activation="linear")
    fields = Fields(program)
    base = PrimeField(program.activations)
    one = Field(((0, 0, Fraction(1)),), {"x": (Fraction(1),)})
    curve = flow(fields, base, {"W1": [Fraction(2)], "W2": [Fraction(3)]}, [one], [(0, (Fraction(1),))], 8, {})
    assert curve is not None
    factorial = 1
    for k, row in enumerate(curve.coefficients):
        factorial *= max(k, 1)
        w, a = (2, 3) if k % 2 == 0 else (3, 2)
        assert [rational_from(int(v), base.p) for v in row] == [Fraction(w, factorial), Fraction(a, factorial)]


def test_time_dependent_controls() -> None:
    """F = w·x, control c(t) = 1 + 2t at x = 1: w = w0 + t + t²."""
    program = mlp(1, 1, activation="linear")
    one = Field(((0, 0, Fraction(1)),), {"x": (Fraction(1),)})
    base = PrimeField(program.activations)
    curve = flow(Fields(program), base, {"W1": [Fraction(5)]}, [one], [(0, (Fraction(1), Fraction(2)))], 5, {})
    assert curve is not None
    assert [int(v) for v in curve.coefficients[:, 0]] == [5, 1, 1, 0, 0]


def test_transport_proves_more_than_deep_brackets() -> None:
    """σ odd, all w = 0, a = (1, 2, 3): the orbit is open, shown with 16 terms (math.md, section 4)."""
    program, rng = mlp(2, 3, 1, activation="odd"), random.Random(5)
    fields = Fields(program)
    definitions = {"odd": Activation(polynomial=tuple(Fraction(c) for c in (0, 1, 0, 2, 0, 5, 0, 7, 0, 3, 0, 1)))}
    theta = {"W1": [Fraction(0)] * 6, "W2": [Fraction(v) for v in (1, 2, 3)]}
    a = Arithmetic(fields, definitions, theta, rng, count=24)
    ranks = []
    for terms in (8, 16):
        curve = flow(fields, a.base, theta, a.pool, random_control(3, rng), terms, {})
        assert curve is not None
        matrix = along(fields, a.base, curve, a.pool, [(i,) for i in range(24)], {})
        assert matrix is not None
        ranks.append(series_rank(matrix, a.base.p)[0])
    assert ranks[0] < ranks[1] == 9


def test_exponential_start_agrees_with_floats() -> None:
    """The curve of a tanh network through Q(T) is the image of the real one: its derivative at 0 is the gradient at θ0."""
    program, rng = mlp(2, 2, 1, activation="tanh"), random.Random(2)
    fields = Fields(program)
    theta = {"W1": [Fraction(v) for v in (1, 2, -1, 1)], "W2": [Fraction(v) for v in (2, 3)]}
    a = Arithmetic(fields, dict(program.activations), theta, rng, count=6)
    assert a.kind == "exponential"
    curve = a.curve(4)
    assert curve is not None
    gradients = a.words([(i,) for i, _ in curve.control])
    assert gradients is not None
    weights = np.array([int(c[0]) % a.base.p for _, c in curve.control])
    expected = (weights[:, None] * gradients % a.base.p).sum(axis=0) % a.base.p
    assert expected.tolist() == curve.coefficients[1].tolist()
