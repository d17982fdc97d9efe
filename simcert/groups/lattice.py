"""The hierarchy of invariant subspaces that symmetries induce: all fixed spaces of subgroups, ordered by inclusion.

`product` lists the fixed spaces of products of subgroups, one for each index space (for a layer of units: every condensation into blocks of tied units, with
signs and a dead block where the activation allows); `full` those of all subgroups, diagonal ones too. Both are the intersections of the fixed spaces of
single elements, and the certificate says that the list has all of them. In the order by inclusion, the whole space is the top.
"""

from __future__ import annotations

import itertools
import math
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simcert.certificates.equations import subspace_equations
from simcert.errors import ResourceLimit, SpecError
from simcert.groups.labels import Labels
from simcert.groups.mirrors import Group, Mirror, Progress, Values, group_of, irreducible, meet, moved, place, reflections, satisfies, subspace_of
from simcert.groups.subspaces import Subspace
from simcert.groups.symmetries import assumed
from simcert.models.program import Program

if TYPE_CHECKING:
    import networkx as nx

    from simcert.certificates.claims import Certificate

MAX_NODES = 20_000
MINUTES = 20  # the longest computation that MAX_NODES allows
STEP = 3e-6  # seconds for one parameter of one node and one mirror, measured
MORE = 4  # nodes of a full lattice for each fixed space of an element: 3 to 7 in what was measured
Edge = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Node:
    """One subspace of a lattice.

    `label` shows the units of each index space, counted from 1, in blocks: `{12}{3}` ties units 1 and 2, `{1,-2}` ties them up to sign, `{0: 3}` has unit 3
    dead (`simcert.groups.labels`); `kind` is "symmetry" or "beyond"; `widths` are the numbers of blocks that are not dead, one for each index space; `size` is
    the number of subspaces that the group makes of it (1 unless the lattice is up to conjugacy).
    """

    number: int
    subspace: Subspace
    label: str
    kind: str
    widths: tuple[int, ...]
    size: int = 1

    @property
    def dimension(self) -> int:
        return self.subspace.dimension

    @property
    def equations(self) -> list[str]:
        """The equations as `simcert prove` reads them; there units count from 0."""
        return subspace_equations({"parameters": _declared(self.subspace.program)}, self.subspace.to_json())


def _declared(program: Program) -> list[dict[str, Any]]:
    return [{"name": name, "shape": list(shape)} for name, shape in program.parameters]


