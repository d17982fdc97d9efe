"""The intrinsic flow as a function of floats, Z, S ↦ Ż = −K(Z)S: for plots and comparisons, never for a proof.

Source: Marcotte, Peyré, Gribonval, arXiv 2508.07370; Ż = −(ZZᵀ)^{1/2}E − E(ZᵀZ)^{1/2} for balanced UVᵀ, ż = −√(4z² + c²)·ℓ'(z) for uv with u² − v² = c.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from simcert.dynamics.products import Block
from simcert.errors import UndecidedError
from simcert.exact.arrays import ArraySystem, Value, run
from simcert.exact.primefield import polynomial_derivative
from simcert.fields.brackets import Field, leaves
from simcert.fields.gradients import Fields
from simcert.laws.polynomials import Law
from simcert.models.program import Activation, Node, Program, size_of

Array = Any  # numpy array of floats
NEAR = 1e-2  # how far from the image of φ a point may lie, relative to its size


class Floats(ArraySystem):
    """Double precision, for programs with polynomial activations."""

    dtype = float

    def __init__(self, definitions: dict[str, Activation]) -> None:
        super().__init__(definitions)

    def number(self, value: Fraction) -> float:
        return float(value)

    def apply(self, node: Node, x: Value) -> Value:
        coefficients = polynomial_derivative(self.definitions[node.activation].polynomial or (), node.order)
        return sum(float(c) * x**k for k, c in enumerate(coefficients)) + 0 * x


@dataclass(frozen=True)
class Numeric:
    """A factorisation in floats: θ flat, by parameter index; z flat, the output entries counted through."""

    program: Program

    @cached_property
    def _kept(self) -> tuple[Fields, Floats, dict[str, Any]]:
        """The fields, the number system, and the covectors that pick every output entry."""
        fields = Fields(self.program)
        system = Floats(self.program.activations)
        units = [Field(((k, i, Fraction(1)),), {}, n) for n, (k, i) in enumerate(fields.outputs)]
        return fields, system, leaves(fields, system, units)

    def _leaves(self, theta: Array) -> dict[str, Array]:
        return {name: theta[start : start + size_of(shape)].reshape(1, *shape) for name, (start, shape) in self.program.offsets().items()}

    def value(self, theta: Array) -> Array:
        """φ(θ), shape (d)."""
        _, system, _ = self._kept
        values = run(self.program.nodes, system, self._leaves(theta), self.program.outputs)
        return np.concatenate([values[o].ravel() for o in self.program.outputs])

    def jacobian(self, theta: Array) -> Array:
        """∂φ(θ), shape (d, M)."""
        fields, system, units = self._kept
        return np.asarray(fields.flat(system, {**self._leaves(theta), **units}), dtype=float).reshape(-1, self.program.size)

    def velocity(self, theta: Array, gradient: Callable[[Array], Array]) -> Array:
        """θ' = −∂φᵀ∇f(φ(θ)) for ∇f as a function of z."""
        return -self.jacobian(theta).T @ gradient(self.value(theta))


@dataclass(frozen=True)
class IntrinsicFlow:
    """ż = −K(z)s as a function of z and s = ∇f(z), both of the shape of φ (flat when φ has several outputs).

    `formula` says it in words; `where` is the set of θ on which G(θ) = K(φ(θ)) ("level" or "near"); `start` = φ(θ0); `numeric` evaluates φ and ∂φ. Numbers are
    floats: this is for looking, not for proofs.
    """

    formula: tuple[str, ...]
    where: str
    start: Array
    numeric: Numeric
    apply: Callable[[Array, Array], Array]

    def __call__(self, z: Array, s: Array) -> Array:
        z, s = np.asarray(z, dtype=float), np.asarray(s, dtype=float)
        return self.apply(z, s)


def _largest(roots: Sequence[float], s: Array) -> Array:
    """The largest a with Π(a − root_k) = s ≥ 0, by Newton's method from above, where the product is convex and increasing."""
    top, degree = max(roots), len(roots)
    a = top + np.maximum(s, 0.0) ** (1.0 / degree)
    for _ in range(200):
        factors = [a - r for r in roots]
        slope = sum(np.prod([f for j, f in enumerate(factors) if j != k], axis=0) for k in range(degree))
        step = np.where(slope > 0, (np.prod(factors, axis=0) - s) / np.where(slope > 0, slope, 1.0), 0.0)
        a = a - step
        if np.all(np.abs(step) <= 1e-15 * (1 + np.abs(a))):
            break
    return a


