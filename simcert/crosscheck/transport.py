"""Tangent spaces of orbits in floats: fields pulled back along flows, and the singular values of many of them.

With Φ the flow of a time-dependent combination of gradient fields, (Φ_t)^*Y = (DΦ_t)^{-1} Y∘Φ_t is tangent to the orbit, and such vectors span its tangent
space (Sussmann, Trans. AMS 180, 1973). First the point itself is moved along a flow: the dimension of the orbit stays, and at a typical point of the
orbit the singular values that are not 0 are larger than at a degenerate one.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from simcert.crosscheck.arrays import compiled
from simcert.crosscheck.evidence import Finding, Line, Panel, number
from simcert.crosscheck.members import Coefficients
from simcert.crosscheck.network import Floats, Network
from simcert.crosscheck.training import integrate

Array = Any

PARAMETERS = 300  # frames DΦ are dense M × M matrices
CONTROLS, TIMES = 4, (1 / 3, 2 / 3, 1.0)
FLOOR, NOISE = 1e-13, 1e-7  # singular values below the first are rounding errors; what is not counted must be below the second
CONDITION = 1e10  # of frames that are not used
GAP, CERTAIN = 30.0, 1e4  # the least gap that tells a rank, and that contradicts a claim


@dataclass(frozen=True)
class Transport:
    """Flows with frames of one network; its members' `coefficients` are arguments, without a batch axis."""

    network: Network

    def _combination(self, theta: Array, time: Array, control: Any, coefficients: Coefficients) -> Array:
        """The gradient of Σ_p c_p(t) ⟨v_p, F(θ)(x_p)⟩, c_p(t) = s·cos(ω_p t + φ_p)."""
        import jax
        import jax.numpy as jnp

        x, v, waves, size = control
        weights = size * jnp.cos(waves[:, 0] * time + waves[:, 1])
        return jax.grad(lambda point: ((self.network.forward(point, x, coefficients) * v).sum(axis=1) * weights).sum())(theta)

    def _flow(self, theta: Array, x: Array, v: Array, waves: Array, reach: Array, coefficients: Coefficients) -> tuple[Array, Array]:
        import diffrax
        import jax
        import jax.numpy as jnp

        def field(point: Array) -> Array:
            return self._combination(point, 0.0, (x, v, jnp.zeros_like(waves), 1.0), coefficients)

        w = field(theta)
        length = jnp.linalg.norm(w) / (1 + jnp.linalg.norm(theta))
        for _ in range(4):
            w = jax.jvp(field, (theta,), (w / (jnp.linalg.norm(w) + 1e-30),))[1]
        control = (x, v, waves, jnp.minimum(10.0, reach / (length + jnp.linalg.norm(w) + 1e-12)))

        def change(t: Array, state: Any, _: Any) -> Any:
            point, frame = state
            moved = jax.vmap(lambda column: jax.jvp(lambda p: self._combination(p, t, control, coefficients), (point,), (column,))[1], 1, 1)(frame)
            return self._combination(point, t, control, coefficients), moved

        start = (theta, jnp.eye(theta.shape[0]))
        return integrate(diffrax.ODETerm(change), diffrax.Tsit5(), start, jnp.asarray(TIMES), 1e-11)

    @cached_property
    def flows(self) -> Any:
        """Compiled: starts (Q, M), inputs (Q, 4, D), covectors (Q, 4, K), waves (Q, 4, 2), reach (Q,) to points (Q, 3, M) and frames DΦ (Q, 3, M, M)."""
        import jax

        return compiled(jax.vmap(self._flow, (0, 0, 0, 0, 0, None)))

    def curves(self, starts: Floats, rng: np.random.Generator, reach: float, pool: Floats, coefficients: Coefficients) -> tuple[Floats, Floats]:
        """Random flows from each start, (Q, M), with fields at inputs of the pool (n, D)."""
        count = len(starts)
        x = pool[rng.integers(len(pool), size=(count, CONTROLS))]
        v = rng.normal(size=(count, CONTROLS, self.network.outputs))
        waves = np.stack([rng.uniform(1, 6, (count, CONTROLS)), rng.uniform(0, 2 * np.pi, (count, CONTROLS))], axis=2)
        points, frames = self.flows(starts, x, v, waves, np.full(count, reach), coefficients)
        return np.asarray(points), np.asarray(frames)


