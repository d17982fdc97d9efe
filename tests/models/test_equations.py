"""The equation language: meaning, by brute force where it can be had, and one test for each mistake."""

from __future__ import annotations

import itertools
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simcert.errors import InexactInputError, ResourceLimit, SimcertError, SpecError
from simcert.groups.axes import index_spaces
from simcert.groups.subspaces import Subspace
from simcert.models.builder import Builder
from simcert.models.equations import Group, parse_statements, parse_subspace
from simcert.models.families import attention, conv1d, mlp, residual
from simcert.models.program import Program, size_of
from simcert.models.spec import load_model
from simcert.models.tokens import MAX_TOKENS

NET = mlp(2, 3, 3, 1, bias=True)
SMALL = mlp(2, 3, 1)


def square() -> Program:
    """h = E x, F = R (h + W h): W has the stream on both of its axes."""
    b = Builder("square")
    h = b.parameter("E", 3, 2) @ b.input("x", 2)
    w, r = b.parameter("W", 3, 3), b.parameter("R", 1, 3)
    return b.program(r @ b.apply("generic", h + w @ b.apply("generic", h)))


def rows(program: Program, text: str) -> set[tuple[tuple[tuple[int, Fraction], ...], Fraction]]:
    return {(row.entries, row.constant) for row in parse_subspace(program, text).rows}


def same(program: Program, one: str, other: str) -> None:
    assert rows(program, one) == rows(program, other)


CASES = [
    ("mlp:2-3-1:tanh", "tie(1: 0,1)", 6), ("mlp:2-3-1:tanh", "tie(1: 0,-1)", 6), ("mlp:2-3-1:silu", "dead(1: 0)", 6),
    ("mlp:2-3-1:tanh", "W1[0,:] = W1[1,:]", 7), ("mlp:2-3-1:cos", "W1[0,:] = 0", 7), ("mlp:4-8-8-1:generic", "tie(1: 0,1); tie(2: 3,4,5)", 76),
    ("mlp:2-2-2-1:generic", "W1[0,:] = W1[1,:]; W2[0,0] = W2[1,1]; W2[0,1] = W2[1,0]; W3[0,0] = W3[0,1]", 5),
    ("mlp:2-2-2-1:generic", "swap(1: 0,1) * swap(2: 0,1)", 5), ("linear:3-2-3", "3*W1[0,:] = 4*W1[1,:]; 3*W2[:,0] = 4*W2[:,1]", 6),
    ("mlp:2-3-3-1:generic", "W1[0,:] = W1[1,:] = W1[2,:]; W2[0,0] + W2[0,1] + W2[0,2] = W2[1,0] + W2[1,1] + W2[1,2]; W3[0,0] = W3[0,1] = W3[0,2]", 11),
]  # fmt: skip


