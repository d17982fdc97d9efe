"""Gradients in every number system, against forward differentiation, sympy and finite differences."""

from __future__ import annotations

import random
from dataclasses import replace
from fractions import Fraction
from math import prod
from typing import Any

import numpy as np
import pytest
import sympy
from hypothesis import assume, given
from hypothesis import strategies as st

from simcert.exact.arrays import ArraySystem, UndefinedValueError
from simcert.exact.balls import Balls
from simcert.exact.primefield import PrimeField
from simcert.exact.rationals import Rationals, to_fraction
from simcert.exact.series import Series
from simcert.fields.gradients import Fields, Normals
from simcert.groups.subspaces import Subspace
from simcert.models.families import attention, conv1d, linear, lora, mlp, residual
from simcert.models.program import Activation, Node, Program
from tests.exact import reference
from tests.exact.reference import RATIONAL, directional, examples, leaves_of, programs, residue
from tests.models.evaluate import evaluate

FAMILIES = {
    "mlp": mlp(2, 3, 2, activation="tanh", bias=True),
    "deep": mlp(1, 2, 2, 1, activation="gelu"),
    "relu": mlp(2, 3, 1, activation="relu", bias=True),
    "linear": linear(2, 2, 3),
    "residual": residual(2, 2, 1, activation="softplus", blocks=2, hidden=3),
    "conv1d": conv1d(1, 2, 2, activation="sin", kernel=2, length=4, bias=True),
    "attention": attention(2, 2, tokens=2),
    "heads": attention(2, 1, heads=2, tokens=3),
    "lora": lora(2, 3, 1, activation="silu", rank=2),
}


def exactly(program: Program) -> Program:
    """The program with polynomials in place of the named functions that have no rational values."""
    stand_in = Activation(polynomial=(Fraction(1, 2), Fraction(1), Fraction(-1), Fraction(1, 3)))
    table = {n: a if a.polynomial or a.piecewise or a.named == "reciprocal" else stand_in for n, a in program.activations.items()}
    return replace(program, activations=table)


def point(fields: Fields, rng: random.Random) -> tuple[dict[str, list[Fraction]], dict[str, list[Fraction]]]:
    """Random rational parameters and inputs."""

    def draw(shape: tuple[int, ...]) -> list[Fraction]:
        return [Fraction(rng.choice((-1, 1)) * rng.randint(1, 5), rng.randint(1, 4)) for _ in range(prod(shape))]

    p = fields.program
    return {name: draw(shape) for name, shape in p.parameters}, {name: draw(shape) for name, shape in p.inputs}


def forward_gradient(program: Program, theta: dict[str, list[Fraction]], x: dict[str, list[Fraction]], entry: tuple[int, int]) -> list[Fraction]:
    """∇F_entry by M forward differentiations of the slow evaluator."""
    flat = [v for name, _ in program.parameters for v in theta[name]]
    out = []
    for k in range(program.size):
        unit = [Fraction(j == k) for j in range(program.size)]
        out.append(directional(program, flat, unit, x, program.activations)[entry[0]][entry[1]])
    return out


def vector(fields: Fields, system: ArraySystem, theta: Any, x: Any, covector: Any) -> Any:
    return fields.flat(system, fields.leaves(system, theta, x, covector))


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_gradients_of_every_family_are_exact(family: str) -> None:
    """Rationals equal forward differentiation at every output entry; residues are the rationals reduced; the covector acts linearly."""
    fields, rng = Fields(exactly(FAMILIES[family])), random.Random(5)
    p, field = fields.program, PrimeField(fields.program.activations)
    for _ in range(2):
        theta, x = point(fields, rng)
        gradients = {}
        for entry in fields.outputs:
            got = vector(fields, Rationals(p.activations), theta, x, fields.covector(entry))
            assert got.shape == (1, p.size)
            gradients[entry] = [to_fraction(v) for v in got[0]]
            assert gradients[entry] == forward_gradient(p, theta, x, entry)
            if not any(a.piecewise for a in p.activations.values()):
                assert vector(fields, field, theta, x, fields.covector(entry)).tolist() == [[residue(v) for v in gradients[entry]]]
        assert any(any(g) for g in gradients.values())
        mixed = {f"v{k}": [Fraction(rng.randint(-5, 5)) for _ in range(prod(p.nodes[o].shape))] for k, o in enumerate(p.outputs)}
        total = [sum((mixed[f"v{k}"][i] * gradients[k, i][j] for k, i in fields.outputs), Fraction(0)) for j in range(p.size)]
        assert [to_fraction(v) for v in vector(fields, Rationals(p.activations), theta, x, mixed)[0]] == total


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_gradients_of_every_family_are_finite_differences(family: str) -> None:
    """Balls around the true gradient agree with central differences of the float evaluator, for the named functions themselves."""
    fields, rng = Fields(FAMILIES[family]), random.Random(11)
    p = fields.program
    theta, x = point(fields, rng)
    entry = rng.choice(fields.outputs)
    system = Balls(p.activations)
    with system.context():
        got = [float(v.mid()) for v in vector(fields, system, theta, x, fields.covector(entry))[0]]
    flat = np.array([float(v) for name, _ in p.parameters for v in theta[name]])
    arrays = {name: np.array([float(v) for v in x[name]]).reshape(shape) for name, shape in p.inputs}

    def value(at: np.ndarray) -> float:
        parts = {name: at[start : start + prod(shape)].reshape(shape) for name, (start, shape) in p.offsets().items()}
        return float(evaluate(p, parts, arrays)[entry[0]].ravel()[entry[1]])

    h = 1e-5
    for k in range(p.size):
        step = np.zeros(p.size)
        step[k] = h
        difference = (value(flat + step) - value(flat - step)) / (2 * h)
        assert abs(difference - got[k]) <= 1e-6 * (1 + abs(got[k])), p.parameter_name(k)


