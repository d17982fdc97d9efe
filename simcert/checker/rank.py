"""Ranks: lower bounds by elimination with pivots that are shown to be nonzero.

A pivot here is a unit of Z/m, a power of t times a unit of (Z/m)[[t]], or an interval without 0. A triangular matrix with such pivots has a determinant
that is not 0, so the numbers that were reduced (or enclosed) have at least that rank. The modulus need not be prime.

Rows are packed into integers: slot k holds entry k in w bits, so that Python's long multiplication works on a whole row at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import gcd
from struct import Struct

from .interval import Ball, invert, multiply
from .outcome import Budget, Invalid

_BLOCK = 64  # rows eliminated together
_WORDS = 1 << 14  # up to so many slots, a format of one machine word each packs all at once


@dataclass(frozen=True, slots=True)
class _Row:
    """A packed row that is 1 in the column `pivot`, where `value` was before it was divided."""

    packed: int
    pivot: int
    value: int


class _Slots:
    """Rows of `count` residues modulo m; slots that hold less than m + `terms`·m² are reduced all at once."""

    def __init__(self, count: int, modulus: int, terms: int) -> None:
        size = modulus.bit_length()
        self.count, self.modulus, self._bits = count, modulus, 2 * size + (terms + 1).bit_length()
        self._bytes = max((2 * self._bits - size + 9) // 8, 8)
        self._words = Struct("<" + f"Q{self._bytes - 8}x" * count) if modulus < 1 << 64 and count <= _WORDS else None
        self.width = 8 * self._bytes
        self._quotient = (1 << self._bits) // modulus
        self.ones = int.from_bytes((b"\1" + bytes(self._bytes - 1)) * count, "little")
        self._low = self.ones * ((1 << self.width - self._bits) - 1)
        self._carry = size + 1
        self._complement = self.ones * ((1 << self._carry) - modulus)
        self._length = self._bytes * count

    def reduce(self, row: int) -> int:
        """Every slot modulo m: the quotient by the approximate inverse of m is right or 1 too small (Barrett)."""
        row -= (row * self._quotient >> self._bits & self._low) * self.modulus
        return row - (row + self._complement >> self._carry & self.ones) * self.modulus

    def pack(self, values: Sequence[int]) -> int:
        if self._words is not None and len(values) == self.count:
            return int.from_bytes(self._words.pack(*values), "little")
        return int.from_bytes(b"".join(v.to_bytes(self._bytes, "little") for v in values), "little")

    def unpack(self, row: int) -> list[int]:
        n, data = self._bytes, row.to_bytes(self._length, "little")
        if self._words is not None:
            return list(self._words.unpack(data))
        return [int.from_bytes(data[k : k + n], "little") for k in range(0, len(data), n)]

    def entries(self, row: int, columns: Sequence[int]) -> list[int]:
        n, data = self._bytes, row.to_bytes(self._length, "little")
        return [int.from_bytes(data[c * n : c * n + n], "little") for c in columns]

    def unit(self, values: Sequence[int]) -> int | None:
        """The place of the first unit."""
        return next((c for c, v in enumerate(values) if v and gcd(v, self.modulus) == 1), None)


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


def _clear(slots: _Slots, row: int, basis: Sequence[_Row]) -> int:
    """A row minus the multiples of basis rows that make it 0 in their pivot columns; each of them is 1 in its own and 0 in those of the others."""
    factors = slots.entries(row, [b.pivot for b in basis])
    return slots.reduce(row + sum((slots.modulus - f) * b.packed for f, b in zip(factors, basis, strict=True) if f))


def _echelon(slots: _Slots, rows: Sequence[int], budget: Budget) -> list[_Row]:
    """Rows, at most a block of them, in reduced echelon form, by halving; a row in which no unit is left is passed over."""
    budget.tick()
    if len(rows) > 1:
        half = len(rows) // 2
        top = _echelon(slots, rows[:half], budget)
        bottom = _echelon(slots, [_clear(slots, row, top) for row in rows[half:]], budget)
        return [_Row(_clear(slots, row.packed, bottom), row.pivot, row.value) for row in top] + bottom
    values = slots.unpack(rows[0])
    pivot = slots.unit(values)
    return [] if pivot is None else [_Row(slots.reduce(rows[0] * pow(values[pivot], -1, slots.modulus)), pivot, values[pivot])]


def _pivots(rows: Sequence[Sequence[int]], modulus: int, budget: Budget) -> list[tuple[int, int]]:
    """Column and value of the pivot of every row that has one, in order, block by block; columns on the left that are done are shifted out."""
    slots = _Slots(len(rows[0]) if rows else 0, modulus, _BLOCK)
    packed: list[int] = [slots.pack(row) for row in rows]
    done, found = 0, list[tuple[int, int]]()
    while packed:
        block = _echelon(slots, packed[:_BLOCK], budget)
        found += [(row.pivot + done, row.value) for row in block]
        packed = packed[_BLOCK:]
        for k, row in enumerate(packed):
            budget.tick()
            packed[k] = _clear(slots, row, block)
        used = {column - done for column, _ in found}
        gone = next(k for k in range(len(used) + 1) if k not in used)
        if gone:
            packed = [row >> gone * slots.width for row in packed]
            slots, done = _Slots(slots.count - gone, modulus, _BLOCK), done + gone
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
    slots = _Slots(2 * terms * width, modulus, terms)
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
