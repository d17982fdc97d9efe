"""Intrinsic dynamics in floats: ranks, the kernel criterion on the orbit, equal φ with equal or different G, and the explicit flow where one is known.

With G = ∂φ∂φᵀ and θ' = −∂φᵀs the image z = φ(θ) moves by z' = −G(θ)s, so that K is found where G is the same at all θ with the same z.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from simcert.crosscheck.arrays import compiled
from simcert.crosscheck.case import Case, unsupported
from simcert.crosscheck.drift import ALONG, Laws
from simcert.crosscheck.evidence import Finding, Panel, large, small
from simcert.crosscheck.members import as_defined
from simcert.crosscheck.network import Array, Floats, Network, flat_point
from simcert.crosscheck.orbit import CURVES
from simcert.crosscheck.transport import PARAMETERS, Rank, Transport, rank, tangents
from simcert.errors import CertificateFormatError, UndecidedError

KERNEL = (1e-7, 1e-4)  # the change of G along unit vectors in the kernel of ∂φ, relative to the lengths of both
EQUAL = (1e-6, 1e-3)  # G or K at equal φ: square roots of eigenvalues near 0 lose half of the digits
CLOSE = 1e-9  # φ and laws count as equal
STEPS, TRIES = 30, 8
WIDE, NARROW = 1.0, 0.02  # random displacements from a point, relative to its size: on a level, and near the point


@dataclass(frozen=True)
class Factorisation:
    """φ, ∂φ and G of a program without inputs, on flat points (M,); `laws` are to be kept beside φ."""

    network: Network
    laws: Laws

    def image(self, theta: Array) -> Array:
        """z = φ(θ), (d,)."""
        import jax.numpy as jnp

        return self.network.forward(theta, jnp.zeros((1, 0)), {})[0]

    def metric(self, theta: Array) -> Array:
        """G(θ), (d, d)."""
        import jax

        rows = jax.jacrev(self.image)(theta)
        return rows @ rows.T

    @cached_property
    def both(self) -> Any:
        """Compiled: θ to ∂φ(θ), (d, M), and the derivative of G there, (d, d, M)."""
        import jax

        return compiled(lambda theta: (jax.jacrev(self.image)(theta), jax.jacfwd(self.metric)(theta)))

    @cached_property
    def same(self) -> Any:
        """Compiled: points (B, M) and nearby starts (B, M) to places with the same φ and laws, how far these are off, and both G."""
        import jax
        import jax.numpy as jnp

        def kept(theta: Array) -> Array:
            return jnp.concatenate([self.image(theta), self.laws.values(theta)]) if self.laws.terms else self.image(theta)

        def one(theta: Array, start: Array) -> tuple[Array, Array, Array, Array]:
            wanted = kept(theta)

            def step(at: Array, _: Any) -> tuple[Array, None]:
                return at + jnp.linalg.lstsq(jax.jacfwd(kept)(at), wanted - kept(at), rcond=1e-10)[0], None

            at = jax.lax.scan(step, start, None, STEPS)[0]
            return at, jnp.abs(kept(at) - wanted).max(), self.metric(theta), self.metric(at)

        return compiled(jax.vmap(one))


def check(case: Case) -> tuple[list[Finding], list[Panel], str]:
    """An `intrinsic` or `not-intrinsic` claim."""
    network = Network(case.program, as_defined(case.program))
    if case.program.size > PARAMETERS:
        return list(unsupported(f"orbit dimensions are cross-checked up to {PARAMETERS} parameters, not {case.program.size}")), [], network.activations.words
    claim, theta = case.claim, flat_point(case.program, case.claim["point"])
    positive = claim["kind"] == "intrinsic"
    factorisation = Factorisation(network, Laws.from_json(claim["laws"] if positive else []))
    rows, slope = map(np.asarray, factorisation.both(theta))
    findings = [_rank(rows).finding("rank of ∂φ at the point", int(claim["rank"]), int(claim["rank"]))]
    transport = Transport(network)
    origin, vectors, found = _orbit(case, transport, theta, move=True)
    findings.append(found.finding("dimension of the orbit of the point", int(claim["lower"]), int(claim["upper"])))
    panels = [found.panel("Tangent vectors of the orbit", int(claim["upper"]))]
    change = _along_kernel(factorisation, origin, vectors, found.rank)
    if positive:
        findings.append(small("change of G along the kernel of ∂φ in the orbit", change, *KERNEL))
        findings += _laws(factorisation, case) + _equal(case, factorisation, theta) + _explicit(case, factorisation, theta)
    else:  # K may exist near typical points of the orbit and not be differentiable at φ(θ0)
        _, there, at_point = _orbit(case, transport, theta, move=False)
        change = max(change, _along_kernel(factorisation, theta, there, at_point.rank))
        findings.append(large("change of G along the kernel of ∂φ in the orbit", change, KERNEL[1], KERNEL[0]))
        findings += _vector(case, factorisation, theta, rows, slope)
    return findings, panels, network.activations.words


def _rank(rows: Floats) -> Rank:
    return rank(rows / max(float(np.linalg.norm(rows, axis=1).max(initial=0.0)), 1e-300))


def _orbit(case: Case, transport: Transport, theta: Floats, *, move: bool) -> tuple[Floats, Floats, Rank]:
    """A point of the orbit, tangent vectors there, and their numerical rank: the clearest of a few tries."""
    tries = []
    for _ in range(3):
        origin, vectors = tangents(transport, theta, {}, case.rng, CURVES, move=move)
        tries.append((origin, vectors, rank(vectors)))
        if tries[-1][2].gap >= 1e4:
            break
    return max(tries, key=lambda each: each[2].gap)


def _along_kernel(factorisation: Factorisation, origin: Floats, vectors: Floats, dimension: int) -> float:
    """The greatest change of G at a point of the orbit along unit tangent vectors v with ∂φ·v = 0; 0 where there are none."""
    rows, slope = map(np.asarray, factorisation.both(origin))
    basis = np.linalg.svd(vectors, full_matrices=False)[2][:dimension]
    _, values, directions = np.linalg.svd(rows @ basis.T)
    values = np.concatenate([values, np.zeros(len(directions) - len(values))])
    kernel = directions[values <= 1e-8 * max(1.0, float(values.max(initial=0.0)))] @ basis
    if not len(kernel):
        return 0.0
    return float(np.abs(slope @ kernel.T).max() * (1 + np.linalg.norm(origin)) / (np.abs(rows @ rows.T).max() + 1e-300))


def _laws(factorisation: Factorisation, case: Case) -> list[Finding]:
    """∇h·∇φ_i = 0 at random points."""
    import jax

    if not factorisation.laws.terms:
        return []
    points = case.rng.normal(size=(case.seeds, case.program.size))
    slopes = np.asarray(factorisation.laws.slopes(points))
    rows = np.asarray(compiled(jax.vmap(jax.jacrev(factorisation.image)))(points))
    lengths = np.linalg.norm(slopes, axis=2)[:, :, None] * np.linalg.norm(rows, axis=2)[:, None] + 1e-6
    return [small("law · gradient of φ at random points", float((np.abs(np.einsum("bsm,bdm->bsd", slopes, rows)) / lengths).max()), *ALONG)]


def _equal(case: Case, factorisation: Factorisation, theta: Floats) -> list[Finding]:
    """G at other points with the same φ and laws: anywhere on the level, or near θ0. On an orbit the kernel criterion says all."""
    if case.claim["where"] == "orbit":
        return []
    size = (WIDE if case.claim["where"] == "level" else NARROW) * (1 + float(np.abs(theta).max()))
    starts = theta + size * case.rng.normal(size=(TRIES * case.seeds, len(theta)))
    _, off, here, there = map(np.asarray, factorisation.same(np.repeat(theta[None], len(starts), axis=0), starts))
    good = np.isfinite(there).all(axis=(1, 2)) & (off <= CLOSE * (1 + np.abs(theta).max()) ** 2)
    what = f"G at {int(good.sum())} other points with the same φ and laws"
    value = float((np.abs(here - there).max(axis=(1, 2)) / (1e-300 + np.abs(here).max(axis=(1, 2))))[good].max()) if good.sum() >= case.seeds else np.nan
    return [small(what, value, *EQUAL)]


def _explicit(case: Case, factorisation: Factorisation, theta: Floats) -> list[Finding]:
    """z' from the explicit flow against −G(θ)s, at points of a gradient flow of a random quadratic f(z)."""
    import diffrax
    import jax
    import jax.numpy as jnp

    from simcert.crosscheck.training import integrate
    from simcert.dynamics.flow import intrinsic_flow

    try:
        flow = intrinsic_flow(case.program, {name: [Fraction(v) for v in values] for name, values in case.claim["point"].items()}, case.seed)
    except UndecidedError:
        return []
    target = case.rng.normal(size=flow.start.size)
    rows = np.asarray(factorisation.both(theta)[0])
    time = (0.1 if case.claim["where"] == "level" else 0.01) / (1 + float(np.linalg.norm(rows)) ** 2)

    def change(_: Array, at: Array, __: Any) -> Array:
        return -jax.grad(lambda point: ((factorisation.image(point) - target) ** 2).sum() / 2)(at)

    solve = compiled(lambda start: integrate(diffrax.ODETerm(change), diffrax.Tsit5(), start, time * jnp.arange(1.0, 5.0), 1e-12))
    worst = 0.0
    for at in np.asarray(solve(theta)):
        rows, s = np.asarray(factorisation.both(at)[0]), case.rng.normal(size=flow.start.size)
        z = np.asarray(factorisation.image(jnp.asarray(at)))
        wanted = rows @ (rows.T @ s)
        try:
            got = flow(z.reshape(flow.start.shape), s.reshape(flow.start.shape)).ravel()
        except UndecidedError:
            worst = np.nan
            continue
        worst = float(np.maximum(worst, np.abs(wanted + got).max() / (np.abs(wanted).max() + 1e-300)))
    return [small("z' along a gradient flow, against the explicit flow of z", worst, *EQUAL)]


