"""Decisions against an independent oracle, certificates against the slow evaluator and the checker."""

from __future__ import annotations

import json
import random
from collections import Counter
from fractions import Fraction
from math import prod
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sympy import QQ, ring

from simcert import checker
from simcert.errors import SpecError
from simcert.exact.primefield import PRIME, PrimeField
from simcert.fields.gradients import Fields
from simcert.groups.subspaces import Subspace
from simcert.invariance.decide import Decision, decide, read
from simcert.invariance.witness import member
from simcert.models.activations import closure, facts
from simcert.models.equations import parse_subspace
from simcert.models.families import mlp, residual
from simcert.models.program import Activation, Program
from simcert.models.spec import load_model
from tests.exact import reference
from tests.exact.reference import Dual, derived, directional, examples, horner


def oracle(program: Program, space: Subspace) -> bool:
    """Whether C∇F vanishes on the subspace: F(Bu + b + εC_i)(x) expanded with sympy's sparse polynomials, for every row C_i."""
    free = [k for k in range(program.size) if k not in space.pivots]
    count = sum(prod(shape) for _, shape in program.inputs)
    names = [f"u{k}" for k in range(len(free))] + [f"x{k}" for k in range(count)]
    domain, *symbols = ring(names, QQ)
    u, xs = dict(zip(free, symbols, strict=False)), symbols[len(free) :]
    zero = domain.zero
    theta = []
    for k in range(program.size):
        form, constant = space.form(k)
        theta.append(sum((u[j] * QQ(v.numerator, v.denominator) for j, v in form.items()), zero + QQ(constant.numerator, constant.denominator)))

    def number(q: Fraction) -> Any:
        return zero + QQ(q.numerator, q.denominator)

    def apply(node: Any, z: Dual) -> Dual:
        coefficients = program.activations[node.activation].polynomial
        assert coefficients is not None
        value, slope = (horner([number(c) for c in derived(coefficients, k)], z.value, zero) for k in (node.order, node.order + 1))
        return Dual(value, slope * z.slope)

    for row in space.rows:
        normal = dict(row.entries)
        leaves: dict[str, list[Any]] = {}
        for name, (start, shape) in program.offsets().items():
            leaves[name] = [Dual(theta[k], number(Fraction(normal.get(k, 0)))) for k in range(start, start + prod(shape))]
        rest = iter(xs)
        for name, shape in program.inputs:
            leaves[name] = [Dual(next(rest), zero) for _ in range(prod(shape))]
        values = reference.run(program.nodes, leaves, apply, lambda q: Dual(number(q), zero))
        if any(v.slope != 0 for out in program.outputs for v in values[out]):
            return False
    return True


WORDS = ["tie(1: {i},{j})", "tie(1: {i},-{j})", "dead(1: {i})", "W1[{i},:] = W1[{j},:]", "W1[{i},:] = 0", "W2[:,{i}] = W2[:,{j}]", "W1[{i},:] = 2 W1[{j},:]"]
DEEP = ["tie(2: {i},{j})", "tie(2: {i},-{j})", "dead(2: {i})", "swap(1: {i},{j}) * swap(2: {i},{j})", "W2 = 0", "W2[{i},:] = W2[{j},:]"]


@st.composite
def subspaces(draw: st.DrawFn, program: Program, layers: int) -> Subspace:
    """Ties, dead units, anti-ties, random sparse linear and affine equations, and unions of these."""
    width = program.offsets()["W1"][1][0]
    texts = []
    for _ in range(draw(st.sampled_from([1, 1, 2, 3]))):
        i, j = draw(st.permutations(range(max(width, 2))))[:2]
        word = draw(st.sampled_from(WORDS if layers == 1 else WORDS + DEEP + DEEP))
        if max(i, j) >= width:
            word, i = draw(st.sampled_from(["dead(1: {i})", "W1[{i},:] = 0"])), 0
        texts.append(word.format(i=i, j=j))
    equations = [(dict(r.entries), r.constant) for r in parse_subspace(program, "; ".join(texts)).rows]
    extra = draw(st.sampled_from([0, 0, 0, 0, 1, 2]))
    if draw(st.integers(0, 7)) == 0:
        equations, extra = [], draw(st.integers(1, 3))
    for _ in range(extra):
        columns = draw(st.lists(st.integers(0, program.size - 1), min_size=1, max_size=3, unique=True))
        equations.append(({k: Fraction(draw(st.sampled_from([1, 1, -1, 2]))) for k in columns}, Fraction(draw(st.sampled_from([0, 0, 1])))))
    try:
        return Subspace.from_equations(program, equations)
    except SpecError:
        return Subspace.from_equations(program, equations[:1])


