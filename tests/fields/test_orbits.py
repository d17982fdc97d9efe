"""Orbit dimensions with matching bounds: the table of the literature, degenerate points, numerical ranks."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

import pytest

from simcert.certificates import codec
from simcert.checker import check_text
from simcert.errors import SpecError
from simcert.fields.orbits import Point
from simcert.fields.uppers import Orbit, orbit
from simcert.laws.search import conservation_laws
from simcert.models.points import parse_point
from simcert.models.program import from_json
from simcert.models.spec import load_model


def bounds(model: str, point: Any, seed: int = 0) -> Orbit:
    program = load_model(model)
    return orbit(Point(program, parse_point(program, point, seed), seed))


TIED = [[1, 2], [1, 2], [7, 4]]
CASES: list[tuple[str, Any, int]] = [
    ("mlp:2-3-1:generic", {"W1": TIED, "W2": [[2, 2, 5]]}, 6),
    ("mlp:2-3-1:generic", {"W1": TIED, "W2": [[2, 3, 5]]}, 9),
    ("mlp:2-3-1:generic", {"W1": TIED, "W2": [[2, -2, 5]]}, 9),  # the bracket filtration stalls at 8
    ("mlp:2-3-1:tanh", {"W1": [[0, 0]] * 3, "W2": [[1, 2, 3]]}, 9),
    ("mlp:2-3-1:tanh", {"W1": [[0, 0]] * 3, "W2": [[0, 0, 0]]}, 0),
    ("mlp:2-3-1:gelu", {"W1": [[1, 2]] * 3, "W2": [[2, 2, 2]]}, 3),
    ("mlp:2-2-1:cos", {"W1": [[0, 0], [0, 0]], "W2": [[2, 3]]}, 1),  # a1 − a2 is frozen
    ("mlp:2-3-3-1:generic", {"W1": [[1, 2]] * 3, "W2": [[1, 5, 6], [6, 4, 2], [5, 3, 4]], "W3": [[3, 3, 3]]}, 4),  # equitable
    ("mlp:2-3-3-1:tanh", {"W1": [[0, 0]] * 3, "W2": [[1, 2, 3], [4, -5, 6], [7, 8, 1]], "W3": [[1, 2, 3]]}, 18),  # deep, jets at 0
    ("linear:1-2-2-1", {"W1": [[1], [2]], "W2": [[1, 3], [-2, 5]], "W3": [[2, 7]]}, 1),  # one field: laws alone give 2
    ("mlp:1-2-1:square", {"W1": [[1], [2]], "W2": [[3, 5]]}, 1),
    # tanh with bias and output bias: the pair (a,w,b), (−a,−w,−b); sigmoid is open there (literature.md, [ZLZ])
    ("mlp:1-2-1:tanh:bias", {"W1": [["1/2"], ["-1/2"]], "b1": ["1/3", "-1/3"], "W2": [[2, -2]], "b2": [1]}, 4),
    ("mlp:1-2-1:sigmoid:bias", {"W1": [["1/2"], ["-1/2"]], "b1": ["1/3", "-1/3"], "W2": [[2, -2]], "b2": [1]}, 7),
]


@pytest.mark.parametrize(("model", "point", "dimension"), CASES)
def test_known_dimensions(model: str, point: Any, dimension: int) -> None:
    found = bounds(model, point)
    assert (found.lower.bound, found.upper.bound) == (dimension, dimension)
    assert check_text(codec.canonical(found.certificate())).status == "verified"


@pytest.mark.parametrize(
    ("n", "m", "r", "k"),
    [(1, 1, 2, 2), (2, 1, 2, 2), (2, 2, 3, 3), (2, 2, 3, 1), (2, 2, 3, 2), (3, 2, 4, 2), (3, 3, 3, 3), (2, 2, 4, 4)],
)
def test_two_layer_linear_networks_at_any_rank(n: int, m: int, r: int, k: int) -> None:
    """At rank k = rank [U;V] the orbit has dimension (n+m)k − k(k+1)/2 ([MGP])."""
    rng = random.Random(n * 100 + m * 10 + r)
    k = min(k, n + m)
    left = [[rng.randint(-3, 3) for _ in range(k)] for _ in range(n + m)]
    right = [[rng.randint(-3, 3) for _ in range(r)] for _ in range(k)]
    stacked = [[sum(a * right[j][c] for j, a in enumerate(row)) for c in range(r)] for row in left]
    # F = V^T x lifted by U: W2 = U (n × r), W1 = V^T (r × m)
    point = {"W2": stacked[:n], "W1": [[stacked[n + j][i] for j in range(m)] for i in range(r)]}
    found = bounds(f"linear:{m}-{r}-{n}", point)
    assert found.dimension == (n + m) * k - k * (k + 1) // 2


@pytest.mark.parametrize("model", ["mlp:2-3-1:relu", "attention:2-2", "linear:4-3-2", "mlp:2-2-2-1:sigmoid", "residual:2-3-1:tanh:blocks=1"])
def test_generic_points_meet(model: str) -> None:
    found = bounds(model, "generic")
    assert found.dimension is not None
    assert check_text(codec.canonical(found.certificate())).status == "verified"


def test_same_seed_same_bytes() -> None:
    one, two = (codec.canonical(bounds("mlp:2-3-1:tanh", "generic", 4).certificate()) for _ in range(2))
    assert one == two


def test_a_dead_relu_unit_is_named() -> None:
    with pytest.raises(SpecError, match=r"argument of a piecewise function is 0.*unit 0 of hidden layer 1"):
        bounds("mlp:2-3-1:relu", {"W1": [[0, 0], [1, 2], [3, 4]], "W2": [[1, 2, 3]]})


def test_bounds_that_do_not_meet_are_reported_as_such() -> None:
    """A unit that is on for every input: near the point there is one more law, which is not a polynomial."""
    point = {"W1": [[1], [2]], "W2": [[-1, -2], [3, 1]], "b1": [1, 1], "b2": [-1, 2], "W3": [[1, 2]], "b3": [1]}
    found = bounds("mlp:1-2-2-1:relu:bias", point)
    assert found.dimension is None
    assert found.lower.bound < found.upper.bound
    assert check_text(codec.canonical(found.certificate())).status == "verified"


def test_fractions_in_points() -> None:
    found = bounds("mlp:1-2-1:tanh", {"W1": [[Fraction(1, 3)], [Fraction(2, 7)]], "W2": [[Fraction(1, 5), 2]]})
    assert found.dimension == 4


def test_an_output_that_no_parameter_moves() -> None:
    """All fields are 0: every point is an orbit, and every coordinate is conserved."""
    data = load_model("mlp:2-3-1:tanh").to_json() | {"outputs": [0]}
    program = from_json(data)
    found = orbit(Point(program, parse_point(program, "generic")))
    assert (found.lower.bound, found.upper.bound) == (0, 0)
    assert conservation_laws(program).count == program.size
