"""Soundness of the local rules of symmetry: what a rule accepts holds at random values, for every operation and random actions."""

from __future__ import annotations

import random
from typing import Any

from simcert.checker.canonical import Fraction
from simcert.checker.claim import Action, Claim
from simcert.checker.evaluate import evaluate
from simcert.checker.outcome import Budget, Limits
from simcert.checker.program import read_model
from simcert.checker.rational import Rationals
from simcert.checker.symmetry import _check_node, _sparse
from tests.checker.models import Json, Program

BUDGET = Budget(Limits())
F = Fraction
ACTIONS: list[Action | None] = [
    None,
    Action((0, 1), (1, 1)),
    Action((1, 0), (1, 1)),
    Action((0, 1), (-1, -1)),
    Action((0, 1), (1, -1)),
    Action((1, 0), (-1, 1)),
    Action((1, 0), (-1, -1)),
    Action((), (), ((F(3, 5), F(4, 5)), (F(4, 5), F(-3, 5)))),
    Action((), (), ((F(3, 5), F(4, 5)), (F(-4, 5), F(3, 5)))),
    Action((), (), ((0, 1), (1, 0))),
]
POLYNOMIALS = (["0", "2"], ["0", "1", "0", "1"], ["1", "0", "1"], ["1", "1", "1"], ["0"], ["5"])
SPECS = ("ij,j->i", "ij,jk->ik", "ij,ij->ij", "ij,ij->", "i,j->ij", "ij->ji", "ij->i", "i->ij", "i,i->i", "ij,i->j", "ij,ij->j", "i,i->", "ji,j->i", "i,j->")


def one_node(rng: random.Random) -> Json:
    """A program of parameters, or a constant, and one more node."""
    op = rng.choice(["contract", "contract", "contract", "add", "apply", "apply", "gather", "scatter", "constant", "stack"])
    p = Program(s={"polynomial": rng.choice(POLYNOMIALS)})
    rank = rng.randint(1, 2)
    if op == "constant":
        values = rng.choice([["0"] * 4, ["1"] * 4, ["1", "-1", "-1", "1"], ["1", "2", "2", "1"], ["3", "3", "5", "5"]])
        return p.done(p.add("constant", [2] * rank, values=values[: 2**rank]))
    if op == "stack":
        return p.done(p.stack(["a", "b"], *[2] * (rank - 1)))
    if op == "contract":
        spec = rng.choice(SPECS)
        args = [p.parameter("ab"[k], *[2] * len(term)) for k, term in enumerate(spec.split("->")[0].split(","))]
        return p.done(p.contract(spec, *args, j=2))
    args = [p.parameter(name, *[2] * rank) for name in ("ab" if op == "add" else "a")]
    if op == "add":
        return p.done(p.sum(*args))
    if op == "apply":
        return p.done(p.apply("s", args[0], rng.choice([0, 0, 1, 2])))
    size, target = 2**rank, 2 ** rng.randint(1, 2)
    length, bound = (target, size) if op == "gather" else (size, target)
    return p.done(p.add(op, [2] * (1 if target == 2 else 2), args=args, indices=[rng.randint(-1, bound - 1) for _ in range(length)]))


def test_what_a_local_rule_accepts_is_true() -> None:
    accepted: dict[str, int] = {}
    rng = random.Random(2024)
    for _ in range(12_000):
        model = read_model(one_node(rng), BUDGET)
        last = len(model.nodes) - 1
        facts = None if rng.random() < 0.5 else model.activations["s"].facts
        some = rng.sample(ACTIONS, rng.randint(1, 3))
        at = {i: tuple(rng.choice(some) for _ in node.shape) for i, node in enumerate(model.nodes)}
        if not _check_node(last, model, Claim("symmetry", {"s": facts}, None, ()), at, BUDGET):
            continue
        node = model.nodes[last]
        accepted[node.op] = accepted.get(node.op, 0) + 1
        if node.op == "stack":
            continue

        def act(i: int, values: list[Any], at: Any = at, model: Any = model) -> list[Any]:
            return [sum(c * values[k] for k, c in row.items()) for row in _sparse(at[i], model.nodes[i].shape, BUDGET)]

        system = Rationals(BUDGET, model.activations)
        theta = {i: [F(rng.randint(-9, 9)) for _ in range(n.size)] for i, n in enumerate(model.nodes) if n.op == "parameter"}
        before = evaluate(model.nodes, theta, system)[last]
        after = evaluate(model.nodes, {i: act(i, values) for i, values in theta.items()}, system)[last]
        assert after == act(last, before), (node, at)
    assert all(accepted.get(op, 0) > 30 for op in ("contract", "add", "apply", "gather", "scatter", "constant", "stack")), accepted
