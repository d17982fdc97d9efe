"""Upper bounds for orbit dimensions: laws on the whole space and on subspaces, modules, and the proofs inside them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.checker.models import Program, mlp, space, tied
from tests.checker.proofs import FULL, NONE, P, changed, expect, field, orbit_certificate, produced, verdict

CASES: list[tuple[str, Any, int]] = [
    ("mlp:2-3-1:tanh", {"W1": ["1", "2", "3", "-5", "7", "4"], "W2": ["2", "3", "5"]}, 9),
    ("mlp:2-3-1:generic", {"W1": ["1", "2", "1", "2", "7", "4"], "W2": ["2", "2", "5"]}, 6),
    ("mlp:2-3-1:generic", {"W1": ["1", "2", "1", "2", "7", "4"], "W2": ["2", "3", "5"]}, 9),
    ("mlp:2-3-1:tanh", {"W1": ["1", "2", "-1", "-2", "7", "4"], "W2": ["2", "-2", "5"]}, 6),
    ("mlp:2-3-1:sigmoid", {"W1": ["1", "2", "-1", "-2", "7", "4"], "W2": ["2", "-2", "5"]}, 9),
    ("mlp:2-3-1:silu", {"W1": ["0", "0", "3", "-5", "7", "4"], "W2": ["0", "3", "5"]}, 6),
    ("mlp:2-3-1:sigmoid", {"W1": ["0", "0", "3", "-5", "7", "4"], "W2": ["0", "3", "5"]}, 9),
    ("mlp:2-2-1:cos", {"W1": ["1", "2", "0", "0"], "W2": ["2", "3"]}, 4),
    ("mlp:2-3-1:tanh", {"W1": ["0"] * 6, "W2": ["0"] * 3}, 0),
    ("mlp:2-3-3-1:generic", {"W1": ["1", "2"] * 3, "W2": ["1", "5", "6", "6", "4", "2", "5", "3", "4"], "W3": ["3"] * 3}, 4),
    ("mlp:2-3-1:relu", {"W1": ["1", "2", "3", "-5", "7", "4"], "W2": ["2", "3", "5"]}, 6),
    ("linear:2-3-2", "generic", 6),
    ("attention:2-1", "generic", 6),
    ("mlp:1-2-1:square", "generic", 1),
]


@pytest.mark.parametrize(("spec", "point", "dimension"), CASES)
def test_exact_dimensions(spec: str, point: Any, dimension: int) -> None:
    """The cases of the project's table of orbits; no neighbouring bound is accepted with the same proof."""
    good = produced("orbit", spec, point)
    assert (good["claim"]["lower"], good["claim"]["upper"]) == (dimension, dimension)
    expect(good, [])
    for key in ("lower", "upper"):
        for value in (dimension - 1, dimension + 1):
            assert verdict(changed(good, f"claim/{key}", value)).status in ("invalid", "malformed")


def test_laws_on_the_whole_space() -> None:
    good = produced("orbit", "mlp:2-3-1:relu")
    upper = good["proof"]["upper"]
    others = [c for c in range(9) if c not in upper["columns"]]
    expect(
        good,
        [
            ("proof/upper/columns", upper["columns"][:2], "malformed"),
            ("proof/upper/columns", sorted([*upper["columns"], others[0]]), "malformed"),
            ("proof/upper/columns", upper["columns"][::-1], "malformed"),
            ("proof/upper/rows", [0, 1, 1], "malformed"),
            ("proof/upper/rows", [0, 1, 3], "malformed"),
            ("proof/upper/determinant", "1", "invalid"),
            ("proof/upper/determinant", "0", "invalid"),
            ("proof/upper/numbers", {"modulus": "2"}, "invalid"),
            ("proof/upper/laws/0/0/0", "3", "invalid"),
            ("proof/upper/laws", upper["laws"][:2], "malformed"),
            ("proof/upper/law_proof/generators", upper["law_proof"]["generators"][::-1], "invalid"),
            ("proof/upper/law_proof/generators", upper["law_proof"]["generators"][:2], "malformed"),
            ("proof/upper/law_proof", {"method": "identity"}, "verified"),
            ("proof/upper/law_proof", {"method": "trust"}, "unsupported"),
            ("proof/upper", FULL, "invalid"),
        ],
    )


def test_a_minor_without_rows_bounds_nothing() -> None:
    """Columns without laws: the empty determinant is 1, and would subtract as many dimensions as one likes."""
    good = produced("orbit", "mlp:2-3-1:relu")
    for rows, columns in [([], [0, 1, 2, 3]), ([0], [0, 1]), ([], [0])]:
        forged = changed(changed(good, "proof/lower", NONE), "claim/lower", 0)
        for key, value in [("rows", rows), ("columns", columns), ("determinant", "1")]:
            forged = changed(forged, f"proof/upper/{key}", value)
        for bound in range(10):
            assert verdict(changed(forged, "claim/upper", bound)).status != "verified"


