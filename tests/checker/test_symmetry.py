"""Proofs by symmetry: the local rule of every operation, with valid generators and false ones."""

from __future__ import annotations

import copy
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simcert.checker.claim import Action, Generator
from simcert.checker.outcome import Budget, Limits
from simcert.checker.subspace import null_space, signed_fixed_space
from tests.checker.models import Program, check, echelon, mlp, size_of, space, status, swap, tied

ROTATION = {"matrix": [["3/5", "4/5"], ["-4/5", "3/5"]]}
MINUS = {"permutation": [0, 1], "signs": [-1, -1]}


def invariant(subspace: Any, facts: Any) -> dict[str, Any]:
    return {"activations": facts, "kind": "invariant", "subspace": subspace}


def by(*generators: tuple[list[Any], list[Any]]) -> dict[str, Any]:
    return {"generators": [{"actions": actions, "nodes": nodes} for actions, nodes in generators], "method": "symmetry"}


MODEL = mlp([2, 3, 1], {"class": "odd"})
NODES = [[1, [0, -1]], [2, [0]], [3, [0]], [4, [-1, 0]]]


@pytest.mark.parametrize(
    ("definition", "facts", "sign", "expected"),
    [
        ({"class": "odd"}, ["odd"], 1, "verified"),
        ({"class": "odd"}, ["odd"], -1, "verified"),
        ({"class": "odd"}, [], 1, "verified"),
        ({"class": "odd"}, [], -1, "invalid"),
        ({"class": "odd"}, ["zero"], -1, "invalid"),
        ({"named": "tanh"}, "itself", -1, "verified"),
        ({"named": "tanh"}, ["odd"], -1, "verified"),
        ({"named": "silu"}, "itself", -1, "invalid"),
        ({"named": "silu"}, "itself", 1, "verified"),
        ({"named": "reciprocal"}, "itself", -1, "verified"),
        ({"polynomial": ["0", "1", "0", "2"]}, "itself", -1, "verified"),
        ({"polynomial": ["0", "1", "1"]}, "itself", -1, "invalid"),
        ({"piecewise": ["2", "2"]}, "itself", -1, "verified"),
        ({"piecewise": ["0", "1"]}, "itself", 1, "verified"),
        ({"piecewise": ["0", "1"]}, "itself", -1, "invalid"),
    ],
)
def test_tied_units_of_an_mlp(definition: Any, facts: Any, sign: int, expected: str) -> None:
    model = mlp([2, 3, 1], definition)
    assert status(model, invariant(tied(model, sign=sign), {"s": facts}), by(([swap(3, sign=sign)], NODES))) == expected


@pytest.mark.parametrize("definition", [{"class": "even"}, {"named": "cos"}, {"piecewise": ["-1", "1"]}])
def test_even_functions_lose_the_sign(definition: Any) -> None:
    model = mlp([2, 3, 1], definition)
    subspace = space(model, *({("W1", 0, k): 1, ("W1", 1, k): 1} for k in range(2)), {("W2", 0, 0): 1, ("W2", 0, 1): -1})
    facts = {"s": ["even"] if "class" in definition else "itself"}
    proof = by(([swap(3, sign=-1), swap(3)], [[1, [0, -1]], [2, [0]], [3, [1]], [4, [-1, 1]]]))
    assert status(model, invariant(subspace, facts), proof) == "verified"
    wrong = by(([swap(3, sign=-1), swap(3)], [[1, [0, -1]], [2, [0]], [3, [0]], [4, [-1, 0]]]))
    assert status(model, invariant(tied(model, sign=-1), facts), wrong) == "invalid"


def test_even_piecewise_functions_with_an_argument_that_is_identically_zero() -> None:
    """F = a|wx| is even in w, but the slope of |z| at 0 may be any number, so {w = 0} is not invariant for all of them."""
    flip = {"permutation": [0], "signs": [-1]}
    proof = by(([flip], [[1, [0, -1]], [2, [0]]]))
    for definition, facts, expected in [
        ({"piecewise": ["-1", "1"]}, "itself", "invalid"),
        ({"piecewise": ["-1", "1"]}, ["even"], "invalid"),
        ({"class": "even"}, ["even"], "verified"),
    ]:
        model = mlp([1, 1, 1], definition)
        claim = invariant(space(model, {("W1", 0, 0): 1}), {"s": facts})
        assert status(model, claim, proof) == expected
        assert status(model, claim, {"method": "identity"}) == expected
        assert symmetric(model, {"s": facts}, [flip], [[1, [0, -1]], [2, [0]]]) == "verified"


