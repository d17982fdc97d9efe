"""The model: every strict rule of the format has an attack, and evaluation and gradient agree between number systems."""

from __future__ import annotations

import copy
import random
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simcert.checker.evaluate import System, evaluate
from simcert.checker.interval import Balls
from simcert.checker.outcome import Budget, Limits
from simcert.checker.program import LEAVES, Model, Node, gradient, read_model
from simcert.checker.rational import Partial, Rationals
from simcert.checker.residue import Residues, reduce
from simcert.checker.series import Series
from tests.checker.models import Program, certificate, check, mlp, print_text, random_model, space

BUDGET = Budget(Limits())
BASE = mlp([2, 3, 1], {"named": "tanh"}, bias=True)


def claim_for(model: dict[str, Any]) -> dict[str, Any]:
    return {"activations": {"s": "itself"}, "kind": "invariant", "subspace": {"dimension": 12, "rows": []}}


def test_base_is_read() -> None:
    assert check(BASE, claim_for(BASE), {"method": "none"}).status == "incomplete"


def edit(path: list[Any], value: Any) -> dict[str, Any]:
    model = copy.deepcopy(BASE)
    at: Any = model
    for key in path[:-1]:
        at = at[key]
    if value is KeyError:
        del at[path[-1]]
    else:
        at[path[-1]] = value
    return model


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["nodes", 2, "args"], [2, 0]),
        (["nodes", 2, "args"], [5, 0]),
        (["nodes", 2, "args"], [-1, 0]),
        (["nodes", 2, "args"], [True, 0]),
        (["nodes", 2, "args"], [1]),
        (["nodes", 2, "args"], [1, 0, 0]),
        (["nodes", 2, "args"], "10"),
        (["nodes", 2, "spec"], "ii,j->i"),
        (["nodes", 2, "spec"], "ij,j->ii"),
        (["nodes", 2, "spec"], "ij,k->ij"),
        (["nodes", 2, "spec"], "ij,i->j"),
        (["nodes", 2, "spec"], "IJ,J->I"),
        (["nodes", 2, "spec"], "ij,j->i\n"),
        (["nodes", 2, "spec"], "ij,j"),
        (["nodes", 2, "spec"], 3),
        (["nodes", 2, "op"], "matmul"),
        (["nodes", 2, "op"], ["contract"]),
        (["nodes", 2, "op"], KeyError),
        (["nodes", 2, "shape"], [0]),
        (["nodes", 2, "shape"], [True]),
        (["nodes", 2, "shape"], [4]),
        (["nodes", 2, "shape"], [-3]),
        (["nodes", 2, "shape"], 3),
        (["nodes", 2, "extra"], 3),
        (["nodes", 4, "args"], [2]),
        (["nodes", 4, "args"], [2, 0]),
        (["nodes", 5, "order"], 9),
        (["nodes", 5, "order"], -1),
        (["nodes", 5, "order"], False),
        (["nodes", 5, "order"], "0"),
        (["nodes", 5, "activation"], "t"),
        (["nodes", 1, "name"], "W2"),
        (["nodes", 1, "name"], "1W"),
        (["nodes", 1, "name"], "W 1"),
        (["nodes", 0, "name"], "y"),
        (["nodes", 0], None),
        (["nodes"], {}),
        (["outputs"], []),
        (["outputs"], [7, 7]),
        (["outputs"], [8]),
        (["outputs"], [-1]),
        (["outputs"], [True]),
        (["parameters", 0, "shape"], [2, 3]),
        (["parameters", 0, "name"], "W9"),
        (["parameters", 1, "name"], "W1"),
        (["parameters"], []),
        (["inputs"], []),
        (["activations", "s"], {"named": "swish"}),
        (["activations", "s"], {"class": "tanh"}),
        (["activations", "s"], {"named": "tanh", "class": "odd"}),
        (["activations", "s"], {"polynomial": []}),
        (["activations", "s"], {"polynomial": ["1", "0"]}),
        (["activations", "s"], {"polynomial": [1]}),
        (["activations", "s"], {"piecewise": ["0"]}),
        (["activations", "s"], {"piecewise": ["0", "1", "2"]}),
        (["activations", "s"], {}),
        (["activations", "s"], "tanh"),
        (["activations"], []),
        (["activations"], {}),
        (["more"], []),
    ],
)
def test_malformed_models(path: list[Any], value: Any) -> None:
    model = edit(path, value)
    result = check(model, claim_for(model), {"method": "none"})
    assert result.status == "malformed", result.message


