"""Reduced networks: the widths and metrics that are known, one step of descent exactly, trajectories, and what is refused."""

from __future__ import annotations

import json
import random
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

import simcert as sc
from simcert.certificates import codec
from simcert.checker import check_text
from simcert.cli import main
from simcert.errors import SpecError, UndecidedError
from simcert.groups.quotient import Quotient, quotient
from simcert.models.program import from_json
from tests.models.evaluate import evaluate
from tests.oracle import Ring, function, inputs_of
from tests.oracle_quotient import gradients, reduces

KNOWN: list[tuple[str, str, str, list[list[Any]], int, dict[str, str]]] = [
    ("mlp:2-3-1:tanh", "tie(1: 0,1)", "mlp:2-2-1:tanh", [[2, 1]], 0, {"W1": "1/2 1/2 1 1", "W2": "2 1"}),
    ("mlp:2-3-1:tanh", "tie(1: 0,-1); dead(1: 2)", "mlp:2-1-1:tanh", [[2]], 0, {"W1": "1/2 1/2", "W2": "2"}),
    ("mlp:1-4-2:softplus:bias", "tie(1: 0,1,3)", "mlp:1-2-2:softplus:bias", [[3, 1]], 0, {"W1": "1/3 1", "b1": "1/3 1", "W2": "3 1 3 1", "b2": "1 1"}),
    ("mlp:1-4-6-1:tanh", "tie(1: 0,1); tie(2: 0,1,2)", "mlp:1-3-4-1:tanh", [[2, 1, 1], [3, 1, 1, 1]], 0,
     {"W1": "1/2 1 1", "W2": "2/3 1/3 1/3 2 1 1 2 1 1 2 1 1", "W3": "3 1 1 1"}),
    ("mlp:2-2-2-1:generic", "swap(1: 0,1) * swap(2: 0,1)", "mlp:2-1-1-1:generic", [[2], [2]], 1, {"W1": "1/2 1/2", "W2": "1", "W3": "2"}),
    ("linear:3-2-3", "3*W1[0,:] = 4*W1[1,:]; 3*W2[:,0] = 4*W2[:,1]", "linear:3-1-3", [[25]], 0, {"W1": "1/25 1/25 1/25", "W2": "25 25 25"}),
    ("mlp:3-2-2:relu", "3*W1[0,:] = 4*W1[1,:]; 3*W2[:,0] = 4*W2[:,1]", "mlp:3-1-2:relu", [[Fraction(25, 16)]], 0,
     {"W1": "16/25 16/25 16/25", "W2": "25/16 25/16"}),
    ("mlp:2-2-1:logcosh", "W1[0,:] = 0; W2[0,0] = 7/2", "mlp:2-1-1:logcosh", [[1]], 0, {"W1": "1 1", "W2": "1"}),
    ("mlp:2-3-1:abs", "W1[0,:] = -W1[1,:]; W2[:,0] = W2[:,1]", "mlp:2-2-1:abs", [[2, 1]], 0, {"W1": "1/2 1/2 1 1", "W2": "2 1"}),
]  # fmt: skip


@pytest.mark.parametrize(("model", "text", "small", "multiplicities", "frozen", "metric"), KNOWN)
def test_known_reductions(model: str, text: str, small: str, multiplicities: list[list[Any]], frozen: int, metric: dict[str, str]) -> None:
    found = sc.quotient(model, text)
    assert found.program == sc.load_model(small) and found.program.title == small
    assert (found.multiplicities, found.frozen) == (multiplicities, frozen)
    assert {name: " ".join(map(str, values)) for name, values in found.metrics().items()} == metric
    assert found.certificate.verify().status == "verified" and reduces(found.data)


def test_null_units_of_an_even_function_are_one_unit_with_a_constant_value() -> None:
    found = sc.quotient("mlp:2-3-1:cos", "W1[0,:] = 0; W1[1,:] = 0")
    assert found.widths == [2, 2, 1] and found.multiplicities == [[2, 1]] and found.frozen == 1 and found.program.size == 4
    assert reduces(found.data)


@pytest.mark.parametrize(
    ("model", "beyond"),
    [("mlp:2-3-1:odd", True), ("mlp:1-2-2-1:generic:bias", True), ("mlp:2-2-1:even:bias", True),
     ("attention:1-1-2:tokens=2", False), ("lora:1-2-1:odd:rank=2", False)],
)  # fmt: skip
def test_every_subspace_of_a_lattice_has_a_quotient(model: str, beyond: bool) -> None:
    found = 0
    for node in sc.lattice(model, "full", beyond=beyond, signed_only=True).nodes:
        if not node.subspace.rows:
            continue
        try:
            small = quotient(node.subspace.program, node.subspace)
        except UndecidedError as error:
            assert "nothing is left to train" in str(error)
            continue
        found += 1
        assert small.program.size + small.frozen == node.dimension and reduces(small.data, points=1)
    assert found > 2