@dataclass(frozen=True)
class Lattice:
    """A lattice of invariant subspaces of a program.

    *Proves* (with `certificate`): that each node is invariant, that the nodes of kind "symmetry" are all intersections of mirrors (fixed spaces of the listed
    symmetries), and that the edges [i, j], node i just below node j, are all covering relations. *Does not prove:* that no other invariant sets exist.
    """

    program: Program
    mode: str
    up_to: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    mirrors: tuple[Mirror, ...]
    seed: int = 0
    images: tuple[Any, ...] = ()
    proofs: tuple[dict[str, Any], ...] = ()
    activations: dict[str, Any] = field(default_factory=dict[str, Any])
    values: tuple[Values, ...] = ()
    masks: tuple[int, ...] = ()

    @cached_property
    def graph(self) -> nx.DiGraph:
        """The covering relations as a directed graph from the smaller to the larger subspace; nodes have `label`, `dimension`, `kind`, `size`."""
        import networkx as nx

        graph = nx.DiGraph()
        for node in self.nodes:
            graph.add_node(node.number, label=node.label, dimension=node.dimension, kind=node.kind, size=node.size)
        graph.add_edges_from(self.edges)
        return graph

    @cached_property
    def _number(self) -> dict[int, int]:
        if self.up_to != "equality":
            raise SpecError("meet, join and Möbius numbers are those of subspaces, not of classes", self.program.title, "use --up-to equality")
        return {mask: i for i, mask in enumerate(self.masks)}

    def meet(self, i: int, j: int) -> int:
        """The number of the intersection of two nodes that symmetries induce."""
        self._of_symmetry(i, j)
        mask, values = self.masks[i] | self.masks[j], self.values[i]
        values = meet(values, itertools.chain.from_iterable(m.relations for r, m in enumerate(self.mirrors) if mask >> r & 1))
        return self._number[_mask(values, self.mirrors)]

    def join(self, i: int, j: int) -> int:
        """The number of the smallest node that symmetries induce and that contains both: it is fixed by what fixes both."""
        self._of_symmetry(i, j)
        return self._number[self.masks[i] & self.masks[j]]

    def _of_symmetry(self, *numbers: int) -> None:
        for i in numbers:
            if not 0 <= i < len(self.masks):
                raise SpecError(f"node {i} is not one of the {len(self.masks)} nodes that symmetries induce", self.program.title)

    @cached_property
    def ranks(self) -> tuple[int, ...]:
        """For each node the length of the longest chain from the whole space down to it."""
        above: dict[int, list[int]] = {}
        for i, j in self.edges:
            above.setdefault(i, []).append(j)
        out = [0] * len(self.nodes)
        for node in sorted(self.nodes, key=lambda n: -n.dimension):
            out[node.number] = max((out[j] + 1 for j in above.get(node.number, ())), default=0)
        return tuple(out)

    @cached_property
    def moebius(self) -> tuple[int, ...]:
        """The Möbius numbers μ(whole space, node) of the nodes that symmetries induce, ordered by reverse inclusion (as for an arrangement)."""
        if not self._number:
            return ()
        out: list[int] = []
        order = sorted(range(len(self.masks)), key=lambda i: -self.nodes[i].dimension)
        table: dict[int, int] = {}
        for i in order:
            mask = self.masks[i]
            table[mask] = -sum(mu for other, mu in table.items() if other & mask == other) if table else 1
        out = [table[mask] for mask in self.masks]
        return tuple(out)

    def data(self, seed: int | None = None) -> dict[str, Any]:
        """The certificate object, not yet checked."""
        p = self.program
        count = len(self.masks)
        claim = {
            "kind": "lattice", "activations": self.activations, "up_to": self.up_to,
            "generators": [{"actions": [a.to_json() for a in m.generator.actions], "nodes": m.generator.part(p, leaves=True)} for m in self.mirrors],
            "nodes": [node.subspace.to_json() for node in self.nodes[:count]], "beyond": [node.subspace.to_json() for node in self.nodes[count:]],
            "edges": [list(edge) for edge in self.edges],
        }  # fmt: skip
        proof: dict[str, Any] = {"nodes": [m.generator.part(p, leaves=False) for m in self.mirrors]}
        proof |= {"method": "orbits", "images": list(self.images)} if self.up_to == "conjugacy" else {"method": "closure", "beyond": list(self.proofs)}
        meta = {"created_by": "simcert", "family": p.family, "mode": self.mode, "seed": str(self.seed if seed is None else seed), "title": p.title}
        if self.up_to == "conjugacy":
            meta["class_sizes"] = " ".join(str(node.size) for node in self.nodes)
        return {"claim": claim, "format": "simcert", "meta": meta, "model": p.to_json(), "proof": proof, "version": 1}

    @cached_property
    def certificate(self) -> Certificate:
        """The certificate, verified by the independent checker."""
        from simcert.certificates import claims, codec

        data = self.data()
        certificate = claims.Certificate(codec.assemble(data["model"], data["claim"], data["proof"], data["meta"]))
        claims.require(certificate.verify())
        return certificate

    def plot(self, path: str | Path) -> Path:
        """Draw the Hasse diagram into an .svg, .png or .pdf file; raises `MissingExtraError` without matplotlib."""
        from simcert.plot import plot

        return plot(self, path)

    def html(self, path: str | Path, certificate: str = "") -> Path:
        """Write one self-contained page with the diagram and, for each node, its equations; `certificate` is what the page links to."""
        from simcert.page import write

        return write(self, path, certificate)

    def __repr__(self) -> str:
        return f"<lattice of {self.program.title}: {len(self.nodes)} subspaces, {len(self.edges)} covering relations, {self.mode}, up to {self.up_to}>"


def _mask(values: Values, mirrors: Sequence[Mirror]) -> int:
    return sum(1 << r for r, m in enumerate(mirrors) if satisfies(values, m.relations))


def _quiet(done: int, total: int) -> None:
    """No progress is shown."""


