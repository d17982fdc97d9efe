"""Proofs by expansion: on the subspace every node of the big network repeats, or adds up to, a node of the small one; checked node by node.

A relation ties a node of the model to a node of the small network. Every axis has a matrix E (None: the identity), n × n', in one of two ways: the big value is
E applied to the small one (copy), or the small value is Eᵀ applied to the big one (sum). With several axes: Eᵀ of the sum axes applied to the big value
is E of the copy axes applied to the small one. A relation to no node says that the value is 0 on the subspace.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import prod

from .canonical import Json, Rational, fields, integer, integers, items, rational
from .claim import Claim
from .evaluate import System, evaluate
from .outcome import Budget, Invalid, Malformed
from .program import LEAVES, Model, Node
from .reduction import Reduction
from .subspace import Row, Subspace

Form = dict[int, Rational]  # an affine form: the coefficient of every parameter, and the constant at −1
Entry = tuple[int, Rational] | None


@dataclass(frozen=True, slots=True)
class Axis:
    """The rows of E, each a tuple of (column, coefficient), its number of columns, and whether the axis is a sum."""

    rows: tuple[tuple[tuple[int, Rational], ...], ...]
    width: int
    sums: bool

    def entries(self) -> list[Entry]:
        """The one entry of every row, None for a row of zeros; raises `Invalid` unless E has at most one entry in a row."""
        if any(len(row) > 1 for row in self.rows):
            raise Invalid("entries of an axis are mixed where only multiples of one entry can pass")
        return [row[0] if row else None for row in self.rows]

    def transposed(self) -> list[Row]:
        columns: list[Row] = [{} for _ in range(self.width)]
        for i, row in enumerate(self.rows):
            for j, c in row:
                columns[j][i] = c
        return columns

    def sums_to_one(self) -> bool:
        """Whether a constant vector stays constant: the rows of a copy map, or the columns of a sum map, sum to 1."""
        return all(sum(column.values(), 0) == 1 for column in self.transposed()) if self.sums else self.keeps_total(True)

    def keeps_total(self, flipped: bool = False) -> bool:
        """Whether the sum over the axis is kept: the rows of a sum map, or the columns of a copy map, sum to 1."""
        if self.sums or flipped:
            return all(sum((c for _, c in row), 0) == 1 for row in self.rows)
        return all(sum(column.values(), 0) == 1 for column in self.transposed())


Axes = tuple[Axis | None, ...]


def _read_axis(value: Json, place: str, budget: Budget) -> Axis | None:
    """An axis; the identity is None, and a signed permutation, for which copy and sum are the same, a copy."""
    d = fields(value, place, "mode", "rows", "width")
    width = integer(d["width"], f"{place}/width", 1)
    if d["mode"] not in ("copy", "sum"):
        raise Malformed(f"{place}/mode: expected copy or sum")
    rows: list[tuple[tuple[int, Rational], ...]] = []
    for item in items(d["rows"], f"{place}/rows"):
        budget.tick()
        row: list[tuple[int, Rational]] = []
        for entry in items(item, f"{place}/rows"):
            pair = items(entry, f"{place}/rows", 2)
            row.append((integer(pair[0], f"{place}/rows", row[-1][0] + 1 if row else 0, width - 1), rational(pair[1], f"{place}/rows", budget)))
        if any(c == 0 for _, c in row):
            raise Malformed(f"{place}/rows: a coefficient is 0")
        rows.append(tuple(row))
    if len(rows) == width and all(len(row) == 1 and abs(row[0][1]) == 1 for row in rows) and len({row[0][0] for row in rows}) == width:
        return None if all(row == ((i, 1),) for i, row in enumerate(rows)) else Axis(tuple(rows), width, False)
    return Axis(tuple(rows), width, d["mode"] == "sum")


class AffineForms(System[Form]):
    """Values that are affine in the parameters of the small network."""

    def rational(self, q: Rational) -> Form:
        return {-1: q} if q else {}

    def total(self, terms: Sequence[Form]) -> Form:
        return combine((1, form) for form in terms)

    def dot(self, left: Sequence[Form], right: Sequence[Form]) -> Form:
        out: list[tuple[Rational, Form]] = []
        for a, b in zip(left, right, strict=True):
            if a and b:
                self.budget.tick()
                constant, other = (a, b) if a.keys() == {-1} else (b, a)
                if constant.keys() != {-1}:
                    raise Invalid("a parameter of the model is related to a product of parameters of the small network")
                out.append((constant[-1], other))
        return combine(out)

    def apply(self, node: Node, values: list[Form]) -> list[Form]:
        raise Invalid("a parameter of the model is related to an activation of the small network")


def combine(terms: Iterable[tuple[Rational, Form]]) -> Form:
    """The sum of factor·form."""
    out: Form = {}
    for factor, form in terms:
        for p, a in form.items():
            out[p] = out.get(p, 0) + factor * a
    return {p: a for p, a in out.items() if a}


def _transform(values: list[Form], shape: list[int], axis: int, matrix: Sequence[Row], budget: Budget) -> list[Form]:
    """A matrix applied along one axis; `shape` becomes that of the result."""
    inner, n = prod(shape[axis + 1 :]), shape[axis]
    out: list[Form] = []
    for a in range(prod(shape[:axis])):
        for row in matrix:
            budget.tick()
            out += [combine((c, values[(a * n + j) * inner + b]) for j, c in row.items()) for b in range(inner)]
    shape[axis] = len(matrix)
    return out


class Expansion:
    """The relations that have been checked so far, between a model on a subspace and the small network of a claim."""

    def __init__(self, model: Model, claim: Claim, reduction: Reduction, space: Subspace, budget: Budget) -> None:
        self.model, self.claim, self.reduction, self.budget = model, claim, reduction, budget
        self.known: dict[tuple[int, int], Axes] = {}
        self.zero: set[int] = set()
        self._solved = {
            row[0][0]: {-1: constant} | {p: -a for p, a in row[1:]} if constant else {p: -a for p, a in row[1:]}
            for row, constant in zip(space.rows, space.constants, strict=True)
        }

    def add(self, i: int, k: int, axes: Axes) -> None:
        """Check one relation and keep it; raises `Invalid` when no rule gives it."""
        node = self.model.nodes[i]
        if k < 0:
            holds = self._vanishes(node)
            self.zero |= {i} if holds else set()
        else:
            zero = i in self.zero and not any(self._small_forms(k))
            holds = zero or self._weighted(i, k, axes) or self._follows(node, self.reduction.small.nodes[k], k, axes)
            self.known[i, k] = axes
        if not holds:
            raise Invalid(f"the relation of node {i} ({node.op}) with node {k} of the small network does not follow from those of its arguments")

    def _follows(self, node: Node, small: Node, k: int, axes: Axes) -> bool:
        if node.op in (*LEAVES, "constant"):
            return self._same_forms(node, k, axes)
        if node.op == "add":
            args = [a for a in node.args if a not in self.zero]
            if len(args) == 1:
                return self.known.get((args[0], k)) == axes
            return small.op == "add" and len(small.args) == len(args) and all(self.known.get(p) == axes for p in zip(args, small.args, strict=True))
        if small.op != node.op:
            return False
        if node.op == "input":
            return small.names == node.names and not any(axes)
        given = [self.known.get(pair) for pair in zip(node.args, small.args, strict=False)]
        args = [a for a in given if a is not None]
        if len(args) != len(node.args) or len(given) != len(small.args):
            return False
        if node.op == "contract":
            return (node.terms, node.out) == (small.terms, small.out) and _check_letters(node, args, axes, [self.model.nodes[a].shape for a in node.args])
        if any(axis is not None and axis.sums for axis in (*args[0], *axes)):
            return False
        shapes = [self.model.nodes[node.args[0]].shape, node.shape], [self.reduction.small.nodes[small.args[0]].shape, small.shape]
        before, after = _flat(args[0], shapes[0][0], shapes[1][0]), _flat(axes, shapes[0][1], shapes[1][1])
        if node.op == "apply":
            return (node.names, node.order) == (small.names, small.order) and self._check_apply(node, before, after)
        return _check_moves(node, small, before, after)

    def _known_facts(self, node: Node) -> frozenset[str]:
        facts = self.claim.facts[node.names[0]]
        return self.model.activations[node.names[0]].facts if facts is None else facts

    def _is_zero_at_zero(self, node: Node) -> bool:
        """Whether the derivative of an `apply` node's order is 0 at 0."""
        definition, known = self.model.activations[node.names[0]], self._known_facts(node)
        if definition.partial:
            return False
        even = "even" in known and node.order % 2 == 1 and definition.kind != "piecewise"
        return even or ("odd" in known and node.order % 2 == 0) or ("zero" in known and node.order == 0) or ("flat" in known and node.order == 1)

    def _check_apply(self, node: Node, before: list[Entry], after: list[Entry]) -> bool:
        """σ of a copy is a copy of σ; of an opposite value, with the sign of the parity; of 0, 0 where σ vanishes there; σ(cz) = cσ(z) if piecewise, c > 0."""
        known, piecewise = self._known_facts(node), self.model.activations[node.names[0]].kind == "piecewise"
        signs = {(-1) ** (node.order + (parity == "odd")) for parity in ("odd", "even") if parity in known and not (piecewise and node.order)}
        for source, target in zip(before, after, strict=True):
            if source is None:
                if target is not None or not self._is_zero_at_zero(node):
                    return False
                continue
            size = abs(source[1])
            if target is None or target[0] != source[0] or (size != 1 and not (piecewise and node.order == 0)):
                return False
            if target[1] not in ({size} if source[1] > 0 else {sign * size for sign in signs}):
                return False
        return True

    def _vanishes(self, node: Node) -> bool:
        """Whether the value is 0 on the subspace, by the node's own rule."""
        zeros = [a in self.zero for a in node.args]
        if node.op in (*LEAVES, "constant"):
            return not any(self._big_forms(node))
        if node.op == "contract":
            return any(zeros)
        if node.op == "apply":
            return zeros[0] and self._is_zero_at_zero(node)
        return node.op != "input" and all(zeros)

    def _weighted(self, i: int, k: int, axes: Axes) -> bool:
        """From copies to sums: Eᵀ E a' is a' times the diagonal of Eᵀ E, where the small network multiplies a' by exactly these constants along one axis."""
        small = self.reduction.small.nodes[k]
        if small.op != "contract" or len(small.terms) != 2 or len(small.terms[1]) != 1 or small.terms[0] != small.out or small.terms[1] not in small.out:
            return False
        source, weights = small.args
        given, where = self.known.get((i, source)), small.out.index(small.terms[1])
        axis = axes[where]
        if given is None or axis is None or not axis.sums or given[where] != replace(axis, sums=False) or self.reduction.small.nodes[weights].op != "constant":
            return False
        if any(a != b for j, (a, b) in enumerate(zip(given, axes, strict=True)) if j != where):
            return False
        columns = axis.transposed()
        crossed = any(len(row) > 1 for row in axis.rows)
        return not crossed and [sum((c * c for c in column.values()), 0) for column in columns] == list(self.reduction.small.nodes[weights].values)

    def _on_space(self, form: Form) -> Form:
        """An affine form in the parameters, in the free coordinates of the subspace."""
        return combine((a, self._solved.get(p, {p: 1})) for p, a in form.items())

    def _big_forms(self, node: Node) -> list[Form]:
        if node.op == "constant":
            return [{-1: q} if q else {} for q in node.values]
        return [self._on_space({p: 1}) for p in self.model.indices(node)]

    def _small_forms(self, k: int) -> list[Form]:
        """The value of a node of the small network that is affine in its parameters, at v = Qθ, in the free coordinates of the subspace."""
        small, needed = self.reduction.small, {k}
        for i in range(k, -1, -1):
            if i in needed:
                needed.update(small.nodes[i].args)
        order = {i: n for n, i in enumerate(sorted(needed))}
        nodes = [replace(small.nodes[i], args=tuple(order[a] for a in small.nodes[i].args)) for i in order]
        leaves: dict[int, list[Form]] = {}
        for n, node in enumerate(nodes):
            if node.op == "input":
                raise Invalid("a parameter of the model is related to an input of the small network")
            if node.op in LEAVES:
                leaves[n] = [self._image(p) for p in small.indices(node)]
        return evaluate(nodes, leaves, AffineForms(self.budget))[-1]

    def _image(self, p: int) -> Form:
        """Parameter p of the small network, as an affine form on the subspace."""
        constant = self.reduction.constants[p]
        return self._on_space(self.reduction.rows[p] | ({-1: constant} if constant else {}))

    def _same_forms(self, node: Node, k: int, axes: Axes) -> bool:
        """A parameter or a constant: both sides of the relation, as affine forms on the subspace."""
        big, small = self._big_forms(node), self._small_forms(k)
        shapes = list(node.shape), list(self.reduction.small.nodes[k].shape)
        for j, axis in enumerate(axes):
            self.budget.tick()
            if axis is not None and axis.sums:
                big = _transform(big, shapes[0], j, axis.transposed(), self.budget)
            elif axis is not None:
                small = _transform(small, shapes[1], j, [dict(row) for row in axis.rows], self.budget)
        return big == small


