"""Every family against its formula in plain numpy, and its names, shapes and errors."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from simcert.errors import InexactInputError, ResourceLimit, SpecError
from simcert.groups.axes import index_spaces
from simcert.models.families import attention, conv1d, linear, lora, mlp, residual
from simcert.models.program import Activation, Program, from_json
from tests.models.evaluate import evaluate, random_arrays


def run(program: Program, seed: int) -> tuple[np.ndarray, dict[str, np.ndarray], np.ndarray]:
    """(the value of the program, its parameters, its input) at a random point."""
    theta = random_arrays(program.parameters, seed)
    x = random_arrays(program.inputs, seed + 1000)["x"]
    (value,) = evaluate(program, theta, {"x": x})
    return value, theta, x


def names(program: Program) -> list[str]:
    return [name for name, _ in program.parameters]


@pytest.mark.parametrize("widths", [(2, 1), (2, 3, 1), (3, 4, 2, 5)])
@pytest.mark.parametrize("bias", [False, True])
def test_mlp_is_its_formula(widths: tuple[int, ...], bias: bool) -> None:
    program = mlp(*widths, activation="tanh", bias=bias)
    value, t, x = run(program, 1)
    h = x
    for layer in range(1, len(widths)):
        h = t[f"W{layer}"] @ h + (t[f"b{layer}"] if bias else 0)
        h = np.tanh(h) if layer < len(widths) - 1 else h
    assert np.allclose(value, h)


def test_mlp_names_and_shapes() -> None:
    assert mlp(2, 3, 4, bias=True).parameters == (("W1", (3, 2)), ("b1", (3,)), ("W2", (4, 3)), ("b2", (4,)))
    assert mlp(2, 3, 4).inputs == (("x", (2,)),)
    assert mlp(2, 3, 1, activation="relu").activations == {"relu": Activation(piecewise=(Fraction(0), Fraction(1)))}
    assert [s.size for s in index_spaces(mlp(2, 3, 4, 5, 1))] == [3, 4, 5]


def test_mlp_with_a_polynomial() -> None:
    program = mlp(2, 3, 1, activation="poly(1,0,-1/2)")
    value, t, x = run(program, 2)
    h = t["W1"] @ x
    assert np.allclose(value, t["W2"] @ (1 - h * h / 2))
    assert program.title == "mlp:2-3-1:poly(1,0,-1/2)" and list(program.activations) == ["poly"]
    same = mlp(2, 3, 1, activation=Activation(polynomial=(Fraction(1), Fraction(0), Fraction(-1, 2))))
    assert same == program and same.title == program.title


def test_linear_is_its_formula() -> None:
    program = linear(3, 2, 4)
    value, t, x = run(program, 3)
    assert np.allclose(value, t["W2"] @ t["W1"] @ x)
    assert program.activations == {} and program.title == "linear:3-2-4"


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("hidden", [None, 3])
def test_residual_is_its_formula(bias: bool, hidden: int | None) -> None:
    program = residual(2, 4, 1, activation="sigmoid", blocks=2, hidden=hidden, bias=bias)
    value, t, x = run(program, 4)

    def affine(name: str, source: np.ndarray) -> np.ndarray:
        return t[name] @ source + (t[name.lower()] if bias else 0)

    h = affine("E", x)
    for k in (1, 2):
        h = h + affine(f"B{k}", 1 / (1 + np.exp(-affine(f"A{k}", h))))
    assert np.allclose(value, affine("R", h))
    assert dict(program.parameters)["A1"] == (hidden or 4, 4)
    assert names(program) == (["E", "e", "A1", "a1", "B1", "b1", "A2", "a2", "B2", "b2", "R", "r"] if bias else ["E", "A1", "B1", "A2", "B2", "R"])


def test_residual_index_spaces_are_the_stream_and_the_blocks() -> None:
    spaces = index_spaces(residual(2, 4, 1, blocks=2, hidden=3))
    assert sorted(s.size for s in spaces) == [3, 3, 4]
    stream = next(s for s in spaces if s.size == 4)
    assert set(stream.parameter_axes) == {("E", 0), ("A1", 1), ("B1", 0), ("A2", 1), ("B2", 0), ("R", 1)}


@pytest.mark.parametrize("bias", [False, True])
def test_conv1d_is_its_formula(bias: bool) -> None:
    program = conv1d(2, 3, 2, activation="relu", kernel=3, length=7, bias=bias)
    value, t, x = run(program, 5)
    h = x
    for layer in (1, 2):
        c = t[f"C{layer}"]
        out = np.zeros((c.shape[0], h.shape[1] - 2))
        for o in range(out.shape[0]):
            for p in range(out.shape[1]):
                out[o, p] = np.sum(c[o] * h[:, p : p + 3]) + (t[f"b{layer}"][o] if bias else 0)
        h = np.maximum(out, 0) if layer == 1 else out
    assert np.allclose(value, h.sum(axis=1))
    assert [s.size for s in index_spaces(program)] == [3]


def softmax(z: np.ndarray) -> np.ndarray:
    raised = np.exp(z - z.max(axis=-1, keepdims=True))
    return raised / raised.sum(axis=-1, keepdims=True)


@pytest.mark.parametrize("heads", [1, 2, 3])
def test_attention_is_its_formula(heads: int) -> None:
    program = attention(3, 2, heads=heads, tokens=4)
    value, t, x = run(program, 6)
    expected = np.zeros((4, 3))
    for h in [""] if heads == 1 else map(str, range(1, heads + 1)):
        q, k, v, o = (t[letter + h] for letter in "QKVO")
        expected += softmax(x @ q.T @ k @ x.T) @ x @ v.T @ o
    assert np.allclose(value, expected)


def test_attention_names_and_heads() -> None:
    assert names(attention(3, 2)) == ["Q", "K", "V", "O"]
    two = attention(3, 2, heads=2)
    assert names(two) == ["Q1", "K1", "V1", "O1", "Q2", "K2", "V2", "O2"] and set(dict(two.parameters).values()) == {(2, 3)}
    (heads,) = [s for s in index_spaces(two) if s.stacked]
    assert sorted(heads.stacked) == [("K1", "K2"), ("O1", "O2"), ("Q1", "Q2"), ("V1", "V2")]
    assert attention(3, 2).inputs == (("x", (3, 3)),) and attention(3, 2).title == "attention:3-2:tokens=3"


def test_lora_is_its_formula() -> None:
    base = [[[1, 2], [0, "-1/2"], [3, 1]], [[1, 1, Fraction(2, 3)]]]
    program = lora(2, 3, 1, rank=2, base=base)
    value, t, x = run(program, 7)
    w1, w2 = np.array([[1, 2], [0, -0.5], [3, 1]]), np.array([[1, 1, 2 / 3]])
    h = np.tanh((w1 + t["B1"] @ t["A1"]) @ x)
    assert np.allclose(value, (w2 + t["B2"] @ t["A2"]) @ h)
    assert program.parameters == (("A1", (2, 2)), ("B1", (3, 2)), ("A2", (2, 3)), ("B2", (1, 2)))


def test_lora_default_base_is_the_signed_primes() -> None:
    program = lora(2, 3, 1, rank=1)
    frozen = [[int(v) for v in node.values] for node in program.nodes if node.op == "constant"]
    assert frozen == [[2, -3, 5, -7, 11, -13], [2, -3, 5]]
    assert [s.size for s in index_spaces(lora(2, 3, 1, rank=2))] == [2, 2]


def test_lora_base_must_fit() -> None:
    with pytest.raises(SpecError, match="2 frozen matrices"):
        lora(2, 3, 1, base=[[[1, 2]]])
    with pytest.raises(SpecError, match=r"shape \(1, 2\), not \(3, 2\)"):
        lora(2, 3, 1, base=[[[1, 2]], [[1, 1, 1]]])
    with pytest.raises(SpecError, match="not rectangular"):
        lora(2, 3, 1, base=[[[1, 2], [1], [1, 2]], [[1, 1, 1]]])
    with pytest.raises(InexactInputError, match=r"sc\.exact\(0\.5\)"):
        lora(2, 3, 1, base=[[[1, 0.5], [1, 1], [1, 2]], [[1, 1, 1]]])


@pytest.mark.parametrize("make", [mlp, linear, conv1d, lora])
def test_widths_are_at_least_two_positive_integers(make: object) -> None:
    assert callable(make)
    for widths, fact in [
        ((), "at least 2 widths"),
        ((3,), "at least 2 widths"),
        ((2, 0), "at least 1"),
        ((2, -1), "at least 1"),
        ((2, 1.0), "integer"),
        ((True, 1), "integer"),
    ]:
        with pytest.raises(SpecError, match=fact):
            make(*widths)
    assert make(np.int64(2), 1, **({"length": 3} if make is conv1d else {})).size > 0


def test_residual_has_three_widths() -> None:
    for widths in [(2, 3), (2, 3, 4, 5)]:
        with pytest.raises(SpecError, match="3 widths"):
            residual(*widths)
    with pytest.raises(SpecError, match="blocks must be at least 1"):
        residual(2, 3, 1, blocks=0)


def test_conv1d_must_fit_its_length() -> None:
    with pytest.raises(SpecError, match=r"use length=5"):
        conv1d(1, 2, 1, kernel=3, length=4)
    assert conv1d(1, 2, 1, kernel=3, length=5).size == 12


def test_unknown_activation_names_close_ones() -> None:
    with pytest.raises(SpecError, match="tanh"):
        mlp(2, 3, 1, activation="tahn")


def test_limits_come_before_allocation() -> None:
    for make in (
        lambda: mlp(10**6, 10**6, 1),
        lambda: linear(*[2] * 5000),
        lambda: attention(2, 2, heads=10**9),
        lambda: attention(2, 2, tokens=10**8),
        lambda: residual(2, 2, 1, blocks=10**9),
        lambda: conv1d(1, 1, length=10**9),
        lambda: lora(10**5, 10**5),
    ):
        with pytest.raises(ResourceLimit):
            make()


def test_json_round_trip() -> None:
    for program in (mlp(2, 3, 1, bias=True), attention(2, 1, heads=2), residual(2, 3, 1), conv1d(1, 2, 1, length=5), lora(2, 2, 1), linear(2, 2)):
        assert from_json(program.to_json()) == program
        assert program.family == program.title.split(":")[0]
