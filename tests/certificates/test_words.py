"""The words of a certificate: equations that mean what the file says, formulas, hypotheses, differences between models."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

import simcert as sc
from simcert.certificates import words
from simcert.certificates.equations import subspace_equations
from simcert.certificates.formula import formula
from simcert.groups.subspaces import Subspace
from simcert.invariance.decide import decide

NETS = {name: sc.load_model(name) for name in ("mlp:2-3-2-1:tanh:bias", "attention:2-2", "conv1d:1-2-1:relu", "linear:1-1")}


def equations(net: str, text: str) -> list[str]:
    program = sc.load_model(net)
    return subspace_equations(program.to_json(), sc.subspace(program, text).to_json())


@given(st.sampled_from(sorted(NETS)), st.integers(0, 10**6))
def test_the_equations_in_words_are_those_of_the_file(net: str, seed: int) -> None:
    program, rng = NETS[net], random.Random(seed)
    rows = []
    for _ in range(rng.randint(1, 5)):
        entries = rng.sample(range(program.size), min(program.size, rng.randint(1, 3)))
        rows.append(({k: Fraction(rng.choice((-3, -1, 1, 1, 2)), rng.choice((1, 1, 2))) for k in entries}, Fraction(rng.choice((0, 0, 0, 1, -2)), 3)))
    for name, (start, shape) in program.offsets().items():  # whole rows and columns, so that slices occur
        if len(shape) == 2 and shape[0] > 1 and name[0] in "WQ" and rng.random() < 0.5:
            rows += [({start + k: Fraction(1), start + shape[1] + k: Fraction(rng.choice((-1, 1)))}, Fraction(0)) for k in range(shape[1])]
    try:
        space = Subspace.from_equations(program, rows)
    except sc.errors.SpecError:
        return
    said = subspace_equations(program.to_json(), space.to_json())
    assert sc.subspace(program, "; ".join(said)) == space


SHORTHANDS = (
    "tie(1: 0,2)",
    "tie(1: 0,-1)",
    "tie(1: 0,-1,2)",
    "dead(1: 1)",
    "tie(2: 0,1)",
    "dead(2: 0)",
    "W1 = 0",
    "W1[:,0] = 0",
    "b1[0] = -b2[1]",
    "swap(1: 0,1)",
)


@given(st.lists(st.sampled_from(SHORTHANDS), min_size=1, max_size=4))
def test_ties_and_dead_units_in_words_mean_the_same(statements: list[str]) -> None:
    program = NETS["mlp:2-3-2-1:tanh:bias"]
    space = sc.subspace(program, "; ".join(statements))
    assert sc.subspace(program, "; ".join(subspace_equations(program.to_json(), space.to_json()))) == space


def test_whole_arrays_rows_and_columns_are_one_equation() -> None:
    net = "mlp:2-3-2-1:tanh"
    assert equations(net, "tie(1: 0,2)") == ["W1[0,:] = W1[2,:]", "W2[:,0] = W2[:,2]"]
    assert equations(net, "tie(1: 0,-1,2)") == ["W1[0,:] = -W1[1,:] = W1[2,:]", "W2[:,0] = -W2[:,1] = W2[:,2]"]
    assert equations(net, "tie(1: 0,1); tie(2: 0,1)") == ["W1[0,:] = W1[1,:]", "W2[0,:] = W2[1,:]", "W2[:,0] = W2[:,1]", "W3[:,0] = W3[:,1]"]
    assert equations(net, "dead(2: 1)") == ["W2[1,:] = 0", "W3[:,1] = 0"]
    assert equations(net, "W2 = 0; W1[0,0] = W1[1,1]") == ["W1[0,0] = W1[1,1]", "W2 = 0"]
    assert equations(net, "W1[0,0] = W1[1,1] = W1[2,0]") == ["W1[0,0] = W1[1,1] = W1[2,0]"]
    assert equations(net, "W1[0,:] = -2 W1[1,:] + 1/2") == ["W1[0,:] = -2*W1[1,:] + 1/2"]
    assert equations(net, "W1[0,0] = W1[1,0]") == ["W1[0,0] = W1[1,0]"]
    assert equations("conv1d:2-3-1:relu", "C1[0,:,:] = C1[1,:,:]") == ["C1[0,:,:] = C1[1,:,:]"]


@pytest.mark.parametrize(
    ("net", "expected"),
    [
        ("mlp:2-3-1:tanh:bias", ["F = W2·tanh(W1·x + b1) + b2"]), ("linear:2-2-2", ["F = W2·W1·x"]),
        ("attention:3-2", ["v9 = exp(x·Qᵀ·(x·Kᵀ)ᵀ)", "F = einsum(ab,a->ab; v9, reciprocal(einsum(ab->a; v9)))·x·Vᵀ·O"]),
        ("mlp:" + "2-" * 60 + "1:tanh", []),
    ],
)  # fmt: skip
def test_formulas(net: str, expected: list[str]) -> None:
    found = formula(sc.load_model(net).to_json())
    assert found == expected or (not expected and 1 < len(found) <= 13)


def test_each_meaning_of_an_activation_has_its_own_words() -> None:
    meant = [
        ({"named": "tanh"}, "itself"), ({"named": "tanh"}, []), ({"named": "tanh"}, ["odd"]), ({"polynomial": ["0", "1"]}, "itself"),
        ({"piecewise": ["0", "1"]}, "itself"), ({"named": "cos"}, ["even"]), ({"named": "silu"}, ["zero"]),
    ]  # fmt: skip
    phrases = {words.activation_phrase("f", definition, meaning) for definition, meaning in meant}
    assert len(phrases) == 7 and "vanishes at 0" in words.activation_phrase("f", {"named": "silu"}, ["zero"])


@pytest.mark.parametrize(
    ("net", "space", "said"),
    [
        ("mlp:2-3-1:tanh", "tie(1: 0,1)", "is invariant under the gradient flow of every differentiable loss"),
        ("mlp:2-3-1:tanh", "W1[0,:] = W1[1,:]", "is not a structural invariant manifold"),
        ("mlp:2-3-1:generic", "W1[0,:] = W1[1,:]", "an open dense set of jets"),
        ("mlp:2-3-1:tanh", "W1[0,:] = 1/2", "affine subspace"),
        ("mlp:2-3-1:relu", "tie(1: 0,1)", "at which no argument of `relu` is 0"),
        ("attention:2-2", "tie(Q[i,:]: 0,1)", "at which `reciprocal` is defined"),
    ],
)
def test_theorems_in_words(net: str, space: str, said: str) -> None:
    program = sc.load_model(net)
    certificate = decide(program, sc.subspace(program, space)).certificate
    assert certificate is not None
    text = words.theorem(certificate)
    assert said in text and f"dimension {certificate['claim']['subspace']['dimension']}" in text


@pytest.mark.parametrize("space", ["tie(1: 0,1)", "dead(1: 0)", "W1[0,0] + W1[0,1] = 1", "W1[0,0] = 1", "W1[0,:] = 2 W1[1,:]"])
def test_optimizers_are_those_of_the_decision(space: str) -> None:
    found = sc.subspace("mlp:2-3-1:tanh", space)
    assert words.optimizers(found.to_json()) == found.optimizers()


@pytest.mark.parametrize(
    ("asked", "found", "said"),
    [
        ("mlp:2-3-1:tanh", "mlp:2-3-1:tanh", ""),
        ("mlp:2-3-1:tanh", "mlp:2-4-1:tanh", "parameter W1 has shape [4, 2] there and [3, 2] here"),
        ("mlp:2-3-1:tanh", "mlp:2-3-1:sin", "activation sin is {'named': 'sin'} there and absent here"),
        ("mlp:2-3-1:tanh", "mlp:2-3-1:tanh:bias", "parameter b1 has shape [3] there and none here"),
        ("linear:2-2-2", "mlp:2-2-2:tanh", "activation tanh is {'named': 'tanh'} there and absent here"),
    ],
)
def test_what_differs_between_two_models_is_named(asked: str, found: str, said: str) -> None:
    assert words.difference(sc.load_model(asked).to_json(), sc.load_model(found).to_json()) == said


def test_a_difference_in_the_nodes_or_the_outputs_is_named() -> None:
    asked = sc.load_model("linear:2-2-2").to_json()
    assert words.difference(asked, {**asked, "outputs": [2]}).startswith("the outputs are nodes [2] there")
    assert words.difference(asked, {**asked, "nodes": asked["nodes"][:-1]}).startswith("node 4 is absent there")
    assert words.difference(asked, {**asked, "parameters": asked["parameters"][::-1]}).startswith("the parameters stand in another order")
