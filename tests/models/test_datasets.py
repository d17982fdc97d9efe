"""Data sets from every kind of file, and every kind of mistake in them."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import simcert as sc
from simcert.errors import InexactInputError, SpecError
from simcert.models.datasets import Example, parse_data

NET = sc.load_model("mlp:2-2-1:relu")
F = Fraction
EXPECTED = (Example(((F(-1), F(1, 2)),), ((F(-3),),), F(2)), Example(((F(1), F(-1, 2)),), ((F(3),),), F(5)))
COLUMNS: dict[str, Any] = {"x": [[1, "-1/2"], [-1, "1/2"]], "y": [3, -3], "weight": [5, 2]}


def test_the_same_data_from_every_source(tmp_path: Path) -> None:
    listed = [{"x": [1, "-1/2"], "y": ["3"], "weight": 5}, {"x": [-1, "1/2"], "y": [-3], "weight": 2}]
    (tmp_path / "a.json").write_text(json.dumps(COLUMNS))
    (tmp_path / "b.json").write_text(json.dumps(listed))
    (tmp_path / "c.csv").write_text("x0,x1,y0,weight\n1,-1/2,3,5\n\n-1, 1/2, -3, 2\n")
    (tmp_path / "d.csv").write_text("1,-1/2,3,5\n-1,1/2,-3,2\n")
    np.savez(tmp_path / "e.npz", x=np.array([[1, -0.5], [-1, 0.5]], dtype=np.float32), y=np.array([3, -3]), weight=np.array([5.0, 2.0]))
    for source in (COLUMNS, listed, *(str(tmp_path / name) for name in ("a.json", "b.json", "c.csv", "d.csv", "e.npz"))):
        assert parse_data(NET, source).examples == EXPECTED


def test_floats_in_npz_are_the_dyadic_numbers_they_are(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=np.array([[0.1, 0.25]]), y=np.array([[1.0]]))
    (example,) = parse_data(NET, tmp_path / "a.npz").examples
    assert example.x == ((F(0.1), F(1, 4)),) and example.weight == 1


def test_equal_examples_are_merged_and_all_are_sorted() -> None:
    data = parse_data(NET, {"x": [[1, 0], [0, 1], [1, 0], [1, 0]], "y": [2, 2, 2, 1]})
    assert [(e.x[0], e.y[0], e.weight) for e in data.examples] == [((0, 1), (2,), 1), ((1, 0), (1,), 1), ((1, 0), (2,), 2)]
    assert data.to_json(NET)[0] == {"weight": "1", "x": {"x": ["0", "1"]}, "y": [["2"]]}


def test_several_inputs_and_outputs_and_arrays() -> None:
    b = sc.Builder("two")
    x, z, w = b.input("x", 2), b.input("z", 1), b.parameter("W", 2, 2)
    net = b.program([w @ x, b.parameter("V", 1, 1) @ z])
    (example,) = parse_data(net, {"x": [[1, 2]], "z": [3], "y0": [[4, 5]], "y1": [6]}).examples
    assert example.words == "x = (1, 2) | (3), y = (4, 5) | (6)"
    tokens = sc.load_model("attention:2-1:tokens=2")
    (example,) = parse_data(tokens, {"x": [[[1, 2], [3, 4]]], "y": [[[5, 6], [7, 8]]]}).examples
    assert example.x == ((1, 2, 3, 4),)


@pytest.mark.parametrize(
    ("source", "fact"),
    [
        ({"x": [[1, 2]]}, "the column y is missing"),
        ({**COLUMNS, "z": [1, 2]}, "no column 'z'"),
        ({"x": [], "y": []}, "no examples"),
        ({"x": [[1, 2]], "y": [1, 2]}, "2 entries in y and 1 in x"),
        ({"x": [[1, 2, 3]], "y": [1]}, "3 items along axis 0"),
        ({"x": 1, "y": 2}, "not a list"),
        ({"x": [[1, 2]], "y": [1], "weight": [0]}, "not positive"),
        ({"x": [[1, 2]], "y": [1], "weight": ["-1/2"]}, "not positive"),
        ([{"x": [1, 2], "y": 1}, {"x": [1, 2]}], "other keys"),
        ([1, 2], "columns or a list of examples"),
        ("data.txt", "not a data set"),
        ("none.csv", "no such file"),
        ({"x": [["1", "2/4"]], "y": [1]}, "not in lowest terms"),
    ],
)
def test_mistakes(source: Any, fact: str) -> None:
    with pytest.raises(SpecError, match=fact):
        parse_data(NET, source)


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("1,2\n", "2 numbers"),
        ("1,2,3\n1,2,3,4\n", "4 numbers"),
        ("a,b,c\n1,2,3\n", "the header is a,b,c"),
        ("1,2,0.5\n", "0.5 is a float"),
        ("x0,x1,y0\n", "no examples"),
        ("1,2,z\n", "the header"),
    ],
)
def test_mistakes_in_csv(text: str, fact: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(SpecError, match=fact):
        parse_data(NET, tmp_path / "a.csv")


def test_floats_are_refused_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"x": [[0.5, 1]], "y": [1]}')
    for source in (tmp_path / "a.json", {"x": [[0.5, 1]], "y": [1]}):
        with pytest.raises(InexactInputError, match="example 0, x"):
            parse_data(NET, source)