def test_the_subspace_must_be_the_fixed_space() -> None:
    proof = by(([swap(3)], NODES))
    for other in (space(MODEL), space(MODEL, {("W1", 0, 0): 1}), tied(MODEL, 0, 2), tied(MODEL, sign=-1)):
        assert status(MODEL, invariant(other, {"s": ["odd"]}), proof) == "invalid"
    shifted = copy.deepcopy(tied(MODEL))
    shifted["rows"][0]["constant"] = "1"
    assert status(MODEL, invariant(shifted, {"s": ["odd"]}), proof) == "invalid"
    assert status(MODEL, invariant(space(MODEL), {"s": ["odd"]}), by()) == "verified"


@pytest.mark.parametrize("missing", range(4))
def test_every_node_of_the_generator_is_needed(missing: int) -> None:
    nodes = [n for k, n in enumerate(NODES) if k != missing]
    assert status(MODEL, invariant(tied(MODEL), {"s": ["odd"]}), by(([swap(3)], nodes))) == "invalid"


def symmetric(model: Any, facts: Any, actions: list[Any], nodes: list[Any]) -> str:
    """The status of the claim that one generator is a symmetry; `nodes` are those of parameters and of others together."""
    leaves = [n for n in nodes if model["nodes"][n[0]]["op"] in ("parameter", "stack")]
    claim = {"activations": facts, "generators": [{"actions": actions, "nodes": leaves}], "kind": "symmetry"}
    return status(model, claim, {"method": "equivariance", "nodes": [[n for n in nodes if n not in leaves]]})


def test_inputs_and_outputs_are_fixed() -> None:
    model, odd = mlp([2, 2, 2], {"class": "odd"}), {"s": ["odd"]}
    assert symmetric(model, odd, [swap(2)], [[0, [0]], [1, [-1, 0]]]) == "invalid"
    assert symmetric(model, odd, [swap(2)], [[4, [0, -1]], [5, [0]]]) == "invalid"
    assert symmetric(model, odd, [MINUS], [[4, [0, -1]], [5, [0]]]) == "invalid"
    assert symmetric(model, odd, [MINUS], [[1, [0, -1]], [2, [0]], [3, [0]], [4, [-1, 0]]]) == "verified"
    identity = {"permutation": [0, 1], "signs": [1, 1]}
    assert symmetric(model, odd, [identity], [[0, [0]], [1, [0, 0]], [5, [0]]]) == "verified"


def test_without_parity_no_sign_appears() -> None:
    for facts in ([], ["zero"]):
        model = mlp([2, 2, 1], {"class": "odd"})
        assert symmetric(model, {"s": facts}, [MINUS], [[3, [0]], [4, [-1, 0]]]) == "invalid"
        assert symmetric(model, {"s": facts}, [MINUS], [[1, [0, -1]], [2, [0]]]) == "invalid"
        assert symmetric(model, {"s": facts}, [swap(2)], [[1, [0, -1]], [2, [0]], [4, [-1, 0]]]) == "invalid"


def linear(definition: Any = None) -> dict[str, Any]:
    """W2 W1 x with two hidden units, or with a polynomial in between."""
    if definition is not None:
        return mlp([2, 2, 1], definition)
    p = Program()
    x = p.input("x", 2)
    h = p.contract("ij,j->i", p.parameter("W1", 2, 2), x)
    return p.done(p.contract("ij,j->i", p.parameter("W2", 1, 2), h))


def test_matrix_actions() -> None:
    model = linear()
    everything = echelon(6, [({k: 1}, 0) for k in range(6)])
    nodes = [[1, [0, -1]], [2, [0]], [3, [-1, 0]]]
    assert status(model, invariant(everything, {}), by(([ROTATION], nodes))) == "verified"
    assert status(model, invariant(space(model), {}), by(([ROTATION], nodes))) == "invalid"
    reflection = {"matrix": [["7/25", "24/25"], ["24/25", "-7/25"]]}
    fixed = space(model, *({("W1", 0, k): 1, ("W1", 1, k): "-4/3"} for k in range(2)), {("W2", 0, 0): 1, ("W2", 0, 1): "-4/3"})
    assert status(model, invariant(fixed, {}), by(([reflection], nodes))) == "verified"
    mixed = [[1, [0, -1]], [2, [0]], [3, [-1, 1]]]
    assert status(model, invariant(fixed, {}), by(([reflection, swap(2)], mixed))) == "invalid"
    assert status(model, invariant(fixed, {}), by(([reflection, ROTATION], mixed))) == "invalid"
    assert status(model, invariant(everything, {}), by(([ROTATION], [[1, [0, -1]], [2, [0]]]))) == "invalid"


