"""Proofs by congruence and identity: what they prove, what they must not prove, and agreement with evaluation."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simcert.checker import Limits
from tests.checker.models import Program, check, echelon, mlp, random_model, random_point, size_of, space, status, swap, tied

CONGRUENCE, IDENTITY = {"method": "congruence"}, {"method": "identity"}


def both(model: Any, subspace: Any, facts: Any) -> tuple[str, str]:
    claim = {"activations": dict.fromkeys(model["activations"], facts), "kind": "invariant", "subspace": subspace}
    return status(model, claim, CONGRUENCE), status(model, claim, IDENTITY)


YES, NO = ("verified", "verified"), ("invalid", "invalid")


@pytest.mark.parametrize(
    ("definition", "facts", "sign", "expected"),
    [
        ({"class": "generic"}, [], 1, YES),
        ({"class": "generic"}, [], -1, NO),
        ({"class": "odd"}, ["odd"], -1, YES),
        ({"class": "odd"}, ["zero"], -1, NO),
        ({"class": "even"}, ["even"], -1, NO),
        ({"named": "tanh"}, "itself", -1, YES),
        ({"named": "gelu"}, "itself", 1, YES),
        ({"named": "gelu"}, "itself", -1, NO),
        ({"named": "reciprocal"}, "itself", -1, YES),
        ({"piecewise": ["0", "1"]}, "itself", 1, YES),
        ({"piecewise": ["0", "1"]}, "itself", -1, NO),
        ({"piecewise": ["3", "3"]}, "itself", -1, YES),
        ({"polynomial": ["0", "1", "0", "1"]}, "itself", -1, YES),
        ({"polynomial": ["0", "1", "1"]}, "itself", -1, NO),
    ],
)
def test_tied_units(definition: Any, facts: Any, sign: int, expected: tuple[str, str]) -> None:
    for widths in ([2, 3, 1], [2, 3, 2, 1]):
        for bias in (False, True):
            model = mlp(widths, definition, bias)
            assert both(model, tied(model, sign=sign), facts) == expected


def test_units_tied_in_half() -> None:
    model = mlp([2, 3, 1], {"class": "generic"})
    assert both(model, space(model, *({("W1", 0, k): 1, ("W1", 1, k): -1} for k in range(2))), []) == NO
    assert both(model, space(model, {("W2", 0, 0): 1, ("W2", 0, 1): -1}), []) == NO
    assert both(model, space(model), []) == YES


@pytest.mark.parametrize(
    ("definition", "facts", "expected"),
    [
        ({"class": "generic"}, [], NO),
        ({"class": "generic0"}, ["zero"], YES),
        ({"class": "flat"}, ["flat"], NO),
        ({"class": "odd"}, ["odd"], YES),
        ({"class": "odd"}, [], NO),
        ({"named": "silu"}, "itself", YES),
        ({"named": "logcosh"}, "itself", YES),
        ({"named": "exp"}, "itself", NO),
        ({"named": "reciprocal"}, "itself", NO),
        ({"named": "reciprocal"}, ["odd"], NO),
        ({"piecewise": ["0", "1"]}, "itself", YES),
        ({"piecewise": ["0", "1"]}, ["zero"], YES),
        ({"polynomial": ["0", "5", "1"]}, "itself", YES),
        ({"polynomial": ["1", "5"]}, "itself", NO),
    ],
)
def test_dead_units(definition: Any, facts: Any, expected: tuple[str, str]) -> None:
    """{a_0 = 0, w_0 = 0} is invariant exactly when σ(0) = 0; no orthogonal symmetry has it as its fixed space unless σ is odd."""
    model = mlp([2, 3, 1], definition)
    dead = space(model, {("W1", 0, 0): 1}, {("W1", 0, 1): 1}, {("W2", 0, 0): 1})
    assert both(model, dead, facts) == expected


@pytest.mark.parametrize(
    ("definition", "facts", "expected"),
    [
        ({"class": "even"}, ["even"], YES),
        ({"class": "flat"}, ["flat"], YES),
        ({"class": "generic"}, [], NO),
        ({"named": "cos"}, "itself", YES),
        ({"polynomial": ["1", "0", "1"]}, "itself", YES),
        ({"piecewise": ["-1", "1"]}, "itself", NO),
        ({"piecewise": ["-1", "1"]}, ["even"], NO),
        ({"piecewise": ["0", "0"]}, "itself", YES),
    ],
)
def test_zero_weights_under_flat_functions(definition: Any, facts: Any, expected: tuple[str, str]) -> None:
    model = mlp([2, 3, 1], definition)
    assert both(model, space(model, {("W1", 0, 0): 1}, {("W1", 0, 1): 1}), facts) == expected


def test_magic_squares_are_invariant_without_a_symmetry() -> None:
    """Rows of W1 equal, W3 equal, all row sums and all column sums of W2 equal: congruence and identity prove it, no permutation does."""
    model = mlp([2, 3, 3, 1], {"class": "generic"})
    rows = [{("W1", 0, k): 1, ("W1", i, k): -1} for i in (1, 2) for k in range(2)] + [{("W3", 0, 0): 1, ("W3", 0, i): -1} for i in (1, 2)]
    sums = [{("W2", 0, k): 1 for k in range(3)} | {("W2", i, k): -1 for k in range(3)} for i in (1, 2)]
    columns: list[dict[tuple[Any, ...], Any]] = []
    for j in (1, 2):
        column: dict[tuple[Any, ...], Any] = {}
        for i in range(3):
            column[("W2", i, 0)] = column.get(("W2", i, 0), 0) + 1
            column[("W2", i, j)] = column.get(("W2", i, j), 0) - 1
        columns.append(column)
    assert both(model, space(model, *rows, *sums, *columns), []) == YES
    assert both(model, space(model, *rows, *sums), []) == NO
    assert both(model, space(model, *rows, *columns), []) == NO


def test_the_relu_identity() -> None:
    """relu(z) − relu(−z) = z makes a linear unit of w_0 = −w_1, a_0 = −a_1, but not an invariant subspace; with |z| the sign drops out."""
    model = mlp([2, 2, 1], {"piecewise": ["0", "1"]})
    opposite = [{("W1", 0, k): 1, ("W1", 1, k): 1} for k in range(2)]
    assert both(model, space(model, *opposite, {("W2", 0, 0): 1, ("W2", 0, 1): 1}), "itself") == NO
    assert both(model, space(model, *opposite, {("W2", 0, 0): 1, ("W2", 0, 1): -1}), "itself") == NO
    model = mlp([2, 2, 1], {"piecewise": ["-1", "1"]})
    assert both(model, space(model, *opposite, {("W2", 0, 0): 1, ("W2", 0, 1): -1}), "itself") == YES
    deep = mlp([2, 2, 2, 1], {"piecewise": ["-1", "1"]})
    second = [{("W2", 0, k): 1, ("W2", 1, k): 1} for k in range(2)]
    assert both(deep, space(deep, *second, {("W3", 0, 0): 1, ("W3", 0, 1): -1}), "itself") == YES


def test_identity_expands_polynomials_and_congruence_names_them() -> None:
    """F = (a + b·x)² in two ways: z² of a sum, and the expanded sum; their difference is 0 as an identity, and gradients with it."""
    p = Program(s={"polynomial": ["0", "0", "1"]})
    a, b, c, x = p.parameter("a"), p.parameter("b"), p.parameter("c"), p.input("x")
    bx = p.contract(",->", b, x)
    square = p.apply("s", p.sum(a, bx))
    cross = p.contract(",->", p.contract(",->", a, p.add("constant", [], values=["-2"])), bx)
    minus = p.add("constant", [], values=["-1"])
    flat = p.sum(square, p.contract(",->", p.contract(",->", a, a), minus), cross, p.contract(",->", p.contract(",->", bx, bx), minus))
    model = p.done(p.contract(",->", c, flat))
    claim = {"activations": {"s": "itself"}, "kind": "invariant", "subspace": space(model, {("c",): 1})}
    assert check(model, claim, IDENTITY).status == "verified"
    assert check(model, claim, CONGRUENCE).status == "invalid"


def test_unknown_slopes_at_zero_are_not_shared_between_activations() -> None:
    """On b = 0 the slopes of relu and |z| at 0 are independent unknowns: (1 + r)/2 and r' do not cancel, though sharing one r they might."""
    p = Program(f={"piecewise": ["-1", "1"]}, g={"piecewise": ["-1", "1"]})
    b, x = p.parameter("b"), p.input("x")
    bx = p.contract(",->", b, x)
    minus = p.contract(",->", p.apply("g", bx), p.add("constant", [], values=["-1"]))
    model = p.done(p.sum(p.apply("f", bx), minus))
    assert both(model, space(model, {("b",): 1}), "itself") == NO


