r"""Symmetries of the data in the limit of wide two-layer ReLU networks, numerically (JAX, float64). Evidence, never a proof.

A network of m units is f(x) = (1/m) Σ_j a_j max(b_j·x, 0); inputs are Gaussian, x ~ N(0, s²·1); the risk is R = ½E|f(x) − f*(x)|², an expectation over all x
that is computed in closed form, so that nothing is sampled but the start. Particles move by a_j' = −m ∂R/∂a_j, b_j' = −m ∂R/∂b_j: for m → ∞ the Wasserstein
gradient flow of Hajjar and Chizat [HC]. With the arc-cosine kernel k(b, b') = E[max(b·x,0) max(b'·x,0)] = s²|b||b'|(sin φ + (π − φ) cos φ)/(2π), φ the angle,
this is a' = E[f* max(b·x,0)] − (1/m) Σ_l a_l k(b, b_l) and b' = a ∇_b of the same. Every particle keeps a² − |b|², which is 0 at the start here.

**Odd targets** (derived here; [HC] state the setting). If the particles come in pairs (a, b), (−a, −b), then max(z,0) − max(−z,0) = z makes f(x) = w·x with w
= (1/2m) Σ a_j b_j. The residual r is odd, so E[r max(b·x,0)] = ½E[r b·x], and with g = −E[r x] = s²(w* − w), w* the best linear predictor, a' = ½g·b and b' =
½a g: the pairs stay pairs, and the second moments Λ = (1/m) Σ (a,b)(a,b)ᵀ satisfy the closed equation Λ' = ½(GΛ + ΛG), G = [[0, gᵀ], [g, 0]], w = ½Λ_ab. For
m → ∞ with b uniform on the unit sphere and a = ±1, w stays on the line of w*; S = Λ_aa + (Λ_bb along w*) starts at S_0 = 1 + 1/d, S² − 16|w|² is constant,
and |w|' = ¼s²(|w*| − |w|)√(S_0² + 16|w|²). Near the end the excess risk decays like e^(−λt) with λ = ½s²√(S_0² + 16|w*|²). With finitely many particles w
also has components across w*, of size O(1/√m), which start at random and decay about half as fast: λ is fitted to the component along w*.

**Targets that depend on few coordinates**: f*(x) = |x_H|. A start that is invariant under O(H) × O(H^⊥) stays so, and a particle is its sign ε, its mass c =
a² and its angle θ to H: with K(θ, θ') the mean of k over unit vectors with these angles, G(θ) = αK(θ, 0) − Σ p ε c K(θ, θ'), and c' = 2εcG(θ), θ' = εG'(θ).
The first term is E[f* max(u·x,0)] because |x_H| = αE_u[max(u·x,0)], u uniform on the unit sphere of H, with α = 2√π Γ((d_H+1)/2)/Γ(d_H/2): the mass α at θ =
0 is the network that equals f*, and as even measures are determined by their networks the signed mass τ⁺ − τ⁻ tends to α if the risk tends to 0.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from simcert.errors import MissingExtraError, SpecError

Array = np.ndarray[Any, Any]
RTOL, ATOL = 1e-8, 1e-11
COLLINEAR = 1e-13  # cosines this near to ±1 count as ±1, so that twins cancel to rounding


def _libraries() -> tuple[Any, Any]:
    """jax and diffrax; raises `MissingExtraError` without them."""
    try:
        import diffrax
        import jax
    except ImportError as error:
        raise MissingExtraError(str(error.name), "jax") from None
    return jax, diffrax


def _double(jax: Any) -> contextlib.AbstractContextManager[Any]:
    """A context in which JAX computes in float64."""
    return jax.enable_x64(True) if hasattr(jax, "enable_x64") else jax.experimental.enable_x64(True)


def _flow(rhs: Callable[[Any], Any], start: Any, times: Sequence[float]) -> Any:
    """The solution of y' = rhs(y), y(0) = start, at increasing times, by an adaptive Runge–Kutta method of order 5 (relative tolerance 1e-8)."""
    jax, diffrax = _libraries()
    solution = diffrax.diffeqsolve(
        diffrax.ODETerm(lambda t, y, args: rhs(y)), diffrax.Tsit5(), 0.0, float(times[-1]), None, start, max_steps=200_000,
        saveat=diffrax.SaveAt(ts=jax.numpy.asarray(times, dtype="float64")), stepsize_controller=diffrax.PIDController(rtol=RTOL, atol=ATOL),
    )  # fmt: skip
    return solution.ys


