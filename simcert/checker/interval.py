"""Interval arithmetic on dyadic numbers: (lo, hi) stands for the reals between lo·2^−P and hi·2^−P.

Every function here returns an interval that contains the true value; every rounding is outward, and every truncated series carries a bound of its
remainder. Functions of one point take an integer x (meaning x·2^−P) and the number of bits P.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from math import isqrt

from .canonical import Rational
from .evaluate import System
from .functions import derivative, polynomial_derivative
from .outcome import Budget, Invalid, Limit
from .program import Activation, Node

Ball = tuple[int, int]
_LARGEST = 5000


def _up(x: int, shift: int) -> int:
    """x / 2^shift, rounded up."""
    return -(-x >> shift)


def _coarser(x: Ball, shift: int) -> Ball:
    return x[0] >> shift, _up(x[1], shift)


def multiply(a: Ball, b: Ball, bits: int) -> Ball:
    """The product."""
    products = (a[0] * b[0], a[0] * b[1], a[1] * b[0], a[1] * b[1])
    return min(products) >> bits, _up(max(products), bits)


def invert(a: Ball, bits: int) -> Ball:
    """The reciprocal of an interval that does not contain 0 (1/x is decreasing on either side)."""
    if a[0] <= 0 <= a[1]:
        raise Invalid("the enclosure of something that is inverted contains 0")
    one = 1 << 2 * bits
    return one // a[1], -(-one // a[0])


def exp(x: int, bits: int) -> Ball:
    """e^x: Taylor at x/2^k ≤ 2^−7, whose tail after a term is at most that term, and k squarings; 1/e^−x for negative x."""
    if x < 0:
        return (0, 1) if -x >> bits > bits else invert(exp(-x, bits), bits)
    if x >> bits > max(bits, _LARGEST):
        raise Limit("the exponential of a very large number")
    k = (x >> bits).bit_length() + 7
    extra = 2 * k + 16
    w = bits + extra
    y = x << extra >> k
    lo = hi = low = high = 1 << w
    n = 0
    while high > 1:
        n += 1
        low, high = (low * y >> w) // n, -(-_up(high * (y + 1), w) // n)
        lo, hi = lo + low, hi + high
    out = lo, hi + high
    for _ in range(k):
        out = multiply(out, out, w)
    return _coarser(out, extra)


def _odd_series(x: Ball, bits: int, sign: int) -> Ball:
    """Σ sign^k x^(2k+1)/(2k+1) for 0 ≤ x ≤ 1/2: artanh (sign 1) or arctan (sign −1). The tail after a term is at most that term."""
    square, power, lo, hi, k = multiply(x, x, bits), x, 0, 0, 1
    alternate = 1
    while True:
        low, high = power[0] // k, -(-power[1] // k)
        lo, hi = (lo + low, hi + high) if alternate > 0 else (lo - high, hi - low)
        if high <= 1:
            return lo - high, hi + high
        power, k, alternate = multiply(power, square, bits), k + 2, alternate * sign


def log1p(x: int, bits: int) -> Ball:
    """log(1 + x) = 2 artanh(x/(2 + x)) for 0 ≤ x ≤ 1."""
    w = bits + 16
    two = (2 << bits) + x
    lo, hi = _odd_series(((x << w) // two, -((-x << w) // two)), w, 1)
    return _coarser((2 * lo, 2 * hi), 16)


def arctan(x: int, bits: int) -> Ball:
    """arctan x: 1/x for x > 1, then twice arctan u = 2 arctan(u/(1 + √(1 + u²))), then the series at u ≤ 1/5."""
    if x < 0:
        lo, hi = arctan(-x, bits)
        return -hi, -lo
    w = bits + 16
    one = 1 << w
    u = (x << 16, x << 16)
    large = u[0] > one
    if large:
        u = invert(u, w)
    for _ in range(2):
        root = isqrt((one << w) + u[0] ** 2), isqrt((one << w) + u[1] ** 2) + 1
        u = (u[0] << w) // (one + root[1]), -((-u[1] << w) // (one + root[0]))
    lo, hi = _odd_series(u, w, -1)
    lo, hi = 4 * lo, 4 * hi
    if large:
        half = pi(w)
        lo, hi = half[0] // 2 - hi, _up(half[1], 1) - lo
    return _coarser((lo, hi), 16)


@cache
def pi(bits: int) -> Ball:
    """π = 4 arctan 1."""
    lo, hi = arctan(1 << bits + 8, bits + 8)
    return _coarser((4 * lo, 4 * hi), 8)


def sin_cos(x: int, bits: int) -> tuple[Ball, Ball]:
    """sin x and cos x: Taylor at x/2^k ≤ 2^−5, and k doublings sin 2y = 2 sin y cos y, cos 2y = 1 − 2 sin² y."""
    if abs(x) >> bits > 1 << 20:
        raise Limit("the sine of a very large number")
    k = (abs(x) >> bits).bit_length() + 5
    extra = 3 * k + 16
    w = bits + extra
    one = 1 << w
    y = x << extra >> k
    sums, term, n = [0, 0], one, 0
    while term not in (0, -1):
        sums[n % 2] += term if n % 4 < 2 else -term
        n += 1
        term = (term * y >> w) // n
    # Each of the n terms is off by at most 2, the tail by at most 4, and y by at most 1.
    error = 2 * n + 8
    s, c = ((v - error, v + error) for v in (sums[1], sums[0]))
    for _ in range(k):
        square = multiply(s, s, w)
        s, c = multiply(s, (2 * c[0], 2 * c[1]), w), (one - 2 * square[1], one - 2 * square[0])
    return _coarser(s, extra), _coarser(c, extra)


def erf(x: int, bits: int) -> Ball:
    """erf x = 2/√π e^(−x²) Σ 2^n x^(2n+1)/(2n+1)!!; for large x between 1 − e^(−x²) and 1."""
    if x < 0:
        lo, hi = erf(-x, bits)
        return -hi, -lo
    one = 1 << bits
    if x * x >> 2 * bits > bits:
        return one - 1, one
    extra = 24 + bits.bit_length() + 2 * (x * x >> 2 * bits)  # the sum is as large as e^(x²)
    w = bits + extra
    y = x << extra
    square = 2 * y * y >> w, _up(2 * y * y, w)
    lo = hi = low = high = y
    k = 1
    while high > 1 or 2 * square[1] > k << w:
        k += 2
        low, high = (low * square[0] >> w) // k, -(-_up(high * square[1], w) // k)
        lo, hi = lo + low, hi + high
    power = exp(-_up(y * y, w), w)[0], exp(-(y * y >> w), w)[1]
    return _coarser(multiply(multiply((lo, hi + high), power, w), two_over_root_pi(w), w), extra)


@cache
def two_over_root_pi(bits: int) -> Ball:
    """2/√π."""
    lo, hi = invert(pi(bits), bits)
    return 2 * isqrt(lo << bits), 2 * isqrt(hi << bits) + 2


def tanh(x: int, bits: int) -> Ball:
    """tanh x = (1 − e)/(1 + e) with e = e^(−2x) for x ≥ 0."""
    lo, hi = exp(-2 * abs(x), bits)
    one = 1 << bits
    lo, hi = multiply((one - hi, one - lo), invert((one + lo, one + hi), bits), bits)
    return (lo, hi) if x >= 0 else (-hi, -lo)


def sigmoid(x: int, bits: int) -> Ball:
    """1/(1 + e^−x)."""
    e, one = exp(-abs(x), bits), 1 << bits
    inverse = invert((one + e[0], one + e[1]), bits)
    return inverse if x >= 0 else multiply(e, inverse, bits)


def softplus(x: int, bits: int) -> Ball:
    """log(1 + e^x) = max(x, 0) + log(1 + e^−|x|)."""
    e = exp(-abs(x), bits)
    return max(x, 0) + log1p(e[0], bits)[0], max(x, 0) + log1p(e[1], bits)[1]


def logcosh(x: int, bits: int) -> Ball:
    """log cosh x = x + log(1 + e^−2x) − log 2 for x ≥ 0."""
    e, log2 = exp(-2 * x, bits), log1p(1 << bits, bits)
    return x + log1p(e[0], bits)[0] - log2[1], x + log1p(e[1], bits)[1] - log2[0]


_INCREASING: dict[str, Callable[[int, int], Ball]] = {"exp": exp, "tanh": tanh, "sigmoid": sigmoid, "softplus": softplus, "erf": erf, "arctan": arctan}


def atom(name: str, z: Ball, bits: int) -> Ball:
    """The enclosure of an atom of the derivative table (`functions.py`) on an interval."""
    one = 1 << bits
    size = (0 if z[0] <= 0 <= z[1] else min(abs(z[0]), abs(z[1])), max(abs(z[0]), abs(z[1])))
    square = size[0] ** 2 >> bits, _up(size[1] ** 2, bits)
    if name == "z":
        return z
    if name in _INCREASING:
        return _INCREASING[name](z[0], bits)[0], _INCREASING[name](z[1], bits)[1]
    if name == "logcosh":
        return logcosh(size[0], bits)[0], logcosh(size[1], bits)[1]
    if name == "gaussian":
        return exp(-square[1], bits)[0], exp(-square[0], bits)[1]
    if name == "exp(-z²/2)":
        return exp(-_up(square[1], 1), bits)[0], exp(-(square[0] >> 1), bits)[1]
    if name == "erf(z/√2)":
        root = isqrt(1 << 2 * bits - 1)
        return atom("erf", multiply(z, (root, root + 1), bits), bits)
    if name in ("sin", "cos"):
        middle = (z[0] + z[1]) >> 1
        lo, hi = sin_cos(middle, bits)[name == "cos"]
        return max(lo - (z[1] - middle), -one), min(hi + (z[1] - middle), one)
    if name in ("sinh", "cosh"):
        e, f = atom("exp", z, bits), atom("exp", (-z[1], -z[0]), bits)
        return _coarser((e[0] + f[0], e[1] + f[1]) if name == "cosh" else (e[0] - f[1], e[1] - f[0]), 1)
    if name == "2/√π":
        return two_over_root_pi(bits)
    if name == "1/√(2π)":
        lo, hi = invert(pi(bits), bits)
        return isqrt(lo << bits - 1), isqrt(hi << bits - 1) + 1
    if name == "1/(1+z²)":
        return invert((one + square[0], one + square[1]), bits)
    if name == "reciprocal":
        return invert(z, bits)
    if name == "rsqrt" and z[0] > 0:
        return isqrt((one << 2 * bits) // z[1]), isqrt((one << 2 * bits) // z[0] + 1) + 1
    raise Invalid(f"{name} is not defined on the enclosure of its argument")


def enclose(q: Rational, bits: int) -> Ball:
    """A rational number."""
    return (q.numerator << bits) // q.denominator, -((-q.numerator << bits) // q.denominator)


def activation(function: Activation, order: int, z: Ball, bits: int, hull: bool = False) -> Ball:
    """An activation's derivative on an interval. With `hull`, a piecewise function whose argument may be 0 is enclosed instead of refused."""
    if function.kind == "piecewise":
        s, t = (enclose(c, bits) for c in function.numbers)
        if z[0] <= 0 <= z[1] and not hull:
            raise Invalid("the enclosure of an argument of a piecewise function contains 0")
        slope = t if z[0] > 0 else s if z[1] < 0 else (min(s[0], t[0]), max(s[1], t[1]))
        return multiply(slope, z, bits) if order == 0 else slope if order == 1 else (0, 0)
    if function.kind == "polynomial":
        out = (0, 0)
        for c in reversed(polynomial_derivative(function.numbers, order)):
            (a, b), (lo, hi) = multiply(out, z, bits), enclose(c, bits)
            out = a + lo, b + hi
        return out
    low = high = 0
    for monomial, c in derivative(function.name, order).items():
        product = enclose(c, bits)
        for name in monomial:
            product = multiply(product, atom(name, z, bits), bits)
        low, high = low + product[0], high + product[1]
    return low, high