def lattice(
    program: Program, mode: str = "product", up_to: str = "equality", *, beyond: bool = False, signed_only: bool = False,
    limit: int = MAX_NODES, seed: int = 0, progress: Progress = _quiet,
) -> Lattice:  # fmt: skip
    """The lattice of the subspaces that the symmetries of a program fix.

    Arguments: `mode` "product" or "full", `up_to` "equality" or "conjugacy", `beyond` adds invariant subspaces that no symmetry of the list induces,
    `signed_only` replaces orthogonal groups by their signed permutations, `limit` is the greatest number of nodes; `progress` is called with how many nodes
    are done, of how many. Raises `ResourceLimit` with the expected number before anything hopeless, `SpecError` for an infinite lattice.
    """
    if mode not in ("product", "full") or up_to not in ("equality", "conjugacy"):
        raise SpecError(f"there is no lattice of mode {mode!r} up to {up_to!r}", "", "modes: product, full; up to: equality, conjugacy")
    if beyond and up_to == "conjugacy":
        raise SpecError("subspaces beyond symmetry are listed one by one", "", "use --beyond with --up-to equality")
    group = group_of(program, signed_only)
    reflecting = sum(math.comb(s.size, 2) * 2 ** len(f) + s.size * (2 ** len(f) - 1) for s, f in zip(group.spaces, group.flips, strict=True))
    _require(program, mode, up_to, group.classes if (mode, up_to) == ("product", "conjugacy") else group.expected, reflecting, limit)
    plain = reflections(group)
    labels = Labels(group, plain)
    mirrors = plain
    if mode == "full":
        spaces = group.elements(progress)
        mirrors = irreducible(group, spaces)
        _require(program, mode, up_to, len(spaces) + 1, len(mirrors) * MORE, limit)
    build = _classes if up_to == "conjugacy" else _subspaces
    return build(program, group, mode, mirrors, labels, beyond, limit, seed, progress)


def _require(program: Program, mode: str, up_to: str, count: int, mirrors: int, limit: int) -> None:
    """Raise `ResourceLimit` for more nodes than the limit, or for more work (every node is intersected with every mirror) than the nodes of the limit allow."""
    minutes, longest = count * mirrors * program.size * STEP / 60, MINUTES * limit / MAX_NODES
    if count <= limit and minutes <= longest:
        return
    remedy = "use --mode product" if mode == "full" else "list classes with --up-to conjugacy, or raise --limit" if up_to == "equality" else "raise --limit"
    if minutes > 60 * 24 * 366:
        remedy = remedy.replace("raise --limit", "use a smaller model")
        expected = f"more than 10^{int(math.log10(count))} nodes, which would take years"
    else:
        time = f"{minutes / 60:,.0f} hours" if minutes > 120 else f"{math.ceil(minutes)} minutes"
        kind = "classes of nodes" if (mode, up_to) == ("product", "conjugacy") else "nodes"
        megabytes = count * program.size * 3e-5
        expected = f"{'about' if mode == 'product' else 'at least'} {count:,} {kind}, which would take about {time} and a certificate of {megabytes:,.0f} MB"
    raise ResourceLimit(
        f"the lattice has {expected}; the limit is {limit:,} nodes and {longest:,.0f} minutes",
        program.title,
        remedy,
    )


def closure(program: Program, mirrors: Sequence[Mirror], limit: int, progress: Progress, expected: int) -> dict[Values, tuple[int, set[Values]]]:
    """All intersections of mirrors, each with its bit mask and its intersections with the mirrors that do not contain it.

    Raises `ResourceLimit` for more than `limit`.
    """
    whole = tuple(range(1, program.size + 1))
    out: dict[Values, tuple[int, set[Values]]] = {}
    waiting, seen = deque([whole]), {whole}
    while waiting:
        values = waiting.popleft()
        mask = _mask(values, mirrors)
        down = {meet(values, m.relations) for r, m in enumerate(mirrors) if not mask >> r & 1}
        out[values] = mask, down
        waiting.extend(down - seen)
        seen |= down
        if len(seen) > limit:
            raise ResourceLimit(f"the lattice has more than {limit:,} nodes", program.title, "raise --limit, or list classes with --up-to conjugacy")
        progress(len(out), max(expected, len(seen)))
    return out


def _subspaces(
    program: Program, group: Group, mode: str, mirrors: list[Mirror], labels: Labels, beyond: bool, limit: int, seed: int, progress: Progress
) -> Lattice:  # fmt: skip
    found = closure(program, mirrors, limit, progress, group.expected)
    order = sorted(found, key=place)
    number = {v: i for i, v in enumerate(order)}
    masks = [found[v][0] for v in order]
    nodes = [
        Node(i, subspace_of(program, v), labels.label(s, v, masks[i], mirrors), "symmetry", s.widths)
        for i, v in enumerate(order)
        for s in [labels.structure(v)]
    ]
    down = [{number[v] for v in found[u][1]} for u in order]
    proofs: list[dict[str, Any]] = []
    activations = assumed(program, [m.generator for m in mirrors])
    if beyond:
        from simcert.groups.beyond import Extras

        extras = Extras(program, group, labels, order, masks, mirrors, limit, seed, progress)
        nodes += [Node(len(order) + k, e.subspace, e.label, "beyond", e.widths) for k, e in enumerate(extras.found)]
        proofs, activations = extras.proofs(activations)
        edges = _covers(down, masks, extras.inside())
    else:
        edges = _covers(down, masks, [])
    return Lattice(program, mode, "equality", tuple(nodes), edges, tuple(mirrors), seed, (), tuple(proofs), activations, tuple(order), tuple(masks))


