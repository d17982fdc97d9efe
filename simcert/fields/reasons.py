"""What holds an orbit back, in words: which directions are frozen, and by which law, invariant subspace or unit that is off.

Every sentence is a theorem that has been proved (by the certificate, or here as an identity of normal forms); which ones to tell is found by sampling.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from fractions import Fraction

import numpy as np

from simcert.certificates.equations import subspace_equations
from simcert.exact.linalg import kernel
from simcert.exact.primefield import PrimeField
from simcert.fields.brackets import derivative, leaves, random_field
from simcert.fields.gradients import Fields
from simcert.groups.subspaces import Echelon, Number, Row, Subspace
from simcert.invariance import algebraic
from simcert.invariance.decide import decide
from simcert.models.program import Activation, Program

SHOWN = 12
LIMIT = 200  # parameters up to which a larger subspace, on which linear forms are frozen, is looked for
ROUNDS = 3


def cut(items: Sequence[str], separator: str = "; ") -> str:
    """The first items and how many are left out."""
    return separator.join(items[:SHOWN]) + (f"{separator}… ({len(items) - SHOWN} more)" if len(items) > SHOWN else "")


def slices(p: Program, indices: Sequence[int]) -> list[str]:
    """Parameters by index as a person lists them: `W1[0,:]`, `W2[1,1]`."""
    zero = Subspace(p, tuple(Row(((k, 1),), 0) for k in sorted(indices)))
    return [name for text in subspace_equations(p.to_json(), zero.to_json()) for name in text.removesuffix(" = 0").split(" = ")]


def form_text(p: Program, row: Row) -> str:
    """A frozen linear form with its value: `W2[0,0] - W2[2,2] = -3`."""
    text = ""
    for k, v in row.entries:
        sign = (" - " if v < 0 else " + ") if text else ("-" if v < 0 else "")
        text += f"{sign}{'' if abs(v) == 1 else f'{abs(v)} '}{p.parameter_name(k)}"
    return f"{text} = {row.constant}"


def _frozen_forms(hull: Subspace, larger: Subspace) -> list[Row]:
    """Equations of the hull that complete those of a larger subspace."""
    echelon = Echelon()
    for row in larger.rows:
        echelon.insert(dict(row.entries), row.constant)
    short = sorted(hull.rows, key=lambda row: len(row.entries))
    return sorted((row for row in short if echelon.insert(dict(row.entries), row.constant) is not None), key=lambda row: row.pivot)


def _larger(
    fields: Fields, definitions: Mapping[str, Activation], hull: Subspace, theta: Sequence[Fraction], rng: random.Random, prime: int
) -> Subspace | None:
    """The affine space of the directions d in which the forms n that the hull freezes stay frozen to first order: D(n·∇F)·d = 0 on the hull.

    These derivatives are values of d ↦ (D∇F·n)·d, D∇F being symmetric. *Does not prove* anything: what is found is a candidate.
    """
    p, system, rows = fields.program, PrimeField(dict(definitions), prime), list[np.ndarray]()
    normals = np.zeros((len(hull.rows), p.size), dtype=np.int64)
    for i, row in enumerate(hull.rows):
        for k, v in row.entries:
            normals[i, k] = system.number(Fraction(v))
    free = [k for k in range(p.size) if k not in hull.pivots]
    for _ in range(ROUNDS + p.size // max(len(hull.rows), 1)):
        at = hull.point({k: theta[k] + rng.randint(-9, 9) for k in free})
        point = {n: system.array(v, dict(p.parameters)[n]) for n, v in hull.named(at).items()}
        own = [leaves(fields, system, [random_field(fields, rng, dense=len(fields.outputs) > 1) for _ in hull.rows])]
        values = derivative(fields, system, point, normals, own)
        if values is None:
            return None
        rows.append(np.asarray(values).reshape(-1, p.size))
    directions = kernel(np.concatenate(rows), prime)
    if directions is None:
        return None
    echelon, equations = Echelon(), list[tuple[dict[int, Number], Number]]()
    for direction in directions:
        echelon.insert(direction)
    for k in (k for k in range(p.size) if k not in echelon.rows):
        form: dict[int, Number] = {k: 1} | {pivot: -row[k] for pivot, (row, _) in echelon.rows.items() if k in row}
        equations.append((form, sum((v * theta[j] for j, v in form.items()), Fraction(0))))
    return Subspace.from_equations(p, equations)


def frozen_on(
    fields: Fields,
    definitions: Mapping[str, Activation],
    assumed: algebraic.Assumption,
    hull: Subspace,
    theta: Sequence[Fraction],
    rng: random.Random,
    prime: int,
) -> tuple[Subspace, list[Row]]:
    """An invariant subspace that contains the hull of a point, and linear forms conserved on it that cut out the hull; the hull itself where none is found.

    *Proves:* both, by `decide` and as identities of normal forms. Arguments: polynomial `definitions` to search with; the facts `assumed` of the activations.
    """
    if fields.program.size > LIMIT or not hull.rows or any(a.polynomial is None and a.named != "reciprocal" for a in definitions.values()):
        return hull, []
    larger = _larger(fields, definitions, hull, theta, rng, prime)
    if larger is None or larger.dimension <= hull.dimension or not larger.includes(hull):
        return hull, []
    forms = _frozen_forms(hull, larger)
    proved = algebraic.conserved(fields, larger, assumed, [{(k,): v for k, v in row.entries} for row in forms], 3_000_000)
    invariant = not larger.rows or decide(fields.program, larger).verdict == "invariant"
    return (larger, forms) if proved is not None and all(proved) and invariant else (hull, [])


def subspace_words(larger: Subspace, forms: Sequence[Row]) -> list[str]:
    """The subspace that contains the point, and what is frozen on it."""
    p = larger.program
    kind = "invariant subspace" if larger.is_linear else "invariant affine subspace"
    given = cut(subspace_equations(p.to_json(), larger.to_json()))
    lies = [f"the point lies in the {kind} of dimension {larger.dimension} given by {given}"] if larger.rows else []
    if not forms:
        return lies
    verb = "linear form is" if len(forms) == 1 else "linear forms are"
    return [*lies, f"{'on it' if lies else 'everywhere'} {len(forms)} {verb} conserved (frozen): {cut([form_text(p, row) for row in forms], ', ')}"]


def law_words(groups: Sequence[tuple[str, int]], where: str) -> list[str]:
    """Conserved quantities: for each family its text and how many of it were used."""
    used = [(text, count) for text, count in groups if count]
    total = sum(count for _, count in used)
    if not used:
        return []
    what = "1 quantity is" if total == 1 else f"{total} quantities that are independent at the point are"
    return [f"{where}{what} conserved: {cut([text if len(used) == 1 else f'{text} ({count})' for text, count in used], ', ')}"]
