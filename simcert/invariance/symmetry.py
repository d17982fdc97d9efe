"""Proof of invariance by symmetry: find generators whose fixed space is exactly the subspace (`math.md` 3a).

For each index space the candidate is one generator: a product of signed cycles over the units that are equal (up to sign) on all of L, with a flip of
the units that vanish; on orthogonal spaces, the reflection in the span of the fibres of L. The generators are kept when their common fixed space is L.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from simcert.exact.linalg import Number, reflection
from simcert.groups.axes import Axis, IndexSpace, index_spaces
from simcert.groups.generators import Generator, Matrix, Monomial, fixed_points, on_space
from simcert.groups.subspaces import Subspace
from simcert.models.program import Program


class Forms:
    """Every parameter entry on L as a number ± id: entries have equal (opposite) numbers exactly when they are equal (opposite) on all of L; 0 is zero."""

    def __init__(self, subspace: Subspace) -> None:
        p = subspace.program
        self.numbers = np.arange(1, p.size + 1)
        table: dict[Any, int] = {}
        for row in subspace.rows:
            form = [(k, -v) for k, v in row.entries[1:]]
            if not form and not row.constant:
                self.numbers[row.pivot] = 0
            elif len(form) == 1 and not row.constant and abs(form[0][1]) == 1:
                self.numbers[row.pivot] = (form[0][0] + 1) * int(form[0][1])
            else:
                lead = form[0][1] if form else row.constant
                sign = 1 if lead > 0 else -1
                key = (tuple((k, v * sign) for k, v in form), row.constant * sign)
                self.numbers[row.pivot] = sign * table.setdefault(key, p.size + 1 + len(table))
        self.leaves: dict[int, np.ndarray[Any, Any]] = {}
        offsets = p.offsets()
        for i, node in enumerate(p.nodes):
            if node.op in ("parameter", "stack"):
                names = [node.name] if node.op == "parameter" else list(node.names)
                parts = [self.numbers[offsets[n][0] : offsets[n][0] + int(np.prod(offsets[n][1], dtype=np.int64))].reshape(offsets[n][1]) for n in names]
                self.leaves[i] = parts[0] if node.op == "parameter" else np.stack(parts)

    def rows(self, axes: Sequence[Axis], size: int) -> np.ndarray[Any, Any]:
        """For each unit the numbers of all its entries along the given leaf axes."""
        slices = [np.moveaxis(self.leaves[i], k, 0).reshape(size, -1) for i, k in axes if i in self.leaves]
        return np.concatenate(slices, axis=1) if slices else np.zeros((size, 0), dtype=np.int64)


def monomial_candidate(space: IndexSpace, forms: Forms) -> tuple[Monomial, frozenset[Axis]] | None:
    """One signed permutation of the units that fixes L pointwise and whose fixed space is as small as the equalities between units allow."""
    flip = space.flips[0] if space.flips else frozenset[Axis]()
    changing = forms.rows([a for a in space.axes if a in flip], space.size)
    keeping = forms.rows([a for a in space.axes if a not in flip], space.size)
    blocks: dict[tuple[bytes, bytes], list[tuple[int, int]]] = {}
    for i in range(space.size):
        nonzero = changing[i][changing[i] != 0]
        sign = -1 if nonzero.size and nonzero[0] < 0 else 1
        blocks.setdefault(((changing[i] * sign).tobytes(), keeping[i].tobytes()), []).append((i, sign))
    permutation, signs = list(range(space.size)), [1] * space.size
    for block in blocks.values():
        for (i, s), (j, t) in zip(block, block[1:] + block[:1], strict=True):
            permutation[i], signs[i] = j, s * t
        first = block[0][0]
        if flip and not np.any(changing[first]):
            signs[first] = -signs[first]
    action = Monomial(tuple(permutation), tuple(signs))
    return None if action.is_identity else (action, flip)


def reflection_candidate(p: Program, space: IndexSpace, subspace: Subspace) -> Matrix | None:
    """The reflection 2P − 1 in the span of the fibres of L along an orthogonal space; None when they span everything."""
    offsets = p.offsets()
    columns: list[list[Number]] = []
    for name, k in space.parameter_axes:
        start, shape = offsets[name]
        indices = np.moveaxis(np.arange(start, start + int(np.prod(shape, dtype=np.int64))).reshape(shape), k, 0).reshape(space.size, -1)
        for fibre in indices.T.tolist():
            table: dict[int, list[Number]] = {}
            for i, index in enumerate(fibre):
                form, constant = subspace.form(index)
                for j, v in [*form.items(), (-1, constant)]:
                    if v:
                        table.setdefault(j, [0] * space.size)[i] = v
            columns += [c for c in table.values() if c not in columns[-2 * space.size :]]
    unique = sorted({tuple(c) for c in columns})
    rows = reflection(unique, space.size)
    return None if rows is None else Matrix(tuple(tuple(row) for row in rows))


def find(subspace: Subspace, hints: Sequence[Generator] = ()) -> list[Generator] | None:
    """Generators whose common fixed space is the subspace, or None when this search finds none.

    Arguments: `hints` are generators that the user named (`swap(1: 0,1) * swap(2: 0,1)`).
    """
    if not subspace.is_linear:
        return None
    p, forms = subspace.program, Forms(subspace)
    if hints and fixed_points(p, hints) == subspace:
        return list(hints)
    generators = list(hints)
    spaces = index_spaces(p)
    for space in spaces:
        found = monomial_candidate(space, forms)
        if found:
            generators.append(on_space(p, space, found[0], found[1]))
    if generators and fixed_points(p, generators).rows == subspace.rows:
        return generators
    reflections = {space: reflection_candidate(p, space, subspace) for space in spaces if space.kind == "orthogonal"}
    extra = [on_space(p, space, m) for space, m in reflections.items() if m is not None]
    if extra and fixed_points(p, generators + extra).rows == subspace.rows:
        return _needed(p, generators + extra, subspace)
    return None


def _needed(p: Program, generators: list[Generator], subspace: Subspace) -> list[Generator]:
    """The generators without those that the others make superfluous."""
    for g in list(generators):
        rest = [h for h in generators if h is not g]
        if rest and fixed_points(p, rest).rows == subspace.rows:
            generators = rest
    return generators