def _vector(case: Case, factorisation: Factorisation, theta: Floats, rows: Floats, slope: Floats) -> list[Finding]:
    """The vector of the proof: ∂φ·v = 0, and the derivative of an entry of G along v is the stated value."""
    if case.proof["method"] != "vector":
        return []
    proof = case.proof
    try:
        combination, (a, b), value = [float(Fraction(c)) for c in proof["combination"]], proof["entry"], float(Fraction(proof["value"]))
        covectors = np.zeros((len(proof["fields"]), len(rows)))
        starts = np.cumsum([0, *(int(np.prod(case.program.nodes[k].shape)) for k in case.program.outputs)])
        for number, field in enumerate(proof["fields"]):
            for k, i, c in field["covector"]:
                covectors[number, starts[k] + i] = float(Fraction(c))
        spelled = [tuple(int(letter) for letter in word) for word in proof["words"]]
        v = sum(c * np.asarray(word_vector(factorisation, theta, covectors, word)) for c, word in zip(combination, spelled, strict=True))
        measured = float(slope[a, b] @ v)
    except (KeyError, TypeError, ValueError, IndexError, ZeroDivisionError) as error:
        raise CertificateFormatError(f"the vector has another structure than docs/format.md says ({type(error).__name__}: {error})", "/proof") from None
    off = float(np.abs(rows @ v).max() / (np.abs(rows).max() * np.linalg.norm(v) + 1e-300))
    wrong = abs(measured - value) / max(abs(value), 1e-300)
    return [
        small("∂φ·v for the vector of the proof", off, 1e-10, 1e-6),
        Finding("derivative of G along v, against the value in the proof", measured, f"{value:.6g}", "agrees" if wrong < 1e-6 else "disagrees"),
    ]


def word_vector(factorisation: Factorisation, theta: Floats, covectors: Floats, word: tuple[int, ...]) -> Array:
    """The right-normed bracket [X_i,[X_j,…]] at θ of the fields X = ∇(v·φ), with [X,Y] = DY·X − DX·Y."""
    import jax
    import jax.numpy as jnp

    def field(number: int) -> Any:
        return jax.grad(lambda point: (factorisation.image(point) * covectors[number]).sum())

    inner = field(word[-1])
    for number in word[-2::-1]:
        inner = _bracket(field(number), inner)
    return inner(jnp.asarray(theta))


def _bracket(x: Any, y: Any) -> Any:
    import jax

    return lambda point: jax.jvp(y, (point,), (x(point),))[1] - jax.jvp(x, (point,), (y(point),))[1]
