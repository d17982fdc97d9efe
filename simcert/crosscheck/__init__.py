"""Numerical evidence for certificates, in JAX: trajectories, ranks, drifts. Never a proof; nothing else of simcert uses it.

`crosscheck` is the entry; `registry.CHECKS` names the module for each kind of claim. Needs `simcert[jax]`, which is imported when it is called.
"""

from __future__ import annotations

import importlib
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from simcert.certificates import claims, codec
from simcert.certificates.claims import Certificate
from simcert.crosscheck.arrays import device, double_precision, require
from simcert.crosscheck.case import Case, unsupported
from simcert.crosscheck.evidence import Evidence
from simcert.crosscheck.registry import CHECKS
from simcert.errors import CertificateFormatError, ResourceLimit

SEEDS = 16


def crosscheck(certificate: Certificate | str | Path, seeds: int = SEEDS, seed: int = 0) -> Evidence:
    """Numerical evidence for or against the claim of a certificate, or of a certificate file.

    *Proves:* nothing. Arguments: `seeds`, how many random starts, data sets and members of classes; `seed` of every random choice.
    Raises `CertificateFormatError` where model, claim or witness have another structure than `docs/format.md` says, `MissingExtraError` without
    jax or diffrax, `ResourceLimit` where the checker's limits do not let it read the claim.
    """
    require()
    file, data = ("", certificate.data) if isinstance(certificate, Certificate) else (str(certificate), Certificate.load(certificate).data)
    kind, title = str(data["claim"]["kind"]), str(data["meta"].get("title", ""))
    theorem = _well_formed(data, file)
    with double_precision():
        start = time.perf_counter()
        empty = Evidence(kind, title, unsupported(f"there is no cross-check for claims of the kind {kind}"), seeds=seeds, seed=seed, device=device(),
                         file=file, theorem=theorem)  # fmt: skip
        if kind not in CHECKS:
            return empty
        check = importlib.import_module(f"simcert.crosscheck.{CHECKS[kind]}").check
        findings, panels, about = check(Case(data, seeds, seed))
        return replace(empty, findings=tuple(findings), panels=tuple(panels), about=about, seconds=time.perf_counter() - start)


def _well_formed(data: dict[str, Any], file: str) -> str:
    """The theorem's name, after the independent checker has read model and claim (not the proof)."""
    bare = {**data, "proof": {"method": "none"}}
    verdict = claims.verify_bytes(codec.canonical(bare).encode("ascii"), file)
    if verdict.status == "malformed":
        raise CertificateFormatError(verdict.message, file)
    if verdict.status == "limit":
        raise ResourceLimit(verdict.message, file)
    return codec.theorem_hash(data["model"], data["claim"])
