"""Gradient fields X = ∇_θ(v·F)(x) and their right-normed brackets, evaluated by nested dual numbers over any number system."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .batch import Batch, batch, most
from .canonical import Json, Rational, fields, integer, integers, items, mapping, rational, rationals
from .claim import Claim
from .evaluate import System, evaluate
from .functions import polynomial_facts
from .local import Exact
from .outcome import Budget, Invalid, Malformed
from .program import LEAVES, Activation, Model, Node, gradient
from .rational import Partial

MAX_WORD = 8
Word = tuple[int, ...]
Dual = tuple[Any, Any]


@dataclass(frozen=True, slots=True)
class Field:
    """The field ∇_θ(v·F)(x): `covector` maps (output, entry) to a coefficient, `input` gives x."""

    covector: Mapping[tuple[int, int], Rational]
    input: Mapping[str, list[Rational]]


def read_members(value: Json, place: str, model: Model, claim: Claim, budget: Budget) -> dict[str, Activation]:
    """The activations of the model with the exhibited polynomial in place of every class."""
    members = mapping(value, place)
    if set(members) != {name for name, a in model.activations.items() if a.kind == "class"}:
        raise Malformed(f"{place}: expected exactly the activations that are classes")
    functions = dict(model.activations)
    for name, item in members.items():
        c = rationals(item, f"{place}/{name}", budget)
        if not c or (len(c) > 1 and c[-1] == 0):
            raise Malformed(f"{place}/{name}: a polynomial has coefficients and no trailing zero")
        functions[name] = Activation("polynomial", "", tuple(c), polynomial_facts(c))
        if not (claim.facts[name] or frozenset()) <= functions[name].facts:
            raise Invalid(f"the member for {name} does not have the facts of its class")
    return functions


class Duals(System[Dual]):
    """a + b·ε with ε² = 0 over another system."""

    def __init__(self, inner: System[Any]) -> None:
        super().__init__(inner.budget)
        self._inner, self._zero = inner, inner.rational(0)

    def rational(self, q: Rational) -> Dual:
        return self._inner.rational(q), self._zero

    def total(self, terms: Sequence[Dual]) -> Dual:
        return self._inner.total([a for a, _ in terms]), self._inner.total([b for _, b in terms])

    def dot(self, left: Sequence[Dual], right: Sequence[Dual]) -> Dual:
        a, c = [x for x, _ in left], [x for x, _ in right]
        return self._inner.dot(a, c), self._inner.dot(a + [x for _, x in left], [x for _, x in right] + c)

    def table(self, rows: Sequence[Sequence[Dual]], columns: Sequence[Sequence[Dual]]) -> list[Dual]:
        a, c = [[x for x, _ in row] for row in rows], [[x for x, _ in column] for column in columns]
        both = [x + [y for _, y in row] for x, row in zip(a, rows, strict=True)]
        crossed = [[y for _, y in column] + x for x, column in zip(c, columns, strict=True)]
        return list(zip(self._inner.table(a, c), self._inner.table(both, crossed), strict=True))

    def apply(self, node: Node, values: list[Dual]) -> list[Dual]:
        inner, at = self._inner, [a for a, _ in values]
        slopes = inner.apply(replace(node, order=node.order + 1), at)
        return [(v, inner.dot((s,), (b,))) for v, s, (_, b) in zip(inner.apply(node, at), slopes, values, strict=True)]


class Fields:
    """The gradient fields of a model, with `functions` as its activations."""

    def __init__(self, model: Model, functions: Mapping[str, Activation], budget: Budget) -> None:
        self.model, self.functions, self.budget = model, functions, budget
        self._graph = gradient(model)
        self._indices = {i: model.indices(node) for i, node in enumerate(model.nodes) if node.op in LEAVES}
        self._where = [(bar, self._indices[i]) for i, bar in self._graph.leaves.items()]
        self._straight = {bar: indices == list(range(indices[0], indices[0] + len(indices))) for bar, indices in self._where}

    def read(self, value: Json, place: str) -> Field:
        """One field."""
        d = fields(value, place, "covector", "input")
        covector: dict[tuple[int, int], Rational] = {}
        for item in items(d["covector"], f"{place}/covector"):
            k, i, c = items(item, f"{place}/covector", 3)
            number = integer(k, f"{place}/covector", 0, len(self.model.outputs) - 1)
            entry = number, integer(i, f"{place}/covector", 0, self.model.nodes[self.model.outputs[number]].size - 1)
            if entry in covector:
                raise Malformed(f"{place}/covector: an output entry occurs twice")
            covector[entry] = rational(c, f"{place}/covector", self.budget)
        if not covector or 0 in covector.values():
            raise Malformed(f"{place}/covector: expected at least one output entry, and no coefficient 0")
        given = mapping(d["input"], f"{place}/input")
        if set(given) != set(self.model.inputs):
            raise Malformed(f"{place}/input: expected exactly the inputs of the model")
        sizes = {node.names[0]: node.size for node in self.model.nodes if node.op == "input"}
        return Field(covector, {name: rationals(values, f"{place}/input/{name}", self.budget, sizes[name]) for name, values in given.items()})

    def read_all(self, value: Json, place: str) -> list[Field]:
        return [self.read(item, f"{place}/{k}") for k, item in enumerate(items(value, place))]

    def read_words(self, value: Json, place: str, count: int) -> list[Word]:
        """Non-empty lists of field numbers, of length at most 8."""
        words = [integers(item, f"{place}/{k}", 0, count - 1) for k, item in enumerate(items(value, place))]
        if any(not 1 <= len(word) <= MAX_WORD for word in words):
            raise Malformed(f"{place}: expected words of length 1 to {MAX_WORD}")
        return words

    def leaves(self, field: Field, theta: Sequence[Any], system: System[Any]) -> dict[int, list[Any]]:
        """The values of parameters, inputs and covectors."""
        return {i: [theta[p] for p in indices] for i, indices in self._indices.items()} | self._data(field, system)

    def _data(self, field: Field, system: System[Any]) -> dict[int, list[Any]]:
        """The values of inputs and covectors."""
        out = {i: [system.rational(q) for q in field.input[node.names[0]]] for i, node in enumerate(self.model.nodes) if node.op == "input"}
        for k, i in enumerate(self._graph.covectors):
            out[i] = [system.rational(field.covector.get((k, e), 0)) for e in range(self._graph.nodes[i].size)]
        return out

    def exact(self, field: Field, theta: Sequence[Rational]) -> Exact:
        """The forward pass over Q, where its values are known to be rational."""
        system = Partial(self.budget, self.functions)
        return evaluate(self.model.nodes, self.leaves(field, theta, system), system)

    def gradient(self, field: Field, theta: Sequence[Any], system: System[Any]) -> list[Any]:
        """The vector X(θ), by parameter index."""
        return self._collect(evaluate(self._graph.nodes, self.leaves(field, theta, system), system), system)

    def gradients(self, chosen: Sequence[Field], theta: Sequence[Any], system: Callable[[Batch, int], System[Any]]) -> list[list[Any]]:
        """The vectors X(θ) of many fields, batch by batch; `system` gives the number system of a batch, from the number of its first field on."""
        nodes, out = self._graph.nodes, list[list[Any]]()
        step = most(nodes)
        for first in range(0, len(chosen), step):
            here = chosen[first : first + step]
            several = batch(nodes, len(here))
            numbers = system(several, first)
            data = [self._data(field, numbers) for field in here]
            leaves = {several.where[i]: [theta[p] for p in indices] for i, indices in self._indices.items()}
            leaves |= {several.where[i]: [v for d in data for v in d[i]] for i in data[0]}
            arrays = evaluate(several.nodes, leaves, numbers)
            slices = {bar: several.slices(arrays, bar) for bar, _ in self._where}
            out += [self._collect({bar: values[b] for bar, values in slices.items()}, numbers) for b in range(len(here))]
        return out

    def everywhere(self, unknown: Any, system: System[Any]) -> list[Any]:
        """The vector of all fields at all points at once: with `unknown` for every entry of a parameter, an input and a covector."""
        nodes = self._graph.nodes
        leaves = {i: [unknown] * node.size for i, node in enumerate(nodes) if node.op in (*LEAVES, "input", "covector")}
        return self._collect(evaluate(nodes, leaves, system), system)

    def _collect(self, arrays: Sequence[Sequence[Any]] | Mapping[int, Sequence[Any]], system: System[Any]) -> list[Any]:
        """The entries of the gradient by parameter index; 0 for a parameter that F does not use."""
        out = [system.rational(0)] * self.model.size
        for bar, indices in self._where:
            if self._straight[bar]:
                out[indices[0] : indices[0] + len(indices)] = arrays[bar]
            else:
                for p, value in zip(indices, arrays[bar], strict=True):
                    out[p] = value
        return out


class Brackets:
    """The vectors of words at one θ. `systems` gives for a field number the system in which it is evaluated there."""

    def __init__(self, fields: Fields, chosen: Sequence[Field], systems: Callable[[int], System[Any]]) -> None:
        self._fields, self._chosen, self._systems = fields, chosen, systems
        self._towers: dict[tuple[int, int], System[Any]] = {}

    def system(self, i: int, depth: int = 0) -> System[Any]:
        """The system of a field with `depth` infinitesimals."""
        if (i, depth) not in self._towers:
            self._towers[i, depth] = Duals(self.system(i, depth - 1)) if depth else self._systems(i)
        return self._towers[i, depth]

    def vector(self, word: Word, theta: Sequence[Any], depth: int = 0) -> list[Any]:
        """[X, Y] = DY·X − DX·Y, where DY·X is the coefficient of ε in Y(θ + ε·X(θ)); the recursion is as deep as the word is long."""
        system = self.system(word[0], depth)
        if len(word) == 1:
            return self._fields.gradient(self._chosen[word[0]], theta, system)
        x = self.vector(word[:1], theta, depth)
        y = self.vector(word[1:], list(zip(theta, x, strict=True)), depth + 1)
        back = self.vector(word[:1], [(t, v) for t, (v, _) in zip(theta, y, strict=True)], depth + 1)
        signs = system.rational(1), system.rational(-1)
        return [system.dot((dy, dx), signs) for (_, dy), (_, dx) in zip(y, back, strict=True)]
