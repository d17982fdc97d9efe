"""Trajectories against closed forms and a plain loop in numpy."""

from __future__ import annotations

import math

import numpy as np
import pytest

import simcert as sc
from simcert.crosscheck.arrays import double_precision
from simcert.crosscheck.members import as_defined
from simcert.crosscheck.network import Network
from simcert.crosscheck.training import DATA, DECAY, LOSSES, METHODS, RATE, SNAPSHOTS, STEPS, Problem, Training

pytest.importorskip("diffrax", reason="cross-checks need simcert[jax]")

RNG = np.random.default_rng(3)
START, X, Y = RNG.normal(size=2), RNG.normal(size=(DATA, 2)), RNG.normal(size=(DATA, 1))


def task(methods: list[str], loss: str = "square") -> Problem:
    """F(θ)(x) = θ·x from one start on one data set, by each method."""
    n = len(methods)
    which = np.full(n, LOSSES.index(loss))
    numbers = np.array([METHODS.index(name) for name in methods])
    return Problem(np.tile(START, (n, 1)), np.tile(X, (n, 1, 1)), np.tile(Y, (n, 1, 1)), which, numbers, {}, np.arange(n))


def training() -> Training:
    program = sc.load_model("linear:2-1")
    return Training(Network(program, as_defined(program)))


def gradient(theta: np.ndarray) -> np.ndarray:
    return X.T @ (X @ theta - Y[:, 0]) / DATA


def loop(method: str, step: float) -> list[np.ndarray]:
    """The same methods, written out."""
    theta, first, average, second, out = START.copy(), np.zeros(2), np.zeros(2), np.zeros(2), []
    for k in range(1, STEPS + 1):
        g = gradient(theta)
        first, average, second = 0.9 * first + g, 0.9 * average + 0.1 * g, 0.999 * second + 0.001 * g**2
        size = np.sqrt(second / (1 - 0.999**k)) + RATE / step
        theta = theta - {
            "gd": step * g, "momentum": 0.2 * step * first, "nesterov": 0.2 * step * (g + 0.9 * first), "weight-decay": step * (g + DECAY * theta),
            "adam": RATE * average / (1 - 0.9**k) / size, "rmsprop": RATE * g / size, "signsgd": RATE * np.sign(g),
        }[method]  # fmt: skip
        if k % (STEPS // SNAPSHOTS) == 0:
            out.append(theta - START)
    return out


def test_discrete_methods_are_what_their_names_say() -> None:
    methods = [name for name in METHODS if name != "sgd"]
    with double_precision():
        found = np.asarray(training().discrete(*task(methods).arguments))
        step = float(training().scale(START, lambda theta: X.T @ (X @ theta - Y[:, 0]) / DATA)[1])
    assert 1e-3 < step < 1.0
    for name, ways in zip(methods, found, strict=True):
        assert np.allclose(ways, loop(name, step), rtol=1e-9), name


def test_sgd_moves_like_gradient_descent_on_average() -> None:
    with double_precision():
        found = np.asarray(training().discrete(*task(["sgd"] * 64 + ["gd"]).arguments))
    noisy, exact = found[:64], found[64]
    assert np.std(noisy[:, -1], axis=0).min() > 1e-3
    assert np.allclose(noisy[:, 0].mean(axis=0), exact[0], atol=4 * np.std(noisy[:, 0], axis=0).max() / 8)


def test_gradient_flow_is_the_matrix_exponential() -> None:
    with double_precision():
        ways = np.asarray(training().flow(*task(["gd"]).arguments))[0]
        step = float(training().scale(START, lambda theta: X.T @ (X @ theta - Y[:, 0]) / DATA)[1])
    values, vectors = np.linalg.eigh(X.T @ X / DATA)
    minimum = np.linalg.lstsq(X, Y[:, 0], rcond=None)[0]
    for k, way in enumerate(ways, 1):
        decayed = vectors @ (np.exp(-values * step * STEPS * k / SNAPSHOTS) * (vectors.T @ (START - minimum)))
        assert np.allclose(way, minimum + decayed - START, atol=1e-7)


@pytest.mark.parametrize("loss", LOSSES)
def test_losses(loss: str) -> None:
    def wanted(output: float, y: float) -> float:
        d = output - y
        return {
            "square": d * d / 2, "logistic": math.log1p(math.exp(-math.copysign(1, y) * output)), "Huber": d * d / 2 if abs(d) < 1 else abs(d) - 0.5,
            "non-convex": math.log1p(d * d) + math.cos(d) / 4,
        }[loss]  # fmt: skip

    with double_precision():
        found = float(training().loss(START, X, Y, np.full(DATA, 1 / DATA), np.int64(LOSSES.index(loss)), {}))
    assert np.isclose(found, np.mean([wanted(float(x @ START), float(y)) for x, y in zip(X, Y[:, 0], strict=True)]))