def test_malformed_moves_and_constants() -> None:
    for op, keys in [
        ("gather", {"indices": [0, 2]}),
        ("gather", {"indices": [0]}),
        ("gather", {"indices": [0, -2]}),
        ("scatter", {"indices": [0, 2]}),
        ("scatter", {"indices": [0]}),
        ("scatter", {"indices": [0, False]}),
        ("constant", {"values": ["1"]}),
        ("constant", {"values": ["1", 2]}),
        ("stack", {"names": []}),
        ("stack", {"names": ["w", "x"]}),
        ("stack", {"names": ["w"]}),
    ]:
        p = Program()
        w = p.parameter("w", 2)
        p.add(op, [2], **({"args": [w]} if "indices" in keys else {}), **keys)
        claim = {"activations": {}, "kind": "invariant", "subspace": {"dimension": 2, "rows": []}}
        assert check(p.done(w), claim, {"method": "none"}).status == "malformed", (op, keys)


def test_nothing_is_used_twice() -> None:
    claim = {"activations": {}, "kind": "invariant", "subspace": {"dimension": 4, "rows": []}}
    p = Program()
    w = p.parameter("w", 2, 2)
    good = p.done(p.contract("ij->", w))
    assert check(good, claim, {"method": "none"}).status == "incomplete"
    assert check(good | {"nodes": [*good["nodes"], good["nodes"][0]]}, claim, {"method": "none"}).status == "malformed"
    diagonal = {"args": [0], "op": "contract", "shape": [], "spec": "ii->"}
    assert check(good | {"nodes": [good["nodes"][0], diagonal]}, claim, {"method": "none"}).status == "malformed"
    repeated = {"args": [0], "op": "contract", "shape": [2, 2, 2], "spec": "ij->ijj"}
    assert check(good | {"nodes": [good["nodes"][0], repeated]}, claim, {"method": "none"}).status == "malformed"


def test_huge_shapes_are_a_limit() -> None:
    p = Program()
    w = p.parameter("w", 1)
    p.contract("a->abcdef", w, **dict.fromkeys("bcdef", 10**6))
    claim = {"activations": {}, "kind": "invariant", "subspace": {"dimension": 1, "rows": []}}
    assert check(p.done(w), claim, {"method": "none"}).status == "limit"


def test_huge_polynomials_are_a_limit() -> None:
    """Iterated z^8 has 8^20 digits; identity would expand it, exact arithmetic evaluate it."""
    p = Program(s={"polynomial": ["0"] * 8 + ["1"]})
    w = p.parameter("w")
    node = p.sum(w, p.input("x"))
    for _ in range(20):
        node = p.apply("s", node)
    model = p.done(node)
    limits = Limits(max_terms=10_000, seconds=20.0)
    claim = {"activations": {"s": "itself"}, "kind": "invariant", "subspace": space(model, {("w",): 1})}
    assert check(model, claim, {"method": "identity"}, limits).status == "limit"
    witness = {"equation": 0, "input": {"x": ["3"]}, "members": {}, "method": "rational", "output": [0, 0], "theta": {"w": ["0"]}, "value": "1"}
    assert check(model, claim | {"kind": "not-invariant"}, witness, limits).status == "limit"
    ball = witness | {"method": "ball", "precision": 64, "value": ["1", "2"]}
    assert check(model, claim | {"kind": "not-invariant"}, ball, limits).status == "limit"


def test_arrays_of_many_axes() -> None:
    """More axes than letters: no operation may need letters of its own."""
    p = Program(s={"class": "odd"})
    w = p.parameter("w", *[1] * 30)
    model = p.done(p.apply("s", w))
    claim = {"activations": {"s": ["odd"]}, "kind": "invariant", "subspace": {"dimension": 0, "rows": [{"constant": "0", "entries": [[0, "1"]]}]}}
    assert check(model, claim, {"method": "identity"}).status == "invalid"


class Duals(System[tuple[Fraction, Fraction]]):
    """a + b·ε with ε² = 0: forward-mode derivatives, to test reverse mode."""

    def __init__(self, rationals: Rationals) -> None:
        super().__init__(BUDGET)
        self.rationals = rationals

    def rational(self, q: Any) -> Any:
        return (q, 0)

    def total(self, terms: Any) -> Any:
        return (sum(a for a, _ in terms), sum(b for _, b in terms))

    def dot(self, left: Any, right: Any) -> Any:
        pairs = list(zip(left, right, strict=True))
        return (sum(a * c for (a, _), (c, _) in pairs), sum(a * d + b * c for (a, b), (c, d) in pairs))

    def apply(self, node: Node, values: Any) -> Any:
        slope = Node("apply", node.shape, node.args, node.names, order=node.order + 1)
        return [(self.rationals.value(node, a), self.rationals.value(slope, a) * b) for a, b in values]


