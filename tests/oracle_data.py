"""Is a claim about data with a symmetry true? From docs/format.md, section 11, alone, with the numbers of `tests.oracle`.

Besides the parts of the claim, its point is asked for directly: the gradient of the risk of a loss with the symmetry is tangent to the subspace.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from tests.oracle import (
    PRIME,
    TINY,
    Function,
    Json,
    Number,
    Pair,
    Ring,
    UndefinedError,
    flat,
    function,
    inputs_of,
    is_fixed_space,
    named,
    point_of,
    ring_for,
    run,
    sizes,
)
from tests.oracle import moved as moved_parameters


def transformed(shape: Sequence[int], values: Sequence[Number], actions: Sequence[Json | None], read: Callable[[Any], Number]) -> list[Number]:
    """An array under actions on its axes."""
    for axis, action in enumerate(actions):
        if action is None:
            continue
        old = dict(zip(flat(shape), values, strict=True))
        out: list[Number] = []
        for index in flat(shape):
            if "matrix" in action:
                terms = [(j, read(c)) for j, c in enumerate(action["matrix"][index[axis]])]
            else:
                terms = [(action["permutation"][index[axis]], read(action["signs"][index[axis]]))]
            out.append(sum(c * old[(*index[:axis], j, *index[axis + 1 :])] for j, c in terms))
        values = out
    return list(values)


def at_node(model: Json, generator: Json, number: int, values: Sequence[Number], read: Callable[[Any], Number]) -> list[Number]:
    """The array that stands at a node, under the generator."""
    row = next((a for n, a in generator["nodes"] if n == number), [])
    return transformed(model["nodes"][number]["shape"], values, [generator["actions"][a] if a >= 0 else None for a in row], read)


def input_nodes(model: Json) -> dict[str, int]:
    return {node["name"]: k for k, node in enumerate(model["nodes"]) if node["op"] == "input"}


def examples_of(claim: Json) -> list[tuple[dict[str, list[Fraction]], list[list[Fraction]], Fraction]]:
    return [
        ({n: [Fraction(v) for v in part] for n, part in e["x"].items()}, [[Fraction(v) for v in p] for p in e["y"]], Fraction(e["weight"]))
        for e in claim["data"]
    ]


def is_closed(model: Json, claim: Json) -> bool:
    """Whether the weighted data are closed under every generator."""

    def key(x: Mapping[str, Sequence[Fraction]], y: Sequence[Sequence[Fraction]]) -> tuple[Any, ...]:
        return tuple(sorted((n, tuple(v)) for n, v in x.items())), tuple(map(tuple, y))

    data = examples_of(claim)
    weights = {key(x, y): w for x, y, w in data}
    if len(weights) != len(data) or any(w <= 0 for _, _, w in data):
        return False
    where = input_nodes(model)
    for g in claim["generators"]:
        for x, y, w in data:
            image = {n: at_node(model, g, where[n], v, Fraction) for n, v in x.items()}
            target = [at_node(model, g, k, part, Fraction) for k, part in zip(model["outputs"], y, strict=True)]
            if weights.get(key(image, target)) != w:
                return False
    return True


def outputs(
    model: Json, ring: Ring, functions: Mapping[str, Function], theta: Sequence[Number], x: Mapping[str, Sequence[Number]]
) -> tuple[list[Number], Number]:
    """F(θ)(x), flat over all outputs, and how large an error may be."""
    leaves: dict[str, list[Pair]] = {k: [(v, ring.read(0)) for v in vs] for k, vs in {**named(model, theta), **x}.items()}
    values, scale = run(model, ring, functions, leaves)
    return [a for a, _ in values], TINY * scale if ring.kind == "float" else 0


def split(model: Json, values: Sequence[Number]) -> list[list[Number]]:
    """Flat output entries, output by output."""
    out, start = [], 0
    for k in model["outputs"]:
        count = len(list(flat(model["nodes"][k]["shape"])))
        out.append(list(values[start : start + count]))
        start += count
    return out


def is_equivariant(model: Json, claim: Json, ring: Ring, rng: random.Random) -> bool:
    """Whether every g is orthogonal and F(gθ)(Tx) = εF(θ)(x), at a random θ and x."""
    size, where = sum(sizes(model["parameters"]).values()), input_nodes(model)
    functions = {name: function(ring, d, claim["activations"][name], rng) for name, d in model["activations"].items()}
    for g in claim["generators"]:
        leaves = {"actions": g["actions"], "nodes": [[n, a] for n, a in g["nodes"] if model["nodes"][n]["op"] in ("parameter", "stack")]}
        columns = [moved_parameters(model, leaves, [int(k == j) for k in range(size)], Ring("residue").read) for j in range(size)]
        if any((sum(a * b for a, b in zip(u, v, strict=True)) - (i == j)) % PRIME for i, u in enumerate(columns) for j, v in enumerate(columns[: i + 1])):
            return False
        theta, x = [ring.draw(rng) for _ in range(size)], inputs_of(model, ring, rng)
        first, bound = outputs(model, ring, functions, theta, x)
        image = {n: [ring.small(v) for v in at_node(model, g, where[n], values, ring.read)] for n, values in x.items()}
        second, _ = outputs(model, ring, functions, [ring.small(v) for v in moved_parameters(model, leaves, theta, ring.read)], image)
        expected = [ring.small(v) for k, part in zip(model["outputs"], split(model, first), strict=True) for v in at_node(model, g, k, part, ring.read)]
        if any(abs(a - b) > bound for a, b in zip(second, expected, strict=True)):
            return False
    return True


def risk_slopes(model: Json, claim: Json, ring: Ring, rng: random.Random) -> float:
    """The largest |C_i·∇R(θ)| at a random θ of the subspace for ℓ(z, y) = |z − y|²/2 + (z·y)²/2, which every orthogonal ε leaves alone; 1.0 for "not 0"."""
    functions = {name: function(ring, d, claim["activations"][name], rng) for name, d in model["activations"].items()}
    theta, worst = point_of(model, claim["subspace"], ring, rng), 0.0
    for row in claim["subspace"]["rows"]:
        direction = [ring.read(0)] * len(theta)
        for p, c in row["entries"]:
            direction[p] = ring.read(c)
        pairs = {n: list(zip(a, b, strict=True)) for (n, a), b in zip(named(model, theta).items(), named(model, direction).values(), strict=True)}
        total, largest = ring.read(0), 1.0
        for x, y, w in examples_of(claim):
            inputs = {n: [(ring.read(v), ring.read(0)) for v in values] for n, values in x.items()}
            values, scale = run(model, ring, functions, pairs | inputs)
            targets = [ring.read(v) for part in y for v in part]
            inner = sum(a * t for (a, _), t in zip(values, targets, strict=True))
            total = ring.small(total + ring.read(w) * sum((a - t + inner * t) * b for (a, b), t in zip(values, targets, strict=True)))
            largest = max(largest, float(scale) ** 2 * max([1.0, *(abs(float(v)) ** 2 for part in y for v in part)]) if ring.kind == "float" else 1.0)
        worst = max(worst, abs(total) / largest if ring.kind == "float" else float(total != 0))
    return worst


def predicts(model: Json, claim: Json, ring: Ring, rng: random.Random) -> bool:
    """Whether F is the claimed polynomial at a random point of the subspace and a random x."""
    functions = {name: function(ring, d, claim["activations"][name], rng) for name, d in model["activations"].items()}
    theta, x = point_of(model, claim["subspace"], ring, rng), inputs_of(model, ring, rng)
    entries = [v for item in model["inputs"] for v in x[item["name"]]]
    values, bound = outputs(model, ring, functions, theta, x)
    if claim["predictor"] and len(values) != len(claim["predictor"]):
        return False
    for value, terms in zip(values, claim["predictor"], strict=False):
        total = ring.read(0)
        for c, parameters, inputs in terms:
            term = ring.read(c)
            for factor in (*(theta[p] for p in parameters), *(entries[j] for j in inputs)):
                term = ring.small(term * factor)
            total = ring.small(total + term)
        if abs(total - value) > bound:
            return False
    return True


def holds(data: Json) -> bool:
    """Whether a claim of kind data-invariant is true, with overwhelming probability."""
    model, claim = data["model"], data["claim"]
    ring, rng = ring_for(model, claim["activations"]), random.Random(3)
    leaves = [
        {"actions": g["actions"], "nodes": [[n, a] for n, a in g["nodes"] if model["nodes"][n]["op"] in ("parameter", "stack")]} for g in claim["generators"]
    ]
    if not is_closed(model, claim) or not is_fixed_space(model, leaves, claim["subspace"]):
        return False
    for _ in range(3):
        try:
            if not is_equivariant(model, claim, ring, rng) or not predicts(model, claim, ring, rng) or risk_slopes(model, claim, ring, rng) >= TINY:
                return False
        except UndefinedError:
            continue
    return True
