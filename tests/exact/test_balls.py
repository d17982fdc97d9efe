"""Enclosures contain the true values, computed by sympy and mpmath with twice the digits."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from simcert.exact.arrays import UndefinedValueError
from simcert.exact.balls import Balls
from simcert.models.activations import NAMED, lookup
from simcert.models.program import Activation, Node
from tests.exact.reference import derived, examples, horner

z = sympy.Symbol("z")
FORMULAS: dict[str, Any] = {
    "tanh": sympy.tanh(z),
    "sigmoid": 1 / (1 + sympy.exp(-z)),
    "silu": z / (1 + sympy.exp(-z)),
    "softplus": sympy.log(1 + sympy.exp(z)),
    "gelu": z * (1 + sympy.erf(z / sympy.sqrt(2))) / 2,
    "erf": sympy.erf(z),
    "arctan": sympy.atan(z),
    "sin": sympy.sin(z),
    "cos": sympy.cos(z),
    "exp": sympy.exp(z),
    "expm1": sympy.exp(z) - 1,
    "sinh": sympy.sinh(z),
    "cosh": sympy.cosh(z),
    "gaussian": sympy.exp(-(z**2)),
    "logcosh": sympy.log(sympy.cosh(z)),
    "reciprocal": 1 / z,
    "rsqrt": 1 / sympy.sqrt(z),
}
ORDERS = range(5)
EXACT = {(name, k): sympy.lambdify(z, sympy.diff(f, z, k), "mpmath") for name, f in FORMULAS.items() for k in ORDERS}


def interval(ball: Any) -> tuple[Fraction, Fraction]:
    """Centre and radius, exactly."""

    def dyadic(x: Any) -> Fraction:
        mantissa, exponent = x.man_exp()
        return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)

    return dyadic(ball.mid()), dyadic(ball.rad())


def enclosure(activation: Activation, order: int, q: Fraction, precision: int = 128) -> tuple[Fraction, Fraction]:
    system = Balls({"f": activation}, precision)
    with system.context():
        out = system.apply(Node("apply", (1,), (0,), activation="f", order=order), system.array([q], (1,)))
    return interval(out[0, 0])


def test_every_named_function_has_a_formula() -> None:
    assert set(FORMULAS) == set(NAMED)


@pytest.mark.parametrize("name", sorted(FORMULAS))
def test_enclosures_contain_the_values(name: str) -> None:
    """All named functions, orders 0 to 4: the value lies in the ball, and the ball is small."""

    @examples(12)
    @given(st.builds(Fraction, st.integers(-40, 40), st.integers(1, 9)), st.sampled_from([96, 128, 200]))
    def check(q: Fraction, precision: int) -> None:
        if name in ("reciprocal", "rsqrt"):
            q = abs(q) + Fraction(1, 7)
        for order in ORDERS:
            middle, radius = enclosure(lookup(name), order, q, precision)
            with mpmath.workdps(140):
                value = mpmath.mpf(EXACT[name, order](mpmath.mpf(q.numerator) / q.denominator))
                error = abs(value - mpmath.mpf(middle.numerator) / middle.denominator)
                assert error <= mpmath.mpf(radius.numerator) / radius.denominator + mpmath.mpf(10) ** -110
            assert radius <= Fraction(1, 2 ** (precision - 70)) * (1 + abs(middle)), (q, order)

    check()


@examples(40)
@given(st.lists(st.integers(-9, 9), min_size=1, max_size=5), st.integers(0, 3), st.builds(Fraction, st.integers(-9, 9), st.integers(1, 9)))
def test_polynomials_and_pieces_are_enclosed(coefficients: list[int], order: int, q: Fraction) -> None:
    fractions = [Fraction(c, 3) for c in coefficients]
    middle, radius = enclosure(Activation(polynomial=tuple(fractions)), order, q)
    assert abs(horner(derived(fractions, order), q, Fraction(0)) - middle) <= radius <= Fraction(1, 2**90)
    s, t = Fraction(1, 3), Fraction(-2)
    if q:
        middle, radius = enclosure(Activation(piecewise=(s, t)), order, q)
        slope = s if q < 0 else t
        wanted = slope * q if order == 0 else slope if order == 1 else 0
        assert abs(wanted - middle) <= radius <= Fraction(1, 2**90)


@pytest.mark.parametrize(
    ("activation", "q"),
    [(lookup("relu"), 0), (lookup("abs"), 0), (lookup("reciprocal"), 0), (lookup("rsqrt"), 0), (lookup("rsqrt"), -1)],
)
def test_undefined_values_raise(activation: Activation, q: int) -> None:
    for order in range(2):
        with pytest.raises(UndefinedValueError):
            enclosure(activation, order, Fraction(q))


def test_a_kink_inside_a_wide_ball_raises() -> None:
    """An argument that is 0 but only known up to rounding: (1/3 + 2/3) − 1."""
    system = Balls({"f": lookup("relu")}, 64)
    with system.context():
        thirds = system.array([Fraction(1, 3), Fraction(2, 3), Fraction(-1)], (3,))
        total = thirds.sum(axis=1, keepdims=True)
        assert not (total[0, 0] > 0 or total[0, 0] < 0)
        with pytest.raises(UndefinedValueError, match="kink"):
            system.apply(Node("apply", (1,), (0,), activation="f"), total)
        apart = np.array([[system.number(Fraction(1, 10**15))]], dtype=object)
        assert system.apply(Node("apply", (1,), (0,), activation="f"), apart)[0, 0] > 0
