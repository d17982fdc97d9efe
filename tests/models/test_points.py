"""Points from every source, exactly, and one test for each mistake."""

from __future__ import annotations

import json
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import flint
import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from simcert.errors import InexactInputError, MissingExtraError, ResourceLimit, SpecError
from simcert.models.builder import Builder
from simcert.models.families import linear, mlp
from simcert.models.points import generic_point, parse_point, program_point

NET = mlp(2, 3, 1)
W1 = [[1, "-1/2"], [3, 0], [7, 4]]
W2 = [["2", "3", "5/7"]]
POINT = {"W1": [1, Fraction(-1, 2), 3, 0, 7, 4], "W2": [2, 3, Fraction(5, 7)]}


def save(folder: Path, value: Any, name: str = "p.json") -> Path:
    path = folder / name
    path.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
    return path


def test_json_mapping_and_keywords_are_one_point(tmp_path: Path) -> None:
    path = save(tmp_path, {"W2": W2, "W1": W1})
    for point in (parse_point(NET, path), parse_point(NET, str(path)), parse_point(NET, {"W1": W1, "W2": W2}), program_point(NET, W1=W1, W2=W2)):
        assert point == POINT and list(point) == ["W1", "W2"]
        assert all(type(v) is Fraction for entries in point.values() for v in entries)


def test_numbers_of_other_libraries() -> None:
    point = program_point(NET, W1=np.array([[1, 2], [3, 4], [5, 6]]), W2=[[sympy.Rational(1, 2), flint.fmpq(2, 3), flint.fmpz(4)]])
    assert point == {"W1": [1, 2, 3, 4, 5, 6], "W2": [Fraction(1, 2), Fraction(2, 3), 4]}


@given(st.lists(st.fractions(), min_size=4, max_size=4))
def test_row_major_order(entries: list[Fraction]) -> None:
    a, b, c, d = entries
    assert program_point(linear(2, 2), W1=[[a, b], [c, d]]) == {"W1": entries}


def test_scalar_parameters() -> None:
    b = Builder()
    program = b.program(b.parameter("s") * b.parameter("t", 1))
    assert program_point(program, s="1/2", t=[3]) == {"s": [Fraction(1, 2)], "t": [3]}
    with pytest.raises(SpecError, match=r"at t\)"):
        program_point(program, s="1/2", t=3)
    with pytest.raises(SpecError, match="a list where the shape"):
        program_point(program, s=[1], t=[3])


@pytest.mark.parametrize(
    ("arrays", "fact", "place"),
    [
        ({"W1": W1}, "the parameter W2 is missing", ""),
        ({"W1": W1, "W2": W2, "W3": [[1]]}, "no parameter 'W3'.*did you mean", ""),
        ({"w1": W1, "W2": W2}, "no parameter 'w1'", ""),
        ({"W1": [[1, 2], [3, 4]], "W2": W2}, "2 items along axis 0 .* needs 3", "W1"),
        ({"W1": [[1, 2], [3], [4, 5]], "W2": W2}, "1 items along axis 1 .* needs 2", "W1[1]"),
        ({"W1": [[1, 2], 3, [4, 5]], "W2": W2}, "a number where the shape .* needs a list of 2", "W1[1]"),
        ({"W1": 3, "W2": W2}, "needs a list of 3", "W1"),
        ({"W1": [[1, 2], [3, [4]], [4, 5]], "W2": W2}, "a list where", "W1[1,1]"),
        ({"W1": [[1, 2], [3, "2/4"], [4, 5]], "W2": W2}, "lowest terms", "W1[1,1]"),
        ({"W1": [[1, 2], [3, "0.5"], [4, 5]], "W2": W2}, "not a rational", "W1[1,1]"),
        ({"W1": [[1, 2], [3, True], [4, 5]], "W2": W2}, "exact rational", "W1[1,1]"),
        ({"W1": [[1, 2], [3, None], [4, 5]], "W2": W2}, "exact rational", "W1[1,1]"),
    ],
)
def test_mistakes(tmp_path: Path, arrays: dict[str, Any], fact: str, place: str) -> None:
    with pytest.raises(SpecError, match=fact) as caught:
        parse_point(NET, arrays)
    assert caught.value.place == (place or NET.title)
    path = save(tmp_path, arrays)
    with pytest.raises(SpecError, match=fact) as caught:
        parse_point(NET, path)
    assert caught.value.place == (f"{path}, {place}" if place else str(path))


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("", "not JSON"),
        ("[]", "a point is an object"),
        ('{"W1":1,"W1":2}', "occurs twice"),
        ('{"W1":[[NaN,1],[1,1],[1,1]]}', "NaN is not a rational"),
        ('{"W1":' + "[" * 100000, "nested too deeply"),
    ],
)
def test_mistakes_in_json(tmp_path: Path, text: str, fact: str) -> None:
    with pytest.raises(SpecError, match=fact):
        parse_point(NET, save(tmp_path, text))


