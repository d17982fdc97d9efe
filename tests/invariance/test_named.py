"""Named functions with known answers, and their witnesses checked in high precision."""

from __future__ import annotations

import json
import random
from fractions import Fraction
from math import prod
from typing import Any

import mpmath
import pytest
import sympy

from simcert import checker
from simcert.exact.primefield import PRIME
from simcert.groups.subspaces import Subspace
from simcert.invariance.decide import Decision, decide, read
from simcert.models.equations import parse_subspace
from simcert.models.families import mlp
from simcert.models.program import Program
from simcert.models.spec import load_model
from tests.exact import reference
from tests.exact.reference import Dual, derived, horner
from tests.exact.test_balls import FORMULAS, z

SYMBOLIC: dict[tuple[str, int], Any] = {}


def function(name: str, order: int) -> Any:
    """σ^(order) of a named function in mpmath."""
    if (name, order) not in SYMBOLIC:
        SYMBOLIC[name, order] = sympy.lambdify(z, sympy.diff(FORMULAS[name], z, order), "mpmath")
    return SYMBOLIC[name, order]


def slope(program: Program, theta: list[Any], direction: list[Any], x: dict[str, list[Any]], output: list[int]) -> Any:
    """The derivative of one output entry at θ in a direction, by forward differentiation in mpmath."""

    def number(q: Fraction) -> Any:
        return mpmath.mpf(q.numerator) / q.denominator

    def apply(node: Any, v: Dual) -> Dual:
        a = program.activations[node.activation]
        if a.polynomial is not None:
            value, rate = (horner([number(c) for c in derived(a.polynomial, k)], v.value, mpmath.mpf(0)) for k in (0, 1))
        elif a.piecewise is not None:
            assert v.value != 0
            rate = number(a.piecewise[v.value > 0])
            value = rate * v.value
        else:
            value, rate = (function(str(a.named), k)(v.value) for k in (0, 1))
        return Dual(value, rate * v.slope)

    leaves = {name: [Dual(number(Fraction(v)), mpmath.mpf(0)) for v in values] for name, values in x.items()}
    for name, (start, shape) in program.offsets().items():
        leaves[name] = [Dual(theta[k], direction[k]) for k in range(start, start + prod(shape))]
    values = reference.run(program.nodes, leaves, apply, lambda q: Dual(number(q), mpmath.mpf(0)))
    return values[program.outputs[output[0]]][output[1]].slope


def check_witness(program: Program, space: Subspace, decision: Decision) -> None:
    """C_i·∇F_c ≠ 0 in 60 digits: at θ, or on the curve θ(t) at a small t."""
    assert decision.certificate is not None
    proof = decision.certificate["proof"]
    assert proof["members"] == {}
    points = proof["curve"] if proof["method"] == "series" else [proof["theta"]]
    flat = [[Fraction(v) for name, _ in program.parameters for v in point[name]] for point in points]
    assert space.contains(flat[0])
    for step in flat[1:]:
        assert space.contains([a + 5 * b for a, b in zip(flat[0], step, strict=True)])
    normal = dict(space.rows[proof["equation"]].entries)
    with mpmath.workdps(60):
        t = mpmath.mpf(10) ** -4
        theta = [sum((mpmath.mpf(part[k].numerator) / part[k].denominator * t**j for j, part in enumerate(flat)), mpmath.mpf(0)) for k in range(program.size)]
        direction = [mpmath.mpf(Fraction(normal.get(k, 0)).numerator) / Fraction(normal.get(k, 0)).denominator for k in range(program.size)]
        value = slope(program, theta, direction, proof["input"], proof["output"])
        if proof["method"] == "ball":
            lower, upper = (Fraction(v) for v in proof["value"])
            assert lower * upper > 0
            assert mpmath.mpf(lower.numerator) / lower.denominator < value < mpmath.mpf(upper.numerator) / upper.denominator
            return
        assert abs(value) > mpmath.mpf(10) ** -45
        if proof["method"] == "rational":
            assert abs(value - mpmath.mpf(Fraction(proof["value"]).numerator) / Fraction(proof["value"]).denominator) < mpmath.mpf(10) ** -40
            return
        assert 0 < int(proof["value"]) < int(proof["modulus"]) == PRIME
        if proof["method"] == "series":
            order = proof["order"]
            leading, next_one = (slope_at(program, flat, direction, proof, t / k) / (t / k) ** order for k in (1, 100))
            assert abs(leading - next_one) < abs(next_one) / 10, "the order of vanishing is the stated one"


def slope_at(program: Program, flat: list[list[Fraction]], direction: list[Any], proof: dict[str, Any], t: Any) -> Any:
    theta = [sum((mpmath.mpf(part[k].numerator) / part[k].denominator * t**j for j, part in enumerate(flat)), mpmath.mpf(0)) for k in range(program.size)]
    return slope(program, theta, direction, proof["input"], proof["output"])


