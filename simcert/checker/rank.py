"""Ranks: lower bounds by elimination with pivots that are shown to be nonzero.

A pivot here is a unit of Z/m, a power of t times a unit of (Z/m)[[t]], or an interval without 0. A triangular matrix with such pivots has a determinant
that is not 0, so the numbers that were reduced (or enclosed) have at least that rank. The modulus need not be prime.

Rows are packed into integers (`packed.py`), so that Python's long multiplication works on a whole row at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import mul

from .interval import Ball, invert, multiply
from .outcome import Budget, Invalid
from .packed import Slots

_BLOCK = 63  # rows eliminated together; then 63 products of residues below 2^21 and one more fit into 6 bytes


@dataclass(frozen=True, slots=True)
class _Row:
    """A packed row that is 1 in the column `pivot`, where `value` was before it was divided."""

    packed: int
    pivot: int
    value: int


def rank(rows: Sequence[Sequence[int]], modulus: int, budget: Budget) -> int:
    """The number of pivots of a matrix of residues; a row in which no unit is left is passed over.

    *Proves:* that the numbers which were reduced have at least this rank. *Does not prove:* that they have no larger one.
    """
    return len(_pivots(rows, modulus, budget))


def determinant(rows: Sequence[Sequence[int]], modulus: int, budget: Budget) -> int:
    """The determinant of a square matrix of residues, by pivots that are units; 0 where elimination finds too few of them.

    *Proves*, when not 0: that the determinant of the numbers which were reduced is not 0.
    """
    pivots = _pivots(rows, modulus, budget)
    if len(pivots) < len(rows):
        return 0
    total, order = 1, [column for column, _ in pivots]
    for _, value in pivots:
        total = total * value % modulus
    for k in range(len(order)):  # the sign of the permutation of the pivots' columns
        while order[k] != k:
            other = order[k]
            order[k], order[other] = order[other], order[k]
            total = -total
    return total % modulus


def _cleared(slots: Slots, rows: Sequence[int], basis: Sequence[_Row], narrow: Slots, budget: Budget) -> list[int]:
    """Rows minus the multiples of basis rows that make them 0 in their pivot columns; each of them is 1 in its own and 0 in those of the others.

    Slots on the left that `narrow` does not have are shifted out: there the result is 0.
    """
    if not basis:
        return list(rows)
    gone, m = (slots.count - narrow.count) * slots.width, slots.modulus
    columns, right = [b.pivot for b in basis], [b.packed >> gone for b in basis]
    out: list[int] = []
    for row in rows:
        budget.tick()
        out.append(narrow.reduce((row >> gone) + sum(map(mul, [m - a for a in slots.entries(row, columns)], right))))
    return out


def _echelon(slots: Slots, rows: Sequence[int], budget: Budget) -> list[_Row]:
    """Rows, at most a block of them, in reduced echelon form, by halving; a row in which no unit is left is passed over."""
    budget.tick()
    if len(rows) > 1:
        half = len(rows) // 2
        top = _echelon(slots, rows[:half], budget)
        bottom = _echelon(slots, _cleared(slots, rows[half:], top, slots, budget), budget)
        packed = _cleared(slots, [row.packed for row in top], bottom, slots, budget)
        return [_Row(new, row.pivot, row.value) for new, row in zip(packed, top, strict=True)] + bottom
    values = slots.unpack(rows[0])
    pivot = slots.unit(values)
    return [] if pivot is None else [_Row(slots.reduce(rows[0] * pow(values[pivot], -1, slots.modulus)), pivot, values[pivot])]


def _pivots(rows: Sequence[Sequence[int]], modulus: int, budget: Budget) -> list[tuple[int, int]]:
    """Column and value of the pivot of every row that has one, in order, block by block; columns on the left that are done are shifted out."""
    slots = Slots(len(rows[0]) if rows else 0, modulus, _BLOCK)
    packed: list[int] = [slots.pack(row) for row in rows]
    done, found = 0, list[tuple[int, int]]()
    while packed:
        block = _echelon(slots, packed[:_BLOCK], budget)
        found += [(row.pivot + done, row.value) for row in block]
        used = {column - done for column, _ in found}
        gone = next(k for k in range(len(used) + 1) if k not in used)
        narrow = Slots(slots.count - gone, modulus, _BLOCK) if gone else slots
        packed = _cleared(slots, packed[_BLOCK:], block, narrow, budget)
        slots, done = narrow, done + gone
    return found


def _inverse(series: Sequence[int], modulus: int) -> list[int]:
    """The inverse of a power series whose first coefficient is a unit."""
    first = pow(series[0], -1, modulus)
    out: list[int] = []
    for k in range(len(series)):
        out.append((int(k == 0) - sum(series[k - j] * out[j] for j in range(k))) * first % modulus)
    return out


def series_rank(rows: Sequence[Sequence[Sequence[int]]], modulus: int, budget: Budget) -> tuple[int, int]:
    """The number of pivots of a matrix of power series in t modulo (m, t^K), K coefficients each, by pivots of least valuation; and the sum S of valuations.

    All entries that remain are divisible by t^v when a pivot t^v·(unit) is taken, so the multiplier of a row is known modulo t^(K−v), its product with the
    pivot's row modulo t^K, and no precision is lost: over (Z/m)[[t]] the same elimination has these pivots, whatever the coefficients of t^K and higher
    powers are, so the minor of the pivots is t^S·(unit). *Proves:* rational power series with these residues, the coefficients of which up to t^S can be
    reduced, have at least this rank, and so have their values at all small t ≠ 0. Raises `Invalid` where no coefficient of least valuation is a unit.
    """
    width, terms = (len(rows[0]), len(rows[0][0])) if rows and rows[0] else (0, 1)
    slots = Slots(2 * terms * width, modulus, terms)
    w, stride = slots.width, 2 * terms * slots.width
    every = sum(1 << stride * c for c in range(width))
    kept = every * ((1 << terms * w) - 1)
    remaining = [slots.pack([a for entry in row for a in (*entry, *[0] * terms)]) for row in rows]
    count = valuations = 0
    for v in range(terms):
        level = every * ((1 << w) - 1) << v * w
        negative = slots.ones * modulus & (1 << (terms - v) * w) - 1
        while k := next((k + 1 for k, row in enumerate(remaining) if row & level), 0):
            row = remaining.pop(k - 1)
            pivot = slots.unit(slots.unpack(row)[v :: 2 * terms])
            if pivot is None:
                raise Invalid("a coefficient of least valuation is not a unit modulo the modulus")
            place = pivot * stride + v * w
            unit = slots.unpack(row >> place & (1 << (terms - v) * w) - 1)[: terms - v]
            row = slots.reduce(row * slots.pack(_inverse(unit, modulus)) & kept)
            for i, other in enumerate(remaining):
                budget.tick()
                factor = other >> place & (1 << (terms - v) * w) - 1
                if factor:
                    remaining[i] = slots.reduce(other + (negative - factor) * row & kept)
            count += 1
            valuations += v
    return count, valuations


def regular(rows: Sequence[Sequence[Ball]], bits: int, budget: Budget) -> bool:
    """Whether elimination finds a pivot in every column of a matrix of intervals, at least as many rows as columns.

    *Proves*, when true: every matrix between the bounds has as many independent rows as columns. The pivot of a column is the entry farthest from 0.
    """
    remaining = [list(row) for row in rows]
    for column in range(len(rows[0]) if rows else 0):
        distance, best = max((max(row[column][0], -row[column][1]), k) for k, row in enumerate(remaining)) if remaining else (0, 0)
        if distance <= 0:
            return False
        pivot = remaining.pop(best)
        inverse = invert(pivot[column], bits)
        for row in remaining:
            budget.tick()
            low, high = multiply(row[column], inverse, bits)
            factor = (-high, -low)
            for c in range(column + 1, len(row)):
                a, b = multiply(factor, pivot[c], bits)
                row[c] = (row[c][0] + a, row[c][1] + b)
    return True
