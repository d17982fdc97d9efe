"""Quadratic conservation laws that the architecture predicts: linear infinitesimal symmetries with a symmetric matrix.

If ξ(θ) = Aθ, A symmetric, satisfies ∇F(θ)(x)·Aθ = 0 for all θ and x, then h = ½θᵀAθ is conserved by every gradient flow. On an index space, give
every axis of every node a
weight w, so that along ξ its entries change by w·S (S a symmetric matrix on the units: any where the space is only contracted, diagonal where
homogeneous functions act). The local rules are linear in the weights, so they are solved, not guessed (`docs/format.md`, section 6).

Source: the laws W2ᵀW2 − W1W1ᵀ, ‖in‖² − ‖out‖², QQᵀ − KKᵀ, VVᵀ − OOᵀ of Marcotte, Gribonval, Peyré (arXiv 2307.00144, 2506.06194) are the cases that arise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from simcert.exact.linalg import nullspace, rref
from simcert.groups.axes import Axis, IndexSpace, index_spaces, kept_axes, letter_axes
from simcert.laws.polynomials import Law, Number
from simcert.models.program import Activation, Program, size_of, split_spec


def homogeneity(a: Activation) -> int | None:
    """k with σ(λz) = λ^k σ(z) for λ > 0, or None."""
    if a.piecewise is not None:
        return 1
    if a.polynomial is not None:
        degrees = [k for k, c in enumerate(a.polynomial) if c]
        return degrees[0] if len(degrees) == 1 else None
    return None


def weights(p: Program, space: IndexSpace, slices: Mapping[int, int] | None = None) -> list[dict[Axis, Number]]:
    """A basis of the weights that the local rules allow on the axes of an index space; with `slices` (`slices_along`) for actions on one slice of each node."""
    number = {axis: k for k, axis in enumerate(space.axes)}
    rows: list[dict[int, Number]] = []

    def rule(terms: dict[Axis, Number], *, holds: bool = True) -> None:
        """Σ c·w = 0, or, where the slices do not fit, w = 0 for each."""
        kept = {number[axis]: c for axis, c in terms.items() if axis in number and c}
        rows.extend([kept] if holds and kept else [{k: 1} for k in kept])

    def where(i: int, letters: str | None = None) -> object:
        """Along what the slices of a node lie: a letter of a contraction, else an axis."""
        axis = (slices or {}).get(i)
        return axis if axis is None or letters is None else letters[axis]

    if slices is not None:
        for axis in space.axes:
            if axis[0] not in slices:
                rule({axis: 1})
    for i, node in enumerate(p.nodes):
        own = [(i, k) for k in range(len(node.shape)) if (i, k) in number]
        if node.op == "add":
            for axis in own:
                for a in node.args:
                    rule({axis: 1, (a, axis[1]): -1}, holds=where(a) == where(i))
        elif node.op == "constant" and any(node.values):
            for axis in own:
                rule({axis: 1})
        elif node.op == "contract":
            _contract_rules(p, i, number, where, rule)
        elif node.op == "apply":
            k = homogeneity(p.activations[node.activation])
            for axis in own:
                before = (node.args[0], axis[1])
                if k is None:
                    rule({axis: 1})
                    rule({before: 1})
                else:
                    rule({axis: 1, before: -k}, holds=where(i) == where(node.args[0]))
        elif node.op in ("gather", "scatter"):
            (a,) = node.args
            pairs = kept_axes(node, p.nodes[a].shape)
            for k, j in pairs:
                rule({(a, k): 1, (i, j): -1}, holds=slices is None or (where(a), where(i)) in pairs)
    basis = nullspace(rows, len(space.axes))
    leaves = [number[a] for a in space.axes if p.nodes[a[0]].op in ("parameter", "stack")]
    return [{axis: v[k] for axis, k in number.items() if v[k]} for v in basis if any(v[k] for k in leaves)]


def _contract_rules(p: Program, i: int, number: Mapping[Axis, int], where: Callable[[int, str], object], rule: Callable[..., None]) -> None:
    """For every letter the weights of the arguments add up to that of the output, or to 0; all slices lie along one letter."""
    node = p.nodes[i]
    terms, out = split_spec(node.spec)
    parts = [*zip(node.args, terms, strict=True), (i, out)]
    along = {where(n, letters) for n, letters in parts if any((n, k) in number for k in range(len(letters)))}
    for inside, outside in letter_axes(p.nodes, i).values():
        total: dict[Axis, Number] = {}
        for axis in inside:
            total[axis] = total.get(axis, 0) + 1
        for axis in outside:
            total[axis] = total.get(axis, 0) - 1
        rule(total, holds=len(along) <= 1)


def slices_along(p: Program, space: IndexSpace, by: IndexSpace) -> dict[int, int]:
    """For every node with an axis in `space` and exactly one in `by`: the latter, along which an action may be cut into slices."""
    own = {i for i, _ in space.axes}
    found: dict[int, list[int]] = {}
    for i, k in by.axes:
        if i in own:
            found.setdefault(i, []).append(k)
    return {i: axes[0] for i, axes in found.items() if len(axes) == 1}


@dataclass(frozen=True)
class Family:
    """The laws ½θᵀAθ of one index space with one choice of weights: one for each symmetric unit matrix S.

    `pairs` lists the units (i, j) of S = E_ij + E_ji (or E_ii); `full` says whether off-diagonal ones occur. With `slices` the action is on slice `unit` of
    every node along these axes only: one head of several.
    """

    program: Program
    space: IndexSpace
    weight: dict[Axis, Number]
    full: bool
    slices: Mapping[int, int] | None = None
    unit: int = 0

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
                indices = parts[0] if node.op == "parameter" else np.stack(parts)
                if self.slices is not None:
                    indices, k = np.take(indices, self.unit, axis=self.slices[i]), k - (self.slices[i] < k)
                out.append((indices, k, w))
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
        generator: dict[str, Any] = {"actions": [sym], "nodes": [[n, row] for n, row in sorted(nodes.items())]}
        if self.slices is not None:
            generator["slice"] = {"axes": [[n, self.slices[n]] for n in sorted(nodes)], "index": self.unit}
        return generator

    def text(self) -> str:
        """The family as a person writes it: `W1 W1^T - W2^T W2`."""
        parts = []
        for (n, k), w in self.weight.items():
            node = self.program.nodes[n]
            if node.op not in ("parameter", "stack"):
                continue
            for name, shape, axis in self._arrays(n, k):
                parts.append((self._piece(name, shape, axis), w))
        parts.sort(key=lambda item: (item[1] < 0, item[0]))
        out = ""
        for body, w in parts:
            size = "" if abs(w) == 1 else f"{abs(w)} "
            out += ((" - " if w < 0 else " + ") if out else ("-" if w < 0 else "")) + size + body
        if self.full or self.space.size == 1:
            return out
        return f"{out} for i = 0..{self.space.size - 1}"

    def _arrays(self, n: int, k: int) -> list[tuple[str, tuple[int, ...], int]]:
        """The arrays of a `parameter` or `stack` node that take part: how they are written, their shapes, and axis k of the node as an axis of them (or −1)."""
        node, shapes = self.program.nodes[n], dict(self.program.parameters)
        if node.op == "stack":
            cut = self.slices is not None and self.slices[n] == 0
            return [(name, shapes[name], k - 1) for name in (node.names[self.unit : self.unit + 1] if cut else node.names)]
        shape = shapes[node.name]
        if self.slices is None:
            return [(node.name, shape, k)]
        cut_axis = self.slices[n]
        index = ",".join(str(self.unit) if j == cut_axis else ":" for j in range(len(shape)))
        return [(f"{node.name}[{index}]", (*shape[:cut_axis], *shape[cut_axis + 1 :]), k - (cut_axis < k))]

    def _piece(self, name: str, shape: tuple[int, ...], axis: int) -> str:
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
    """All structural families of quadratic laws of a model; where an action may be cut into slices (heads), one family for each slice.

    *Proves* nothing by itself; each law carries its generator, which a checker verifies node by node.
    """
    spaces, whole, cut = index_spaces(p), list[Family](), list[Family]()
    for space in spaces:
        known = _Span()
        for by in spaces:
            slices = slices_along(p, space, by) if by is not space else {}
            for weight in weights(p, space, slices) if slices else []:
                if known.insert(p, weight):
                    cut += [Family(p, space, _integral(weight), space.kind == "orthogonal", slices, unit) for unit in range(by.size)]
        whole += [Family(p, space, _integral(weight), space.kind == "orthogonal") for weight in weights(p, space) if known.insert(p, weight)]
    shown = {_primitive(_trace(family)) for family in cut}  # a sum over the units of a slice is a law of the space of the slices, again
    kept = [f for f in whole if not all(_primitive(law.terms) in shown for law in f.laws())] if cut else whole
    once: set[frozenset[Any]] = set()
    for family in cut:  # two spaces that cut each other into single units show the same laws
        laws = {_primitive(law.terms) for law in family.laws()}
        kept += [] if laws <= once else [family]
        once |= laws
    return kept


class _Span:
    """A growing space of weights, compared on the parameters."""

    def __init__(self) -> None:
        self._number: dict[Axis, int] = {}
        self._rows: list[dict[int, Number]] = []

    def insert(self, p: Program, weight: Mapping[Axis, Number]) -> bool:
        """Add a weight; whether it was not in the span before."""
        row = {self._number.setdefault(a, len(self._number)): w for a, w in weight.items() if p.nodes[a[0]].op in ("parameter", "stack")}
        rows = rref([*self._rows, row])
        if len(rows) == len(self._rows):
            return False
        self._rows = rows
        return True


def _primitive(terms: Mapping[tuple[int, ...], Number]) -> frozenset[Any]:
    """A polynomial up to a factor: the coefficient of its first monomial is 1."""
    first = Fraction(terms[min(terms)])
    return frozenset((m, c / first) for m, c in terms.items())


def _trace(family: Family) -> dict[tuple[int, ...], Number]:
    """The sum of the laws for S = E_ii: a law that the space of the slices shows again."""
    total: dict[tuple[int, ...], Number] = {}
    for (i, j), law in zip(family.pairs, family.laws(), strict=True):
        if i == j:
            total |= law.terms
    return total


def _integral(weight: dict[Axis, Number]) -> dict[Axis, Number]:
    import math

    scale = math.lcm(*(Fraction(w).denominator for w in weight.values()))
    values = {axis: int(w * scale) for axis, w in weight.items()}
    common = math.gcd(*values.values())
    return {axis: v // common for axis, v in values.items()}
