"""Rank and echelon form modulo a prime, for large numpy matrices and for matrices of power series.

*Proves:* a lower bound for the rank over Q (or of the functions that were reduced). *Does not prove:* an upper bound. Products of blocks run in
double precision,
exactly: with p < 2^21 sums of 512 products stay below 2^52.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

SMALL = 2097143  # the largest prime below 2^21
BLOCK = 512
BASE = 8
ROWS = 16


def _fold(x: Any, p: int) -> None:
    """Bring integers |x| < 2^52 in double precision to representatives in [-2, p + 2], in place; a few rows at a time, to stay in cache."""
    inverse = 1.0 / p
    for start in range(0, len(x), ROWS):
        part = x[start : start + ROWS]
        quotient = part * inverse
        np.floor(quotient, out=quotient)
        quotient *= p
        part -= quotient


def _normal(x: Any, p: int) -> None:
    """The representatives 0, …, p − 1, in place."""
    _fold(x, p)
    x[x < 0] += p
    x[x >= p] -= p


def _base(rows: Any, p: int) -> tuple[list[int], list[int]]:
    """Reduced echelon form of a few rows in place; returns the pivot column of each row, −1 for a zero row, and the value of the pivot."""
    _normal(rows, p)
    pivots, values = [-1] * len(rows), [0] * len(rows)
    for i in range(len(rows)):
        nonzero = np.flatnonzero(rows[i])
        if not nonzero.size:
            continue
        c = int(nonzero[0])
        pivots[i], values[i] = c, int(rows[i, c])
        rows[i] *= float(pow(values[i], -1, p))
        _normal(rows[i : i + 1], p)
        factors = rows[:, c].copy()
        factors[i] = 0
        if factors.any():
            rows -= factors[:, None] * rows[i]
            _normal(rows, p)
    return pivots, values


def _reduce(rows: Any, basis: Any, pivots: list[int], p: int) -> None:
    """rows −= rows[:, pivots]·basis, in place, for a basis that is the identity on its pivot columns."""
    if len(basis) and len(rows):
        rows -= rows[:, pivots] @ basis
        _fold(rows, p)


def _echelon(rows: Any, p: int) -> tuple[Any, list[int], list[int], list[int]]:
    """(basis, pivots, which rows were independent, values of the pivots), by halving."""
    if len(rows) <= BASE:
        pivots, values = _base(rows, p)
        kept = [i for i, c in enumerate(pivots) if c >= 0]
        return rows[kept], [pivots[i] for i in kept], kept, [values[i] for i in kept]
    half = len(rows) // 2
    top, first, kept, values = _echelon(rows[:half], p)
    _reduce(rows[half:], top, first, p)
    bottom, second, more, others = _echelon(rows[half:], p)
    _reduce(top, bottom, second, p)
    return np.concatenate([top, bottom]), first + second, kept + [half + i for i in more], values + others


@dataclass
class Eliminator:
    """Rows given block by block; keeps an echelon basis.

    Arguments: `columns`; `p` a prime below 2^21. `rank`, `pivots` (one column for each independent row), `values` of the pivots and `rows` (their numbers) are
    in order of arrival.
    """

    columns: int
    p: int = SMALL

    def __post_init__(self) -> None:
        self.values: list[int] = []
        self.blocks: list[tuple[Any, list[int]]] = []
        self.rows: list[int] = []
        self.arrived = 0

    @property
    def rank(self) -> int:
        return len(self.rows)

    @property
    def pivots(self) -> list[int]:
        return [c for _, pivots in self.blocks for c in pivots]

    def determinant(self, size: int) -> int:
        """The determinant of the first `size` independent rows in the first `size` pivot columns, taken in increasing order."""
        total, order = 1, self.pivots[:size]
        for value in self.values[:size]:
            total = total * value % self.p
        place = {column: k for k, column in enumerate(sorted(order))}
        permutation = [place[column] for column in order]
        for k in range(size):
            while permutation[k] != k:
                other = permutation[k]
                permutation[k], permutation[other] = permutation[other], permutation[k]
                total = -total
        return total % self.p

    def add(self, rows: Any) -> int:
        """Take in rows of residues (n, columns); returns how many were independent of all before."""
        before = self.rank
        for start in range(0, len(rows), BLOCK):
            block = np.array(rows[start : start + BLOCK], dtype=np.float64)
            for basis, pivots in self.blocks:
                _reduce(block, basis, pivots, self.p)
            new, pivots, kept, values = _echelon(block, self.p)
            if len(new):
                self.blocks.append((new, pivots))
            self.rows += [self.arrived + i for i in kept]
            self.values += values
            self.arrived += len(block)
        return self.rank - before


def series_rank(matrix: Any, p: int) -> tuple[int, list[int], list[int]]:
    """A lower bound for the rank over F_p((t)) of an array (K, rows, columns) of series modulo t^K; also the rows and columns of the pivots.

    Each pivot has the least valuation of all entries left, so quotients by it are exact to t^K and nothing is lost (`docs/format.md`, section 6).
    """
    a = np.array(matrix, dtype=np.int64) % p
    k, n, m = a.shape
    rows, columns = list(range(n)), list(range(m))
    used: tuple[list[int], list[int]] = ([], [])
    while rows and columns:
        sub = a[:, rows][:, :, columns]
        hits = np.argwhere(sub.any(axis=(1, 2)))
        if not hits.size:
            break
        v = int(hits[0, 0])
        i, j = (int(x) for x in np.argwhere(sub[v])[0])
        r, c = rows[i], columns[j]
        used[0].append(r)
        used[1].append(c)
        rows.pop(i)
        columns.pop(j)
        pivot = a[v:, r]
        inverse = _series_inverse(a[v:, r, c], p)
        for row in rows:
            if a[:, row, c].any():
                factor = _times(a[v:, row, c], inverse, p)
                product = np.zeros((k - v, m), dtype=np.int64)
                for d in range(k - v):
                    if factor[d]:
                        product[d:] = (product[d:] + factor[d] * pivot[: k - v - d]) % p
                a[v:, row] = (a[v:, row] - product) % p
    return len(used[0]), used[0], used[1]


def _times(a: Any, b: Any, p: int) -> Any:
    n = len(a)
    out = np.zeros(n, dtype=np.int64)
    for d in range(n):
        if a[d]:
            out[d:] = (out[d:] + a[d] * b[: n - d]) % p
    return out


def _series_inverse(a: Any, p: int) -> Any:
    first = pow(int(a[0]), -1, p)
    out = np.zeros(len(a), dtype=np.int64)
    for k in range(len(a)):
        total = int(k == 0) - int(sum(int(a[k - j]) * int(out[j]) for j in range(k)))
        out[k] = total * first % p
    return out