def _covers(down: list[set[int]], masks: list[int], inside: list[set[int]]) -> tuple[Edge, ...]:
    """The covering relations: among the intersections of a node with the mirrors, and the extras in it, the largest."""
    first = len(masks)

    def below(i: int, j: int) -> bool:
        return masks[i] & masks[j] == masks[j] if max(i, j) < first else i in inside[j]

    out: list[Edge] = []
    for j in range(max(first, len(inside))):
        candidates = (down[j] if j < first else set[int]()) | (inside[j] if inside else set[int]())
        out += [(i, j) for i in candidates if not any(k != i and below(i, k) for k in candidates)]
    return tuple(sorted(out))


def _classes(
    program: Program, group: Group, mode: str, mirrors: list[Mirror], labels: Labels, _: bool, limit: int, seed: int, progress: Progress
) -> Lattice:  # fmt: skip
    """One subspace of each class under the group that the mirrors generate."""
    classify, size = (labels.classify, labels.class_size) if mode == "product" else _orbits(program, mirrors, limit, progress, group.expected)
    whole = tuple(range(1, program.size + 1))
    steps: dict[Values, list[tuple[Values, list[int]]]] = {}
    waiting, seen = deque([whole]), {whole}
    while waiting:
        values = waiting.popleft()
        mask = _mask(values, mirrors)
        steps[values] = [classify(meet(values, m.relations)) for r, m in enumerate(mirrors) if not mask >> r & 1]
        fresh = {v for v, _ in steps[values]} - seen
        waiting.extend(sorted(fresh))
        seen |= fresh
        if len(seen) > limit:
            raise ResourceLimit(f"the lattice has more than {limit:,} classes", program.title, "raise --limit")
        progress(len(steps), len(seen))
    order = sorted(steps, key=place)
    number = {v: i for i, v in enumerate(order)}
    below: dict[int, set[int]] = {}
    for v in reversed(order):
        direct = {number[u] for u, _ in steps[v]}
        below[number[v]] = direct.union(*(below[i] for i in direct))
    edges = sorted((i, j) for j, smaller in below.items() for i in smaller if not any(i in below[k] for k in smaller))
    masks = [_mask(v, mirrors) for v in order]
    nodes = tuple(
        Node(i, subspace_of(program, v), labels.label(s, v, masks[i], mirrors), "symmetry", s.widths, size(v))
        for i, v in enumerate(order)
        for s in [labels.structure(v)]
    )
    images = tuple([[number[v], word] for v, word in steps[u]] for u in order)
    return Lattice(
        program, mode, "conjugacy", nodes, tuple(edges), tuple(mirrors), seed, images, (),
        assumed(program, [m.generator for m in mirrors]), tuple(order), tuple(masks),
    )  # fmt: skip


def _orbits(
    program: Program, mirrors: Sequence[Mirror], limit: int, progress: Progress, expected: int
) -> tuple[Callable[[Values], tuple[Values, list[int]]], Callable[[Values], int]]:
    """For every node the first of its class with a word that carries it to the node, and the size of its class; by going through all nodes."""
    table: dict[Values, tuple[Values, list[int]]] = {}
    sizes: dict[Values, int] = {}
    for first in sorted(closure(program, mirrors, limit, progress, expected)):
        if first in table:
            continue
        table[first] = first, []
        waiting: Iterable[Values] = [first]
        while waiting:
            fresh: list[Values] = []
            for values in waiting:
                for r, m in enumerate(mirrors):
                    other = moved(values, m.source, m.sign)
                    if other not in table:
                        table[other] = first, [r, *table[values][1]]
                        fresh.append(other)
            sizes[first] = sizes.get(first, 0) + len(fresh)
            waiting = fresh
        sizes[first] += 1
    return table.__getitem__, sizes.__getitem__