class Balls(System[Ball]):
    """Intervals with about `precision` bits (twice as many and 64 more are carried)."""

    def __init__(self, budget: Budget, functions: Mapping[str, Activation], precision: int, hull: bool = False) -> None:
        super().__init__(budget)
        budget.bits(2 * precision + 64)
        self._functions, self.bits, self._hull = functions, 2 * precision + 64, hull

    def rational(self, q: Rational) -> Ball:
        return enclose(q, self.bits)

    def total(self, terms: Sequence[Ball]) -> Ball:
        return sum(t[0] for t in terms), sum(t[1] for t in terms)

    def dot(self, left: Sequence[Ball], right: Sequence[Ball]) -> Ball:
        lo = hi = 0
        for (a, b), (c, d) in zip(left, right, strict=True):
            products = (a * c, a * d, b * c, b * d)
            lo, hi = lo + min(products), hi + max(products)
        self.budget.bits(max(abs(lo), abs(hi)).bit_length() // 2)
        return lo >> self.bits, _up(hi, self.bits)

    def apply(self, node: Node, values: list[Ball]) -> list[Ball]:
        out: list[Ball] = []
        for z in values:
            self.budget.tick()
            self.budget.bits(max(abs(z[0]), abs(z[1])).bit_length())
            out.append(activation(self._functions[node.names[0]], node.order, z, self.bits, self._hull))
        return out
