"""Elements of the symmetry group of a program, the subspaces they fix, and intersections of these, as value vectors.

The group is a product over the index spaces: on each, a permutation of the units and for each unit a set of sign flips (`IndexSpace.flips`). Every fixed space
is given by equations θp = ±θq and θp = 0; its *value vector* has for every parameter ± the number of its class, or 0. The *mirrors* of the group are the fixed
spaces of its reflections: exchanges of two units, with or without signs, and flips of one unit.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from simcert.errors import ResourceLimit, SpecError
from simcert.groups.axes import Axis, IndexSpace, index_spaces
from simcert.groups.generators import Action, Generator, Monomial, signed_permutation
from simcert.groups.partitions import classes, dowling, twisted
from simcert.groups.subspaces import Row, Subspace
from simcert.models.program import Program

Values = tuple[int, ...]
Relation = tuple[int, int, int]  # (p, s, q): θp = s·θq, with s = ±1, or θp = 0 where s = 0
Part = tuple[tuple[int, ...], tuple[int, ...]]  # permutation of the units, and for each the flips it takes, as a bit mask
Progress = Callable[[int, int], None]

ORTHOGONAL = "every orthogonal matrix acts on index space {}, so infinitely many subspaces are fixed by symmetries"
MAX_ELEMENTS = 200_000
COUNTED = 60  # units of an index space that are counted: there are far too many subspaces beyond
_KINDS = (1, 2, 5, 16)  # subgroups of (Z/2)^f


def meet(values: Values, relations: Iterable[Relation]) -> Values:
    """The value vector of the intersection with the solutions of some equations.

    >>> meet((1, 2, 3), [(0, -1, 2)]), meet((1, 2, 3), [(1, 0, 1)])
    ((-3, 2, 3), (1, 0, 3))
    """
    parent: dict[int, tuple[int, int]] = {}

    def find(v: int) -> tuple[int, int]:
        sign, v = (-1 if v < 0 else 1), abs(v)
        while v in parent:
            v, s = parent[v]
            sign *= s
        return v, sign

    for p, s, q in relations:
        (a, e), (b, f) = find(values[p]), find(s * values[q])
        if a != b:
            parent[min(a, b) or max(a, b)] = (max(a, b), e * f) if a and b else (0, 1)
        elif a and e != f:
            parent[a] = (0, 1)
    if not parent:
        return values
    table = {v: math.prod(find(v)) for v in set(values)}
    return tuple(table[v] for v in values)


def satisfies(values: Values, relations: Iterable[Relation]) -> bool:
    """Whether the equations hold on the subspace of a value vector."""
    return all(values[p] == s * values[q] for p, s, q in relations)


def relations_of(values: Values) -> tuple[Relation, ...]:
    """Equations that define the subspace of a value vector."""
    return tuple((p, (v > 0) - (v < 0), abs(v) - 1 if v else p) for p, v in enumerate(values) if v != p + 1)


def moved(values: Values, source: Sequence[int], sign: Sequence[int]) -> Values:
    """The value vector of gL, with (gθ)_p = sign[p]·θ_source[p]."""
    out = [s * values[q] for q, s in zip(source, sign, strict=True)]
    last = {abs(v): (p + 1) * (1 if v > 0 else -1) for p, v in enumerate(out) if v}
    return tuple(last[abs(v)] * (1 if v > 0 else -1) if v else 0 for v in out)


def dimension(values: Values) -> int:
    """The dimension of the subspace of a value vector."""
    return sum(v == p for p, v in enumerate(values, 1))


def place(values: Values) -> tuple[int, tuple[tuple[int, bool], ...]]:
    """Where a subspace stands in a list: larger dimensions first, then tied units with small numbers, equal signs before opposite ones, dead units last."""
    return -dimension(values), tuple((-abs(v), v < 0) for v in values)


def subspace_of(program: Program, values: Values) -> Subspace:
    """The subspace of a value vector in canonical form."""
    rows = (Row(((p, 1), (abs(v) - 1, -1 if v > 0 else 1)) if v else ((p, 1),), 0) for p, v in enumerate(values) if v != p + 1)
    return Subspace(program, tuple(rows))


@dataclass(frozen=True)
class Group:
    """The group that permutes the units of each index space and flips their signs in the ways of `flips`."""

    program: Program
    spaces: tuple[IndexSpace, ...]
    flips: tuple[tuple[frozenset[Axis], ...], ...]

    @property
    def order(self) -> int:
        """The number of tuples of permutations and flips; different ones may act alike on the parameters."""
        return math.prod(math.factorial(s.size) * 2 ** (s.size * len(f)) for s, f in zip(self.spaces, self.flips, strict=True))

    @property
    def expected(self) -> int:
        """How many subspaces products of groups on the index spaces fix, or a little more; of large index spaces only some units are counted."""
        sizes = [min(s.size, COUNTED) for s in self.spaces]
        return math.prod(
            dowling(n) if s.kind != "incoming-signed" and len(f) == 1 else twisted(n, len(f)) for n, s, f in zip(sizes, self.spaces, self.flips, strict=True)
        )

    @property
    def classes(self) -> int:
        """How many classes of these subspaces there are under the group, or a little more; of large index spaces only some units are counted."""
        sizes = [min(s.size, COUNTED) for s in self.spaces]
        return math.prod(
            classes(n, 1, dead=True) if s.kind != "incoming-signed" and len(f) == 1 else classes(n, _KINDS[min(len(f), 3)])
            for n, s, f in zip(sizes, self.spaces, self.flips, strict=True)
        )

    def generator(self, parts: Sequence[Part]) -> Generator:
        """The element with the given part on each index space, as a generator with its action on every node."""
        actions: list[Action] = []
        table: dict[int, list[int]] = {}
        for space, flips, (permutation, twists) in zip(self.spaces, self.flips, parts, strict=True):
            for i, k in space.axes:
                parity = sum(1 << bit for bit, flip in enumerate(flips) if (i, k) in flip)
                action = Monomial(permutation, tuple(-1 if (t & parity).bit_count() % 2 else 1 for t in twists))
                if not action.is_identity:
                    if action not in actions:
                        actions.append(action)
                    table.setdefault(i, [-1] * len(self.program.nodes[i].shape))[k] = actions.index(action)
        return Generator(tuple(actions), tuple((i, tuple(row)) for i, row in sorted(table.items())), self.words(parts))

    def identity(self, space: int) -> Part:
        n = self.spaces[space].size
        return tuple(range(n)), (0,) * n

    def on(self, space: int, part: Part) -> tuple[Part, ...]:
        """The element with this part on one index space and the identity on the others."""
        return tuple(part if k == space else self.identity(k) for k in range(len(self.spaces)))

    @staticmethod
    def words(parts: Sequence[Part]) -> str:
        """Signed cycles on units counted from 1, index spaces separated by `|`; e is the identity.

        >>> Group.words([((1, 0, 2), (0, 0, 1)), ((0, 1), (0, 0))])
        '(1 2)(3 -3)|e'
        """
        out = list[str]()
        for permutation, twists in parts:
            cycles, seen = "", set[int]()
            for start in range(len(permutation)):
                if start in seen or (permutation[start] == start and not twists[start]):
                    continue
                cycle, i, twist = list[str](), start, 0
                while i not in seen:
                    seen.add(i)
                    cycle.append(sign_mark(twist) + str(i + 1))
                    i, twist = permutation[i], twist ^ twists[i]
                cycles += f"({' '.join(cycle)}{f' {sign_mark(twist)}{start + 1}' if twist else ''})"
            out.append(cycles or "e")
        return "|".join(out)

    def map(self, generator: Generator) -> tuple[list[int], list[int]]:
        """The element on parameter space: (gθ)_p = sign[p]·θ_source[p]."""
        found = signed_permutation(self.program, generator)
        if found is None:
            raise TypeError("a signed permutation was expected")
        return found[0].tolist(), found[1].tolist()

    def parts(self, space: int) -> Iterator[Part]:
        """All elements of the group of one index space."""
        n, flips = self.spaces[space].size, len(self.flips[space])
        for permutation in itertools.permutations(range(n)):
            for twists in itertools.product(range(1 << flips), repeat=n):
                yield permutation, twists

    def elements(self, progress: Progress) -> dict[Values, tuple[Part, ...]]:
        """The different fixed spaces of all elements but the whole space, each with one element that fixes it.

        Raises `ResourceLimit` for more than `MAX_ELEMENTS` elements.
        """
        if self.order > MAX_ELEMENTS:
            raise ResourceLimit(
                f"--mode full goes through all elements of the group, and here there are {self.order:,}; the limit is {MAX_ELEMENTS:,}",
                self.program.title,
                "use --mode product, or a smaller model",
            )
        whole = tuple(range(1, self.program.size + 1))
        tables = [[(part, self.map(self.generator(self.on(k, part)))) for part in self.parts(k)] for k in range(len(self.spaces))]
        out: dict[Values, tuple[Part, ...]] = {}
        for done, choice in enumerate(itertools.product(*tables)):
            progress(done, self.order)
            source, sign = list(range(self.program.size)), [1] * self.program.size
            for _, (step, signs) in choice:
                source, sign = [source[q] for q in step], [s * sign[q] for s, q in zip(signs, step, strict=True)]
            fixed = meet(whole, ((p, s, q) for p, (q, s) in enumerate(zip(source, sign, strict=True)) if q != p or s < 0))
            out.setdefault(fixed, tuple(part for part, _ in choice))
        out.pop(whole, None)
        return out


def sign_mark(twist: int) -> str:
    """How a label shows the flips of a unit: `-` for the first kind, `~` and `^` for others."""
    return "".join(mark for bit, mark in enumerate("-~^") if twist >> bit & 1)


def group_of(program: Program, signed_only: bool = False) -> Group:
    """The group of a program, for lattices.

    Arguments: `signed_only` takes of orthogonal groups the signed permutations. Flips that change the sign of an argument of a piecewise even function are
    left out: where the argument is 0 the slope of |z| has no value. Raises `SpecError` for an orthogonal space otherwise: its lattice is infinite.
    """
    spaces = index_spaces(program)
    for space in spaces:
        if space.kind == "orthogonal" and space.size > 1 and not signed_only:
            raise SpecError(ORTHOGONAL.format(space.name), program.title, "--treat-orthogonal-as signed lists those of the signed permutations")
    kinks = {
        (node.args[0], k)
        for node in program.nodes
        if node.op == "apply" and _kinked(program, node.activation)
        for k in range(len(node.shape))
    }  # fmt: skip
    return Group(program, spaces, tuple(tuple(flip for flip in space.flips if not flip & kinks) for space in spaces))


def _kinked(program: Program, name: str) -> bool:
    slopes = program.activations[name].piecewise
    return slopes is not None and slopes[0] != slopes[1]


@dataclass(frozen=True)
class Mirror:
    """The fixed space of one element: `relations` define it; `space` and `units` say where it acts when it is a reflection, `twist` with which flips."""

    generator: Generator
    relations: tuple[Relation, ...]
    source: list[int]
    sign: list[int]
    space: int = -1
    units: tuple[int, ...] = ()
    twist: int = 0


def mirror(group: Group, parts: Sequence[Part], space: int = -1, units: tuple[int, ...] = (), twist: int = 0) -> Mirror:
    """The mirror of one element."""
    g = group.generator(parts)
    source, sign = group.map(g)
    whole = tuple(range(1, group.program.size + 1))
    fixed = meet(whole, ((p, s, q) for p, (q, s) in enumerate(zip(source, sign, strict=True))))
    return Mirror(g, relations_of(fixed), source, sign, space, units, twist)


def reflections(group: Group) -> list[Mirror]:
    """Exchanges of two units of one index space with every sign, and flips of one unit.

    The intersections of their fixed spaces are the fixed spaces of all products of subgroups of the groups of the index spaces: a subgroup H of one of these
    fixes θ exactly when θ is equal, up to the sign that some element carries, along each orbit of H, and is zero in the parameters
    whose sign some element of the stabiliser of a unit changes. Each of these equations is that of a reflection.
    """
    out: list[Mirror] = []
    for k, (space, flips) in enumerate(zip(group.spaces, group.flips, strict=True)):
        n, (unit, none) = space.size, group.identity(k)
        for i, j in itertools.combinations(range(n), 2):
            exchanged = tuple(j if u == i else i if u == j else u for u in unit)
            for t in range(1 << len(flips)):
                twists = tuple(t if u in (i, j) else 0 for u in unit)
                out.append(mirror(group, group.on(k, (exchanged, twists)), k, (i, j), t))
        for i in unit:
            for t in range(1, 1 << len(flips)):
                out.append(mirror(group, group.on(k, (unit, (*none[:i], t, *none[i + 1 :]))), k, (i,), t))
    return out


def irreducible(group: Group, found: dict[Values, tuple[Part, ...]]) -> list[Mirror]:
    """Of all fixed spaces those that are no intersection of larger ones: the others add nothing to a lattice."""
    whole = tuple(range(1, group.program.size + 1))
    out: list[tuple[tuple[Relation, ...], Values]] = []
    for values in sorted(found, key=lambda v: (-dimension(v), v)):
        larger = [r for r, _ in out if satisfies(values, r)]
        if meet(whole, itertools.chain.from_iterable(larger)) != values:
            out.append((relations_of(values), values))
    return [mirror(group, found[values]) for _, values in out]
