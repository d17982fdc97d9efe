"""Checker 1: verifies certificates of simcert with nothing but the Python standard library.

The contract is `docs/format.md`. One file per proof rule: `symmetry`, `normalform` (congruence and identity), `witness` (disproofs), `lower` (with `curves`
and `pullback`) and `orbit` (with `gates`) (orbit dimensions), `laws` and `scaling` (conservation laws), `hull`, `lattice` (with `poset`), `quotient` (with
`expansion`), `classification` (with `strata`), `intrinsic` (with `balance`), `data` (with
`dataset`).
The kernel is `canonical` (bytes), `program` (the model and its gradient), `evaluate` (one evaluator), the number systems `rational`, `residue`, `series`,
`interval`, `local`, and for orbits `vectors` (gradients and brackets) and `rank`.
Nothing here imports anything from simcert outside this folder.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import replace
from pathlib import Path

from .canonical import Json, fields, items, parse, print_canonical, show, string
from .claim import Claim, read_claim, read_node_actions
from .classification import check_classification
from .data import check_data
from .hull import check_hull
from .intrinsic import check_intrinsic, check_not_intrinsic
from .invariance import METHODS, OPS, check_fixed, check_invariant
from .lattice import check_lattice
from .laws import check_conservation
from .orbit import check_orbit
from .outcome import Budget, Incomplete, Limit, Limits, Malformed, Result, Stop, Unsupported
from .program import LEAVES, Model, read_model
from .quotient import check_quotient
from .statement import describe
from .witness import KEYS as WITNESSES
from .witness import check_witness

__all__ = ["Limits", "Result", "check_file", "check_text"]


def _check_proof(model: Model, claim: Claim, proof: dict[str, Json], budget: Budget) -> None:
    """Dispatch on kind and method; returns only when the proof is valid."""
    method, space = string(proof.get("method"), "/proof/method"), claim.subspace
    if method == "none":
        fields(proof, "/proof", "method")
        raise Incomplete("the certificate states its claim without a proof")
    if claim.kind in ("symmetry", "fixed-space") and method == "equivariance":
        lists = items(fields(proof, "/proof", "method", "nodes")["nodes"], "/proof/nodes", len(claim.generators))
        others = tuple(op for op in OPS if op not in LEAVES)
        generators = tuple(
            replace(g, nodes=g.nodes | read_node_actions(nodes, f"/proof/nodes/{k}", model, g.actions, others))
            for k, (g, nodes) in enumerate(zip(claim.generators, lists, strict=True))
        )
        check_fixed(model, claim, generators, budget)
    elif claim.kind == "invariant" and space is not None and method in METHODS:
        check_invariant(model, claim, space, proof, "/proof", budget)
    elif claim.kind == "not-invariant" and space is not None and method in WITNESSES:
        check_witness(model, claim, space, proof, method, budget)
    elif claim.kind == "orbit-dimension" and method == "bounds":
        check_orbit(model, claim, proof, budget)
    elif claim.kind == "conservation-laws" and method == "laws":
        check_conservation(model, claim, proof, budget)
    elif claim.kind == "hull" and space is not None and method == "hull":
        check_hull(model, claim, space, proof, budget)
    elif claim.reduction is not None and space is not None:
        check_quotient(model, claim, claim.reduction, space, proof, budget)
    elif claim.table is not None and method == "table":
        check_classification(model, claim, claim.table, proof, budget)
    elif claim.kind == "intrinsic":
        check_intrinsic(model, claim, proof, budget)
    elif claim.kind == "not-intrinsic":
        check_not_intrinsic(model, claim, proof, budget)
    elif claim.data is not None and space is not None and method == "equivariance":
        check_data(model, claim, space, claim.data, proof, budget)
    elif claim.hierarchy is not None:
        check_lattice(model, claim, claim.hierarchy, proof, budget)
    else:
        raise Unsupported(f"this checker does not know the method {show(method)} for claims of kind {claim.kind}")


def _check(data: bytes, budget: Budget) -> Result:
    known = Result("malformed", "")
    try:
        d = fields(parse(data, budget), "/", "claim", "format", "meta", "model", "proof", "version")
        proof, meta, version = d["proof"], d["meta"], d["version"]
        if d["format"] != "simcert" or type(version) is not int or not isinstance(proof, dict):
            raise Malformed("/: expected the format simcert, a version number and a proof")
        if not isinstance(meta, dict) or not all(isinstance(value, str) for value in meta.values()):
            raise Malformed("/meta: expected an object of strings")
        if version != 1:
            raise Unsupported("this checker knows version 1 of the format")
        theorem = hashlib.sha256(print_canonical({"claim": d["claim"], "model": d["model"]}).encode("ascii")).hexdigest()
        model = read_model(d["model"], budget)
        claim = read_claim(d["claim"], model, budget)
        statement, not_claimed, trust = describe(model, claim, proof)
        known = Result("invalid", "", statement, not_claimed, trust, theorem)
        _check_proof(model, claim, proof, budget)
    except Stop as stop:
        return replace(known, status=stop.status, message=str(stop))
    except (MemoryError, OverflowError, RecursionError) as error:
        return replace(known, status=Limit.status, message=f"the machine's limit was reached: {type(error).__name__}")
    return replace(known, status="verified", message="the proof is valid: the claim holds")


def check_text(text: str | bytes, limits: Limits | None = None) -> Result:
    """Check one certificate.

    *Proves:* when `status` is `verified`, the theorem in `statement`. *Does not prove:* anything otherwise; `invalid` says only that this proof fails.
    Arguments: `text`, the whole certificate; `limits`, by default those of `Limits` (no limit of time). Returns a `Result`; raises nothing for any text.

    >>> check_text("{}").status
    'malformed'
    """
    budget = Budget(limits or Limits())
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    return replace(_check(data, budget), seconds=time.monotonic() - budget.start)


def check_file(path: str | Path, limits: Limits | None = None) -> Result:
    """Check the certificate in a file, of which at most `limits.max_bytes` + 1 bytes are read. Raises `OSError` when it cannot be read."""
    limits = limits or Limits()
    with Path(path).open("rb") as file:
        return check_text(file.read(limits.max_bytes + 1), limits)
