"""Conservation laws: the local rules of scaling on every operation, the identity proof with named functions, and attacks."""

from __future__ import annotations

import copy
import random
from fractions import Fraction
from typing import Any

import pytest

from simcert.checker.claim import read_claim, read_polynomials
from simcert.checker.laws import check_laws, derivatives
from simcert.checker.outcome import Budget, Invalid, Limits, Malformed
from simcert.checker.program import read_model
from simcert.checker.rational import Rationals
from simcert.checker.subspace import Subspace
from simcert.laws.structural import families
from simcert.models.spec import load_model
from tests.checker.models import Program, certificate, check, mlp, size_of, space, status
from tests.checker.proofs import NONE, P, changed, expect, produced, verdict

BUDGET = Budget(Limits())
IDENTITY = {"method": "identity"}


def proved(model: Any, law: Any, proof: Any) -> str:
    """How a proof of one law on the whole space ends."""
    read = read_model(model, BUDGET)
    facts = {n: "itself" if a.kind != "class" else sorted(f for f in a.facts if f not in a.close(a.facts - {f})) for n, a in read.activations.items()}
    claim = read_claim({"activations": facts, "generic": -1, "kind": "conservation-laws", "laws": [law], "rank": 0}, read, BUDGET)
    try:
        check_laws(read, claim, claim.laws, Subspace(read.size, (), ()), proof, "/", BUDGET)
    except (Invalid, Malformed) as stop:
        return stop.status
    return "verified"


def scaling(nodes: list[Any], *matrices: Any) -> Any:
    return {"generators": [{"actions": list(matrices), "nodes": nodes}], "method": "scaling"}


def both(model: Any, law: Any, nodes: list[Any], *matrices: Any) -> str:
    """By scaling; whatever it proves, identity proves too."""
    found = proved(model, law, scaling(nodes, *matrices))
    if found == "verified":
        assert proved(model, law, IDENTITY) == "verified"
    return found


ALL = [[0, 0, "2"], [1, 1, "2"]]
FIRST = [[0, 0, "2"]]
OFF = [[0, 1, "1"]]


def test_linear_networks() -> None:
    """F = W2 W1 x with 2 hidden units: W2ᵀW2 − W1W1ᵀ. Nodes: x, W1, h, W2, out. Indices: W1 = 0..3, W2 = 4, 5."""
    p = Program()
    x = p.input("x", 2)
    h = p.contract("ij,j->i", p.parameter("W1", 2, 2), x)
    model = p.done(p.contract("ij,j->i", p.parameter("W2", 1, 2), h))
    law = [["-1", [0, 0]], ["-1", [1, 1]], ["1", [4, 4]]]
    nodes: list[Any] = [[1, [[0, "-1"], [-1, "0"]]], [2, [[0, "-1"]]], [3, [[-1, "0"], [0, "1"]]]]
    assert both(model, law, nodes, FIRST) == "verified"
    mixed = [["-1", [0, 2]], ["-1", [1, 3]], ["1", [4, 5]]]
    assert both(model, mixed, nodes, OFF) == "verified"
    for bad in (
        nodes[:2],
        nodes[1:],
        [nodes[0], nodes[2]],
        [nodes[0], [2, [[0, "1"]]], nodes[2]],
        [nodes[0], nodes[1], [3, [[-1, "0"], [0, "-1"]]]],
        [[0, [[0, "1"]]], *nodes],
        [*nodes, [4, [[0, "1"]]]],
        [[1, [[0, "-1"], [0, "1"]]], *nodes[1:]],
    ):
        assert both(model, law, bad, FIRST) == "invalid", bad
    for wrong in ([*law[:2], ["2", [4, 4]]], law[1:], law[:2], [*law, ["1", [4, 5]]], []):
        assert both(model, wrong, nodes, FIRST) == "invalid"
    for malformed in (
        [[1, [[0, "-1"]]], *nodes[1:]],
        [[1, [[1, "-1"], [-1, "0"]]], *nodes[1:]],
        [[1, [[0, -1], [-1, "0"]]], *nodes[1:]],
        list(reversed(nodes)),
        [[5, [[0, "1"]]]],
    ):
        assert both(model, law, malformed, FIRST) == "malformed", malformed
    for matrix in ([[1, 0, "1"]], [[0, 0, "0"]], [[0, 0, "1"], [0, 0, "1"]], [[0, 1, "1"], [0, 0, "1"]], [[0, 2, "1"]], [[0, 0]]):
        assert both(model, law, nodes, matrix) == "malformed", matrix
    assert both(model, law, nodes) == "malformed"
    assert proved(model, law, {"generators": [], "method": "scaling"}) == "malformed"
    assert proved(model, law, IDENTITY | {"hint": "x"}) == "malformed"