def test_matrix_actions_pass_only_linear_activations() -> None:
    nodes = [[1, [0, -1]], [2, [0]], [3, [0]], [4, [-1, 0]]]
    for definition, facts, expected in [
        ({"polynomial": ["0", "2"]}, "itself", "verified"),
        ({"polynomial": ["0", "2"]}, ["odd"], "invalid"),
        ({"polynomial": ["1", "2"]}, "itself", "invalid"),
        ({"polynomial": ["0", "0", "1"]}, "itself", "invalid"),
        ({"polynomial": ["0"]}, "itself", "invalid"),
        ({"named": "tanh"}, "itself", "invalid"),
        ({"piecewise": ["1", "1"]}, "itself", "invalid"),
    ]:
        model = linear(definition)
        everything = echelon(6, [({k: 1}, 0) for k in range(6)])
        assert status(model, invariant(everything, {"s": facts}), by(([ROTATION], nodes))) == expected, definition


def test_contract_rules() -> None:
    """Entrywise products multiply signs, refuse matrices, and a summed letter needs sign 1."""

    def build(spec: str, out: list[int]) -> dict[str, Any]:
        p = Program()
        a, b = p.parameter("a", 2), p.parameter("b", 2)
        node = p.contract(spec, a, b)
        assert p.shape(node) == out
        return p.done(p.contract("i->", node) if out else node)

    entrywise, inner = build("i,i->i", [2]), build("i,i->", [])
    flip = {"permutation": [0, 1], "signs": [1, -1]}
    for model, actions, nodes, expected in [
        (entrywise, [flip], [[0, [0]], [1, [0]]], "verified"),
        (entrywise, [flip], [[0, [0]], [2, [0]]], "invalid"),
        (entrywise, [ROTATION], [[0, [0]], [1, [0]], [2, [0]]], "invalid"),
        (entrywise, [swap(2)], [[0, [0]], [1, [0]], [2, [0]]], "verified"),
        (entrywise, [swap(2)], [[0, [0]], [2, [0]]], "invalid"),
        (inner, [flip], [[0, [0]], [1, [0]]], "verified"),
        (inner, [flip], [[0, [0]]], "invalid"),
        (inner, [ROTATION], [[0, [0]], [1, [0]]], "verified"),
        (inner, [ROTATION, {"matrix": [["3/5", "-4/5"], ["4/5", "3/5"]]}], [[0, [0]], [1, [1]]], "invalid"),
    ]:
        claim = {"activations": {}, "generators": [{"actions": actions, "nodes": [n for n in nodes if n[0] < 2]}], "kind": "symmetry"}
        proof = {"method": "equivariance", "nodes": [[n for n in nodes if n[0] >= 2]]}
        assert status(model, claim, proof) == expected, (nodes, actions)
    p = Program()
    a = p.parameter("a", 2)
    summed = p.done(p.contract("i->", a))
    for actions, expected in [([swap(2)], "verified"), ([MINUS], "invalid"), ([ROTATION], "invalid")]:
        claim = {"activations": {}, "generators": [{"actions": actions, "nodes": [[0, [0]]]}], "kind": "symmetry"}
        assert status(summed, claim, {"method": "equivariance", "nodes": [[]]}) == expected


def test_broadcast_letters_have_sign_one() -> None:
    p = Program()
    a = p.parameter("a", 2)
    wide = p.contract("i->ij", a, j=2)
    model = p.done(p.contract("ij->", p.sum(wide, p.add("constant", [2, 2], values=["1", "1", "1", "1"]))))
    flip = {"permutation": [1, 0], "signs": [-1, -1]}
    for actions, nodes, expected in [
        ([swap(2)], [[1, [-1, 0]], [2, [-1, 0]], [3, [-1, 0]]], "verified"),
        ([flip], [[1, [-1, 0]], [2, [-1, 0]], [3, [-1, 0]]], "invalid"),
        ([ROTATION], [[1, [-1, 0]], [2, [-1, 0]], [3, [-1, 0]]], "invalid"),
    ]:
        claim = {"activations": {}, "generators": [{"actions": actions, "nodes": []}], "kind": "symmetry"}
        assert status(model, claim, {"method": "equivariance", "nodes": [nodes]}) == expected


