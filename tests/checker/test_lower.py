"""Lower bounds for orbit dimensions: every method and number system with a valid proof, and attacks on each of its parts."""

from __future__ import annotations

import json
from math import factorial
from pathlib import Path
from typing import Any

import pytest

from simcert.checker import check_text, lower
from simcert.checker.residue import inverse
from tests.checker.models import Program, mlp
from tests.checker.proofs import FULL, NONE, P, changed, expect, field, orbit_certificate, produced, verdict, words_proof

POLYNOMIAL = {"polynomial": ["0", "1", "1"]}
THETA = {"W1": ["1", "2", "-3", "1"], "W2": ["2", "5"]}
FIELDS = [field(x=x) for x in (["1", "0"], ["0", "1"], ["1", "1"], ["2", "-1"], ["1/2", "3"])]


def words_certificate(definition: Any = POLYNOMIAL, facts: Any = "itself", members: Any = None, words: Any = None) -> dict[str, Any]:
    model = mlp([2, 2, 1], definition)
    words = words or [[0], [1], [2], [0, 1]]
    lower = words_proof(model, THETA, FIELDS, words, [0, 2, 4, 5], members or {})
    return orbit_certificate(model, {"s": facts}, THETA, (4, 6), lower, FULL, members)


def test_words() -> None:
    good = words_certificate()
    lower = good["proof"]["lower"]
    other = str((int(lower["determinant"]) + 1) % P)
    expect(
        good,
        [
            ("claim/lower", 5, "invalid"),
            ("claim/lower", 3, "invalid"),
            ("claim/lower", -1, "malformed"),
            ("claim/lower", "4", "malformed"),
            ("claim/upper", 5, "invalid"),
            ("claim/upper", 7, "malformed"),
            ("claim/upper", 3, "invalid"),
            ("claim/point", THETA | {"W2": ["2", "4"]}, "invalid"),
            ("claim/point", {"W1": THETA["W1"]}, "malformed"),
            ("claim/point", THETA | {"W2": ["2"]}, "malformed"),
            ("claim/activations", {"s": []}, "malformed"),
            ("claim/subspace", {}, "malformed"),
            ("proof/lower/determinant", other, "invalid"),
            ("proof/lower/determinant", "0", "invalid"),
            ("proof/lower/determinant", "regular", "malformed"),
            ("proof/lower/determinant", ..., "malformed"),
            ("proof/lower/words", lower["words"][:3], "malformed"),
            ("proof/lower/words/3", [1, 0], "invalid"),
            ("proof/lower/words/3", [0, 0], "invalid"),
            ("proof/lower/words/3", [0], "invalid"),
            ("proof/lower/words/3", [], "malformed"),
            ("proof/lower/words/3", [5], "malformed"),
            ("proof/lower/words/3", [-1], "malformed"),
            ("proof/lower/words/3", [True], "malformed"),
            ("proof/lower/words/3", [0, 1] * 4 + [0], "malformed"),
            ("proof/lower/columns", [0, 2, 5, 4], "malformed"),
            ("proof/lower/columns", [0, 2, 4, 4], "malformed"),
            ("proof/lower/columns", [0, 2, 4, 6], "malformed"),
            ("proof/lower/columns", [0, 2, 4], "malformed"),
            ("proof/lower/fields/0/covector", [], "malformed"),
            ("proof/lower/fields/0/covector", [[0, 0, "0"]], "malformed"),
            ("proof/lower/fields/0/covector", [[0, 0, "1"], [0, 0, "1"]], "malformed"),
            ("proof/lower/fields/0/covector", [[0, 1, "1"]], "malformed"),
            ("proof/lower/fields/0/covector", [[0, 0, "2"]], "invalid"),
            ("proof/lower/fields/0/input", {}, "malformed"),
            ("proof/lower/fields/0/input/x", ["1"], "malformed"),
            ("proof/lower/fields/0/input/x", ["1", "1"], "invalid"),
            ("proof/lower/fields/4/input/x", ["1", "1"], "verified"),
            ("proof/lower/numbers/modulus", "1", "malformed"),
            ("proof/lower/numbers/modulus", lower["determinant"], "invalid"),
            ("proof/lower/numbers", {}, "malformed"),
            ("proof/lower/numbers", {"modulus": str(P), "precision": 3}, "malformed"),
            ("proof/lower/method", "span", "unsupported"),
            ("proof/lower/method", None, "malformed"),
            ("proof/lower", NONE, "invalid"),
            ("proof/lower", [], "malformed"),
            ("proof/members", {"s": ["0"]}, "malformed"),
            ("proof/method", "none", "malformed"),
            ("proof", NONE, "incomplete"),
            ("proof/upper", {"laws": [], "method": "full"}, "malformed"),
            ("proof/upper", {"method": "guess"}, "unsupported"),
        ],
    )
    assert verdict(changed(changed(good, "claim/lower", 0), "proof/lower", NONE)).status == "verified"


