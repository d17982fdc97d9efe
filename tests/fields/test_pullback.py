"""Pulled-back gradients: their coefficients are iterated brackets, and they close points where brackets stall."""

from __future__ import annotations

import random
from fractions import Fraction
from math import factorial
from typing import Any

import numpy as np
import pytest

from simcert.certificates import codec
from simcert.checker import check_text
from simcert.exact.primefield import PrimeField
from simcert.exact.rank import series_rank
from simcert.fields.brackets import random_field
from simcert.fields.flows import Control, flow
from simcert.fields.gradients import Fields
from simcert.fields.orbits import METHODS, Point, Search
from simcert.fields.pullback import adjoint, pulled
from simcert.fields.uppers import orbit
from simcert.models.points import parse_point
from simcert.models.spec import load_model

TIED = [[1, 2], [1, 2], [7, 4]]
ODD: dict[str, Any] = {"W1": [[0, 0]] * 3, "W2": [[1, 2, 3]]}


def test_coefficients_are_iterated_brackets() -> None:
    """Along a constant control the coefficient of t^k is ad_X^k Y/k!, and the words [0, …, 0, 1] are these brackets."""
    program = load_model("mlp:2-2-1:poly(1,2,3,1)")
    fields, base, rng = Fields(program), PrimeField(program.activations), random.Random(3)
    theta = {"W1": [Fraction(v) for v in (1, 2, -1, 3)], "W2": [Fraction(2), Fraction(-5, 3)]}
    chosen = [random_field(fields, rng), random_field(fields, rng)]
    curve = flow(fields, base, theta, chosen, [(0, (Fraction(1),))], 5, {})
    assert curve is not None
    rows = adjoint(fields, base, curve, chosen, {})
    values = pulled(fields, base, curve, rows, chosen, [1], {})
    a = Search(Point(program, theta)).arithmetic
    a.base, a.pool = base, chosen
    for k in range(5):
        word = a.words([(0,) * k + (1,)])
        assert word is not None and values is not None
        assert (word[0] * pow(factorial(k), -1, base.p) % base.p).tolist() == values[k, 0].tolist()


def test_the_adjoint_is_the_inverse_of_the_differential_of_the_flow() -> None:
    """U(t)·DΦ_t(θ0) = 1, with DΦ_t by differences of flows of a field that is linear in θ: F = a·w·x, (w, a)' = (1 + t)(a, w)."""
    program = load_model("linear:1-1-1")
    fields, base = Fields(program), PrimeField(program.activations)
    one = random_field(fields, random.Random(0))
    x = one.inputs["x"][0]
    control: Control = [(0, (1 / x, 1 / x))]
    columns = []
    for start in ((1, 0), (0, 1)):
        theta = {"W1": [Fraction(start[0])], "W2": [Fraction(start[1])]}
        curve = flow(fields, base, theta, [one], control, 6, {})
        assert curve is not None
        columns.append(curve.coefficients)
    rows = adjoint(fields, base, curve, [one], {})
    forward = np.stack(columns, axis=-1)
    for k in range(6):
        product = sum(rows[j].astype(object) @ forward[k - j].astype(object) for j in range(k + 1)) % base.p
        assert product.tolist() == (np.eye(2, dtype=int) * (k == 0)).tolist()


@pytest.mark.parametrize(
    ("model", "point", "dimension"),
    [
        ("mlp:2-3-1:odd", ODD, 9),
        ("mlp:2-3-1:generic", {"W1": TIED, "W2": [[2, -2, 5]]}, 9),
        ("mlp:2-3-1:tanh", {"W1": TIED, "W2": [[2, -2, 5]]}, 9),
        ("mlp:2-3-1:gelu", ODD, 9),
        ("mlp:2-2-2-1:tanh", {"W1": [[0, 0]] * 2, "W2": [[1, 2], [4, -5]], "W3": [[1, 2]]}, 10),
        ("mlp:2-3-1:relu", "generic", 6),
        ("mlp:3-3-3:relu", {"W1": [[1, 2, 3], [2, 1, 4], [1, 1, 5]], "W2": [[1, 2, 3], [2, 5, 1], [1, -1, 4]]}, 15),
        ("linear:2-2-2", {"W1": [[1, 2], [2, 4]], "W2": [[1, 2], [3, 6]]}, 3),
    ],
)
def test_pullback_alone_closes_degenerate_points(model: str, point: Any, dimension: int) -> None:
    program = load_model(model)
    found = orbit(Point(program, parse_point(program, point)), methods=("pullback",))
    assert found.lower.proof["method"] == "pullback"
    assert found.dimension == dimension
    assert check_text(codec.canonical(found.certificate())).status == "verified"


