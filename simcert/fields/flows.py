"""Flow transport: curves in the orbit as exact power series.

θ' = Σ c_i(t) X_i(θ), θ(0) = θ0, with polynomials c_i: θ(t) stays on the orbit of θ0 (it is reached by flows of gradient fields), and the dimension of
Lie(V) is constant along it. So a rank found along θ(t) is a lower bound at θ0, also where the bracket filtration at θ0 stalls (`math.md`, section 4).

*Several legs* need no method of their own: polynomial controls in several fields prove whatever legs e^{s_n X_n} ⋯ e^{s_1 X_1} θ0 prove. Legs are a
piecewise constant control on [0, T]. A polynomial control close to it in the mean ends close to it in the orbit, and to have some rank is an open condition; so
some minor does not vanish at t = T along the polynomial curve. It is analytic in t, hence not identically 0, and some coefficient of its power series at
t = 0 is not 0: a polynomial in the coefficients of the control that does not vanish identically, so random ones will do. The search therefore takes more
fields and higher degrees whenever it takes more terms (`Arithmetic.curve`).
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from simcert.exact.primefield import PrimeField
from simcert.exact.series import Series
from simcert.fields.brackets import Field, Word, as_matrix, leaves, vectors
from simcert.fields.gradients import Fields, Flat

Control = list[tuple[int, tuple[Fraction, ...]]]  # (field number, coefficients of c_i(t))


@dataclass(frozen=True)
class Curve:
    """A curve in the orbit: `coefficients` has shape (K, M), the residues of the Taylor coefficients of θ(t), θ0 first."""

    control: Control
    coefficients: Any

    def to_json(self) -> dict[str, Any]:
        """The curve as it stands in a proof: the control, and the coefficients after θ0."""
        control = [[[str(c) for c in coefficients], i] for i, coefficients in self.control]
        return {"control": control, "curve": [[str(int(v)) for v in row] for row in self.coefficients[1:]]}


def random_control(count: int, rng: random.Random, degree: int = 1) -> Control:
    """A control that uses the first `count` fields, with small random polynomials."""
    return [(i, tuple(Fraction(rng.choice((-2, -1, 1, 2))) for _ in range(degree + 1))) for i in range(count)]


def flow(fields: Fields, base: PrimeField, theta: Flat, chosen: Sequence[Field], control: Control, terms: int, constants: dict[str, int]) -> Curve | None:
    """The solution to t^`terms`, coefficient by coefficient; None where an activation has no power series at its argument.

    The recurrence divides by 1, …, `terms` − 1 < p.
    """
    names = dict(fields.program.parameters)
    start = np.concatenate([base.array(list(theta[name]), shape).reshape(-1) for name, shape in names.items()])
    coefficients = [start]
    used = [chosen[i] for i, _ in control]
    weights = np.array([[base.number(c[k]) if k < len(c) else 0 for _, c in control] for k in range(terms)], dtype=np.int64)
    while len(coefficients) < terms:
        n = len(coefficients)
        system = Series(base, n, constants)
        moving = fields.split(system, system.series(coefficients)[:, None, :])
        value = fields.flat(system, {**moving, **leaves(fields, system, used)})
        if value is None:
            return None
        total = np.zeros(fields.program.size, dtype=np.int64)
        for k in range(n):
            total = (total + (weights[k][:, None] * value[n - 1 - k] % base.p).sum(axis=0)) % base.p
        coefficients.append(total * pow(n, -1, base.p) % base.p)
    return Curve(control, np.stack(coefficients))


def along(fields: Fields, base: PrimeField, curve: Curve, chosen: Sequence[Field], spelled: Sequence[Word], constants: dict[str, int]) -> Any | None:
    """The vectors of words along a curve: an array (K, words, M) of power series, or None."""
    system = Series(base, len(curve.coefficients), constants)
    theta = fields.split(system, curve.coefficients[:, None, :])
    rows = vectors(fields, system, theta, chosen, spelled)
    return None if rows is None else as_matrix(rows)
