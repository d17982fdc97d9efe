"""Exact linear algebra on FLINT matrices: the only file that touches them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

from flint import fmpq, fmpq_mat, fmpz, fmpz_mat, nmod_mat

Number = int | Fraction


def simplest(value: Number) -> Number:
    """The same number, as an int where it is one."""
    return value.numerator if value.denominator == 1 else value


def primes_down(most: int) -> Iterator[int]:
    """The primes p ≤ most, the largest first.

    >>> list(primes_down(12))
    [11, 7, 5, 3, 2]
    """
    return (n for n in range(most, 1, -1) if fmpz(n).is_prime())


def rref(rows: Sequence[dict[int, Number]]) -> list[dict[int, Number]]:
    """The nonzero rows of the reduced row echelon form of sparse rational rows; columns in increasing order of their number.

    >>> rref([{0: 2, 3: 4}, {0: 1, 1: 1}])
    [{0: 1, 3: 2}, {1: 1, 3: -2}]
    """
    columns = sorted({k for row in rows for k in row})
    position = {k: j for j, k in enumerate(columns)}
    entries = [0] * (len(rows) * len(columns))
    for i, row in enumerate(rows):
        scale = math.lcm(*(v.denominator for v in row.values()))
        for k, v in row.items():
            entries[i * len(columns) + position[k]] = int(v * scale)
    reduced, denominator, rank = fmpz_mat(len(rows), len(columns), entries).rref()
    values, d = reduced.entries(), int(denominator)
    out: list[dict[int, Number]] = []
    for i in range(rank):
        part = values[i * len(columns) : (i + 1) * len(columns)]
        out.append({columns[j]: simplest(Fraction(int(v), d)) for j, v in enumerate(part) if v != 0})
    return out


def reflection(vectors: Sequence[Sequence[Number]], size: int) -> list[list[Fraction]] | None:
    """The matrix 2P − 1 of the reflection in the span of rational vectors of length `size`, or None when they span everything."""
    entries = [fmpq(v.numerator, v.denominator) for vector in vectors for v in vector]
    reduced, rank = fmpq_mat(len(vectors), size, entries).rref()
    if rank == size:
        return None
    out = [[Fraction(-(i == j)) for j in range(size)] for i in range(size)]
    if rank:
        basis = fmpq_mat(rank, size, [reduced[i, j] for i in range(rank) for j in range(size)])
        projection = basis.transpose() * (basis * basis.transpose()).inv() * basis
        for i in range(size):
            for j in range(size):
                v = projection[i, j]
                out[i][j] += 2 * Fraction(int(v.p), int(v.q))
    return out


def projected(rows: Sequence[dict[int, Number]], vector: dict[int, Number]) -> list[Fraction]:
    """The multipliers with which independent sparse rows are to be subtracted from a vector so that the rest is orthogonal to all of them.

    >>> projected([{0: 1, 1: 1}], {0: 1})
    [Fraction(1, 2)]
    """
    n = len(rows)

    def product(a: dict[int, Number], b: dict[int, Number]) -> fmpq:
        total = sum((Fraction(v) * b[k] for k, v in a.items() if k in b), Fraction(0))
        return fmpq(total.numerator, total.denominator)

    gram = fmpq_mat(n, n, [product(a, b) for a in rows for b in rows])
    solution = gram.solve(fmpq_mat(n, 1, [product(row, vector) for row in rows]))
    return [Fraction(int(solution[i, 0].p), int(solution[i, 0].q)) for i in range(n)]


def nullspace(rows: Sequence[dict[int, Number]], size: int) -> list[list[Number]]:
    """A basis of the rational vectors of length `size` that every sparse row annihilates."""
    reduced = rref(rows) if rows else []
    pivots = {min(row): row for row in reduced}
    basis: list[list[Number]] = []
    for k in range(size):
        if k not in pivots:
            vector: list[Number] = [0] * size
            vector[k] = 1
            for pivot, row in pivots.items():
                vector[pivot] = -row.get(k, 0)
            basis.append(vector)
    return basis


def _nmod(matrix: Any, p: int) -> nmod_mat:
    return nmod_mat(matrix.shape[0], matrix.shape[1], [int(v) for v in matrix.ravel()], p)


def determinant(matrix: Any, p: int) -> int:
    """The determinant of a square integer matrix modulo the prime p."""
    return int(_nmod(matrix, p).det()) if len(matrix) else 1


def independent_rows(matrix: Any, p: int) -> list[int]:
    """The numbers of the rows of an integer matrix that are independent modulo the prime p of all rows before them."""
    if not matrix.size:
        return []
    reduced, rank = _nmod(matrix.T, p).rref()
    columns: list[int] = []
    for i in range(rank):
        k = columns[-1] + 1 if columns else 0
        while int(reduced[i, k]) == 0:
            k += 1
        columns.append(k)
    return columns


def reconstructed(matrix: Any, p: int) -> list[dict[int, Number]] | None:
    """The reduced row echelon form modulo p with its entries read as small rationals; None when one is not."""
    if not matrix.size:
        return []
    reduced, rank = _nmod(matrix, p).rref()
    n = matrix.shape[1]
    values: list[Any] = reduced.entries()
    out: list[dict[int, Number]] = []
    for i in range(rank):
        row: dict[int, Number] = {}
        for j in range(n):
            residue = int(values[i * n + j])
            if residue:
                value = rational_from(residue, p)
                if value is None:
                    return None
                row[j] = simplest(value)
        out.append(row)
    return out


def rational_from(residue: int, p: int) -> Fraction | None:
    """The rational a/b with |a|, b ≤ sqrt(p/2) that is congruent to the residue, if there is one (Wang's algorithm).

    >>> rational_from(pow(7, -1, 2147483629) * 2, 2147483629)
    Fraction(2, 7)
    """
    bound = math.isqrt(p // 2)
    a, b, s, t = p, residue % p, 0, 1
    while b > bound:
        q = a // b
        a, b, s, t = b, a - q * b, t, s - q * t
    if t == 0 or abs(t) > bound or math.gcd(b, t) != 1:
        return None
    return Fraction(b, t)


def kernel(matrix: Any, p: int) -> list[dict[int, Number]] | None:
    """A basis, in reduced echelon form, of the vectors that the rows annihilate modulo p, with entries read as small rationals; None when one is not."""
    reduced, rank = _nmod(matrix, p).rref()
    n = matrix.shape[1]
    pivots: list[int] = []
    for i in range(rank):
        k = pivots[-1] + 1 if pivots else 0
        while int(reduced[i, k]) == 0:
            k += 1
        pivots.append(k)
    held = set(pivots)
    out: list[dict[int, Number]] = []
    for k in range(n):
        if k in held:
            continue
        row: dict[int, Number] = {k: 1}
        for i, pivot in enumerate(pivots):
            residue = -int(reduced[i, k]) % p
            if residue:
                value = rational_from(residue, p)
                if value is None:
                    return None
                row[pivot] = simplest(value)
        out.append(row)
    return out