def verified(decision: Decision) -> bool:
    """The checker's word on the certificate of a decision."""
    text = json.dumps(decision.certificate, sort_keys=True, separators=(",", ":")) + "\n"
    return checker.check_text(text).status == "verified"


def check_witness(program: Program, space: Subspace, decision: Decision) -> None:
    """A rational or residue witness, evaluated by forward differentiation of the slow evaluator with the members that it exhibits."""
    assert decision.certificate is not None
    proof, claim = decision.certificate["proof"], decision.certificate["claim"]
    assert decision.method == proof["method"]
    assert proof["method"] in ("rational", "residue")
    theta = [Fraction(v) for name, _ in program.parameters for v in proof["theta"][name]]
    assert space.contains(theta)
    definitions = dict(program.activations)
    for name, a in program.activations.items():
        assert (a.cls is not None) == (name in proof["members"])
        if a.cls is not None:
            definitions[name] = Activation(polynomial=tuple(Fraction(c) for c in proof["members"][name]))
            assert facts(a) == closure(claim["activations"][name]) <= facts(definitions[name])
    normal = dict(space.rows[proof["equation"]].entries)
    direction = [Fraction(normal.get(k, 0)) for k in range(program.size)]
    x = {name: [Fraction(v) for v in values] for name, values in proof["input"].items()}
    k, i = proof["output"]
    value = directional(program, theta, direction, x, definitions)[k][i]
    assert value != 0
    wanted = value if proof["method"] == "rational" else reference.residue(value, int(proof["modulus"]))
    assert wanted == Fraction(proof["value"]) != 0


def check_proof(program: Program, space: Subspace, decision: Decision, seed: int) -> None:
    """C∇F = 0 at random points of the subspace modulo p for random functions with the facts that the claim assumes."""
    assert decision.certificate is not None
    assumed = decision.certificate["claim"]["activations"]
    rng, fields = random.Random(seed), Fields(program)
    definitions = {}
    for name, a in program.activations.items():
        if assumed[name] == "itself":
            assert a.cls is None
            definitions[name] = a
        else:
            assert closure(assumed[name]) <= facts(a)
            definitions[name] = Activation(polynomial=member(tuple(assumed[name]), 7, rng))
    field = PrimeField(definitions)
    for _ in range(2):
        theta = space.named(space.random_point(rng, 10**6))
        x = {name: [Fraction(rng.randrange(PRIME)) for _ in range(prod(shape))] for name, shape in program.inputs}
        for entry in fields.outputs:
            gradient = fields.flat(field, fields.leaves(field, theta, x, fields.covector(entry)))[0]
            for row in space.rows:
                assert sum(reference.residue(Fraction(v)) * int(gradient[k]) for k, v in row.entries) % PRIME == 0


SHALLOW = {a: [mlp(d, m, k, activation=a, bias=b) for d, m, k, b in ((1, 1, 1, False), (1, 2, 1, True), (2, 2, 1, False), (1, 3, 1, False), (2, 2, 2, False))]
           for a in ("square", "cube", "linear", "poly(1,1,1)", "poly(0,1,0,-1/3)", "poly(2,0,1)", "poly(0,1,1)", "poly(3)", "poly(0,0,0,1,1)")}  # fmt: skip
TALL = {a: [mlp(1, 2, 2, 1, activation=a), mlp(1, 2, 1, 1, activation=a, bias=True), mlp(2, 2, 2, 1, activation=a), residual(1, 2, 1, activation=a)]
        for a in ("square", "linear", "poly(1,1,1)", "poly(0,1,1)", "poly(1,0,2)")}  # fmt: skip
TALL["cube"] = [mlp(1, 2, 2, 1, activation="cube"), mlp(1, 3, 1, 1, activation="cube")]


@pytest.mark.parametrize(("table", "layers", "count"), [(SHALLOW, 1, 400), (TALL, 2, 250)])
def test_polynomial_activations_are_always_decided_rightly(table: dict[str, list[Program]], layers: int, count: int) -> None:
    """The verdict is that of the expansion in sympy, for random small models and subspaces; every certificate passes the checker."""
    verdicts = Counter[str]()

    @examples(count)
    @given(st.data())
    def check(data: st.DataObject) -> None:
        program = data.draw(st.sampled_from(table[data.draw(st.sampled_from(sorted(table)))]))
        if program.family == "residual":
            texts = data.draw(
                st.lists(st.sampled_from(["tie(1: 0,1)", "dead(2: 0)", "tie(2: 0,1)", "dead(1: 1)", "E = 0", "A1 = 0", "B1 = 0"]), min_size=1, max_size=2)
            )
            space = parse_subspace(program, "; ".join(texts))
        else:
            space = data.draw(subspaces(program, layers if program.offsets()["W2"][1][0] > 1 else 1))
        decision = decide(program, space, seed=data.draw(st.integers(0, 3)))
        assert decision.verdict == ("invariant" if oracle(program, space) else "not-invariant"), (program.title, space.equations())
        assert decision.dimension == space.dimension
        verdicts[f"{decision.verdict} {decision.method}"] += 1
        if decision.verdict == "invariant":
            check_proof(program, space, decision, 1)
            assert decision.optimizers == space.optimizers()
        else:
            check_witness(program, space, decision)
            assert decision.optimizers == []
        assert verified(decision), (program.title, space.equations(), decision.method)

    check()
    assert sum(n for v, n in verdicts.items() if v.startswith("invariant")) >= count // 8, verdicts
    assert sum(n for v, n in verdicts.items() if v.startswith("not-")) >= count // 8, verdicts
    assert verdicts["invariant symmetry"] >= 5
    assert verdicts["invariant congruence"] >= 3, verdicts


