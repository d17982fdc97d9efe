"""The model: a straight-line program over arrays, read strictly, and its reverse-mode gradient in the same operations."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from math import prod

from .canonical import Json, Rational, fields, integer, integers, items, mapping, name, rationals, show, string
from .functions import CLASSES, NAMED, PARTIAL, close, polynomial_facts
from .outcome import Budget, Limit, Malformed

Shape = tuple[int, ...]
MAX_ORDER = 8
_SPEC = re.compile(r"[a-z]*(,[a-z]*)?->[a-z]*")
_KEYS = {
    "parameter": ("name",),
    "stack": ("names",),
    "input": ("name",),
    "constant": ("values",),
    "add": ("args",),
    "contract": ("args", "spec"),
    "gather": ("args", "indices"),
    "scatter": ("args", "indices"),
    "apply": ("args", "activation", "order"),
}
LEAVES = ("parameter", "stack")


@dataclass(frozen=True, slots=True)
class Node:
    """One operation. `terms` and `out` are the letters of a contraction; `names` the parameters, the input, or the activation."""

    op: str
    shape: Shape
    args: tuple[int, ...] = ()
    names: tuple[str, ...] = ()
    values: tuple[Rational, ...] = ()
    terms: tuple[str, ...] = ()
    out: str = ""
    indices: tuple[int, ...] = ()
    order: int = 0

    @property
    def size(self) -> int:
        return prod(self.shape)


@dataclass(frozen=True, slots=True)
class Activation:
    """A definition: `kind` is class, polynomial, piecewise or named; `facts` are closed under implication."""

    kind: str
    name: str
    numbers: tuple[Rational, ...]
    facts: frozenset[str]

    @property
    def partial(self) -> bool:
        return self.kind == "named" and self.name in PARTIAL

    def close(self, facts: frozenset[str]) -> frozenset[str]:
        """What follows from some facts for a function of this definition."""
        return close(facts, self.kind == "piecewise", self.partial)


@dataclass(frozen=True, slots=True)
class Model:
    """F(θ)(x). `parameters` gives the first parameter index and the shape of each; `size` is M."""

    parameters: dict[str, tuple[int, Shape]]
    inputs: dict[str, Shape]
    nodes: tuple[Node, ...]
    outputs: tuple[int, ...]
    activations: dict[str, Activation]
    size: int

    def indices(self, node: Node) -> list[int]:
        """The parameter index of every entry of a `parameter` or `stack` node."""
        starts = [self.parameters[n] for n in node.names]
        return [start + k for start, shape in starts for k in range(prod(shape))]


def _activation(value: Json, place: str, budget: Budget) -> Activation:
    if not isinstance(value, dict) or len(value) != 1:
        raise Malformed(f"{place}: expected an object with one key")
    ((kind, body),) = value.items()
    if kind in ("class", "named"):
        table = CLASSES if kind == "class" else NAMED
        word = string(body, place)
        if word not in table:
            raise Malformed(f"{place}: unknown activation {show(word)}")
        return Activation(kind, word, (), close(table[word], partial=word in PARTIAL))
    if kind == "polynomial":
        c = rationals(body, place, budget)
        if not c or (len(c) > 1 and c[-1] == 0):
            raise Malformed(f"{place}: a polynomial has coefficients and no trailing zero")
        return Activation(kind, "", tuple(c), polynomial_facts(c))
    if kind == "piecewise":
        s, t = rationals(body, place, budget, 2)
        facts = ({"odd"} if s == t else set[str]()) | ({"even"} if s == -t else set[str]()) | {"zero"}
        return Activation(kind, "", (s, t), close(frozenset(facts), piecewise=True))
    raise Malformed(f"{place}: unknown definition {show(kind)}")


def _declared(value: Json, place: str) -> dict[str, Shape]:
    out: dict[str, Shape] = {}
    for k, item in enumerate(items(value, place)):
        entry = fields(item, f"{place}/{k}", "name", "shape")
        word = name(entry["name"], f"{place}/{k}/name")
        if word in out:
            raise Malformed(f"{place}/{k}: the name {word} occurs twice")
        out[word] = integers(entry["shape"], f"{place}/{k}/shape", 1)
    return out


def _node(value: Json, place: str, budget: Budget) -> Node:
    op = value.get("op") if isinstance(value, dict) else None
    if not isinstance(op, str) or op not in _KEYS:
        raise Malformed(f"{place}: unknown op {show(op)}")
    d = fields(value, place, "op", "shape", *_KEYS[op])
    names = [d[key] for key in ("name", "activation") if key in d] + items(d.get("names", []), f"{place}/names")
    spec = string(d.get("spec", "->"), f"{place}/spec")
    if not _SPEC.fullmatch(spec):
        raise Malformed(f"{place}/spec: {show(spec)} is not a contraction")
    left, _, out = spec.partition("->")
    node = Node(
        op,
        integers(d["shape"], f"{place}/shape", 1),
        integers(d.get("args", []), f"{place}/args", 0),
        tuple(name(n, f"{place}/name") for n in names),
        tuple(rationals(d.get("values", []), f"{place}/values", budget)),
        tuple(left.split(",")) if "spec" in d else (),
        out,
        integers(d.get("indices", []), f"{place}/indices", -1),
        integer(d.get("order", 0), f"{place}/order", 0, MAX_ORDER),
    )
    if node.size > budget.limits.max_entries:
        raise Limit(f"{place}: an array of {node.size} entries, the limit is {budget.limits.max_entries}")
    return node


def _check_node(node: Node, args: list[Node], place: str, activations: dict[str, Activation]) -> None:
    """Raise `Malformed` unless number and shapes of the arguments and the lengths of the lists fit."""
    shapes = [a.shape for a in args]
    if node.op == "constant" and len(node.values) != node.size:
        raise Malformed(f"{place}: {len(node.values)} values for {node.size} entries")
    if node.op == "add" and (len(args) < 2 or any(s != node.shape for s in shapes)):
        raise Malformed(f"{place}: add needs at least two arguments of its own shape")
    if node.op in ("apply", "gather", "scatter") and len(args) != 1:
        raise Malformed(f"{place}: {node.op} has one argument")
    if node.op == "apply" and (shapes[0] != node.shape or node.names[0] not in activations):
        raise Malformed(f"{place}: unknown activation, or an argument of another shape")
    if node.op in ("gather", "scatter"):
        length, bound = (node.size, args[0].size) if node.op == "gather" else (args[0].size, node.size)
        if len(node.indices) != length or any(k >= bound for k in node.indices):
            raise Malformed(f"{place}: the indices do not fit the shapes")
    if node.op == "contract":
        sizes: dict[str, int] = {}
        if len(node.terms) != len(args):
            raise Malformed(f"{place}: the spec is not for {len(args)} arguments")
        for term, shape in zip((*node.terms, node.out), (*shapes, node.shape), strict=True):
            fits = len(term) == len(shape) and len(set(term)) == len(term)
            if not fits or any(sizes.setdefault(letter, n) != n for letter, n in zip(term, shape, strict=True)):
                raise Malformed(f"{place}: the letters {term!r} do not fit the shape {list(shape)}")


def read_model(value: Json, budget: Budget, at: str = "/model") -> Model:
    """The model that a JSON object denotes; raises `Malformed` or `Limit` with the place that is wrong, below `at`."""
    d = fields(value, at, "activations", "inputs", "nodes", "outputs", "parameters")
    activations = {n: _activation(a, f"{at}/activations/{n}", budget) for n, a in mapping(d["activations"], f"{at}/activations").items()}
    inputs, shapes = _declared(d["inputs"], f"{at}/inputs"), _declared(d["parameters"], f"{at}/parameters")
    if len(items(d["nodes"], f"{at}/nodes")) > budget.limits.max_nodes:
        raise Limit(f"more than {budget.limits.max_nodes} nodes")
    nodes: list[Node] = []
    used: dict[str, dict[str, Shape]] = {"parameter": {}, "input": {}}
    for i, item in enumerate(items(d["nodes"], f"{at}/nodes")):
        place = f"{at}/nodes/{i}"
        budget.tick()
        node = _node(item, place, budget)
        if any(a >= i for a in node.args):
            raise Malformed(f"{place}: an argument is not an earlier node")
        _check_node(node, [nodes[a] for a in node.args], place, activations)
        if node.op == "stack" and node.shape[:1] != (len(node.names),):
            raise Malformed(f"{place}: {len(node.names)} names do not fit the shape")
        if node.op in (*LEAVES, "input"):
            where = used["input" if node.op == "input" else "parameter"]
            for word in node.names:
                if word in where:
                    raise Malformed(f"{place}: {word} is used by two nodes")
                where[word] = node.shape[1:] if node.op == "stack" else node.shape
        nodes.append(node)
    if used != {"parameter": shapes, "input": inputs}:
        raise Malformed(f"{at}: the parameters or inputs declared are not those that the nodes use")
    outputs = integers(d["outputs"], f"{at}/outputs", 0, len(nodes) - 1)
    if not outputs or len(set(outputs)) != len(outputs):
        raise Malformed(f"{at}/outputs: expected distinct nodes, at least one")
    if sum(node.size for node in nodes) > budget.limits.max_entries:
        raise Limit(f"the arrays of the model have more than {budget.limits.max_entries} entries")
    start, parameters = 0, dict[str, tuple[int, Shape]]()
    for word, shape in shapes.items():
        parameters[word] = (start, shape)
        start += prod(shape)
    return Model(parameters, inputs, tuple(nodes), outputs, activations, start)


@dataclass(frozen=True, slots=True)
class Gradient:
    """The model's nodes, followed by those of the gradient of Σ_k ⟨v_k, output_k⟩.

    `covectors[k]` is the number of the node that stands for v_k; `leaves` maps a `parameter` or `stack` node to the node that holds its gradient. A leaf that
    is not mentioned has gradient 0.
    """

    nodes: tuple[Node, ...]
    covectors: tuple[int, ...]
    leaves: dict[int, int]


def _adjoint(node: Node, position: int, arg: Node, bar: int, emit: Callable[[Node], int]) -> int:
    """The contribution of a node with adjoint `bar` to the adjoint of its argument number `position`."""
    if node.op == "add":
        return bar
    if node.op in ("gather", "scatter"):
        return emit(Node("scatter" if node.op == "gather" else "gather", arg.shape, (bar,), indices=node.indices))
    if node.op == "apply":
        slope = emit(Node("apply", node.shape, node.args, node.names, order=node.order + 1))
        return emit(Node("product", node.shape, (bar, slope)))
    others = [k for k in range(len(node.args)) if k != position]
    args, terms = (bar, *(node.args[k] for k in others)), (node.out, *(node.terms[k] for k in others))
    return emit(Node("contract", arg.shape, args, terms=terms, out=node.terms[position]))


def gradient(model: Model) -> Gradient:
    """Reverse mode: every operation's adjoint is again one of the operations, or the entrywise `product`."""
    nodes = list(model.nodes)
    depends: list[bool] = []
    for node in nodes:
        depends.append(node.op in LEAVES or any(depends[a] for a in node.args))

    def emit(node: Node) -> int:
        nodes.append(node)
        return len(nodes) - 1

    covectors = tuple(emit(Node("covector", nodes[out].shape)) for out in model.outputs)
    parts: dict[int, list[int]] = {out: [v] for out, v in zip(model.outputs, covectors, strict=True)}
    leaves: dict[int, int] = {}
    for i in reversed(range(len(model.nodes))):
        node = model.nodes[i]
        if i not in parts or not depends[i]:
            continue
        bar = parts[i][0] if len(parts[i]) == 1 else emit(Node("add", node.shape, tuple(parts[i])))
        if node.op in LEAVES:
            leaves[i] = bar
        for position, a in enumerate(node.args):
            if depends[a]:
                parts.setdefault(a, []).append(_adjoint(node, position, model.nodes[a], bar, emit))
    return Gradient(tuple(nodes), covectors, leaves)
