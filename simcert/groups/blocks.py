"""Which units of a network repeat each other on a subspace, and where their values are copies and where they add up.

Every axis that runs over an index space gets one of two modes: on a copy axis the big array repeats a small one, on a sum axis the small array has the sums
of the big one over the blocks. W2·h with tied h has copies in h and in the rows of W2, sums over its columns. This file only searches; the checker proves.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np

from simcert.exact.linalg import Number, rational_from, simplest
from simcert.groups.axes import Axis, IndexSpace, index_spaces, kept_axes, letter_axes
from simcert.groups.subspaces import Subspace
from simcert.models.activations import facts
from simcert.models.program import Program, size_of, split_spec

PRIME = 2**31 - 1
POINTS = 2
ROUNDS = 40
LEAVES = ("parameter", "stack")


@dataclass(frozen=True, slots=True)
class AxisMap:
    """A matrix E with sparse rows of (small unit, coefficient), and whether the axis is a sum (Eᵀ applied to the big array) or a copy (E to the small)."""

    rows: tuple[tuple[tuple[int, Number], ...], ...]
    width: int
    sums: bool

    @property
    def is_identity(self) -> bool:
        return len(self.rows) == self.width and all(row == ((i, 1),) for i, row in enumerate(self.rows))

    def squares(self) -> list[Number]:
        """The squared length of every column: the number of units in each block."""
        out: list[Number] = [0] * self.width
        for row in self.rows:
            for j, c in row:
                out[j] += c * c
        return out

    def to_json(self) -> dict[str, Any]:
        return {"mode": "sum" if self.sums else "copy", "rows": [[[j, str(c)] for j, c in row] for row in self.rows], "width": self.width}


@dataclass(frozen=True, slots=True)
class Modes:
    """`sums`: the axes that are sums; `weighted`: contractions (node, letter) of copies with copies, where the small network multiplies by block sizes."""

    sums: frozenset[Axis]
    weighted: frozenset[tuple[int, str]]
    blocked: frozenset[Axis]


@dataclass(frozen=True, slots=True)
class Blocks:
    """The blocks of one index space: of every unit its block (−1: dead), one sign for every flip of the space, and the factor by which it copies."""

    space: IndexSpace
    block: tuple[int, ...]
    signs: tuple[tuple[int, ...], ...]
    factors: tuple[Fraction, ...]

    @property
    def width(self) -> int:
        return len(set(self.block) - {-1})

    @property
    def sizes(self) -> list[int]:
        return [self.block.count(k) for k in range(self.width)]

    def leading(self) -> Blocks:
        """The same blocks, in which the first unit of each has the sign 1, and dead units have none."""
        first: dict[int, tuple[int, ...]] = {}
        for k, signs in zip(self.block, self.signs, strict=True):
            first.setdefault(k, signs)
        signs = tuple(tuple(s * t if k >= 0 else 1 for s, t in zip(own, first[k], strict=True)) for k, own in zip(self.block, self.signs, strict=True))
        return replace(self, signs=signs)

    def on(self, axis: Axis, sums: bool) -> AxisMap:
        """The map of one axis of the space."""
        rows: list[tuple[tuple[int, Number], ...]] = []
        for i, k in enumerate(self.block):
            sign = 1
            for flip, s in zip(self.space.flips, self.signs[i], strict=True):
                sign *= s if axis in flip else 1
            rows.append(((k, simplest(sign * self.factors[i])),) if k >= 0 else ())
        return AxisMap(tuple(rows), self.width, sums)


class _Parity:
    """Linear equations over GF(2) between axes; an equation is a bit mask, bit 0 its right side. Pivots are the highest axes, so early axes stay free."""

    def __init__(self, axes: list[Axis]) -> None:
        self.number = {axis: k for k, axis in enumerate(axes, 1)}
        self.rows: dict[int, int] = {}

    def add(self, axes: list[Axis], value: int) -> bool:
        """Add "the number of sums among these axes is `value` modulo 2"; False when it contradicts the others."""
        mask = value
        for axis in axes:
            mask ^= 1 << self.number[axis]
        while mask > 1:
            top = mask.bit_length() - 1
            if top not in self.rows:
                self.rows[top] = mask
                return True
            mask ^= self.rows[top]
        return mask == 0

    def solution(self) -> set[Axis]:
        """The axes that are sums when all free ones are copies."""
        values: dict[int, int] = {}
        for top in sorted(self.rows):
            mask = self.rows[top]
            values[top] = (mask & 1) ^ (sum(values.get(k, 0) for k in range(1, top) if mask >> k & 1) & 1)
        return {axis for axis, k in self.number.items() if values.get(k)}


def modes(p: Program) -> Modes:
    """Copies and sums for all axes of the free index spaces of a program: equations between neighbours, solved over GF(2)."""
    axes = sorted({axis for space in index_spaces(p) for axis in space.axes})
    system, inside = _Parity(axes), set(axes)
    products: list[tuple[int, str, list[Axis]]] = []
    blocked: set[Axis] = set()
    for i, node in enumerate(p.nodes):
        own = [(i, k) for k in range(len(node.shape)) if (i, k) in inside]
        fixed: list[Axis] = []
        if node.op == "add":
            blocked |= {axis for axis in own for a in node.args if not system.add([axis, (a, axis[1])], 0)}
        elif node.op == "apply":
            fixed = own + [(node.args[0], k) for _, k in own]
        elif node.op in ("gather", "scatter"):
            pairs = kept_axes(node, p.nodes[node.args[0]].shape)
            fixed = [axis for k, j in pairs for axis in ((node.args[0], k), (i, j)) if (i, j) in inside]
        elif node.op == "contract":
            for letter, (before, after) in letter_axes(p.nodes, i).items():
                if (before + after)[0] not in inside:
                    continue
                if not after:
                    products.append((i, letter, before))
                elif not system.add(before + after, 0):
                    blocked |= set(before + after)
        blocked |= {axis for axis in fixed if not system.add([axis], 0)}
    weighted = {(i, letter) for i, letter, before in products if not system.add(before, 1)}
    return Modes(frozenset(system.solution()), frozenset(weighted), frozenset(blocked))


def leaf_numbers(p: Program, subspace: Subspace, rng: random.Random) -> dict[int, np.ndarray[Any, Any]]:
    """Parameters and constants at random points of the subspace modulo a prime: an array (points, *shape) for every such node."""
    points = [[int(q.numerator * pow(q.denominator, -1, PRIME) % PRIME) for q in subspace.random_point(rng, 10**8)] for _ in range(POINTS)]
    values, offsets = np.array(points, dtype=np.int64), p.offsets()
    out: dict[int, np.ndarray[Any, Any]] = {}
    for i, node in enumerate(p.nodes):
        if node.op in LEAVES:
            parts = [values[:, offsets[n][0] : offsets[n][0] + size_of(offsets[n][1])] for n in ((node.name,) if node.op == "parameter" else node.names)]
            out[i] = np.concatenate(parts, axis=1).reshape(POINTS, *node.shape)
        elif node.op == "constant":
            flat = [int(v.numerator * pow(v.denominator, -1, PRIME) % PRIME) for v in node.values]
            out[i] = np.tile(np.array(flat, dtype=np.int64).reshape(1, *node.shape), (POINTS, *([1] * len(node.shape))))
    return out


def _vanishing(p: Program, space: IndexSpace) -> bool:
    """Whether units with zero input have zero output everywhere: all activations on the space vanish at 0."""
    applied = [p.nodes[i] for i, _ in space.axes if p.nodes[i].op == "apply"]
    return all(node.order == 0 and "zero" in facts(p.activations[node.activation]) and p.activations[node.activation].named != "reciprocal" for node in applied)


def _homogeneous(p: Program, space: IndexSpace) -> bool:
    """Whether multiples of units stay multiples: all activations on the space are piecewise linear without parity, everything else is linear in the units."""
    for i, k in space.axes:
        node = p.nodes[i]
        if node.op == "apply" and (p.activations[node.activation].piecewise is None or node.order):
            return False
        if node.op in ("constant", "stack") and k == 0:
            return False
        if node.op == "contract" and len(letter_axes(p.nodes, i)[split_spec(node.spec)[1][k]][0]) != 1:
            return False
    return not space.flips and any(p.nodes[i].op == "apply" for i, _ in space.axes)


def _normalised(rows: dict[Axis, np.ndarray[Any, Any]]) -> tuple[int, dict[Axis, np.ndarray[Any, Any]]]:
    """The numbers of a unit divided, at every point, by the first that is not 0; and that one at the first point."""
    leads: list[int] = []
    parts = {a: row.reshape(POINTS, -1) for a, row in rows.items()}
    for t in range(POINTS):
        leads.append(next((int(v) for part in parts.values() for v in part[t] if v), 1))
    inverse = np.array([pow(lead, -1, PRIME) for lead in leads], dtype=np.int64).reshape(POINTS, 1)
    return leads[0], {a: (part * inverse % PRIME).reshape(-1) for a, part in parts.items()}


def _product(array: np.ndarray[Any, Any], matrix: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """array·matrix modulo the prime, in halves of 16 bits so that no sum overflows."""
    low, high = matrix & 0xFFFF, matrix >> 16
    return (array @ low % PRIME + (array @ high % PRIME) * 65536) % PRIME


class Refinement:
    """The coarsest blocks, with signs, such that units of one block are copies of each other on the subspace."""

    def __init__(self, p: Program, subspace: Subspace, rng: random.Random) -> None:
        self.program, self.modes = p, modes(p)
        self.values = leaf_numbers(p, subspace, rng)
        self.spaces = [space for space in index_spaces(p) if not self.modes.blocked & set(space.axes)]
        self.blocks = {
            k: Blocks(space, (0,) * space.size, ((1,) * len(space.flips),) * space.size, (Fraction(1),) * space.size) for k, space in enumerate(self.spaces)
        }
        self.homogeneous = [_homogeneous(p, space) for space in self.spaces]
        self.of = {axis: k for k, space in enumerate(self.spaces) for axis in space.axes}

    def _reduced(self, i: int, keep: int) -> np.ndarray[Any, Any]:
        """The numbers of a leaf with the block sums taken on its sum axes, rows along the axis `keep`."""
        array = self.values[i]
        for k in range(array.ndim - 1):
            axis = (i, k)
            if k != keep and axis in self.of and axis in self.modes.sums:
                matrix = np.zeros((self.spaces[self.of[axis]].size, max(1, self.blocks[self.of[axis]].width)), dtype=np.int64)
                for row, entries in enumerate(self.blocks[self.of[axis]].on(axis, True).rows):
                    for j, c in entries:
                        matrix[row, j] = c.numerator * pow(c.denominator, -1, PRIME) % PRIME
                array = np.moveaxis(_product(np.moveaxis(array, k + 1, -1), matrix), -1, k + 1)
        return np.moveaxis(array, keep + 1, 0).reshape(array.shape[keep + 1], -1)

    def _signed(self, number: int, old: bool) -> Blocks:
        """The blocks of one space, given those of the others; with `old`, only a refinement of what they were."""
        space, before = self.spaces[number], self.blocks[number]
        leaves = [axis for axis in space.axes if axis[0] in self.values and axis not in self.modes.sums]
        parts = {axis: self._reduced(*axis) for axis in leaves}
        dead_allowed = _vanishing(self.program, space)
        keys: dict[Any, list[tuple[int, int]]] = {}
        block: list[int] = []
        factors: list[Fraction] = []
        count = 0
        signs: list[tuple[int, ...]] = []
        for u in range(space.size):
            rows, chosen = {axis: part[u] for axis, part in parts.items()}, list[int]()
            for t, flip in enumerate(space.flips):
                own = [a for a in leaves if a in flip and not any(a in other for other in space.flips[:t])] or [a for a in leaves if a in flip]
                lead = next((int(v) for a in own for v in rows[a] if v), 0)
                chosen.append(-1 if lead > PRIME // 2 else 1)
                rows = {a: (-row) % PRIME if chosen[-1] < 0 and a in flip else row for a, row in rows.items()}
            signs.append(tuple(chosen))
            if dead_allowed and leaves and not any(np.any(row) for row in rows.values()):
                block.append(-1)
                factors.append(Fraction(1))
                continue
            lead = 1
            if self.homogeneous[number]:
                lead, rows = _normalised(rows)
            known = keys.setdefault((before.block[u] if old else 0, *(rows[a].tobytes() for a in leaves)), [])
            ratios = [(k, rational_from(lead * pow(first, -1, PRIME) % PRIME, PRIME)) for k, first in known]
            k, factor = next(((k, q) for k, q in ratios if q is not None and q > 0), (count, Fraction(1)))
            if k == count:
                known.append((k, lead))
                count += 1
            block.append(k)
            factors.append(factor)
        return Blocks(space, tuple(block), tuple(signs), tuple(factors))

    def run(self) -> list[Blocks]:
        """Refine until nothing changes."""
        for attempt in range(ROUNDS):
            before = dict(self.blocks)
            for number in self.blocks:
                self.blocks[number] = self._signed(number, attempt > ROUNDS // 2)
            if before == self.blocks:
                break
        return [blocks.leading() for blocks in self.blocks.values()]


def fibres(p: Program, subspace: Subspace, space: IndexSpace, sums: frozenset[Axis]) -> list[tuple[Fraction, ...]]:
    """An orthogonal basis of the span of the vectors that copy axes of an orthogonal index space can have on the subspace."""
    offsets, vectors = p.offsets(), list[list[Fraction]]()
    for i, k in space.axes:
        node = p.nodes[i]
        if node.op != "parameter" or (i, k) in sums:
            continue
        start, shape = offsets[node.name]
        indices = np.moveaxis(np.arange(start, start + size_of(shape)).reshape(shape), k, 0).reshape(space.size, -1)
        for fibre in indices.T.tolist():
            table: dict[int, list[Fraction]] = {}
            for u, index in enumerate(fibre):
                form, constant = subspace.form(index)
                for j, v in [*form.items(), (-1, constant)]:
                    if v:
                        table.setdefault(j, [Fraction(0)] * space.size)[u] = Fraction(v)
            vectors += table.values()
    basis: list[tuple[Fraction, ...]] = []
    for vector in vectors:
        rest = list(vector)
        for b in basis:
            factor = sum((x * y for x, y in zip(rest, b, strict=True)), Fraction(0)) / sum(y * y for y in b)
            rest = [x - factor * y for x, y in zip(rest, b, strict=True)] if factor else rest
        if any(rest):
            lead = next(x for x in rest if x)
            basis.append(tuple(x / lead for x in rest))
        if len(basis) == space.size:
            break
    return basis