def test_nothing_proves_nothing() -> None:
    good = words_certificate()
    empty = good["proof"]["lower"] | {"columns": [], "determinant": "1", "words": []}
    assert verdict(changed(good, "proof/lower", empty)).status == "invalid"
    assert verdict(changed(changed(good, "proof/lower", empty), "claim/lower", 0)).status == "verified"


@pytest.mark.parametrize("words", [[[0], [2], [4], [3, 1, 4]], [[0], [1], [0, 1], [1, 0, 2]], [[4], [3], [3, 4, 0, 1], [1, 2]]])
def test_words_of_several_lengths(words: Any) -> None:
    assert verdict(words_certificate(words=words)).status == "verified"


def test_composite_moduli() -> None:
    model = mlp([2, 2, 1], POLYNOMIAL)
    for p, status in [(101 * 103, "verified"), (2**40 + 15, "verified"), (2, "invalid")]:
        fields = [field(x=x) for x in (["1", "0"], ["0", "1"], ["1", "1"])]
        lower = words_proof(model, THETA, fields, [[0], [1], [2], [0, 1]], [0, 2, 4, 5], {}, p)
        assert verdict(orbit_certificate(model, {"s": "itself"}, THETA, (4, 6), lower, FULL)).status == status


def test_members_of_classes() -> None:
    good = words_certificate({"class": "odd"}, ["odd"], {"s": ["0", "1", "0", "1"]})
    expect(
        good,
        [
            ("proof/members", {"s": ["0", "1", "1"]}, "invalid"),
            ("proof/members", {"s": ["0", "1", "0", "2"]}, "invalid"),
            ("proof/members", {}, "malformed"),
            ("claim/activations", {"s": []}, "malformed"),
            ("claim/activations", {"s": "itself"}, "malformed"),
        ],
    )
    result = verdict(good)
    assert "open dense set of jets" in result.statement and "Hermann–Nagano" in " ".join(result.trust)


def test_gates_of_piecewise_functions() -> None:
    """The fourth input puts the first unit on its kink: it may be listed, not used."""
    model = mlp([2, 2, 1], {"piecewise": ["1", "-2"]})
    fields = [field(x=x) for x in (["1", "0"], ["0", "1"], ["-1", "2"], ["-2", "1"])]
    lower = words_proof(model, THETA, fields, [[0], [1], [2]], [0, 2, 4], {})
    good = orbit_certificate(model, {"s": "itself"}, THETA, (3, 6), lower, FULL)
    expect(
        good,
        [
            ("proof/lower/fields/0/input/x", ["-2", "1"], "invalid"),
            ("proof/lower/fields/3/input/x", ["-3", "1"], "verified"),
            ("proof/lower/words/2", [3], "invalid"),
            ("proof/lower/numbers", {"precision": 40}, "malformed"),
        ],
    )
    assert "kink" not in verdict(good).message and "is 0" in verdict(changed(good, "proof/lower/words/2", [3])).message
    assert any("neighbourhoods" in item for item in verdict(good).not_claimed)
    balls = changed(changed(good, "proof/lower/numbers", {"precision": 40}), "proof/lower/determinant", "regular")
    expect(balls, [("proof/lower/words/2", [3], "invalid"), ("proof/lower/words/2", [1], "invalid"), ("proof/lower/determinant", "1", "malformed")])