def test_floats_are_refused_where_exact_numbers_are_typed(tmp_path: Path) -> None:
    with pytest.raises(InexactInputError, match=r'W2\[0,1\]\); write the string "1/2"'):
        parse_point(NET, save(tmp_path, {"W1": W1, "W2": [[1, 0.5, 2]]}))
    with pytest.raises(InexactInputError, match=r"W2\[0,1\]\).*sc\.exact\(0\.5\)"):
        program_point(NET, W1=W1, W2=[[1, 0.5, 2]])
    with pytest.raises(InexactInputError, match=r"W2\[0,0\]\)"):
        program_point(NET, W1=W1, W2=np.ones((1, 3)))


def test_long_numbers(tmp_path: Path) -> None:
    for number in ("9" * 5000, '"' + "9" * 5000 + '"'):
        with pytest.raises(ResourceLimit):
            parse_point(linear(1, 1), save(tmp_path, f'{{"W1":[[{number}]]}}'))
    with pytest.raises(ResourceLimit, match="a point with"):
        parse_point(linear(10000, 10000), "generic")


@pytest.mark.parametrize("source", ["point", "point.txt", "generic.csv", "."])
def test_other_sources(source: str) -> None:
    with pytest.raises(SpecError, match="this is not a point"):
        parse_point(NET, source)


def test_missing_files_and_wrong_types() -> None:
    for name in ("none.json", "none.npz"):
        with pytest.raises(SpecError, match="no such file"):
            parse_point(NET, name)
    with pytest.raises(SpecError, match="a point is a path"):
        parse_point(NET, 3)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("kind", ["f2", "f4", "f8", "longdouble", "i1", "i8", "u8"])
def test_npz_is_read_exactly(tmp_path: Path, kind: str) -> None:
    rng = np.random.default_rng(0)
    arrays = {"W1": (100 * rng.random((3, 2))).astype(kind), "W2": (100 * rng.random((1, 3))).astype(kind)}
    path = tmp_path / "p.npz"
    np.savez(path, **arrays)  # pyright: ignore[reportArgumentType]
    point = parse_point(NET, path)
    for name, array in arrays.items():
        assert point[name] == [Fraction(*v.as_integer_ratio()) if kind[0] in "fl" else int(v) for v in array.ravel()]