def _flat(axes: Axes, shape: Sequence[int], small: Sequence[int]) -> list[Entry]:
    """For every flat entry of the big array the flat entry of the small one of which it is a copy, and the sign; None for 0."""
    out: list[Entry] = [(0, 1)]
    for axis, n, m in zip(axes, shape, small, strict=True):
        steps = [(j, 1) for j in range(n)] if axis is None else axis.entries()
        out = [None if a is None or b is None else (a[0] * m + b[0], a[1] * b[1]) for a in out for b in steps]
    return out


def _check_moves(node: Node, small: Node, before: list[Entry], after: list[Entry]) -> bool:
    """`gather` and `scatter`: every big entry is the same combination of small entries on both ways."""
    big_terms: list[Row] = [{} for _ in range(node.size)]
    small_terms: list[Row] = [{} for _ in range(small.size)]
    for op, indices, table, images in ((node.op, node.indices, big_terms, before), (small.op, small.indices, small_terms, None)):
        for position, k in enumerate(indices):
            source, target = (k, position) if op == "gather" else (position, k)
            image = None if k < 0 else (source, 1) if images is None else images[source]
            if image is not None:
                table[target][image[0]] = table[target].get(image[0], 0) + image[1]
    for terms, image in zip(big_terms, after, strict=True):
        wanted = {} if image is None else {p: c * image[1] for p, c in small_terms[image[0]].items() if c}
        if {p: c for p, c in terms.items() if c} != wanted:
            return False
    return True


