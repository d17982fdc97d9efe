"""The table of activations, every row proved with sympy and compared with mpmath."""

from __future__ import annotations

import subprocess
import sys
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from simcert.errors import InexactInputError, SpecError
from simcert.models import activations as table
from simcert.models.activations import CLASSES, FACTS, NAMED, SHORTHANDS, closure, derivative, facts, float_function, form, lookup, minimal
from simcert.models.program import Activation

z = sympy.Symbol("z", positive=True)
E = sympy.Symbol("E", positive=True)
half = sympy.Rational(1, 2)

# the functions as docs/format.md defines them, written without the table
DEFINITIONS = {
    "tanh": (sympy.exp(z) - sympy.exp(-z)) / (sympy.exp(z) + sympy.exp(-z)),
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
    "sinh": (sympy.exp(z) - sympy.exp(-z)) / 2,
    "cosh": (sympy.exp(z) + sympy.exp(-z)) / 2,
    "gaussian": sympy.exp(-(z**2)),
    "logcosh": sympy.log((sympy.exp(z) + sympy.exp(-z)) / 2),
    "reciprocal": 1 / z,
    "rsqrt": z ** (-half),
}
ATOMS = {
    **{name: DEFINITIONS[name] for name in ("exp", "tanh", "sigmoid", "sin", "cos", "sinh", "cosh", "erf", "arctan", "softplus", "logcosh")},
    "gauss": sympy.exp(-(z**2)),
    "phi": sympy.exp(-(z**2) / 2),
    "normal": (1 + sympy.erf(z / sympy.sqrt(2))) / 2,
    "lorentz": 1 / (1 + z**2),
    "reciprocal": 1 / z,
    "rsqrt": 1 / sympy.sqrt(z),
    "z": z,
    "two_over_sqrt_pi": 2 / sympy.sqrt(sympy.pi),
    "one_over_sqrt_two_pi": 1 / sympy.sqrt(2 * sympy.pi),
}
CONSTANTS = {"log2": sympy.log(2)}
WORDS = {"log 2": sympy.log(2), "2/sqrt(pi)": 2 / sympy.sqrt(sympy.pi)}
PARTIAL = {"reciprocal", "rsqrt"}
NUMERIC = {
    "tanh": mpmath.tanh,
    "sigmoid": lambda t: 1 / (1 + mpmath.exp(-t)),
    "silu": lambda t: t / (1 + mpmath.exp(-t)),
    "softplus": lambda t: mpmath.log1p(mpmath.exp(t)),
    "gelu": lambda t: t * mpmath.ncdf(t),
    "erf": mpmath.erf,
    "arctan": mpmath.atan,
    "sin": mpmath.sin,
    "cos": mpmath.cos,
    "exp": mpmath.exp,
    "expm1": mpmath.expm1,
    "sinh": mpmath.sinh,
    "cosh": mpmath.cosh,
    "gaussian": lambda t: mpmath.exp(-t * t),
    "logcosh": lambda t: mpmath.log(mpmath.cosh(t)),
    "reciprocal": lambda t: 1 / t,
    "rsqrt": lambda t: 1 / mpmath.sqrt(t),
}
names = pytest.mark.parametrize("name", sorted(NAMED))
polynomials = st.lists(st.fractions(max_denominator=9), min_size=1, max_size=7).map(
    lambda c: Activation(polynomial=tuple(c[: max((k + 1 for k, v in enumerate(c) if v), default=1)]))
)
slopes = st.tuples(st.fractions(max_denominator=9), st.sampled_from([-1, 0, 1])).map(lambda p: (p[0], p[0] * p[1]))
piecewise = (slopes | st.tuples(st.fractions(max_denominator=9), st.fractions(max_denominator=9))).map(lambda p: Activation(piecewise=p))


def expression(poly: table.Poly, variables: tuple[str, ...], values: dict[str, sympy.Expr]) -> sympy.Expr:
    return sympy.Add(*(sympy.Rational(str(c)) * sympy.Mul(*(values[v] ** e for v, e in zip(variables, m, strict=True))) for m, c in poly.items()))


def is_zero(e: sympy.Expr) -> bool:
    """Whether e, rational in z, e^z, sin, cos, erf and constants, vanishes identically."""
    numerator = sympy.fraction(sympy.together(sympy.expand(e, log=False).subs({sympy.exp(z): E, sympy.exp(-z): 1 / E})))[0]
    return sympy.expand(numerator) == 0


