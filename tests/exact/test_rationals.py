"""The rationals: kinks, reciprocals, and values at 0."""

from __future__ import annotations

from fractions import Fraction
from math import factorial

import numpy as np
import pytest
from flint import fmpq
from hypothesis import given
from hypothesis import strategies as st

from simcert.exact.arrays import UndefinedValueError
from simcert.exact.rationals import Rationals, to_fraction
from simcert.models.activations import lookup
from simcert.models.program import Activation, Node
from tests.exact.reference import RATIONAL, examples

NONZERO = RATIONAL.filter(bool)


def applied(activation: Activation, order: int, z: list[Fraction], at_zero: dict[str, Fraction] | None = None) -> list[Fraction] | None:
    system = Rationals({"f": activation}, at_zero)
    out = system.apply(Node("apply", (len(z),), (0,), activation="f", order=order), system.array(z, (len(z),)))
    return None if out is None else [to_fraction(v) for v in out.ravel()]


@examples(100)
@given(RATIONAL, RATIONAL, st.lists(NONZERO, min_size=1, max_size=4), st.integers(0, 4))
def test_piecewise_functions_off_their_kink(s: Fraction, t: Fraction, z: list[Fraction], order: int) -> None:
    slopes = [s if v < 0 else t for v in z]
    wanted = [a * v for a, v in zip(slopes, z, strict=True)] if order == 0 else slopes if order == 1 else [Fraction(0)] * len(z)
    assert applied(Activation(piecewise=(s, t)), order, z) == wanted
    with pytest.raises(UndefinedValueError, match="argument of f is 0"):
        applied(Activation(piecewise=(s, t)), order, [*z, Fraction(0)])


@examples(60)
@given(st.lists(NONZERO, min_size=1, max_size=3), st.integers(0, 8))
def test_reciprocal_derivatives(z: list[Fraction], order: int) -> None:
    reciprocal = lookup("reciprocal")
    assert applied(reciprocal, order, z) == [(-1) ** order * factorial(order) / v ** (order + 1) for v in z]
    with pytest.raises(UndefinedValueError, match="reciprocal of 0"):
        applied(reciprocal, order, [*z, Fraction(0)])


def test_values_at_zero_are_used_only_at_zero_and_only_for_the_function() -> None:
    known, zero = {"tanh": Fraction(0), "sigmoid": Fraction(1, 2)}, Fraction(0)
    assert applied(lookup("sigmoid"), 0, [zero, zero], known) == [Fraction(1, 2)] * 2
    assert applied(lookup("tanh"), 0, [zero], known) == [zero]
    for activation, order, z in (("sigmoid", 1, zero), ("sigmoid", 0, Fraction(1, 9)), ("silu", 0, zero)):
        assert applied(lookup(activation), order, [z], known) is None
    assert applied(lookup("sigmoid"), 0, [zero, Fraction(1)], known) is None
    assert applied(lookup("sigmoid"), 0, [zero]) is None


@examples(60)
@given(RATIONAL)
def test_numbers_survive_the_round_trip(q: Fraction) -> None:
    system = Rationals({})
    assert to_fraction(system.number(q)) == q
    assert np.all(system.zeros((2, 2)) == fmpq(0))