def inputs(network: Network, rng: np.random.Generator, theta: Floats, coefficients: Coefficients, count: int) -> Floats:
    """Random inputs of several sizes, (count, D); for piecewise functions those at which no argument is near 0."""
    many = 32 * count if network.piecewise else count
    x = rng.normal(size=(many, network.inputs)) * 2.0 ** -rng.uniform(0, 3, (many, 1))
    if not network.piecewise:
        return x
    arguments = np.asarray(network.some_arguments(theta, x, coefficients))
    sizes = np.where(np.abs(arguments) > 1e-12, np.abs(arguments), np.inf)
    margins = (sizes / (np.linalg.norm(x, axis=1, keepdims=True) + 1e-12)).min(axis=1, initial=np.inf)
    _, pattern = np.unique(np.sign(arguments), axis=0, return_inverse=True)
    turn = np.zeros(many)  # patterns take turns, the input farthest from the kinks first
    for k in range(int(pattern.max()) + 1):
        here = np.flatnonzero(pattern.ravel() == k)
        turn[here[np.argsort(-margins[here])]] = np.arange(len(here))
    return x[np.lexsort((-margins, turn))[:count]]


def tangents(
    transport: Transport, theta: Floats, coefficients: Coefficients, rng: np.random.Generator, curves: int, *, move: bool = True
) -> tuple[Floats, Floats]:
    """A point of the orbit of θ (θ itself without `move`), and tangent vectors there, many more than it has dimensions, of length 1 or 0: (M,), (n, M)."""
    network = transport.network
    pool = inputs(network, rng, theta, coefficients, network.program.size + 8)
    reach = 0.05 if network.piecewise else 0.7
    moved = transport.curves(np.repeat(theta[None], curves, axis=0), rng, reach, pool, coefficients)[0][:, -1]
    moved = moved[np.isfinite(moved).all(axis=1)]
    origin = moved[0] if move and len(moved) else theta  # flows of fast growing functions may blow up
    points, frames = transport.curves(np.repeat(origin[None], curves, axis=0), rng, reach, pool, coefficients)
    v = rng.normal(size=(len(pool), network.outputs))
    gates = _gates(network, theta, pool, coefficients)
    found = [np.asarray(network.some_gradients(origin, pool, v, coefficients))]
    for place, frame in zip(points.reshape(-1, len(theta)), frames.reshape(-1, len(theta), len(theta)), strict=True):
        if np.isfinite(place).all() and np.isfinite(frame).all() and np.linalg.cond(frame) < CONDITION:
            same = (_gates(network, place, pool, coefficients) == gates).all(axis=1)
            there = np.asarray(network.some_gradients(place, pool, v, coefficients))[same]
            found.append(np.linalg.solve(frame, there.T).T)
    vectors = np.concatenate(found)
    vectors = vectors[np.isfinite(vectors).all(axis=1)]
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return origin, np.where(lengths > 1e-12 * (1 + np.linalg.norm(theta)), vectors / np.maximum(lengths, 1e-300), 0.0)


def _gates(network: Network, theta: Floats, x: Floats, coefficients: Coefficients) -> Floats:
    """On which side of its kink each argument of a piecewise function is, (n, how many); nothing where there are no such functions."""
    return np.sign(np.asarray(network.some_arguments(theta, x, coefficients))) if network.piecewise else np.zeros((len(x), 0))


@dataclass(frozen=True, slots=True)
class Rank:
    """A numerical rank: the singular values (relative to the greatest, at least `FLOOR`), the rank at their largest gap, and the gap."""

    spectrum: Floats
    rank: int
    gap: float

    def finding(self, what: str, low: int, high: int) -> Finding:
        """That the rank is between two numbers."""
        expected = f"{low}" if low == high else f"{low} to {high}"
        right = low <= self.rank <= high
        status = "inconclusive" if self.gap < GAP else "agrees" if right else "disagrees" if self.gap >= CERTAIN else "inconclusive"
        return Finding(f"{what} (gap {number(self.gap)})", float(self.rank), expected, status)

    def panel(self, title: str, claimed: int) -> Panel:
        """The spectrum, with the claimed rank as a step between two curves."""
        n = len(self.spectrum)
        parts = [("counted", range(min(self.rank, n))), ("not counted", range(self.rank, n))]
        lines = [Line(label, tuple(k + 1.0 for k in part), tuple(float(self.spectrum[k]) for k in part), "points") for label, part in parts if part]
        return Panel(f"{title}: rank {self.rank}, claimed {claimed}", "number", "singular value", tuple(lines), marks=(("rounding", FLOOR),))


def rank(vectors: Floats) -> Rank:
    """The numerical rank of vectors (n, M), each of length at most about 1: at the largest gap below which singular values are small enough to be errors."""
    size = vectors.shape[1]
    if not len(vectors):
        return Rank(np.full(size, FLOOR), 0, 0.0)
    values = np.linalg.svd(vectors, compute_uv=False)
    values = np.concatenate([values, np.zeros(max(0, size - len(values)))])[:size]
    if values[0] < FLOOR:
        return Rank(np.full(size, FLOOR), 0, 1 / FLOOR)
    spectrum = np.maximum(values / values[0], FLOOR)
    after = np.append(spectrum[1:], FLOOR)
    ratios = np.where(after <= NOISE, spectrum / after, 0.0)
    best = int(np.argmax(ratios))
    return Rank(spectrum, best + 1, float(ratios[best]))
