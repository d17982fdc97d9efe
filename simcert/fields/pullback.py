"""Pulled-back gradient fields: their Taylor coefficients are values of elements of Lie(V) at the point itself.

Let θ(t) solve θ' = X_t(θ), X_t = Σ c_i(t) X_i, with flow Φ_t. (Φ_t)^*Y(θ0) = U(t)·Y(θ(t)) with U = (DΦ_t)^(−1), that is U' = −U·DX_t(θ(t)), U(0) = 1.
The differential of a flow of fields of Lie(V) maps Lie(V)(θ0) onto Lie(V)(θ(t)) (Hermann–Nagano), so U(t)·Y(θ(t)) is a curve in the vector space
Lie(V)(θ0), and all its Taylor coefficients lie there; for a constant control they are ad_X^k Y(θ0)/k! (`math.md`, section 4). DX_i is symmetric (X_i is a
gradient), so a row u of U solves u' = −DX_t(θ(t))·u.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from simcert.exact.duals import Duals
from simcert.exact.primefield import PrimeField, matmul_mod
from simcert.exact.series import Series
from simcert.fields.brackets import Field, leaves
from simcert.fields.flows import Curve, along
from simcert.fields.gradients import Fields


def _slopes(fields: Fields, base: PrimeField, curve: Curve, chosen: Sequence[Field], constants: dict[str, int]) -> Any | None:
    """DX_t(θ(t)) as residues (K, M, M), or None where the number system fails."""
    terms, size = curve.coefficients.shape
    system = Series(base, terms, constants)
    theta = fields.split(system, curve.coefficients[:, None, :])
    unit = fields.split(system, system.lift(np.eye(size, dtype=np.int64)))
    total = np.zeros((terms, size, size), dtype=np.int64)
    for i, control in curve.control:
        own = {name: (value, None) if name else value for name, value in leaves(fields, system, [chosen[i]]).items()}
        value = fields.flat(Duals(system), {**{name: (theta[name], unit[name]) for name in theta}, **own})
        if value is None:
            return None
        if value[1] is None:
            continue
        for k, c in enumerate(control[:terms]):
            total[k:] = (total[k:] + base.number(Fraction(c)) * value[1][: terms - k]) % base.p
    return total


def adjoint(fields: Fields, base: PrimeField, curve: Curve, chosen: Sequence[Field], constants: dict[str, int]) -> Any | None:
    """U(t) along a curve in the orbit, residues (K, M, M): row c of the k-th matrix is the coefficient of t^k of row c of U."""
    slopes = _slopes(fields, base, curve, chosen, constants)
    if slopes is None:
        return None
    p, out = base.p, [np.eye(slopes.shape[1], dtype=np.int64)]
    for k in range(len(slopes) - 1):
        total = np.zeros_like(out[0])
        for j, u in enumerate(out):
            total = (total + matmul_mod(u, slopes[k - j], p)) % p
        out.append(-total * pow(k + 1, -1, p) % p)
    return np.stack(out)


def pulled(fields: Fields, base: PrimeField, curve: Curve, rows: Any, chosen: Sequence[Field], numbers: Sequence[int], constants: dict[str, int]) -> Any | None:
    """The coefficients of U(t)·Y(θ(t)) for the fields Y listed, residues (K, fields, M), given U as from `adjoint`."""
    values = along(fields, base, curve, chosen, [(i,) for i in numbers], constants)
    if values is None:
        return None
    out = np.zeros_like(values)
    for k in range(len(values)):
        for j in range(k + 1):
            out[k] = (out[k] + matmul_mod(values[k - j], rows[j].T, base.p)) % base.p
    return out