def test_signs_of_what_vanishes_identically_are_not_odd() -> None:
    """P = |ab| − |a||b| is 0 without its normal form being so; the slope at P of |z| may be any number, and is not odd in P."""
    p = Program(s={"piecewise": ["-1", "1"]})
    a, b, x, e = p.parameter("a"), p.parameter("b"), p.input("x"), p.parameter("e")
    ax = p.contract(",->", a, x)
    product = p.apply("s", p.contract(",->", ax, b))
    minus = p.add("constant", [], values=["-1"])
    split = p.contract(",->", p.contract(",->", p.apply("s", ax), p.apply("s", b)), minus)
    zero = p.sum(product, split)
    pair = p.contract("->i", zero, i=2)
    signs = p.add("constant", [2], values=["1", "-1"])
    arguments = p.sum(p.contract("i,i->i", pair, signs), p.contract("->i", e, i=2))
    model = p.done(p.contract("i->", p.apply("s", arguments)))
    assert both(model, space(model, {("e",): 1}), "itself") == NO
    assert both(model, space(model, {("e",): 1}), ["even"]) == NO
    model["activations"] = {"s": {"class": "even"}}
    assert both(model, space(model, {("e",): 1}), ["even"]) == YES


def test_unknown_slopes_at_what_vanishes_identically_are_not_shared() -> None:
    """f(P + e) − g(P + e) with P as above and f = g = |z| by two names, each with its own slope at 0."""
    p = Program(f={"piecewise": ["-1", "1"]}, g={"piecewise": ["-1", "1"]})
    a, b, x, e = p.parameter("a"), p.parameter("b"), p.input("x"), p.parameter("e")
    ax = p.contract(",->", a, x)
    minus = p.add("constant", [], values=["-1"])
    zero = p.sum(p.apply("f", p.contract(",->", ax, b)), p.contract(",->", p.contract(",->", p.apply("f", ax), p.apply("f", b)), minus))
    argument = p.sum(zero, e)
    model = p.done(p.sum(p.apply("f", argument), p.contract(",->", p.apply("g", argument), minus)))
    assert both(model, space(model, {("e",): 1}), "itself") == NO