@pytest.mark.parametrize("family", ["mlp", "attention", "lora"])
def test_gradients_are_those_of_sympy(family: str) -> None:
    """sympy differentiates the named functions symbolically; its value to 40 digits lies in the ball."""
    program = {"mlp": mlp(1, 2, 1, activation="tanh", bias=True), "attention": attention(1, 1, tokens=2), "lora": lora(1, 1, activation="tanh")}[family]
    table: dict[str, Any] = {"tanh": sympy.tanh, "exp": sympy.exp, "reciprocal": lambda z: 1 / z}
    fields, rng = Fields(program), random.Random(3)
    theta, x = point(fields, rng)
    symbols = [sympy.Symbol(f"t{k}") for k in range(program.size)]
    leaves: dict[str, list[Any]] = {n: [sympy.Rational(v.numerator, v.denominator) for v in x[n]] for n in x}
    leaves |= {name: symbols[start : start + prod(shape)] for name, (start, shape) in program.offsets().items()}
    values = reference.run(program.nodes, leaves, lambda node, z: table[node.activation](z), lambda q: sympy.Rational(q.numerator, q.denominator))
    flat = [v for name, _ in program.parameters for v in theta[name]]
    at = {s: sympy.Rational(v.numerator, v.denominator) for s, v in zip(symbols, flat, strict=True)}
    for k, i in fields.outputs:
        system = Balls(program.activations, 160)
        with system.context():
            got = vector(fields, system, theta, x, fields.covector((k, i)))[0]
        for j, symbol in enumerate(symbols):
            exact = sympy.diff(values[program.outputs[k]][i], symbol).subs(at).evalf(40)
            assert abs(sympy.Float(str(got[j].mid().str(45, radius=False)), 45) - exact) < sympy.Float("1e-35")


def test_gradients_of_random_programs() -> None:
    """Every adjoint rule on random programs of all ops, in the prime field, against forward differentiation."""
    nonzero = [0]

    @examples(250)
    @given(st.data())
    def check(data: st.DataObject) -> None:
        definitions = {"cube": Activation(polynomial=(Fraction(1), Fraction(0), Fraction(0), Fraction(1))), "r": Activation(named="reciprocal")}
        program = data.draw(programs(definitions))
        fields = Fields(program)
        leaves = data.draw(leaves_of(program, RATIONAL.filter(bool)))
        theta, x = ({name: leaves[name] for name, _ in part} for part in (program.parameters, program.inputs))
        entry = data.draw(st.sampled_from(fields.outputs))
        try:
            wanted = forward_gradient(program, theta, x, entry)
        except ZeroDivisionError:
            assume(False)
        nonzero[0] += any(wanted)
        assert vector(fields, PrimeField(definitions), theta, x, fields.covector(entry)).tolist() == [[residue(v) for v in wanted]]

    check()
    assert nonzero[0] >= 60


