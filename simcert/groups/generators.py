"""Generators of the symmetry group of a program: an action on every node, and the space they fix.

A generator g carries, for every node, signed permutations or orthogonal matrices on its axes with value_node(gθ, x) = (A_0⊗A_1⊗…) value_node(θ, x); on
the outputs it is the identity, so F(gθ) = F(θ), and it is an orthogonal map of parameter space. Hence Fix(g) is invariant under every gradient flow
(`math.md`, 3a). What is built here is checked by the checker, node by node.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from simcert.groups.axes import IndexSpace
from simcert.groups.subspaces import Echelon, Row, Subspace
from simcert.models.program import Program, size_of


@dataclass(frozen=True, slots=True)
class Monomial:
    """The signed permutation (A v)[i] = signs[i] · v[permutation[i]]."""

    permutation: tuple[int, ...]
    signs: tuple[int, ...]

    def to_json(self) -> dict[str, Any]:
        return {"permutation": list(self.permutation), "signs": list(self.signs)}

    @property
    def is_identity(self) -> bool:
        return self.permutation == tuple(range(len(self.permutation))) and set(self.signs) <= {1}

    def words(self) -> str:
        """Signed cycles, units from 0: `(0 1)(2 -2)`."""
        n, seen, out = len(self.permutation), set[int](), ""
        for start in range(n):
            if start in seen or (self.permutation[start] == start and self.signs[start] == 1):
                continue
            cycle, i, sign = [], start, 1
            while i not in seen:
                seen.add(i)
                cycle.append(f"{'-' if sign < 0 else ''}{i}")
                i, sign = self.permutation[i], sign * self.signs[i]
            out += f"({' '.join(cycle)}{f' -{start}' if sign < 0 else ''})"
        return out or "identity"


@dataclass(frozen=True, slots=True)
class Matrix:
    """A rational orthogonal matrix."""

    rows: tuple[tuple[Fraction, ...], ...]

    def to_json(self) -> dict[str, Any]:
        return {"matrix": [[str(v) for v in row] for row in self.rows]}

    @property
    def is_identity(self) -> bool:
        return all(v == (i == j) for i, row in enumerate(self.rows) for j, v in enumerate(row))

    def words(self) -> str:
        return "[" + "; ".join(" ".join(str(v) for v in row) for row in self.rows) + "]"


Action = Monomial | Matrix


@dataclass(frozen=True, slots=True)
class Generator:
    """Actions, and for each node that carries any the number of the action on each of its axes (−1: none)."""

    actions: tuple[Action, ...]
    nodes: tuple[tuple[int, tuple[int, ...]], ...]
    label: str = ""

    def part(self, program: Program, *, leaves: bool) -> list[Any]:
        """The entries for leaves (parameters and stacks), or for all other nodes, as JSON."""
        return [[n, list(a)] for n, a in self.nodes if (program.nodes[n].op in ("parameter", "stack")) == leaves]

    def to_json(self) -> dict[str, Any]:
        return {"actions": [a.to_json() for a in self.actions], "nodes": [[n, list(a)] for n, a in self.nodes]}


def on_space(p: Program, space: IndexSpace, action: Action, flip: frozenset[tuple[int, int]] = frozenset(), label: str = "") -> Generator:
    """The generator that transforms one index space by `action`; the signs of a `Monomial` act on the axes of `flip` only."""
    return combine(p, [(space, action, flip)], label)


def combine(p: Program, parts: Iterable[tuple[IndexSpace, Action, frozenset[tuple[int, int]]]], label: str = "") -> Generator:
    """The product of actions on different index spaces as one generator (a diagonal generator)."""
    actions: list[Action] = []
    table: dict[int, list[int]] = {}

    def number(action: Action) -> int:
        if action.is_identity:
            return -1
        if action not in actions:
            actions.append(action)
        return actions.index(action)

    words = []
    for space, action, flip in parts:
        words.append(f"{space.name}: {action.words()}")
        signed = number(action)
        plain = number(Monomial(action.permutation, (1,) * space.size)) if isinstance(action, Monomial) else signed
        for i, k in space.axes:
            chosen = signed if (i, k) in flip or isinstance(action, Matrix) else plain
            if chosen >= 0:
                table.setdefault(i, [-1] * len(p.nodes[i].shape))[k] = chosen
    used = sorted({a for row in table.values() for a in row if a >= 0})
    renumber = {old: new for new, old in enumerate(used)} | {-1: -1}
    nodes = tuple((i, tuple(renumber[a] for a in row)) for i, row in sorted(table.items()))
    return Generator(tuple(actions[a] for a in used), nodes, label or "; ".join(words))


def _leaf_maps(p: Program, g: Generator) -> Iterable[tuple[np.ndarray[Any, Any], list[Action | None]]]:
    """For every leaf that g moves: the parameter indices as an array of the leaf's shape, and the actions on its axes."""
    offsets = p.offsets()
    for n, row in g.nodes:
        node = p.nodes[n]
        if node.op not in ("parameter", "stack"):
            continue
        names = [node.name] if node.op == "parameter" else list(node.names)
        parts = [np.arange(offsets[name][0], offsets[name][0] + size_of(offsets[name][1])).reshape(offsets[name][1]) for name in names]
        yield (parts[0] if node.op == "parameter" else np.stack(parts)), [None if a < 0 else g.actions[a] for a in row]


