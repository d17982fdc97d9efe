"""Linear conservation laws that softmax layers predict: sums along an axis of a parameter.

softmax(z + c·1) = softmax(z), so a layer whose outputs only enter a softmax may have the same number added to all entries of a column of its matrix; the sum of
the column is conserved by every gradient flow (Marcotte, Gribonval, Peyré, arXiv 2307.00144). Which sums are conserved is guessed by evaluation modulo a prime
with arbitrary values in the place of named functions, and then proved as an identity of normal forms.
"""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

import numpy as np

from simcert.errors import ResourceLimit
from simcert.exact.arrays import UndefinedValueError, Value
from simcert.exact.primefield import PRIME, PrimeField
from simcert.fields.brackets import leaves, random_field
from simcert.fields.gradients import Fields
from simcert.groups.subspaces import Subspace
from simcert.invariance import algebraic
from simcert.laws.polynomials import Law
from simcert.models.activations import facts, minimal
from simcert.models.program import Node, Program, size_of

SAMPLES = 6


class _Opaque(PrimeField):
    """F_p with values that have nothing to do with one another for functions of unknown residues, but exp = exp' and consistent gates."""

    def apply(self, node: Node, x: Value) -> Value:
        known = super().apply(node, x)
        if known is not None:
            return known
        definition = self.definitions[node.activation]
        if definition.piecewise is not None:
            below, above = (self.number(s) for s in definition.piecewise)
            slope = np.where(x & 1, np.int64(above), np.int64(below))
            return slope * x % self.p if node.order == 0 else slope if node.order == 1 else np.zeros_like(x)
        shift = 1 if definition.named == "exp" else 1 + 7 * node.order
        return (x * x % self.p + shift) % self.p * (x + 3) % self.p


def columns(p: Program) -> list[tuple[str, list[Law]]]:
    """The sums along axes of parameters that every gradient flow conserves, with the text of each family, `1^T W2`.

    *Proves:* each law, as an identity of normal forms (which a checker repeats). *Does not prove:* that there are no other linear laws.
    """
    if all(a.named != "exp" for a in p.activations.values()) or all(a.named != "reciprocal" for a in p.activations.values()):
        return []
    fields, found = Fields(p), list[tuple[str, list[Law]]]()
    gradients = _gradients(fields)
    if gradients is None:
        return []
    assumed: algebraic.Assumption = {n: "itself" if a.cls is None else minimal(facts(a)) for n, a in p.activations.items()}
    for name, (start, shape) in p.offsets().items():
        indices = np.arange(start, start + size_of(shape)).reshape(shape)
        for axis in range(len(shape)):
            sums = np.moveaxis(indices, axis, 0).reshape(shape[axis], -1).T
            if np.any(gradients[:, sums].sum(axis=-1) % PRIME):
                continue
            laws = [Law({(int(k),): 1 for k in row}) for row in sums]
            try:
                proved = algebraic.conserved(fields, Subspace(p, ()), assumed, [law.terms for law in laws])
            except ResourceLimit:
                continue
            if proved is not None and all(proved):
                found.append((_text(name, len(shape), axis), laws))
    return found


def _text(name: str, rank: int, axis: int) -> str:
    if rank == 1:
        return f"1^T {name}"
    if rank == 2:
        return f"1^T {name}" if axis == 0 else f"{name} 1"
    return f"sum over i of {name}[{','.join('i' if k == axis else ':' for k in range(rank))}]"


def _gradients(fields: Fields) -> Any | None:
    """Gradients at random points and inputs modulo the prime with opaque functions, an array (samples, M)."""
    p, rng, rows = fields.program, random.Random(0), list[Any]()
    system = _Opaque(dict(p.activations), PRIME)
    for _ in range(SAMPLES):
        theta = {n: system.array([Fraction(rng.randint(1, 99)) for _ in range(size_of(s))], s) for n, s in p.parameters}
        try:
            value = fields.flat(system, {**theta, **leaves(fields, system, [random_field(fields, rng)])})
        except UndefinedValueError:
            continue
        if value is None:
            return None
        rows.append(value[0])
    return np.stack(rows) if rows else None
