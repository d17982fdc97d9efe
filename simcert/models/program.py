"""A network as a small straight-line program over arrays.

A `Program` lists its nodes in order of evaluation; each `Node` is one of nine operations on earlier nodes. The same
program is run in every number system (`simcert.exact`), differentiated by `gradient`, searched for symmetries
(`simcert.groups.axes`), and written into certificates (`docs/format.md`, section 2, is the contract).
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, cast

from simcert.errors import ResourceLimit, SpecError

Shape = tuple[int, ...]
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z")
RATIONAL = re.compile(r"-?(0|[1-9][0-9]*)(/[1-9][0-9]*)?\Z")
MAX_DIGITS = 4000
MAX_ORDER = 8
MAX_ENTRIES = 1 << 28
OPS = ("parameter", "stack", "input", "constant", "add", "contract", "gather", "scatter", "apply")


def size_of(shape: Shape) -> int:
    """Number of entries of an array of this shape."""
    return math.prod(shape)


def parse_rational(text: object, place: str = "") -> Fraction:
    """The rational that a canonical string such as `"-3"` or `"2/7"` denotes.

    Raises `SpecError` unless the string is in lowest terms with a positive denominator, `ResourceLimit` past 4,000 digits.

    >>> parse_rational("2/7")
    Fraction(2, 7)
    """
    if isinstance(text, bool) or not isinstance(text, str | int):
        raise SpecError(f"expected an exact rational, got {text!r}", place, 'write it as a string such as "2/7"')
    if isinstance(text, str) and len(text) > MAX_DIGITS:
        raise ResourceLimit(f"a rational of {len(text)} characters", place, f"the limit is {MAX_DIGITS}")
    if isinstance(text, int):
        return Fraction(text)
    if not RATIONAL.match(text):
        raise SpecError(f"{text!r} is not a rational", place, 'write it as "p/q" or "p" with integers p, q')
    value = Fraction(text)
    if str(value) != text:
        raise SpecError(f"{text!r} is not in lowest terms", place, f"write {str(value)!r}")
    return value


@dataclass(frozen=True, slots=True)
class Activation:
    """The definition of an activation: a class, a polynomial, a piecewise linear function, or a named function.

    Exactly one of the fields `cls`, `polynomial`, `piecewise`, `named` is set; `simcert.models.activations` tells what it means.
    """

    cls: str | None = None
    polynomial: tuple[Fraction, ...] | None = None
    piecewise: tuple[Fraction, Fraction] | None = None
    named: str | None = None

    def to_json(self) -> dict[str, Any]:
        if self.polynomial is not None:
            return {"polynomial": [str(c) for c in self.polynomial]}
        if self.piecewise is not None:
            return {"piecewise": [str(c) for c in self.piecewise]}
        return {"class": self.cls} if self.cls is not None else {"named": self.named}


@dataclass(frozen=True, slots=True)
class Node:
    """One operation. `args` are numbers of earlier nodes; which of the other fields are used depends on `op` (`docs/format.md`)."""

    op: str
    shape: Shape
    args: tuple[int, ...] = ()
    name: str = ""
    names: tuple[str, ...] = ()
    values: tuple[Fraction, ...] = ()
    spec: str = ""
    indices: tuple[int, ...] = ()
    activation: str = ""
    order: int = 0

    def to_json(self) -> dict[str, Any]:
        out: dict[str, Any] = {"op": self.op, "shape": list(self.shape)}
        if self.op in ("parameter", "input"):
            out["name"] = self.name
        elif self.op == "stack":
            out["names"] = list(self.names)
        elif self.op == "constant":
            out["values"] = [str(v) for v in self.values]
        else:
            out["args"] = list(self.args)
        if self.op == "contract":
            out["spec"] = self.spec
        elif self.op in ("gather", "scatter"):
            out["indices"] = list(self.indices)
        elif self.op == "apply":
            out["activation"], out["order"] = self.activation, self.order
        return out


def split_spec(spec: str) -> tuple[list[str], str]:
    """`"ij,j->i"` as `(["ij", "j"], "i")`."""
    left, _, right = spec.partition("->")
    return left.split(","), right


@dataclass(frozen=True, slots=True)
class Program:
    """A model F(θ)(x): parameters, inputs, nodes, outputs and the activations that the nodes name.

    Arguments: `parameters`, `inputs`: (name, shape) in order; `outputs`: distinct node numbers. Raises `SpecError` on any
    inconsistency: unknown names, wrong shapes, forward references, a parameter or an input that is not used exactly once.
    """

    parameters: tuple[tuple[str, Shape], ...]
    inputs: tuple[tuple[str, Shape], ...]
    nodes: tuple[Node, ...]
    outputs: tuple[int, ...]
    activations: dict[str, Activation]
    title: str = field(default="", compare=False)
    family: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        check(self)

    @property
    def size(self) -> int:
        """M, the number of scalar parameters."""
        return sum(size_of(shape) for _, shape in self.parameters)

    def offsets(self) -> dict[str, tuple[int, Shape]]:
        """For every parameter its first parameter index and its shape."""
        out: dict[str, tuple[int, Shape]] = {}
        start = 0
        for name, shape in self.parameters:
            out[name] = (start, shape)
            start += size_of(shape)
        return out

    def parameter_name(self, index: int) -> str:
        """The entry with this parameter index as a person writes it: `W1[0,1]`."""
        for name, (start, shape) in self.offsets().items():
            if start <= index < start + size_of(shape):
                rest, where = index - start, []
                for n in reversed(shape):
                    rest, k = divmod(rest, n)
                    where.append(str(k))
                return f"{name}[{','.join(reversed(where))}]" if shape else name
        raise SpecError(f"there is no parameter number {index}", self.title)

    def point(self, **arrays: Any) -> dict[str, list[Fraction]]:
        """A point of parameter space from nested lists of exact numbers, one for each parameter, as flat lists by name.

        Raises `SpecError` for missing or unknown parameters and wrong shapes, `InexactInputError` for floats.
        """
        from simcert.models.points import program_point

        return program_point(self, **arrays)

    def to_json(self) -> dict[str, Any]:
        """The model part of a certificate."""
        return {
            "activations": {k: a.to_json() for k, a in self.activations.items()},
            "inputs": [{"name": n, "shape": list(s)} for n, s in self.inputs],
            "nodes": [node.to_json() for node in self.nodes],
            "outputs": list(self.outputs),
            "parameters": [{"name": n, "shape": list(s)} for n, s in self.parameters],
        }


def _fail(fact: str, i: int, remedy: str = "") -> SpecError:
    return SpecError(fact, f"/nodes/{i}", remedy)


def _check_contract(node: Node, shapes: list[Shape], i: int) -> None:
    terms, out = split_spec(node.spec)
    if not re.match(r"[a-z]*(,[a-z]*)?->[a-z]*\Z", node.spec) or len(terms) != len(node.args):
        raise _fail(f"contract spec {node.spec!r} does not fit {len(node.args)} arguments", i, 'write for example "ij,j->i"')
    sizes: dict[str, int] = {}
    for term, shape in [*zip(terms, shapes, strict=True), (out, node.shape)]:
        if len(set(term)) != len(term):
            raise _fail(f"letter repeated in the term {term!r} of {node.spec!r}", i)
        if len(term) != len(shape):
            raise _fail(f"term {term!r} of {node.spec!r} has {len(term)} letters for an array of shape {shape}", i)
        for letter, n in zip(term, shape, strict=True):
            if sizes.setdefault(letter, n) != n:
                raise _fail(f"letter {letter!r} of {node.spec!r} has sizes {sizes[letter]} and {n}", i)


def _check_node(p: Program, i: int, node: Node) -> None:
    if node.op not in OPS:
        raise _fail(f"unknown op {node.op!r}", i, f"the ops are {', '.join(OPS)}")
    if any(n < 1 for n in node.shape) or size_of(node.shape) > MAX_ENTRIES:
        raise _fail(f"shape {node.shape} is not a list of positive integers of at most {MAX_ENTRIES} entries", i)
    if any(not 0 <= a < i for a in node.args):
        raise _fail(f"arguments {node.args} are not all earlier nodes", i, "order the nodes so that no node depends on itself or a later one")
    shapes = [p.nodes[a].shape for a in node.args]
    want = {"add": range(2, 1 << 20), "contract": (1, 2), "gather": (1,), "scatter": (1,), "apply": (1,)}.get(node.op, (0,))
    if len(shapes) not in want:
        raise _fail(f"{node.op} has {len(shapes)} arguments", i)
    if node.op in ("add", "apply") and any(s != node.shape for s in shapes):
        raise _fail(f"{node.op} of arrays of shapes {shapes} cannot have shape {node.shape}", i)
    if node.op == "apply":
        if node.activation not in p.activations:
            raise _fail(f"unknown activation {node.activation!r}", i)
        if not 0 <= node.order <= MAX_ORDER:
            raise _fail(f"derivative order {node.order} is not in 0..{MAX_ORDER}", i)
    if node.op == "contract":
        _check_contract(node, shapes, i)
    if node.op == "constant" and len(node.values) != size_of(node.shape):
        raise _fail(f"{len(node.values)} values for shape {node.shape}", i)
    if node.op == "gather" and (len(node.indices) != size_of(node.shape) or any(not -1 <= k < size_of(shapes[0]) for k in node.indices)):
        raise _fail("gather indices do not fit the shapes", i)
    if node.op == "scatter" and (len(node.indices) != size_of(shapes[0]) or any(not -1 <= k < size_of(node.shape) for k in node.indices)):
        raise _fail("scatter indices do not fit the shapes", i)


def check(p: Program) -> None:
    """Raise `SpecError` unless the program is well formed."""
    for kind, declared in (("parameter", p.parameters), ("input", p.inputs)):
        used: dict[str, Shape] = {}
        for i, node in enumerate(p.nodes):
            of = [(node.name, node.shape)] if node.op == kind else []
            if kind == "parameter" and node.op == "stack":
                if not node.names or node.shape[:1] != (len(node.names),):
                    raise _fail(f"stack of {len(node.names)} parameters cannot have shape {node.shape}", i)
                of = [(name, node.shape[1:]) for name in node.names]
            for name, shape in of:
                if name in used:
                    raise _fail(f"{kind} {name} is used by two nodes", i, "refer to the first node instead")
                used[name] = shape
        if len(dict(declared)) != len(declared) or any(not NAME.match(n) for n, _ in declared):
            raise SpecError(f"{kind} names must be distinct and of letters, digits and _: {[n for n, _ in declared]}")
        if used != dict(declared):
            names = sorted(k for k in {**used, **dict(declared)} if used.get(k) != dict(declared).get(k))
            raise SpecError(f"the {kind}s declared and those used by the nodes differ", ", ".join(names))
    for i, node in enumerate(p.nodes):
        _check_node(p, i, node)
    if not p.outputs or len(set(p.outputs)) != len(p.outputs) or any(not 0 <= o < len(p.nodes) for o in p.outputs):
        raise SpecError("outputs must be a non-empty list of distinct node numbers", "/outputs")
    if any(not NAME.match(name) for name in p.activations):
        raise SpecError("activation names must be of letters, digits and _", "/activations")
    if not p.parameters:
        raise SpecError("a model needs at least one parameter", "/parameters")


@dataclass(frozen=True, slots=True)
class Gradient:
    """The reverse-mode gradient of a program, as nodes appended to it.

    `nodes` starts with the program's own nodes. `covectors[k]` is the number of an `input` node named `v<k>` of the shape of output k: the
    gradient is that of Σ_k ⟨v_k, output_k⟩. `leaves` maps each `parameter` or `stack` node to the node that holds its gradient, or to None
    where the gradient is identically 0.
    """

    program: Program
    nodes: tuple[Node, ...]
    covectors: tuple[int, ...]
    leaves: dict[int, int | None]


def gradient(p: Program) -> Gradient:
    """The gradient of `p` with respect to all parameters as a program in the same ops.

    Each op has one adjoint rule, and the adjoints are the same nine ops: contract ↔ contract, gather ↔ scatter, apply ↦ apply of order + 1.
    """
    nodes = list(p.nodes)
    depends = [node.op in ("parameter", "stack") for node in nodes]
    for i, node in enumerate(nodes):
        depends[i] = depends[i] or any(depends[a] for a in node.args)

    def emit(node: Node) -> int:
        nodes.append(node)
        return len(nodes) - 1

    contributions: dict[int, list[int]] = {}
    covectors = []
    for k, out in enumerate(p.outputs):
        covectors.append(emit(Node("input", nodes[out].shape, name=f"v{k}")))
        contributions.setdefault(out, []).append(covectors[-1])
    leaves: dict[int, int | None] = {i: None for i, n in enumerate(p.nodes) if n.op in ("parameter", "stack")}
    for i in reversed(range(len(p.nodes))):
        parts = contributions.pop(i, [])
        if not parts or not depends[i]:
            continue
        node = p.nodes[i]
        bar = parts[0] if len(parts) == 1 else emit(Node("add", node.shape, tuple(parts)))
        if i in leaves:
            leaves[i] = bar
            continue
        for position, a in enumerate(node.args):
            if depends[a]:
                contributions.setdefault(a, []).append(_adjoint(p, node, position, bar, emit))
    return Gradient(p, tuple(nodes), tuple(covectors), leaves)


def _adjoint(p: Program, node: Node, position: int, bar: int, emit: Any) -> int:
    """Emit the contribution of `node` (with adjoint `bar`) to the adjoint of its argument number `position`."""
    a = node.args[position]
    shape = p.nodes[a].shape
    if node.op == "add":
        return bar
    if node.op == "gather":
        return emit(Node("scatter", shape, (bar,), indices=node.indices))
    if node.op == "scatter":
        return emit(Node("gather", shape, (bar,), indices=node.indices))
    if node.op == "apply":
        slope = emit(Node("apply", shape, (a,), activation=node.activation, order=node.order + 1))
        letters = "abcdefghijklmnopqrstuvwxyz"[: len(shape)]
        return emit(Node("contract", shape, (bar, slope), spec=f"{letters},{letters}->{letters}"))
    terms, out = split_spec(node.spec)
    if len(terms) == 1:
        return emit(Node("contract", shape, (bar,), spec=f"{out}->{terms[0]}"))
    other = 1 - position
    return emit(Node("contract", shape, (bar, node.args[other]), spec=f"{out},{terms[other]}->{terms[position]}"))


_KEYS = {
    "parameter": {"name"}, "input": {"name"}, "stack": {"names"}, "constant": {"values"}, "add": {"args"},
    "contract": {"args", "spec"}, "gather": {"args", "indices"}, "scatter": {"args", "indices"}, "apply": {"args", "activation", "order"},
}  # fmt: skip


def _object(value: object, keys: set[str], place: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise SpecError("expected an object", place)
    found = set(cast(dict[str, Any], value))
    if found != keys:
        raise SpecError(f"unknown keys {sorted(found - keys)}, missing keys {sorted(keys - found)}", place)
    return cast(dict[str, Any], value)


def _integers(value: object, place: str) -> tuple[int, ...]:
    items: Sequence[object] = cast(list[object], value) if isinstance(value, list) else [None]
    if any(isinstance(k, bool) or not isinstance(k, int) for k in items):
        raise SpecError("expected a list of integers", place)
    return tuple(cast(Sequence[int], items))


def _strings(value: object, place: str) -> tuple[str, ...]:
    items: Sequence[object] = cast(list[object], value) if isinstance(value, list) else [None]
    if any(not isinstance(k, str) for k in items):
        raise SpecError("expected a list of strings", place)
    return tuple(cast(Sequence[str], items))


def activation_from_json(value: object, place: str = "") -> Activation:
    """The activation definition of a model file; raises `SpecError` with the place where it is wrong."""
    if not isinstance(value, dict) or len(cast(dict[str, Any], value)) != 1:
        raise SpecError("an activation is an object with one key: class, polynomial, piecewise or named", place)
    ((key, body),) = cast(dict[str, Any], value).items()
    if key in ("polynomial", "piecewise"):
        numbers = tuple(parse_rational(c, f"{place}/{key}/{k}") for k, c in enumerate(_strings(body, f"{place}/{key}")))
        if key == "piecewise":
            if len(numbers) != 2:
                raise SpecError("piecewise needs two slopes", f"{place}/piecewise")
            return Activation(piecewise=(numbers[0], numbers[1]))
        if not numbers or (numbers[-1] == 0 and len(numbers) > 1):
            raise SpecError("a polynomial needs coefficients, and no trailing zero", f"{place}/polynomial")
        return Activation(polynomial=numbers)
    if key not in ("class", "named") or not isinstance(body, str):
        raise SpecError(f"unknown activation definition {key!r}", place)
    return Activation(cls=body) if key == "class" else Activation(named=body)


def _node_from_json(value: object, place: str) -> Node:
    op = cast(dict[str, Any], value).get("op") if isinstance(value, dict) else None
    if not isinstance(op, str) or op not in _KEYS:
        raise SpecError(f"unknown op {op!r}", place, f"the ops are {', '.join(OPS)}")
    d = _object(value, _KEYS[op] | {"op", "shape"}, place)
    for key in ("name", "spec", "activation"):
        if key in d and not isinstance(d[key], str):
            raise SpecError("expected a string", f"{place}/{key}")
    order = d.get("order", 0)
    if isinstance(order, bool) or not isinstance(order, int):
        raise SpecError("expected an integer", f"{place}/order")
    return Node(
        op, _integers(d["shape"], f"{place}/shape"),
        args=_integers(d.get("args", []), f"{place}/args"), name=d.get("name", ""), names=_strings(d.get("names", []), f"{place}/names"),
        values=tuple(parse_rational(v, f"{place}/values/{k}") for k, v in enumerate(_strings(d.get("values", []), f"{place}/values"))),
        spec=d.get("spec", ""), indices=_integers(d.get("indices", []), f"{place}/indices"), activation=d.get("activation", ""), order=order,
    )  # fmt: skip


def from_json(value: object, title: str = "", family: str = "") -> Program:
    """The program that a model object denotes; strict: unknown or missing keys, wrong types and shapes raise `SpecError`."""
    d = _object(value, {"activations", "inputs", "nodes", "outputs", "parameters"}, "/")

    def declared(key: str) -> tuple[tuple[str, Shape], ...]:
        out: list[tuple[str, Shape]] = []
        for k, item in enumerate(d[key] if isinstance(d[key], list) else [None]):
            entry = _object(item, {"name", "shape"}, f"/{key}/{k}")
            if not isinstance(entry["name"], str):
                raise SpecError("expected a string", f"/{key}/{k}/name")
            out.append((entry["name"], _integers(entry["shape"], f"/{key}/{k}/shape")))
        return tuple(out)

    if not isinstance(d["activations"], dict) or not isinstance(d["nodes"], list):
        raise SpecError("activations must be an object and nodes a list", "/")
    return Program(
        declared("parameters"), declared("inputs"),
        tuple(_node_from_json(n, f"/nodes/{i}") for i, n in enumerate(cast(list[object], d["nodes"]))),
        _integers(d["outputs"], "/outputs"),
        {k: activation_from_json(a, f"/activations/{k}") for k, a in cast(dict[str, object], d["activations"]).items()},
        title, family,
    )  # fmt: skip