@st.composite
def tied_networks(draw: st.DrawFn, functions: tuple[str, ...]) -> tuple[str, str]:
    """A network of two or three layers with tied, opposite and dead units."""
    hidden = draw(st.lists(st.integers(2, 4), min_size=1, max_size=2))
    word = draw(st.sampled_from(functions))
    odd = word in ("cube", "tanh", "poly(0,1,0,-1/3)")
    out: list[str] = []
    for layer, n in enumerate(hidden, 1):
        units = draw(st.permutations(range(n)))
        k = draw(st.integers(0, n))
        signs = [draw(st.sampled_from((1, -1))) if odd and u else 1 for u in units]
        if k > 1:
            tied = sorted(zip(units[:k], signs[:k], strict=True), key=lambda pair: pair[1] < 0)
            if tied[0][1] > 0:
                units_text = ",".join(("-" if s < 0 else "") + str(u) for u, s in tied)
                out.append(f"tie({layer}: {units_text})")
        if odd and k < n and draw(st.booleans()):
            out.append(f"dead({layer}: {units[k]})")
    assume(out)
    model = f"mlp:{draw(st.integers(1, 2))}-{'-'.join(map(str, hidden))}-{draw(st.integers(1, 2))}:{word}{draw(st.sampled_from(('', ':bias')))}"
    return model, "; ".join(out)


def found_or_skip(model: str, text: str) -> Quotient:
    try:
        return sc.quotient(model, text)
    except UndecidedError as error:
        assert "nothing is left to train" in str(error)
        assume(False)
        raise


@settings(max_examples=60, deadline=None, derandomize=True)
@given(tied_networks(("cube", "square", "poly(0,1,0,-1/3)", "poly(1/2,1,1/3)")), st.integers(0, 10**6))
def test_a_step_of_descent_is_a_step_of_the_small_network_exactly(question: tuple[str, str], seed: int) -> None:
    found, rng, ring = found_or_skip(*question), random.Random(seed), Ring("fraction")
    event(f"{len(found.widths) - 2} hidden layers")
    theta = found.subspace.random_point(rng, 3)
    big, small = found.data["model"], found.data["claim"]["small"]
    functions = {name: function(ring, definition, "itself", rng) for name, definition in big["activations"].items()}
    x = inputs_of(big, ring, rng)
    rate, flat = Fraction(1, 7), [v for values in found.image(found.subspace.named(theta)).values() for v in values]
    values, slopes, _ = gradients(big, ring, functions, theta, x)
    others, small_slopes, _ = gradients(small, ring, functions, flat, x)
    assert values == others
    targets = [Fraction(rng.randint(-3, 3)) for _ in values]
    after = [t - rate * sum(g * (f - y) for g, f, y in zip(row, values, targets, strict=True)) for t, row in zip(theta, slopes, strict=True)]
    step = [
        v - rate * m * sum(g * (f - y) for g, f, y in zip(row, others, targets, strict=True))
        for v, m, row in zip(flat, found.metric, small_slopes, strict=True)
    ]
    assert found.subspace.contains(after)
    assert [v for values in found.image(found.subspace.named(after)).values() for v in values] == step


@settings(max_examples=12, deadline=None, derandomize=True)
@given(tied_networks(("tanh",)), st.integers(0, 10**6))
def test_trajectories_are_those_of_the_small_network_in_both_forms(question: tuple[str, str], seed: int) -> None:
    """Descent of the big network, of the small one with its metric, and of the rescaled small one without: the same outputs all along."""
    found, rng = found_or_skip(*question), random.Random(seed)
    data = [(np.array([rng.gauss(0, 1) for _ in range(found.big.inputs[0][1][0])]), rng.gauss(0, 1)) for _ in range(3)]
    theta = np.array([float(v) / 3 for v in found.subspace.random_point(rng, 3)])
    matrix = np.zeros((found.program.size, found.big.size))
    for p, row in enumerate(found.rows):
        for q, c in row.items():
            matrix[p, q] = float(c)
    metric = np.array([float(m) for m in found.metric])
    v = matrix @ theta
    u = v / np.sqrt(metric)
    for _ in range(25):
        theta = theta - 0.1 * slope(found.big, theta, data)
        v = v - 0.1 * metric * slope(found.program, v, data)
        u = u - 0.1 * np.sqrt(metric) * slope(found.program, np.sqrt(metric) * u, data)
        assert np.allclose(matrix @ theta, v, atol=1e-6) and np.allclose(np.sqrt(metric) * u, v, atol=1e-6)
    x = data[0][0]
    assert np.allclose(outputs(found.big, theta, x), outputs(found.program, v, x), atol=1e-6)


def outputs(program: Any, theta: np.ndarray, x: np.ndarray) -> np.ndarray:
    values = {name: theta[start : start + int(np.prod(shape))].reshape(shape) for name, (start, shape) in program.offsets().items()}
    return np.concatenate([np.ravel(array) for array in evaluate(program, values, {"x": x})])


