"""The table of facts and derivatives, and interval enclosures, against mpmath."""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import mpmath
import pytest

from simcert.checker.functions import CONSTANTS, NAMED, close, derivative, polynomial_derivative, polynomial_facts, taylor
from simcert.checker.interval import Balls, activation, arctan, enclose, erf, exp, log1p, pi, sin_cos
from simcert.checker.outcome import Budget, Limits
from simcert.checker.program import Activation

PARTIAL = ("reciprocal", "rsqrt")
FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "tanh": mpmath.tanh,
    "sin": mpmath.sin,
    "cos": mpmath.cos,
    "erf": mpmath.erf,
    "arctan": mpmath.atan,
    "sinh": mpmath.sinh,
    "cosh": mpmath.cosh,
    "exp": mpmath.exp,
    "expm1": mpmath.expm1,
    "gaussian": lambda t: mpmath.exp(-t * t),
    "silu": lambda t: t / (1 + mpmath.exp(-t)),
    "gelu": lambda t: t * (1 + mpmath.erf(t / mpmath.sqrt(2))) / 2,
    "logcosh": lambda t: mpmath.log(mpmath.cosh(t)),
    "sigmoid": lambda t: 1 / (1 + mpmath.exp(-t)),
    "softplus": lambda t: mpmath.log(1 + mpmath.exp(t)),
    "reciprocal": lambda t: 1 / t,
    "rsqrt": lambda t: 1 / mpmath.sqrt(t),
}


def named(name: str) -> Activation:
    return Activation("named", name, (), frozenset())


def to_mpf(q: Any) -> Any:
    return mpmath.mpf(q.numerator) / q.denominator


def test_the_table_is_complete() -> None:
    assert set(FUNCTIONS) == set(NAMED)


@pytest.mark.parametrize("name", sorted(NAMED))
def test_facts(name: str) -> None:
    """Every fact of the table holds at points, and every fact that is not in the table fails at one."""
    f = FUNCTIONS[name]
    z = mpmath.mpf(3) / 7
    facts = close(NAMED[name], partial=name in PARTIAL)
    if name != "rsqrt":
        assert ("odd" in facts) == mpmath.almosteq(f(-z), -f(z))
        assert ("even" in facts) == mpmath.almosteq(f(-z), f(z))
    if name not in PARTIAL:
        assert ("zero" in facts) == (abs(f(mpmath.mpf(0))) < 1e-12)
        assert ("flat" in facts) == (abs(mpmath.diff(f, 0)) < 1e-12)


@pytest.mark.parametrize("name", sorted(NAMED))
def test_enclosures(name: str) -> None:
    """The enclosure contains the value to 600 bits, and is a few units wide relative to 1 + |value|."""
    rng = random.Random(name)
    with mpmath.workprec(700):
        for _ in range(150):
            z = Fraction(rng.randint(-40_000, 40_000), rng.choice([1_000, 7_919, 10**6, 10**9]))
            z = abs(z) + Fraction(1, 9) if name == "rsqrt" else z + Fraction(1, 10**10) if name == "reciprocal" else z
            bits = rng.choice([64, 130, 257])
            lo, hi = activation(named(name), 0, enclose(z, bits), bits)
            value = FUNCTIONS[name](to_mpf(z)) * mpmath.mpf(2) ** bits
            slack = mpmath.mpf(2) ** -80
            assert lo - slack <= value <= hi + slack, (z, bits)
            slope = abs(mpmath.diff(FUNCTIONS[name], to_mpf(z), h=mpmath.mpf(2) ** -200))
            assert hi - lo <= 64 * (1 + abs(to_mpf(z)) + abs(value) / mpmath.mpf(2) ** bits + slope), (z, bits, hi - lo)


@pytest.mark.parametrize("name", sorted(NAMED))
def test_enclosures_of_intervals(name: str) -> None:
    """The image of every point of a wide interval lies in the enclosure."""
    rng = random.Random(name)
    for _ in range(40):
        a = Fraction(rng.randint(1, 3_000) if name in PARTIAL else rng.randint(-3_000, 3_000), 1_000)
        b = a + Fraction(rng.randint(0, 1_000), 1_000)
        lo, hi = activation(named(name), 0, (enclose(a, 80)[0], enclose(b, 80)[1]), 80)
        for k in range(5):
            value = FUNCTIONS[name](to_mpf(a + (b - a) * Fraction(k, 4))) * mpmath.mpf(2) ** 80
            slack = 1e-12 * (abs(value) + mpmath.mpf(2) ** 80)
            assert lo - slack <= value <= hi + slack


