"""How many conservation laws momentum flow and mirror flow have: the Lie rank of their fields, which are no gradients, on their own state space.

Momentum, state (t, θ, θ̇): fields (0, 0, ∇φ_i) and (1, θ̇, −τθ̇). Entropic mirror flow, state θ: fields θ ⊙ ∇φ_i. Source: Marcotte, Gribonval, Peyré,
"Keep the momentum", arXiv 2405.12888.

The values of a pulled-back field, (Φ_t)^*X(x0) along the flow of any time-dependent combination, lie in the Lie algebra at x0, and so do their Taylor
coefficients in t.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from flint import fmpq, fmpq_mpoly_ctx

from simcert.errors import ResourceLimit, SpecError
from simcert.exact.arrays import ArraySystem, Value, run
from simcert.exact.primefield import matmul_mod, polynomial_derivative
from simcert.exact.rank import SMALL, Eliminator
from simcert.models.program import Activation, Node, Program

Array = Any
FLOWS = ("momentum", "mirror")
MOST = 400  # dimensions of the state space
TERMS = (12, 24, 48)
Index = tuple[int, ...]


@dataclass(frozen=True)
class FlowLaws:
    """`state` dimensions, `rank` of the Lie algebra of the fields at a generic point (at least), `count` = state − rank conservation laws (at most)."""

    flow: str
    parameters: int
    state: int
    rank: int

    @property
    def count(self) -> int:
        return self.state - self.rank


class _Polynomials(ArraySystem):
    """Polynomials in all parameters with rational coefficients."""

    def __init__(self, definitions: dict[str, Activation], size: int) -> None:
        super().__init__(definitions)
        self.context = fmpq_mpoly_ctx.get(("x", size), "lex")

    def number(self, value: Fraction) -> Any:
        return self.context.constant(fmpq(value.numerator, value.denominator))

    def apply(self, node: Node, x: Value) -> Value:
        coefficients = [self.number(c) for c in polynomial_derivative(self.definitions[node.activation].polynomial or (), node.order)]
        out = x * 0
        for c in reversed(coefficients):
            out = out * x + c
        return out


def polynomials(p: Program) -> list[dict[Index, Fraction]]:
    """The entries of a factorisation as polynomials: non-decreasing parameter indices to coefficients.

    >>> from simcert.dynamics.factorizations import factorization
    >>> from simcert.models.families import linear
    >>> polynomials(factorization(linear(1, 2, 1)))
    [{(0, 2): Fraction(1, 1), (1, 3): Fraction(1, 1)}]
    """
    system = _Polynomials(p.activations, p.size)
    gens, leaves = system.context.gens(), dict[str, Any]()
    for name, (start, shape) in p.offsets().items():
        array = np.empty(int(np.prod(shape, dtype=np.int64)), dtype=object)
        array[:] = gens[start : start + len(array)]
        leaves[name] = array.reshape(1, *shape)
    values = run(p.nodes, system, leaves, p.outputs)
    out: list[dict[Index, Fraction]] = []
    for node in p.outputs:
        for entry in values[node].ravel():
            terms = entry.to_dict()
            out.append({tuple(k for k, e in enumerate(powers) for _ in range(e)): Fraction(int(c.p), int(c.q)) for powers, c in terms.items()})
    return out


class _Series:
    """Power series modulo t^K and a prime, and the derivatives of polynomials along a curve."""

    def __init__(self, entries: list[dict[Index, Fraction]], size: int, terms: int, rng: random.Random) -> None:
        self.size, self.terms, self.entries = size, terms, entries
        self.control = self._random(rng, len(entries))  # c_i(t)
        self.residues = [{m: c.numerator * pow(c.denominator, -1, SMALL) % SMALL for m, c in entry.items()} for entry in entries]

    def _random(self, rng: random.Random, count: int) -> Array:
        return np.array([[rng.randrange(SMALL) for _ in range(self.terms)] for _ in range(count)], dtype=np.int64)

    def times(self, a: Array, b: Array) -> Array:
        out = np.zeros(np.broadcast_shapes(a.shape, b.shape), dtype=np.int64)
        for k in range(self.terms):
            out[..., k:] = (out[..., k:] + a[..., k : k + 1] * b[..., : self.terms - k]) % SMALL
        return out

    def monomial(self, theta: Array, m: Index) -> Array:
        out = np.zeros(self.terms, dtype=np.int64)
        out[0] = 1
        for k in m:
            out = self.times(out, theta[k])
        return out

    def slopes(self, theta: Array) -> Array:
        """∇φ_i(θ(t)), shape (entries, M, K)."""
        out = np.zeros((len(self.entries), self.size, self.terms), dtype=np.int64)
        for i, entry in enumerate(self.residues):
            for m, c in entry.items():
                for j, k in enumerate(m):
                    out[i, k] = (out[i, k] + c * self.monomial(theta, m[:j] + m[j + 1 :])) % SMALL
        return out

    def hessian(self, theta: Array) -> Array:
        """Σ c_i(t) ∂²φ_i(θ(t)), shape (M, M, K)."""
        out = np.zeros((self.size, self.size, self.terms), dtype=np.int64)
        for i, entry in enumerate(self.residues):
            for m, c in entry.items():
                for a, p in enumerate(m):
                    for b, q in enumerate(m):
                        if a != b:
                            rest = tuple(k for n, k in enumerate(m) if n not in (a, b))
                            out[p, q] = (out[p, q] + c * self.times(self.monomial(theta, rest), self.control[i])) % SMALL
        return out

    def combined(self, slopes: Array) -> Array:
        """Σ c_i(t) ∇φ_i, shape (M, K)."""
        return self.times(self.control[:, None, :], slopes).sum(axis=0) % SMALL


def _momentum(series: _Series, rng: random.Random) -> tuple[Array, Array]:
    """The fields along a curve, (fields, D, K), and the Jacobian of the field that drives it, (D, D, K)."""
    m, k, friction = series.size, series.terms, rng.randrange(1, SMALL)
    theta, speed = np.zeros((m, k), dtype=np.int64), np.zeros((m, k), dtype=np.int64)
    theta[:, 0], speed[:, 0] = ([rng.randrange(SMALL) for _ in range(m)] for _ in range(2))
    slopes = series.slopes(theta)
    for order in range(1, k):
        force = (series.combined(slopes) - friction * speed) % SMALL
        inverse = pow(order, -1, SMALL)
        theta[:, order] = speed[:, order - 1] * inverse % SMALL
        speed[:, order] = force[:, order - 1] * inverse % SMALL
        slopes = series.slopes(theta)
    size = 1 + 2 * m
    fields = np.zeros((len(slopes) + 1, size, k), dtype=np.int64)
    fields[:-1, 1 + m :] = slopes
    fields[-1, 0, 0], fields[-1, 1 : 1 + m], fields[-1, 1 + m :] = 1, speed, -friction * speed % SMALL
    jacobian = np.zeros((size, size, k), dtype=np.int64)
    jacobian[1 + m :, 1 : 1 + m] = series.hessian(theta)
    for i in range(m):
        jacobian[1 + i, 1 + m + i, 0] = 1
        jacobian[1 + m + i, 1 + m + i, 0] = -friction % SMALL
    return fields, jacobian


def _mirror(series: _Series, rng: random.Random) -> tuple[Array, Array]:
    """The same for the entropic mirror flow."""
    m, k = series.size, series.terms
    theta = np.zeros((m, k), dtype=np.int64)
    theta[:, 0] = [rng.randrange(1, SMALL) for _ in range(m)]
    slopes = series.slopes(theta)
    for order in range(1, k):
        theta[:, order] = series.times(theta, series.combined(slopes))[:, order - 1] * pow(order, -1, SMALL) % SMALL
        slopes = series.slopes(theta)
    jacobian = series.times(theta[:, None, :], series.hessian(theta))
    driving = series.combined(slopes)
    for i in range(m):
        jacobian[i, i] = (jacobian[i, i] + driving[i]) % SMALL
    return series.times(theta[None], slopes), jacobian


def _convolution(a: list[Array], b: list[Array], k: int) -> Array:
    """Σ_j a_j b_{k−j}."""
    out: Array = matmul_mod(a[0], b[k], SMALL)
    for j in range(1, k + 1):
        out = (out + matmul_mod(a[j], b[k - j], SMALL)) % SMALL
    return out


def _pulled_back(fields: Array, jacobian: Array) -> Array:
    """The Taylor coefficients of DΦ_t^{-1}X(x(t)) for every field X, as rows: P' = −P·J, P(0) = 1."""
    size, terms = jacobian.shape[0], jacobian.shape[2]
    steps = [np.ascontiguousarray(jacobian[:, :, k]) for k in range(terms)]
    vectors = [np.ascontiguousarray(fields[:, :, k].T) for k in range(terms)]
    powers: list[Array] = [np.eye(size, dtype=np.int64)]
    for k in range(terms - 1):
        powers.append(-_convolution(powers, steps, k) * pow(k + 1, -1, SMALL) % SMALL)
    rows = [_convolution(powers, vectors, k) for k in range(terms)]
    return np.concatenate([row.T for row in rows])