def test_reciprocals() -> None:
    model = mlp([2, 2, 1], {"named": "reciprocal"})
    lower = words_proof(model, THETA, FIELDS[:3], [[0], [1], [2], [0, 1]], [0, 2, 4, 5], {})
    good = orbit_certificate(model, {"s": "itself"}, THETA, (4, 6), lower, FULL)
    expect(good, [("proof/lower/fields/0/input/x", ["-2", "1"], "invalid"), ("proof/lower/numbers/modulus", "6", "invalid")])


def hyperbola(terms: int, p: int = P) -> dict[str, Any]:
    """F = a·w·x, X = (a, w): from (w, a) = (2, 1) along X the coefficients are (2, 1, 2, 1, …)/k!."""
    model = mlp([1, 1, 1], POLYNOMIAL)
    q = Program()
    x = q.input("x", 1)
    model = q.done(q.contract("ij,j->i", q.parameter("W2", 1, 1), q.contract("ij,j->i", q.parameter("W1", 1, 1), x)))
    curve = [[str((w if k % 2 == 0 else 3 - w) * pow(factorial(k), -1, p) % p) for w in (1, 2)] for k in range(1, terms)]
    lower = {"control": [[["1"], 0]], "curve": curve, "fields": [field(x=["1"])], "method": "transport", "numbers": {"modulus": str(p)}, "words": [[0]]}
    return orbit_certificate(model, {}, {"W1": ["2"], "W2": ["1"]}, (1, 2), lower, FULL)


def test_curves_are_solutions() -> None:
    good = hyperbola(6)
    expect(
        good,
        [
            ("proof/lower/curve/3/0", "0", "invalid"),
            ("proof/lower/curve/4/1", "7", "invalid"),
            ("proof/lower/curve/0", ["1"], "malformed"),
            ("proof/lower/curve/0/0", str(P), "malformed"),
            ("proof/lower/curve", [], "verified"),
            ("proof/lower/control", [], "invalid"),
            ("proof/lower/control", [[["2"], 0]], "invalid"),
            ("proof/lower/control", [[["1"], 1]], "malformed"),
            ("proof/lower/control", [[["1", "1"], 0]], "invalid"),
            ("proof/lower/control", [[["1/2"], 0], [["1/2"], 0]], "verified"),
            ("proof/lower/control", [[["1"], 0], [[], 0]], "verified"),
            ("claim/point/W1", ["3"], "invalid"),
            ("proof/lower/fields/0/covector", [[0, 0, "2"]], "invalid"),
            ("proof/lower/numbers", {"precision": 40}, "invalid"),
            ("claim/lower", 2, "invalid"),
            ("proof/lower/words", [[0], [0]], "verified"),
            ("proof/lower/words", [], "invalid"),
        ],
    )
    assert verdict(hyperbola(5, 7)).status == "verified"


def test_the_recurrence_divides_by_units_only() -> None:
    """Modulo 5 and 15, θ_5 is not determined by the equation: no curve of six terms or more is accepted."""
    for p in (5, 15):
        good = hyperbola(5 if p == 5 else 3, p)
        assert verdict(good).status == "verified"
        assert verdict(changed(good, "proof/lower/curve", [*good["proof"]["lower"]["curve"], ["0", "0"], ["0", "0"]])).status == "invalid"
    steps = hyperbola(5, 5)["proof"]["lower"]["curve"]
    found = {verdict(changed(hyperbola(5, 5), "proof/lower/curve", [*steps, [str(a), str(b)]])).status for a in range(5) for b in range(5)}
    assert found == {"invalid"}


OPPOSITE = {"W1": ["1", "2", "1", "2", "7", "4"], "W2": ["2", "-2", "5"]}
ZERO = {"W1": ["0"] * 6, "W2": ["1", "2", "3"]}
TIED = {"W1": ["1", "2"] * 3, "W2": ["2", "2", "2"]}


