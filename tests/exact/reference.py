"""A slow evaluator of programs over any numbers with + and ·, written from docs/format.md without the code under test, and random programs.

With `Dual` numbers it differentiates in forward mode, so that it is an independent oracle for gradients.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import prod
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from simcert.models.program import Activation, Node, Program

PRIME = 2147483629
P31 = 2147483647


def examples(count: int) -> Any:
    """Settings of a property test: the same `count` examples in every run."""
    return settings(max_examples=count, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))


@dataclass(frozen=True)
class Dual:
    """value + ε·slope with ε² = 0."""

    value: Any
    slope: Any

    def __add__(self, other: Dual) -> Dual:
        return Dual(self.value + other.value, self.slope + other.slope)

    def __mul__(self, other: Dual) -> Dual:
        return Dual(self.value * other.value, self.value * other.slope + self.slope * other.value)


def derived(coefficients: Sequence[Fraction], order: int) -> list[Fraction]:
    """The coefficients of the derivative of this order."""
    out = []
    for k in range(order, len(coefficients)):
        factor = 1
        for j in range(order):
            factor *= k - j
        out.append(coefficients[k] * factor)
    return out


def horner(coefficients: Sequence[Any], z: Any, zero: Any) -> Any:
    total = zero
    for c in reversed(coefficients):
        total = total * z + c
    return total


def run(nodes: Sequence[Node], leaves: Mapping[str, Sequence[Any]], apply: Callable[[Node, Any], Any], number: Callable[[Fraction], Any]) -> list[list[Any]]:
    """The flat values of all nodes; `leaves` are flat lists by name."""
    values: list[list[Any]] = []
    for node in nodes:
        args = [values[a] for a in node.args]
        shapes = [nodes[a].shape for a in node.args]
        size = prod(node.shape)
        if node.op in ("parameter", "input"):
            out = list(leaves[node.name])
        elif node.op == "stack":
            out = [v for name in node.names for v in leaves[name]]
        elif node.op == "constant":
            out = [number(v) for v in node.values]
        elif node.op == "add":
            out = args[0]
            for other in args[1:]:
                out = [a + b for a, b in zip(out, other, strict=True)]
        elif node.op == "contract":
            out = contract(node.spec, args, shapes, node.shape, number(Fraction(0)))
        elif node.op == "gather":
            out = [args[0][k] if k >= 0 else number(Fraction(0)) for k in node.indices]
        elif node.op == "scatter":
            out = [number(Fraction(0)) for _ in range(size)]
            for k, v in zip(node.indices, args[0], strict=True):
                if k >= 0:
                    out[k] = out[k] + v
        else:
            out = [apply(node, z) for z in args[0]]
        assert len(out) == size
        values.append(out)
    return values


def contract(spec: str, args: Sequence[Sequence[Any]], shapes: Sequence[tuple[int, ...]], shape: tuple[int, ...], zero: Any) -> list[Any]:
    """An einsum by its definition."""
    left, out = spec.split("->")
    terms = left.split(",")
    sizes = dict(zip("".join(terms) + out, [n for s in (*shapes, shape) for n in s], strict=True))
    letters = sorted(sizes)

    def flat(term: str, at: Mapping[str, int]) -> int:
        index = 0
        for letter in term:
            index = index * sizes[letter] + at[letter]
        return index

    total = [zero] * prod(shape)
    for where in product(*(range(sizes[letter]) for letter in letters)):
        at = dict(zip(letters, where, strict=True))
        value = args[0][flat(terms[0], at)]
        if len(args) == 2:
            value = value * args[1][flat(terms[1], at)]
        total[flat(out, at)] = total[flat(out, at)] + value
    return total


def fraction_apply(definitions: Mapping[str, Activation]) -> Callable[[Node, Any], Any]:
    """Polynomials, piecewise linear functions and the reciprocal on `Fraction`, and on `Dual` with one more order for the slope."""

    def value(definition: Activation, order: int, z: Fraction) -> Fraction:
        if definition.polynomial is not None:
            return horner(derived(definition.polynomial, order), z, Fraction(0))
        if definition.piecewise is not None:
            slope = definition.piecewise[z > 0]
            assert z != 0
            return slope * z if order == 0 else slope if order == 1 else Fraction(0)
        assert definition.named == "reciprocal"
        out = 1 / z
        for k in range(order):
            out = out / z * -(k + 1)
        return out

    def apply(node: Node, z: Any) -> Any:
        definition = definitions[node.activation]
        if isinstance(z, Dual):
            return Dual(value(definition, node.order, z.value), value(definition, node.order + 1, z.value) * z.slope)
        return value(definition, node.order, z)

    return apply


def directional(
    program: Program, theta: Sequence[Any], direction: Sequence[Any], x: Mapping[str, Sequence[Any]], definitions: Mapping[str, Activation]
) -> list[list[Any]]:
    """The directional derivative of every output at θ, by forward differentiation."""
    leaves: dict[str, list[Any]] = {name: [Dual(v, Fraction(0)) for v in values] for name, values in x.items()}
    for name, (start, shape) in program.offsets().items():
        leaves[name] = [Dual(theta[k], direction[k]) for k in range(start, start + prod(shape))]
    values = run(program.nodes, leaves, fraction_apply(definitions), lambda q: Dual(q, Fraction(0)))
    return [[v.slope for v in values[out]] for out in program.outputs]


def residue(q: Fraction, p: int = PRIME) -> int:
    return q.numerator * pow(q.denominator, -1, p) % p


SMALL = st.integers(-4, 4).map(Fraction)
RATIONAL = st.builds(Fraction, st.integers(-6, 6), st.integers(1, 4))


@st.composite
def specs(draw: st.DrawFn, shapes: Sequence[tuple[int, ...]]) -> tuple[str, tuple[int, ...]]:
    """A contract spec for arguments of these shapes, and the shape of the result."""
    sizes: dict[str, int] = {}
    terms: list[str] = []
    for shape in shapes:
        term = ""
        for n in shape:
            old = [letter for letter in sizes if sizes[letter] == n and letter not in term]
            letter = draw(st.sampled_from([*old, ""]))
            if not letter:
                letter = "abcdefghij"[len(sizes)]
                sizes[letter] = n
            term += letter
        terms.append(term)
    out = draw(st.permutations(sorted(sizes)))
    out = out[: draw(st.integers(0, min(len(out), 3)))]
    if draw(st.booleans()) and len(out) < 3:
        sizes["z"] = draw(st.integers(1, 2))
        out.insert(draw(st.integers(0, len(out))), "z")
    return ",".join(terms) + "->" + "".join(out), tuple(sizes[letter] for letter in out)


@st.composite
def programs(draw: st.DrawFn, activations: Mapping[str, Activation], least: int = 2, most: int = 6) -> Program:
    """A random program of every kind of op; the last node is the output."""
    side = st.integers(1, 3)
    shapes = st.lists(side, min_size=0, max_size=2).map(tuple)
    nodes: list[Node] = []
    parameters: list[tuple[str, tuple[int, ...]]] = []
    for k in range(draw(st.integers(1, 2))):
        shape = draw(shapes)
        parameters.append((f"W{k}", shape))
        nodes.append(Node("parameter", shape, name=f"W{k}"))
    if draw(st.booleans()):
        shape = draw(shapes)
        parameters += [("S0", shape), ("S1", shape)]
        nodes.append(Node("stack", (2, *shape), names=("S0", "S1")))
    shape = draw(shapes)
    inputs = (("x", shape),)
    nodes.append(Node("input", shape, name="x"))
    for _ in range(draw(st.integers(least, most))):
        i = draw(st.integers(0, len(nodes) - 1))
        shape = nodes[i].shape
        op = draw(st.sampled_from(["add", "contract", "contract", "gather", "scatter", "apply", "apply", "constant"]))
        if op == "add":
            same = [j for j, node in enumerate(nodes) if node.shape == shape]
            nodes.append(Node("add", shape, tuple(draw(st.lists(st.sampled_from(same), min_size=2, max_size=3)))))
        elif op == "contract":
            args = (i,) if draw(st.booleans()) else (i, draw(st.integers(0, len(nodes) - 1)))
            spec, out = draw(specs([nodes[a].shape for a in args]))
            nodes.append(Node("contract", out, args, spec=spec))
        elif op == "gather":
            out = draw(shapes)
            indices = tuple(draw(st.integers(-1, prod(shape) - 1)) for _ in range(prod(out)))
            nodes.append(Node("gather", out, (i,), indices=indices))
        elif op == "scatter":
            out = draw(shapes)
            indices = tuple(draw(st.integers(-1, prod(out) - 1)) for _ in range(prod(shape)))
            nodes.append(Node("scatter", out, (i,), indices=indices))
        elif op == "apply":
            nodes.append(Node("apply", shape, (i,), activation=draw(st.sampled_from(sorted(activations))), order=draw(st.sampled_from([0, 0, 1, 2]))))
        else:
            nodes.append(Node("constant", shape, values=tuple(draw(RATIONAL) for _ in range(prod(shape)))))
    return Program(tuple(parameters), inputs, tuple(nodes), (len(nodes) - 1,), dict(activations))


@st.composite
def leaves_of(draw: st.DrawFn, program: Program, numbers: Any = RATIONAL) -> dict[str, list[Fraction]]:
    """Flat rational values for the parameters and inputs of a program."""
    return {name: [draw(numbers) for _ in range(prod(shape))] for name, shape in (*program.parameters, *program.inputs)}