def test_constants_and_sums() -> None:
    for values, action, expected in [
        (["1", "1"], swap(2), "verified"),
        (["1", "2"], swap(2), "invalid"),
        (["0", "0"], MINUS, "verified"),
        (["0", "0"], ROTATION, "verified"),
        (["1", "0"], ROTATION, "invalid"),
    ]:
        p = Program()
        total = p.sum(p.parameter("a", 2), p.add("constant", [2], values=values))
        model = p.done(p.contract("i,i->", total, total))
        claim = {"activations": {}, "generators": [{"actions": [action], "nodes": [[0, [0]]]}], "kind": "symmetry"}
        assert status(model, claim, {"method": "equivariance", "nodes": [[[1, [0]], [2, [0]]]]}) == expected
        assert status(model, claim, {"method": "equivariance", "nodes": [[[2, [0]]]]}) == "invalid"


def test_stacks_gathers_and_scatters() -> None:
    def build(op: str, indices: list[int]) -> dict[str, Any]:
        p = Program()
        node = p.stack(["a", "b"], 2)
        moved = p.add(op, [4], args=[node], indices=indices)
        return p.done(p.contract("i,i->", moved, moved), p.contract("i->", moved))

    heads = [[0, [0, -1]]]
    for op, indices, action, expected in [
        ("gather", [0, 1, 2, 3], {"permutation": [2, 3, 0, 1], "signs": [1] * 4}, "verified"),
        ("gather", [0, 1, 2, 3], {"permutation": [1, 0, 3, 2], "signs": [1] * 4}, "invalid"),
        ("gather", [3, 1, -1, 0], {"permutation": [1, 0, 2, 3], "signs": [1] * 4}, "invalid"),
        ("gather", [0, -1, 2, -1], {"permutation": [2, 3, 0, 1], "signs": [1] * 4}, "verified"),
        ("gather", [0, -1, 2, -1], {"permutation": [2, 1, 0, 3], "signs": [1, 1, 1, 1]}, "verified"),
        ("gather", [0, -1, 2, 1], {"permutation": [2, 1, 0, 3], "signs": [1] * 4}, "invalid"),
        ("gather", [0, 0, 2, 2], {"permutation": [3, 2, 0, 1], "signs": [1] * 4}, "verified"),
        ("scatter", [0, 1, 2, 3], {"permutation": [2, 3, 0, 1], "signs": [1] * 4}, "verified"),
        ("scatter", [0, 0, 2, 2], {"permutation": [2, 1, 0, 3], "signs": [1] * 4}, "verified"),
        ("scatter", [0, 0, 0, 0], {"permutation": [0, 1, 2, 3], "signs": [1] * 4}, "verified"),
        ("scatter", [0, 0, 0, 0], {"permutation": [1, 0, 2, 3], "signs": [1] * 4}, "invalid"),
        ("scatter", [0, -1, 1, -1], {"permutation": [1, 0, 2, 3], "signs": [1] * 4}, "verified"),
        ("scatter", [0, -1, 1, 2], {"permutation": [1, 0, 2, 3], "signs": [1] * 4}, "invalid"),
        ("scatter", [0, 0, 2, 3], {"permutation": [2, 3, 0, 1], "signs": [1] * 4}, "invalid"),
    ]:
        claim = {"activations": {}, "generators": [{"actions": [swap(2), action], "nodes": heads}], "kind": "symmetry"}
        proof = {"method": "equivariance", "nodes": [[[1, [1]]]]}
        assert status(build(op, indices), claim, proof) == expected, (op, indices, action)
    p = Program()
    model = p.done(p.contract("ij,ij->", p.stack(["a", "b"], 2), 0))
    for nodes, expected in [([[0, [-1, 0]]], "verified"), ([[0, [0, -1]]], "invalid")]:
        rotated = {"activations": {}, "generators": [{"actions": [ROTATION], "nodes": nodes}], "kind": "symmetry"}
        assert status(model, rotated, {"method": "equivariance", "nodes": [[]]}) == expected
    model = build("gather", [0, 1, 2, 3])
    rotated = {"activations": {}, "generators": [{"actions": [ROTATION], "nodes": heads}], "kind": "symmetry"}
    assert status(model, rotated, {"method": "equivariance", "nodes": [[]]}) == "invalid"