@pytest.mark.parametrize(("model", "text", "dimension"), CASES)
def test_dimensions(model: str, text: str, dimension: int) -> None:
    assert parse_subspace(load_model(model), text).dimension == dimension


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("tie(1: 0,1)", "W1[0,:] = W1[1,:]; b1[0] = b1[1]; W2[:,0] = W2[:,1]"),
        ("tie(1: 0,-1)", "W1[0,:] = -W1[1,:]; b1[0] = -b1[1]; W2[:,0] = -W2[:,1]"),
        ("tie(1: -0,1)", "tie(1: 0,-1)"),
        ("tie(1: -0,-1)", "tie(1: 0,1)"),
        ("tie(1: +0,1)", "tie(1: 0,1)"),
        ("tie(1: 0,1,-2)", "tie(1: 0,1); tie(1: 0,-2)"),
        ("tie(1: 2,-0,1)", "tie(1: 2,-0); tie(1: 2,1)"),
        ("tie(2: 0,2)", "W2[0,:] = W2[2,:]; b2[0] = b2[2]; W3[0,0] = W3[0,2]"),
        ("tie(W2[i,:]: 0,2)", "tie(2: 0,2)"),
        ("dead(1: 0)", "W1[0,:] = 0; b1[0] = 0; W2[:,0] = 0"),
        ("dead(1: 0,2)", "dead(1: 0); dead(1: 2)"),
        ("swap(1: 0,1)", "tie(1: 0,1)"),
        ("swap(1: 0,-1)", "tie(1: 0,-1)"),
        ("swap(1: -0,-1)", "tie(1: 0,1)"),
        ("W1[0] = W1[1]", "W1[0,:] = W1[1,:]"),
        ("W1 = 0", "W1[:,:] = 0"),
        ("W1[0:2,:] = W1[1:3,:]", "W1[0,:] = W1[1,:] = W1[2,:]"),
        ("W1[1:] = 2", "W1[1,:] = 2; W1[2,:] = 2"),
        ("W1[:1,0] = 2", "W1[0,0] = 2"),
        ("b1 = b2", "b1[0] = b2[0]; b1[1] = b2[1]; b1[2] = b2[2]"),
        ("W1[0,:] = W1[1,:] = 3", "W1[0,:] = 3; W1[1,:] = 3"),
        ("b1[0] = 0 = b1[1]", "b1[0] = 0; b1[1] = 0"),
        ("2 b1[0] = b1[1]/3", "6*b1[0] = b1[1]"),
        ("2b1[0] = 1", "b1[0] = 1/2"),
        ("2/3 b1[0] = b1[1] * 3/2", "4 b1[0] = 9 b1[1]"),
        ("b1[0]/2/3 = 1", "b1[0] = 6"),
        ("1/2*b1[0]*4 = 1", "2 b1[0] = 1"),
        ("-b1[0] + - b1[1] - -b1[2] = +-1/2 + 1", "b1[2] = b1[0] + b1[1] + 1/2"),
        ("1/2 = b1[0]", "b1[0] = 1/2"),
        ("b1[0] + b1[0] = 3", "b1[0] = 3/2"),
        ("b1[0] + b1[1] = b1[1]", "b1[0] = 0"),
        ("b1[0] = 1;; ;b1[1] = 2;", "b1[0] = 1; b1[1] = 2"),
        ("b1[0] = 1 # why\n\n# then\nb1[1] = 2", "b1[0] = 1; b1[1] = 2"),
        ("tie(1:\n 0,\n1)\r\nb2[0] = 1", "tie(1: 0,1); b2[0] = 1"),
        (" W1 [ 0 , : ] = W1[1,:] ", "W1[0,:]=W1[1,:]"),
    ],
)
def test_two_ways_to_say_it(one: str, other: str) -> None:
    same(NET, one, other)


def test_groups_tie_separately() -> None:
    same(mlp(2, 4, 1), "tie(1: 0,1 | 2,-3)", "tie(1: 0,1); tie(1: 2,-3)")


def test_statements_tell_generators_apart() -> None:
    equation, tie, dead = parse_statements(NET, "W1[0,0] = 0; tie(1: 0,-1); dead(2: 2)")
    assert [s.kind for s in (equation, tie, dead)] == ["equation", "tie", "dead"]
    assert (equation.groups, tie.groups, dead.groups) == ((), (Group(0, (0, 1), (1, -1)),), (Group(1, (2,), (1,)),))
    assert equation.text == "W1[0,0] = 0" and tie.place == "equation 2"
    assert equation.equations == (({0: Fraction(1)}, Fraction(0)),)
    (swap,) = parse_statements(mlp(2, 4, 4, 1), "swap(1: 0,1 | 2,-3) * swap(2: 1,2)")
    assert swap.kind == "swap" and swap.groups == (Group(0, (0, 1), (1, 1)), Group(0, (2, 3), (1, -1)), Group(1, (1, 2), (1, 1)))


