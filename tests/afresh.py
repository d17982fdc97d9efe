"""Claims about orbits, conservation laws and hulls, asked of the producer afresh: what a changed certificate says must not contradict it."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

from simcert.exact.primefield import PrimeField
from simcert.exact.rank import SMALL, Eliminator
from simcert.fields.gradients import Fields
from simcert.fields.orbits import Point
from simcert.fields.uppers import orbit
from simcert.groups.subspaces import Subspace
from simcert.invariance.algebraic import conserved
from simcert.invariance.hull import hull
from simcert.laws.polynomials import Law, jacobian
from simcert.laws.search import conservation_laws
from simcert.models.program import Program

Json = dict[str, Any]
KINDS = ("orbit-dimension", "conservation-laws", "hull")


def agrees(program: Program, claim: Json) -> bool:
    """Whether the producer, asked afresh, does not contradict a claim about orbits, laws or hulls."""
    whole = Subspace(program, ())
    if claim["kind"] == "conservation-laws":
        about = {name: meant if meant == "itself" else tuple(meant) for name, meant in claim["activations"].items()}
        laws = [{tuple(m): Fraction(c) for c, m in law} for law in claim["laws"]]
        found = conservation_laws(program)
        independent = Eliminator(program.size)
        generic = [Fraction(random.Random(0).randint(1, 99)) for _ in range(program.size)]
        if laws:
            independent.add(jacobian([Law(law) for law in laws], generic, PrimeField({}, SMALL)))
        complete = claim["generic"] == -1 or claim["generic"] == program.size - found.count == program.size - claim["rank"]
        return conserved(Fields(program), whole, about, laws) == [True] * len(laws) and claim["rank"] <= independent.rank and complete
    point = Point(program, {name: [Fraction(v) for v in values] for name, values in claim["point"].items()}, 7)
    if claim["kind"] == "hull":
        return hull(point).subspace.to_json() == claim["subspace"]
    found = orbit(point)
    return claim["lower"] <= found.upper.bound and found.lower.bound <= claim["upper"]
