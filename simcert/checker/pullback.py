"""Coefficients of pulled-back gradient fields: values of elements of Lie(V) at the point where a curve in its orbit starts.

Along θ' = X_t(θ), X_t = Σ c_i(t) X_i, with flow Φ_t, the curve t ↦ DΦ_t(θ0)^(−1)·Y(θ(t)) stays in the vector space Lie(V)(θ0), because DΦ_t maps it
onto Lie(V)(θ(t)) (Hermann–Nagano); so all its Taylor coefficients lie there. U = DΦ_t^(−1) solves U' = −U·DX_t(θ(t)), U(0) = 1. X_i is the gradient of a
function, so DX_i is symmetric, and the row e_cᵀU of U, as a column u, solves u' = −DX_t(θ(t))·u, u(0) = e_c. Entry c of U·Y is u·Y.
"""

from __future__ import annotations

from collections.abc import Sequence

from .canonical import Json, integers, items
from .curves import Start
from .local import Along, Local
from .outcome import Limit, Malformed


def pulled_back(start: Start, d: dict[str, Json], columns: Sequence[int], place: str) -> list[list[int]]:
    """For every pair [i, k] of `vectors` the entries in the columns listed of the coefficient of t^k of U(t)·X_i(θ(t)), as residues.

    Raises `Invalid` where curve or adjoint do not solve their equations, `Malformed` unless there are as many pairs as columns, each with k < K.
    """
    f, numbers = start.f, start.numbers
    theta = start.check_curve(d["control"], d["curve"], f"{place}/curve")
    terms = len(theta)
    pairs = [integers(item, f"{place}/vectors", 0) for item in items(d["vectors"], f"{place}/vectors", len(columns))]
    if any(len(pair) != 2 or pair[0] >= len(start.chosen) or pair[1] >= terms for pair in pairs):
        raise Malformed(f"{place}/vectors: expected pairs of a field number and a power of t below {terms}")
    if len(columns) * f.model.size * terms > f.budget.limits.max_entries:
        raise Limit("the adjoint along the curve has too many coefficients")
    adjoint = start.check_adjoint(d["control"], d["adjoint"], columns, theta, f"{place}/adjoint")
    series = Along(Local(f.budget, numbers, None), terms)
    rows = [[series.pack(a) for a in zip(*u, strict=True)] for u in adjoint]
    entries: dict[int, list[list[int]]] = {}
    for i in {pair[0] for pair in pairs}:
        system = start.along(i, terms)
        y = f.gradient(start.chosen[i], [system.pack(a) for a in zip(*theta, strict=True)], system)
        entries[i] = [series.unpack(series.dot(u, y)) for u in rows]
    return [[coefficients[k] for coefficients in entries[i]] for i, k in pairs]