def on_a_subspace() -> dict[str, Any]:
    """The first two units tied, σ odd: dim L = 4 of 6 parameters, no laws."""
    model = mlp([2, 2, 1], {"class": "odd"})
    theta = {"W1": ["1", "2", "1", "2"], "W2": ["3", "3"]}
    inner = {"activations": {"s": []}, "proof": {"method": "congruence"}, "subspace": tied(model)}
    upper = {"columns": [], "determinant": "1", "law_proof": {"method": "identity"}, "laws": [], "method": "laws", "numbers": {"modulus": str(P)}, "rows": []}
    return orbit_certificate(model, {"s": ["odd"]}, theta, (0, 3), NONE, upper | {"subspace": inner}, {"s": ["0", "1", "0", "1"]})


def test_invariant_subspaces() -> None:
    good = on_a_subspace()
    model = good["model"]
    half = space(model, {("W1", 0, 0): 1, ("W1", 1, 0): -1}, {("W1", 0, 1): 1, ("W1", 1, 1): -1})
    opposite = tied(model, sign=-1)
    expect(
        good,
        [
            ("claim/upper", 2, "invalid"),
            ("claim/upper", 4, "invalid"),
            ("claim/point/W2", ["3", "4"], "invalid"),
            ("proof/upper/subspace/proof", {"method": "identity"}, "verified"),
            ("proof/upper/subspace/proof", {"method": "none"}, "unsupported"),
            ("proof/upper/subspace/proof", {"generators": [], "method": "symmetry"}, "invalid"),
            ("proof/upper/subspace/proof", {"method": "bounds"}, "unsupported"),
            ("proof/upper/subspace/proof", [], "malformed"),
            ("proof/upper/subspace/activations", {"s": ["odd"]}, "verified"),
            ("proof/upper/subspace/activations", {"s": ["even"]}, "malformed"),
            ("proof/upper/subspace/activations", {"s": "itself"}, "malformed"),
            ("proof/upper/subspace/activations", {}, "malformed"),
            ("proof/upper/subspace/subspace", half, "invalid"),
            ("proof/upper/subspace/subspace", opposite, "invalid"),
            ("proof/upper/subspace", {"subspace": tied(model)}, "malformed"),
            ("proof/upper/subspace", {}, "invalid"),
            ("proof/upper/subspace", [], "malformed"),
            ("proof/upper/columns", [0], "malformed"),
        ],
    )
    negative = changed(changed(good, "proof/upper/subspace/subspace", opposite), "claim/point", {"W1": ["1", "2", "-1", "-2"], "W2": ["3", "-3"]})
    assert verdict(negative).status == "invalid"
    assert verdict(changed(negative, "proof/upper/subspace/activations", {"s": ["odd"]})).status == "verified"
    generic = changed(negative, "proof/upper/subspace/activations", {"s": ["odd"]})
    generic = changed(changed(generic, "model/activations", {"s": {"class": "generic"}}), "claim/activations", {"s": []})
    assert verdict(generic).status == "malformed"


def frozen() -> dict[str, Any]:
    """F = (w_0 + w_1)·a·x on L = {w_0 = w_1}, with the free coordinate u = w_1: the law w_0² + w_1² − a² is 2u² − a² there, with slope 4u = 12."""
    p = Program()
    w, a = p.parameter("w", 2), p.parameter("a")
    model = p.done(p.contract(",->", p.contract("i->", w), p.contract(",->", a, p.input("x"))))
    tied_space = space(model, {("w", 0): 1, ("w", 1): -1})
    inner = {"activations": {}, "proof": {"method": "identity"}, "subspace": tied_space}
    laws = [[["1", [0, 0]], ["1", [1, 1]], ["-1", [2, 2]]]]
    upper = {
        "columns": [1],
        "law_proof": {"method": "identity"},
        "laws": laws,
        "method": "laws",
        "numbers": {"modulus": str(P)},
        "rows": [0],
        "subspace": inner,
    }
    return orbit_certificate(model, {}, {"a": ["5"], "w": ["3", "3"]}, (0, 1), NONE, upper | {"determinant": "12"})


def test_laws_in_free_coordinates() -> None:
    good = frozen()
    expect(
        good,
        [
            ("proof/upper/determinant", "6", "invalid"),
            ("proof/upper/columns", [0], "malformed"),
            ("claim/point", {"a": ["5"], "w": ["3", "-3"]}, "invalid"),
            ("claim/point", {"a": ["5"], "w": ["0", "0"]}, "invalid"),
            ("proof/upper/subspace", {}, "invalid"),
            ("claim/upper", 2, "invalid"),
        ],
    )
    by_a = changed(changed(good, "proof/upper/columns", [2]), "proof/upper/determinant", str(-10 % P))
    assert verdict(by_a).status == "verified"
    both = changed(changed(by_a, "proof/upper/columns", [1, 2]), "proof/upper/rows", [0])
    assert verdict(both).status == "malformed"


