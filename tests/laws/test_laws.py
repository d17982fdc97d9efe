"""Conservation laws: the tables of literature.md ([MGP]), proofs, completeness, and conservation along float trajectories."""

from __future__ import annotations

import pytest

from simcert.certificates import codec
from simcert.checker import check_text
from simcert.errors import SpecError
from simcert.laws.search import conservation_laws
from simcert.laws.structural import families
from simcert.models.builder import Builder
from simcert.models.spec import load_model

TABLE = [
    ("linear:1-2-1", 4, 3),
    ("linear:1-2-2", 6, 3),
    ("linear:2-3-2", 12, 6),
    ("linear:2-4-2", 16, 10),
    ("linear:2-2-3", 10, 3),
    ("linear:3-3-3", 18, 6),
    ("linear:2-3-5", 21, 6),
    ("linear:4-2-4-3", 28, 13),
    ("linear:4-4-4-4", 48, 20),
    ("linear:3-4-4-4-5", 64, 30),
    ("linear:2-2-5-2-4", 32, 20),
    ("mlp:2-3-1:relu", 9, 3),
    ("mlp:3-4-2-1:relu", 22, 6),
    ("mlp:7-3-4-5:relu:bias", 65, 7),
    ("attention:2-1", 8, 2),
    ("attention:2-2", 16, 6),
    ("mlp:2-2-1:square", 6, 2),
    ("mlp:2-3-1:generic", 9, 0),
    ("mlp:2-3-1:sigmoid", 9, 0),
    ("mlp:1-2-1:exp:bias", 7, 2),
    ("residual:2-3-1:relu:blocks=1", 27, 9),
    ("conv1d:1-2-2:relu:kernel=2:length=4", 12, 2),
    ("lora:3-4-2:tanh:rank=1", 13, 2),
]


@pytest.mark.parametrize(("model", "parameters", "count"), TABLE)
def test_counts_are_complete_and_verified(model: str, parameters: int, count: int) -> None:
    program = load_model(model)
    found = conservation_laws(program)
    assert program.size == parameters
    assert (found.count, found.complete, found.orbit_dimension) == (count, True, parameters - count)
    assert check_text(codec.canonical(found.certificate)).status == "verified"


def test_laws_are_printed_as_a_person_writes_them() -> None:
    assert [f.text() for f in families(load_model("linear:2-3-2"))] == ["W2^T W2 - W1 W1^T"]
    assert [f.text() for f in families(load_model("mlp:2-3-1:relu:bias"))] == ["|W2[:,i]|^2 - b1[i]^2 - |W1[i,:]|^2 for i = 0..2"]
    assert [f.text() for f in families(load_model("mlp:2-3-1:cube"))] == ["3 |W2[:,i]|^2 - |W1[i,:]|^2 for i = 0..2"]
    assert [f.text() for f in families(load_model("attention:2-2"))] == ["K K^T - Q Q^T", "V V^T - O O^T"]
    assert families(load_model("mlp:2-3-1:tanh")) == []


def test_exp_with_bias_has_a_law_that_is_not_quadratic_in_the_symmetry() -> None:
    """b − a²/2 (literature.md, [MGP])."""
    assert conservation_laws(load_model("mlp:1-1-1:exp:bias")).texts == ("-2 b1[0] + W2[0,0]^2",)


def test_softmax_keeps_the_column_sums() -> None:
    """Softmax classification layer n×m: m laws, the column sums (literature.md, [MGP]); the proof needs S·(1/S) = 1."""
    b = Builder("softmax regression")
    x, w = b.input("x", 2), b.parameter("W", 3, 2)
    found = conservation_laws(b.program(b.softmax(w @ x)))
    assert found.texts == ("1^T W",)
    assert [law.text(found.program) for law in found.laws] == ["W[0,0] + W[1,0] + W[2,0]", "W[0,1] + W[1,1] + W[2,1]"]
    assert (found.count, found.complete) == (2, True)
    assert check_text(codec.canonical(found.certificate)).status == "verified"


def test_an_incomplete_list_says_so() -> None:
    found = conservation_laws(load_model("linear:1-2-2-1"))
    assert (found.count, found.complete, found.orbit_dimension) == (6, False, None)
    assert check_text(codec.canonical(found.certificate)).status == "verified"


def test_degrees_are_positive() -> None:
    with pytest.raises(SpecError, match="degree 0"):
        conservation_laws(load_model("linear:1-1-1"), 0)
