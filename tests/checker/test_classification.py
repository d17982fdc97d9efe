"""The checker's classification: its own combinatorics against brute force, the shape of the model, and attacks."""

from __future__ import annotations

import copy
import itertools
from collections import Counter
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
import sympy

import simcert as sc
from simcert.checker import check_text
from simcert.checker.outcome import Budget, Invalid, Limit, Limits
from simcert.checker.program import Activation, read_model
from simcert.checker.strata import INFINITE, Row, dimension, kinds, orbits, pattern, patterns, read_row, structure
from simcert.groups.classification import classification
from simcert.models.spec import load_model
from tests.checker.models import print_text

Json = Any
BUDGET = Budget(Limits())
PLAIN, ODD, ZERO = Row(False, False, ""), Row(True, False, "odd"), Row(True, False, "")
EVEN, FLAT, NOTHING = Row(False, True, "even"), Row(False, True, ""), Row(True, True, "even")
ROWS = [PLAIN, ODD, ZERO, EVEN, FLAT, NOTHING]


@cache
def _table(model: str, points: str) -> Json:
    return classification(load_model(model), points).data()


def table(model: str, points: str = "one") -> Json:
    return copy.deepcopy(_table(model, points))


def status(data: Json) -> str:
    return check_text(print_text(data)).status


@pytest.mark.parametrize("row", ROWS)
@pytest.mark.parametrize("m", [1, 2, 3])
def test_all_points_of_a_grid_have_listed_types(row: Row, m: int) -> None:
    grid = list(itertools.product((-1, 0, 1), ((-1,), (0,), (1,))))
    assert {structure(row, point)[0] for point in itertools.product(grid, repeat=m)} <= set(kinds(row, m, BUDGET))


@pytest.mark.parametrize("m", range(1, 8))
def test_totals(m: int) -> None:
    def total(row: Row) -> int:
        return sum(orbits(row, kind, 2) for kind in kinds(row, m, BUDGET))

    whitney = [1]
    for _ in range(m):
        whitney = [(whitney[k - 1] if k else 0) + ((2 * k + 1) * whitney[k] if k < len(whitney) else 0) for k in range(len(whitney) + 1)]
    assert (total(PLAIN), total(ODD), total(ZERO)) == (sympy.bell(m), sum(whitney), sympy.bell(m + 1))
    by_dimension = Counter[int]()
    for kind in kinds(ODD, m, BUDGET):
        by_dimension[dimension(ODD, kind, 3)] += orbits(ODD, kind, 3)
    assert [by_dimension[4 * k] for k in range(m + 1)] == whitney
    assert INFINITE in {orbits(NOTHING, kind, 1) for kind in kinds(NOTHING, m, BUDGET)}
    assert (INFINITE in {orbits(EVEN, kind, 1) for kind in kinds(EVEN, m, BUDGET)}) == (m > 1)


def test_half_planes_on_a_line() -> None:
    assert [orbits(EVEN, kind, d) for d in (1, 2) for kind in kinds(EVEN, 1, BUDGET)] == [2, 1, 1, 1]
    assert [row.induced(1) for row in ROWS] == [True, True, False, True, False, False]
    assert [row.induced(2) for row in ROWS] == [True, True, False, False, False, False]


@pytest.mark.parametrize("row", ROWS)
@pytest.mark.parametrize("k", [1, 2, 3])
def test_patterns_are_those_that_occur_on_a_grid(row: Row, k: int) -> None:
    """With enough values of a, and w on a line, every pattern occurs, and no other."""
    grid = list(itertools.product(range(k + 1), [(w,) for w in range(-k, k + 1)]))
    found: set[tuple[object, ...]] = set()
    for point in itertools.combinations(grid, k):
        (zero, blocks), inequivalent = structure(row, point)
        if zero == 0 and len(blocks) == k:
            found.add(pattern(row, inequivalent))
    assert len(found) == patterns(row, k)


@pytest.mark.parametrize("model", ["mlp:2-2-1:tanh", "mlp:1-2-1:silu", "mlp:2-2-1:cos", "mlp:2-2-1:logcosh", "mlp:2-2-1:flat"])
def test_every_change_of_the_table_is_noticed(model: str) -> None:
    data = table(model)
    assert status(data) == "verified"
    changes: list[Callable[[Json], Any]] = [
        lambda c: c.update(total=c["total"] + 1),
        lambda c: c.update(total=-1 if c["total"] >= 0 else 6),
        lambda c: c.update(symmetry_induced="no" if c["symmetry_induced"] == "yes" else "yes"),
        lambda c: c.update(strata=c["strata"][::-1]),
        lambda c: c["strata"].pop(),
        lambda c: c["strata"].append(c["strata"][-1]),
        *(lambda c, k=k, key=key, by=by: c["strata"][k].update({key: c["strata"][k][key] + by})  # type: ignore[misc]
          for k in range(len(data["claim"]["strata"])) for key in ("count", "dimension", "patterns", "zero") for by in (1, -1)),
        *(lambda c, row=row: c.update(row=row) for row in ("plain", "odd", "zero", "flat", "flat-zero") if row != data["claim"]["row"]),  # type: ignore[misc]
    ]  # fmt: skip
    for change in changes:
        other = copy.deepcopy(data)
        change(other["claim"])
        assert status(other) in ("invalid", "malformed")