def moved(program: Program, theta: dict[str, np.ndarray], actions: dict[int, tuple[list[int], list[int]]]) -> dict[str, np.ndarray]:
    """gθ for (permutation, signs) on index spaces, on NumPy arrays: (A v)[i] = signs[i] v[permutation[i]]."""
    out = {name: array.copy() for name, array in theta.items()}
    for k, (permutation, signs) in actions.items():
        space = index_spaces(program)[k]
        for name, axis in space.parameter_axes:
            shape = [-1 if a == axis else 1 for a in range(out[name].ndim)]
            out[name] = np.take(out[name], permutation, axis=axis) * np.reshape(signs, shape)
        for names in space.stacked:
            before = [out[name] for name in names]
            for i, name in enumerate(names):
                out[name] = signs[i] * before[permutation[i]]
    return out


def fixed_dimension(program: Program, actions: dict[int, tuple[list[int], list[int]]]) -> int:
    """dim {θ : gθ = θ}, from the matrix of g."""
    columns = []
    for p in range(program.size):
        theta = {n: np.zeros(shape) for n, shape in program.parameters}
        for name, (start, shape) in program.offsets().items():
            if start <= p < start + size_of(shape):
                theta[name].flat[p - start] = 1
        columns.append(np.concatenate([array.ravel() for array in moved(program, theta, actions).values()]))
    g = np.array(columns).T
    return program.size - np.linalg.matrix_rank(g - np.eye(program.size))


@pytest.mark.parametrize(
    ("program", "text", "actions"),
    [
        (NET, "swap(1: 0,1)", {0: ([1, 0, 2], [1, 1, 1])}),
        (NET, "swap(1: 0,-2)", {0: ([2, 1, 0], [-1, 1, -1])}),
        (NET, "swap(1: 0,1) * swap(2: 1,2)", {0: ([1, 0, 2], [1, 1, 1]), 1: ([0, 2, 1], [1, 1, 1])}),
        (NET, "swap(1: 0,-1) * swap(2: 1,-2)", {0: ([1, 0, 2], [-1, -1, 1]), 1: ([0, 2, 1], [1, -1, -1])}),
        (mlp(1, 4, 1), "swap(1: 0,1 | 2,-3)", {0: ([1, 0, 3, 2], [1, 1, -1, -1])}),
        (mlp(1, 4, 1), "swap(1: 0,1) * swap(1: 2,3)", {0: ([1, 0, 3, 2], [1, 1, 1, 1])}),
        (square(), "swap(1: 0,1)", {0: ([1, 0, 2], [1, 1, 1])}),
        (square(), "swap(1: 0,-1)", {0: ([1, 0, 2], [-1, -1, 1])}),
        (residual(2, 3, 1, hidden=2), "swap(1: 0,2) * swap(2: 0,1)", {0: ([2, 1, 0], [1, 1, 1]), 1: ([1, 0], [1, 1])}),
        (attention(2, 2, heads=3, tokens=2), "swap(heads: 0,2)", {0: ([2, 1, 0], [1, 1, 1])}),
        (attention(2, 2, heads=3, tokens=2), "swap(heads: 0,-2) * swap(2: 0,1)", {0: ([2, 1, 0], [-1, 1, -1]), 1: ([1, 0], [1, 1])}),
        (conv1d(1, 3, 2, length=5), "swap(1: 0,1)", {0: ([1, 0, 2], [1, 1, 1])}),
    ],
)
def test_swap_is_the_fixed_space_of_the_exchange(program: Program, text: str, actions: dict[int, tuple[list[int], list[int]]]) -> None:
    subspace = parse_subspace(program, text)
    assert subspace.dimension == fixed_dimension(program, actions)
    for vector in subspace.basis():
        theta = {name: np.array(v, dtype=float).reshape(dict(program.parameters)[name]) for name, v in subspace.named(vector).items()}
        for name, array in moved(program, theta, actions).items():
            assert np.array_equal(array, theta[name])


