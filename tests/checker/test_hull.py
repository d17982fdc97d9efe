"""Smallest invariant affine subspaces: chains, curves, orbit bounds, and attacks on each part."""

from __future__ import annotations

from typing import Any

import pytest

from tests.checker.models import certificate, echelon, mlp, space, tied
from tests.checker.proofs import NONE, P, changed, expect, field, produced, verdict, words_proof

MODEL = mlp([1, 2, 1], {"polynomial": ["0", "1", "1"]})
POINT = {"W1": ["1", "1"], "W2": ["2", "2"]}


def by_chain(model: Any = MODEL, point: Any = POINT, subspace: Any = None, steps: Any = None) -> dict[str, Any]:
    """Two tied units, dim L = 2."""
    claim = {"activations": {"s": "itself"}, "kind": "hull", "point": point, "subspace": subspace or tied(model)}
    steps = steps or [[field(x=["1"]), []], [field(x=["2"]), ["0"]]]
    proof = {"activations": {"s": "itself"}, "invariance": {"method": "identity"}, "members": {}, "method": "hull"}
    return certificate(model, claim, proof | {"minimal": {"method": "chain", "steps": steps}, "numbers": {"modulus": str(P)}})


def test_chains() -> None:
    expect(
        by_chain(),
        [
            ("claim/point/W2", ["2", "3"], "invalid"),
            ("claim/subspace", space(MODEL), "invalid"),
            ("claim/subspace", space(MODEL, {("W1", 0, 0): 1, ("W1", 1, 0): -1}), "invalid"),
            ("claim/subspace", echelon(4, [({0: 1}, 1), ({1: 1}, 1), ({2: 1, 3: -1}, 0)]), "invalid"),
            ("proof/minimal/steps", [[field(x=["1"]), []]], "invalid"),
            ("proof/minimal/steps/1/0/input/x", ["1"], "invalid"),
            ("proof/minimal/steps/1/1", ["5"], "verified"),
            ("proof/minimal/steps/1/1", [], "malformed"),
            ("proof/minimal/steps/1/1", ["0", "0"], "malformed"),
            ("proof/minimal/steps/0/1", ["1"], "malformed"),
            ("proof/minimal/steps/1", [field(x=["2"])], "malformed"),
            ("proof/minimal", {"method": "guess"}, "unsupported"),
            ("proof/minimal", [], "malformed"),
            ("proof/numbers", {"precision": 40}, "invalid"),
            ("proof/numbers", {"modulus": "2"}, "invalid"),
            ("proof/numbers", {}, "malformed"),
            ("proof/invariance", NONE, "unsupported"),
            ("proof/invariance", {"method": "congruence"}, "verified"),
            ("proof/activations", {"s": []}, "verified"),
            ("proof/activations", {"s": ["odd"]}, "malformed"),
            ("claim/activations", {"s": []}, "malformed"),
            ("proof/members", {"s": ["0"]}, "malformed"),
            ("proof", NONE, "incomplete"),
        ],
    )
    assert any("smaller" in item for item in verdict(by_chain()).not_claimed)


def test_the_second_step_may_need_the_first() -> None:
    """From a point where the two gradients at hand are parallel, moving along one makes them independent: σ = z², W1 = 1, W2 = 0."""
    model = mlp([1, 1, 1], {"polynomial": ["0", "0", "1"]})
    point = {"W1": ["1"], "W2": ["0"]}
    steps = [[field(x=["1"]), []], [field(x=["1"]), ["1"]]]
    good = by_chain(model, point, space(model), steps)
    expect(good, [("proof/minimal/steps/1/1", ["0"], "invalid"), ("proof/minimal/steps/1/1", ["1/7"], "verified")])


def test_piecewise_chains_are_exact() -> None:
    """relu at W1 = (1, 1): the unit is open for x = 1 and shut for x = −1; a step to a kink, or across it, is computed with its own gate."""
    model = mlp([1, 2, 1], {"piecewise": ["0", "1"]})
    good = by_chain(model, POINT, None, [[field(x=["1"]), []], [field(x=["1"]), ["1"]]])
    expect(
        good,
        [
            ("proof/minimal/steps/1/1", ["-1/2"], "invalid"),  # W1 + 2c = 0: the kink
            ("proof/minimal/steps/1/1", ["-3"], "invalid"),  # shut: the gradient is 0
            ("proof/minimal/steps/1/0/input/x", ["-1"], "invalid"),
            ("proof/minimal/steps/1/1", ["0"], "invalid"),
            ("proof/activations", {"s": []}, "verified"),
        ],
    )
    crossed = by_chain(model, POINT, None, [[field(x=["1"]), []], [field(x=["-1"]), ["-3"]]])
    assert verdict(crossed).status == "verified"


