"""The language of data symmetries: orthogonal rational maps T of the inputs and ε of the outputs, and how hidden units are to move along.

`flip; eps = -1` is x ↦ −x, y ↦ −y; `swap(0,1) * flip(2) | rotate(0,1; 3,4,5)` are two generators with y unchanged.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from simcert.errors import ResourceLimit, SpecError
from simcert.exact.border import read_rational, to_fraction
from simcert.groups.axes import Axis
from simcert.groups.generators import Action, Matrix, Monomial
from simcert.models.program import Program

Rows = list[dict[int, Fraction]]  # a sparse square matrix
EXAMPLE = 'write for example "flip; eps = -1", "swap(0,1)", "rotate(0,1; 3,4,5)" or "T = [[0,1],[1,0]]"'
MAX_SIZE = 4096
MAX_TEXT = 20_000
_FACTOR = re.compile(
    r"\s*(?:(?P<one>-?\s*1|identity)|(?P<word>[a-z]+)\s*(?:\((?P<inside>[^()]*)\))?|(?P<matrix>\[\s*\[.*?\]\s*\]))\s*(?P<times>\*|$)", re.DOTALL
)
_KEY = re.compile(r"\s*(?P<name>[A-Za-z][A-Za-z0-9_]*)(?:\.(?P<axis>[0-9]+))?\s*=(?P<value>.*)\Z", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Transformation:
    """One generator of a symmetry of data: actions on axes of input and output nodes (not the identity), and what was said of hidden units."""

    actions: dict[Axis, Action]
    units: str
    text: str


def parse_symmetry(program: Program, source: str | os.PathLike[str] | Sequence[Any] | Mapping[str, Any]) -> list[Transformation]:
    """The generators (T, ε) that a text, a file or Python objects describe.

    Generators are separated by `|` or line ends, their clauses by `;`. A clause is `T = MAP` (or just `MAP`), `eps = MAP`, or `units = …` (see
    `simcert.groups.lifts`); `T` acts on the last axis of the input, `T.0` on axis 0, `NAME.k` on axis k of the input NAME, `eps.k` and `eps1.k` on outputs.
    MAP is a product (`*`, the right factor acts first) of `1`, `-1`, `flip` (all signs), `flip(i,j)`, `swap(i,j)`, `cycle(i,j,k)`, `rotate(i,j; a,b,c)` and
    `reflect(i,j; a,b,c)` with a² + b² = c², and matrices `[[3/5,-4/5],[4/5,3/5]]`. A `.json` file (or Python objects) is a list of objects from keys to maps as
    text or as lists of rows.

    Raises `SpecError` for unknown words and axes, wrong sizes and matrices that are not orthogonal.

    >>> from simcert.models.spec import load_model
    >>> [g] = parse_symmetry(load_model("mlp:2-4-1:relu"), "flip; eps = -1")
    >>> [action.words() for action in g.actions.values()]
    ['(0 -0)(1 -1)', '(0 -0)']
    """
    listed: Any = source
    place = "symmetry"
    if isinstance(source, str | os.PathLike):
        name = os.fspath(source)
        if Path(name).suffix.lower() == ".json":
            from simcert.models.spec import read_json

            place, listed = name, read_json(name)
        else:
            from simcert.models.spec import read_text

            is_file = len(name) < 1000 and "\0" not in name and "\n" not in name and Path(name).is_file()
            text = read_text(name) if is_file else name
            place = name if is_file else "symmetry"
            if len(text) > MAX_TEXT:
                raise ResourceLimit(f"a symmetry of {len(text)} characters", place, f"the limit is {MAX_TEXT}; write a .json file")
            lines = "\n".join(line.partition("#")[0] for line in text.splitlines())
            listed = [part for part in re.split(r"[|\n]", lines) if part.strip()]
    if isinstance(listed, Mapping):
        listed = listed.get("generators", [listed])
    if not isinstance(listed, list | tuple) or not listed:
        raise SpecError("no symmetry was given", place, EXAMPLE)
    return [_generator(program, item, f"{place}, generator {k}") for k, item in enumerate(listed)]


def _generator(program: Program, item: Any, place: str) -> Transformation:
    if isinstance(item, str):
        clauses: list[tuple[str, Any]] = []
        for part in _clauses(item):
            match = _KEY.match(part)
            clauses.append((f"{match['name']}.{match['axis']}" if match["axis"] else match["name"], match["value"].strip()) if match else ("T", part.strip()))
    elif isinstance(item, Mapping):
        clauses = [(str(key), value) for key, value in item.items()]
    else:
        raise SpecError("a generator is a text or an object", place, EXAMPLE)
    actions, units = dict[Axis, Action](), ""
    seen = set[object]()
    for key, value in clauses:
        axis = key if key == "units" else _axis(program, key, place)
        if axis in seen:
            raise SpecError(f"{key} is given twice", place, "write a product, such as swap(0,1) * flip(2)")
        seen.add(axis)
        if isinstance(axis, str):
            units = str(value)
            continue
        n = program.nodes[axis[0]].shape[axis[1]]
        action = to_action(_rows(value, n, f"{place}, {key}"))
        if not action.is_identity:
            actions[axis] = action
    text = item.strip() if isinstance(item, str) else "; ".join(f"{key} = {value}" for key, value in clauses)
    return Transformation(actions, units, " ".join(text.split()))


def _clauses(text: str) -> list[str]:
    """The parts of a text between the semicolons that stand outside brackets."""
    out, depth = [""], 0
    for c in text:
        depth += (c in "([") - (c in ")]")
        if c == ";" and depth <= 0:
            out.append("")
        else:
            out[-1] += c
    return [part for part in out if part.strip()]


def _axis(program: Program, key: str, place: str) -> Axis:
    """The axis of an input or output node that a key names."""
    name, _, number = key.partition(".")
    node = None
    inputs = {node.name: i for i, node in enumerate(program.nodes) if node.op == "input"}
    if re.fullmatch(r"eps[0-9]*", name):
        k = int(name[3:] or 0)
        if k < len(program.outputs) and (name != "eps" or len(program.outputs) == 1):
            node = program.outputs[k]
    elif name in inputs or (name in ("T", "x") and len(inputs) == 1):
        node = inputs.get(name, next(iter(inputs.values())))
    if node is None:
        outputs = ["eps"] if len(program.outputs) == 1 else [f"eps{k}" for k in range(len(program.outputs))]
        known = [*(["T"] if len(inputs) == 1 else inputs), *outputs, "units"]
        raise SpecError(f"{key} names no input or output of this model", place, f"known: {', '.join(known)}; NAME.k for axis k")
    shape = program.nodes[node].shape
    axis = int(number) if number else len(shape) - 1
    if not 0 <= axis < len(shape):
        raise SpecError(
            f"{key}: the array has {len(shape)} axes", place, "axes count from 0" if shape else "a scalar carries no action; give it a shape such as (1)"
        )
    if shape[axis] > MAX_SIZE:
        raise ResourceLimit(f"an axis of {shape[axis]} entries", place, f"the limit is {MAX_SIZE}")
    return node, axis


def _identity(n: int) -> Rows:
    return [{i: Fraction(1)} for i in range(n)]


def _product(a: Rows, b: Rows) -> Rows:
    out: Rows = []
    for row in a:
        total: dict[int, Fraction] = {}
        for k, c in row.items():
            for j, d in b[k].items():
                total[j] = total.get(j, Fraction(0)) + c * d
        out.append({j: v for j, v in total.items() if v})
    return out


def _rows(value: Any, n: int, place: str) -> Rows:
    """The matrix of a map of R^n: a product of words, or a matrix as lists of rows."""
    if isinstance(value, list | tuple):
        return _orthogonal(value, n, place)
    text = str(value)
    out, at = _identity(n), 0
    while at < len(text) or not at:
        match = _FACTOR.match(text, at)
        if match is None or (match["times"] and match.end() == len(text)):
            raise SpecError(f"{text[at : at + 40].strip()!r} is not a map", place, EXAMPLE)
        out = _product(out, _factor(match, n, place))
        at = match.end()
    return out


def _factor(match: re.Match[str], n: int, place: str) -> Rows:
    if match["one"]:
        sign = -1 if match["one"].startswith("-") else 1
        return [{i: Fraction(sign)} for i in range(n)]
    if match["matrix"]:
        rows = re.findall(r"\[([^\[\]]*)\]", match["matrix"])
        return _orthogonal([[read_rational(cell.strip(), place) for cell in row.split(",")] for row in rows], n, place)
    word, inside = match["word"], match["inside"]
    first, _, triple = (inside or "").partition(";")
    units = _numbers(first, place) if inside is not None else []
    if any(not 0 <= k < n for k in units) or len(set(units)) != len(units):
        raise SpecError(f"{word}({inside}) needs distinct coordinates from 0 to {n - 1}", place, EXAMPLE)
    out = _identity(n)
    if word == "flip":
        for k in units if inside is not None else range(n):
            out[k] = {k: Fraction(-1)}
    elif (word == "swap" and len(units) == 2) or (word == "cycle" and len(units) > 1):
        for k, j in zip(units, units[1:] + units[:1], strict=True):
            out[j] = {k: Fraction(1)}
    elif word in ("rotate", "reflect") and len(units) == 2:
        a, b, c = _triple(triple, place)
        (i, j), (p, q) = units, (Fraction(a, c), Fraction(b, c))
        out[i], out[j] = ({i: p, j: -q}, {i: q, j: p}) if word == "rotate" else ({i: p, j: q}, {i: q, j: -p})
        out[i], out[j] = ({k: v for k, v in row.items() if v} for row in (out[i], out[j]))
    else:
        raise SpecError(f"{match[0].strip().rstrip('*')!r} is not a map", place, EXAMPLE)
    return out


def _numbers(text: str, place: str) -> list[int]:
    cells = [cell.strip() for cell in text.split(",")]
    if not all(re.fullmatch(r"-?[0-9]{1,9}", cell) for cell in cells):
        raise SpecError(f"{text.strip()!r} is not a list of integers", place, EXAMPLE)
    return [int(cell) for cell in cells]


def _triple(text: str, place: str) -> tuple[int, int, int]:
    numbers = _numbers(text, place) if text.strip() else []
    if len(numbers) != 3 or numbers[2] <= 0 or numbers[0] ** 2 + numbers[1] ** 2 != numbers[2] ** 2:
        raise SpecError(f"({text.strip()}) is not a Pythagorean triple", place, "cosine and sine are a/c and b/c: write for example rotate(0,1; 3,4,5)")
    return numbers[0], numbers[1], numbers[2]


def _orthogonal(rows: Sequence[Any], n: int, place: str) -> Rows:
    """A square matrix as given, after a check that it is orthogonal."""
    if len(rows) != n or any(not isinstance(row, list | tuple) or len(row) != n for row in rows):
        raise SpecError(f"the matrix is not {n}×{n}", place, f"this axis has {n} entries")
    out = [{j: q for j, v in enumerate(row) if (q := to_fraction(v, place))} for row in rows]
    for i, row in enumerate(out):
        for j in range(i + 1):
            product = sum((v * out[j][k] for k, v in row.items() if k in out[j]), Fraction(0))
            if product != (i == j):
                raise SpecError(f"the matrix is not orthogonal: the product of its rows {j} and {i} is {product}", place, "T·Tᵀ has to be the identity")
    return out


def to_action(rows: Rows) -> Action:
    """An orthogonal matrix as an action, a signed permutation where it is one."""
    if all(len(row) == 1 and abs(next(iter(row.values()))) == 1 for row in rows):
        return Monomial(tuple(next(iter(row)) for row in rows), tuple(int(next(iter(row.values()))) for row in rows))
    return Matrix(tuple(tuple(row.get(j, Fraction(0)) for j in range(len(rows))) for row in rows))


def to_rows(action: Action) -> Rows:
    """The sparse rows of an action."""
    if isinstance(action, Monomial):
        return [{p: Fraction(s)} for p, s in zip(action.permutation, action.signs, strict=True)]
    return [{j: v for j, v in enumerate(row) if v} for row in action.rows]


def apply_actions(actions: Sequence[Action | None], shape: Sequence[int], values: Sequence[Fraction]) -> tuple[Fraction, ...]:
    """The flat entries of an array under actions on its axes."""
    out, inner = list(values), 1
    for action, n in reversed(list(zip(actions, shape, strict=True))):
        if action is not None:
            rows, before = to_rows(action), out
            out = list(before)
            for start in range(0, len(before), n * inner):
                for k, row in enumerate(rows):
                    for offset in range(inner):
                        out[start + k * inner + offset] = sum((v * before[start + j * inner + offset] for j, v in row.items()), Fraction(0))
        inner *= n
    return tuple(out)
