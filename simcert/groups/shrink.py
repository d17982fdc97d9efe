"""The small network: the same operations on shorter axes, its parameters as orthogonal coordinates of the subspace, and which node repeats which.

Nothing here is a proof: the relations between the nodes of both networks are checked by the checker.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import product
from typing import Any

from simcert.exact.linalg import Number, projected, simplest
from simcert.groups.axes import Axis
from simcert.groups.blocks import LEAVES, AxisMap
from simcert.groups.subspaces import Form, Subspace, add_multiple
from simcert.models.activations import facts
from simcert.models.program import Node, Program, Shape, size_of, split_spec

MAX_COUPLED = 600  # equations that have to be solved together where coordinates are not orthogonal by themselves
Entry = tuple[int, Number] | None


class NoReductionError(Exception):
    """Why this search found no small network."""


class ConstantError(NoReductionError):
    """On the subspace the network does not depend on its parameters."""


@dataclass
class Coordinates:
    """The parameters of the small network as they are found: row p and constant p say that v_p = rows[p]·θ + constants[p]."""

    rows: list[Form] = field(default_factory=list[Form])
    constants: list[Number] = field(default_factory=list[Number])


@dataclass(frozen=True, slots=True)
class _Plan:
    """How the entries of a small array are made: of coordinates with these weights, plus constants; `fresh` are the coordinates that no array before has."""

    weights: list[dict[int, Number]]
    constants: list[Number]
    fresh: list[int]


def dot(a: Form, b: Form) -> Number:
    small, large = (a, b) if len(a) < len(b) else (b, a)
    return sum((v * large[k] for k, v in small.items() if k in large), 0)


def flat_images(maps: Sequence[AxisMap | None], shape: Shape) -> list[Entry]:
    """For every flat entry of a big array the small entry that it repeats, and the factor; None for 0."""
    out: list[Entry] = [(0, 1)]
    for axis, n in zip(maps, shape, strict=True):
        steps: list[Entry] = [(j, 1) for j in range(n)] if axis is None else [row[0] if row else None for row in axis.rows]
        width = n if axis is None else axis.width
        out = [None if a is None or b is None else (a[0] * width + b[0], a[1] * b[1]) for a in out for b in steps]
    return out


def directions(subspace: Subspace, forms: list[Form]) -> tuple[list[Form], list[Number]]:
    """The linear forms projected to the directions of the subspace, with the constants by which they differ there."""
    users: dict[int, list[int]] = {}
    for r, row in enumerate(subspace.rows):
        for k, _ in row.entries:
            users.setdefault(k, []).append(r)
    out: list[Form] = []
    constants: list[Number] = []
    for form in forms:
        hit: dict[int, Number] = {}
        for k, v in form.items():
            for r in users.get(k, ()):
                hit[r] = hit.get(r, 0) + v * dict(subspace.rows[r].entries)[k]
        if not any(hit.values()):
            out.append(form)
            constants.append(0)
            continue
        rows, waiting = {r for r, v in hit.items() if v}, [r for r, v in hit.items() if v]
        while waiting:
            for k, _ in subspace.rows[waiting.pop()].entries:
                waiting += [r for r in users[k] if r not in rows]
                rows.update(users[k])
        if len(rows) > MAX_COUPLED:
            raise NoReductionError(f"{len(rows)} equations are coupled, more than {MAX_COUPLED}")
        chosen = [subspace.rows[r] for r in sorted(rows)]
        multipliers = projected([dict(row.entries) for row in chosen], form)
        rest, constant = dict(form), Fraction(0)
        for row, factor in zip(chosen, multipliers, strict=True):
            add_multiple(rest, -factor, row.entries)
            constant += factor * row.constant
        out.append(rest)
        constants.append(simplest(constant))
    return out, constants


def orthogonal(vectors: list[Form]) -> tuple[list[Form], list[dict[int, Number]]]:
    """Orthogonal vectors and every given vector as a combination of them; vectors that are orthogonal to all others stay as they are."""
    basis: list[Form] = []
    users: dict[int, set[int]] = {}
    out: list[dict[int, Number]] = []
    for vector in vectors:
        rest, weights = dict(vector), dict[int, Number]()
        for b in sorted({b for k in vector for b in users.get(k, ())}):
            factor = simplest(Fraction(dot(vector, basis[b])) / dot(basis[b], basis[b]))
            if factor:
                weights[b] = factor
                add_multiple(rest, -factor, basis[b].items())
        if rest:
            weights[len(basis)] = 1
            for k in rest:
                users.setdefault(k, set()).add(len(basis))
            basis.append(rest)
        out.append(weights)
    return basis, out


class Shrink:
    """Builds the small program for given axis maps. After `run`: `program`, `coordinates`, `relations` and `axes`."""

    def __init__(self, subspace: Subspace, maps: dict[Axis, AxisMap], weighted: frozenset[tuple[int, str]], zero: set[int]) -> None:
        self.big, self.subspace, self.maps, self.weighted = subspace.program, subspace, maps, weighted
        self.nodes: list[Node] = []
        self.at: dict[int, int] = {}
        self.relations: dict[tuple[int, int], tuple[AxisMap | None, ...]] = {}
        self.coordinates = Coordinates()
        self.parameters: list[tuple[str, Shape]] = []
        self.vectors: dict[int, tuple[int, list[int]]] = {}  # arrays whose coordinates others use: the node that has them as a vector, and which they are
        self.plans: dict[int, _Plan] = {}
        self.owner: dict[int, int] = {}
        self.basis: list[Form] = []
        self.zero, self.needed = self._zeros(zero), set[int]()

    def of(self, i: int) -> tuple[AxisMap | None, ...]:
        """The maps of the axes of a node, None for the identity."""
        found = (self.maps.get((i, k)) for k in range(len(self.big.nodes[i].shape)))
        return tuple(None if axis is None or axis.is_identity else axis for axis in found)

    def shape(self, i: int) -> Shape:
        return tuple(n if axis is None else axis.width for axis, n in zip(self.of(i), self.big.nodes[i].shape, strict=True))

    def _vanishes_at_zero(self, node: Node) -> bool:
        definition = self.big.activations[node.activation]
        return node.order == 0 and "zero" in facts(definition) and definition.named not in ("reciprocal", "rsqrt")

    def _zeros(self, leaves: set[int]) -> set[int]:
        """The nodes that are 0 on the subspace, given the parameters that are."""
        out: set[int] = set()
        for i, node in enumerate(self.big.nodes):
            zeros = [a in out for a in node.args]
            if node.op in (*LEAVES, "constant"):
                holds = i in leaves
            elif node.op == "apply":
                holds = zeros[0] and self._vanishes_at_zero(node)
            else:
                holds = bool(zeros) and (any(zeros) if node.op == "contract" else all(zeros))
            out |= {i} if holds else set()
        return out

    def run(self) -> Program:
        """The small program; raises `NoReductionError` with the reason when there is none of this form."""
        waiting = [*self.big.outputs, *(i for i, node in enumerate(self.big.nodes) if node.op == "input")]
        while waiting:
            i = waiting.pop()
            if i not in self.needed:
                self.needed.add(i)
                waiting += [a for a in self.big.nodes[i].args if i not in self.zero and (a not in self.zero or self.big.nodes[i].op == "apply")]
        self._place_parameters([i for i in sorted(self.needed) if self.big.nodes[i].op in LEAVES and i not in self.zero])
        for i in sorted(self.needed):
            self._place(i)
        if not self.parameters:
            raise ConstantError("the outputs do not depend on the parameters on this subspace, so no flow moves its points: nothing is left to train")
        names = [n for n, _ in self.big.parameters]
        order = sorted(range(len(self.parameters)), key=lambda k: names.index(self.parameters[k][0]))
        starts = [0]
        for _, shape in self.parameters:
            starts.append(starts[-1] + size_of(shape))
        sequence = [p for k in order for p in range(starts[k], starts[k + 1])]
        self.coordinates = Coordinates([self.coordinates.rows[p] for p in sequence], [self.coordinates.constants[p] for p in sequence])
        used = {node.activation for node in self.nodes if node.op == "apply"}
        activations = {name: a for name, a in self.big.activations.items() if name in used}
        outputs = tuple(self.at[k] for k in self.big.outputs)
        if len(set(outputs)) != len(outputs):
            raise NoReductionError("two outputs are the same on the subspace")
        return Program(tuple(self.parameters[k] for k in order), self.big.inputs, tuple(self.nodes), outputs, activations)

    def emit(self, node: Node) -> int:
        self.nodes.append(node)
        return len(self.nodes) - 1

    def relate(self, i: int, k: int) -> None:
        self.at[i] = k
        self.relations[i, k] = self.of(i)

    def _leaf_forms(self, i: int) -> list[Form]:
        """Every entry of the small array as a linear form: means over the units of a block on copy axes, sums on sum axes."""
        node, offsets = self.big.nodes[i], self.big.offsets()
        names = [node.name] if node.op == "parameter" else list(node.names)
        indices = [k for n in names for k in range(offsets[n][0], offsets[n][0] + size_of(offsets[n][1]))]
        out: list[Form] = [{} for _ in range(size_of(self.shape(i)))]
        for index, terms in zip(indices, product(*self._steps(i)), strict=True):
            for flat, factor in self._choices(i, terms):
                add_multiple(out[flat], factor, [(index, 1)])
        return out

    def _steps(self, i: int) -> list[list[list[tuple[int, Number]]]]:
        """For every axis and unit of a node the small units to which it contributes, with what factor."""
        out: list[list[list[tuple[int, Number]]]] = []
        for axis, n in zip(self.of(i), self.big.nodes[i].shape, strict=True):
            squares = [] if axis is None else axis.squares()
            if axis is None:
                out.append([[(j, 1)] for j in range(n)])
            else:
                out.append([[(j, c if axis.sums else simplest(Fraction(c) / squares[j])) for j, c in row] for row in axis.rows])
        return out

    def _choices(self, i: int, terms: Sequence[list[tuple[int, Number]]]) -> Iterator[tuple[int, Number]]:
        """The flat small entries to which one big entry contributes."""
        for choice in product(*terms):
            flat, factor = 0, Fraction(1)
            for (j, c), n in zip(choice, self.shape(i), strict=True):
                flat, factor = flat * n + j, factor * c
            yield flat, simplest(factor)

    def _place_parameters(self, leaves: list[int]) -> None:
        """Coordinates for all parameters: the entries themselves where these are orthogonal directions of the subspace, else a basis of such."""
        if any(0 in self.shape(i) for i in leaves):
            raise NoReductionError("a layer without any unit is left")
        forms = {i: self._leaf_forms(i) for i in leaves}
        vectors, constants = directions(self.subspace, [form for i in leaves for form in forms[i]])
        basis, weights = orthogonal(vectors)
        position = 0
        for i in leaves:
            n = len(forms[i])
            mine, fixed = weights[position : position + n], constants[position : position + n]
            position += n
            fresh = sorted({b for w in mine for b in w} - self.owner.keys())
            self.owner |= dict.fromkeys(fresh, i)
            self.plans[i] = _Plan(mine, fixed, fresh)
        self.basis = basis

    def _parameter(self, i: int, node: Node) -> None:
        plan = self.plans[i]
        self.coordinates.rows += [self.basis[b] for b in plan.fresh]
        self.coordinates.constants += [0] * len(plan.fresh)
        free = len(plan.fresh) == len(plan.weights) and not any(plan.constants)
        if free and all(list(w.items()) == [(b, 1)] for w, b in zip(plan.weights, plan.fresh, strict=True)):
            self._plain(i, node)
        else:
            self._built(i, node, plan)

    _stack = _parameter

    def _plain(self, i: int, node: Node) -> None:
        shape, axis = self.shape(i), (*self.of(i), None)[0]
        if node.op == "parameter":
            self.parameters.append((node.name, shape))
            self.relate(i, self.emit(Node("parameter", shape, name=node.name)))
            return
        first = range(shape[0]) if axis is None else [next(u for u, row in enumerate(axis.rows) if row and row[0][0] == j) for j in range(axis.width)]
        names = tuple(node.names[u] for u in first)
        self.parameters += [(name, shape[1:]) for name in names]
        self.relate(i, self.emit(Node("stack", shape, names=names)))

    def _built(self, i: int, node: Node, plan: _Plan) -> None:
        """An array whose entries are combinations of coordinates: those that it brings, as one vector, and those of arrays before it."""
        shape, count = self.shape(i), len(plan.fresh)
        if count:
            name = node.name if node.op == "parameter" else node.names[0]
            self.parameters.append((name, (count,)))
            self.vectors[i] = self.emit(Node("parameter", (count,), name=name)), plan.fresh
        parts: list[int] = []
        letters = "abcdefghijklmnopqrstuvwxy"[: len(shape)]
        for j in sorted({self.owner[b] for w in plan.weights for b in w}):
            if j not in self.vectors:
                n = size_of(self.shape(j))
                self.vectors[j] = self.emit(Node("gather", (n,), (self.at[j],), indices=tuple(range(n)))), self.plans[j].fresh
            source, known = self.vectors[j]
            images = [[w.get(b, 0) for b in known] for w in plan.weights]
            if all(v in (0, 1) for image in images for v in image) and all(sum(image) < 2 for image in images):
                parts.append(self.emit(Node("gather", shape, (source,), indices=tuple(image.index(1) if 1 in image else -1 for image in images))))
                continue
            flat = self.emit(Node("constant", (*shape, len(known)), values=tuple(Fraction(v) for image in images for v in image)))
            parts.append(self.emit(Node("contract", shape, (flat, source), spec=f"{letters}z,z->{letters}")))
        if any(plan.constants) or not parts:
            parts.append(self.emit(Node("constant", shape, values=tuple(map(Fraction, plan.constants)))))
        self.relate(i, parts[0] if len(parts) == 1 else self.emit(Node("add", shape, tuple(parts))))

    def _place(self, i: int) -> None:
        node = self.big.nodes[i]
        if i in self.zero:
            if any(i in self.big.nodes[j].args and j not in self.zero and self.big.nodes[j].op == "apply" for j in self.needed) or i in self.big.outputs:
                shape = self.shape(i)
                if 0 in shape:
                    raise NoReductionError("a layer without any unit is left")
                self.relate(i, self.emit(Node("constant", shape, values=(Fraction(0),) * size_of(shape))))
        elif i not in self.at:
            if 0 in self.shape(i):
                raise NoReductionError("a layer without any unit is left")
            getattr(self, f"_{node.op}")(i, node)

    def _input(self, i: int, node: Node) -> None:
        self.relate(i, self.emit(node))

    def _constant(self, i: int, node: Node) -> None:
        small = [Fraction(0)] * size_of(self.shape(i))
        for value, terms in zip(node.values, product(*self._steps(i)), strict=True):
            for flat, factor in self._choices(i, terms):
                small[flat] += value * factor
        self.relate(i, self.emit(Node("constant", self.shape(i), values=tuple(small))))

    def _add(self, i: int, node: Node) -> None:
        args = tuple(self.at[a] for a in node.args if a not in self.zero)
        self.relate(i, args[0] if len(args) == 1 else self.emit(Node("add", self.shape(i), args)))

    def _contract(self, i: int, node: Node) -> None:
        terms, _ = split_spec(node.spec)
        args = [self.at[a] for a in node.args]
        for letter in sorted(letter for n, letter in self.weighted if n == i):
            position = len(terms) - 1
            where = terms[position].index(letter)
            args[position] = self._weigh(node.args[position], args[position], where)
        self.relate(i, self.emit(Node("contract", self.shape(i), tuple(args), spec=node.spec)))

    def _weigh(self, a: int, source: int, where: int) -> int:
        """A node multiplied by the sizes of the blocks along one axis: copies become sums."""
        axes = self.relations[a, source]
        axis = axes[where]
        if axis is None:
            return source
        shape = self.nodes[source].shape
        letters = "abcdefghijklmnopqrstuvwxyz"[: len(shape)]
        sizes = self.emit(Node("constant", (axis.width,), values=tuple(map(Fraction, axis.squares()))))
        k = self.emit(Node("contract", shape, (source, sizes), spec=f"{letters},{letters[where]}->{letters}"))
        self.relations[a, k] = tuple(AxisMap(x.rows, x.width, True) if j == where and x is not None else x for j, x in enumerate(axes))
        return k

    def _apply(self, i: int, node: Node) -> None:
        self.relate(i, self.emit(Node("apply", self.shape(i), (self.at[node.args[0]],), activation=node.activation, order=node.order)))

    def _gather(self, i: int, node: Node) -> None:
        a = node.args[0]
        before, after = flat_images(self.of(a), self.big.nodes[a].shape), flat_images(self.of(i), node.shape)
        indices = [-1] * size_of(self.shape(i))
        for k, image in zip(node.indices, after, strict=True):
            source = before[k] if k >= 0 else None
            if image is not None and source is not None:
                indices[image[0]] = source[0]
        self.relate(i, self.emit(Node("gather", self.shape(i), (self.at[a],), indices=tuple(indices))))

    def _scatter(self, i: int, node: Node) -> None:
        a = node.args[0]
        before, after = flat_images(self.of(a), self.big.nodes[a].shape), flat_images(self.of(i), node.shape)
        indices = [-1] * size_of(self.shape(a))
        for position, k in enumerate(node.indices):
            source, image = before[position], after[k] if k >= 0 else None
            if source is not None and image is not None:
                indices[source[0]] = image[0]
        self.relate(i, self.emit(Node("scatter", self.shape(i), (self.at[a],), indices=tuple(indices))))

    def proof(self) -> dict[str, Any]:
        """The axes and the relations in the form of a certificate."""
        numbers: dict[AxisMap, int] = {}
        listed: list[list[Any]] = [[i, -1, []] for i in sorted(self.zero)]
        for (i, k), axes in self.relations.items():
            listed.append([i, k, [-1 if axis is None else numbers.setdefault(axis, len(numbers)) for axis in axes]])
        return {"axes": [axis.to_json() for axis in numbers], "relations": sorted(listed, key=lambda entry: entry[:2])}
