"""Finite data sets as a person hands them in: JSON, CSV, NumPy and safetensors files, or lists of exact numbers."""

from __future__ import annotations

import csv
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from simcert.errors import ResourceLimit, SpecError
from simcert.exact.border import read_rational
from simcert.models.points import entries, npz_arrays, safetensors_arrays
from simcert.models.program import Program, Shape, size_of

Flat = tuple[Fraction, ...]
MAX_EXAMPLES = 100_000
SHAPES = 'write {"x": [[1, 2], …], "y": [[3], …]} or [{"x": [1, 2], "y": [3]}, …]'


@dataclass(frozen=True, slots=True)
class Example:
    """One example: flat inputs (one tuple for each input of the model), flat targets (one for each output), and a positive weight."""

    x: tuple[Flat, ...]
    y: tuple[Flat, ...]
    weight: Fraction

    @property
    def words(self) -> str:
        """The example as a person writes it: `x = (1, 2), y = (3)`."""

        def tuples(parts: tuple[Flat, ...]) -> str:
            return " | ".join(f"({', '.join(map(str, part))})" for part in parts)

        return f"x = {tuples(self.x)}, y = {tuples(self.y)}"


@dataclass(frozen=True, slots=True)
class DataSet:
    """Distinct examples in increasing order: equal pairs (x, y) are merged and their weights added."""

    examples: tuple[Example, ...]

    def to_json(self, program: Program) -> list[Any]:
        """The `data` of a claim (docs/format.md, section 11)."""
        names = [name for name, _ in program.inputs]
        return [
            {
                "weight": str(e.weight),
                "x": {n: [str(v) for v in part] for n, part in zip(names, e.x, strict=True)},
                "y": [[str(v) for v in part] for part in e.y],
            }
            for e in self.examples
        ]


def parse_data(program: Program, source: str | os.PathLike[str] | Mapping[str, Any] | Sequence[Any]) -> DataSet:
    """A finite data set of pairs (x, y), with optional weights, for a model.

    Arguments: `source` is one of

    - a `.json` file, or the same as Python objects: `{"x": [[1, "1/2"], …], "y": [[3], …], "weight": [1, …]}`, or a list of `{"x": …, "y": …, "weight": …}`;
    - a `.csv` file of rationals, one example a line: the entries of x, those of y and optionally a weight, under the header `x0,x1,…,y0,…,weight` or none;
    - a `.npz` or `.safetensors` file with arrays `x`, `y` and optionally `weight`, whose floats are read as the exact dyadic rationals they are.

    Several inputs go by their names, several outputs by `y0`, `y1`, …. Raises `SpecError` for missing or unknown columns and shapes, with the example as the
    place; `InexactInputError` for floats in JSON, CSV and Python objects; `ResourceLimit` for more than 100,000 examples.

    >>> from simcert.models.spec import load_model
    >>> [example.words for example in parse_data(load_model("mlp:2-2-1:relu"), {"x": [[1, 2], [0, "1/2"]], "y": [3, 4]}).examples]
    ['x = (0, 1/2), y = (4)', 'x = (1, 2), y = (3)']
    """
    if isinstance(source, Mapping):
        return _from_columns(program, dict(source), "data", floats=False)
    if not isinstance(source, str | os.PathLike):
        return _from_columns(program, _columns(source, "data"), "data", floats=False)
    name = os.fspath(source)
    suffix = Path(name).suffix.lower()
    if suffix == ".json":
        from simcert.models.spec import read_json

        data = read_json(name)
        return _from_columns(program, data if isinstance(data, dict) else _columns(data, name), name, floats=False)
    if suffix == ".csv":
        return _from_columns(program, _csv(program, name), name, floats=False)
    if suffix in (".npz", ".safetensors"):
        arrays = npz_arrays(name) if suffix == ".npz" else safetensors_arrays(name)
        return _from_columns(program, {key: array.tolist() for key, array in arrays.items()}, name, floats=True)
    raise SpecError("this is not a data set", name[:200], "give a .json, .csv, .npz or .safetensors file")


def _columns(listed: Any, place: str) -> dict[str, Any]:
    """A list of examples as lists of inputs, targets and weights."""
    if not isinstance(listed, list | tuple) or not all(isinstance(item, Mapping) for item in listed):
        raise SpecError("a data set is an object of columns or a list of examples", place, SHAPES)
    out: dict[str, list[Any]] = {}
    for k, item in enumerate(listed):
        if set(item) != set(listed[0]):
            raise SpecError("an example has other keys than the first one", f"{place}, example {k}", f"give {', '.join(map(str, listed[0]))}")
        for key, value in item.items():
            out.setdefault(str(key), []).append(value)
    return out