def test_classes_are_always_decided_with_evidence() -> None:
    """Never undecided; a witness is a nonzero number for a member of the class, a proof holds for random functions with the listed facts."""
    verdicts = Counter[str]()

    @examples(250)
    @given(st.data())
    def check(data: st.DataObject) -> None:
        cls = data.draw(st.sampled_from(["generic", "odd", "even", "generic0", "flat"]))
        sizes, layers = data.draw(st.sampled_from([((1, 1, 1), 1), ((2, 2, 1), 1), ((1, 3, 1), 1), ((1, 2, 2, 1), 2), ((2, 2, 2, 1), 2), ((1, 2, 3, 2), 1)]))
        program = mlp(*sizes, activation=cls, bias=data.draw(st.booleans()))
        space = data.draw(subspaces(program, layers))
        decision = decide(program, space, seed=data.draw(st.integers(0, 3)))
        verdicts[decision.verdict] += 1
        if decision.verdict == "invariant":
            check_proof(program, space, decision, 2)
        else:
            assert decision.verdict == "not-invariant"
            check_witness(program, space, decision)
        assert verified(decision), (program.title, space.equations(), decision.method)

    check()
    assert min(verdicts.values()) >= 30, verdicts


@pytest.mark.parametrize(
    ("cls", "text", "verdict"),
    [
        ("generic", "tie(1: 0,1)", "invariant"),
        ("generic", "tie(1: 0,-1)", "not-invariant"),
        ("odd", "tie(1: 0,-1)", "invariant"),
        ("even", "tie(1: 0,-1)", "not-invariant"),
        ("even", "W1[0,:] = -W1[1,:]; W2[0,0] = W2[0,1]", "invariant"),
        ("odd", "W1[0,:] = -W1[1,:]; W2[0,0] = W2[0,1]", "not-invariant"),
        ("generic0", "dead(1: 0)", "invariant"),
        ("odd", "dead(1: 0)", "invariant"),
        ("generic", "dead(1: 0)", "not-invariant"),
        ("flat", "dead(1: 0)", "not-invariant"),
        ("even", "dead(1: 0)", "not-invariant"),
        ("flat", "W1[0,:] = 0", "invariant"),
        ("even", "W1[0,:] = 0", "invariant"),
        ("generic0", "W1[0,:] = 0", "not-invariant"),
        ("flat", "W1[0,:] = 0; W1[1,:] = 0; W2[0,0] - W2[0,1] = 3", "invariant"),
        ("generic", "W1[0,:] = 0; W1[1,:] = 0; W2[0,0] = W2[0,1]", "not-invariant"),
        ("generic", "W1[0,:] = 0; W1[1,:] = 0; W2[0,0] = W2[0,1] + 1", "not-invariant"),
        ("flat", "W2[0,0] = 0", "not-invariant"),
        ("generic", "W1[0,:] = W1[1,:]; W2[0,0] + W2[0,1] = 1", "not-invariant"),
    ],
)
def test_the_table_of_two_layer_networks(cls: str, text: str, verdict: str) -> None:
    """What each fact about σ gives and does not give (math: the two-layer classification)."""
    program = mlp(2, 3, 1, activation=cls)
    decision = decide(program, parse_subspace(program, text))
    assert decision.verdict == verdict
    assert verified(decision)


def magic(width: int) -> str:
    """All first-layer rows equal, all output weights equal, equal row sums and equal column sums in between."""
    n = range(width)
    rows = [" + ".join(f"W2[{i},{j}]" for j in n) for i in n]
    columns = [" + ".join(f"W2[{i},{j}]" for i in n) for j in n]
    out = [f"W1[0,:] = W1[{i},:]" for i in n[1:]] + [f"W3[0,0] = W3[0,{i}]" for i in n[1:]]
    return "; ".join(out + [f"{part[0]} = {other}" for part in (rows, columns) for other in part[1:]])


