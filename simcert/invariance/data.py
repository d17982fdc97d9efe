"""Invariance that symmetries of the data induce (`math.md` 9): closed data, lifted symmetries, their fixed space, and the predictor on it.

Let the data be closed under (x, y) ↦ (Tx, εy) with equal weights, ℓ(εz, εy) = ℓ(z, y), and F(gθ)(Tx) = εF(θ)(x) with g orthogonal. Then the risk
R(θ) = Σ weight·ℓ(F(θ)(x), y) satisfies R(gθ) = Σ weight·ℓ(F(gθ)(Tx), εy) = Σ weight·ℓ(εF(θ)(x), εy) = R(θ): the first step sums over the permuted data.
Hence ∇R(gθ) = g∇R(θ), and {θ : gθ = θ} is invariant. Source: Hajjar and Chizat [HC] for infinitely many ReLU units; here for any program.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from simcert.errors import ResourceLimit, SpecError
from simcert.exact.arrays import run
from simcert.exact.normalforms import NormalForms, Poly
from simcert.groups.generators import Action, Generator, fixed_points
from simcert.groups.lifts import Lift, lifts
from simcert.groups.subspaces import Subspace
from simcert.groups.symmetries import assumed
from simcert.groups.transformations import Rows, Transformation, apply_actions, to_rows
from simcert.models.datasets import DataSet, Example
from simcert.models.program import Program, Shape, size_of

MAX_ORDER = 20_000
MAX_FLAT = 64  # groups of matrices are listed up to this many entries of inputs and outputs
MAX_PREDICTOR = 2_000

Term = tuple[Fraction, tuple[int, ...], tuple[int, ...]]  # coefficient, parameter indices, input indices


@dataclass(frozen=True, slots=True)
class DataInvariance:
    """A subspace that training on these data never leaves, with its certificate.

    `order` is the number of different maps (T, ε) that the generators generate, None where it is infinite or was not computed (`order_words` says which);
    `lifts` say how hidden units move under each generator, `others` what else was tried; `predictor` has a polynomial for every output entry where F is affine
    in x on the subspace, and is empty otherwise.
    """

    subspace: Subspace
    transformations: tuple[Transformation, ...]
    lifts: tuple[Lift, ...]
    others: tuple[tuple[Lift, ...], ...]
    order: int | None
    order_words: str
    predictor: tuple[tuple[Term, ...], ...]
    certificate: dict[str, Any]


def _nodes(program: Program) -> tuple[list[int], list[int]]:
    """The nodes of the inputs, in the order of the model, and those of the outputs."""
    where = {node.name: i for i, node in enumerate(program.nodes) if node.op == "input"}
    return [where[name] for name, _ in program.inputs], list(program.outputs)


def moved(program: Program, transformation: Transformation, example: Example) -> Example:
    """The example (Tx, εy), with the same weight."""
    inputs, outputs = _nodes(program)

    def image(nodes: Sequence[int], arrays: Iterable[tuple[Fraction, ...]]) -> tuple[tuple[Fraction, ...], ...]:
        out: list[tuple[Fraction, ...]] = []
        for i, values in zip(nodes, arrays, strict=True):
            shape = program.nodes[i].shape
            out.append(apply_actions([transformation.actions.get((i, k)) for k in range(len(shape))], shape, values))
        return tuple(out)

    return Example(image(inputs, example.x), image(outputs, example.y), example.weight)


def require_closed(program: Program, transformation: Transformation, data: DataSet) -> None:
    """Raise `SpecError` unless the transformation carries every example to an example of the same weight, naming one whose image is missing."""
    weights = {(e.x, e.y): e.weight for e in data.examples}
    targets = {e.x: e for e in data.examples}
    for example in data.examples:
        image = moved(program, transformation, example)
        found = weights.get((image.x, image.y))
        if found == example.weight:
            continue
        place = f"generator {transformation.text!r}"
        if found is not None:
            raise SpecError(
                f"the weights differ: {example.words} has {example.weight} and its image {image.words} has {found}", place, "give both the same weight"
            )
        there = f" (the data have {targets[image.x].words})" if image.x in targets else ""
        raise SpecError(
            f"the data are not closed: {example.words} is there, and its image {image.words} is not{there}", place, "add it, or use another symmetry"
        )


def _full(program: Program, transformation: Transformation, nodes: Sequence[int]) -> list[Rows]:
    """The sparse matrix of the transformation on every one of these arrays, flat."""
    out: list[Rows] = []
    for i in nodes:
        shape: Shape = program.nodes[i].shape
        rows: Rows = [{0: Fraction(1)}]
        for k, n in enumerate(shape):
            action: Action | None = transformation.actions.get((i, k))
            step = to_rows(action) if action is not None else [{j: Fraction(1)} for j in range(n)]
            rows = [{a * n + b: c * d for a, c in row.items() for b, d in other.items()} for row in rows for other in step]
        out.append(rows)
    return out


Key = tuple[tuple[tuple[tuple[int, Fraction], ...], ...], ...]


def _key(matrices: Sequence[Rows]) -> Key:
    return tuple(tuple(tuple(sorted(row.items())) for row in rows) for rows in matrices)


def _times(a: Key, b: Key) -> Key:
    out: list[Rows] = []
    for left, right in zip(a, b, strict=True):
        rows: Rows = []
        for row in left:
            total: dict[int, Fraction] = {}
            for k, c in row:
                for j, d in right[k]:
                    total[j] = total.get(j, Fraction(0)) + c * d
            rows.append({j: v for j, v in total.items() if v})
        out.append(rows)
    return _key(out)


def _endless(element: Key) -> bool:
    """Whether an orthogonal rational matrix has infinite order: a power is 1 only if the characteristic polynomial has integer coefficients (Kronecker)."""
    from flint import fmpq, fmpq_mat

    for rows in element:
        if all(v.denominator == 1 for row in rows for _, v in row):
            continue
        n = len(rows)
        entries = [[fmpq(0)] * n for _ in range(n)]
        for i, row in enumerate(rows):
            for j, v in row:
                entries[i][j] = fmpq(v.numerator, v.denominator)
        polynomial: Any = fmpq_mat(entries).charpoly()
        if any(c.q != 1 for c in polynomial.coeffs()):
            return True
    return False


def group_order(program: Program, transformations: Sequence[Transformation]) -> tuple[int | None, str]:
    """The number of pairs (T, ε) in the group that is generated, or None; and the same in words."""
    inputs, outputs = _nodes(program)
    if sum(size_of(program.nodes[i].shape) for i in (*inputs, *outputs)) > MAX_FLAT:
        return None, f"not counted (more than {MAX_FLAT} inputs and outputs)"
    steps = [_key(_full(program, t, (*inputs, *outputs))) for t in transformations]
    one = _key([[{i: Fraction(1)} for i in range(size_of(program.nodes[k].shape))] for k in (*inputs, *outputs)])
    seen, fresh = {one}, [one]
    while fresh:
        element = fresh.pop()
        for step in steps:
            image = _times(step, element)
            if image not in seen:
                if _endless(image):
                    return None, "infinite"
                if len(seen) >= MAX_ORDER:
                    return None, f"more than {MAX_ORDER}"
                seen.add(image)
                fresh.append(image)
    return len(seen), str(len(seen))


def predictor(program: Program, subspace: Subspace, about: dict[str, Any]) -> tuple[tuple[Term, ...], ...]:
    """F on the subspace as polynomials in the free coordinates and the input entries, where it is affine in the inputs; otherwise empty.

    For ReLU this uses relu(z) − relu(−z) = z. Networks without activations are left out: there it says nothing new.
    """
    if not program.activations or all(meant != "itself" for meant in about.values()):
        return ()
    system = NormalForms(program.activations, {k: v if v == "itself" else tuple(v) for k, v in about.items()}, naming=False, max_work=2_000_000)
    meaning: dict[int, tuple[str, int]] = {}
    coordinates: dict[int, int] = {}

    def symbol(kind: str, index: int) -> int:
        number = system.variable()
        meaning[number] = kind, index
        return number

    theta = np.empty(program.size, dtype=object)
    for k in range(program.size):
        form, constant = subspace.form(k)
        for j in form:
            if j not in coordinates:
                coordinates[j] = symbol("parameter", j)
        theta[k] = system.linear([(coordinates[j], v) for j, v in form.items()], constant)
    leaves: dict[str, Any] = {name: theta[start : start + size_of(shape)].reshape(1, *shape) for name, (start, shape) in program.offsets().items()}
    count = 0
    for name, shape in program.inputs:
        entries = np.empty(size_of(shape), dtype=object)
        for j in range(entries.size):
            entries[j] = system.linear([(symbol("input", count + j), 1)], 0)
        count += entries.size
        leaves[name] = entries.reshape(1, *shape)
    try:
        values = run(program.nodes, system, leaves, program.outputs)
    except ResourceLimit:
        return ()
    out: list[tuple[Term, ...]] = []
    for i in program.outputs:
        for entry in values[i].ravel():
            terms = _terms(entry, meaning)
            if terms is None:
                return ()
            out.append(terms)
    return tuple(out) if sum(map(len, out)) <= MAX_PREDICTOR else ()


def _terms(entry: Poly, meaning: dict[int, tuple[str, int]]) -> tuple[Term, ...] | None:
    """The terms of a normal form in the order of the format; None when it has other symbols than coordinates and inputs, or degree above 1 in the inputs."""
    out: list[Term] = []
    for monomial, c in entry.terms.items():
        if any(v not in meaning for v in monomial):
            return None
        parameters = tuple(sorted(meaning[v][1] for v in monomial if meaning[v][0] == "parameter"))
        inputs = tuple(sorted(meaning[v][1] for v in monomial if meaning[v][0] == "input"))
        if len(inputs) > 1:
            return None
        out.append((Fraction(c), parameters, inputs))
    return tuple(sorted(out, key=lambda term: (len(term[2]), term[2], len(term[1]), term[1])))


def _parts(program: Program, generator: Generator) -> tuple[list[Any], list[Any]]:
    """The nodes that the claim lists (parameters, inputs, outputs), and those that the proof lists."""
    stated, proved = list[Any](), list[Any]()
    for n, row in generator.nodes:
        in_claim = program.nodes[n].op in ("parameter", "stack", "input") or n in program.outputs
        (stated if in_claim else proved).append([n, list(row)])
    return stated, proved


def data_invariance(program: Program, transformations: Sequence[Transformation], data: DataSet, units: str = "auto", seed: int = 0) -> DataInvariance:
    """The subspace that symmetries of the data keep invariant, with its certificate.

    Arguments: `units` says how hidden units move along (`simcert.groups.lifts`). Raises `SpecError` when the data are not closed, naming the example and what
    is missing; `UndecidedError` when a symmetry induces no map of the parameters, naming the node.
    """
    for transformation in transformations:
        require_closed(program, transformation, data)
    found = [lifts(program, transformation, units) for transformation in transformations]
    chosen = [lift.chosen for lift in found]
    generators = [lift.generator for lift in chosen]
    subspace = fixed_points(program, generators)
    about = assumed(program, generators)
    affine = predictor(program, subspace, about)
    order, order_words = group_order(program, transformations)
    split = [_parts(program, g) for g in generators]
    claim = {
        "kind": "data-invariant",
        "activations": about,
        "data": data.to_json(program),
        "generators": [{"actions": [a.to_json() for a in g.actions], "nodes": stated} for g, (stated, _) in zip(generators, split, strict=True)],
        "predictor": [[[str(c), list(p), list(q)] for c, p, q in terms] for terms in affine],
        "subspace": subspace.to_json(),
    }
    proof = {"method": "equivariance", "nodes": [proved for _, proved in split]}
    meta = {"created_by": "simcert", "family": program.family, "seed": str(seed), "title": program.title}
    certificate = {"claim": claim, "format": "simcert", "meta": meta, "model": program.to_json(), "proof": proof, "version": 1}
    others = tuple(lift.others for lift in found)
    return DataInvariance(subspace, tuple(transformations), tuple(chosen), others, order, order_words, affine, certificate)
