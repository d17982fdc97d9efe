"""Orbit dimensions and laws against floating point that shares no code with the package: gradients by finite differences, flows by Runge–Kutta, ranks by SVD.

The orbit of θ has the dimension of the span of all fields pulled back along compositions Φ of flows, (DΦ)⁻¹·Y(Φ(θ)) (Sussmann); many random ones are taken.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from simcert.fields.gates import frozen
from simcert.fields.gradients import Fields
from simcert.fields.orbits import Point
from simcert.fields.uppers import orbit
from simcert.laws.polynomials import Law
from simcert.laws.search import conservation_laws
from simcert.laws.structural import families
from simcert.models.builder import Builder
from simcert.models.points import parse_point
from simcert.models.program import Program
from simcert.models.spec import load_model
from tests.models.evaluate import evaluate, random_arrays

Vector = np.ndarray[Any, Any]
STEP = 1e-5
FUNCTIONS: dict[str, tuple[Callable[[Vector], Vector], Callable[[Vector], Vector]]] = {
    "linear": (lambda z: z, np.ones_like),
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    "sigmoid": (lambda z: 1 / (1 + np.exp(-z)), lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2),
    "relu": (lambda z: np.maximum(z, 0), lambda z: (z > 0) * 1.0),
    "cos": (np.cos, lambda z: -np.sin(z)),
}


class Network:
    """A multilayer network, with or without biases: gradients of its first output by back-propagation, flows, and pulled-back fields."""

    def __init__(self, widths: list[int], function: str, bias: bool) -> None:
        self.widths, self.bias = widths, bias
        self.f, self.slope = FUNCTIONS[function]

    def layers(self, theta: Vector) -> list[tuple[Vector, Vector]]:
        """Weights and biases; the order of the parameters is W1, b1, W2, …"""
        out, at = [], 0
        for n, m in zip(self.widths, self.widths[1:], strict=False):
            w, at = theta[at : at + n * m].reshape(m, n), at + n * m
            b, at = (theta[at : at + m], at + m) if self.bias else (np.zeros(m), at)
            out.append((w, b))
        return out

    def gradient(self, theta: Vector, x: Vector, v: Vector) -> Vector:
        layers, h, seen = self.layers(theta), x, []
        for k, (w, b) in enumerate(layers):
            z = w @ h + b
            seen.append((h, z))
            h = self.f(z) if k < len(layers) - 1 else z
        parts, back = [], v
        for k, (w, _) in reversed(list(enumerate(layers))):
            h, z = seen[k]
            back = back * self.slope(z) if k < len(layers) - 1 else back
            parts.append(np.concatenate([np.outer(back, h).ravel(), back if self.bias else np.zeros(0)]))
            back = w.T @ back
        return np.concatenate(parts[::-1])

    def flow(self, theta: Vector, legs: list[tuple[Vector, Vector, float]], steps: int = 12) -> Vector:
        for x, v, time in legs:
            size = time / steps
            for _ in range(steps):
                one = self.gradient(theta, x, v)
                two = self.gradient(theta + size / 2 * one, x, v)
                three = self.gradient(theta + size / 2 * two, x, v)
                theta = theta + size / 6 * (one + 2 * two + 2 * three + self.gradient(theta + size * three, x, v))
        return theta

    def spectrum(self, theta: Vector, time: float, compositions: int = 6) -> Vector:
        """The singular values of many pulled-back gradients at θ."""
        rng, rows = np.random.default_rng(5), []
        n, outputs, identity = self.widths[0], self.widths[-1], np.eye(len(theta))
        for count in range(compositions):
            legs = [(rng.normal(size=n), rng.normal(size=outputs), time * float(rng.choice([-1, 1]))) for _ in range(count)]
            end = self.flow(theta, legs)
            ends = [(self.flow(theta + STEP * e, legs) - self.flow(theta - STEP * e, legs)) / (2 * STEP) for e in identity]
            fields = np.array([self.gradient(end, rng.normal(size=n), rng.normal(size=outputs)) for _ in range(3 * len(theta))])
            back = np.linalg.solve(np.array(ends).T, fields.T).T
            rows.append(back / np.linalg.norm(back, axis=1, keepdims=True).clip(1e-12))
        return np.linalg.svd(np.concatenate(rows), compute_uv=False)


QUARTERS = [["1/2", "-1/4"], ["1/2", "-1/4"], ["1/2", "-1/4"]]
CASES: list[tuple[str, dict[str, Any], float]] = [
    ("mlp:2-3-1:tanh", {"W1": [["1/4", "1/2"], ["1/4", "1/2"], ["3/4", "-1/4"]], "W2": [[2, -2, 1]]}, 0.5),  # brackets stall below 9
    ("mlp:2-3-1:tanh", {"W1": [["1/4", "1/2"], ["1/4", "1/2"], ["3/4", "-1/4"]], "W2": [[2, 2, 1]]}, 0.5),
    ("mlp:2-3-1:tanh", {"W1": [[0, 0]] * 3, "W2": [[1, 2, -1]]}, 0.7),
    ("mlp:2-2-1:sigmoid", {"W1": [["1/4", "1/2"], ["1/4", "1/2"]], "W2": [[1, -1]]}, 0.7),
    ("mlp:2-2-1:cos", {"W1": [[0, 0], [0, 0]], "W2": [[2, 3]]}, 0.5),
    ("mlp:2-3-3-1:tanh", {"W1": QUARTERS, "W2": [["1/4", "5/4", "3/2"], ["3/2", 1, "1/2"], ["5/4", "3/4", 1]], "W3": [["1/2", "1/2", "1/2"]]}, 0.3),
    ("linear:2-2-2", {"W1": [[1, 2], [2, 4]], "W2": [[1, 2], [3, 6]]}, 0.05),
    ("linear:1-2-2-1", {"W1": [[1], [2]], "W2": [[1, 3], [-2, 1]], "W3": [[2, 1]]}, 0.01),
    ("mlp:1-2-1-1:relu:bias", {"W1": [[1], [2]], "b1": [1, 1], "W2": [[-1, -2]], "b2": [-1], "W3": [[1]], "b3": [1]}, 0.02),
    ("mlp:2-2-1:relu:bias", {"W1": [[0, 0], [0, 0]], "b1": [-1, -2], "W2": [[5, 1]], "b2": [3]}, 0.02),
    ("mlp:1-2-2-1:relu:bias", {"W1": [[0], [1]], "b1": [-1, 2], "W2": [[1, 1], [-2, -1]], "b2": [1, -1], "W3": [[1, 3]], "b3": [1]}, 0.005),
]


@pytest.mark.parametrize("methods", [("words", "transport", "pullback"), ("pullback",)])
@pytest.mark.parametrize(("model", "point", "time"), CASES)
def test_pulled_back_fields_span_the_orbit(model: str, point: dict[str, Any], time: float, methods: tuple[str, ...]) -> None:
    program = load_model(model)
    theta = parse_point(program, point)
    found = orbit(Point(program, theta), methods=methods)
    low, high = found.lower.bound, found.upper.bound
    parts = model.split(":")
    network = Network([int(n) for n in parts[1].split("-")], parts[2] if parts[0] == "mlp" else "linear", "bias" in parts)
    values = network.spectrum(np.array([float(v) for name, _ in program.parameters for v in theta[name]]), time)
    rank = int(np.sum(values > 1e-6 * values[0]))
    assert rank == low
    assert low == high or "relu" in model
    assert values[low:].max(initial=0) < 1e-8 * values[0]


def test_what_is_frozen_is_frozen_near_the_point_and_nothing_else_is() -> None:
    rng = np.random.default_rng(3)
    for model, point, _ in CASES:
        if "relu" not in model:
            continue
        program = load_model(model)
        theta = parse_point(program, point)
        still, units = frozen(Fields(program), theta)
        network = Network([int(n) for n in model.split(":")[1].split("-")], "relu", bias=True)
        start = np.array([float(v) for name, _ in program.parameters for v in theta[name]])
        near = [start + 1e-3 * rng.normal(size=start.size) for _ in range(40)]
        moves = np.any([network.gradient(at, rng.uniform(-3, 3, size=network.widths[0]), np.ones(1)) != 0 for at in near for _ in range(40)], axis=0)
        assert units
        assert np.flatnonzero(~moves).tolist() == still


def softmax_after_relu() -> Program:
    b = Builder("softmax after relu")
    h = b.apply("relu", b.parameter("W1", 3, 2) @ b.input("x", 2))
    return b.program(b.softmax(b.parameter("W2", 3, 3) @ h))


def two_groups() -> Program:
    b = Builder("groups")
    w, v, x = b.parameter("W", 2, 2, 3), b.parameter("V", 2, 2, 2), b.input("x", 3)
    return b.program(b.contract("god,gd->o", v, b.contract("gdi,i->gd", w, x)))


def _difference(program: Program, theta: Vector, inputs: dict[str, Vector], direction: Vector) -> Vector:
    """The derivative of all outputs along a direction of parameter space."""

    def value(at: Vector) -> Vector:
        arrays = {name: at[start : start + int(np.prod(shape))].reshape(shape) for name, (start, shape) in program.offsets().items()}
        return np.concatenate([out.ravel() for out in evaluate(program, arrays, inputs)])

    return (value(theta + STEP * direction) - value(theta - STEP * direction)) / (2 * STEP)


def _law_gradient(law: Law, theta: Vector) -> Vector:
    def value(at: Vector) -> float:
        return float(sum(float(c) * np.prod([at[k] for k in m]) for m, c in law.terms.items()))

    return np.array([(value(theta + STEP * e) - value(theta - STEP * e)) / (2 * STEP) for e in np.eye(theta.size)])


@pytest.mark.parametrize(
    ("build", "method"),
    [
        (lambda: load_model("attention:2-2-2"), "scaling"),  # slices: one law for each head
        (lambda: load_model("attention:3-1-2"), "scaling"),
        (two_groups, "identity"),
        (softmax_after_relu, "joint"),
        (lambda: load_model("mlp:1-2-1:exp:bias"), "identity"),
    ],
)
def test_laws_are_conserved_and_independent_in_floating_point(build: Callable[[], Program], method: str) -> None:
    """∇h is a direction along which no output changes, at random points and inputs; the gradients of the laws have the rank that is claimed."""
    program = build()
    found = conservation_laws(program)
    assert found.certificate["proof"]["law_proof"]["method"] == method
    for seed in range(3):
        theta = np.concatenate([v.ravel() for v in random_arrays(program.parameters, seed).values()])
        laws = {law.text(program): law for law in [*found.laws, *(law for family in families(program) for law in family.laws())]}
        gradients = np.array([_law_gradient(law, theta) for law in laws.values()])
        assert np.linalg.matrix_rank(gradients, tol=1e-6) == found.count
        for row in gradients:
            for other in range(3):
                # ∇F·∇h is the derivative of F along ∇h
                assert np.abs(_difference(program, theta, random_arrays(program.inputs, 10 + other), row / np.linalg.norm(row))).max() < 1e-7
        some = np.random.default_rng(seed).normal(size=theta.size)
        assert np.abs(_difference(program, theta, random_arrays(program.inputs, 10), some)).max() > 1e-3


def test_the_point_of_each_case_is_exact() -> None:
    """The floats of the oracle are the rationals of the claim."""
    for model, point, _ in CASES:
        for values in parse_point(load_model(model), point).values():
            assert all(Fraction(float(v)) == v for v in values)