def _keys(program: Program) -> tuple[list[tuple[str, Shape]], list[tuple[str, Shape]]]:
    """The columns that a data set of a model has, with the shape of one entry."""
    inputs = list(program.inputs) if len(program.inputs) != 1 else [("x", program.inputs[0][1])]
    shapes = [program.nodes[k].shape for k in program.outputs]
    return inputs, [(f"y{k}" if len(shapes) > 1 else "y", shape) for k, shape in enumerate(shapes)]


def _from_columns(program: Program, columns: dict[Any, Any], place: str, *, floats: bool) -> DataSet:
    from simcert.models.spec import close

    inputs, outputs = _keys(program)
    if len(program.inputs) == 1 and "x" not in columns and program.inputs[0][0] in columns:
        columns = {**columns, "x": columns[program.inputs[0][0]]}
        del columns[program.inputs[0][0]]
    known = [name for name, _ in inputs + outputs]
    for key in columns:
        if key not in (*known, "weight"):
            raise SpecError(f"there is no column {str(key)[:60]!r} in the data of this model", place, close(str(key), [*known, "weight"]))
    for name in known:
        if name not in columns:
            raise SpecError(f"the column {name} is missing", place, SHAPES)
    for name, column in columns.items():
        if not isinstance(column, list | tuple):
            raise SpecError(f"the column {name} is not a list of examples", place, SHAPES)
        if len(column) != len(columns[known[0]]):
            raise SpecError(f"{len(column)} entries in {name} and {len(columns[known[0]])} in {known[0]}", place, "give one of each for every example")
    count = len(columns[known[0]])
    if not count:
        raise SpecError("there are no examples", place, "give at least one")
    if count > MAX_EXAMPLES:
        raise ResourceLimit(f"{count} examples", place, f"the limit is {MAX_EXAMPLES}")
    weights: dict[tuple[tuple[Flat, ...], tuple[Flat, ...]], Fraction] = {}
    for k in range(count):
        at = f"{place}, example {k}"
        x = tuple(_flat(columns[name][k], shape, f"{at}, {name}", floats=floats) for name, shape in inputs)
        y = tuple(_flat(columns[name][k], shape, f"{at}, {name}", floats=floats) for name, shape in outputs)
        (weight,) = _flat(columns["weight"][k], (), f"{at}, weight", floats=floats) if "weight" in columns else (Fraction(1),)
        if weight <= 0:
            raise SpecError(f"the weight {weight} is not positive", at, "leave out examples of weight 0")
        weights[x, y] = weights.get((x, y), Fraction(0)) + weight
    return DataSet(tuple(Example(x, y, weight) for (x, y), weight in sorted(weights.items())))


def _flat(value: Any, shape: Shape, place: str, *, floats: bool) -> Flat:
    """The entries of one array; a single number stands for an array of one entry."""
    if size_of(shape) == 1 and not isinstance(value, list | tuple) and not (hasattr(value, "shape") and tuple(value.shape)):
        shape = ()
    return tuple(entries(value, shape, place, floats=floats))


def _csv(program: Program, name: str) -> dict[str, Any]:
    """The columns of a CSV file; a line has the entries of x, of y, and perhaps a weight."""
    from simcert.models.spec import read_text

    if len(program.inputs) > 1 or len(program.outputs) > 1:
        raise SpecError("a CSV file is for models with one input and one output", name, "write the data as .json")
    lines = [(number, line) for number, line in enumerate(csv.reader(read_text(name).splitlines()), 1) if any(cell.strip() for cell in line)]
    (_, x_shape), (_, y_shape) = _keys(program)[0][0], _keys(program)[1][0]
    n, m = size_of(x_shape), size_of(y_shape)
    heading = [f"x{k}" for k in range(n)] + [f"y{k}" for k in range(m)]
    if lines and any(cell.strip()[:1].isalpha() for cell in lines[0][1]):
        cells = [cell.strip() for cell in lines[0][1]]
        if cells not in (heading, [*heading, "weight"]):
            raise SpecError(f"the header is {','.join(cells)[:80]}", f"{name}, line 1", f"write {','.join(heading)} and optionally weight")
        lines = lines[1:]
    out: dict[str, list[Any]] = {"x": [], "y": []}
    for number, line in lines:
        if len(line) not in (n + m, n + m + 1) or len(line) != len(lines[0][1]):
            raise SpecError(f"{len(line)} numbers", f"{name}, line {number}", f"write {n} of x, {m} of y and optionally a weight, the same on every line")
        values = [read_rational(cell.strip(), f"{name}, line {number}, column {k + 1}") for k, cell in enumerate(line)]
        out["x"].append(_nested(values[:n], x_shape))
        out["y"].append(_nested(values[n : n + m], y_shape))
        if len(line) > n + m:
            out.setdefault("weight", []).append(values[-1])
    return out


def _nested(values: list[Any], shape: Shape) -> Any:
    """Flat values as nested lists of this shape."""
    for n in reversed(shape[1:]):
        values = [values[k : k + n] for k in range(0, len(values), n)]
    return values if shape else values[0]
