"""Residues with piecewise linear activations: gates decided by exact signs, never modulo a prime (`math.md`, section 7)."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from simcert.exact.arrays import Array, ArraySystem, UndefinedValueError, Value, run
from simcert.exact.primefield import I64, PrimeField, polynomial_derivative
from simcert.exact.rationals import Rationals
from simcert.models.program import Activation, Node


class Doubles(ArraySystem):
    """Integers in double precision; exact as long as a run of `Bounds` on the same data stays below 2^53."""

    dtype = np.float64
    bounds = False

    def number(self, value: Fraction) -> float:
        if value.denominator != 1:
            raise OverflowError("not an integer")
        return float(abs(value) if self.bounds else value)

    def reduce(self, x: Array) -> Array:
        if x.size and float(np.abs(x).max()) >= 2.0**53:
            raise OverflowError("beyond 2^53")
        return x

    def apply(self, node: Node, x: Value) -> Value:
        definition = self.definitions[node.activation]
        if definition.piecewise is not None:
            below, above = (self.number(s) for s in definition.piecewise)
            return self.reduce(x * max(below, above) if self.bounds else np.where(x > 0, above * x, below * x))
        out = np.zeros_like(x)
        for c in reversed(polynomial_derivative(definition.polynomial or (), 0)):
            out = self.reduce(out * x + self.number(c))
        return out if definition.polynomial is not None else None


class Bounds(Doubles):
    """The same run with absolute values: bounds for every intermediate sum."""

    bounds = True


class Gated(PrimeField):
    """F_p with piecewise linear activations whose gates are known.

    Call `begin` with the keys of the fields in the batch before a run; `learn` decides their gates first. Raises `UndefinedValueError` when an argument is 0.
    """

    def __init__(self, definitions: dict[str, Activation], p: int) -> None:
        super().__init__(definitions, p)
        self.positive: dict[int, dict[int, Any]] = {}  # key -> argument node -> booleans
        self.current: dict[int, Any] = {}

    def learn(self, nodes: Sequence[Node], leaves: dict[str, tuple[Sequence[Fraction], tuple[int, ...]]], keys: Sequence[int]) -> list[int]:
        """Decide the gates at some inputs (flat rationals; inputs have a leading axis, one entry for each key). Returns the keys at which no argument is 0."""
        wanted = sorted({node.args[0] for node in nodes if node.op == "apply" and self.definitions[node.activation].piecewise is not None})
        values: list[Any]
        try:
            for system in (Bounds(self.definitions), Doubles(self.definitions)):
                arrays = {n: system.batch(v, (len(keys), *s[1:])) if s[:1] == (-1,) else system.array(v, s) for n, (v, s) in leaves.items()}
                values = run(nodes, system, arrays, wanted)
        except OverflowError:
            exact = Rationals(self.definitions)
            return self._learn_exactly(nodes, exact, leaves, keys, wanted)
        return self._keep(values, keys, wanted)

    def _learn_exactly(self, nodes: Sequence[Node], system: Rationals, leaves: Any, keys: Sequence[int], wanted: Sequence[int]) -> list[int]:
        good: list[int] = []
        for j, key in enumerate(keys):
            arrays: dict[str, Any] = {}
            for n, (v, s) in leaves.items():
                size = len(v) // len(keys)
                arrays[n] = system.array(v[j * size : (j + 1) * size], s[1:]) if s[:1] == (-1,) else system.array(v, s)
            try:
                values = run(nodes, system, arrays, wanted)
            except UndefinedValueError:
                continue
            good += self._keep(values, [key], wanted)
        return good

    def _keep(self, values: Sequence[Any], keys: Sequence[int], wanted: Sequence[int]) -> list[int]:
        good: list[int] = []
        for j, key in enumerate(keys):
            parts = {i: values[i][j if values[i].shape[0] > 1 else 0] for i in wanted}
            if all(np.all(part != 0) for part in parts.values()):
                self.positive[key] = {i: np.asarray(part > 0, dtype=bool) for i, part in parts.items()}
                good.append(key)
        return good

    def begin(self, keys: Sequence[int]) -> None:
        self.current = {i: np.stack([self.positive[key][i] for key in keys]) for i in (self.positive[keys[0]] if keys else ())}

    def apply(self, node: Node, x: Value) -> Value:
        slopes = self.definitions[node.activation].piecewise
        if slopes is None:
            return super().apply(node, x)
        if node.order > 1:
            return np.zeros_like(x)
        below, above = (self.number(s) for s in slopes)
        slope = np.where(self.current[node.args[0]], I64(above), I64(below))
        return slope * x % self.p if node.order == 0 else np.broadcast_to(slope, np.broadcast_shapes(slope.shape, x.shape))
