"""Polynomial conservation laws of a model: found, proved, and counted against the generic orbit dimension (`math.md`, section 5)."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations_with_replacement
from math import comb
from typing import Any

import numpy as np

from simcert.errors import ResourceLimit, SpecError
from simcert.exact.arrays import UndefinedValueError
from simcert.exact.linalg import independent_rows, kernel
from simcert.exact.primefield import PRIME, PrimeField
from simcert.exact.rank import SMALL, Eliminator
from simcert.fields.arithmetic import Arithmetic, transcendental
from simcert.fields.gradients import Fields, Flat
from simcert.fields.orbits import Lower, Point, Search
from simcert.groups.subspaces import Subspace
from simcert.invariance import algebraic
from simcert.laws.columns import columns
from simcert.laws.polynomials import Index, Law, Number, jacobian, law_proof
from simcert.laws.structural import Family, families
from simcert.models.activations import facts, minimal
from simcert.models.program import Program, size_of

MAX_MONOMIALS = 2600
DEGREES = (7, 15, 31, 63)  # of the polynomial members of classes
Json = dict[str, Any]


@dataclass(frozen=True)
class Laws:
    """The conservation laws of a model up to a degree.

    `laws` are all that were found, `count` of them functionally independent; `texts` say them as a person would; `complete` says that `count` is M
    minus the generic orbit
    dimension, so that there are no others, of any form.
    """

    program: Program
    laws: tuple[Law, ...]
    texts: tuple[str, ...]
    count: int
    orbit_dimension: int | None
    certificate: Json

    @property
    def complete(self) -> bool:
        return self.orbit_dimension is not None


@dataclass(frozen=True)
class _Found:
    laws: list[Law]
    texts: list[str]
    proof: Json


def generic_point(program: Program, seed: int) -> dict[str, list[Fraction]]:
    """Random small integers without zeros; eighths of them where only intervals apply, so that exponentials stay small."""
    rng, functions = random.Random(seed), dict(program.activations)
    scale = 8 if transcendental(functions) and any(a.piecewise is not None for a in functions.values()) else 1
    return {n: [_nonzero(rng) / scale for _ in range(size_of(s))] for n, s in program.parameters}


def _nonzero(rng: random.Random) -> Fraction:
    return Fraction(rng.choice((-1, 1)) * rng.randint(1, 9))


def _varied(program: Program, theta: Flat, rng: random.Random) -> dict[str, list[Fraction]]:
    """The point with one slice of one parameter drawn again."""
    out = {n: list(v) for n, v in theta.items()}
    name, shape = rng.choice(program.parameters)
    width = size_of(shape[1:])
    start = rng.randrange(size_of(shape) // width) * width
    out[name][start : start + width] = [_nonzero(rng) for _ in range(width)]
    return out


def conservation_laws(program: Program, degree: int = 2, seed: int = 0) -> Laws:
    """All polynomial conservation laws of a model up to `degree`, as far as they can be found, with a proof of each and of their independence.

    *Proves:* that every law is conserved along the gradient flow of every loss and data set; that `count` of them are independent; when `complete`,
    that every conserved
    analytic function is locally, at generic points, a function of these. *Does not prove:* when not complete, that there are no more.

    Source: Marcotte, Gribonval, Peyré, arXiv 2307.00144 (laws and their number); the generators are derived here from the program.
    """
    if degree < 1:
        raise SpecError(f"degree {degree} is not a positive integer", "--degree")
    found = _structural(families(program) if degree >= 2 else [], columns(program))
    point, eliminator, lower = _count(program, found.laws, seed)
    if lower.bound < program.size - eliminator.rank:
        sizes = [d for d in range(1, degree + 1) if comb(program.size + d, d) - 1 <= MAX_MONOMIALS]
        more = _dense(program, max(sizes), seed) if sizes else None
        if more is not None:
            again = _count(program, more.laws, seed)
            if again[1].rank > eliminator.rank:
                found, (point, eliminator, lower) = more, again
    rank = eliminator.rank
    complete = lower.bound == program.size - rank
    claim = {
        "kind": "conservation-laws",
        "activations": point.assumed(),
        "laws": [law.to_json() for law in found.laws],
        "rank": rank,
        "generic": lower.bound if complete else -1,
    }
    proof = {
        "method": "laws",
        "law_proof": found.proof,
        "columns": sorted(eliminator.pivots),
        "rows": eliminator.rows,
        "determinant": str(eliminator.determinant(rank)),
        "numbers": {"modulus": str(SMALL)},
        "point": {n: [str(v) for v in vs] for n, vs in point.theta.items()},
        "lower": lower.proof if complete else {"method": "none"},
        "members": {n: [str(c) for c in cs] for n, cs in point.members.items()},
    }
    meta = {"created_by": "simcert", "family": program.family, "seed": str(seed), "title": program.title}
    certificate = {"claim": claim, "format": "simcert", "meta": meta, "model": program.to_json(), "proof": proof, "version": 1}
    return Laws(program, tuple(found.laws), tuple(found.texts), rank, lower.bound if complete else None, certificate)


def _structural(found: Sequence[Family], sums: Sequence[tuple[str, list[Law]]]) -> _Found:
    laws: list[tuple[Law, Any]] = [(law, f.generator(i, j)) for f in found for law, (i, j) in zip(f.laws(), f.pairs, strict=True)]
    laws += [(law, None) for _, group in sums for law in group]
    texts = [*(f.text() for f in found), *(text for text, _ in sums)]
    return _Found([law for law, _ in laws], texts, law_proof([g for _, g in laws]))


def _count(program: Program, laws: Sequence[Law], seed: int) -> tuple[Point, Eliminator, Lower]:
    """A generic point with the rank of the laws there and the best lower bound for its orbit.

    Several points are tried, and several degrees of the members. With piecewise activations the local orbit depends on which gates some input opens, so the
    search climbs from the best point found.
    """
    best: tuple[Point, Eliminator, Lower] | None = None
    failure: SpecError | None = None
    gated = any(a.piecewise is not None for a in program.activations.values())
    rng = random.Random(seed)
    for attempt in range(max(6, min(150, 6000 // program.size)) if gated else len(DEGREES)):
        climb = best is not None and attempt % 4 and attempt > 8
        theta = _varied(program, best[0].theta, rng) if climb and best is not None else generic_point(program, seed + attempt)
        point = Point(program, theta, seed + attempt, DEGREES[min(attempt, len(DEGREES) - 1)])
        eliminator = Eliminator(program.size)
        if laws:
            eliminator.add(jacobian(laws, point.vector, PrimeField({}, SMALL)))
        target = program.size - eliminator.rank
        try:
            lower = Search(point).improve(target, 16 if attempt < len(DEGREES) else 0)
        except SpecError as error:
            failure = error
            continue
        if best is None or lower.bound + eliminator.rank >= best[2].bound + best[1].rank:
            best = point, eliminator, lower
        if lower.bound == target:
            break
    if best is None:
        raise failure or ResourceLimit("no generic point was tried")
    return best


def _assumed(program: Program) -> algebraic.Assumption:
    return {n: "itself" if a.cls is None else minimal(facts(a)) for n, a in program.activations.items()}


def _monomials(size: int, degree: int) -> list[Index]:
    return [m for k in range(1, degree + 1) for m in combinations_with_replacement(range(size), k)]


def _dense(program: Program, degree: int, seed: int) -> _Found | None:
    """All polynomials up to a degree that pass a randomised linear test, each then proved as an identity; None where there is none."""
    monomials = _monomials(program.size, degree)
    rows = _samples(program, monomials, seed)
    if rows is None:
        return None
    candidates = kernel(rows, PRIME)
    if candidates is None:
        return None
    laws = [Law({monomials[k]: v for k, v in sorted(_integral(row).items())}) for row in candidates]
    proved = algebraic.conserved(Fields(program), Subspace(program, ()), _assumed(program), [law.terms for law in laws])
    found = [law for law, good in zip(laws, proved, strict=True) if good] if proved is not None else []
    kept = _independent(program, found, seed) if found else []
    return _Found(kept, [law.text(program) for law in kept], {"method": "identity"}) if kept else None


def _independent(program: Program, laws: Sequence[Law], seed: int) -> list[Law]:
    """The laws, of low degree first, that are not functions of those before (their differentials are independent at a generic point)."""
    ordered = sorted(laws, key=lambda law: law.degree)
    eliminator = Eliminator(program.size)
    eliminator.add(jacobian(ordered, [v for vs in generic_point(program, seed + 1).values() for v in vs], PrimeField({}, SMALL)))
    return [ordered[k] for k in eliminator.rows]


def _integral(row: dict[int, Number]) -> dict[int, Number]:
    import math

    scale = math.lcm(*(v.denominator for v in row.values()))
    values = {k: int(v * scale) for k, v in row.items()}
    common = math.gcd(*values.values()) * (-1 if values[max(values)] < 0 else 1)
    return {k: v // common for k, v in values.items()}


def _samples(program: Program, monomials: Sequence[Index], seed: int) -> Any | None:
    """Rows ∇m(θ)·X(θ) for all monomials m, at random points and fields, until the rank settles."""
    m, rows, last, quiet = program.size, list[Any](), -1, 0
    for attempt in range(60 + 3 * len(monomials) // max(m, 1)):
        theta = generic_point(program, seed * 1000 + 17 + attempt)
        point = Point(program, theta, seed * 1000 + attempt, 15)
        try:
            arithmetic = Arithmetic(point.fields, point.definitions, theta, point.rng, count=m + 4)
            if arithmetic.kind in ("ball", "constants"):
                return None
            vectors = arithmetic.words([(i,) for i in range(len(arithmetic.pool))])
        except (UndefinedValueError, SpecError):
            continue
        if vectors is None or arithmetic.base.p != PRIME:
            vectors = _again(point, arithmetic)
        if vectors is None:
            return None
        base = PrimeField({}, PRIME)
        gradient = jacobian([Law({mono: 1}) for mono in monomials], point.vector, base)
        kept = independent_rows(vectors, PRIME)
        rows.append(_product(vectors[kept], gradient.T))
        if attempt % 4 == 3:
            stacked = np.concatenate(rows)
            kept = independent_rows(stacked, PRIME)
            rows = [stacked[kept]]
            quiet = quiet + 1 if len(kept) == last else 0
            last = len(kept)
            if quiet:
                return stacked[kept]
    return np.concatenate(rows) if rows else None


def _product(a: Any, b: Any) -> Any:
    from simcert.exact.primefield import matmul_mod

    return matmul_mod(a, b, PRIME)


def _again(point: Point, arithmetic: Arithmetic) -> Any | None:
    """The gradients of the pool modulo the large prime, from which small rationals can be reconstructed."""
    from simcert.exact.gates import Gated

    if isinstance(arithmetic.base, Gated):
        base = Gated(arithmetic.definitions, PRIME)
        base.positive = arithmetic.base.positive
        arithmetic.base = base
    else:
        arithmetic.base = PrimeField(arithmetic.definitions, PRIME)
    return arithmetic.words([(i,) for i in range(len(arithmetic.pool))])
