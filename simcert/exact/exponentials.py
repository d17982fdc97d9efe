"""The exponential field Q(T), T = e^(1/N), specialised mod p: exact tanh, sigmoid, exp, sin… of rational arguments.

T is transcendental (Lindemann), and e^(1/N), e^(i/N) are algebraically independent (Lindemann–Weierstrass), so T ↦ t, e^(i/N) ↦ s, i ↦ a root of −1 mod p
is a ring map on everything whose denominators survive. *Proves:* that a value whose image is not 0 is not 0. *Does not prove:* anything when
the image is 0, or when an argument is not a rational number (such nodes give None).
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from simcert.errors import ResourceLimit
from simcert.exact.arrays import UndefinedValueError, Value, run
from simcert.exact.primefield import I64, PRIME, PrimeField
from simcert.exact.rationals import Rationals, to_fraction
from simcert.models.activations import NAMED, derivative, form
from simcert.models.program import Activation, Node

CIRCULAR = ("sin", "cos")


class Exponentials(PrimeField):
    """F_p with named exponential functions of rational arguments.

    Arguments: `nodes` is the program to be run and `leaves` its parameters and inputs as rationals (arrays of `Rationals`, all inputs that will be used in one
    batch), from which the arguments of all functions are computed exactly and found again by their residues; `rng` draws t; `p` is 1 modulo 4, so that −1 has
    a root. `bases` and `denominator` are what the certificate states.
    """

    def __init__(self, definitions: dict[str, Activation], nodes: Sequence[Node], leaves: dict[str, Value], rng: random.Random, p: int = PRIME) -> None:
        super().__init__(definitions, p)
        values = run(nodes, Rationals(definitions), leaves)
        self.known: set[int] = set()  # nodes whose values are rational
        self.exact: dict[int, Fraction] = {}  # residue -> the argument that has it
        names: set[str] = set()
        exponents = [Fraction(1)]
        for node in nodes:
            name = self.definitions[node.activation].named if node.op == "apply" else None
            if name is not None and NAMED[name].exactness == "exponential" and values[node.args[0]] is not None:
                self.known.add(node.args[0])
                names.add(name)
                for z in {to_fraction(z) for z in values[node.args[0]].ravel()}:
                    if self.exact.setdefault(self.number(z), z) != z:
                        raise ResourceLimit("two arguments have the same residue", "", "choose another prime, or fewer inputs")
                    exponents.append(z * z if name == "gaussian" else z)
        self.denominator = math.lcm(*(e.denominator for e in exponents))
        self.bases = {"real": rng.randrange(2, p - 1)}
        if names & set(CIRCULAR):
            self.bases["imaginary"] = rng.randrange(2, p - 1)
            self.bases["i"] = _root_of_minus_one(p, rng)

    def apply(self, node: Node, x: Value) -> Value:
        name = self.definitions[node.activation].named
        if name is None or NAMED[name].exactness != "exponential":
            return super().apply(node, x)
        arguments = self.arguments(node, x)
        if arguments is None:
            return None
        poly, variables, p = derivative(name, node.order), form(name).variables, self.p
        out: Any = np.empty(len(arguments), dtype=I64)
        for i, z in enumerate(arguments):
            atoms = [self.number(z) if v == "z" else self.atom(v, z) for v in variables]
            total = 0
            for monomial, coefficient in poly.items():
                term = self.number(coefficient)
                for atom, exponent in zip(atoms, monomial, strict=True):
                    term = term * pow(atom, exponent, p) % p
                total += term
            out[i] = total % p
        return out.reshape(x.shape)

    def arguments(self, node: Node, x: Value) -> list[Fraction] | None:
        """The exact arguments of an `apply` node whose residues are x, flat; None where they are not known to be rational."""
        if node.args[0] not in self.known:
            return None
        found = [self.exact.get(int(r)) for r in x.ravel()]
        return None if any(z is None for z in found) else [z for z in found if z is not None]

    def power(self, base: str, exponent: Fraction) -> int:
        k = exponent * self.denominator
        return pow(self.bases[base], int(k), self.p)

    def atom(self, atom: str, z: Fraction) -> int:
        """The residue of an atom of the activation table at a rational number."""
        p = self.p
        if atom in CIRCULAR:
            e = self.power("imaginary", z)
            back = pow(e, -1, p)
            return (e + back) * self._half % p if atom == "cos" else (e - back) * self._half * pow(self.bases["i"], -1, p) % p
        if atom == "gauss":
            return self.power("real", -z * z)
        e = self.power("real", z)
        if atom == "exp":
            return e
        if atom in ("sinh", "cosh"):
            back = pow(e, -1, p)
            return (e + (back if atom == "cosh" else -back)) * self._half % p
        square = e * e % p if atom == "tanh" else e
        if square == p - 1:
            raise UndefinedValueError("a denominator vanishes modulo p")
        return (square - 1 if atom == "tanh" else e) * pow(square + 1, -1, p) % p

    @property
    def _half(self) -> int:
        return (self.p + 1) // 2


def _root_of_minus_one(p: int, rng: random.Random) -> int:
    while True:
        root = pow(rng.randrange(2, p), (p - 1) // 4, p)
        if root * root % p == p - 1:
            return root


def rational_leaves(leaves: dict[str, tuple[Sequence[Fraction], tuple[int, ...]]], definitions: dict[str, Activation]) -> dict[str, Any]:
    """Flat rationals and shapes as arrays of `Rationals`."""
    system = Rationals(definitions)
    return {name: system.array(values, shape) for name, (values, shape) in leaves.items()}
