"""Disproofs: every method with a valid witness, and attacks on each of its parts."""

from __future__ import annotations

import copy
import re
from fractions import Fraction
from typing import Any

import mpmath
import pytest

from simcert.checker.functions import NAMED
from tests.checker.models import PRIME, Program, check, echelon, flat_to_point, mlp, space, status, tied

MODULUS = str(PRIME)


def negative(subspace: Any, facts: Any) -> dict[str, Any]:
    return {"activations": facts, "kind": "not-invariant", "subspace": subspace}


def half_tied(model: Any) -> Any:
    """w_0 = w_1 without the output weights: not invariant."""
    return space(model, *({("W1", 0, k): 1, ("W1", 1, k): -1} for k in range(2)))


THETA = {"W1": ["1", "2", "1", "2", "-1", "1"], "W2": ["3", "1", "2"]}
COMMON = {"equation": 0, "input": {"x": ["1", "-1"]}, "output": [0, 0]}


def test_rational() -> None:
    """σ = z + z²: C_0 = e(W1[0,0]) − e(W1[1,0]) gives (a_0 − a_1)σ'(w·x)x_0 = 2·(1 + 2·(−1)) = −2."""
    model = mlp([2, 3, 1], {"polynomial": ["0", "1", "1"]})
    claim = negative(half_tied(model), {"s": "itself"})
    proof = COMMON | {"members": {}, "method": "rational", "theta": THETA, "value": "-2"}
    assert check(model, claim, proof).status == "verified"
    for key, value, expected in [
        ("value", "2", "invalid"),
        ("value", "0", "invalid"),
        ("value", "-4/2", "malformed"),
        ("value", -2, "malformed"),
        ("equation", 1, "invalid"),
        ("equation", 2, "malformed"),
        ("equation", -1, "malformed"),
        ("equation", False, "malformed"),
        ("output", [0, 1], "malformed"),
        ("output", [1, 0], "malformed"),
        ("output", [0], "malformed"),
        ("output", [False, 0], "malformed"),
        ("input", {}, "malformed"),
        ("input", {"x": ["1"]}, "malformed"),
        ("input", {"x": ["1", "-1", "0"]}, "malformed"),
        ("input", {"x": [1, -1]}, "malformed"),
        ("input", {"x": ["1", "-1"], "y": []}, "malformed"),
        ("input", {"x": ["0", "-1"]}, "invalid"),
        ("members", {"s": ["1"]}, "malformed"),
        ("theta", THETA | {"W1": ["1", "2", "1", "3", "-1", "1"]}, "invalid"),
        ("theta", THETA | {"W1": ["1", "2", "1", "2", "-1"]}, "malformed"),
        ("theta", {"W1": THETA["W1"]}, "malformed"),
        ("theta", THETA | {"W3": []}, "malformed"),
        ("extra", "0", "malformed"),
    ]:
        assert status(model, claim, proof | {key: value}) == expected, (key, value)
    missing = dict(proof)
    del missing["equation"]
    assert status(model, claim, missing) == "malformed"
    tied_claim = negative(tied(model), {"s": "itself"})
    assert status(model, tied_claim, proof | {"theta": THETA | {"W2": ["3", "3", "2"]}}) == "invalid"
    assert status(model, tied_claim, proof | {"theta": THETA | {"W2": ["3", "3", "2"]}, "value": "0"}) == "invalid"


def test_a_subspace_without_equations_has_no_violation() -> None:
    model = mlp([2, 3, 1], {"polynomial": ["0", "1", "1"]})
    proof = COMMON | {"members": {}, "method": "rational", "theta": THETA, "value": "0"}
    assert status(model, negative(space(model), {"s": "itself"}), proof) == "malformed"


