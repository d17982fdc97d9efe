"""Index spaces: which array axes of a program run over the same set of units, and how that set may be transformed.

Axes are unified through the program (`Union`): two axes that an op forces to move together belong to one space. A space is
*free* when nothing pins it — no input, no output, no constant that tells its units apart. On a free space every permutation of the
units is a symmetry; sign flips and orthogonal maps are, where the ops on the way allow it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from simcert.models.activations import facts
from simcert.models.program import Node, Program, split_spec

Axis = tuple[int, int]  # (node number, axis number)


class Union:
    """Disjoint sets with path halving."""

    def __init__(self) -> None:
        self.parent: dict[Axis, Axis] = {}

    def find(self, a: Axis) -> Axis:
        self.parent.setdefault(a, a)
        while self.parent[a] != a:
            self.parent[a] = self.parent[self.parent[a]]
            a = self.parent[a]
        return a

    def join(self, a: Axis, b: Axis) -> None:
        self.parent[self.find(b)] = self.find(a)


@dataclass(frozen=True, slots=True)
class IndexSpace:
    """A free index space.

    `axes`: all (node, axis) that run over it; `parameter_axes`: the (parameter name, axis of that parameter) among them; `stacked`: tuples of
    parameter names, where its units are whole parameters (heads); `flips`: independent ways to flip the sign of one unit, each the set of
    axes whose entries change sign; `kind`: "permutation", "signed" (every parameter axis is changed by some flip), "incoming-signed" (only
    some are: even activations), or "orthogonal" (every orthogonal matrix acts).
    """

    name: str
    size: int
    kind: str
    axes: tuple[Axis, ...]
    parameter_axes: tuple[tuple[str, int], ...]
    stacked: tuple[tuple[str, ...], ...]
    flips: tuple[frozenset[Axis], ...]

    @property
    def order(self) -> int | None:
        """Order of the group that acts, None when it is infinite."""
        if self.kind == "orthogonal" and self.size > 1:
            return None
        return math.factorial(self.size) * 2 ** (self.size * len(self.flips))


def letter_axes(nodes: tuple[Node, ...], i: int) -> dict[str, tuple[list[Axis], list[Axis]]]:
    """For a contract node: for each letter its axes in the arguments and in the output."""
    terms, out = split_spec(nodes[i].spec)
    table: dict[str, tuple[list[Axis], list[Axis]]] = {}
    for term, a in zip(terms, nodes[i].args, strict=True):
        for k, letter in enumerate(term):
            table.setdefault(letter, ([], []))[0].append((a, k))
    for k, letter in enumerate(out):
        table.setdefault(letter, ([], []))[1].append((i, k))
    return table


def kept_axes(node: Node, shape: tuple[int, ...]) -> list[tuple[int, int]]:
    """For a gather or scatter from an array of this shape: the pairs (axis of the argument, axis of the output) along which it acts slice by slice."""
    big, small = (shape, node.shape) if node.op == "gather" else (node.shape, shape)
    indices = np.array(node.indices, dtype=np.int64).reshape(small)
    valid = indices >= 0
    coordinates = [np.where(valid, c, -1) for c in np.unravel_index(np.where(valid, indices, 0), big)]
    pairs = []
    for j, n in enumerate(small):
        along = np.broadcast_to(np.arange(n).reshape([n if k == j else 1 for k in range(len(small))]), small)
        for i, c in enumerate(coordinates):
            others = [valid, *(d for k, d in enumerate(coordinates) if k != i)]
            same = big[i] == n and np.array_equal(c[valid], along[valid])
            if same and all(np.array_equal(d, np.broadcast_to(np.take(d, [0], axis=j), small)) for d in others):
                pairs.append((i, j) if node.op == "gather" else (j, i))
                break
    return pairs


def unify(p: Program) -> tuple[Union, set[Axis]]:
    """The unified axes, and the axes that are pinned."""
    union, pinned = Union(), set()

    def pin(i: int, axes: range) -> None:
        pinned.update((i, k) for k in axes)

    for i, node in enumerate(p.nodes):
        every = range(len(node.shape))
        if node.op == "input" or i in p.outputs:
            pin(i, every)
        if node.op == "constant":
            values = np.array(node.values, dtype=object).reshape(node.shape)
            pinned.update((i, k) for k in every if np.any(values != np.take(values, [0], axis=k)))
        elif node.op in ("add", "apply"):
            for a in node.args:
                for k in every:
                    union.join((i, k), (a, k))
        elif node.op == "contract":
            for inside, outside in letter_axes(p.nodes, i).values():
                for axis in (inside + outside)[1:]:
                    union.join((inside + outside)[0], axis)
        elif node.op in ("gather", "scatter"):
            (a,) = node.args
            shape = p.nodes[a].shape
            pairs = kept_axes(node, shape)
            for k, j in pairs:
                union.join((a, k), (i, j))
            pinned.update((a, k) for k in range(len(shape)) if k not in {x for x, _ in pairs})
            pinned.update((i, k) for k in every if k not in {y for _, y in pairs})
    return union, pinned


def sign_equations(p: Program, axes: list[Axis]) -> list[tuple[int, int]]:
    """The linear equations over GF(2) of "which axes of a space change sign at one unit": pairs (node, sum of the axes with these numbers is 0), as bit masks.

    One unknown per axis, numbered as listed; each op gives equations (docs/format.md, section 4, symmetry).
    """
    number = {axis: k for k, axis in enumerate(axes)}
    equations: list[tuple[int, int]] = []

    def equation(*terms: Axis) -> None:
        mask = 0
        for axis in terms:
            mask ^= 1 << number[axis]
        equations.append((i, mask))

    for i, node in enumerate(p.nodes):
        own = [(i, k) for k in range(len(node.shape)) if (i, k) in number]
        if node.op == "add":
            for axis in own:
                for a in node.args:
                    equation(axis, (a, axis[1]))
        elif node.op == "constant" and any(node.values):
            for axis in own:
                equation(axis)
        elif node.op == "contract":
            for inside, outside in letter_axes(p.nodes, i).values():
                if (inside + outside)[0] in number:
                    equation(*inside, *outside)
        elif node.op == "apply":
            known = facts(p.activations[node.activation])
            for axis in own:
                before = (node.args[0], axis[1])
                if "odd" in known or "even" in known:
                    changes = (node.order + ("odd" in known)) % 2
                    equation(*((axis, before) if changes else (axis,)))
                else:
                    equation(axis)
                    equation(before)
        elif node.op in ("gather", "scatter"):
            for k, j in kept_axes(node, p.nodes[node.args[0]].shape):
                if (i, j) in number:
                    equation((node.args[0], k), (i, j))
    return equations


def _flips(p: Program, axes: list[Axis]) -> tuple[frozenset[Axis], ...]:
    """A basis of the solutions of `sign_equations`; sets that touch no parameter are left out."""
    number = {axis: k for k, axis in enumerate(axes)}
    leaves = [axis for axis in axes if p.nodes[axis[0]].op in ("parameter", "stack")]
    solutions = _kernel([mask for _, mask in sign_equations(p, axes)], len(axes))
    out, seen = [], _Span()
    for s in solutions:
        restricted = sum(1 << number[axis] for axis in leaves if s >> number[axis] & 1)
        if seen.insert(restricted):
            out.append(frozenset(axis for axis in axes if s >> number[axis] & 1))
    return tuple(out)


class _Span:
    """A growing subspace of GF(2)^n, vectors as bit masks."""

    def __init__(self) -> None:
        self.rows: list[int] = []

    def insert(self, v: int) -> bool:
        for row in self.rows:
            v = min(v, v ^ row)
        if v:
            self.rows.append(v)
        return bool(v)


def _kernel(equations: list[int], n: int) -> list[int]:
    """A basis of {x ∈ GF(2)^n : every equation has even overlap with x}."""
    pivots: dict[int, int] = {}
    for v in equations:
        for bit, row in pivots.items():
            if v >> bit & 1:
                v ^= row
        if v:
            bit = v.bit_length() - 1
            for other, row in pivots.items():
                if row >> bit & 1:
                    pivots[other] = row ^ v
            pivots[bit] = v
    free = [k for k in range(n) if k not in pivots]
    return [sum(1 << bit for bit, row in pivots.items() if row >> k & 1) | 1 << k for k in free]


def _is_orthogonal(p: Program, axes: list[Axis]) -> bool:
    """Whether every orthogonal matrix may act on the space: it is only ever contracted or passed on, linearly."""
    inside = set(axes)
    for i, node in enumerate(p.nodes):
        touched = any((i, k) in inside for k in range(len(node.shape))) or any((a, k) in inside for a in node.args for k in range(len(p.nodes[a].shape)))
        if not touched or node.op in ("parameter", "add"):
            continue
        if node.op == "contract":
            for before, after in letter_axes(p.nodes, i).values():
                if (before + after)[0] in inside and (len(before), len(after)) not in ((2, 0), (1, 1)):
                    return False
        elif node.op == "apply":
            polynomial = p.activations[node.activation].polynomial
            if polynomial is None or node.order != 0 or any(c for k, c in enumerate(polynomial) if k != 1):
                return False
        elif node.op == "stack":
            if (i, 0) in inside:
                return False
        else:
            return False
    return True


@lru_cache(maxsize=64)
def _cached(holder: _Holder) -> tuple[IndexSpace, ...]:
    return _index_spaces(holder.program)


@dataclass(frozen=True, slots=True)
class _Holder:
    """Makes a program hashable by identity for the cache."""

    program: Program

    def __hash__(self) -> int:
        return id(self.program)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Holder) and other.program is self.program


def index_spaces(p: Program) -> tuple[IndexSpace, ...]:
    """The free index spaces of a program that contain a parameter axis, in program order.

    For an mlp these are the hidden layers 1, 2, …; for attention the head dimensions (and the heads). *Proves* nothing by itself: a generator is
    checked node by node in its certificate.
    """
    return _cached(_Holder(p))


def _index_spaces(p: Program) -> tuple[IndexSpace, ...]:
    union, pinned = unify(p)
    barred = {union.find(axis) for axis in pinned}
    members: dict[Axis, list[Axis]] = {}
    for i, node in enumerate(p.nodes):
        for k in range(len(node.shape)):
            members.setdefault(union.find((i, k)), []).append((i, k))
    spaces = []
    for root, axes in members.items():
        leaves = [axis for axis in axes if p.nodes[axis[0]].op in ("parameter", "stack")]
        if root not in barred and leaves:
            spaces.append(_space(p, axes, leaves))
    spaces.sort(key=lambda s: min(axis for axis in s.axes if p.nodes[axis[0]].op in ("parameter", "stack")))
    return tuple(spaces)


def _space(p: Program, axes: list[Axis], leaves: list[Axis]) -> IndexSpace:
    parameter_axes: list[tuple[str, int]] = []
    stacked: list[tuple[str, ...]] = []
    for i, k in leaves:
        node = p.nodes[i]
        if node.op == "parameter":
            parameter_axes.append((node.name, k))
        elif k == 0:
            stacked.append(node.names)
        else:
            parameter_axes += [(name, k - 1) for name in node.names]
    flips = _flips(p, axes)
    kind = "permutation"
    if _is_orthogonal(p, axes):
        kind = "orthogonal"
    elif flips:
        kind = "signed" if all(any(axis in flip for flip in flips) for axis in leaves) else "incoming-signed"
    i, k = leaves[0]
    node = p.nodes[i]
    if node.op == "stack" and k == 0:
        name = "of " + ", ".join(node.names)
    else:
        label, rank, position = (node.name, len(node.shape), k) if node.op == "parameter" else (node.names[0], len(node.shape) - 1, k - 1)
        name = f"{label}[{','.join('i' if j == position else ':' for j in range(rank))}]"
    return IndexSpace(name, p.nodes[i].shape[k], kind, tuple(axes), tuple(parameter_axes), tuple(stacked), flips)