def _angles(jnp: Any, left: Any, right: Any) -> tuple[Any, Any, Any]:
    """Norms, and sine and cosine-angle data, of all pairs of rows: (sin φ, φ, cos φ)."""
    units = [v / jnp.linalg.norm(v, axis=1, keepdims=True) for v in (left, right)]
    cosine = units[0] @ units[1].T
    cosine = jnp.where(jnp.abs(cosine) > 1 - COLLINEAR, jnp.sign(cosine), cosine)
    return jnp.sqrt(1 - cosine**2), jnp.arccos(cosine), cosine


def _own_forces(jnp: Any, a: Any, b: Any, variance: float) -> tuple[Any, Any]:
    """(1/m) Σ_l a_l k(b_j, b_l), and its gradient with respect to b_j, for all j."""
    sine, angle, cosine = _angles(jnp, b, b)
    norms = jnp.linalg.norm(b, axis=1)
    weight = variance / (2 * math.pi * len(a))
    along = (sine * (a * norms)).sum(axis=1)
    first = weight * norms * (along + ((math.pi - angle) * cosine * (a * norms)).sum(axis=1))
    return first, weight * (along[:, None] * b / norms[:, None] + ((math.pi - angle) * a) @ b)


def sphere(count: int, dimension: int, rng: np.random.Generator) -> Array:
    """Points drawn uniformly from the unit sphere, one a row."""
    points = rng.standard_normal((count, dimension))
    return points / np.linalg.norm(points, axis=1, keepdims=True)


# Odd targets.


@dataclass(frozen=True, slots=True)
class OddRun:
    """A flow for an odd target at `times`: the linear part `weights` (times × d), the energy E|f − w·x|² of the `even` rest, and the `excess` of the risk.

    `moments` is the matrix Λ of second moments at the start; `excess` is over the risk of the best linear predictor.
    """

    times: Array
    weights: Array
    even: Array
    excess: Array
    moments: Array

    def along(self, best: Array) -> Array:
        """The squared distance of w·ŵ* from |w*|, for w* = `best`."""
        size = np.linalg.norm(best)
        return (self.weights @ best / size - size) ** 2