def test_members_of_classes() -> None:
    model = mlp([2, 3, 1], {"class": "odd"})
    claim = negative(half_tied(model), {"s": ["odd"]})
    proof = COMMON | {"method": "rational", "theta": THETA, "value": "8", "members": {"s": ["0", "1", "0", "1"]}}
    assert status(model, claim, proof) == "verified"
    for members, expected in [
        ({}, "malformed"),
        ({"s": ["0", "1", "0", "1", "0"]}, "malformed"),
        ({"s": []}, "malformed"),
        ({"s": "itself"}, "malformed"),
        ({"s": ["0", "1", "1"]}, "invalid"),
        ({"s": ["1", "1", "0", "1"]}, "invalid"),
        ({"s": ["0"]}, "invalid"),
    ]:
        assert status(model, claim, proof | {"members": members}) == expected, members
    for kind, facts, good, bad in [
        ("even", ["even"], ["1", "0", "1"], ["0", "1"]),
        ("generic0", ["zero"], ["0", "1", "1"], ["1", "1", "1"]),
        ("flat", ["flat"], ["1", "0", "1"], ["1", "1", "1"]),
        ("generic", [], ["1", "1", "1"], None),
    ]:
        model = mlp([2, 3, 1], {"class": kind})
        claim = negative(half_tied(model), {"s": facts})
        for coefficients, expected in [(good, "verified"), (bad, "invalid")]:
            if coefficients is not None:
                slope = sum(k * int(c) * (-1) ** (k - 1) for k, c in enumerate(coefficients) if k)
                result = check(model, claim, proof | {"members": {"s": coefficients}, "value": str(2 * slope)})
                assert result.status == expected
                assert "particular function" in " ".join(result.not_claimed)


def test_piecewise_points_on_a_kink_are_no_points() -> None:
    model = mlp([2, 3, 1], {"piecewise": ["0", "1"]})
    claim = negative(half_tied(model), {"s": "itself"})
    proof = COMMON | {"members": {}, "method": "rational", "theta": THETA, "value": "2"}
    live = proof | {"input": {"x": ["1", "1"]}}
    assert status(model, claim, live | {"theta": THETA | {"W1": ["1", "2", "1", "2", "-1", "2"]}}) == "verified"
    assert status(model, claim, live) == "invalid"  # the third unit is at 0
    assert status(model, claim, proof) == "invalid"
    ball = live | {"method": "ball", "precision": 53, "value": ["1", "4"]}
    assert status(model, claim, ball | {"theta": THETA | {"W1": ["1", "2", "1", "2", "-1", "2"]}}) == "verified"
    assert status(model, claim, ball) == "invalid"
    residue = live | {"method": "residue", "modulus": MODULUS, "theta": THETA | {"W1": ["1", "2", "1", "2", "-1", "2"]}}
    assert status(model, claim, residue) == "invalid"


def test_residue() -> None:
    model = mlp([2, 3, 1], {"polynomial": ["0", "1", "1"]})
    claim = negative(half_tied(model), {"s": "itself"})
    proof = COMMON | {"members": {}, "method": "residue", "modulus": MODULUS, "theta": THETA, "value": str(PRIME - 2)}
    assert status(model, claim, proof) == "verified"
    assert status(model, claim, proof | {"modulus": "9", "value": "7"}) == "verified"
    for key, value, expected in [
        ("value", "-2", "malformed"),
        ("value", MODULUS, "malformed"),
        ("value", "0", "invalid"),
        ("value", "5", "invalid"),
        ("modulus", "1", "malformed"),
        ("modulus", "0", "malformed"),
        ("modulus", "007", "malformed"),
        ("modulus", "-7", "malformed"),
        ("modulus", PRIME, "malformed"),
        ("theta", THETA | {"W1": ["1", "2", "1", "3", "-1", "1"]}, "invalid"),
    ]:
        assert status(model, claim, proof | {key: value}) == expected, (key, value)
    assert status(model, claim, proof | {"modulus": "2", "value": "0"}) == "invalid"
    thirds = proof | {"input": {"x": ["1/3", "-1/3"]}, "value": "1"}
    assert check(model, claim, thirds | {"modulus": "9"}).message.count("unit") == 1
    """A point of L modulo the modulus only: theta must lie in L exactly."""
    near = THETA | {"W1": ["1", "2", "10", "2", "-1", "1"]}
    assert status(model, claim, proof | {"modulus": "9", "theta": near, "value": "7"}) == "invalid"