def test_a_parameter_with_the_space_on_both_axes() -> None:
    program = square()
    same(program, "tie(1: 0,1)", "E[0,:] = E[1,:]; W[0,:] = W[1,:]; W[:,0] = W[:,1]; R[:,0] = R[:,1]")
    same(program, "tie(1: 0,-1)", "E[0,:] = -E[1,:]; W[0,:] = -W[1,:]; W[:,0] = -W[:,1]; R[:,0] = -R[:,1]")
    same(program, "dead(1: 0)", "E[0,:] = 0; W[0,:] = 0; W[:,0] = 0; R[:,0] = 0")
    swapped = "W[0,0] = W[1,1]; W[0,1] = W[1,0]; W[0,2] = W[1,2]; W[2,0] = W[2,1]"
    same(program, "swap(1: 0,1)", f"E[0,:] = E[1,:]; {swapped}; R[:,0] = R[:,1]")
    assert len(parse_statements(program, "dead(1: 0)")[0].equations) == 2 + 5 + 1


def test_heads_are_whole_parameters() -> None:
    program = attention(2, 2, heads=3)
    same(program, "tie(heads: 0,2)", "Q1 = Q3; K1 = K3; V1 = V3; O1 = O3")
    same(program, "tie(heads: 0,2)", "tie(1: 0,2)")
    same(program, "swap(heads: 0,2)", "tie(1: 0,2)")
    same(program, "dead(heads: 1)", "Q2 = 0; K2 = 0; V2 = 0; O2 = 0")
    same(program, "tie(2: 0,1)", "; ".join(f"{letter}{h}[0,:] = {letter}{h}[1,:]" for h in (1, 2, 3) for letter in "QK"))