@pytest.mark.parametrize("name", sorted(NAMED))
def test_derivatives(name: str) -> None:
    """Derivatives of order 1 to 9 by the table of atoms, against numerical differentiation to 60 digits."""
    rng = random.Random(name)
    with mpmath.workdps(60):
        for _ in range(4):
            z = Fraction(rng.randint(1, 250), 100) if name in PARTIAL else Fraction(rng.randint(-250, 250), 100)
            coefficients = mpmath.taylor(FUNCTIONS[name], to_mpf(z), 9)
            for order in range(10):
                lo, hi = activation(named(name), order, enclose(z, 250), 250)
                value = coefficients[order] * mpmath.factorial(order)
                middle = mpmath.mpf(lo + hi) / 2 / mpmath.mpf(2) ** 250
                assert abs(value - middle) <= mpmath.mpf(10) ** -14 * (1 + abs(value))
                assert hi - lo < 1 << 120


@pytest.mark.parametrize("name", sorted(set(NAMED) - set(PARTIAL)))
def test_taylor_coefficients(name: str) -> None:
    """a + b·κ is the k-th Taylor coefficient of each derivative at 0, and b = 0 where no constant is declared."""
    with mpmath.workdps(60):
        constant = {"pi": 2 / mpmath.sqrt(mpmath.pi) if name == "erf" else 1 / mpmath.sqrt(2 * mpmath.pi), "log2": mpmath.log(2)}
        at_zero = mpmath.taylor(FUNCTIONS[name], 0, 10)
        for order in range(3):
            table = taylor(name, order, 8)
            assert table is not None
            for k, (a, b) in enumerate(table):
                value = at_zero[k + order] * mpmath.factorial(k + order) / mpmath.factorial(k)
                assert abs(to_mpf(a) + to_mpf(b) * constant[CONSTANTS.get(name, "pi")] - value) < 1e-12
                assert name in CONSTANTS or b == 0


def test_partial_functions_have_no_taylor_series_at_zero() -> None:
    assert taylor("reciprocal", 0, 3) is None and taylor("rsqrt", 2, 3) is None


def test_polynomials() -> None:
    assert polynomial_derivative([1, 2, 3, 4], 2) == [6, 24]
    assert polynomial_derivative([1, 2], 2) == []
    assert polynomial_facts([0]) == {"odd", "even", "zero", "flat"}
    assert polynomial_facts([0, 1, 0, 2]) == {"odd", "zero"}
    assert polynomial_facts([5]) == {"even", "flat"}
    assert derivative("gaussian", 1) == {("gaussian", "z"): -2}


def test_kernels_at_few_bits() -> None:
    """Every point of a coarse grid: where the rounding is coarse, a missing error term shows."""
    with mpmath.workprec(100):
        for bits in range(1, 8):
            for x in range(-4 << bits, (4 << bits) + 1):
                z = mpmath.mpf(x) / 2**bits
                enclosures = [(exp(x, bits), mpmath.exp(z)), (arctan(x, bits), mpmath.atan(z)), (erf(x, bits), mpmath.erf(z))]
                enclosures += zip(sin_cos(x, bits), (mpmath.sin(z), mpmath.cos(z)), strict=True)
                if 0 <= x <= 1 << bits:
                    enclosures.append((log1p(x, bits), mpmath.log(1 + z)))
                for (lo, hi), value in enclosures:
                    assert lo <= value * 2**bits <= hi <= lo + 3 + 4 * abs(value)


def test_kernels_at_the_ends_of_their_ranges() -> None:
    with mpmath.workprec(900):
        for bits in (40, 64, 300):
            scale = mpmath.mpf(2) ** bits
            lo, hi = pi(bits)
            assert lo <= mpmath.pi * scale <= hi and hi - lo <= 2
            for x in (0, 1, -1, 1 << bits, -1 << bits, (1 << bits) + 1, 3 << bits, -(200 << bits), (1 << bits) - 1, 1 << bits // 2, 12345 << bits - 7):
                z = mpmath.mpf(x) / scale
                for ball, value in [
                    (exp(x, bits) if x < 100 << bits else (0, mpmath.inf), mpmath.exp(z)),
                    (arctan(x, bits), mpmath.atan(z)),
                    (sin_cos(x, bits)[0], mpmath.sin(z)),
                    (sin_cos(x, bits)[1], mpmath.cos(z)),
                    (log1p(x, bits) if 0 <= x <= 1 << bits else (-mpmath.inf, mpmath.inf), mpmath.log(1 + abs(z))),
                ]:
                    assert ball[0] <= value * scale <= ball[1], (x, bits)


@pytest.mark.parametrize(
    "definition", [Activation("piecewise", "", (-2, Fraction(1, 3)), frozenset()), Activation("polynomial", "", (1, -2, Fraction(1, 3)), frozenset())]
)
def test_exact_definitions_on_intervals(definition: Activation) -> None:
    bits = Balls(Budget(Limits()), {}, 10).bits
    for z in (Fraction(-3, 7), Fraction(5, 3)):
        ball = enclose(z, bits)
        if definition.kind == "piecewise":
            slope = definition.numbers[z > 0]
            values = [slope * z, slope, 0]
        else:
            values = [1 - 2 * z + z * z / 3, -2 + 2 * z / 3, Fraction(2, 3)]
        for order, value in enumerate(values):
            lo, hi = activation(definition, order, ball, bits)
            assert lo <= value * 2**bits <= hi <= lo + 12
