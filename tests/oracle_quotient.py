"""Is a claim of kind `quotient` true? F(θ) = G(Qθ), ∇F = Aᵀ∇G and A∇F = m∇G at random points of the subspace, by dual numbers, without producer and checker."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any

from tests.oracle import TINY, Function, Number, Ring, UndefinedError, function, inputs_of, largest, named, point_of, ring_for, run

Json = dict[str, Any]


def gradients(
    model: Json, ring: Ring, functions: Mapping[str, Function], theta: Sequence[Number], x: Mapping[str, Sequence[Number]]
) -> tuple[list[Number], list[list[Number]], float]:
    """The outputs, the derivative of every output with respect to every parameter, and the scale of the numbers on the way."""
    inputs = {name: [(v, ring.read(0)) for v in values] for name, values in x.items()}
    values: list[Number] = []
    rows: list[list[Number]] = []
    largest_scale = 1.0
    for p in range(len(theta)):
        pairs = [(v, ring.read(int(k == p))) for k, v in enumerate(theta)]
        out, scale = run(model, ring, functions, {**named(model, pairs), **inputs})
        values, largest_scale = [a for a, _ in out], max(largest_scale, scale)
        rows.append([b for _, b in out])
    return values, rows, largest_scale


def image(claim: Json, ring: Ring, theta: Sequence[Number]) -> list[Number]:
    """Qθ."""
    return [ring.small(ring.read(row["constant"]) + sum(ring.read(c) * theta[q] for q, c in row["entries"])) for row in claim["map"]]


def reduces(data: Json, points: int = 3) -> bool:
    """Whether the subspace is invariant and the network on it is the small one with its metric."""
    model, claim = data["model"], data["claim"]
    small, meaning = claim["small"], claim["activations"]
    ring, rng = ring_for(model, meaning), random.Random(5)
    if largest(model, claim["subspace"], meaning, ring) >= TINY:
        return False
    found = 0
    for _ in range(20 * points):
        functions = {name: function(ring, d, meaning[name], rng) for name, d in model["activations"].items()}
        theta, x = point_of(model, claim["subspace"], ring, rng), inputs_of(model, ring, rng)
        try:
            values, big, scale = gradients(model, ring, functions, theta, x)
            others, little, scale_small = gradients(small, ring, functions, image(claim, ring, theta), x)
        except UndefinedError:
            continue
        found += 1
        bound = TINY * max(scale, scale_small) ** 2 * len(theta) if ring.kind == "float" else 0
        differences = [a - b for a, b in zip(values, others, strict=True)]
        lifted = [[ring.read(0)] * len(values) for _ in theta]
        for row, slope, m in zip(claim["map"], little, claim["metric"], strict=True):
            for k in range(len(values)):
                differences.append(sum(ring.read(c) * big[q][k] for q, c in row["entries"]) - ring.read(m) * slope[k])
                for q, c in row["entries"]:
                    lifted[q][k] += ring.read(c) * slope[k]
        differences += [a - b for one, other in zip(big, lifted, strict=True) for a, b in zip(one, other, strict=True)]
        if any(abs(d) > bound if ring.kind == "float" else ring.small(d) != 0 for d in differences):
            return False
        if found == points:
            return True
    raise UndefinedError
