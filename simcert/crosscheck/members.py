"""Concrete functions in the place of an activation: itself, or several named functions, polynomials and random mixtures that have certain facts.

A member of a class is σ(z) = Σ_k c_k φ_k(a_k z + b_k) + Σ_j p_j z^j, corrected by −σ(0) and −σ'(0)z where the facts say so. Its coefficients are an
array, so that one compiled program serves many members: every seed trains with its own activation.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from simcert.crosscheck.arrays import Function, function
from simcert.errors import CertificateFormatError
from simcert.models.activations import closure, lookup
from simcert.models.program import Activation, Program

Coefficients = dict[str, Any]  # by activation name, (…, rows, 3): the numbers c, a, b of every term; in the last rows c is the coefficient of a power of z

BASES = {
    "odd": ("tanh", "sin", "erf", "arctan"),
    "even": ("cos", "gaussian", "logcosh"),
    "": ("sigmoid", "softplus", "silu", "sin", "gaussian"),
}
LEAN = {"odd": ("tanh", "sin"), "even": ("cos", "gaussian"), "": ("sin", "gaussian")}  # enough where any generic member will do
DEGREE = 4


@dataclass(frozen=True, slots=True)
class Family:
    """The functions with these facts (a subset of odd, even, zero, flat, closed under implication) from which members are drawn.

    Arguments: `own`, where given, is one that has these facts: the function that the model names; a `lean` family is quicker to compile and less varied.
    """

    facts: frozenset[str]
    own: Activation | None = None
    lean: bool = False

    @property
    def base(self) -> tuple[Activation, ...]:
        names = (LEAN if self.lean else BASES)["odd" if "odd" in self.facts else "even" if "even" in self.facts else ""]
        return (*((self.own,) if self.own is not None else ()), *map(lookup, names))

    @property
    def powers(self) -> tuple[int, ...]:
        """The exponents of the polynomial terms."""
        return tuple(k for k in range(DEGREE + 1) if not ("odd" in self.facts and k % 2 == 0) and not ("even" in self.facts and k % 2))

    def draw(self, rng: np.random.Generator, count: int, *, pure: bool) -> np.ndarray[Any, Any]:
        """Coefficients of `count` members, (count, rows, 3).

        With `pure` they are in turn: each function of the base alone, a random polynomial, then mixtures; otherwise all are mixtures.
        """
        n, m = len(self.base), len(self.powers)
        out = np.zeros((count, n + m, 3))
        out[:, :n, 0] = rng.uniform(0.3, 1.0, (count, n)) * rng.choice([-1.0, 1.0], (count, n))
        out[:, :n, 1] = rng.uniform(0.5, 1.5, (count, n))
        if not self.facts & {"odd", "even"}:
            out[:, :n, 2] = rng.uniform(-1.0, 1.0, (count, n))
        if self.own is not None:
            out[:, 0] = 0.0  # it may grow fast, and has its turn alone
        out[:, n:, 0] = rng.uniform(-0.5, 0.5, (count, m)) / [1 + k * k for k in self.powers]
        for k in range(min(count, n + 1) if pure else 0):
            out[k, n:, 0] *= k == n
            out[k, :n] = 0.0
            if k < n:
                out[k, k] = (1.0, 1.0, 0.0)
        return out

    def member(self, coefficients: Any) -> Function:
        """The function with these coefficients, (rows, 3)."""
        import jax.numpy as jnp

        parts = [function(activation) for activation in self.base]

        def raw(z: Any, order: int) -> Any:
            out = jnp.zeros_like(z)
            for k, part in enumerate(parts):
                c, a, b = coefficients[k]
                out = out + c * a**order * part(a * z + b, order)
            for power, (c, _, _) in zip(self.powers, coefficients[len(parts) :], strict=True):
                if power >= order:
                    factor = float(np.prod([power - i for i in range(order)]))
                    out = out + c * factor * z ** (power - order)
            return out

        def evaluate(z: Any, order: int = 0) -> Any:
            origin = jnp.zeros(())
            out = raw(z, order)
            if "zero" in self.facts and order == 0:
                out = out - raw(origin, 0)
            if "flat" in self.facts and order <= 1:
                out = out - raw(origin, 1) * (z if order == 0 else jnp.ones_like(z))
            return out

        return evaluate


@dataclass(frozen=True, slots=True)
class Activations:
    """What stands in the place of every activation of a program: fixed functions, and families from which members are drawn."""

    fixed: Mapping[str, Activation]
    families: Mapping[str, Family]

    def functions(self, coefficients: Coefficients) -> dict[str, Function]:
        """One function for every activation."""
        drawn = {name: family.member(coefficients[name]) for name, family in self.families.items()}
        return {**{name: function(activation) for name, activation in self.fixed.items()}, **drawn}

    def draw(self, rng: np.random.Generator, count: int, *, pure: bool = False) -> Coefficients:
        """Coefficients of `count` members for every family, with the members along the first axis."""
        return {name: family.draw(rng, count, pure=pure) for name, family in self.families.items()}

    @property
    def words(self) -> str:
        """How a person is told what was computed with."""
        said = [f"{name} itself" for name in self.fixed]
        said += [f"members of the class {name}" if family.own is None else f"{name} and others in its place" for name, family in self.families.items()]
        return ", ".join(said) or "no activations"


def as_defined(program: Program) -> Activations:
    """Every activation as the model defines it; members of classes are drawn."""
    named = {name: activation for name, activation in program.activations.items() if activation.cls is None}
    classes = {name: Family(_class_facts(activation), lean=True) for name, activation in program.activations.items() if activation.cls is not None}
    return Activations(named, classes)


def as_claimed(program: Program, meant: Mapping[str, Any]) -> Activations:
    """The functions that a positive claim is about: all with the facts that it lists, or the function itself.

    Piecewise and partial functions stay themselves: they are not differentiable everywhere, and no member of a class would test what is special in them.
    """
    fixed, families = {}, {}
    for name, activation in program.activations.items():
        said = meant[name]
        special = activation.piecewise is not None or activation.named in ("reciprocal", "rsqrt")
        if said == "itself" or (special and activation.cls is None):
            fixed[name] = activation
        else:
            families[name] = Family(_known(said, name), None if activation.cls is not None else activation)
    return Activations(fixed, families)


def with_members(program: Program, members: Mapping[str, tuple[Any, ...]]) -> Activations:
    """Every activation as the model defines it, and these polynomials in the place of classes."""
    fixed = {name: Activation(polynomial=members[name]) if name in members else activation for name, activation in program.activations.items()}
    return Activations(fixed, {})


def _class_facts(activation: Activation) -> frozenset[str]:
    from simcert.models.activations import CLASSES

    return closure(CLASSES[str(activation.cls)])


def _known(said: Iterable[str], name: str) -> frozenset[str]:
    facts = frozenset(said)
    if not facts <= {"odd", "even", "zero", "flat"}:
        raise CertificateFormatError(f"unknown facts {sorted(facts)}", f"/claim/activations/{name}")
    return closure(facts)
