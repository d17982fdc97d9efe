"""Rigorous real enclosures: Arb balls in object arrays.

*Proves:* that a number whose enclosure excludes 0 is not 0. *Does not prove:* anything when the enclosure contains 0; raise the precision then.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
from flint import arb, ctx, fmpq

from simcert.exact.arrays import ArraySystem, UndefinedValueError, Value
from simcert.exact.primefield import polynomial_derivative
from simcert.models.activations import Poly, derivative, form
from simcert.models.program import Activation, Node

ATOMS: dict[str, Callable[[Any], Any]] = {
    "z": lambda z: z,
    "exp": lambda z: z.exp(),
    "tanh": lambda z: z.tanh(),
    "sigmoid": lambda z: 1 / (1 + (-z).exp()),
    "sin": lambda z: z.sin(),
    "cos": lambda z: z.cos(),
    "sinh": lambda z: z.sinh(),
    "cosh": lambda z: z.cosh(),
    "gauss": lambda z: (-z * z).exp(),
    "phi": lambda z: (-z * z / 2).exp(),
    "erf": lambda z: z.erf(),
    "normal": lambda z: (1 + (z / arb(2).sqrt()).erf()) / 2,
    "arctan": lambda z: z.atan(),
    "lorentz": lambda z: 1 / (1 + z * z),
    "softplus": lambda z: z.exp().log1p(),
    "logcosh": lambda z: z.cosh().log(),
    "reciprocal": lambda z: 1 / z,
    "rsqrt": lambda z: z.rsqrt(),
    "two_over_sqrt_pi": lambda z: 2 / arb.pi().sqrt(),
    "one_over_sqrt_two_pi": lambda z: 1 / (2 * arb.pi()).sqrt(),
}


class Balls(ArraySystem):
    """Real numbers as Arb balls, at `precision` bits (use `with balls.context():` around a run).

    Raises `UndefinedValueError` when a piecewise function or a reciprocal meets an enclosure of 0.
    """

    def __init__(self, definitions: dict[str, Activation], precision: int = 128) -> None:
        super().__init__(definitions)
        self.precision = precision

    def context(self) -> Any:
        """A context manager that sets FLINT's working precision."""
        return ctx.workprec(self.precision)

    def number(self, value: Fraction) -> Any:
        return arb(fmpq(value.numerator, value.denominator))

    def apply(self, node: Node, x: Value) -> Value:
        entry = self._function(self.definitions[node.activation], node.order)
        out: Any = np.empty(x.size, dtype=object)
        for i, z in enumerate(x.ravel()):
            out[i] = entry(z)
            if not out[i].is_finite():
                raise UndefinedValueError(f"{node.activation} is not defined on an enclosure")
        return out.reshape(x.shape)

    def _function(self, definition: Activation, order: int) -> Callable[[Any], Any]:
        if definition.named is not None:
            poly, table = derivative(definition.named, order), [ATOMS[v] for v in form(definition.named).variables]
            return lambda z: self._evaluate(poly, [atom(z) for atom in table])
        if definition.piecewise is not None:
            slopes = [self.number(s) for s in definition.piecewise]

            def piece(z: Any) -> Any:
                if not (z > 0 or z < 0):
                    raise UndefinedValueError("an enclosure contains the kink")
                slope = slopes[1] if z > 0 else slopes[0]
                return slope * z if order == 0 else slope if order == 1 else arb(0)

            return piece
        coefficients = [self.number(c) for c in polynomial_derivative(definition.polynomial or (), order)]

        def polynomial(z: Any) -> Any:
            out = arb(0)
            for c in reversed(coefficients):
                out = out * z + c
            return out

        return polynomial

    def _evaluate(self, poly: Poly, atoms: list[Any]) -> Any:
        total = arb(0)
        for monomial, coefficient in poly.items():
            term = self.number(coefficient)
            for atom, exponent in zip(atoms, monomial, strict=True):
                for _ in range(exponent):
                    term = term * atom
            total = total + term
        return total
