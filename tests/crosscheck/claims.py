"""Certificates for cross-checks: claims without proofs, true and false ones."""

from __future__ import annotations

from typing import Any

import simcert as sc
from simcert.certificates import codec
from simcert.certificates.claims import Certificate
from simcert.crosscheck.evidence import Evidence


def certificate(model: str, claim: dict[str, Any], proof: dict[str, Any] | None = None) -> Certificate:
    """A certificate of this claim about a model, without a proof unless one is given."""
    return Certificate(codec.assemble(sc.load_model(model).to_json(), claim, proof or {"method": "none"}, {"title": model}))


def activations(model: str, facts: list[str] | None) -> dict[str, Any]:
    """The same facts for all activations of a model, or "itself" for None."""
    return dict.fromkeys(sc.load_model(model).activations, "itself" if facts is None else facts)


def subspace_claim(kind: str, model: str, equations: str, facts: list[str] | None = None) -> Certificate:
    """An `invariant` or `not-invariant` claim about a subspace that equations describe."""
    space = sc.subspace(model, equations).to_json()
    return certificate(model, {"kind": kind, "subspace": space, "activations": activations(model, facts)})


def changed(given: Certificate, **keys: Any) -> Certificate:
    """The same certificate with other values in its claim."""
    return Certificate({**given.data, "claim": {**given.claim, **keys}})


def statuses(evidence: Evidence, word: str) -> set[str]:
    """The statuses of the findings that mention a word."""
    found = {finding.status for finding in evidence.findings if word in finding.what}
    assert found, f"no finding mentions {word}: {[finding.what for finding in evidence.findings]}"
    return found