def test_products_without_sums_are_not_named() -> None:
    """F = e·((ab)c − a(bc)): a product that sums over no letter stays a product, so both ways to multiply agree."""
    p = Program()
    a, b, c, e = (p.parameter(name) for name in "abce")
    left, right = p.contract(",->", p.contract(",->", a, b), c), p.contract(",->", a, p.contract(",->", b, c))
    model = p.done(p.contract(",->", e, p.sum(left, p.contract(",->", right, p.add("constant", [], values=["-1"])))))
    assert both(model, space(model, {("e",): 1}), "itself") == YES


def test_affine_subspaces() -> None:
    model = mlp([1, 2, 1], {"class": "generic"})
    claim = {"activations": {"s": []}, "kind": "invariant", "subspace": echelon(4, [({0: 1, 1: -1}, 1), ({2: 1, 3: -1}, 0)])}
    assert check(model, claim, IDENTITY).status == "invalid"
    p = Program()
    w, v = p.parameter("w"), p.parameter("v")
    both_used = p.contract(",->", p.sum(w, v), p.input("x"))
    model = p.done(both_used)
    claim = {"activations": {}, "kind": "invariant", "subspace": echelon(2, [({0: 1, 1: -1}, "1/3")])}
    assert check(model, claim, IDENTITY).status == check(model, claim, CONGRUENCE).status == "verified"


