"""Invariant subspaces that no symmetry of a lattice induces: vanishing parameters of a unit, and equitable blocks.

A unit of a silu network (σ(0) = 0) whose parameters are all zero stays so, a unit with σ'(0) = 0 and no incoming weights gets none, and two adjacent layers may
be tied although the weights between them are only *equitable*: equal row sums and equal column sums in every block (`math.md`, 3b). Each is proved by
`simcert.invariance.decide`; intersections of invariant subspaces are invariant. The list is a choice: there are others.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from simcert.errors import ResourceLimit
from simcert.exact.linalg import Number
from simcert.groups.labels import Labels, Structure, leaf_axes, leaf_names
from simcert.groups.mirrors import Group, Mirror, Progress, Relation, Values, meet, place, relations_of, satisfies, subspace_of
from simcert.groups.partitions import Block, Blocking, alone, blockings
from simcert.groups.subspaces import Subspace
from simcert.invariance.decide import Decision, decide
from simcert.models.activations import facts, minimal
from simcert.models.program import Program, size_of

MAX_AXES = 5
MAX_EQUITABLE = 2_000


@dataclass(frozen=True, slots=True)
class Extra:
    """A subspace beyond symmetry. `proof` is a proof of invariance, or names two subspaces whose intersection it is; `about` what it assumes of activations."""

    subspace: Subspace
    label: str
    widths: tuple[int, ...]
    values: Values | None
    proof: dict[str, Any]
    about: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Zero:
    """The subspace on which some parameters of one unit vanish."""

    space: int
    unit: int
    axes: frozenset[tuple[int, int]]
    relations: tuple[Relation, ...]
    values: Values
    decision: Decision


def _indices(p: Program, name: str) -> np.ndarray[Any, Any]:
    start, shape = p.offsets()[name]
    return np.arange(start, start + size_of(shape)).reshape(shape)


def _slice(p: Program, axis: tuple[int, int], unit: int) -> list[int]:
    """The parameter indices of one unit along an axis of a parameter or stack node."""
    i, k = axis
    node = p.nodes[i]
    array = _indices(p, node.name) if node.op == "parameter" else np.stack([_indices(p, name) for name in node.names])
    return np.take(array, unit, axis=k).ravel().tolist()


def _equal_sums(array: np.ndarray[Any, Any], rows: Blocking, columns: Blocking) -> Iterator[dict[int, Number]]:
    """In every block of columns the signed sums of the rows of a block are equal up to sign, and those of dead rows vanish."""
    for block in columns.blocks:

        def line(i: int, sign: int, block: Block = block) -> dict[int, Number]:
            return {int(array[i, j]): sign * s for j, s in block}

        yield from (line(i, 1) for i in rows.dead)
        for (first, sign), *others in rows.blocks:
            yield from (line(i, s) | line(first, -sign) for i, s in others)


class Extras:
    """The subspaces beyond symmetry of a lattice whose nodes have the value vectors `order`; `found` lists them, numbered after the nodes."""

    def __init__(
        self, program: Program, group: Group, labels: Labels, order: list[Values], masks: list[int], mirrors: Sequence[Mirror],
        limit: int, seed: int, progress: Progress,
    ) -> None:  # fmt: skip
        self.program, self.group, self.labels = program, group, labels
        self.order, self.masks, self.mirrors = order, masks, mirrors
        self.limit, self.seed, self.progress = limit, seed, progress
        self.number = {v: i for i, v in enumerate(order)}
        self.found: list[Extra] = []
        self._vanishing()
        self._equitable()

    def _decide(self, subspace: Subspace) -> Decision | None:
        decision = decide(self.program, subspace, self.seed)
        return decision if decision.verdict == "invariant" else None

    def _zeros(self) -> Iterator[_Zero]:
        """The smallest sets of parameters of a unit that may vanish, where they are not a node already."""
        whole = tuple(range(1, self.program.size + 1))
        for k, space in enumerate(self.group.spaces):
            leaves = leaf_axes(self.program, space)
            if len(leaves) > MAX_AXES:
                continue
            minimal_sets: list[set[tuple[int, int]]] = []
            for count in range(1, len(leaves) + 1):
                for axes in itertools.combinations(leaves, count):
                    if any(known <= set(axes) for known in minimal_sets):
                        continue
                    units = [self._zero(k, unit, axes, whole) for unit in range(space.size)]
                    if any(u is not None for u in units):
                        minimal_sets.append(set(axes))
                        yield from (u for u in units if u is not None)

    def _zero(self, k: int, unit: int, axes: Sequence[tuple[int, int]], whole: Values) -> _Zero | None:
        relations: tuple[Relation, ...] = tuple((q, 0, q) for q in sorted({q for axis in axes for q in _slice(self.program, axis, unit)}))
        values = meet(whole, relations)
        decision = None if values in self.number else self._decide(subspace_of(self.program, values))
        return None if decision is None else _Zero(k, unit, frozenset(axes), relations, values, decision)

    def _vanishing(self) -> None:
        """All intersections of the nodes with subspaces on which some parameters of units vanish."""
        zeros = list(self._zeros())
        parent: dict[Values, tuple[Values, Values]] = {}
        waiting = list(self.order) if zeros else []
        mirrors = [(m.relations, self.order[min(i for i in range(len(self.order)) if self.masks[i] >> r & 1)]) for r, m in enumerate(self.mirrors)]
        mirrors = [(relations_of(v), v) for v in dict.fromkeys(v for _, v in mirrors)] if zeros else []
        while waiting:
            values = waiting.pop()
            steps = [(z.relations, z.values) for z in zeros] + ([] if values in self.number else mirrors)
            for relations, other in steps:
                both = meet(values, relations)
                if both not in self.number and both not in parent:
                    parent[both] = values, other
                    waiting.append(both)
            if len(parent) + len(self.order) > self.limit:
                raise ResourceLimit(f"the lattice with subspaces beyond symmetry has more than {self.limit:,} nodes", self.program.title, "leave out --beyond")
        direct = {z.values: z.decision for z in zeros}
        piecewise = any(a.piecewise is not None for a in self.program.activations.values())
        at: dict[Values, int] = dict(self.number)
        for done, values in enumerate(sorted(parent, key=place)):
            self.progress(done, len(parent))
            space = subspace_of(self.program, values)
            decision = direct.get(values) or (self._decide(space) if piecewise else None)
            if decision is not None and decision.certificate is not None:
                proof, about = decision.certificate["proof"], decision.certificate["claim"]["activations"]
            elif piecewise:
                continue
            else:
                proof, about = {"method": "intersection", "of": sorted(at[v] for v in parent[values])}, {}
            at[values] = len(self.order) + len(self.found)
            structure = self._structure(values, zeros)
            self.found.append(Extra(space, str(structure), structure.widths, values, proof, about))

    def _structure(self, values: Values, zeros: Sequence[_Zero]) -> Structure:
        """The blocks of a subspace, with the parameters that vanish beyond symmetry."""
        gone: dict[tuple[int, int], set[tuple[int, int]]] = {}
        for z in zeros:
            if satisfies(values, z.relations):
                gone.setdefault((z.space, z.unit), set()).update(z.axes)
        out = list[Any]()
        for k, blocks in enumerate(self.labels.structure(values).spaces):
            leaves = leaf_axes(self.program, self.group.spaces[k])
            new = list[Any]()
            for block in blocks:
                axes = gone.get((k, block.units[0]), set())
                names = tuple(dict.fromkeys([*block.zero, *leaf_names(self.program, sorted(axes))]))
                dead = block.dead or set(leaf_names(self.program, leaves)) <= set(names)
                new.append(replace(block, zero=() if dead else names, dead=dead))
            out.append(tuple(new))
        return Structure(tuple(out))

    def _equitable(self) -> None:
        """Tied units on every index space, with equitable blocks in the parameters between two of them; up to sign and with dead units where they are few."""
        known = {subspace_of(self.program, v).rows for v in self.order} | {e.subspace.rows for e in self.found}
        spaces = [(k, s) for k, s in enumerate(self.group.spaces) if not s.stacked and s.size > 1]
        touched: dict[str, list[tuple[int, int]]] = {}
        for k, s in spaces:
            for name, axis in s.parameter_axes:
                touched.setdefault(name, []).append((k, axis))
        if any(len(axes) > 2 or len({k for k, _ in axes}) < len(axes) for axes in touched.values()):
            return
        pairs = {tuple(sorted(k for k, _ in axes)) for axes in touched.values() if len(axes) == 2}
        if not pairs:
            return
        involved = sorted({k for pair in pairs for k in pair})
        choices = {k: list(blockings(self.group.spaces[k].size, *self._freedom(k))) for k in involved}
        if math.prod(map(len, choices.values())) > MAX_EQUITABLE:
            choices = {k: list(blockings(self.group.spaces[k].size)) for k in involved}
        count = math.prod(map(len, choices.values()))
        if count > MAX_EQUITABLE:
            raise ResourceLimit(
                f"--beyond proves every equitable family one by one, and here there are {count:,} candidates; the limit is {MAX_EQUITABLE}",
                self.program.title,
                "leave out --beyond, or use a smaller model; `simcert prove` decides single subspaces",
            )
        for done, choice in enumerate(itertools.product(*choices.values())):
            self.progress(done, count)
            blocked = dict(zip(involved, choice, strict=True))
            if not any(blocked[a].ties and blocked[b].ties for a, b in pairs):
                continue
            subspace = Subspace.from_equations(self.program, ((form, 0) for form in self._balance(blocked, touched)))
            if subspace.rows in known:
                continue
            decision = self._decide(subspace)
            if decision is None or decision.certificate is None:
                continue
            known.add(subspace.rows)
            every = [blocked.get(k, alone(s.size)) for k, s in enumerate(self.group.spaces)]
            claim, widths = decision.certificate["claim"]["activations"], tuple(len(b.blocks) for b in every)
            self.found.append(Extra(subspace, " ~ ".join(map(str, every)), widths, None, decision.certificate["proof"], claim))

    def _freedom(self, k: int) -> tuple[bool, bool]:
        """Whether units of an index space may be tied up to sign, and whether they may be dead."""
        space = self.group.spaces[k]
        signed = space.kind == "signed" and len(space.flips) == 1
        gone = ((q, 0, q) for axis in leaf_axes(self.program, space) for q in _slice(self.program, axis, 0))
        dead = meet(tuple(range(1, self.program.size + 1)), tuple(gone))
        return signed, dead in self.number or self._decide(subspace_of(self.program, dead)) is not None

    def _balance(self, blocked: dict[int, Blocking], touched: dict[str, list[tuple[int, int]]]) -> Iterator[dict[int, Number]]:
        """The equations: along one axis, equal slices in each block; between two, equal row sums and equal column sums in each pair of blocks."""
        single = Blocking((((0, 1),),), ())
        for name, axes in touched.items():
            array = np.moveaxis(_indices(self.program, name), [axis for _, axis in axes], list(range(len(axes))))
            first, second = [*(blocked.get(k, alone(self.group.spaces[k].size)) for k, _ in axes), single][:2]
            flat = array.reshape(*array.shape[: len(axes)], -1)
            flat = flat if len(axes) == 2 else flat[:, None, :]
            for rest in range(flat.shape[2]):
                yield from _equal_sums(flat[:, :, rest], first, second)
                yield from _equal_sums(flat[:, :, rest].T, second, first)

    def proofs(self, activations: dict[str, Any]) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        """The proofs, and what all of them together assume of the activations."""
        merged = dict(activations)
        for about in (e.about for e in self.found):
            for name, word in about.items():
                if "itself" in (word, merged[name]):
                    merged[name] = "itself"
                else:
                    merged[name] = list(minimal({*_closed(merged[name]), *_closed(word)} & facts(self.program.activations[name])))
        return [e.proof for e in self.found], merged

    def inside(self) -> list[set[int]]:
        """For every subspace the numbers of those properly inside it, where one of the two is beyond symmetry."""
        first, total = len(self.order), len(self.order) + len(self.found)
        spaces = [subspace_of(self.program, v) for v in self.order] + [e.subspace for e in self.found]
        values: list[Values | None] = [*self.order, *(e.values for e in self.found)]
        out: list[set[int]] = [set() for _ in range(total)]
        number = {relation: k for k, relation in enumerate(dict.fromkeys(r for v in values if v is not None for r in relations_of(v)))}
        define = [sum(1 << number[r] for r in relations_of(v)) if v is not None else 0 for v in values]
        hold = [sum(1 << k for (p, s, q), k in number.items() if v is not None and v[p] == s * v[q]) for v in values]
        forms: dict[int, list[Any]] = {}

        def within(i: int, j: int) -> bool:
            if values[i] is not None and values[j] is not None:
                return define[j] & hold[i] == define[j]
            known = forms.setdefault(i, [])
            known += [] if known else [spaces[i].form(q)[0] for q in range(self.program.size)]
            for row in spaces[j].rows:
                rest: dict[int, Number] = {}
                for q, c in row.entries:
                    for u, a in known[q].items():
                        rest[u] = rest.get(u, 0) + c * a
                if any(rest.values()):
                    return False
            return True

        sizes = [len(space.rows) for space in spaces]
        for b in range(first, total):
            self.progress(b - first, len(self.found))
            for i in range(total):
                small, big = (b, i) if sizes[b] > sizes[i] else (i, b)
                if sizes[small] > sizes[big] and within(small, big):
                    out[big].add(small)
        return out


def _closed(listed: Sequence[str]) -> set[str]:
    from simcert.models.activations import IMPLIED

    return {*listed, *(IMPLIED[f] for f in listed if f in IMPLIED)}
