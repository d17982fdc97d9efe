"""Many fields together give what each gives alone, in every family of networks and with every operation; and products of matrices of residues."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest

from simcert.checker import batch
from simcert.checker.curves import Start
from simcert.checker.local import Numbers
from simcert.checker.outcome import Budget, Limits
from simcert.checker.program import Model, read_model
from simcert.checker.residue import Residues
from simcert.checker.vectors import Field, Fields
from simcert.models.spec import load_model
from tests.checker.models import PRIME, Program

BUDGET = Budget(Limits())
FAMILIES = ["mlp:3-4-2:cube:bias", "linear:2-3-3-2", "conv1d:1-2-1:cube:length=6", "residual:3-3-1:cube", "mlp:2-3-1:relu:bias", "lora:3-3-2:square"]


def fields_for(model: Model, rng: random.Random, count: int) -> list[Field]:
    entries = [(k, e) for k, out in enumerate(model.outputs) for e in range(model.nodes[out].size)]
    sizes = {node.names[0]: node.size for node in model.nodes if node.op == "input"}
    return [
        Field(
            {entry: Fraction(rng.randint(1, 5), rng.randint(1, 3)) for entry in rng.sample(entries, rng.randint(1, len(entries)))},
            {name: [Fraction(rng.randint(-9, 9), rng.randint(1, 4)) for _ in range(size)] for name, size in sizes.items()},
        )
        for _ in range(count)
    ]


def agree(model: Model, seed: int, count: int) -> None:
    rng = random.Random(seed)
    f = Fields(model, model.activations, BUDGET)
    point = [Fraction(rng.randint(-9, 9) * 7 + 1, rng.randint(1, 4)) for _ in range(model.size)]
    chosen = fields_for(model, rng, count)
    numbers = Numbers(PRIME, model.activations, exact=any(a.kind == "piecewise" for a in model.activations.values()))
    start = Start(f, numbers, chosen, point)
    theta = [numbers.system(BUDGET, None).rational(q) for q in point]
    order = rng.sample(range(count), count)
    alone = [f.gradient(chosen[i], theta, start.here(i)) for i in order]
    assert start.together(theta, order) == alone
    assert any(any(vector) for vector in alone)


@pytest.mark.parametrize("spec", FAMILIES)
def test_families(spec: str) -> None:
    agree(read_model(load_model(spec).to_json(), BUDGET), 3, 9)


def test_room_for_a_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    model = read_model(load_model("mlp:3-4-2:cube").to_json(), BUDGET)
    monkeypatch.setattr(batch, "_ENTRIES", 400)
    agree(model, 5, 11)


def test_every_operation() -> None:
    """Parameters and stacks out of order, a constant, an argument that does not depend on the input, gather, scatter, a broadcast and a sum."""
    p = Program(cube={"polynomial": ["1", "-2", "0", "1"]})
    late = p.parameter("late", 3)
    both = p.stack(["b", "a"], 2)
    p.model["parameters"] = [p.model["parameters"][k] for k in (2, 0, 1)]
    x = p.input("x", 2)
    fixed = p.add("constant", [2, 2], values=["1", "1/2", "-3", "2"])
    sums = p.add("add", [2, 2], args=[both, fixed])
    h = p.contract("ij,j->i", sums, x)
    y = p.add("apply", [2], args=[h], activation="cube", order=0)
    moved = p.add("gather", [3], args=[y], indices=[1, -1, 0])
    shifted = p.add("add", [3], args=[moved, late])
    spread = p.add("scatter", [2], args=[shifted], indices=[1, 1, -1])
    powers = p.add("apply", [3], args=[late], activation="cube", order=0)
    wide = p.contract("i,j->ij", spread, powers)
    total = p.contract("ij->i", wide)
    p.model["outputs"] = [total, h]
    agree(read_model(p.model, BUDGET), 8, 7)


@pytest.mark.parametrize(("rows", "inner", "columns"), [(9, 5, 30), (8, 2, 8), (3, 4, 50), (30, 1, 20), (20, 70, 9)])
@pytest.mark.parametrize("m", [2, 101, 2097143, PRIME, 10**30])
def test_products_of_matrices(rows: int, inner: int, columns: int, m: int) -> None:
    rng = random.Random(rows * columns)
    a = [[rng.choice([0, m - 1, rng.randrange(m)]) for _ in range(inner)] for _ in range(rows)]
    b = [[rng.choice([0, m - 1, rng.randrange(m)]) for _ in range(inner)] for _ in range(columns)]
    assert Residues(BUDGET, {}, m).table(a, b) == [sum(x * y for x, y in zip(r, c, strict=True)) % m for r in a for c in b]
