"""Is a claim about a lattice true? By brute force: all intersections of fixed spaces over the rationals, all inclusions, all images under the group."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

from tests import oracle

Json = dict[str, Any]
Space = tuple[tuple[Fraction, ...], ...]  # the reduced echelon form of its equations; the last entry of a row is the constant


def echelon(rows: Iterable[Sequence[Fraction]]) -> Space:
    """The reduced row echelon form."""
    work = [list(row) for row in rows]
    found = 0
    for column in range(len(work[0]) if work else 0):
        pivot = next((k for k in range(found, len(work)) if work[k][column]), None)
        if pivot is None:
            continue
        work[found], work[pivot] = work[pivot], work[found]
        work[found] = [v / work[found][column] for v in work[found]]
        for k in range(len(work)):
            factor = work[k][column]
            if k != found and factor:
                work[k] = [a - factor * b for a, b in zip(work[k], work[found], strict=True)]
        found += 1
    return tuple(tuple(row) for row in work[:found])


def space_of(subspace: Json, size: int) -> Space:
    rows = []
    for row in subspace["rows"]:
        entries = {p: Fraction(c) for p, c in row["entries"]}
        rows.append([entries.get(p, Fraction(0)) for p in range(size)] + [Fraction(row["constant"])])
    return echelon(rows)


def lies_in(small: Space, big: Space) -> bool:
    return len(echelon(small + big)) == len(small)


def covers(order: Sequence[Any], below: Any) -> list[list[int]]:
    """The covering relations of a partial order on 0 … n − 1."""
    n = len(order)
    inside = [[i for i in range(n) if i != j and below(i, j)] for j in range(n)]
    return sorted([i, j] for j in range(n) for i in inside[j] if not any(i in inside[k] for k in inside[j]))


def intersections(fixed: Sequence[Space]) -> set[Space]:
    """All intersections, that of none included."""
    found: set[Space] = {()}
    waiting: list[Space] = [()]
    while waiting:
        space = waiting.pop()
        for mirror in fixed:
            both = echelon(space + mirror)
            if both not in found:
                found.add(both)
                waiting.append(both)
    return found


def holds(data: Json) -> bool:
    """Whether the claim of a lattice certificate is true."""
    model, claim = data["model"], data["claim"]
    size = sum(oracle.sizes(model["parameters"]).values())
    if not oracle.is_symmetric(model, claim["generators"], claim["activations"]):
        return False

    def carried(generator: Json, space: Space) -> Space:
        return echelon([*oracle.moved(model, generator, row[:-1], Fraction), row[-1]] for row in space)

    units = [[Fraction(k == j) for k in range(size)] for j in range(size)]
    fixed: list[Space] = []
    for g in claim["generators"]:
        images = [oracle.moved(model, g, unit, Fraction) for unit in units]
        fixed.append(echelon([images[j][i] - (i == j) for j in range(size)] + [Fraction(0)] for i in range(size)))
    nodes = [space_of(node, size) for node in claim["nodes"]]
    every = intersections(fixed)
    if claim["up_to"] == "equality":
        spaces = nodes + [space_of(node, size) for node in claim["beyond"]]
        ring = oracle.ring_for(model, claim["activations"])
        invariant = all(oracle.largest(model, node, claim["activations"], ring) < oracle.TINY for node in claim["beyond"])
        listed = len(set(spaces)) == len(spaces) and set(nodes) == every
        return listed and invariant and covers(spaces, lambda i, j: lies_in(spaces[i], spaces[j])) == claim["edges"]
    orbits: list[set[Space]] = []
    for node in nodes:
        orbit, waiting = {node}, [node]
        while waiting:
            space = waiting.pop()
            for g in claim["generators"]:
                other = carried(g, space)
                if other not in orbit:
                    orbit.add(other)
                    waiting.append(other)
        orbits.append(orbit)
    once = sum(map(len, orbits)) == len(set().union(*orbits)) and set().union(*orbits) == every
    return once and covers(nodes, lambda i, j: any(lies_in(space, nodes[j]) for space in orbits[i])) == claim["edges"]