@pytest.mark.parametrize(
    ("definition", "law", "nodes", "expected"),
    [
        ({"piecewise": ["0", "1"]}, [["-1", [0, 0]], ["1", [2, 2]]], (-1, -1, -1, 1), "verified"),
        ({"piecewise": ["-1", "2"]}, [["-1", [0, 0]], ["1", [2, 2]]], (-1, -1, -1, 1), "verified"),
        ({"polynomial": ["0", "0", "0", "5"]}, [["-1", [0, 0]], ["3", [2, 2]]], (-1, -1, -3, 3), "verified"),
        ({"polynomial": ["0", "0", "0", "5"]}, [["-1", [0, 0]], ["1", [2, 2]]], (-1, -1, -1, 1), "invalid"),
        ({"polynomial": ["7"]}, [["-1", [0, 0]]], (-1, -1, 0, 0), "verified"),
        ({"polynomial": ["0"]}, [["-1", [0, 0]]], (-1, -1, 0, 0), "invalid"),
        ({"polynomial": ["0", "1", "1"]}, [["-1", [0, 0]], ["1", [2, 2]]], (-1, -1, -1, 1), "invalid"),
        ({"class": "odd"}, [["-1", [0, 0]], ["1", [2, 2]]], (-1, -1, -1, 1), "invalid"),
        ({"named": "tanh"}, [["-1", [0, 0]], ["1", [2, 2]]], (-1, -1, -1, 1), "invalid"),
    ],
)
def test_functions(definition: Any, law: Any, nodes: tuple[int, ...], expected: str) -> None:
    """F = a·σ(W x), two units; nodes: x, W, Wx, σ, a, out. The law is that of the first unit."""
    model = mlp([1, 2, 1], definition)
    model_nodes = [
        [n, [[0, str(w)] if axis == which else [-1, "0"] for axis in range(axes)]]
        for (n, axes, which), w in zip([(1, 2, 0), (2, 1, 0), (3, 1, 0), (4, 2, 1)], nodes, strict=True)
    ]
    assert both(model, law, model_nodes, FIRST) == expected
    if expected == "verified" and len(law) == 2:
        c = law[1][0]
        assert both(model, [["-1", [0, 1]], [c, [2, 3]]], model_nodes, OFF) == "invalid"


def test_addition_constants_and_broadcasts() -> None:
    """F = Σ_i a_i (b_i + c_i + k): with k = 0 as a constant array nothing may act on it."""
    p = Program()
    a, b, c = p.parameter("a", 2), p.parameter("b", 2), p.parameter("c", 2)
    model = p.done(p.contract("i,i->", a, p.sum(b, c)))
    law = [["1", [0, 0]], ["-1", [2, 2]], ["-1", [4, 4]]]
    good: list[Any] = [[0, [[0, "1"]]], [1, [[0, "-1"]]], [2, [[0, "-1"]]], [3, [[0, "-1"]]]]
    assert both(model, law, good, FIRST) == "verified"
    assert both(model, [["1", [0, 1]], ["-1", [2, 3]], ["-1", [4, 5]]], good, OFF) == "verified"
    assert both(model, law[:2], good[:2] + good[3:], FIRST) == "invalid"
    assert both(model, law, [*good[:2], [2, [[0, "-2"]]], good[3]], FIRST) == "invalid"
    p = Program()
    a, k = p.parameter("a", 2), p.add("constant", [2], values=["0", "3"])
    model = p.done(p.contract("i,i->", a, k))
    assert both(model, [["1", [0, 0]]], [[0, [[0, "1"]]], [1, [[0, "-1"]]]], FIRST) == "invalid"
    p = Program()
    e, a = p.parameter("e"), p.parameter("a", 2)
    model = p.done(p.contract("i,i->", a, p.contract("->i", e, i=2)))
    assert both(model, [["1", [1, 1]]], [[1, [[0, "1"]]], [2, [[0, "-1"]]]], FIRST) == "invalid"


