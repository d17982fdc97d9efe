"""The gradient fields ∇_θ(v·F)(x) of a model in any number system, and their components across a subspace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from simcert.exact.arrays import ArraySystem, Value, run
from simcert.exact.duals import Duals
from simcert.groups.subspaces import Subspace
from simcert.models.program import Gradient, Program, Shape, gradient, size_of

Flat = Mapping[str, Sequence[Fraction]]  # flat row-major values by name


@dataclass(frozen=True)
class Fields:
    """The gradient program of a model and how its leaves map to parameter indices."""

    program: Program

    @cached_property
    def gradient(self) -> Gradient:
        return gradient(self.program)

    @cached_property
    def shapes(self) -> dict[str, Shape]:
        """Shapes of everything that a run needs: parameters, inputs, covectors."""
        covectors = {f"v{k}": self.program.nodes[out].shape for k, out in enumerate(self.program.outputs)}
        return {**dict(self.program.parameters), **dict(self.program.inputs), **covectors}

    @cached_property
    def outputs(self) -> list[tuple[int, int]]:
        """All output entries [k, i]."""
        return [(k, i) for k, out in enumerate(self.program.outputs) for i in range(size_of(self.program.nodes[out].shape))]

    def leaves(self, system: ArraySystem, *flats: Flat) -> dict[str, Value]:
        """Arrays of the number system from flat rationals."""
        return {name: system.array(list(values), self.shapes[name]) for flat in flats for name, values in flat.items()}

    def covector(self, entry: tuple[int, int]) -> dict[str, list[Fraction]]:
        """The covector that picks one output entry."""
        out = {f"v{k}": [Fraction(0)] * size_of(self.program.nodes[o].shape) for k, o in enumerate(self.program.outputs)}
        out[f"v{entry[0]}"][entry[1]] = Fraction(1)
        return out

    def run(self, system: ArraySystem, leaves: dict[str, Value]) -> list[tuple[np.ndarray[Any, Any], Value]] | None:
        """For every leaf with a gradient: (parameter indices in the leaf's shape, gradient value); None where the system cannot compute one of them."""
        g = self.gradient
        system.begin(leaves.get("", ()))
        wanted = [n for n in g.leaves.values() if n is not None]
        values = run(g.nodes, system, leaves, wanted)
        if any(values[n] is None for n in wanted):
            return None
        return [(self.leaf_indices(i), values[n]) for i, n in g.leaves.items() if n is not None]

    def leaf_indices(self, leaf: int) -> np.ndarray[Any, Any]:
        """Parameter indices of a `parameter` or `stack` node, in its shape."""
        node, offsets = self.program.nodes[leaf], self.program.offsets()
        names = [node.name] if node.op == "parameter" else list(node.names)
        parts = [np.arange(offsets[n][0], offsets[n][0] + size_of(offsets[n][1])).reshape(offsets[n][1]) for n in names]
        return parts[0] if node.op == "parameter" else np.stack(parts)

    def flat(self, system: ArraySystem, leaves: dict[str, Value]) -> Any | None:
        """The gradient as a value of the number system with the parameters along one last axis: (batch, M), for series (K, batch, M), pairs of these for
        duals; None where the system cannot compute it."""
        parts = self.run(system, leaves)
        return None if parts is None else self._flatten(system, parts, self._lead(leaves))

    def _lead(self, leaves: dict[str, Value]) -> tuple[int, ...]:
        """What stands before the shapes of the leaves: (batch,), for series (K, batch)."""
        found: list[tuple[int, ...]] = []
        for name, value in leaves.items():
            while isinstance(value, tuple):
                value = value[0]
            if name:
                found.append(value.shape[: value.ndim - len(self.shapes[name])])
        return np.broadcast_shapes(*found)

    def split(self, system: ArraySystem, vector: Any) -> dict[str, Value]:
        """A value (…, M) as values by parameter name: the inverse of `flat`."""
        if isinstance(system, Duals):
            value = self.split(system.base, vector[0])
            moving = None if vector[1] is None else self.split(system.base, vector[1])
            return {name: (part, None if moving is None else moving[name]) for name, part in value.items()}
        table = self.program.offsets().items()
        return {name: vector[..., start : start + size_of(shape)].reshape(*vector.shape[:-1], *shape) for name, (start, shape) in table}

    def _flatten(self, system: ArraySystem, parts: Sequence[tuple[np.ndarray[Any, Any], Value]], otherwise: tuple[int, ...]) -> Any:
        if isinstance(system, Duals):
            moving = [(indices, b) for indices, (_, b) in parts if b is not None]
            value = self._flatten(system.base, [(indices, a) for indices, (a, _) in parts], otherwise)
            return value, self._flatten(system.base, moving, otherwise) if moving else None
        lead = np.broadcast_shapes(*(v.shape[: v.ndim - idx.ndim] for idx, v in parts)) if parts else otherwise
        out = system.zeros((*lead, self.program.size))
        for idx, v in parts:
            flat = v.reshape(*v.shape[: v.ndim - idx.ndim], -1)
            out[..., idx.ravel()] = np.broadcast_to(flat, (*lead, idx.size))
        return out


@dataclass(frozen=True)
class Normals:
    """The rows C of a subspace, ready to be applied to gradients in one number system."""

    subspace: Subspace
    system: ArraySystem

    @cached_property
    def _sparse(self) -> tuple[Any, Any, Any]:
        rows, columns, coefficients = [], [], []
        for i, row in enumerate(self.subspace.rows):
            for k, v in row.entries:
                rows.append(i)
                columns.append(k)
                coefficients.append(v)
        weights = self.system.zeros((len(rows),))
        for j, v in enumerate(coefficients):
            weights[j] = self.system.number(v)
        return np.array(rows, dtype=np.int64), np.array(columns, dtype=np.int64), weights

    def apply(self, vectors: Any) -> Any:
        """C·vectors: (…, M) to (…, number of rows)."""
        rows, columns, weights = self._sparse
        products = self.system.reduce(vectors[..., columns] * weights)
        starts = np.searchsorted(rows, np.arange(len(self.subspace.rows)))
        return self.system.reduce(np.add.reduceat(products, starts, axis=-1))