def _end(square: Array, roots: Sequence[float], rank: int) -> tuple[Array, Array]:
    """Eigenvectors of ZZᵀ and the eigenvalues of A: the largest roots on the `rank` largest eigenvalues, 0 on the others."""
    values, vectors = np.linalg.eigh(square)
    a = _largest(roots, np.maximum(values, 0.0))
    a[: len(a) - rank] = 0.0
    return vectors, a


def _powers(end: tuple[Array, Array], roots: Sequence[float]) -> list[Array]:
    """D_0 = 1, D_1 = A, …, D_{L−1} = A(A − μ_1)⋯(A − μ_{L−2})."""
    vectors, a = end
    out, product = list[Array](), np.ones_like(a)
    for root in roots:
        out.append((vectors * product) @ vectors.T)
        product = product * (a - root)
    return out


def _of_block(block: Block) -> Callable[[Array, Array], Array]:
    """K of one product of matrices."""
    if len(block.factors) == 1:
        return lambda z, s: -s
    if block.quadratic is not None:
        alpha, beta = (float(c) for c in block.quadratic)
        ends = [[t + np.sqrt(alpha * alpha / 4 + beta), t - np.sqrt(alpha * alpha / 4 + beta)] for t in (alpha / 2, -alpha / 2)]
    else:
        gaps = [float(g) for g in block.gaps]
        ends = [[float(t) for t in np.concatenate([[0.0], np.cumsum(steps)])] for steps in (gaps, [-g for g in gaps[::-1]])]
    widths = block.widths
    sizes = [widths[0] if block.sides[0] == "level" else min(widths[:2]), widths[-1] if block.sides[1] == "level" else min(widths[-2:])]

    def apply(z: Array, s: Array) -> Array:
        left, right = _end(z @ z.T, ends[0], sizes[0]), _end(z.T @ z, ends[1], sizes[1])
        if block.quadratic is not None:
            return -((left[0] * left[1]) @ left[0].T @ s) - s @ ((right[0] * right[1]) @ right[0].T)
        before, after = _powers(left, ends[0]), _powers(right, ends[1])
        return -sum(before[len(before) - 1 - k] @ s @ d for k, d in enumerate(after))

    return apply


def explicit(blocks: Sequence[Block]) -> Callable[[Array, Array], Array]:
    """The flow of the products: matrices for one product, flat arrays for several."""
    functions = [_of_block(block) for block in blocks]
    if len(blocks) == 1:
        return functions[0]
    shapes = [(b.widths[0], b.widths[-1]) for b in blocks]
    ends = [int(n) for n in np.cumsum([0, *(n * m for n, m in shapes)])]

    def apply(z: Array, s: Array) -> Array:
        parts = zip(functions, shapes, ends, ends[1:], strict=False)
        return np.concatenate([f(z[a:b].reshape(shape), s[a:b].reshape(shape)).ravel() for f, shape, a, b in parts])

    return apply


