"""Quadratic conservation laws that the architecture predicts: linear infinitesimal symmetries with a symmetric matrix.

If ξ(θ) = Aθ, A symmetric, satisfies ∇F(θ)(x)·Aθ = 0 for all θ and x, then h = ½θᵀAθ is conserved by every gradient flow. On an index space, give
every axis of every node a
weight w, so that along ξ its entries change by w·S (S a symmetric matrix on the units: any where the space is only contracted, diagonal where
homogeneous functions act). The local rules are linear in the weights, so they are solved, not guessed (`docs/format.md`, section 6).

Source: the laws W2ᵀW2 − W1W1ᵀ, ‖in‖² − ‖out‖², QQᵀ − KKᵀ, VVᵀ − OOᵀ of Marcotte, Gribonval, Peyré (arXiv 2307.00144, 2506.06194) are the cases that arise.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from simcert.exact.linalg import nullspace
from simcert.groups.axes import Axis, IndexSpace, index_spaces, kept_axes, letter_axes
from simcert.laws.polynomials import Law, Number
from simcert.models.program import Activation, Program, size_of


def homogeneity(a: Activation) -> int | None:
    """k with σ(λz) = λ^k σ(z) for λ > 0, or None."""
    if a.piecewise is not None:
        return 1
    if a.polynomial is not None:
        degrees = [k for k, c in enumerate(a.polynomial) if c]
        return degrees[0] if len(degrees) == 1 else None
    return None


def weights(p: Program, space: IndexSpace) -> list[dict[Axis, Number]]:
    """A basis of the weights that the local rules allow on the axes of an index space."""
    number = {axis: k for k, axis in enumerate(space.axes)}
    rows: list[dict[int, Number]] = []

    def rule(terms: dict[Axis, Number]) -> None:
        row: dict[int, Number] = {}
        for axis, c in terms.items():
            if axis in number:
                row[number[axis]] = row.get(number[axis], 0) + c
        if any(row.values()):
            rows.append({k: v for k, v in row.items() if v})

    for i, node in enumerate(p.nodes):
        own = [(i, k) for k in range(len(node.shape)) if (i, k) in number]
        if node.op == "add":
            for axis in own:
                for a in node.args:
                    rule({axis: 1, (a, axis[1]): -1})
        elif node.op == "constant" and any(node.values):
            for axis in own:
                rule({axis: 1})
        elif node.op == "contract":
            for inside, outside in letter_axes(p.nodes, i).values():
                terms: dict[Axis, Number] = {}
                for axis in inside:
                    terms[axis] = terms.get(axis, 0) + 1
                for axis in outside:
                    terms[axis] = terms.get(axis, 0) - 1
                rule(terms)
        elif node.op == "apply":
            k = homogeneity(p.activations[node.activation])
            for axis in own:
                before = (node.args[0], axis[1])
                if k is None:
                    rule({axis: 1})
                    rule({before: 1})
                else:
                    rule({axis: 1, before: -k})
        elif node.op in ("gather", "scatter"):
            for k, j in kept_axes(node, p.nodes[node.args[0]].shape):
                rule({(node.args[0], k): 1, (i, j): -1})
    basis = nullspace(rows, len(space.axes))
    leaves = [number[a] for a in space.axes if p.nodes[a[0]].op in ("parameter", "stack")]
    return [{axis: v[k] for axis, k in number.items() if v[k]} for v in basis if any(v[k] for k in leaves)]


@dataclass(frozen=True)
class Family:
    """The laws ½θᵀAθ of one index space with one choice of weights: one for each symmetric unit matrix S.

    `pairs` lists the units (i, j) of S = E_ij + E_ji (or E_ii); `full` says whether off-diagonal ones occur.
    """

    program: Program
    space: IndexSpace
    weight: dict[Axis, Number]
    full: bool

    @property
    def pairs(self) -> list[tuple[int, int]]:
        n = self.space.size
        return [(i, j) for i in range(n) for j in range(i, n if self.full else i + 1)]

    def leaves(self) -> list[tuple[np.ndarray[Any, Any], int, Number]]:
        """(parameter indices in the leaf's shape, axis, weight) of every leaf axis with a weight."""
        offsets, out = self.program.offsets(), []
        for (i, k), w in self.weight.items():
            node = self.program.nodes[i]
            if node.op in ("parameter", "stack"):
                names = [node.name] if node.op == "parameter" else list(node.names)
                parts = [np.arange(offsets[n][0], offsets[n][0] + size_of(offsets[n][1])).reshape(offsets[n][1]) for n in names]
                out.append((parts[0] if node.op == "parameter" else np.stack(parts), k, w))
        return out

    def laws(self) -> list[Law]:
        """The laws, in the order of `pairs`, scaled to integers without common factor: Σ w ⟨slice_i, slice_j⟩."""
        tables = [(np.moveaxis(indices, k, 0).reshape(self.space.size, -1).tolist(), w) for indices, k, w in self.leaves()]
        out = []
        for i, j in self.pairs:
            terms: dict[tuple[int, ...], Number] = {}
            for rows, w in tables:
                for a, b in zip(rows[i], rows[j], strict=True):
                    m = (a, b) if a <= b else (b, a)
                    terms[m] = terms.get(m, 0) + w
            out.append(Law({m: c for m, c in terms.items() if c}))
        return out

    def generator(self, i: int, j: int) -> dict[str, Any]:
        """The infinitesimal generator of the law (i, j) as JSON: h = ½θᵀAθ with A = Σ w S, S = E_ij + E_ji, or 2E_ii."""
        sym = [[i, j, "1" if i != j else "2"]]
        nodes: dict[int, list[list[Any]]] = {}
        for (n, k), w in sorted(self.weight.items()):
            nodes.setdefault(n, [[-1, "0"] for _ in self.program.nodes[n].shape])[k] = [0, str(w)]
        return {"actions": [sym], "nodes": [[n, row] for n, row in sorted(nodes.items())]}

    def text(self) -> str:
        """The family as a person writes it: `W1 W1^T - W2^T W2`."""
        parts = []
        for (n, k), w in self.weight.items():
            node = self.program.nodes[n]
            if node.op not in ("parameter", "stack"):
                continue
            for name in [node.name] if node.op == "parameter" else node.names:
                parts.append((self._piece(name, dict(self.program.parameters)[name], k - (node.op == "stack"), stacked=node.op == "stack"), w))
        parts.sort(key=lambda item: (item[1] < 0, item[0]))
        out = ""
        for body, w in parts:
            size = "" if abs(w) == 1 else f"{abs(w)} "
            out += ((" - " if w < 0 else " + ") if out else ("-" if w < 0 else "")) + size + body
        if self.full or self.space.size == 1:
            return out
        return f"{out} for i = 0..{self.space.size - 1}"

    def _piece(self, name: str, shape: tuple[int, ...], axis: int, *, stacked: bool) -> str:
        if axis < 0:
            return f"|{name}|^2"
        if self.full and len(shape) == 2:
            return f"{name} {name}^T" if axis == 0 else f"{name}^T {name}"
        if self.full and len(shape) == 1:
            return f"{name} {name}^T"
        index = ",".join("i" if k == axis else ":" for k in range(len(shape)))
        unit = "i" if self.space.size > 1 else "0"
        return f"|{name}[{index.replace('i', unit)}]|^2" if len(shape) > 1 else f"{name}[{unit}]^2"


def families(p: Program) -> list[Family]:
    """All structural families of quadratic laws of a model.

    *Proves* nothing by itself; each law carries its generator, which a checker verifies node by node.
    """
    out = []
    for space in index_spaces(p):
        for weight in weights(p, space):
            out.append(Family(p, space, _integral(weight), space.kind == "orthogonal"))
    return out


def _integral(weight: dict[Axis, Number]) -> dict[Axis, Number]:
    import math

    scale = math.lcm(*(Fraction(w).denominator for w in weight.values()))
    values = {axis: int(w * scale) for axis, w in weight.items()}
    common = math.gcd(*values.values())
    return {axis: v // common for axis, v in values.items()}
