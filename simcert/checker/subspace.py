"""Affine subspaces of parameter space in reduced row echelon form, and the fixed space of linear maps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .canonical import Fraction, Json, Rational, fields, integer, items, rational
from .outcome import Budget, Malformed

Row = dict[int, Rational]


@dataclass(frozen=True, slots=True)
class Subspace:
    """{θ : Cθ = c} in R^size. Each row of C is a tuple of (parameter index, coefficient); its first entry is the pivot, with coefficient 1."""

    size: int
    rows: tuple[tuple[tuple[int, Rational], ...], ...]
    constants: tuple[Rational, ...]

    def contains(self, theta: Sequence[Rational], direction: bool = False) -> bool:
        """Whether Cθ = c, or Cθ = 0 for a direction, exactly."""
        rows = zip(self.rows, self.constants, strict=True)
        return all(sum((a * theta[p] for p, a in row), 0) == (0 if direction else c) for row, c in rows)

    def point(self, free: Sequence[Rational]) -> list[Rational]:
        """The point whose free coordinates are those of `free`."""
        theta = list(free)
        for row, constant in zip(self.rows, self.constants, strict=True):
            theta[row[0][0]] = constant - sum((a * free[p] for p, a in row[1:]), 0)
        return theta


def read_subspace(value: Json, place: str, size: int, budget: Budget) -> Subspace:
    """The subspace of a claim; raises `Malformed` unless it is in reduced row echelon form and of the stated dimension."""
    d = fields(value, place, "dimension", "rows")
    rows: list[tuple[tuple[int, Rational], ...]] = []
    constants: list[Rational] = []
    for i, item in enumerate(items(d["rows"], f"{place}/rows")):
        where = f"{place}/rows/{i}"
        row = fields(item, where, "constant", "entries")
        constants.append(rational(row["constant"], where, budget))
        entries: list[tuple[int, Rational]] = []
        for entry in items(row["entries"], where):
            p, a = items(entry, where, 2)
            entries.append((integer(p, where, entries[-1][0] + 1 if entries else 0, size - 1), rational(a, where, budget)))
        if not entries or entries[0][1] != 1 or any(a == 0 for _, a in entries) or (rows and entries[0][0] <= rows[-1][0][0]):
            raise Malformed(f"{where}: a row has a pivot 1 to the right of the pivot before, and no zero coefficient")
        rows.append(tuple(entries))
    pivots = {row[0][0] for row in rows}
    if any(p in pivots for row in rows for p, _ in row[1:]):
        raise Malformed(f"{place}: a pivot column has another entry")
    integer(d["dimension"], f"{place}/dimension", size - len(rows), size - len(rows))
    return Subspace(size, tuple(rows), tuple(constants))


def signed_fixed_space(size: int, relations: Iterable[tuple[int, int, int]]) -> Subspace:
    """{θ : θ_p = s·θ_q for all relations (p, s, q)} by signed union-find: a class is a line, or 0 where a sign contradicts."""
    parent, sign, zero = list(range(size)), [1] * size, [False] * size

    def find(p: int) -> tuple[int, int]:
        path: list[int] = []
        while parent[p] != p:
            path.append(p)
            p = parent[p]
        total = 1
        for k in reversed(path):
            total *= sign[k]
            parent[k], sign[k] = p, total
        return p, total

    for p, s, q in relations:
        (a, e), (b, f) = find(p), find(q)
        if a != b:
            parent[a], sign[a], zero[b] = b, e * s * f, zero[a] or zero[b]
        elif e * f != s:
            zero[a] = True
    last: dict[int, int] = {}
    for p in range(size):
        last[find(p)[0]] = p
    rows: list[tuple[tuple[int, Rational], ...]] = []
    for p in range(size):
        root, e = find(p)
        free = last[root]
        if zero[root]:
            rows.append(((p, 1),))
        elif p != free:
            rows.append(((p, 1), (free, -e * find(free)[1])))
    return Subspace(size, tuple(rows), (0,) * len(rows))


def null_space(size: int, equations: Iterable[Row], budget: Budget) -> Subspace:
    """{θ : every equation is 0} by exact sparse elimination."""
    basis: dict[int, Row] = {}

    def subtract(row: Row, pivot: int) -> None:
        factor = row[pivot]
        for p, a in basis[pivot].items():
            value = row.get(p, 0) - factor * a
            if value:
                row[p] = value
            else:
                row.pop(p, None)

    for equation in equations:
        row = dict(equation)
        while row and (pivot := min(row)) in basis:
            budget.tick()
            subtract(row, pivot)
        if row:
            pivot = min(row)
            basis[pivot] = {p: Fraction(a) / row[pivot] for p, a in row.items()}
    for pivot in sorted(basis, reverse=True):
        budget.tick()
        for p in sorted(basis[pivot]):
            if p != pivot and p in basis:
                subtract(basis[pivot], p)
    rows = tuple(tuple(sorted(basis[pivot].items())) for pivot in sorted(basis))
    return Subspace(size, rows, (0,) * len(rows))