def _check_letters(node: Node, args: Sequence[Axes], out: Axes, shapes: Sequence[Sequence[int]]) -> bool:
    """A contraction, letter by letter. Sums in one argument that need the copies of the other must not occur both ways."""
    sizes = dict(zip("".join(node.terms) + node.out, [n for shape in (*shapes, node.shape) for n in shape], strict=True))
    directions: set[int] = set()
    for letter, n in sizes.items():
        inside = [(p, axes[term.index(letter)]) for p, (term, axes) in enumerate(zip(node.terms, args, strict=True)) if letter in term]
        axes = [axis for _, axis in inside]
        if letter not in node.out:
            passes = _summed(axes)
        else:
            target = out[node.out.index(letter)]
            passes = _entrywise(axes, target, n) if len(axes) == 2 else axes[0] == target if axes else target is None or target.sums_to_one()
        if not passes:
            return False
        if len(axes) == 2:
            directions |= {p for p, axis in inside if axis is not None and axis.sums}
    return len(directions) < 2


def _summed(axes: Sequence[Axis | None]) -> bool:
    """A letter that is summed: in one argument with the total kept; in two with the same map, copies against sums (a signed permutation against itself)."""
    if len(axes) == 1:
        return axes[0] is None or axes[0].keeps_total()
    a, b = axes
    if a is None or b is None:
        return a is b
    square = len(a.rows) == a.width == len({row[0][0] for row in a.rows if len(row) == 1 and abs(row[0][1]) == 1})
    return a.rows == b.rows and a.width == b.width and (a.sums != b.sums or (square and not a.sums))