def at(e: sympy.Expr, value: sympy.Expr | int) -> sympy.Expr:
    return sympy.simplify(e.subs(z, value))


@names
def test_forms_are_the_functions_and_their_derivatives(name: str) -> None:
    of, exact = form(name), DEFINITIONS[name]
    for order in range(7):
        assert is_zero(exact - expression(derivative(name, order), of.variables, ATOMS)), order
        exact = sympy.diff(exact, z)


@names
def test_slopes_are_the_derivatives_of_the_variables(name: str) -> None:
    of = form(name)
    assert of.variables[0] == "z"
    assert of.atoms == of.variables[1 : len(of.atoms) + 1]
    assert of.variables[len(of.atoms) + 1 :] == ((of.constant,) if of.constant else ())
    assert len(of.slopes) == len(of.variables)
    for variable, slope in zip(of.variables, of.slopes, strict=True):
        assert is_zero(sympy.diff(ATOMS[variable], z) - expression(slope, of.variables, ATOMS)), variable
    for poly in (of.value, *of.slopes):
        assert all(isinstance(c, Fraction) and c and len(m) == len(of.variables) for m, c in poly.items())


def test_the_identity_test_can_fail() -> None:
    assert not is_zero(DEFINITIONS["tanh"] - DEFINITIONS["sigmoid"])
    assert not is_zero(sympy.diff(DEFINITIONS["gelu"], z) - ATOMS["normal"])
    assert not is_zero(sympy.sin(z) - sympy.cos(z))


@names
def test_values_at_zero(name: str) -> None:
    row = NAMED[name]
    assert row.partial == (name in PARTIAL)
    if row.partial:
        assert (row.at_zero, row.value0, row.slope0) == ({}, "undefined", "undefined")
        assert not sympy.limit(DEFINITIONS[name], z, 0).is_finite
        return
    assert tuple(row.at_zero) == tuple(sorted(row.form.atoms, key=list(table.ATOMS).index))
    for atom, value in row.at_zero.items():
        assert at(ATOMS[atom], 0) == (CONSTANTS[value] if isinstance(value, str) else sympy.Rational(str(value))), atom
    for order, value in enumerate((row.value0, row.slope0)):
        exact = WORDS[value] if isinstance(value, str) else sympy.Rational(str(value))
        assert at(sympy.diff(DEFINITIONS[name], z, order), 0) == exact
        assert isinstance(value, str) != exact.is_rational
        atoms = {a: CONSTANTS[v] if isinstance(v, str) else sympy.Rational(str(v)) for a, v in row.at_zero.items()}
        assert sympy.simplify(expression(derivative(name, order), row.form.variables, {**ATOMS, **atoms, "z": sympy.Integer(0)}) - exact) == 0


@names
def test_facts_hold_and_no_other_fact_does(name: str) -> None:
    row, exact, found = NAMED[name], DEFINITIONS[name], set()
    reflected = exact.subs(z, -z)
    for parity, sign in (("odd", 1), ("even", -1)):
        if is_zero(sympy.expand_log(sympy.expand_func(reflected + sign * exact))):
            found.add(parity)
        else:
            assert abs(mpmath.mpmathify(NUMERIC[name](mpmath.mpf(-1)) + sign * NUMERIC[name](mpmath.mpf(1)))) > 0.01
    if not row.partial:
        found |= {fact for fact, order in (("zero", 0), ("flat", 1)) if at(sympy.diff(exact, z, order), 0) == 0}
        assert closure(found) == found
    assert facts(SHORTHANDS[name]) == found
    assert row.facts == minimal(found)


@names
def test_derivatives_and_floats_agree_with_mpmath(name: str) -> None:
    of, function = form(name), NUMERIC[name]
    points = [0.3, 1.7, 2.6] if name == "rsqrt" else [-2.3, -0.8, 0.4, 1.9]
    with mpmath.workdps(50):
        for point in points:
            t = mpmath.mpf(point)
            taylor = mpmath.taylor(function, t, 8)
            values = {v: mpmath.mpf(str(sympy.N(ATOMS[v].subs(z, sympy.Float(str(t), 45)), 45))) for v in of.variables}
            for order in range(9):
                exact = taylor[order] * mpmath.factorial(order)
                terms = [
                    mpmath.mpf(c.numerator) / c.denominator * mpmath.fprod(values[v] ** e for v, e in zip(of.variables, m, strict=True))
                    for m, c in derivative(name, order).items()
                ]
                scale = max(abs(term) for term in terms)
                assert abs(mpmath.fsum(terms) - exact) <= scale * mpmath.mpf(10) ** -20
                assert abs(float_function(SHORTHANDS[name], order)(point) - exact) <= 1e-13 * scale