@pytest.mark.parametrize("width", [3, 12])
@pytest.mark.parametrize("activation", ["generic", "tanh"])
def test_magic_squares_by_congruence(width: int, activation: str) -> None:
    """Invariant for every σ although no symmetry fixes it; without the column sums it is not, also for tanh itself."""
    program = mlp(2, width, width, 1, activation=activation)
    decision = decide(program, parse_subspace(program, magic(width)))
    assert (decision.verdict, decision.method) == ("invariant", "congruence")
    assert decision.certificate is not None
    assert decision.certificate["claim"]["activations"] == {activation: []}
    assert decision.dimension == 2 + 1 + (width - 1) ** 2 + 1
    assert verified(decision)
    without = "; ".join(part for part in magic(width).split("; ") if f"W2[{width - 1},0] =" not in part)
    assert len(parse_subspace(program, without).rows) < len(parse_subspace(program, magic(width)).rows)
    other = decide(program, parse_subspace(program, without))
    assert other.verdict == "not-invariant"
    assert verified(other)


@pytest.mark.parametrize("outputs", [1, 70, 1000])
def test_a_violation_of_one_output_among_many_is_found(outputs: int) -> None:
    """Only the last output moves its own weight; the witness names it, whatever the seed."""
    program = mlp(1, 1, outputs, activation="generic")
    for seed in range(3):
        decision = decide(program, parse_subspace(program, f"W2[{outputs - 1},0] = 0"), seed)
        assert decision.verdict == "not-invariant"
        assert decision.certificate is not None
        assert decision.certificate["proof"]["output"] == [0, outputs - 1]


@pytest.mark.parametrize(
    ("model", "text"),
    [
        ("mlp:2-3-1:tanh", "tie(1: 0,-1)"),
        ("mlp:2-3-1:generic", "W1[0,:] = W1[1,:]"),
        ("mlp:2-3-1:sigmoid", "tie(1: 0,-1)"),
        ("mlp:2-2-2-1:gelu", "tie(1: 0,-1)"),
        ("mlp:2-2-2-1:softplus", "dead(1: 0)"),
        ("mlp:2-3-1:silu", "dead(1: 0)"),
    ],
)
def test_same_seed_same_bytes(model: str, text: str) -> None:
    """The certificate is a function of the question and the seed; the verdict is one of the question alone."""
    results: dict[int, set[tuple[str, str]]] = {}
    for seed in (0, 0, 1, 2):
        program = load_model(model)
        decision = decide(program, parse_subspace(program, text), seed)
        results.setdefault(seed, set()).add((decision.verdict, json.dumps(decision.certificate, sort_keys=True)))
        assert verified(decision)
    assert all(len(found) == 1 for found in results.values())
    assert len({verdict for found in results.values() for verdict, _ in found}) == 1


def test_the_whole_space_and_points() -> None:
    program = mlp(1, 1, 1, activation="generic")
    with pytest.raises(SpecError, match="whole parameter space"):
        decide(program, Subspace(program, ()))
    assert decide(program, parse_subspace(program, "W1 = 0; W2 = 0")).verdict == "not-invariant"
    odd = mlp(1, 1, 1, activation="odd")
    origin = decide(odd, parse_subspace(odd, "W1 = 0; W2 = 0"))
    assert (origin.verdict, origin.dimension) == ("invariant", 0)
    assert verified(origin)


def test_swaps_in_the_text_become_generators() -> None:
    """`read` gives the generators that the text names; they are used as they are when their fixed space is the subspace."""
    program = mlp(2, 3, 3, 1, activation="generic")
    text = "swap(1: 0,1) * swap(2: 1,2)"
    space, hints = read(program, text)
    assert len(hints) == 1
    decision = decide(program, space, hints=hints)
    assert decision.certificate is not None
    assert decision.certificate["proof"]["generators"] == [hints[0].to_json()]
    assert verified(decision)
    signs, none = read(mlp(2, 3, 1, activation="sigmoid"), "swap(1: 0,-1)")
    assert none == []
    assert decide(mlp(2, 3, 1, activation="sigmoid"), signs).verdict == "not-invariant"


@pytest.mark.parametrize("degree", [1, 2, 11])
def test_a_single_monomial(degree: int) -> None:
    """σ = z^k at w = 0, a = 1: w moves by k·0^(k−1) and a by 0^k, so only k = 1 leaves the point."""
    program = mlp(1, 1, 1, activation=Activation(polynomial=(*[Fraction(0)] * degree, Fraction(1))))
    space = parse_subspace(program, "W1 = 0; W2 = 1")
    assert decide(program, space).verdict == ("not-invariant" if degree == 1 else "invariant")
    assert oracle(program, space) == (degree > 1)
