"""Data with a symmetry, end to end: certificates that verify and are true, and data that are not closed."""

from __future__ import annotations

import json
import random
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

import simcert as sc
from simcert.cli import main
from simcert.errors import SpecError
from simcert.groups.transformations import parse_symmetry
from simcert.invariance.data import data_invariance, group_order, moved
from simcert.models.activations import float_function, lookup
from simcert.models.datasets import DataSet, Example, parse_data
from tests import oracle_data

ODD: dict[str, Any] = {"x": [[1, 2], [-1, -2], ["1/2", -1], ["-1/2", 1]], "y": [3, -3, 1, -1]}


def test_odd_data_make_a_relu_network_linear() -> None:
    found = sc.data_invariant("mlp:2-4-1:relu", "flip; eps = -1", ODD)
    assert (found.dimension, found.parameters, found.order, found.units) == (6, 12, 2, ("1: (0 1)(2 3)",))
    assert found.certificate.equations == ["W1[0,:] = -W1[1,:]", "W1[2,:] = -W1[3,:]", "W2[:,0] = -W2[:,1]", "W2[:,2] = -W2[:,3]"]
    assert found.predictor == ("W1[1,0] W2[0,1] x[0] + W1[3,0] W2[0,3] x[0] + W1[1,1] W2[0,1] x[1] + W1[3,1] W2[0,3] x[1]",)
    assert found.certificate.optimizers == ["gd", "momentum", "nesterov", "weight-decay", "adam", "rmsprop", "signsgd"]


def test_the_predictor_is_half_of_the_sum_over_all_units() -> None:
    """½ Σ a_j w_j·x, the formula of the literature, at a point of the subspace."""
    rng = random.Random(0)
    w, a = [[rng.randint(-9, 9) for _ in range(2)] for _ in range(2)], [rng.randint(1, 9) for _ in range(2)]
    rows, weights = [w[0], [-v for v in w[0]], w[1], [-v for v in w[1]]], [a[0], -a[0], a[1], -a[1]]
    x = [rng.randint(-9, 9) for _ in range(2)]
    network = sum(v * max(sum(p * q for p, q in zip(row, x, strict=True)), 0) for v, row in zip(weights, rows, strict=True))
    assert network == Fraction(sum(v * sum(p * q for p, q in zip(row, x, strict=True)) for v, row in zip(weights, rows, strict=True)), 2)
    claim = sc.data_invariant("mlp:2-4-1:relu", "flip; eps = -1", ODD).certificate.claim
    theta = [v for row in rows for v in row] + weights
    assert network == sum(Fraction(c) * np.prod([theta[k] for k in p], dtype=object) * x[q[0]] for c, p, q in claim["predictor"][0])


@pytest.mark.parametrize(
    ("model", "claimed"),
    [("mlp:2-4-1:relu", True), ("mlp:2-4-1:leaky_relu", True), ("mlp:2-4-1:tanh", False), ("mlp:2-2-2-1:relu", False), ("linear:2-2-1", False)],
)
def test_when_a_predictor_is_claimed(model: str, claimed: bool) -> None:
    assert bool(sc.data_invariant(model, "flip; eps = -1", ODD, "pairs").predictor) == claimed


def test_missing_examples_and_other_weights_are_named() -> None:
    with pytest.raises(SpecError, match=r"y = \(4\) is there, and its image x = \(1, 2\), y = \(-4\) is not \(the data have x = \(1, 2\), y = \(3\)\)"):
        sc.data_invariant("mlp:2-4-1:relu", "flip; eps = -1", {"x": [[-1, -2], [1, 2]], "y": [4, 3]})
    with pytest.raises(SpecError, match=r"weights differ: .* has 1 and its image .* has 2"):
        sc.data_invariant("mlp:2-4-1:relu", "flip; eps = -1", {"x": [[-1, -2], [1, 2]], "y": [-3, 3], "weight": [1, 2]})


@pytest.mark.parametrize(
    ("symmetry", "order"),
    [
        ("flip", 2),
        ("flip(0) | flip(1)", 4),
        ("swap(0,1) | flip(0)", 8),
        ("rotate(0,1; 0,1,1)", 4),
        ("reflect(0,1; 3,4,5) | reflect(0,1; 3,4,5)", 2),
        ("eps = -1", 2),
        ("rotate(0,1; 3,4,5)", None),
        ("reflect(0,1; 3,4,5) | flip(0)", None),
        ("1", 1),
    ],
)
def test_the_order_of_the_group(symmetry: str, order: int | None) -> None:
    net = sc.load_model("mlp:2-2-1:relu")
    assert group_order(net, parse_symmetry(net, symmetry)) == (order, "infinite" if order is None else str(order))


def test_a_group_that_is_too_large_is_not_counted() -> None:
    wide, large = sc.load_model("mlp:80-2-1:relu"), sc.load_model("mlp:12-2-1:relu")
    assert group_order(wide, parse_symmetry(wide, "flip")) == (None, "not counted (more than 64 inputs and outputs)")
    assert group_order(large, parse_symmetry(large, "swap(0,1) | cycle(0,1,2,3,4,5,6,7,8,9,10,11)")) == (None, "more than 20000")


