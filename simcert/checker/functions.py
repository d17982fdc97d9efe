"""What is known about activations: facts, and every derivative as a polynomial in z and a few atoms.

An atom is a function (or a constant) whose derivative is a polynomial in z and atoms, for example tanh' = 1 − tanh². So one table serves
the rings of residues, power series and intervals alike: each gives the atoms' values, and `derivative` says how to combine them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from math import factorial, perm

from .canonical import Fraction, Rational

Monomial = tuple[str, ...]
Table = Mapping[Monomial, Rational]

CLASSES: dict[str, tuple[str, ...]] = {"generic": (), "odd": ("odd",), "even": ("even",), "generic0": ("zero",), "flat": ("flat",)}
NAMED: dict[str, tuple[str, ...]] = {
    **dict[str, tuple[str, ...]].fromkeys(("tanh", "sin", "erf", "arctan", "sinh", "reciprocal"), ("odd",)),
    **dict[str, tuple[str, ...]].fromkeys(("cos", "cosh", "gaussian"), ("even",)),
    **dict[str, tuple[str, ...]].fromkeys(("silu", "gelu", "expm1"), ("zero",)),
    **dict[str, tuple[str, ...]].fromkeys(("exp", "sigmoid", "softplus", "rsqrt"), ()),
    "logcosh": ("even", "zero"),
}
PARTIAL = ("reciprocal", "rsqrt")
FACTS = ("even", "flat", "odd", "zero")

_FUNCTIONS: dict[str, Table] = {
    "silu": {("sigmoid", "z"): 1},
    "gelu": {("z",): Fraction(1, 2), ("erf(z/√2)", "z"): Fraction(1, 2)},
    "expm1": {("exp",): 1, (): -1},
}
_RULES: dict[str, Table] = {
    "z": {(): 1},
    "2/√π": {},
    "1/√(2π)": {},
    "exp": {("exp",): 1},
    "tanh": {(): 1, ("tanh", "tanh"): -1},
    "sigmoid": {("sigmoid",): 1, ("sigmoid", "sigmoid"): -1},
    "gaussian": {("gaussian", "z"): -2},
    "exp(-z²/2)": {("exp(-z²/2)", "z"): -1},
    "erf": {("2/√π", "gaussian"): 1},
    "erf(z/√2)": {("1/√(2π)", "exp(-z²/2)"): 2},
    "sin": {("cos",): 1},
    "cos": {("sin",): -1},
    "sinh": {("cosh",): 1},
    "cosh": {("sinh",): 1},
    "logcosh": {("tanh",): 1},
    "softplus": {("sigmoid",): 1},
    "arctan": {("1/(1+z²)",): 1},
    "1/(1+z²)": {("1/(1+z²)", "1/(1+z²)", "z"): -2},
    "reciprocal": {("reciprocal", "reciprocal"): -1},
    "rsqrt": {("rsqrt", "rsqrt", "rsqrt"): Fraction(-1, 2)},
}
_ONE_AT_ZERO = ("exp", "gaussian", "exp(-z²/2)", "cos", "cosh", "1/(1+z²)")
_CONSTANT_AT_ZERO = ("2/√π", "1/√(2π)", "softplus")
CONSTANTS = {"erf": "pi", "gelu": "pi", "softplus": "log2"}


def close(facts: Sequence[str] | frozenset[str], piecewise: bool = False, partial: bool = False) -> frozenset[str]:
    """All facts that follow: odd functions vanish at 0, even ones have slope 0 there (piecewise and partial functions need not)."""
    implied = {"zero"} if "odd" in facts and not partial else set[str]()
    return frozenset(facts) | implied | ({"flat"} if "even" in facts and not piecewise else set[str]())


def polynomial_facts(coefficients: Sequence[Rational]) -> frozenset[str]:
    """The facts of Σ c_k z^k, closed."""
    at = [k for k, c in enumerate(coefficients) if c]
    tests = {"odd": all(k % 2 for k in at), "even": not any(k % 2 for k in at), "zero": 0 not in at, "flat": 1 not in at}
    return frozenset(fact for fact, holds in tests.items() if holds)


def polynomial_derivative(coefficients: Sequence[Rational], order: int) -> list[Rational]:
    """The coefficients of the `order`-th derivative of Σ c_k z^k (an empty list for 0)."""
    return [c * perm(k, order) for k, c in enumerate(coefficients) if k >= order]


@cache
def derivative(function: str, order: int) -> Table:
    """The `order`-th derivative of a named function as a polynomial in z and atoms.

    >>> derivative("tanh", 1) == {(): 1, ("tanh", "tanh"): -1}
    True
    """
    if order == 0:
        return _FUNCTIONS.get(function, {(function,): 1})
    out: dict[Monomial, Rational] = {}
    for monomial, c in derivative(function, order - 1).items():
        for k, atom in enumerate(monomial):
            for inner, d in _RULES[atom].items():
                product = tuple(sorted(monomial[:k] + monomial[k + 1 :] + inner))
                out[product] = out.get(product, 0) + c * d
    return {m: c for m, c in out.items() if c}


def _coefficient(factors: Monomial, n: int, known: Mapping[str, list[Rational]]) -> Rational:
    """The n-th coefficient of a product of power series."""
    if not factors:
        return int(n == 0)
    first = known[factors[-1]]
    if len(factors) == 1:
        return first[n]
    return sum((c * _coefficient(factors[:-1], n - k, known) for k, c in enumerate(first[: n + 1]) if c), 0)


@cache
def _taylor(function: str, length: int, constant: int) -> list[Rational]:
    """The first Taylor coefficients at 0, with `constant` in place of the transcendental constant, by the rules as differential equations."""
    atoms = {"z"} | {a for m in derivative(function, 0) for a in m}
    while not atoms >= (more := {a for atom in atoms for m in _RULES[atom] for a in m}):
        atoms |= more
    known: dict[str, list[Rational]] = {
        a: [constant if a in _CONSTANT_AT_ZERO else Fraction(1, 2) if a == "sigmoid" else int(a in _ONE_AT_ZERO)] for a in atoms
    }
    for n in range(length - 1):
        new = {a: Fraction(sum((c * _coefficient(m, n, known) for m, c in _RULES[a].items()), 0)) / (n + 1) for a in atoms}
        for a in atoms:
            known[a].append(new[a])
    return [sum((c * _coefficient(m, n, known) for m, c in derivative(function, 0).items()), 0) for n in range(length)]


def taylor(function: str, order: int, length: int) -> list[tuple[Rational, Rational]] | None:
    """The first Taylor coefficients at 0 of the `order`-th derivative as pairs (a, b), meaning a + b·κ; None where 0 is not in its domain.

    κ is 2/√π for erf, 1/√(2π) for gelu, log 2 for softplus; b = 0 for all other functions. All coefficients are of degree at most 1 in κ, so two
    runs with κ = 0 and κ = 1 find them.
    """
    if function in PARTIAL:
        return None
    at0, at1 = (_taylor(function, length + order, constant)[order:] for constant in (0, 1))
    return [(a * perm(k + order, order), (b - a) * perm(k + order, order)) for k, (a, b) in enumerate(zip(at0, at1, strict=True))]


def reciprocal_derivative(order: int) -> int:
    """The number (−1)^k k! in the k-th derivative (−1)^k k! z^(−k−1) of 1/z."""
    return (-1) ** order * factorial(order)
