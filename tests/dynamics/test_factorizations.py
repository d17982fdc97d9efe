"""Factorisations: the function of the network depends on its parameters through φ; and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import simcert as sc
from simcert.cli import main
from simcert.dynamics.factorizations import factorization
from simcert.dynamics.flow import Numeric
from simcert.errors import ResourceLimit, SpecError
from simcert.models.builder import Builder
from simcert.models.program import Program
from simcert.models.spec import load_model
from tests.models.evaluate import evaluate


def arrays(program: Program, theta: np.ndarray) -> dict[str, np.ndarray]:
    return {name: theta[start : start + int(np.prod(shape))].reshape(shape) for name, (start, shape) in program.offsets().items()}


def test_the_end_to_end_matrix_is_the_network() -> None:
    net, rng = load_model("linear:3-2-4-2"), np.random.default_rng(0)
    theta, x = rng.normal(size=net.size), rng.normal(size=3)
    z = Numeric(factorization(net)).value(theta).reshape(2, 3)
    assert np.allclose(z @ x, evaluate(net, arrays(net, theta), {"x": x})[0])


def test_the_sum_over_active_paths_is_the_network() -> None:
    """F(θ)(x) = Σ over paths of φ_path(θ)·(gates along it)·(its input, or 1 for a bias)."""
    net, rng = load_model("mlp:2-3-3-2:relu:bias"), np.random.default_rng(1)
    for _ in range(5):
        theta, x = rng.normal(size=net.size), rng.normal(size=2)
        w = arrays(net, theta)
        first = w["W1"] @ x + w["b1"]
        second = w["W2"] @ np.maximum(first, 0) + w["b2"]
        on, after = (first > 0).astype(float), (second > 0).astype(float)
        phi, parts, start = Numeric(factorization(net)).value(theta), [], 0
        for shape in ((2, 3, 3, 2), (2, 3, 3), (2, 3), (2,)):
            parts.append(phi[start : start + int(np.prod(shape))].reshape(shape))
            start += int(np.prod(shape))
        total = np.einsum("obai,b,a,i->o", parts[0], after, on, x) + np.einsum("oba,b,a->o", parts[1], after, on) + parts[2] @ after + parts[3]
        assert np.allclose(total, evaluate(net, arrays(net, theta), {"x": x})[0])


def test_the_composed_kernel_is_the_network() -> None:
    net, rng = load_model("conv1d:2-3-2:linear:kernel=2:length=6"), np.random.default_rng(2)
    theta, x = rng.normal(size=net.size), rng.normal(size=(2, 6))
    kernel = Numeric(factorization(net)).value(theta).reshape(2, 2, 3)
    moved = np.stack([x[:, p : p + 3] for p in range(4)])
    assert np.allclose(np.einsum("oik,pik->o", kernel, moved), evaluate(net, arrays(net, theta), {"x": x})[0])


def test_a_network_without_activation_has_a_matrix_and_a_bias() -> None:
    net, rng = load_model("mlp:3-2-2:linear:bias"), np.random.default_rng(3)
    theta, x = rng.normal(size=net.size), rng.normal(size=3)
    z = Numeric(factorization(net)).value(theta)
    assert np.allclose(z[:6].reshape(2, 3) @ x + z[6:], evaluate(net, arrays(net, theta), {"x": x})[0])


@pytest.mark.parametrize(("model", "names"), [("attention:3-2", "QKVO"), ("attention:3-2-2", ""), ("lora:3-4-2:tanh:rank=2", "")])
def test_products_of_two_parameters(model: str, names: str) -> None:
    net, rng = load_model(model), np.random.default_rng(4)
    theta = rng.normal(size=net.size)
    w = arrays(net, theta)
    if model.startswith("lora"):
        expected = [w["B1"] @ w["A1"], w["B2"] @ w["A2"]]
    else:
        heads = [""] if names else ["1", "2"]
        expected = [w[f"{a}{h}"].T @ w[f"{b}{h}"] for h in heads for a, b in ("QK", "VO")]
    assert np.allclose(Numeric(factorization(net)).value(theta), np.concatenate([e.ravel() for e in expected]))


def test_a_program_without_inputs_is_its_own_factorisation(tmp_path: Path) -> None:
    b = Builder("own")
    a = b.parameter("a", 2)
    program = b.program(b.apply("cube", a))
    assert factorization(program) is program
    found = sc.intrinsic(program, {"a": [1, 2]})
    assert (found.verdict, found.lie_dimension, found.rank_phi) == ("intrinsic", 2, 2)


def test_an_undecided_point_says_so() -> None:
    """φ = (a·b, a² − b²): G = |θ|²·diag(1, 4) is a function of φ everywhere, which no method here sees at 0, where φ is flat."""
    b = Builder("squaring")
    x, y = b.parameter("a", 1), b.parameter("b", 1)
    program = b.program([x * y, b.apply("square", x) - b.apply("square", y)])
    assert sc.intrinsic(program, {"a": [1], "b": [2]}).verdict == "intrinsic"
    at_rest = sc.intrinsic(program, {"a": [0], "b": [0]})
    assert (at_rest.verdict, at_rest.where, at_rest.lie_dimension) == ("intrinsic", "orbit", 0)


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ("mlp:2-3-1:tanh", "no factorisation is known"), ("mlp:2-3-1:generic", "no factorisation is known"), ("residual:2-3-1:relu", "for this family"),
        ("conv1d:1-2-1:relu", "other than linear"), ("mlp:2-3-1:square", "no factorisation is known"), ("mlp:2-2-1:poly(0,3)", "activation 3·z"),
    ],
)  # fmt: skip
def test_other_families_are_refused_with_the_list_of_those_that_have_one(model: str, message: str) -> None:
    with pytest.raises(SpecError, match=message) as found:
        factorization(load_model(model))
    assert all(word in str(found.value) for word in ("linear", "relu", "attention", "lora", "without inputs"))


def test_programs_that_are_no_polynomials_are_refused() -> None:
    b = Builder("own")
    with pytest.raises(SpecError, match="activation tanh of a factorisation is not a polynomial"):
        factorization(b.program(b.apply("tanh", b.parameter("a", 2))))


def test_too_many_paths_are_refused_before_any_work() -> None:
    with pytest.raises(ResourceLimit, match="paths"):
        factorization(load_model("mlp:40-40-40-40:relu"))


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["intrinsic", "linear:2-2-2"], 2, "--at"),
        (["intrinsic", "linear:2-2-2", "--at", "nowhere.json"], 2, "there is no such file"),
        (["intrinsic", "linear:2-2-2", "--at", "short.json"], 2, "W1"),
        (["intrinsic", "linear:2-2-2", "--at", "float.json"], 2, "float"),
        (["intrinsic", "mlp:2-2-2:tanh", "--at", "generic"], 2, "known are linear"),
        (["intrinsic", "linear:30-30-30", "--at", "generic"], 5, "1800 parameters"),
        (["laws", "linear:2-2", "--flow", "heat"], 2, "heat"),
        (["laws", "mlp:2-2-2:tanh", "--flow", "momentum"], 2, "known are linear"),
        (["laws", "linear:20-20-20", "--flow", "momentum"], 5, "state space"),
    ],
)
def test_wrong_input_is_named(arguments: list[str], code: int, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "short.json").write_text('{"W2": [["1", "0"], ["0", "1"]]}')
    (tmp_path / "float.json").write_text('{"W1": [[0.5, 0], [0, 1]], "W2": [["1", "0"], ["0", "1"]]}')
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == code and message in done.output
    assert {path.name for path in tmp_path.iterdir()} == {"short.json", "float.json"}


def test_the_command_line_gives_the_numbers_and_a_file(tmp_path: Path) -> None:
    import json

    path = tmp_path / "c.json"
    done = CliRunner().invoke(main, ["intrinsic", "mlp:2-2-1:relu", "--at", "generic", "--json", "-q", "-o", str(path)])
    answer = json.loads(done.output)
    assert done.exit_code == 0 and path.exists()
    assert (answer["verdict"], answer["lie_dimension"], answer["rank_phi"], answer["kernel_dimension"]) == ("intrinsic", 4, 4, 0)
    assert sc.verify(path, model="mlp:2-2-1:relu").status == "verified"
    assert sc.verify(path, model="mlp:2-3-1:relu").status == "other-model"
    flow = CliRunner().invoke(main, ["laws", "linear:2-3-2", "--flow", "momentum", "--json", "-q"])
    assert flow.exit_code == 4 and json.loads(flow.output) | {"seed": 0} == {
        "parameters": 12, "orbit_dimension": None, "count": 3, "complete": False, "laws": [], "certificate": None, "flow": "momentum",
        "state_dimension": 25, "lie_rank": 22, "seed": 0,
    }  # fmt: skip