def flow_laws(program: Program, flow: str = "momentum", seed: int = 0) -> FlowLaws:
    """The number of conservation laws of a factorisation under momentum flow or entropic mirror flow.

    *Proves:* the rank is at least `rank` (a rank modulo a prime of elements of the Lie algebra at a point), so there are at most `count` independent laws near
    generic points. *Does not prove:* that there are so many; the order of the Taylor expansion is raised until the rank does not grow.

    Arguments: `program`, a factorisation; `flow`, "momentum" or "mirror". Raises `ResourceLimit` for more than 400 dimensions of the state space.
    """
    if flow not in FLOWS:
        raise SpecError(f"unknown flow {flow!r}", "--flow", f"the flows are {', '.join(FLOWS)}")
    state = 1 + 2 * program.size if flow == "momentum" else program.size
    if state > MOST:
        raise ResourceLimit(f"a state space of {state} dimensions", program.title, f"the limit is {MOST}")
    entries = polynomials(program)
    rng, best = random.Random(seed), 0
    for terms in TERMS:
        series = _Series(entries, program.size, terms, rng)
        eliminator = Eliminator(state, SMALL)
        eliminator.add(_pulled_back(*(_momentum if flow == "momentum" else _mirror)(series, rng)))
        if eliminator.rank <= best or eliminator.rank == state:
            return FlowLaws(flow, program.size, state, max(best, eliminator.rank))
        best = eliminator.rank
    return FlowLaws(flow, program.size, state, best)
