"""Proofs that a subspace is invariant: by symmetry, congruence or identity; as a claim of their own or inside another proof."""

from __future__ import annotations

from .canonical import Json, fields, show
from .claim import Claim, Generator, read_facts, read_generators
from .normalform import check_gradient
from .outcome import Budget, Invalid, Malformed, Unsupported
from .program import LEAVES, Model
from .subspace import Subspace
from .symmetry import check_equivariance, check_slopes, fixed_space

METHODS = ("symmetry", "congruence", "identity")
OPS = (*LEAVES, "input", "constant", "add", "contract", "gather", "scatter", "apply")


def check_fixed(model: Model, claim: Claim, generators: tuple[Generator, ...], budget: Budget) -> None:
    """Equivariance, and that the claimed subspace is the fixed space."""
    check_equivariance(model, claim, generators, budget)
    if claim.subspace is not None:
        if fixed_space(model, generators, budget) != claim.subspace:
            raise Invalid("the subspace is not the fixed space of the generators")
        check_slopes(model, claim, generators, claim.subspace, budget)


def check_invariant(model: Model, claim: Claim, space: Subspace, proof: dict[str, Json], place: str, budget: Budget) -> None:
    """Check a proof that the subspace of an `invariant` claim is invariant."""
    method = proof.get("method")
    if method == "symmetry":
        listed = fields(proof, place, "generators", "method")["generators"]
        check_fixed(model, claim, read_generators(listed, f"{place}/generators", model, OPS, budget), budget)
    elif method in ("congruence", "identity"):
        fields(proof, place, "method")
        check_gradient(model, claim, space, method == "congruence", budget)
    else:
        raise Unsupported(f"{place}: this checker does not know the method {show(method)} for claims of kind invariant")


def check_embedded(model: Model, space: Subspace, activations: Json, proof: Json, place: str, budget: Budget) -> None:
    """Check a proof of invariance inside another proof, under its own assumptions on the activations.

    These are facts that the definitions have (of a class: facts of the class), or "itself", so the subspace is invariant for every function of the claim.
    """
    if not isinstance(proof, dict):
        raise Malformed(f"{place}: expected a proof of invariance")
    claim = Claim("invariant", read_facts(activations, f"{place}/activations", model, "invariant"), space, ())
    check_invariant(model, claim, space, proof, place, budget)