def test_cheaper_proofs_are_tried_first() -> None:
    program = load_model("mlp:2-3-1:odd")
    search = Search(Point(program, parse_point(program, ODD)))
    plans = search.plans(9, 16)
    assert plans[:3] == [("transport", 8, 1), ("transport", 16, 1), ("pullback", 8, 1)]
    assert {method for method, _, _ in plans} == set(METHODS) - {"words"}
    assert search.plans(9, 4) == []
    assert search.improve(2).proof["method"] == "words"
    assert search.improve(9).proof["method"] == "transport"


def test_where_a_pullback_is_the_cheapest_it_is_chosen() -> None:
    program = load_model("mlp:3-3-1:odd")
    point = parse_point(program, {"W1": [[0, 0, 0]] * 3, "W2": [[1, 2, 3]]})
    found = orbit(Point(program, point))
    assert (found.dimension, found.lower.proof["method"]) == (12, "pullback")


def _gradients(theta: Any, inputs: Any) -> Any:
    """Gradients of Σ a_i (z_i + z_i³), z_i = w_i·x, θ = (w_1, w_2, a), in floating point."""
    w, a = theta[:6].reshape(2, 3), theta[6:]
    h = inputs @ w.T
    outer = (a * (1 + 3 * h * h))[:, :, None] * inputs[:, None, :]
    return np.concatenate([outer.reshape(len(inputs), 6), h + h**3], axis=1)


def _legs(theta: Any, inputs: Any, steps: int = 100) -> Any:
    """The end of legs of length 1/16 along the gradient fields at the inputs, one after the other, by Runge–Kutta."""
    size = 0.0625 / steps
    for x in inputs:
        for _ in range(steps):
            one = _gradients(theta, x[None])[0]
            two = _gradients(theta + size / 2 * one, x[None])[0]
            three = _gradients(theta + size / 2 * two, x[None])[0]
            four = _gradients(theta + size * three, x[None])[0]
            theta = theta + size / 6 * (one + 2 * two + 2 * three + four)
    return theta


def test_polynomial_controls_prove_what_several_legs_do() -> None:
    """From w = 0 the gradients span 6 dimensions all along a leg of one field, however long, and 8 at the end of a second leg; so they do along one curve."""
    rng = np.random.default_rng(1)
    inputs, start = rng.normal(size=(60, 3)), np.array([0.0] * 6 + [1, 2])
    ends = [_legs(start, np.array(legs)) for legs in ([[1.0, 0.5, -0.3]], [[1.0, 0.5, -0.3], [-0.3, 1.0, 0.8]])]
    assert [int(np.linalg.matrix_rank(_gradients(end, inputs), tol=1e-9)) for end in ends] == [6, 8]
    program = load_model("mlp:3-2-1:poly(0,1,0,1)")
    a = Search(Point(program, parse_point(program, {"W1": [[0, 0, 0]] * 2, "W2": [[1, 2]]}))).arithmetic
    ranks = []
    for control in ([(0, (Fraction(1), Fraction(2)))], [(0, (Fraction(1), Fraction(-2))), (1, (Fraction(2), Fraction(1)))]):
        curve = flow(a.fields, a.base, a.theta, a.pool, control, 24, a.constants)
        assert curve is not None
        ranks.append(series_rank(a.along(curve, [(i,) for i in range(17)]), a.base.p)[0])
    assert ranks == [6, 8]


def test_the_search_takes_more_fields_and_degrees_with_more_terms() -> None:
    program = load_model("mlp:2-3-1:tanh")
    a = Search(Point(program, parse_point(program, ODD))).arithmetic
    shapes = []
    for terms in (8, 16, 32):
        curve = a.curve(terms)
        assert curve is not None
        shapes.append((len(curve.control), {len(c) - 1 for _, c in curve.control}))
    assert shapes == [(3, {1}), (4, {2}), (5, {3})]
