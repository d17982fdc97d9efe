"""Which number system a lower bound is computed in, and how vectors and their rank are obtained there.

`Arithmetic` hides the choice from `orbits`: residues (polynomials, piecewise functions with exact gates), the exponential field (named exponential
functions at rational
arguments), residues with constants (named functions at arguments that are 0), or balls.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np

from simcert.errors import SpecError
from simcert.exact.arrays import UndefinedValueError
from simcert.exact.exponentials import PRIMES as EXPONENTIAL_PRIMES
from simcert.exact.exponentials import Exponentials
from simcert.exact.gates import Gated
from simcert.exact.linalg import independent_rows
from simcert.exact.primefield import PrimeField
from simcert.exact.rank import SMALL, Eliminator, prime_for
from simcert.exact.rationals import Rationals
from simcert.fields.brackets import Field, Word, as_matrix, leaves, random_field, vectors
from simcert.fields.flows import Curve, along, flow, random_control
from simcert.fields.gradients import Fields, Flat
from simcert.fields.pullback import adjoint, pulled
from simcert.models.activations import NAMED
from simcert.models.program import Activation

CONSTANTS = {"gelu": ("one_over_sqrt_two_pi", "pi"), "erf": ("two_over_sqrt_pi", "pi"), "softplus": ("log2", "log2")}


def transcendental(definitions: dict[str, Activation]) -> list[str]:
    """The named functions that are not algebraic."""
    return sorted({a.named for a in definitions.values() if a.named is not None and a.named != "reciprocal"})


@dataclass
class Arithmetic:
    """Vectors of Lie(V) at a point, in one number system.

    Arguments: `definitions` with polynomial members for classes; `theta` the point; `rng` draws inputs, for transcendental functions integers up to `spread`.
    `kind` is "residue", "exponential", "constants" or "ball".
    """

    fields: Fields
    definitions: dict[str, Activation]
    theta: Flat
    rng: random.Random
    count: int
    kind: str = "residue"
    spread: int = 3
    pool: list[Field] = field(default_factory=list[Field])
    base: Any = None
    constants: dict[str, int] = field(default_factory=dict[str, int])

    def __post_init__(self) -> None:
        self.prime = prime_for(v for vs in self.theta.values() for v in vs)
        names = transcendental(self.definitions)
        several, gated = len(self.fields.outputs) > 1, any(a.piecewise is not None for a in self.definitions.values())
        bounds = ((1, 3) if names else (1, 3, 9, 30, 100, 300)) if gated else (self.spread,) if names else (9,)
        if self.fields.program.inputs:
            self.pool = [random_field(self.fields, self.rng, self.rng.choice(bounds), dense=several and k % 2 == 1, key=k) for k in range(self.count)]
        else:  # there are only as many fields as output entries, up to combinations
            chosen = self.rng.sample(self.fields.outputs, min(len(self.fields.outputs), 8 * self.count))
            self.pool = [Field(((k, i, Fraction(1)),), {}, n) for n, (k, i) in enumerate(chosen)]
        if not names:
            self.kind = "residue"
            self.base = self._gated() if gated else PrimeField(self.definitions, self.prime)
        elif gated:
            self.kind = "ball"
        else:
            self._transcendental(names)

    def _gated(self) -> Gated:
        base = Gated(self.definitions, self.prime)
        p = self.fields.program
        data: dict[str, Any] = {name: (list(self.theta[name]), shape) for name, shape in p.parameters}
        inputs = [n for n, _ in p.inputs]
        for name, shape in p.inputs:
            data[name] = ([v for f in self.pool for v in f.inputs[name]], (-1, *shape))
        good = set(base.learn(p.nodes, data, [f.key for f in self.pool]) if inputs else [])
        self.pool = [f for f in self.pool if f.key in good]
        if not self.pool:
            raise SpecError(
                "at this point an argument of a piecewise function is 0 for every input tried, so the network has no gradient there",
                self._zero_unit(),
                "move the point: give that unit a nonzero weight or bias",
            )
        return base

    def _zero_unit(self) -> str:
        """The first unit whose pre-activation vanishes at the first inputs."""
        from simcert.exact.arrays import run

        p, system = self.fields.program, Rationals(self.definitions)
        names = {**dict(p.parameters), **dict(p.inputs)}
        data = {name: system.array(list(self.theta[name]), names[name]) for name, _ in p.parameters}
        probe = random_field(self.fields, self.rng)
        data |= {name: system.array(list(v), names[name]) for name, v in probe.inputs.items()}
        for i, node in enumerate(p.nodes):
            if node.op == "apply" and self.definitions[node.activation].piecewise is not None:
                z = run(p.nodes[: node.args[0] + 1], system, data)[node.args[0]].ravel()
                zero = np.flatnonzero(z == 0)
                if zero.size:
                    return f"unit {int(zero[0])} of node {i} ({node.activation})"
        return ""

    def _transcendental(self, names: Sequence[str]) -> None:
        rational = Rationals(self.definitions)
        shapes = dict(self.fields.program.parameters)
        try:
            if all(NAMED[n].exactness == "exponential" for n in names):
                exact = {n: rational.array(list(v), shapes[n]) for n, v in self.theta.items()} | leaves(self.fields, rational, self.pool)
                self.base = Exponentials(self.definitions, self.fields.gradient.nodes, exact, self.rng, self._large())
                self.kind = "exponential"
                if self.words([(0,)]) is not None:
                    return
            wanted = {CONSTANTS[n][0] for n in names if n in CONSTANTS}
            if len(wanted) <= 1:
                self.constants = {c: self.rng.randrange(2, self.prime) for c in wanted}
                self.base, self.kind = PrimeField(self.definitions, self.prime), "constants"
                if flow(self.fields, self.base, self.theta, self.pool, random_control(1, self.rng), 2, self.constants) is not None:
                    return
        except UndefinedValueError:
            pass
        self.base, self.kind = None, "ball"

    def _large(self) -> int:
        """A prime for the exponential field that divides no denominator of the point."""
        denominators = {v.denominator for vs in self.theta.values() for v in vs}
        return next((p for p in EXPONENTIAL_PRIMES if all(d % p for d in denominators)), EXPONENTIAL_PRIMES[0])

    def numbers(self) -> dict[str, Any]:
        """The `numbers` object of a certificate."""
        out: dict[str, Any] = {"modulus": str(self.base.p)}
        if isinstance(self.base, Exponentials):
            out |= {"denominator": str(self.base.denominator), "bases": {n: str(r) for n, r in self.base.bases.items()}}
        if self.kind == "constants":
            table = dict(CONSTANTS.values())
            out["constants"] = {table[n]: str(r) for n, r in self.constants.items()}
        return out

    def words(self, spelled: Sequence[Word]) -> Any | None:
        """The vectors of words at the point, an array (words, M) of residues, or None."""
        shapes = dict(self.fields.program.parameters)
        if self.kind == "constants":
            start = np.concatenate([self.base.array(list(self.theta[n]), s).reshape(-1) for n, s in shapes.items()])
            rows = along(self.fields, self.base, Curve([], start[None]), self.pool, spelled, self.constants)
            return None if rows is None else rows[0]
        theta = {n: self.base.array(list(self.theta[n]), s) for n, s in shapes.items()}
        rows = vectors(self.fields, self.base, theta, self.pool, spelled)
        return None if rows is None else as_matrix(rows)

    def curve(self, terms: int, controls: int = 3) -> Curve | None:
        """A random curve in the orbit, to t^`terms`: the more terms, the more fields take part, with controls of higher degree (`flows.py` says why)."""
        step = max(terms.bit_length() - 4, 0)  # 0 for 8 terms, 1 for 16, …
        control = random_control(min(controls + step, len(self.pool)), self.rng, 1 + step)
        return flow(self.fields, self.base, self.theta, self.pool, control, terms, self.constants)

    def along(self, curve: Curve, spelled: Sequence[Word]) -> Any | None:
        """The vectors of words along a curve, an array (K, words, M)."""
        return along(self.fields, self.base, curve, self.pool, spelled, self.constants)

    def pulled(self, curve: Curve, numbers: Sequence[int]) -> tuple[Any, Any] | None:
        """U(t) along a curve and the coefficients of U(t)·Y(θ(t)) for the fields Y listed: arrays (K, M, M) and (K, fields, M)."""
        rows = adjoint(self.fields, self.base, curve, self.pool, self.constants)
        values = None if rows is None else pulled(self.fields, self.base, curve, rows, self.pool, numbers, self.constants)
        return None if values is None else (rows, values)

    def profile(self, matrix: Any, most: int) -> tuple[list[int], list[int]]:
        """Rows and columns (at most so many) of a square part of a matrix of residues that is regular; as many as the rank, if that is not more."""
        p = self.base.p
        if p > SMALL:
            rows = independent_rows(matrix, p)[:most]
            return rows, independent_rows(np.asarray(matrix)[rows].T, p)
        eliminator = Eliminator(matrix.shape[1], p)
        eliminator.add(matrix)
        return eliminator.rows[:most], sorted(eliminator.pivots[:most])