def signed_permutation(p: Program, g: Generator) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]] | None:
    """(source, sign) with (gθ)_q = sign[q]·θ_source[q], or None when g is not monomial on the parameters."""
    source, sign = np.arange(p.size), np.ones(p.size, dtype=np.int64)
    for indices, actions in _leaf_maps(p, g):
        moved, signs = indices, np.ones(indices.shape, dtype=np.int64)
        for k, action in enumerate(actions):
            if isinstance(action, Matrix):
                return None
            if action is not None:
                moved = np.take(moved, action.permutation, axis=k)
                signs = signs * np.array(action.signs).reshape([-1 if j == k else 1 for j in range(indices.ndim)])
        source[indices], sign[indices] = moved, signs
    return source, sign


def _general_equations(p: Program, g: Generator) -> Iterable[dict[int, Fraction]]:
    """The equations (gθ)_q − θ_q = 0 of a generator with matrices."""
    for indices, actions in _leaf_maps(p, g):
        entries: dict[tuple[int, ...], dict[int, Fraction]] = {}
        for where in np.ndindex(*indices.shape):
            entries[where] = {int(indices[where]): Fraction(1)}
        for k, action in enumerate(actions):
            if action is None:
                continue
            moved: dict[tuple[int, ...], dict[int, Fraction]] = {}
            for where in entries:
                total: dict[int, Fraction] = {}
                if isinstance(action, Matrix):
                    weights = [(j, v) for j, v in enumerate(action.rows[where[k]]) if v]
                else:
                    weights = [(action.permutation[where[k]], Fraction(action.signs[where[k]]))]
                for j, v in weights:
                    for q, c in entries[(*where[:k], j, *where[k + 1 :])].items():
                        total[q] = total.get(q, Fraction(0)) + v * c
                moved[where] = total
            entries = moved
        for where, form in entries.items():
            q = int(indices[where])
            form[q] = form.get(q, Fraction(0)) - 1
            yield form


def fixed_points(p: Program, generators: Sequence[Generator]) -> Subspace:
    """{θ : gθ = θ for all generators}, in canonical form.

    Signed permutations alone take linear time (a signed union-find); matrices use elimination.
    """
    maps = [signed_permutation(p, g) for g in generators]
    if all(m is not None for m in maps):
        return Subspace(p, tuple(_union_rows(p.size, [m for m in maps if m is not None])))
    echelon = Echelon()
    for g in generators:
        for form in _general_equations(p, g):
            echelon.insert(form)
    return Subspace.from_echelon(p, echelon)


def _union_rows(size: int, maps: Sequence[tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]]) -> Iterable[Row]:
    """The reduced row echelon form of all equations θ_q = sign[q]·θ_source[q]."""
    parent = list(range(size))
    relative = [1] * size  # θ_i = relative[i] · θ_parent[i]
    dead: set[int] = set()

    def find(i: int) -> tuple[int, int]:
        path, sign = [], 1
        while parent[i] != i:
            path.append(i)
            i = parent[i]
        for j in reversed(path):
            sign *= relative[j]
            parent[j], relative[j] = i, sign
        return i, (relative[path[0]] if path else 1)

    for source, sign in maps:
        for q in np.flatnonzero((source != np.arange(size)) | (sign != 1)).tolist():
            (a, s), (b, t) = find(q), find(int(source[q]))
            relation = s * t * int(sign[q])
            if a != b:
                parent[a], relative[a] = b, relation
                if a in dead:
                    dead.add(b)
            elif relation < 0:
                dead.add(a)
    groups: dict[int, list[tuple[int, int]]] = {}
    for i in range(size):
        root, s = find(i)
        groups.setdefault(root, []).append((i, s))
    rows = []
    for root, group in groups.items():
        if root in dead:
            rows += [Row(((i, 1),), 0) for i, _ in group]
        elif len(group) > 1:
            last, t = group[-1]
            rows += [Row(((i, 1), (last, -s * t)), 0) for i, s in group[:-1]]
    return sorted(rows, key=lambda row: row.pivot)
