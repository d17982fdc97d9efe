"""Intrinsic dynamics of a factorisation φ: whether G = ∂φ∂φᵀ is a function of φ where training from θ0 can go, decided either way.

Along θ' = −∂φᵀ∇f(φ(θ)) the image z = φ(θ) moves by z' = −G(θ)∇f(z); where G(θ) = K(φ(θ)) this is z' = −K(z)∇f(z), whatever the loss f.
Explicit K are checked in `balance.py`.
"""

from __future__ import annotations

from .balance import check_products
from .canonical import Json, Rational, fields, integers, items, rational, rationals, show
from .claim import Claim
from .evaluate import evaluate
from .laws import check_laws, derivatives
from .local import read_numbers
from .lower import check_minor, read_columns
from .orbit import check_orbit
from .outcome import Budget, Invalid, Malformed, Unsupported
from .program import Model
from .rational import Rationals
from .subspace import Subspace, null_space
from .vectors import Brackets, Duals, Field, Fields

_KEYS = {
    "immersion": (),
    "recoverable": ("determinant", "law_proof", "numbers", "rows"),
    "products": ("blocks", "law_proof"),
}


def _entries(model: Model) -> list[tuple[int, int]]:
    """The output entries, counted through."""
    return [(k, i) for k, node in enumerate(model.outputs) for i in range(model.nodes[node].size)]


def _check_numbers(f: Fields, claim: Claim, lie: Json) -> None:
    """The dimension of Lie(W_φ)(θ0) lies between the bounds of the claim, and the rank of ∂φ(θ0) is that of the claim, by elimination over Q."""
    if not isinstance(lie, dict) or lie.get("method") != "bounds":
        raise Malformed("/proof/lie: expected an object with the method bounds")
    check_orbit(f.model, claim, lie, f.budget)
    system = Rationals(f.budget, f.functions)
    rows = (f.gradient(Field({entry: 1}, {}), claim.point, system) for entry in _entries(f.model))
    rank = len(null_space(f.model.size, ({p: a for p, a in enumerate(row) if a} for row in rows), f.budget).rows)
    if rank != claim.rank:
        raise Invalid(f"the rank of the derivative of the factorisation is {rank}, not {claim.rank}")


def _recoverable(f: Fields, claim: Claim, d: dict[str, Json]) -> None:
    """(φ, h) is an immersion at θ0: M of its derivatives are independent.

    So it is injective on a neighbourhood N of θ0. Where h is constant, θ in N is therefore determined by φ(θ), and so is G(θ).
    """
    system = read_numbers(d["numbers"], "/proof/numbers", f.model, f.functions, f.budget).system(f.budget, None)
    theta, entries, zero = [system.rational(q) for q in claim.point], _entries(f.model), system.rational(0)
    rows: list[list[object]] = []
    for k in read_columns(d["rows"], "/proof/rows", len(entries) + len(claim.laws)):
        if k < len(entries):
            rows.append(f.gradient(Field({entries[k]: 1}, {}), theta, system))
        else:
            slope = derivatives(claim.laws[k - len(entries)], theta, system)
            rows.append([slope.get(p, zero) for p in range(f.model.size)])
    check_minor(rows, f.model.size, d["determinant"], "/proof", system)


