"""Upper bounds for orbit dimensions, and the decision that makes them meet the lower ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from simcert.exact.primefield import PrimeField
from simcert.exact.rank import Eliminator, prime_for
from simcert.fields.gates import frozen
from simcert.fields.orbits import METHODS, Json, Lower, Point, Search, Upper
from simcert.groups.subspaces import Subspace
from simcert.invariance import algebraic
from simcert.invariance.decide import decide
from simcert.invariance.hull import Chain, chain
from simcert.laws.columns import columns
from simcert.laws.polynomials import Law, jacobian, law_proof, restricted
from simcert.laws.structural import Family, families
from simcert.models.activations import facts, minimal
from simcert.models.program import Activation


@dataclass(frozen=True)
class Orbit:
    """The orbit of a point: bounds with their proofs. `dimension` is None where they differ; `words` explain what holds the orbit back."""

    point: Point
    lower: Lower
    upper: Upper

    @property
    def dimension(self) -> int | None:
        return self.lower.bound if self.lower.bound == self.upper.bound else None

    def certificate(self) -> Json:
        """The orbit-dimension certificate."""
        p = self.point.program
        point = {n: [str(v) for v in vs] for n, vs in self.point.theta.items()}
        claim = {"kind": "orbit-dimension", "activations": self.point.assumed(), "point": point, "lower": self.lower.bound, "upper": self.upper.bound}
        members = {n: [str(c) for c in cs] for n, cs in self.point.members.items()}
        proof = {"method": "bounds", "lower": self.lower.proof, "upper": self.upper.proof, "members": members}
        meta = {"created_by": "simcert", "family": p.family, "seed": str(self.point.seed), "title": p.title}
        return {"claim": claim, "format": "simcert", "meta": meta, "model": p.to_json(), "proof": proof, "version": 1}


@dataclass
class Uppers:
    """Upper bounds at a point, the cheap ones first."""

    point: Point

    def __post_init__(self) -> None:
        p = self.point.program
        self.system = PrimeField({}, prime_for(self.point.vector))
        self.families: list[Family] = families(p)
        self.laws: list[tuple[Law, Json | None]] = [
            (law, family.generator(i, j)) for family in self.families for law, (i, j) in zip(family.laws(), family.pairs, strict=True)
        ]
        self.columns = columns(p)
        self.laws += [(law, None) for _, group in self.columns for law in group]
        self.hull: Chain | None = None

    def full(self) -> Upper:
        return Upper(self.point.program.size, {"method": "full"})

    def by_laws(self, subspace: Subspace | None = None, invariance: Json | None = None) -> Upper:
        """Laws of the flow, on the whole space or on an invariant subspace that contains the point."""
        whole = subspace is None
        space = Subspace(self.point.program, ()) if subspace is None else subspace
        rank, columns, used, minor = 0, list[int](), list[int](), 1
        if self.laws:
            matrix, free = restricted(jacobian([law for law, _ in self.laws], self.point.vector, self.system), space, self.system)
            eliminator = Eliminator(matrix.shape[1], self.system.p)
            eliminator.add(matrix)
            rank, columns, used = eliminator.rank, sorted(free[k] for k in eliminator.pivots), eliminator.rows
            minor = eliminator.determinant(rank)
        kept = [self.laws[k] for k in used]
        proof = {
            "method": "laws",
            "laws": [law.to_json() for law, _ in kept],
            "law_proof": law_proof([g for _, g in kept]),
            "columns": columns,
            "rows": list(range(rank)),
            "determinant": str(minor),
            "numbers": {"modulus": str(self.system.p)},
            "subspace": {} if whole else {**(invariance or {}), "subspace": space.to_json()},
        }
        quantities = [*(f.text() for f in self.families), *(text for text, _ in self.columns)]
        words = [f"{rank} of the quantities {', '.join(quantities)} are conserved and independent here"] if rank else []
        if not whole:
            words = [f"the point lies in an invariant subspace of dimension {space.dimension}: {'; '.join(space.equations()[:12])}", *words]
        return Upper(space.dimension - rank, proof, words)

    def by_gates(self) -> Upper | None:
        """The parameters that are frozen near the point because piecewise linear units are on or off for all inputs, and the laws on the other ones."""
        still = frozen(self.point.fields, self.point.theta)
        if not still:
            return None
        moving = sorted(set(range(self.point.program.size)) - set(still))
        eliminator = Eliminator(len(moving), self.system.p)
        if self.laws and moving:
            eliminator.add(jacobian([law for law, _ in self.laws], self.point.vector, self.system)[:, moving])
        kept, rank = [self.laws[k] for k in eliminator.rows], eliminator.rank
        proof = {
            "method": "gates",
            "frozen": still,
            "laws": [law.to_json() for law, _ in kept],
            "law_proof": law_proof([g for _, g in kept]),
            "columns": sorted(moving[k] for k in eliminator.pivots),
            "rows": list(range(rank)),
            "determinant": str(eliminator.determinant(rank)),
            "numbers": {"modulus": str(self.system.p)},
        }
        names = [self.point.program.parameter_name(k) for k in still[:12]] + ["…"] * (len(still) > 12)
        words = [f"{len(still)} parameters are frozen near the point, because units are off for all inputs: {', '.join(names)}"]
        return Upper(len(moving) - rank, proof, [*words, *([f"{rank} conserved quantities are independent in the others"] if rank else [])])

    def by_hull(self) -> Upper | None:
        """The smallest affine SIM that contains the point, and the laws on it."""
        found = self.chain()
        if found is None or not found.subspace.rows:
            return None
        decision = decide(self.point.program, found.subspace, self.point.seed)
        if decision.verdict != "invariant" or decision.certificate is None:
            return None
        invariance = {"activations": decision.certificate["claim"]["activations"], "proof": decision.certificate["proof"]}
        return self.by_laws(found.subspace, invariance)

    def chain(self) -> Chain | None:
        """The hull of the point for polynomial members of the classes of all activations."""
        from simcert.invariance.witness import member

        definitions = dict(self.point.definitions)
        for name, a in self.point.program.activations.items():
            if a.named is not None and a.named != "reciprocal":
                definitions[name] = Activation(polynomial=member(minimal(facts(a)), 9, self.point.rng))
        if self.hull is None:
            self.hull = chain(self.point.fields, definitions, self.point.theta, self.point.rng)
        return self.hull

    def by_module(self) -> Upper | None:
        """All gradients are multiples of one field: the orbit is a curve, or the point."""
        fields, p = self.point.fields, self.point.program
        if len(fields.outputs) != 1 or p.size > 200:
            return None
        from simcert.fields.brackets import random_field

        field = random_field(fields, self.point.rng, 1)
        if not algebraic.parallel(fields, {n: "itself" if a.cls is None else minimal(facts(a)) for n, a in p.activations.items()}, field.inputs):
            return None
        return Upper(
            1, {"method": "module", "field": field.to_json(), "numbers": {"modulus": str(self.system.p)}}, ["all gradients are multiples of one vector field"]
        )


def orbit(point: Point, most_terms: int = 64, more: Sequence[tuple[Law, Json]] = (), methods: Sequence[str] = METHODS) -> Orbit:
    """The orbit dimension of a point with matching bounds, or the best bounds found.

    Arguments: `most_terms` of the power series along curves; `more` laws, with their generators, than `families` finds; `methods`, the lower bounds to try.

    *Proves:* what its certificate states, rank Lie(V)(θ0) between the bounds; the orbit has that dimension by the theorem of Hermann and Nagano.
    *Does not prove:* which points the orbit contains.
    """
    search, uppers = Search(point, methods), Uppers(point)
    uppers.laws += more
    upper = uppers.full()
    candidates: list[Any] = [uppers.by_laws, uppers.by_gates, uppers.by_hull, uppers.by_module]
    lower = search.improve(upper.bound, 0)
    for candidate in candidates:
        if lower.bound >= upper.bound:
            break
        found = candidate()
        if found is not None and found.bound < upper.bound:
            upper = found
    if lower.bound < upper.bound:
        lower = search.improve(upper.bound, most_terms)
    return Orbit(point, lower, upper)
