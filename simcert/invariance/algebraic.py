"""Proofs by normal forms: invariance by congruence and by identity (`math.md` 3b, 3c), conserved polynomials, parallel fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from simcert.errors import ResourceLimit
from simcert.exact.normalforms import Monomial, NormalForms, Number, Poly, multiply_into
from simcert.fields.gradients import Fields
from simcert.groups.subspaces import Subspace
from simcert.models.program import size_of

Assumption = Mapping[str, tuple[str, ...] | str]


def symbols(fields: Fields, subspace: Subspace, system: NormalForms) -> dict[str, Any]:
    """θ on the subspace in its free coordinates, the inputs and the covectors, as normal forms ready for a run."""
    p = fields.program
    coordinates: dict[int, int] = {}
    theta = np.empty(p.size, dtype=object)
    for k in range(p.size):
        form, constant = subspace.form(k)
        for j in form:
            if j not in coordinates:
                coordinates[j] = system.variable()
        theta[k] = system.linear([(coordinates[j], v) for j, v in form.items()], constant)
    leaves: dict[str, Any] = {name: theta[start : start + size_of(shape)].reshape(1, *shape) for name, (start, shape) in p.offsets().items()}
    for name, shape in fields.shapes.items():
        if name not in leaves:
            entries = np.empty(size_of(shape), dtype=object)
            for j in range(entries.size):
                entries[j] = system.linear([(system.variable(), 1)], 0)
            leaves[name] = entries.reshape(1, *shape)
    return leaves


def gradient_forms(fields: Fields, system: NormalForms, leaves: dict[str, Any]) -> dict[int, Poly]:
    """The gradient of v·F by parameter index; entries that are not mentioned are 0."""
    entries: dict[int, Poly] = {}
    for indices, value in fields.run(system, leaves) or []:
        entries.update(zip(indices.ravel().tolist(), value.ravel(), strict=True))
    return entries


def combination(entries: Mapping[int, Poly], row: Iterable[tuple[int, Number]]) -> Poly:
    """Σ coefficient · entry."""
    total: dict[Monomial, Number] = {}
    for k, v in row:
        for m, c in entries[k].terms.items() if k in entries else ():
            value = total.get(m, 0) + c * v
            if value:
                total[m] = value
            else:
                total.pop(m, None)
    return Poly(total)


def normal_components(fields: Fields, subspace: Subspace, assumed: Assumption, *, naming: bool, max_work: int = 20_000_000) -> list[Poly]:
    """C∇(v·F)(x) on the subspace as normal forms, one for each row of C.

    *Proves:* when all are zero, that the subspace is invariant for every activation with the assumed facts. *Does not prove:* non-invariance (with
    `naming`), or non-invariance for a named transcendental function (without). Raises `ResourceLimit` when the forms grow past `max_work` term operations.
    """
    system = NormalForms(fields.program.activations, assumed, naming=naming, max_work=max_work)
    entries = gradient_forms(fields, system, symbols(fields, subspace, system))
    return [system.simplified(combination(entries, row.entries)) for row in subspace.rows]


def proves(fields: Fields, subspace: Subspace, assumed: Assumption, *, naming: bool, max_work: int = 20_000_000) -> bool | None:
    """Whether the normal forms prove invariance under the assumption; None when a limit was reached first."""
    try:
        return all(not form.terms for form in normal_components(fields, subspace, assumed, naming=naming, max_work=max_work))
    except ResourceLimit:
        return None


def conserved(
    fields: Fields, subspace: Subspace, assumed: Assumption, laws: Sequence[Mapping[tuple[int, ...], Number]], max_work: int = 20_000_000
) -> list[bool] | None:
    """For each polynomial law whether ∇h·∇(v·F)(x) = 0 on the subspace, as an identity of normal forms; None when a limit was reached."""
    system = NormalForms(fields.program.activations, assumed, naming=False, max_work=max_work)
    try:
        leaves = symbols(fields, subspace, system)
        entries = gradient_forms(fields, system, leaves)
        theta = [v for name, _ in fields.program.parameters for v in leaves[name].ravel()]
        return [not _along(system, entries, theta, law).terms for law in laws]
    except ResourceLimit:
        return None


def _along(system: NormalForms, entries: Mapping[int, Poly], theta: Sequence[Poly], law: Mapping[tuple[int, ...], Number]) -> Poly:
    """∇h·gradient for one polynomial h."""
    total: dict[Monomial, Number] = {}
    for monomial, c in law.items():
        for position, k in enumerate(monomial):
            if k in entries:
                product = entries[k].scaled(c)
                for other in (*monomial[:position], *monomial[position + 1 :]):
                    product = product * theta[other]
                system.spend(len(product.terms))
                multiply_into(total, product, Poly({(): 1}))
    return system.simplified(Poly(total))


def parallel(fields: Fields, assumed: Assumption, inputs: Mapping[str, Sequence[Fraction]], max_work: int = 3_000_000) -> bool:
    """Whether all gradients are multiples of the field at these inputs: ∇F(θ)(x) ∧ X(θ) = 0 as an identity in θ and x, for a model with one output entry.

    False also when a limit was reached.
    """
    system = NormalForms(fields.program.activations, assumed, naming=False, max_work=max_work)
    try:
        leaves = symbols(fields, Subspace(fields.program, ()), system)
        general = gradient_forms(fields, system, leaves)
        shapes = dict(fields.program.inputs)
        one = gradient_forms(fields, system, leaves | {name: system.array(list(v), shapes[name]) for name, v in inputs.items()})
        pivot = next((k for k, form in one.items() if form.terms), None)
        if pivot is None:
            return False
        for k in set(general) | set(one):
            total: dict[Monomial, Number] = {}
            left, right = general.get(k, Poly({})), general[pivot].scaled(-1)
            system.spend(len(left.terms) * len(one[pivot].terms) + len(right.terms) * len(one.get(k, Poly({})).terms))
            multiply_into(total, left, one[pivot])
            multiply_into(total, right, one.get(k, Poly({})))
            if total:
                return False
        return True
    except ResourceLimit:
        return False