def test_members_of_classes() -> None:
    good = by_chain(mlp([1, 2, 1], {"class": "odd"}), POINT)
    for path, value in [("claim/activations/s", ["odd"]), ("proof/activations/s", []), ("proof/members", {"s": ["0", "1", "0", "1"]})]:
        good = changed(good, path, value)
    expect(
        good,
        [("proof/members", {"s": ["0", "1"]}, "invalid"), ("proof/members", {"s": ["0", "1", "1"]}, "invalid"), ("proof/activations/s", "itself", "malformed")],
    )
    assert "open dense" in verdict(good).statement
    """On the whole space: generic points of tied units do not leave it."""
    assert verdict(changed(good, "claim/subspace", space(MODEL))).status == "invalid"


def test_named_functions_only_at_the_point_itself() -> None:
    model = mlp([1, 2, 1], {"named": "tanh"})
    good = by_chain(model, POINT)
    numbers = {"bases": {"real": "3"}, "denominator": "1", "modulus": str(P)}
    assert verdict(good).status == "invalid"
    good = changed(good, "proof/numbers", numbers)
    expect(good, [("proof/minimal/steps/1/1", ["1"], "invalid")])


@pytest.mark.parametrize(
    ("spec", "point", "dimension", "method"),
    [
        ("mlp:2-3-1:tanh", {"W1": ["1", "2", "1", "2", "7", "4"], "W2": ["2", "2", "5"]}, 6, None),
        ("mlp:2-3-1:tanh", {"W1": ["0"] * 6, "W2": ["1", "2", "3"]}, 9, None),
        ("mlp:2-3-1:relu", "generic", 9, "chain"),
        ("mlp:2-3-1:generic", "generic", 9, None),
        ("linear:2-2-5-2-4", "generic", 28, None),
        ("mlp:2-3-1:tanh", {"W1": ["0"] * 6, "W2": ["0"] * 3}, 0, None),
    ],
)
def test_hulls_of_the_producer(spec: str, point: Any, dimension: int, method: str | None) -> None:
    good = produced("hull", spec, point)
    assert good["claim"]["subspace"]["dimension"] == dimension
    minimal = good["proof"]["minimal"]
    assert method in (None, minimal["method"])
    expect(good, [])
    if dimension:
        shorter = {"chain": "steps", "flows": "curves"}.get(minimal["method"])
        if shorter:
            assert verdict(changed(good, f"proof/minimal/{shorter}", [])).status == "invalid"
        other = {n: [str(int(v) + 1) for v in values] for n, values in good["claim"]["point"].items()}
        if good["claim"]["subspace"]["rows"]:
            assert verdict(changed(good, "claim/point", other)).status == "invalid"


def test_curves() -> None:
    """F = a w x from (w, a) = (2, 1): θ' = (a, w), coefficients (1, 2), (1, 1/2)."""
    model = mlp([1, 1, 1], {"polynomial": ["0", "1"]})
    half = str(pow(2, -1, P))
    curve = {"control": [[["1"], 0]], "curve": [["1", "2"], ["1", half]]}
    good = by_chain(model, {"W1": ["2"], "W2": ["1"]}, space(model))
    good = changed(good, "proof/minimal", {"curves": [curve], "fields": [field(x=["1"])], "method": "flows"})
    expect(
        good,
        [
            ("proof/minimal/curves/0/curve", [["1", "2"]], "invalid"),
            ("proof/minimal/curves/0/curve/1", ["1", "1"], "invalid"),
            ("proof/minimal/curves/0/control", [[["2"], 0]], "invalid"),
            ("proof/minimal/curves/0/control", [[["1"], 1]], "malformed"),
            ("proof/minimal/curves", [], "invalid"),
            ("proof/minimal/fields", [], "malformed"),
            ("proof/numbers", {"precision": 40}, "invalid"),
            ("proof/numbers", {"modulus": "2"}, "malformed"),
            ("claim/point/W1", ["3"], "invalid"),
        ],
    )


def test_orbit_bounds() -> None:
    """An invariant affine subspace contains Lie(V) at its points."""
    model = mlp([1, 1, 1], {"polynomial": ["0", "1", "1"]})
    theta = {"W1": ["1"], "W2": ["2"]}
    lower = words_proof(model, theta, [field(x=["1"]), field(x=["2"])], [[0], [1]], [0, 1], {})
    good = changed(changed(by_chain(model, theta, space(model)), "proof/minimal", {"lower": lower, "method": "orbit"}), "proof/numbers", {})
    expect(
        good, [("proof/minimal/lower", NONE, "invalid"), ("proof/minimal/lower/determinant", "1", "invalid"), ("proof/numbers", {"modulus": "7"}, "malformed")]
    )
