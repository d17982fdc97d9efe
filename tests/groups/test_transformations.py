"""The language of data symmetries: what maps mean, and every kind of mistake."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import simcert as sc
from simcert.errors import InexactInputError, ResourceLimit, SpecError
from simcert.groups.generators import Matrix, Monomial
from simcert.groups.transformations import apply_actions, parse_symmetry, to_rows

NET = sc.load_model("mlp:3-4-2:relu")
F = Fraction


def matrix(text: str) -> list[list[Fraction]]:
    """The matrix of T of the one generator of a text, on R^3."""
    (g,) = parse_symmetry(NET, text)
    action = g.actions.get((0, 0))
    return [[F(i == j) for j in range(3)] for i in range(3)] if action is None else [[row.get(j, F(0)) for j in range(3)] for row in to_rows(action)]


def test_the_words_for_maps() -> None:
    assert matrix("flip") == matrix("-1") == matrix("T = [[-1,0,0],[0,-1,0],[0,0,-1]]") == [[-1, 0, 0], [0, -1, 0], [0, 0, -1]]
    assert matrix("1") == matrix("identity") == matrix("flip(1) * flip(1)") == [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
    assert matrix("flip(0, 2)") == [[-1, 0, 0], [0, 1, 0], [0, 0, -1]]
    assert matrix("swap(0,2)") == [[0, 0, 1], [0, 1, 0], [1, 0, 0]]
    assert matrix("cycle(0,1,2)") == [[0, 0, 1], [1, 0, 0], [0, 1, 0]]  # e0 ↦ e1 ↦ e2 ↦ e0
    assert matrix("rotate(0,1; 3,4,5)") == [[F(3, 5), F(-4, 5), 0], [F(4, 5), F(3, 5), 0], [0, 0, 1]]
    assert matrix("reflect(0,2; 7,24,25)") == [[F(7, 25), 0, F(24, 25)], [0, 1, 0], [F(24, 25), 0, F(-7, 25)]]


def test_in_a_product_the_right_factor_acts_first() -> None:
    assert matrix("swap(0,1) * flip(0)") == [[0, 1, 0], [-1, 0, 0], [0, 0, 1]]
    assert matrix("flip(0) * swap(0,1)") == [[0, -1, 0], [1, 0, 0], [0, 0, 1]]
    assert matrix("reflect(0,1; 3,4,5) * flip(1)") == matrix("rotate(0,1; 3,4,5)")
    assert matrix("rotate(0,1; 0,1,1)") == matrix("-1 * swap(0,1) * flip(1) * -1") == [[0, -1, 0], [1, 0, 0], [0, 0, 1]]


def test_signed_permutations_and_matrices_are_told_apart() -> None:
    (g,) = parse_symmetry(NET, "rotate(0,1; 0,-1,1) ; eps = [[3/5,4/5],[4/5,-3/5]]")
    assert isinstance(g.actions[0, 0], Monomial) and isinstance(g.actions[NET.outputs[0], 0], Matrix)


def test_generators_clauses_files_and_objects(tmp_path: Path) -> None:
    text = "flip; eps = swap(0,1); units = pairs | swap(0,1)"
    two = parse_symmetry(NET, text)
    assert [g.units for g in two] == ["pairs", ""] and [len(g.actions) for g in two] == [2, 1]
    (tmp_path / "s.txt").write_text("# two generators\nflip; eps = swap(0,1); units = pairs\n\nswap(0,1)  # the second\n")
    objects: list[Any] = [{"T": "flip", "eps": [["0", "1"], ["1", 0]], "units": "pairs"}, {"T": "swap(0,1)"}]
    (tmp_path / "s.json").write_text(json.dumps(objects))
    for other in (parse_symmetry(NET, tmp_path / "s.txt"), parse_symmetry(NET, str(tmp_path / "s.json")), parse_symmetry(NET, objects)):
        assert [(g.actions, g.units) for g in other] == [(g.actions, g.units) for g in two]
    assert parse_symmetry(NET, {"generators": objects})[1].text == "T = swap(0,1)"


def test_axes_of_several_inputs_and_of_arrays() -> None:
    attention = sc.load_model("attention:2-1:tokens=3")
    (g,) = parse_symmetry(attention, "x.0 = cycle(0,1,2); T = flip(0); eps.0 = cycle(0,1,2); eps = 1")
    assert {axis: action.words() for axis, action in g.actions.items() if axis[0] == 0} == {(0, 0): "(0 2 1)", (0, 1): "(0 -0)"}
    assert apply_actions([g.actions[0, 0], g.actions[0, 1]], (3, 2), [F(k) for k in (1, 2, 3, 4, 5, 6)]) == (-5, 6, -1, 2, -3, 4)


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("flap", "'flap' is not a map"),
        ("flip *", "is not a map"),
        ("flip flip", "is not a map"),
        ("swap(0)", "is not a map"),
        ("flip(3)", "distinct coordinates"),
        ("swap(1,1)", "distinct coordinates"),
        ("swap(a,b)", "not a list of integers"),
        ("rotate(0,1)", "not a Pythagorean triple"),
        ("rotate(0,1; 1,2,3)", "not a Pythagorean triple"),
        ("rotate(0,1; 3,4,-5)", "not a Pythagorean triple"),
        ("T = [[1,0],[0,1]]", "not 3×3"),
        ("T = [[1,1,0],[0,1,0],[0,0,1]]", "not orthogonal: the product of its rows 0 and 0 is 2"),
        ("T = [[2/4,0,0],[0,1,0],[0,0,1]]", "not in lowest terms"),
        ("flip; T = flip", "given twice"),
        ("", "no symmetry"),
        (" # nothing\n", "no symmetry"),
        ("y = flip", "y names no input or output"),
        ("eps2 = 1", "eps2 names no input"),
        ("T.1 = 1", "the array has 1 axes"),
        ("T =", "is not a map"),
        ("eps = flip(0,1,2)", "distinct coordinates from 0 to 1"),
    ],
)
def test_mistakes(text: str, fact: str) -> None:
    with pytest.raises(SpecError, match=fact) as caught:
        parse_symmetry(NET, text)
    assert caught.value.remedy


def test_floats_limits_and_missing_files(tmp_path: Path) -> None:
    with pytest.raises(InexactInputError, match=r"0\.6 is a float"):
        parse_symmetry(NET, "T = [[0.6,0.8,0],[0.8,-0.6,0],[0,0,1]]")
    with pytest.raises(InexactInputError, match="is a float"):
        parse_symmetry(NET, [{"eps": [[0.0, 1], [1, 0]]}])
    with pytest.raises(ResourceLimit, match="characters"):
        parse_symmetry(NET, "flip *" * 10_000)
    with pytest.raises(SpecError, match="no such file"):
        parse_symmetry(NET, str(tmp_path / "none.json"))
    with pytest.raises(SpecError, match="a generator is a text or an object"):
        parse_symmetry(NET, [1])