@examples(60)
@given(st.integers(0, 10**6))
def test_a_batch_of_inputs_is_one_run_for_each(seed: int) -> None:
    """Inputs with a batch axis, parameters without."""
    fields, rng = Fields(exactly(FAMILIES[random.Random(seed).choice(["mlp", "residual", "conv1d", "heads"])])), random.Random(seed)
    system = PrimeField(fields.program.activations)
    theta, _ = point(fields, rng)
    xs = [point(fields, rng)[1] for _ in range(3)]
    covector = fields.covector(rng.choice(fields.outputs))
    leaves = fields.leaves(system, theta, covector)
    leaves["x"] = np.concatenate([fields.leaves(system, x)["x"] for x in xs])
    try:
        single = [vector(fields, system, theta, x, covector)[0].tolist() for x in xs]
    except UndefinedValueError:
        return
    assert fields.flat(system, leaves).tolist() == single


def test_functions_that_cannot_be_computed_give_none() -> None:
    fields = Fields(mlp(2, 2, 1, activation="tanh"))
    theta, x = point(fields, random.Random(0))
    assert vector(fields, Rationals(fields.program.activations), theta, x, fields.covector((0, 0))) is None


def test_parameters_that_the_outputs_do_not_use_have_gradient_zero() -> None:
    nodes = (Node("parameter", (2,), name="a"), Node("parameter", (2,), name="b"), Node("input", (2,), name="x"), Node("contract", (), (0, 2), spec="i,i->"))
    program = Program((("b", (2,)), ("a", (2,))), (("x", (2,)),), nodes, (3,), {})
    fields = Fields(program)
    x = {"x": [Fraction(3), Fraction(-1, 2)]}
    theta = {"a": [Fraction(1)] * 2, "b": [Fraction(1)] * 2}
    got = vector(fields, Rationals({}), theta, x, fields.covector((0, 0)))
    assert [to_fraction(v) for v in got[0]] == [0, 0, *x["x"]]


EQUATIONS = st.lists(
    st.tuples(st.dictionaries(st.integers(0, 7), st.sampled_from([Fraction(1), Fraction(-1), Fraction(2, 3)]), min_size=1, max_size=4), st.just(Fraction(0))),
    min_size=1,
    max_size=4,
)


@examples(80)
@given(EQUATIONS, st.integers(0, 10**6))
def test_normals_are_the_rows_of_the_subspace(equations: Any, seed: int) -> None:
    """C·∇F for every row: rationals, residues, and series along (1 + t)θ, whose value at t = 7 is the one at 8θ."""
    fields, rng = Fields(exactly(mlp(2, 2, 2, activation="tanh"))), random.Random(seed)
    p = fields.program
    space = Subspace.from_equations(p, equations)
    theta, x = point(fields, rng)
    gradient = forward_gradient(p, theta, x, (0, 1))
    wanted = [sum((Fraction(v) * gradient[k] for k, v in row.entries), Fraction(0)) for row in space.rows]
    covector = fields.covector((0, 1))
    rationals, field = Rationals(p.activations), PrimeField(p.activations)
    assert [to_fraction(v) for v in Normals(space, rationals).apply(vector(fields, rationals, theta, x, covector))[0]] == wanted
    reduced = [residue(v) for v in wanted]
    assert Normals(space, field).apply(vector(fields, field, theta, x, covector)).tolist() == [reduced]
    series = Series(field, 5)
    leaves = fields.leaves(series, x, covector)
    for name, shape in p.parameters:
        constant = field.array(theta[name], shape)
        leaves[name] = series.series([constant, constant])
    found = Normals(space, series).apply(fields.flat(series, leaves))
    assert found.shape == (5, 1, len(space.rows))
    assert np.all((found >= 0) & (found < field.p))
    scaled = {name: [8 * v for v in values] for name, values in theta.items()}
    exact = Normals(space, field).apply(vector(fields, field, scaled, x, covector))[0].tolist()
    assert found[0].tolist() == [reduced]
    assert [sum(c * 7**k for k, c in enumerate(column)) % field.p for column in found[:, 0].T.tolist()] == exact


@examples(20)
@given(st.sampled_from(sorted(FAMILIES)), st.integers(0, 10**6))
def test_split_is_the_inverse_of_flat(family: str, seed: int) -> None:
    """A vector of all parameters, cut by name in the order of the parameter index."""
    fields, rng = Fields(FAMILIES[family]), random.Random(seed)
    numbers = np.array([[rng.randrange(100) for _ in range(fields.program.size)]], dtype=np.int64)
    parts = fields.split(PrimeField({}), numbers)
    assert list(parts) == [name for name, _ in fields.program.parameters]
    assert [parts[name].shape for name in parts] == [(1, *shape) for _, shape in fields.program.parameters]
    assert np.concatenate([part.reshape(-1) for part in parts.values()]).tolist() == numbers[0].tolist()
