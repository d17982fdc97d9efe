"""The intrinsic flow in floats against the flow of the parameters, and against the formulas of the literature."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import simcert as sc
from simcert.dynamics.factorizations import factorization
from simcert.dynamics.flow import Numeric, neural_ode_flow
from simcert.errors import UndecidedError
from simcert.models.points import parse_point
from simcert.models.spec import load_model


def times(n: int, value: str = "1") -> list[list[str]]:
    return [[value if i == j else "0" for j in range(n)] for i in range(n)]


def runge_kutta(velocity: Any, x: Any, time: float, steps: int) -> Any:
    step = time / steps
    for _ in range(steps):
        a = velocity(x)
        b = velocity(x + step / 2 * a)
        c = velocity(x + step / 2 * b)
        x = x + step / 6 * (a + 2 * b + 2 * c + velocity(x + step * c))
    return x


CASES: list[tuple[str, Any, float, float]] = [
    ("linear:2-2-2", {"W2": times(2), "W1": times(2)}, 0.3, 1e-10),
    ("linear:2-2-2", {"W2": times(2, "5/4"), "W1": times(2, "3/4")}, 0.3, 1e-10),
    ("linear:2-2-2", {"W2": times(2, "3/4"), "W1": times(2, "5/4")}, 0.3, 1e-10),
    ("linear:3-2-3", {"W2": [[1, 2], [0, 1], [1, 1]], "W1": [[1, 0, 1], [2, 1, 1]]}, 0.1, 1e-5),
    ("linear:2-2-3", {"W2": [["5/4", 0], [0, "5/4"], [0, 0]], "W1": times(2, "3/4")}, 0.2, 1e-9),
    ("linear:3-2-2", {"W2": times(2, "3/4"), "W1": [["5/4", 0, 0], [0, "5/4", 0]]}, 0.2, 1e-9),
    ("linear:2-4-2", {"W2": [[1, 0, 0, 0], [0, 1, 0, 0]], "W1": [[0, 0], [0, 0], [1, 0], [0, 1]]}, 0.3, 1e-10),
    ("linear:2-4-2", {"W2": [[2, 0, 0, 0], [0, 2, 0, 0]], "W1": [[0, 0], [0, 0], [1, 0], [0, 1]]}, 0.3, 1e-9),
    ("linear:2-2-2-2", {"W3": times(2), "W2": times(2), "W1": times(2)}, 0.3, 1e-10),
    ("linear:2-2-2-2", {"W3": times(2, "13/5"), "W2": times(2, "12/5"), "W1": times(2)}, 0.02, 1e-7),
    ("linear:2-2-2-2", {"W3": times(2), "W2": times(2, "12/5"), "W1": times(2, "3")}, 0.02, 1e-6),
    ("linear:1-1-1", {"W2": [[2]], "W1": [[-1]]}, 0.3, 1e-10),
    ("linear:1-1-2", {"W2": [[2], [1]], "W1": [[-1]]}, 0.2, 1e-9),
    ("linear:1-1-1-1", {"W3": [[2]], "W2": [[-1]], "W1": [["1/2"]]}, 0.2, 1e-9),
    ("attention:2-2", {"Q": times(2), "K": times(2), "V": times(2, "5/4"), "O": times(2, "3/4")}, 0.3, 1e-10),
    ("mlp:2-2-1:relu", {"W1": [[1, "1/2"], [-1, 2]], "W2": [[1, "-1/2"]]}, 0.1, 1e-9),
    ("mlp:1-2-1:relu:bias", {"W1": [[1], [-1]], "b1": ["1/2", "1/3"], "W2": [[1, "1/2"]], "b2": ["1/4"]}, 0.05, 1e-9),
]


@pytest.mark.parametrize(("model", "point", "time", "close"), CASES, ids=[f"{k}-{case[0]}" for k, case in enumerate(CASES)])
def test_the_image_of_the_parameters_obeys_the_intrinsic_flow(model: str, point: Any, time: float, close: float) -> None:
    program = factorization(load_model(model))
    theta = parse_point(program, point)
    flow, rng = sc.intrinsic_flow(model, point), np.random.default_rng(1)
    shape, target = flow.start.shape, flow.start + rng.normal(size=flow.start.shape)
    start = np.array([float(v) for name, _ in program.parameters for v in theta[name]])

    def gradient(z: Any) -> Any:
        return (z - target) + 0.1 * z**3

    end = runge_kutta(lambda t: flow.numeric.velocity(t, lambda z: gradient(z.reshape(shape)).ravel()), start, time, 100)
    z = runge_kutta(lambda y: flow(y, gradient(y)), flow.start, time, 100)
    assert np.abs(z - flow.start).max() > 1e-2
    assert np.abs(flow.numeric.value(end).reshape(shape) - z).max() < close


def test_the_derivative_of_a_factorisation_is_the_limit_of_differences() -> None:
    numeric, rng = Numeric(factorization(load_model("mlp:2-2-2-1:relu:bias"))), np.random.default_rng(3)
    theta, step = rng.normal(size=15), rng.normal(size=15)
    difference = (numeric.value(theta + 1e-6 * step) - numeric.value(theta - 1e-6 * step)) / 2e-6
    assert np.allclose(numeric.jacobian(theta) @ step, difference, atol=1e-8)


@pytest.mark.parametrize("c", [(2, 1), (1, 2), (3, 3), (-1, 2)])
def test_the_scalar_formula(c: tuple[int, int]) -> None:
    """ż = −√(4z² + c²)·ℓ'(z) with c = u² − v²."""
    u, v = c
    flow = sc.intrinsic_flow("linear:1-1-1", {"W2": [[u]], "W1": [[v]]})
    for z in (-2.0, 0.0, 0.3, 5.0):
        assert flow([[z]], [[1.0]])[0, 0] == pytest.approx(-np.sqrt(4 * z * z + (u * u - v * v) ** 2))