def slope(program: Any, theta: np.ndarray, data: list[tuple[np.ndarray, float]]) -> np.ndarray:
    """The gradient of the mean squared error by central differences."""

    def loss(point: np.ndarray) -> float:
        return sum(float(np.sum((outputs(program, point, x) - y) ** 2)) for x, y in data) / 6

    out = np.zeros(len(theta))
    for k in range(len(theta)):
        step = np.zeros(len(theta))
        step[k] = 1e-5
        out[k] = (loss(theta + step) - loss(theta - step)) / 2e-5
    return out


def test_image_refuses_points_outside() -> None:
    found = sc.quotient("mlp:1-2-1:tanh", "tie(1: 0,1)")
    image = found.image({"W1": [Fraction(2), Fraction(2)], "W2": [Fraction(5), Fraction(5)]})
    assert image == {"W1": [Fraction(2)], "W2": [Fraction(10)]}
    with pytest.raises(SpecError, match="does not lie"):
        found.image({"W1": [Fraction(1), Fraction(2)], "W2": [Fraction(5), Fraction(5)]})


@pytest.mark.parametrize(
    ("model", "text", "error", "words"),
    [
        ("mlp:2-3-1:tanh", "W1[0,:] = W1[1,:]", SpecError, "not invariant"),
        ("mlp:2-3-1:sigmoid", "tie(1: 0,-1)", SpecError, "not invariant"),
        ("mlp:2-2-1:tanh", "dead(1: 0,1)", UndecidedError, "nothing is left to train"),
        ("linear:2-2-2", "W1 = 0; W2 = 0", UndecidedError, "nothing is left to train"),
    ],
)
def test_refusals_have_reasons(model: str, text: str, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        sc.quotient(model, text)


def test_a_larger_network_takes_seconds() -> None:
    found = sc.quotient("mlp:16-64-64-10:tanh", "tie(1: 0,1,-2); tie(2: 3,4,5); dead(2: 7)")
    assert found.widths == [16, 62, 61, 10] and found.data["proof"]["method"] == "expansion"


def test_same_seed_same_bytes() -> None:
    first, second = (codec.canonical(sc.quotient("mlp:2-3-2-1:tanh", "tie(1: 0,-1); tie(2: 0,1)", seed=3).data) for _ in range(2))
    assert first == second


def test_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run = CliRunner()
    done = run.invoke(main, ["quotient", "mlp:2-3-1:tanh", "tie(1: 0,1)", "--small", "small.json", "-o", "q.json", "--json", "--quiet"])
    answer = json.loads(done.stdout)
    assert done.exit_code == 0 and answer["widths"] == [2, 2, 1] and answer["multiplicities"] == [[2, 1]] and answer["certificate"] == "q.json"
    assert answer["metric"] == {"W1": ["1/2", "1/2", "1", "1"], "W2": ["2", "1"]} and answer["small"] == "small.json" and answer["model"] == "mlp:2-2-1:tanh"
    assert check_text(Path("q.json").read_bytes()).status == "verified"
    assert from_json(json.loads(Path("small.json").read_text())) == sc.load_model("mlp:2-2-1:tanh")
    again = run.invoke(main, ["prove", "small.json", "tie(1: 0,1)", "--json", "--quiet", "-o", "p.json"])
    assert again.exit_code == 0 and json.loads(again.stdout)["verdict"] == "invariant"
    assert run.invoke(main, ["lattice", "small.json", "--quiet", "-o", "l.json"]).exit_code == 0
    assert "mlp:2-2-1:tanh: 6 parameters instead of 9" in run.invoke(main, ["quotient", "mlp:2-3-1:tanh", "tie(1: 0,1)"]).stdout
    for arguments, code, words in (
        (["mlp:2-3-1:tanh", "W1[0,:] = W1[1,:]"], 2, "simcert prove"),
        (["mlp:2-2-1:tanh", "dead(1: 0,1)"], 4, "nothing is left"),
        (["mlp:2-3-1:tanh", "tie(1: 0,1)", "--export", "onnx"], 2, "cannot export"),
        (["mlp:2-3-1:tanh", "tie(1: 0,1)", "--export", "torch:reduced.txt"], 2, "not a Python file"),
        (["mlp:2-3-1:tanh", "tie(1: 0,7)"], 2, "7"),
    ):
        failed = run.invoke(main, ["quotient", *arguments])
        assert failed.exit_code == code and words in failed.output, failed.output


def test_the_theorem_in_words(tmp_path: Path) -> None:
    certificate = sc.quotient("mlp:2-2-2-1:generic", "swap(1: 0,1) * swap(2: 0,1)").certificate
    text = str(certificate)
    assert "?" not in certificate._repr_latex_() and "?" not in sc.explain(certificate.save(tmp_path / "q.json")).latex()
    assert "G = W3·generic(W2·generic(W1·x))" in text and "G.W3[0,0] = W3[0,0] + W3[0,1]" in text and "1/2 on W1" in text
    assert "do not move" in certificate.verify().statement