def odd_flow(best: Array, variance: float, units: int, times: Sequence[float], seed: int, paired: bool = True) -> OddRun:
    """The flow of `units` particles for an odd target whose best linear predictor is `best`·x.

    Arguments: `best`, w* in R^d (the flow depends on nothing else of an odd target, as E[f* max(b·x,0)] = ½s² w*·b); `variance` s² of every input
    coordinate; `paired` starts with pairs (a, b), (−a, −b), otherwise all b are drawn independently. b is uniform on the sphere, half of the a are 1, half −1.
    """
    jax, _ = _libraries()
    rng = np.random.default_rng(seed)
    half = sphere(units // 2, len(best), rng)
    a, b = np.repeat([1.0, -1.0], units // 2), np.concatenate([half, -half if paired else sphere(units // 2, len(best), rng)])
    units = len(a)
    with _double(jax):
        jnp = jax.numpy
        target = jnp.asarray(best) * variance / 2

        def rhs(y: Any) -> Any:
            first, slope = _own_forces(jnp, y[0], y[1], variance)
            return y[1] @ target - first, y[0][:, None] * (target - slope)

        def even(a: Any, b: Any) -> Any:
            sine, angle, cosine = _angles(jnp, b, b)
            charge = a * jnp.linalg.norm(b, axis=1)
            return variance / (2 * math.pi * units**2) * (charge @ (sine + (math.pi / 2 - angle) * cosine) @ charge)

        masses, vectors = _flow(rhs, (jnp.asarray(a), jnp.asarray(b)), times)
        rest = np.array([float(even(p, q)) for p, q in zip(masses, vectors, strict=True)])
        weights = np.asarray(jnp.einsum("tj,tjk->tk", masses, vectors)) / (2 * units)
    joint = np.concatenate([a[:, None], b], axis=1)
    excess = variance / 2 * ((weights - best) ** 2).sum(axis=1) + rest / 2
    return OddRun(np.asarray(times), weights, rest, excess, joint.T @ joint / units)


def moments_flow(moments: Array, best: Array, variance: float, times: Sequence[float]) -> Array:
    """w(t) from the closed equation Λ' = ½(GΛ + ΛG) of the second moments, w = ½Λ_ab (times × d)."""
    jax, _ = _libraries()
    with _double(jax):
        jnp, d = jax.numpy, len(best)

        def rhs(y: Any) -> Any:
            g = variance * (jnp.asarray(best) - y[0, 1:] / 2)
            mixed = jnp.zeros((d + 1, d + 1)).at[0, 1:].set(g).at[1:, 0].set(g)
            return (mixed @ y + y @ mixed) / 2

        return np.asarray(_flow(rhs, jnp.asarray(moments), times))[:, 0, 1:] / 2


def limit_flow(size: float, dimension: int, variance: float, times: Sequence[float]) -> Array:
    """|w(t)| for m → ∞: |w|' = ¼s²(|w*| − |w|)√(S_0² + 16|w|²) with S_0 = 1 + 1/d and |w*| = `size`."""
    jax, _ = _libraries()
    with _double(jax):
        jnp = jax.numpy
        return np.asarray(_flow(lambda w: variance / 4 * (size - w) * jnp.sqrt((1 + 1 / dimension) ** 2 + 16 * w**2), jnp.asarray(0.0), times))


def limit_rate(size: float, dimension: int, variance: float) -> float:
    """λ = ½s²√(S_0² + 16|w*|²): for m → ∞ the excess risk decays like e^(−λt)."""
    return variance / 2 * math.sqrt((1 + 1 / dimension) ** 2 + 16 * size**2)


def fitted_rate(times: Array, excess: Array, low: float = 1e-9, high: float = 1e-3) -> float:
    """The slope of −log(excess) by least squares, over the times at which it lies between `low` and `high` times its first value.

    Raises `SpecError` when fewer than three times do.
    """
    chosen = (excess < high * excess[0]) & (excess > low * excess[0])
    if chosen.sum() < 3:
        raise SpecError("the risk has too few values in the range in which a rate is fitted", "fitted_rate", "take more times, or later ones")
    return -float(np.polyfit(times[chosen], np.log(excess[chosen]), 1)[0])


# Targets that depend on few coordinates.


def limit_mass(dimension: int) -> float:
    """α = 2√π Γ((d_H+1)/2)/Γ(d_H/2), the mass of the network of units in H that equals |x_H|.

    >>> [round(limit_mass(k) / math.pi, 4) for k in (2, 4, 6)], [round(limit_mass(k), 4) for k in (1, 3, 5)]
    ([1.0, 1.5, 1.875], [2.0, 4.0, 5.3333])
    """
    return 2 * math.sqrt(math.pi) * math.exp(math.lgamma((dimension + 1) / 2) - math.lgamma(dimension / 2))


def _cosines(dimension: int, count: int) -> tuple[Array, Array]:
    """Nodes and weights of the distribution of u·v, for v fixed and u uniform on the unit sphere: density proportional to (1 − s²)^((d−3)/2)."""
    if dimension == 1:
        return np.array([-1.0, 1.0]), np.array([0.5, 0.5])
    from scipy.special import roots_jacobi

    nodes, weights = roots_jacobi(count, (dimension - 3) / 2, (dimension - 3) / 2)
    return nodes, weights / weights.sum()


def starting_angles(inside: int, dimension: int, count: int) -> tuple[Array, Array]:
    """Nodes and weights of the angle to H of a uniform unit vector: density 2cos^(d_H−1)θ sin^(d_⊥−1)θ/B(d_H/2, d_⊥/2): cos²θ has a Beta distribution."""
    from scipy.special import roots_jacobi

    if not 0 < inside < dimension:
        raise SpecError(f"H has dimension {inside} in R^{dimension}", "starting_angles", "it has to be a proper subspace, not 0")
    nodes, weights = roots_jacobi(count, (dimension - inside) / 2 - 1, inside / 2 - 1)
    return np.arccos(np.sqrt((1 + nodes) / 2)), weights / weights.sum()


@dataclass(frozen=True, slots=True)
class MassRun:
    """Masses of the positive and of the negative units at `times`: τ^± = mean of a² over all units, those of the other sign counted as 0.

    `angles` and `masses` (times × particles) are those of the particles; the first half is positive.
    """

    times: Array
    positive: Array
    negative: Array
    angles: Array
    masses: Array


def reduced_flow(inside: int, dimension: int, times: Sequence[float], angles: int = 20, nodes: tuple[int, int] = (20, 10)) -> MassRun:
    """The one-angle dynamics c' = 2εcG(θ), θ' = εG'(θ) for f* = |x_H|, x ~ N(0, 1), started from a = ±1 in equal parts and b uniform on the sphere.

    Arguments: `inside` is d_H, `dimension` is d; `angles`, how many Gauss nodes stand for the density of θ for each sign; `nodes`, how many Gauss nodes average
    over directions in H and in its complement.
    """
    jax, _ = _libraries()
    theta, share = starting_angles(inside, dimension, angles)
    (s, ws), (t, wt) = _cosines(inside, nodes[0]), _cosines(dimension - inside, nodes[1])
    with _double(jax):
        jnp = jax.numpy
        along, across, mean = (jnp.asarray(v) for v in (np.repeat(s, len(t)), np.tile(t, len(s)), np.repeat(ws, len(t)) * np.tile(wt, len(s))))
        sign = jnp.asarray(np.repeat([1.0, -1.0], angles))
        weight = jnp.asarray(np.tile(share, 2) / 2)

        def rhs(y: Any) -> Any:
            logs, place = y
            sources = jnp.append(-sign * weight * jnp.exp(logs), limit_mass(inside))
            cos, sin = jnp.cos(place)[:, None, None], jnp.sin(place)[:, None, None]
            far_cos, far_sin = (jnp.append(f(place), e)[None, :, None] for f, e in ((jnp.cos, 1.0), (jnp.sin, 0.0)))
            cosine = jnp.clip(cos * far_cos * along + sin * far_sin * across, -1, 1)
            turned = -sin * far_cos * along + cos * far_sin * across  # the derivative of the cosine with respect to the angle
            open_angle = math.pi - jnp.arccos(cosine)
            force = jnp.einsum("ijk,j,k->i", jnp.sqrt(1 - cosine**2) + open_angle * cosine, sources, mean) / (2 * math.pi)
            slope = jnp.einsum("ijk,j,k->i", open_angle * turned, sources, mean) / (2 * math.pi)
            return 2 * sign * force, sign * slope

        logs, place = _flow(rhs, (jnp.zeros(2 * angles), jnp.asarray(np.tile(theta, 2))), times)
        masses = np.asarray(weight * jnp.exp(logs))
    return MassRun(np.asarray(times), masses[:, :angles].sum(axis=1), masses[:, angles:].sum(axis=1), np.asarray(place), masses)


def full_flow(inside: int, dimension: int, units: int, times: Sequence[float], seed: int, nodes: int = 20) -> MassRun:
    """The flow of `units` particles in R^d for f* = |x_H|, x ~ N(0, 1), without any reduction: half of the a are 1, half −1, and b is uniform on the sphere."""
    jax, _ = _libraries()
    half = units // 2
    b = sphere(2 * half, dimension, np.random.default_rng(seed))
    a = np.repeat([1.0, -1.0], half)
    s, ws = _cosines(inside, nodes)
    with _double(jax):
        jnp = jax.numpy
        nodes_s, mean = jnp.asarray(s), jnp.asarray(ws) * limit_mass(inside) / (2 * math.pi)
        mask = jnp.arange(dimension) < inside

        def target(b: Any) -> tuple[Any, Any]:
            """E[f* max(b·x,0)] = αE_u k(b, u) for u uniform on the unit sphere of H, and its gradient."""
            shadow, norm = b * mask, jnp.linalg.norm(b, axis=1)
            length = jnp.linalg.norm(shadow, axis=1)
            cosine = jnp.clip(length[:, None] / norm[:, None] * nodes_s, -1, 1)
            sine, open_angle = jnp.sqrt(1 - cosine**2), math.pi - jnp.arccos(cosine)
            value = norm * ((sine + open_angle * cosine) @ mean)
            return value, (sine @ mean)[:, None] * b / norm[:, None] + (open_angle @ (mean * nodes_s))[:, None] * shadow / length[:, None]

        def rhs(y: Any) -> Any:
            (wanted, wanted_slope), (own, own_slope) = target(y[1]), _own_forces(jnp, y[0], y[1], 1.0)
            return wanted - own, y[0][:, None] * (wanted_slope - own_slope)

        a_t, b_t = (np.asarray(v) for v in _flow(rhs, (jnp.asarray(a), jnp.asarray(b)), times))
    masses = a_t**2 / (2 * half)
    angles = np.arctan2(np.linalg.norm(b_t[:, :, inside:], axis=2), np.linalg.norm(b_t[:, :, :inside], axis=2))
    return MassRun(np.asarray(times), masses[:, :half].sum(axis=1), masses[:, half:].sum(axis=1), angles, masses)
