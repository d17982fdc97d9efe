"""What holds an orbit back, in words: the sentences name the right subspace, forms, laws and units, and what they say is true along training."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

import simcert as sc
from simcert.cli import main
from simcert.fields.orbits import Point
from simcert.fields.uppers import Orbit, orbit
from simcert.models.points import parse_point
from simcert.models.spec import load_model

MAGIC: dict[str, Any] = {"W1": [[1, 2]] * 3, "W2": [[1, 5, 6], [6, 4, 2], [5, 3, 4]], "W3": [[3, 3, 3]]}
TIED = "the point lies in the invariant subspace of dimension {} given by {}"


def found(model: str, point: Any) -> Orbit:
    program = load_model(model)
    return orbit(Point(program, parse_point(program, point)))


def test_the_magic_square() -> None:
    one = found("mlp:2-3-3-1:generic", MAGIC)
    assert (one.dimension, len(one.upper.words)) == (4, 2)
    lies, frozen = one.upper.words
    assert lies.startswith(TIED.format(8, "W1[0,:] = W1[2,:]"))
    assert "W2[0,0] = W2[1,1] + W2[1,2] - W2[2,0]" in lies  # equal sums of row 1 and column 0, W2[1,0] being in both
    forms = ["W2[0,0] - W2[2,2] = -3", "W2[0,1] - W2[2,2] = 1", "W2[0,2] - W2[2,2] = 2", "W2[1,0] - W2[2,2] = 2"]
    assert frozen == f"on it 4 linear forms are conserved (frozen): {', '.join(forms)}"


def test_the_magic_square_in_floating_point() -> None:
    """All entries of W2 move by the same amount, on the data and for the loss at hand."""
    rng = np.random.default_rng(0)
    w1, w2, w3 = (np.array(MAGIC[name], dtype=float) / 10 for name in ("W1", "W2", "W3"))
    start, x, y = w2.copy(), rng.normal(size=(2, 20)), rng.normal(size=20)
    for _ in range(50):
        a = np.tanh(w1 @ x)
        b = np.tanh(w2 @ a)
        error = (w3 @ b - y)[0]
        back = (w3.T * error) * (1 - b * b)
        down = (w2.T @ back) * (1 - a * a)
        w1, w2, w3 = w1 - 0.01 * down @ x.T, w2 - 0.01 * back @ a.T, w3 - 0.01 * (error @ b.T)[None]
    moved = w2 - start
    assert np.ptp(moved) < 1e-12 < abs(moved[0, 0])


@pytest.mark.parametrize(
    ("model", "point", "words"),
    [
        ("mlp:2-3-1:generic", {"W1": [[1, 2], [1, 2], [7, 4]], "W2": [[2, 2, 5]]}, [TIED.format(6, "W1[0,:] = W1[1,:]; W2[:,0] = W2[:,1]")]),
        (
            "mlp:2-2-1:cos",
            {"W1": [[0, 0], [0, 0]], "W2": [[2, 3]]},
            [TIED.format(2, "W1 = 0"), "on it 1 linear form is conserved (frozen): W2[0,0] - W2[0,1] = -1"],
        ),
        (
            "mlp:2-3-1:tanh",
            {"W1": [[0, 0]] * 3, "W2": [[0, 0, 0]]},
            [TIED.format(0, "W1 = 0; W2 = 0"), "no gradient of any input moves the point"],
        ),
        (
            "linear:1-2-2-1",
            {"W1": [[1], [2]], "W2": [[1, 3], [-2, 5]], "W3": [[2, 7]]},
            ["all gradients are multiples of one vector field, so the orbit is a curve"],
        ),
        (
            "linear:2-2-2",
            {"W1": [[1, 2], [2, 4]], "W2": [[1, 2], [3, 6]]},
            [TIED.format(4, "W1[0,:] = 1/2*W1[1,:]; W2[:,0] = 1/2*W2[:,1]"), "on it 1 quantity is conserved: W2^T W2 - W1 W1^T"],
        ),
        (
            "mlp:1-2-1-1:relu:bias",
            {"W1": [[1], [2]], "b1": [1, 1], "W2": [[-1, -2]], "b2": [-1], "W3": [[1]], "b3": [1]},
            ["near the point, whatever the input, unit 0 of hidden layer 2 (relu) is off", "this freezes 8 parameters: W1, b1, W2, b2, W3"],
        ),
        ("linear:2-3-2", "generic", ["6 quantities that are independent at the point are conserved: W2^T W2 - W1 W1^T"]),
        ("mlp:2-3-1:tanh", "generic", ["nothing holds the orbit back: it is open"]),
        ("mlp:1-1-1:exp:bias", "generic", ["1 quantity is conserved: -2 b1[0] + W2[0,0]^2"]),
    ],
)
def test_words(model: str, point: Any, words: list[str]) -> None:
    one = found(model, point)
    assert one.dimension is not None
    assert one.upper.words == words


def test_what_is_not_decided_is_said() -> None:
    point = {"W1": [[1], [2]], "W2": [[-1, -2], [3, 1]], "b1": [1, 1], "b2": [-1, 2], "W3": [[1, 2]], "b3": [1]}
    words = found("mlp:1-2-2-1:relu:bias", point).upper.words
    assert words[1] == "this freezes 4 parameters: W2[0,:], b2[0], W3[:,0]"
    assert words[-1] == "whether the orbit is smaller than this is not decided: 5 of 6 dimensions were shown"


def test_the_same_words_in_the_terminal_in_json_and_in_python(tmp_path: Any) -> None:
    (tmp_path / "magic.json").write_text(json.dumps(MAGIC))
    arguments = ["orbit", "mlp:2-3-3-1:generic", "--at", str(tmp_path / "magic.json"), "-o", str(tmp_path / "c.json")]
    text = " ".join(CliRunner().invoke(main, [*arguments, "--explain"]).stdout.split())
    answer = json.loads(CliRunner().invoke(main, [*arguments, "--json", "--quiet"]).stdout)
    reasons = sc.orbit_dimension("mlp:2-3-3-1:generic", at=MAGIC).reasons
    assert answer["reasons"] == list(reasons)
    assert all(f"because {reason}" in text for reason in reasons)
