"""The smallest invariant affine subspace that contains a point: it is invariant, and every other one contains it.

An invariant affine subspace that contains a point θ contains its directions X(θ) for all fields X, and with them the point's orbit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .canonical import Json, Rational, fields, items, rationals, show
from .claim import Claim
from .curves import Start
from .invariance import check_embedded
from .local import Numbers, read_numbers
from .lower import check_lower
from .outcome import Budget, Invalid, Malformed, Unsupported
from .program import Model
from .rank import rank
from .rational import Rationals
from .residue import reduce
from .subspace import Subspace
from .vectors import Field, Fields, read_members


def _chain(f: Fields, numbers: Numbers, d: dict[str, Json], point: Sequence[Rational], place: str) -> list[list[int]]:
    """The residues of g_k = X_k(θ0 + Σ_j c_j g_j): by induction these are directions of every invariant affine subspace that contains θ0.

    Computed over Q where signs of piecewise functions are needed at the points of the chain; a transcendental function only at θ0 itself.
    """
    modulus, exactly = numbers.modulus, any(f.functions[node.names[0]].kind == "piecewise" for node in f.model.nodes if node.op == "apply")
    vectors: list[list[Any]] = []
    for k, item in enumerate(items(d["steps"], f"{place}/steps")):
        step, listed = items(item, f"{place}/steps/{k}", 2)
        field = f.read(step, f"{place}/steps/{k}")
        weights = rationals(listed, f"{place}/steps/{k}", f.budget, k)
        start = Start(f, numbers, [field], point)
        system = Rationals(f.budget, f.functions) if exactly else numbers.system(f.budget, None) if any(weights) else start.here(0)
        theta = [system.rational(q) for q in point]
        if any(weights):
            factors = [system.rational(1), *(system.rational(c) for c in weights)]
            theta = [system.dot(factors, column) for column in zip(theta, *vectors, strict=True)]
        vectors.append(f.gradient(field, theta, system))
    return [[reduce(q, modulus) for q in vector] for vector in vectors]


def _flows(f: Fields, numbers: Numbers, d: dict[str, Json], point: Sequence[Rational], place: str) -> list[list[int]]:
    """The Taylor coefficients of order ≥ 1 of curves in the orbit: differences of points of an affine subspace that contains it, and limits of such."""
    chosen: list[Field] = f.read_all(d["fields"], f"{place}/fields")
    start = Start(f, numbers, chosen, point)
    out: list[list[int]] = []
    for k, item in enumerate(items(d["curves"], f"{place}/curves")):
        where = f"{place}/curves/{k}"
        curve = fields(item, where, "control", "curve")
        out += start.check_curve(curve["control"], curve["curve"], where)[1:]
    return out


def _span(directions: Callable[[Fields, Numbers, dict[str, Json], Sequence[Rational], str], list[list[int]]]) -> Callable[..., int]:
    """The rank of directions modulo an integer."""

    def dimension(f: Fields, d: dict[str, Json], numbers: Json, point: Sequence[Rational], place: str) -> int:
        system = read_numbers(numbers, "/proof/numbers", f.model, f.functions, f.budget)
        if system.precision:
            raise Invalid("the rank of directions is taken modulo an integer")
        return rank(directions(f, system, d, point, place), system.modulus, f.budget)

    return dimension


def _orbit(f: Fields, d: dict[str, Json], numbers: Json, point: Sequence[Rational], place: str) -> int:
    """The dimension of Lie(V) at the point, whose values are directions of every invariant affine subspace that contains it."""
    fields(numbers, "/proof/numbers")
    return check_lower(f, d["lower"], f"{place}/lower", point)


_METHODS = {"chain": (_span(_chain), ("steps",)), "flows": (_span(_flows), ("curves", "fields")), "orbit": (_orbit, ("lower",))}


def check_hull(model: Model, claim: Claim, space: Subspace, proof: dict[str, Json], budget: Budget) -> None:
    """Check a proof of a claim of kind `hull`.

    *Proves:* the subspace is invariant (for every function of the claim), contains the point, and lies in every invariant affine subspace that does (for
    generic functions of a class, as the directions are shown to be independent for one member). *Does not prove:* that it is the orbit.
    """
    d = fields(proof, "/proof", "activations", "invariance", "members", "method", "minimal", "numbers")
    f = Fields(model, read_members(d["members"], "/proof/members", model, claim, budget), budget)
    minimal, place = d["minimal"], "/proof/minimal"
    method = minimal.get("method") if isinstance(minimal, dict) else None
    if not isinstance(method, str):
        raise Malformed(f"{place}: expected an object with a method")
    if method not in _METHODS:
        raise Unsupported(f"{place}: this checker does not know the method {show(method)}")
    rule, keys = _METHODS[method]
    inner = fields(minimal, place, "method", *keys)
    if not space.contains(claim.point):
        raise Invalid("the point does not lie in the subspace")
    if rule(f, inner, d["numbers"], claim.point, place) < model.size - len(space.rows):
        raise Invalid("the directions are not shown to span the directions of the subspace")
    check_embedded(model, space, d["activations"], d["invariance"], "/proof/invariance", budget)