def check_intrinsic(model: Model, claim: Claim, proof: dict[str, Json], budget: Budget) -> None:
    """Check a proof of a claim of kind `intrinsic`.

    *Proves:* the laws are conserved, the bounds of dim Lie(W_φ)(θ0) and the rank of ∂φ(θ0) are right, and a function K with G(θ) = K(φ(θ)) exists: for all θ
    at which the laws have their values at θ0 (`level`), or for those of them in a neighbourhood of θ0 (`near`), or for the points of the orbit of θ0 in
    a neighbourhood of θ0 in the orbit (`orbit`). *Does not prove:* anything about K beyond that set. Raises `Invalid` unless the proof shows exactly that.

    Method `immersion`: the rows of ∂φ(θ0) lie in Lie(W_φ)(θ0), the tangent space of the orbit, and ∂φ has its full rank there; when the tangent space has no
    larger dimension, φ restricted to the orbit is an immersion at θ0, hence injective near θ0, and θ is determined by φ(θ).
    """
    method = proof.get("method")
    if not isinstance(method, str) or method not in _KEYS:
        raise Unsupported(f"this checker does not know the method {show(method)} for claims of kind {claim.kind}")
    d = fields(proof, "/proof", "lie", "method", *_KEYS[method])
    f = Fields(model, model.activations, budget)
    _check_numbers(f, claim, d["lie"])
    if method != "immersion":
        check_laws(model, claim, claim.laws, Subspace(model.size, (), ()), d["law_proof"], "/proof/law_proof", budget)
    if method == "immersion":
        if claim.laws or claim.bounds[1] != claim.rank:
            raise Invalid("an immersion of the orbit needs a Lie algebra of no larger dimension than the rank, and names no laws")
        shown = "orbit"
    elif method == "recoverable":
        _recoverable(f, claim, d)
        shown = "near"
    else:
        shown = check_products(model, claim, d["blocks"], budget)
    if shown != claim.where:
        raise Invalid(f"the proof shows the theorem with {shown}, not with {claim.where}")


def check_not_intrinsic(model: Model, claim: Claim, proof: dict[str, Json], budget: Budget) -> None:
    """Check a proof of a claim of kind `not-intrinsic`: a vector v of Lie(W_φ)(θ0), over Q, with ∂φ(θ0)v = 0 and ∂G(θ0)v ≠ 0.

    *Proves:* no map K, defined and differentiable near φ(θ0), has G(θ) = K(φ(θ)) for all θ of the orbit of θ0 near θ0: v is the velocity of a curve in the
    orbit, along which the derivative of K(φ(θ)) would be ∂K·∂φ·v = 0. Where the rank of ∂φ(θ0) is the number of entries of φ, no map K at all does:
    φ on the orbit is then a submersion at θ0 (∂φ has its full rank on the span of its rows, which lies in the tangent space), so that its
    fibre through θ0 in the orbit is a submanifold with the tangent vector v, and G is not constant on it. *Does not prove:* anything about other points.
    Raises `Invalid` where a number is not what it has to be.
    """
    d = fields(proof, "/proof", "combination", "entry", "fields", "lie", "method", "value", "words")
    if d["method"] != "vector":
        raise Unsupported(f"this checker does not know the method {show(d['method'])} for claims of kind {claim.kind}")
    f = Fields(model, model.activations, budget)
    _check_numbers(f, claim, d["lie"])
    chosen = f.read_all(d["fields"], "/proof/fields")
    words = f.read_words(d["words"], "/proof/words", len(chosen))
    factors = rationals(d["combination"], "/proof/combination", budget, len(words))
    system = Rationals(budget, f.functions)
    brackets = Brackets(f, chosen, lambda _: system)
    vectors = [brackets.vector(word, claim.point) for word in words]
    v = [system.dot(factors, column) for column in zip(*vectors, strict=True)] if vectors else [0] * model.size
    moving, entries = list(zip(claim.point, v, strict=True)), _entries(model)
    if any(change for _, change in _image(f, moving)):
        raise Invalid("the derivative of the factorisation along the vector is not 0")
    pair = integers(items(d["entry"], "/proof/entry", 2), "/proof/entry", 0, len(entries) - 1)
    rows = [f.gradient(Field({entries[k]: 1}, {}), moving, Duals(system)) for k in pair]
    _, change = Duals(system).dot(rows[0], rows[1])
    if change != rational(d["value"], "/proof/value", budget) or change == 0:
        raise Invalid("the derivative of the entry of G along the vector is 0, or not the number that is stated")


def _image(f: Fields, moving: list[tuple[Rational, Rational]]) -> list[tuple[Rational, Rational]]:
    """The entries of φ along a vector: values and derivatives."""
    system = Duals(Rationals(f.budget, f.functions))
    arrays = evaluate(f.model.nodes, f.leaves(Field({}, {}), moving, system), system)
    return [value for node in f.model.outputs for value in arrays[node]]
