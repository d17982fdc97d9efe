"""Subspaces that are given by equations θp = ±θq and θp = 0, as value vectors, and lists of subspaces ordered by inclusion."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from .canonical import Json, integer, integers, items
from .outcome import Budget, Malformed
from .subspace import Subspace, read_subspace

Values = tuple[int, ...]  # of every parameter: ±(the last index of its class, plus 1), or 0
Relation = tuple[int, int, int]  # (p, s, q): θp = s·θq with s = ±1, or θp = 0 where s = 0


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """The subspaces of a lattice claim: `nodes`, then `beyond` with the numbers that follow, and pairs [i, j] meant as "i just below j"."""

    nodes: tuple[Subspace, ...]
    beyond: tuple[Subspace, ...]
    edges: tuple[tuple[int, int], ...]
    classes: bool

    def every(self) -> tuple[Subspace, ...]:
        return self.nodes + self.beyond


def read_hierarchy(claim: dict[str, Json], size: int, budget: Budget) -> Hierarchy:
    """The keys nodes, beyond, edges and up_to of a claim; the edges increase, so none is there twice."""
    lists: list[tuple[Subspace, ...]] = []
    for key in ("nodes", "beyond"):
        spaces: list[Subspace] = []
        for k, item in enumerate(items(claim[key], f"/claim/{key}")):
            budget.tick()
            spaces.append(read_subspace(item, f"/claim/{key}/{k}", size, budget))
        lists.append(tuple(spaces))
    count = len(lists[0]) + len(lists[1])
    edges: list[tuple[int, int]] = []
    for k, item in enumerate(items(claim["edges"], "/claim/edges")):
        pair = items(item, f"/claim/edges/{k}", 2)
        edges.append((integer(pair[0], f"/claim/edges/{k}", 0, count - 1), integer(pair[1], f"/claim/edges/{k}", 0, count - 1)))
        if len(edges) > 1 and edges[-2] >= edges[-1]:
            raise Malformed(f"/claim/edges/{k}: the edges do not increase")
    if claim["up_to"] not in ("equality", "conjugacy"):
        raise Malformed("/claim/up_to: expected equality or conjugacy")
    if claim["up_to"] == "conjugacy" and lists[1]:
        raise Malformed("/claim/beyond: a lattice up to conjugacy lists no subspaces beyond symmetry")
    return Hierarchy(lists[0], lists[1], tuple(edges), claim["up_to"] == "conjugacy")


def read_word(value: Json, place: str, letters: int) -> tuple[int, ...]:
    """A product of generators, by their numbers; the last acts first."""
    return integers(value, place, 0, letters - 1)


def values_of(space: Subspace) -> Values | None:
    """The value vector of a subspace, or None when its equations are not of the form θp = ±θq, θp = 0."""
    out = list(range(1, space.size + 1))
    for row, constant in zip(space.rows, space.constants, strict=True):
        rest = row[1:]
        if constant or len(rest) > 1 or any(a not in (1, -1) for _, a in rest):
            return None
        out[row[0][0]] = sum(int(-a) * (q + 1) for q, a in rest)
    return tuple(out)


def relations_of(values: Values) -> tuple[Relation, ...]:
    """Equations that define the subspace of a value vector."""
    return tuple((p, (v > 0) - (v < 0), abs(v) - 1 if v else p) for p, v in enumerate(values) if v != p + 1)


def satisfies(values: Values, relations: Iterable[Relation]) -> bool:
    """Whether the equations hold on the subspace of a value vector."""
    return all(values[p] == s * values[q] for p, s, q in relations)


def meet(values: Values, relations: Iterable[Relation]) -> Values:
    """The value vector of the intersection with the solutions of some equations: classes are merged, into the one with the larger number, or into 0."""
    parent: dict[int, tuple[int, int]] = {}

    def find(v: int) -> tuple[int, int]:
        root, sign = abs(v), -1 if v < 0 else 1
        while root in parent:
            root, s = parent[root]
            sign *= s
        return root, sign

    for p, s, q in relations:
        (a, e), (b, f) = find(values[p]), find(s * values[q])
        if a == b:
            if a and e != f:
                parent[a] = (0, 1)
        elif a == 0 or b == 0:
            parent[a or b] = (0, 1)
        else:
            parent[min(a, b)] = (max(a, b), e * f)
    if not parent:
        return values
    found = {v: find(v) for v in set(values)}
    return tuple(found[v][0] * found[v][1] for v in values)


def image(values: Values, permutation: Sequence[int], signs: Sequence[int]) -> Values:
    """The value vector of gL, for (gθ)_p = signs[p]·θ_permutation[p]."""
    moved = [s * values[q] for q, s in zip(permutation, signs, strict=True)]
    last = {abs(v): (p + 1) * (1 if v > 0 else -1) for p, v in enumerate(moved) if v}
    return tuple(last[abs(v)] * (1 if v > 0 else -1) if v else 0 for v in moved)


def contains(big: Subspace, small: Subspace) -> bool:
    """Whether every equation of `big` holds on `small`, exactly."""
    rows = {row[0][0]: (row, constant) for row, constant in zip(small.rows, small.constants, strict=True)}
    for row, constant in zip(big.rows, big.constants, strict=True):
        rest, missing = dict(row), constant
        for p, a in row:
            if p in rows:
                other, c = rows[p]
                missing -= a * c
                for q, b in other:
                    rest[q] = rest.get(q, 0) - a * b
        if missing or any(rest.values()):
            return False
    return True


def equation_masks(vectors: Sequence[Values | None]) -> list[tuple[int, int]]:
    """For every value vector the equations that define it and those that hold on it, as bit masks: i lies in j when all that define j hold on i."""
    number = {relation: k for k, relation in enumerate(sorted({r for v in vectors if v is not None for r in relations_of(v)}))}
    out: list[tuple[int, int]] = []
    for v in vectors:
        define = [number[r] for r in relations_of(v)] if v is not None else []
        hold = [k for (p, s, q), k in number.items() if v is not None and v[p] == s * v[q]]
        out.append((sum(1 << k for k in define), sum(1 << k for k in hold)))
    return out


def maximal(candidates: Collection[int], below: Callable[[int, int], bool]) -> set[int]:
    """Those of the candidates that lie in no other one; `below(i, j)` says whether i lies in j."""
    return {i for i in candidates if not any(j != i and below(i, j) for j in candidates)}
