"""The smallest affine SIM through a point."""

from __future__ import annotations

from typing import Any

import pytest

from simcert.certificates import codec
from simcert.checker import check_text
from simcert.errors import ResourceLimit
from simcert.fields.orbits import Point
from simcert.invariance.decide import decide
from simcert.invariance.hull import Hull, hull
from simcert.models.points import parse_point
from simcert.models.spec import load_model


def find(model: str, point: Any) -> Hull:
    program = load_model(model)
    return hull(Point(program, parse_point(program, point)))


@pytest.mark.parametrize(
    ("model", "point", "dimension"),
    [
        ("mlp:2-3-1:tanh", {"W1": [[1, 2], [-1, -2], [7, 4]], "W2": [[2, -2, 5]]}, 6),
        ("mlp:2-3-1:silu", {"W1": [[0, 0], [3, -5], [7, 4]], "W2": [[0, 3, 5]]}, 6),
        ("mlp:2-3-1:generic", {"W1": [[1, 2], [1, 2], [7, 4]], "W2": [[2, -2, 5]]}, 9),
        ("mlp:2-3-3-1:generic", {"W1": [[1, 2]] * 3, "W2": [[1, 5, 6], [6, 4, 2], [5, 3, 4]], "W3": [[3, 3, 3]]}, 4),
        ("mlp:2-3-1:relu", {"W1": [[1, 2], [1, 2], [3, 4]], "W2": [[2, 2, 5]]}, 6),
        ("linear:1-1-1", {"W1": [[1]], "W2": [[2]]}, 2),  # the orbit has dimension 1: a hyperbola
        ("mlp:2-2-1:tanh", {"W1": [[0, 0], [0, 0]], "W2": [[0, 0]]}, 0),
    ],
)
def test_known_hulls(model: str, point: Any, dimension: int) -> None:
    found = find(model, point)
    assert found.subspace.dimension == dimension
    assert found.certificate is not None
    program = load_model(model)
    theta = parse_point(program, point)
    assert found.subspace.contains([v for name, _ in program.parameters for v in theta[name]])
    if found.subspace.rows:
        assert decide(program, found.subspace).verdict == "invariant"
    assert check_text(codec.canonical(found.certificate)).status == "verified"


def test_frozen_directions_of_the_magic_point_are_constants() -> None:
    found = find("mlp:2-3-3-1:generic", {"W1": [[1, 2]] * 3, "W2": [[1, 5, 6], [6, 4, 2], [5, 3, 4]], "W3": [[3, 3, 3]]})
    assert any(row.constant for row in found.subspace.rows)
    assert not found.subspace.is_linear


def test_limits_are_stated() -> None:
    with pytest.raises(ResourceLimit, match="the limit is"):
        find("mlp:40-40-40:generic", "generic")