@given(polynomials)
def test_polynomial_facts_floats_and_words(activation: Activation) -> None:
    poly: Any = sympy.Poly([sympy.Rational(str(c)) for c in reversed(activation.polynomial or ())], z)
    reflected = poly.compose(sympy.Poly(-z, z))
    holds = {"odd": reflected == -poly, "even": reflected == poly, "zero": poly.eval(0) == 0, "flat": poly.diff(z).eval(0) == 0}
    assert facts(activation) == {f for f in FACTS if holds[f]} == closure(facts(activation))
    points = np.array([[-1.5, 0.0], [0.25, 2.0]])
    for order in range(5):
        exact = np.vectorize(lambda t, k=order: float(poly.diff((z, k)).eval(sympy.Rational(str(t)))) if k else float(poly.eval(sympy.Rational(str(t)))))
        np.testing.assert_allclose(
            float_function(activation, order)(points), exact(points), rtol=1e-12, atol=1e-9 * max(abs(float(c)) + 1 for c in poly.all_coeffs())
        )
    text = table.words(activation).replace("^", "**").replace("z", "*z").replace(" *z", " z").replace("-*z", "-z").removeprefix("*")
    assert sympy.parse_expr(text, {"z": z}) == poly.as_expr()


@given(piecewise)
def test_piecewise_facts_and_floats(activation: Activation) -> None:
    s, t = activation.piecewise or (Fraction(0), Fraction(0))
    known = facts(activation)
    assert "zero" in known
    assert "flat" not in known
    assert ("odd" in known) == (s == t)
    assert ("even" in known) == (s == -t)
    points = np.array([-3.0, -0.5, 0.0, 0.5, 2.0])
    np.testing.assert_array_equal(float_function(activation)(points), [-3 * float(s), -0.5 * float(s), 0, 0.5 * float(t), 2 * float(t)])
    np.testing.assert_allclose(
        float_function(activation, 1)(points), [float(c) for c in (s, s, (s + t) / 2, t, t)], rtol=1e-12, atol=1e-12 * float(abs(s) + abs(t))
    )
    assert not float_function(activation, 2)(points).any()


@given(st.sets(st.sampled_from(FACTS)))
def test_minimal_and_closure_are_inverse(some: set[str]) -> None:
    assert closure(closure(some)) == closure(some) >= some
    assert closure(minimal(some)) == closure(some)
    assert minimal(minimal(some)) == minimal(closure(some)) == minimal(some)
    assert list(minimal(some)) == sorted(minimal(some))


def test_minimal_of_the_zero_polynomial() -> None:
    zero = Activation(polynomial=(Fraction(0),))
    assert facts(zero) == set(FACTS)
    assert minimal(facts(zero)) == ("even", "odd")


@pytest.mark.parametrize(
    ("word", "classes"),
    [
        ("generic", "generic"),
        ("odd", "generic odd generic0"),
        ("even", "generic even flat"),
        ("generic0", "generic generic0"),
        ("flat", "generic flat"),
        ("tanh", "generic odd generic0"),
        ("cos", "generic even flat"),
        ("logcosh", "generic even generic0 flat"),
        ("gelu", "generic generic0"),
        ("sigmoid", "generic"),
        ("reciprocal", "generic"),
        ("rsqrt", "generic"),
        ("relu", "generic generic0"),
        ("abs", "generic generic0"),
        ("linear", "generic odd generic0"),
        ("square", "generic even generic0 flat"),
        ("cube", "generic odd generic0 flat"),
    ],
)
def test_class_memberships(word: str, classes: str) -> None:
    assert table.classes_of(lookup(word)) == tuple(classes.split())


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("class", "generic odd even generic0 flat"),
        ("exponential", "tanh sigmoid silu exp expm1 sinh cosh gaussian sin cos"),
        ("algebraic", "reciprocal rsqrt"),
        ("ball", "softplus gelu erf arctan logcosh"),
        ("polynomial", "linear square cube"),
        ("piecewise", "relu leaky_relu abs"),
    ],
)
def test_exactness(kind: str, words: str) -> None:
    assert {word for word in SHORTHANDS if table.exactness(lookup(word)) == kind} == set(words.split())


