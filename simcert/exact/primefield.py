"""The prime field F_p, vectorised: search, and witnesses by reduction.

Reduction mod p is a ring map on the rationals with denominators prime to p. *Proves:* that a rational whose image is not 0 is not 0.
*Does not prove:* anything when the image is 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import islice
from typing import Any

import numpy as np

from simcert.errors import SpecError
from simcert.exact.arrays import Array, ArraySystem, UndefinedValueError, Value
from simcert.exact.linalg import primes_down
from simcert.models.program import Activation, Node, Program, Shape

PRIME = 2147483629  # the largest prime below 2^31 - 18; 2^31 - 1 is left free for an independent second draw
I64 = np.int64
TRIED = 5000  # primes


def prime_for(values: Iterable[Fraction | int], most: int = PRIME, residue: int = 0) -> int:
    """The largest prime p ≤ `most` that divides no denominator of these rationals; with `residue` one that is this modulo 4.

    Raises `SpecError` when all of the first few thousand primes divide one.
    """
    denominators = {v.denominator for v in values}
    for p in islice((p for p in primes_down(most) if residue in (0, p % 4)), TRIED):
        if all(d % p for d in denominators):
            return p
    raise SpecError(f"each of {TRIED} primes up to {most} divides a denominator", "", "use rational numbers with smaller denominators")


def coefficients(program: Program, definitions: Mapping[str, Activation]) -> Iterator[Fraction]:
    """The rational numbers of a model: its constants, and the coefficients of its activations."""
    for a in definitions.values():
        yield from a.polynomial or ()
        yield from a.piecewise or ()
    for node in program.nodes:
        yield from node.values


def polynomial_derivative(coefficients: Sequence[Any], order: int) -> list[Any]:
    """Coefficients of the derivative of the given order of Σ c_k z^k."""
    out = list(coefficients)
    for _ in range(order):
        out = [k * c for k, c in enumerate(out)][1:]
    return out


def matmul_mod(a: Array, b: Array, p: int) -> Array:
    """a @ b mod p for int64 arrays of residues, p < 2^31.

    For p < 2^22 up to 512 products are summed exactly in double precision. Else the left factor is split into 16-bit halves; each half times b is summed
    exactly: in double precision (at most 2^53) where both factors are split and the product is large, else in 64-bit integers.
    """
    k = a.shape[-1]
    if p < 1 << 22:
        if k <= 512:
            return np.matmul(a.astype(np.float64), b.astype(np.float64)).astype(I64) % p
        if k < 1 << 19:
            return np.matmul(a, b) % p
    low, high = a & 0xFFFF, a >> 16
    if a.size * b.shape[-1] >= 1 << 20 and k < 1 << 20:
        bl, bh = (b & 0xFFFF).astype(np.float64), (b >> 16).astype(np.float64)
        al, ah = low.astype(np.float64), high.astype(np.float64)

        def exact(x: Array, y: Array) -> Array:
            return np.matmul(x, y).astype(I64) % p

        middle = (exact(al, bh) + exact(ah, bl)) % p
        return ((((exact(ah, bh) << 16) % p + middle) % p << 16) % p + exact(al, bl)) % p
    if k < 1 << 15:
        return ((np.matmul(high, b) % p << 16) + np.matmul(low, b)) % p
    half = k // 2
    return (matmul_mod(a[..., :half], b[..., :half, :], p) + matmul_mod(a[..., half:], b[..., half:, :], p)) % p


class PrimeField(ArraySystem):
    """F_p for a prime p < 2^31, on int64 arrays.

    Polynomial activations and `reciprocal` are computed; other functions give None. Raises `SpecError` for a rational whose denominator
    is divisible by p, `UndefinedValueError` for a reciprocal of 0.
    """

    dtype = I64

    def __init__(self, definitions: dict[str, Activation], p: int = PRIME) -> None:
        super().__init__(definitions)
        self.p = p

    def number(self, value: Fraction) -> int:
        if value.denominator % self.p == 0:
            raise SpecError(f"the denominator of {value} is divisible by {self.p}", "", "choose another prime")
        return value.numerator * pow(value.denominator, -1, self.p) % self.p

    def array(self, values: Sequence[Fraction], shape: Shape) -> Value:
        p = self.p
        flat = [v.numerator % p if v.denominator == 1 else self.number(v) for v in values]
        return np.array(flat, dtype=I64).reshape(1, *shape)

    def reduce(self, x: Array) -> Array:
        return x % self.p

    def matmul(self, a: Array, b: Array) -> Array:
        return matmul_mod(a, b, self.p)

    def inverse(self, x: Array) -> Array:
        """Entrywise inverse by Fermat's little theorem."""
        if not np.all(x):
            raise UndefinedValueError("reciprocal of 0 modulo p")
        out, base, e = np.ones_like(x), x, self.p - 2
        while e:
            out = out * base % self.p if e & 1 else out
            base, e = base * base % self.p, e >> 1
        return out

    def horner(self, coefficients: Sequence[int], x: Array) -> Array:
        out = np.zeros_like(x)
        for c in reversed(coefficients):
            out = (out * x + c) % self.p
        return out

    def apply(self, node: Node, x: Value) -> Value:
        definition = self.definitions[node.activation]
        if definition.polynomial is not None:
            return self.horner([self.number(c) for c in polynomial_derivative(definition.polynomial, node.order)], x)
        if definition.named == "reciprocal":
            out = inverse = self.inverse(x)
            for k in range(node.order):
                out = out * inverse % self.p * (self.p - k - 1) % self.p
            return out
        return None