def test_the_balanced_formula() -> None:
    """Ż = −(ZZᵀ)^{1/2}E − E(ZᵀZ)^{1/2}."""
    flow, rng = sc.intrinsic_flow("linear:2-2-2", {"W2": times(2), "W1": times(2)}), np.random.default_rng(0)
    z, e = rng.normal(size=(2, 2, 2))
    p, sigma, q = np.linalg.svd(z)
    assert np.allclose(flow(z, e), -(p * sigma) @ p.T @ e - e @ (q.T * sigma) @ q)


@pytest.mark.parametrize("point", ["generic", {"W2": [[1, 0], [0, 1], [0, 0]], "W1": [[0, 0], [0, 0]]}])
def test_no_flow_is_made_up(point: Any) -> None:
    with pytest.raises(UndecidedError, match="no intrinsic flow is known: not-intrinsic"):
        sc.intrinsic_flow("linear:2-2-3", point)


def test_a_point_far_from_the_image_is_refused() -> None:
    """Every slice φ[:, b, :] is of rank one."""
    flow = sc.intrinsic_flow("mlp:2-2-2:relu", {"W1": [[1, 2], [-1, 2]], "W2": [[1, -1], [2, 1]]})
    beside = flow.start.copy()
    beside[:, 0, :] = 10 * np.eye(2)
    with pytest.raises(UndecidedError, match="could not be recovered"):
        flow(beside, flow.start)


def test_the_neural_ode_has_the_integral_as_its_velocity() -> None:
    rng = np.random.default_rng(4)
    z, e = rng.normal(size=(2, 3, 3))

    def power(a: Any, t: float) -> Any:
        values, vectors = np.linalg.eigh(a)
        return (vectors * values**t) @ vectors.T

    nodes, weights = np.polynomial.legendre.leggauss(40)
    total = sum(w / 2 * power(z @ z.T, (1 - u) / 2) @ e @ power(z.T @ z, (1 + u) / 2) for u, w in zip(nodes, weights, strict=True))
    assert np.allclose(neural_ode_flow(z, e), -total)
    assert np.allclose(neural_ode_flow(2 * np.eye(3), e), -4 * e)


def test_deep_networks_approach_the_neural_ode_at_rate_one() -> None:
    path = Path(__file__).parents[2] / "examples" / "03_linear_neural_ode.py"
    spec = importlib.util.spec_from_file_location("linear_neural_ode", path)
    assert spec is not None and spec.loader is not None
    example = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(example)
    rng = np.random.default_rng(7)
    generator, target = rng.normal(size=(3, 3)) / 3, rng.normal(size=(3, 3))
    for gap in (0.0, 2.0, -1.5):
        found = example.errors(gap, [8, 16, 32], generator + generator.T, target)
        assert found[0] > found[1] > found[2] and example.rate([16, 32], found[1:]) == pytest.approx(1.0, abs=0.1)
        layers = example.start(8, gap, generator + generator.T)
        gram = [layers[k + 1].T @ layers[k + 1] - layers[k] @ layers[k].T for k in range(7)]
        assert np.allclose(gram, gap / 64 * np.eye(3))
