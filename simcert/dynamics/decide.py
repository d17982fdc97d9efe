"""Deciding whether training dynamics are intrinsic at a rational point: by recoverability, by an explicit K, or refuted by one vector.

Source: Marcotte, Peyré, Gribonval, arXiv 2508.07370. The kernel criterion ker ∂φ ∩ Lie(W_φ)(θ) ⊂ ker ∂G(θ) is necessary; where it holds and no K is known, the
answer is "undecided".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np
from flint import fmpq_mat

from simcert.dynamics import lifting, products
from simcert.dynamics.products import Block
from simcert.errors import ResourceLimit
from simcert.exact.duals import Duals
from simcert.exact.linalg import nullspace
from simcert.exact.primefield import PrimeField, prime_for
from simcert.exact.rank import SMALL, Eliminator
from simcert.exact.rationals import Rationals, to_fraction
from simcert.fields.brackets import Field, Word, as_matrix, leaves, vectors
from simcert.fields.orbits import Point, Search, Upper, trim
from simcert.fields.uppers import Orbit, orbit
from simcert.laws.polynomials import Law, Number, jacobian
from simcert.laws.search import conservation_laws
from simcert.laws.structural import families
from simcert.models.program import Program

Json = dict[str, Any]
LONGEST = 6
SEARCHED = 40  # parameters up to which laws without structure are searched
LARGEST = 600  # parameters; exact ranks beyond are slow


@dataclass(frozen=True)
class Intrinsic:
    """The answer at a point: `verdict` is "intrinsic", "not-intrinsic" or "undecided".

    `lie` is the dimension of Lie(W_φ)(θ0) (None where its bounds differ), `rank` that of ∂φ(θ0); `kernel` = lie − rank is the dimension of
    Lie(W_φ)(θ0) ∩ ker ∂φ(θ0), because ∂φ has its full rank on the span of its rows, which lies in Lie(W_φ)(θ0). `where` says for which θ it is intrinsic,
    `blocks` have the explicit K, `laws` the constants of the level, `certificate` the proof, `reason` what was found.
    """

    program: Program
    verdict: str
    orbit: Orbit
    rank: int
    method: str = ""
    where: str = ""
    reason: str = ""
    blocks: tuple[Block, ...] = ()
    laws: tuple[Law, ...] = ()
    certificate: Json | None = None

    @property
    def lie(self) -> int | None:
        return self.orbit.dimension

    @property
    def kernel(self) -> int | None:
        return None if self.lie is None else self.lie - self.rank


@dataclass(frozen=True)
class _Laws:
    laws: list[Law]
    proof: Json
    generators: list[tuple[Law, Json]]  # those that `families` does not find


def intrinsic(program: Program, theta: dict[str, list[Fraction]], seed: int = 0) -> Intrinsic:
    """Decide whether the factorisation φ has intrinsic dynamics on the level, or near the point.

    *Proves:* what its certificate states. *Does not prove:* with "undecided", nothing but the numbers.

    Arguments: `program`, a factorisation (`factorization`); `theta` flat rationals by name. Raises `ResourceLimit` for more than 600 parameters.
    """
    if program.size > LARGEST:
        raise ResourceLimit(f"{program.size} parameters", program.title, f"exact ranks are computed up to {LARGEST}")
    known = _laws(program)
    point = Point(program, theta, seed)
    found = _bounded(point, known)
    if found.dimension is None and program.size <= SEARCHED:
        more = _searched(program, seed)
        if len(more.laws) > len(known.laws):
            known, found = more, _bounded(point, more)
    linear = _Linear(point)
    rank = int(linear.jacobian.rank())
    answer = _intrinsic(program, theta, known, found, linear, rank)
    if answer is not None:
        return answer
    refuted = _refuted(linear, found, rank)
    if refuted is not None:
        return refuted
    reason = "the kernel criterion holds, and no K is known" if found.dimension is not None else "the dimension of the Lie algebra is not known"
    return Intrinsic(program, "undecided", found, rank, reason=reason, laws=tuple(known.laws))


def _laws(program: Program) -> _Laws:
    """Conserved polynomials that the structure of the program predicts, with their infinitesimal symmetries."""
    own: list[tuple[Law, Json]] = []
    if program.family == "factorization of mlp" and any(n.op == "contract" and len(n.shape) > 2 for n in program.nodes):
        own = lifting.rescalings(program)
    pairs = own or [(law, f.generator(i, j)) for f in families(program) for law, (i, j) in zip(f.laws(), f.pairs, strict=True)]
    return _Laws([law for law, _ in pairs], {"method": "scaling", "generators": [g for _, g in pairs]}, own)


def _searched(program: Program, seed: int) -> _Laws:
    """Quadratic conserved polynomials that a search finds."""
    certificate = conservation_laws(program, seed=seed).certificate
    laws = [Law({tuple(m): Fraction(c) for c, m in terms}) for terms in certificate["claim"]["laws"]]
    return _Laws(laws, certificate["proof"]["law_proof"], [])


def _bounded(point: Point, known: _Laws) -> Orbit:
    """The bounds of dim Lie(W_φ)(θ0); laws without generators, each proved as an identity, bound it from above too."""
    if known.proof["method"] == "scaling":
        return orbit(point, more=known.generators)
    found = orbit(point, 0)
    if found.dimension is not None or not known.laws:
        return found
    p = prime_for(point.vector, SMALL)
    eliminator = Eliminator(point.program.size, p)
    eliminator.add(jacobian(known.laws, point.vector, PrimeField({}, p)))
    bound = point.program.size - eliminator.rank
    if bound < found.upper.bound:
        proof: Json = {"method": "laws", "laws": [known.laws[k].to_json() for k in eliminator.rows], "law_proof": known.proof, "subspace": {}}
        proof |= {"columns": sorted(eliminator.pivots), "rows": list(range(eliminator.rank)), "numbers": {"modulus": str(p)}}
        found = replace(found, upper=Upper(bound, {**proof, "determinant": str(eliminator.determinant(eliminator.rank))}))
    if found.lower.bound < found.upper.bound:
        better = Search(point).improve(found.upper.bound)
        found = replace(found, lower=better) if better.bound > found.lower.bound else found
    return found


class _Linear:
    """∂φ at the point, and the derivatives of its rows, over Q."""

    def __init__(self, point: Point) -> None:
        self.point, self.fields = point, point.fields
        self.system = Rationals(point.program.activations)
        shapes = dict(point.program.parameters)
        self.theta = {n: self.system.array(list(v), shapes[n]) for n, v in point.theta.items()}
        self.entries = self.fields.outputs
        self.units = [Field(((k, i, Fraction(1)),), {}, n) for n, (k, i) in enumerate(self.entries)]
        self.rows: Any = self.vectors(self.units, [(n,) for n in range(len(self.units))])
        self.jacobian = fmpq_mat(len(self.entries), point.program.size, list(self.rows.ravel()))

    def vectors(self, chosen: Sequence[Field], spelled: Sequence[Word]) -> Any:
        """The vectors of words at the point, an array (words, M)."""
        found = vectors(self.fields, self.system, self.theta, chosen, spelled)
        if found is None:
            raise ResourceLimit("a word cannot be evaluated in rationals")
        return as_matrix(found).reshape(len(spelled), -1)

    def change(self, v: Any) -> Any:
        """The derivative of ∂φ along a vector, an array (entries, M)."""
        duals = Duals(self.system)
        moving = {name: (self.theta[name], part) for name, part in self.fields.split(self.system, v).items()}
        own = {name: (value, None) if name else value for name, value in leaves(self.fields, self.system, self.units).items()}
        value = self.fields.flat(duals, {**moving, **own})
        if value is None or value[1] is None:
            return self.rows * 0
        return value[1].reshape(self.rows.shape)


def _claim(point: Point, found: Orbit, rank: int, kind: str) -> Json:
    stated = {n: [str(v) for v in vs] for n, vs in point.theta.items()}
    return {"kind": kind, "activations": point.assumed(), "point": stated, "lower": found.lower.bound, "upper": found.upper.bound, "rank": rank}


def _finished(found: Orbit, claim: Json, proof: Json) -> Json:
    """The certificate; the proof gets the bounds of the Lie algebra."""
    p = found.point.program
    lie = {"method": "bounds", "lower": found.lower.proof, "upper": found.upper.proof, "members": {}}
    meta = {"created_by": "simcert", "family": p.family, "seed": str(found.point.seed), "title": p.title}
    return {"claim": claim, "format": "simcert", "meta": meta, "model": p.to_json(), "proof": {**proof, "lie": lie}, "version": 1}


def _intrinsic(program: Program, theta: dict[str, list[Fraction]], known: _Laws, found: Orbit, linear: _Linear, rank: int) -> Intrinsic | None:
    """A proof that the dynamics are intrinsic, on the largest set for which one is known."""
    claim = {**_claim(found.point, found, rank, "intrinsic"), "laws": [law.to_json() for law in known.laws]}
    blocks, where = _blocks(program, theta, known)
    explicit = {"blocks": [b.to_json(known.laws) for b in blocks], "law_proof": known.proof, "method": "products"}
    shared = {"program": program, "verdict": "intrinsic", "orbit": found, "rank": rank, "laws": tuple(known.laws)}
    if where == "level":
        data = _finished(found, {**claim, "where": where}, explicit)
        return Intrinsic(**shared, method="products", where=where, reason="an explicit K on the whole level", blocks=blocks, certificate=data)
    minor = _recovered(program, known.laws, linear)
    if minor is not None:
        data = _finished(found, {**claim, "where": "near"}, {**minor, "law_proof": known.proof, "method": "recoverable"})
        return Intrinsic(**shared, method="recoverable", where="near", reason="θ is a function of φ(θ) and the laws", blocks=blocks, certificate=data)
    if where == "near":
        data = _finished(found, {**claim, "where": where}, explicit)
        return Intrinsic(**shared, method="products", where=where, reason="an explicit K near the point", blocks=blocks, certificate=data)
    if found.upper.bound == rank:
        data = _finished(found, {**claim, "laws": [], "where": "orbit"}, {"method": "immersion"})
        return Intrinsic(**{**shared, "laws": ()}, method="immersion", where="orbit", reason="φ is one-to-one on the orbit near the point", certificate=data)
    return None


def _blocks(program: Program, theta: dict[str, list[Fraction]], known: _Laws) -> tuple[tuple[Block, ...], str]:
    """The products of matrices that φ consists of, each with an explicit K, and where they have it; nothing where one has none."""
    found = products.chains(program)
    if found is None or not products.is_product(program, theta, found):
        return (), ""
    stated = {frozenset(law.terms) for law in known.laws}
    if any(frozenset(law.terms) not in stated for chain in found for entries in products.differences(chain) for law in entries):
        return (), ""
    blocks = [products.block(chain, theta) for chain in found]
    kept = tuple(b for b in blocks if b is not None)
    if len(kept) < len(blocks):
        return (), ""
    return kept, "near" if any(b.where == "near" for b in kept) else "level"


def _recovered(program: Program, laws: Sequence[Law], linear: _Linear) -> Json | None:
    """A regular M × M minor of the derivatives of φ and the laws, modulo a prime."""
    p = prime_for(linear.point.vector, SMALL)
    system = PrimeField({}, p)
    rows = [[system.number(to_fraction(v)) for v in row] for row in linear.rows]
    stacked = np.array(rows, dtype=np.int64).reshape(-1, program.size)
    if laws:
        stacked = np.concatenate([stacked, jacobian(laws, linear.point.vector, system)])
    eliminator = Eliminator(program.size, p)
    eliminator.add(stacked)
    if eliminator.rank < program.size:
        return None
    return {"rows": eliminator.rows, "determinant": str(eliminator.determinant(program.size)), "numbers": {"modulus": str(p)}}


def _refuted(linear: _Linear, found: Orbit, rank: int) -> Intrinsic | None:
    """A vector v of Lie(W_φ)(θ0), over Q, with ∂φ v = 0 and ∂G v ≠ 0."""
    chosen, spelled = _spanning(linear.point, found)
    if not spelled:
        return None
    matrix = linear.vectors(chosen, spelled)
    image = linear.jacobian * fmpq_mat(len(spelled), linear.point.program.size, list(matrix.ravel())).transpose()
    rows: list[dict[int, Number]] = [{j: to_fraction(image[i, j]) for j in range(len(spelled)) if image[i, j] != 0} for i in range(len(linear.entries))]
    for combination in nullspace([row for row in rows if row], len(spelled)):
        v = sum(linear.system.number(Fraction(c)) * row for c, row in zip(combination, matrix, strict=True))
        change = linear.change(np.asarray(v, dtype=object).reshape(1, -1))
        g = change @ linear.rows.T
        g = g + g.T
        nonzero = np.argwhere(g != 0)
        if not len(nonzero):
            continue
        a, b = (int(k) for k in nonzero[0])
        kept = [(c, w) for c, w in zip(combination, spelled, strict=True) if c]
        own, words, _ = trim(chosen, [w for _, w in kept])
        proof = {
            "combination": [str(Fraction(c)) for c, _ in kept],
            "entry": [a, b],
            "fields": [f.to_json() for f in own],
            "method": "vector",
            "value": str(to_fraction(g[a, b])),
            "words": words,
        }
        data = _finished(found, _claim(linear.point, found, rank, "not-intrinsic"), proof)
        reason = "a vector of the Lie algebra that φ does not see moves G"
        return Intrinsic(linear.point.program, "not-intrinsic", found, rank, method="vector", reason=reason, certificate=data)
    return None


def _spanning(point: Point, found: Orbit) -> tuple[list[Field], list[Word]]:
    """Words whose vectors at the point span Lie(W_φ)(θ0), as far as words of length 6 do."""
    search = Search(point)
    arithmetic, rng = search.arithmetic, point.rng
    pool: list[Field] = arithmetic.pool
    eliminator, spelled = Eliminator(point.program.size, arithmetic.base.p), list[Word]()
    for length in range(1, LONGEST + 1):
        block: list[Word] = [(k,) for k in range(len(pool))]
        if length > 1:
            block = [tuple(rng.choices(range(len(pool)), k=length)) for _ in range(point.program.size + 8)]
        rows = arithmetic.words(block)
        spelled += block
        eliminator.add(rows)
        if eliminator.rank >= found.upper.bound:
            break
    return pool, [spelled[k] for k in eliminator.rows]
