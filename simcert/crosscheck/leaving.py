"""Non-invariance in floats: from the witness point, with the witness input as the only datum, training leaves L at the predicted rate."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from simcert.crosscheck.arrays import compiled
from simcert.crosscheck.case import Case
from simcert.crosscheck.evidence import Finding, Line, Panel, exponent, large
from simcert.crosscheck.invariant import SCALE, TANGENT, sticking_out
from simcert.crosscheck.members import Activations, as_defined, with_members
from simcert.crosscheck.network import Array, Floats, FloatSubspace, Network, flat_point
from simcert.crosscheck.training import integrate
from simcert.errors import CertificateFormatError

HALVINGS = 8  # the distance is measured at times T, T/2, …
RESOLVED = 1e-8  # a rate is told from rounding errors when it is this much of the terms that it is the sum of
LEAST = 1e-3  # relative components across L at random points that are clearly not rounding errors


@dataclass(frozen=True)
class Witness:
    """A point of L, an input, an output entry (flat), and the equation of L whose left side starts to change."""

    theta: Floats
    x: Floats
    output: int
    equation: int


def check(case: Case) -> tuple[list[Finding], list[Panel], str]:
    """A `not-invariant` claim: gradients at random points of L stick out, and flow and gradient descent leave L from the witness point."""
    space = case.subspace
    network = Network(case.program, as_defined(case.program))
    starts = space.points(case.rng, case.seeds, SCALE)
    value = sticking_out(network, space, starts, case.rng, network.activations.draw(case.rng, case.seeds))
    findings = [large("components of gradients across L at random points", value, LEAST, TANGENT[0])]
    if case.proof["method"] == "none":
        return findings, [], network.activations.words
    try:
        activations = with_members(case.program, {name: tuple(map(Fraction, c)) for name, c in case.proof["members"].items()})
        candidates = list(_witnesses(case, activations))
        if not 0 <= candidates[0].equation < len(space.pivots) or not 0 <= candidates[0].output < Network(case.program, activations).outputs:
            raise IndexError("no such equation or output")
        predicted = _predicted(case)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, ZeroDivisionError) as error:
        raise CertificateFormatError(f"the witness has another structure than docs/format.md says ({type(error).__name__}: {error})", "/proof") from None
    more, panels = _from_witness(Network(case.program, activations), space, candidates, predicted)
    return findings + more, panels, network.activations.words


def _witnesses(case: Case, activations: Activations) -> Iterator[Witness]:
    """The witness of the proof; of a curve, points at several times."""
    proof, program = case.proof, case.program
    k, i = proof["output"]
    sizes = [int(np.prod(program.nodes[node].shape)) for node in program.outputs]
    x = np.concatenate([[], *(np.array([float(Fraction(v)) for v in proof["input"][name]]) for name, _ in program.inputs)])
    if len(x) != Network(program, activations).inputs:
        raise ValueError("the input does not fit the model")
    curve = [flat_point(program, point) for point in (proof["curve"] if "curve" in proof else [proof["theta"]])]
    for t in [0.0] if len(curve) == 1 else [s * 2.0**-j for j in range(7) for s in (1, -1)]:
        yield Witness(sum((c * t**j for j, c in enumerate(curve)), np.zeros(program.size)), x, sum(sizes[:k]) + i, int(proof["equation"]))


def _predicted(case: Case) -> tuple[float, float] | None:
    """Bounds of the rate that the certificate states; None where it states a residue."""
    value = case.proof["value"]
    if case.proof["method"] == "rational":
        return float(Fraction(value)), float(Fraction(value))
    return (float(Fraction(value[0])), float(Fraction(value[1]))) if case.proof["method"] == "ball" else None


def _from_witness(
    network: Network, space: FloatSubspace, candidates: list[Witness], predicted: tuple[float, float] | None
) -> tuple[list[Finding], list[Panel]]:
    measured = [_rate(network, space, witness) for witness in candidates]
    best = max(range(len(measured)), key=lambda k: measured[k][1])
    (rate, resolution), witness = measured[best], candidates[best]
    findings: list[Finding] = []
    across = _across(space, witness.theta, witness.equation)
    away = abs(across - space.constants[witness.equation]) / (1 + abs(space.constants[witness.equation]) + float(np.abs(witness.theta).max()))
    findings.append(Finding("distance of the witness point from L", away, "below 1e-10", "agrees" if away < 1e-10 else "disagrees"))
    if predicted is not None:
        low, high = predicted
        off = max(low - rate, rate - high, 0.0) / max(abs(low), abs(high), 1e-300)
        findings.append(Finding("rate of leaving at the witness, against the value in the proof", rate, f"{low:.6g}", "agrees" if off < 1e-6 else "disagrees"))
    if resolution < RESOLVED:
        return [*findings, Finding("rate of leaving at the witness, relative to its terms", resolution, "not resolved in floats", "inconclusive")], []
    findings.append(large("rate of leaving at the witness, relative to its terms", resolution, RESOLVED, 0.0))
    times, distances, step = _leave(network, space, witness, rate)
    power, slope, descent = exponent(times, distances), distances[0] / times[0] / abs(rate), step / rate
    findings += [
        Finding("exponent of the distance in time (flow)", power, "1 ± 0.05", "agrees" if abs(power - 1) < 0.05 else "inconclusive"),
        Finding("distance / (rate · time) at the smallest time (flow)", slope, "1 ± 0.02", "agrees" if abs(slope - 1) < 0.02 else "inconclusive"),
        Finding("distance / (rate · step) of one step of gradient descent", descent, "1 ± 1e-6", "agrees" if abs(descent - 1) < 1e-6 else "inconclusive"),
    ]
    lines = (Line("gradient flow", tuple(times), tuple(distances), "points"), Line("rate · time", tuple(times), tuple(abs(rate) * np.array(times))))
    return findings, [Panel("Training that leaves L", "time", "distance of the equation", lines, "xy")]


def _across(space: FloatSubspace, vector: Floats, equation: int) -> float:
    """C_i·vector for one equation of L."""
    chosen = space.rows == equation
    return float((vector[space.columns[chosen]] * space.coefficients[chosen]).sum())


def _rate(network: Network, space: FloatSubspace, witness: Witness) -> tuple[float, float]:
    """C_i·∇F_c at the witness, and how large it is beside its terms."""
    v = np.eye(network.outputs)[witness.output]
    g = np.asarray(network.many_gradients(witness.theta[None], witness.x[None, None], v[None, None], {}))[0, 0]
    terms = abs(_across(space, np.abs(g), witness.equation)) + float(np.abs(g[space.columns[space.rows == witness.equation]]).max())
    rate = _across(space, g, witness.equation)
    return (rate, abs(rate) / terms) if np.isfinite(rate) and terms else (0.0, 0.0)


def _leave(network: Network, space: FloatSubspace, witness: Witness, rate: float) -> tuple[list[float], list[float], float]:
    """Times, distances |C_i δ| of the flow of the square loss at target F + 1, and C_i δ / τ after one step of gradient descent."""
    import diffrax
    import jax
    import jax.numpy as jnp

    x, unit = jnp.asarray(witness.x)[None], jnp.eye(network.outputs)[witness.output]
    chosen = space.rows == witness.equation
    columns, coefficients = space.columns[chosen], jnp.asarray(space.coefficients[chosen])

    def leave(theta: Array) -> tuple[Array, Array, Array]:
        target = network.forward(theta, x, {})[0] + unit

        def descent(point: Array) -> Array:
            return -jax.grad(lambda p: ((network.forward(p, x, {})[0] - target) ** 2).sum() / 2)(point)

        start, turning = jax.jvp(descent, (theta,), (descent(theta),))
        change = jnp.abs((turning[columns] * coefficients).sum()) / abs(rate)
        time = 0.01 / (change + jnp.linalg.norm(turning) / (jnp.linalg.norm(start) + 1e-300) + 1e-6)
        ts = 2.0 ** -jnp.arange(HALVINGS - 1.0, -1.0, -1.0)
        field = diffrax.ODETerm(lambda t, delta, _: time * descent(theta + delta))
        return ts * time, integrate(field, diffrax.Tsit5(), jnp.zeros_like(theta), ts, 1e-10), start

    ts, ways, start = map(np.asarray, compiled(leave)(witness.theta))
    distances = np.abs((ways[:, columns] * np.asarray(coefficients)).sum(axis=1))
    return [float(t) for t in ts], [max(float(d), 1e-300) for d in distances], _across(space, start, witness.equation)
