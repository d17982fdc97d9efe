"""JAX floats against numpy: every activation with its derivatives, every operation, and gradients against the gradient program."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import simcert as sc
from simcert.crosscheck.arrays import double_precision, function, require
from simcert.crosscheck.members import as_defined
from simcert.crosscheck.network import FloatSubspace, Network
from simcert.errors import MissingExtraError, SpecError
from simcert.fields.gradients import Fields
from simcert.models.activations import SHORTHANDS, float_function, lookup
from tests.models.evaluate import evaluate, random_arrays

pytest.importorskip("diffrax", reason="cross-checks need simcert[jax]")

MODELS = [
    "mlp:2-3-2:tanh:bias", "linear:2-3-1", "attention:2-1-2:tokens=2", "conv1d:1-2-1:gelu:kernel=2:length=4", "residual:2-2-1:erf:hidden=3", "lora:2-2-1:sin",
    "mlp:2-3-1:leaky_relu",
]  # fmt: skip


def numpy_gradient(model: str, theta: np.ndarray, x: np.ndarray, v: np.ndarray) -> np.ndarray:
    """The gradient by central differences of the evaluator of the tests."""

    def pairing(point: np.ndarray) -> float:
        program = sc.load_model(model)
        values = evaluate(program, by_name(program.parameters, point), by_name(program.inputs, x))
        return float(np.concatenate([value.ravel() for value in values]) @ v)

    return np.array([(pairing(theta + h) - pairing(theta - h)) / 2e-6 for h in 1e-6 * np.eye(len(theta))])


def by_name(shapes: Any, flat: np.ndarray) -> dict[str, np.ndarray]:
    out, start = {}, 0
    for name, shape in shapes:
        size = int(np.prod(shape))
        out[name] = flat[start : start + size].reshape(shape)
        start += size
    return out


@pytest.mark.parametrize("word", [word for word, activation in SHORTHANDS.items() if activation.cls is None])
def test_every_function_and_eight_derivatives_are_those_of_the_table(word: str) -> None:
    z = np.linspace(0.3, 2.1, 7) if word in ("reciprocal", "rsqrt") else np.linspace(-2.0, 2.0, 9)
    with double_precision():
        for order in range(9):
            wanted = float_function(lookup(word), order)(z)
            assert np.allclose(np.asarray(function(lookup(word))(z, order)), wanted, rtol=1e-11, atol=1e-11 * np.abs(wanted).max()), order


def test_a_class_is_not_one_function() -> None:
    with pytest.raises(SpecError, match="not one function"):
        function(lookup("odd"))


@pytest.mark.parametrize("model", MODELS)
def test_values_and_gradients_are_those_of_numpy(model: str) -> None:
    program = sc.load_model(model)
    network = Network(program, as_defined(program))
    rng = np.random.default_rng(5)
    theta, x = rng.normal(size=program.size), rng.normal(size=(3, network.inputs))
    v = rng.normal(size=(3, network.outputs))
    with double_precision():
        values, gradients = np.asarray(network.forward(theta, x, {})), np.asarray(network.some_gradients(theta, x, v, {}))
    assert values.dtype == gradients.dtype == np.float64
    for row, covector, value, gradient in zip(x, v, values, gradients, strict=True):
        wanted = evaluate(program, by_name(program.parameters, theta), by_name(program.inputs, row))
        assert np.allclose(value, np.concatenate([part.ravel() for part in wanted]), rtol=1e-12)
        assert np.allclose(gradient, numpy_gradient(model, theta, row, covector), atol=1e-6)


def test_the_derivative_program_runs_in_jax_too() -> None:
    from simcert.crosscheck.arrays import JaxFloats
    from simcert.exact.arrays import run

    program = sc.load_model("conv1d:1-2-1:tanh:kernel=2:length=3")
    network, gradient = Network(program, as_defined(program)), Fields(program).gradient
    theta, x = random_arrays(program.parameters, 1), random_arrays(program.inputs, 2)
    covector = random_arrays((("v0", program.nodes[program.outputs[0]].shape),), 3)
    wanted = [node for node in gradient.leaves.values() if node is not None]
    with double_precision():
        leaves = {name: value[None] for name, value in {**theta, **x, **covector}.items()}
        values = run(gradient.nodes, JaxFloats(network.activations.functions({})), leaves, wanted)
        flat = np.concatenate([theta[name].ravel() for name, _ in program.parameters])
        own = network.some_gradients(flat, x["x"].reshape(1, -1), covector["v0"].reshape(1, -1), {})
    parts = {program.nodes[leaf].name: np.asarray(values[node]).ravel() for leaf, node in gradient.leaves.items() if node is not None}
    assert np.allclose(np.concatenate([parts[name] for name, _ in program.parameters]), np.asarray(own)[0], rtol=1e-12)


def test_nothing_global_changes() -> None:
    import jax.numpy as jnp

    before = jnp.ones(1).dtype
    with double_precision():
        assert jnp.ones(1).dtype == np.float64
    assert jnp.ones(1).dtype == before


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    import importlib.util

    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"jax is not installed; install simcert\[jax\]"):
        require()


def test_points_of_a_float_subspace_satisfy_its_equations() -> None:
    space = sc.subspace("mlp:2-3-1:tanh", "W1[0,:] = 3/4 W1[1,:]; W2[0,0] + W2[0,1] - 2 W2[0,2] = 1/2")
    floats = FloatSubspace.from_json(9, space.to_json())
    points = floats.points(np.random.default_rng(0), 20)
    assert np.allclose(points[:, 0], 0.75 * points[:, 2]) and np.allclose(points[:, 6] + points[:, 7] - 2 * points[:, 8], 0.5)
    assert floats.dimension == 6 and np.linalg.matrix_rank(points - points[0]) == 6
    aside = np.zeros(9)
    aside[0] = 5.0
    assert np.isclose(floats.distance(aside), 4.0)  # 5 times the first entry of the unit vector along (1, -3/4)
