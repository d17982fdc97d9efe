"""Polynomials on parameter space: conserved functions as sparse sums of monomials."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from simcert.exact.primefield import PrimeField
from simcert.groups.subspaces import Subspace
from simcert.models.program import Program

Index = tuple[int, ...]
Number = int | Fraction


@dataclass(frozen=True)
class Law:
    """A polynomial h without constant term: `terms` maps non-decreasing parameter indices to nonzero coefficients."""

    terms: Mapping[Index, Number]

    def to_json(self) -> list[Any]:
        return [[str(c), list(m)] for m, c in sorted(self.terms.items(), key=lambda item: (len(item[0]), item[0]))]

    @property
    def degree(self) -> int:
        return max(len(m) for m in self.terms)

    def text(self, p: Program) -> str:
        """The polynomial as a person writes it: `W2[0,0]^2 - W1[0,0]^2`."""
        out = ""
        for m, c in sorted(self.terms.items(), key=lambda item: (len(item[0]), item[0])):
            powers: dict[int, int] = {}
            for k in m:
                powers[k] = powers.get(k, 0) + 1
            body = " ".join(p.parameter_name(k) + (f"^{e}" if e > 1 else "") for k, e in powers.items())
            size = "" if abs(c) == 1 else f"{abs(c)} "
            out += (" - " if c < 0 else " + ") if out else ("-" if c < 0 else "")
            out += size + body
        return out


def law_proof(generators: Sequence[Any]) -> dict[str, Any]:
    """The proof object of laws that have an infinitesimal generator each, or None where they are proved as identities; those with generators come first."""
    scaled = [g for g in generators if g is not None]
    if len(scaled) == len(generators):
        return {"method": "scaling", "generators": scaled}
    if not scaled:
        return {"method": "identity"}
    parts = [{"count": len(scaled), "proof": law_proof(scaled)}, {"count": len(generators) - len(scaled), "proof": {"method": "identity"}}]
    return {"method": "joint", "parts": parts}


def jacobian(laws: Sequence[Law], theta: Sequence[Fraction], system: PrimeField) -> Any:
    """The Jacobian of the laws at a point modulo p, an array (laws, M)."""
    p = system.p
    values = [system.number(v) for v in theta]
    out = np.zeros((len(laws), len(values)), dtype=np.int64)
    for i, law in enumerate(laws):
        row = out[i]
        for m, c in law.terms.items():
            a = c % p if isinstance(c, int) else system.number(c)
            if len(m) == 1:
                row[m[0]] += a
            elif len(m) == 2:
                row[m[0]] += a * values[m[1]] % p
                row[m[1]] += a * values[m[0]] % p
            else:
                for j, k in enumerate(m):
                    product = a
                    for other in (*m[:j], *m[j + 1 :]):
                        product = product * values[other] % p
                    row[k] += product
        row %= p
    return out


def restricted(matrix: Any, subspace: Subspace, system: PrimeField) -> tuple[Any, list[int]]:
    """A Jacobian as that of functions of the free coordinates of a subspace; also the free parameter indices, in order."""
    out = matrix.copy()
    for row in subspace.rows:
        column = out[:, row.pivot].copy()
        for k, v in row.entries[1:]:
            out[:, k] = (out[:, k] - system.number(Fraction(v)) * column) % system.p
    free = [k for k in range(matrix.shape[1]) if k not in subspace.pivots]
    return out[:, free], free
