"""Elimination on packed rows: against plain elimination, sympy, and matrices whose rank is known by construction."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest
import sympy
from flint import fmpz_mat
from hypothesis import given, settings
from hypothesis import strategies as st

from simcert.checker.interval import enclose
from simcert.checker.outcome import Budget, Invalid, Limit, Limits
from simcert.checker.rank import determinant, rank, regular, series_rank

BUDGET = Budget(Limits())
Matrix = list[list[int]]
PRIMES = [2, 3, 5, 101, 4194301, (1 << 61) - 1]


def plain_rank(rows: Matrix, p: int) -> int:
    """Gaussian elimination modulo a prime."""
    rows, found = [list(row) for row in rows], 0
    for c in range(len(rows[0]) if rows else 0):
        hit = next((i for i in range(found, len(rows)) if rows[i][c] % p), None)
        if hit is not None:
            rows[found], rows[hit] = rows[hit], rows[found]
            inverse = pow(rows[found][c], -1, p)
            for i in range(found + 1, len(rows)):
                f = rows[i][c] * inverse % p
                rows[i] = [(a - f * b) % p for a, b in zip(rows[i], rows[found], strict=True)]
            found += 1
    return found


def product(a: Matrix, b: Matrix, p: int) -> Matrix:
    return [[sum(x * row[j] for x, row in zip(left, b, strict=True)) % p for j in range(len(b[0]))] for left in a]


@settings(max_examples=80, deadline=None, derandomize=True)
@given(st.integers(0, 10**9), st.sampled_from(PRIMES), st.integers(1, 70), st.integers(1, 70), st.integers(1, 70))
def test_rank_modulo_primes(seed: int, p: int, n: int, m: int, r: int) -> None:
    rng = random.Random(seed)
    rows = product([[rng.randrange(p) for _ in range(r)] for _ in range(n)], [[rng.choice([0, rng.randrange(p)]) for _ in range(m)] for _ in range(r)], p)
    assert rank(rows, p, BUDGET) == plain_rank(rows, p)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.integers(0, 10**9), st.sampled_from([2, 4, 6, 12, 35, 64, 2**31, 10**12, *PRIMES]), st.integers(1, 6), st.integers(0, 6))
def test_any_modulus_proves_no_more_than_is_true(seed: int, m: int, n: int, r: int) -> None:
    """The rank found is at most that over Q, and a determinant that is not 0 is the true one."""
    rng = random.Random(seed)
    left, right = ([[rng.randint(-3, 3) for _ in range(b)] for _ in range(a)] for a, b in ((n, r), (r, n)))
    exact = sympy.Matrix(left) * sympy.Matrix(right) if r else sympy.zeros(n, n)
    if rng.random() < 0.5:
        exact += sympy.diag(*[rng.randint(-2, 2) for _ in range(n)])
    rows = [[int(a) % m for a in exact.row(i)] for i in range(n)]
    assert rank(rows, m, BUDGET) <= exact.rank()
    assert determinant(rows, m, BUDGET) in (0, int(exact.det()) % m)
    if m in PRIMES:
        assert determinant(rows, m, BUDGET) == int(exact.det()) % m


def test_determinant_has_the_sign_of_the_permutation() -> None:
    for order in ([1, 0, 2], [1, 2, 0], [2, 1, 0], [0, 1, 2]):
        rows = [[int(order[i] == j) * (i + 2) for j in range(3)] for i in range(3)]
        assert determinant(rows, 101, BUDGET) == int(sympy.Matrix(rows).det()) % 101
    assert determinant([], 7, BUDGET) == 1
    big = [[int(i + j == 69) for j in range(70)] for i in range(70)]
    assert determinant(big, 11, BUDGET) == int(sympy.Matrix(big).det()) % 11


@pytest.mark.parametrize(("n", "m"), [(150, 4194301), (130, (1 << 61) - 1), (70, (1 << 89) - 1), (140, 2)])
def test_several_blocks(n: int, m: int) -> None:
    """Pivots in any columns, over more than two blocks, packed by words or not."""
    rng = random.Random(n)
    rows = [[rng.randrange(m) if (i + j) % 3 else 0 for j in range(n)] for i in range(n)]
    assert determinant(rows, m, BUDGET) == int(fmpz_mat(rows).det()) % m
    low = [row[: n // 3] + [0] * (n - n // 3) for row in rows[: n // 2]] + rows[n // 2 :]
    assert rank(low, m, BUDGET) == (plain_rank(low, m) if m == 2 else n // 3 + n - n // 2)


def test_pivots_are_units() -> None:
    assert rank([[2]], 4, BUDGET) == 0
    assert rank([[2, 3]], 6, BUDGET) == 0
    assert rank([[2, 1], [0, 2]], 4, BUDGET) == 1  # the determinant is 4
    assert rank([[2, 1], [1, 0]], 4, BUDGET) == 2
    assert rank([], 5, BUDGET) == rank([[0, 0]], 5, BUDGET) == 0


def power(series: list[int], v: int, terms: int) -> list[int]:
    return ([0] * v + series)[:terms]


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.integers(0, 10**9), st.sampled_from([3, 101, 4194301, (1 << 61) - 1]), st.integers(1, 6), st.integers(1, 6), st.integers(1, 7))
def test_series_rank_finds_the_valuations(seed: int, p: int, n: int, extra: int, terms: int) -> None:
    """L·diag(t^v)·R with L and R invertible at t = 0 has as many pivots as there are v < K."""
    rng = random.Random(seed)
    width = n + extra - 1

    def invertible(k: int) -> list[Matrix]:
        while plain_rank(start := [[rng.randrange(p) for _ in range(k)] for _ in range(k)], p) < k:
            pass
        return [start, *([[rng.randrange(p) for _ in range(k)] for _ in range(k)] for _ in range(terms - 1))]

    left, right, valuations = invertible(n), invertible(width), [rng.randint(0, terms + 1) for _ in range(n)]
    rows = [[[0] * terms for _ in range(width)] for _ in range(n)]
    for a in range(terms):
        for b in range(terms - a):
            for i in range(n):
                for k in range(n):
                    if a + b + valuations[k] < terms:
                        for j in range(width):
                            rows[i][j][a + b + valuations[k]] += left[a][i][k] * right[b][k][j]
    reduced = [[[c % p for c in entry] for entry in row] for row in rows]
    found = [v for v in valuations if v < terms]
    assert series_rank(reduced, p, BUDGET) == (len(found), sum(found))


def test_series_rank_needs_units_and_precision() -> None:
    with pytest.raises(Invalid, match="unit"):
        series_rank([[[0, 3]]], 9, BUDGET)
    with pytest.raises(Invalid, match="unit"):
        series_rank([[[3, 1], [0, 1]]], 9, BUDGET)
    assert series_rank([[[3, 1], [1, 0]]], 9, BUDGET) == (1, 0)
    assert series_rank([[[0, 0, 1], [0, 1, 0]], [[0, 1, 0], [1, 0, 0]]], 7, BUDGET) == (1, 0)  # the determinant is t² − t² = 0
    assert series_rank([[[0, 0, 2], [0, 1, 0]], [[0, 1, 0], [1, 0, 0]]], 7, BUDGET) == (2, 2)
    assert series_rank([[[0, 0], [0, 1]], [[0, 1], [1, 0]]], 7, BUDGET) == (1, 0)  # t²·a − t² is not known modulo t²
    assert series_rank([], 7, BUDGET) == (0, 0)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.integers(0, 10**9), st.integers(1, 7), st.booleans())
def test_matrices_of_intervals(seed: int, n: int, singular: bool) -> None:
    rng = random.Random(seed)
    exact = sympy.Matrix(n, n, lambda _i, _j: sympy.Rational(rng.randint(-5, 5), rng.randint(1, 7)))
    if singular and n > 1:
        exact[n - 1, :] = exact[0, :] + exact[(n - 1) // 2, :] / 3
    rows = [[enclose(Fraction(int(a.p), int(a.q)), 200) for a in exact.row(i)] for i in range(n)]
    assert regular(rows, 200, BUDGET) == (exact.det() != 0)
    wide = [[(lo - (1 << 199), hi + (1 << 199)) for lo, hi in row] for row in rows]
    if regular(wide, 200, BUDGET):
        for _ in range(5):
            inside = [[Fraction(rng.randint(lo, hi), 1 << 200) for lo, hi in row] for row in wide]
            assert sympy.Matrix(n, n, lambda i, j, inside=inside: sympy.Rational(inside[i][j].numerator, inside[i][j].denominator)).det() != 0


def test_more_rows_than_columns_of_intervals() -> None:
    one, zero = (16, 16), (0, 0)
    assert regular([[zero], [one]], 4, BUDGET) and not regular([[zero], [zero]], 4, BUDGET)
    assert regular([], 4, BUDGET) and not regular([[one, one]], 4, BUDGET)
    assert not regular([[(-1, 16)]], 4, BUDGET)


def test_time_is_limited() -> None:
    over = Budget(Limits(seconds=-1.0))
    with pytest.raises(Limit):
        rank([[1, 2], [3, 4]], 7, over)
    with pytest.raises(Limit):
        series_rank([[[1]], [[2]]], 7, over)
    with pytest.raises(Limit):
        regular([[(1, 1), (0, 0)], [(0, 0), (1, 1)]], 0, over)
