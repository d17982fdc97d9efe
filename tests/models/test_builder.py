"""The builder: each operator against NumPy, and each refusal."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import flint
import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from simcert.errors import InexactInputError, ResourceLimit, SpecError
from simcert.exact.border import exact, to_fraction
from simcert.models.activations import lookup
from simcert.models.builder import Builder, Expr, as_activation, polynomial
from simcert.models.families import mlp
from simcert.models.program import Activation
from tests.models.evaluate import evaluate, random_arrays

SHAPES = {"A": (2, 3), "B": (3, 2), "C": (2, 3), "u": (3,), "w": (2,), "v": (3,), "s": (), "T": (2, 3, 4)}


def agrees(formula: Callable[[Any, dict[str, Any]], Any], reference: Callable[[dict[str, Any]], Any] | None = None) -> None:
    """The formula, built and evaluated, equals the same (or the reference) formula on NumPy arrays."""
    b = Builder("test")
    arrays = {name: b.parameter(name, *shape) for name, shape in SHAPES.items()}
    out = formula(b, arrays)
    program = b.program(out)
    theta = random_arrays(program.parameters, 0)
    (value,) = evaluate(program, theta, {})
    expected = reference(theta) if reference else formula(np, theta)
    assert out.shape == np.shape(expected)
    assert np.allclose(value, expected)


@pytest.mark.parametrize(
    "formula",
    [
        lambda _, a: a["A"] + a["C"],
        lambda _, a: a["A"] - a["C"],
        lambda _, a: a["A"] * a["C"],
        lambda _, a: -a["A"],
        lambda _, a: a["A"] + a["A"],
        lambda _, a: 2 * a["A"] + 1,
        lambda _, a: 1 - a["A"] * 3,
        lambda _, a: a["A"] - 3,
        lambda _, a: a["A"] / 4,
        lambda _, a: a["A"] * a["s"],
        lambda _, a: a["s"] * a["T"],
        lambda _, a: a["s"] + a["A"],
        lambda _, a: a["s"] * a["s"] - a["s"],
        lambda _, a: a["A"] @ a["u"],
        lambda _, a: a["A"] @ a["B"],
        lambda _, a: a["w"] @ a["A"],
        lambda _, a: a["u"] @ a["v"],
        lambda _, a: a["A"] @ [1, 2, 3],
        lambda _, a: [[1, 2], [0, 1]] @ a["A"],
        lambda _, a: np.array([1, 2]) @ a["A"],
        lambda _, a: a["T"].T,
        lambda _, a: a["u"].T,
        lambda _, a: a["T"].sum(),
        lambda _, a: a["T"].sum(1),
        lambda _, a: a["T"].sum(-1),
        lambda _, a: a["T"].sum((0, 2)),
        lambda _, a: a["T"].reshape(6, 4),
        lambda _, a: a["T"].reshape(2, -1),
        lambda _, a: a["T"][1],
        lambda _, a: a["T"][-1, 0, 2],
        lambda _, a: a["T"][:, 1:3],
        lambda _, a: a["T"][..., 0],
        lambda _, a: a["T"][1, ..., 1::2],
        lambda _, a: a["T"][:, ::-1, :],
        lambda _, a: a["T"][:],
        lambda _, a: sum(row for row in a["A"]),
    ],
)
def test_operators_mean_what_numpy_means(formula: Callable[[Any, dict[str, Any]], Any]) -> None:
    agrees(formula)


def test_methods_of_the_builder() -> None:
    agrees(lambda b, a: 1 - a["A"] * Fraction(1, 4), lambda t: 1 - t["A"] / 4)
    agrees(lambda b, a: b.contract("ij,kj->ik", a["A"], a["C"]), lambda t: t["A"] @ t["C"].T)
    agrees(lambda b, a: b.contract("j->ij", a["u"], sizes={"i": 5}), lambda t: np.tile(t["u"], (5, 1)))
    agrees(lambda b, a: b.concatenate([a["A"], a["C"]]), lambda t: np.concatenate([t["A"], t["C"]]))
    agrees(lambda b, a: b.concatenate([a["A"], a["B"].T, [[1, 2], [3, 4]]], axis=1), lambda t: np.concatenate([t["A"], t["B"].T, [[1, 2], [3, 4]]], axis=1))
    agrees(lambda b, a: b.concatenate([a["T"], a["T"]], axis=-1), lambda t: np.concatenate([t["T"], t["T"]], axis=-1))
    agrees(lambda b, a: b.concatenate([a["A"]]), lambda t: t["A"])
    agrees(lambda b, a: b.apply("tanh", a["A"]), lambda t: np.tanh(t["A"]))
    agrees(lambda b, a: b.softmax(a["T"]), lambda t: np.exp(t["T"]) / np.exp(t["T"]).sum(-1, keepdims=True))
    agrees(lambda b, a: b.softmax(a["u"]), lambda t: np.exp(t["u"]) / np.exp(t["u"]).sum())
    agrees(lambda b, a: b.add(a["A"], a["C"], 1, a["s"]), lambda t: t["A"] + t["C"] + 1 + t["s"])
    agrees(lambda b, a: a["A"] * b.constant([["1/2", 0, 1], [Fraction(1, 3), -1, 2]]), lambda t: t["A"] * [[0.5, 0, 1], [1 / 3, -1, 2]])


def test_stack_is_an_array_of_parameters() -> None:
    b = Builder()
    program = b.program(b.stack(["P", "Q"], 2, 3).sum((1, 2)), parameters=["Q", "P"])
    assert program.parameters == (("Q", (2, 3)), ("P", (2, 3)))
    theta = random_arrays(program.parameters, 1)
    assert np.allclose(evaluate(program, theta, {})[0], [theta["P"].sum(), theta["Q"].sum()])


def test_a_model_in_ten_lines_is_the_family() -> None:
    b = Builder("mine")
    x = b.input("x", 2)
    w1, w2 = b.parameter("W1", 3, 2), b.parameter("W2", 1, 3)
    assert b.program(w2 @ b.apply("tanh", w1 @ x)).nodes[-1].shape == (1,)
    b = Builder()
    h = b.input("x", 2)
    h = b.apply("tanh", b.parameter("W1", 3, 2) @ h)
    assert b.program(b.parameter("W2", 1, 3) @ h) == mlp(2, 3, 1, activation="tanh")


def test_several_outputs() -> None:
    b = Builder()
    w = b.parameter("w", 3)
    assert b.program([w, w.sum()]).outputs == (0, 1)
    with pytest.raises(SpecError, match="distinct"):
        b.program([w, w])


def test_activation_names() -> None:
    b = Builder()
    z = b.parameter("w", 3)
    one = b.apply("poly(0,1,1)", z)
    two = b.apply("poly(0,0,1)", one)
    same = b.apply(Activation(polynomial=(Fraction(0), Fraction(1), Fraction(1))), two)
    tanh = b.apply(lookup("tanh"), b.apply("tanh", same))
    assert list(b.program(b.apply("generic", tanh)).activations) == ["poly", "poly2", "tanh", "generic"]
    assert b._nodes[same.node].activation == "poly"


def arrays() -> tuple[Builder, dict[str, Expr]]:
    b = Builder("test")
    return b, {name: b.parameter(name, *shape) for name, shape in SHAPES.items()}


@pytest.mark.parametrize(
    ("formula", "fact"),
    [
        (lambda b, a: a["A"] + a["B"], r"cannot add arrays of shapes \(2, 3\) and \(3, 2\)"),
        (lambda b, a: a["A"] + a["u"], "cannot add"),
        (lambda b, a: a["A"] * a["u"], "entrywise"),
        (lambda b, a: a["A"] @ a["C"], "cannot multiply"),
        (lambda b, a: a["T"] @ a["A"], "cannot multiply"),
        (lambda b, a: a["A"] @ 2, "cannot multiply"),
        (lambda b, a: a["A"] / a["C"], "reciprocal"),
        (lambda b, a: a["A"] / 0, "division by 0"),
        (lambda b, a: a["A"][2], "index 2 is out of range"),
        (lambda b, a: a["A"][0, 0, 0], "3 indices"),
        (lambda b, a: a["A"][3:], "empty slice"),
        (lambda b, a: a["A"][True], "not an integer"),
        (lambda b, a: a["A"][0.0], "not an integer"),
        (lambda b, a: a["A"].sum(2), "axis 2 is out of range"),
        (lambda b, a: a["A"].reshape(4, 2), "cannot reshape"),
        (lambda b, a: a["A"].reshape(4, -1), "cannot reshape"),
        (lambda b, a: a["A"].reshape(-2, -3), "cannot reshape"),
        (lambda b, a: len(a["s"]), "no length"),
        (lambda b, a: b.contract("ij,jk->ik", a["A"]), "does not fit 1 arrays"),
        (lambda b, a: b.contract("ij", a["A"]), "does not fit"),
        (lambda b, a: b.contract("i->i", a["A"]), "does not fit an array"),
        (lambda b, a: b.contract("ij,ij->i", a["A"], a["B"]), "has sizes 2 and 3"),
        (lambda b, a: b.contract("ij->k", a["A"]), "no size"),
        (lambda b, a: b.contract("ii->i", b.constant([[1, 2], [3, 4]])), "twice"),
        (lambda b, a: b.contract("iJ->i", a["A"]), "not in a–z"),
        (lambda b, a: b.constant([[1, 2], [3]]), "not rectangular"),
        (lambda b, a: b.constant([]), "not rectangular"),
        (lambda b, a: b.constant([[1, 2], 3]), "not rectangular"),
        (lambda b, a: b.constant([3, [1, 2]]), "exact rational"),
        (lambda b, a: b.concatenate([]), "nothing to concatenate"),
        (lambda b, a: b.concatenate([a["A"], a["B"]]), "cannot concatenate"),
        (lambda b, a: b.softmax(a["s"]), "softmax of a scalar"),
        (lambda b, a: b.apply("tahn", a["A"]), "tanh"),
        (lambda b, a: b.apply(3, a["A"]), "an activation is a word"),
        (lambda b, a: b.apply(Activation(), a["A"]), "exactly one definition"),
        (lambda b, a: b.parameter("A", 2), "parameter A exists"),
        (lambda b, a: b.stack(["P", "P"], 2), "parameter P exists"),
        (lambda b, a: b.stack([], 2), "at least one"),
        (lambda b, a: b.parameter("1A", 2), "cannot name"),
        (lambda b, a: b.parameter("Z", 0), "positive integers"),
        (lambda b, a: b.parameter("Z", 2.0), "positive integers"),
        (lambda b, a: [b.input("x", 2), b.input("x", 2)], "input x exists"),
        (lambda b, a: a["A"] + arrays()[1]["A"], "two builders"),
        (lambda b, a: b.program(a["A"], parameters=["A"]), "not those of the model"),
        (lambda b, a: b.program([]), "non-empty"),
    ],
)
def test_refusals(formula: Callable[[Any, dict[str, Any]], Any], fact: str) -> None:
    with pytest.raises(SpecError, match=fact):
        formula(*arrays())


@pytest.mark.parametrize(
    "formula",
    [
        lambda b, a: 0.1 * a["A"],
        lambda b, a: a["A"] + 0.5,
        lambda b, a: a["A"] / 0.5,
        lambda b, a: b.constant([[0.1]]),
        lambda b, a: b.constant(np.array([0.1])),
        lambda b, a: a["u"] @ np.ones(3),
    ],
)
def test_floats_are_refused_with_the_remedy(formula: Callable[[Any, dict[str, Any]], Any]) -> None:
    with pytest.raises(InexactInputError, match=r"sc\.exact"):
        formula(*arrays())


def test_limits() -> None:
    b = Builder()
    for declare in (b.parameter, b.input):
        with pytest.raises(ResourceLimit, match="an array of shape"):
            declare("W", 1 << 16, 1 << 16)
    with pytest.raises(ResourceLimit, match="an array of shape"):
        b.stack(["P", "Q"], 1 << 14, 1 << 14)
    for k in range(4):
        b.parameter(f"V{k}", 1 << 14, 1 << 14)
    with pytest.raises(ResourceLimit, match="too many parameters"):
        b.parameter("V4", 1 << 14, 1 << 14)
    b = Builder()
    with pytest.raises(ResourceLimit, match="entry by entry"):
        b.input("y", 1 << 14, 1 << 14)[1:]
    assert b.program(b.parameter("W", 2)).size == 2


def test_activation_words() -> None:
    assert as_activation(" tanh ") == ("tanh", lookup("tanh"))
    assert as_activation("poly(0, 1, -1/3)")[1].polynomial == (0, 1, Fraction(-1, 3))
    for word, fact in [
        ("poly", "cannot read"),
        ("poly(", "cannot read"),
        ("poly()", "not a rational"),
        ("poly(1,0)", "trailing zeros"),
        ("poly(2/4)", "lowest terms"),
        ("poly(x)", "not a rational"),
    ]:
        with pytest.raises(SpecError, match=fact):
            as_activation(word)
    with pytest.raises(InexactInputError, match=r"write 1/2"):
        as_activation("poly(0,0.5)")
    with pytest.raises(SpecError, match="needs coefficients"):
        polynomial([])
    assert polynomial([0]).polynomial == (0,)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_exact_reads_a_float_as_the_dyadic_it_is(x: float) -> None:
    value = exact(x)
    assert float(value) == x and value.denominator & (value.denominator - 1) == 0
    assert exact(np.float64(x)) == value and exact([x, [x]]) == [value, [value]]


@pytest.mark.parametrize("x", [3, Fraction(3), sympy.Integer(3), flint.fmpz(3), flint.fmpq(3), np.int64(3), np.uint8(3), np.array(3), "3"])
def test_exact_numbers_of_every_library_pass(x: object) -> None:
    assert to_fraction(x) == 3 and type(to_fraction(x)) is Fraction
    assert exact(x) == 3 and type(exact(x)) is Fraction


def test_exact_fractions_of_other_libraries() -> None:
    assert to_fraction(sympy.Rational(-2, 7)) == to_fraction(flint.fmpq(-2, 7)) == Fraction(-2, 7)


@pytest.mark.parametrize("x", [0.5, np.float16(0.5), np.float32(0.5), np.float64(0.5), np.longdouble(0.5), np.array(0.5), sympy.Float(0.5)])
def test_floats_of_every_library_need_exact(x: object) -> None:
    with pytest.raises(InexactInputError, match=r"sc\.exact\(0\.50*\)") as caught:
        to_fraction(x, "there")
    assert caught.value.place == "there"
    if not isinstance(x, sympy.Float):
        assert exact(x) == Fraction(1, 2)


def test_exact_reads_arrays() -> None:
    assert exact(np.array([[0.5, 1], [0.25, -2]], dtype=np.float32)) == [[Fraction(1, 2), 1], [Fraction(1, 4), -2]]


@pytest.mark.parametrize(
    "x", [True, np.bool_(True), float("nan"), float("inf"), np.float32("inf"), np.longdouble("nan"), 1j, None, sympy.pi, flint.arb(1), "1.5", "x", object()]
)
def test_exact_refuses_what_is_no_rational(x: object) -> None:
    with pytest.raises(SpecError):
        exact(x)
    with pytest.raises(SpecError):
        to_fraction(x)