MISTAKES = [
    ("W9 = 0", "no parameter 'W9'.*did you mean", "column 1"),
    ("w1 = 0", "no parameter 'w1'", "column 1"),
    ("b1[0] = bias[0]", "no parameter 'bias'", "column 9"),
    ("W1[3,0] = 0", "index 3 is out of range.*0..2", "column 4"),
    ("W1[0,2] = 0", "index 2 is out of range.*axis 1.*0..1", "column 6"),
    ("W1[-1,:] = 0", "an index is negative.*0..2", "column 4"),
    ("W1[0:-1,:] = 0", "an index is negative", "column 6"),
    ("W1[0:4,:] = 0", "index 4 is out of range", "column 6"),
    ("W1[1:1,:] = 0", "an empty slice", "column 4"),
    ("W1[3:,:] = 0", "an empty slice", "column 4"),
    ("W1[2:1,:] = 0", "an empty slice", "column 4"),
    ("W1[0,0,0] = 0", "too many indices.*takes 2", "column 8"),
    ("W1[0:2:1,:] = 0", "expected '\\]', found ':'", "column 7"),
    ("W1[] = 0", "expected an index", "column 4"),
    ("W1[0,] = 0", "expected an index", "column 6"),
    ("W1[0,:] = W2[:,0]", r"shapes \(2,\) and \(3,\)", "column 11"),
    ("W1[0,:] = W1[1,0]", r"shapes \(2,\) and \(\)", "column 11"),
    ("W1 = W2", r"shapes \(3, 2\) and \(3, 3\)", "column 6"),
    ("W1[0:1,:] = W1[1,:]", r"shapes \(1, 2\) and \(2,\)", "column 13"),
    ("W1[0,0] * W1[0,1] = 0", "not linear", "column 11"),
    ("1/b1[0] = 2", "not linear", "column 3"),
    ("b1[0]/0 = 2", "division by 0", "column 7"),
    ("(b1[0]) = 2", "write the terms out", "column 1"),
    ("2*(b1[0]) = 2", "write the terms out", "column 3"),
    ("b1[0]", "expected '=', . or -, found the end", "column 6"),
    ("b1[0] =", "expected a number or a parameter, found the end", "column 8"),
    ("= 3", "expected a number or a parameter, found '='", "column 1"),
    ("b1[0] == 3", "expected a number or a parameter, found '='", "column 8"),
    ("b1[0] = 3 +", "found the end", "column 12"),
    ("b1[0] = 2 3", "expected the end of the equation, found '3'", "column 11"),
    ("b1[0] b1[1] = 2", "expected '=', . or -, found 'b1'", "column 7"),
    ("b1[0] 2 = 2", "found '2'", "column 7"),
    ("b1[0 = 2", "expected '\\]'", "column 6"),
    ("b1[0]] = 2", "found '\\]'", "column 6"),
    ("b1[0] = | 2", "found '\\|'", "column 9"),
    ("b1[0] − 1 = 0", "unexpected character '−'.*write the minus sign as -", "column 7"),
    ("b1[0] = ½", "unexpected character", "column 9"),
    ("b1[0] != 0", "unexpected character '!'", "column 7"),
    ("b1[0] = 1_000", "unexpected character '_'", "column 10"),
    ("b1[0] = ٣", "unexpected character", "column 9"),
    ("b1 - b1 = 1", "cannot hold", "equation 1"),
    ("1 = 2", "without parameters", "equation 1"),
    ("tei(1: 0,1)", "no shorthand 'tei'.*did you mean tie", "column 1"),
    ("tie(0: 0,1)", r"hidden layer\) 0.*count from 1", "column 5"),
    ("tie(3: 0,1)", r"hidden layer\) 3.*1 = W1\[i,:\] \(3 units\)", "column 5"),
    ("tie(-1: 0,1)", "no index space '-1'", "column 5"),
    ("tie(1 1: 0,1)", "no index space '11'", "column 5"),
    ("tie(heads: 0,1)", "no index space 'heads'", "column 5"),
    ("tie(: 0,1)", "no index space ''", "column 5"),
    ("tie(0,1)", "expected ':'", "column 6"),
    ("tie 1: 0,1", "no parameter 'tie'", "column 1"),
    ("tie(1: 0,3)", "no unit 3.*0..2", "column 10"),
    ("tie(1: 0,0)", "unit 0 is listed twice", "column 10"),
    ("tie(1: 0,-0)", "unit 0 is listed twice", "column 11"),
    ("tie(1: 0)", "at least two units", "column 9"),
    ("tie(1:)", "expected the number of a unit", "column 7"),
    ("tie(1: 0,)", "expected the number of a unit", "column 10"),
    ("tie(1: 0,x)", "expected the number of a unit", "column 10"),
    ("tie(1: 0,1 | 1,2)", "unit 1 stands in two groups", "equation 1"),
    ("tie(1: 0,1", "expected '\\)', found the end", "column 11"),
    ("tie(1: 0,1) b1 = 0", "expected the end of the statement", "column 13"),
    ("tie(1: 0,1) * tie(2: 0,1)", "expected the end of the statement", "column 13"),
    ("dead(1: -0)", "have no signs", "column 10"),
    ("dead(1: 0 | 1)", "expected '\\)'", "column 11"),
    ("swap(1: 0,1,2)", "a swap exchanges two units, got 3", "column 14"),
    ("swap(1: 0)", "a swap exchanges two units, got 1", "column 10"),
    ("swap(1: 0,1) * swap(1: 1,2)", "unit 1 stands in two groups", "equation 1"),
    ("swap(1: 0,1) * b1 = 0", "expected 'swap'", "column 16"),
    ("swap(1: 0,1) *", "expected 'swap', found the end", "column 15"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "fact", "place"), MISTAKES)
def test_mistakes(text: str, fact: str, place: str) -> None:
    with pytest.raises(SpecError, match=fact) as caught:
        parse_subspace(NET, text)
    assert type(caught.value) is SpecError
    assert caught.value.place == ("equation 1" if place == "equation 1" else f"equation 1, {place}")
    with pytest.raises(SpecError) as caught:
        parse_subspace(NET, f"W1 = 0\n  # note\n\n {text}")
    assert caught.value.place.startswith("equation 2")
    if place != "equation 1":
        assert caught.value.place == f"equation 2, line 4, column {int(place.split()[1]) + 1}"


@pytest.mark.parametrize(
    ("number", "remedy"),
    [
        ("0.5", "write 1/2"),
        (".5", "write 1/2"),
        ("5.", "write 5"),
        ("1e5", "write 100000"),
        ("2.5e1", "write 25"),
        ("1e", "write 1/3"),
        ("0." + "1" * 99, "write 1/3"),
    ],
)
def test_floats(number: str, remedy: str) -> None:
    with pytest.raises(InexactInputError, match=remedy) as caught:
        parse_subspace(NET, f"b1[0] = {number}")
    assert caught.value.place == "equation 1, column 9"