@pytest.mark.parametrize(
    ("spec", "point"),
    [("mlp:2-3-1:generic", OPPOSITE), ("mlp:2-3-1:tanh", ZERO), ("mlp:2-2-2-1:tanh", {"W1": ["0"] * 4, "W2": ["1", "2", "3", "5"], "W3": ["1", "2"]})],
)
def test_transport_proves_what_brackets_do_not_reach(spec: str, point: Any) -> None:
    good = produced("orbit", spec, point)
    lower = good["proof"]["lower"]
    assert lower["method"] == "transport"
    row = lower["curve"][-1]
    expect(
        good,
        [
            ("proof/lower/curve/" + str(len(lower["curve"]) - 1), [*row[:-1], str((int(row[-1]) + 1) % int(lower["numbers"]["modulus"]))], "invalid"),
            ("proof/lower/curve", [], "invalid"),
            ("proof/lower/words", lower["words"][:-1], "invalid"),
            ("claim/lower", good["claim"]["lower"] - 1, "invalid"),
            ("claim/upper", good["claim"]["upper"] + 1, "malformed"),
        ],
    )


def pulled_hyperbola() -> dict[str, Any]:
    """For X = (a, w) at (w, a) = (2, 1): U = [[cosh t, −sinh t], [−sinh t, cosh t]], and U·X(θ(t)) = X(θ0) = (1, 2); the parameters are (w, a)."""
    good = hyperbola(4)
    lower = good["proof"]["lower"]
    third, half = pow(6, -1, P), pow(2, -1, P)
    adjoint = [[["0", str(P - 1)], [str(half), "0"], ["0", str(P - third)]]]
    more = {"adjoint": adjoint, "columns": [0], "determinant": "", "method": "pullback", "vectors": [[0, 0]]}
    good["proof"]["lower"] = {key: value for key, value in lower.items() if key != "words"} | more
    good["proof"]["lower"]["determinant"] = next(d for d in ("1", "2") if verdict(changed(good, "proof/lower/determinant", d)).status == "verified")
    return good


def test_pulled_back_fields() -> None:
    good = pulled_hyperbola()
    lower = good["proof"]["lower"]
    assert lower["determinant"] == ("1" if next(iter(good["model"]["parameters"]))["name"] == "W1" else "2")
    adjoint = lower["adjoint"][0]
    expect(
        good,
        [
            ("proof/lower/vectors", [[0, 1]], "invalid"),
            ("proof/lower/vectors", [[0, 4]], "malformed"),
            ("proof/lower/vectors", [[1, 0]], "malformed"),
            ("proof/lower/vectors", [[0]], "malformed"),
            ("proof/lower/vectors", [[0, -1]], "malformed"),
            ("proof/lower/vectors", [], "malformed"),
            ("proof/lower/vectors", [[0, 0], [0, 0]], "malformed"),
            ("proof/lower/columns", [1], "invalid"),
            ("proof/lower/columns", [2], "malformed"),
            ("proof/lower/columns", [], "malformed"),
            ("proof/lower/determinant", "3", "invalid"),
            ("proof/lower/determinant", "0", "invalid"),
            ("proof/lower/determinant", "regular", "malformed"),
            ("proof/lower/adjoint", [], "malformed"),
            ("proof/lower/adjoint/0", adjoint[:2], "malformed"),
            ("proof/lower/adjoint/0", [*adjoint, ["0", "0"]], "malformed"),
            ("proof/lower/adjoint/0/0", ["0"], "malformed"),
            ("proof/lower/adjoint/0/0", ["0", "1"], "invalid"),
            ("proof/lower/adjoint/0/2/1", "0", "invalid"),
            ("proof/lower/adjoint/0/2/1", str(P), "malformed"),
            ("proof/lower/curve/2/1", "0", "invalid"),
            ("proof/lower/control", [], "invalid"),
            ("proof/lower/control", [[["1", "1"], 0]], "invalid"),
            ("proof/lower/numbers", {"precision": 40}, "invalid"),
            ("proof/lower/numbers/modulus", "6", "malformed"),
            ("proof/lower/words", [[0]], "malformed"),
            ("claim/lower", 2, "invalid"),
            ("claim/lower", 0, "invalid"),
        ],
    )
    none = changed(changed(good, "proof/lower/curve", []), "proof/lower/adjoint", [[]])
    assert verdict(none).status == "verified"