def test_letters_in_three_places_take_diagonal_actions_only() -> None:
    """F = Σ_i a_i (b_i c_i): the weights add up; a matrix that mixes entries does not pass an entrywise product."""
    p = Program()
    a, b, c = p.parameter("a", 2), p.parameter("b", 2), p.parameter("c", 2)
    model = p.done(p.contract("i,i->", a, p.contract("i,i->i", b, c)))
    nodes: list[Any] = [[0, [[0, "-3"]]], [1, [[0, "1"]]], [2, [[0, "2"]]], [3, [[0, "3"]]]]
    law = [["-3", [0, 0]], ["1", [2, 2]], ["2", [4, 4]]]
    assert both(model, law, nodes, FIRST) == "verified"
    assert both(model, [["-3", [0, 1]], ["1", [2, 3]], ["2", [4, 5]]], nodes, OFF) == "invalid"
    assert both(model, law, [*nodes[:3], [3, [[0, "2"]]]], FIRST) == "invalid"
    p = Program()
    a = p.parameter("a", 2)
    model = p.done(p.contract("i->", a))
    assert both(model, [["1", [0, 0]]], [[0, [[0, "1"]]]], FIRST) == "invalid"


def test_moves_and_stacks() -> None:
    """Entries that are gathered or scattered keep their weights; the first axis of a stack runs over parameters."""
    p = Program()
    a, b = p.parameter("a", 2), p.parameter("b", 2)
    model = p.done(p.contract("i,i->", p.add("gather", [2], args=[a], indices=[1, 0]), b))
    law = [["1", [0, 0]], ["-1", [3, 3]]]
    swapped = [[1, 1, "2"]]
    assert both(model, law, [[0, [[0, "1"]]], [1, [[1, "-1"]]], [2, [[1, "1"]]]], FIRST, swapped) == "verified"
    assert both(model, [["1", [0, 0]], ["-1", [2, 2]]], [[0, [[0, "1"]]], [1, [[0, "-1"]]], [2, [[0, "1"]]]], FIRST) == "invalid"
    assert both(model, [["1", [0, 1]], ["-1", [2, 3]]], [[0, [[0, "1"]]], [1, [[0, "-1"]]], [2, [[0, "1"]]]], OFF) == "invalid"
    p = Program()
    a, b = p.parameter("a", 2), p.parameter("b", 2)
    model = p.done(p.contract("i,i->", p.add("scatter", [2], args=[a], indices=[1, -1]), b))
    assert both(model, law, [[0, [[0, "1"]]], [1, [[1, "-1"]]], [2, [[1, "1"]]]], FIRST, swapped) == "verified"
    assert both(model, [["1", [1, 1]]], [[0, [[0, "1"]]]], swapped) == "verified"  # the second entry is dropped
    assert both(model, law, [[0, [[0, "1"]]], [1, [[0, "-1"]]], [2, [[0, "1"]]]], FIRST) == "invalid"
    p = Program()
    s, t = p.stack(["u", "v"], 2), p.parameter("t", 2)
    model = p.done(
        p.contract("ij,i->j", s, t),
    )
    law = [["1", [0, 0]], ["1", [1, 1]], ["-1", [4, 4]]]
    nodes: list[Any] = [[0, [[0, "1"], [-1, "0"]]], [1, [[0, "-1"]]]]
    assert both(model, law, nodes, FIRST) == "verified"
    assert both(model, [["1", [0, 2]], ["1", [1, 3]], ["-1", [4, 5]]], nodes, OFF) == "verified"
    assert both(model, [["1", [0, 0]], ["1", [2, 2]]], [[0, [[-1, "0"], [0, "1"]]]], FIRST) == "invalid"


FAMILIES = ["linear:2-3-2", "mlp:2-3-2:relu:bias", "mlp:2-2-1:cube", "attention:2-2", "attention:2-2-2", "residual:2-2-1:relu", "conv1d:1-2-2:relu:length=5"]
FAMILIES += ["lora:3-2-2:tanh:rank=2", "mlp:1-2-2-1:abs", "mlp:2-2-1:poly(0,0,3)"]


@pytest.mark.parametrize("spec", FAMILIES)
def test_structural_laws_of_all_families_and_what_is_near_them(spec: str) -> None:
    program = load_model(spec)
    model, rng = program.to_json(), random.Random(3)
    for family in families(program):
        pairs = list(zip(family.laws(), family.pairs, strict=True))
        for law, (i, j) in rng.sample(pairs, min(3, len(pairs))):
            generator = family.generator(i, j)
            assert proved(model, law.to_json(), {"generators": [generator], "method": "scaling"}) == "verified", spec
            if program.size < 20:
                assert proved(model, law.to_json(), IDENTITY) == "verified"
            for n, (_, axes) in enumerate(generator["nodes"]):
                for k, (a, w) in enumerate(axes):
                    if a >= 0:
                        wrong = copy.deepcopy(generator)
                        wrong["nodes"][n][1][k] = [a, str(Fraction(w) + 1)]
                        assert proved(model, law.to_json(), {"generators": [wrong], "method": "scaling"}) == "invalid"


