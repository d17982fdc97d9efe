"""Units that are off for all inputs freeze parameters locally; nothing is frozen that moves."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from simcert.certificates import codec
from simcert.checker import check_text
from simcert.errors import SpecError
from simcert.fields.arithmetic import Arithmetic
from simcert.fields.gates import frozen
from simcert.fields.gradients import Fields
from simcert.fields.orbits import Point
from simcert.fields.uppers import orbit
from simcert.models.points import parse_point
from simcert.models.spec import load_model
from tests.checker.proofs import changed, expect, produced

DEAD: dict[str, Any] = {"W1": [[1], [2]], "b1": [1, 1], "W2": [[-1, -2]], "b2": [-1], "W3": [[1]], "b3": [1]}


@pytest.mark.parametrize(
    ("model", "point", "still", "dimension"),
    [
        ("mlp:1-2-1-1:relu:bias", DEAD, list(range(8)), 1),
        ("mlp:2-3-1:relu:bias", {"W1": [[0, 0], [1, 2], [3, -1]], "b1": [-1, 1, 1], "W2": [[5, 1, 2]], "b2": [-1]}, [0, 1, 6, 9], 7),
        ("mlp:2-2-1:relu:bias", {"W1": [[0, 0], [0, 0]], "b1": [-1, -2], "W2": [[5, 1]], "b2": [3]}, list(range(8)), 1),
    ],
)
def test_dead_units(model: str, point: Any, still: list[int], dimension: int) -> None:
    program = load_model(model)
    theta = parse_point(program, point)
    assert frozen(Fields(program), theta) == still
    found = orbit(Point(program, theta))
    assert (found.dimension, found.upper.proof["method"]) == (dimension, "gates")
    assert "frozen near the point" in found.upper.words[0]
    assert check_text(codec.canonical(found.certificate())).status == "verified"


@pytest.mark.parametrize(
    "model", ["mlp:2-3-1:relu:bias", "mlp:1-2-2-1:relu:bias", "mlp:2-3-1:leaky_relu:bias", "mlp:2-2-2-1:abs:bias", "conv1d:1-2-1:relu:kernel=2:length=3:bias"]
)
def test_what_is_frozen_never_moves(model: str) -> None:
    """At random points with many zeros and negative biases, no gradient at any input has a component at a frozen parameter."""
    program, rng, some = load_model(model), random.Random(7), 0
    for _ in range(25):
        theta = {n: [Fraction(rng.choice((0, 0, -1, 1, -2, 3))) for _ in range(int(np.prod(s)))] for n, s in program.parameters}
        fields = Fields(program)
        still = frozen(fields, theta)
        some += len(still)
        try:
            a = Arithmetic(fields, dict(program.activations), theta, random.Random(1), 60)
        except SpecError:
            continue
        rows = a.words([(i,) for i in range(len(a.pool))])
        assert rows is not None and not rows[:, still].any()
    assert some or "relu" not in model or "leaky" in model


def test_a_function_without_gates_freezes_nothing() -> None:
    program = load_model("mlp:2-3-1:tanh:bias")
    assert frozen(Fields(program), parse_point(program, "generic")) == []
    program = load_model("mlp:1-2-1-1:leaky_relu:bias")
    assert frozen(Fields(program), parse_point(program, DEAD)) == []


def test_the_checker_decides_the_gates_itself() -> None:
    text = {n: [str(v) for row in rows for v in (row if isinstance(row, list) else [row])] for n, rows in DEAD.items()}
    good = produced("orbit", "mlp:1-2-1-1:relu:bias", text)
    assert good["proof"]["upper"]["method"] == "gates"
    fewer = changed(good, "proof/upper/frozen", list(range(7)))
    expect(
        good,
        [
            ("proof/upper/frozen", list(range(7)), "invalid"),
            ("proof/upper/frozen", list(range(9)), "invalid"),
            ("proof/upper/frozen", [0, 2, 1], "malformed"),
            ("proof/upper/frozen", [0, 0], "malformed"),
            ("proof/upper/frozen", [9], "malformed"),
            ("proof/upper/frozen", ..., "malformed"),
            ("proof/upper/columns", [8], "malformed"),
            ("proof/upper/determinant", "2", "invalid"),
            ("claim/point/b2", ["1"], "invalid"),
            ("claim/point/W2", ["1", "-2"], "invalid"),
            ("claim/upper", 0, "invalid"),
            ("claim/upper", 9, "invalid"),
        ],
    )
    expect(changed(fewer, "claim/upper", 2), [])
