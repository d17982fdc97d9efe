"""Dual numbers over any number system: exact directional derivatives, nested for brackets.

A value is a pair (a, b) that stands for a + bε, ε² = 0; b is None where it is 0. Running a gradient program at θ + εX gives ∇F(θ) and its derivative along X.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from simcert.exact.arrays import ArraySystem, Value
from simcert.models.program import Node, Shape


class Duals(ArraySystem):
    """R[ε]/(ε²) over the number system `base`. Values are pairs of values of the base."""

    def __init__(self, base: ArraySystem) -> None:
        super().__init__(base.definitions)
        self.base = base

    def number(self, value: Fraction) -> Any:
        return self.base.number(value)

    def array(self, values: Sequence[Fraction], shape: Shape) -> Value:
        return self.base.array(values, shape), None

    def begin(self, keys: Sequence[int]) -> None:
        self.base.begin(keys)

    def batch(self, values: Sequence[Fraction], shape: Shape) -> Value:
        return self.base.batch(values, shape), None

    def zero_like(self, x: Value) -> Value:
        return self.base.zero_like(x[0]), None

    def negate(self, x: Value) -> Value:
        return self.base.negate(x[0]), None if x[1] is None else self.base.negate(x[1])

    def _sum(self, parts: Sequence[Value | None]) -> Value | None:
        found = [part for part in parts if part is not None]
        return self.base.add(found) if len(found) > 1 else found[0] if found else None

    def add(self, parts: Sequence[Value]) -> Value:
        return self.base.add([a for a, _ in parts]), self._sum([b for _, b in parts])

    def stack(self, parts: Sequence[Value]) -> Value:
        tangents = [b for _, b in parts]
        if all(b is None for b in tangents):
            return self.base.stack([a for a, _ in parts]), None
        filled = [self.base.zero_like(a) if b is None else b for a, b in parts]
        return self.base.stack([a for a, _ in parts]), self.base.stack(filled)

    def gather(self, node: Node, x: Value) -> Value:
        return self.base.gather(node, x[0]), None if x[1] is None else self.base.gather(node, x[1])

    def scatter(self, node: Node, x: Value) -> Value:
        return self.base.scatter(node, x[0]), None if x[1] is None else self.base.scatter(node, x[1])

    def contract(self, node: Node, parts: Sequence[Value]) -> Value:
        value = self.base.contract(node, [a for a, _ in parts])
        tangents: list[Value] = []
        for k, (_, b) in enumerate(parts):
            if b is not None:
                tangents.append(self.base.contract(node, [b if j == k else a for j, (a, _) in enumerate(parts)]))
        return value, self._sum(tangents)

    def apply(self, node: Node, x: Value) -> Value:
        value = self.base.apply(node, x[0])
        if value is None or x[1] is None:
            return None if value is None else (value, None)
        slope = self.base.apply(replace(node, order=node.order + 1), x[0])
        letters = "abcdefghijklmnopqrstuvwxyz"[: len(node.shape)]
        product = Node("contract", node.shape, (), spec=f"{letters},{letters}->{letters}")
        return value, self.base.contract(product, [slope, x[1]])
