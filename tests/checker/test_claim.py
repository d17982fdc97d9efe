"""Claims: echelon form, dimensions, facts, actions. Each rule has an attack."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.checker.models import check, echelon, mlp, space, status, swap, tied

NONE = {"method": "none"}
MODEL = mlp([2, 3, 1], {"class": "odd"})
GOOD = tied(MODEL)


def claim(subspace: Any = None, facts: Any = None, kind: str = "invariant") -> dict[str, Any]:
    return {"activations": {"s": ["odd"] if facts is None else facts}, "kind": kind, "subspace": GOOD if subspace is None else subspace}


def row(entries: list[Any], constant: Any = "0") -> dict[str, Any]:
    return {"constant": constant, "entries": entries}


def test_good_claims_are_read() -> None:
    assert status(MODEL, claim(), NONE) == "incomplete"
    assert status(MODEL, claim({"dimension": 9, "rows": []}), NONE) == "incomplete"
    assert status(MODEL, claim({"dimension": 8, "rows": [row([[0, "1"], [8, "-2/7"]], "1/3")]}), NONE) == "incomplete"


@pytest.mark.parametrize(
    "subspace",
    [
        {"dimension": 5, "rows": GOOD["rows"]},
        {"dimension": True, "rows": [row([[k, "1"]]) for k in range(8)]},
        {"dimension": "6", "rows": GOOD["rows"]},
        {"dimension": 6, "rows": GOOD["rows"][::-1]},
        {"dimension": 6, "rows": [GOOD["rows"][0]] * 3},
        {"dimension": 8, "rows": [row([[0, "2"], [2, "-2"]])]},
        {"dimension": 8, "rows": [row([[0, "1"], [2, "0"]])]},
        {"dimension": 8, "rows": [row([[2, "1"], [0, "-1"]])]},
        {"dimension": 8, "rows": [row([[0, "1"], [0, "1"]])]},
        {"dimension": 8, "rows": [row([[0, "1"], [9, "1"]])]},
        {"dimension": 8, "rows": [row([[-1, "1"], [2, "1"]])]},
        {"dimension": 8, "rows": [row([[False, "1"], [2, "1"]])]},
        {"dimension": 8, "rows": [row([["0", "1"], [2, "1"]])]},
        {"dimension": 8, "rows": [row([[0, 1], [2, "1"]])]},
        {"dimension": 8, "rows": [row([[0, "1", "1"]])]},
        {"dimension": 8, "rows": [row([])]},
        {"dimension": 8, "rows": [row([], "1")]},
        {"dimension": 8, "rows": [row([[0, "1"]], 0)]},
        {"dimension": 8, "rows": [row([[0, "1"]], None)]},
        {"dimension": 7, "rows": [row([[0, "1"], [1, "1"]]), row([[1, "1"]])]},
        {"dimension": 9, "rows": {}},
        {"rows": []},
        [],
    ],
)
def test_malformed_subspaces(subspace: Any) -> None:
    assert status(MODEL, claim(subspace), NONE) == "malformed"


@pytest.mark.parametrize(
    ("definition", "facts", "kind", "expected"),
    [
        ({"class": "odd"}, [], "invariant", "incomplete"),
        ({"class": "odd"}, ["zero"], "invariant", "incomplete"),
        ({"class": "odd"}, "itself", "invariant", "malformed"),
        ({"class": "odd"}, ["even"], "invariant", "malformed"),
        ({"class": "odd"}, ["odd", "zero"], "invariant", "malformed"),
        ({"class": "odd"}, ["odd", "odd"], "invariant", "malformed"),
        ({"class": "odd"}, ["prime"], "invariant", "malformed"),
        ({"class": "odd"}, [True], "invariant", "malformed"),
        ({"class": "odd"}, None, "invariant", "malformed"),
        ({"class": "odd"}, ["odd"], "not-invariant", "incomplete"),
        ({"class": "odd"}, ["zero"], "not-invariant", "malformed"),
        ({"class": "odd"}, [], "not-invariant", "malformed"),
        ({"class": "odd"}, "itself", "not-invariant", "malformed"),
        ({"class": "generic"}, [], "not-invariant", "incomplete"),
        ({"class": "generic"}, ["zero"], "invariant", "malformed"),
        ({"class": "flat"}, ["flat"], "not-invariant", "incomplete"),
        ({"named": "tanh"}, ["odd"], "invariant", "incomplete"),
        ({"named": "tanh"}, "itself", "not-invariant", "incomplete"),
        ({"named": "tanh"}, ["odd"], "not-invariant", "malformed"),
        ({"named": "logcosh"}, ["even", "zero"], "invariant", "incomplete"),
        ({"named": "logcosh"}, ["zero", "even"], "invariant", "malformed"),
        ({"named": "logcosh"}, ["flat", "zero"], "invariant", "incomplete"),
        ({"named": "logcosh"}, ["even", "flat"], "invariant", "malformed"),
        ({"named": "exp"}, ["zero"], "invariant", "malformed"),
        ({"named": "reciprocal"}, ["odd"], "invariant", "incomplete"),
        ({"named": "reciprocal"}, ["zero"], "invariant", "malformed"),
        ({"piecewise": ["0", "1"]}, ["zero"], "invariant", "incomplete"),
        ({"piecewise": ["0", "1"]}, ["even"], "invariant", "malformed"),
        ({"piecewise": ["-1", "1"]}, ["even", "zero"], "invariant", "incomplete"),
        ({"piecewise": ["-1", "1"]}, ["flat"], "invariant", "malformed"),
        ({"piecewise": ["2", "2"]}, ["odd"], "invariant", "incomplete"),
        ({"polynomial": ["0", "0", "1"]}, ["even", "zero"], "invariant", "incomplete"),
        ({"polynomial": ["0", "0", "0", "1"]}, ["flat", "odd"], "invariant", "incomplete"),
        ({"polynomial": ["0"]}, ["even", "odd"], "invariant", "incomplete"),
        ({"polynomial": ["0", "1"]}, ["flat", "odd"], "invariant", "malformed"),
    ],
)
def test_facts(definition: Any, facts: Any, kind: str, expected: str) -> None:
    body = {"activations": {"s": facts}, "kind": kind, "subspace": GOOD}
    assert status(mlp([2, 3, 1], definition), body, NONE) == expected


def test_activations_of_the_claim_are_those_of_the_model() -> None:
    for activations in ({}, {"s": ["odd"], "t": []}, {"t": ["odd"]}, []):
        assert status(MODEL, claim() | {"activations": activations}, NONE) == "malformed"


def test_unknown_kinds_and_methods_are_unsupported() -> None:
    assert status(MODEL, claim() | {"kind": "no-such-kind"}, NONE) == "unsupported"
    assert status(MODEL, claim() | {"kind": 3}, NONE) == "malformed"
    assert status(MODEL, claim() | {"more": 3}, NONE) == "malformed"
    for kind, method in [("invariant", "rational"), ("not-invariant", "symmetry"), ("invariant", "faith"), ("invariant", "equivariance")]:
        assert status(MODEL, claim(kind=kind), {"method": method}) == "unsupported"
    assert status(MODEL, claim(), {"method": ["symmetry"]}) == "malformed"
    assert status(MODEL, claim(), {}) == "malformed"
    assert status(MODEL, claim(), {"method": "none", "why": "no"}) == "malformed"


SYMMETRY = {"activations": {"s": ["odd"]}, "generators": [{"actions": [swap(3)], "nodes": [[1, [0, -1]], [4, [-1, 0]]]}], "kind": "symmetry"}


def test_a_good_generator_is_read() -> None:
    assert status(MODEL, SYMMETRY, NONE) == "incomplete"


@pytest.mark.parametrize(
    "action",
    [
        {"permutation": [0, 0, 2], "signs": [1, 1, 1]},
        {"permutation": [0, 1, 3], "signs": [1, 1, 1]},
        {"permutation": [0, 1, -1], "signs": [1, 1, 1]},
        {"permutation": [False, True, 2], "signs": [1, 1, 1]},
        {"permutation": [1, 0], "signs": [1, 1]},
        {"permutation": [1, 0, 2], "signs": [1, 1]},
        {"permutation": [1, 0, 2], "signs": [1, 1, 0]},
        {"permutation": [1, 0, 2], "signs": [1, 1, 2]},
        {"permutation": [1, 0, 2], "signs": [1, 1, True]},
        {"permutation": [1, 0, 2], "signs": ["1", "1", "1"]},
        {"permutation": [1, 0, 2]},
        {"permutation": [], "signs": []},
        {"matrix": []},
        {"matrix": [["1"]]},
        {"matrix": [["1", "0", "0"], ["0", "1", "0"], ["0", "0", "2"]]},
        {"matrix": [["1", "0", "0"], ["0", "1", "0"], ["0", "1", "0"]]},
        {"matrix": [["3/5", "4/5", "0"], ["4/5", "3/5", "0"], ["0", "0", "1"]]},
        {"matrix": [["1", "0", "0"], ["0", "1", "0"]]},
        {"matrix": [["1", "0"], ["0", "1"], ["0", "0"]]},
        {"matrix": [["1", "0", "0"], ["0", "1", "0"], ["0", "0", 1]]},
        {"matrix": "1"},
        {"matrix": [["1"]], "signs": [1]},
        7,
    ],
)
def test_malformed_actions(action: Any) -> None:
    body = copy.deepcopy(SYMMETRY)
    body["generators"][0]["actions"][0] = action
    assert status(MODEL, body, NONE) == "malformed"


@pytest.mark.parametrize(
    "nodes",
    [
        [[1, [0]]],
        [[1, [0, 0]]],
        [[1, [1, -1]]],
        [[1, [-2, -1]]],
        [[1, [False, -1]]],
        [[2, [0]]],
        [[0, [-1]]],
        [[4, [-1, 0]], [1, [0, -1]]],
        [[1, [0, -1]], [1, [0, -1]]],
        [[9, [0]]],
        [[True, [0, -1]]],
        [[1, [0, -1], 0]],
        [1],
        {"1": [0, -1]},
    ],
)
def test_malformed_generators(nodes: Any) -> None:
    body = copy.deepcopy(SYMMETRY)
    body["generators"][0]["nodes"] = nodes
    assert status(MODEL, body, NONE) == "malformed"


def test_the_statement_prints_equations_and_what_keeps_them() -> None:
    affine = {"dimension": 7, "rows": [row([[0, "1"], [2, "-2/7"], [8, "1"]], "1/3"), row([[1, "1"]])]}
    text = check(MODEL, claim(affine), NONE).statement
    assert "W1[0,0] = 1/3 + 2/7·W1[1,0] − W2[0,2]" in text
    assert "W1[0,1] = 0" in text
    assert "weight decay" not in text and "Adam" not in text
    assert "weight decay" in check(MODEL, claim(), NONE).statement and "Adam" in check(MODEL, claim(), NONE).statement
    many = echelon(9, [({k: 1, 8: -k}, 0) for k in range(8)])
    assert "Adam" not in check(MODEL, claim(many), NONE).statement
    wide = mlp([20, 3, 1], {"class": "odd"})
    assert "… and 9 more" in check(wide, claim(tied(wide)), NONE).statement
    assert "whole parameter space" in check(MODEL, claim(space(MODEL)), NONE).statement
