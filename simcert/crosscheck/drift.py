"""Conservation laws in floats: drift along gradient flow, drift of SGD against the square of its step, and their number against tangent spaces of orbits."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from simcert.crosscheck.arrays import compiled
from simcert.crosscheck.case import Case
from simcert.crosscheck.evidence import Finding, Line, Panel, exponent, small
from simcert.crosscheck.invariant import SCALE, STEPS, TIMES
from simcert.crosscheck.members import as_claimed, as_defined
from simcert.crosscheck.network import Array, Floats, FloatSubspace, Network, flat_point
from simcert.crosscheck.orbit import dimension
from simcert.crosscheck.training import DATA, Training, problem
from simcert.crosscheck.transport import PARAMETERS, Transport, rank

ALONG = (1e-10, 1e-6)  # of ∇h·∇F relative to both lengths
DRIFT = (1e-6, 1e-3)  # of h along the flow, relative to |∇h| times the way
RANDOM_STEPS, NOISES, HALVINGS = 8, 64, 6
FLAT = 1e-13  # a drift of SGD below this is rounding


@dataclass(frozen=True)
class Laws:
    """Polynomials h_1, …, h_s as lists of (coefficient, parameter indices)."""

    terms: tuple[tuple[tuple[float, tuple[int, ...]], ...], ...]

    @classmethod
    def from_json(cls, value: list[Any]) -> Laws:
        return cls(tuple(tuple((float(Fraction(c)), tuple(indices)) for c, indices in law) for law in value))

    def values(self, theta: Array) -> Array:
        """(h_1(θ), …, h_s(θ))."""
        import jax.numpy as jnp

        out = []
        for law in self.terms:
            value = jnp.zeros(())
            for degree in sorted({len(indices) for _, indices in law}):
                chosen = [(c, indices) for c, indices in law if len(indices) == degree]
                where = np.array([indices for _, indices in chosen], dtype=np.int64).reshape(len(chosen), degree)
                value = value + (theta[where].prod(axis=1) * np.array([c for c, _ in chosen])).sum()
            out.append(value)
        return jnp.stack(out)

    @cached_property
    def many(self) -> Any:
        """Values at many points, (B, M) to (B, s)."""
        import jax

        return compiled(jax.vmap(self.values))

    @cached_property
    def slopes(self) -> Any:
        """Gradients at many points, (B, M) to (B, s, M)."""
        import jax

        return compiled(jax.vmap(jax.jacrev(self.values)))


def check(case: Case) -> tuple[list[Finding], list[Panel], str]:
    """A `conservation-laws` claim."""
    laws = Laws.from_json(case.claim["laws"])
    network = Network(case.program, as_claimed(case.program, case.claim["activations"]))
    everywhere = FloatSubspace.from_json(case.program.size, {"dimension": case.program.size, "rows": []})
    starts = everywhere.points(case.rng, case.seeds, SCALE)
    findings, panels = ([], []) if not laws.terms else _conserved(case, network, laws, starts)
    if laws.terms:
        slopes = np.asarray(laws.slopes(starts))[0]
        found = rank(slopes / np.maximum(np.linalg.norm(slopes, axis=1, keepdims=True), 1e-300))
        low = int(case.claim["rank"])
        findings.append(found.finding("independent laws at a random point", low, len(laws.terms)))
    if int(case.claim["generic"]) >= 0 and case.program.size <= PARAMETERS:
        claimed = int(case.claim["generic"])
        local = network.piecewise and "point" in case.proof  # the statement is then about points near that of the proof
        place = flat_point(case.program, case.proof["point"]) if local else starts[0]
        found = dimension(case, Transport(Network(case.program, as_defined(case.program))), place)
        findings.append(found.finding(f"dimension of the orbit of {'the point of the proof' if local else 'a random point'}", claimed, claimed))
        panels.append(found.panel("Tangent vectors of a generic orbit", claimed))
    return findings, panels, network.activations.words


def _conserved(case: Case, network: Network, laws: Laws, starts: Floats) -> tuple[list[Finding], list[Panel]]:
    rng, count = case.rng, len(starts)
    x, v = rng.normal(size=(count, DATA, network.inputs)), rng.normal(size=(count, DATA, network.outputs))
    task = problem(network, rng, starts, pure=True)
    gradients = np.asarray(network.many_gradients(starts, x, v, task.coefficients))
    slopes = np.asarray(laws.slopes(starts))
    products = np.abs(np.einsum("bsm,bnm->bsn", slopes, gradients))
    lengths = np.linalg.norm(slopes, axis=-1)[:, :, None] * np.linalg.norm(gradients, axis=-1)[:, None, :] + 1e-6
    good = np.isfinite(products)
    findings = [small("law · gradient at random points", float(np.where(good, products / lengths, 0.0).max()) if good.mean() > 0.5 else np.nan, *ALONG)]
    ways = np.asarray(Training(network).flow(*task.arguments))
    kept = np.logical_and.reduce(np.isfinite(ways), axis=-1)  # a flow of a piecewise network may slide along a kink, and is then followed no further
    worst = np.nan
    drift = np.zeros(len(TIMES))
    if kept[:, 0].mean() >= 0.5:
        at = starts[:, None] + np.where(kept[..., None], ways, 0.0)
        values = np.asarray(laws.many(at.reshape(-1, at.shape[-1]))).reshape(*at.shape[:2], -1)
        change = np.abs(values - np.asarray(laws.many(starts))[:, None])
        steep = np.linalg.norm(slopes, axis=-1)[:, None] * np.linalg.norm(at - starts[:, None], axis=-1).max(axis=1)[:, None, None] + 1e-6
        drift = np.where(kept[..., None], change / steep, 0.0).max(axis=(0, 2))
        worst = float(drift.max())
    findings.append(small("drift along gradient flow, relative to |∇h| · way", worst, *DRIFT))
    line = Line("laws", TIMES, tuple(np.maximum(drift, 1e-18)))
    panel = Panel("Laws along gradient flow", f"time in steps (to {STEPS})", "greatest relative drift", (line,), marks=(("agrees below", DRIFT[0]),))
    more, steps = _steps(case, network, laws, starts)
    return findings + more, [panel, steps]


def _steps(case: Case, network: Network, laws: Laws, starts: Floats) -> tuple[list[Finding], Panel]:
    """The mean drift after a fixed number of steps of SGD is of the order of the square of the step; of a function that is not conserved, of the step."""
    size = case.program.size
    pairs = case.rng.integers(size, size=(size, 2))
    control = Laws((*laws.terms, tuple((float(c), (int(i), int(j))) for c, (i, j) in zip(case.rng.normal(size=size), pairs, strict=True))))
    steps, drifts = sgd_drift(network, control, starts, case.rng)
    lines = [Line("random quadratic", tuple(steps), tuple(np.maximum(drifts[:, -1], 1e-18)))]
    moving = drifts[:, :-1].max(axis=1)
    lines += [Line("laws", tuple(steps), tuple(np.maximum(moving, 1e-18)))]
    if not np.isfinite(drifts).all():
        findings = [Finding("exponent of the drift of SGD in its step", np.nan, "2", "inconclusive")]
    elif moving[0] < FLAT:
        findings = [small("drift of SGD (the laws are kept exactly)", float(moving[0]), FLAT, 1e-9)]
    else:
        power = exponent(steps.tolist(), [max(float(d), 1e-300) for d in moving])
        status = "agrees" if power > 1.75 else "disagrees" if power < 1.25 else "inconclusive"
        findings = [Finding("exponent of the drift of SGD in its step", power, "2 ± 0.25 (1 if not conserved)", status)]
    return findings, Panel(f"Drift after {RANDOM_STEPS} steps of SGD", "step, relative to the largest", "|mean drift|", tuple(lines), "xy")


def sgd_drift(network: Network, laws: Laws, starts: Floats, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Steps τ_0 2^-j, and for each |E h(θ_k) − h(θ_0)|, (steps, s): the mean over random minibatches, the median over the starts."""
    import jax
    import jax.numpy as jnp

    training = Training(network)
    task = problem(network, rng, starts, pure=True)

    def one(theta: Array, x: Array, y: Array, which: Array, coefficients: Any, key: Array) -> Array:
        even = jnp.full(DATA, 1.0 / DATA)
        gradient = jax.grad(training.loss)
        largest = training.scale(theta, lambda point: gradient(point, x, y, even, which, coefficients))[1] / 4
        noise = jax.random.split(jax.random.key(key), NOISES)

        def drift(step: Array, random: Array) -> Array:
            chosen = jax.random.bernoulli(random, 0.5, (RANDOM_STEPS, DATA)) * 2 * even
            end = jax.lax.scan(lambda at, weights: (at - step * gradient(at, x, y, weights, which, coefficients), None), theta, chosen)[0]
            return laws.values(end) - laws.values(theta)

        factors = 2.0 ** -jnp.arange(HALVINGS)
        return jnp.abs(jax.vmap(lambda factor: jax.vmap(drift, (None, 0))(largest * factor, noise).mean(axis=0))(factors))

    _, x, y, which, _, coefficients, keys = task.arguments
    drifts = np.asarray(compiled(jax.vmap(one))(starts, x, y, which, coefficients, keys))
    drifts = drifts[np.isfinite(drifts).all(axis=(1, 2))]
    factors = 2.0 ** -np.arange(HALVINGS)
    return factors, np.median(drifts, axis=0) if len(drifts) >= len(starts) / 2 else np.full((HALVINGS, len(laws.terms)), np.nan)