def test_identity_with_exponentials() -> None:
    """σ = exp with bias: b − a²/2; nothing like it for a class or for another function."""
    law = [["1", [1]], ["-1/2", [2, 2]]]
    for definition, expected in [
        ({"named": "exp"}, "verified"),
        ({"named": "expm1"}, "invalid"),
        ({"named": "sigmoid"}, "invalid"),
        ({"class": "generic"}, "invalid"),
    ]:
        model = mlp([1, 1, 1], definition, bias=True)
        assert proved(model, law, IDENTITY) == expected, definition
    model = mlp([1, 1, 1], {"named": "exp"}, bias=True)
    for wrong in ([["1", [1]], ["1/2", [2, 2]]], [["1", [0]], ["-1/2", [2, 2]]], [["1", [1]]]):
        assert proved(model, wrong, IDENTITY) == "invalid"


RELATIONS = [
    ("tanh", 1, ["tanh"], "one - square"),
    ("sin", 2, ["sin"], "minus"),
    ("softplus", 1, ["sigmoid"], "same"),
    ("logcosh", 1, ["tanh"], "same"),
    ("expm1", 1, ["exp"], "same"),
    ("cosh", 1, ["sinh"], "same"),
    ("expm1", 2, ["exp"], "same"),
    ("cosh", 1, ["cosh"], "differs"),
    ("silu", 1, ["sigmoid"], "differs"),
    ("erf", 1, ["gaussian"], "differs"),
]


@pytest.mark.parametrize(("name", "order", "others", "relation"), RELATIONS)
def test_named_functions_in_identities(name: str, order: int, others: list[str], relation: str) -> None:
    """F = e·(f^(k)(w x) − g(w x)) with e = 0 kept exactly where the two functions are equal."""
    p = Program(f={"named": name}, g={"named": others[0]})
    z = p.contract(",->", p.parameter("w"), p.input("x"))
    minus = p.add("constant", [], values=["-1"])
    g = p.apply("g", z)
    if relation == "one - square":
        terms = [p.add("constant", [], values=["-1"]), p.contract(",->", g, g)]
    elif relation == "minus":
        terms = [g]
    else:
        terms = [p.contract(",->", g, minus)]
    model = p.done(p.contract(",->", p.parameter("e"), p.sum(p.apply("f", z, order), *terms)))
    claim = {"activations": {"f": "itself", "g": "itself"}, "kind": "invariant", "subspace": space(model, {("e",): 1})}
    assert status(model, claim, IDENTITY) == ("invalid" if relation == "differs" else "verified")
    assert status(model, claim, {"method": "congruence"}) == "invalid"
    facts = {"f": sorted(read_model(model, BUDGET).activations["f"].facts - {"zero", "flat"}), "g": []}
    assert status(model, claim | {"activations": facts}, IDENTITY) == "invalid"


@pytest.mark.parametrize(
    ("name", "zero"),
    [("tanh", True), ("silu", True), ("gelu", True), ("logcosh", True), ("expm1", True), ("sigmoid", False), ("softplus", False), ("cos", False)],
)
def test_values_at_zero(name: str, zero: bool) -> None:
    model = mlp([2, 2, 1], {"named": name})
    dead = space(model, {("W1", 0, 0): 1}, {("W1", 0, 1): 1}, {("W2", 0, 0): 1})
    assert status(model, {"activations": {"s": "itself"}, "kind": "invariant", "subspace": dead}, IDENTITY) == ("verified" if zero else "invalid")


def test_derivatives_of_polynomials() -> None:
    law = read_polynomials([[["5", [1]], ["-1", [0, 0]], ["2", [0, 0, 0, 1]]]], "/", 2, BUDGET)[0]
    assert derivatives(law, [3, 7], Rationals(BUDGET, {})) == {0: -6 + 2 * 27 * 7, 1: 5 + 2 * 27}
    for wrong in (
        [["1", []]],
        [["0", [0]]],
        [["1", [1, 0]]],
        [["1", [0]], ["1", [0]]],
        [["1", [0, 0]], ["1", [1]]],
        [["1", [2]]],
        [["1", [-1]]],
        [[1, [0]]],
        ["1"],
        {},
    ):
        with pytest.raises(Malformed):
            read_polynomials([wrong], "/", 2, BUDGET)