def test_extra_keys_are_malformed_and_terms_are_limited() -> None:
    model = mlp([2, 3, 1], {"class": "generic"})
    claim = {"activations": {"s": []}, "kind": "invariant", "subspace": tied(model)}
    assert check(model, claim, CONGRUENCE | {"hint": "trust me"}).status == "malformed"
    assert check(model, claim, CONGRUENCE, Limits(max_terms=20)).status == "limit"


SMALL = [{"polynomial": ["1", "-1", "2"]}, {"polynomial": ["0", "1", "0", "1"]}]


@settings(max_examples=120, deadline=None)
@given(st.integers(0, 10**9))
def test_identity_decides_and_agrees_with_witnesses(seed: int) -> None:
    """For polynomial activations: verified by identity or congruence implies no violation at a point; a violation makes the proofs invalid."""
    rng = random.Random(seed)
    model = random_model(seed, SMALL)
    size = size_of(model)
    rows = []
    for _ in range(rng.randint(1, 3)):
        p, q = rng.sample(range(size), 2)
        rows.append(({p: 1, q: rng.choice([1, -1, 2])}, 0) if rng.random() < 0.7 else ({p: 1}, rng.choice([0, 1])))
    subspace = echelon(size, rows)
    facts = {"s0": "itself", "s1": "itself"}
    claim = {"activations": facts, "kind": "invariant", "subspace": subspace}
    limits = Limits(max_terms=100_000)
    by_identity, by_congruence = check(model, claim, IDENTITY, limits).status, check(model, claim, CONGRUENCE, limits).status
    if by_identity == "limit":
        return
    violated = False
    for k in range(3):
        theta, x = (random_point(model, subspace, seed + k, key, bound=10**9) for key in ("parameters", "inputs"))
        for output, node in enumerate(model["outputs"]):
            for entry in range(2 ** len(model["nodes"][node]["shape"])):
                for equation in range(len(subspace["rows"])):
                    proof = {"equation": equation, "input": x, "members": {}, "method": "residue", "modulus": str((1 << 61) - 1), "output": [output, entry]}
                    violated = violated or "stated value" in check(model, claim | {"kind": "not-invariant"}, proof | {"theta": theta, "value": "0"}).message
    if violated:
        assert (by_identity, by_congruence) == NO
    else:
        assert by_identity == "verified"
    if by_congruence == "verified":
        assert by_identity == "verified"


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9), st.sampled_from(["generic", "odd", "even"]))
def test_what_symmetry_proves_the_others_prove(seed: int, kind: str) -> None:
    rng = random.Random(seed)
    widths = [rng.randint(1, 2), rng.randint(2, 3), rng.randint(1, 2), 1][: rng.randint(3, 4)]
    if len(widths) == 3:
        widths[2] = 1
    model = mlp(widths, {"class": kind})
    facts: Any = [] if kind == "generic" else [kind]
    sign = rng.choice([1, -1]) if kind == "odd" else 1
    claim = {"activations": {"s": facts}, "kind": "invariant", "subspace": tied(model, sign=sign)}
    nodes = [[1, [0, -1]], [2, [0]], [3, [0]], [4, [-1, 0]]]
    proof = {"generators": [{"actions": [swap(widths[1], sign=sign)], "nodes": nodes}], "method": "symmetry"}
    assert [status(model, claim, p) for p in (proof, CONGRUENCE, IDENTITY)] == ["verified"] * 3


def test_fractions_and_integers_are_the_same_numbers() -> None:
    model = mlp([1, 2, 1], {"polynomial": ["0", "1/2", "3/2"]})
    half = echelon(4, [({0: 1, 1: Fraction(-1, 2)}, 0)])
    claim = {"activations": {"s": "itself"}, "kind": "invariant", "subspace": half}
    assert check(model, claim, IDENTITY).status == "invalid"