def test_a_parameter_may_be_named_like_an_exponent() -> None:
    b = Builder()
    program = b.program(b.parameter("e5", 2))
    same(program, "2e5 = 1", "e5 = 1/2")


def test_empty_and_trivial_subspaces() -> None:
    for text in ("", "  ;;\n", "# nothing"):
        with pytest.raises(SpecError, match="there are no equations"):
            parse_subspace(NET, text)
    with pytest.raises(SpecError, match="there are no equations"):
        parse_subspace(NET, [])
    with pytest.raises(SpecError, match="hold for all parameters"):
        parse_subspace(NET, "W1 = W1")
    assert parse_subspace(NET, "W1 = W1; b1 = 0").dimension == NET.size - 3


def test_contradictions_name_the_equation() -> None:
    with pytest.raises(SpecError, match="contradict each other") as caught:
        parse_subspace(NET, "b1 = 0; b2[0] = 1; b1[0] + b2[0] = 2; W1 = 0")
    assert caught.value.place == "equation 3"


@pytest.mark.parametrize(
    "text",
    [
        "b1[0] = " + "9" * 10**6,
        "b1[" + "9" * 10**6 + "] = 0",
        "tie(" + "9" * 10**6 + ": 0,1)",
        "tie(1: 0," + "9" * 10**6 + ")",
        "b1[0] = " + "*".join(["9" * 3000] * 3),
        "b1[0] = " + "+".join(f"1/{10**1500 + k}" for k in range(4)),
        "b1[0] = 1" + " " * (1 << 22),
        "b1[0] = " + "-" * (MAX_TOKENS + 1) + "1",
    ],
)
def test_limits_on_text_and_digits(text: str) -> None:
    with pytest.raises(ResourceLimit):
        parse_subspace(NET, text)


def test_limits_on_size_come_before_allocation() -> None:
    program = mlp(10000, 10000, 1)
    for text in ("W1 = 0", "dead(1: 0,1,2,3,4,5,6,7,8,9); W1 = W1", "W1[0,0] = W1[0,1]; W1[1:,:] = W1[:9999,:]"):
        with pytest.raises(ResourceLimit, match="coefficients"):
            parse_statements(program, text)


@pytest.mark.parametrize(
    "text", ["(" * 100000, "[" * 100000, "b1[" * 50000, "tie(" * 50000, "-" * 100000 + "b1[0] = 0", "b1[0]" + " = 0" * 50000, "b1[0] = " + "1 + " * 50000 + "1"]
)
def test_long_inputs_are_read_in_one_pass(text: str) -> None:
    try:
        parse_subspace(SMALL, text)
    except SpecError as error:
        assert len(str(error)) < 500


@given(st.text(alphabet="W12b[]():;,=+-*/ 0tiedeadswap|.#\n", max_size=60))
def test_no_text_breaks_the_reader(text: str) -> None:
    try:
        parse_statements(NET, text)
    except SimcertError as error:
        assert error.EXIT_CODE in (2, 5)


def test_files(tmp_path: Path) -> None:
    path = tmp_path / "tied.txt"
    path.write_text("# two units\nW1[0,:] = W1[1,:]\nW2[:,0] = W2[:,1]  # outgoing\n", encoding="utf-8")
    assert parse_subspace(SMALL, path) == parse_subspace(SMALL, str(path)) == parse_subspace(SMALL, "tie(1: 0,1)")
    path.write_text("W1 = 0\nW9 = 0", encoding="utf-8")
    with pytest.raises(SpecError) as caught:
        parse_subspace(SMALL, path)
    assert caught.value.place == f"{path}, equation 2, line 2, column 1"
    for name in (tmp_path / "none.txt", str(tmp_path / "none.txt"), "none.txt"):
        with pytest.raises(SpecError, match="no such file"):
            parse_subspace(SMALL, name)
    (tmp_path / "x=0.txt").write_text("W1 = 0", encoding="utf-8")
    assert parse_subspace(SMALL, str(tmp_path / "x=0.txt")).dimension == 3