def check_invariance(program: Program, space: Subspace, seed: int) -> None:
    """C∇F vanishes to 50 digits at random points of the subspace, for the function itself."""
    rng = random.Random(seed)
    with mpmath.workdps(60):
        for _ in range(2):
            theta = [mpmath.mpf(v.numerator) / v.denominator for v in space.random_point(rng, 4)]
            x = {name: [Fraction(rng.randint(1, 10**4), 7919) for _ in range(prod(shape))] for name, shape in program.inputs}
            for row in space.rows:
                normal = dict(row.entries)
                direction = [mpmath.mpf(Fraction(normal.get(k, 0)).numerator) / Fraction(normal.get(k, 0)).denominator for k in range(program.size)]
                for k, out in enumerate(program.outputs):
                    for i in range(prod(program.nodes[out].shape)):
                        assert abs(slope(program, theta, direction, x, [k, i])) < mpmath.mpf(10) ** -40


def settled(model: str, text: str, verdict: str) -> Decision:
    """The decision, after its evidence and its certificate have been checked."""
    program = load_model(model)
    space, hints = read(program, text)
    decision = decide(program, space, hints=hints)
    assert decision.verdict == verdict, (decision.method, decision.reason)
    if verdict == "invariant":
        check_invariance(program, space, 1)
    else:
        check_witness(program, space, decision)
    result = checker.check_text(json.dumps(decision.certificate, sort_keys=True, separators=(",", ":")) + "\n")
    assert result.status == "verified", result.message
    return decision


ODD, EVEN = ["tanh", "sin", "erf", "arctan", "sinh"], ["cos", "cosh", "gaussian"]
ZERO, NONE = ["silu", "gelu", "expm1"], ["sigmoid", "softplus", "exp"]
EVERY = ODD + EVEN + ZERO + NONE + ["logcosh"]


@pytest.mark.parametrize("activation", EVERY)
def test_two_layer_networks(activation: str) -> None:
    """The table of the two-layer classification for every named function: ties, anti-ties, dead units, zero incoming weights."""
    model = f"mlp:2-3-1:{activation}"
    even = activation in [*EVEN, "logcosh"]
    zero = activation in [*ODD, *ZERO, "logcosh"]

    def answer(holds: bool) -> str:
        return "invariant" if holds else "not-invariant"

    assert settled(model, "tie(1: 0,1)", "invariant").method == "symmetry"
    settled(model, "tie(1: 0,-1)", answer(activation in ODD))
    settled(model, "W1[0,:] = -W1[1,:]; W2[0,0] = W2[0,1]", answer(even))
    settled(model, "dead(1: 0)", answer(zero))
    settled(model, "W1[0,:] = 0", answer(even))
    settled(model, "W1[0,:] = 0; W1[1,:] = 0; W2[0,0] = W2[0,1] + 2", answer(even))
    settled(model, "W1[0,:] = W1[1,:]", "not-invariant")
    settled(model, "W2[0,0] = W2[0,1]", "not-invariant")
    settled(model, "W1[0,:] = 2 W1[1,:]; W2[0,0] = 2 W2[0,1]", "not-invariant")


@pytest.mark.parametrize("activation", EVERY)
def test_deep_networks(activation: str) -> None:
    """Two hidden layers: series at a special point where every pre-activation vanishes; softplus, which is not rational there, by enclosures."""
    model = f"mlp:2-2-2-1:{activation}"
    for text, holds in (
        ("tie(1: 0,1); tie(2: 0,1)", True),
        ("dead(2: 0)", activation in [*ODD, *ZERO, "logcosh"]),
        ("tie(2: 0,-1)", activation in ODD),
        ("W1[0,:] = W1[1,:]", False),
        ("W2[0,:] = W2[1,:]", False),
        ("W1[0,:] = 0", activation in [*EVEN, "logcosh"]),
    ):
        decision = settled(model, text, "invariant" if holds else "not-invariant")
        if not holds:
            assert decision.method in (("series", "ball") if activation == "softplus" else ("series",))


def test_methods_of_witnesses() -> None:
    """One hidden layer of an exponential function needs no series; deep tanh has one; deep softplus a ball; polynomials a rational number."""
    for model, method in (
        ("mlp:2-3-1:tanh", "exponential"),
        ("mlp:2-3-1:cos", "exponential"),
        ("mlp:2-3-3-1:tanh", "series"),
        ("mlp:2-3-3-1:arctan", "series"),
        ("mlp:2-2-2-1:softplus", "ball"),
        ("mlp:2-3-3-1:cube", "rational"),
        ("mlp:2-3-3-1:relu", "rational"),
    ):
        assert settled(model, "W1[0,:] = W1[1,:]", "not-invariant").method == method