def test_names_and_facts_are_those_of_the_format() -> None:
    assert set(DEFINITIONS) == set(NAMED)
    assert not set(NAMED) & set(CLASSES)
    for fact, functions in {
        ("odd",): "tanh sin erf arctan sinh reciprocal",
        ("even",): "cos cosh gaussian",
        ("even", "zero"): "logcosh",
        ("zero",): "silu gelu expm1",
        (): "exp sigmoid softplus rsqrt",
    }.items():
        assert {name for name, row in NAMED.items() if row.facts == fact} == set(functions.split())


@pytest.mark.parametrize(
    ("activation", "expected"),
    [
        (lookup("generic"), "any differentiable function"),
        (lookup("flat"), "any differentiable function σ with σ'(0) = 0"),
        (lookup("tanh"), "tanh"),
        (lookup("abs"), "|z|"),
        (lookup("leaky_relu"), "z/100 for z < 0, z for z > 0"),
        (Activation(piecewise=(Fraction(1, 3), Fraction(1, 3))), "z/3"),
        (Activation(piecewise=(Fraction(0), Fraction(0))), "0"),
        (Activation(piecewise=(Fraction(0), Fraction(-2))), "0 for z < 0, -2z for z > 0"),
        (Activation(polynomial=(Fraction(0), Fraction(1), Fraction(0), Fraction(1, 3))), "z + z^3/3"),
        (Activation(polynomial=(Fraction(-1, 2), Fraction(-1), Fraction(2))), "-1/2 - z + 2z^2"),
    ],
)
def test_words(activation: Activation, expected: str) -> None:
    assert table.words(activation) == expected


def test_unknown_words() -> None:
    with pytest.raises(SpecError, match=r"unknown activation 'ReLU' \(at model\); did you mean relu or gelu\? known: abs, arctan") as found:
        lookup("ReLU", "model")
    assert all(word in str(found.value) for word in SHORTHANDS)
    with pytest.raises(SpecError, match=r"unknown activation 'qqq'; known:"):
        lookup("qqq")
    with pytest.raises(SpecError, match=r"unknown class of activations 'ood' \(at /a\); did you mean odd\?"):
        table.validate(Activation(cls="ood"), "/a")
    with pytest.raises(SpecError, match=r"unknown named function 'than'.*tanh"):
        facts(Activation(named="than"))
    with pytest.raises(SpecError, match="unknown named function 'relu'"):
        derivative("relu", 1)


@pytest.mark.parametrize(
    "bad",
    [
        Activation(),
        Activation(cls="odd", named="tanh"),
        Activation(polynomial=()),
        Activation(polynomial=(Fraction(1), Fraction(0))),
        Activation(piecewise=(Fraction(1),)),  # pyright: ignore[reportArgumentType]
    ],
)
def test_malformed_definitions(bad: Activation) -> None:
    for check in (table.validate, facts, table.words, table.exactness, float_function):
        with pytest.raises(SpecError):
            check(bad)


def test_floats_are_no_definition_and_classes_no_function() -> None:
    with pytest.raises(InexactInputError, match=r"got 0\.1"):
        table.validate(Activation(piecewise=(0.1, Fraction(1))))  # pyright: ignore[reportArgumentType]
    with pytest.raises(SpecError, match="any odd differentiable function is not one function"):
        float_function(lookup("odd"))
    for activation in (lookup("tanh"), lookup("square")):
        with pytest.raises(SpecError, match="negative"):
            float_function(activation, -1)
    with pytest.raises(SpecError, match="negative"):
        derivative("tanh", -1)


def test_float_functions_keep_shapes_and_do_not_overflow() -> None:
    far = np.array([[-800.0, -40.0, 0.0], [1e-9, 40.0, 800.0]])
    for word in ("tanh", "sigmoid", "silu", "softplus", "gelu", "erf", "arctan", "logcosh", "relu"):
        for order in range(3):
            found = float_function(lookup(word), order)(far)
            assert found.shape == far.shape
            assert found.dtype == np.float64
            assert np.isfinite(found).all()
    assert float_function(lookup("softplus"))(-40.0) == pytest.approx(4.248354255291589e-18, rel=1e-12)


def test_the_module_is_light() -> None:
    code = "import sys, simcert.models.activations; print(sorted({'numpy', 'sympy', 'mpmath', 'flint'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