def test_reciprocals_are_of_units() -> None:
    p = Program(r={"named": "reciprocal"})
    w, x = p.parameter("w", 2), p.input("x")
    model = p.done(p.contract("i->", p.apply("r", p.sum(w, p.contract("->i", x, i=2)))))
    claim = negative(echelon(2, [({0: 1}, 0)]), {"r": "itself"})
    proof = {"equation": 0, "input": {"x": ["3"]}, "members": {}, "method": "rational", "output": [0, 0], "theta": {"w": ["0", "1"]}, "value": "-1/9"}
    assert status(model, claim, proof) == "verified"
    assert status(model, claim, proof | {"input": {"x": ["0"]}}) == "invalid"
    residue = proof | {"method": "residue", "modulus": "35", "value": str(-pow(9, -1, 35) % 35)}
    assert status(model, claim, residue) == "verified"
    assert status(model, claim, residue | {"modulus": "33", "value": "1"}) == "invalid"  # 3 is not a unit
    assert status(model, claim, residue | {"modulus": "10", "value": "1"}) == "invalid"  # 1/(3 + 1) is needed too


def exponential(name: str) -> tuple[Any, Any, dict[str, Any]]:
    model = mlp([2, 3, 1], {"named": name})
    bases: dict[str, str] = {"real": "3"}
    if name in ("sin", "cos"):
        root = next(pow(a, (13 - 1) // 4, 13) for a in range(2, 13) if pow(a, 6, 13) == 12)
        bases |= {"imaginary": "2", "i": str(root)}
    proof = COMMON | {"bases": bases, "denominator": "2", "members": {}, "method": "exponential", "modulus": "13", "theta": THETA}
    return model, negative(half_tied(model), {"s": "itself"}), proof


def search(model: Any, claim: Any, proof: dict[str, Any], modulus: int) -> dict[str, Any] | None:
    """The value of a small modulus by trying all of them."""
    return next((proof | {"value": str(v)} for v in range(1, modulus) if status(model, claim, proof | {"value": str(v)}) == "verified"), None)


@pytest.mark.parametrize("name", ["exp", "expm1", "tanh", "sigmoid", "silu", "sinh", "cosh", "gaussian", "sin", "cos"])
def test_exponential(name: str) -> None:
    """The residue found is that of 2σ'(−1): the formula with e^(1/2) ↦ 3 (and e^(i/2) ↦ 2, i ↦ a root) modulo 13."""
    model, claim, proof = exponential(name)
    found = search(model, claim, proof, 13)
    assert found is not None
    inverse = pow(3, -1, 13)
    u, v = inverse**2, 9  # e^−1 and e
    c, d = pow(2, -2, 13), 4  # e^−i and e^i
    i = int(proof["bases"].get("i", "1"))
    s = v * pow(1 + v, -2, 13)  # sigmoid'(±1)
    slope = {
        "exp": u,
        "expm1": u,
        "tanh": 4 * pow(u + v, -2, 13),
        "sigmoid": s,
        "silu": u * pow(1 + u, -1, 13) - s,
        "sinh": (u + v) * pow(2, -1, 13),
        "cosh": (u - v) * pow(2, -1, 13),
        "gaussian": 2 * u,
        "cos": (d - c) * pow(2 * i, -1, 13),
        "sin": (c + d) * pow(2, -1, 13),
    }[name]
    assert int(found["value"]) == 2 * slope % 13


def test_attacks_on_exponential() -> None:
    model, claim, proof = exponential("cos")
    good = search(model, claim, proof, 13)
    assert good is not None
    for key, value, expected in [
        ("bases", good["bases"] | {"i": "2"}, "invalid"),
        ("bases", good["bases"] | {"i": "0"}, "invalid"),
        ("bases", good["bases"] | {"real": "0"}, "invalid"),
        ("bases", good["bases"] | {"imaginary": "0"}, "invalid"),
        ("bases", good["bases"] | {"imaginary": "13"}, "malformed"),
        ("bases", {"real": "3"}, "malformed"),
        ("bases", good["bases"] | {"pi": "1"}, "malformed"),
        ("denominator", "0", "malformed"),
        ("denominator", 2, "malformed"),
        ("input", {"x": ["1/3", "-1"]}, "invalid"),
        ("modulus", "14", "invalid"),
    ]:
        assert status(model, claim, good | {key: value}) == expected, (key, value)
    for bad in ({"bases": good["bases"] | {"i": "2"}}, {"bases": good["bases"] | {"i": "1"}}, {"input": {"x": ["1/4", "-1"]}}):
        assert search(model, claim, proof | bad, 13) is None
    model, claim, proof = exponential("tanh")
    good = search(model, claim, proof, 13)
    assert good is not None
    assert status(model, claim, good | {"bases": {"real": "3", "imaginary": "2", "i": "5"}}) == "malformed"
    assert status(model, claim, good | {"bases": {"real": "5"}}) == "invalid"  # e² + 1 ↦ 5^4·… is checked to be a unit or gives another value
    assert status(model, claim, good | {"modulus": "26"}) == "invalid"


def test_exponentials_of_exponentials_are_refused() -> None:
    model = mlp([1, 1, 1, 1], {"named": "tanh"})
    claim = negative(space(model, {("W3", 0, 0): 1}), {"s": "itself"})
    common = {"bases": {"real": "3"}, "denominator": "1", "equation": 0, "input": {"x": ["1"]}, "members": {}, "method": "exponential"}
    proof = common | {"modulus": "13", "output": [0, 0], "theta": {"W1": ["1"], "W2": ["1"], "W3": ["0"]}}
    results = [check(model, claim, proof | {"value": str(v)}) for v in range(13)]
    assert {r.status for r in results} == {"invalid"} and "not known to be rational" in results[1].message
    """With W2 = 0 the second argument is 0 exactly, and tanh 0 = 0 is the value."""
    zero = proof | {"theta": {"W1": ["1"], "W2": ["0"], "W3": ["0"]}}
    assert "stated value" in check(model, claim, zero | {"value": "1"}).message


@pytest.mark.parametrize("name", ["erf", "gelu", "softplus", "logcosh", "arctan", "rsqrt"])
def test_other_functions_have_no_exponential_form(name: str) -> None:
    model, claim, proof = exponential(name)
    assert {status(model, claim, proof | {"value": str(v)}) for v in range(13)} == {"invalid"}


def deep(name: str) -> tuple[Any, Any, dict[str, Any]]:
    """F = W3 σ(W2 σ(W1 x)) with one unit per layer; {W3 = 0} is not invariant: the slope is σ(W2 σ(W1 x)) along W1 = t, W2 = 2 (W2 = 2t)."""
    model = mlp([1, 1, 1, 1], {"named": name})
    common = {"constants": {}, "equation": 0, "input": {"x": ["1"]}, "members": {}, "method": "series", "modulus": "10007", "order": 1, "output": [0, 0]}
    start, step = {"W1": ["0"], "W2": ["2"], "W3": ["0"]}, {"W1": ["1"], "W2": ["0"], "W3": ["0"]}
    return model, negative(space(model, {("W3", 0, 0): 1}), {"s": "itself"}), common | {"curve": [start, step], "value": "2"}


def test_series() -> None:
    model, claim, proof = deep("tanh")
    assert status(model, claim, proof) == "verified"
    assert status(model, claim, proof | {"order": 3, "value": str((-2 * pow(3, -1, 10007) - 8 * pow(3, -1, 10007)) % 10007)}) == "verified"
    start, step = proof["curve"]
    for key, value, expected in [
        ("value", "3", "invalid"),
        ("value", "0", "invalid"),
        ("order", 0, "invalid"),
        ("order", -1, "malformed"),
        ("order", "1", "malformed"),
        ("order", True, "malformed"),
        ("order", 10**9, "limit"),
        ("curve", [], "malformed"),
        ("curve", {}, "malformed"),
        ("curve", [start], "invalid"),
        ("curve", [start | {"W3": ["1"]}, step], "invalid"),
        ("curve", [start, step | {"W3": ["1"]}], "invalid"),
        ("curve", [start, step, step | {"W3": ["1"]}], "invalid"),
        ("curve", [start, step, step], "verified"),
        ("curve", [start | {"W1": ["10007"]}, step], "invalid"),
        ("curve", [start | {"W1": ["1/7"]}, step], "invalid"),
        ("constants", {"pi": "1"}, "verified"),
        ("constants", {"pi": "1", "log2": "1"}, "malformed"),
        ("constants", {"e": "1"}, "malformed"),
        ("constants", [], "malformed"),
        ("theta", start, "malformed"),
        ("modulus", "10008", "verified"),
    ]:
        assert status(model, claim, proof | {key: value}) == expected, (key, value)


def test_series_need_units_where_taylor_coefficients_have_denominators() -> None:
    model, claim, proof = deep("tanh")
    results = [check(model, claim, proof | {"modulus": "15", "order": 3, "value": str(v)}) for v in range(15)]
    assert {r.status for r in results} == {"invalid"} and "unit" in results[1].message


def test_series_with_constants() -> None:
    k = 1234
    for name, order, value in [
        ("erf", 1, 2 * k * k),
        ("gelu", 1, 2 * pow(4, -1, 10007)),
        ("gelu", 2, 2 * k * pow(2, -1, 10007) + 4 * k * pow(4, -1, 10007)),
    ]:
        model, claim, proof = deep(name)
        good = proof | {"constants": {"pi": str(k)}, "order": order, "value": str(value % 10007)}
        assert status(model, claim, good) == "verified", name
        assert status(model, claim, good | {"constants": {}}) == "invalid"
        assert status(model, claim, good | {"constants": {"log2": "5"}}) == "invalid"
        assert "Lindemann" in " ".join(check(model, claim, good).trust)
    model, claim, proof = deep("softplus")
    start, step = proof["curve"]
    unbalanced = proof | {"constants": {"log2": "77"}}
    assert "not known to be 0" in check(model, claim, unbalanced).message
    balanced = unbalanced | {"curve": [start | {"W2": ["0"]}, step], "order": 0, "value": "77"}
    assert status(model, claim, balanced) == "verified"
    assert status(model, claim, balanced | {"constants": {}}) == "invalid"


def test_series_refuses_two_constants_and_other_functions() -> None:
    p = Program(f={"named": "gelu"}, g={"named": "erf"})
    w = p.parameter("w")
    model = p.done(p.contract(",->", p.apply("f", w), p.apply("g", w)))
    claim = negative(space(model, {("w",): 1}), {"f": "itself", "g": "itself"})
    proof = {"constants": {"pi": "3"}, "curve": [{"w": ["0"]}], "equation": 0, "input": {}, "members": {}, "method": "series", "modulus": "101"}
    assert "independent" in check(model, claim, proof | {"order": 1, "output": [0, 0], "value": "3"}).message
    for definition in ({"named": "rsqrt"}, {"piecewise": ["0", "1"]}):
        p = Program(f=definition)
        w = p.parameter("w")
        model = p.done(p.apply("f", w))
        claim = negative(space(model, {("w",): 1}), {"f": "itself"})
        assert status(model, claim, proof | {"constants": {}, "order": 0, "output": [0, 0], "value": "1"}) == "invalid"


@pytest.mark.parametrize("name", sorted(NAMED))
def test_ball(name: str) -> None:
    """w·x = 1/4·2 + 3/8·1 = 7/8 and C_0·∇F = (a_0 − a_1)σ'(7/8)x_0 = 4σ'(7/8), between bounds 3·2^−30 apart."""
    z = Fraction(7, 8)
    functions: dict[str, Any] = {
        "arctan": mpmath.atan,
        "gaussian": lambda t: mpmath.exp(-t * t),
        "silu": lambda t: t / (1 + mpmath.exp(-t)),
        "gelu": lambda t: t * (1 + mpmath.erf(t / mpmath.sqrt(2))) / 2,
        "logcosh": lambda t: mpmath.log(mpmath.cosh(t)),
        "sigmoid": lambda t: 1 / (1 + mpmath.exp(-t)),
        "softplus": lambda t: mpmath.log(1 + mpmath.exp(t)),
        "reciprocal": lambda t: 1 / t,
        "rsqrt": lambda t: 1 / mpmath.sqrt(t),
    }
    with mpmath.workprec(300):
        slope = mpmath.diff(functions.get(name) or getattr(mpmath, name), mpmath.mpf(z.numerator) / z.denominator)
        scaled = int(mpmath.floor(4 * slope * 2**30))
    model = mlp([2, 3, 1], {"named": name})
    claim = negative(half_tied(model), {"s": "itself"})
    w = [Fraction(1, 4), Fraction(-3, 8)]
    theta = flat_to_point(model, [*w, *w, Fraction(1, 2), Fraction(1, 8), 3, 1, -1])
    bounds = [str(Fraction(scaled - 1, 2**30)), str(Fraction(scaled + 2, 2**30))]
    proof = COMMON | {"input": {"x": ["2", "-1"]}, "members": {}, "method": "ball", "precision": 64, "theta": theta, "value": bounds}
    assert status(model, claim, proof) == "verified"
    for key, value, expected in [
        ("value", [bounds[1], bounds[0]], "invalid"),
        ("value", [str(Fraction(scaled + 2, 2**30)), str(Fraction(scaled + 5, 2**30))], "invalid"),
        ("value", [str(Fraction(scaled, 2**30) - 100), str(Fraction(scaled, 2**30) + 100)], "invalid"),
        ("value", ["1/3", bounds[1]], "malformed"),
        ("value", [bounds[0]], "malformed"),
        ("precision", 0, "malformed"),
        ("precision", "64", "malformed"),
        ("precision", 10**30, "limit"),
    ]:
        assert status(model, claim, proof | {key: value}) == expected, (key, value)


def test_ball_outside_the_domain() -> None:
    model = mlp([2, 3, 1], {"named": "rsqrt"})
    theta = flat_to_point(model, [1, 1, 1, 1, -1, 1, 3, 1, -1])
    proof = COMMON | {"input": {"x": ["2", "1"]}, "members": {}, "method": "ball", "precision": 64, "theta": theta, "value": ["1", "2"]}
    assert status(model, negative(half_tied(model), {"s": "itself"}), proof) == "invalid"


def test_true_claims_have_no_witness() -> None:
    """Tied units are invariant: no method finds any value, at points of the subspace, modulo a small number."""
    for name in ("tanh", "cos"):
        model, _, proof = exponential(name)
        claim = negative(tied(model), {"s": "itself"})
        theta = copy.deepcopy(THETA) | {"W2": ["3", "3", "2"]}
        assert search(model, claim, proof | {"theta": theta}, 13) is None


def test_statements_do_not_print_the_names_of_files_or_meta() -> None:
    model, claim, proof = deep("tanh")
    result = check(model, claim, proof)
    assert re.search(r"not invariant", result.statement)
    assert "small t" in " ".join(result.trust)