def test_the_constants_of_a_series_are_stated_only_where_they_occur() -> None:
    for activation, wanted in (("gelu", {"pi"}), ("erf", {"pi"}), ("tanh", set())):
        certificate = settled(f"mlp:2-2-2-1:{activation}", "W1[0,:] = W1[1,:]", "not-invariant").certificate
        assert certificate is not None
        assert set(certificate["proof"]["constants"]) == wanted


def test_series_do_not_use_arguments_that_are_0_only_by_cancellation_of_a_constant() -> None:
    """log 2 − log 2 is 0, but a checker knows no value of softplus at 0: the witness must not rest on it."""
    for text in ("tie(1: 0,-1)", "tie(1: 0,-1); tie(2: 0,1)", "W2[:,0] = -W2[:,1]"):
        settled("mlp:2-2-2-1:softplus", text, "not-invariant")


def test_kinks() -> None:
    """relu and |·|: decided where they have derivatives; where an argument is 0 on all of the subspace, the reason says so."""
    assert settled("mlp:2-3-1:relu", "tie(1: 0,1)", "invariant").method == "symmetry"
    settled("mlp:2-3-1:relu", "tie(1: 0,-1)", "not-invariant")
    settled("mlp:3-2-3:relu", "3*W1[0,:] = 4*W1[1,:]; 3*W2[:,0] = 4*W2[:,1]", "invariant")
    settled("mlp:2-3-1:abs", "W1[0,:] = -W1[1,:]; W2[0,0] = W2[0,1]", "invariant")
    for activation in ("relu", "abs"):
        program = mlp(2, 3, 1, activation=activation)
        decision = decide(program, parse_subspace(program, "W1[0,:] = 0"))
        assert (decision.verdict, decision.certificate, decision.optimizers) == ("undecided", None, [])
        assert "has no derivative" in decision.reason
        dead = decide(program, parse_subspace(program, "dead(1: 0)"))
        assert dead.verdict == "invariant"
        assert dead.method in ("congruence", "symmetry")


def test_a_reciprocal_cancels_its_argument() -> None:
    """With one token softmax is 1, so Q does not matter: z·(1/z) = 1 is used, for every function in the place of exp."""
    program = load_model("attention:2-1:tokens=1")
    decision = decide(program, parse_subspace(program, "Q = 0"))
    assert (decision.verdict, decision.method) == ("invariant", "identity")
    assert decision.certificate is not None
    assert decision.certificate["claim"]["activations"] == {"exp": [], "reciprocal": "itself"}
    assert checker.check_text(json.dumps(decision.certificate, sort_keys=True, separators=(",", ":")) + "\n").status == "verified"


CASES = [
    ("tie-deep-generic", "mlp:4-8-8-1:generic", "tie(1: 0,1); tie(2: 3,4,5)", "invariant", 76),
    ("diagonal swap", "mlp:2-2-2-1:generic", "W1[0,:] = W1[1,:]; W2[0,0] = W2[1,1]; W2[0,1] = W2[1,0]; W3[0,0] = W3[0,1]", "invariant", 5),
    ("rank reduced", "linear:3-2-3", "W1[0,:] = 0; W2[:,0] = 0", "invariant", 6),
    ("rotated", "linear:3-2-3", "3*W1[0,:] = 4*W1[1,:]; 3*W2[:,0] = 4*W2[:,1]", "invariant", 6),
    ("projection", "linear:3-3-2", "W1[0,:] + W1[1,:] = W1[2,:]; W2[:,0] + W2[:,1] = W2[:,2]", "invariant", 10),
    ("one side only", "linear:3-2-3", "W1[0,:] = 0", "not-invariant", 9),
    ("heads", "attention:2-1-2:tokens=2", "tie(1: 0,1)", "invariant", 8),
    ("head dimension", "attention:2-2:tokens=2", "dead(1: 0)", "invariant", 12),
    ("queries", "attention:2-2:tokens=2", "Q = 0", "not-invariant", 12),
    ("values", "attention:2-2:tokens=2", "V = 0; O = 0", "invariant", 8),
    ("channels", "conv1d:1-3-2:tanh:length=5", "tie(1: 0,-1)", "invariant", None),
    ("adapters", "lora:3-3-1:tanh:rank=2", "tie(1: 0,1)", "invariant", None),
    ("adapters off", "lora:3-3-1:tanh:rank=1", "B1 = 0", "not-invariant", None),
]


@pytest.mark.parametrize(("name", "model", "text", "verdict", "dimension"), CASES, ids=[case[0] for case in CASES])
def test_known_answers(name: str, model: str, text: str, verdict: str, dimension: int | None) -> None:
    program = load_model(model)
    space, hints = read(program, text)
    decision = decide(program, space, hints=hints)
    assert decision.verdict == verdict, name
    assert dimension in (None, decision.dimension)
    result = checker.check_text(json.dumps(decision.certificate, sort_keys=True, separators=(",", ":")) + "\n")
    assert result.status == "verified", result.message
    if verdict == "not-invariant":
        check_witness(program, space, decision)