def test_signs_of_moved_entries() -> None:
    flip = {"permutation": [1, 0], "signs": [1, -1]}
    for op in ("gather", "scatter"):
        p = Program()
        moved = p.add(op, [2], args=[p.parameter("a", 2)], indices=[0, 1])
        model = p.done(p.contract("i,i->", moved, moved))
        for back, expected in [(flip, "verified"), (swap(2), "invalid"), ({"permutation": [1, 0], "signs": [-1, 1]}, "invalid")]:
            claim = {"activations": {}, "generators": [{"actions": [flip, back], "nodes": [[0, [0]]]}], "kind": "symmetry"}
            assert status(model, claim, {"method": "equivariance", "nodes": [[[1, [1]]]]}) == expected


def test_fixed_space_claims() -> None:
    generators = [{"actions": [swap(3)], "nodes": [[1, [0, -1]], [4, [-1, 0]]]}]
    claim = {"activations": {"s": ["odd"]}, "generators": generators, "kind": "fixed-space", "subspace": tied(MODEL)}
    proof = {"method": "equivariance", "nodes": [[[2, [0]], [3, [0]]]]}
    assert status(MODEL, claim, proof) == "verified"
    assert status(MODEL, claim | {"subspace": space(MODEL)}, proof) == "invalid"
    assert status(MODEL, claim, proof | {"nodes": []}) == "malformed"
    assert status(MODEL, claim, proof | {"nodes": [[[1, [0, -1]], [2, [0]], [3, [0]]]]}) == "malformed"
    assert status(MODEL, claim, proof | {"nodes": [[[2, [1]], [3, [0]]]]}) == "malformed"
    assert status(MODEL, claim | {"generators": generators * 2}, proof | {"nodes": [[[2, [0]], [3, [0]]], []]}) == "invalid"


def test_derivatives_in_the_model_follow_their_parity() -> None:
    for order, sign, expected in [(0, -1, "verified"), (1, -1, "invalid"), (1, 1, "verified"), (2, -1, "verified")]:
        p = Program(s={"class": "odd"})
        w = p.parameter("w", 1)
        h = p.apply("s", p.contract("i,i->i", w, p.input("x", 1)), order)
        model = p.done(p.contract("i,i->", h, p.parameter("a", 1)))
        actions = [{"permutation": [0], "signs": [-1]}, {"permutation": [0], "signs": [sign]}]
        claim = {"activations": {"s": ["odd"]}, "generators": [{"actions": actions, "nodes": [[0, [0]], [4, [1]]]}], "kind": "symmetry"}
        assert status(model, claim, {"method": "equivariance", "nodes": [[[2, [0]], [3, [1]]]]}) == expected, (order, sign)


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 10**9))
def test_fixed_spaces_by_union_find_and_by_elimination_agree(seed: int) -> None:
    rng = random.Random(seed)
    size = rng.randint(1, 7)
    relations = [(rng.randrange(size), rng.choice([1, 1, -1]), rng.randrange(size)) for _ in range(rng.randint(0, 8))]
    equations = [{p: 1 - s} if p == q else {p: 1, q: -s} for p, s, q in relations]
    equations = [{p: a for p, a in e.items() if a} for e in equations]
    found = signed_fixed_space(size, relations)
    assert found == null_space(size, equations, Budget(Limits()))
    expected = echelon(size, [(dict(e), 0) for e in equations if e])
    assert [[[p, str(a)] for p, a in row] for row in found.rows] == [row["entries"] for row in expected["rows"]]


def test_rows_of_actions() -> None:
    assert Action((1, 0), (1, -1)).rows() == [{1: 1}, {0: -1}]
    assert Generator((), {}).nodes == {}


def test_a_large_network_takes_seconds() -> None:
    model = mlp([64, 256, 256, 10], {"class": "generic"})
    assert size_of(model) > 84_000
    nodes = [[1, [0, -1]], [2, [0]], [3, [0]], [4, [0, 0]], [5, [0]], [6, [0]], [7, [-1, 0]]]
    subspace = space(
        model,
        *({("W1", 0, k): 1, ("W1", 1, k): -1} for k in range(64)),
    )
    proof = by(([swap(256)], nodes))
    result = check(model, invariant(subspace, {"s": []}), proof)
    assert result.status == "invalid" and "fixed space" in result.message and result.seconds < 20