def point(model: Model, seed: int) -> tuple[list[Any], dict[int, list[Any]]]:
    rng = random.Random(seed)
    theta = [Fraction(rng.randint(-3, 3), rng.randint(1, 3)) for _ in range(model.size)]
    return theta, {i: [Fraction(rng.randint(-3, 3)) for _ in range(node.size)] for i, node in enumerate(model.nodes) if node.op == "input"}


def run(model: Model, system: System[Any], theta: list[Any], inputs: dict[int, list[Any]], nodes: Any = None) -> list[list[Any]]:
    leaves = {i: [theta[p] for p in model.indices(node)] for i, node in enumerate(model.nodes) if node.op in LEAVES}
    leaves |= {i: [system.rational(q) for q in values] for i, values in inputs.items()}
    g = gradient(model)
    leaves |= {v: [system.rational(k + 2 * j + 1) for j in range(g.nodes[v].size)] for k, v in enumerate(g.covectors)}
    return evaluate(g.nodes if nodes is None else nodes, leaves, system)


def slopes(model: Model, arrays: list[list[Any]]) -> dict[int, Any]:
    g = gradient(model)
    return {p: arrays[bar][e] for i, bar in g.leaves.items() for e, p in enumerate(model.indices(model.nodes[i]))}


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10**9))
def test_reverse_mode_is_forward_mode(seed: int) -> None:
    model = read_model(random_model(seed), BUDGET)
    theta, inputs = point(model, seed)
    rationals = Rationals(BUDGET, model.activations)
    found = slopes(model, run(model, rationals, theta, inputs))
    for p in range(model.size):
        dual = [(q, int(p == k)) for k, q in enumerate(theta)]
        arrays = run(model, Duals(rationals), dual, inputs, model.nodes)
        weights = [(o, j, k + 2 * j + 1) for k, o in enumerate(model.outputs) for j in range(model.nodes[o].size)]
        assert sum(w * arrays[o][j][1] for o, j, w in weights) == found.get(p, 0)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10**9), st.sampled_from([5, 7 * 11, 25, (1 << 61) - 1]))
def test_residues_and_balls_and_partial_values_are_those_of_rationals(seed: int, modulus: int) -> None:
    model = read_model(random_model(seed), BUDGET)
    theta, inputs = point(model, seed)
    exact = run(model, Rationals(BUDGET, model.activations), theta, inputs)
    residues = Residues(BUDGET, model.activations, modulus)
    if modulus % 2 and modulus % 3:
        found = run(model, residues, [residues.rational(q) for q in theta], inputs)
        assert found == [[reduce(q, modulus) for q in array] for array in exact]
    balls = Balls(BUDGET, model.activations, 60)
    enclosed = run(model, balls, [balls.rational(q) for q in theta], inputs)
    scale = 1 << balls.bits
    assert all(lo <= q * scale <= hi for array, wide in zip(exact, enclosed, strict=True) for q, (lo, hi) in zip(array, wide, strict=True))
    assert run(model, Partial(BUDGET, model.activations), list(theta), inputs) == exact


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9), st.integers(0, 5))
def test_series_are_values_at_a_p_adically_small_time(seed: int, order: int) -> None:
    """Σ_k a_k t^k at t = p is the value at θ_0 + pθ_1 modulo p^(order + 1)."""
    p = 10007
    modulus = p ** (order + 1)
    model = read_model(random_model(seed), BUDGET)
    start, inputs = point(model, seed)
    step, _ = point(model, seed + 1)
    series = Series(BUDGET, model.activations, modulus, order, {})
    packed = [series.pack([series.rational(a), series.rational(b)]) for a, b in zip(start, step, strict=True)]
    found = run(model, series, packed, inputs)
    residues = Residues(BUDGET, model.activations, modulus)
    moved = run(model, residues, [residues.rational(a + p * b) for a, b in zip(start, step, strict=True)], inputs)
    assert [[sum(c * p**k for k, c in enumerate(series.unpack(v))) % modulus for v in array] for array in found] == moved


def test_certificates_are_printed_canonically() -> None:
    assert print_text(certificate(BASE, claim_for(BASE), {"method": "none"})).startswith('{"claim":')