def closure(net: sc.Program, generators: list[Any], seeds: list[Example]) -> DataSet | None:
    """The data that generators make of a few examples; None where there are more than 60."""
    found, fresh = {(e.x, e.y): e for e in seeds}, list(seeds)
    while fresh:
        example = fresh.pop()
        for g in generators:
            image = moved(net, g, example)
            if (image.x, image.y) not in found:
                if len(found) == 60:
                    return None
                found[image.x, image.y] = image
                fresh.append(image)
    return DataSet(tuple(sorted(found.values(), key=lambda e: (e.x, e.y))))


MAPS = ("flip", "flip(0)", "swap(0,1)", "rotate(0,1; 0,1,1)", "reflect(0,1; 3,4,5)", "1")


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    st.sampled_from(("mlp:2-4-2:relu", "mlp:2-2-2:tanh:bias", "mlp:2-3-2:generic", "mlp:2-2-2-2:sin", "linear:2-2-2", "mlp:2-4-2:abs", "residual:2-2-2:odd")),
    st.lists(st.tuples(st.sampled_from(MAPS), st.sampled_from(MAPS)), min_size=1, max_size=2),
    st.integers(0, 10**6),
)
def test_what_is_certified_is_true(model: str, pairs: list[tuple[str, str]], seed: int) -> None:
    """Random symmetries and data that they close: the certificate verifies, and an oracle that shares nothing with both agrees."""
    net, rng = sc.load_model(model), random.Random(seed)
    generators = parse_symmetry(net, " | ".join(f"T = {t}; eps = {e}" for t, e in pairs))
    numbers = [[Fraction(rng.randint(-3, 3)), Fraction(rng.randint(1, 3))] for _ in range(4)]
    seeds = [Example((tuple(x),), (tuple(y),), Fraction(1)) for x, y in (numbers[:2], numbers[2:])]
    data = closure(net, generators, seeds)
    if data is None:
        return
    found = data_invariance(net, generators, data)
    assert sc.Certificate(found.certificate).verify().status == "verified"
    assert oracle_data.holds(found.certificate)


def test_full_batch_training_stays_in_the_subspace_and_a_single_example_leaves_it() -> None:
    """Gradient descent in floats for a loss with the symmetry: W1 and W2 stay paired on all data, not on one example alone."""
    relu, slope = (float_function(lookup("relu"), k) for k in (0, 1))
    x, y = np.array([[1, 2], [-1, -2], [0.5, -1], [-0.5, 1]]), np.array([3.0, -3, 1, -1])

    def paired(chosen: list[int]) -> float:
        w, a = np.array([[0.3, 0.4], [-0.3, -0.4], [0.2, -0.5], [-0.2, 0.5]]), np.array([0.7, -0.7, 0.6, -0.6])
        for _ in range(50):
            z = x[chosen] @ w.T
            r = relu(z) @ a - y[chosen]
            a, w = a - 0.02 * (r[:, None] * relu(z)).sum(axis=0), w - 0.02 * np.einsum("n,nj,nk->jk", r, slope(z) * a, x[chosen])
        return float(np.abs(w[0::2] + w[1::2]).max() + np.abs(a[0::2] + a[1::2]).max())

    assert paired([0, 1, 2, 3]) < 1e-12 and paired([0]) > 1e-3


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, arguments)
    return result.exit_code if result.exit_code else (result.return_value or 0), result.output


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("odd.json").write_text(json.dumps(ODD))
    code, output = run("data", "mlp:2-4-1:relu", "flip; eps = -1", "odd.json", "-o", "c.json", "--json", "--quiet")
    answer = json.loads(output)
    assert code == 0 and set(answer) == {
        "verdict",
        "dimension",
        "equations",
        "generators",
        "group_order",
        "group",
        "examples",
        "parameters",
        "predictor",
        "optimizers",
        "certificate",
        "theorem",
    }
    assert (answer["verdict"], answer["dimension"], answer["group_order"], answer["examples"]) == ("data-invariant", 6, 2, 4)
    assert answer["generators"][0]["alternatives"] == [{"units": "identity", "dimension": 0}]
    assert sc.verify("c.json", model="mlp:2-4-1:relu").status == "verified"
    text = str(sc.explain("c.json"))
    assert "anything for other data" in text and "x = (-1, -2), y = (-3)" in text and "\\varepsilon" in sc.explain("c.json").latex()
    code, output = run("data", "mlp:2-4-1:relu", "flip", "odd.json", "--json")
    assert code == 2 and "the data are not closed" in output
    code, output = run("data", "lora:2-3-1:tanh:rank=1", "flip; eps = -1", "odd.json", "--json")
    assert code == 4 and "node 4" in output
    assert {path.name for path in tmp_path.iterdir()} == {"odd.json", "c.json"}


def test_merged_examples_are_closed_with_their_weights() -> None:
    net = sc.load_model("mlp:2-2-1:relu")
    data = parse_data(net, {"x": [[1, 2], [1, 2], [-1, -2]], "y": [3, 3, -3], "weight": [1, 2, 3]})
    found = data_invariance(net, parse_symmetry(net, "flip; eps = -1"), data)
    assert [example["weight"] for example in found.certificate["claim"]["data"]] == ["3", "3"]
