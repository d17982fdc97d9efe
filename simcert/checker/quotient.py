"""A subspace on which a network is a smaller one: L is invariant, F(θ) = G(Qθ) on L, and gradient flows on L are those of G for a metric.

Let A be the linear part of Q; its rows are directions of L and A Aᵀ = diag(m). By invariance ∇F_c(θ) is a direction of L, so by the chain rule along L it
is Aᵀ∇G_c(v) with v = Qθ. Hence v' = A θ' = −diag(m) ∇Loss(G(v)) along every gradient flow in L, and what is orthogonal to the rows of A in L does not move.
"""

from __future__ import annotations

from .canonical import Json, Rational, fields, show, string
from .claim import Claim
from .evaluate import evaluate
from .expansion import check_expansion
from .invariance import check_invariant
from .normalform import Forms, Poly, Symbol, parametrize
from .outcome import Budget, Invalid, Malformed, Unsupported
from .program import LEAVES, Model
from .reduction import Reduction
from .subspace import Row, Subspace

_KEYS = {"expansion": ("axes", "relations"), "identity": ()}


def _check_metric(reduction: Reduction, space: Subspace, budget: Budget) -> None:
    """The rows of A are directions of the subspace, orthogonal to each other, and their squared lengths are the metric."""
    equations: dict[int, list[tuple[int, Rational]]] = {}
    for i, row in enumerate(space.rows):
        for q, a in row:
            equations.setdefault(q, []).append((i, a))
    columns: dict[int, list[tuple[int, Rational]]] = {}
    for p, row in enumerate(reduction.rows):
        budget.tick()
        products: Row = {}
        for q, a in row.items():
            for i, c in equations.get(q, ()):
                products[i] = products.get(i, 0) + a * c
            columns.setdefault(q, []).append((p, a))
        if any(products.values()):
            raise Invalid(f"row {p} of the map is not a direction of the subspace")
        if sum((a * a for a in row.values()), 0) != reduction.metric[p]:
            raise Invalid(f"the metric of parameter {p} of the small network is not the squared length of its row")
    crossed: dict[tuple[int, int], Rational] = {}
    for column in columns.values():
        for n, (p, a) in enumerate(column):
            budget.tick()
            for q, b in column[:n]:
                crossed[q, p] = crossed.get((q, p), 0) + a * b
    for (q, p), value in crossed.items():
        if value:
            raise Invalid(f"rows {q} and {p} of the map are not orthogonal")


def _check_identity(model: Model, claim: Claim, reduction: Reduction, space: Subspace, budget: Budget) -> None:
    """F on the subspace and G at v = Qθ have the same normal forms."""
    forms = Forms(budget, model, claim, names=False)
    theta = parametrize(forms, space)
    v = [
        forms.total([forms.rational(c), *(forms.dot([forms.rational(a)], [theta[q]]) for q, a in row.items())])
        for row, c in zip(reduction.rows, reduction.constants, strict=True)
    ]
    inputs: dict[str, list[Poly]] = {
        name: [{forms.symbol(Symbol()): 1} for _ in range(node.size)] for node in model.nodes if node.op == "input" for name in node.names
    }
    sides: list[list[list[Poly]]] = []
    for program, point in ((model, theta), (reduction.small, v)):
        leaves = {i: [point[p] for p in program.indices(node)] for i, node in enumerate(program.nodes) if node.op in LEAVES}
        leaves |= {i: inputs[node.names[0]] for i, node in enumerate(program.nodes) if node.op == "input"}
        arrays = evaluate(program.nodes, leaves, forms)
        sides.append([arrays[k] for k in program.outputs])
    for k, (big, little) in enumerate(zip(*sides, strict=True)):
        for e, (p, q) in enumerate(zip(big, little, strict=True)):
            if forms.simplify(forms.total([p, forms.dot([forms.rational(-1)], [q])])):
                raise Invalid(f"output {k}, entry {e}: the normal forms of the network on the subspace and of the small network differ")


def check_quotient(model: Model, claim: Claim, reduction: Reduction, space: Subspace, proof: dict[str, Json], budget: Budget) -> None:
    """Check a claim of kind `quotient`.

    *Proves:* the subspace is invariant; on it F(θ)(x) = G(Qθ)(x); v = Qθ obeys v' = −diag(m) ∇Loss(G(v)). *Does not prove:* that there is no smaller network.
    """
    method = string(proof.get("method"), "/proof/method")
    if method not in _KEYS:
        raise Unsupported(f"this checker does not know the method {show(method)} for claims of kind quotient")
    invariance = fields(proof, "/proof", "invariance", "method", *_KEYS[method])["invariance"]
    if not isinstance(invariance, dict):
        raise Malformed("/proof/invariance: expected a proof of invariance")
    _check_metric(reduction, space, budget)
    if method == "expansion":
        check_expansion(model, claim, reduction, space, proof, budget)
    else:
        _check_identity(model, claim, reduction, space, budget)
    check_invariant(model, Claim("invariant", claim.facts, space, ()), space, invariance, "/proof/invariance", budget)
