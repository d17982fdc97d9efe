"""Fields, brackets and the number systems in which they are computed, against sympy, mpmath and differential equations."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

import mpmath
import pytest
import sympy

from simcert.checker.claim import read_claim
from simcert.checker.interval import Balls
from simcert.checker.local import Along, Local, Numbers
from simcert.checker.outcome import Budget, Invalid, Limits
from simcert.checker.program import Model, Node, read_model
from simcert.checker.rational import Rationals
from simcert.checker.residue import EXPONENTIAL
from simcert.checker.vectors import Brackets, Duals, Field, Fields, read_members
from tests.checker.models import PRIME, Program, mlp

BUDGET = Budget(Limits())


def fields_of(model: Any) -> Fields:
    read = read_model(model, BUDGET)
    return Fields(read, read.activations, BUDGET)


def symbolic(model: Model, theta: list[Any], x: list[Any], functions: dict[str, Any]) -> list[list[Any]]:
    """F by sympy, for programs of parameter, input, contract "ij,j->i", add and apply nodes."""
    arrays: list[list[Any]] = []
    for node in model.nodes:
        args = [arrays[a] for a in node.args]
        if node.op == "parameter":
            arrays.append([theta[p] for p in model.indices(node)])
        elif node.op == "input":
            arrays.append(x)
        elif node.op == "contract":
            n = len(args[1])
            arrays.append([sum(a * b for a, b in zip(args[0][k : k + n], args[1], strict=True)) for k in range(0, len(args[0]), n)])
        elif node.op == "add":
            arrays.append([sum(terms) for terms in zip(*args, strict=True)])
        else:
            arrays.append([functions[node.names[0]](z) for z in args[0]])
    return [arrays[k] for k in model.outputs]


def random_fields(model: Model, rng: random.Random, count: int) -> list[Field]:
    size = model.nodes[model.outputs[0]].size
    return [
        Field(
            {(0, e): Fraction(rng.randint(1, 3)) for e in rng.sample(range(size), rng.randint(1, size))},
            {"x": [Fraction(rng.randint(-3, 3) or 1, rng.randint(1, 2)) for _ in range(model.inputs["x"][0])]},
        )
        for _ in range(count)
    ]


@pytest.mark.parametrize(
    ("widths", "coefficients", "bias", "length"),
    [([1, 2, 1], ["0", "1", "1/2"], False, 4), ([2, 1, 2], ["1", "-1", "0", "2"], True, 2), ([1, 1, 1, 1], ["0", "1", "3"], False, 3)],
)
def test_words_are_the_brackets_of_vector_calculus(widths: list[int], coefficients: list[str], bias: bool, length: int) -> None:
    """[X, Y] = DY·X − DX·Y by symbolic differentiation, up to length 4."""
    f = fields_of(mlp(widths, {"polynomial": coefficients}, bias))
    model, rng = f.model, random.Random(5)
    theta = sympy.symbols(f"t0:{model.size}")
    chosen = random_fields(model, rng, 3)

    def gradient(field: Field) -> sympy.Matrix:
        out = symbolic(
            model,
            list(theta),
            [sympy.Rational(str(v)) for v in field.input["x"]],
            {"s": lambda z: sum(sympy.Rational(c) * z**k for k, c in enumerate(coefficients))},
        )
        total = sum(sympy.Rational(str(c)) * out[k][e] for (k, e), c in field.covector.items())
        return sympy.Matrix([sympy.expand(sympy.diff(total, t)) for t in theta])

    own = [gradient(field) for field in chosen]

    def bracket(word: tuple[int, ...]) -> sympy.Matrix:
        x = own[word[0]]
        return x if len(word) == 1 else ((y := bracket(word[1:])).jacobian(theta) * x - x.jacobian(theta) * y).applyfunc(sympy.expand)

    point = [Fraction(rng.randint(-4, 4), rng.randint(1, 3)) for _ in theta]
    at = dict(zip(theta, (sympy.Rational(str(q)) for q in point), strict=True))
    exact = Rationals(BUDGET, f.functions)
    modular = Numbers(PRIME, f.functions)
    for word in [w for w in [(0,), (0, 1), (1, 1), (2, 0, 1), (1, 2, 2), (0, 1, 0, 2)] if len(w) <= length]:
        expected = [Fraction(int(v.p), int(v.q)) for v in bracket(word).subs(at)]
        assert Brackets(f, chosen, lambda _i: exact).vector(word, point) == expected
        local = modular.system(BUDGET, None)
        assert Brackets(f, chosen, lambda _i, local=local: local).vector(word, [local.rational(q) for q in point]) == [local.rational(v) for v in expected]


def test_words_of_exponentials_are_rational_functions_of_the_base() -> None:
    """F = a·exp(w x): every bracket at w x = k/2 is a polynomial in e^(1/2), evaluated at T = 3 modulo 101."""
    f = fields_of(mlp([1, 1, 1], {"named": "exp"}))
    w, a, base = sympy.symbols("w a T", positive=True)
    chosen = [Field({(0, 0): 1}, {"x": [x]}) for x in (1, 2, -1)]
    own = [sympy.Matrix([a * v * sympy.exp(w * v), sympy.exp(w * v)]) for v in (1, 2, -1)]
    numbers = Numbers(101, f.functions, True, "", {"real": 3}, 2)
    point = [Fraction(3, 2), 5]
    brackets = Brackets(f, chosen, lambda i: numbers.system(BUDGET, f.exact(chosen[i], point)))
    system = brackets.system(0)

    def bracket(word: tuple[int, ...]) -> sympy.Matrix:
        x = own[word[0]]
        return x if len(word) == 1 else (y := bracket(word[1:])).jacobian([w, a]) * x - x.jacobian([w, a]) * y

    for word in [(0,), (0, 1), (2, 0, 1)]:
        vector = brackets.vector(word, [system.rational(q) for q in point])
        for found, value in zip(vector, bracket(word), strict=True):
            expression = sympy.expand(value.subs({a: 5})).replace(sympy.exp, lambda z: base ** (2 * z.subs({w: sympy.Rational(3, 2)})))
            fraction = sympy.Rational(expression.subs({base: 3}))
            assert found == int(fraction.p) * pow(int(fraction.q), -1, 101) % 101


def test_words_in_intervals_enclose_numerical_derivatives() -> None:
    f = fields_of(mlp([1, 1, 1], {"named": "tanh"}))
    chosen = [Field({(0, 0): 1}, {"x": [1]}), Field({(0, 0): 1}, {"x": [-2]})]
    system = Balls(BUDGET, f.functions, 64)
    point = [Fraction(1, 3), Fraction(2)]
    vector = Brackets(f, chosen, lambda _i: system).vector((0, 1), [system.rational(q) for q in point])
    with mpmath.workdps(40):

        def field(x: int, w: Any, a: Any) -> list[Any]:
            return [a * x / mpmath.cosh(w * x) ** 2, mpmath.tanh(w * x)]

        def directional(x: int, along: list[Any], k: int) -> Any:
            w, a = (mpmath.mpf(q.numerator) / q.denominator for q in point)
            return mpmath.diff(lambda t: field(x, w + t * along[0], a + t * along[1])[k], 0)

        values = [field(x, mpmath.mpf(1) / 3, mpmath.mpf(2)) for x in (1, -2)]
        for k, (lo, hi) in enumerate(vector):
            value = directional(-2, values[0], k) - directional(1, values[1], k)
            assert abs(mpmath.mpf(lo) / 2**system.bits - value) < 1e-15 and hi - lo < 2 ** (system.bits - 50)


@pytest.mark.parametrize("name", [*EXPONENTIAL, "erf", "gelu", "softplus", "arctan", "logcosh"])
def test_series_along_curves_satisfy_the_chain_rule(name: str) -> None:
    """(σ^(k)(z))' = σ^(k+1)(z)·z' as power series, and σ^(k)(z) at t = 0 is its residue at z(0)."""
    model = read_model(mlp([1, 1, 1], {"named": name}), BUDGET)
    exponential = name in EXPONENTIAL
    p = 1009  # 1 mod 4
    bases = {"real": 5} | ({"imaginary": 7, "i": pow(11, (p - 1) // 4, p)} if name in ("sin", "cos") else {})
    constants = None if exponential else {"log2": 17} if name == "softplus" else {"pi": 17}
    numbers = Numbers(p, model.activations, True, "", bases if exponential else None, 16, constants)
    z0 = Fraction(3, 4) if exponential else Fraction(0)
    local = Local(BUDGET, numbers, [[z0]])
    system = Along(local, 6)
    z = system.pack([local.rational(z0), 2, 5, 0, 1, 3])
    for order in range(4):
        value, slope = (system.apply(Node("apply", (1,), (0,), ("s",), order=k), [z])[0] for k in (order, order + 1))
        assert [k * c % p for k, c in enumerate(system.unpack(value))][1:] == system.unpack(system.dot((slope,), (system.pack([2, 10, 0, 4, 15]),)))[:5]
        assert system.unpack(value)[0] == local.apply(Node("apply", (1,), (0,), ("s",), order=order), [local.rational(z0)])[0]


def test_gates_are_those_of_the_exact_arguments() -> None:
    """−7 mod 11 is 4: the sign is that of the rational number; a kink, an unknown argument, and a missing forward pass are refused."""
    model = read_model(mlp([1, 1, 1], {"piecewise": ["2", "3"]}), BUDGET)
    numbers = Numbers(11, model.activations, True)
    node = [Node("apply", (1,), (0,), ("s",), order=k) for k in range(3)]
    assert [Local(BUDGET, numbers, [[-7]]).apply(n, [4])[0] for n in node] == [8, 2, 0]
    assert [Local(BUDGET, numbers, [[15]]).apply(n, [4])[0] for n in node] == [1, 3, 0]
    assert Along(Local(BUDGET, numbers, [[-7]]), 2).apply(node[0], [4]) == [8]
    for exact in ([[0]], [[None]], None):
        with pytest.raises(Invalid):
            Local(BUDGET, numbers, exact).apply(node[0], [0])
        with pytest.raises(Invalid):
            Along(Local(BUDGET, numbers, exact), 2).apply(node[0], [0])


def test_named_functions_need_known_arguments() -> None:
    for name, numbers in [
        ("tanh", {"bases": {"real": 3}}),
        ("tanh", {"constants": {}}),
        ("rsqrt", {"constants": {}}),
        ("rsqrt", {"bases": {"real": 3}}),
        ("tanh", {}),
    ]:
        model = read_model(mlp([1, 1, 1], {"named": name}), BUDGET)
        for exact in ([[None]], None, [[Fraction(1, 7)]]):
            local = Local(BUDGET, Numbers(101, model.activations, True, **numbers), exact)
            for system in (local, Along(local, 3)):
                with pytest.raises(Invalid):
                    system.apply(Node("apply", (1,), (0,), ("s",)), [5])


def test_duals_differentiate_reciprocals_and_polynomials() -> None:
    p = Program(r={"named": "reciprocal"}, q={"polynomial": ["1", "2", "0", "1"]})
    w = p.parameter("w", 1)
    model = read_model(p.done(p.contract("i,i->", p.apply("r", w), p.apply("q", w))), BUDGET)
    inner = Rationals(BUDGET, model.activations)
    twice = Duals(Duals(inner))
    for name, derivatives in [("r", (Fraction(1, 2), Fraction(-1, 4), Fraction(1, 4))), ("q", (Fraction(13), Fraction(14), Fraction(12)))]:
        ((value, b), (c, d)) = twice.apply(Node("apply", (1,), (0,), (name,)), [((2, 1), (1, 0))])[0]
        assert (value, b, c, d) == (*derivatives[:2], derivatives[1], derivatives[2])
    assert twice.rational(3) == ((3, 0), (0, 0)) and twice.total([((1, 2), (3, 4)), ((5, 6), (7, 8))]) == ((6, 8), (10, 12))


def test_members_have_the_facts_of_their_class() -> None:
    model = read_model(mlp([1, 1, 1], {"class": "odd"}), BUDGET)
    claim = read_claim({"activations": {"s": ["odd"]}, "generic": -1, "kind": "conservation-laws", "laws": [], "rank": 0}, model, BUDGET)
    assert read_members({"s": ["0", "1", "0", "1"]}, "/", model, claim, BUDGET)["s"].numbers == (0, 1, 0, 1)
    with pytest.raises(Invalid):
        read_members({"s": ["0", "1", "1"]}, "/", model, claim, BUDGET)
