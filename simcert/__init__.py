"""simcert answers, with proofs: which constraints will gradient descent never escape, because of the architecture alone?

>>> import simcert as sc
>>> certificate = sc.prove(sc.mlp(2, 3, 1, activation="tanh"), "tie(1: 0,1)")
>>> certificate.kind, certificate.dimension
('invariant', 6)
>>> certificate.verify().status
'verified'

Names are imported when they are first used, so that `import simcert` is quick.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

import simcert.exact  # noqa: F401

if TYPE_CHECKING:
    from simcert import errors
    from simcert.api import (
        classify,
        conservation_laws,
        data_invariant,
        explain,
        fixed_space,
        hull,
        intrinsic,
        intrinsic_flow,
        lattice,
        momentum_laws,
        orbit_dimension,
        prove,
        quotient,
        subspace,
        symmetries,
        verify,
    )
    from simcert.certificates.claims import Certificate, Verdict
    from simcert.exact.border import exact
    from simcert.groups.subspaces import Subspace
    from simcert.models.builder import Builder
    from simcert.models.families import attention, conv1d, linear, lora, mlp, residual
    from simcert.models.program import Program
    from simcert.models.spec import load_model

__version__ = "0.1.0"

_HOME = {
    "simcert.api": (
        *("prove", "subspace", "symmetries", "fixed_space", "orbit_dimension", "conservation_laws"),
        *("hull", "lattice", "intrinsic", "intrinsic_flow", "momentum_laws", "quotient", "classify", "data_invariant", "verify", "explain"),
    ),
    "simcert.certificates.claims": ("Certificate", "Verdict"),
    "simcert.groups.subspaces": ("Subspace",),
    "simcert.models.builder": ("Builder",),
    "simcert.models.families": ("mlp", "linear", "residual", "conv1d", "attention", "lora"),
    "simcert.models.program": ("Program",),
    "simcert.models.spec": ("load_model",),
}  # fmt: skip
_MODULE_OF = {name: module for module, names in _HOME.items() for name in names}

__all__ = [
    "Builder", "Certificate", "Program", "Subspace", "Verdict", "attention", "classify", "conservation_laws", "conv1d", "data_invariant", "errors", "exact",
    "explain", "fixed_space", "hull", "intrinsic", "intrinsic_flow", "lattice", "linear", "load_model", "lora", "mlp", "momentum_laws", "orbit_dimension",
    "prove", "quotient", "residual", "subspace", "symmetries", "verify",
]  # fmt: skip


class _CallablePackage(ModuleType):
    """The package `simcert.exact`, which is also the function of this name."""

    def __call__(self, x: Any) -> Any:
        return importlib.import_module("simcert.exact.border").exact(x)


sys.modules["simcert.exact"].__class__ = _CallablePackage


def __getattr__(name: str) -> Any:
    if name == "errors":
        return importlib.import_module("simcert.errors")
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'simcert' has no attribute {name!r}")
    value = getattr(importlib.import_module(_MODULE_OF[name]), name)
    setattr(sys.modules[__name__], name, value)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