def test_points_have_to_be_of_the_type_and_of_different_patterns() -> None:
    data = table("mlp:1-2-1:tanh", "all")
    for i, s in enumerate(data["claim"]["strata"]):
        for j in range(len(s["points"])):
            other = copy.deepcopy(data)
            other["claim"]["strata"][i]["points"][j] = {"W1": ["0", "0"], "W2": ["0", "0"]}
            assert (status(other) == "invalid") == (i != len(data["claim"]["strata"]) - 1)
    s, part = data["claim"]["strata"][0], data["proof"]["strata"][0]
    s["points"].append(s["points"][0])
    part["lower"].append(part["lower"][0])
    assert status(data) == "invalid"


def test_the_bounds_have_to_meet() -> None:
    data = table("mlp:1-2-1:tanh")
    for k, part in enumerate(data["proof"]["strata"]):
        if part["upper"]:
            assert status_with(data, k, "upper", {}) == "invalid"
            wrong = copy.deepcopy(part["upper"])
            wrong["subspace"]["rows"][0]["constant"] = "1"
            assert status_with(data, k, "upper", wrong) == "invalid"
        if data["claim"]["strata"][k]["dimension"]:
            assert status_with(data, k, "lower", [{"method": "none"}]) == "invalid"


def status_with(data: Json, k: int, key: str, value: Json) -> str:
    other = copy.deepcopy(data)
    other["proof"]["strata"][k][key] = value
    return status(other)


def edited(change: Callable[[Json], Any]) -> Json:
    data = load_model("mlp:1-2-1:tanh").to_json()
    change(data)
    return data


SQUARED = [
    {"name": "x", "op": "input", "shape": [1]}, {"name": "W1", "op": "parameter", "shape": [2, 1]},
    {"args": [1, 0], "op": "contract", "shape": [2], "spec": "ij,j->i"}, {"activation": "tanh", "args": [2], "op": "apply", "order": 0, "shape": [2]},
    {"name": "W2", "op": "parameter", "shape": [1, 2]}, {"args": [1, 3], "op": "contract", "shape": [1], "spec": "ji,j->i"},
]  # fmt: skip


@pytest.mark.parametrize(
    "model",
    [
        edited(lambda m: m.update(nodes=SQUARED)),  # F = Σ w_i σ(w_i x), with a parameter beside it of the right size
        edited(lambda m: m["nodes"][3].update(order=1)),
        edited(lambda m: m["nodes"][2].update(args=[1, 1], spec="ij,kj->i")),
        edited(lambda m: m["nodes"][5].update(args=[3, 3], spec="i,j->", shape=[])),
        edited(lambda m: m["nodes"][5].update(args=[4, 2])),
        edited(lambda m: m.update(outputs=[5, 3])),
        edited(lambda m: m["nodes"][5].update(spec="ij,k->i")),
        load_model("mlp:1-2-1:tanh:bias").to_json(),
        load_model("mlp:1-2-2-1:tanh").to_json(),
        load_model("linear:1-2-1").to_json(),
    ],
)
def test_models_of_another_form(model: Json) -> None:
    from simcert.checker.classification import two_layers

    with pytest.raises(Invalid):
        two_layers(read_model(model, BUDGET))


def test_the_form_does_not_depend_on_how_it_is_written() -> None:
    from simcert.checker.classification import two_layers

    model = load_model("mlp:2-3-1:tanh").to_json()
    expected = two_layers(read_model(model, BUDGET))
    assert expected == ("tanh", [(6, [0, 1]), (7, [2, 3]), (8, [4, 5])])
    model["parameters"][0]["shape"] = model["nodes"][1]["shape"] = [2, 3]
    model["nodes"][2] |= {"args": [0, 1], "spec": "a,ab->b"}
    assert two_layers(read_model(model, BUDGET))[1] == [(6, [0, 3]), (7, [1, 4]), (8, [2, 5])]


def test_hypotheses() -> None:
    def named(name: str, *facts: str) -> Activation:
        return Activation("named", name, (), frozenset(facts))

    assert read_row(named("softplus")).name == "plain"
    assert read_row(named("gelu", "zero")).name == "zero"
    for wrong in (named("tanh"), named("silu"), named("cos"), named("cos", "flat"), named("tanh", "zero"), named("logcosh", "even", "flat")):
        with pytest.raises(Invalid):
            read_row(wrong)
    for refused in (
        Activation("piecewise", "", (0, 1), frozenset({"zero"})),
        named("reciprocal", "odd"),
        named("rsqrt"),
        Activation("polynomial", "", (0, 1), frozenset({"odd", "zero"})),
        Activation("polynomial", "", (1, 0, 1), frozenset({"even", "flat"})),
    ):
        with pytest.raises(Invalid):
            read_row(refused)
    with pytest.raises(Limit):
        kinds(ODD, 31, BUDGET)


def test_what_is_said() -> None:
    result = check_text(print_text(table("mlp:2-2-1:odd")))
    assert "Cited, from the classification theorem" in result.statement and "they are 6 in all" in result.statement
    assert any("docs/classification.md" in line for line in result.trust)
    assert any("one particular function" in line for line in result.not_claimed)
    assert sc.classify("mlp:2-2-1:cos", "one").certificate.verify().statement.count("infinitely many") == 2