@pytest.mark.parametrize(
    ("w1", "fact"),
    [
        (np.full((3, 2), np.nan), r"nan is not a rational.*W1\[0,0\]"),
        (np.array([[1, 2], [3, np.inf], [0, 0]]), r"inf is not a rational.*W1\[1,1\]"),
        (np.ones((2, 3)), r"an array of shape \(2, 3\) where the model has \(3, 2\).*out × in"),
        (np.ones(6), "an array of shape"),
        (np.ones((3, 2)) * 1j, "exact rational"),
        (np.ones((3, 2), dtype=bool), "exact rational"),
        (np.full((3, 2), "1"), ""),
        (np.full((3, 2), None), "not a NumPy archive of plain arrays"),
    ],
)
def test_mistakes_in_npz(tmp_path: Path, w1: np.ndarray, fact: str) -> None:
    path = tmp_path / "p.npz"
    np.savez(path, W1=w1, W2=np.ones((1, 3)))
    if not fact:
        assert parse_point(NET, path)["W1"] == [1] * 6
        return
    with pytest.raises(SpecError, match=fact) as caught:
        parse_point(NET, path)
    assert "p.npz" in caught.value.place and type(caught.value) is SpecError


def test_files_that_are_no_npz(tmp_path: Path) -> None:
    path = tmp_path / "p.npz"
    np.savez_compressed(path, W1=np.ones((3, 2)), W2=np.ones((1, 3)))
    good = path.read_bytes()
    for data in (b"", b"junk", good[:100], good[:60] + b"xx" + good[62:]):
        path.write_bytes(data)
        with pytest.raises(SpecError, match="not a NumPy archive"):
            parse_point(NET, path)
    np.save(tmp_path / "one.npy", np.ones(3))
    (tmp_path / "one.npy").rename(path)
    with pytest.raises(SpecError, match="one array"):
        parse_point(NET, path)


def safetensors_file(path: Path, tensors: dict[str, tuple[str, np.ndarray]]) -> Path:
    """A file written by the published layout: the length of a JSON header, the header, the data."""
    header, data = {}, b""
    for name, (kind, array) in tensors.items():
        header[name] = {"dtype": kind, "shape": list(array.shape), "data_offsets": [len(data), len(data) + array.nbytes]}
        data += array.tobytes()
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + data)
    return path


def test_safetensors_is_read_exactly(tmp_path: Path) -> None:
    pytest.importorskip("safetensors")
    w1 = np.array([[0.1, 1], [2, 3], [4, 5]], dtype="<f4")
    halves = np.array([[0x3F80, 0x3FC0, 0xBF80]], dtype="<u2")  # bfloat16: 1, 3/2, −1
    point = parse_point(NET, safetensors_file(tmp_path / "p.safetensors", {"W1": ("F32", w1), "W2": ("BF16", halves)}))
    assert point == {"W1": [Fraction(13421773, 134217728), 1, 2, 3, 4, 5], "W2": [1, Fraction(3, 2), -1]}
    with pytest.raises(SpecError, match="type BOOL"):
        parse_point(NET, safetensors_file(tmp_path / "p.safetensors", {"W1": ("BOOL", np.ones((3, 2), dtype="u1"))}))
    (tmp_path / "p.safetensors").write_bytes(b"junk" * 10)
    with pytest.raises(SpecError, match="not a safetensors file"):
        parse_point(NET, tmp_path / "p.safetensors")
    with pytest.raises(SpecError, match="no such file"):
        parse_point(NET, tmp_path / "none.safetensors")


def test_safetensors_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "safetensors", None)
    with pytest.raises(MissingExtraError, match=r"install simcert\[torch\]"):
        parse_point(NET, "p.safetensors")


@given(st.integers(0, 1000))
def test_generic_points(seed: int) -> None:
    program = mlp(3, 4, 2, bias=True)
    point = parse_point(program, "generic", seed=seed)
    assert point == generic_point(program, seed)
    for name, shape in program.parameters:
        entries = point[name]
        assert len(entries) == np.prod(shape) and all(v.denominator == 1 for v in entries)
        assert len({abs(v) for v in entries}) == len(entries) and 0 not in entries
        assert max(map(abs, entries)) <= max(9, len(entries))


def test_generic_points_depend_on_the_seed() -> None:
    assert generic_point(NET, 1) != generic_point(NET, 2)
    assert {v > 0 for v in generic_point(mlp(10, 10, 1), 3)["W1"]} == {True, False}