@pytest.mark.parametrize(("spec", "point"), [("mlp:2-3-1:generic", OPPOSITE), ("mlp:2-3-1:tanh", OPPOSITE), ("mlp:2-3-1:gelu", ZERO)])
def test_pulled_back_fields_of_the_producer(spec: str, point: Any) -> None:
    good = produced("orbit", spec, point, ("pullback",))
    lower = good["proof"]["lower"]
    assert lower["method"] == "pullback"
    first, m = int(lower["adjoint"][0][0][1]), int(lower["numbers"]["modulus"])
    expect(
        good,
        [
            ("proof/lower/adjoint/0/0/1", str((first + 1) % m), "invalid"),
            ("proof/lower/vectors/1", lower["vectors"][0], "invalid"),
            ("proof/lower/vectors/0/1", len(lower["curve"]) + 1, "malformed"),
            ("claim/lower", good["claim"]["lower"] - 1, "invalid"),
        ],
    )


def test_exponentials() -> None:
    good = produced("orbit", "mlp:2-3-1:tanh")
    numbers = good["proof"]["lower"]["numbers"]
    assert set(numbers) == {"bases", "denominator", "modulus"}
    expect(
        good,
        [
            ("proof/lower/numbers", {"modulus": numbers["modulus"]}, "invalid"),
            ("proof/lower/numbers", numbers | {"constants": {}}, "malformed"),
            ("proof/lower/numbers", {"constants": {}, "modulus": numbers["modulus"]}, "invalid"),
            ("proof/lower/numbers/bases", {"real": "0"}, "invalid"),
            ("proof/lower/numbers/bases", {}, "malformed"),
            ("proof/lower/numbers/bases", numbers["bases"] | {"i": "1"}, "malformed"),
            ("proof/lower/numbers/bases", {"real": str(int(numbers["bases"]["real"]) + 1)}, "invalid"),
            ("proof/lower/numbers/denominator", "0", "malformed"),
            ("proof/lower/fields/0/input/x", ["1/7", "1"], "invalid"),
        ],
    )
    assert "Lindemann" in " ".join(verdict(good).trust)
    circular = produced("orbit", "mlp:2-2-1:sin")
    expect(circular, [("proof/lower/numbers/bases/i", "2", "invalid"), ("proof/lower/numbers/bases/imaginary", ..., "malformed")])


def test_exponentials_of_exponentials_are_refused() -> None:
    """The arguments of the second layer are not rational; with the first layer 0 they are."""
    good = produced("orbit", "mlp:1-1-1-1:tanh", {"W1": ["0"], "W2": ["2"], "W3": ["3"]})
    assert verdict(good).status == "verified"
    numbers = {"bases": {"real": "3"}, "denominator": "1", "modulus": good["proof"]["lower"]["numbers"]["modulus"]}
    based = changed(good, "proof/lower/numbers", numbers)
    assert verdict(based).status == "verified"
    assert "not known to be rational" in verdict(changed(based, "claim/point/W1", ["1"])).message


@pytest.mark.parametrize(
    ("spec", "constant"), [("mlp:1-1-1-1:gelu", "pi"), ("mlp:1-1-1-1:erf", "pi"), ("mlp:1-2-1:softplus", "log2"), ("mlp:1-2-1:arctan", None)]
)
def test_constants(spec: str, constant: str | None) -> None:
    zero = {"W1": ["0"] * (2 if "-2-" in spec else 1), "W2": ["1", "3"] if "-2-" in spec else ["2"]} | ({"W3": ["3"]} if "1-1-1-1" in spec else {})
    good = produced("orbit", spec, zero)
    numbers = good["proof"]["lower"]["numbers"]
    assert set(numbers) == {"constants", "modulus"} and set(numbers["constants"]) == ({constant} if constant else set())
    attacks: list[tuple[str, Any, str]] = [
        ("proof/lower/numbers/constants", {"pi": "1", "log2": "2"}, "malformed"),
        ("proof/lower/numbers/constants", {"e": "1"}, "malformed"),
        ("proof/lower/numbers", {"modulus": numbers["modulus"]}, "invalid"),
        ("claim/point/W1", ["1"] * len(zero["W1"]), "invalid"),
    ]
    if constant:
        attacks.append(("proof/lower/numbers/constants", {}, "invalid"))
        assert "transcendental" in " ".join(verdict(good).trust)
    expect(good, attacks)


