"""Lattices: the intersections of the fixed spaces of some symmetries, all of them, and how they lie in each other.

A node is known by the set of generators that fix it (a bit mask): of two nodes that are intersections of fixed spaces, one lies in the other exactly when it
is fixed by all generators that fix the other. The list is complete when it has the whole space and with every node its intersection with every fixed space:
every intersection is reached from the whole space in this way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from .canonical import Json, fields, integer, items, show
from .claim import Claim, Generator, read_node_actions
from .invariance import OPS, check_invariant
from .outcome import Budget, Invalid, Malformed, Unsupported
from .poset import Hierarchy, Relation, Values, contains, equation_masks, image, maximal, meet, read_word, relations_of, satisfies, values_of
from .program import LEAVES, Model
from .subspace import Subspace, null_space
from .symmetry import check_equivariance, check_slopes, fixed_space


class _Nodes:
    """The listed intersections, with their value vectors and the bit masks of the generators that fix them."""

    def __init__(self, model: Model, hierarchy: Hierarchy, generators: Sequence[Generator], budget: Budget) -> None:
        self.budget = budget
        self.mirrors: list[tuple[Relation, ...]] = []
        for k, g in enumerate(generators):
            values = values_of(fixed_space(model, (g,), budget))
            if values is None:
                raise Invalid(f"generator {k}: its fixed space is not given by equations θp = ±θq and θp = 0")
            self.mirrors.append(relations_of(values))
        self.values: list[Values] = []
        self.masks: list[int] = []
        self.number: dict[Values, int] = {}
        whole = tuple(range(1, model.size + 1))
        for k, space in enumerate(hierarchy.nodes):
            budget.tick()
            values = values_of(space)
            fixing = [] if values is None else [r for r, mirror in enumerate(self.mirrors) if satisfies(values, mirror)]
            if values is None or meet(whole, (relation for r in fixing for relation in self.mirrors[r])) != values:
                raise Invalid(f"node {k} is not an intersection of fixed spaces")
            if values in self.number:
                raise Invalid(f"node {k} is node {self.number[values]} once more")
            self.number[values] = k
            self.values.append(values)
            self.masks.append(sum(1 << r for r in fixing))
        if whole not in self.number:
            raise Invalid("the whole space, the intersection of no fixed spaces, is not listed")

    def below(self, i: int, j: int) -> bool:
        """Whether node i lies in node j."""
        return self.masks[i] & self.masks[j] == self.masks[j]

    def dimension(self, i: int) -> int:
        return len(set(map(abs, self.values[i])) - {0})

    def others(self, i: int) -> list[int]:
        """The generators that do not fix node i."""
        return [r for r in range(len(self.mirrors)) if not self.masks[i] >> r & 1]


def _check_closed(nodes: _Nodes) -> list[set[int]]:
    """That with every node its intersection with every fixed space is listed; these intersections, by number, for every node."""
    out: list[set[int]] = []
    for i, values in enumerate(nodes.values):
        nodes.budget.tick()
        found: set[int] = set()
        for r in nodes.others(i):
            number = nodes.number.get(meet(values, nodes.mirrors[r]))
            if number is None:
                raise Invalid(f"the intersection of node {i} with the fixed space of generator {r} is not listed")
            found.add(number)
        out.append(found)
    return out


def _check_beyond(model: Model, claim: Claim, hierarchy: Hierarchy, proofs: list[Json], budget: Budget) -> None:
    """Every subspace beyond symmetry is new and invariant under the assumptions of the claim."""
    every = hierarchy.every()
    if len(set(every)) != len(every):
        raise Invalid("a subspace beyond symmetry is listed twice")
    for k, (space, proof) in enumerate(zip(hierarchy.beyond, proofs, strict=True)):
        place = f"/proof/beyond/{k}"
        if not isinstance(proof, dict):
            raise Malformed(f"{place}: expected a proof of invariance")
        if proof.get("method") != "intersection":
            check_invariant(model, Claim("invariant", claim.facts, space, ()), space, proof, place, budget)
            continue
        listed = items(fields(proof, place, "method", "of")["of"], place, 2)
        parts = [every[integer(i, place, 0, len(hierarchy.nodes) + k - 1)] for i in listed]
        if any(a.kind == "piecewise" for a in model.activations.values()):
            raise Invalid(f"{place}: an argument of a piecewise function may be 0 on an intersection only")
        if any(constant for part in parts for constant in part.constants):
            raise Invalid(f"{place}: an intersection of affine subspaces")
        if null_space(model.size, (dict(row) for part in parts for row in part.rows), budget) != space:
            raise Invalid(f"{place}: the subspace is not the intersection of {show(listed)}")


def _covers(hierarchy: Hierarchy, nodes: _Nodes, down: list[set[int]], budget: Budget) -> set[tuple[int, int]]:
    """The covering relations of inclusion among all listed subspaces.

    Every node that lies properly in node i lies in one of `down[i]`, so the largest of these and of the subspaces beyond symmetry in it are just below it.
    """
    every, first = hierarchy.every(), len(hierarchy.nodes)
    inside: list[set[int]] = [set() for _ in every]  # of each subspace, what lies properly in it, where one of the two is beyond symmetry
    vectors: list[Values | None] = [*nodes.values, *(values_of(space) for space in hierarchy.beyond)]
    masks, sizes = equation_masks(vectors), [len(space.rows) for space in every]
    for b in range(first, len(every)):
        budget.tick()
        for i in range(len(every)):
            small, big = (b, i) if sizes[b] > sizes[i] else (i, b)
            if sizes[small] == sizes[big]:
                continue
            if vectors[small] is not None and vectors[big] is not None:
                lies = masks[big][0] & masks[small][1] == masks[big][0]
            else:
                lies = contains(every[big], every[small])
            if lies:
                inside[big].add(small)

    def below(i: int, j: int) -> bool:
        return nodes.below(i, j) if i < first and j < first else i in inside[j]

    out: set[tuple[int, int]] = set()
    for j in range(len(every)):
        budget.tick()
        out |= {(i, j) for i in maximal((down[j] if j < first else set[int]()) | inside[j], below)}
    return out


def _signed_map(model: Model, g: Generator, place: str) -> tuple[list[int], list[int]]:
    """The generator on parameter space: (gθ)_p = signs[p]·θ_permutation[p]."""
    permutation, signs = list(range(model.size)), [1] * model.size
    for i, actions in g.nodes.items():
        node = model.nodes[i]
        if node.op not in LEAVES:
            continue
        flat = [(0, 1)]
        for action, n in zip(actions, node.shape, strict=True):
            if action is not None and action.matrix:
                raise Invalid(f"{place}: a matrix acts on a parameter")
            steps = [(b, 1) for b in range(n)] if action is None else list(zip(action.permutation, action.signs, strict=True))
            flat = [(a * n + b, s * t) for a, s in flat for b, t in steps]
        index = model.indices(node)
        for p, (e, s) in zip(index, flat, strict=True):
            permutation[p], signs[p] = index[e], s
    return permutation, signs


def _families(nodes: _Nodes, maps: Sequence[tuple[list[int], list[int]]], size: int) -> list[int]:
    """For every generator the family of its fixed space: the number of the first one that the group carries it to.

    Raises `Invalid` unless every generator carries the set of fixed spaces to itself.
    """
    whole = tuple(range(1, size + 1))
    fixed = [meet(whole, mirror) for mirror in nodes.mirrors]
    known, family = set(fixed), dict[Values, int]()
    for first, start in enumerate(fixed):
        if start in family:
            continue
        family[start] = first
        waiting = [start]
        while waiting:
            nodes.budget.tick()
            values = waiting.pop()
            for k, (permutation, signs) in enumerate(maps):
                other = image(values, permutation, signs)
                if other not in known:
                    raise Invalid(f"generator {k} does not carry the set of fixed spaces to itself")
                if other not in family:
                    family[other] = first
                    waiting.append(other)
    return [family[values] for values in fixed]


def _check_orbits(model: Model, generators: Sequence[Generator], nodes: _Nodes, lists: list[Json]) -> set[tuple[int, int]]:
    """That every intersection is the image of exactly one node under the group that the generators generate; the covering relations of the classes.

    The set of fixed spaces is carried to itself by every generator. So if the intersection of a node with any fixed space is the image of a node, then, by
    induction, so is every intersection of fixed spaces. The colour of a node (its dimension, the families of the fixed spaces that contain it, and with those
    of the others the colours of the intersections) is the same for all images of a node; as all colours differ, no node is the image of another.
    A fixed space of several generators counts once: an image may be the fixed space of fewer.
    """
    once = [r for r, mirror in enumerate(nodes.mirrors) if mirror not in nodes.mirrors[:r]]
    maps = [_signed_map(model, g, f"generator {k}") for k, g in enumerate(generators)]
    family = _families(nodes, maps, model.size)
    down: list[dict[int, tuple[int, int]]] = []  # of every node, by the generators that do not fix it
    for j, listed in enumerate(lists):
        place = f"/proof/images/{j}"
        others = nodes.others(j)
        down.append({})
        for r, item in zip(others, items(listed, place, len(others)), strict=True):
            nodes.budget.tick()
            pair = items(item, place, 2)
            i = integer(pair[0], place, 0, len(nodes.values) - 1)
            values = nodes.values[i]
            for letter in reversed(read_word(pair[1], place, len(maps))):
                values = image(values, *maps[letter])
            if values != meet(nodes.values[j], nodes.mirrors[r]):
                raise Invalid(f"{place}: node {i} is not carried to the intersection of node {j} with the fixed space of generator {r}")
            down[-1][r] = (family[r], i)
    below: list[set[int]] = [set() for _ in lists]
    colours: dict[tuple[object, ...], int] = {}
    for j in sorted(range(len(lists)), key=nodes.dimension):  # what lies properly in a node has a smaller dimension
        nodes.budget.tick()
        below[j] = {i for _, i in down[j].values()}.union(*(below[i] for _, i in down[j].values()))
        kept = Counter(family[r] for r in once if nodes.masks[j] >> r & 1)
        colour = (nodes.dimension(j), *sorted(kept.items()), *sorted(Counter(down[j][r] for r in once if r in down[j]).items()))
        if colour in colours:
            raise Invalid(f"nodes {colours[colour]} and {j} could not be told apart up to conjugacy")
        colours[colour] = j
    return {(i, j) for j in range(len(lists)) for i in maximal(below[j], lambda a, b: a in below[b])}


def check_lattice(model: Model, claim: Claim, hierarchy: Hierarchy, proof: Mapping[str, Json], budget: Budget) -> None:
    """Check a lattice.

    *Proves:* the generators are orthogonal symmetries; the nodes are exactly the intersections of their fixed spaces (with `classes`: one of each class under
    the group that they generate), hence invariant; the subspaces beyond are invariant; the edges are exactly the covering relations. *Does not prove:* that the
    generators generate all symmetries, or that there are no other invariant subspaces. Raises `Invalid` with the node or the edge at fault.
    """
    keys = {"closure": ("beyond",), "orbits": ("images",)}
    method = "orbits" if hierarchy.classes else "closure"
    if proof.get("method") != method:
        raise Unsupported(f"this checker does not know the method {show(proof.get('method'))} for this lattice")
    d = fields(dict(proof), "/proof", "method", "nodes", *keys[method])
    lists = items(d["nodes"], "/proof/nodes", len(claim.generators))
    others = tuple(op for op in OPS if op not in LEAVES)
    generators = tuple(
        replace(g, nodes=g.nodes | read_node_actions(nodes, f"/proof/nodes/{k}", model, g.actions, others))
        for k, (g, nodes) in enumerate(zip(claim.generators, lists, strict=True))
    )
    check_equivariance(model, claim, generators, budget)
    origin = Subspace(model.size, tuple(((p, 1),) for p in range(model.size)), (0,) * model.size)
    check_slopes(model, claim, generators, origin, budget)  # every node contains the origin: what is not 0 there is not 0 on all of a node
    nodes = _Nodes(model, hierarchy, generators, budget)
    if hierarchy.classes:
        found = _check_orbits(model, generators, nodes, items(d["images"], "/proof/images", len(hierarchy.nodes)))
    else:
        down = _check_closed(nodes)
        _check_beyond(model, claim, hierarchy, items(d["beyond"], "/proof/beyond", len(hierarchy.beyond)), budget)
        found = _covers(hierarchy, nodes, down, budget)
    for i, j in sorted(found ^ set(hierarchy.edges)):
        raise Invalid(f"the edge [{i}, {j}] is {'missing' if (i, j) in found else 'not a covering relation'}")
