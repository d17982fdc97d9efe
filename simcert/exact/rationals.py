"""The rationals, as FLINT `fmpq` in object arrays."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from flint import fmpq

from simcert.exact.arrays import ArraySystem, UndefinedValueError, Value
from simcert.exact.primefield import polynomial_derivative
from simcert.models.program import Activation, Node


def to_fraction(x: Any) -> Fraction:
    """An `fmpq` as a `Fraction`."""
    return Fraction(int(x.p), int(x.q))


class Rationals(ArraySystem):
    """Q. Polynomial and piecewise linear activations and `reciprocal` are exact; other functions give None.

    With `at_zero`, a dictionary from names of functions to their rational value at 0, a named function of arguments that are all 0 gives that
    value (used for series at special points). Raises `UndefinedValueError` at a kink or for a reciprocal of 0.
    """

    def __init__(self, definitions: dict[str, Activation], at_zero: dict[str, Fraction] | None = None) -> None:
        super().__init__(definitions)
        self.at_zero = at_zero or {}

    def number(self, value: Fraction) -> Any:
        return fmpq(value.numerator, value.denominator)

    def apply(self, node: Node, x: Value) -> Value:
        definition, order = self.definitions[node.activation], node.order
        if definition.polynomial is not None:
            coefficients = [self.number(c) for c in polynomial_derivative(definition.polynomial, order)]

            def entry(z: Any) -> Any:
                out = fmpq(0)
                for c in reversed(coefficients):
                    out = out * z + c
                return out
        elif definition.piecewise is not None:
            slopes = [self.number(s) for s in definition.piecewise]

            def entry(z: Any) -> Any:
                if z == 0:
                    raise UndefinedValueError(f"an argument of {node.activation} is 0")
                slope = slopes[1] if z > 0 else slopes[0]
                return slope * z if order == 0 else slope if order == 1 else fmpq(0)
        elif definition.named == "reciprocal":

            def entry(z: Any) -> Any:
                if z == 0:
                    raise UndefinedValueError("reciprocal of 0")
                out = 1 / z
                for k in range(order):
                    out = out / z * -(k + 1)
                return out
        elif order == 0 and definition.named in self.at_zero and not np.any(x != 0):
            value = self.number(self.at_zero[definition.named])

            def entry(z: Any) -> Any:
                return value
        else:
            return None
        out: Any = np.empty(x.size, dtype=object)
        for i, z in enumerate(x.ravel()):
            out[i] = entry(z)
        return out.reshape(x.shape)