def test_lists_and_subspaces() -> None:
    subspace = parse_subspace(SMALL, ["W1[0,:] = W1[1,:]", "W2[:,0] = W2[:,1]; W2[0,2] = 1"])
    assert subspace.dimension == 5
    assert parse_subspace(SMALL, subspace) is subspace
    assert parse_subspace(mlp(2, 3, 1), subspace) is subspace
    with pytest.raises(SpecError, match="another model"):
        parse_subspace(NET, subspace)
    with pytest.raises(SpecError) as caught:
        parse_subspace(SMALL, ["W1 = 0; W2 = 0", "W9 = 0"])
    assert caught.value.place == "equation 3, column 1"
    for wrong in (3, [3], {"W1": 0}):
        with pytest.raises(SpecError, match="equations are a string"):
            parse_subspace(SMALL, wrong)  # pyright: ignore[reportArgumentType]


COEFFICIENTS = st.fractions(min_value=-9, max_value=9, max_denominator=9)
SYSTEMS = st.lists(st.tuples(st.dictionaries(st.integers(0, NET.size - 1), COEFFICIENTS, min_size=1, max_size=4), COEFFICIENTS), min_size=1, max_size=4)


def term(c: Fraction, name: str, style: int) -> str:
    sign, size = "-" if c < 0 else "+", abs(c)
    return (
        sign
        + {0: f" {size}*{name}", 1: f"{size} {name}", 2: f"{size.numerator} * {name} / {size.denominator}", 3: f"{name}*{size.numerator}/{size.denominator}"}[
            style
        ]
    )


@given(SYSTEMS, st.data())
def test_a_random_system_is_read_back(system: list[tuple[dict[int, Fraction], Fraction]], data: st.DataObject) -> None:
    lines = []
    for form, constant in system:
        left, right = "", ""
        for p, c in form.items():
            piece = (NET.parameter_name(p), data.draw(st.integers(0, 3)))
            if data.draw(st.booleans()):
                left += " " + term(c, *piece)
            else:
                right += " " + term(-c, *piece)
        lines.append(f"{left or '0'} = {right} {'+' if constant >= 0 else '-'} {abs(constant)}")
    nonzero = [({p: c for p, c in form.items() if c}, constant) for form, constant in system]
    if any(not form and constant for form, constant in nonzero):
        with pytest.raises(SpecError, match="cannot hold"):
            parse_statements(NET, "\n".join(lines))
        return
    found = [equation for s in parse_statements(NET, "\n".join(lines)) for equation in s.equations]
    assert found == [(form, constant) for form, constant in nonzero if form]


@given(SYSTEMS)
def test_what_a_subspace_prints_is_read_back(system: list[tuple[dict[int, Fraction], Fraction]]) -> None:
    try:
        subspace = Subspace.from_equations(NET, system)
    except SpecError:
        return
    if subspace.rows:
        assert parse_subspace(NET, subspace.equations()) == parse_subspace(NET, "; ".join(subspace.equations())) == subspace


@given(st.permutations(range(3)), st.lists(st.sampled_from([1, -1]), min_size=3, max_size=3), st.integers(1, 2))
def test_ties_are_signed_equalities_to_the_first(units: list[int], signs: list[int], layer: int) -> None:
    text = f"tie({layer}: {','.join(('-' if s < 0 else '') + str(u) for u, s in zip(units, signs, strict=True))})"
    subspace = parse_subspace(NET, text)
    space = index_spaces(NET)[layer - 1]
    assert subspace.dimension == NET.size - 2 * sum(size_of(dict(NET.parameters)[n]) // 3 for n, _ in space.parameter_axes)
    for vector in subspace.basis():
        for name, axis in space.parameter_axes:
            array = np.array(subspace.named(vector)[name], dtype=float).reshape(dict(NET.parameters)[name])
            slices = [np.take(array, u, axis=axis) * s for u, s in zip(units, signs, strict=True)]
            assert all(np.array_equal(a, b) for a, b in itertools.pairwise(slices))
