"""Which module cross-checks which kind of claim. A new kind is one row here and one file beside it.

Each module has a function `check(case: Case) -> Result`; it runs in double precision, and raises `KeyError`, `TypeError`, `ValueError` or `IndexError`
where the certificate has another structure than `docs/format.md` says.
"""

from __future__ import annotations

CHECKS = {
    "invariant": "invariant",
    "not-invariant": "leaving",
    "symmetry": "symmetry",
    "fixed-space": "symmetry",
    "orbit-dimension": "orbit",
    "conservation-laws": "drift",
    "hull": "hull",
    "lattice": "lattice",
    "quotient": "quotient",
    "classification": "classification",
    "intrinsic": "intrinsic",
    "not-intrinsic": "intrinsic",
    "data-invariant": "data",
}
