"""Claims about orbits, conservation laws, hulls and classifications, asked of the producer afresh: what a changed certificate says must not contradict it."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

from simcert.dynamics.decide import intrinsic
from simcert.exact.primefield import PrimeField
from simcert.exact.rank import SMALL, Eliminator
from simcert.fields.gradients import Fields
from simcert.fields.orbits import Point
from simcert.fields.uppers import orbit
from simcert.groups.classification import classification
from simcert.groups.subspaces import Subspace
from simcert.invariance.algebraic import conserved
from simcert.invariance.hull import hull
from simcert.laws.polynomials import Law, jacobian
from simcert.laws.search import conservation_laws
from simcert.models.program import Program

Json = dict[str, Any]
KINDS = ("orbit-dimension", "conservation-laws", "hull", "classification", "intrinsic", "not-intrinsic")


def agrees(program: Program, claim: Json) -> bool:
    """Whether the producer, asked afresh, does not contradict a claim about orbits, laws or hulls."""
    whole = Subspace(program, ())
    if claim["kind"] == "conservation-laws":
        about = {name: meant if meant == "itself" else tuple(meant) for name, meant in claim["activations"].items()}
        laws = [{tuple(m): Fraction(c) for c, m in law} for law in claim["laws"]]
        found = conservation_laws(program)
        independent = Eliminator(program.size)
        rng = random.Random(0)
        generic = [Fraction(rng.randint(1, 99)) for _ in range(program.size)]
        if laws:
            independent.add(jacobian([Law(law) for law in laws], generic, PrimeField({}, SMALL)))
        complete = claim["generic"] == -1 or claim["generic"] == program.size - found.count == program.size - claim["rank"]
        return conserved(Fields(program), whole, about, laws) == [True] * len(laws) and claim["rank"] <= independent.rank and complete
    if claim["kind"] == "classification":
        fresh = classification(program, "one")
        table = [(s["zero"], tuple(s["blocks"]), s["count"], s["dimension"], s["patterns"]) for s in claim["strata"]]
        same = table == [(s.zero, s.blocks, -1 if s.count is None else s.count, s.dimension, s.patterns) for s in fresh.strata]
        same &= (claim["total"], claim["symmetry_induced"]) == (-1 if fresh.total is None else fresh.total, "yes" if fresh.symmetry_induced else "no")
        named = [(s["dimension"], {n: [Fraction(v) for v in vs] for n, vs in point.items()}) for s in claim["strata"] for point in s["points"]]
        bounds = [(dimension, orbit(Point(program, point, 7))) for dimension, point in named]
        return same and claim["row"] == fresh.row.name and all(o.lower.bound <= d <= o.upper.bound for d, o in bounds)
    point = Point(program, {name: [Fraction(v) for v in values] for name, values in claim["point"].items()}, 7)
    if claim["kind"] in ("intrinsic", "not-intrinsic"):
        return _intrinsic(program, point, claim)
    if claim["kind"] == "hull":
        return hull(point).subspace.to_json() == claim["subspace"]
    found = orbit(point)
    return claim["lower"] <= found.upper.bound and found.lower.bound <= claim["upper"]


def _intrinsic(program: Program, point: Point, claim: Json) -> bool:
    """The numbers, the laws and the verdict of a factorisation; "level" must not be said where only less is found."""
    found = intrinsic(program, {name: list(values) for name, values in point.theta.items()}, 3)
    if found.verdict not in (claim["kind"], "undecided") or claim["rank"] != found.rank:
        return False
    laws = [{tuple(m): Fraction(c) for c, m in law} for law in claim.get("laws", [])]
    numbers = claim["lower"] <= found.orbit.upper.bound and found.orbit.lower.bound <= claim["upper"]
    about = dict.fromkeys(program.activations, "itself")
    conserved_all = not laws or conserved(Fields(program), Subspace(program, ()), about, laws) == [True] * len(laws)
    return numbers and conserved_all and (claim.get("where") != "level" or found.where in ("level", ""))
