"""The smallest affine SIM that contains a point (`math.md`, section 10).

Start from the point; add gradients at points of the current space until nothing new appears. The result is proved invariant by `decide`; that it is
the smallest is the
chain of gradients itself: every invariant affine subspace that contains the point contains each of them in turn.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from simcert.errors import ResourceLimit, UndecidedError
from simcert.exact.arrays import UndefinedValueError
from simcert.exact.linalg import independent_rows, reconstructed
from simcert.exact.primefield import PrimeField, coefficients, prime_for
from simcert.exact.rationals import Rationals, to_fraction
from simcert.fields.arithmetic import Arithmetic, transcendental
from simcert.fields.brackets import Field, leaves, random_field
from simcert.fields.flows import Curve
from simcert.fields.gates import undefined
from simcert.fields.gradients import Fields, Flat
from simcert.fields.orbits import Point, Search
from simcert.groups.subspaces import Echelon, Number, Subspace
from simcert.invariance.decide import decide
from simcert.invariance.witness import member
from simcert.models.activations import facts, minimal
from simcert.models.program import Activation, Program, size_of

MAX_PARAMETERS = 2000
MAX_EXACT = 150


@dataclass(frozen=True)
class Chain:
    """The affine space θ0 + span(g_1, …, g_d): `steps` has for each g_k its field and the rationals c_j with g_k = X_k(θ0 + Σ_{j<k} c_j g_j).

    `prime` divides no denominator of the point or of the model; modulo it the gradients are independent where they were found so.
    """

    subspace: Subspace
    steps: list[tuple[Field, list[Fraction]]]
    prime: int


def grow(fields: Fields, definitions: dict[str, Activation], theta: Flat, rng: random.Random, rounds: int = 3) -> Chain | None:
    """Grow the affine space until `rounds` rounds of gradients at random points of it bring nothing new.

    Exact rational arithmetic, so polynomial and piecewise definitions only. *Proves:* that every invariant affine subspace containing the point
    contains the result. *Does not
    prove:* that the result is invariant. Returns None when a function cannot be computed.
    """
    p, system = fields.program, Rationals(definitions)
    start = [v for name, _ in p.parameters for v in theta[name]]
    echelon = Echelon()
    vectors: list[list[Fraction]] = []
    steps: list[tuple[Field, list[Fraction]]] = []
    quiet = 0
    while quiet < rounds and len(vectors) < p.size:
        known = len(vectors)
        weights = [Fraction(rng.choice((-2, -1, 1, 2, 3))) for _ in range(known)] if known else []
        at = [s + sum((w * v[k] for w, v in zip(weights, vectors, strict=True)), Fraction(0)) for k, s in enumerate(start)]
        count = min(p.size - known, 12) + 4
        pool = [random_field(fields, rng, 4, dense=len(fields.outputs) > 1 and k % 2 == 1) for k in range(count)]
        rows = _gradients(fields, system, at, pool)
        if rows is None:
            return None
        if not any(rows) and not steps:
            raise undefined(fields, definitions, theta, rng)
        grown = False
        for field, row in zip(pool, rows, strict=True):
            if row is not None and echelon.insert({k: v for k, v in enumerate(row) if v}) is not None:
                scale = _scale(row)
                vectors.append([v * scale for v in row])
                steps.append((_scaled(field, scale), list(weights)))
                grown = True
        quiet = 0 if grown else quiet + 1
    return Chain(_affine(p, start, echelon), steps, _prime(fields, definitions, theta))


def _prime(fields: Fields, definitions: dict[str, Activation], theta: Flat) -> int:
    return prime_for([*(v for vs in theta.values() for v in vs), *coefficients(fields.program, definitions)])


def _scale(row: Sequence[Fraction]) -> Fraction:
    """A positive rational that makes the entries small integers."""
    den = math.lcm(*(v.denominator for v in row))
    num = math.gcd(*(int(v * den) for v in row))
    return Fraction(den, num or 1)


def _scaled(field: Field, scale: Fraction) -> Field:
    return Field(tuple((k, i, c * scale) for k, i, c in field.covector), field.inputs)


def _gradients(fields: Fields, system: Rationals, at: Sequence[Fraction], pool: Sequence[Field]) -> list[list[Fraction] | None] | None:
    """The gradient of every field at a point; None entries where a piecewise function is at its kink."""
    offsets = fields.program.offsets()
    theta = {n: system.array(list(at[s : s + size_of(shape)]), shape) for n, (s, shape) in offsets.items()}
    out: list[list[Fraction] | None] = []
    for field in pool:
        try:
            value = fields.flat(system, {**theta, **leaves(fields, system, [field])})
        except UndefinedValueError:
            out.append(None)
            continue
        if value is None:
            return None
        out.append([to_fraction(v) for v in value[0]])
    return out


def _affine(p: Program, start: Sequence[Fraction], echelon: Echelon) -> Subspace:
    """The equations of start + span of the rows of an echelon form."""
    basis = {pivot: row for pivot, (row, _) in echelon.rows.items()}
    equations: list[tuple[dict[int, Number], Number]] = []
    for k in range(p.size):
        if k in basis:
            continue
        form: dict[int, Number] = {k: 1}
        for pivot, row in basis.items():
            if k in row:
                form[pivot] = -row[k]
        equations.append((form, sum((Fraction(v) * start[j] for j, v in form.items()), Fraction(0))))
    return Subspace.from_equations(p, equations)


def grow_modulo(fields: Fields, definitions: dict[str, Activation], theta: Flat, rng: random.Random, rounds: int = 2) -> Chain | None:
    """`grow` for polynomial definitions, modulo a prime: numbers stay small, and only the resulting subspace is reconstructed over Q.

    *Proves:* as `grow`, for the chain; that the reconstructed subspace is the space of the chain is seen when it is proved invariant (it contains all
    steps then).
    Returns None when a function cannot be computed or the reconstruction fails.
    """
    p, system = fields.program, PrimeField(definitions, _prime(fields, definitions, theta))
    start = [v for name, _ in p.parameters for v in theta[name]]
    origin = np.array([system.number(v) for v in start], dtype=np.int64)
    vectors = np.zeros((0, p.size), dtype=np.int64)
    steps: list[tuple[Field, list[Fraction]]] = []
    quiet = 0
    while quiet < rounds and len(steps) < p.size:
        weights = np.array([rng.randint(1, 9) for _ in steps], dtype=np.int64)
        at = (origin + (weights[:, None] * vectors % system.p).sum(axis=0)) % system.p
        pool = [random_field(fields, rng, 9, dense=len(fields.outputs) > 1 and k % 2 == 1) for k in range(min(p.size - len(steps), 300) + 6)]
        rows = fields.flat(system, {**fields.split(system, at[None]), **leaves(fields, system, pool)})
        if rows is None:
            return None
        rows = np.broadcast_to(rows, (len(pool), p.size))
        new = [k - len(steps) for k in independent_rows(np.concatenate([vectors, rows]), system.p) if k >= len(steps)]
        steps += [(pool[k], [Fraction(int(w)) for w in weights]) for k in new]
        vectors = np.concatenate([vectors, rows[new]])
        quiet = 0 if new else quiet + 1
    basis = reconstructed(vectors, system.p)
    if basis is None:
        return None
    echelon = Echelon()
    for row in basis:
        echelon.insert(row)
    return Chain(_affine(p, start, echelon), steps, system.p)


def chain(fields: Fields, definitions: dict[str, Activation], theta: Flat, rng: random.Random) -> Chain | None:
    """The chain at a point: exact where piecewise functions need their gates, modulo a prime otherwise; None past the size limits."""
    piecewise = any(a.piecewise is not None for a in definitions.values())
    if fields.program.size > (MAX_EXACT if piecewise else MAX_PARAMETERS):
        return None
    return grow(fields, definitions, theta, rng) if piecewise else grow_modulo(fields, definitions, theta, rng)


def stated(chain: Chain) -> list[Any]:
    """The steps as JSON: step k has k − 1 coefficients."""
    return [[field.to_json(), [str(c) for c in weights] + ["0"] * (k - len(weights))] for k, (field, weights) in enumerate(chain.steps)]


@dataclass(frozen=True)
class Hull:
    """The smallest affine SIM that contains a point, with its certificate; `minimal` is False when minimality was not proved (then there is none)."""

    subspace: Subspace
    minimal: bool
    reason: str
    certificate: dict[str, Any] | None


def hull(point: Point) -> Hull:
    """The smallest affine SIM that contains a point.

    *Proves* (with its certificate): that the subspace is invariant, contains the point, and lies in every invariant affine subspace that does. *Does
    not prove:* that it is the
    orbit, which may be smaller. Raises `ResourceLimit` for models too large, `UndecidedError` when the space that was found could not be proved invariant.
    """
    p = point.program
    definitions = dict(point.definitions)
    for name, a in p.activations.items():
        if a.named is not None and a.named != "reciprocal":
            definitions[name] = Activation(polynomial=member(minimal(facts(a)), 9, point.rng))
    found = chain(point.fields, definitions, point.theta, point.rng)
    if found is None:
        raise ResourceLimit(f"the hull of a point of a model with {p.size} parameters", p.title, f"the limit is {MAX_PARAMETERS} ({MAX_EXACT} with relu)")
    if not found.subspace.rows:
        invariance: dict[str, Any] = {"method": "congruence"}
        activations: dict[str, Any] = {n: "itself" if a.piecewise is not None else [] for n, a in p.activations.items()}
    else:
        decision = decide(p, found.subspace, point.seed)
        if decision.certificate is None or decision.verdict != "invariant":
            raise UndecidedError(f"the affine space spanned by the gradients, of dimension {found.subspace.dimension}, was not proved invariant", p.title)
        invariance, activations = decision.certificate["proof"], decision.certificate["claim"]["activations"]
    if transcendental(p.activations):
        smallest = _flows(point, found.subspace.dimension) or _open(point, found.subspace.dimension)
        if smallest is None:
            return Hull(found.subspace, False, "invariant, but not proved to be the smallest for these functions", None)
    else:
        smallest = {"minimal": {"method": "chain", "steps": stated(found)}, "numbers": {"modulus": str(found.prime)}}
    proof = {"method": "hull", "activations": activations, "invariance": invariance, **smallest}
    proof["members"] = {n: [str(c) for c in cs] for n, cs in point.members.items()}
    theta = {n: [str(v) for v in vs] for n, vs in point.theta.items()}
    claim = {"kind": "hull", "activations": point.assumed(), "point": theta, "subspace": found.subspace.to_json()}
    meta = {"created_by": "simcert", "family": p.family, "seed": str(point.seed), "title": p.title}
    certificate = {"claim": claim, "format": "simcert", "meta": meta, "model": p.to_json(), "proof": proof, "version": 1}
    return Hull(found.subspace, True, "invariant and the smallest", certificate)


def _open(point: Point, dimension: int) -> dict[str, Any] | None:
    """A lower bound for the orbit that equals the dimension of the subspace: the orbit lies in every invariant subspace through the point."""
    lower = Search(point).improve(dimension)
    return {"minimal": {"method": "orbit", "lower": lower.proof}, "numbers": {}} if lower.bound == dimension else None


def _flows(point: Point, dimension: int) -> dict[str, Any] | None:
    """Curves in the orbit whose Taylor coefficients span a space of this dimension; None when the functions allow no exact series there."""
    if dimension == 0:
        return {"minimal": {"method": "flows", "curves": [], "fields": []}, "numbers": {"modulus": str(_prime(point.fields, point.definitions, point.theta))}}
    arithmetic = Arithmetic(point.fields, point.definitions, point.theta, point.rng, count=dimension + 8)
    if arithmetic.kind == "ball":
        return None
    curves: list[Curve] = []
    rows = np.zeros((0, point.program.size), dtype=np.int64)
    for attempt in range(4 * dimension + 4):
        curve = arithmetic.curve(4 if attempt < dimension + 4 else 12, controls=1 + attempt % 4)
        if curve is None:
            return None
        new = np.concatenate([rows, curve.coefficients[1:]])
        if len(independent_rows(new, arithmetic.base.p)) > len(independent_rows(rows, arithmetic.base.p)):
            rows = new
            curves.append(curve)
        if len(independent_rows(rows, arithmetic.base.p)) == dimension:
            texts = [curve.to_json() for curve in curves]
            fields = [f.to_json() for f in arithmetic.pool]
            return {"minimal": {"method": "flows", "curves": texts, "fields": fields}, "numbers": arithmetic.numbers()}
    return None