@pytest.mark.parametrize("spec", ["linear:2-2-2", "mlp:2-3-1:relu", "attention:2-1", "mlp:1-1-1:exp:bias"])
def test_conservation_laws(spec: str) -> None:
    good = produced("laws", spec)
    claim, proof = good["claim"], good["proof"]
    rank, generic, size = claim["rank"], claim["generic"], size_of(good["model"])
    assert generic == size - rank > 0
    columns = [c for c in range(size) if c not in proof["columns"]]
    expect(
        good,
        [
            ("claim/generic", -1, "verified"),
            ("claim/generic", generic - 1, "invalid"),
            ("claim/generic", generic + 1, "invalid"),
            ("claim/generic", -2, "malformed"),
            ("claim/rank", rank + 1, "invalid"),
            ("claim/rank", rank - 1, "invalid"),
            ("claim/laws/0/0/0", "7/3", "invalid"),
            ("claim/laws/0", [], "invalid"),
            ("claim/laws", [], "malformed"),
            ("proof/columns", proof["columns"][:-1], "invalid"),
            ("proof/columns", [*proof["columns"][:-1], size], "malformed"),
            ("proof/rows", proof["rows"][:-1], "malformed"),
            ("proof/rows", [], "malformed"),
            ("proof/rows", [*proof["rows"][:-1], len(claim["laws"])], "malformed"),
            ("proof/determinant", "0", "invalid"),
            ("proof/determinant", ..., "malformed"),
            ("proof/lower", NONE, "invalid"),
            ("proof/law_proof", {"method": "faith"}, "unsupported"),
            ("proof/law_proof", [], "malformed"),
            ("proof/point", {}, "malformed"),
            ("proof/members", {"s": ["0"]}, "malformed"),
        ],
    )
    first = next(iter(proof["point"]))
    assert verdict(changed(good, f"proof/point/{first}", ["0"] * len(proof["point"][first]))).status == "invalid"
    assert not columns or verdict(changed(good, "proof/columns", sorted([*proof["columns"][1:], columns[0]]))).status == "invalid"
    several = changed(changed(good, "claim/rank", 0), "claim/generic", -1)
    for key, value in [("columns", []), ("rows", []), ("determinant", "1"), ("lower", NONE)]:
        several = changed(several, f"proof/{key}", value)
    assert verdict(several).status == "verified"
    assert "no other conserved functions" in " ".join(verdict(several).not_claimed)


def test_dependent_laws_have_no_larger_rank() -> None:
    """h and 2h, and h with h²."""
    p = Program()
    model = p.done(p.contract(",->", p.parameter("w"), p.contract(",->", p.parameter("a"), p.input("x"))))
    one, two = [["1", [0, 0]], ["-1", [1, 1]]], [["2", [0, 0]], ["-2", [1, 1]]]
    square = [["1", [0, 0, 0, 0]], ["-2", [0, 0, 1, 1]], ["1", [1, 1, 1, 1]]]
    for laws in ([one, two], [one, square]):
        claim = {"activations": {}, "generic": -1, "kind": "conservation-laws", "laws": laws, "rank": 2}
        proof = {
            "columns": [0, 1],
            "law_proof": IDENTITY,
            "lower": NONE,
            "members": {},
            "method": "laws",
            "numbers": {"modulus": str(P)},
            "point": {"a": ["3"], "w": ["2"]},
        }
        found = {status(model, claim, proof | {"determinant": str(d), "rows": [0, 1]}) for d in range(4)}
        assert found == {"invalid"}
        single = proof | {"columns": [1], "determinant": str(-6 % P), "rows": [0]}
        assert check(model, claim | {"rank": 1}, single).status == "verified"
        assert check(model, claim | {"rank": 1}, single | {"determinant": "regular", "numbers": {"precision": 30}}).status == "verified"
        assert status(model, claim | {"rank": 1}, single | {"point": {"a": ["0"], "w": ["2"]}}) == "invalid"
    assert verdict(certificate(model, {"activations": {}, "generic": 1, "kind": "conservation-laws", "laws": [one], "rank": 1}, NONE)).status == "incomplete"