def _entrywise(axes: Sequence[Axis | None], target: Axis | None, n: int) -> bool:
    """A letter in both arguments and in the output: the product of copies is a copy, and the sums of copies times terms are copies times sums."""
    if target is None or all(axis is None for axis in axes):
        return all(axis is None for axis in (*axes, target))
    sums = [axis is not None and axis.sums for axis in axes]
    if all(sums) or any(sums) != target.sums or any(axis is not None and axis.width != target.width for axis in axes):
        return False
    identity: list[Entry] = [(i, 1) for i in range(n)]
    given = [identity if axis is None else axis.entries() for axis in axes]
    # in the sums every term of the output is a copy times a term of the other argument
    copies, others, wanted = (given[0], given[1], target.entries()) if not any(sums) else (given[sums.index(False)], target.entries(), given[sums.index(True)])
    for a, b, c in zip(copies, others, wanted, strict=True):
        if a is None or b is None:
            if c is not None:
                return False
        elif c is None or a[0] != b[0] or c != (a[0], a[1] * b[1]):
            return False
    return True


def check_expansion(model: Model, claim: Claim, reduction: Reduction, space: Subspace, proof: dict[str, Json], budget: Budget) -> None:
    """Check that F(θ)(x) = G(Qθ)(x) for all θ of the subspace and all x, G the small network.

    *Proves:* that, for every σ of the claim. *Does not prove:* anything about gradients. Raises `Invalid` with the node at which a rule fails.
    """
    axes = [_read_axis(value, f"/proof/axes/{k}", budget) for k, value in enumerate(items(proof["axes"], "/proof/axes"))]
    relations = Expansion(model, claim, reduction, space, budget)
    small, listed = reduction.small, list[tuple[int, int]]()
    for number, item in enumerate(items(proof["relations"], "/proof/relations")):
        budget.tick()
        place = f"/proof/relations/{number}"
        triple = items(item, place, 3)
        i, k = integer(triple[0], place, 0, len(model.nodes) - 1), integer(triple[1], place, -1, len(small.nodes) - 1)
        numbers = integers(triple[2], place, -1, len(axes) - 1)
        chosen = tuple(None if a < 0 else axes[a] for a in numbers)
        shapes = (model.nodes[i].shape, small.nodes[k].shape) if k >= 0 else ((), ())
        if not len(chosen) == len(shapes[0]) == len(shapes[1]):
            raise Malformed(f"{place}: expected one axis for each axis of both nodes")
        if any((n, m) != ((n, n) if axis is None else (len(axis.rows), axis.width)) for axis, n, m in zip(chosen, *shapes, strict=True)):
            raise Malformed(f"{place}: an axis is of the wrong size")
        listed.append((i, k))
        relations.add(i, k, chosen)
    if any(a >= b for a, b in pairwise(listed)):
        raise Malformed("/proof/relations: the relations do not increase")
    for big, little in zip(model.outputs, small.outputs, strict=True):
        if relations.known.get((big, little)) != (None,) * len(model.nodes[big].shape):
            raise Invalid(f"the output at node {big} is not shown to be that at node {little} of the small network")
