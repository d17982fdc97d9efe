"""Conservation laws: polynomials h of the parameters with ∇h·∇F_c(θ)(x) = 0, and how many of them are independent at a point."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .canonical import Json, Rational, fields, integer, items, show
from .claim import Claim, Polynomial, read_point
from .evaluate import System
from .local import read_numbers
from .lower import check_lower, check_minor, read_columns
from .normalform import Forms, parametrize, slopes
from .outcome import Budget, Invalid, Malformed, Unsupported
from .program import Model
from .scaling import check_scaling
from .subspace import Subspace
from .vectors import Fields, read_members


def derivatives(law: Polynomial, theta: Sequence[Any], system: System[Any]) -> dict[int, Any]:
    """The partial derivatives of a polynomial at θ, by parameter index; those that are missing are 0."""
    terms: dict[int, list[tuple[Any, Any]]] = {}
    for monomial, c in law.items():
        before = [system.rational(c)]
        for p in monomial:
            system.budget.tick()
            before.append(system.dot((before[-1],), (theta[p],)))
        after = system.rational(1)
        for k in reversed(range(len(monomial))):
            terms.setdefault(monomial[k], []).append((before[k], after))
            after = system.dot((after,), (theta[monomial[k]],))
    return {p: system.dot([a for a, _ in pairs], [b for _, b in pairs]) for p, pairs in terms.items()}


def jacobian(laws: Sequence[Polynomial], point: Sequence[Rational], space: Subspace, columns: Sequence[int], system: System[Any]) -> list[list[Any]]:
    """The derivatives of the laws at a point of the subspace by its free coordinates listed.

    A pivot θ_p is c − Σ a_q u_q, so ∂/∂u_q of the restriction is ∂h/∂θ_q − Σ_p a_q ∂h/∂θ_p.
    """
    theta = [system.rational(q) for q in point]
    follow: dict[int, list[tuple[int, Any]]] = {q: [(q, system.rational(1))] for q in columns}
    for row in space.rows:
        for q, a in row[1:]:
            if q in follow:
                follow[q].append((row[0][0], system.rational(-a)))
    out: list[list[Any]] = []
    zero = system.rational(0)
    for law in laws:
        slope = derivatives(law, theta, system)
        out.append([system.dot([slope.get(p, zero) for p, _ in pairs], [a for _, a in pairs]) for pairs in (follow[q] for q in columns)])
    return out


def read_rows(value: Json, place: str, laws: Sequence[Polynomial]) -> list[Polynomial]:
    """The laws of a minor of the Jacobian, by increasing numbers."""
    return [laws[k] for k in read_columns(value, place, len(laws))]


def _check_identity(model: Model, claim: Claim, laws: Sequence[Polynomial], space: Subspace, budget: Budget) -> None:
    """∇h·∇(Σ v_c F_c) has the normal form 0 on the subspace, for every law h."""
    forms = Forms(budget, model, claim, names=False)
    theta = parametrize(forms, space)
    touched = {p for law in laws for monomial in law for p in monomial}
    gradient = slopes(model, forms, theta, touched, {})
    for k, law in enumerate(laws):
        pairs = [(slope, gradient[p]) for p, slope in derivatives(law, theta, forms).items() if p in gradient]
        if forms.simplify(forms.dot([a for a, _ in pairs], [b for _, b in pairs])):
            raise Invalid(f"law {k}: the product of its gradient with that of F has a normal form that is not 0")


def check_laws(model: Model, claim: Claim, laws: Sequence[Polynomial], space: Subspace, proof: Json, place: str, budget: Budget) -> None:
    """Check that every law is conserved by the flows on an invariant subspace (which may be the whole space).

    *Proves:* ∇h·∇F_c(θ)(x) = 0 for θ in the subspace, all x and c, for every function of the claim. *Does not prove:* that the laws are independent.
    """
    method = proof.get("method") if isinstance(proof, dict) else None
    if method == "joint":
        _check_parts(model, claim, laws, space, fields(proof, place, "method", "parts")["parts"], f"{place}/parts", budget)
    elif method == "identity":
        fields(proof, place, "method")
        _check_identity(model, claim, laws, space, budget)
    elif method == "scaling":
        check_scaling(model, claim, laws, fields(proof, place, "generators", "method")["generators"], f"{place}/generators", budget)
    elif isinstance(method, str):
        raise Unsupported(f"{place}: this checker does not know the method {show(method)}")
    else:
        raise Malformed(f"{place}: expected an object with a method")


def _check_parts(model: Model, claim: Claim, laws: Sequence[Polynomial], space: Subspace, value: Json, place: str, budget: Budget) -> None:
    """Consecutive groups of laws, each with a proof of its own that is not divided further."""
    done = 0
    for k, item in enumerate(items(value, place)):
        part = fields(item, f"{place}/{k}", "count", "proof")
        count = integer(part["count"], f"{place}/{k}/count", 1, len(laws) - done)
        if isinstance(part["proof"], dict) and part["proof"].get("method") == "joint":
            raise Malformed(f"{place}/{k}: a part is not divided further")
        check_laws(model, claim, laws[done : done + count], space, part["proof"], f"{place}/{k}/proof", budget)
        done += count
    if done != len(laws):
        raise Malformed(f"{place}: the parts prove {done} of {len(laws)} laws")


def check_conservation(model: Model, claim: Claim, proof: dict[str, Json], budget: Budget) -> None:
    """Check a proof of a claim of kind `conservation-laws`.

    *Proves:* every law is conserved; `rank` of them are independent at the point of the proof; and with `generic` ≥ 0 that generic orbits near that point
    are of dimension `generic`: at most M minus the rank of the Jacobian, which is at least `rank` near the point, and at least the rank of Lie(V) at the
    point (both ranks are lower semicontinuous). *Does not prove:* that there are no other laws where `generic` is −1.
    """
    d = fields(proof, "/proof", "columns", "determinant", "law_proof", "lower", "members", "method", "numbers", "point", "rows")
    f = Fields(model, read_members(d["members"], "/proof/members", model, claim, budget), budget)
    numbers = read_numbers(d["numbers"], "/proof/numbers", model, f.functions, budget)
    point, columns = read_point(d["point"], "/proof/point", model, budget), read_columns(d["columns"], "/proof/columns", model.size)
    whole, (rank, generic) = Subspace(model.size, (), ()), claim.bounds
    if len(columns) != rank:
        raise Invalid("the number of columns is not the rank")
    check_laws(model, claim, claim.laws, whole, d["law_proof"], "/proof/law_proof", budget)
    system = numbers.system(budget, None)
    rows = jacobian(read_rows(d["rows"], "/proof/rows", claim.laws), point, whole, columns, system)
    check_minor(rows, rank, d["determinant"], "/proof", system)
    bound = check_lower(f, d["lower"], "/proof/lower", point)
    if generic >= 0 and generic != model.size - rank:
        raise Invalid("the generic orbit dimension is not the number of parameters minus the rank")
    if bound < generic:
        raise Invalid(f"the orbit dimension at the point is only shown to be at least {bound}")