def test_laws_that_hold_on_the_subspace_only() -> None:
    """σ even and w = 0: the output weight's difference a_0 − a_1 is conserved on {w_0 = w_1 = 0}, nowhere else."""
    model = mlp([1, 2, 1], {"class": "even"})
    flat = space(model, {("W1", 0, 0): 1}, {("W1", 1, 0): 1})
    inner = {"activations": {"s": ["even"]}, "proof": {"method": "congruence"}, "subspace": flat}
    upper: dict[str, Any] = {"columns": [2], "determinant": "1", "law_proof": {"method": "identity"}, "laws": [[["1", [2]], ["-1", [3]]]], "method": "laws"}
    upper |= {"numbers": {"modulus": str(P)}, "rows": [0], "subspace": inner}
    good = orbit_certificate(model, {"s": ["even"]}, {"W1": ["0", "0"], "W2": ["3", "5"]}, (0, 1), NONE, upper, {"s": ["1", "0", "1"]})
    expect(good, [("proof/upper/subspace", {}, "invalid"), ("proof/upper/laws", [[["1", [2]], ["1", [3]]]], "invalid")])
    lower = {"columns": [2], "determinant": "1", "fields": [field(x=["1"])], "method": "words", "numbers": {"modulus": str(P)}, "words": [[0]]}
    exact = changed(changed(good, "proof/lower", lower), "claim/lower", 1)
    assert verdict(exact).status == "verified"


def module() -> dict[str, Any]:
    """F = Σ a_i (w_i x)², d = 1: every gradient is x² times one field."""
    model = mlp([1, 2, 1], {"polynomial": ["0", "0", "1"]})
    upper = {"field": field(x=["1"]), "method": "module", "numbers": {"modulus": str(P)}}
    return orbit_certificate(model, {"s": "itself"}, {"W1": ["1", "-2"], "W2": ["3", "0"]}, (0, 1), NONE, upper)


def test_modules() -> None:
    good = module()
    expect(
        good,
        [
            ("proof/upper/field/input/x", ["0"], "invalid"),
            ("proof/upper/field/input/x", ["-7/2"], "verified"),
            ("proof/upper/field/covector/0/2", "5", "verified"),
            ("proof/upper/field/covector/0/2", "0", "malformed"),
            ("proof/upper/numbers", {"modulus": "4"}, "verified"),
            ("proof/upper/numbers", {"precision": 30}, "verified"),
            ("proof/upper/numbers", {}, "malformed"),
            ("claim/point", {"W1": ["0", "0"], "W2": ["3", "1"]}, "invalid"),
            ("claim/upper", 0, "invalid"),
            ("claim/upper", 2, "invalid"),
            ("model/activations/s", {"polynomial": ["0", "0", "1", "1"]}, "invalid"),
            ("model/activations/s", {"polynomial": ["0", "0", "0", "1"]}, "verified"),
        ],
    )
    zero = changed(changed(good, "claim/point", {"W1": ["0", "0"], "W2": ["3", "1"]}), "proof/upper/numbers", {"precision": 30})
    assert verdict(zero).status == "invalid"
    even = changed(changed(good, "model/activations/s", {"class": "even"}), "claim/activations/s", ["even"])
    assert verdict(changed(even, "proof/members", {"s": ["0", "0", "1"]})).status == "invalid"  # true for the member, not for the class


def test_modules_need_one_output() -> None:
    model = mlp([1, 1, 2], {"polynomial": ["0", "0", "1"]})
    upper = {"field": field([0, 0, 1], x=["1"]), "method": "module", "numbers": {"modulus": str(P)}}
    result = verdict(orbit_certificate(model, {"s": "itself"}, {"W1": ["1"], "W2": ["3", "1"]}, (0, 1), NONE, upper))
    assert result.status == "invalid" and "one output" in result.message


def test_modules_of_classes() -> None:
    """F = σ(w)·x: one field for every σ, though X(θ0) = σ'(w) may be 0 for some."""
    p = Program(s={"class": "generic"})
    model = p.done(p.contract(",->", p.apply("s", p.parameter("w")), p.input("x")))
    upper = {"field": field(x=["2"]), "method": "module", "numbers": {"modulus": str(P)}}
    good = orbit_certificate(model, {"s": []}, {"w": ["1"]}, (0, 1), NONE, upper, {"s": ["1", "1"]})
    expect(good, [("proof/members", {"s": ["1"]}, "invalid"), ("proof/members", {}, "malformed")])