def test_two_constants_are_refused() -> None:
    p = Program(f={"named": "gelu"}, g={"named": "erf"})
    w = p.parameter("w", 1)
    model = p.done(p.contract("i,i->", p.apply("f", w), p.apply("g", w)))
    lower = {
        "columns": [0],
        "determinant": "1",
        "fields": [field()],
        "method": "words",
        "numbers": {"constants": {"pi": "3"}, "modulus": "101"},
        "words": [[0]],
    }
    result = verdict(orbit_certificate(model, {"f": "itself", "g": "itself"}, {"w": ["0"]}, (1, 1), lower, FULL))
    assert result.status == "invalid" and "independent" in result.message


def test_intervals() -> None:
    good = produced("orbit", "mlp:2-3-1:gelu", TIED)
    lower = good["proof"]["lower"]
    assert set(lower["numbers"]) == {"precision"}
    expect(
        good,
        [
            ("proof/lower/numbers/precision", 0, "malformed"),
            ("proof/lower/numbers/precision", 10**9, "limit"),
            ("proof/lower/determinant", "1", "malformed"),
            ("proof/lower/words/1", lower["words"][0], "invalid"),
            ("claim/lower", good["claim"]["lower"] + 1, "invalid"),
        ],
    )
    assert "outward rounding" in " ".join(verdict(good).trust)


def test_piecewise_with_transcendental_functions_need_intervals() -> None:
    p = Program(f={"piecewise": ["0", "1"]}, g={"named": "exp"})
    v, w = p.parameter("v", 1), p.parameter("w", 1)
    model = p.done(p.contract("i,i->", p.apply("f", v), p.apply("g", w)))
    lower: dict[str, Any] = {"columns": [0], "determinant": "regular", "fields": [field()], "method": "words", "numbers": {"precision": 40}, "words": [[0]]}
    facts = {"f": "itself", "g": "itself"}
    assert verdict(orbit_certificate(model, facts, {"v": ["1"], "w": ["1"]}, (1, 2), lower, FULL)).status == "verified"
    assert verdict(orbit_certificate(model, facts, {"v": ["0"], "w": ["1"]}, (1, 2), lower, FULL)).status == "invalid"
    numbers = {"bases": {"real": "3"}, "denominator": "1", "modulus": "101"}
    result = verdict(orbit_certificate(model, facts, {"v": ["1"], "w": ["1"]}, (1, 2), lower | {"determinant": "3", "numbers": numbers}, FULL))
    assert result.status == "invalid" and "intervals" in result.message


def test_denominators_up_to_the_valuation_of_the_minor_are_units(monkeypatch: pytest.MonkeyPatch) -> None:
    """[[p + t, p − t²/p], [−p, −p + t]] is t·1 modulo (p, t²), but its determinant is 0: coefficients up to t^S have to be reducible."""
    text = (Path(__file__).parents[2] / "certificates" / "valid" / "orbit-all-zero-weights-odd.json").read_text()
    modulus = int(json.loads(text)["proof"]["lower"]["numbers"]["modulus"])
    assert check_text(text).status == "verified"
    monkeypatch.setattr(lower, "inverse", lambda k, m: inverse(k * modulus if k == 20 else k, m))
    monkeypatch.setattr(lower, "series_rank", lambda rows, m, budget: (9, 20))
    result = check_text(text)
    assert result.status == "invalid" and "not a unit" in result.message
