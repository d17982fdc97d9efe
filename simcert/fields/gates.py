"""Parameters that are locally frozen: piecewise linear units whose gates are the same for all inputs, near a point (`math.md`, section 7).

A unit whose argument is nowhere positive at the point, whatever the input, is off near the point for every input at which the network is differentiable. Its
parameters, and all that only it reads or feeds, have derivative 0 there.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from simcert.exact.arrays import ArraySystem, Value, run
from simcert.fields.gradients import Fields, Flat
from simcert.models.program import Activation, Node

LIMIT = 20_000  # parameters


@dataclass(frozen=True, slots=True)
class Range:
    """The numbers from `low` to `high`; None where there is no bound."""

    low: Fraction | None
    high: Fraction | None

    def __add__(self, other: Range) -> Range:
        low = None if self.low is None or other.low is None else self.low + other.low
        return Range(low, None if self.high is None or other.high is None else self.high + other.high)

    def __mul__(self, other: Range) -> Range:
        for a, b in ((self, other), (other, self)):
            if a.low is not None and a.low == a.high:
                return b.times(a.low)
        return ANY

    def times(self, c: Fraction) -> Range:
        """The multiple by a number."""
        if c == 0:
            return Range(Fraction(0), Fraction(0))
        ends = [None if end is None else c * end for end in (self.low, self.high)]
        return Range(*(ends if c > 0 else ends[::-1]))


ANY = Range(None, None)


class _Ranges(ArraySystem):
    """Ranges of values over all inputs."""

    def number(self, value: Fraction) -> Range:
        return Range(value, value)

    def apply(self, node: Node, x: Value) -> Value:
        slopes, out = self.definitions[node.activation].piecewise, np.empty(x.shape, dtype=object)
        flat: list[Range] = [ANY if slopes is None else _image(z, *slopes) for z in x.ravel()]
        for k, z in enumerate(flat):
            out.reshape(-1)[k] = z
        return out


def _image(z: Range, below: Fraction, above: Fraction) -> Range:
    """The image of a range under z ↦ below·z for z < 0, above·z for z > 0."""
    zero = Fraction(0)
    if z.high is not None and z.high <= 0:
        return z.times(below)
    if z.low is not None and z.low >= 0:
        return z.times(above)
    down, up = Range(z.low, zero).times(below), Range(zero, z.high).times(above)
    low = None if down.low is None or up.low is None else min(down.low, up.low)
    return Range(low, None if down.high is None or up.high is None else max(down.high, up.high))


class _Support(ArraySystem):
    """0 where a value is 0 near the point for every input, 1 elsewhere."""

    dtype = np.int64

    def __init__(self, definitions: dict[str, Activation], ranges: list[Value]) -> None:
        super().__init__(definitions)
        self._ranges = ranges

    def number(self, value: Fraction) -> int:
        return int(value != 0)

    def reduce(self, x: Any) -> Any:
        return (x > 0).astype(np.int64)

    def apply(self, node: Node, x: Value) -> Value:
        slopes = self.definitions[node.activation].piecewise
        if slopes is None:
            return np.ones_like(x)
        below, above = slopes
        still = [
            (z.high is not None and z.high <= 0 and below == 0) or (z.low is not None and z.low >= 0 and above == 0) for z in self._ranges[node.args[0]].ravel()
        ]
        return np.array([int(not s) for s in still], dtype=np.int64).reshape(x.shape)


def frozen(fields: Fields, theta: Flat) -> list[int]:
    """The numbers of the parameters whose derivatives are 0 near the point for every input at which no argument of a piecewise function is 0.

    *Proves* nothing by itself; a checker repeats the computation.
    """
    p = fields.program
    named = {a.named for a in p.activations.values()}
    if p.size > LIMIT or named & {"reciprocal", "rsqrt"} or all(a.piecewise is None for a in p.activations.values()):
        return []
    system, definitions = _Ranges(dict(p.activations)), dict(p.activations)
    values: dict[str, Any] = {name: system.array(list(theta[name]), shape) for name, shape in p.parameters}
    for name, shape in p.inputs:
        values[name] = np.full((1, *shape), ANY, dtype=object)
    support = _Support(definitions, run(p.nodes, system, values))
    ones = {name: np.ones((1, *shape), dtype=np.int64) for name, shape in fields.shapes.items()}
    moves = fields.flat(support, ones)
    return [] if moves is None else [int(k) for k in np.flatnonzero(moves[0] == 0)]