def recovered(numeric: Numeric, laws: Sequence[Law], start: Array) -> Callable[[Array, Array], Array]:
    """The flow −G(θ(z))s with θ(z) the solution of φ(θ) = z, h(θ) = h(θ0), by the Gauss–Newton method from θ0 along the segment from φ(θ0) to z.

    z may lie beside the image of φ, as the stages of a Runge–Kutta step do: θ(z) is then a least-squares solution. The function raises `UndecidedError` at a z
    that is not reached.
    """
    shape, z0 = _shape(numeric.program), numeric.value(start)
    level = np.array([_value(law, start) for law in laws])

    def newton(theta: Array, z: Array) -> Array | None:
        for _ in range(40):
            off = np.concatenate([z - numeric.value(theta), level - np.array([_value(law, theta) for law in laws])])
            matrix = np.vstack([numeric.jacobian(theta), *([_slope(law, theta)[None] for law in laws])])
            step = np.linalg.lstsq(matrix, off, rcond=None)[0]
            theta = theta + step
            if np.linalg.norm(step) <= 1e-13 * (1 + np.linalg.norm(theta)):
                return theta if np.linalg.norm(off) <= NEAR * (1 + np.linalg.norm(z)) else None
        return None

    def solve(z: Array) -> Array:
        for pieces in (1, 4, 16, 64):
            theta: Array | None = start
            for k in range(1, pieces + 1):
                theta = newton(theta, z0 + (z - z0) * k / pieces) if theta is not None else None
            if theta is not None:
                return theta
        raise UndecidedError("the parameters could not be recovered from z", numeric.program.title, "stay nearer to φ(θ0)")

    def apply(z: Array, s: Array) -> Array:
        rows = numeric.jacobian(solve(z.ravel()))
        return -(rows @ (rows.T @ s.ravel())).reshape(shape)

    return apply


def neural_ode_flow(z: Array, s: Array) -> Array:
    """The end-to-end flow of a linear neural ODE, the limit of infinite depth under relaxed balance: Ż = −∫₀¹ (ZZᵀ)^{1−u} S (ZᵀZ)^u du, with S = ∂f/∂Z.

    For a square invertible Z = P·diag(σ)·Qᵀ this is −P(L∘PᵀSQ)Qᵀ with the logarithmic means L_ij = (σ_i² − σ_j²)/(log σ_i² − log σ_j²). It is the limit of
    Ẇ_l = −(1/L)∂f/∂W_l for W_{l+1}ᵀW_{l+1} − W_lW_lᵀ = λ(l/L)/L²·1 with any function λ: the factors that depend on it cancel.

    Arguments: z, s of shape (n, n). Source: Marcotte, Peyré, Gribonval, arXiv 2508.07370, for the balanced case; derived here for any λ.
    """
    p, sigma, q = np.linalg.svd(np.asarray(z, dtype=float))
    squares, logs = sigma**2, 2 * np.log(sigma)
    gap = logs[:, None] - logs[None, :]
    close = np.abs(gap) < 1e-6  # there the mean is that of the series to second order, which is exact to rounding
    middle = np.exp((logs[:, None] + logs[None, :]) / 2)
    means = np.where(close, middle * (1 + gap**2 / 24), (squares[:, None] - squares[None, :]) / np.where(close, 1.0, gap))
    return -p @ (means * (p.T @ np.asarray(s, dtype=float) @ q.T)) @ q


def _shape(p: Program) -> tuple[int, ...]:
    shapes = [p.nodes[o].shape for o in p.outputs]
    return shapes[0] if len(shapes) == 1 else (sum(size_of(s) for s in shapes),)


def _value(law: Law, theta: Array) -> float:
    return float(sum(float(c) * np.prod(theta[list(m)]) for m, c in law.terms.items()))


def _slope(law: Law, theta: Array) -> Array:
    out = np.zeros_like(theta)
    for m, c in law.terms.items():
        for j, k in enumerate(m):
            out[k] += float(c) * np.prod(theta[list(m[:j] + m[j + 1 :])])
    return out


def intrinsic_flow(program: Program, theta: dict[str, list[Fraction]], seed: int = 0) -> IntrinsicFlow:
    """The intrinsic flow of a factorisation at a point. Raises `UndecidedError` where none is known."""
    from simcert.dynamics.decide import intrinsic
    from simcert.dynamics.formulas import formula

    found = intrinsic(program, theta, seed)
    numeric = Numeric(program)
    start = np.array([float(v) for name, _ in program.parameters for v in theta[name]])
    z0 = numeric.value(start).reshape(_shape(program))
    if found.blocks:
        return IntrinsicFlow(tuple(formula(found)), found.where, z0, numeric, explicit(found.blocks))
    if found.method == "recoverable":
        return IntrinsicFlow(tuple(formula(found)), found.where, z0, numeric, recovered(numeric, found.laws, start))
    raise UndecidedError(f"no intrinsic flow is known: {found.verdict}, {found.reason}", program.title, "see simcert intrinsic for what is known at this point")
